"""The true risk against cases that can be worked out, and its standard error against its spread over seeds."""

import math

import numpy as np
import pytest

from engine import DATASETS, DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import load_dataset
from engine.network.mlp import MLP
from engine.studies.risk import Estimate, true_risk

MADE = [key for key, info in DATASETS.items() if info.make]


@pytest.mark.parametrize("name", MADE)
def test_fresh_points_are_of_the_same_kind_and_new(name):
    config = DatasetConfig(name, samples=2000, noise=0.2, test_fraction=0.0, seed=5)
    data = load_dataset(config)
    X, y = data.fresh(2000, 1)
    assert X.shape == data.X_train.shape and y.dtype == data.y_train.dtype
    again, other = data.fresh(2000, 1), data.fresh(2000, 2)
    assert np.array_equal(X, again[0]) and np.array_equal(y, again[1])
    assert not np.isin(X[:, 0], data.X_train[:, 0]).any() and not np.isin(X[:, 0], other[0][:, 0]).any()
    for mine, its in ((X, data.X_train), (y[:, None], data.y_train[:, None])):
        spread = its.std(axis=0)
        np.testing.assert_allclose(mine.mean(axis=0), its.mean(axis=0), atol=0.15 * spread.max() + 1e-9)
        np.testing.assert_allclose(mine.std(axis=0), spread, rtol=0.15, atol=1e-9)


def test_fresh_points_go_through_the_features():
    data = load_dataset(DatasetConfig("xor", features=("x1", "x1_x2")))
    X = data.fresh(50, 0)[0]
    assert X.shape == (50, 2)
    plain = load_dataset(DatasetConfig("xor")).fresh(50, 0)[0]
    np.testing.assert_allclose(X[:, 1], plain[:, 0] * plain[:, 1])


@pytest.mark.parametrize("config", [
    DatasetConfig("iris"), DatasetConfig("csv", csv="a,b,c\n" + "".join(f"{k},{k * k % 7},{k % 2}\n" for k in range(20))),
])  # fmt: skip
def test_of_a_table_no_fresh_points_can_be_drawn(config):
    with pytest.raises(ValueError, match="holds all there are"):
        load_dataset(config).fresh(10, 0)


def test_a_network_that_says_zero_has_the_risk_that_can_be_worked_out():
    """Of the plane y = 0.3 x₁ + 0.2 x₂ + noise, x uniform in ±2: E y² = (0.3² + 0.2²) · 4/3 + σ²."""
    data = load_dataset(DatasetConfig("plane", noise=0.5))
    mlp = MLP((2, 1), (), "mean_squared_error")
    risk = true_risk(mlp, np.zeros(mlp.parameter_count), data)
    assert abs(risk.loss.mean - (0.13 * 4 / 3 + 0.25)) < 4 * risk.loss.error
    assert 0 < risk.loss.error < 0.01 and risk.accuracy is None


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "mean_squared_error"])
def test_classes_that_nothing_is_known_of(loss):
    data = load_dataset(DatasetConfig("circles"))
    mlp = MLP((2, 1), (), loss)
    theta = np.array([0, 0, 0.0 if loss == "binary_cross_entropy" else 0.5])
    risk = true_risk(mlp, theta, data, points=10_000)
    assert risk.loss.mean == pytest.approx(math.log(2) if loss == "binary_cross_entropy" else 0.25)
    assert risk.loss.error == pytest.approx(0, abs=1e-9)
    assert risk.accuracy.mean == 0.5
    assert risk.accuracy.error == pytest.approx(math.sqrt(0.25 / 9999))


@pytest.mark.parametrize("name", ["moons", "blobs", "two_bumps"])
def test_the_standard_error_is_the_spread_over_seeds(name):
    config = ExperimentConfig(
        DatasetConfig(name, samples=100), NetworkConfig((6,)), lanes=(LaneConfig("adam", 0.05),)
    )
    experiment = Experiment(config)
    experiment.step(60)
    lane = experiment.mlp(0), experiment.theta(0), experiment.data
    risks = [true_risk(*lane, points=500, seed=seed) for seed in range(60)]
    spread = np.std([risk.loss.mean for risk in risks], ddof=1)
    assert np.mean([risk.loss.error for risk in risks]) == pytest.approx(spread, rel=0.35)
    exact = true_risk(*lane)
    near = [abs(risk.loss.mean - exact.loss.mean) < 3 * risk.loss.error for risk in risks]
    assert np.mean(near) > 0.9


def test_it_is_the_mean_that_the_meter_measures():
    """On the same points, loss and accuracy are those of the history."""
    data = load_dataset(DatasetConfig("three_spirals"))
    mlp = MLP((2, 4, 3), ("tanh",), "cross_entropy")
    theta = mlp.initialize(np.random.default_rng(0), 1)[0]
    risk, (X, y) = true_risk(mlp, theta, data, points=25_000, seed=9), data.fresh(25_000, 9)
    assert risk.loss.mean == pytest.approx(mlp.loss(theta[None], X, y)[0], rel=1e-12)
    assert risk.accuracy.mean == np.mean(mlp.forward(theta[None], X)[0].argmax(axis=1) == y)


def test_an_estimate_is_said_as_far_as_its_error_goes():
    assert Estimate(0.34849, 0.0021).said() == "0.348 ± 0.002"
    assert Estimate(1.5, 0.25).said() == "1.5 ± 0.2"
    assert Estimate(120.4, 13.0).said() == "120 ± 13"
    assert Estimate(0.5, 0.0).said() == "0.500 ± 0.000"
    assert Estimate(math.nan, math.nan).said() == "–"


def test_one_point_is_no_estimate():
    data = load_dataset(DatasetConfig("moons"))
    mlp = MLP((2, 1), (), "binary_cross_entropy")
    with pytest.raises(ValueError, match="at least 2 points"):
        true_risk(mlp, np.zeros(3), data, points=1)
