"""The readable backward pass against the fast one, PyTorch's numbers, and the formulas' texts."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import ACTIVATIONS, LOSSES, MLP
from engine.network.penalties import add_gradient, columns, penalty
from engine.network.trace import KINDS, bare, shown, trace, with_numbers

RECORDED = json.loads(
    (Path(__file__).resolve().parents[2] / "oracles" / "backpropagation.json").read_text("utf-8")
)


SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def lecture():
    """Lecture 9, case 2: the constant inputs are biases."""
    mlp = MLP((2, 2, 1), ["sigmoid"], "binary_cross_entropy")
    theta = [0.2, 0.4, -0.3, 0.1, 0.1, -0.2, -0.5, 0.8, 0.3]
    return trace(mlp, np.array(theta), np.array([[1.0, 2.0]]), np.array([1.0]))


def test_the_lecture_has_the_numbers_of_autograd():
    found, known = lecture(), RECORDED["lecture"]
    for ours, theirs in (("z1", "a"), ("a1", "z"), ("z2", "b"), ("p", "y"), ("L", "J")):
        assert found[ours].value.ravel() == pytest.approx(np.ravel(known[theirs]), abs=1e-9)
    for ours, theirs in (("z1", "g_a"), ("a1", "g_z"), ("z2", "g_b"), ("p", "g_y")):
        assert found[ours].gradient.ravel() == pytest.approx(np.ravel(known[theirs]), abs=1e-9)
    alpha, beta = np.array(known["g_alpha"]), known["g_beta"]
    assert found["W1"].gradient.T.ravel() == pytest.approx(alpha[:, 1:].ravel(), abs=1e-9)
    assert found["b1"].gradient == pytest.approx(alpha[:, 0], abs=1e-9)
    assert [*found["b2"].gradient, *found["W2"].gradient[:, 0]] == pytest.approx(beta, abs=1e-9)


def test_the_lecture_has_the_numbers_of_the_slides():
    found = lecture()
    assert found["a1"].value.round(6).tolist() == [[0.425557, 0.598688]]
    assert [float(found[key].value.round(6).item()) for key in ("z2", "p", "L")] == [
        0.566171,
        0.637879,
        0.449606,
    ]
    assert found["W2"].gradient.ravel().round(6).tolist() == [-0.154103, -0.216797]
    assert found["W1"].gradient.T.round(6).tolist() == [[0.044262, 0.088523], [-0.069603, -0.139205]]


@st.composite
def problems(draw):
    loss = draw(st.sampled_from(sorted(LOSSES)))
    outputs = draw(st.integers(2, 4)) if loss == "cross_entropy" else draw(st.integers(1, 3))
    hidden = draw(st.lists(st.integers(1, 5), max_size=4))
    activations = [draw(st.sampled_from(sorted(ACTIVATIONS))) for _ in hidden]
    output = draw(st.sampled_from(("identity", "sigmoid", "tanh")))
    mlp = MLP((draw(st.integers(1, 3)), *hidden, outputs), activations, loss, output)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = draw(st.sampled_from((0.0, 0.3, 1.0, 3.0)))
    samples = draw(st.integers(1, 6))
    X = rng.standard_normal((samples, mlp.layer_sizes[0]))
    whole = loss == "cross_entropy" or outputs > 1
    y = rng.integers(0, max(outputs, 2), samples) if whole else rng.integers(0, 2, samples).astype(float)
    return mlp, scale * rng.standard_normal(mlp.parameter_count), X, y


@settings(max_examples=400, deadline=None)
@given(problems(), st.sampled_from((0.0, 0.1)), st.sampled_from((0.0, 0.5)))
def test_every_gradient_is_the_fast_passs(problem, l1, l2):
    mlp, theta, X, y = problem
    found = trace(mlp, theta, X, y, l1, l2)
    loss, expected = mlp.loss_and_gradient(theta[None], X, y)
    strengths = columns({"l1": l1, "l2": l2}, 1)
    add_gradient(theta[None], mlp.weight_mask, strengths, expected)
    total = loss[0] + penalty(theta[None], mlp.weight_mask, strengths)[0]
    assert found.boxes[-1].value == pytest.approx(total, rel=1e-12)
    gradient, scale = found.gradient(mlp.parameter_count), max(1.0, np.abs(expected).max())
    assert np.abs(gradient - expected[0]).max() <= 1e-12 * scale


@pytest.mark.parametrize("loss", sorted(LOSSES))
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_every_activation_and_loss_at_each_depth(activation, loss):
    rng = np.random.default_rng(4)
    for depth in range(4):
        mlp = MLP((2, *[3] * depth, 3 if loss == "cross_entropy" else 1), [activation] * depth, loss)
        theta, X = rng.standard_normal(mlp.parameter_count), rng.standard_normal((5, 2))
        y = rng.integers(0, 2, 5)
        found = trace(mlp, theta, X, y)
        expected = mlp.loss_and_gradient(theta[None], X, y)[1][0]
        assert found.gradient(mlp.parameter_count) == pytest.approx(expected, rel=1e-12, abs=1e-13)


@given(problems())
@settings(max_examples=60, deadline=None)
def test_boxes_stand_in_forward_order_and_edges_go_both_ways(problem):
    found = trace(*problem)
    seen = set()
    for box in found.boxes:
        assert box.kind in KINDS and box.value.shape == box.gradient.shape
        assert set(box.inputs) <= seen
        assert all(box.key in found[key].inputs for key in box.outputs)
        seen.add(box.key)


def test_the_derivative_of_every_value_between_is_what_a_difference_measures():
    """The gradient of the inputs, and through a shifted bias that of the pre-activations."""
    mlp = MLP((2, 3, 2), ["tanh"], "cross_entropy")
    rng = np.random.default_rng(0)
    theta, X, y, h = (
        rng.standard_normal(mlp.parameter_count),
        rng.standard_normal((1, 2)),
        np.array([1]),
        1e-6,
    )
    found = trace(mlp, theta, X, y)
    for i in range(2):
        shift = np.eye(2)[i : i + 1] * h
        slope = (mlp.loss(theta[None], X + shift, y) - mlp.loss(theta[None], X - shift, y))[0] / (2 * h)
        assert found["x"].gradient[0, i] == pytest.approx(slope, abs=1e-8)
    for j in range(3):
        up, down = theta.copy(), theta.copy()
        up[6 + j] += h
        down[6 + j] -= h
        slope = (mlp.loss(up[None], X, y) - mlp.loss(down[None], X, y))[0] / (2 * h)
        assert found["z1"].gradient[0, j] == pytest.approx(slope, abs=1e-8)


def test_a_dead_relu_and_a_threshold_pass_nothing_on():
    for activation in ("relu", "threshold"):
        mlp = MLP((1, 1, 1), [activation], "quadratic")
        found = trace(mlp, np.array([1.0, -5.0, 2.0, 0.0]), np.array([[1.0]]), np.array([1.0]))
        assert (
            found["a1"].gradient.any() and not found["z1"].gradient.any() and not found["W1"].gradient.any()
        )


def test_formulas_are_written_with_names_and_with_numbers():
    found = lecture()

    def name(key, at):
        return key + "".join(str(n + 1) for n in at)

    assert bare(found["z1"].forward, {"j": 1}, name) == "W112·x1 + W122·x2 + b12"
    brackets = bare(found["L"].forward, {}, lambda key, at: f"{key}{[n + 1 for n in at]}")
    assert brackets == "−(y[1]·ln p[1] + (1 − y[1])·ln(1 − p[1]))", "a name's own brackets are no marks"
    assert with_numbers(found, found["z1"].forward, {"j": 0}) == "0.2·1 + (−0.3)·2 + 0.1"
    assert with_numbers(found, found["a1"].forward, {"j": 0}) == "σ(−0.3)"
    assert with_numbers(found, found["a1"].backward, {"j": 1}) == "0.8·(−0.3621)"
    assert bare(found["z1"].backward, {"j": 0}, name) == "∂L/∂a11·φ′z11"
    assert with_numbers(found, found["W1"].backward, {"i": 1, "j": 0}) == "2·0.04426"
    assert with_numbers(found, found["L"].forward, {}) == "−(1·ln 0.6379 + (1 − 1)·ln(1 − 0.6379))"
    assert shown(-1.5e-7) == "(−1.5·10⁻⁷)" and shown(12345.678) == "1.235·10⁴"


def test_formulas_with_numbers_come_to_the_values():
    """The text itself, worked out as arithmetic, is the box's number to the digits that it shows."""
    rng = np.random.default_rng(2)
    mlp = MLP((2, 3, 2), ["sigmoid"], "cross_entropy")
    found = trace(mlp, rng.standard_normal(mlp.parameter_count), rng.standard_normal((1, 2)), np.array([0]))

    def worth(template, **index):
        text = with_numbers(found, template, index).replace("10⁻", "1e⁻").translate(SUPERSCRIPTS)
        text = text.replace("−", "-").replace("·", "*")
        return eval(text, {"__builtins__": {}})  # digits, signs and brackets alone

    for key in ("z1", "z2"):
        for j in range(found[key].value.shape[1]):
            assert worth(found[key].forward, j=j) == pytest.approx(found[key].value[0, j], abs=2e-3)
    for key in ("z1", "a1", "x", "z2"):
        for j in range(found[key].value.shape[1]):
            assert worth(found[key].backward, j=j) == pytest.approx(found[key].gradient[0, j], abs=2e-3)
    assert worth(found["W2"].backward, i=2, j=1) == pytest.approx(found["W2"].gradient[2, 1], abs=1e-3)


def test_shapes_that_do_not_fit_are_refused():
    mlp = MLP((2, 2, 1), ["tanh"], "quadratic")
    with pytest.raises(ValueError, match="9 parameters"):
        trace(mlp, np.zeros(8), np.zeros((1, 2)), np.zeros(1))
    with pytest.raises(ValueError, match="2 inputs"):
        trace(mlp, np.zeros(9), np.zeros((1, 3)), np.zeros(1))


def test_extreme_logits_keep_an_exact_gradient():
    mlp = MLP((1, 1), [], "binary_cross_entropy")
    found = trace(mlp, np.array([1000.0, 0.0]), np.array([[-1.0]]), np.array([1.0]))
    assert found["z1"].gradient[0, 0] == -1.0 and found["L"].value == 1000.0
