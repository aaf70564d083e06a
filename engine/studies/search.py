"""Which settings? Grid search and random search over two settings of a network, on real trainings.

    search = Search(data, ("rate", "l2"), trials=9)
    while not search.sweep.finished: search.advance(0.1)     # may stop at any moment
    search.losses["grid"]                                    # (9, 3): final loss on training, validation and test points

A grid of n = k² trials has k distinct values of each setting, random search has n. Where only one setting matters, that is
what counts: for an optimum anywhere on [0, 1], one of k evenly spaced values lies within r of it with probability 2rk, and
one of n random values with 1 − (1 − 2r)ⁿ, a little less because of the ends.
Source: Bergstra and Bengio, Random search for hyper-parameter optimization (2012).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from engine.config.experiment import ExperimentConfig
from engine.config.lane import LaneConfig
from engine.data.load import Dataset
from engine.network.config import NetworkConfig
from engine.studies.sweep import Connect, Job, Sweep, in_slices
from engine.training.experiment import Experiment

WAYS = ("grid", "random", "logs")
SETS = ("train", "validation", "test")


@dataclass(frozen=True)
class Axis:
    """A setting that is searched, from low to high, and what its values are called; `usual` is its value where it is not
    searched.
    """

    label: str
    values: str
    low: float
    high: float
    usual: float
    integer: bool = False

    def at(self, share: np.ndarray, log: bool) -> np.ndarray:
        """The value (N,) at a share of the way, evenly in the logarithm or in the value itself."""
        if log:
            value = self.low * (self.high / self.low) ** share
        else:
            value = self.low + (self.high - self.low) * share
        return np.rint(value) if self.integer else np.array([float(f"{each:.3g}") for each in value])


AXES: dict[str, Axis] = {
    "rate": Axis("learning rate η", "rates", 1e-4, 1.0, 0.03),
    "l2": Axis("L2 penalty λ", "penalties", 1e-5, 1.0, 0.0),
    "width": Axis("width", "widths", 1, 32, 16, integer=True),
    "batch": Axis("batch size", "batch sizes", 1, 64, 16, integer=True),
}


def grid_shares(trials: int) -> np.ndarray:
    """(k², 2): the middles of k × k equal squares, for k² = trials."""
    side = math.isqrt(trials)
    if side * side != trials:
        raise ValueError(
            f"A grid of {trials} trials has no equal sides; choose 1, 4, 9, 16 or another square."
        )
    middles = (np.arange(side) + 0.5) / side
    return np.array([(first, second) for second in middles for first in middles])


def random_shares(trials: int, seed: int) -> np.ndarray:
    """(trials, 2), evenly on the square."""
    return np.random.default_rng(seed).random((trials, 2))


def places(way: str, axes: tuple[str, str], trials: int, seed: int) -> np.ndarray:
    """The settings (trials, 2) that a way of searching tries. A grid is even in the logarithm."""
    shares = grid_shares(trials) if way == "grid" else random_shares(trials, seed)
    return np.stack([AXES[name].at(shares[:, k], way != "random") for k, name in enumerate(axes)], axis=1)


def distinct(values: np.ndarray) -> tuple[int, int]:
    """How many different values of each setting (N, 2) holds."""
    return len(np.unique(values[:, 0])), len(np.unique(values[:, 1]))


def grid_chance(side: int, reach: float) -> float:
    """That one of `side` even values on [0, 1] lies within `reach` of an optimum that may be anywhere there."""
    return min(1.0, 2 * reach * side)


def random_chance(trials: int, reach: float) -> float:
    """The same for `trials` random values: 1 − E(1 − covered)ⁿ, where less is covered near the ends. For reach ≤ ½."""
    inside = (1 - 2 * reach) * (1 - 2 * reach) ** trials
    ends = 2 * ((1 - reach) ** (trials + 1) - (1 - 2 * reach) ** (trials + 1)) / (trials + 1)
    return 1 - inside - ends


def hit_chance(trials: int, share: float) -> float:
    """That one of `trials` random trials is among the best `share` of all."""
    return 1 - (1 - share) ** trials


def train_trial(data: Dataset, settings: Mapping[str, float], updates: int, seed: int) -> Job:
    """One training with these settings, the others as usual: the final loss (3,) on SETS, infinite where it diverged."""
    value = {name: axis.usual for name, axis in AXES.items()} | dict(settings)
    lane = LaneConfig("adam", float(value["rate"]), l2=float(value["l2"]), seed=seed)
    config = ExperimentConfig(
        network=NetworkConfig((int(value["width"]),)), batch_size=int(value["batch"]), lanes=(lane,)
    )
    experiment = Experiment(config, data, record_every=max(2, 2 * updates))

    def losses() -> np.ndarray:
        found = experiment.evaluate()
        values = np.array([found[f"{name}_loss"][0] for name in SETS], float)
        return np.where(np.isfinite(values), values, np.inf)

    yield from in_slices(lambda count: experiment.step(count, record=False), updates, losses)
    return losses()


class Search:
    """The same number of trials by each of WAYS: `places` (trials, 2) and `losses` (trials, 3), NaN where not begun."""

    def __init__(
        self, data: Dataset, axes: tuple[str, str], trials: int = 9, updates: int = 600, seed: int = 0, connect: Connect | None = None
    ) -> None:  # fmt: skip
        self.axes, self.trials = axes, trials
        self.places = {way: places(way, axes, trials, seed) for way in WAYS}
        self.losses = {way: np.full((trials, len(SETS)), np.nan) for way in WAYS}
        self._order = [(way, trial) for trial in range(trials) for way in WAYS]
        jobs = [
            partial(train_trial, data, dict(zip(axes, self.places[way][trial].tolist(), strict=True)), updates, seed)
            for way, trial in self._order
        ]  # fmt: skip
        self.sweep = Sweep(jobs, connect)

    def advance(self, seconds: float) -> None:
        """Train, or wait for workers, for about `seconds`."""
        self.sweep.advance(seconds)
        for k, (way, trial) in enumerate(self._order):
            if (losses := self.sweep.look(k)) is not None:
                self.losses[way][trial] = losses

    def best_so_far(self, way: str) -> np.ndarray:
        """The lowest validation loss (trials,) after each trial; NaN where a trial has not begun."""
        validation = self.losses[way][:, 1]
        return np.where(np.isnan(validation), np.nan, np.fmin.accumulate(validation))

    def winner(self, way: str) -> int | None:
        """The trial with the lowest validation loss; None before the first that ends in a number."""
        validation = self.losses[way][:, 1]
        return int(np.nanargmin(validation)) if np.isfinite(validation).any() else None
