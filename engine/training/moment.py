"""A moment of an experiment: enough to show it again and to go on from it, bit for bit (see `Experiment.moment`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.config.experiment import ExperimentConfig
from engine.training.lane import Lane
from engine.training.reach import Reach


@dataclass(frozen=True, eq=False)
class Moment:
    """`lanes` are copies in no block; `newest` (len(COSTS) + len(SERIES), L) is the history's last point."""

    config: ExperimentConfig
    updates: int
    lanes: tuple[Lane, ...]
    newest: np.ndarray
    marks: list[tuple[int, int, str]]
    reach: Reach | None

    @property
    def nbytes(self) -> int:
        """About what it takes in memory: numbers, and 1.5 kB a lane for what is said of it."""
        arrays = [self.newest]
        for lane in self.lanes:
            arrays += [lane.theta, *lane.optimizer_state.values()]
        if self.reach is not None:
            arrays += [self.reach.lowest, self.reach.spent]
        return sum(array.nbytes for array in arrays) + 1500 * len(self.lanes)
