"""The error rate and the cross-entropy in bits as pictures of a network."""

import numpy as np
import pytest

from engine import MLP
from engine.landscape.measured import Measured
from engine.landscape.plane import Plane, axis


@pytest.mark.parametrize(("loss", "outputs"), [("binary_cross_entropy", 1), ("cross_entropy", 3)])
def test_the_error_is_counted_and_bits_lie_above_it_everywhere(loss, outputs):
    rng = np.random.default_rng(0)
    mlp = MLP((2, 5, outputs), ("tanh",), loss)
    theta, X = 2 * rng.standard_normal((30, mlp.parameter_count)), rng.standard_normal((40, 2))
    y = rng.integers(0, max(2, outputs), 40)
    error, bits = (Measured(mlp, measure).loss(theta, X, y) for measure in ("error", "bits"))
    z = mlp.forward(theta, X)
    label = z.argmax(axis=2) if outputs > 1 else (z[:, :, 0] >= 0).astype(int)
    assert error == pytest.approx((label != y).mean(axis=1))
    assert bits == pytest.approx(mlp.loss(theta, X, y) / np.log(2), rel=1e-12)
    assert np.all(bits >= error) and np.any(bits * np.log(2) < bits)


def test_natural_logarithms_are_no_upper_bound_of_the_error():
    """One sample, p just below ½: the error is 1, −ln p 0.69, −log₂ p 1."""
    mlp, theta, X = MLP((1, 1), (), "binary_cross_entropy"), np.array([[-1e-9, 0.0]]), np.ones((1, 1))
    y = np.ones(1)
    assert (
        Measured(mlp, "error").loss(theta, X, y)[0]
        == 1
        > mlp.loss(theta, X, y)[0]
        == pytest.approx(np.log(2))
    )
    assert Measured(mlp, "bits").loss(theta, X, y)[0] >= 1


def test_a_plane_of_the_error_has_few_levels_and_a_network_that_left_has_none():
    rng = np.random.default_rng(1)
    mlp = MLP((2, 4, 1), ("tanh",), "binary_cross_entropy")
    theta, X, y = rng.standard_normal(mlp.parameter_count), rng.standard_normal((20, 2)), np.arange(20) % 2
    d1, d2 = rng.standard_normal((2, mlp.parameter_count))
    places = axis(1.0, 15)
    values = Plane(theta, d1, d2).loss(Measured(mlp, "error"), places, places, X, y)
    assert len(np.unique(values)) <= 21 and set(np.unique(np.round(values * 20, 9) % 1)) == {0.0}
    assert np.isnan(Measured(mlp, "error").loss(np.full((1, mlp.parameter_count), np.nan), X, y)[0])


def test_measures_that_do_not_fit_are_refused():
    mlp = MLP((2, 1), (), "mean_squared_error")
    with pytest.raises(ValueError, match="no logarithm"):
        Measured(mlp, "bits")
    with pytest.raises(ValueError, match="no measure"):
        Measured(mlp, "hinge")
