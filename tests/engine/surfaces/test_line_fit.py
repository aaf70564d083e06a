"""A line through points: closed forms, NumPy's least squares, SciPy's flow, random guesses against their law."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import load_dataset
from engine.surfaces.downhill import descend, first_flat, first_stall
from engine.surfaces.line_fit import LineFit, guesses, guesses_needed, hit_probability, is_inside, the_points

RECORD = json.loads((Path(__file__).parents[2] / "oracles" / "first_steps.json").read_text())
START = np.array([-1.5, 1.5])


def random_fit(rng: np.random.Generator) -> LineFit:
    count = int(rng.integers(2, 30))
    return LineFit(rng.normal(rng.normal(), rng.uniform(0.1, 3), count), rng.normal(0, 2, count), bool(rng.integers(2)))  # fmt: skip


def test_the_pages_points_are_the_recorded_ones():
    fit = the_points()
    assert np.allclose([fit.x, fit.y], RECORD["points"], rtol=0, atol=1e-14)


def test_the_best_line_is_numpys_least_squares():
    rng = np.random.default_rng(1)
    for _ in range(100):
        fit = random_fit(rng)
        assert np.allclose(fit.best, np.linalg.lstsq(fit.X, fit.y, rcond=None)[0], rtol=1e-8, atol=1e-10)
    assert the_points().best == pytest.approx(RECORD["line_flow"]["best"], rel=1e-12)


def test_value_and_gradient_are_those_of_the_recorded_autograd():
    fit = the_points()
    for case in RECORD["derivatives"]["line"]:
        at = np.array(case["at"])
        assert fit.value(at) == pytest.approx(case["value"], rel=1e-12)
        assert fit.gradient(at) == pytest.approx(case["gradient"], rel=1e-12)
        assert pytest.approx(np.array(case["hessian"]), rel=1e-12) == fit.H
        assert fit.gradients(at).mean(axis=0) == pytest.approx(case["gradient"], rel=1e-12)


def test_the_playgrounds_plane_without_hidden_layers_has_the_same_minimum():
    data = DatasetConfig("plane", samples=100, noise=0.2)
    points = load_dataset(data)
    X = np.column_stack([points.X_train, np.ones(len(points.X_train))])
    best = np.linalg.lstsq(X, points.y_train, rcond=None)[0]
    assert best == pytest.approx([0.30851, 0.22093, -0.03313], abs=5e-6)
    lanes = (LaneConfig("newton", 1.0),)
    experiment = Experiment(
        ExperimentConfig(data, NetworkConfig(()), "mean_squared_error", 70, dtype="float64", lanes=lanes)
    )
    experiment.step(5)
    assert experiment.theta(0) == pytest.approx(best, abs=1e-6)


def test_guesses_needed_are_those_of_the_lecture():
    fit = the_points()
    needed = [1 / hit_probability(fit, within) for within in (0.1, 0.01, 0.001)]
    assert [round(number) for number in needed] == [62, 618, 6183]
    assert all(is_inside(fit, within) for within in (0.1, 0.01, 0.001))
    assert hit_probability(fit, 0.1) == pytest.approx(math.pi * 0.1 / (16 * math.sqrt(np.var(fit.x))), rel=1e-9)  # fmt: skip


@pytest.mark.parametrize("within", [0.1, 0.01])
@pytest.mark.parametrize("offset", [True, False])
def test_hits_of_random_guessing_follow_the_law(within, offset):
    """10,000 seeded guesses, within three standard errors of a binomial count."""
    points = the_points()
    fit, count = LineFit(points.x, points.y, offset), 10_000
    p = hit_probability(fit, within)
    hits = int((guesses(fit, count, np.random.default_rng(2))[1] - fit.least <= within).sum())
    assert abs(hits - count * p) <= 3 * math.sqrt(count * p * (1 - p))


def test_guesses_in_many_dimensions():
    found = [guesses_needed(dimensions) for dimensions in (1, 2, 3, 5, 10, 20)]
    assert [f"{number:.3g}" for number in found] == ["10", "127", "1.91e+03", "6.08e+05", "4.02e+12", "4.06e+27"]  # fmt: skip
    assert found[1] == pytest.approx(400 / math.pi, rel=1e-12)
    rng = np.random.default_rng(3)
    hits = (np.linalg.norm(rng.uniform(-1, 1, (200_000, 3)), axis=1) <= 0.1).sum()
    p = 1 / found[2]
    assert abs(hits - 200_000 * p) <= 3 * math.sqrt(200_000 * p)


def test_descent_reaches_each_gap_at_the_steps_of_the_lecture():
    fit = the_points()
    gaps = fit.value(descend(fit.gradient, START, fit.edge / 2, 40)) - fit.least
    assert [int((gaps <= within).argmax()) for within in (0.1, 0.01, 0.001)] == [9, 15, 21]
    steps = [fit.bound(START, fit.edge / 2, np.array([1.0]))[0] / within for within in (0.1, 0.01, 0.001)]
    assert [round(number) for number in steps] == [160, 1597, 15968]


def test_stop_tests_fire_where_the_lecture_says():
    fit = the_points()
    path = descend(fit.gradient, START, fit.edge / 20, 600)
    values = fit.value(path)
    flat, stall = first_flat(fit.gradient(path), 1e-3), first_stall(values, 1e-6)
    assert (flat, stall) == (453, 331)
    assert values[flat] - fit.least == pytest.approx(4.9e-7, abs=5e-9)
    assert values[stall] - fit.least == pytest.approx(2.9e-5, abs=5e-7)
    assert first_flat(fit.gradient(path), 0.0) is None and first_stall(values[:3], 0.0) is None


def test_flow_is_scipys_and_descent_strays_from_it_as_the_lecture_says():
    fit, record = the_points(), RECORD["line_flow"]
    assert fit.flow(START, record["times"]) == pytest.approx(np.array(record["places"]), rel=1e-9)
    for case in RECORD["flows"]["line"]:
        assert fit.flow(np.array(case["start"]), case["times"]) == pytest.approx(np.array(case["places"]), abs=1e-8)  # fmt: skip
    exact = fit.flow(START, [3.0])[0]
    gaps = [
        float(np.linalg.norm(descend(fit.gradient, START, rate, round(3 / rate))[-1] - exact))
        for rate in (0.01, 0.1, 0.3)
    ]
    assert gaps == pytest.approx([0.0015, 0.0147, 0.119], rel=0.02)


def test_the_bound_never_crosses_the_loss():
    rng = np.random.default_rng(4)
    for _ in range(1000):
        fit = random_fit(rng)
        rate, start = float(rng.uniform(0.01, 1)) * fit.edge / 2, rng.normal(0, 3, len(fit.best))
        gaps = fit.value(descend(fit.gradient, start, rate, 60)) - fit.least
        bound = fit.bound(start, rate, np.arange(1, 61))
        assert (gaps[1:] <= bound * (1 + 1e-9) + 1e-12 * (1 + fit.least)).all()


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.01, 1.0), st.integers(0, 60))
@settings(max_examples=50, deadline=None)
def test_descent_against_its_closed_form(w, b, share, steps):
    """θ_t − θ* = (I − ηH)ᵗ(θ₀ − θ*)"""
    fit = the_points()
    rate, start = share * fit.edge, np.array([w, b])
    power = np.linalg.matrix_power(np.eye(2) - rate * fit.H, steps)
    path = descend(fit.gradient, start, rate, steps)
    assert path[-1] - fit.best == pytest.approx(power @ (start - fit.best), rel=1e-9, abs=1e-9)


def test_equal_x_leave_a_valley_and_one_point_too():
    for x, y in (([2.0, 2.0, 2.0], [1.0, 2.0, 3.0]), ([1.5], [3.0])):
        fit = LineFit(np.array(x), np.array(y))
        assert fit.is_valley
        assert hit_probability(fit, 0.1) == 0 and not is_inside(fit, 0.1)
        along = fit.eigen[1][:, 0]
        assert fit.value(fit.best + 5 * along) == pytest.approx(fit.least, abs=1e-12)
        assert fit.best @ along == pytest.approx(0, abs=1e-12), "the shortest of all"
        assert fit.flow(START, [1e6])[0] @ along == pytest.approx(START @ along), (
            "nothing moves along the valley"
        )
    assert not LineFit(np.array([1.5]), np.array([3.0]), offset=False).is_valley
    flat = LineFit(np.zeros(2), np.ones(2), offset=False)
    assert flat.is_valley and math.isinf(flat.edge)


@pytest.mark.parametrize(("x", "y"), [([], []), ([1.0], [1.0, 2.0]), ([math.nan], [1.0]), ([1.0], [math.inf])])  # fmt: skip
def test_points_that_are_none_are_refused(x, y):
    with pytest.raises(ValueError, match=r"point|finite"):
        LineFit(np.array(x), np.array(y))
