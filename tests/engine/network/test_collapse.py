"""Layers without bends multiplied into one, and the best line against scikit-learn."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine import MLP, DatasetConfig
from engine.data.load import load_dataset
from engine.network.collapse import best_line, collapse

RECORD = json.loads((Path(__file__).parents[2] / "oracles" / "collapse.json").read_text())


@pytest.mark.parametrize("hidden", [(), (8,), (8, 8, 8), (8, 1, 8), (1,)])
def test_an_identity_network_is_its_collapsed_line(hidden):
    rng = np.random.default_rng(0)
    mlp = MLP((2, *hidden, 1), ("identity",) * len(hidden), "binary_cross_entropy")
    theta, X = rng.standard_normal((1, mlp.parameter_count)), rng.standard_normal((50, 2))
    steps = collapse([(W[0], b[0, 0]) for W, b in mlp.unflatten(theta)])
    assert len(steps) == len(hidden) + 1
    W, b = steps[-1]
    outputs = mlp.forward(theta, X)[0]
    assert np.abs(X @ W + b - outputs).max() <= 1e-13 * max(1, np.abs(outputs).max())


@pytest.mark.parametrize("name", RECORD)
def test_the_best_line_is_scikit_learns(name):
    data, known = load_dataset(DatasetConfig(name, noise=0.3, test_fraction=0.0)), RECORD[name]
    assert data.X_train[0].tolist() == known["first"]
    w, b, loss = best_line(data.X_train, data.y_train)
    assert (*w, b) == pytest.approx((*known["w"], known["b"]), abs=1e-8)
    assert loss == pytest.approx(known["loss"], abs=1e-10)


def test_classes_that_can_be_parted_have_no_best_line_and_do_no_harm():
    w, b, loss = best_line(np.array([[-1.0, 0], [1, 0], [-2, 1], [2, 1]]), np.array([0.0, 1, 0, 1]))
    assert np.isfinite(w).all() and np.isfinite(b) and 0 <= loss < 1e-3


def test_newtons_method_that_runs_away_gives_numbers_and_no_overflow():
    """A point far out: the weights of the others vanish, and a step goes far beyond what exp can take."""
    w, b, loss = best_line(np.array([[-101.0], [0.7], [0.1], [-0.2]]), np.array([1.0, 0.0, 0.0, 1.0]))
    assert np.isfinite([*w, b, loss]).all()
