"""Surfaces of the error and its surrogates: counted cells, and the engine's own loss as the second opinion."""

import numpy as np
import pytest

from engine import MLP, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.studies.surrogates import CELLS, DATA, UPDATES, margins, surface
from engine.surfaces.unit import SURROGATES


def test_the_error_has_the_levels_and_the_flat_cells_that_the_lecture_names():
    error = surface("error")
    assert error.loss.shape == (81, 81)
    assert error.levels == 18
    assert error.equal_share == pytest.approx(0.85, abs=0.005)
    assert surface("ln").levels > 6000 and surface("ln").equal_share == 0


def test_cross_entropy_is_the_networks_own_loss():
    """The cell that moves nothing and three others, by MLP.loss with the weights written by hand."""
    experiment = Experiment(ExperimentConfig(DATA, NetworkConfig((4,)), batch_size=50, dtype="float64", lanes=(LaneConfig("adam", 0.05),)))  # fmt: skip
    experiment.step(UPDATES)
    mlp = MLP((2, 4, 1), ("tanh",), "binary_cross_entropy")
    found = surface("ln")
    for i, j in ((40, 40), (0, 80), (80, 0), (13, 55)):
        theta = experiment.theta(0)[None].copy()
        (W1, _), (W2, _) = mlp.unflatten(theta)
        W1[0, 0, 0] += found.places[i]
        W2[0, 0, 0] += found.places[j]
        loss = mlp.loss(theta, experiment.X_train, experiment.data.y_train)[0]
        assert found.loss[j, i] == pytest.approx(loss, rel=1e-9)


def test_the_upper_bounds_lie_above_the_error_everywhere():
    error = surface("error").loss
    for key in ("log2", "hinge", "square"):
        assert (surface(key).loss >= error - 1e-12).all()
    assert margins().shape[:2] == (CELLS, CELLS) and not np.isnan(SURROGATES["square"](margins())).any()
