"""Lanes that come and go leave no trace in the others, and are as if they had been there all along."""

import numpy as np
import pytest

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.training.roster import add_lane, remove_lane

LANES = (LaneConfig("sgd", 0.3), LaneConfig("adam", 0.01), LaneConfig("sgd", 0.1), LaneConfig("lbfgs", 1.0))


def experiment(lanes=LANES):
    return Experiment(
        ExperimentConfig(DatasetConfig("moons", samples=40), NetworkConfig((4,)), batch_size=8, lanes=lanes)
    )


@pytest.mark.parametrize("gone", range(4))
def test_the_others_go_on_to_the_bit(gone):
    whole, cut = experiment(), experiment()
    for each in (whole, cut):
        each.step(7)
        each.history.mark(7, 2, "a mark")
    remove_lane(cut, gone)
    rest = [k for k in range(4) if k != gone]
    assert cut.config.lanes == tuple(LANES[k] for k in rest)
    for each in (whole, cut):
        each.step(9)
    for new, old in enumerate(rest):
        assert np.array_equal(cut.theta(new), whole.theta(old))
        assert np.array_equal(cut.history.train_loss[:, new], whole.history.train_loss[:, old])
    assert cut.history.marks == ([] if gone == 2 else [(7, 1 if gone < 2 else 2, "a mark")])
    cut.swap(0, LaneConfig("momentum", 0.05))
    cut.step(2)


def test_there_must_be_a_lane_and_one_must_stay():
    alone = experiment(LANES[:1])
    with pytest.raises(ValueError, match="at least one"):
        remove_lane(alone, 0)
    for lane in (-1, 1):
        with pytest.raises(ValueError, match="no lane"):
            remove_lane(alone, lane)


@pytest.mark.parametrize("added", [*LANES, LaneConfig("sgd", 1000.0, loss="mean_squared_error")])
def test_an_added_lane_is_as_if_it_had_been_there_from_the_start(added):
    first = LANES[:2]
    whole, grown = experiment((*first, added)), experiment(first)
    for each in (whole, grown):
        each.step(13)
    assert add_lane(grown, added) == 2
    for each in (whole, grown):
        each.step(9)
    assert grown.config == whole.config
    assert grown.history.steps.tolist() == whole.history.steps.tolist()
    for lane in range(3):
        assert np.array_equal(grown.theta(lane), whole.theta(lane))
        assert grown.status[lane] == whole.status[lane]
        for name in ("train_loss", "test_loss", "updates", "sample_gradients"):
            assert np.array_equal(
                grown.history.series(name)[:, lane], whole.history.series(name)[:, lane], equal_nan=True
            )
