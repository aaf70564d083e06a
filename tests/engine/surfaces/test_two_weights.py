"""Two weights in a row: how long a small start takes, by descent and by the closed form."""

import numpy as np
import pytest

from engine.surfaces.two_weights import descend, first_half, flow, flow_to_half


def test_small_starts_reach_one_half_after_the_updates_of_the_page():
    starts = (0.5, 0.1, 0.01)
    assert [first_half(descend(start, 0.05, 200)) for start in starts] == [11, 47, 94]
    assert [flow_to_half(start, 0.05) for start in starts] == pytest.approx([11.0, 46.0, 92.1], abs=0.05)


@pytest.mark.parametrize("start", [0.01, 0.3, 0.9])
def test_the_closed_form_solves_the_flow(start):
    """u̇ = 2u(1 − u), by central differences; and the product is ½ where it says so."""
    t, h = np.linspace(0, 100, 21), 1e-4
    slope = (flow(start, 0.05, t + h) - flow(start, 0.05, t - h)) / (2 * h * 0.05)
    u = flow(start, 0.05, t)
    assert slope == pytest.approx(2 * u * (1 - u), abs=1e-7)
    assert flow(start, 0.05, np.array([0.0]))[0] == pytest.approx(start**2, rel=1e-14)
    assert flow(start, 0.05, np.array([flow_to_half(start, 0.05)]))[0] == pytest.approx(0.5, rel=1e-9)


def test_small_steps_follow_the_flow():
    path = descend(0.1, 0.001, 4000)
    assert path == pytest.approx(flow(0.1, 0.001, np.arange(4001)), abs=2e-3)


def test_zero_never_leaves_the_saddle():
    assert not descend(0.0, 0.1, 100).any() and first_half(descend(0.0, 0.1, 100)) is None
