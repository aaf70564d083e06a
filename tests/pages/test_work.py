"""Long work in slices: an epoch, a lost run that is trained back, the view at rest; what takes long asks first."""

import itertools
import json

import numpy as np

from engine import DatasetConfig, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import load_dataset
from pages.playground.run import PlaygroundRun
from pages.shared.cards import slice as slice_card
from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.request import read_request
from pages.shared.live.work import duration


def make_run(samples=100, batch_size=1):
    dataset = DatasetConfig("circles", samples=samples)
    config = ExperimentConfig(
        dataset, NetworkConfig(hidden=(3,)), batch_size=batch_size, lanes=(LaneConfig("sgd", 0.1),)
    )
    return PlaygroundRun(config, load_dataset(dataset), dark=False)


def clock(seconds):
    """A clock that goes on by so many seconds at each look."""
    return (k * seconds for k in itertools.count()).__next__


def ask(run, mailbox, action, **more):
    raw = dict(
        action=action, run=run.run_id, sequence=1, seen=-1, frames=3, updates=2, budget_ms=150, have={}
    )
    return json.loads(respond(run, mailbox, read_request(raw | more)))


def test_a_short_epoch_is_one_slice():
    run, mailbox = make_run(), Mailbox(clock(0.0))
    answer = ask(run, mailbox, "epoch")
    assert answer["work"] is None
    assert run.step() == len(run.data.X_train)
    assert answer["rest"]


def test_a_long_epoch_comes_in_slices_and_ends_where_it_would_have_ended():
    run, mailbox = make_run(), Mailbox(clock(0.04))
    answers = [ask(run, mailbox, "epoch")]
    while answers[-1]["work"]:
        answers.append(ask(run, mailbox, "go on"))
    shares = [answer["work"]["share"] for answer in answers[:-1]]
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert run.step() == len(run.data.X_train)
    whole = make_run()
    whole.experiment.step(run.step())
    assert np.array_equal(run.experiment.theta(0), whole.experiment.theta(0))  # the same run, to the bit


def test_anything_else_that_is_asked_ends_long_work():
    run, mailbox = make_run(), Mailbox(clock(0.04))
    ask(run, mailbox, "epoch")
    reached = run.step()
    assert ask(run, mailbox, "rest")["work"] is None
    assert ask(run, mailbox, "go on")["work"] is None
    assert run.step() == reached


def test_what_takes_over_a_minute_asks_once_and_says_how_long():
    run, mailbox = make_run(), Mailbox(clock(10.0))
    first = ask(run, mailbox, "retrain", until=40)
    assert first["work"]["asks"]
    assert "left" in first["work"]["text"]
    assert not ask(run, mailbox, "go on")["work"]["asks"]


def test_a_lost_run_is_trained_back_to_where_it_was():
    lost = make_run()
    lost.experiment.step(123)
    run, mailbox = make_run(), Mailbox(clock(0.0))
    ask(run, mailbox, "retrain", until=123)
    assert run.step() == 123
    assert np.array_equal(run.experiment.theta(0), lost.experiment.theta(0))
    assert ask(run, mailbox, "retrain", until=5)["work"] is None
    assert run.step() == 123


def test_training_back_is_bounded_whatever_a_client_asks():
    request = read_request(dict(action="retrain", until=10**400))
    assert request["until"] <= 10_000_000
    assert read_request(dict(action="retrain", until="all"))["until"] == 0


def test_a_frame_of_slow_updates_has_fewer_of_them():
    run, mailbox = make_run(), Mailbox(clock(0.04))
    ask(run, mailbox, "play", updates=100)
    before = run.step()
    ask(run, mailbox, "play", updates=100, frames=1)
    assert 0 < run.step() - before < 100 + 1
    mailbox.cost = 1.0
    before = run.step()
    ask(run, mailbox, "play", updates=100, frames=1)
    assert run.step() == before + 1


def test_the_slice_at_rest_gets_finer_until_it_is_whole(monkeypatch):
    run, mailbox = make_run(), Mailbox(clock(0.0))
    monkeypatch.setattr(slice_card.time, "perf_counter", clock(1.0))
    parts = [ask(run, mailbox, "rest")["rest"]["landscape"]]
    while parts[-1]["progress"] < 1:
        parts.append(ask(run, mailbox, "refine")["rest"]["landscape"])
    assert len(parts) > 2
    sizes = [len(trace["x"]["bdata"]) for part in parts if "figure" in part
             for trace in part["figure"]["data"] if trace["type"] == "contour"]  # fmt: skip
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_durations_are_said_in_words():
    assert duration(0.2) == "about 1 s"
    assert duration(61) == "about 61 s"
    assert duration(240) == "about 4 minutes"
    assert duration(7300) == "about 2 hours"
