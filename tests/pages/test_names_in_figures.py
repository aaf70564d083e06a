"""A name with a tag in it, of a lane or of a table's column or class, is text in every figure."""

import json

import pytest

from engine import DatasetConfig, ExperimentConfig, LaneConfig
from engine.data.load import load_dataset
from pages.arena.run import ArenaRun
from pages.playground.run import PlaygroundRun
from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.request import read_request

EVIL = "<b>x</b>%{y}"
ROWS = "".join(f"{k % 7},{k % 5},{EVIL if k % 7 > 3 else 'no'}\n" for k in range(60))


def figures(run):
    """The text of every figure and exact view that the browser gets."""
    answer = json.loads(respond(run, Mailbox(), None))
    run.advance("play", 2)
    rest = dict(action="rest", run=run.run_id, sequence=1, seen=-1)
    again = json.loads(respond(run, Mailbox(), read_request(rest)))
    plotly = {card["name"] for card in answer["charts"] if card["kind"] == "plotly"}
    for said in (answer, again):
        for card in said["charts"]:
            if card["name"] in plotly:
                yield card["name"], json.dumps(card.get("figure"))
        yield from (
            (name, json.dumps(part.get("figure"))) for name, part in said["rest"].items() if name in plotly
        )


@pytest.mark.parametrize("panel", ["race", "scores", "seeds", "weight", "slow"])
def test_a_lanes_name_is_text_in_every_figure(panel):
    dataset = DatasetConfig("circles")
    lanes = (LaneConfig("sgd", 0.1, name=EVIL), LaneConfig("adam", 0.01))
    run = ArenaRun(ExperimentConfig(dataset, lanes=lanes), load_dataset(dataset), dark=False)
    run.show(panel)
    shown = dict(figures(run))
    assert shown
    for name, text in shown.items():
        assert "<b>x" not in text, name
        assert "%{y}<" not in text, name


def test_columns_and_classes_are_text_in_every_figure():
    dataset = DatasetConfig("csv", csv=f"{EVIL},b,kind\n{ROWS}")
    run = PlaygroundRun(
        ExperimentConfig(dataset, lanes=(LaneConfig("sgd", 0.1),)), load_dataset(dataset), dark=False
    )
    shown = dict(figures(run))
    assert any("&lt;b&gt;x" in text for text in shown.values())
    for name, text in shown.items():
        assert "<b>x" not in text, name
