"""An experiment at one of its earlier moments: shown again and gone on from, bit for bit."""

import numpy as np
import pytest

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.training.history import COSTS, SERIES, History

LANES = (
    LaneConfig("sgd", 0.3),
    LaneConfig("adam", 0.01, schedule="cosine"),
    LaneConfig("lbfgs", 1.0),
    LaneConfig("momentum", 0.1, batch_size=8, l2=1e-3),
)


def trained(updates=40, lanes=LANES, **more):
    config = ExperimentConfig(DatasetConfig("moons", samples=60), NetworkConfig((4,)), lanes=lanes)
    experiment = Experiment(config, **more)
    experiment.step(updates)
    return experiment


def bits(experiment):
    return [experiment.theta(lane).tobytes() for lane in range(len(experiment.lanes))]


def test_an_experiment_goes_on_from_an_earlier_moment_to_the_same_bits():
    experiment = trained(13, exact=True)
    moment, then = experiment.moment(), bits(experiment)
    experiment.step(30)
    later = bits(experiment)
    again = experiment.at(moment)
    assert bits(again) == then != later
    assert again.updates == 13
    again.step(30)
    assert bits(again) == later
    assert np.array_equal(again.history.train_loss[-1], experiment.history.train_loss[-1])
    assert np.array_equal(again.reach.lowest, experiment.reach.lowest)


def test_taking_a_moment_and_showing_it_disturb_nothing():
    plain, watched = trained(5), trained(5)
    for _ in range(20):
        plain.step(1)
        watched.at(watched.moment()).step(3)
        watched.step(1)
    assert bits(plain) == bits(watched)
    assert np.array_equal(plain.history.rows()[1][:3], watched.history.rows()[1][:3], equal_nan=True)


def test_a_lane_that_has_diverged_since_runs_at_an_earlier_moment():
    network = NetworkConfig((8,), activation="relu")
    experiment = Experiment(
        ExperimentConfig(DatasetConfig("moons", samples=60), network, "mean_squared_error")
    )
    experiment.step(1)
    moment = experiment.moment()
    experiment.swap(0, LaneConfig("sgd", 1000.0))
    experiment.step(200)
    assert experiment.status[0].state == "diverged"
    assert experiment.at(moment).status[0].state == "running"
    assert experiment.at(moment).history.marks == []


def test_a_moment_with_other_lanes_is_refused():
    experiment = trained(3)
    moment = experiment.moment()
    experiment.drop(0)
    with pytest.raises(ValueError, match="come or gone"):
        experiment.at(moment)


def test_a_chart_shows_the_same_points_at_an_earlier_moment_however_long_it_ran_on():
    """What `drawn` chose at update t is what it chooses of `until(t)`, bit for bit, also after the history was thinned."""
    history, shown = History(2), {}
    for step in range(30_000):
        history.add(
            step, np.full((len(COSTS), 2), step), np.random.default_rng(step).random((len(SERIES), 2))
        )
        if step in (0, 3, 499, 500, 501, 1999, 2000, 2001, 7777, 16_000, 29_999):
            rows = history.drawn()
            values = history.rows()[1][:, rows].copy()
            shown[step] = history.steps[rows].copy(), values, history.rows()[1][:, -1].copy()
    assert history.stride == 16
    for step, (steps, values, newest) in shown.items():
        earlier = history.until(step, newest, [])
        rows = earlier.drawn()
        assert np.array_equal(earlier.steps[rows], steps), step
        assert np.array_equal(earlier.rows()[1][:, rows], values), step
        assert len(rows) <= 502
