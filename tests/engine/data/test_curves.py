"""Curves: their values by hand, their data sets, links and programs."""

import csv
import io
import pickle

import numpy as np
import pytest

from engine import DATASETS, DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.config.experiment import from_query_checked
from engine.data.curves import CURVES
from engine.data.load import load_dataset
from engine.studies.export import numpy_function
from engine.studies.risk import true_risk
from engine.studies.take_away import data_csv

BY_HAND = {
    "sine": [(0.0, 0.0), (0.25, 1.0), (0.5, 0.0), (0.75, -1.0), (1 / 12, 0.5)],
    "step": [(0.0, 0.0), (0.4999, 0.0), (0.5, 1.0), (1.0, 1.0)],
    "tent": [(0.0, 0.0), (0.25, 0.5), (0.5, 1.0), (0.75, 0.5), (1.0, 0.0)],
    "abs": [(-1.0, 1.0), (-0.25, 0.25), (0.0, 0.0), (1.0, 1.0)],
    "bumps": [(0.2, 1 - 0.7 * np.exp(-12.25)), (0.55, -0.7), (0.85, 0.8 - 0.7 * np.exp(-9))],
}


@pytest.mark.parametrize("key", list(CURVES))
def test_a_curve_has_the_values_of_its_formula(key):
    for x, y in BY_HAND[key]:
        assert CURVES[key].value(np.array([x]))[0] == pytest.approx(y, abs=1e-6)
    inside = np.linspace(CURVES[key].low, CURVES[key].high, 1001)
    assert np.abs(CURVES[key].value(inside)).max() <= 1


@pytest.mark.parametrize("key", list(CURVES))
def test_a_curves_points_lie_on_it_and_their_noise_is_the_one_asked_for(key):
    data = load_dataset(DatasetConfig(key, noise=0.0, test_fraction=0.2, validation_fraction=0.2, seed=3))
    assert data.inputs == 1 and data.task == "regression" and data.X_train.shape[1] == 1
    for part in ("train", "validation", "test"):
        P, y = getattr(data, f"P_{part}"), getattr(data, f"y_{part}")
        places = data.places(P, y)
        np.testing.assert_allclose(CURVES[key].value(places[:, 0]), y, atol=1e-12)
        assert places[:, 0].min() >= CURVES[key].low and places[:, 0].max() <= CURVES[key].high
        np.testing.assert_array_equal(places[:, 1], y)
    noisy = load_dataset(DatasetConfig(key, samples=5000, noise=0.3, test_fraction=0.0))
    rest = noisy.y_train - noisy.curve.at(noisy.P_train)
    assert rest.std() == pytest.approx(0.3, rel=0.04) and abs(rest.mean()) < 0.015


def test_the_risk_of_the_curve_itself_is_the_noise():
    """A network that says 0 has the risk ∫ sin² 2πx dx + σ² = ½ + σ² on the sine."""
    data = load_dataset(DatasetConfig("sine", noise=0.4))
    mlp = Experiment(ExperimentConfig(DatasetConfig("sine"))).mlp(0)
    risk = true_risk(mlp, np.zeros(mlp.parameter_count), data)
    assert abs(risk.loss.mean - 0.66) < 4 * risk.loss.error


def test_features_of_a_second_input_are_left_out():
    assert DatasetConfig("sine").features == ("x1",)
    assert DatasetConfig("sine", features=("x2", "sin_x1", "x1_x2")).features == ("sin_x1",)
    assert DatasetConfig("sine", features=("x2",)).features == ("x1",)
    assert DatasetConfig("circles").features == ("x1", "x2")
    data = load_dataset(DatasetConfig("tent", features=("x1", "x1_squared", "sin_x1")))
    x = data.P_train[:, 0]
    np.testing.assert_allclose(data.X_train, np.column_stack([x, x * x, np.sin(x)]))


def test_links_of_curves_read_back_and_refuse_a_second_input():
    config = ExperimentConfig(DatasetConfig("bumps", features=("x1", "sin_x1"), noise=0.2))
    assert from_query_checked(config.to_query()) == (config, [])
    read, said = from_query_checked({"data": "sine", "feat": "x1,x2"})
    assert read.dataset.features == ("x1",)
    assert said == ["feat is 'x1,x2' in the link, which is not a list of x1, x1_squared, sin_x1, each once; x1 is used instead."]  # fmt: skip
    assert from_query_checked({"data": "sine"})[1] == []
    assert from_query_checked({"data": "sine", "loss": "cross_entropy"})[0].loss == "mean_squared_error"


def test_a_relu_network_learns_the_tent_and_its_program_says_the_same():
    config = ExperimentConfig(
        DatasetConfig("tent", noise=0.0), NetworkConfig((8,), "relu", "he_normal"), lanes=(LaneConfig("adam", 0.02),)
    )  # fmt: skip
    experiment = Experiment(config)
    experiment.step(1500)
    assert experiment.history.test_loss[-1, 0] < 0.002
    program: dict = {}
    exec(numpy_function(experiment), program)
    x = np.array([[0.1], [0.5], [0.8]])
    curve = experiment.data.curve
    inputs = experiment.data.map_features((x - curve.mean) / curve.scale)
    np.testing.assert_allclose(program["predict"](x), experiment.predict(inputs)[0], atol=1e-5)
    assert program["predict"](x)[:, 0] == pytest.approx([0.2, 1.0, 0.4], abs=0.12)


def test_the_csv_of_a_curve_has_one_input():
    data = load_dataset(DatasetConfig("abs", samples=20))
    header, *rows = csv.reader(io.StringIO(data_csv(data)))
    assert header == ["x", "y", "set"] and len(rows) == 20
    x, y = np.array([row[:2] for row in rows], float).T
    assert np.abs(np.abs(x) - y).max() < 0.5


def test_every_curve_is_in_the_registry_with_its_own_help():
    assert {key for key, info in DATASETS.items() if info.inputs == 1} == set(CURVES)
    assert all(DATASETS[key].help == curve.help for key, curve in CURVES.items())


@pytest.mark.parametrize("key", CURVES)
def test_data_with_a_curve_go_to_another_process(key):
    """A lambda can't be pickled, so no sweep over these data could go to workers."""
    data = load_dataset(DatasetConfig(key, samples=20))
    sent = pickle.loads(pickle.dumps(data))
    x = np.linspace(-1, 1, 11)
    assert (sent.curve.value(x) == CURVES[key].value(x)).all() and (sent.X_train == data.X_train).all()
