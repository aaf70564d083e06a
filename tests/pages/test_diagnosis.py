"""The diagnosis: its figures, its links, and that every sign has a title, a way and a picture."""

from dataclasses import replace

import numpy as np
import pytest

from engine import DatasetConfig, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import load_dataset
from engine.studies.classes import confusion_matrix
from engine.studies.signs import signs
from pages.arena.run import ArenaRun
from pages.playground.run import PlaygroundRun
from pages.shared.diagnosis import TITLES, UNITS, UNITS_DATA, WAYS, alone, penalised, units_query
from pages.shared.figures.signs import confusion_figure, sign_figure
from pages.shared.widgets.experiment import link_query
from pages.units.common import DATA
from tests.engine.studies.test_signs import SICK, other_starts, run, sick
from tests.pages.app import start


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("key", SICK)
def test_every_sign_has_a_title_a_way_and_its_evidence_as_a_picture(key, dark):
    sign = next(sign for sign in signs(sick(key), 0) if sign.key == key)
    assert key in TITLES
    figure = sign_figure(key, sign.evidence, dark).checked()
    drawn = np.concatenate(
        [
            np.ravel(np.asarray(t.z if t.type == "heatmap" else t.y if t.type != "bar" else t.x, float))
            for t in figure.data
        ]
    )
    for name, values in sign.evidence.items():
        if name not in ("updates", "window", "lowest"):
            assert np.isin(
                np.asarray(values, float)[[0, -1]].astype(np.float32), drawn.astype(np.float32)
            ).all(), name


def test_other_starts_are_drawn_beside_this_one():
    starts = other_starts(
        run(400, "circles", 120, hidden=(3,), activation="relu", lane=LaneConfig("adam", 0.05), seed=1)
    )
    figure = sign_figure("unlucky start", starts.sign().evidence, False).checked()
    assert [len(trace.x) for trace in figure.data] == [7, 1]
    assert set(TITLES) == set(WAYS) == {*SICK, "unlucky start"}


def test_rows_of_the_matrix_are_what_samples_are():
    matrix = confusion_matrix(np.array([0, 0, 1]), np.array([1, 0, 1]), 2)
    trace = confusion_figure(matrix, ["<b>no</b>", "yes"], False).checked().data[0]
    assert trace.z.tolist() == [[0.5, 0.5], [0, 1]]
    assert "<b>" not in trace.y[0]


@pytest.mark.parametrize("key", WAYS)
def test_the_way_from_a_sign_opens_its_page_with_the_lanes_settings(key):
    config = ExperimentConfig(
        DatasetConfig("moons"), NetworkConfig((5,), activation="relu"),
        lanes=(LaneConfig("sgd", 0.2), LaneConfig("adam", 0.05, batch_size=8, seed=3)),
    )  # fmt: skip
    own = alone(ArenaRun(config, load_dataset(config.dataset), False), 1)
    assert (own.seed, own.batch_size, own.lanes[0].learning_rate, own.network.hidden) == (3, 8, 0.05, (5,))
    if key == "overfitting":
        own = replace(own, lanes=penalised(own.lanes[0]))
    page, more, _ = WAYS[key]
    app = start(page, **(link_query(own) | more))
    assert not app.warning, [each.value for each in app.warning]


@pytest.mark.parametrize("key", UNITS)
def test_dead_and_saturated_units_lead_to_units_with_the_same_network(key):
    config = ExperimentConfig(
        DatasetConfig("xor"), NetworkConfig((5, 40, 5, 5), activation="tanh"), seed=3, lanes=(LaneConfig("sgd", 2.0),)
    )  # fmt: skip
    app = start("units", **units_query(config, key))
    assert not app.warning, [each.value for each in app.warning]
    lane = app.session_state["units.state"].runs["activations"].config.lane(0)
    assert lane.network.hidden == (32, 32, 32) and set(lane.network.activations) == {"tanh"}
    assert app.session_state["units.state"].runs["activations"].config.dataset.name == "xor"
    assert UNITS_DATA == DATA


def test_a_run_that_went_on_from_an_earlier_moment_can_be_looked_at():
    config = ExperimentConfig(DatasetConfig("moons"), NetworkConfig((4,)))
    shown = PlaygroundRun(config, load_dataset(config.dataset), False)
    for _ in range(3):
        shown.forward("play", 1)
    shown.go_to(1)
    assert alone(shown, 0).lanes[0] == config.lanes[0]
