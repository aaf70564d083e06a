"""Newton, BFGS and L-BFGS beside SciPy's recorded runs; random search; the line search by itself."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine import MLP
from engine.methods.line_search import C1, C2, strong_wolfe
from engine.methods.objective import Objective, network_objective
from engine.methods.random_search import RandomSearch
from engine.methods.second_order import BFGS, LBFGS, Newton

SCIPY = json.loads((Path(__file__).parents[2] / "oracles" / "scipy.json").read_text())
METHODS = {"newton": Newton, "bfgs": BFGS, "lbfgs": LBFGS}


def rosenbrock(x):
    a, b = 1 - x[0], x[1] - x[0] ** 2
    H = [[2 - 400 * (x[1] - 3 * x[0] ** 2), -400 * x[0]], [-400 * x[0], 200]]
    return a * a + 100 * b * b, np.array([-2 * a - 400 * x[0] * b, 200 * b]), np.array(H)


def beale(p):
    """Σ (cₖ − x + xyᵏ)², k = 1, 2, 3."""
    x, y = p
    f, g, H = 0.0, np.zeros(2), np.zeros((2, 2))
    for k, c in ((1, 1.5), (2, 2.25), (3, 2.625)):
        r = c - x + x * y**k
        j = np.array([y**k - 1, k * x * y ** (k - 1)])
        second = k * (k - 1) * x * y ** (k - 2) if k > 1 else 0.0
        f, g = f + r * r, g + 2 * r * j
        H += 2 * (np.outer(j, j) + r * np.array([[0, k * y ** (k - 1)], [k * y ** (k - 1), second]]))
    return f, g, H


def rows(function) -> Objective:
    """A function of one point as an objective."""

    def evaluate(theta, lanes):
        values = [function(x) for x in theta]
        return np.array([v[0] for v in values]), np.array([v[1] for v in values])

    return Objective(evaluate, lambda theta, lanes: evaluate(theta, lanes)[0], lambda x, lane: function(x)[2])


def network() -> tuple[MLP, Objective]:
    mlp = MLP((2, 6, 1), ["tanh"], "binary_cross_entropy")
    X, y = np.array(SCIPY["X"]), np.array(SCIPY["y"])
    return mlp, network_objective(mlp, X, mlp.target(y, np.float64), {"l2": np.array([[SCIPY["l2"]]] * 70)})


def minimise(key, ask, start, steps=400, smallest=1e-8):
    theta = np.array([start], dtype=float)
    method = METHODS[key](1, theta.shape[1])
    for _ in range(steps):
        before = theta.copy()
        loss = method.step(theta, ask)[0]
        assert ask.loss(theta, [0])[0] <= loss  # a step never goes up
        if method.failed[0]:
            assert np.array_equal(theta, before) and method.reasons[0]
            break
        if np.abs(ask(theta, [0])[1]).max() < smallest:
            break
    return theta[0], method


@pytest.mark.parametrize("key", list(METHODS))
@pytest.mark.parametrize("name", list(SCIPY["functions"]))
def test_the_minimum_is_scipy_s_at_about_its_cost(name, key):
    record = SCIPY["functions"][name]
    function = {"rosenbrock": rosenbrock, "beale": beale, "beale far": beale}[name]
    theta, method = minimise(key, rows(function), record["start"])
    np.testing.assert_allclose(theta, record["minimum"], rtol=1e-6)
    theirs = record["evaluations"][
        "Newton-CG" if key == "newton" else {"bfgs": "BFGS", "lbfgs": "L-BFGS-B"}[key]
    ]
    assert method.function_evaluations[0] <= 1.5 * theirs + 5


@pytest.mark.parametrize("key", list(METHODS))
def test_a_network_reaches_scipy_s_minimum(key):
    """A network has several minima: SciPy, started where our method ended, must not find a lower one there."""
    ask = network()[1]
    theta, method = minimise(key, ask, SCIPY["theta"], smallest=1e-7)
    best = min(abs(ask.loss(theta[None], [0])[0] - value) for value in SCIPY["minima"])
    assert best < 1e-9
    assert method.function_evaluations[0] <= 2 * max(SCIPY["network_evaluations"].values())
    assert np.abs(ask(theta[None], [0])[1]).max() < 1e-6


def test_newton_solves_a_quadratic_in_one_step_and_counts_it():
    rng = np.random.default_rng(0)
    A = rng.standard_normal((5, 5))
    H, b = A @ A.T + np.eye(5), rng.standard_normal(5)
    method, theta = Newton(1, 5, damping=1e-12), rng.standard_normal((1, 5))
    method.step(theta, rows(lambda x: (0.5 * x @ H @ x - b @ x, H @ x - b, H)))
    np.testing.assert_allclose(theta[0], np.linalg.solve(H, b), rtol=1e-9)
    assert method.function_evaluations[0] == 2 and method.gradient_evaluations[0] == 2 + 5
    assert method.step_length[0] == 1


def test_bfgs_has_the_hessian_after_as_many_conjugate_steps_as_parameters():
    """As exact line searches would make them on a quadratic (Nocedal and Wright, theorem 6.4)."""
    rng = np.random.default_rng(0)
    A = rng.standard_normal((4, 4))
    H = A @ A.T + np.eye(4)
    method = BFGS(1, 4)
    for s in np.linalg.eigh(H)[1].T:
        method._learn(0, s, H @ s)
    np.testing.assert_allclose(method.state["B"][0] @ H, np.eye(4), atol=1e-10)


def test_lbfgs_with_all_pairs_goes_where_bfgs_goes():
    """While no pair has been dropped, and with H₀ scaled once, the first two steps are the same."""
    starts = np.array([[-1.2, 1.0]])
    ends = []
    for kind in (BFGS, LBFGS):
        theta, method = starts.copy(), kind(1, 2)
        for _ in range(2):
            method.step(theta, rows(rosenbrock))
        ends.append(theta)
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-10)


@pytest.mark.parametrize("key", list(METHODS))
def test_lanes_do_not_depend_on_company(key):
    mlp, ask = network()
    starts = mlp.initialize(np.random.default_rng(1), 3)
    starts[1] = np.nan  # a lane that is broken from the start says so and disturbs no other
    together, theta = METHODS[key](3, mlp.parameter_count), starts.copy()
    for _ in range(6):
        together.step(theta, ask)
    assert together.failed.tolist() == [False, True, False] and "finite" in together.reasons[1]
    for lane in (0, 2):
        alone, row = METHODS[key](1, mlp.parameter_count), starts[lane : lane + 1].copy()
        for _ in range(6):
            alone.step(row, ask)
        assert np.array_equal(row[0], theta[lane])
        assert alone.function_evaluations[0] == together.function_evaluations[lane]


@pytest.mark.parametrize("key", list(METHODS))
def test_lanes_that_are_not_active_stay(key):
    mlp, ask = network()
    theta = mlp.initialize(np.random.default_rng(1), 3)
    method, before = METHODS[key](3, mlp.parameter_count), theta.copy()
    losses = method.step(theta, ask, np.array([True, False, True]))
    assert np.array_equal(theta[1], before[1]) and np.isnan(losses[1]) and method.t[1, 0] == 0
    assert not np.array_equal(theta[0], before[0])


@pytest.mark.parametrize("key", list(METHODS))
def test_a_copy_of_parameters_state_and_count_goes_on_the_same(key):
    mlp, ask = network()
    theta = mlp.initialize(np.random.default_rng(2), 2)
    method = METHODS[key](2, mlp.parameter_count)
    for _ in range(4):
        method.step(theta, ask)
    copy, row = method.lane(1), theta[1:].copy()
    spent = method.function_evaluations[1]
    for _ in range(3):
        method.step(theta, ask)
        copy.step(row, ask)
    assert np.array_equal(row[0], theta[1])
    assert copy.function_evaluations[0] == method.function_evaluations[1] - spent


def test_a_flat_place_and_a_bottomless_one_are_said():
    flat, theta = BFGS(1, 2), np.ones((1, 2))
    flat.step(theta, rows(lambda x: (1.0, np.zeros(2), np.zeros((2, 2)))))
    assert flat.failed[0] and "zero" in flat.reasons[0]
    wrong = LBFGS(1, 2)  # a gradient that points the wrong way: no step goes down
    wrong.step(theta, rows(lambda x: (x @ x, -2 * x, np.eye(2))))
    assert wrong.failed[0] and "line search" in wrong.reasons[0]
    assert theta.tolist() == [[1, 1]]


def test_too_many_parameters_are_refused_with_a_sentence():
    with pytest.raises(ValueError, match=r"at most 500 parameters.*L-BFGS"):
        Newton(1, 501)


def test_the_line_search_keeps_its_promise():
    functions = (
        (lambda a: ((a - 3) ** 2, 2 * (a - 3)), 1.0),
        (lambda a: (np.sin(3 * a) * 0.3 - a + 0.05 * a * a, 0.9 * np.cos(3 * a) - 1 + 0.1 * a), 0.1),
        (lambda a: (-np.log(1 + a) + 0.001 * a**4, -1 / (1 + a) + 0.004 * a**3), 100.0),
        (lambda a: (-a, -1.0) if a < 1 else ((a - 2) ** 4 - 2, 4 * (a - 2) ** 3), 1e-4),
        (lambda a: (np.inf, np.nan) if a > 0.5 else ((a - 0.4) ** 2, 2 * (a - 0.4)), 1.0),
    )
    for phi, first in functions:
        f0, slope = phi(0.0)
        alpha = strong_wolfe(phi, f0, slope, first)
        f, df = phi(alpha)
        assert f <= f0 + C1 * alpha * slope and abs(df) <= C2 * abs(slope)


@pytest.mark.parametrize("first", [0.0, 5e-324, 1e-310, 1e-300])
def test_a_first_try_of_nearly_nothing_is_no_trouble(first):
    """As a schedule's rate near its end; where the numbers have run out, no step is the answer."""
    for wall in (0.0, 1e-310, 1.0):
        alpha = strong_wolfe(lambda a: (-a, -1.0) if a < wall else (np.inf, np.nan), 0.0, -1.0, first)  # noqa: B023
        assert alpha is None or 0 < alpha < wall


@pytest.mark.parametrize("key", list(METHODS))
def test_a_rate_of_zero_is_no_step_and_is_said(key):
    theta = np.array([[-1.2, 1.0]])
    method, ask = METHODS[key](1, 2, 0.0), rows(rosenbrock)
    for _ in range(3):
        method.step(theta, ask)
    assert method.failed[0] and "rate is zero" in method.reasons[0]
    assert theta.tolist() == [[-1.2, 1.0]] and method.function_evaluations[0] == 1


def test_random_search_never_goes_up_and_repeats_itself():
    mlp = MLP((2, 3, 1), ["threshold"], "binary_cross_entropy")
    X = np.random.default_rng(0).standard_normal((40, 2)).astype(np.float32)
    ask = network_objective(mlp, X, mlp.target((X[:, 0] > 0).astype(int), np.float32))
    theta = mlp.initialize(np.random.default_rng(0), 2, dtype=np.float32)
    method = RandomSearch(2, mlp.parameter_count, 0.5, np.float32, guesses=np.array([30, 5]))
    alone, row = method.lane(1), theta[1:].copy()
    losses = []
    for _ in range(60):
        losses.append(method.step(theta, ask))
        alone.step(row, ask)
    assert (np.diff(losses, axis=0) <= 0).all()
    assert losses[-1][0] < 0.5 * losses[0][0]
    assert np.array_equal(row[0], theta[1])
    assert method.function_evaluations.tolist() == [60 * 31, 60 * 6] and not method.gradient_evaluations.any()


def test_global_random_search_stays_in_its_box():
    ask = rows(lambda x: (float(np.sum((x - 0.3) ** 2)), 2 * (x - 0.3), np.eye(2)))
    theta = np.array([[50.0, 50.0]])
    method = RandomSearch(1, 2, 0.1, form="global", box=1.0, guesses=200)
    for _ in range(20):
        method.step(theta, ask)
    assert np.abs(theta - 0.3).max() < 0.1


def test_newton_keeps_its_head_where_a_direction_is_flat():
    """L = ½(x₁² + εx₂): the second curvature is 0 and counts as 10⁻⁸ of the largest, however small the damping is."""
    ask = rows(lambda x: (0.5 * x[0] ** 2 + 1e-9 * x[1], np.array([x[0], 1e-9]), np.diag([1.0, 0.0])))
    method, theta = Newton(1, 2, damping=1e-12), np.array([[1.0, 0.0]])
    method.step(theta, ask)
    assert method.direction[0] == pytest.approx([-1.0, -1e-9 / (1e-8 + 1e-12)], rel=1e-6)


@pytest.mark.parametrize("key", list(METHODS))
def test_another_loss_is_asked_again_where_the_last_step_ended(key):
    """What was known of a point belongs to the loss that it was asked of."""
    first, second = (rows(lambda x, c=c: (c * x @ x, 2 * c * x, 2 * c * np.eye(2))) for c in (1.0, 5.0))
    method, theta = METHODS[key](1, 2, 0.3), np.array([[1.0, -2.0]])
    method.step(theta, first)
    here = theta[0].copy()
    assert method.step(theta, second)[0] == pytest.approx(5 * here @ here)
    np.testing.assert_allclose(method.gradient[0], 10 * here)


@pytest.mark.parametrize("failed", [np.nan, np.inf, -np.inf])
def test_random_search_never_goes_where_the_loss_is_no_number(failed):
    """The best of the guesses that have a loss; where none has, it stays."""
    losses = np.full(21, failed)
    losses[[0, 7, 9]] = 3.0, 1.0, 2.0
    seen = []

    def loss(tries, lanes):
        seen.append(tries.copy())
        return losses

    theta = np.zeros((1, 4))
    RandomSearch(1, 4, 0.1).step(theta, Objective(lambda *_: None, loss))
    assert np.array_equal(theta[0], seen[0][7])
    losses[:] = failed
    before = theta.copy()
    RandomSearch(1, 4, 0.1).step(theta, Objective(lambda *_: None, loss))
    assert np.array_equal(theta, before)


def test_the_line_search_goes_four_times_as_far_until_a_minimum_is_between():
    """φ(α) = (α − 100)²: flat enough, |φ′| ≤ 0.9·200, from α = 10 on."""
    tried = []

    def phi(alpha):
        tried.append(alpha)
        return (alpha - 100) ** 2, 2 * (alpha - 100)

    assert strong_wolfe(phi, 1e4, -200.0, 1.0) == 16
    assert tried == [1, 4, 16]


def test_each_newton_lane_has_the_hessian_of_its_own_penalty():
    """L2 adds 2λ to the diagonal of its weights, λ the lane's."""
    rng = np.random.default_rng(0)
    mlp = MLP((2, 3, 1), ["tanh"], "quadratic")
    theta, X, y = mlp.initialize(rng, 3), rng.standard_normal((20, 2)), rng.standard_normal(20)
    strengths = np.array([[0.0], [0.1], [0.7]])
    plain, ask = network_objective(mlp, X, y), network_objective(mlp, X, y, {"l2": strengths})
    for lane in range(3):
        added = ask.hessian(theta[lane], lane) - plain.hessian(theta[lane], lane)
        gradient = ask(theta[[lane]], [lane])[1] - plain(theta[[lane]], [lane])[1]
        assert np.diag(added) @ theta[lane] == pytest.approx(gradient[0].sum()), (
            "the penalty's gradient is linear"
        )
        assert added == pytest.approx(np.diag(np.diag(added))) and (np.diag(added) > 0).any() == (lane > 0)
