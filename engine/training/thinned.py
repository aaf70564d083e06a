"""A record of bounded length: what was seen, evenly spread, the first and the newest always among it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


class Thinned:
    """`rows` (K, columns): every `stride`-th of the rows added, from the first, and the newest; K ≤ `most`, which is even.

    When it is full, every second row goes and the stride doubles. A newest that is not a `stride`-th gives way to the next.
    (`History`, `PathRecorder` and `Timeline` thin by rules of their own: by updates, for all lanes at once, by bytes.)
    """

    def __init__(self, most: int, columns: int) -> None:
        self._rows = np.empty((most, columns))
        self._count, self.seen, self.stride = 0, 0, 1

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> np.ndarray:
        """What is kept (K, columns), a view."""
        return self._rows[: self._count]

    def add(self, row: Sequence[float]) -> None:
        """Append a row, (columns,) numbers."""
        most = len(self._rows)
        if self._count and (self.seen - 1) % self.stride:
            self._count -= 1
        if self._count == most:
            self._rows[: most // 2] = self._rows[::2]
            self._count, self.stride = most // 2, 2 * self.stride
        self._rows[self._count] = row
        self._count, self.seen = self._count + 1, self.seen + 1

    def renew(self, row: Sequence[float]) -> None:
        """`row` in place of the newest."""
        self._rows[self._count - 1] = row

    def first(self, count: int) -> Thinned:
        """The record as if the first `count` of its rows had been all."""
        earlier = Thinned(*self._rows.shape)
        earlier._rows[:count], earlier._count, earlier.stride = self._rows[:count], count, self.stride
        if count:
            earlier.seen = self.seen if count == len(self) else (count - 1) * self.stride + 1
        return earlier
