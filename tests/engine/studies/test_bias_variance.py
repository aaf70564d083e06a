"""Bias, variance and noise: the identity, the lecture's numbers, least squares by another way, and networks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.curves import CURVES
from engine.studies.bias_variance import (
    PLACES,
    NetworkFits,
    decompose,
    even,
    expected_parts,
    hat,
    polynomial_fits,
    samples,
    truth,
)


def trained(study):
    while not study.sweep.finished:
        study.advance(60)
    return study


def holds_the_identity(fits, real):
    parts = decompose(fits, real)
    scale = max(1.0, float(parts.error.max()))
    np.testing.assert_allclose(parts.bias2 + parts.variance, parts.error, rtol=0, atol=1e-12 * scale)
    np.testing.assert_allclose(parts.error, np.mean((fits - real) ** 2, axis=0), rtol=0, atol=1e-12 * scale)


@given(
    curve=st.sampled_from(list(CURVES)), n=st.integers(2, 60), degree=st.integers(0, 15), sigma=st.floats(0, 1),
    sets=st.integers(1, 64), seed=st.integers(0, 99),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_error_is_bias_squared_plus_variance_for_every_polynomial_in_reach(curve, n, degree, sigma, sets, seed):  # fmt: skip
    fits = polynomial_fits(curve, min(degree, n - 1), n, sigma, sets, seed)
    holds_the_identity(fits, truth(curve, even(PLACES)))


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("settings", [(2, 0.0, 1, (1,)), (20, 0.3, 5, (1, 8, 32)), (60, 1.0, 2, (3,))])
def test_error_is_bias_squared_plus_variance_for_networks(curve, settings):
    n, sigma, sets, widths = settings
    study = trained(NetworkFits(curve, n, sigma, sets, 0, 30, widths))
    for fits in study.fits:
        holds_the_identity(fits, study.truth)


@pytest.mark.parametrize(
    ("degree", "bias2", "variance"),
    [(0, 0.4975, 0.0045), (1, 0.2051, 0.0086), (3, 0.0052, 0.0161), (9, 0.0, 0.0422), (15, 0.0, 0.8737)],
)
def test_the_parts_of_polynomials_are_those_of_the_notes(degree, bias2, variance):
    means = expected_parts("sine", degree, 20, 0.3).means
    assert means[:2] == pytest.approx((bias2, variance), abs=5e-5)


@pytest.mark.parametrize(("n", "degree"), [(20, 0), (20, 3), (12, 9), (5, 4)])
def test_at_the_points_themselves_the_variance_is_sigma_squared_p_over_n(n, degree):
    H = hat(degree, even(n), even(n))
    assert np.mean(np.sum(H**2, axis=1)) == pytest.approx((degree + 1) / n, abs=1e-10)
    np.testing.assert_allclose(H @ H, H, atol=1e-10)


@pytest.mark.parametrize("degree", [0, 2, 6])
def test_a_fit_is_numpys_polynomial(degree):
    x, y = samples("bumps", 15, 0.2, 3, 4)
    fits = polynomial_fits("bumps", degree, 15, 0.2, 3, 4)
    for fit, values in zip(fits, y, strict=True):
        np.testing.assert_allclose(fit, np.polyval(np.polyfit(x, values, degree), even(PLACES)), atol=1e-8)


@pytest.mark.parametrize("degree", [1, 5])
def test_two_thousand_data_sets_have_the_expected_parts(degree):
    fits = np.concatenate([polynomial_fits("tent", degree, 16, 0.4, 500, seed) for seed in range(4)])
    found = decompose(fits, truth("tent", even(PLACES))).means
    expected = expected_parts("tent", degree, 16, 0.4).means
    assert found[1] == pytest.approx(expected[1], rel=0.05)
    assert found[0] == pytest.approx(expected[0], abs=4 * expected[1] / np.sqrt(2000))


def test_data_sets_have_the_same_places_and_the_noise_asked_for():
    x, y = samples("sine", 40, 0.5, 500, 0)
    assert x.shape == (40,) and y.shape == (500, 40)
    assert np.std(y - truth("sine", x)) == pytest.approx(0.5, rel=0.02)
    _, clean = samples("sine", 40, 0.0, 2, 0)
    assert (clean[0] == clean[1]).all() and (clean[0] == truth("sine", x)).all()


def test_one_unit_is_mostly_bias_and_eight_are_nearly_all_variance():
    study = trained(NetworkFits("sine", 20, 0.3, 24, 0, 1200, (1, 8)))
    stiff, free = (study.parts(k).means for k in range(2))
    assert stiff[0] > 2 * stiff[1]
    assert free[1] > 10 * free[0]
    assert free[1] > stiff[1]


def test_more_points_leave_less_variance():
    """As the answer says: it falls as 1/N."""
    few, many = (expected_parts("sine", 3, n, 0.3).means[1] for n in (15, 60))
    assert few / many == pytest.approx(4, rel=0.2)


def test_one_data_set_has_no_variance():
    assert decompose(polynomial_fits("sine", 9, 20, 0.3, 1, 0), truth("sine", even(PLACES))).means[1] == 0


def test_a_width_that_has_not_begun_has_no_parts():
    study = NetworkFits("sine", 10, 0.1, 2, 0, 20, (1, 2))
    assert study.parts(0) is None
    study.advance(1e-9)
    assert study.parts(0) is not None and study.parts(1) is None
