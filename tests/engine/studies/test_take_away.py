"""Files of a run: weights, data and losses read back as what they were."""

import csv
import io
import json

import numpy as np
import pytest

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.config.lane import LaneConfig as Lane
from engine.data.load import load_dataset
from engine.studies.take_away import data_csv, history_csv, weights_npz


def trained(**more):
    config = ExperimentConfig(
        **{"dataset": DatasetConfig("moons", samples=60), "network": NetworkConfig((5,))} | more
    )
    experiment = Experiment(config)
    experiment.step(20)
    return experiment


def rows_of(text):
    return list(csv.reader(io.StringIO(text)))


def test_the_weights_as_npz_give_the_networks_outputs():
    experiment = trained()
    with np.load(io.BytesIO(weights_npz(experiment)), allow_pickle=False) as file:
        about = json.loads(str(file["about"]))
        X = experiment.data.X_test
        hidden = np.tanh(X @ file["W0"] + file["b0"].reshape(-1))
        outputs = hidden @ file["W1"] + file["b1"].reshape(-1)
    assert about["activations"] == ["tanh", "identity"] and "layers" not in about
    np.testing.assert_allclose(1 / (1 + np.exp(-outputs)), experiment.predict(X)[0], atol=1e-5)


@pytest.mark.parametrize("config", [
    DatasetConfig("moons"), DatasetConfig("iris"), DatasetConfig("penguins", label="body_mass_g"), DatasetConfig("two_bumps"),
])  # fmt: skip
def test_the_data_come_back_with_their_units_and_their_split(config):
    data = load_dataset(config)
    header, *rows = rows_of(data_csv(data))
    assert header == [*data.axis_labels, data.target_name, "set"]
    assert [row[-1] for row in rows] == ["train"] * len(data.y_train) + ["test"] * len(data.y_test)
    points = (np.array([row[:2] for row in rows], float) - data.mean) / data.scale
    np.testing.assert_allclose(points, np.concatenate([data.P_train, data.P_test]), atol=1e-12)
    target = np.concatenate([data.y_train, data.y_test])
    if data.task == "regression":
        values = (np.array([row[2] for row in rows], float) - data.y_mean) / data.y_scale
        np.testing.assert_allclose(values, target, atol=1e-12)
    else:
        assert [row[2] for row in rows] == [data.class_names[int(k)] for k in target]


def test_the_data_can_be_uploaded_again():
    data = load_dataset(DatasetConfig("iris", test_fraction=0.0))
    again = load_dataset(
        DatasetConfig("csv", csv=data_csv(data), label="species", columns=data.axis_labels, test_fraction=0.0)
    )
    assert again.class_names == data.class_names
    np.testing.assert_allclose(again.P_train, data.P_train, atol=1e-12)


def test_the_history_is_the_recorded_one_with_what_was_changed():
    experiment = trained()
    experiment.reconfigure(ExperimentConfig(
        DatasetConfig("moons", samples=60), NetworkConfig((5,)), lanes=(LaneConfig("sgd", 0.5, name="a, b"),)
    ))  # fmt: skip
    experiment.step(10)
    header, *rows = rows_of(history_csv(experiment))
    assert [int(row[0]) for row in rows] == experiment.history.steps.tolist()
    losses = [float(row[header.index("train_loss")]) for row in rows]
    np.testing.assert_array_equal(losses, experiment.history.train_loss[:, 0])
    changed = {int(row[0]): row[-1] for row in rows if row[-1]}
    assert list(changed) == [20] and "0.5" in changed[20]


def test_what_was_not_measured_is_empty():
    experiment = trained(
        dataset=DatasetConfig("plane", samples=60, test_fraction=0.0), lanes=(Lane("sgd", 0.1),)
    )
    header, first, *_ = rows_of(history_csv(experiment))
    assert first[header.index("test_loss")] == "" and first[header.index("train_accuracy")] == ""
    assert "nan" not in history_csv(experiment)
