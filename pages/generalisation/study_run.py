"""A study made of many trainings in the live panel: play trains on, a pause keeps what is done."""

from __future__ import annotations

import uuid
from abc import abstractmethod
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

from engine.studies.sweep import Sweep
from pages.shared.live.cards import Card
from pages.shared.live.protocol import Action, LiveRun, State, Words
from pages.shared.page import Page

END = 1000  # the step of a study that is done
SLICE_SECONDS = 0.08  # of training between two frames
R = TypeVar("R", bound="StudyRun")


class Study(Protocol):
    """Trainings as a sweep, with what has come of them so far."""

    sweep: Sweep

    def advance(self, seconds: float) -> None: ...


class StudyRun(LiveRun):
    """`asked` are the settings that the study is made with; a run with others is another run."""

    reserve = 72  # pixels for the answer below the panel
    leaves: Sequence[str] = (
        "generalisation.view",
        "generalisation.descent.tab",
        "generalisation.search.tab",
        "generalisation.bias.tab",
        "generalisation.sets.tab",
    )

    def __init__(self, asked: dict[str, Any], dark: bool) -> None:
        self.asked, self.dark = asked, dark
        self.run_id = uuid.uuid4().hex[:12]
        self.words = Words(play="Train", pause="Pause", reset="Start over", step="Step")
        self.number = 0
        self.study = self.new_study()
        self.cards: Sequence[Card] = self.make_cards()

    @abstractmethod
    def new_study(self) -> Any:
        """The study from its start."""

    @abstractmethod
    def make_cards(self) -> Sequence[Card]: ...

    def counters(self) -> list[list[str]]:
        """What stands beside the buttons, before the times."""
        return []

    def set_looks(self, dark: bool) -> None:
        self.dark = dark

    def advance(self, action: Action, updates: int) -> None:
        if action == "reset":
            self.study.sweep.cancel()
            self.study = self.new_study()
            self.number += 1
        else:  # a step is as little as a training does between two looks at the clock
            self.study.advance(0.0 if action == "step" else SLICE_SECONDS)

    def revision(self) -> str:
        return f"{self.number}-{self.dark}"

    def moment(self) -> Hashable:
        return (self.run_id, self.number, self.dark, self.study.sweep.progress)

    def state(self) -> State:
        sweep = self.study.sweep
        readout = self.counters()
        if not sweep.finished:
            left = sweep.time_left
            readout.append(["Time left", f"{left:.1f} s" if np.isfinite(left) else "–"])
        readout.append(["Trained", f"{sweep.seconds:.1f} s"])
        return dict(
            step=round(END * sweep.progress), readout=readout, message=sweep.note or None, finished=sweep.finished,
            progress=sweep.progress,
        )  # fmt: skip


def run_of(here: Page, make: Callable[[dict[str, Any], bool], R], asked: dict[str, Any]) -> R:
    """The view's run with these settings: the last one, or a new one where it has others."""
    run = here.last_run
    if run is None or run.asked != asked:
        if run is not None:
            run.study.sweep.cancel()
        run = here.last_run = make(asked, here.dark)
    run.set_looks(here.dark)
    found: R = run
    return found
