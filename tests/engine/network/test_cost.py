"""Multiplications: the counts of the lecture, closed forms, and a count of real products."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import MLP
from engine.network.cost import ORDERS, chain_products, jacobian_cost, pass_cost


def total(*given, **switches):
    return sum(product.multiplications for product in chain_products(*given, **switches))


@pytest.mark.parametrize(
    ("sizes", "forwards", "differences"),
    [((2, 4, 1), 2.33, 34), ((2, 16, 16, 1), 2.89, 674), ((2, 32, 32, 32, 1), 2.97, 4482)],
)
def test_a_gradient_costs_about_two_more_forward_passes(sizes, forwards, differences):
    cost = pass_cost(sizes)
    assert round(cost.in_forwards, 2) == forwards
    assert cost.differences_in_forwards == differences == 2 * MLP(sizes, ["tanh"] * (len(sizes) - 2), "quadratic").parameter_count  # fmt: skip


@given(st.lists(st.integers(1, 40), min_size=2, max_size=6))
def test_counts_are_those_of_the_matrices_that_are_multiplied(sizes):
    """Each product of a backward pass, as its shapes have it."""
    forward = sum(np.ones((1, n)).size * m for n, m in pairwise(sizes))
    weights = sum(n * 1 * m for n, m in pairwise(sizes))
    deltas = sum(1 * m * n for n, m in list(pairwise(sizes))[1:])
    cost = pass_cost(sizes)
    assert (cost.forward, cost.backward) == (forward, weights + deltas)
    assert 2 <= cost.in_forwards <= 3


@given(st.integers(1, 8), st.integers(1, 8))
def test_orders_follow_their_closed_forms(h, d):
    assert total("from the loss", h, d) == h + h * h + h * h * d
    assert total("from the loss", h, d, diagonal_as_vector=True, tensor_as_matrix=True) == 2 * h + h * d
    assert total("from the weights", h, d) == h**3 * d + h * h * d + h * d
    assert total("from the weights", h, d, diagonal_as_vector=True, tensor_as_matrix=True) == 3 * h * d
    for order in ORDERS:
        assert chain_products(order, h, d)[-1].shape == (1, h * d)
        assert total("from the loss", h, d) <= total(order, h, d) + 1


def test_skipped_zeros_are_zeros():
    """The same product with real matrices: it has as many non-zero terms as were counted."""
    h, d = 3, 4
    rng = np.random.default_rng(0)
    D, T = np.diag(rng.random(h) + 1), np.kron(np.eye(h), rng.random(d) + 1)
    products = chain_products("from the weights", h, d, diagonal_as_vector=True, tensor_as_matrix=True)
    assert products[0].multiplications == sum((np.outer(D[:, k], T[k]) != 0).sum() for k in range(h))


def test_forward_mode_wins_with_one_input_and_many_outputs():
    forward, backward = jacobian_cost((1, 8, 10))
    assert forward * 10 == backward
    forward, backward = jacobian_cost((10, 8, 1))
    assert forward == backward * 10
