"""Gradients against central differences, losses and activations against PyTorch, lanes against lanes alone."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine import ACTIVATIONS, INITIALIZERS, LOSSES, MLP
from engine.network.losses import prepare

TORCH = json.loads((Path(__file__).parents[2] / "oracles" / "torch.json").read_text())
SMOOTH = [name for name in ACTIVATIONS if name != "threshold"]


def labels(loss: str, outputs: int, rng, n: int = 7) -> np.ndarray:
    if loss == "cross_entropy":
        return rng.integers(0, outputs, n)
    return rng.integers(0, 2, n).astype(float) if loss == "binary_cross_entropy" else rng.standard_normal(n)


@pytest.mark.parametrize("depth", [0, 1, 3])
@pytest.mark.parametrize("loss", list(LOSSES))
@pytest.mark.parametrize("activation", SMOOTH)
def test_gradient_is_the_slope_of_the_loss(activation, loss, depth):
    rng = np.random.default_rng(1)
    outputs = 3 if loss == "cross_entropy" else 1
    mlp = MLP((2, *[4] * depth, outputs), [activation] * depth, loss)
    theta = mlp.initialize(rng, 2) + 0.3 * rng.standard_normal((2, mlp.parameter_count))
    X, y = rng.standard_normal((7, 2)), labels(loss, outputs, rng)
    gradient = mlp.loss_and_gradient(theta, X, y)[1].copy()
    h = 1e-6
    for p in range(mlp.parameter_count):
        shift = np.zeros(mlp.parameter_count)
        shift[p] = h
        slope = (mlp.loss(theta + shift, X, y) - mlp.loss(theta - shift, X, y)) / (2 * h)
        np.testing.assert_allclose(gradient[:, p], slope, rtol=2e-6, atol=2e-8)


@pytest.mark.parametrize("loss", ["quadratic", "mean_squared_error"])
def test_gradient_through_a_sigmoid_output(loss):
    rng = np.random.default_rng(2)
    mlp = MLP((2, 3, 1), ["tanh"], loss, output_activation="sigmoid")
    theta = rng.standard_normal((1, mlp.parameter_count))
    X, y = rng.standard_normal((5, 2)), rng.integers(0, 2, 5).astype(float)
    gradient = mlp.loss_and_gradient(theta, X, y)[1].copy()
    shifts = 1e-6 * np.eye(mlp.parameter_count)
    slope = (mlp.loss(theta + shifts, X, y) - mlp.loss(theta - shifts, X, y)) / 2e-6
    np.testing.assert_allclose(gradient[0], slope, rtol=1e-6, atol=1e-9)


def test_threshold_has_no_slope():
    mlp = MLP((2, 3, 1), ["threshold"], "mean_squared_error")
    rng = np.random.default_rng(0)
    theta = mlp.initialize(rng, 1)
    gradient = mlp.loss_and_gradient(theta, rng.standard_normal((9, 2)), np.ones(9))[1]
    assert not gradient[0, : 2 * 3 + 3].any()


@pytest.mark.parametrize("name", list(TORCH["activations"]))
def test_activation_and_slope_equal_pytorch_even_at_ten_thousand(name):
    z = np.array(TORCH["z"])
    value = ACTIVATIONS[name].value(z, np.empty_like(z))
    slope = ACTIVATIONS[name].slope(z, value, np.empty_like(z))
    np.testing.assert_allclose(value, TORCH["activations"][name][0], rtol=1e-12, atol=1e-15)
    expected = np.array(TORCH["activations"][name][1])
    np.testing.assert_allclose(
        slope, expected, rtol=1e-10, atol=1e-12
    )  # at a ReLU's kink too, where it is the left one


def test_cross_entropies_equal_pytorch_at_extreme_logits():
    logits, classes, value, slope = TORCH["cross_entropy"]
    z = np.array(logits)[None]
    gradient = np.empty_like(z)
    target = np.eye(3)[classes]
    assert LOSSES["cross_entropy"].evaluate(z, target, gradient)[0] == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(gradient[0], slope, rtol=1e-12, atol=1e-15)
    target, value, slope = TORCH["binary_cross_entropy"]
    column = np.ascontiguousarray(z[:, :, :1])
    gradient = np.empty_like(column)
    evaluated = LOSSES["binary_cross_entropy"].evaluate(column, np.array(target), gradient)[0]
    assert evaluated == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(gradient[0], slope, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", list(TORCH["regression"]))
def test_regression_losses_equal_pytorch_at_ten_thousand(name):
    outputs, target, value, slope = (np.array(part) for part in TORCH["regression"][name])
    gradient = np.empty((1, *outputs.shape))
    assert LOSSES[name].evaluate(outputs[None], target, gradient)[0] == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(gradient[0], slope, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("key", ["binary_cross_entropy", "cross_entropy"])
def test_a_sure_and_right_answer_costs_nothing_and_a_sure_and_wrong_one_its_logit(key):
    """In float32 too, where e^10000 and even e^100 are infinite."""
    z = np.array([[1e4, -1e4], [-1e4, 1e4]], np.float32)
    right, wrong = (np.array([[1, 0], [0, 1]], np.float32), np.array([[0, 1], [1, 0]], np.float32))
    spread = {"binary_cross_entropy": 1e4, "cross_entropy": 2e4}[key]
    for target, cost in ((right, 0), (wrong, spread)):
        gradient = np.empty((1, 2, 2), np.float32)
        assert LOSSES[key].evaluate(z[None], target, gradient)[0] == cost
        assert np.isfinite(gradient).all() and gradient.any() == (cost > 0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_activations_are_finite_at_the_ends_of_the_number_type(name, dtype):
    z = np.array([-np.finfo(dtype).max, -1e4, 1e4, np.finfo(dtype).max], dtype)
    with np.errstate(all="ignore"):
        value = ACTIVATIONS[name].value(z, np.empty_like(z))
        slope = ACTIVATIONS[name].slope(z, value, np.empty_like(z))
    assert np.isfinite(value).all() and np.isfinite(slope).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_a_lane_is_the_same_alone_and_in_company(activation, dtype):
    rng = np.random.default_rng(3)
    mlp = MLP((2, 9, 5, 1), [activation] * 2, "binary_cross_entropy")
    theta = mlp.initialize(rng, 70, dtype=dtype)
    for n in (1, 10, 33):
        X, y = rng.standard_normal((n, 2)).astype(dtype), rng.integers(0, 2, n).astype(dtype)
        loss, gradient = (values.copy() for values in mlp.loss_and_gradient(theta, X, y))
        for lane in (0, 31, 69):
            alone = mlp.loss_and_gradient(theta[lane : lane + 1], X, y)
            assert alone[0][0] == loss[lane]
            assert np.array_equal(alone[1][0], gradient[lane])
        own = mlp.loss_and_gradient(theta, np.repeat(X[None], 70, 0), np.repeat(y[None], 70, 0))
        assert np.array_equal(own[1], gradient)


@pytest.mark.parametrize("lanes", [1, 3])
@pytest.mark.parametrize("loss", list(LOSSES))
def test_no_samples_give_no_predictions_and_no_loss(loss, lanes):
    mlp = MLP((2, 4, 3), ["gelu"], loss)
    theta = mlp.initialize(np.random.default_rng(0), lanes)
    assert mlp.predict(theta, np.empty((0, 2))).shape == (lanes, 0, 3)
    assert [a.shape for a in mlp.layer_outputs(theta, np.empty((0, 2)))] == [(lanes, 0, 4), (lanes, 0, 3)]
    assert np.isnan(mlp.loss(theta, np.empty((0, 2)), np.empty((0, 3)))).all()


def test_unflatten_gives_views():
    mlp = MLP((2, 3, 1), ["tanh"], "mean_squared_error")
    theta = np.zeros((2, mlp.parameter_count))
    for W, b in mlp.unflatten(theta):
        W += 1
        b += 2
    assert theta.sum() == 2 * (9 * 1 + 4 * 2)
    assert mlp.parameter_count == 13


@pytest.mark.parametrize(
    ("key", "variance"),
    [("glorot_uniform", 2 / 500), ("glorot_normal", 2 / 500), ("he_uniform", 2 / 300), ("he_normal", 2 / 300),
     ("lecun_normal", 1 / 300), ("scaled_normal", 1 / 300), ("uniform", 0.25 / 3), ("normal", 0.25), ("zeros", 0), ("constant", 0)],
)  # fmt: skip
def test_initial_weights_have_the_stated_spread(key, variance):
    W = INITIALIZERS[key].draw(np.random.default_rng(0), 1, 300, 200)
    assert W.shape == (1, 300, 200)
    assert W.var() == pytest.approx(variance, rel=0.03, abs=1e-12)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5)])
def test_orthogonal_weights_are_orthogonal(shape):
    W = INITIALIZERS["orthogonal"].draw(np.random.default_rng(0), 2, *shape)[1]
    product = W.T @ W if shape[0] > shape[1] else W @ W.T
    np.testing.assert_allclose(product, np.eye(3), atol=1e-12)


def test_wrong_networks_are_refused():
    for sizes, activations, loss in (((2,), [], "huber"), ((2, 0, 1), ["tanh"], "huber"), ((2, 3, 1), ["tan"], "huber"), ((2, 3, 1), ["tanh"], "l7")):  # fmt: skip
        with pytest.raises(ValueError):
            MLP(sizes, activations, loss)


@pytest.mark.parametrize("logit", [2.0, 8.0, 15.6, 20.0, 60.0])
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_small_binary_losses_are_kept_in_float32(logit, label):
    """A sure and right answer costs ln(1 + e^−z), which is 1.7e-7 at z = 15.6, and not 3e-8 or nothing."""
    z = np.array([[[logit if label else -logit]]], np.float32)
    loss = LOSSES["binary_cross_entropy"].evaluate(z, np.array([[label]], np.float32), None)[0]
    assert loss == pytest.approx(np.log1p(np.exp(-logit)), rel=1e-6)


def test_orthogonal_weights_keep_lengths_the_way_their_help_says():
    """Widening: x W is as long as x. Narrowing: δ Wᵀ is as long as δ, while x W may be shorter than x."""
    rng = np.random.default_rng(1)
    wide, narrow = (INITIALIZERS["orthogonal"].draw(rng, 1, *shape)[0] for shape in ((3, 7), (7, 3)))
    x, delta, long = rng.standard_normal(3), rng.standard_normal(3), rng.standard_normal(7)
    assert np.linalg.norm(x @ wide) == pytest.approx(np.linalg.norm(x))
    assert np.linalg.norm(narrow @ delta) == pytest.approx(np.linalg.norm(delta))
    assert np.linalg.norm(long @ narrow) < 0.99 * np.linalg.norm(long)


@pytest.mark.parametrize(("key", "factor"), [("mean_squared_error", 1.0), ("quadratic", 0.5)])
def test_squared_losses_are_means_over_samples_and_outputs_as_their_formulas_say(key, factor):
    z, y = np.array([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]), np.zeros((2, 3))
    assert LOSSES[key].evaluate(z, y, None)[0] == pytest.approx(factor * 91 / (2 * 3))
    assert "NC" in LOSSES[key].formula


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_of_huge_logits_are_probabilities(dtype):
    z = np.array([[1e4, 0.0, -1e4], [800.0, 800.0, 799.0], [-1e4, -1e4, -1e4]], dtype)
    with np.errstate(all="raise", under="ignore"):
        p = LOSSES["cross_entropy"].predict(z)
    assert p[0].tolist() == [1, 0, 0]
    np.testing.assert_allclose(p[1:], [[0.42232, 0.42232, 0.15536], [1 / 3] * 3], atol=1e-5)


@pytest.mark.parametrize("loss", list(LOSSES))
def test_labels_may_be_a_column(loss):
    y = np.array([0, 1, 2, 1]) if loss == "cross_entropy" else np.array([0.0, 1.0, 1.0, 0.5])
    outputs = 3 if loss == "cross_entropy" else 1
    flat, column = (prepare(loss, labels, outputs, np.float64) for labels in (y, y[:, None]))
    assert flat.shape == (4, outputs) and np.array_equal(flat, column)
