"""Networks that learn by heart: the training error goes to zero, whether or not there is anything to learn.

    shuffled    points of the square [−1, 1]², inside or outside a circle of half its area; a share of the labels is shuffled
    parity      places of a grid, labelled by whether x + y is even; the other places are new points
    hash        random places, labelled by a bit of a hash of theirs
    beyond      y = sin 3x on [−1, 1]; new points lie to the right, on [1, 2]

All widths, each with several random starts, learn the same points, with Adam on all of them at every update. The error on
new points is measured on points that no network has seen, whose labels are shuffled just so: where a label is a coin, it is
½ whatever the network says. Source: Zhang et al. (2017).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.config.experiment import ExperimentConfig
from engine.config.lane import LaneConfig
from engine.network.config import NetworkConfig
from engine.training.resample import Resample

Array = np.ndarray
PROBLEMS = {"shuffled": "shuffled labels", "parity": "parity on a grid", "hash": "a hash", "beyond": "a sine beyond its points"}  # fmt: skip
WIDTHS = (2, 4, 8, 16, 32, 64, 128)
STARTS = 3
RATE = 0.01
NEW_POINTS = 4000
CHANCE = 0.5
RADIUS = np.sqrt(2 / np.pi)  # of the circle with half the area of the square
SIDE = 16  # places of a side of the grid of `parity`
PLACES = 1024  # of a side of the hashed square


class Points(NamedTuple):
    """Points to learn X (N, D), y (N,), and new ones."""

    X: Array
    y: Array
    new_X: Array
    new_y: Array


def hashed(X: Array) -> Array:
    """A bit of a hash of the place of each point (N, 2), on a lattice of PLACES × PLACES: xorshift and multiplication."""
    places = np.clip(np.floor((X + 1) / 2 * PLACES), 0, PLACES - 1).astype(np.uint64)
    value = places[:, 0] * np.uint64(PLACES) + places[:, 1] + np.uint64(0x9E3779B9)
    for shift in (33, 29, 32):
        value = (value ^ (value >> np.uint64(shift))) * np.uint64(0xFF51AFD7ED558CCD)
    bits: Array = ((value >> np.uint64(40)) & np.uint64(1)).astype(float)
    return bits


def rule(problem: str, X: Array) -> Array:
    """The labels, or values, that the problem gives to points (N, D)."""
    if problem == "beyond":
        values: Array = np.sin(3 * X[:, 0])
        return values
    if problem == "hash":
        return hashed(X)
    if problem == "parity":
        even: Array = np.rint((X + 1) / 2 * (SIDE - 1)).sum(axis=1) % 2 == 0
        return even.astype(float)
    inside: Array = np.hypot(X[:, 0], X[:, 1]) < RADIUS
    return inside.astype(float)


def places(problem: str, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Points to learn (count, D) and new points (M, D), none of them among the first."""
    if problem == "beyond":
        return np.sort(rng.uniform(-1, 1, (count, 1)), axis=0), np.linspace(1, 2, 101)[:, None]
    if problem == "parity":
        line = np.linspace(-1, 1, SIDE)
        grid = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
        order = rng.permutation(len(grid))
        most = min(count, len(grid) // 2)
        return grid[order[:most]], grid[order[most:]]
    return rng.uniform(-1, 1, (count, 2)), rng.uniform(-1, 1, (NEW_POINTS, 2))


def shuffled(y: Array, share: float, rng: np.random.Generator) -> Array:
    """y with a share of its entries permuted among themselves."""
    y = y.copy()
    chosen = rng.permutation(len(y))[: round(share * len(y))]
    y[chosen] = y[rng.permutation(chosen)]
    return y


def points(problem: str, count: int, share: float, twin: bool, seed: int) -> Points:
    """The points of a problem. `twin` puts a second point on the place of the first, with another label."""
    rng = np.random.default_rng([seed, 77])
    X, new_X = places(problem, count, rng)
    y = shuffled(rule(problem, X), share, rng)
    new_y = shuffled(rule(problem, new_X), share, rng)
    if twin:
        X[-1], y[-1] = X[0], 1 - y[0]
    return Points(X, y, new_X, new_y)


class ByHeart:
    """All widths at once on one problem. `run` has the lanes: width by width, the starts of each side by side."""

    def __init__(
        self, problem: str = "shuffled", count: int = 50, share: float = 1.0, twin: bool = False, seed: int = 0,
        widths: tuple[int, ...] = WIDTHS,
    ) -> None:  # fmt: skip
        self.problem, self.widths = problem, widths
        self.points = points(problem, count, share, twin, seed)
        self.is_regression = problem == "beyond"
        lanes = tuple(
            LaneConfig("adam", RATE, network=NetworkConfig((width,), "relu", "he_normal"), seed=seed * STARTS + k)
            for width in widths
            for k in range(STARTS)
        )  # fmt: skip
        loss = "mean_squared_error" if self.is_regression else "binary_cross_entropy"
        config = ExperimentConfig(loss=loss, batch_size=len(self.points.y), lanes=lanes)
        X, y = (np.repeat(part[None], len(lanes), axis=0) for part in (self.points.X, self.points.y))
        self.run = Resample(config, X, y, "regression" if self.is_regression else "binary")
        self.steps, self.losses = [0], [self.loss()]

    @property
    def updates(self) -> int:
        return self.run.updates

    def step(self, updates: int) -> None:
        """So many updates of every lane, and a point of the losses."""
        self.run.step(updates)
        if updates:
            self.steps.append(self.updates)
            self.losses.append(self.loss())

    def _by_width(self, values: Array) -> Array:
        mean: Array = values.reshape(len(self.widths), STARTS).mean(axis=1)
        return mean

    def loss(self) -> Array:
        """The mean training loss over the starts, for each width (W,)."""
        return self._by_width(self.run.loss())

    def scores(self, X: Array, y: Array) -> Array:
        """Mean over the starts, for each width (W,): the share of right labels, or the root of the mean squared error."""
        outputs = self.run.outputs(X)[:, :, 0]
        if self.is_regression:
            return self._by_width(np.sqrt(((outputs - y) ** 2).mean(axis=1)))
        return self._by_width(((outputs > 0.5) == (y > 0.5)).mean(axis=1))

    def learned(self) -> Array:
        """`scores` on the training points."""
        return self.scores(self.points.X, self.points.y)

    def unseen(self) -> Array:
        """`scores` on the new points."""
        return self.scores(self.points.new_X, self.points.new_y)

    @property
    def error_of_unseen(self) -> float:
        """The standard error of a share near ½, from the number of new points alone."""
        return float(np.sqrt(0.25 / len(self.points.new_y)))

    def outputs(self, width: int, X: Array) -> Array:
        """The first start of a width at points: (M,)."""
        lane = self.widths.index(width) * STARTS
        found: Array = self.run.predict_lane(lane, X)[:, 0]
        return found
