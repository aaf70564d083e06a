"""A lane that is taken out leaves no trace in the others."""

import numpy as np
import pytest

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.removal import remove_lane

LANES = (LaneConfig("sgd", 0.3), LaneConfig("adam", 0.01), LaneConfig("sgd", 0.1), LaneConfig("lbfgs", 1.0))


def experiment(lanes=LANES):
    return Experiment(ExperimentConfig(DatasetConfig("moons", samples=40), NetworkConfig((4,)), batch_size=8, lanes=lanes))


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
