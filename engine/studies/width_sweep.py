"""Double descent in networks: many widths, each trained on several data sets, a little at a time.

    widths = WidthSweep(n=40, noise=0.5)
    while not widths.sweep.finished: widths.advance(0.1)     # may stop at any moment
    widths.parameters, widths.train, widths.test

One hidden layer of tanh units, five inputs x ~ N(0, I), y = sin(x₁x₂) + x₃/2 + x₄/2 + σε, Adam. A width is one job: all its
data sets train as one batched run. Errors are mean squared, on the training points, and on new points without their noise.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from engine.config.experiment import ExperimentConfig
from engine.config.lane import LaneConfig
from engine.network.config import NetworkConfig
from engine.studies.sweep import Connect, Job, Sweep, in_slices
from engine.training.resample import Resample

WIDTHS = (1, 2, 3, 4, 5, 6, 8, 11, 16, 23, 32, 64)
SETS = 8  # data sets for each width
INPUTS = 5
NEW_POINTS = 1000
RATE = 0.02


def truth(X: np.ndarray) -> np.ndarray:
    """y (…,) without its noise, for X (…, INPUTS)."""
    y: np.ndarray = np.sin(X[..., 0] * X[..., 1]) + (X[..., 2] + X[..., 3]) / 2
    return y


def parameters_of(width: int) -> int:
    """Weights and biases of a network with one hidden layer of this width."""
    return (INPUTS + 1) * width + width + 1


def networks(n: int, noise: float, l2: float, batch: int, seed: int, sets: int, width: int) -> tuple[Resample, np.ndarray]:  # fmt: skip
    """Networks of one width, untrained, each with a data set of its own; and new points. Batch 0 is all points."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((sets, n, INPUTS))
    y = truth(X) + noise * rng.standard_normal((sets, n))
    new = rng.standard_normal((NEW_POINTS, INPUTS))
    lanes = tuple(LaneConfig("adam", RATE, l2=l2, seed=seed * sets + k) for k in range(sets))
    config = ExperimentConfig(
        network=NetworkConfig((width,)), loss="mean_squared_error", batch_size=batch or n, lanes=lanes
    )
    return Resample(config, X, y), new


def train_width(n: int, noise: float, l2: float, batch: int, updates: int, seed: int, sets: int, width: int) -> Job:  # fmt: skip
    """One width on all data sets: errors (2, sets) on the training points and on new points."""
    run, new = networks(n, noise, l2, batch, seed, sets, width)

    def errors() -> np.ndarray:
        return np.stack([run.loss(), run.loss(new, truth(new))])

    yield from in_slices(run.step, updates, errors)
    return errors()


class WidthSweep:
    """Every width on `sets` data sets of n points, `updates` updates each; the data and weights follow from `seed`.

    `train` and `test` (W, sets) are the errors so far, NaN where a width has not begun.
    """

    def __init__(
        self, n: int = 40, noise: float = 0.5, l2: float = 0.0, batch: int = 0, updates: int = 4000, seed: int = 0,
        widths: tuple[int, ...] = WIDTHS, sets: int = SETS, connect: Connect | None = None,
    ) -> None:  # fmt: skip
        self.n, self.widths, self.sets = n, widths, sets
        self.parameters = np.array([parameters_of(width) for width in widths])
        self.train, self.test = np.full((2, len(widths), sets), np.nan)
        jobs = [partial(train_width, n, noise, l2, batch, updates, seed, sets, width) for width in widths]
        self.sweep = Sweep(jobs, connect, [float(count) for count in self.parameters + 100])

    def advance(self, seconds: float) -> None:
        """Train, or wait for workers, for about `seconds`."""
        self.sweep.advance(seconds)
        for k in range(len(self.widths)):
            if (errors := self.sweep.look(k)) is not None:
                self.train[k], self.test[k] = errors

    @property
    def peak(self) -> int | None:
        """The place of the width with the highest median error on new points; None before the first."""
        medians = np.median(self.test, axis=1)
        return None if np.isnan(medians).all() else int(np.nanargmax(medians))
