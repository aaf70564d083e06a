"""Linear probes, the three wishes and the principal plane, against scikit-learn (tests/oracles/record_probes.py)."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine.network.principal import principal_plane
from engine.network.probes import Scale, correlation, fit, r_squared, way_back
from tests.oracles.record_probes import problem

CASES = json.loads((Path(__file__).parents[2] / "oracles" / "probes.json").read_text())
TASKS = {0: "regression", 2: "binary"}


def halves(case):
    x, A, y = problem(*case["case"])
    assert A[0, :2].tolist() == pytest.approx(case["first"], abs=1e-12)
    half, classes = len(y) // 2, case["case"][3]
    return x, A, y, half, TASKS.get(classes, "multiclass"), classes


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_probes_and_measures_are_scikit_learns(case):
    x, A, y, half, task, classes = halves(case)
    probe = fit(A[:half], y[:half], task, classes)
    np.testing.assert_allclose(probe.outputs(A[half:])[:5], case["outputs"], atol=1e-7)
    assert probe.score(A[half:], y[half:]) == pytest.approx(case["score"], abs=1e-9)
    assert way_back(A[:half], x[:half]) == pytest.approx(case["back"], abs=1e-9)
    assert correlation(A[:half]) == pytest.approx(case["correlation"], abs=1e-12)
    shares = case["shares"]
    assert principal_plane(A[:half], x[:half]).share == pytest.approx(sum(shares), abs=1e-12)


def test_units_that_are_constant_are_left_out_and_one_unit_has_no_correlation():
    rng = np.random.default_rng(0)
    a = rng.standard_normal((40, 1))
    A = np.hstack([a, np.full((40, 1), 0.7), np.zeros((40, 1))])
    y = (a[:, 0] > 0).astype(float)
    assert Scale.of(A).kept.tolist() == [0] and np.isnan(correlation(A))
    assert fit(A, y, "binary").score(A, y) == 1.0
    assert correlation(np.hstack([a, -2 * a])) == pytest.approx(1.0)
    flat = np.ones((40, 3))
    assert np.isnan(correlation(flat)) and way_back(flat, a) == pytest.approx(0)
    assert fit(flat, y, "binary").outputs(flat)[0, 0] == pytest.approx(
        y.mean()
    )  # it knows how frequent each class is
    assert np.isnan(fit(A, y, "binary").score(A[:0], y[:0]))


def test_a_class_that_no_sample_has_is_never_the_answer():
    rng = np.random.default_rng(1)
    A = rng.standard_normal((60, 3))
    y = (A[:, 0] > 0).astype(float) * 2  # class 1 of 0, 1, 2 is missing
    found = fit(A, y, "multiclass", 3).outputs(A)
    assert np.allclose(found.sum(axis=1), 1) and set(found.argmax(axis=1)) == {0, 2}


def test_r_squared_is_1_for_what_is_right_and_0_for_the_mean():
    T = np.array([[0.0, 1.0], [1.0, 3.0], [2.0, 8.0]])
    assert r_squared(T, T) == 1 and r_squared(T, T * 0 + T.mean(axis=0)) == 0
    assert np.isnan(r_squared(np.ones((3, 1)), np.zeros((3, 1))))


def test_the_principal_plane_lies_like_the_input_and_does_not_jump():
    """A turned and stretched copy of the points in five dimensions comes back as it lay, whatever the sign of the axes."""
    rng = np.random.default_rng(2)
    P = rng.standard_normal((80, 2))
    Q, _ = np.linalg.qr(rng.standard_normal((5, 2)))
    plane = principal_plane(3 * P @ Q.T + 1, P)
    assert plane.share == pytest.approx(1)
    np.testing.assert_allclose(plane.axes.T @ plane.axes, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(plane.places(3 * P @ Q.T + 1), 3 * (P - P.mean(axis=0)), atol=1e-9)


def test_one_unit_lies_on_a_line_in_the_direction_of_the_input():
    x = np.linspace(-1, 1, 20)[:, None]
    plane = principal_plane(-4 * x, x)
    places = plane.places(-4 * x)
    np.testing.assert_allclose(places, np.column_stack([4 * x, 0 * x]), atol=1e-12)
