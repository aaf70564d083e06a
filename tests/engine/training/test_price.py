"""Prices: what an update costs a lane alone, whatever company it trains in."""

from dataclasses import replace

import numpy as np
import pytest

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.training import price
from engine.training.blocks import Block
from engine.training.paces import advance_milliseconds
from engine.training.price import price_lanes
from engine.training.roster import add_lane


def make(*lanes, **more):
    return Experiment(ExperimentConfig(DatasetConfig("moons", samples=300), NetworkConfig((4,)), lanes=lanes, **more))  # fmt: skip


@pytest.fixture
def work(monkeypatch):
    """A clock that counts work: lanes that train together share the larger part of it, as they do on a machine."""
    done, step = [0.0], Block.step

    def counted(block, updates):
        count = step(block, updates)
        done[0] += count * (80 + block.size) * 1e-6 * (7 + len(block.lanes)) / 8
        return count

    monkeypatch.setattr(Block, "step", counted)
    monkeypatch.setattr(price, "CLOCK", lambda: done[0])


def test_equal_methods_in_unequal_company_get_equal_updates(work):
    """Seven like lanes train as one array, the eighth alone, as its batches hold one sample less."""
    experiment = make(*[LaneConfig("adam", 0.01)] * 7, LaneConfig("adam", 0.01, batch_size=31))
    for _ in range(50):
        advance_milliseconds(experiment, 2.0)
    updates = np.array([lane.updates for lane in experiment.lanes])
    assert len(set(updates[:7])) == 1
    assert updates[7] == pytest.approx(updates[0], rel=0.1)


def test_a_lane_at_another_place_in_the_data_makes_the_same_updates():
    """By the machine's own clock: what is alike has one price, though it trains by itself."""
    experiment = make(*[LaneConfig("adam", 0.01)] * 8)
    experiment.step(3)
    experiment.swap(7, LaneConfig("adam", 0.01, batch_size=9))
    experiment.swap(7, LaneConfig("adam", 0.01))
    before = [lane.updates for lane in experiment.lanes]
    for _ in range(20):
        advance_milliseconds(experiment, 1.0)
    assert len(experiment.blocks) > 1
    assert len({lane.updates - old for lane, old in zip(experiment.lanes, before, strict=True)}) == 1


def test_milliseconds_are_updates_times_the_price(work):
    experiment = make(LaneConfig("sgd", 0.1), LaneConfig("sgd", 0.1, batch_size=1), LaneConfig("adam", 0.01))
    price_lanes(experiment)
    experiment.step(40)
    for lane in experiment.lanes:
        assert lane.milliseconds == pytest.approx(40 * lane.price)
        assert lane.price == pytest.approx(1000 * (80 + lane.batch_size) * 1e-6)
    assert experiment.history.series("milliseconds")[-1, 2] == experiment.lanes[2].milliseconds


def test_a_race_is_priced_once_and_what_changes_the_cost_is_priced_again(work):
    experiment = make(LaneConfig("sgd", 0.1), LaneConfig("sgd", 0.2))
    price_lanes(experiment)
    old = [lane.price for lane in experiment.lanes]
    assert old[0] == old[1] > 0
    experiment.swap(0, LaneConfig("sgd", 0.3))
    assert experiment.lanes[0].price == old[0]
    experiment.swap(0, LaneConfig("sgd", 0.3, batch_size=120))
    price_lanes(experiment)
    assert experiment.lanes[0].price > old[0] and experiment.lanes[1].price == old[1]
    assert experiment.lanes[add_lane(experiment, LaneConfig("sgd", 0.4))].price == old[1]


@pytest.mark.parametrize("optimizer", ["newton", "lbfgs", "bfgs", "random_search"])
def test_methods_that_ask_where_they_want_pay_for_each_gradient(optimizer):
    experiment = make(LaneConfig(optimizer, 1.0), LaneConfig("sgd", 0.1))
    theta = experiment.theta(0)
    price_lanes(experiment)
    assert np.array_equal(experiment.theta(0), theta) and experiment.costs[0].sample_gradients == 0
    experiment.step(4)
    lane = experiment.lanes[0]
    assert lane.price > 0 and lane.milliseconds == pytest.approx(lane.sample_gradients * lane.price)


def test_prices_do_not_change_what_is_trained():
    config = make(
        LaneConfig("adam", 0.01), LaneConfig("momentum", 0.1, l2=0.1), LaneConfig("newton", 1.0)
    ).config
    plain, priced = Experiment(config), Experiment(replace(config))
    price_lanes(priced)
    for experiment in (plain, priced):
        experiment.step(25)
    assert all(np.array_equal(plain.theta(k), priced.theta(k)) for k in range(3))


def test_a_lane_that_would_diverge_at_once_can_be_priced():
    experiment = make(LaneConfig("sgd", 1000.0), LaneConfig("newton", 1000.0), loss="mean_squared_error")
    price_lanes(experiment)
    assert all(lane.price > 0 and lane.status.state == "running" for lane in experiment.lanes)
