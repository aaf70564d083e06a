"""Surfaces of the error and of the losses that take its place, over two weights of one small network.

A 2-4-1 tanh network is trained on 35 points of "xor"; then one weight of each layer is moved, and every loss is the mean
over the points of a function of the margin (see engine/surfaces/unit.py). The error has as many levels as it has values:
between them it is flat, and its gradient is 0 nearly everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from engine.config.experiment import ExperimentConfig
from engine.config.lane import LaneConfig
from engine.data.config import DatasetConfig
from engine.landscape.plane import axis
from engine.network.config import NetworkConfig
from engine.surfaces.unit import SURROGATES
from engine.training.experiment import Experiment

CELLS, EXTENT, UPDATES = 81, 5.0, 300
DATA = DatasetConfig("xor", samples=50, noise=0.2)


@dataclass(frozen=True, eq=False)
class Surface:
    """A loss over two weights: `loss[j, i]` is where the first is moved by places[i] and the second by places[j]."""

    places: np.ndarray
    loss: np.ndarray

    @property
    def levels(self) -> int:
        """How many different values there are, to rounding."""
        return len(np.unique(self.loss.round(9)))

    @property
    def equal_share(self) -> float:
        """The share of pairs of neighbouring cells that have the same value, to rounding."""
        value = self.loss.round(9)
        pairs = np.concatenate([(value[1:] == value[:-1]).ravel(), (value[:, 1:] == value[:, :-1]).ravel()])
        return float(pairs.mean())


@cache
def margins() -> np.ndarray:
    """(CELLS, CELLS, N): the network's output times +1 or −1 by the label; computed once for all."""
    config = ExperimentConfig(
        DATA, NetworkConfig((4,)), batch_size=50, dtype="float64", lanes=(LaneConfig("adam", 0.05),)
    )
    experiment = Experiment(config)
    experiment.step(UPDATES)
    theta, mlp = experiment.theta(0), experiment.mlp(0)
    first, second = 0, mlp.parameter_count - 5  # W₁[0, 0], and W₂[0, 0] before the output's bias
    by = axis(EXTENT, CELLS)
    rows = np.repeat(theta[None], CELLS * CELLS, axis=0)
    rows[:, first] += np.tile(by, CELLS)
    rows[:, second] += np.repeat(by, CELLS)
    outputs = [mlp.forward(part, experiment.X_train)[:, :, 0] for part in np.array_split(rows, 9)]
    sign = np.where(experiment.data.y_train > 0.5, 1.0, -1.0)
    found: np.ndarray = (np.concatenate(outputs) * sign).reshape(CELLS, CELLS, -1)
    found.setflags(write=False)
    return found


def surface(loss: str) -> Surface:
    """The mean of SURROGATES[loss] over the points."""
    return Surface(axis(EXTENT, CELLS), SURROGATES[loss](margins()).mean(axis=-1))
