"""Predict, then reveal: a question to a class about the run that a page shows.

`ask=lowest.500`, `ask=diverges.300.2`, `ask=accuracy.500.1` or `ask=end.500.1` in a link: what is asked, the update that
decides, and the lane, counted from 1. Nothing is trained before an answer is given, and what would give it away is covered.
Then the panel plays to the update, and answer and truth stand side by side. `ask=guess`: each view asks for a number of
its own (pages/shared/predict.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.checks import short
from engine.landscape.plane import Plane
from engine.shown import short_number
from pages.shared.live.protocol import LiveRun
from pages.shared.live.quiz import Mark, Quiz

NAME = "ask"
GUESS = "guess"
LATEST = 20_000
KINDS = {
    "lowest": "Which lane is lowest?",
    "diverges": "Will it diverge?",
    "accuracy": "How high is the accuracy?",
    "end": "Where will the path end?",
}


@dataclass(frozen=True)
class Question:
    """`lane` counts from 0."""

    kind: str
    at: int
    lane: int = 0

    def text(self) -> str:
        if self.kind == GUESS:
            return GUESS
        return f"{self.kind}.{self.at}" + ("" if self.kind == "lowest" else f".{self.lane + 1}")


def read(raw: str, problems: list[str]) -> Question | None:
    """The question of a link; a sentence joins `problems` where it is none."""
    if raw == GUESS:
        return Question(GUESS, 0)
    kind, *numbers = raw.split(".")
    whole = all(number.isascii() and number.isdigit() and len(number) < 6 for number in numbers)
    if kind in KINDS and whole and 1 <= len(numbers) <= 2:
        at, lane = int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else 1
        if 1 <= at <= LATEST and lane >= 1:
            return Question(kind, at, lane - 1)
    problems.append(f"ask is {short(raw)} in the link, which is no question; one is guess, lowest.500, diverges.300.1, accuracy.500.1 or end.500.1.")  # fmt: skip
    return None


def kinds_for(run: Any) -> list[str]:
    """What can be asked about a run; nothing where it trains no lanes."""
    lanes = range(len(run.asked_lanes()))
    fits = {
        "lowest": len(lanes) > 1,
        "diverges": len(lanes) > 0,
        "accuracy": len(lanes) > 0 and run.asked_accuracy(0) is not None,
        "end": any(run.path_plane(lane) is not None for lane in lanes),
    }
    return [kind for kind in KINDS if fits[kind]]


def covered(kind: str, run: LiveRun) -> tuple[str, ...]:
    """The cards that would give the answer away."""
    more = ("sharpness",) if kind == "diverges" else ()
    return () if kind == "end" else run.gives_away + more


@dataclass
class Truth:
    """What was said, what is the case, and whether they agree (None where that is a matter of degree)."""

    said: str
    found: str
    agrees: bool | None = None


@dataclass
class Said:
    """What has been answered to the question of a view; and the run that it is about, if there is one, and what `kept` that
    run had found when it was there.
    """

    ask: str
    run: Any = None
    answer: float | str | None = None
    told: str = ""
    quiz: Quiz | None = None
    kept: Any = None

    @property
    def is_open(self) -> bool:
        """Whether the number is still to be hidden."""
        return self.answer is None


@dataclass
class Asking:
    """A question under way. `answer` is a lane, yes or no, or a number of percent; of a path's end it is the weights there.
    `said` are the answers to the questions of the page's views, by view.
    """

    question: Question
    quiz: Quiz
    answer: Any = None
    told: str = ""
    wants_reveal: bool = False
    truth: Truth | None = None
    fits: bool = True
    end: Any = field(default=None, repr=False)  # the weights where the path was when it was revealed
    said: dict[str, Said] = field(default_factory=dict)

    @staticmethod
    def of(question: Question) -> Asking:
        if question.kind == GUESS:
            return Asking(question, Quiz(0))
        return Asking(question, Quiz(question.at, locked=True))

    @property
    def is_of_run(self) -> bool:
        """Whether there is a run that is held back for it."""
        return self.question.kind != GUESS or self.quiz.at > 0

    def words(self, run: LiveRun) -> str:
        """The question as a sentence."""
        asked, name = self.question, lane_name(run, self.question.lane)
        at = f"update {asked.at:,}"
        return {
            "lowest": f"Which lane has the lowest training loss at {at}?",
            "diverges": f"Will {name} have diverged by {at}: will its loss have overflowed, and training have stopped?",
            "accuracy": f"How high is the {accuracy_of(run, self.question.lane)[0]} of {name} at {at}, in percent?",
            "end": f"Where will the path of {name} end at {at}? Click the place in the picture of the loss, or type it.",
        }[asked.kind]

    def look(self, run: LiveRun) -> None:
        """Whether the question suits the run, and which card takes the click."""
        kind, lane = self.question.kind, self.question.lane
        self.fits = kind in kinds_for(run) and lane < len(run.asked_lanes())
        found = run.path_plane(lane) if self.fits and kind == "end" else None
        if kind == "end" and found is None:
            self.fits = False
        waits = self.fits and not self.quiz.number
        self.quiz.locked, self.quiz.covered = waits, covered(kind, run) if waits else ()
        self.quiz.picks = found[0] if found is not None and waits else ""

    def place(self, plane: Plane, x: float, y: float) -> None:
        """Say that the path will end at a place of the plane that is shown now."""
        self.answer = np.asarray(plane.origin, float) + x * plane.d1 + y * plane.d2

    def reveal(self, number: int) -> None:
        """Play to the update that decides, if there is an answer."""
        self.told = "" if self.answer is not None else "Give an answer first."
        if self.answer is not None:
            self.quiz.reveal(number)
            self.quiz.picks = ""

    def settle(self, run: LiveRun) -> None:
        """Once the run is at the update that decides: compare."""
        if self.quiz.reached and self.truth is None:
            self.truth = TRUTHS[self.question.kind](self, run)

    def marks(self, run: LiveRun) -> list[Mark]:
        """The place that was clicked, and where the path is once it has been played, in the plane that is shown now."""
        found = (
            run.path_plane(self.question.lane)
            if self.question.kind == "end" and self.answer is not None
            else None
        )
        if found is None or len(found[1].origin) != len(self.answer):
            return []
        card, plane = found
        marks = [Mark(card=card, x=0.0, y=0.0, text="your answer", kind="said")]
        points = [self.answer]
        if self.truth is not None:
            marks.append(Mark(card=card, x=0.0, y=0.0, text="the end", kind="found"))
            points.append(self.end)
        for mark, (x, y) in zip(marks, plane.project(np.array(points))[0].tolist(), strict=True):
            mark["x"], mark["y"] = x, y
        return [mark for mark in marks if math.isfinite(mark["x"]) and math.isfinite(mark["y"])]


def lane_name(run: LiveRun, lane: int) -> str:
    names = run.asked_lanes()
    if lane >= len(names):
        return f"lane {lane + 1}"
    return names[lane] if len(names) > 1 else "this network"


def accuracy_of(run: LiveRun, lane: int) -> tuple[str, float]:
    """Of which points, and the share of right labels."""
    return run.asked_accuracy(lane) or ("accuracy", math.nan)


def lowest(asking: Asking, run: LiveRun) -> Truth:
    losses = [run.asked_loss(lane) for lane in range(len(run.asked_lanes()))]
    best = int(np.argmin(losses))
    others = ", ".join(f"{lane_name(run, k)} {said_loss(losses[k])}" for k in range(len(losses)) if k != best)
    found = f"{lane_name(run, best)}, with a loss of {said_loss(losses[best])}. The others: {others}."
    tied = losses[asking.answer] == losses[best]
    return Truth(lane_name(run, asking.answer), found, tied)


def said_loss(loss: float) -> str:
    return short_number(loss) if math.isfinite(loss) else "diverged"


def diverges(asking: Asking, run: LiveRun) -> Truth:
    why = run.why_diverged(asking.question.lane)
    found = f"Yes. {why}" if why else f"No: its loss is {said_loss(run.asked_loss(asking.question.lane))}."
    return Truth("Yes" if asking.answer else "No", found, bool(why) == asking.answer)


def accuracy(asking: Asking, run: LiveRun) -> Truth:
    words, share = accuracy_of(run, asking.question.lane)
    share *= 100
    off = abs(share - asking.answer)
    return Truth(f"{asking.answer:g} %", f"The {words} is {share:.1f} %: {off:.1f} points from your answer.")


def end(asking: Asking, run: LiveRun) -> Truth:
    """How far the answer lies from the end, in the plane that is shown, beside how far the path went in it."""
    lane = asking.question.lane
    found = run.path_plane(lane, fresh=True)
    assert found is not None
    path = run.asked_path(lane)
    asking.end = np.asarray(path[-1], float)
    said, start, last = found[1].project(np.array([asking.answer, path[0], path[-1]]))[0]
    off, went = (float(np.linalg.norm(place - last)) for place in (said, start))
    return Truth(
        "the place marked ✕",
        f"the place marked ◎, {short_number(off)} from your answer. From its start the path has gone {short_number(went)}, both as this picture shows them.",
    )  # fmt: skip


TRUTHS: dict[str, Callable[[Asking, LiveRun], Truth]] = {
    "lowest": lowest, "diverges": diverges, "accuracy": accuracy, "end": end,
}  # fmt: skip
