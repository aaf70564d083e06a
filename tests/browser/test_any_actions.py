"""The Arena under many quick actions while it plays, on a busy machine: what was done happens, once, and nothing else.

It takes minutes, so it runs only when it is asked for: `ACTIONS=300 pytest tests/browser/test_any_actions.py`; `SEED=7` is
another series. The same protocol runs with the suite, without a browser, in tests/pages/test_widgets_and_run.py.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import urllib.parse
import urllib.request
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from playwright.sync_api import expect

from engine import OPTIMIZERS, ExperimentConfig, LaneConfig, NetworkConfig
from engine.config.changes import describe_change
from pages.arena.line_ups import LINE_UPS, TUNED
from pages.shared.widgets.option import RATES
from tests.browser.conftest import served
from tests.browser.panel import button, settled, step

ACTIONS, SEED = int(os.environ.get("ACTIONS", "0")), int(os.environ.get("SEED", "1"))
BUSY = int(os.environ.get("BUSY", "2"))  # processes that keep a core busy each
METHODS = ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "lion", "adagrad")
VIEWS = ("Race", "Scores", "Seeds", "One weight")
DEFAULT = ExperimentConfig()


@pytest.fixture
def watched():
    with served("tests/browser/watched.py") as (address, _):
        yield address


@pytest.fixture
def busy():
    """The cores have something else to do."""
    spins = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(BUSY)]
    yield
    for spin in spins:
        spin.kill()
        spin.wait()


@dataclass
class Lane:
    """A lane as it must be: its settings now, and all that they have been since the last race began, with the action."""

    number: int
    config: LaneConfig
    past: list[tuple[int, LaneConfig]] = field(default_factory=list)
    forked: int | None = None

    def become(self, action: int, config: LaneConfig) -> None:
        self.config = config
        self.past.append((action, config))


class Person:
    """Does things in the browser, and knows what must come of them."""

    def __init__(self, page: Any, seed: int) -> None:
        self.page, self.random = page, random.Random(seed)
        self.action, self.chosen, self.numbers = 0, 0, 0
        self.line_up(LINE_UPS["tuned"].lanes(NetworkConfig()))  # what the Arena opens with

    def line_up(self, lanes: tuple[LaneConfig, ...]) -> None:
        self.lanes, self.chosen = [self.made(lane) for lane in lanes], 0

    def made(self, config: LaneConfig) -> Lane:
        """A new lane: each gets a number of its own, and its widgets are keyed by it."""
        self.numbers += 1
        return Lane(self.numbers, config, [(self.action, config)])

    def act(self) -> str:
        self.action += 1
        name = self.random.choices(
            ("select", "rate", "optimizer", "copy", "remove", "fork", "differ", "view", "leave"), (6, 6, 6, 2, 2, 2, 1, 2, 1)
        )[0]  # fmt: skip
        getattr(self, f"do_{name}")()
        self.page.wait_for_timeout(self.random.choice((0, 0, 50, 200, 600)))
        return name

    def play(self) -> None:
        """It trains; a change before the first update would leave no mark."""
        if self.page.locator('.dl-panel[data-playing="true"]').count() == 0:
            button(self.page, "Play").click()
        self.page.wait_for_function("Number(document.querySelector('.dl-panel')?.dataset.step) > 0")

    @property
    def pills(self) -> Any:
        return self.page.locator('[class*="st-key-arena-edited"] [role=radio]')

    def settle_on(self, place: int) -> None:
        """The editor shows the lane that it should."""
        expect(self.pills).to_have_count(len(self.lanes))
        expect(self.pills.nth(place)).to_have_attribute("aria-checked", "true")
        self.chosen = place

    def do_select(self) -> None:
        place = self.random.randrange(len(self.lanes))
        expect(self.pills).to_have_count(len(self.lanes))
        self.pills.nth(place).click()
        self.page.wait_for_timeout(self.random.choice((0, 300)))
        if self.pills.nth(place).get_attribute("aria-checked") != "true":  # its name changed under the hand
            self.pills.nth(place).click()
        self.settle_on(place)

    def do_rate(self) -> None:
        lane = self.lanes[self.chosen]
        self.see(lane)
        way, presses = self.random.choice((-1, 1)), self.random.randint(1, 3)
        self.page.get_by_role("slider", name="Learning rate η").focus()
        places = sorted({*RATES, lane.config.learning_rate})
        at = places.index(lane.config.learning_rate)
        for _ in range(presses):
            at = min(max(at + way, 0), len(places) - 1)
            self.page.keyboard.press("ArrowRight" if way > 0 else "ArrowLeft")
            lane.become(self.action, replace(lane.config, learning_rate=places[at]))
            self.page.wait_for_timeout(self.random.choice((0, 100, 300)))

    def do_optimizer(self) -> None:
        lane = self.lanes[self.chosen]
        self.see(lane)
        old = lane.config
        new = self.random.choice([key for key in METHODS if key != old.optimizer])
        untouched = old.learning_rate in (OPTIMIZERS[old.optimizer].start_rate, TUNED.get(old.optimizer))
        rate = OPTIMIZERS[new].start_rate if untouched else old.learning_rate
        self.page.get_by_role("combobox", name="Optimizer").click()
        self.page.get_by_role("option", name=OPTIMIZERS[new].label, exact=True).click()
        lane.become(
            self.action,
            replace(old, optimizer=new, learning_rate=rate, options={}, name=self.renamed(lane, new)),
        )

    def renamed(self, lane: Lane, optimizer: str) -> str:
        """A fork that nobody has named is named by its method and its origin."""
        name = lane.config.name
        return (
            name.replace(OPTIMIZERS[lane.config.optimizer].label, OPTIMIZERS[optimizer].label, 1)
            if " from " in name
            else name
        )

    def see(self, lane: Lane) -> None:
        """Wait until the widgets are those of the lane that is about to be changed, as a person does."""
        self.settle_on(self.chosen)
        expect(self.page.locator(f'[class*="st-key-arena-lane{lane.number}-optimizer"]')).to_be_visible()
        expect(self.page.get_by_role("combobox", name="Optimizer")).to_have_value(
            OPTIMIZERS[lane.config.optimizer].label
        )
        slider = self.page.get_by_role("slider", name="Learning rate η")
        expect(slider).to_have_attribute("aria-valuetext", f"{lane.config.learning_rate:.12g}")

    def do_copy(self) -> None:
        if len(self.lanes) < 8:
            self.settle_on(self.chosen)
            button(self.page, "Copy").click()
            config = self.lanes[self.chosen].config
            self.lanes.append(self.made(config))
            self.settle_on(len(self.lanes) - 1)

    def do_remove(self) -> None:
        if len(self.lanes) > 2:
            self.settle_on(self.chosen)
            button(self.page, "Remove").click()
            del self.lanes[self.chosen]
            self.settle_on(max(0, self.chosen - 1))

    def do_fork(self) -> None:
        if len(self.lanes) < 8:
            self.settle_on(self.chosen)
            button(self.page, "Fork here").click()
            button(self.page, "Fork").click()
            parent, place = self.lanes[self.chosen].config, len(self.lanes)
            expect(self.pills).to_have_count(place + 1)
            name = self.now()["config"]["lanes"][place]["name"]
            assert name.startswith(f"{OPTIMIZERS[parent.optimizer].label} from ")
            config = replace(parent, name=name)
            self.lanes.append(replace(self.made(config), forked=self.chosen))
            self.settle_on(place)

    def do_differ(self) -> None:
        key = self.random.choice(("rates", "optimizers", "tuned", "batches", "penalties"))
        lanes = LINE_UPS[key].lanes(NetworkConfig())
        if tuple(lane.config for lane in self.lanes) == lanes:
            return
        self.page.get_by_role("combobox", name="What differs").click()
        self.page.get_by_role("option", name=f"Differ: {LINE_UPS[key].label}", exact=True).click()
        self.line_up(lanes)
        self.page.wait_for_function("document.querySelector('.dl-panel')?.dataset.step === '0'")
        self.settle_on(0)
        self.play()

    def do_view(self) -> None:
        self.page.get_by_role("radio", name=self.random.choice(VIEWS), exact=True).click()

    def do_leave(self) -> None:
        self.page.get_by_role("link", name="Playground").click()
        expect(self.page.locator('[data-chart="network"]')).to_be_visible(timeout=120_000)
        self.page.get_by_role("link", name="Arena").click()
        expect(self.pills).to_have_count(len(self.lanes), timeout=120_000)
        self.play()

    def now(self) -> dict[str, Any]:
        """What the server holds."""
        with urllib.request.urlopen(urllib.parse.urljoin(self.page.url, "/marks"), timeout=20) as answer:
            state = json.load(answer)
        return state | dict(config=json.loads(state["config"]))


def follow(lane: Lane, texts: list[str]) -> list[int]:
    """The actions that the marks of a lane came from: each must lead from one of its settings to a later one."""
    at, actions = 0, []
    for text in texts:
        later = (
            k
            for k in range(at + 1, len(lane.past))
            if describe_change(lane.past[at][1], lane.past[k][1]) == text
        )
        found = next(later, None)
        assert found is not None, f"{text!r} is none of {[each for _, each in lane.past[at:]]}"
        at = found
        actions.append(lane.past[at][0])
    assert describe_change(lane.past[at][1], lane.config) == "", f"missing: {lane.past[at:]} after {texts}"
    return actions


@pytest.mark.skipif(not ACTIONS, reason="asked for with ACTIONS=300")
@pytest.mark.parametrize("seed", [SEED])
def test_whatever_is_done_while_it_plays_happens_once_and_nothing_else_does(page, watched, busy, seed):
    page.goto(f"{watched}/arena")
    expect(page.locator(".dl-panel[data-run]")).to_be_visible(timeout=60_000)
    settled(page)
    page.set_default_timeout(120_000)
    expect.set_options(timeout=120_000)
    person = Person(page, seed)
    person.play()
    done = [person.act() for _ in range(ACTIONS)]
    print(done)
    button(page, "Pause").click()
    page.wait_for_timeout(3000)
    state, lanes = person.now(), person.lanes
    query = {
        key: value[-1] for key, value in urllib.parse.parse_qs(urllib.parse.urlparse(page.url).query).items()
    }
    linked = ExperimentConfig.from_query({"opt": "sgd"} | query).lanes
    held = ExperimentConfig.from_json(json.dumps(state["config"])).lanes
    assert held == tuple(lane.config for lane in lanes)
    assert linked == held
    actions = []
    for row, lane in enumerate(lanes):
        texts = [(k, text) for k, (_, at, text) in enumerate(state["marks"]) if at == row]
        if lane.forked is not None:
            texts = [(k, text) for k, text in texts if not text.startswith("forked")] if texts else texts
        actions += list(zip([k for k, _ in texts], follow(lane, [text for _, text in texts]), strict=True))
    order = [action for _, action in sorted(actions)]
    assert order == sorted(order), "in the order in which they were made"
    shown = page.evaluate("document.querySelector('[data-chart=loss] .dl-plot')?.layout?.shapes?.length ?? 0")
    assert shown >= len(state["marks"]) or not page.locator('[data-chart="loss"]').count()
    assert step(page) == state["updates"]
