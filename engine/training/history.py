"""What was recorded while training, bounded however long it runs.

Points are kept at the multiples of `stride` updates, and the newest point always. When the store is full,
every second point is dropped and the stride doubles. So what is kept depends on the updates alone, not on
how they were asked for, and it is spread evenly; the first point, of the initial weights, always stays.

A chart draws fewer points still: `drawn`. Which ones depends on the newest update alone, so what a chart showed at an
earlier moment can be shown again (`until`): of the points that are dropped, those that such charts need are put aside.
"""

from __future__ import annotations

import numpy as np

MOST_POINTS = 2000
MOST_DRAWN = 500  # points of a line in a chart, beside the newest
MOST_REPLAYED = 40  # lanes of which dropped points are put aside: 250 of every 1,000, nine numbers each
MOST_MARKS = 500
COSTS = ("epochs", "updates", "sample_gradients", "milliseconds")
SERIES = (
    "train_loss", "test_loss", "train_accuracy", "test_accuracy", "gradient_norm", "validation_loss", "validation_accuracy",
)  # fmt: skip
HELD_OUT = [SERIES.index("test_loss"), SERIES.index("validation_loss")]


class History:
    """`steps` (K,), and the COSTS and SERIES (K, L) of L lanes: what a lane had spent (see `Lane`), losses,
    accuracies (0 to 1), |gradient|.

    The gradient norm is that of the last update's batch, penalties included. NaN means that there was
    nothing to measure: no validation or test data, no accuracy in regression, no gradient yet. A lane that has stopped
    keeps its last values; `line` leaves those out. `marks` are (step, lane, text) where a setting was
    changed.
    """

    def __init__(self, lanes: int, stride: int = 1) -> None:
        if stride < 1:
            raise ValueError(f"Points are recorded every {stride!r} updates; choose a whole number from 1.")
        self.stride = self.first_stride = stride
        self.dropped: list[tuple[np.ndarray, np.ndarray]] = []  # steps and values that earlier charts need
        self.marks: list[tuple[int, int, str]] = []
        self._steps = np.empty(MOST_POINTS, dtype=np.int64)
        self._values = np.empty((len(COSTS) + len(SERIES), MOST_POINTS, lanes))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def next_step(self, step: int) -> int:
        """The next step after `step` whose point will be kept."""
        return (step // self.stride + 1) * self.stride

    def add(self, step: int, costs: np.ndarray, values: np.ndarray) -> None:
        """Append `costs` (len(COSTS), L) and `values` (len(SERIES), L), in place of a last point that was not to stay."""
        if self._count and (
            self._steps[self._count - 1] % self.stride or self._steps[self._count - 1] == step
        ):
            self._count -= 1
        if self._count == MOST_POINTS:
            self._thin()
        self._steps[self._count] = step
        self._values[: len(COSTS), self._count] = costs
        self._values[len(COSTS) :, self._count] = values
        self._count += 1

    def drawn_stride(self, step: int) -> int:
        """How many updates apart a chart's points are when the newest is of `step`."""
        stride = self.first_stride
        while step // stride > MOST_DRAWN:
            stride *= 2
        return stride

    def drawn(self) -> np.ndarray:
        """The places of the points that a chart draws, the newest among them."""
        steps = self.steps
        chosen = steps % self.drawn_stride(int(steps[-1])) == 0
        chosen[-1] = True
        return np.flatnonzero(chosen)

    def until(self, step: int, newest: np.ndarray, marks: list[tuple[int, int, str]]) -> History:
        """The history as it was at `step`, with the points that its charts drew. `newest` (len(COSTS) + len(SERIES), L) are
        the values then.
        """
        every = self.drawn_stride(step)
        parts = [*self.dropped, (self.steps, self._values[:, : self._count])]
        steps = np.concatenate([part[0] for part in parts])
        values = np.concatenate([part[1] for part in parts], axis=1)
        order = np.argsort(steps)
        order = order[(steps[order] % every == 0) & (steps[order] < step)]
        earlier = History(newest.shape[1], self.first_stride)
        earlier.stride, earlier.marks = every, marks
        earlier._count = len(order) + 1
        earlier._steps[: len(order)], earlier._steps[len(order)] = steps[order], step
        earlier._values[:, : len(order)], earlier._values[:, len(order)] = values[:, order], newest
        return earlier

    def _thin(self) -> None:
        if self._values.shape[2] <= MOST_REPLAYED:
            steps = self._steps[: self._count]
            going = np.flatnonzero((steps % (2 * self.stride) != 0) & (steps <= MOST_DRAWN * self.stride))
            self.dropped.append((steps[going], self._values[:, going]))
        self.stride *= 2
        kept = np.flatnonzero(self._steps % self.stride == 0)
        self._steps[: len(kept)] = self._steps[kept]
        self._values[:, : len(kept)] = self._values[:, kept]
        self._count = len(kept)

    def past(self, lane: int) -> np.ndarray:
        """A lane's values (len(COSTS) + len(SERIES), K) at all points so far."""
        return self._values[:, : self._count, lane]

    def add_lane(self, past: np.ndarray) -> None:
        """A new lane, with its values (len(COSTS) + len(SERIES), K) at all points so far."""
        self.dropped = []
        values = np.empty((*self._values.shape[:2], 1))
        values[:, : self._count, 0] = past
        self._values = np.concatenate([self._values, values], axis=2)

    def remove_lane(self, lane: int) -> None:
        """Forget a lane; later ones move up."""
        self.dropped = []
        self._values = np.delete(self._values, lane, axis=2)
        self.marks = [(step, k - (k > lane), text) for step, k, text in self.marks if k != lane]

    def mark(self, step: int, lane: int, text: str) -> None:
        """Note a change. The oldest go when there are very many: a slider may be dragged back and forth."""
        self.marks = [*self.marks[1 - MOST_MARKS :], (step, lane, text)]

    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Steps (K,) and all values (len(COSTS) + len(SERIES), K, L): what a file keeps."""
        return self._steps[: self._count], self._values[:, : self._count]

    def restore(self, steps: np.ndarray, values: np.ndarray, stride: int) -> None:
        """Put back what `rows` gave. `ValueError` if it can't have come from there."""
        shape = (self._values.shape[0], len(steps), self._values.shape[2])
        if (
            values.shape != shape
            or not 1 <= len(steps) <= MOST_POINTS
            or (np.diff(steps) <= 0).any()
            or stride < 1
        ):
            raise ValueError("its history does not fit")
        self._count, self.stride = len(steps), stride
        self._steps[: self._count] = steps
        self._values[:, : self._count] = values

    @property
    def steps(self) -> np.ndarray:
        return self._steps[: self._count]

    @property
    def epochs(self) -> np.ndarray:
        return self.series("epochs")

    def series(self, name: str) -> np.ndarray:
        """One of the COSTS or SERIES by name, (K, L)."""
        return self._values[(COSTS + SERIES).index(name), : self._count]

    def line(self, name: str, lane: int, end: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Steps and values of one lane for a chart, up to the first point not before `end`, where it stopped."""
        stop = self._count if end is None else int(np.searchsorted(self.steps, end)) + 1
        return self.steps[:stop], self.series(name)[:stop, lane]

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
    def validation_loss(self) -> np.ndarray:
        return self.series("validation_loss")

    @property
    def validation_accuracy(self) -> np.ndarray:
        return self.series("validation_accuracy")

    @property
    def gradient_norm(self) -> np.ndarray:
        return self.series("gradient_norm")
