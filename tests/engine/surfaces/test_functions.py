"""Functions and the ways down them: recorded autograd, SciPy's flows and methods, torch's SGD."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.surfaces import curvature, inertia
from engine.surfaces.downhill import descend, first_flat, flow
from engine.surfaces.functions import FUNCTIONS, sigmoid

RECORD = json.loads((Path(__file__).parents[2] / "oracles" / "first_steps.json").read_text())


@pytest.mark.parametrize("key", FUNCTIONS)
def test_values_gradients_and_hessians_are_those_of_the_recorded_autograd(key):
    function = FUNCTIONS[key]
    for case in RECORD["derivatives"][key]:
        at = np.array(case["at"])
        assert function.value(at) == pytest.approx(case["value"], rel=1e-9)
        assert function.gradient(at) == pytest.approx(case["gradient"], rel=1e-9, abs=1e-15)
        assert function.hessian(at) == pytest.approx(np.array(case["hessian"]), rel=1e-9, abs=1e-15)
        many = np.stack([at, at])
        assert function.value(many).shape == (2,) and function.gradient(many).shape == many.shape
        assert function.hessian(many).shape == (*many.shape, many.shape[1])


@pytest.mark.parametrize("key", FUNCTIONS)
def test_minima_are_level_and_bend_upwards(key):
    function = FUNCTIONS[key]
    for minimum in function.minima:
        assert np.abs(function.gradient(np.array(minimum))).max() < 1e-12
        assert np.linalg.eigvalsh(function.hessian(np.array(minimum))).min() > 0
    inside = zip(function.start, function.box, strict=True)
    assert all(low <= number <= high for number, (low, high) in inside)


def test_the_bumpy_bowl_has_no_place_below_its_minima():
    function = FUNCTIONS["bumpy"]
    lowest = function.value(np.linspace(-8, 8, 160_001)[:, None]).min()
    assert function.value(np.array(function.minima[0])) <= lowest + 1e-12


def test_a_unit_that_is_wrong_and_sure_of_it_lies_on_a_plateau():
    at = np.array([6.0, 6.0])
    assert np.linalg.norm(FUNCTIONS["unit"].gradient(at)) == pytest.approx(8.7e-6, abs=5e-8)
    assert math.sqrt(2) * sigmoid(np.array(12.0)) == pytest.approx(1.41, abs=5e-3)  # with cross-entropy
    assert first_flat(FUNCTIONS["unit"].gradient(at)[None], 1e-3) == 0, "the test fires at once"
    assert sigmoid(np.array([-1e3, 1e3])).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("key", FUNCTIONS)
def test_flow_is_scipys(key):
    function = FUNCTIONS[key]
    for case in RECORD["flows"][key]:
        for time, place in zip(case["times"], case["places"], strict=True):
            times, path = flow(function.gradient, np.array(case["start"]), time)
            assert times[-1] == pytest.approx(time)
            assert path[-1] == pytest.approx(place, abs=1e-6)


def test_flow_ends_where_its_steps_run_out_or_numbers_end():
    times, path = flow(lambda x: -(x**3), np.array([1.0]), 10.0)  # leaves every bound at t = ½
    assert times[-1] < 0.51 and np.isfinite(path).all()


def test_descent_ends_before_numbers_do():
    path = descend(FUNCTIONS["rosenbrock"].gradient, np.array([-1.2, 1.0]), 1.0, 100)
    assert 1 < len(path) < 20 and np.isfinite(path).all()


# --- curvature ------------------------------------------------------------------------------------------------


def test_newton_walks_to_the_saddle_and_descent_to_a_minimum():
    function, start = FUNCTIONS["saddle"], np.array([1.0, 0.3])
    path = curvature.walk(function, "newton", start, 4, 0.1)
    assert path == pytest.approx(np.array(RECORD["second_order"]["newton"]), abs=1e-9)
    assert path[1:4] == pytest.approx(np.array([[0, -0.0740], [0, 0.0008], [0, 0]]), abs=5e-5)
    for method in ("gd", "damped", "bfgs"):
        assert curvature.walk(function, method, start, 400, 0.1)[-1] == pytest.approx([0, 1], abs=1e-6)


@pytest.mark.parametrize("key", ["saddle", "rosenbrock", "ravine"])
def test_bfgs_ends_where_scipys_does(key):
    function = FUNCTIONS[key]
    start = np.array([1.0, 0.3]) if key == "saddle" else np.array(function.start)
    end = curvature.walk(function, "bfgs", start, 200, 0.1)[-1]
    assert end == pytest.approx(RECORD["second_order"]["bfgs"][key], abs=1e-5)


@given(st.floats(-3, 3), st.floats(-3, 3))
@settings(max_examples=30, deadline=None)
def test_one_newton_step_is_enough_on_any_quadratic(x, y):
    path = curvature.walk(FUNCTIONS["ravine"], "newton", np.array([x, y]), 1, 0.1)
    assert path[-1] == pytest.approx([0, 0], abs=1e-12)


def test_the_model_has_the_functions_value_slope_and_curvature():
    found = curvature.model(FUNCTIONS["rosenbrock"], np.array([-1.2, 1.0]))
    d = np.array([[0.0, 0.0], [1e-4, -2e-4]])
    exact = FUNCTIONS["rosenbrock"].value(found.at + d)
    assert found.at_step(d) == pytest.approx(exact, rel=1e-8)
    kinds = {"ravine": (1.0, 1.0), "saddle": (0.0, 0.0), "unit": (1.0, 1.0)}
    assert [curvature.model(FUNCTIONS[k], np.array(at)).kind for k, at in kinds.items()] == ["bowl", "saddle", "singular"]  # fmt: skip
    assert curvature.model(FUNCTIONS["unit"], np.array([1.0, 1.0])).step is None
    assert len(curvature.walk(FUNCTIONS["unit"], "newton", np.array([1.0, 1.0]), 5, 0.1)) == 1
    assert curvature.Model(np.zeros(2), 0.0, np.zeros(2), -np.eye(2)).kind == "hill"


def test_the_cost_of_a_newton_step():
    assert curvature.newton_cost(10_000) == (pytest.approx(1e12 / 3), 10**8)
    multiplications = sum((n - k - 1) * (n - k) for n in (40,) for k in range(n))  # elimination, counted
    assert curvature.newton_cost(40)[0] == pytest.approx(multiplications, rel=0.05)


# --- inertia --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.8, 0.9, 0.95])
def test_the_ball_stops_where_torchs_does(beta):
    gradient = FUNCTIONS["bumpy"].gradient
    for form in ("heavy_ball", "ema", "velocity"):
        end = inertia.roll(gradient, np.array([6.0]), 0.05, beta, form, 4000)[-1, 0]
        recorded = RECORD["momentum"][f"{'ema' if form == 'ema' else 'heavy_ball'} {beta}"]
        assert end == pytest.approx(recorded, abs=1e-6)


def test_the_ball_stops_where_the_lecture_says():
    def end(beta, form):
        return abs(inertia.roll(FUNCTIONS["bumpy"].gradient, np.array([6.0]), 0.05, beta, form, 4000)[-1, 0])

    assert [round(end(beta, "heavy_ball"), 2) for beta in (0, 0.5, 0.8, 0.9, 0.95)] == [3.64, 3.64, 2.21, 0.74, 0.74]  # fmt: skip
    assert round(end(0.9, "ema"), 2) == 3.64, "the slide's own form, like no momentum"


@given(st.floats(0, 0.99), st.floats(0.001, 0.1), st.floats(-8, 8))
@settings(max_examples=50, deadline=None)
def test_the_forms_are_one_another(beta, rate, start):
    gradient, x = FUNCTIONS["bumpy"].gradient, np.array([start])
    heavy = inertia.roll(gradient, x, (1 - beta) * rate, beta, "heavy_ball", 50)
    assert inertia.roll(gradient, x, rate, beta, "ema", 50) == pytest.approx(heavy, rel=1e-6, abs=1e-8)
    velocity = inertia.roll(gradient, x, (1 - beta) * rate, beta, "velocity", 50)
    assert velocity == pytest.approx(heavy, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("form", inertia.FORMS)
@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
def test_the_edge_is_where_a_parabola_explodes(form, beta):
    for share, explodes in ((0.98, False), (1.02, True)):
        rate = share * inertia.edge(3.0, beta, form)
        end = abs(inertia.roll(lambda x: 3.0 * x, np.array([1.0]), rate, beta, form, 3000)[-1, 0])
        assert (end > 10) == explodes
    plain = inertia.edge(1.0, 0.0, form)
    assert inertia.edge(1.0, 0.9, form) / plain == pytest.approx(19 if form == "ema" else 1.9)


@given(st.floats(0, 0.97), st.sampled_from(inertia.FORMS), st.floats(0.1, 1.5))
@settings(max_examples=40, deadline=None)
def test_updates_to_cross_a_plateau_are_counted(beta, form, rate):
    count = inertia.updates_to_cross(1.0, 0.01, rate, beta, form)
    path = inertia.roll(lambda x: np.full_like(x, -0.01), np.array([0.0]), rate, beta, form, count)[:, 0]
    assert path[count] >= 1 - 1e-6
    assert path[count - 1] < 1 + 1e-6


def test_the_speed_up_on_a_plateau():
    for beta in (0.5, 0.9, 0.99):
        plain = inertia.updates_to_cross(1000, 0.01, 0.1, 0.0, "heavy_ball")
        assert plain / inertia.updates_to_cross(1000, 0.01, 0.1, beta, "heavy_ball") == pytest.approx(1 / (1 - beta), rel=0.02)  # fmt: skip
        assert plain / inertia.updates_to_cross(1000, 0.01, 0.1, beta, "ema") == pytest.approx(1, rel=0.02)
    assert inertia.updates_to_cross(1e9, 0.01, 0.001, 0.0, "ema", most=1000) == 1000
