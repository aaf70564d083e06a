"""Data with one input: a curve stands wherever a boundary stands, and it is the network's."""

import base64

import numpy as np
import pytest

from engine import DatasetConfig
from engine.data.curves import CURVES
from engine.data.load import load_dataset
from pages.backpropagation.boxes import data_map
from pages.shared.cards.network import neuron_curves
from pages.shared.figures.legend import legend
from pages.shared.figures.thumbnails import thumbnail
from pages.shared.live.view import LINE
from tests.pages.app import change, link, run_of, start, widget

WHERE = (
    ("playground", "", "boundary"), ("arena", "", "boundary:1"), ("learning_rate", "ladder", "boundary:2"),
    ("landscape", "", "boundary"),
)  # fmt: skip


def trace(figure, name):
    found = next(each for each in figure["data"] if each["name"] == name)
    return {axis: unpacked(found[axis]) for axis in ("x", "y")}


def unpacked(values):
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return np.array(values, float)


def cards(run, start_of_name="boundary"):
    return [card for card in run.cards if card.name.startswith(start_of_name)]


@pytest.mark.parametrize(("page", "view", "name"), WHERE)
def test_wherever_a_boundary_stands_a_curve_stands_that_is_the_networks(page, view, name):
    app = start(page, data="bumps", **({"view": view} if view else {}))
    run = run_of(app, page, view)
    run.advance("play", 5)
    (card,) = [card for card in cards(run) if card.name == name]
    assert card.spec().get("palette") is None and "x" in card.alt
    figure = card.rest()["figure"]
    line = trace(figure, "network")
    curve, experiment = CURVES["bumps"], run.experiment
    inputs = ((line["x"] - curve.mean) / curve.scale)[:, None]
    np.testing.assert_allclose(line["y"], experiment.predict_lane(card.lane, inputs)[:, 0], atol=2e-3)
    truth = trace(figure, "without noise")
    np.testing.assert_allclose(truth["y"], curve.value(truth["x"]), atol=2e-5)
    points = trace(figure, "train")
    np.testing.assert_allclose(points["y"], run.data.y_train, atol=1e-12)


@pytest.mark.parametrize(
    "query", [{}, {"net": "none"}, {"net": "3-5", "act": "relu"}, {"net": "4", "feat": "x1,sin_x1"}]
)
def test_the_parts_and_the_bias_add_up_to_the_curve(query):
    run = run_of(start(data="sine", **query))
    run.advance("play", 20)
    (card,) = cards(run)
    found = card.picture.exact()
    W, b = run.experiment.weights(0)[-1]
    assert found.parts.shape == (len(W), len(found.x))
    np.testing.assert_allclose(found.parts.sum(axis=0) + b[0], found.y, atol=1e-5)
    xs = next(each for each in card.rest()["figure"]["data"] if each["name"] == "neurons")
    names = [name for name in xs["text"] if name]
    assert len(dict.fromkeys(names)) == len(W) and names[0] == "neuron 1"


def test_frames_move_the_traces_that_they_mean():
    run = run_of(start(data="sine", val="0.2"))
    (card,) = cards(run)
    names = [each.name for each in card.figure().data]
    assert names == ["train", "validation", "test", "current batch", "without noise", "neurons", "network"]
    assert [names[k] for k in card.spec()["streams"]] == ["current batch", "neurons", "network"]
    seen = set()
    for _ in range(4):
        run.advance("play", 1)
        part = card.frame()
        for number, x, y in part["set"]:
            seen.add(names[number])
            assert len(x) == len(y)
        (line,) = [(x, y) for number, x, y in part["set"] if names[number] == "network"]
        inputs = run.view.inputs
        np.testing.assert_allclose(line[1], run.experiment.predict_lane(0, inputs)[:, 0], atol=2e-3)
        assert len(line[0]) == LINE * run.view.cells
    assert seen == {"neurons", "network"}
    run.view.marks_batches = True
    run.advance("step", 1)
    (rings,) = [(x, y) for number, x, y in card.frame()["set"] if names[number] == "current batch"]
    batch = run.experiment.last_batch(0)
    np.testing.assert_allclose(rings[1], run.data.y_train[batch])


def test_a_lane_that_diverges_leaves_gaps_and_valid_json():
    run = run_of(start(data="sine", lr="1000"))
    (card,) = cards(run)
    for _ in range(30):
        run.advance("play", 1)
        card.frame()
    assert run.experiment.status[0].state == "diverged"
    card.rest()


def test_neurons_are_drawn_as_curves_filled_to_zero():
    cells = 8
    x = np.linspace(-1, 1, LINE * cells)
    maps = neuron_curves(np.column_stack([x, np.zeros_like(x), np.full_like(x, -1.0)]), cells).reshape(
        3, 4, 4
    )
    assert (maps[1] == 128).all()
    assert (maps[2, :2] < 128).all() and (maps[2, 2:] == 128).all(), "below zero, from the bottom"
    assert maps[0, 0, 0] < 128 and maps[0, 3, 0] == 128 and (maps[0, :2, 3] == 128).all()


def test_one_input_can_be_chosen_and_the_link_says_it():
    app = start()
    change(app, data="sine")
    assert link(app) == {"data": "sine"}
    assert run_of(app).data.features == ("x1",)
    assert list(widget(app, "line_features").options) == ["x₁", "x₁²", "sin x₁"]
    change(app, line_features=["x1", "sin_x1"])
    assert link(app)["feat"] == "x1,sin_x1" and run_of(app).experiment.mlp(0).layer_sizes[0] == 2
    change(app, data="circles")
    assert link(app) == {} and run_of(app).data.features == ("x1", "x2")


def test_a_click_near_a_point_picks_it():
    run = run_of(start(data="step"))
    wanted = 17
    (place,) = run.data.places(run.data.P_train[[wanted]], run.data.y_train[[wanted]])
    assert run.click("boundary", float(place[0]) + 1e-4, float(place[1])) and run.picked == wanted


def test_the_legend_and_the_small_picture_are_a_curves():
    run = run_of(start(data="abs"))
    assert [key.name for key in legend(run.data)] == ["train", "network", "neurons", "target", "hollow: test"]
    places = [float(part.split('"')[0]) for part in thumbnail("abs").split('cy="')[1:]]
    assert len(places) == 140 and min(places) < 6 and max(places) > 40


def test_the_boxes_of_backpropagation_draw_the_curve_on_its_axis():
    data = load_dataset(DatasetConfig("sine", samples=40))
    drawn = data_map(data, False)
    assert "y" not in drawn and drawn["inputs"].shape == (len(drawn["x"]), 1)
    np.testing.assert_allclose(drawn["inputs"][:, 0], (drawn["x"] - 0.5) / 0.25)
    np.testing.assert_allclose(drawn["points"], data.places(data.P_train, data.y_train).T)
    assert drawn["labels"][0].startswith("target ")
    assert not start("backpropagation", view="boxes", **{"from": "own"}, data="sine", net="4").warning
