"""The Features view without a browser: its words, its link, networks that are brought, its pictures and numbers."""

import base64
import json

import numpy as np
import pytest

from engine import DatasetConfig, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import load_dataset
from engine.network.probes import fit
from pages.capacity import features
from pages.capacity.features_cards import NOWHERE, packed_places, sheet
from pages.capacity.features_model import MODES, Look, lanes_of
from pages.capacity.features_run import FeaturesRun
from tests.pages.app import change, go, link, run_of, start
from tests.pages.test_capacity import pull

BARE = {"view": "features", "net": "8-8-8", "opt": "adam", "batch": "5000"}


def made(network, data="circles", rate=0.01, **more):
    config = ExperimentConfig(
        DatasetConfig(data, **more), network, batch_size=5000, lanes=(LaneConfig("adam", rate),)
    )
    return FeaturesRun(lanes_of(config), load_dataset(config.dataset), dark=False)


def shares(part, key="mesh"):
    """The corners (M, 2) of a sheet as the browser reads them."""
    raw = np.frombuffer(base64.b64decode(part[key]["at"]), np.uint16).reshape(2, -1).T.astype(float)
    return np.where(raw == NOWHERE, np.nan, 3 * raw / (NOWHERE - 1) - 1)


@pytest.fixture(scope="module")
def app():
    return start("capacity", view="features")


def test_the_view_opens_with_its_words_and_hides_its_answer(app):
    assert not app.warning and not app.error
    texts = [element.value for element in app.markdown]
    assert any(features.QUESTION in text and features.LOOK_FOR in text for text in texts)
    assert not any(features.ANSWER in text for text in texts)
    assert features.QUESTION.endswith("?") and features.ASK.endswith("?")
    assert link(app) == BARE


def test_it_trains_in_slices_and_starts_over_with_the_same_bits(app):
    run = run_of(app, "capacity", "features")
    first = pull(run)
    assert first["state"]["step"] == 3 and len(first["frames"]) == 1
    before = [card.mounted() for card in run.cards]
    pull(run, "reset")
    assert run.step() == 0
    pull(run)
    assert json.dumps([card.mounted() for card in run.cards]) == json.dumps(before)


def test_only_the_pictures_change_with_what_is_shown_and_the_run_goes_on(app):
    run = run_of(app, "capacity", "features")
    steps = run.step()
    for mode in MODES:
        change(app, mode=mode)
        assert run_of(app, "capacity", "features") is run and run.step() == steps
        for card in run.cards:
            assert json.dumps(card.mounted()) and json.dumps(card.rest(), allow_nan=False)
    change(app, mode="learned", axes="units", first=3, second=8, layer=2)
    assert [card.name for card in run.pictures] == ["picture2"]
    figure = run.pictures[0].figure()
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("unit 3", "unit 8")
    change(app, learning_rate=0.03)
    assert run_of(app, "capacity", "features") is run
    change(app, sigma_b=0.5)
    assert run_of(app, "capacity", "features") is not run
    assert link(app) == BARE | {"axes": "units", "first": "3", "second": "8", "layer": "2", "sigma_b": "0.5", "lr": "0.03"}  # fmt: skip


def test_a_hostile_link_is_named_and_clamped():
    bad = {name: "1e999" if k % 2 else "<script>" for k, name in enumerate(features.OPTIONS)}
    app = start("capacity", view="features", weights="1,x", **bad)
    said = " ".join(warning.value for warning in app.warning)
    assert all(f"{name} is" in said for name in bad) and "weights in the link are not all numbers" in said
    assert not set(link(app)) & set(bad)


def test_the_playgrounds_network_comes_as_it_stands_and_the_link_brings_it_again():
    app = start("playground", data="moons", net="4-3", opt="sgd", lr="0.3")
    run = run_of(app)
    pull(run, updates=40)
    run.set_parameter("0:0:0", 1.5)
    go(app, "capacity", view="features", bring="playground")
    brought = run_of(app, "capacity", "features")
    assert [row.config.network.hidden for row in brought.experiment.lanes] == [(4, 3), (4, 3)]
    for lane in (0, 1):
        np.testing.assert_array_equal(brought.experiment.theta(lane), run.experiment.theta(0))
    assert any("after 40 updates" in caption.value for caption in app.caption)
    again = start("capacity", **link(app))
    np.testing.assert_allclose(
        run_of(again, "capacity", "features").experiment.theta(0), run.experiment.theta(0), rtol=1e-6
    )
    pull(brought)
    moved = [(brought.experiment.theta(k) != run.experiment.theta(0)) for k in (0, 1)]
    assert (
        moved[0].any() and not moved[1][:-4].any() and moved[1][-4:].any()
    )  # 3 weights and a bias: the last layer
    pull(brought, "reset")
    np.testing.assert_array_equal(brought.experiment.theta(0), run.experiment.theta(0))
    change(app, neurons1=5)  # another network: its own start
    assert run_of(app, "capacity", "features").asked[0] is None and "weights" not in link(app)


def test_without_a_playground_it_says_so():
    app = start("capacity", view="features", bring="playground")
    assert any("holds no network" in warning.value for warning in app.warning)


def test_the_playground_has_a_way_there():
    app = start("playground")
    assert any(button.label == "Layer by layer" for button in app.button)


def test_the_sheet_of_the_input_is_the_plane_itself_and_a_layers_is_what_the_network_gives():
    run = made(NetworkConfig((8, 8)))
    pull(run)
    P, corners = sheet(run, 21)
    assert corners == 21 * 21 and len(P) == corners + 20 * 20
    run.set_look(Look(axes="units", first=2, second=5))
    layers = run.experiment.layer_outputs(0, run.data.map_features(P[:corners]))
    for card, units in zip(
        run.pictures, (P[:corners], layers[0][:, [1, 4]], layers[1][:, [1, 4]]), strict=True
    ):
        part = card.frame()
        found = shares(part)
        ends = card.placed().ends
        for k in range(2):
            low, high = ends[k]
            np.testing.assert_allclose(
                low + found[:, k] * (high - low), units[:, k], atol=2e-4 * (high - low)
            )
    cells = np.frombuffer(base64.b64decode(part["mesh"]["cells"]), np.uint8)
    share = run.experiment.predict(run.data.map_features(P[corners:]))[0][:, 0]
    np.testing.assert_allclose(cells / 255, share, atol=1 / 255)


def test_places_beyond_the_picture_are_kept_up_to_a_width_and_what_is_no_number_is_nowhere():
    found = packed_places(np.array([[0.5, 0.0], [9.0, -9.0], [np.nan, 0.2]]), ((0.0, 1.0), (0.0, 1.0)))
    raw = np.frombuffer(base64.b64decode(found), np.uint16).reshape(2, -1).T.astype(float)
    np.testing.assert_allclose(3 * raw[:2] / (NOWHERE - 1) - 1, [[0.5, 0], [2, -1]], atol=1e-4)
    assert (raw[2] == NOWHERE).all()


def test_the_numbers_in_the_answer_are_those_of_the_default_run():
    """Probe, mean |correlation| and R² of the last layer, before and after 1,500 updates; the linear models of the table."""
    run = made(NetworkConfig((8, 8, 8)))
    run.experiment.step(1500, record=False)
    old, new = run.before()[-1], run.wishes(exact=True)[-1]
    assert old.probe == pytest.approx(0.5, abs=0.1) and new.probe == 1
    assert new.correlation > old.correlation
    assert old.back == pytest.approx(1.0, abs=0.005) and 0.5 < new.back < 0.8
    test = {row.name: row.test for row in run.maps(exact=True)}
    assert test["raw x"] == pytest.approx(0.56, abs=0.16) and test["x and x² by hand"] >= 0.985
    assert test["random units of x"] == pytest.approx(0.955, abs=0.07)
    assert test["the last layer as at the start"] < 0.65 and test["the last layer, learned"] == 1
    assert test["lazy: slopes at the start"] > 0.9
    losses = run.experiment.history
    run.experiment.record()
    assert losses.test_accuracy[-1, 0] == 1 and losses.test_accuracy[-1, 1] < 0.65  # the last layer only


def test_random_biases_let_the_last_layer_alone_tell_the_ring():
    config = lanes_of(ExperimentConfig(DatasetConfig("circles"), NetworkConfig((16,)), batch_size=5000, lanes=(LaneConfig("adam", 0.1),)))  # fmt: skip
    scores = []
    for sigma_b in (0.0, 1.0):
        run = FeaturesRun(config, load_dataset(config.dataset), False, sigma_b=sigma_b)
        run.experiment.step(300)
        scores.append(run.experiment.history.test_accuracy[-1, 1])
    assert scores[0] < 0.65 and scores[1] > 0.9


def test_a_tables_row_is_the_probe_of_that_layer():
    run = made(NetworkConfig((6, 4), "relu"), "moons")
    pull(run, updates=50)
    data = run.data
    A, B = (run.experiment.layer_outputs(0, X)[1] for X in (data.X_train, data.X_test))
    probe = fit(A, data.y_train, "binary")
    row = next(row for row in run.maps(exact=True) if row.name == "the last layer, learned")
    assert (row.train, row.test, row.units) == (
        probe.score(A, data.y_train),
        probe.score(B, data.y_test),
        "4",
    )


@pytest.mark.parametrize(
    "network, data, more",
    [
        (NetworkConfig(()), "circles", {}),
        (NetworkConfig((1,)), "moons", {}),
        (NetworkConfig((5, 2), "relu", "zeros"), "iris", {}),
        (NetworkConfig((4, 4), "sine"), "sine", dict(features=("x1",))),
        (NetworkConfig((6,), "relu"), "plane", dict(test_fraction=0.0)),
        (NetworkConfig((3, 3, 3, 3, 3, 3)), "xor", dict(features=("x1", "x2", "sin_x1"))),
    ],
    ids=str,
)
def test_any_network_and_data_have_pictures_and_numbers_that_json_can_hold(network, data, more):
    """No hidden layer, one unit, units that are constant, three classes, a curve, values without test data, six layers."""
    run = made(network, data, **more)
    for mode in MODES:
        for axes in ("principal", "units"):
            run.set_look(Look(mode, axes=axes, first=1, second=7))
            pull(run, updates=2)
            for card in run.cards:
                for part in (card.mounted(), card.frame(), card.rest(), card.caption()):
                    json.dumps(part, allow_nan=False)
    assert run.data.task != "regression" or "%" not in run.cards[-1].caption()  # R² is no share of answers
    run.experiment.set_theta(0, np.full(run.experiment.theta(0).shape, 1e30))  # outputs that are no numbers
    run.view.forget()
    run.set_look(Look())
    assert all(json.dumps([card.frame(), card.rest()], allow_nan=False) for card in run.cards)


def test_a_frame_is_small_and_in_motion_what_is_measured_may_lag_by_a_tenth():
    run = made(NetworkConfig((8, 8, 8)))
    pull(run, updates=100)
    parts = {card.name: card.frame() for card in run.cards}
    assert len(json.dumps(parts)) < 30_000
    known = run.measured(exact=False)
    run.experiment.step(5)
    assert run.measured(exact=False) is known and run.measured(exact=True) is not known


def test_an_earlier_moment_shows_its_own_pictures():
    run = made(NetworkConfig((4, 4)))
    pull(run, updates=20)
    first = run.pictures[2].rest()
    pull(run, updates=50)
    run.go_to(1)
    assert run.step() == 20 and run.pictures[2].rest() == first
    run.go_on()
    assert run.step() == 70 and run.pictures[2].rest() != first


def test_it_asks_for_the_way_back_first_and_tells_it_when_the_run_is_there():
    app = start("capacity", view="features", ask="guess")
    run = run_of(app, "capacity", "features")
    assert any("R² = 1.00 before training" in element.value for element in app.markdown)
    assert run.quiz.covered == ("wishes",)
    run.experiment.step(features.GUESSED_AT)
    guess = features.way_back_guess(run)
    assert guess.truth == round(run.wishes(exact=True)[-1].back, 2) and f"{guess.truth:.2f}" in guess.found
