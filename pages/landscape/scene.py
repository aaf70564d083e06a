"""Where the picture lies and what it shows: a plane or line through the network's weights, computed bit by bit.

No figure and no widget here: plain arrays out of the engine, refined on request, remembered for a while.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine import MLP, Experiment
from engine.landscape.directions import (
    coordinate_directions,
    hessian_directions,
    path_directions,
    random_directions,
)
from engine.landscape.line import line_loss
from engine.landscape.measured import IN_BITS
from engine.landscape.path_on_plane import orthonormal
from engine.landscape.plane import Plane, Refinement, axis
from engine.network.places import in_words
from engine.shown import short_number
from pages.landscape.settings import Settings

MOST_RESULTS = 24  # pictures that are remembered: at most 24 of 151 × 151 numbers
LINE_POINTS = 4  # places of a line for each cell of a side
NO_BIAS = "Biases are not varied."
MEASURED = {"error": "train error rate", "bits": "train loss in bits, −log₂ p"}


@dataclass(frozen=True, eq=False)
class Where:
    """A plane (or a line along its first direction), its axes in words, and what the directions leave out.

    A line that joins two points has `plane.origin` at 0 and `end` at 1; `here` is where the network is on a line.
    """

    plane: Plane
    axes: tuple[str, str]
    note: str
    reach: float  # an extent that shows what there is to see
    is_line: bool = False
    end: np.ndarray | None = None
    here: float = 0.0

    def through(self, theta: np.ndarray) -> Where:
        """The same directions through another point."""
        return replace(self, plane=Plane(theta, self.plane.d1, self.plane.d2))


@dataclass(frozen=True, eq=False)
class Samples:
    """The data and penalties that a loss is measured with."""

    X: np.ndarray
    y: np.ndarray
    penalties: dict[str, Any]
    name: str


def samples(experiment: Experiment, lane: int, of: str) -> Samples:
    """The data for "train", "validation", "test" or "regularised" loss; the training data where there are no others."""
    data, config = experiment.data, experiment.lanes[lane].config
    if of in ("validation", "test") and not data.unmeasured(f"{of}_loss"):
        X = experiment.meter.inputs(of, experiment.dtype)
        return Samples(X, getattr(data, f"y_{of}"), {}, f"{of} loss")
    if of == "regularised":
        return Samples(experiment.X_train, data.y_train, config.penalties, "train loss with penalties")
    return Samples(
        experiment.X_train, data.y_train, {}, MEASURED.get(measure_of(experiment, lane, of), "train loss")
    )


def measure_of(experiment: Experiment, lane: int, of: str) -> str:
    """What the picture shows in place of the loss: "error" or "bits" where it can be measured, else nothing."""
    can = {
        "error": experiment.data.task != "regression",
        "bits": experiment.mlp(lane).loss_key in IN_BITS,
    }
    return of if can.get(of, False) else ""


def two_weights(settings: Settings, parameters: int) -> tuple[int, int]:
    """The two chosen parameters, within what the network has, and different."""
    first, second = (min(max(index, 0), parameters - 1) for index in (settings.w1, settings.w2))
    return first, second if second != first else (first + 1) % parameters


# Places -----------------------------------------------------------------------------------------------------


def place(
    settings: Settings, experiment: Experiment, lane: int, theta: np.ndarray, path: np.ndarray, seed: int
) -> Where:
    """The plane or line that `settings` ask for, through theta (P,); `path` (T, P) is the lane's own."""
    other = None if settings.other is None else experiment.theta(settings.other)
    if other is not None and other.shape != theta.shape:
        other = None  # a network of another shape lives in another space
    if settings.view == "line" and settings.line != "direction":
        return _line_between(settings, theta, path, other)
    where = _plane(settings, experiment, lane, theta, path, other, seed)
    return replace(where, reach=rounded(where.reach), is_line=settings.view == "line")


def _plane(
    settings: Settings, experiment: Experiment, lane: int, theta: np.ndarray, path: np.ndarray,
    other: np.ndarray | None, seed: int,
) -> Where:  # fmt: skip
    mlp, kind = experiment.mlp(lane), settings.plane
    length = float(np.linalg.norm(theta)) or 1.0
    if kind == "points" and other is not None:
        away, back = (np.asarray(point, np.float64) - theta for point in (other, path[0]))
        try:
            d1, d2 = orthonormal(back, away)
        except ValueError:
            kind = "path"  # before the first update, start and end are one
        else:
            reach = 1.2 * max(float(np.abs([p @ d for p in (back, away) for d in (d1, d2)]).max()), 1e-9)
            note = "Through the start, this end and the other run's end. Both axes are distances in weight space. Biases are varied too."
            return Where(Plane(theta, d1, d2), ("towards the start", "towards the other end"), note, reach)
    if kind in ("path", "points"):
        d1, d2, share = path_directions(path)
        plane = Plane(theta, d1, d2)
        reach = max(1.2 * float(np.abs(plane.project(path)[0]).max()), 0.02 * length)
        note = f"The two main directions of the path's {len(path)} point{'s' * (len(path) > 1)} (PCA). Unit length, so both axes are distances in weight space. Biases are varied too."
        axes = ("component 1", "component 2")
        if share.sum() > 0:  # the path has moved
            axes = (f"component 1 ({share[0]:.0%} of the path's variance)", f"component 2 ({share[1]:.0%})")
        return Where(plane, axes, note, reach)
    if kind in ("leading", "extremes"):
        seen = samples(experiment, lane, "train")
        penalties = experiment.lanes[lane].config.penalties if settings.of == "regularised" else {}
        d1, d2, values = hessian_directions(mlp, theta, seen.X, seen.y, kind, **penalties)
        axes = (
            f"eigenvector of λ = {short_number(values[0])}",
            f"eigenvector of λ = {short_number(values[1])}",
        )
        note = "Eigenvectors of the training loss's Hessian at this point, of unit length. Biases are varied too."
        return Where(Plane(theta, d1, d2), axes, note, 0.3 * length)
    if kind == "weights":
        first, second = two_weights(settings, len(theta))
        axes = (f"change of {in_words(mlp, first)}", f"change of {in_words(mlp, second)}")
        note = f"Two of {len(theta)} parameters, now {short_number(theta[first])} and {short_number(theta[second])}; all others stay as they are."
        return Where(Plane(theta, *coordinate_directions(len(theta), first, second)), axes, note, 4.0)
    rng = np.random.default_rng([seed, settings.draw, 4])
    d1, d2 = random_directions(mlp, theta, rng, settings.norm)
    scale = {
        "filter": "each neuron's part scaled to its weights (filter normalisation)",
        "layer": "each layer's part scaled to its weights",
        "none": "not scaled, so pictures of different networks can't be compared",
    }[settings.norm]
    note = f"Two random directions among {len(theta)} dimensions, {scale}. {NO_BIAS}"
    if not (d1.any() and d2.any()):
        note = "All weights are zero here, and so are directions as long as they: the picture is flat. Choose raw ones."
    return Where(Plane(theta, d1, d2), ("α (direction 1)", "β (direction 2)"), note, 1.0)


def _line_between(settings: Settings, theta: np.ndarray, path: np.ndarray, other: np.ndarray | None) -> Where:
    """From the start to here, or from here to the other run's end."""
    start = np.asarray(path[0], theta.dtype)
    if settings.line == "lanes" and other is not None:
        first, last, here = theta, other.astype(theta.dtype), 0.0
        name, note = "from this end (0) to the other run's end (1)", "All parameters are varied, biases too."
    else:
        first, last, here = start, theta, 1.0
        name, note = (
            "from the start (0) to the end (1)",
            "All parameters are varied, biases too. The path itself was not straight.",
        )
    d1 = last.astype(np.float64) - first
    return Where(Plane(first, d1, np.zeros_like(d1)), (name, ""), note, 1.25, True, last, here)


def rounded(extent: float) -> float:
    """`extent`, or a little more, in steps of about a fifth, so that a live picture seldom changes its axes."""
    steps = np.ceil(12 * np.log10(max(extent, 1e-9)) - 1e-9)
    return float(f"{10 ** (steps / 12):.3g}")


# Pictures ---------------------------------------------------------------------------------------------------


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
        key = _key(where, mlp, seen, extent, cells)
        if key != self.key:
            self.key, self.state, self.work = key, self.results.get(key), None
            if self.state is None:
                if where.is_line:
                    self.work = refine_line(where, mlp, seen, extent, cells)
                else:
                    self.work = where.plane.refine(mlp, extent, cells, seen.X, seen.y, **seen.penalties)
        deadline = time.perf_counter() + seconds
        while self.work is not None:
            self.state = next(self.work)
            if self.state.progress >= 1:
                self.work = None
                self.results[key] = self.state
                while len(self.results) > MOST_RESULTS:
                    self.results.popitem(last=False)
            elif self.state.loss.size and time.perf_counter() > deadline:
                break
        assert self.state is not None
        return self.state

    @property
    def unfinished(self) -> bool:
        return self.work is not None


def _key(where: Where, mlp: MLP, seen: Samples, extent: float, cells: int) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for row in (where.plane.origin, where.plane.d1, where.plane.d2, seen.X, np.asarray(seen.y)):
        digest.update(np.ascontiguousarray(row).tobytes())
    network = (mlp.layer_sizes, mlp.activations, mlp.loss_key)
    digest.update(
        repr((network, where.is_line, where.end is None, seen.penalties, seen.name, extent, cells)).encode()
    )
    return digest.hexdigest()


def line_places(where: Where, extent: float, quarter: int) -> np.ndarray:
    """Places along a line: −¼ to 1¼ with 0 and 1 exactly where it joins two points, else −extent to extent."""
    return (
        np.arange(-quarter, 5 * quarter + 1) / (4 * quarter)
        if where.end is not None
        else axis(extent, 6 * quarter + 1)
    )


def losses_on_line(where: Where, mlp: MLP, seen: Samples, t: np.ndarray) -> np.ndarray:
    """The loss (T,) at places t of a line; at the points that it joins, theirs to the last bit."""
    plane = where.plane
    if where.end is not None:
        return line_loss(mlp, plane.origin, where.end, t, seen.X, seen.y, **seen.penalties)
    losses: np.ndarray = plane.loss(mlp, t, np.zeros(1), seen.X, seen.y, **seen.penalties)[0]
    return losses


def refine_line(where: Where, mlp: MLP, seen: Samples, extent: float, cells: int) -> Iterator[Refinement]:
    """The loss (1, T) along a line, coarse first."""
    none, coarse = np.zeros(1), line_places(where, extent, 4)
    loss = losses_on_line(where, mlp, seen, coarse)[None]
    yield Refinement(coarse, none, loss, 0.1)
    fine = line_places(where, extent, LINE_POINTS * cells // 6)
    values = np.empty((1, len(fine)), loss.dtype)
    for start in range(0, len(fine), 32):
        part = slice(start, start + 32)
        values[0, part] = losses_on_line(where, mlp, seen, fine[part])
        if start + 32 < len(fine):
            yield Refinement(coarse, none, loss, 0.1 + 0.9 * (start + 32) / len(fine))
    yield Refinement(fine, none, values, 1.0)
