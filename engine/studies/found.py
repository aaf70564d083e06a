"""Built against found: networks that hold a function exactly or nearly, and what training from random starts makes of them.

Each network of a list is trained from many random starts at once, with Adam on all points at every update, and once from
its `built` parameters (engine/network/pieces.py): the pieces of the target, placed by hand. Errors of a curve are measured
between the points as well, on a fine grid; those of the ring are shares of wrong points.

    largest    max |f(x) − target(x)|
    mean       the mean of (f(x) − target(x))²

Training sees the input as `u`: the interval scaled to [−2, 2], or as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from engine.config.experiment import ExperimentConfig
from engine.config.lane import LaneConfig
from engine.data.config import DRAWN, DatasetConfig
from engine.data.curves import CURVES, HALF, Curve
from engine.data.drawn import read_drawn
from engine.data.load import load_dataset
from engine.network.config import NetworkConfig
from engine.network.pieces import folded_in, holds_folds, joined_in
from engine.studies.quantiles import quantile
from engine.training.resample import Resample

Array = np.ndarray
STARTS = 16
RATE = 0.01
WIDTHS = ((8,), (16,), (32,), (64,))
RING = "ring"
FOLDS = {"tent": 1, "saw8": 3, "saw16": 4}  # targets that folding makes exactly
MEASURES = ("largest", "mean")
DRAWN_ON = CURVES["sine"]  # whose axis a drawing has
GRID_POINTS = 401


def _sawtooth(x: Array, folds: int) -> Array:
    for _ in range(folds):
        x = 1 - np.abs(2 * x - 1)
    return x


def _saw(pieces: int, folds: int) -> Curve:
    return Curve(
        f"saw{pieces}", f"Sawtooth of {pieces} pieces", "", f"The tent map applied {folds} times.", 0.0, 1.0,
        lambda x: _sawtooth(x, folds),
    )  # fmt: skip


TARGETS = CURVES | {
    "saw8": _saw(8, 3), "saw16": _saw(16, 4),
    "flat": Curve("flat", "A constant", "", "Nothing to find.", 0.0, 1.0, lambda x: np.full_like(x, 0.5)),
}  # fmt: skip


def drawn_points(text: str) -> tuple[Array, Array]:
    """The points of a drawn curve, rising in x, at places from 0 to 1: equal places have their mean."""
    points = read_drawn(text)
    x, place = np.unique(points.points[:, 0], return_inverse=True)
    return x * DRAWN_ON.scale + DRAWN_ON.mean, np.bincount(place, points.target) / np.bincount(place)


def target(data: str, drawn: str = "") -> Curve:
    """A curve by its key, or the straight lines between drawn points, level beyond the outermost."""
    if data != DRAWN:
        return TARGETS[data]
    x, y = drawn_points(drawn)
    return replace(DRAWN_ON, key=DRAWN, label="Your drawing", value=lambda at: np.interp(at, x, y))


class Spread(NamedTuple):
    """Of the starts of one network: the best, the median and the worst error, and the starts that have them."""

    best: float
    median: float
    worst: float
    starts: tuple[int, int, int]


class Found:
    """All networks on one target. Lane k of `runs[n]` is start k of network n; the last lane starts from what is built."""

    def __init__(
        self, data: str = "sine", networks: Sequence[tuple[int, ...]] = WIDTHS, activation: str = "relu",
        initializer: str = "glorot_uniform", rate: float = RATE, samples: int = 100, noise: float = 0.0, biases: bool = True,
        scaled: bool = True, seed: int = 0, drawn: str = "", starts: int = STARTS,
    ) -> None:  # fmt: skip
        self.data, self.networks, self.starts, self.drawn = data, tuple(networks), starts, drawn
        self.is_ring = data == RING
        self.updates = 0
        self._begin_data(samples, noise, scaled, seed)
        self.built = [self._built(hidden, activation, biases) for hidden in self.networks]
        self.runs = [
            self._run(NetworkConfig(hidden, activation, initializer, biases=biases), rate, seed, theta)
            for hidden, theta in zip(self.networks, self.built, strict=True)
        ]
        self._measured_at = -1
        self._outputs: list[Array] = []
        self.steps, self.losses = [0], [self._losses()]

    # --- data -----------------------------------------------------------------------------------------------

    def _begin_data(self, samples: int, noise: float, scaled: bool, seed: int) -> None:
        """Points to learn X (N, D), y (N,), and places x (M,) with u (M, 1) to measure at."""
        if self.is_ring:
            rings = load_dataset(
                DatasetConfig("circles", samples=samples, noise=noise, test_fraction=0.0, seed=seed)
            )
            self.X, self.y = rings.X_train, rings.y_train
            return
        self.curve = curve = target(self.data, self.drawn)
        self.low, self.high = (-HALF, HALF) if scaled else (curve.low, curve.high)
        self.x = np.linspace(curve.low, curve.high, GRID_POINTS)
        self.u, self.truth = self.scaled(self.x), curve.value(self.x)
        self.places = np.linspace(curve.low, curve.high, samples)
        rng = np.random.default_rng([seed, 78])
        self.X, self.y = self.scaled(self.places), curve.value(self.places)
        self.y = self.y + noise * rng.standard_normal(len(self.y))

    def scaled(self, x: Array) -> Array:
        """Places (M,) as the networks get them (M, 1)."""
        share = (x - self.curve.low) / (self.curve.high - self.curve.low)
        u: Array = self.low + share * (self.high - self.low)
        return u[:, None]

    # --- networks -------------------------------------------------------------------------------------------

    def _built(self, hidden: tuple[int, ...], activation: str, biases: bool) -> Array | None:
        """The parameters (1, P) of this network that hold the target by pieces side by side, or by folding."""
        if self.is_ring or activation != "relu" or not biases:
            return None
        folds = FOLDS.get(self.data)
        if folds and holds_folds(hidden, folds):
            return folded_in(hidden, folds, self.low, self.high)
        x = self._knots(max(hidden))
        return joined_in(hidden, self.scaled(x)[:, 0], self.curve.value(x))

    def _knots(self, most: int) -> Array:
        """The ends of at most so many pieces: those of a drawing where they suffice, otherwise even ones."""
        if self.data == DRAWN:
            ends = np.unique([self.curve.low, *drawn_points(self.drawn)[0], self.curve.high])
            if len(ends) <= most + 1:
                return ends
        return np.linspace(self.curve.low, self.curve.high, most + 1)

    def _run(self, network: NetworkConfig, rate: float, seed: int, built: Array | None) -> Resample:
        count = self.starts + (built is not None)
        lanes = tuple(
            LaneConfig("adam", rate, network=network, seed=seed * self.starts + k) for k in range(count)
        )
        task, loss = (
            ("binary", "binary_cross_entropy") if self.is_ring else ("regression", "mean_squared_error")
        )
        config = ExperimentConfig(loss=loss, batch_size=len(self.y), lanes=lanes, dtype="float64")
        X, y = (np.repeat(part[None], count, axis=0) for part in (self.X, self.y))
        run = Resample(config, X, y, task)
        if built is not None:
            with run.apart() as apart:
                apart[-1].theta[:] = built[0]
        return run

    def step(self, updates: int) -> None:
        for run in self.runs:
            run.step(updates)
        self.updates += updates
        if updates:
            self.steps.append(self.updates)
            self.losses.append(self._losses())

    # --- what has come of it --------------------------------------------------------------------------------

    def _losses(self) -> Array:
        """The median training loss over the starts, for each network (W,)."""
        return np.array([quantile(_high(run.loss()[: self.starts]), 0.5) for run in self.runs])

    def outputs(self, network: int) -> Array:
        """Each lane's values (R, M) on the grid, or its probabilities (R, N) at the ring's points."""
        if self._measured_at != self.updates:
            at = self.X if self.is_ring else self.u
            self._measured_at, self._outputs = self.updates, [run.outputs(at)[:, :, 0] for run in self.runs]
        found: Array = self._outputs[network]
        return found

    def errors(self, network: int, measure: str) -> Array:
        """The error of every lane (R,): the starts, then the one that began as built."""
        values = self.outputs(network)
        if self.is_ring:
            return np.asarray(np.where(np.isnan(values).any(axis=1), np.inf, ((values > 0.5) != (self.y > 0.5)).mean(axis=1)))  # fmt: skip
        return self.error_of(values, measure)

    def error_of(self, values: Array, measure: str) -> Array:
        """The error of functions (R, M) on the grid."""
        with np.errstate(all="ignore"):
            apart = np.abs(values - self.truth)
            return _high(apart.max(axis=-1) if measure == "largest" else (apart**2).mean(axis=-1))

    def spread(self, network: int, measure: str) -> Spread:
        errors = self.errors(network, measure)[: self.starts]
        order = np.argsort(errors, kind="stable")
        best, median, worst = (int(order[k]) for k in (0, (self.starts - 1) // 2, -1))
        return Spread(
            float(errors[best]), float(quantile(errors, 0.5)), float(errors[worst]), (best, median, worst)
        )

    def built_values(self, network: int) -> Array | None:
        """What the network that is built computes on the grid (M,)."""
        theta = self.built[network]
        return None if theta is None else self.runs[network].lanes[0].mlp.forward(theta, self.u)[0, :, 0]

    def built_error(self, network: int, measure: str) -> float | None:
        values = self.built_values(network)
        return None if values is None else float(self.error_of(values, measure))

    def constant_error(self, measure: str) -> float:
        """The error of the best constant; of the ring, the share of the smaller class."""
        if self.is_ring:
            return float(min(np.mean(self.y > 0.5), np.mean(self.y <= 0.5)))
        return float(np.ptp(self.truth) / 2 if measure == "largest" else np.var(self.truth))

    def parts(self, network: int, lane: int) -> Array:
        """What each neuron of the last hidden layer adds to a curve (K, M): its output times its weight."""
        mlp, theta = self.runs[network].lanes[lane].mlp, self.runs[network].theta(lane)[None]
        last = mlp.layer_outputs(theta, self.u)[-2][0]
        parts: Array = (last * mlp.unflatten(theta)[-1][0][0, :, 0]).T
        return parts


def _high(errors: Array) -> Array:
    """What is not a number counts as infinite."""
    found: Array = np.where(np.isnan(errors), np.inf, errors)
    return found
