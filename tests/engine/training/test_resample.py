"""Lanes with data of their own: one batched run has the very numbers of as many separate experiments."""

from dataclasses import replace

import numpy as np
import pytest

from engine import (
    DATASETS,
    OPTIMIZERS,
    DatasetConfig,
    Experiment,
    ExperimentConfig,
    LaneConfig,
    NetworkConfig,
)
from engine.data.load import load_dataset
from engine.training.resample import Resample

SETS = 4
KINDS = {task: next(key for key, info in DATASETS.items() if info.task == task and info.make)
         for task in ("regression", "binary", "multiclass")}  # fmt: skip


def draws(name):
    """SETS data sets of one kind, each with all of its points for training."""
    return [load_dataset(DatasetConfig(name, samples=30, test_fraction=0, seed=seed)) for seed in range(SETS)]


def stacked(sets):
    return np.stack([data.X_train for data in sets]), np.stack([data.y_train for data in sets])


def both(lanes, task="regression", updates=23, **more):
    """One run of SETS lanes, and the separate experiments, after so many updates."""
    sets = draws(KINDS[task])
    config = ExperimentConfig(**({"network": NetworkConfig((5,)), "batch_size": 8, "lanes": lanes} | more))
    run = Resample(config, *stacked(sets), task)
    alone = [Experiment(replace(config, lanes=(config.lanes[k],)), sets[k]) for k in range(SETS)]
    for each in (run, *alone):
        each.step(updates)
    return run, alone


def assert_the_same(run, alone):
    for k, experiment in enumerate(alone):
        assert np.array_equal(run.theta(k), experiment.theta(0)), k
        assert run.status[k] == experiment.status[0]
        assert run.costs[k].sample_gradients == experiment.costs[0].sample_gradients
    now = [experiment.evaluate() for experiment in alone]
    for name in ("train_loss", "gradient_norm"):
        assert np.array_equal(run.evaluate()[name], [values[name][0] for values in now], equal_nan=True), name


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("batch", [8, 5000], ids=["batches", "full batch"])
def test_a_lane_has_the_bits_of_an_experiment_with_its_data_alone(optimizer, batch):
    lanes = tuple(LaneConfig(optimizer, 0.05, seed=seed) for seed in range(SETS))
    assert_the_same(*both(lanes, batch_size=batch, updates=9))


@pytest.mark.parametrize("task", KINDS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_task_in_both_number_types(task, dtype):
    lanes = tuple(
        LaneConfig("momentum", 0.05, l1=0.01, l2=0.02, schedule="inverse_time") for _ in range(SETS)
    )
    assert_the_same(*both(lanes, task, dtype=dtype))


def test_lanes_may_differ_in_everything():
    networks = (None, NetworkConfig((3, 3), "relu"), None, NetworkConfig(()))
    methods = (("sgd", 0.1, 8), ("adam", 0.01, 30), ("sgd", 0.1, 7), ("lbfgs", 1.0, 8))
    lanes = tuple(
        LaneConfig(key, rate, batch_size=batch, seed=k, network=network)
        for k, ((key, rate, batch), network) in enumerate(zip(methods, networks, strict=True))
    )
    assert_the_same(*both(lanes))


def test_a_lane_that_diverges_stops_and_touches_no_other():
    lanes = tuple(LaneConfig("sgd", rate, seed=3) for rate in (0.1, 900.0, 0.1, 0.05))
    run, alone = both(lanes, updates=40)
    assert [status.state for status in run.status] == ["running", "diverged", "running", "running"]
    assert_the_same(run, alone)
    assert not run.finished


def test_alike_lanes_are_one_block():
    lanes = tuple(LaneConfig("adam", 0.05, seed=seed) for seed in range(SETS))
    run, _ = both(lanes)
    assert len(run.blocks) == 1 and run.blocks[0].X.shape == (SETS, 30, 2)


def test_outputs_and_losses_on_shared_points_and_on_each_lanes_own():
    lanes = tuple(LaneConfig("adam", 0.05, seed=seed) for seed in range(SETS))
    run, alone = both(lanes)
    X, y = stacked(draws(KINDS["regression"]))
    shared = run.outputs(X[0])
    assert shared.shape == (SETS, 30, 1)
    assert all(np.array_equal(shared[k], alone[k].predict_lane(0, X[0])) for k in range(SETS))
    assert np.allclose(run.loss(X[0], y[0]), ((shared[..., 0] - y[0]) ** 2).mean(axis=1), rtol=1e-6)
    own = run.outputs(X)
    assert all(np.array_equal(own[k], run.outputs(X[k])[k]) for k in range(SETS))
    assert np.allclose(run.loss(), ((own[..., 0] - y) ** 2).mean(axis=1), rtol=1e-6)


@pytest.mark.parametrize(
    "X, y, task, says",
    [
        (np.zeros((3, 5, 2)), np.zeros((3, 5)), "regression", "R = 2"),
        (np.zeros((2, 5, 2)), np.zeros((2, 4)), "regression", "R = 2"),
        (np.zeros((5, 2)), np.zeros(5), "regression", "R = 2"),
        (np.zeros((2, 0, 2)), np.zeros((2, 0)), "regression", "R = 2"),
        (np.full((2, 5, 2), np.nan), np.zeros((2, 5)), "regression", "not a number"),
        (np.zeros((2, 5, 2)), np.zeros((2, 5)), "ranking", "choose one of"),
    ],
)
def test_what_does_not_fit_is_said(X, y, task, says):
    with pytest.raises(ValueError, match=says):
        Resample(ExperimentConfig(lanes=(LaneConfig(), LaneConfig())), X, y, task)


def test_one_sample_each_is_enough():
    run = Resample(ExperimentConfig(lanes=(LaneConfig(), LaneConfig())), np.ones((2, 1, 2)), np.ones((2, 1)))
    run.step(3)
    assert np.isfinite(run.loss()).all() and run.outputs(np.ones((1, 2))).shape == (2, 1, 1)
    with pytest.raises(ValueError, match="0 or more"):
        run.step(-1)
