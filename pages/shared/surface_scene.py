"""Where the picture lies and what it shows: the plane or line through the network's weights, computed bit by bit.

`Scene` holds no figure and no widget: plain arrays out of the engine, refined on request, remembered for a while.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine import MLP, Experiment
from engine.landscape import (
    Plane,
    Refinement,
    axis,
    coordinate_directions,
    hessian_directions,
    losses_at,
    path_directions,
    random_directions,
)
from engine.paths import orthonormal
from pages.shared.surface_settings import Settings

MOST_RESULTS = 24  # pictures that are remembered: at most 24 of 151 × 151 numbers
LINE_POINTS = 4  # places of a line for each cell of a side
NO_BIAS = "Biases stay as they are: these directions leave them out."


@dataclass(frozen=True, eq=False)
class Where:
    """A plane (or a line along its first direction), its axes in words, and what the directions leave out."""

    plane: Plane
    axes: tuple[str, str]
    note: str
    reach: float  # an extent that shows what there is to see
    is_line: bool = False
    ends: tuple[float, float] | None = None  # on a line, the places of the two points it joins


@dataclass(frozen=True, eq=False)
class Samples:
    """The data and penalties that a loss is measured with."""

    X: np.ndarray
    y: np.ndarray
    l1: float
    l2: float
    name: str


def samples(experiment: Experiment, lane: int, of: str) -> Samples:
    """The data for "train", "test" or "regularised" loss; the training data where there are no others."""
    data, config = experiment.data, experiment.lanes[lane].config
    if of == "test" and len(data.y_test):
        return Samples(experiment.X_test, data.y_test, 0.0, 0.0, "test loss")
    if of == "regularised":
        return Samples(experiment.X_train, data.y_train, config.l1, config.l2, "train loss with penalties")
    return Samples(experiment.X_train, data.y_train, 0.0, 0.0, "train loss")


def weight_name(mlp: MLP, index: int) -> str:
    """A parameter in words: “layer 1: x2 → neuron 3”, or a bias."""
    last = len(mlp.slots) - 1
    for layer, (slot, n, m) in enumerate(mlp.slots):
        if slot.start <= index < slot.stop:
            source, target = divmod(index - slot.start, m)
            to = f"neuron {target + 1}" if layer < last else ("output" if m == 1 else f"output {target + 1}")
            if source == n:
                return f"layer {layer + 1}: bias of {to}"
            start = f"input {source + 1}" if layer == 0 else f"neuron {source + 1}"
            return f"layer {layer + 1}: {start} → {to}"
    raise ValueError(f"There is no parameter {index}.")


def place(
    settings: Settings, experiment: Experiment, lane: int, theta: np.ndarray, path: np.ndarray, seed: int
) -> Where:
    """The plane or line that `settings` ask for, through theta (P,); `path` (T, P) is the lane's own."""
    mlp, other = experiment.mlp(lane), settings.other
    length = float(np.linalg.norm(theta)) or 1.0
    if settings.view == "line" and settings.line != "direction":
        return _line(settings, experiment, theta, path)
    kind = settings.plane
    if kind == "points" and other is not None:
        away = np.asarray(experiment.theta(other), np.float64) - theta
        back = np.asarray(path[0], np.float64) - theta
        try:
            d1, d2 = orthonormal(back, away)
            reach = 1.2 * max(float(np.abs([p @ d for p in (back, away) for d in (d1, d2)]).max()), 1e-9)
            note = "Through the start, this end and the other run's end, distances kept. Biases move too."
            plane = Plane(theta, d1, d2)
            return _cut(plane, ("towards the start", "towards the other end"), note, reach, settings)
        except ValueError:
            kind = "path"  # before the first update, all points are one
    if kind in ("path", "points"):
        d1, d2, share = path_directions(path)
        plane = Plane(theta, d1, d2)
        reach = max(1.2 * float(np.abs(plane.project(path)[0]).max()), 0.02 * length)
        note = (
            f"The two main directions of the path's {len(path)} points (PCA), unit length. Biases move too."
        )
        axes = (f"component 1 ({share[0]:.0%} of the path's variance)", f"component 2 ({share[1]:.0%})")
        return _cut(plane, axes, note, reach, settings)
    if kind in ("leading", "extremes"):
        seen = samples(experiment, lane, "train")
        penalty = experiment.lanes[lane].config.l2 if settings.of == "regularised" else 0.0
        d1, d2, values = hessian_directions(mlp, theta, seen.X, seen.y, kind, penalty)
        axes = (f"eigenvector of λ = {values[0]:.3g}", f"eigenvector of λ = {values[1]:.3g}")
        note = "Eigenvectors of the train loss's Hessian at this point, unit length. Biases move too."
        return _cut(Plane(theta, d1, d2), axes, note, 0.3 * length, settings)
    if kind == "weights":
        first, second = (min(max(index, 0), len(theta) - 1) for index in (settings.w1, settings.w2))
        if first == second:
            second = (first + 1) % len(theta)
        names = [f"change of {weight_name(mlp, k)} (now {theta[k]:.3g})" for k in (first, second)]
        note = f"Two of {len(theta)} parameters; all the others stay as they are."
        plane = Plane(theta, *coordinate_directions(len(theta), first, second))
        return _cut(plane, (names[0], names[1]), note, 4.0, settings)
    rng = np.random.default_rng([seed, settings.draw, 4])
    d1, d2 = random_directions(mlp, theta, rng, settings.norm)
    scale = {
        "filter": "each neuron's part as long as its own weights",
        "layer": "each layer's part as long as its own weights",
        "none": "raw, so not comparable between networks",
    }[settings.norm]
    note = f"Two random directions of {len(theta)}, {scale}. {NO_BIAS}"
    return _cut(Plane(theta, d1, d2), ("α (direction 1)", "β (direction 2)"), note, 1.0, settings)


def _cut(plane: Plane, axes: tuple[str, str], note: str, reach: float, settings: Settings) -> Where:
    """The plane, or the line along its first direction."""
    return Where(plane, axes, note, rounded(reach), settings.view == "line")


def _line(settings: Settings, experiment: Experiment, theta: np.ndarray, path: np.ndarray) -> Where:
    if settings.line == "lanes" and settings.other is not None:
        end = np.asarray(experiment.theta(settings.other), np.float64)
        axis_name, note = "from this end (0) to the other run's end (1)", "All parameters move, biases too."
    else:
        end, axis_name = np.asarray(path[0], np.float64), "from the end (0) back to the start (1)"
        note = "All parameters move, biases too. The path itself was not straight."
    d1 = end - theta
    return Where(Plane(theta, d1, np.zeros_like(d1)), (axis_name, ""), note, 1.5, True, (0.0, 1.0))


def rounded(extent: float) -> float:
    """`extent`, or a little more, in steps of about a fifth, so that a live picture seldom changes its axes."""
    steps = np.ceil(12 * np.log10(max(extent, 1e-9)) - 1e-9)
    return float(f"{10 ** (steps / 12):.3g}")


class Scene:
    """One picture at a time, refined until it is whole or another is asked for; whole ones are remembered."""

    def __init__(self) -> None:
        self.results: OrderedDict[str, Refinement] = OrderedDict()
        self.key = ""
        self.state: Refinement | None = None
        self.work: Iterator[Refinement] | None = None

    def show(
        self, where: Where, mlp: MLP, seen: Samples, extent: float, cells: int, seconds: float = 0.1
    ) -> Refinement:
        """The picture as far as it is known, after at most about `seconds` of work, but never empty."""
        key = self._key(where, seen, extent, cells)
        if key != self.key:
            self.key, self.state, self.work = key, self.results.get(key), None
            if self.state is None:
                if where.is_line:
                    self.work = refine_line(where.plane, mlp, seen, extent, cells)
                else:
                    self.work = where.plane.refine(mlp, extent, cells, seen.X, seen.y, seen.l1, seen.l2)
        deadline = time.perf_counter() + seconds
        while self.work is not None:
            self.state = next(self.work, None) or self.state
            assert self.state is not None
            if self.state.progress >= 1:
                self.work = None
                self._remember(key, self.state)
            elif self.state.loss.size and time.perf_counter() > deadline:
                break
        assert self.state is not None
        return self.state

    @property
    def unfinished(self) -> bool:
        return self.work is not None

    def _remember(self, key: str, state: Refinement) -> None:
        self.results[key] = state
        while len(self.results) > MOST_RESULTS:
            self.results.popitem(last=False)

    @staticmethod
    def _key(where: Where, seen: Samples, extent: float, cells: int) -> str:
        digest = hashlib.blake2b(digest_size=16)
        for row in (where.plane.origin, where.plane.d1, where.plane.d2, seen.X, np.asarray(seen.y)):
            digest.update(np.ascontiguousarray(row).tobytes())
        digest.update(repr((where.is_line, seen.l1, seen.l2, extent, cells)).encode())
        return digest.hexdigest()


def refine_line(plane: Plane, mlp: MLP, seen: Samples, extent: float, cells: int) -> Iterator[Refinement]:
    """The loss (1, T) along the first direction, coarse first; the places hold 0 (and 1, at extent 1.5) exactly."""
    coarse, none = axis(extent, 4 * 6 + 1), np.zeros(1)
    loss = plane.loss(mlp, coarse, none, seen.X, seen.y, seen.l1, seen.l2)
    yield Refinement(coarse, none, loss, 0.1, True)
    fine = axis(extent, 6 * (LINE_POINTS * cells // 6) + 1)
    values = np.empty((1, len(fine)), plane.origin.dtype)
    for start in range(0, len(fine), 16):
        part = slice(start, start + 16)
        values[:, part] = plane.loss(mlp, fine[part], none, seen.X, seen.y, seen.l1, seen.l2)
        if part.stop < len(fine):
            yield Refinement(coarse, none, loss, 0.1 + 0.9 * part.stop / len(fine), False)
    yield Refinement(fine, none, values, 1.0, True)


def loss_of(mlp: MLP, theta: np.ndarray, seen: Samples) -> float:
    """The loss at one point, as a cell of the picture would have it."""
    return float(losses_at(mlp, theta[None], seen.X.astype(theta.dtype), seen.y, seen.l1, seen.l2)[0])
