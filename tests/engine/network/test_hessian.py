"""Curvature against closed forms, PyTorch's recorded Hessian and the definition of an eigenvector."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest

from engine import MLP, DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.landscape import plane as ls
from engine.network.hessian import SMALL, eigenpairs, extremes, hessian, lanczos, products

HERE = Path(__file__).parents[1] / "recorded"


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
