"""The moments of a run that can be shown again: kept as it goes, evenly thinned, in bounded memory.

A moment keeps each lane's parameters and optimizer state, the paths, and what the cards say they need (`Card.keep`);
pictures are made again from that. When as many are kept as MOST_BYTES allow, at most MOST_MOMENTS, every second one goes and
from then on only every second, fourth, … frame is kept. The first and the newest are always there. For a network that is so
large that MOST_BYTES do not hold two, at most half of what the recorder of the paths takes is added.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.training.moment import Moment
from pages.shared.live.recorder import MOST_POINTS, Paths

MOST_MOMENTS = 64
MOST_BYTES = 3_000_000  # of the moments of a run


@dataclass(frozen=True, eq=False)
class Kept:
    """A moment: its `position` in the run, the experiment's, the paths, the ringed batches, and what cards (by name) and the run
    itself have kept.
    """

    position: tuple[int, ...]
    moment: Moment
    paths: Paths
    batches: dict[int, np.ndarray]
    cards: Mapping[str, Any]
    own: Any

    @property
    def nbytes(self) -> int:
        """About what it takes, without the points of its paths that other moments have too."""
        return self.moment.nbytes + self.paths.nbytes + array_bytes([self.cards, self.own])


def array_bytes(value: Any) -> int:
    """Of all arrays in lists, tuples and mappings."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, Mapping):
        value = list(value.values())
    return sum(map(array_bytes, value)) if isinstance(value, (list, tuple)) else 0


class Timeline:
    """`kept` are the moments in their order, `every` how many frames apart; `end` is the newest, while an earlier one is shown,
    and `at` the place of that one; None while the run is shown as it is.
    """

    def __init__(self) -> None:
        self.kept: list[Kept] = []
        self.every, self.frames = 1, 0
        self.end: Kept | None = None
        self.at: int | None = None

    def see(self, keep: Callable[[], Kept]) -> None:
        """Before another frame's work: keep the moment as it is, if it is one of those that are kept."""
        due, self.frames = self.frames % self.every == 0, self.frames + 1
        if not due:
            return
        now = keep()
        if self.kept and self.kept[-1].position >= now.position:
            self.kept.pop()  # the same position, with other weights or settings
        self.kept.append(now)
        while len(self.kept) > self.most(now):
            self.kept = self.kept[::2]
            self.every *= 2

    def most(self, now: Kept) -> int:
        """How many moments like `now` may be kept. Each time that a recorder halves its points, those that it drops stay with
        the earlier moments, and that is as often as the number of moments can be halved.
        """
        dropped = MOST_POINTS // 2 * now.paths.newest_bytes
        counts = (MOST_MOMENTS >> k for k in range(MOST_MOMENTS.bit_length() - 1))
        fits = (n for n in counts if n * now.nbytes + n.bit_length() * dropped <= MOST_BYTES)
        return next(fits, 2)

    def moments(self) -> list[Kept]:
        """What can be shown while an earlier moment is: the newest is the last."""
        assert self.end is not None
        last = self.end.position
        return [*(kept for kept in self.kept if kept.position < last), self.end]

    def thinned(self) -> str:
        """How far apart moments are, in words, where that is not every frame."""
        if self.every == 1:
            return ""
        ending = "nd" if self.every % 10 == 2 and self.every % 100 != 12 else "th"
        return f" · every {self.every:,}{ending} picture is kept"

    def cut(self, at: int) -> None:
        """Go on from the moment at this place: what came after it is no longer known."""
        self.kept = self.moments()[:at]
        self.frames = len(self.kept) * self.every
        self.end = self.at = None
