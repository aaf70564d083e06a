"""Curvature against closed forms, PyTorch's recorded Hessian and the definition of an eigenvector."""

import json
import runpy
from pathlib import Path

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
from engine import landscape as ls
from engine.network.hessian import SMALL, Curvature, eigenpairs, extremes, hessian, lanczos, products

HERE = Path(__file__).parents[1] / "recorded"
AUTODIFF = json.loads((Path(__file__).parents[2] / "oracles" / "hessian.json").read_text())


def recorded_case(case):
    """MLP, theta and v (1, P), X, y, penalties and the recorded product of a case of hessian.json."""
    sizes, activations, loss, penalties, expected = case
    mlp = MLP(sizes, activations, loss)
    theta, v = np.array(AUTODIFF["points"][str(mlp.parameter_count)])[:, None]
    y = {
        "cross_entropy": np.array(AUTODIFF["classes"]),
        "binary_cross_entropy": np.array(AUTODIFF["signs"]) * 1.0,
    }
    target = y.get(loss, np.array(AUTODIFF["values"])[:, : sizes[-1]])
    return mlp, theta, v, np.array(AUTODIFF["X"]), target, penalties, np.array(expected)


@pytest.mark.parametrize(
    "case", AUTODIFF["products"], ids=lambda case: f"{'-'.join(case[1])} {case[2]} {case[3]}"
)
def test_products_are_those_of_automatic_differentiation(case):
    mlp, theta, v, X, y, penalties, expected = recorded_case(case)
    found = products(mlp, theta, v, X, y, **penalties)[0]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_every_activation_and_loss_is_recorded():
    hidden = {name for case in AUTODIFF["products"] for name in case[1]}
    assert hidden == set(ACTIVATIONS) and {case[2] for case in AUTODIFF["products"]} == set(LOSSES)


@pytest.mark.parametrize("case", AUTODIFF["products"][::29], ids=lambda case: f"{case[1][0]} {case[2]}")
def test_many_lanes_and_many_directions_give_each_its_own_product(case):
    mlp, theta, v, X, y, _, _ = recorded_case(case)
    rng = np.random.default_rng(0)
    points, directions = rng.standard_normal((2, 900, theta.shape[1]))
    points[7], directions[7] = theta[0], v[0]
    alone = products(mlp, theta, v, X, y)[0]
    np.testing.assert_allclose(products(mlp, points, directions, X, y)[7], alone, rtol=1e-12, atol=1e-14)
    curvature = Curvature(mlp, theta, X, y)
    for _ in range(2):  # the second time from what was kept
        np.testing.assert_allclose(curvature.product(directions)[7], alone, rtol=1e-12, atol=1e-14)


def test_at_a_kink_the_second_slope_is_zero():
    """max(0, w·x) at w = 0, and Huber's loss one away from its target: no curvature but what the smooth sides have."""
    mlp = MLP((1, 1, 1), ("relu",), "mean_squared_error")
    assert np.isfinite(hessian(mlp, np.zeros(4), np.ones((3, 1)), np.zeros(3))).all()
    straight = MLP((1, 1), (), "huber")
    assert not hessian(straight, np.array([1.0, 0.0]), np.ones((3, 1)), np.zeros(3)).any()
    for name in ("relu", "leaky_relu", "elu", "threshold"):
        assert not ACTIVATIONS[name].second(np.zeros(1), np.zeros(1)).any()


def test_a_kink_nearby_does_not_change_the_curvature():
    """One ReLU in two points 1e-9 beside its kink: the Hessian of its piece of the surface, which is quadratic."""
    mlp = MLP((1, 1, 1), ("relu",), "mean_squared_error")
    X, y = np.array([[1.0]]), np.array([0.5])
    theta = np.array([1e-9, 0.0, 2.0, 0.1])  # w, b, W, B: output W·(w + b) + B
    w, W, rest = theta[0], theta[2], 2 * (2e-9 + 0.1 - 0.5)
    J = np.array([W, W, w, 1.0])
    expected = 2 * np.outer(J, J)
    expected[0, 2] += rest
    expected[2, 0] += rest
    expected[1, 2] += rest
    expected[2, 1] += rest
    np.testing.assert_allclose(hessian(mlp, theta, X, y), expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_the_second_slope_is_the_slope_of_the_slope(name):
    act, h = ACTIVATIONS[name], 1e-5
    z = np.array([-30.0, -4.0, -1.3, -0.2, 0.1, 0.9, 2.5, 30.0])
    slopes = [act.slope(at, act.value(at, np.empty_like(z)), np.empty_like(z)) for at in (z - h, z + h)]
    second = act.second(z, act.value(z, np.empty_like(z)))
    np.testing.assert_allclose(second, (slopes[1] - slopes[0]) / (2 * h), atol=2e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_second_slopes_are_finite_at_the_ends_of_the_number_type(name, dtype):
    z = np.array([-np.finfo(dtype).max, -1e4, 1e4, np.finfo(dtype).max], dtype)
    with np.errstate(all="ignore"):
        a = ACTIVATIONS[name].value(z, np.empty_like(z))
        assert np.isfinite(ACTIVATIONS[name].second(z, a)).all()


@pytest.fixture(scope="module")
def trained():
    config = ExperimentConfig(
        DatasetConfig("moons", samples=60), NetworkConfig((6, 5)), lanes=(LaneConfig("adam", 0.02),)
    )
    experiment = Experiment(config)
    experiment.step(100)
    return experiment.mlp(0), experiment.theta(0), experiment.X_train, experiment.data.y_train


def test_a_linear_models_hessian_is_twice_the_mean_of_the_inputs_squared():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 3)), rng.normal(size=50)
    mlp = MLP((3, 1), (), "mean_squared_error")
    full = np.column_stack([X, np.ones(50)])
    expected = 2 * full.T @ full / 50
    theta = rng.normal(size=4)
    assert np.allclose(hessian(mlp, theta, X, y), expected, atol=1e-8)
    decayed = expected + 0.3 * np.diag([1, 1, 1, 0])
    assert np.allclose(hessian(mlp, theta, X, y, l2=0.3), decayed, atol=1e-8)
    values, vectors = eigenpairs(mlp, theta, X, y)
    assert np.allclose(values, np.linalg.eigvalsh(expected), atol=1e-8)
    assert np.allclose(expected @ vectors.T, values * vectors.T, atol=1e-7)


def test_the_spectrum_agrees_with_pytorchs_hessian():
    recorded = json.loads((HERE / "landscape_torch.json").read_text(encoding="utf-8"))["hessian_eigenvalues"]
    theta, _, _, X, y = runpy.run_path(str(HERE / "record_landscape.py"))["numbers"]()
    mlp = MLP((3, 6, 5, 3), ("tanh", "tanh"), "cross_entropy")
    values, _ = eigenpairs(mlp, theta, X, y)
    assert np.allclose(values, recorded, atol=1e-8)
    low, high = extremes(mlp, theta[None], X, y)
    assert low[0] == pytest.approx(recorded[0], rel=1e-6)
    assert high[0] == pytest.approx(recorded[-1], rel=1e-6)


def test_lanczos_agrees_with_the_whole_hessian(trained):
    mlp, theta, X, y = trained
    exact = np.linalg.eigvalsh(hessian(mlp, theta, X, y))
    values, vectors = lanczos(mlp, theta[None].astype(float), X, y, steps=45)
    assert values[0, 0] == pytest.approx(exact[0], rel=1e-4, abs=1e-7)
    assert values[0, -3:] == pytest.approx(exact[-3:], rel=1e-4)
    assert np.allclose(vectors[0] @ vectors[0].T, np.eye(45), atol=1e-9)
    top = vectors[0, -1:]
    assert np.allclose(products(mlp, theta[None], top, X, y), exact[-1] * top, atol=1e-4 * exact[-1])


def test_lanes_do_not_touch_each_other(trained):
    mlp, theta, X, y = trained
    others = np.stack([theta, 0.3 * theta, np.full_like(theta, np.nan), np.zeros_like(theta)]).astype(float)
    low, high = extremes(mlp, others, X, y, steps=30)
    alone = extremes(mlp, others[:1], X, y, steps=30)
    assert (low[0], high[0]) == pytest.approx((alone[0][0], alone[1][0]), rel=1e-9)
    assert np.isnan(low[2]) and np.isnan(high[2])
    assert np.isfinite(low[3]) and np.isfinite(high[3])


def test_a_network_of_few_parameters_and_a_flat_one_are_no_trouble():
    X, y = np.array([[1.0], [2.0]]), np.array([0.0, 1.0])
    mlp = MLP((1, 1), (), "mean_squared_error")
    low, high = extremes(mlp, np.zeros((1, 2)), X, y)
    expected = np.linalg.eigvalsh([[5.0, 3.0], [3.0, 2.0]])
    assert np.allclose([low[0], high[0]], expected, atol=1e-8)
    flat = MLP((1, 3, 1), ("threshold",), "binary_cross_entropy")
    low, high = extremes(flat, np.linspace(-1, 1, 10)[None], X, y)  # steps below, a convex output layer above
    assert low[0] == pytest.approx(0, abs=1e-9) and high[0] > 0
    assert not products(mlp, np.ones((1, 2)), np.zeros((1, 2)), X, y).any()


@pytest.mark.parametrize("which", ["leading", "extremes"])
def test_directions_are_eigenvectors(trained, which):
    mlp, theta, X, y = trained
    d1, d2, values = ls.hessian_directions(mlp, theta, X, y, which)
    H = hessian(mlp, theta, X, y)
    for d, value in zip((d1, d2), values, strict=True):
        assert np.allclose(H @ d, value * d, atol=1e-8 + 1e-6 * abs(value))
        assert d @ d == pytest.approx(1) and d[np.argmax(np.abs(d))] > 0
    assert d1 @ d2 == pytest.approx(0, abs=1e-9)
    exact = np.linalg.eigvalsh(H)
    assert values == pytest.approx(exact[[-1, -2 if which == "leading" else 0]])
    with pytest.raises(ValueError, match="zebra"):
        ls.hessian_directions(mlp, theta, X, y, "zebra")


def test_the_curve_along_an_eigenvector_bends_by_its_eigenvalue(trained):
    mlp, theta, X, y = trained
    theta = theta.astype(np.float64)
    d1, d2, values = ls.hessian_directions(mlp, theta, X, y)
    h = 1e-3
    loss = ls.Plane(theta, d1, d2).loss(mlp, [-h, 0, h], [-h, 0, h], X, y)
    along = (
        (loss[1, 0] - 2 * loss[1, 1] + loss[1, 2]) / h**2,
        (loss[0, 1] - 2 * loss[1, 1] + loss[2, 1]) / h**2,
    )
    assert along == pytest.approx(tuple(values), rel=1e-3)


def test_as_many_lanczos_steps_as_parameters_give_both_ends_to_rounding():
    rng = np.random.default_rng(4)
    mlp = MLP((2, 3, 1), ("tanh",), "mean_squared_error")
    points, X, y = rng.standard_normal((6, 13)), rng.standard_normal((20, 2)), rng.standard_normal(20)
    low, high = extremes(mlp, points, X, y, steps=13)
    for k, theta in enumerate(points):
        exact = np.linalg.eigvalsh(hessian(mlp, theta, X, y))
        assert [low[k], high[k]] == pytest.approx([exact[0], exact[-1]], abs=1e-9 * exact[-1])


def test_a_map_of_curvature_holds_each_cells_extremes(trained):
    mlp, theta, X, y = trained
    plane = ls.Plane(theta, *ls.random_directions(mlp, theta, np.random.default_rng(0)))
    places = np.array([(a, b) for b in ls.axis(0.5, 3) for a in ls.axis(1, 5)])
    low, high = ls.curvature_at(mlp, plane, places, X, y, steps=40)
    assert low.shape == high.shape == (15,)
    assert (low <= high).all()
    for k in (7, 0, 14):
        point = theta + places[k, 0] * plane.d1 + places[k, 1] * plane.d2
        exact = np.linalg.eigvalsh(hessian(mlp, point, X, y))
        assert high[k] == pytest.approx(exact[-1], rel=1e-4)
        assert low[k] == pytest.approx(exact[0], rel=1e-3, abs=1e-6)


def test_a_map_of_curvature_of_a_loss_with_l2_holds_the_penalty_too(trained):
    mlp, theta, X, y = trained
    plane = ls.Plane(theta, *ls.random_directions(mlp, theta, np.random.default_rng(0)))
    low, high = ls.curvature_at(mlp, plane, np.array([[0.3, -0.2]]), X, y, steps=200, l2=0.7)
    exact = np.linalg.eigvalsh(hessian(mlp, theta + 0.3 * plane.d1 - 0.2 * plane.d2, X, y, l2=0.7))
    assert (low[0], high[0]) == (pytest.approx(exact[0], rel=1e-3), pytest.approx(exact[-1], rel=1e-4))


def test_a_large_network_is_refused_whole_but_has_directions():
    mlp = MLP((2, 50, 50, 1), ("tanh", "tanh"), "binary_cross_entropy")
    rng = np.random.default_rng(0)
    theta = mlp.initialize(rng, 1)[0]
    X, y = rng.normal(size=(20, 2)), np.arange(20) % 2
    assert mlp.parameter_count > 4 * SMALL
    with pytest.raises(ValueError, match="too large"):
        hessian(mlp, theta, X, y)
    d1, d2, values = ls.hessian_directions(mlp, theta, X, y)
    for d, value in ((d1, values[0]), (d2, values[1])):
        assert np.allclose(products(mlp, theta[None], d[None], X, y)[0], value * d, atol=1e-4 * values[0])


def least_squares(scales, samples=60):
    """A linear model without hidden layers on orthogonal inputs of these lengths: its Hessian, but for the bias, is diagonal."""
    rng = np.random.default_rng(2)
    columns = np.linalg.qr(rng.standard_normal((samples, len(scales) + 1)))[0][:, : len(scales)]
    mlp = MLP((len(scales), 1), [], "quadratic")
    return (
        mlp,
        rng.standard_normal((1, mlp.parameter_count)),
        np.sqrt(samples) * columns * scales,
        rng.standard_normal(samples),
    )


@pytest.mark.parametrize("scales", [[1, 1, 1, 1, 1], [1, 1e-2, 1e-4], [3, 3, 1, 1, 1e-3]])
def test_all_eigenvalues_are_found_where_some_are_equal_and_some_are_tiny(scales):
    """Equal ones complete a space early, and the next direction must be a fresh one; tiny ones do not."""
    problem = least_squares(np.array(scales, float))
    mlp, theta, X, y = problem
    exact = np.linalg.eigvalsh(hessian(mlp, theta[0], X, y))
    found, vectors = lanczos(*problem, steps=problem[0].parameter_count)
    assert found[0] == pytest.approx(exact, rel=1e-6, abs=1e-13 * exact.max())
    assert vectors[0] @ vectors[0].T == pytest.approx(np.eye(len(exact)), abs=1e-9)
