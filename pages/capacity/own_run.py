"""A run of the Capacity page in the live panel that is no experiment: a study with `updates` and `step`."""

from __future__ import annotations

import uuid
from abc import abstractmethod
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol, TypeVar

from pages.shared.live.cards import Card
from pages.shared.live.protocol import Action, LiveRun, State
from pages.shared.page import Page

R = TypeVar("R", bound="OwnRun")


class Study(Protocol):
    @property
    def updates(self) -> int: ...

    def step(self, updates: int) -> None: ...


class OwnRun(LiveRun):
    """`asked` are the settings that the study is made with; a run with others is another run. `shown` is what only the
    pictures depend on.
    """

    last = 5000  # updates
    speed = 5
    leaves = ("capacity.view",)

    def __init__(self, asked: dict[str, Any], dark: bool) -> None:
        self.asked, self.dark = asked, dark
        self.run_id = uuid.uuid4().hex[:12]
        self.shown: dict[str, Any] = {}
        self.number = 0
        self.study = self.new_study()
        self.cards: Sequence[Card] = self.make_cards()

    @abstractmethod
    def new_study(self) -> Any: ...

    @abstractmethod
    def make_cards(self) -> Sequence[Card]: ...

    def counters(self) -> list[list[str]]:
        """What stands beside the buttons, after the updates."""
        return []

    def message(self) -> str | None:
        return None

    def advance(self, action: Action, updates: int) -> None:
        if action == "reset":
            self.study = self.new_study()
            self.number += 1
        else:
            self.study.step(min(updates, self.last - self.study.updates))

    def step(self) -> int:
        return int(self.study.updates)

    def goal(self, action: Action, until: int) -> int | None:
        """ "Epoch" is a single update here: every one sees all the data."""
        return min(until, self.last) if action == "retrain" else None

    def revision(self) -> str:
        return f"{self.number}-{self.dark}-{sorted(self.shown.items())}"

    def moment(self) -> Hashable:
        return (self.run_id, self.revision(), self.study.updates)

    def state(self) -> State:
        readout = [["Updates", f"{self.study.updates:,}"], *self.counters()]
        return dict(
            step=self.study.updates, readout=readout, message=self.message(), finished=self.study.updates >= self.last
        )  # fmt: skip


def run_of(here: Page, make: Callable[[dict[str, Any], bool], R], asked: dict[str, Any], **shown: Any) -> R:
    """The view's run with these settings: the last one, or a new one where it has others."""
    run = here.last_run
    if not isinstance(run, OwnRun) or run.asked != asked:
        run = here.last_run = make(asked, here.dark)
    run.dark, run.shown = here.dark, shown
    found: R = run
    return found
