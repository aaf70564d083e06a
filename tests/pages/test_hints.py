"""Hints name what is on the page, speeds are ones that the browser offers, copies have names of their own."""

import json
import re
from pathlib import Path

import pytest

from engine import ExperimentConfig, LaneConfig
from engine.data.load import load_dataset
from pages.arena.run import ArenaRun
from pages.learning_rate.schedules import SchedulesRun
from pages.playground.run import PlaygroundRun
from pages.shared.figures.looks import lane_names
from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.run import boundary_layout

ROOT = Path(__file__).parents[2]
TWO = ExperimentConfig(lanes=(LaneConfig("sgd", 0.1), LaneConfig("adam", 0.01)))


@pytest.mark.parametrize("kind", [PlaygroundRun, ArenaRun, SchedulesRun])
def test_a_run_says_its_hints_and_a_speed_that_can_be_chosen(kind):
    run = kind(TWO, load_dataset(TWO.dataset), False)
    answer = json.loads(respond(run, Mailbox(), None))
    speeds = re.findall(r"updates: (\d+) }", (ROOT / "assets" / "live" / "speeds.js").read_text())
    assert str(answer["speed"]) in speeds
    assert answer["hints"] == list(run.hints)
    assert [hint["step"] for hint in run.hints] == sorted(hint["step"] for hint in run.hints)


def test_names_of_hints_are_remembered_so_each_is_of_one_hint():
    names = [hint["name"] for kind in (PlaygroundRun, ArenaRun) for hint in kind.hints]
    assert len(set(names)) == len(names) == 3


def test_the_hint_to_fork_names_the_button():
    editor = (ROOT / "pages" / "arena" / "lane_editor.py").read_text()
    assert "Fork here" in ArenaRun.hints[1]["text"] and '"Fork here"' in editor


def test_lanes_that_are_alike_are_named_as_copies():
    alike = LaneConfig("sgd", 0.3)
    lanes = (alike, LaneConfig("sgd", 0.1), alike, alike)
    names = lane_names(ExperimentConfig(lanes=lanes))
    assert len(set(names)) == 4
    assert names[2:] == [f"{names[0]}, copy 2", f"{names[0]}, copy 3"]


@pytest.mark.parametrize(("lanes", "rows"), [(2, 1), (4, 1), (5, 1), (6, 1), (8, 1), (11, 2)])
def test_boundaries_stand_in_as_few_rows_as_leave_them_wide_enough(lanes, rows):
    areas, heights = boundary_layout(lanes, loss=1, paths=1)
    lines = [line.split() for line in areas.strip('"').split('" "')]
    assert len(lines) == rows + 1 and len({len(line) for line in lines}) == 1
    assert {name for line in lines[:-1] for name in line} - {"."} == {f"lane{k}" for k in range(lanes)}
    assert heights.count("minmax") == rows + 1


@pytest.mark.parametrize("seeds", [1, 3])
def test_a_median_and_a_first_seed_are_called_that(seeds):
    run = ArenaRun(TWO, load_dataset(TWO.dataset), False, seeds=seeds)
    labels = [label for label, _ in run.state()["readout"]]
    assert ("Lowest train loss, median of 3" if seeds > 1 else "Lowest train loss") in labels
    captions = [card.spec()["caption"] for card in run.cards if card.name.startswith("boundary")]
    assert len(captions) == 2 and all(caption.endswith("first seed") == (seeds > 1) for caption in captions)
