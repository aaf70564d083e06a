"""Lowest losses and first reaches against a run that is looked at after every single update."""

import io

import numpy as np
import pytest

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.training.history import MOST_POINTS
from engine.training.paces import advance_evaluations
from engine.training.reach import TARGETS
from engine.training.roster import add_lane, remove_lane

CONFIG = ExperimentConfig(
    DatasetConfig("moons", samples=60), NetworkConfig((3,)), batch_size=8,
    lanes=(LaneConfig("sgd", 0.5), LaneConfig("adam", 0.05), LaneConfig("lbfgs", 1.0), LaneConfig("sgd", 900.0, l2=10.0)),
)  # fmt: skip


def looked_at(config, lane, updates):
    """Training losses and sample gradients of one lane alone, before and after every update."""
    alone = Experiment(
        ExperimentConfig(**(vars(config) | {"lanes": (config.lanes[lane],)})), record_every=10**9
    )
    losses, gradients = [alone.evaluate()["train_loss"][0]], [0]
    for _ in range(updates):
        alone.step(1, record=False)
        if alone.finished:
            break
        losses.append(alone.evaluate()["train_loss"][0])
        gradients.append(alone.costs[0].sample_gradients)
    return np.array(losses), gradients


def assert_exact(experiment, config, lanes=range(4)):
    for lane in lanes:
        losses, gradients = looked_at(config, lane, experiment.costs[lane].updates)
        assert experiment.reach.lowest[0, lane] == losses.min()
        for target in experiment.reach.targets:
            at = int(np.argmax(losses <= target)) if (losses <= target).any() else None
            expected = None if at is None else (at, gradients[at])
            assert experiment.reach.first(target, lane) == expected


@pytest.mark.parametrize("record_every", [1, 16])
def test_what_was_reached_is_exact_to_the_update_however_it_was_asked_for(record_every):
    experiment = Experiment(CONFIG, record_every=record_every, exact=True)
    experiment.watch(0.0371)
    for updates in (1, 7, 40, 90):
        experiment.step(updates - 1, record=False)
        experiment.step(1)
        assert_exact(experiment, CONFIG)


def test_it_is_exact_in_rounds_of_equal_gradients_too():
    experiment = Experiment(CONFIG, exact=True)
    for _ in range(8):
        advance_evaluations(experiment)
    assert_exact(experiment, CONFIG)


def test_a_longer_run_changes_nothing_of_what_was_reached():
    experiment = Experiment(ExperimentConfig(**(vars(CONFIG) | {"lanes": CONFIG.lanes[:1]})), exact=True)
    experiment.step(150)
    before = {target: experiment.reach.first(target, 0) for target in TARGETS}
    lowest = experiment.reach.lowest[0, 0]
    experiment.step(MOST_POINTS + 200)
    assert experiment.history.stride == 2
    assert all(experiment.reach.first(target, 0) == found for target, found in before.items() if found)
    assert experiment.reach.lowest[0, 0] <= lowest


def test_an_exact_run_trains_to_the_same_bits():
    plain, exact = Experiment(CONFIG), Experiment(CONFIG, exact=True)
    for experiment in (plain, exact):
        experiment.step(50)
    for lane in range(4):
        assert np.array_equal(plain.theta(lane), exact.theta(lane))
    assert np.array_equal(plain.history.train_loss, exact.history.train_loss)
    assert np.array_equal(plain.history.gradient_norm, exact.history.gradient_norm, equal_nan=True)


def test_forks_newcomers_and_files_keep_what_was_reached():
    experiment = Experiment(CONFIG, exact=True)
    experiment.watch(0.0371)
    experiment.step(60)
    child = experiment.fork(1, CONFIG.lanes[1])
    twin = add_lane(experiment, CONFIG.lanes[1])
    remove_lane(experiment, 0)
    experiment = Experiment.load(io.BytesIO(experiment.to_bytes()))
    experiment.step(5)
    reach = experiment.reach
    assert reach.lowest.shape == (3, 5) and reach.first(0.5, 0) is not None
    for lane in (child - 1, twin - 1):
        assert np.array_equal(reach.spent[:, reach.targets >= reach.lowest[0, 0], lane],
                              reach.spent[:, reach.targets >= reach.lowest[0, 0], 0])  # fmt: skip
    assert np.array_equal(reach.lowest[:, 0], reach.lowest[:, twin - 1])


def test_a_target_that_is_watched_late_is_known_to_be_so():
    experiment = Experiment(CONFIG, exact=True)
    experiment.step(80)
    experiment.watch(0.456)
    experiment.watch(1e-200)
    at = int(np.argmax(experiment.history.train_loss[:, 1] <= 0.456))
    assert experiment.reach.first(0.456, 1)[0] == experiment.history.steps[at]
    assert set(experiment.reach.late) == {0.456}  # what nobody had reached is exact


def test_the_lowest_test_loss_is_kept_and_missing_where_there_are_no_test_data():
    experiment = Experiment(CONFIG, exact=True)
    experiment.step(50)
    assert np.array_equal(experiment.reach.lowest[1], np.nanmin(experiment.history.test_loss, axis=0))
    without = Experiment(ExperimentConfig(DatasetConfig(test_fraction=0.0)), exact=True)
    without.step(3)
    assert np.isinf(without.reach.lowest[1]).all()
