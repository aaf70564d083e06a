"""Drawn points: their text by hand, there and back, and every damaged one refused in a sentence."""

import base64

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import DatasetConfig, Experiment, ExperimentConfig, NetworkConfig
from engine.config.experiment import from_query_checked
from engine.data.drawn import (
    BROKEN,
    LONGEST,
    MOST_POINTS,
    MOST_TAKEN,
    REACH,
    STEPS,
    Drawn,
    read_drawn,
    write_drawn,
)
from engine.data.load import drawing_of, load_dataset

# two classes with a point each: at the lower left end of both axes, and at the upper right
CORNERS = "p" + base64.urlsafe_b64encode(bytes([2, 0, 1, 0, 1, 0, 0, 0, 255, 255, 255])).decode().rstrip("=")
LINE = "c" + base64.urlsafe_b64encode(bytes([0, 2, 0, 0x0F, 0xFF, 0xFF, 0xF0, 0])).decode().rstrip("=")


def plane(n=40, classes=2, seed=0):
    rng = np.random.default_rng(seed)
    return Drawn(rng.uniform(-4, 4, (n, 2)), np.arange(n) % classes, classes)


def test_the_text_of_points_by_hand():
    points, target, classes = read_drawn(CORNERS)
    assert classes == 2 and points.tolist() == [[-4, -4], [4, 4]] and target.tolist() == [0, 1]
    points, heights, classes = read_drawn(LINE)
    assert classes == 0 and points.tolist() == [[-2], [2]] and heights.tolist() == [2, -2]
    assert write_drawn(Drawn(np.array([[-4.0, -4.0], [4.0, 4.0]]), np.array([0, 1]), 2)) == CORNERS


@settings(max_examples=100, deadline=None)
@given(st.integers(2, MOST_POINTS), st.integers(2, 10), st.integers(0, 10**6))
def test_points_come_back_to_half_a_step_class_by_class(n, classes, seed):
    drawn = plane(max(n, classes), classes, seed)
    text = write_drawn(drawn)
    assert len(text) <= LONGEST and text.isascii()
    points, target, found = read_drawn(text)
    order = np.argsort(drawn.target, kind="stable")
    np.testing.assert_allclose(points, drawn.points[order], atol=4 / STEPS + 1e-9)
    assert target.tolist() == drawn.target[order].tolist() and found == classes
    assert write_drawn(Drawn(points, target, found)) == text, "what was read is written the same"


@settings(max_examples=100, deadline=None)
@given(st.integers(2, MOST_POINTS), st.integers(0, 10**6))
def test_heights_come_back_in_their_order(n, seed):
    rng = np.random.default_rng(seed)
    drawn = Drawn(rng.uniform(-2, 2, (n, 1)), rng.uniform(-2, 2, n), 0)
    points, heights, _ = read_drawn(write_drawn(drawn))
    np.testing.assert_allclose(points, drawn.points, atol=2 / STEPS + 1e-9)
    np.testing.assert_allclose(heights, drawn.target, atol=2 / STEPS + 1e-9)


def test_the_most_points_fit_into_a_link():
    config = ExperimentConfig(DatasetConfig("drawn", points=write_drawn(plane(MOST_POINTS, 4))))
    link = "&".join(f"{key}={value}" for key, value in config.to_query().items())
    assert len(link) < 1500
    rng = np.random.default_rng(0)
    values = write_drawn(Drawn(rng.uniform(-4, 4, (MOST_POINTS, 2)), rng.uniform(-3, 3, MOST_POINTS), 0))
    config = ExperimentConfig(DatasetConfig("drawn", points=values))
    assert sum(len(key) + len(value) + 2 for key, value in config.to_query().items()) < 1900
    assert from_query_checked(config.to_query()) == (config, [])
    assert ExperimentConfig.from_json(config.to_json()) == config


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60),
        st.text("pcAQ_-gD/=", max_size=1500),
        st.integers(0, 60).map(lambda k: write_drawn(plane())[: -k or None]),
    )
)
def test_whatever_the_text_it_is_points_or_a_sentence(text):
    try:
        points, target, _ = read_drawn(text)
    except ValueError as error:
        assert str(error).endswith(".") and len(str(error)) < 120
    else:
        assert 2 <= len(points) == len(target) <= MOST_POINTS and np.isfinite(points).all()
        assert np.abs(points).max() <= REACH[text[0]][0]


@pytest.mark.parametrize(("text", "said"), [
    ("", BROKEN), ("p", BROKEN), ("c", BROKEN), (CORNERS[:-1], BROKEN), (CORNERS + "A", BROKEN), ("q" + CORNERS[1:], BROKEN),
    (CORNERS.replace("_", "/"), BROKEN), ("p" + "A" * 5000, "More than 300 points are drawn, and at most 300 can be used."),
    ("cAAEAAAA", "Draw at least two points."), ("pAgACAAAAAAAAAAA", "Draw points of at least two classes."),
    ("cAS0" + "AAAA" * 301, "301 points are drawn; at most 300 can be used."),
])  # fmt: skip
def test_a_text_that_is_no_drawing_is_refused_with_its_reason(text, said):
    with pytest.raises(ValueError) as caught:
        read_drawn(text)
    assert str(caught.value) == said


def test_a_damaged_link_or_one_of_very_many_points_keeps_all_else():
    many = base64.urlsafe_b64encode(bytes(3 * 100_000)).decode()
    for text, said in (("p" + many, "More than 300 points are drawn"), (CORNERS[:-2], "damaged or cut off")):
        config, problems = from_query_checked(
            {"data": "drawn", "pts": text, "net": "5", "lr": "0.2", "opt": "sgd"}
        )
        assert config.dataset == DatasetConfig("circles")
        assert config.network.hidden == (5,) and config.lanes[0].learning_rate == 0.2
        assert (
            len(problems) == 1 and said in problems[0] and problems[0].endswith("; circles is used instead.")
        )


def test_a_set_of_drawn_points_is_split_and_trained_like_any_other():
    drawn = plane(60, 3)
    config = ExperimentConfig(
        DatasetConfig("drawn", points=write_drawn(drawn), test_fraction=0.2, validation_fraction=0.2), NetworkConfig((4,)),
    )  # fmt: skip
    experiment = Experiment(config)
    data = experiment.data
    assert data.task == "multiclass" and data.class_names == ("class 0", "class 1", "class 2")
    assert [len(y) for y in (data.y_train, data.y_validation, data.y_test)] == [36, 12, 12]
    experiment.step(5)
    assert np.isfinite(experiment.history.test_loss[-1, 0])
    with pytest.raises(ValueError, match="a table or a drawing holds all there are"):
        data.fresh(5, 0)


def test_drawn_heights_are_learned_as_a_curve():
    x = np.linspace(-2, 2, 30)
    text = write_drawn(Drawn(x[:, None], 0.5 * x, 0))
    data = load_dataset(DatasetConfig("drawn", points=text, test_fraction=0.0))
    assert data.task == "regression" and data.inputs == 1 and data.features == ("x1",)
    np.testing.assert_allclose(data.places(data.P_train, data.y_train)[[0, -1]], [[0, -1], [1, 1]], atol=1e-3)


@pytest.mark.parametrize(
    "name", ["circles", "blobs", "iris", "penguins", "sine", "abs", "plane", "two_bumps"]
)
def test_a_drawing_starts_from_any_set(name):
    data = load_dataset(DatasetConfig(name, samples=500))
    drawn = drawing_of(data)
    total = sum(len(target) for _, _, target in data.sets())
    assert len(drawn.points) == min(MOST_TAKEN, total) and drawn.classes == len(data.class_names)
    again = load_dataset(DatasetConfig("drawn", points=write_drawn(drawn), test_fraction=0.0))
    assert again.task == data.task and again.inputs == data.inputs
    np.testing.assert_allclose(np.sort(again.P_train[:, 0]), np.sort(drawn.points[:, 0]), atol=0.002)


@settings(max_examples=50, deadline=None)
@given(st.integers(2, MOST_POINTS), st.integers(0, 10**6))
def test_values_over_a_plane_come_back_in_their_order(n, seed):
    rng = np.random.default_rng(seed)
    drawn = Drawn(rng.uniform(-4, 4, (n, 2)), rng.uniform(-3, 3, n), 0)
    text = write_drawn(drawn)
    points, values, classes = read_drawn(text)
    assert classes == 0 and len(text) <= LONGEST
    np.testing.assert_allclose(points, drawn.points, atol=4 / STEPS + 1e-9)
    np.testing.assert_allclose(values, drawn.target, atol=3 / 255 + 1e-9)
    data = load_dataset(DatasetConfig("drawn", points=text, test_fraction=0.0))
    assert data.task == "regression" and data.inputs == 2 and data.features == ("x1", "x2")


def test_a_config_with_points_that_do_not_belong_is_refused():
    with pytest.raises(ValueError, match="drawn ones go with the name 'drawn'"):
        DatasetConfig("moons", points=CORNERS)
    with pytest.raises(ValueError, match="needs its points"):
        DatasetConfig("drawn")
    with pytest.raises(ValueError, match="damaged"):
        DatasetConfig("drawn", points="p!")
