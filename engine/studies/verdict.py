"""The one look at a race that its verdict is made of, at a place that was fixed before the race began.

A p-value holds for one look. Whoever looks again and again, and may stop at any of them, finds a difference between equal
methods far more often than it says (Armitage, McPherson and Rowe 1969). So the values are taken once, when the race has
come to the place, and kept: however often the table is shown, it stays that of this look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from engine.studies.comparison import diverged_as_nan
from engine.training.experiment import Experiment
from engine.training.history import COSTS, SERIES


class Look:
    """`at` is the place; `values` are the SERIES (R,) of all runs there, NaN where one had diverged, and `costs` what
    those that had gone furthest had spent; both None before.
    """

    def __init__(self, at: float) -> None:
        self.at = at
        self.values: dict[str, np.ndarray] | None = None
        self.costs: dict[str, float] = {}

    def take(self, place: float, read: Callable[[], Mapping[str, np.ndarray]], ended: bool = False) -> bool:
        """Take the values, if the race has come to its place, or has ended, and they are not yet taken."""
        if self.values is not None or (place < self.at and not ended):
            return False
        self.values = dict(read())
        return True

    def at_experiment(self, experiment: Experiment, place: float) -> bool:
        """`take` from an experiment as it stands."""
        taken = self.take(
            place,
            lambda: {name: diverged_as_nan(experiment, name)[-1] for name in SERIES},
            experiment.finished,
        )
        if taken:
            self.costs = {name: float(experiment.history.series(name)[-1].max()) for name in COSTS}
        return taken
