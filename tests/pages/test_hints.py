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
