"""The chain of units: PyTorch's numbers, and products that are counted."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import ACTIVATIONS, MLP
from engine.network.chain import Factor, forward, multiplications, multiplied, rows, with_reuse

RECORDED = json.loads(
    (Path(__file__).resolve().parents[2] / "oracles" / "backpropagation.json").read_text("utf-8")
)["chain"]


class Counted(float):
    """A number that counts its multiplications."""

    count = 0

    def __mul__(self, other):
        Counted.count += 1
        return Counted(float(self) * float(other))


def counting(table):
    return {
        name: [Factor(f.top, f.bottom, Counted(f.number)) for f in factors] for name, factors in table.items()
    }


def slides():
    return forward(1.0, 1.0, (0.5, -1.0, 2.0), 0.25, ["sigmoid"] * 3)


def test_numbers_are_autograds():
    chain = slides()
    assert chain.a == pytest.approx(RECORDED["a"], abs=1e-12)
    assert chain.f == pytest.approx(RECORDED["f"], abs=1e-12)
    assert chain.loss == pytest.approx(RECORDED["loss"], abs=1e-12)
    for gradients in ({k: multiplied(f) for k, f in rows(chain).items()}, with_reuse(rows(chain))):
        assert [gradients[f"w{k}"] for k in (1, 2, 3)] == pytest.approx(RECORDED["w"], abs=1e-12)
        assert gradients["b"] == pytest.approx(RECORDED["b"], abs=1e-12)


def test_numbers_are_those_of_the_slides():
    chain, gradients = slides(), with_reuse(rows(slides()))
    assert np.round(chain.a, 6).tolist() == [0.75, -0.679179, 0.672889]
    assert np.round(chain.f, 6).tolist() == [0.679179, 0.336445, 0.66215]
    assert {key: round(value, 8) for key, value in gradients.items()} == {
        "w3": -0.02542835,
        "w2": -0.02291973,
        "w1": 0.00735314,
        "b": 0.00735314,
    }


@pytest.mark.parametrize("n", range(1, 13))
def test_multiplications_are_counted(n):
    table = counting(rows(forward(1.0, 0.0, [0.5] * n, 0.1, ["tanh"] * n)))
    Counted.count = 0
    for factors in table.values():
        multiplied(factors)
    without = Counted.count
    Counted.count = 0
    with_reuse(table)
    assert (without, Counted.count) == multiplications(n) == (n * n + 3 * n, 3 * n - 1)


def test_three_units_need_18_multiplications_or_8():
    assert multiplications(3) == (18, 8)
    assert [len(factors) for factors in rows(slides()).values()] == [3, 5, 7, 7]


def test_every_row_repeats_the_one_above_but_for_its_end():
    table = list(rows(slides()).values())
    for above, row in itertools.pairwise(table):
        assert row[: len(above) - 1] == above[:-1]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(sorted(ACTIVATIONS)), min_size=1, max_size=12), st.integers(0, 10**6))
def test_gradients_are_the_networks(activations, seed):
    n, rng = len(activations), np.random.default_rng(seed)
    weights, bias, x, y = rng.standard_normal(n), *rng.standard_normal(3)
    mlp = MLP([1] * (n + 1), activations, "quadratic")
    theta = np.zeros(mlp.parameter_count)
    theta[::2], theta[1] = weights, bias
    loss, gradient = mlp.loss_and_gradient(theta[None], np.array([[x]]), np.array([y]))
    chain = forward(x, y, weights, bias, activations)
    found = with_reuse(rows(chain))
    assert chain.loss == pytest.approx(loss[0], rel=1e-12)
    assert [found[f"w{k + 1}"] for k in range(n)] == pytest.approx(gradient[0, ::2], rel=1e-12, abs=1e-14)
    assert found["b"] == pytest.approx(gradient[0, 1], rel=1e-12, abs=1e-14)


def test_twelve_sigmoids_with_weights_of_one_leave_next_to_nothing():
    chain = forward(1.0, 1.0, [1.0] * 12, 0.25, ["sigmoid"] * 12)
    assert np.prod(chain.slopes) < 1e-7


def test_a_weight_of_zero_silences_all_to_its_left():
    found = with_reuse(rows(forward(1.0, 1.0, (0.5, 0.0, 2.0), 0.25, ["sigmoid"] * 3)))
    assert found["w1"] == found["b"] == 0 and found["w2"] != 0
