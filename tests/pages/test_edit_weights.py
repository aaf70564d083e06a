"""Weights that are set in the diagram: what follows, the mark on the chart, and places that there are not."""

import json

import numpy as np
import pytest

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import load_dataset
from pages.playground.run import PlaygroundRun
from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.request import read_request

CONFIG = ExperimentConfig(
    DatasetConfig("moons", samples=60), NetworkConfig((3,)), lanes=(LaneConfig("adam", 0.02),)
)


def trained(updates=5):
    run = PlaygroundRun(CONFIG, load_dataset(CONFIG.dataset), False)
    for _ in range(updates):
        run.forward("play", 1)
    return run


def click(run, x, y):
    raw = dict(
        action="click", run=run.run_id, sequence=1, seen=-1, frames=1, updates=1, budget_ms=150, have={}
    )
    click = dict(chart="network", x=x, y=y)
    return json.loads(respond(run, Mailbox(clock=lambda: 0.0), read_request(raw | dict(click=click))))


def test_a_weight_is_set_and_everything_follows():
    run = trained()
    before = run.experiment.theta(0)
    answer = click(run, "0:1:2", 2.5)
    after = run.experiment.theta(0)
    assert run.experiment.weights(0)[0][0][1, 2] == 2.5
    assert (after != before).sum() == 1
    assert set(answer["rest"]) == {"network", "boundary", "loss", "landscape"}
    assert run.experiment.history.train_loss[-1, 0] == run.experiment.evaluate()["train_loss"][0]
    click(run, "1:3:0", -1.25)  # the source after the last is the bias
    assert run.experiment.weights(0)[1][1][0] == -1.25


def test_a_drag_is_one_mark_from_the_first_value_to_the_last():
    run = trained()
    old = run.experiment.weights(0)[0][0][0, 0]
    for value in (0.5, 0.75, 1.0):
        click(run, "0:0:0", value)
    click(run, "0:0:1", 1.0)
    texts = [text for step, _, text in run.experiment.history.marks if step == 5]
    assert len(texts) == 2
    assert texts[0].startswith("layer 1: input 1 → neuron 1 ") and texts[0].endswith("→ 1")
    assert f"{old:.3g}".removeprefix("-") in texts[0]


def test_training_goes_on_from_there_with_the_optimizers_averages():
    run = trained()
    state = run.experiment.moment().lanes[0].optimizer_state
    click(run, "0:0:0", 1.0)
    kept = run.experiment.moment().lanes[0].optimizer_state
    assert all(np.array_equal(state[name], kept[name]) for name in state) and state
    run.forward("step", 1)
    assert run.step() == 6
    assert run.experiment.weights(0)[0][0][0, 0] != 1.0


@pytest.mark.parametrize(
    "x", ["", "0:0", "0:0:99", "9:0:0", "0:9:0", "-1:0:0", "0:0:0:0", "a:b:c", "1e3:0:0", "²:0:0", 7]
)
def test_a_place_that_there_is_not_changes_nothing(x):
    run = trained()
    before = run.experiment.theta(0)
    click(run, x, 1.0)
    assert np.array_equal(run.experiment.theta(0), before)
    assert not run.experiment.history.marks


@pytest.mark.parametrize(("value", "set_to"), [(1e300, 1000.0), (-5e4, -1000.0)])
def test_values_are_clamped(value, set_to):
    run = trained()
    click(run, "0:0:0", value)
    assert run.experiment.weights(0)[0][0][0, 0] == set_to


def test_without_biases_none_can_be_set():
    config = ExperimentConfig(CONFIG.dataset, NetworkConfig((3,), biases=False))
    run = PlaygroundRun(config, load_dataset(config.dataset), False)
    click(run, "0:2:0", 1.0)
    assert run.experiment.weights(0)[0][1][0] == 0
    assert "biases" not in run.cards[0].rest()


def test_a_weight_is_set_at_the_newest_moment():
    run = trained()
    run.go_to(1)
    click(run, "0:0:0", 1.0)
    assert run.step() == 5


@pytest.mark.parametrize(("index", "value"), [(-1, 0.0), (99, 0.0), (0, float("nan")), (0, float("inf"))])
def test_the_engine_refuses_what_does_not_fit(index, value):
    experiment = Experiment(CONFIG)
    with pytest.raises(ValueError, match="can't be"):
        experiment.set_parameter(0, index, value)
