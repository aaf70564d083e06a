"""Noise: counted exactly, drawn, and recorded from torch's SGD; one sigmoid unit and the losses in place of the error."""

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest

from engine import SCHEDULES
from engine.surfaces import noise, unit
from engine.surfaces.line_fit import LineFit, the_points

RECORD = json.loads((Path(__file__).parents[2] / "oracles" / "first_steps.json").read_text())
START = np.array([-1.5, 1.5])


def test_the_variance_of_a_batch_is_counted():
    """Over every batch that can be drawn from five points."""
    gradients = np.random.default_rng(0).normal(size=(5, 2))
    full = gradients.mean(axis=0)
    for batch in range(1, 6):
        for replace in (True, False):
            ways = itertools.product(range(5), repeat=batch) if replace else itertools.combinations(range(5), batch)  # fmt: skip
            strays = [((gradients[list(way)].mean(axis=0) - full) ** 2).sum() for way in ways]
            assert noise.variance(gradients, batch, replace) == pytest.approx(np.mean(strays), rel=1e-9, abs=1e-15)  # fmt: skip
    assert noise.variance(gradients, 5, False) == 0
    assert noise.variance(gradients[:1], 1, False) == 0


def batch_means(gradients: np.ndarray, batch: int, replace: bool, draws: int, rng: np.random.Generator) -> np.ndarray:  # fmt: skip
    """Mean gradients (draws, P) of so many random batches of the rows (N, P)."""
    count = len(gradients)
    if replace:
        chosen = rng.integers(count, size=(draws, batch))
    else:
        chosen = rng.random((draws, count)).argsort(axis=1)[:, :batch]
    means: np.ndarray = gradients[chosen].mean(axis=1)
    return means


@pytest.mark.parametrize("replace", [True, False])
def test_drawn_batches_have_that_variance(replace):
    fit = the_points()
    gradients = fit.gradients(START)
    drawn = batch_means(gradients, 4, replace, 40_000, np.random.default_rng(1))
    strays = ((drawn - gradients.mean(axis=0)) ** 2).sum(axis=1)
    error = strays.std() / math.sqrt(len(strays))
    assert abs(strays.mean() - noise.variance(gradients, 4, replace)) <= 3 * error
    whole = batch_means(gradients, 20, False, 10, np.random.default_rng(2))
    assert np.allclose(whole, gradients.mean(axis=0)), "all points at once: no arrow strays"


def test_the_edge_of_a_sum_is_that_of_the_mean_over_the_batch():
    fit = the_points()
    assert fit.edge == pytest.approx(0.336, abs=5e-4)
    assert fit.edge / 20 == pytest.approx(0.0168, abs=5e-5)


def test_long_runs_end_where_the_lecture_says():
    t = np.arange(1, 100_001.0)
    schedules = {
        "constant": (0.1 + 0 * t, [0.0526, 0.0526, 0.0526, 0.0526]),
        "root": (0.5 / np.sqrt(t), [0.027, 0.0081, 0.0025, 0.0008]),
        "inverse": (1 / t, [0.01, 1e-3, 1e-4, 1e-5]),
        "small": (0.3 / t, [0.95, 0.24, 0.060, 0.015]),
        "square": (1 / t**2, [0.29, 0.29, 0.29, 0.29]),
    }
    for rates, expected in schedules.values():
        moments = noise.parabola_moments(rates, 5.0)
        for k, value in zip((2, 3, 4, 5), expected, strict=True):
            assert moments[10**k] == pytest.approx(value, rel=0.025)
    assert noise.parabola_moments(np.full(5000, 0.1), 5.0)[-1] == pytest.approx(noise.resting_moment(0.1), rel=1e-9)  # fmt: skip
    assert noise.resting_moment(0.1) == pytest.approx(0.1 / 1.9, rel=1e-12)
    assert math.isinf(noise.resting_moment(2.0)) and math.isinf(noise.resting_moment(3.0))


def test_one_over_t_averages_the_noise_exactly():
    """At α = 1/t and λ = 1, x_t is the mean of t draws of the noise: E x² = σ²/t."""
    moments = noise.parabola_moments(1 / np.arange(1, 501.0), 5.0)
    assert moments[1:] == pytest.approx(1 / np.arange(1, 501), rel=1e-9)


def parabola_lanes(rates: np.ndarray, start: float, lanes: int, rng: np.random.Generator, curvature: float = 1.0, noise: float = 1.0) -> np.ndarray:  # fmt: skip
    """x (T + 1, R) of so many lanes with normal noise."""
    x = np.empty((len(rates) + 1, lanes))
    x[0] = start
    with np.errstate(over="ignore", invalid="ignore"):
        for t, alpha in enumerate(rates):
            x[t + 1] = x[t] - alpha * (curvature * x[t] + noise * rng.standard_normal(lanes))
    return x


@pytest.mark.parametrize("key", SCHEDULES)
def test_the_band_of_400_lanes_holds_the_exact_moment(key):
    """Every schedule of the app, with a warm-up and a hold as well, at ten updates of 2,000. x is normal: E x⁴ is known,
    and with it the standard error of the mean of x²."""
    for more in ({}, {"warm_up": 50, "hold": 100}):
        rates = np.array([SCHEDULES[key].rate(0.3, t, **more) for t in range(1, 2001)])
        exact = noise.parabola_moments(rates, 5.0)
        mean = 5.0 * np.concatenate([[1.0], np.cumprod(1 - rates)])
        spread = exact - mean**2
        error = np.sqrt((2 * spread**2 + 4 * mean**2 * spread) / 400)
        lanes = parabola_lanes(rates, 5.0, 400, np.random.default_rng(5))
        at = np.array([1, 3, 10, 30, 60, 150, 300, 700, 1200, 2000])
        assert (np.abs((lanes[at] ** 2).mean(axis=1) - exact[at]) <= 3 * error[at] + 1e-12).all()


def test_beyond_the_edge_nothing_rests():
    assert noise.parabola_moments(np.full(100, 2.1), 1.0)[-1] > 1e3
    at_edge = noise.parabola_moments(np.full(100, 2.0), 1.0)
    assert at_edge == pytest.approx(1 + 4 * np.arange(101.0)), "α = 2/λ: it keeps its size and gathers noise"


@pytest.mark.parametrize("replace", [True, False])
def test_the_moments_of_sgd_on_a_line_are_those_of_torchs_runs(replace):
    record = RECORD["sgd"]
    runs = np.array(record["gaps"]["with" if replace else "without"])
    exact = noise.line_moments(the_points(), START, record["rate"], record["batch"], replace, len(runs) - 1)
    assert (np.abs(runs[1:, 0] - exact[1:]) <= 3.5 * runs[1:, 1]).all()
    assert exact[0] == pytest.approx(runs[0, 0], rel=1e-9)


def test_sgd_with_all_points_is_gradient_descent():
    fit = the_points()
    exact = noise.line_moments(fit, START, 0.1, 20, False, 50)
    A, e = np.eye(2) - 0.1 * fit.H, START - fit.best
    for gap in exact:
        assert gap == pytest.approx(e @ fit.M @ e, rel=1e-9)
        e = A @ e
    single = LineFit(np.array([2.0]), np.array([1.0]), offset=False)
    assert noise.line_moments(single, np.array([3.0]), 0.1, 1, False, 3)[-1] == pytest.approx(
        4 * (2.5 * 0.2**3) ** 2
    )


# --- one unit ---------------------------------------------------------------------------------------------------


def test_a_unit_learns_as_torchs_does_and_as_the_lecture_says():
    for name, recorded in RECORD["unit"].items():
        loss, start = name.split()
        ours = unit.train(loss, float(start), float(start), 0.15, 300)
        assert ours == pytest.approx(recorded, rel=1e-9)
    at = [0, 50, 100, 150, 300]
    assert np.array(RECORD["unit"]["quadratic 2"])[at].round(3).tolist() == [
        0.982,
        0.976,
        0.964,
        0.933,
        0.203,
    ]
    assert np.array(RECORD["unit"]["cross_entropy 2"])[at].round(3).tolist() == [
        0.982,
        0.099,
        0.041,
        0.026,
        0.012,
    ]


def test_only_the_binary_logarithm_is_an_upper_bound_of_the_error():
    margins = np.linspace(-8, 8, 4001)
    error = unit.SURROGATES["error"](margins)
    for key in ("log2", "hinge", "square"):
        assert (unit.SURROGATES[key](margins) >= error - 1e-12).all()
    margin = np.array(math.log(0.45 / 0.55))  # p = 0.45
    assert unit.SURROGATES["ln"](margin) == pytest.approx(-math.log(0.45), rel=1e-12)
    assert unit.SURROGATES["ln"](margin) < unit.SURROGATES["error"](margin) == 1
    assert unit.SURROGATES["log2"](margin) == pytest.approx(-math.log2(0.45), rel=1e-12)
