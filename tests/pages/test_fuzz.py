"""Whatever a client sends as a pull or a click: no exception, bounded work, an answer in plain JSON."""

import json
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import DatasetConfig, ExperimentConfig, LaneConfig
from engine.data.load import load_dataset
from pages.arena.run import ArenaRun
from pages.playground.run import PlaygroundRun
from pages.shared.live.answers import MOST_UNSEEN, Mailbox, respond
from pages.shared.live.protocol import ACTIONS
from pages.shared.live.request import MOST_UPDATES, read_request

NUMBERS = st.one_of(
    st.integers(), st.floats(), st.just(10**400), st.just(-(10**400)), st.sampled_from([1e308, 2**63])
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
CHARTS = ["network", "boundary", "loss", "landscape", "weight", "phases", "lane0", "paths", "surface"]
CLICKS = VALUES | st.fixed_dictionaries(
    dict(
        chart=st.sampled_from(CHARTS) | VALUES, x=NUMBERS | st.text(max_size=10) | VALUES, y=NUMBERS | VALUES
    )
)
FIELDS = ("sequence", "seen", "frames", "updates", "budget_ms", "coarse", "have", "rests", "until", "run")


def experiment(lanes: int) -> ExperimentConfig:
    dataset = DatasetConfig("xor", samples=40)
    return ExperimentConfig(
        dataset, batch_size=10, lanes=tuple(LaneConfig("sgd", 0.1 * k) for k in range(1, lanes + 1))
    )


@cache
def run_of(kind: str):
    """One run for all examples: what the one has done, the next may find."""
    config = experiment(2 if kind != "playground" else 1)
    data = load_dataset(config.dataset)
    if kind == "playground":
        return PlaygroundRun(config, data, dark=False)
    run = ArenaRun(config, data, dark=False)
    run.show(kind)
    return run


@pytest.mark.parametrize("kind", ["playground", "race", "weight", "slow"])
@settings(max_examples=40, deadline=None)
@given(
    action=st.sampled_from([a for a in ACTIONS if a != "retrain"]) | VALUES,
    fields=st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6),
    click=CLICKS,
    is_ours=st.booleans(),
)
def test_any_pull_is_answered(kind, action, fields, click, is_ours):
    run, mailbox = run_of(kind), Mailbox()
    raw = {"budget_ms": 1, "frames": 1} | fields | {"action": action, "click": click}
    if is_ours:
        raw["run"] = run.run_id
    request = read_request(raw)
    before = run.step()
    answer = respond(run, mailbox, request)
    if isinstance(answer, bytes):
        json.loads(answer, parse_constant=pytest.fail)
    assert len(mailbox.outbox) <= MOST_UNSEEN
    if request is not None and request["action"] == "play":
        assert run.step() - before <= MOST_UPDATES * request["frames"]


@given(VALUES)
def test_what_is_no_pull_is_none(raw):
    request = read_request(raw)
    assert request is None or request["action"] in ACTIONS
