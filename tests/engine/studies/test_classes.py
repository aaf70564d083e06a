"""The confusion matrix against scikit-learn's, recorded, and against what the accuracy counts."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.studies.classes import class_figures, confusion_matrix, named_classes

CASES = json.loads((Path(__file__).parents[2] / "oracles" / "sklearn_classes.json").read_text())


@pytest.mark.parametrize("case", CASES)
def test_matrix_and_figures_are_scikit_learns(case):
    truth, named = np.array(case["truth"]), np.array(case["named"])
    matrix = confusion_matrix(truth, named, case["classes"])
    assert matrix.tolist() == case["matrix"]
    for k, figures in enumerate(class_figures(matrix)):
        for value, name in zip(figures, ("precision", "recall", "f1", "samples"), strict=True):
            assert np.nan_to_num(value) == pytest.approx(
                case[name][k], abs=1e-12
            )  # scikit-learn says 0 for 0/0


@pytest.mark.parametrize(("data", "loss"), [("moons", None), ("iris", None), ("moons", "mean_squared_error")])
def test_the_diagonal_is_what_the_accuracy_counts(data, loss):
    dataset = DatasetConfig(data)
    config = ExperimentConfig(dataset, NetworkConfig((4,)), lanes=(LaneConfig("adam", 0.02),))
    if loss:
        config = ExperimentConfig(dataset, NetworkConfig((4,)), loss, lanes=(LaneConfig("adam", 0.02),))
    experiment = Experiment(config)
    experiment.step(40)
    for part, accuracy in (
        ("train", experiment.history.train_accuracy),
        ("test", experiment.history.test_accuracy),
    ):
        y = getattr(experiment.data, f"y_{part}")
        matrix = confusion_matrix(y, named_classes(experiment, 0, part), len(experiment.data.class_names))
        assert matrix.sum() == len(y)
        assert np.trace(matrix) / len(y) == pytest.approx(accuracy[-1, 0], abs=1e-12)
