"""The tangent kernel against torch.func, and its formula for training against training."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine import MLP
from engine.network.activations import ACTIVATIONS
from engine.network.tangent import jacobian, kernel, learned, scales

RECORD = json.loads((Path(__file__).parents[2] / "oracles" / "tangent.json").read_text())["networks"]


@pytest.mark.parametrize("key", ACTIVATIONS)
def test_the_kernel_is_that_of_torch_func(key):
    record = RECORD[key]
    mlp = MLP((2, 5, 4, 1), (key, key), "quadratic")
    rows = [np.vstack([np.array(W), np.array(b)]).ravel() for W, b in record["layers"]]
    f, J = jacobian(mlp, np.concatenate(rows)[None], np.array(record["X"]))
    assert f[0] == pytest.approx(np.array(record["f"]), rel=1e-9, abs=1e-12)
    assert kernel(J[0], np.ones(mlp.parameter_count)) == pytest.approx(np.array(record["kernel"]), rel=1e-6, abs=1e-9)  # fmt: skip


def test_rates_are_the_variances_by_layer():
    mlp = MLP((3, 2, 1), ("tanh",), "quadratic")
    assert scales(mlp, 2.0, 0.5) == pytest.approx([4 / 3] * 6 + [0.25] * 2 + [2.0] * 2 + [0.25])


def test_a_linear_layer_learns_exactly_by_the_formula():
    """One linear layer is its own linear model: here the formula holds to rounding, after any number of updates."""
    rng = np.random.default_rng(0)
    mlp = MLP((3, 1), (), "quadratic")
    X, y, theta = rng.standard_normal((6, 3)), rng.standard_normal(6), rng.standard_normal((1, 4))
    S = scales(mlp, 1.2, 0.7)
    f0, J = jacobian(mlp, theta, X)
    K = kernel(J, S)[0]
    eta = len(X) / np.linalg.eigvalsh(K)[-1]
    for updates in (0, 1, 7, 40):
        now = theta.copy()
        for _ in range(updates):
            now -= eta * S * mlp.loss_and_gradient(now, X, y[:, None])[1]
        expected = f0[0] + K @ learned(K, eta, updates) @ (y - f0[0])
        assert mlp.forward(now, X)[0, :, 0] == pytest.approx(expected, abs=1e-10)


def test_directions_that_the_kernel_does_not_see_are_not_learned():
    K = np.array([[1.0, 1.0], [1.0, 1.0]])
    found = learned(K, 1.0, 10_000)
    assert found @ np.array([1.0, -1.0]) == pytest.approx(np.zeros(2), abs=1e-12)
    assert K @ found @ np.array([1.0, 1.0]) == pytest.approx(np.ones(2), abs=1e-12)


def test_several_outputs_or_another_loss_are_refused():
    for mlp in (MLP((1, 2, 2), ("tanh",), "quadratic"), MLP((1, 2, 1), ("tanh",), "mean_squared_error")):
        with pytest.raises(ValueError, match="one output"):
            jacobian(mlp, np.zeros((1, mlp.parameter_count)), np.zeros((1, 1)))
