"""Every card of every run, on every page and view, keeps to the protocol's types, and every pull is answered in plain JSON."""

import json
from pathlib import Path
from typing import NotRequired, get_args, get_origin, get_type_hints

import pytest

from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.protocol import Answer, Kind, LiveRun, Part, Rest, Spec, State
from pages.shared.live.request import read_request
from tests.hovers import complaints
from tests.pages.app import run_of, start

RUNS = (
    ("playground", "", {}), ("playground", "", {"data": "blobs", "loss": "huber"}), ("playground", "", {"data": "plane"}),
    ("playground", "", {"data": "sine", "val": "0.3"}), ("arena", "", {}), ("arena", "", {"panel": "scores"}), ("arena", "", {"panel": "seeds", "seeds": "5"}),
    ("arena", "", {"panel": "weight"}), ("arena", "", {"panel": "slow"}),
    ("learning_rate", "ladder", {}), ("learning_rate", "finder", {}), ("learning_rate", "map", {"updates": "50"}),
    ("learning_rate", "schedules", {}), ("learning_rate", "stability", {}),
    ("units", "activations", {}), ("units", "activations", {"part": "dead"}), ("units", "depth", {"part": "train"}),
    ("units", "start", {}), ("units", "collapse", {}), ("generalisation", "penalties", {}),
    ("landscape", "", {}), ("landscape", "", {"view": "surface", "beside": "spectrum", "cells": "25"}),
    ("landscape", "", {"view": "line", "beside": "curvature"}), ("landscape", "", {"plane": "weights", "beside": "network"}),
)  # fmt: skip


NOTHING = {"data": [], "layout": {}}
# pages whose pictures are stepped through in the browser, or whose runs are kept apart and tested with them
STEPPED = {"first_steps", "backpropagation", "capacity", "lessons", "lectures"}


def test_every_page_is_looked_at():
    pages = Path(__file__).resolve().parents[2] / "pages"
    rooms = {path.stem for path in pages.glob("*/*.py") if path.stem == path.parent.name}
    assert rooms == {page for page, _, _ in RUNS} | STEPPED


@pytest.mark.parametrize("page", sorted(STEPPED))
def test_pages_without_a_panel_open(page):
    start(page)


def open_run(page: str, view: str, query: dict[str, str]) -> LiveRun:
    app = start(page, **query, **({"view": view} if view else {}))
    return run_of(app, page, view)


def fits(value: dict, kind: type) -> None:
    """Only keys that the TypedDict has, and all that it requires."""
    hints = get_type_hints(kind, include_extras=True)
    assert set(value) <= set(hints), set(value) - set(hints)
    required = {key for key, hint in hints.items() if kind.__total__ and get_origin(hint) is not NotRequired}
    assert required <= set(value), required - set(value)


@pytest.mark.parametrize(("page", "view", "query"), RUNS)
def test_every_card_keeps_to_the_protocol(page, view, query):
    run = open_run(page, view, query)
    assert isinstance(run, LiveRun) and run.cards
    for action in ("play", "step"):
        for card in run.cards:
            spec = card.spec()
            fits(spec, Spec)
            assert spec["name"] == card.name and spec["kind"] in get_args(Kind)
            assert spec["title"] and spec["alt"] and spec["area"] in run.layout
            assert card.spec() == spec  # it describes, and changes nothing
            json.dumps([spec, card.mounted()], allow_nan=False)
            if (part := card.frame()) is not None:
                fits(part, Part)
            for rest in filter(None, (card.rest(), card.refine())):
                fits(rest, Rest)
                json.dumps(rest, allow_nan=False)
                assert not complaints(rest.get("figure", NOTHING), writes_powers=True)
            if spec["kind"] == "plotly":
                assert not complaints(card.mounted(), writes_powers=True)
        fits(run.state(), State)
        hash(run.moment())
        run.advance(action, 1)


@pytest.mark.parametrize(("page", "view", "query"), RUNS)
def test_every_pull_is_answered_in_plain_json(page, view, query):
    run = open_run(page, view, query)
    box = Mailbox(clock=lambda: 0.0)
    for sequence, action in enumerate(("rest", "play", "step", "refine", "epoch", "reset", "rest")):
        raw = dict(
            action=action, run=run.run_id, sequence=sequence, seen=-1, frames=2, updates=1, budget_ms=100
        )
        answer = json.loads(respond(run, box, read_request(raw)), parse_constant=pytest.fail)
        fits(answer, Answer)
        assert answer["sequence"] == sequence and answer["frames"] and answer["charts"]
