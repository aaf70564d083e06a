"""The list of runs: what it takes in, what the browser is told and tells, and the ways out of it."""

import csv
import io
import json
from dataclasses import replace

import pytest

from engine import DatasetConfig, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import load_dataset
from engine.studies.run_record import MOST_RECORDS, write_records
from pages.arena.run import ArenaRun
from pages.playground.run import PlaygroundRun
from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.request import read_request
from pages.shared.live.runs import RunList
from pages.shared.runs import raced, rows, table_csv, take_file, why_not
from pages.shared.widgets.experiment import link_query
from tests.pages.app import run_of, start

DATA = DatasetConfig("moons", samples=60)
CONFIG = ExperimentConfig(DATA, NetworkConfig((4,)), lanes=(LaneConfig("sgd", 0.3),))


def make(config=CONFIG, kind=PlaygroundRun):
    return kind(config, load_dataset(config.dataset), False)


def pull(run, mailbox, action, **more):
    raw = dict(
        action=action, run=run.run_id, sequence=1, seen=-1, frames=1, updates=3, budget_ms=150, have={}
    )
    answer = json.loads(respond(run, mailbox, read_request(raw | more)))
    mailbox.outbox.clear()
    return answer


def test_a_run_is_listed_when_it_pauses_and_when_it_is_reset():
    run, mailbox = make(), Mailbox(clock=lambda: 0.0)
    assert pull(run, mailbox, "rest")["runs"] is None  # nothing has trained yet
    assert pull(run, mailbox, "play")["runs"] is None  # nothing is told while it plays
    told = pull(run, mailbox, "rest")["runs"]
    assert [each["updates"] for each in told["set"].values()] == [3]
    assert pull(run, mailbox, "rest")["runs"] is None  # it has not changed
    pull(run, mailbox, "play")
    pull(run, mailbox, "reset")  # while it played
    pull(run, mailbox, "step")
    assert [each.updates for each in mailbox.runs.records.values()] == [6, 1]


def test_what_a_fork_leaves_behind_is_a_run_of_its_own():
    run, mailbox = make(), Mailbox(clock=lambda: 0.0)
    for _ in range(3):
        pull(run, mailbox, "play")
    pull(run, mailbox, "moment", moment=1)
    assert [each.updates for each in mailbox.runs.records.values()] == [9]  # looking back is no run
    pull(run, mailbox, "fork")
    pull(run, mailbox, "step")
    assert [each.updates for each in mailbox.runs.records.values()] == [9, 4]


def test_a_new_session_takes_what_the_browser_holds_and_leaves_out_what_is_damaged():
    run, mailbox = make(), Mailbox(clock=lambda: 0.0)
    assert pull(run, mailbox, "step")["wants_runs"] is True
    held = pull(run, Mailbox(clock=lambda: 0.0), "rest")["runs"]["set"]
    key = next(iter(held))
    held |= {"bad": {"key": "bad"}, "other": held[key] | dict(key="other", name="<b>kept</b>")}
    del held[key]
    answer = pull(run, mailbox, "rest", runs=json.dumps(held))
    assert answer["wants_runs"] is False
    assert [each.name for each in mailbox.runs.records.values()] == ["<b>kept</b>", ""]


@pytest.mark.parametrize("text", ["", "null", "[]", "[[[", '{"a": 1}', "x" * 3_000_000, "[" * 10**6, 5, None])
def test_a_browser_that_holds_something_else_loses_nothing_and_adds_nothing(text):
    run, mailbox = make(), Mailbox(clock=lambda: 0.0)
    pull(run, mailbox, "step")
    answer = pull(run, mailbox, "rest", runs=text)
    assert answer["wants_runs"] is False
    assert len(mailbox.runs.records) == 1


def test_the_list_is_bounded_and_the_browser_hears_of_those_that_go():
    runs = RunList()
    run = make()
    run.forward("step", 1)
    for k in range(MOST_RECORDS + 5):
        runs.see(replace(run.record(), key=f"r{k}"))
    assert len(runs.records) == MOST_RECORDS >= 20
    news = runs.news()
    assert news["drop"] == [f"r{k}" for k in range(5)]
    assert len(news["set"]) == MOST_RECORDS
    runs.rename("r60", "mine")
    assert list(runs.news()["set"]) == ["r60"]
    assert runs.news() is None


def listed():
    runs = RunList()
    for k, lane in enumerate((LaneConfig("sgd", 0.3), LaneConfig("adam", 0.05))):
        run = make(replace(CONFIG, lanes=(lane,), seed=k))
        run.advance("play", 20)
        runs.put(run.record())
    return runs


def test_the_table_and_its_csv_say_the_same():
    records = list(listed().records.values())
    records[1] = replace(records[1], name="=1+1")
    found = rows(records)
    assert [row["run"] for row in found] == [2, 1]
    assert found[0]["differs in"] == "seed 0 → 1, SGD → Adam, learning rate 0.3 → 0.05"
    lines = list(csv.DictReader(io.StringIO(table_csv(records))))
    assert float(lines[1]["train loss"]) == records[0].end("train_loss")
    assert lines[0]["name"] == "'=1+1"


def test_runs_race_with_their_own_seeds_and_come_to_the_same_bits():
    records = list(listed().records.values())
    config = raced(records)
    app = start("arena", **link_query(config))
    assert not app.warning
    race = run_of(app, "arena")
    assert [race.config.lane(k).seed for k in (0, 1)] == [0, 1]
    race.advance("play", 20)
    for k, record in enumerate(records):
        assert race.experiment.history.train_loss[-1, k] == record.end("train_loss")


def test_runs_with_other_data_or_too_many_lanes_are_not_raced():
    one = next(iter(listed().records.values()))
    other = replace(one, config=replace(one.config, dataset=DatasetConfig("xor")))
    assert "different data" in why_not([one, other])
    assert "9 lanes" in why_not([one] * 9)
    assert why_not([one, one]) == ""
    many = make(replace(CONFIG, lanes=(LaneConfig(),) * 3), ArenaRun)
    many.forward("step", 1)
    assert "9 lanes" in why_not([many.record()] * 3)


def test_a_file_is_taken_or_said_to_be_none_and_nothing_is_lost():
    runs = listed()
    text = write_records(list(runs.records.values()))
    assert take_file(runs, b"\xff\xfe") == "This is not a file of runs: it is not text."
    assert "damaged" in take_file(runs, text[:100].encode())
    assert len(runs.records) == 2
    empty = RunList()
    assert take_file(empty, text.encode()) == "2 runs were added."
    assert list(empty.records) == list(runs.records)
