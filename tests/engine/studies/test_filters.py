"""Stopping early as a filter: against descent itself, scikit-learn's ridge, and the distance between the two."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine.studies.filters import (
    descent_filter,
    filtered,
    matching_penalty,
    new_error,
    problem,
    ridge_filter,
    safe_rate,
    singular_values,
)

RIDGES = json.loads((Path(__file__).parents[2] / "oracles" / "filters.json").read_text())


@pytest.mark.parametrize(("features", "updates"), [(2, 1), (20, 7), (20, 200), (40, 33)])
def test_the_filter_is_descent_from_zero(features, updates):
    of = problem(40, features, 0.5, 1)
    rate, weights = safe_rate(of.X), np.zeros(features)
    for _ in range(updates):
        weights = weights + 2 * rate * of.X.T @ (of.y - of.X @ weights)
    found = filtered(of, descent_filter(singular_values(of), rate, updates))
    np.testing.assert_allclose(found, weights, rtol=0, atol=1e-14 * max(1, np.abs(weights).max()) * updates)


@pytest.mark.parametrize("ridge", RIDGES, ids=lambda ridge: f"p={ridge['p']} λ={ridge['penalty']:g}")
def test_the_ridge_filter_is_scikit_learns(ridge):
    of = problem(ridge["n"], ridge["p"], ridge["sigma"], ridge["seed"])
    found = filtered(of, ridge_filter(singular_values(of), ridge["penalty"]))
    np.testing.assert_allclose(found, ridge["weights"], rtol=0, atol=1e-12)


@pytest.mark.parametrize("updates", [10, 20, 50, 100, 1000])
def test_descent_and_the_matching_ridge_are_5_to_23_percent_apart(updates):
    of = problem(40, 20, 0.3, 0)
    s, rate = singular_values(of), safe_rate(of.X)
    descent = filtered(of, descent_filter(s, rate, updates))
    ridge = filtered(of, ridge_filter(s, matching_penalty(rate, updates)))
    assert 0.04 < np.linalg.norm(descent - ridge) / np.linalg.norm(descent) < 0.23


def test_where_the_data_are_narrow_the_two_filters_agree():
    s = np.array([1e-4])
    assert descent_filter(s, 0.1, 50) == pytest.approx(ridge_filter(s, matching_penalty(0.1, 50)), rel=1e-5)


def test_with_noise_it_helps_to_stop_and_without_it_does_not():
    for sigma, helps in ((0.3, True), (0.0, False)):
        of = problem(40, 20, sigma, 0)
        s, rate = singular_values(of), safe_rate(of.X)
        errors = [new_error(of, filtered(of, descent_filter(s, rate, count))) for count in (5, 100_000)]
        assert (errors[0] < errors[1]) == helps
