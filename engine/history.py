"""What was recorded while training, bounded however long it runs.

When the store is full every second point is dropped, so the points that stay are spread evenly; the first and the
newest always stay.
"""

from __future__ import annotations

import numpy as np

MOST_POINTS = 2000
SERIES = ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "gradient_norm")


class History:
    """`steps` (K,) and, per lane, the SERIES (K, L): losses, accuracies (0 to 1; NaN in regression), |gradient|.

    `marks` are (step, lane, text) where a setting was changed. NaN means that there was nothing to measure.
    """

    def __init__(self, lanes: int) -> None:
        self._steps = np.empty(MOST_POINTS, dtype=np.int64)
        self._values = np.empty((len(SERIES), MOST_POINTS, lanes))
        self._count = 0
        self.marks: list[tuple[int, int, str]] = []

    def add(self, step: int, values: np.ndarray) -> None:
        """Append `values` (len(SERIES), L) for `step`; a second point of one step replaces the first."""
        if self._count and self._steps[self._count - 1] == step:
            self._count -= 1
        elif self._count == MOST_POINTS:
            kept = np.arange(0, MOST_POINTS, 2)
            kept[-1] = MOST_POINTS - 1
            self._steps[: len(kept)] = self._steps[kept]
            self._values[:, : len(kept)] = self._values[:, kept]
            self._count = len(kept)
        self._steps[self._count] = step
        self._values[:, self._count] = values
        self._count += 1

    def add_lane(self, parent: int) -> None:
        """A new lane whose past is its parent's."""
        self._values = np.concatenate([self._values, self._values[:, :, parent : parent + 1]], axis=2)

    @property
    def steps(self) -> np.ndarray:
        return self._steps[: self._count]

    def series(self, name: str) -> np.ndarray:
        return self._values[SERIES.index(name), : self._count]

    @property
    def train_loss(self) -> np.ndarray:
        return self.series("train_loss")

    @property
    def test_loss(self) -> np.ndarray:
        return self.series("test_loss")

    @property
    def train_accuracy(self) -> np.ndarray:
        return self.series("train_accuracy")

    @property
    def test_accuracy(self) -> np.ndarray:
        return self.series("test_accuracy")

    @property
    def gradient_norm(self) -> np.ndarray:
        return self.series("gradient_norm")
