"""One table of methods against PyTorch's runs, and what holds for every one of them."""

import inspect
import json
import re
from pathlib import Path

import numpy as np
import pytest

from engine import MLP, OPTIMIZERS, SCHEDULES
from engine.methods.base import FirstOrder
from engine.methods.objective import Objective

TORCH = json.loads((Path(__file__).parents[2] / "oracles" / "torch.json").read_text())
OPTAX = json.loads((Path(__file__).parents[2] / "oracles" / "optax.json").read_text())
GIVEN = {name: np.array(value) for name, value in TORCH["problems"].items()}
FIRST_ORDER = [key for key, kind in OPTIMIZERS.items() if not kind.needs_closure]


def gradient_of(problem: str):
    if problem == "quadratic":
        return lambda x, t: x @ GIVEN["H"]
    if problem == "rosenbrock":
        return lambda x, t: np.stack(
            [-2 * (1 - x[:, 0]) - 400 * x[:, 0] * (x[:, 1] - x[:, 0] ** 2), 200 * (x[:, 1] - x[:, 0] ** 2)], axis=1
        )  # fmt: skip
    mlp = MLP((2, 4, 1), ["tanh"], "binary_cross_entropy")

    def network(theta, t):
        part = slice(8 * (t % 5), 8 * (t % 5) + 8)
        return mlp.loss_and_gradient(theta, GIVEN["X"][part], GIVEN["y"][part])[1].copy()

    return network


STARTS = {"quadratic": GIVEN["x0"], "rosenbrock": np.array([-1.2, 1.0]), "network": GIVEN["theta"]}


def run(key, problem, updates, lanes=1, **options):
    theta = np.repeat(STARTS[problem][None], lanes, axis=0)
    optimizer = OPTIMIZERS[key](
        lanes=lanes, parameters=theta.shape[1], learning_rate=TORCH["rates"][problem], **options
    )
    gradient = gradient_of(problem)
    points = []
    for t in range(updates):
        optimizer.step(theta, gradient(theta, t))
        if t + 1 in (1, 2, 10, 50, 200):
            points.append(theta.copy())
    return points


@pytest.mark.parametrize("name", list(TORCH["runs"]))
def test_two_hundred_updates_equal_pytorch(name):
    method, problem = name.split("/")
    ours_at = run(method.split()[0], problem, 200, **TORCH["options"][method])
    for ours, theirs in zip(ours_at, TORCH["runs"][name], strict=True):
        np.testing.assert_allclose(ours[0], theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", list(OPTAX["runs"]))
def test_two_hundred_updates_equal_optax(name):
    method, problem = name.split("/")
    key, options = OPTAX["methods"][method]
    for ours, theirs in zip(run(key, problem, 200, **options), OPTAX["runs"][name], strict=True):
        np.testing.assert_allclose(ours[0], theirs, rtol=1e-9, atol=1e-12)


def test_every_first_order_method_has_an_independent_run():
    assert {name.split("/")[0].split()[0] for name in TORCH["runs"]} | {
        ours for ours, _ in OPTAX["methods"].values()
    } == set(FIRST_ORDER)


@pytest.mark.parametrize("key", list(OPTAX["schedules"]))
def test_schedules_equal_optax(key):
    options, rates = OPTAX["schedules"][key]
    ours = [SCHEDULES[key].rate(0.2, t, **options) for t in range(1, 101)]
    np.testing.assert_allclose(ours, rates, rtol=1e-6)  # optax computes some of them in float32


def test_the_forms_of_momentum_agree_as_the_books_say():
    ball = run("momentum", "quadratic", 50, form="heavy_ball")[-1]
    velocity = run("momentum", "quadratic", 50, form="velocity")[-1]
    np.testing.assert_allclose(velocity, ball, rtol=1e-12)
    theta = STARTS["quadratic"][None].copy()
    ema = OPTIMIZERS["momentum"](1, 6, TORCH["rates"]["quadratic"] / (1 - 0.9), form="ema")
    for t in range(50):
        ema.step(theta, gradient_of("quadratic")(theta, t))
    np.testing.assert_allclose(theta, ball, rtol=1e-12)  # ema at rate η/(1−β) is the heavy ball at η


def test_rmsprop_with_eps_inside_the_root_by_hand():
    optimizer = OPTIMIZERS["rmsprop"](1, 1, 0.1, beta=0.5, eps=0.25)
    theta = np.array([[1.0]])
    optimizer.step(theta, np.array([[2.0]]))
    assert theta[0, 0] == pytest.approx(1 - 0.1 * 2 / 1.5)  # v = 2, √(2 + ¼) = 1.5


def test_lion_by_hand():
    optimizer = OPTIMIZERS["lion"](1, 2, 0.1, weight_decay=0.5)
    theta = np.array([[1.0, -2.0]])
    optimizer.step(theta, np.array([[3.0, -4.0]]))
    np.testing.assert_allclose(theta, [[1 - 0.1 * (1 + 0.5), -2 - 0.1 * (-1 - 1.0)]])
    np.testing.assert_allclose(optimizer.state["m"], [[0.03, -0.04]])


@pytest.mark.parametrize("key", FIRST_ORDER)
def test_no_gradient_no_move(key):
    theta = np.array([[1.0, -2.0]])
    options = {"weight_decay": 0.0} if "weight_decay" in OPTIMIZERS[key].options else {}
    OPTIMIZERS[key](1, 2, 0.1, **options).step(theta, np.zeros((1, 2)))
    assert theta.tolist() == [[1.0, -2.0]]


@pytest.mark.parametrize("key", FIRST_ORDER)
def test_every_method_descends_a_bowl(key):
    theta = np.array([[2.0, -1.5]])
    optimizer = OPTIMIZERS[key](1, 2, OPTIMIZERS[key].start_rate)
    for _ in range(2000):
        optimizer.step(theta, theta.copy())
    assert (theta**2).sum() < 0.01 * (2**2 + 1.5**2)


@pytest.mark.parametrize("key", FIRST_ORDER)
def test_lanes_do_not_touch_each_other(key):
    rng = np.random.default_rng(0)
    rates = np.array([[0.001], [0.02], [0.3]])
    theta = rng.standard_normal((3, 11)).astype(np.float32)
    alone = [theta[k : k + 1].copy() for k in range(3)]
    together = OPTIMIZERS[key](3, 11, rates, np.float32)
    single = [OPTIMIZERS[key](1, 11, rates[k], np.float32) for k in range(3)]
    for t in range(30):
        g = rng.standard_normal((3, 11)).astype(np.float32)
        g[1, 3] = np.inf if t > 20 else g[1, 3]  # a lane that breaks breaks alone
        for k in (0, 1, 2):
            single[k].step(alone[k], g[k : k + 1].copy())
        together.step(theta, g.copy())
    for k in (0, 2):
        assert np.array_equal(theta[k], alone[k][0])


@pytest.mark.parametrize("key", FIRST_ORDER)
def test_lanes_that_are_not_active_keep_parameters_and_state(key):
    rng = np.random.default_rng(0)
    theta = rng.standard_normal((4, 9))
    method = OPTIMIZERS[key](4, 9, 0.1)
    method.step(theta, rng.standard_normal((4, 9)))
    before = theta.copy(), method.t.copy(), {name: rows.copy() for name, rows in method.state.items()}
    active = np.array([True, False, True, False])
    method.step(theta, np.full((4, 9), np.nan), active)
    assert np.array_equal(theta[~active], before[0][~active]) and np.isnan(theta[active]).all()
    assert method.t.ravel().tolist() == [2, 1, 2, 1]
    for name, rows in before[2].items():
        assert np.array_equal(method.state[name][~active], rows[~active])


def test_adam_s_corrected_moments_by_hand():
    """After one update the corrected moments are the gradient and its square."""
    method = OPTIMIZERS["adam"](1, 2, 0.1)
    method.step(np.array([[1.0, -1.0]]), np.array([[0.5, -3.0]]))
    np.testing.assert_allclose(method.state["m"][0], [0.05, -0.3])
    np.testing.assert_allclose(method.derived()["m_hat"], [0.5, -3.0])
    np.testing.assert_allclose(method.derived()["v_hat"], [0.25, 9.0])


@pytest.mark.parametrize("key", FIRST_ORDER)
def test_a_hot_swapped_option_or_rate_holds_from_the_next_update(key):
    """Written in place between two updates, it acts as if the method had been made with it."""
    rng = np.random.default_rng(1)
    kind = OPTIMIZERS[key]
    name = next((n for n, o in kind.options.items() if not (o.choices or o.is_switch)), None)
    low = None if name is None else (kind.options[name].low + kind.options[name].default) / 2
    theta = rng.standard_normal((2, 5))
    swapped, made = kind(2, 5, 0.1), kind(2, 5, 0.02, **({} if name is None else {name: low}))
    other = theta.copy()
    g = rng.standard_normal((2, 5))
    swapped.step(np.zeros((2, 5)), g.copy())
    made.step(np.zeros((2, 5)), g.copy())
    for rows, values in made.state.items():
        values[:] = swapped.state[rows]
    swapped.learning_rate = 0.02
    if name is not None:
        swapped.hyper[name][:] = low
    swapped.step(theta, g.copy())
    made.step(other, g.copy())
    assert np.array_equal(theta, other)


def test_wrong_options_are_refused_with_a_sentence():
    with pytest.raises(ValueError, match="no option"):
        OPTIMIZERS["sgd"](1, 2, 0.1, beta=0.9)
    with pytest.raises(ValueError, match=r"β₁ is 1\.5; choose a number from 0 to"):
        OPTIMIZERS["adam"](1, 2, 0.1, beta1=1.5)


@pytest.mark.parametrize(
    ("key", "options", "t", "factor"),
    [("constant", {}, 99, 1), ("inverse_sqrt", {}, 4, 0.5), ("inverse_time", {"delta": 0.1}, 10, 0.5),
     ("power", {"delta": 1.0}, 8, 0.125), ("step", {"gamma": 0.1, "every": 10}, 21, 0.01),
     ("exponential", {"gamma": 0.5}, 3, 0.25), ("cosine", {"total": 100}, 51, 0.5), ("cosine", {"total": 100}, 900, 0),
     ("one_cycle", {"total": 100}, 31, 1), ("one_cycle", {"total": 100}, 101, 1e-4),
     ("inverse_sqrt", {"warm_up": 10}, 5, 0.5), ("inverse_sqrt", {"hold": 6}, 6, 1), ("inverse_sqrt", {"hold": 6}, 10, 0.5)],
)  # fmt: skip
def test_schedules_by_hand(key, options, t, factor):
    assert SCHEDULES[key].rate(0.2, t, **options) == pytest.approx(0.2 * factor)


@pytest.mark.parametrize("key", list(OPTIMIZERS))
def test_all_that_a_method_keeps_or_derives_has_a_symbol(key):
    """The microscope shows symbols alone: a row without one would be missing there, and nobody would notice."""
    kind = OPTIMIZERS[key]
    method = kind(1, 2, 0.1)
    named = [symbol.name for symbol in kind.symbols]
    with np.errstate(all="ignore"):
        assert sorted(named) == sorted({*kind.rows, *method.derived()})
    for symbol in kind.symbols:
        assert symbol.text and symbol.memory in ("", "gradients", "squares")
        assert symbol.corrects in ("", *kind.rows)


@pytest.mark.parametrize("key", FIRST_ORDER)
def test_what_an_update_reads_is_declared(key):
    """Names that the base class sets are attributes that the class declares, so that a type checker sees them."""
    kind = OPTIMIZERS[key]
    method = kind(2, 3, 0.1)
    method.step(np.ones((2, 3)), np.ones((2, 3)))
    declared = {name for base in kind.__mro__ for name in inspect.get_annotations(base)}
    given = set(vars(method._chunks[0][1])) - set(vars(method))
    unread = set(kind.options) - declared  # an option that only `_prepare` uses
    assert given - unread <= declared and set(kind.rows) <= declared


def test_a_method_must_answer_for_its_rule_and_its_edge():
    class Nameless(FirstOrder):
        key, label = "nameless", "Nameless"

        def _update(self, theta, g):
            theta -= g

    with pytest.raises(TypeError, match="abstract"):
        Nameless(1, 2, 0.1)


@pytest.mark.parametrize("key", list(OPTIMIZERS))
def test_a_method_with_a_preconditioned_edge_says_by_what_it_divides(key):
    kind = OPTIMIZERS[key]
    options = kind.with_defaults({})
    state = {name: np.full(3, 0.25) for name in kind.rows}
    if kind.edge(options, 0.1).preconditioned:
        assert kind.divisor(options, state, 5).shape == (3,)
    else:
        with pytest.raises(NotImplementedError):
            kind.divisor(options, state, 5)


@pytest.mark.parametrize(
    ("key", "options", "wanted", "unwanted"),
    [
        ("momentum", {"form": "ema"}, r"(1-\beta) g", "v"),
        ("momentum", {"form": "velocity"}, r"\theta + v", "m"),
        ("momentum", {}, r"\beta v + g", "m"),
        ("rmsprop", {"eps_in_sqrt": False}, r"(\sqrt{v}+\varepsilon)", r"\sqrt{v+"),
        ("random_search", {"form": "global"}, "su_1", r"\eta"),
        ("random_search", {}, r"\eta u_1", "su_1"),
        ("adam", {}, r"\hat m", "u"),
    ],
)
def test_the_formula_on_the_screen_is_that_of_the_chosen_form(key, options, wanted, unwanted):
    kind = OPTIMIZERS[key]
    formula = kind.formula_with(kind.with_defaults(options))
    letters = re.sub(r"\\[a-z]+", "", formula) if len(unwanted) == 1 else formula
    assert wanted in formula and unwanted not in letters


def test_in_its_global_form_random_search_does_not_use_the_rate():
    """As its help says: the same points whatever η is."""
    ends = []
    for rate in (0.01, 10.0):
        method, theta = OPTIMIZERS["random_search"](1, 3, rate, form="global"), np.ones((1, 3))
        ask = Objective(lambda t, lanes: ((t**2).sum(axis=1), 2 * t), lambda t, lanes: (t**2).sum(axis=1))
        for _ in range(5):
            method.step(theta, ask)
        ends.append(theta.tolist())
    assert ends[0] == ends[1]
    assert "plays no part" in OPTIMIZERS["random_search"].options["form"].help


@pytest.mark.parametrize("key", [key for key, kind in OPTIMIZERS.items() if "beta" in str(kind.options)])
def test_an_average_that_keeps_everything_is_refused(key):
    """β = 1 would never take in a gradient, and 1 − βᵗ would be zero."""
    for name in (name for name in OPTIMIZERS[key].options if name.startswith("beta")):
        with pytest.raises(ValueError, match="choose a number from 0 to"):
            OPTIMIZERS[key](1, 2, 0.1, **{name: 1.0})
        OPTIMIZERS[key](1, 2, 0.1, **{name: 0.99999})


@pytest.mark.parametrize(
    "key",
    [key for key in FIRST_ORDER if OPTIMIZERS[key].edge(OPTIMIZERS[key].with_defaults({}), 1).preconditioned],
)
def test_the_divisor_is_what_the_step_was_divided_by(key):
    """Step · D = −η times the average of gradients, or the gradient; soon after the start, where corrections count."""
    kind, rng = OPTIMIZERS[key], np.random.default_rng(2)
    options = {"weight_decay": 0.0} if "weight_decay" in kind.options else {}
    method, theta = kind(1, 4, 0.03, **options), np.zeros((1, 4))
    for t in range(1, 4):
        before, old = theta.copy(), {name: rows[0].copy() for name, rows in method.state.items()}
        g = rng.standard_normal((1, 4))
        method.step(theta, g.copy())
        state = {name: rows[0] for name, rows in method.state.items()}
        if key == "adadelta":  # its step used the average of steps before this one
            state["u"] = old["u"]
        D = kind.divisor(kind.with_defaults(options), state, t)
        np.testing.assert_allclose((theta - before)[0] * D, -0.03 * state.get("m", g[0]), rtol=1e-10)


@pytest.mark.parametrize("key", FIRST_ORDER)
def test_a_corrected_average_is_a_multiple_of_the_row_that_its_symbol_names(key):
    kind, rng = OPTIMIZERS[key], np.random.default_rng(0)
    method = kind(1, 5, 0.01, **({"beta2": 0.5} if "beta2" in kind.options else {}))
    for _ in range(6):  # long enough for AMSGrad's largest v to differ from its v
        method.step(np.ones((1, 5)), rng.standard_normal((1, 5)))
    found = method.derived()
    for symbol in (symbol for symbol in kind.symbols if symbol.corrects):
        ratio = found[symbol.name] / method.state[symbol.corrects][0]
        assert ratio[0] > 1
        np.testing.assert_allclose(ratio, ratio[0], rtol=1e-12)
