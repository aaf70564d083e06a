"""Made data against their definitions, shipped tables against known facts, the CSV reader against bad files."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import DATASETS, DatasetConfig, LaneConfig, NetworkConfig
from engine.config.experiment import ExperimentConfig
from engine.data.features import map_features
from engine.data.load import load_dataset
from engine.data.selection import guess_roles, select
from engine.data.tables import MAX_BYTES, TableError, read_table
from engine.training.experiment import Experiment

MADE = [key for key, info in DATASETS.items() if info.make]
BAD = Path(__file__).parent / "bad_csv"
SENTENCES = {
    "empty.csv": "empty",
    "header_only.csv": "no rows below",
    "ragged.csv": "Line 3 has 2 values",
    "not_numeric.csv": "Line 3, column b: 'oops' is not a number",
    "no_delimiter.csv": "no comma, semicolon or tab",
    "sheet.csv": "not a text file",
    "two_columns.csv": "at least three",
    "constant.csv": "Column a has the same value, 7",
    "too_many_classes.csv": "30 classes",
    "single_member_class.csv": "'rare' of column c has a single row",
    "one_class.csv": "nothing to learn",
    "missing_everywhere.csv": "rows are complete",
    "infinite.csv": "Line 6, column b: inf is too large",
    "too_many_rows.csv": "5,001 rows",
    "open_quote.csv": "quotation marks",
}


@pytest.mark.parametrize("name", MADE)
def test_made_data(name):
    data = load_dataset(DatasetConfig(name, samples=101, noise=0.05, test_fraction=0.3, seed=4))
    again = load_dataset(DatasetConfig(name, samples=101, noise=0.05, test_fraction=0.3, seed=4))
    assert np.array_equal(data.X_train, again.X_train) and np.array_equal(data.y_test, again.y_test)
    assert len(data.X_train) + len(data.X_test) == 101
    assert abs(len(data.X_test) - 30) <= 2
    assert np.abs(data.P_train).max() < 4
    if data.task != "regression":
        counts = np.unique(np.concatenate([data.y_train, data.y_test]), return_counts=True)[1]
        assert len(counts) == len(data.class_names)
        assert np.unique(data.y_train).size == len(data.class_names)


@pytest.mark.parametrize("name", MADE)
def test_another_test_share_or_no_test_moves_no_point(name):
    def points(share):
        data = load_dataset(DatasetConfig(name, samples=60, test_fraction=share, seed=1))
        return np.array(sorted(map(tuple, np.concatenate([data.P_train, data.P_test]))))

    assert np.array_equal(points(0.2), points(0.7))
    assert np.array_equal(points(0.2), points(0.0))


@pytest.mark.parametrize("name", MADE)
def test_made_points_need_no_rescaling(name):
    data = load_dataset(DatasetConfig(name, samples=5000, test_fraction=0.0))
    assert np.abs(data.P_train.mean(axis=0)).max() < 0.1
    assert 0.6 < data.P_train.std(axis=0).min() <= data.P_train.std(axis=0).max() < 1.4
    assert (np.abs(data.P_train).max(axis=1) <= 2.5).mean() > 0.9


@pytest.mark.parametrize("config", [
    DatasetConfig("iris", seed=3), DatasetConfig("penguins", test_fraction=0.5),
    DatasetConfig("penguins", label="body_mass_g"), DatasetConfig("penguins", label="year", target="values"),
])  # fmt: skip
def test_tables_are_standardised_with_their_training_rows_alone(config):
    data = load_dataset(config)
    np.testing.assert_allclose(data.P_train.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(data.P_train.std(axis=0), 1)
    assert np.abs(data.P_test.mean(axis=0)).max() > 1e-3
    if data.task == "regression":
        np.testing.assert_allclose([data.y_train.mean(), data.y_train.std()], [0, 1], atol=1e-12)
    units = np.concatenate([data.P_train, data.P_test]) * data.scale + data.mean
    whole = load_dataset(replace(config, test_fraction=0.0))
    np.testing.assert_allclose(
        np.sort(units, axis=0), np.sort(whole.P_train * whole.scale + whole.mean, axis=0)
    )


def test_a_test_row_moves_no_training_row():
    """An outlier among the test rows leaves what the network trains on as it was, to the bit."""
    rows = [[f"{k % 7}", f"{k * k % 11}", "ab"[k % 2]] for k in range(40)]

    def loaded():
        return load_dataset(DatasetConfig("csv", csv="x,y,c\n" + "\n".join(map(",".join, rows))))

    before = loaded()
    tested = {tuple(point) for point in np.round(before.P_test * before.scale + before.mean)}
    trained = {tuple(point) for point in np.round(before.P_train * before.scale + before.mean)}
    row = next(r for r in rows if (float(r[0]), float(r[1])) in tested - trained)
    row[0] = "1000"
    after = loaded()
    assert np.array_equal(before.P_train, after.P_train) and np.array_equal(before.scale, after.scale)
    assert after.P_test.max() > 100


def test_a_column_that_only_the_test_rows_vary_is_refused_with_the_reason():
    rows = "".join(f"{1 if k == 0 else 0},{k},{'ab'[k % 2]}\n" for k in range(40))
    said = []
    for seed in range(20):
        try:
            load_dataset(DatasetConfig("csv", csv="x,y,c\n" + rows, seed=seed))
        except TableError as error:
            said.append(str(error))
    assert 0 < len(said) < 20
    assert set(said) == {"Column x has the same value, 0, in every training row; choose another column, data seed or test share."}  # fmt: skip


@pytest.mark.parametrize("size", [1e-200, 1e-13, 1e12])
def test_a_table_of_any_size_is_standardised(size):
    text = "x,y,c\n" + "".join(f"{k % 7 * size},{k * k % 11},{'ab'[k % 2]}\n" for k in range(40))
    data = load_dataset(DatasetConfig("csv", csv=text, test_fraction=0.0))
    np.testing.assert_allclose(data.P_train.std(axis=0), 1)


def test_circles_without_noise_have_their_radii():
    data = load_dataset(DatasetConfig("circles", noise=0.0, test_fraction=0.0))
    radius = np.hypot(*data.P_train.T)
    assert radius[data.y_train == 1].max() <= 0.9
    assert radius[data.y_train == 0].min() >= 1.4


def test_xor_and_plane_without_noise_follow_their_rules():
    data = load_dataset(DatasetConfig("xor", noise=0.0, test_fraction=0.0))
    assert np.array_equal(data.y_train == 1, data.P_train.prod(axis=1) > 0)
    data = load_dataset(DatasetConfig("plane", noise=0.0, test_fraction=0.0))
    np.testing.assert_allclose(data.y_train, 0.3 * data.P_train[:, 0] + 0.2 * data.P_train[:, 1])


def test_features_by_hand():
    keys = ("x1", "x2", "x1_squared", "x2_squared", "x1_x2", "sin_x1", "sin_x2")
    values = map_features(np.array([[2.0, -3.0]]), keys)
    np.testing.assert_allclose(values, [[2, -3, 4, 9, -6, np.sin(2), np.sin(-3)]])


def test_iris_is_fishers():
    data = load_dataset(DatasetConfig("iris", test_fraction=0.0))
    assert data.class_names == ("setosa", "versicolor", "virginica")
    assert np.bincount(data.y_train).tolist() == [50, 50, 50]
    units = data.P_train * data.scale + data.mean
    assert units[:, 0].mean() == pytest.approx(3.758, abs=1e-3)  # petal length, as in every textbook
    assert units[:, 1].mean() == pytest.approx(1.199, abs=1e-3)
    np.testing.assert_allclose(data.P_train.std(axis=0), 1)


def test_penguins_are_gormans():
    data = load_dataset(DatasetConfig("penguins", test_fraction=0.0))
    assert data.class_names == ("Adelie", "Chinstrap", "Gentoo")
    assert np.bincount(data.y_train).tolist() == [151, 68, 123]  # 344 less two birds without measurements
    assert data.notes == ("2 of 344 rows lack a value and were left out.",)
    assert load_dataset(DatasetConfig("penguins", label="sex")).task == "binary"


@pytest.mark.parametrize("name", [n for n in DATASETS if n not in ("plane", "checkerboard")])
def test_the_default_network_learns_it(name):
    config = ExperimentConfig(
        DatasetConfig(name), NetworkConfig((8, 8)), lanes=(LaneConfig("adam", learning_rate=0.02),)
    )  # fmt: skip
    experiment = Experiment(config)
    first = experiment.history.train_loss[0, 0]
    experiment.step(1500)
    assert experiment.history.train_loss[-1, 0] < 0.35 * first


@pytest.mark.parametrize("name", sorted(path.name for path in BAD.iterdir()))
def test_every_bad_file_gets_its_sentence(name):
    with pytest.raises(TableError) as caught:
        table = read_table((BAD / name).read_bytes())
        columns, label = guess_roles(table)
        select(table, columns, label)
    assert SENTENCES[name] in str(caught.value)


def test_a_file_too_large_is_refused():
    with pytest.raises(TableError, match="MB"):
        read_table(b"1,2,3\n" * (MAX_BYTES // 6 + 1))


@pytest.mark.parametrize("text", [
    "1,2,no\n3.5,4,yes\n", "h;w;fits\n1;2;no\n3,5;4;yes\n", "h\tw\tfits\n1\t2\tno\n3.5\t4\tyes\n",
    "\ufeffh,w,fits\r\n1,2,no\r\n3.5,4,yes\r\n", '"h","w","fits"\n"1","2","no"\n"3.5","4","yes"\n',
])  # fmt: skip
def test_separators_headers_and_marks(text):
    for data in (text, text.encode()):
        table = read_table(data)
        assert table.rows == 2
        np.testing.assert_allclose(table.columns[0].numbers, [1, 3.5])
        assert table.columns[2].texts == ("no", "yes")


def test_a_numeric_target_with_many_values_is_regression():
    text = "x,y,z\n" + "".join(f"{i % 6},{i % 5},{i * 1.5 + 100}\n" for i in range(40))
    data = load_dataset(DatasetConfig("csv", csv=text, test_fraction=0.0))
    assert data.task == "regression"
    np.testing.assert_allclose(data.y_train * data.y_scale + data.y_mean, [i * 1.5 + 100 for i in range(40)])


def test_text_in_a_table_stays_text():
    text = "a,b,<script>alert(1)</script>\n" + "".join(
        f"{i},{i * i},{'=1+1' if i % 2 else '__import__'}\n" for i in range(20)
    )
    data = load_dataset(DatasetConfig("csv", csv=text))
    assert data.class_names == ("=1+1", "__import__")


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=300), st.binary(max_size=300), st.text("0123456789,;\n.ab", max_size=200)))
def test_whatever_comes_is_a_table_or_a_sentence(data):
    try:
        table = read_table(data)
        columns, label = guess_roles(table)
        select(table, columns, label)
    except TableError as error:
        assert str(error).strip()
