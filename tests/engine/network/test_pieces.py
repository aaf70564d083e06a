"""Networks built by hand: they pass through their points, fold the interval, and miss no more than the theory says."""

import numpy as np
import pytest

from engine.network.mlp import MLP
from engine.network.pieces import folded, folded_in, interpolant, joined_in, pieces, sine_bound


def outputs(mlp, theta, x):
    return mlp.forward(theta, x[:, None])[0, :, 0]


@pytest.mark.parametrize("count, error, bound", [(5, 0.1818, 0.1974), (10, 0.0489, 0.0493), (20, 0.0122, 0.0123), (40, 0.0031, 0.0031)])  # fmt: skip
def test_a_sine_of_m_pieces_misses_what_the_lecture_says(count, error, bound):
    knots, x = np.linspace(0, 1, count + 1), np.linspace(0, 1, 20_001)
    worst = np.abs(outputs(*interpolant(knots, np.sin(2 * np.pi * knots)), x) - np.sin(2 * np.pi * x)).max()
    assert worst == pytest.approx(error, abs=5e-5)
    assert sine_bound(count) == pytest.approx(bound, abs=5e-5)
    assert worst <= sine_bound(count)


def test_the_network_is_numpys_interpolation_between_any_points():
    rng = np.random.default_rng(0)
    for count in (2, 3, 9):
        knots, heights = np.sort(rng.uniform(-1, 1, count)), rng.standard_normal(count)
        x = np.linspace(knots[0], knots[-1], 501)
        assert outputs(*interpolant(knots, heights), x) == pytest.approx(np.interp(x, knots, heights), abs=1e-12)  # fmt: skip
    with pytest.raises(ValueError, match="further to the right"):
        interpolant([0, 0], [1, 2])


def test_a_jump_is_missed_by_half_of_it_at_any_width():
    x = np.linspace(0, 1, 100_001)
    for count in (8, 64, 500):
        knots = np.linspace(0, 1, count + 1)
        worst = np.abs(outputs(*interpolant(knots, (knots >= 0.5).astype(float)), x) - (x >= 0.5)).max()
        assert 0.5 <= worst <= 1


@pytest.mark.parametrize("folds", range(1, 9))
def test_k_layers_of_two_make_2_to_the_k_pieces_with_6k_and_1_parameters(folds):
    mlp, theta = folded(folds)
    x = np.arange(0, 1 + 2**-10, 2**-10)
    tent = x
    for _ in range(folds):
        tent = 1 - np.abs(2 * tent - 1)
    assert np.array_equal(outputs(mlp, theta, x), tent)
    assert pieces(x, tent) == 2**folds
    assert (
        sum(weights.size + bias.size for weights, bias in mlp.unflatten(theta)) == theta.size == 6 * folds + 1
    )
    knots = np.arange(0, 1 + 2.0**-folds, 2.0**-folds)
    wide, row = interpolant(knots, np.arange(len(knots)) % 2.0)
    assert np.array_equal(outputs(wide, row, x), tent)
    assert wide.layer_sizes[1] == 2**folds  # its first neuron makes the first piece, which a bias could not


def test_twenty_folds_are_exact():
    mlp, theta = folded(20)
    x = np.array([0.0, 2.0**-20, 3 * 2.0**-20, 0.5, 1.0])
    assert outputs(mlp, theta, x).tolist() == [0, 1, 1, 0, 0]


@pytest.mark.parametrize("hidden", [(5,), (7,), (3, 6), (6, 1, 2), (1, 5), (2, 1, 8, 1)])
def test_the_interpolant_fits_into_any_network_with_a_layer_of_as_many_neurons(hidden):
    rng = np.random.default_rng(1)
    knots, heights = np.sort(rng.uniform(-2, 1, 6)), rng.standard_normal(6)
    x = np.linspace(knots[0], knots[-1], 501)
    mlp = MLP((1, *hidden, 1), ("relu",) * len(hidden), "mean_squared_error")
    assert outputs(mlp, joined_in(hidden, knots, heights), x) == pytest.approx(np.interp(x, knots, heights), abs=1e-12)  # fmt: skip
    with pytest.raises(ValueError, match="5 pieces need a layer of 5 neurons"):
        joined_in((4, 4), knots, heights)


@pytest.mark.parametrize("hidden", [(2, 2, 2), (8, 8, 8), (3, 2, 4, 1, 5)])
def test_three_folds_of_any_interval_fit_into_three_layers_of_two_neurons_or_more(hidden):
    x = np.linspace(0, 1, 801)
    mlp = MLP((1, *hidden, 1), ("relu",) * len(hidden), "mean_squared_error")
    made = outputs(mlp, folded_in(hidden, 3, -2.0, 2.0), 4 * x - 2)
    assert made == pytest.approx(outputs(*folded(3), x), abs=1e-12)
    for short in ((2, 2), (2, 1, 2)):
        with pytest.raises(ValueError, match="two neurons"):
            folded_in(short, 3, 0.0, 1.0)


def test_a_steep_straight_line_is_one_piece():
    x = np.linspace(0, 1, 50)
    assert pieces(x, 1e6 * x) == 1
