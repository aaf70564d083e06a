"""Frozen layers and biases in the app: controls, link, diagram, names of lanes, and the line-up Features."""

from dataclasses import replace

import numpy as np
import pytest

from engine import ExperimentConfig, LaneConfig, NetworkConfig
from pages.arena.line_ups import LINE_UPS
from pages.shared.figures.looks import lane_names
from tests.pages.app import change, form_of, link, run_of, start, widget


def diagram(run):
    return next(card for card in run.cards if card.name == "network")


def test_pills_freeze_layers_and_write_the_link():
    app = start()
    assert widget(app, "frozen").options == ["Layer 1", "Layer 2", "Output"]
    change(app, frozen=[1])
    assert link(app) == {"frozen": "1"} and run_of(app).config.network.frozen == (1,)
    change(app, biases=False)
    assert link(app) == {"frozen": "1", "bias": "false"}
    run = run_of(app)
    before = run.experiment.weights(0)
    run.advance("play", 5)
    after = run.experiment.weights(0)
    assert np.array_equal(before[0][0], after[0][0]) and not np.array_equal(before[1][0], after[1][0])
    assert not any(b.any() for _, b in after)


def test_a_link_sets_the_widgets_and_fewer_layers_keep_what_there_is():
    app = start(frozen="1-2", bias="false")
    assert form_of(app)["frozen"] == [1, 2] and form_of(app)["biases"] is False
    change(app, layers=1)
    assert run_of(app).config.network.frozen == (1,) and form_of(app)["frozen"] == [1]
    change(app, frozen=[0], layers=3)
    assert run_of(app).config.network.frozen == (4,), "the output stays the output"
    change(app, layers=0)
    assert run_of(app).config.network.frozen == () and not app.exception
    change(app, layers=2)
    assert run_of(app).config.network.frozen == ()


def test_all_layers_frozen_is_no_training_so_the_output_trains_and_it_says_so():
    app = start()
    change(app, frozen=[1, 2, 0])
    assert run_of(app).config.network.frozen == (1, 2)
    assert "One layer must train, so the output does." in [warning.value for warning in app.warning]


def test_the_diagram_names_frozen_layers_and_draws_no_line_for_a_weight_of_zero():
    run = run_of(start(frozen="2"))
    figure = diagram(run).mounted()
    assert figure["frozen"] == [2] and figure["headings"] == [
        "inputs",
        "layer 1",
        "layer 2 · frozen",
        "output",
    ]
    assert "none at exactly 0" in diagram(run).caption()
    many = diagram(run_of(start(net="2-2-2-2", frozen="1-5"))).mounted()["headings"]
    assert many == ["inputs", "frozen 1", "layer 2", "layer 3", "layer 4", "frozen output"]
    assert diagram(run_of(start())).mounted()["frozen"] == []


def test_lanes_that_differ_in_what_is_frozen_are_named_by_it():
    shape = NetworkConfig()
    networks = (None, replace(shape, frozen=(1, 3)), replace(shape, biases=False))
    config = ExperimentConfig(lanes=tuple(LaneConfig(network=network) for network in networks))
    assert lane_names(config) == ["SGD", "layer 1 frozen, layer 3 frozen", "no biases"]


@pytest.mark.parametrize(
    "network", [NetworkConfig(), NetworkConfig(()), NetworkConfig((5,), "relu", frozen=(1,))]
)
def test_features_line_up_trains_all_the_last_alone_and_all_but_the_last_from_one_start(network):
    lanes = LINE_UPS["features"].lanes(network)
    layers = max(len(network.hidden), 1)
    assert [lane.network.frozen for lane in lanes] == [(), tuple(range(1, layers + 1)), (layers + 1,)]
    assert len({replace(lane.network, frozen=()) for lane in lanes}) == 1
