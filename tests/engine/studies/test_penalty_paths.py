"""Penalties on linear models: closed forms against scikit-learn's records, and the priors behind them."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine.studies.penalty_paths import CENTRES, cut, hovering, lasso, prior, ridge, shrunk

CASES = json.loads((Path(__file__).parents[2] / "oracles" / "lasso.json").read_text(encoding="utf-8"))


def normal_equations(case):
    """H = XᵀX/n and b = Xᵀy/n of the centred design."""
    X, y = np.array(case["X"]), np.array(case["y"])
    X, y = X - X.mean(axis=0), y - y.mean()
    return X.T @ X / len(X), X.T @ y / len(X)


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_lasso_and_ridge_are_scikit_learns(case):
    H, b = normal_equations(case)
    assert np.abs(lasso(H, b, case["l1"]) - case["lasso"][:-1]).max() < 1e-10
    assert np.abs(ridge(H, b, case["l2"]) - case["ridge"][:-1]).max() < 1e-10
    if case["orthogonal"]:
        assert cut(b, case["l1"]) == pytest.approx(np.array(case["lasso"][:-1]), abs=1e-14)
        assert shrunk(b, case["l2"]) == pytest.approx(np.array(case["ridge"][:-1]), abs=1e-14)


def test_of_the_twelve_weights_l1_cuts_six_and_seven_and_l2_none():
    assert [int((cut(CENTRES, strength) == 0).sum()) for strength in (0.1, 0.3)] == [6, 7]
    assert (shrunk(CENTRES, 100.0) != 0).all()
    assert not cut(CENTRES, 2.0).any() and np.array_equal(cut(CENTRES, 0.0), CENTRES)


@pytest.mark.parametrize("strength", [0.1, 0.3])
def test_the_sub_gradient_hovers_about_zero_within_its_bound_and_is_never_there(strength):
    rate = 0.1
    last = hovering(CENTRES, strength, rate, 500)
    small = np.abs(CENTRES) < strength
    assert (last != 0).all()
    assert (np.abs(last[:, small]) <= rate * (strength + np.abs(CENTRES[small]))).all()
    assert (np.sign(last[0, small]) != np.sign(last[1, small])).any()
    assert last[1, ~small] == pytest.approx(cut(CENTRES, strength)[~small], abs=1e-9)


def test_priors_are_laplace_gauss_and_their_product_and_integrate_to_one():
    w = np.linspace(-30, 30, 600_001)
    laplace, gauss = prior(w, 10, 0.1, 0), prior(w, 10, 0, 0.1)
    assert laplace == pytest.approx(np.exp(-np.abs(w)) / 2, rel=1e-5)
    assert gauss == pytest.approx(np.exp(-(w**2) / 2) / np.sqrt(2 * np.pi), rel=1e-5)
    for density in (laplace, gauss, prior(w, 10, 0.1, 0.1), prior(w, 10, 3.0, 1e-5)):
        assert np.trapezoid(density, w) == pytest.approx(1, abs=1e-4)
    with pytest.raises(ValueError, match="no prior"):
        prior(w, 10, 0, 0)
