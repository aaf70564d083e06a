"""The proximal L1 step: scikit-learn's Lasso to rounding with SGD, exact zeros with every method, and nothing else changed."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine import OPTIMIZERS, DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.config.changes import describe_change, needs_new_run
from engine.config.experiment import from_query_checked
from engine.network.penalties import L1_STEP, soft_threshold
from engine.studies.microscope import Microscope, phases
from engine.training.resample import Resample

CASES = json.loads((Path(__file__).parents[2] / "oracles" / "lasso.json").read_text(encoding="utf-8"))
FIRST_ORDER = [key for key, kind in OPTIMIZERS.items() if not kind.needs_closure]
X, Y = (np.array([case[name] for case in CASES]) for name in ("X", "y"))


def linear(lanes, **more):
    """Linear models on the recorded designs, all at once, by full-batch training on ½·mean squared error."""
    config = ExperimentConfig(
        network=NetworkConfig(()), loss="quadratic", batch_size=5000, dtype="float64", lanes=tuple(lanes), **more
    )  # fmt: skip
    return Resample(config, X, Y)


def steepest(x):
    """The rate of one over the largest curvature, at which gradient descent is sure to fall."""
    A = np.column_stack([x, np.ones(len(x))])
    return float(1 / np.linalg.eigvalsh(A.T @ A / len(A))[-1])


def thetas(run):
    return np.array([run.theta(k) for k in range(len(run.lanes))])


# --- the soft threshold ---------------------------------------------------------------------------------------


def test_soft_threshold_is_the_minimum_that_its_formula_says():
    w = np.array([-2.0, -0.5, -0.1, 0.0, 0.3, 0.5, 4.0])
    assert soft_threshold(w, np.array(0.5)).tolist() == [-1.5, 0, 0, 0, 0, 0, 3.5]
    u = np.linspace(-5, 5, 200_001)
    for each in w:
        lowest = u[np.argmin(0.5 * (u - each) ** 2 + 0.5 * np.abs(u))]
        assert soft_threshold(np.array([each]), np.array(0.5))[0] == pytest.approx(lowest, abs=1e-4)
    assert not np.signbit(soft_threshold(np.array([-0.1, -2.0]), np.array([0.5, np.inf]))).any()
    assert soft_threshold(w.astype(np.float32), np.array(0.5)).dtype == np.float32


def test_sgd_with_the_proximal_step_ends_at_scikit_learns_lasso():
    lanes = [LaneConfig("sgd", steepest(x), l1=case["l1"], l1_step="proximal") for x, case in zip(X, CASES, strict=True)]  # fmt: skip
    run = linear(lanes)
    run.step(2500)
    expected = np.array([case["lasso"] for case in CASES])
    assert np.abs(thetas(run) - expected).max() < 1e-10
    assert ((thetas(run) == 0) == (expected == 0)).all() and (expected == 0).sum() > 20


def test_an_orthogonal_design_needs_one_soft_threshold_of_least_squares():
    """θ = S(XᵀY/n, λ): the closed form, to rounding."""
    for case in CASES:
        if case["orthogonal"]:
            x, y = np.array(case["X"]), np.array(case["y"])
            w = soft_threshold(x.T @ y / len(x), np.array(case["l1"]))
            assert w == pytest.approx(np.array(case["lasso"][:-1]), abs=1e-14)


def test_sgd_with_l2_ends_at_scikit_learns_ridge():
    lanes = [
        LaneConfig("sgd", 1 / (1 / steepest(x) + case["l2"]), l2=case["l2"]) for x, case in zip(X, CASES, strict=True)
    ]  # fmt: skip
    run = linear(lanes)
    run.step(2500)
    assert np.abs(thetas(run) - np.array([case["ridge"] for case in CASES])).max() < 1e-10


def test_the_sub_gradient_alone_makes_no_weight_zero():
    lanes = [LaneConfig("sgd", steepest(x), l1=case["l1"]) for x, case in zip(X, CASES, strict=True)]
    run = linear(lanes)
    run.step(500)
    assert (thetas(run)[:, :-1] != 0).all()


@pytest.mark.parametrize("key", FIRST_ORDER)
def test_with_every_method_the_zeros_are_lassos_and_the_rest_is_near(key):
    """At a fixed point |g| ≤ λ where a weight is 0 and g = −λ·sign elsewhere, whatever the pace: Lasso's conditions."""
    rate = {"sgd": 0.2, "adagrad": 0.3, "adadelta": 3.0}.get(key, 0.02)
    lanes = [
        LaneConfig(key, rate, l1=case["l1"], l1_step="proximal", schedule="inverse_time", schedule_options={"delta": 0.01})
        for case in CASES
    ]  # fmt: skip
    run = linear(lanes)
    run.step(4000)
    weights, expected = thetas(run)[:, :-1], np.array([case["lasso"] for case in CASES])[:, :-1]
    clear = (np.abs(expected) > 0.03) | (expected == 0)
    assert ((weights == 0) == (expected == 0))[clear].mean() > 0.95
    assert np.abs(weights - expected).max() < 0.03


# --- lanes ----------------------------------------------------------------------------------------------------


def small(*lanes, **more):
    return ExperimentConfig(
        DatasetConfig("moons", samples=60), NetworkConfig((8,)), batch_size=16, lanes=lanes, **more
    )


@pytest.mark.parametrize("key", FIRST_ORDER)
def test_a_huge_penalty_leaves_the_biases_alone_and_a_proximal_lane_has_the_same_bits_in_company(key):
    rate = OPTIMIZERS[key].start_rate
    lanes = (
        LaneConfig(key, rate, l1=10.0, l1_step="proximal"),
        LaneConfig(key, rate, l1=0.003, l1_step="proximal"),
        LaneConfig(key, rate / 2, l1=0.003),
    )
    together = Experiment(small(*lanes))
    together.step(40)
    mlp, theta = together.mlp(0), together.theta(0)
    assert (theta[mlp.weight_mask] == 0).all() and (theta[~mlp.weight_mask] != 0).any()
    for k, lane in enumerate(lanes):
        alone = Experiment(small(lane))
        alone.step(40)
        assert alone.theta(0).tobytes() == together.theta(k).tobytes(), k


def test_frozen_weights_are_not_shrunk():
    network = NetworkConfig((8,), frozen=(1,))
    run = Experiment(replace(small(LaneConfig("sgd", 0.1, l1=10.0, l1_step="proximal")), network=network))
    before = run.theta(0)
    run.step(20)
    assert np.array_equal(run.theta(0)[:24], before[:24]) and (run.theta(0)[24:32] == 0).all()


@pytest.mark.parametrize("key", [key for key in OPTIMIZERS if key not in FIRST_ORDER])
def test_methods_that_ask_for_losses_use_the_penalty_itself_as_the_help_says(key):
    lanes = [LaneConfig(key, OPTIMIZERS[key].start_rate, l1=0.01, l1_step=step) for step in L1_STEP.choices]
    runs = [Experiment(small(lane)) for lane in lanes]
    for run in runs:
        run.step(5)
    assert runs[0].theta(0).tobytes() == runs[1].theta(0).tobytes()
    assert "Newton, BFGS, L-BFGS and random search use the penalty itself" in L1_STEP.help


def test_without_a_penalty_the_step_changes_nothing_and_a_change_is_hot():
    plain, proximal = LaneConfig("adam", 0.02), LaneConfig("adam", 0.02, l1_step="proximal")
    runs = [Experiment(small(lane)) for lane in (plain, proximal)]
    for run in runs:
        run.step(20)
    assert runs[0].theta(0).tobytes() == runs[1].theta(0).tobytes()
    assert needs_new_run(small(plain), small(proximal)) == []
    assert describe_change(plain, proximal) == "L1 step sub-gradient → proximal"
    run = runs[0]
    run.swap(0, replace(plain, l1=5.0, l1_step="proximal"))
    run.step(20)
    assert (run.theta(0)[run.mlp(0).weight_mask] == 0).mean() > 0.9


def test_link_and_json_hold_the_step():
    config = small(LaneConfig(l1=0.01, l1_step="proximal"), LaneConfig(l1=0.01))
    assert config.to_query()["l1step"] == "proximal" and "l1step:sub-gradient" in config.to_query()["lane1"]
    assert ExperimentConfig.from_query(config.to_query()) == config
    assert ExperimentConfig.from_json(config.to_json()) == config
    bad, problems = from_query_checked({"l1step": "hard"})
    assert bad.lanes[0].l1_step == "sub-gradient" and "sub-gradient is used instead" in problems[0]
    with pytest.raises(ValueError, match="choose one of sub-gradient, proximal"):
        LaneConfig(l1_step="hard")


# --- the microscope -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["sgd", "adam", "lion"])
def test_the_microscope_shows_the_threshold_with_its_numbers(key):
    run = Experiment(small(LaneConfig(key, 0.05, l1=0.05, l1_step="proximal"), dtype="float64"))
    run.step(5)
    microscope = Microscope(run, [3])
    microscope.observe()
    latest = microscope.latest(0)
    assert latest["after"] == pytest.approx(
        np.sign(latest["reached"]) * max(abs(latest["reached"]) - latest["amount"], 0), abs=1e-15
    )
    assert key != "sgd" or latest["amount"] == pytest.approx(0.05 * 0.05)
    assert key != "sgd" or latest["reached"] == pytest.approx(latest["theta"] - 0.05 * latest["gradient"])
    assert r"\mathrm{sign}(\theta)\cdot \max(|\theta| - " in microscope.formula(0)
    report = phases(run, 0)
    run.step(1)
    assert np.array_equal(run.theta(0), report["after"])
