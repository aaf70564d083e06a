"""Every penalty: its slopes against differences, its kinks, and what it adds to a loss and to a lane."""

from dataclasses import replace

import numpy as np
import pytest

from engine import MLP, DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.network.gradient_check import gradient_check
from engine.network.hessian import hessian
from engine.network.penalties import PENALTIES, add_gradient, columns, penalty

W = np.array([[-3.0, -0.4, 1e-3, 0.2, 5.0]])


@pytest.mark.parametrize("key", list(PENALTIES))
def test_slope_and_second_slope_are_those_of_the_value(key):
    entry, s, h = PENALTIES[key], np.full((1, 1), 0.7), 1e-5
    slope = (entry.value(W + h, s) - entry.value(W - h, s)) / (2 * h)
    np.testing.assert_allclose(s * entry.slope(W), slope, rtol=1e-7, atol=1e-9)
    second = (entry.slope(W + h) - entry.slope(W - h)) / (2 * h)
    np.testing.assert_allclose(entry.second(W), second, rtol=1e-7, atol=1e-9)
    assert (entry.value(W, s) > 0).all() and not entry.value(0 * W, s).any() and not entry.slope(0 * W).any()


@pytest.mark.parametrize("key", list(PENALTIES))
def test_a_penalty_is_on_weights_alone_and_its_gradient_and_hessian_are_right(key):
    rng = np.random.default_rng(0)
    mlp = MLP((2, 3, 1), ("tanh",), "mean_squared_error")
    theta, X, y = rng.standard_normal(13), rng.standard_normal((7, 2)), rng.standard_normal(7)
    assert gradient_check(mlp, theta, X, y, **{key: 0.3}).passed
    one = np.ones((1, 13))
    strengths, gradient = columns({key: 0.3}, 1), np.zeros((1, 13))
    add_gradient(one, mlp.weight_mask, strengths, gradient)
    assert (gradient[0] != 0).tolist() == mlp.weight_mask.tolist()
    assert penalty(one, mlp.weight_mask, strengths)[0] == pytest.approx(
        9 * PENALTIES[key].value(one, strengths[key])[0, 0]
    )
    added = hessian(mlp, theta, X, y, **{key: 0.3}) - hessian(mlp, theta, X, y)
    expected = np.where(mlp.weight_mask, 0.3 * PENALTIES[key].second(theta), 0)
    np.testing.assert_allclose(added, np.diag(expected), atol=1e-14)


@pytest.mark.parametrize("key", list(PENALTIES))
def test_a_lane_with_a_penalty_ends_with_smaller_weights(key):
    lanes = (LaneConfig("sgd", 0.1), LaneConfig("sgd", 0.1, **{key: 0.05}))
    run = Experiment(ExperimentConfig(DatasetConfig("moons", samples=60), NetworkConfig((6,)), lanes=lanes))
    run.step(300)
    plain, shrunk = (np.abs(run.theta(lane)[run.mlp(lane).weight_mask]).sum() for lane in (0, 1))
    assert shrunk < 0.8 * plain


def test_l1_brings_weights_near_zero_where_they_swing_as_its_help_says():
    """The step of sign(w) overshoots by at most η·l1: small weights change sign again and again, and none is exactly 0."""
    rate, strength = 0.1, 0.05
    config = ExperimentConfig(
        DatasetConfig("moons", samples=60), NetworkConfig((8,)), batch_size=5000,
        lanes=(LaneConfig("sgd", rate, l1=strength),),
    )  # fmt: skip
    run = Experiment(config)
    run.step(3000)
    weights = []
    for _ in range(4):
        weights.append(run.theta(0)[run.mlp(0).weight_mask].copy())
        run.step()
    near = np.abs(weights[0]) <= 2 * rate * strength
    signs = np.sign(np.array(weights)[:, near])
    assert near.sum() >= 5 and (signs != 0).all() and (signs[1:] != signs[:-1]).any(axis=0).sum() >= 3
    assert "near zero and swing about it" in PENALTIES["l1"].strength.help
    proximal = Experiment(replace(config, lanes=(replace(config.lanes[0], l1_step="proximal"),)))
    proximal.step(3000)
    assert (proximal.theta(0)[proximal.mlp(0).weight_mask] == 0).sum() >= 5
    assert "with the proximal L1 step they become exactly zero" in PENALTIES["l1"].strength.help


def test_an_unknown_penalty_is_refused():
    with pytest.raises(ValueError, match="'l3' is unknown; choose one of l1, l2"):
        columns({"l3": 1.0}, 1)
