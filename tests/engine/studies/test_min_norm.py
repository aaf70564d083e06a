"""Least squares with any number of weights: the formula of double descent against draws, LAPACK, and its own limits."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine.studies.cosine_fit import COUNTS, curve_errors, features, points, truth, weights
from engine.studies.min_norm import (
    best_ridge_error,
    drawn_errors,
    expected_test_error,
    expected_train_error,
    min_norm,
)

RECORDED = json.loads((Path(__file__).parents[2] / "oracles" / "generalisation.json").read_text())["min_norm"]


@pytest.mark.parametrize(
    ("p", "error"),
    [(0, 1.25), (20, 1.25 * 1.0833333333333333 / 1.25 * 39 / 19), (38, 36.4), (42, 36.916666666666664), (60, 2.4956140350877192), (120, 1.0432489451476793)],
)  # fmt: skip
def test_the_formula_has_the_values_of_the_lecture_notes(p, error):
    assert expected_test_error(p, 40, 120, 0.5) == pytest.approx(error, abs=1e-9)


@pytest.mark.parametrize("p", [39, 40, 41])
def test_around_as_many_weights_as_samples_the_expected_error_is_infinite(p):
    assert np.isinf(expected_test_error(p, 40, 120, 0.5))


@pytest.mark.parametrize("draw", RECORDED, ids=lambda draw: f"p={draw['p']} n={draw['n']} D={draw['D']} σ={draw['sigma']}")  # fmt: skip
def test_the_formula_agrees_with_400_draws_fitted_by_lapack(draw):
    error = expected_test_error(draw["p"], draw["n"], draw["D"], draw["sigma"])
    assert abs(draw["mean"] - error) <= 3 * draw["se"]


@pytest.mark.parametrize(("p", "tolerance"), [(10, 0.05), (60, 0.15), (120, 0.02)])
def test_our_own_draws_have_the_error_of_the_formula(p, tolerance):
    assert drawn_errors(p, 40, 120, 0.5, 200, 3).mean() == pytest.approx(
        expected_test_error(p, 40, 120, 0.5), rel=tolerance
    )


@pytest.mark.parametrize("p", [5, 20])
def test_the_training_error_falls_in_a_straight_line_and_is_zero_beyond(p):
    """Least squares of y on p random columns leaves (n − p)/n of the variance."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((400, 20, p)), rng.standard_normal((400, 20))
    left = np.mean((y - (X @ min_norm(X, y)[..., None])[..., 0]) ** 2)
    assert left == pytest.approx(expected_train_error(p, 20, 10**9, 0.0), abs=0.02)
    assert expected_train_error(25, 20, 100, 1.0) == 0


@pytest.mark.parametrize(("n", "p"), [(12, 4), (12, 12), (12, 30)])
def test_the_shortest_fit_is_lapacks(n, p):
    rng = np.random.default_rng(p)
    X, y = rng.standard_normal((3, n, p)), rng.standard_normal((3, n))
    for k, theta in enumerate(min_norm(X, y)):
        np.testing.assert_allclose(theta, np.linalg.lstsq(X[k], y[k], rcond=None)[0], atol=1e-9)


def test_the_best_ridge_has_no_peak():
    errors = [best_ridge_error(p, 40, 120, 0.5, 20, 0) for p in (0, 20, 40, 80, 120)]
    assert errors == pytest.approx([1.25, 1.21, 1.18, 1.10, 1.00], abs=0.012)
    assert errors == sorted(errors, reverse=True)


def test_the_best_ridge_is_better_than_smaller_and_larger_ones():
    """By draws: no other λ does better over the same designs."""
    rng = np.random.default_rng(5)
    n, p, D, sigma = 20, 20, 60, 0.5
    s2 = 1 - p / D + sigma**2
    X = rng.standard_normal((2000, n, p))
    theta = rng.standard_normal((2000, p)) / np.sqrt(D)
    y = (X @ theta[..., None])[..., 0] + np.sqrt(s2) * rng.standard_normal((2000, n))
    errors = {}
    for factor in (0.3, 1.0, 3.0):
        gram = X.swapaxes(1, 2) @ X + factor * s2 * D * np.eye(p)
        fit = np.linalg.solve(gram, X.swapaxes(1, 2) @ y[..., None])[..., 0]
        errors[factor] = s2 + np.mean(np.sum((fit - theta) ** 2, axis=1))
    assert errors[1.0] < min(errors[0.3], errors[3.0])
    assert errors[1.0] == pytest.approx(best_ridge_error(p, n, D, sigma, 200, 0), rel=0.02)


def test_which_valley_is_lower_depends_on_the_noise():
    """As the view says: at σ = 0.5 the second is below every small p, at σ = 2 a fit that always says 0 is better."""

    def valley(sigma, counts):
        return min(expected_test_error(p, 40, 120, sigma) for p in counts)

    assert expected_test_error(120, 40, 120, 0.5) == valley(0.5, range(42, 121)) < valley(0.5, range(39))
    assert valley(2.0, range(39)) == expected_test_error(0, 40, 120, 2.0) < valley(2.0, range(42, 121))


# --- cosines ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("p", "median"), [(4, 0.032), (15, 0.113), (1000, 0.060)])
def test_the_seen_curves_are_as_far_from_the_truth_as_in_the_notes(p, median):
    assert np.median(curve_errors(15, 0.3, p, range(100))) == pytest.approx(median, rel=0.15)


def test_the_peak_of_the_seen_curve_is_at_the_number_of_points_and_goes_without_noise():
    noisy = [np.median(curve_errors(15, 0.3, p, range(100))) for p in COUNTS]
    assert COUNTS[int(np.argmax(noisy[3:])) + 3] == 15
    clean = [np.median(curve_errors(15, 0.0, p, range(100))) for p in (12, 15, 18, 1000)]
    assert max(clean) < 0.003


@pytest.mark.parametrize("p", [15, 60, 1000])
def test_from_as_many_cosines_as_points_on_the_curve_meets_every_point(p):
    x, y = points(15, 0.3, range(3))
    np.testing.assert_allclose((features(x, p) @ weights(x, y, p)[..., None])[..., 0], y, atol=1e-8)


def test_points_lie_one_in_each_part_and_have_the_noise_asked_for():
    x, y = points(20, 0.4, range(200))
    assert (np.floor(x * 20) == np.arange(20)).all()
    assert np.std(y - truth(x)) == pytest.approx(0.4, rel=0.05)
