"""The check must pass on right gradients and point at the very parameter that is wrong."""

import numpy as np
import pytest

from engine import (
    ACTIVATIONS,
    LOSSES,
    MLP,
    DatasetConfig,
    Experiment,
    ExperimentConfig,
    LaneConfig,
    NetworkConfig,
)
from engine.network.gradient_check import gradient_check


def setting(loss="binary_cross_entropy", activation="tanh", hidden=(5, 4)):
    rng = np.random.default_rng(3)
    outputs = 3 if loss == "cross_entropy" else 1
    mlp = MLP((2, *hidden, outputs), [activation] * len(hidden), loss)
    theta = mlp.initialize(rng, 1)[0] + 0.2 * rng.standard_normal(mlp.parameter_count)
    return mlp, theta, rng.standard_normal((9, 2)), rng.integers(0, max(outputs, 2), 9)


@pytest.mark.parametrize("loss", list(LOSSES))
@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "threshold"])
def test_right_gradients_pass(loss, activation):
    result = gradient_check(*setting(loss, activation), l1=0.01, l2=0.1)
    assert result.passed, str(result)
    assert "agree" in str(result)


def test_a_wrong_gradient_is_found_where_it_is(monkeypatch):
    mlp, theta, X, y = setting()
    right = mlp.loss_and_gradient
    position = (2 * 5 + 5) + 2 * 4 + 1  # layer 2, from neuron 2 to neuron 1

    def wrong(*given):
        loss, gradient = right(*given)
        gradient[:, position] += 0.01
        return loss, gradient

    monkeypatch.setattr(mlp, "loss_and_gradient", wrong)
    result = gradient_check(mlp, theta, X, y)
    assert not result.passed
    assert result.place == (1, 2, 1)
    assert "at W₂[3,2]." in str(result)
    position = 2 * 5 + 3
    result = gradient_check(mlp, theta, X, y)
    assert (result.place, result.name) == ((0, 2, 3), "b₁[4]")


def test_a_threshold_differs_nowhere_but_passes_nothing_on():
    result = gradient_check(*setting(activation="threshold"))
    assert not result.analytic[: 2 * 5 + 5].any()


def test_parameters_that_are_no_numbers_never_pass():
    mlp, theta, X, y = setting()
    theta[3] = np.nan
    assert not gradient_check(mlp, theta, X, y).passed


def test_many_parameters_are_checked_in_parts():
    mlp, theta, X, y = setting(hidden=(30, 30))
    assert gradient_check(mlp, theta, X, y).passed


def test_a_wrong_row_is_refused():
    mlp, theta, X, y = setting()
    with pytest.raises(ValueError, match="one row of"):
        gradient_check(mlp, theta[:-1], X, y)


def test_at_a_minimum_where_slopes_are_too_small_to_measure_it_still_passes():
    config = ExperimentConfig(
        DatasetConfig("circles", samples=60), NetworkConfig((3,)), lanes=(LaneConfig("lbfgs", 1.0, l2=0.01),)
    )
    experiment = Experiment(config)
    experiment.step(400)
    data = experiment.data
    check = gradient_check(experiment.mlp(0), experiment.theta(0), data.X_train, data.y_train, l2=0.01)
    assert np.abs(check.analytic).max() < 1e-6
    assert check.passed
