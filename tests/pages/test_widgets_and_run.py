"""Widgets and run are of one mind, however late the browser hears: the protocol of form.py under any series of actions.

A browser that is behind is played by a page that is kept from before: what it sends then are the widgets of that page, with
the values that a person has given them since, under the keys that they had.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from streamlit.testing.v1 import AppTest

from engine import OPTIMIZERS, LaneConfig
from pages.shared.widgets.option import RATES
from tests.pages.app import KINDS

METHODS = ("sgd", "momentum", "adam", "lion")


def script() -> None:
    """The Arena's sidebar and its run, small."""
    from dataclasses import replace

    import streamlit as st

    from engine import DatasetConfig, ExperimentConfig, NetworkConfig
    from pages.arena.lane_editor import lane_controls
    from pages.arena.lanes import Race, do_wish
    from pages.arena.line_ups import LINE_UPS
    from pages.arena.run import ArenaRun
    from pages.shared import session
    from pages.shared.form import Form
    from pages.shared.widgets.table import load

    form = session.of("arena.form", lambda: Form("arena"))
    race, kept = session.of("arena.race", Race), session.of("arena.kept", dict)
    if not race.lanes:
        race.line_up(LINE_UPS["optimizers"].lanes(NetworkConfig()))
    form.begin()
    while form.wishes:
        do_wish(race, kept.get("run"), *form.wishes[0])
        form.wishes.pop(0)
    base = ExperimentConfig(DatasetConfig("moons", samples=20), NetworkConfig((2,)))
    with st.sidebar:
        lane_controls(form, race, base)
    config = replace(base, lanes=tuple(race.lanes.values()))
    if "run" not in kept:
        kept["run"] = ArenaRun(config, load(config.dataset), False)
    assert kept["run"].matches(config)
    kept["run"].swap(config)


class LateBrowser(RuleBasedStateMachine):
    """`page` is what the browser shows, the last that it has heard of; `lanes` are the settings as they must be."""

    @initialize()
    def start(self) -> None:
        self.app = AppTest.from_function(script, default_timeout=60).run()
        self.hear()
        self.lanes = dict(self.race.lanes)
        self.edited, self.changes = self.race.edited, 0
        self.run.advance("play", 1)

    @property
    def race(self) -> Any:
        return self.app.session_state["arena.race"]

    @property
    def run(self) -> Any:
        return self.app.session_state["arena.kept"]["run"]

    @property
    def form(self) -> Any:
        return self.app.session_state["arena.form"]

    def hear(self) -> None:
        """The browser shows what the server has last drawn, and holds its values from now on."""
        self.page, self.numbers, self.waiting = self.app._tree, list(self.race.lanes), None
        for kind in KINDS:
            for widget in self.page.get(kind):
                if kind != "button":
                    widget.set_value(widget.value)

    def find(self, name: str) -> Any:
        """The widget on the page that the browser shows."""
        elements = (each for kind in KINDS for each in self.page.get(kind))
        return next(each for each in elements if each.key and each.key.partition("~")[0].endswith(f".{name}"))

    def send(self) -> None:
        self.app._run(self.page.get_widget_states())
        assert not self.app.exception, self.app.exception
        if self.waiting is not None and self.is_current(self.waiting[0]):
            _, number, made = self.waiting
            self.waiting = None
            self.count(number, made)

    def is_current(self, widget: Any) -> bool:
        """Whether the server's page has this very widget too."""
        return any(each.key == widget.key for kind in KINDS for each in self.app._tree.get(kind))

    def count(self, number: int, made: Any) -> None:
        self.lanes[number] = made(self.lanes[number])
        self.changes += 1

    @rule()
    def hears(self) -> None:
        self.hear()

    @rule(place=st.integers(0, 7))
    def selects(self, place: int) -> None:
        pills = self.find("edited")
        number, takes = self.numbers[place % len(self.numbers)], self.is_current(pills)
        pills.set_value(number)
        self.send()
        if takes:
            self.edited = number

    def change(self, name: str, value: Any, made: Any) -> None:
        """Give a lane's widget a value; it counts for the lane whose widget it is, if that is still the one, or waits
        until the server shows that very widget again.
        """
        widget = self.find(name)
        number = int(widget.key.split(".")[1].removeprefix("lane"))
        takes = self.is_current(widget)
        if widget.value == value or (self.waiting is not None and not takes):
            return
        widget.set_value(value)
        self.send()
        if takes:
            self.count(number, made)
        else:
            self.waiting = (widget, number, made)

    @rule(rate=st.sampled_from(RATES[12:36]))
    def moves_the_rate(self, rate: float) -> None:
        self.change("learning_rate", rate, lambda lane: replace(lane, learning_rate=rate))

    @rule(method=st.sampled_from(METHODS))
    def chooses_a_method(self, method: str) -> None:
        def made(lane: LaneConfig) -> LaneConfig:
            untouched = lane.learning_rate == OPTIMIZERS[lane.optimizer].start_rate
            rate = OPTIMIZERS[method].start_rate if untouched else lane.learning_rate
            label = OPTIMIZERS[lane.optimizer].label
            name = lane.name.replace(label, OPTIMIZERS[method].label, 1)
            return replace(lane, optimizer=method, learning_rate=rate, options={}, name=name)

        self.change("optimizer", method, made)

    def wish(self, button: str) -> tuple[int, LaneConfig]:
        """Click a button; the lane that it is for: the one that the browser shows, if the server knows that choice."""
        pills = self.find("edited")
        number = pills.value if self.is_current(pills) else self.edited
        self.find(button).click()
        self.send()
        self.find(button)._value = False
        return number, self.lanes[number]

    @rule()
    def copies(self) -> None:
        if len(self.lanes) < 5:
            _, lane = self.wish("copy")
            self.edited = max(self.race.lanes)
            self.lanes[self.edited] = lane

    @rule()
    def forks(self) -> None:
        if len(self.lanes) < 5:
            number, lane = self.wish("fork")
            place = list(self.lanes).index(number)
            self.edited = max(self.race.lanes)
            name = (
                f"{OPTIMIZERS[lane.optimizer].label} from {'●■◆▲✚'[place]} at {self.run.experiment.updates}"
            )
            self.lanes[self.edited] = replace(lane, name=name)
            self.changes += 1

    @rule()
    def removes(self) -> None:
        if len(self.lanes) > 2:
            before = list(self.lanes)
            number, _ = self.wish("remove")
            del self.lanes[number]
            self.edited = list(self.lanes)[max(0, before.index(number) - 1)]
            self.changes = len(self.run.experiment.history.marks)  # those of the lane that is gone are gone

    @rule()
    def trains(self) -> None:
        self.run.advance("play", 1)

    @invariant()
    def the_run_is_what_was_asked_for(self) -> None:
        if hasattr(self, "lanes"):
            assert self.race.lanes == self.lanes
            assert self.race.edited == self.edited
            assert self.run.config.lanes == tuple(self.lanes.values())
            assert len(self.run.experiment.history.marks) == self.changes


TestLateBrowser = LateBrowser.TestCase
TestLateBrowser.settings = settings(max_examples=6, stateful_step_count=10, deadline=None)
