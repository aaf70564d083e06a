"""A rate that is too large is said, also where the lane does not diverge; the chart is not flattened by it."""

from dataclasses import replace

import pytest

from engine import ExperimentConfig, LaneConfig
from engine.data.load import load_dataset
from pages.learning_rate.ladder import LadderRun
from pages.playground.run import PlaygroundRun
from pages.shared.cards.curves import CEILING, CurvesCard
from pages.shared.figures.loss import above

DATA = load_dataset(ExperimentConfig().dataset)


def played(*lanes: LaneConfig, updates: int = 60) -> PlaygroundRun:
    run = PlaygroundRun(ExperimentConfig(lanes=lanes), DATA, False)
    for _ in range(updates):
        run.advance("play", 1)
    return run


@pytest.mark.parametrize("method", ["sgd", "adam", "rmsprop", "lion"])
def test_a_rate_of_100_says_what_it_does(method):
    run = played(LaneConfig(method, 100.0))
    history = run.experiment.history.train_loss[:, 0]
    message = run.state()["message"] or ""
    assert history[-20:].min() > 0 and "the learning rate 100 is too large" in message
    if run.experiment.status[0].state == "running":
        assert "times what it was at the start" in message


def test_a_good_rate_and_a_run_without_a_rate_are_not_blamed():
    assert played(LaneConfig("sgd", 0.3)).reason(0) == ""
    assert "too large" not in played(LaneConfig("bfgs", 1.0), updates=25).reason(0)


def test_a_rate_that_was_lowered_is_not_blamed_for_the_last_one():
    run = played(LaneConfig("adam", 100.0))
    assert "100 is too large" in run.reason(0)
    run.swap(replace(run.config, lanes=(LaneConfig("adam", 0.001),)))
    for _ in range(40):
        run.advance("play", 1)
        assert run.reason(0) == ""


def test_the_ladder_shows_large_rates_and_says_nothing_of_them():
    run = LadderRun(
        ExperimentConfig(lanes=(LaneConfig("adam", 0.01), LaneConfig("adam", 100.0))), DATA, False
    )
    for _ in range(40):
        run.advance("play", 1)
    assert run.state()["message"] is None


def test_what_has_left_the_chart_is_an_arrow_on_its_frame():
    assert above([3, 4, None], [50.0, 1.0, None], 10.0) == (
        [3, None, None],
        [10.0, None, None],
        [None, 1.0, None],
    )
    run = played(LaneConfig("adam", 0.01), LaneConfig("adam", 100.0))
    card = CurvesCard(run)
    start = run.experiment.lanes[1].first_loss
    assert card.spec()["ceiling"] == pytest.approx(CEILING * start)
    ends, arrows = card.frame()["set"]
    assert ends[2][1] is None and ends[2][0] == pytest.approx(run.experiment.history.train_loss[-1, 0])
    assert arrows[2] == [None, pytest.approx(CEILING * start)] and arrows[1] == [None, 60.0]
    assert card.spec()["per_lane"] == [ends[0], arrows[0]]
    run.metric = "train_accuracy"
    assert "ceiling" not in card.spec()


def test_after_divergence_the_message_names_the_rate_it_diverged_with():
    plane = replace(ExperimentConfig().dataset, name="plane")
    config = ExperimentConfig(plane, lanes=(LaneConfig("sgd", 100.0),))
    run = PlaygroundRun(config, load_dataset(plane), False)
    while not run.experiment.finished:
        run.advance("play", 1)
    run.swap(replace(config, lanes=(LaneConfig("sgd", 2.0),)))
    assert run.state()["finished"] and "the learning rate 100 is too large" in run.state()["message"]
