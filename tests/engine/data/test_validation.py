"""The third set: drawn beside the others, measured like them, and without any trace where nobody asks for it."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine import DATASETS, DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.config.experiment import from_query_checked
from engine.data.load import load_dataset
from engine.studies.rate_search import RateGrid
from engine.studies.take_away import data_csv, history_csv
from engine.training.history import SERIES

ORACLES = Path(__file__).parents[2] / "oracles"
HISTORIES = json.loads((ORACLES / "histories.json").read_text(encoding="utf-8"))
SETS = ("train", "validation", "test")


def rows(data, part):
    points = np.column_stack(
        [getattr(data, f"P_{part}") * data.scale + data.mean, getattr(data, f"y_{part}")]
    )
    return {tuple(np.round(row, 9)) for row in points}


@pytest.mark.parametrize("record", HISTORIES, ids=lambda record: record["link"])
def test_without_validation_data_every_run_is_what_it_was(record):
    query = dict(item.split("=") for item in record["link"].split("&") if item)
    experiment = Experiment(ExperimentConfig.from_query(query | {"dtype": "float64"}))
    experiment.step(30)
    data = experiment.data
    assert [len(data.y_train), len(data.y_test)] == record["sizes"] and len(data.y_validation) == 0
    for name in ("P_train", "P_test", "y_train", "y_test"):
        np.testing.assert_allclose(getattr(data, name).ravel()[:40], record[name], rtol=1e-12, atol=1e-15)
    for name in SERIES[:5]:
        np.testing.assert_allclose(
            experiment.history.series(name)[:, 0], np.array(record[name], float), rtol=1e-9, atol=1e-12
        )
    assert np.isnan(experiment.history.validation_loss).all()
    assert "val" not in experiment.config.to_query()


@pytest.mark.parametrize("name", [*DATASETS])
def test_train_validation_and_test_are_disjoint_and_everything(name):
    config = DatasetConfig(name, samples=200, test_fraction=0.2, validation_fraction=0.3, seed=3)
    data, whole = load_dataset(config), load_dataset(replace(config, test_fraction=0, validation_fraction=0))
    counts = [len(getattr(data, f"y_{part}")) for part in SETS]
    assert sum(counts) == len(whole.y_train)
    assert counts[1] / sum(counts) == pytest.approx(0.3, abs=0.02)
    assert counts[2] / sum(counts) == pytest.approx(0.2, abs=0.02)
    found = [rows(data, part) for part in SETS]
    if name not in ("iris", "penguins"):  # which hold some rows twice
        assert len(set.union(*found)) == sum(counts)
    if data.task != "regression":
        for part in SETS:
            assert len(np.unique(getattr(data, f"y_{part}"))) == len(data.class_names)


@pytest.mark.parametrize("name", ["moons", "blobs", "two_bumps"])
def test_a_validation_share_leaves_the_test_points_as_they_are(name):
    config = DatasetConfig(name, seed=4)
    plain, split = load_dataset(config), load_dataset(replace(config, validation_fraction=0.4))
    assert np.array_equal(plain.P_test, split.P_test) and np.array_equal(plain.y_test, split.y_test)
    assert rows(split, "train") | rows(split, "validation") == rows(plain, "train")


def test_a_table_is_standardised_by_its_training_rows_alone():
    data = load_dataset(DatasetConfig("penguins", label="body_mass_g", validation_fraction=0.4))
    np.testing.assert_allclose(data.P_train.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(data.y_train.std(), 1)
    assert np.abs(data.P_validation.mean(axis=0)).max() > 1e-3


def test_at_least_one_point_of_each_class_trains_whatever_the_shares():
    data = load_dataset(DatasetConfig("blobs", samples=16, test_fraction=0.5, validation_fraction=0.45))
    assert np.unique(data.y_train).size == 4 and len(data.y_validation) and len(data.y_test)


def test_shares_that_leave_too_little_are_refused_with_both_numbers():
    with pytest.raises(ValueError, match=r"test share of 0.9 and a validation share of 0.2.*at most 0.95"):
        DatasetConfig(test_fraction=0.9, validation_fraction=0.2)
    DatasetConfig(test_fraction=0.9, validation_fraction=0.05)
    with pytest.raises(ValueError, match="Validation share"):
        DatasetConfig(validation_fraction=0.95)


def test_links_and_files_carry_the_share():
    config = ExperimentConfig(DatasetConfig("moons", validation_fraction=0.25))
    assert config.to_query()["val"] == "0.25"
    assert from_query_checked(config.to_query()) == (config, [])
    assert ExperimentConfig.from_json(config.to_json()) == config
    read, said = from_query_checked({"test": "0.9", "val": "0.5"})
    assert read.dataset.validation_fraction == pytest.approx(0.05)
    assert said == ["val is '0.5' in the link, which with a test share of 0.9 leaves too few points to train on; 0.05 is used instead."]  # fmt: skip
    assert from_query_checked({"val": "nan"})[0].dataset.validation_fraction == 0


def trained(**more):
    config = ExperimentConfig(
        DatasetConfig("moons", samples=60, validation_fraction=0.3), NetworkConfig((5,)),
        lanes=(LaneConfig("adam", 0.01), LaneConfig("lbfgs", 1.0), LaneConfig("sgd", 1000.0)),
    )  # fmt: skip
    experiment = Experiment(config, **more)
    experiment.step(20)
    return experiment


def test_the_history_holds_the_loss_and_accuracy_of_the_validation_points():
    experiment = trained(exact=True)
    data = experiment.data
    for lane in range(3):
        p = experiment.predict(data.X_validation)[lane][:, 0].astype(float)
        if lane < 2:
            loss = -np.mean(np.where(data.y_validation == 1, np.log(p), np.log1p(-p)))
            assert experiment.history.validation_loss[-1, lane] == pytest.approx(loss, rel=1e-5)
        share = np.mean((p > 0.5) == (data.y_validation == 1))
        assert experiment.history.validation_accuracy[-1, lane] == pytest.approx(share)
    lowest = np.fmin.reduce(experiment.history.validation_loss, axis=0)
    assert np.array_equal(experiment.reach.lowest[2], lowest)
    again = Experiment.load(io.BytesIO(experiment.to_bytes()))
    assert np.array_equal(again.history.validation_loss, experiment.history.validation_loss)
    assert np.array_equal(again.reach.lowest, experiment.reach.lowest)


def test_a_file_from_before_there_were_validation_data_goes_on():
    experiment = Experiment.load(ORACLES / "saved_at_dfcdbf7.npz")
    assert experiment.updates == 6 and len(experiment.history) == 7
    assert np.isnan(experiment.history.validation_loss).all()
    straight = Experiment(experiment.config)
    straight.step(16)
    experiment.step(10)
    np.testing.assert_allclose(experiment.history.train_loss, straight.history.train_loss, rtol=1e-5)
    assert np.isinf(experiment.reach.lowest[2]).all()


def test_the_csv_files_name_the_third_set_only_where_there_is_one():
    experiment = trained()
    header, *lines = csv.reader(io.StringIO(data_csv(experiment.data)))
    assert (
        header[-1] == "set"
        and [line[-1] for line in lines] == ["train"] * 24 + ["validation"] * 18 + ["test"] * 18
    )
    header, *lines = csv.reader(io.StringIO(history_csv(experiment)))
    found = [float(line[header.index("validation_loss")]) for line in lines]
    assert found == experiment.history.validation_loss[:, 0].tolist()
    plain = Experiment(ExperimentConfig(DatasetConfig("moons", samples=60)))
    assert "validation" not in history_csv(plain) and "validation" not in data_csv(plain.data)


def test_a_rate_is_searched_for_on_validation_data_and_refused_without_them():
    config = ExperimentConfig(
        DatasetConfig("moons", samples=40, validation_fraction=0.3), NetworkConfig((3,))
    )
    grid = RateGrid(config, None, ["sgd"], [0.1, 1.0], (0,), 5, measure="validation_loss")
    while not grid.finished:
        grid.advance(1.0)
    alone = Experiment(replace(config, lanes=(LaneConfig("sgd", 1.0),)))
    alone.step(5)
    assert grid.losses[0, 1, 0] == alone.history.validation_loss[-1, 0]
    with pytest.raises(ValueError, match="no validation data: choose a validation share above 0"):
        RateGrid(ExperimentConfig(), None, ["sgd"], [0.1], measure="validation_loss")
