"""Two minima of one loss: where each method ends, by closed form, and by PyTorch's optimizers."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine.studies.which_minimum import (
    METHODS,
    by_signs,
    construction,
    descend,
    labels,
    new_accuracy,
    output,
    shortest,
)

RECORDED = json.loads((Path(__file__).parents[2] / "oracles" / "which_minimum.json").read_text())
Y = labels(60, 0.6, 0)
ENDS = {method: descend(method, Y) for method in METHODS}


def test_the_usual_draw_has_33_of_60_and_later_draws_the_share_asked_for():
    assert (Y > 0).sum() == 33
    assert np.mean([labels(100, 0.6, seed) > 0 for seed in range(100)]) == pytest.approx(0.6, abs=0.02)


def test_each_sample_has_its_label_two_constants_and_private_features():
    X = construction(Y)
    assert X.shape == (60, 303)
    assert (X[:, 0] == Y).all() and (X[:, 1:3] == 1).all()
    private = X[:, 3:]
    assert (private.sum(axis=0) <= 1).all(), "no feature belongs to two samples"
    assert (private.sum(axis=1) == np.where(Y > 0, 1, 5)).all()


def test_the_shortest_fit_is_that_of_the_normal_equations_and_of_the_notes():
    X = construction(Y)
    np.testing.assert_allclose(shortest(Y), X.T @ np.linalg.solve(X @ X.T, Y), atol=1e-12)
    assert shortest(Y)[:3] == pytest.approx([0.9495, 0.0179, 0.0179], abs=5e-5)


@pytest.mark.parametrize("seed", range(5))
def test_the_signs_fit_wherever_more_labels_are_positive(seed):
    y = labels(60, 0.7, seed)
    assert np.abs(construction(y) @ by_signs(y) - y).max() < 3e-16
    assert new_accuracy(by_signs(y), 0.7) == pytest.approx(0.7)
    assert new_accuracy(shortest(y), 0.7) == 1


def test_without_a_majority_the_signs_do_not_fit():
    y = np.repeat([1.0, -1.0], 10)
    assert (by_signs(y)[1:3] == 0).all() and np.abs(construction(y) @ by_signs(y) - y).max() > 0.4


@pytest.mark.parametrize("method", METHODS)
def test_every_method_fits_the_training_samples(method):
    X = construction(Y)
    assert ENDS[method].loss[-1] < 1e-20
    assert ENDS[method].loss[-1] == pytest.approx(np.mean((X @ ENDS[method].weights - Y) ** 2))


@pytest.mark.parametrize("method", METHODS)
def test_descent_ends_at_the_shortest_weights_and_adaptive_methods_at_equal_ones(method):
    found = ENDS[method]
    if method in ("sgd", "momentum"):
        np.testing.assert_allclose(found.weights, shortest(Y), atol=1e-9)
        assert new_accuracy(found.weights, 0.6) == 1 and found.negative[-1] < -0.9
    else:
        assert found.weights[:3] == pytest.approx([0.25] * 3, abs=0.005)
        assert new_accuracy(found.weights, 0.6) == pytest.approx(0.6) and found.negative[-1] > 0.2
    assert found.negative[-1] == output(found.weights, -1.0)


@pytest.mark.parametrize("method", METHODS)
def test_pytorchs_optimizers_end_there_too(method):
    """RMSprop's ε stands within the root here, and beside it there; its steps are as large as its rate to the end."""
    tolerance = 3e-3 if method == "rmsprop" else 1e-6
    np.testing.assert_allclose(ENDS[method].weights[:4], RECORDED[method], atol=tolerance)


def test_an_output_of_zero_is_right_half_of_the_time():
    assert new_accuracy(np.zeros(303), 0.6) == 0.5
