"""What a class is asked about a run: it is played to the update that decides, and stands still there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

PICK = "pick:"  # before the name of the card that was clicked to answer a question


class Mark(TypedDict):
    """A place in a card: where the class says something is (`kind` "said"), or where it is ("found")."""

    card: str
    x: float
    y: float
    text: str
    kind: str


class Aim(TypedDict):
    """A `Quiz` as the browser has it."""

    until: int
    number: int
    reached: bool
    locked: bool
    covered: list[str]
    picks: str
    marks: list[Mark]


@dataclass
class Quiz:
    """`at` is the update that decides; `number` is 0 until the answer is to be revealed, and another one each time it is.

    `locked`: nothing is trained before an answer is given. `covered` are the cards that would give it away.
    A click in the card `picks` is an answer: `picked`. `marks` are shown in the cards.
    """

    at: int
    number: int = 0
    reached: bool = False
    locked: bool = False
    covered: tuple[str, ...] = ()
    starts_over: bool = False
    picks: str = ""
    picked: tuple[float, float] | None = None
    marks: Callable[[], list[Mark]] = list

    def left(self, step: int) -> int | None:
        """Updates up to the one that decides; None where nothing holds the run back."""
        return None if self.reached or not self.number else max(0, self.at - step)

    def is_due(self, step: int, finished: bool) -> bool:
        """Whether the run has got to the update that decides, or has ended before, and nobody was told."""
        return self.number > 0 and not self.reached and (finished or step >= self.at)

    def reveal(self, number: int) -> None:
        """Play to the update that decides; from the start where the run is past it."""
        self.number, self.reached, self.locked, self.covered = number, False, False, ()
        self.starts_over = True

    def take(self, click: Mapping[str, Any]) -> bool:
        """Whether a click is an answer; if so, it is kept."""
        x, y = click["x"], click["y"]
        if not self.picks or click["chart"] != PICK + self.picks or isinstance(x, str) or isinstance(y, str):
            return False
        self.picked = (float(x), float(y))
        return True

    def aim(self) -> Aim:
        return Aim(
            until=self.at,
            number=self.number,
            reached=self.reached,
            locked=self.locked,
            covered=list(self.covered),
            picks=self.picks,
            marks=self.marks(),
        )
