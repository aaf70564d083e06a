"""The Learning rate page without a browser: every view, its controls, its links, its numbers."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from engine import OPTIMIZERS, SCHEDULES, Experiment, LaneConfig
from engine.studies.range_test import range_test
from pages.learning_rate import common
from pages.learning_rate import picture as rate_picture
from pages.learning_rate.stability import lanes_for
from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.request import read_request
from tests.pages.app import change as move
from tests.pages.app import form_of, link, widget
from tests.pages.app import run_of as app_run_of
from tests.pages.app import start as open_page

RUNS = ("ladder", "finder", "map", "schedules", "stability")
VIEWS = ("picture", *RUNS)


def start(**query: str) -> AppTest:
    return open_page("learning_rate", **query)


def run_of(app: AppTest, view: str):
    return app_run_of(app, "learning_rate", view)


def change(app: AppTest, key: str, value) -> None:
    move(app, **{key: value})


def pull(run, mailbox: Mailbox, action: str = "play", **more):
    raw = dict(
        action=action, run=run.run_id, sequence=1, seen=-1, frames=3, updates=2, budget_ms=400, have={}
    )
    answer = json.loads(respond(run, mailbox, read_request(raw | more)))
    json.dumps(answer, allow_nan=False)
    return answer


def opened(app: AppTest, run, *click) -> AppTest:
    """The Playground that a click leads to."""
    assert run.click(*click)
    travel = st.session_state["learning_rate.travel"]  # without a session: its stand-in
    app.session_state["learning_rate.travel"] = common.Travel(travel.wanted)
    app.run()
    assert not app.exception and not app.warning
    return app


# --- all views ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_asks_its_question_and_links_to_itself(view):
    app = start(view=view)
    assert not app.warning
    assert "too small, right, or too big?" in app.markdown[0].value
    assert app.latex and app.caption
    again = start(**link(app))
    assert not again.warning
    assert link(again) == link(app)
    assert link(app).get("view", "picture") == view
    if view in RUNS:
        assert run_of(again, view).config == run_of(app, view).config
        pull(run_of(app, view), Mailbox())


def test_views_share_data_and_network_where_they_ask_about_the_same():
    app = start(view="ladder")
    change(app, "data", "xor")
    change(app, "neurons1", 5)
    change(app, "rungs", 9)
    change(app, "view", "map")
    assert run_of(app, "map").config.dataset.name == "xor"
    assert run_of(app, "map").config.network.hidden == (5, 8)
    change(app, "view", "stability")
    assert run_of(app, "stability").config.dataset.name == "spiral"
    change(app, "view", "finder")
    assert run_of(app, "finder").data.name == "xor"
    ladder = run_of(app, "ladder")
    change(app, "view", "ladder")
    assert run_of(app, "ladder") is ladder
    assert len(ladder.config.lanes) == 9


@pytest.mark.parametrize(("view", "values"), [
    ("nonsense", {"view": "nonsense"}),
    ("ladder", {"rungs": "1e9", "low": "nan", "high": "-3", "lr": "x"}),
    ("finder", {"length": "999999", "smoothing": "1", "batch": "0"}),
    ("map", {"updates": "inf", "runs": "500", "rates": "10000", "lane1": "opt:__class__", "measure": "<b>"}),
    ("schedules", {"lane1": "sched:nope", "sched": "'", "noise": "-1"}),
    ("stability", {"eta": "1e300", "compare": "rm -rf", "data": "../../etc"}),
    ("picture", {"eta": "0", "ratio": "NaN", "steps": "1e12", "start": "99", "momentum": "1"}),
])  # fmt: skip
def test_hostile_links_are_clamped_with_a_message_that_names_them(view, values):
    app = start(**({"view": view} | values))
    for key in values:
        assert any(f"{key} " in warning.value for warning in app.warning), (
            key,
            [w.value for w in app.warning],
        )


def test_a_range_the_wrong_way_round_is_said_and_mended():
    app = start(view="ladder", low="10", high="0.1")
    assert any("ten times" in warning.value for warning in app.warning)
    rates = [lane.learning_rate for lane in run_of(app, "ladder").config.lanes]
    assert rates[0] == 0.1 and rates[-1] == 10


def test_methods_without_a_rate_are_not_offered_and_a_link_with_one_is_mended():
    app = start(view="finder", opt="lbfgs")
    assert widget(app, "optimizer").value == "sgd"
    assert any("L-BFGS" in warning.value for warning in app.warning)
    assert not {"newton", "bfgs", "lbfgs", "random_search"} & set(
        run_of(start(view="map", opt="newton"), "map").names
    )


# --- picture ------------------------------------------------------------------------------------------------


def test_picture_takes_values_from_the_browser_only_within_their_ranges():
    app = start(view="picture", eta="1.5", ratio="25", start="2", ravine_x="-1")
    form = form_of(app, "learning_rate", "picture")
    assert [form[name] for name in ("eta", "ratio", "start", "ravine_x")] == [1.5, 25, 2, -1]
    form.put("eta", 0.25)
    app.run()
    assert link(app)["eta"] == "0.25"
    assert rate_picture.PARAMETERS["steps"].clamp("a lot") == 25


def test_picture_layouts_have_words_for_every_regime():
    data = rate_picture.picture_data(
        {name: option.default for name, option in rate_picture.PARAMETERS.items()}, 0, dark=False
    )
    json.dumps(data, allow_nan=False)
    assert set(data["regimes"]) <= set(data["colors"])
    assert set(data["layouts"]) == {"parabola", "ravine", "descent", "factor"}


# --- ladder -------------------------------------------------------------------------------------------------


def test_ladder_is_even_in_the_logarithm_and_its_controls_change_it():
    app = start(view="ladder")
    rates = np.array([lane.learning_rate for lane in run_of(app, "ladder").config.lanes])
    assert len(rates) == 11 and rates[0] == 0.001 and rates[-1] == 100
    assert np.allclose(np.diff(np.log10(rates)), 0.5, atol=0.002)
    run = run_of(app, "ladder")
    run.advance("play", 3)
    change(app, "high", 10.0)
    run = run_of(app, "ladder")
    assert run.config.lanes[-1].learning_rate == 10
    assert run.experiment.updates == 0, "what a rung shows is of its rate alone"
    change(app, "rungs", 9)
    assert len(run_of(app, "ladder").config.lanes) == 9
    change(app, "optimizer", "adam")
    change(app, "batch_size", 8)
    lane = run_of(app, "ladder").config.lane(4)
    assert (lane.optimizer, lane.batch_size) == ("adam", 8)


def test_a_rung_opens_in_the_playground_as_it_is_set():
    app = start(view="ladder", data="moons", opt="momentum", batch="16", seed="3", **{"opt.beta": "0.5"})
    run = run_of(app, "ladder")
    run.advance("play", 7)
    opened(app, run, "boundary:6", 0, 0)
    copy = app_run_of(app)
    config, rung = copy.config, run.config.lane(6)
    lane = config.lane(0)
    assert (lane.learning_rate, lane.optimizer, lane.options, lane.batch_size, lane.seed) == (
        rung.learning_rate, "momentum", {"beta": 0.5}, 16, 3)  # fmt: skip
    assert (config.dataset, config.network) == (run.config.dataset, run.config.network)
    assert np.array_equal(copy.experiment.theta(0), run.experiment.theta(6)), "to the bit"
    assert copy.experiment.updates == 7
    assert (link(app)["lr"], link(app)["data"]) == ("1", "moons")
    assert not run.click("boundary:99", 0, 0)  # a click from a modified page leads nowhere


def test_the_rungs_chart_shows_losses_and_sets_diverged_ones_apart():
    app = start(view="ladder", loss="mean_squared_error")
    run = run_of(app, "ladder")
    run.advance("play", 100)
    line, _, lost = (part[1:] for part in run.cards[-1].frame()["set"])
    finite = [y for y in line[1] if y is not None]
    assert line[0] == [lane.learning_rate for lane in run.config.lanes]
    assert finite == pytest.approx(run.experiment.history.train_loss[-1, : len(finite)].tolist())
    diverged = [
        lane.learning_rate
        for lane, s in zip(run.config.lanes, run.experiment.status, strict=True)
        if s.state == "diverged"
    ]
    assert diverged and lost[0] == diverged and min(lost[1]) > max(finite)
    assert run.cards[10].caption() == "diverged"


# --- finder -------------------------------------------------------------------------------------------------


def test_finder_tries_what_the_range_test_suggests():
    app = start(view="finder")
    run = run_of(app, "finder")
    test = range_test(Experiment(run.asked[0], run.data), 0, 0.001, 100, 200, 0.9)
    assert np.array_equal(run.test.raw, test.raw), "the same seed gives the same test"
    assert len(test.suggestions) == 3
    lanes = [lane.learning_rate for lane in run.config.lanes]
    assert lanes == pytest.approx([suggestion.rate for suggestion in test.suggestions], rel=0.005)
    assert run.experiment.updates == 300
    figure = run.cards[0].figure()
    assert [trace.name for trace in figure.data] == [
        "raw loss of each mini-batch",
        "smoothed",
        *(s.label for s in test.suggestions),
    ]
    assert figure.layout.xaxis.type == "log"
    change(app, "smoothing", 0.5)
    change(app, "length", 100)
    change(app, "low", 0.01)
    assert run_of(app, "finder") is not run
    assert run_of(app, "finder").test.rates[0] == 0.01


def test_finder_says_when_there_is_nothing_to_suggest():
    app = start(view="finder", low="70", high="700", loss="mean_squared_error")
    run = run_of(app, "finder")
    assert run.test.suggestions == ()
    assert "usual one" in run.state()["message"]
    assert link(opened(app, run, "boundary:0", 0, 0)) == {"loss": "mean_squared_error"}


# --- map ----------------------------------------------------------------------------------------------------


def small_map(**query: str):
    app = start(view="map", rates="3", runs="1", updates="50", lane1="opt:adam", opt="sgd", **query)
    return app, run_of(app, "map")


def test_map_fills_in_can_be_stopped_and_goes_on(monkeypatch):
    monkeypatch.setattr("pages.learning_rate.rate_map.SLICE_SECONDS", 0.0)
    _, run = small_map(loss="mean_squared_error")
    mailbox = Mailbox()
    answer = pull(run, mailbox, frames=2)
    assert 0 < answer["state"]["progress"] < 1
    while not run.grid.done[0]:
        run.advance("play", 1)
    first = run.grid.losses[0].copy()
    answer = pull(run, mailbox, "rest")
    assert np.array_equal(run.grid.losses[0], first), "what is done stays"
    assert dict(answer["state"]["readout"])["Cells"] == "3 of 6"
    while not run.grid.finished:
        run.advance("play", 1)
    assert np.array_equal(run.grid.losses[0], first)
    state = run.state()
    assert state["finished"] and state["progress"] == 1 and "Time left" not in dict(state["readout"])
    figure = run.cards[0].figure()
    texts = np.concatenate([trace.text for trace in figure.data if trace.type == "heatmap"])
    assert "✕" in texts and sum("★" in text for row in texts for text in row) == 2
    run.advance("reset", 1)
    assert not run.grid.done.any() and run.grid.progress == 0


def test_a_cell_opens_in_the_playground():
    app, run = small_map(seed="4")
    run.grid.run()
    opened(app, run, "map", run.columns[1], "Adam")
    assert link(app) == {"opt": "adam", "lr": run.columns[1], "seed": "4"}
    assert app_run_of(app).state()["step"] == 50
    loss = app_run_of(app).experiment.history.train_loss[-1, 0]
    assert loss == pytest.approx(run.grid.losses[1, 1, 0])
    for click in (
        ("map", "7", "Adam"),
        ("map", run.columns[1], "Eve"),
        ("best", run.columns[1], "Adam"),
        ("map", 1.0, 2.0),
    ):
        assert not run.click(*click)


def test_map_controls_and_link():
    app, run = small_map()
    assert run.names == ["SGD", "Adam"]
    change(app, "methods", ["sgd"])
    assert run_of(app, "map").names == ["SGD"]
    again = start(**link(app))
    assert run_of(again, "map").names == ["SGD"], "one method is one method, also in a link"
    for key, value in (("rates", 5), ("runs", 2), ("updates", 60), ("measure", "test_loss")):
        change(app, key, value)
    grid = run_of(app, "map").grid
    assert grid.losses.shape == (1, 5, 2) and grid.updates == 60 and grid.measure == "test_loss"
    change(app, "methods", [])
    assert any("At least one optimizer" in warning.value for warning in app.warning)


def test_the_best_table_says_which_rate_and_how_many_are_good():
    _, run = small_map()
    run.grid.run()
    rows = run.cards[1].table()
    best = [int(np.argmin(row)) for row in run.grid.median]
    assert [row[1]["value"] for row in rows] == [run.grid.rates[k] for k in best]
    assert [row[0]["text"] for row in rows] == ["SGD", "Adam"]


# --- schedules ----------------------------------------------------------------------------------------------


def test_schedules_are_lanes_with_the_facts_about_them():
    app = start(view="schedules")
    run = run_of(app, "schedules")
    assert {lane.learning_rate for lane in run.config.lanes} == {1.0}
    rows = {row[0]["text"]: [cell["text"] for cell in row] for row in run.cards[-1].table()}
    assert rows["constant"][2:4] == ["✓ yes", "✗ no"]
    assert rows["inverse time"][2:4] == ["✓ yes", "✓ yes"]
    assert rows["cosine"][2:4] == ["✗ no", "✓ yes"]
    run.advance("play", 500)
    steps, rates = run.cards[0].now()
    now = dict(zip([lane.schedule for lane in run.config.lanes], rates, strict=True))
    assert set(steps) == {501}  # the next update, whose rate the mark shows
    smooth = [pair for pair in zip(run.config.lanes, rates, strict=True) if pair[0].schedule != "step"]
    for lane, rate in smooth:
        curve = next(trace for trace in run.cards[0].figure().data if trace.name == lane.name)
        assert rate == pytest.approx(np.interp(501, curve.x, curve.y), rel=0.02)  # the mark lies on its curve
    assert now["inverse_sqrt"] == pytest.approx(501**-0.5)
    assert now["inverse_time"] == pytest.approx(1 / 6.01)
    assert now["step"] == 0.5
    curve = next(trace for trace in run.cards[0].figure().data if trace.name == "inverse square root")
    assert curve.y[list(curve.x).index(1)] == 1.0 and curve.y[-1] == pytest.approx(2000**-0.5)


@pytest.mark.parametrize("key", [key for key in SCHEDULES if key != "one_cycle"])
def test_the_tables_formulas_give_the_schedules_rates(key):
    """The text of the table, read as arithmetic."""
    names = {name: option.default for name, option in SCHEDULES[key].options.items()}
    python = SCHEDULES[key].text
    for old, new in (("½η₀ (", "0.5 * η₀ * ("), ("cos π", "cos(pi * "), (")/T)", ")/T))"), ("η₀ γ", "η₀ * γ"), ("√t", "t**.5"),
                     ("δt", "δ * t"), ("^", "**"), ("⌊", "floor("), ("⌋", ")"), ("−", "-")):  # fmt: skip
        python = python.replace(old, new)
    letters = {"η₀": "eta", "γ": "gamma", "δ": "delta"}
    for letter, name in letters.items():
        python = python.replace(letter, name)
    for t in (1, 2, 7, 500, 501, 1999):
        values = dict(
            t=t,
            eta=0.3,
            T=names.get("total"),
            s=names.get("every"),
            cos=math.cos,
            floor=math.floor,
            pi=math.pi,
        )
        expected = SCHEDULES[key].rate(0.3, t)
        assert eval(python, {"__builtins__": {}}, values | names) == pytest.approx(expected, rel=1e-12)


def test_schedule_controls_and_link():
    app = start(view="schedules")
    change(app, "schedules", ["power", "exponential"])
    change(app, "power_delta", 0.75)
    change(app, "exponential_warm_up", 40)
    change(app, "learning_rate", 0.5)
    again = start(**link(app))
    assert not again.warning
    lanes = run_of(again, "schedules").config.lanes
    assert [(lane.schedule, lane.schedule_options, lane.learning_rate) for lane in lanes] == [
        ("power", {"delta": 0.75}, 0.5), ("exponential", {"warm_up": 40}, 0.5)]  # fmt: skip
    change(app, "schedules", [])
    assert any("At least one schedule" in warning.value for warning in app.warning)
    assert [lane.schedule for lane in run_of(app, "schedules").config.lanes] == ["constant"]
    assert len(widget(app, "schedules").options) == len(SCHEDULES)


# --- stability ----------------------------------------------------------------------------------------------


def test_sharpness_is_the_known_curvature_of_a_quadratic_to_one_percent():
    """A linear model under ½-free mean squared error: the Hessian is 2 [X 1]ᵀ[X 1]/N, whatever the weights."""
    app = start(view="stability", data="plane", net="none", eta="0.02")
    run = run_of(app, "stability")
    inputs = np.column_stack([run.data.X_train, np.ones(len(run.data.X_train))])
    expected = np.linalg.eigvalsh(2 * inputs.T @ inputs / len(inputs))[-1]
    run.advance("play", 5)
    assert run.sharpness[-1] == pytest.approx([expected] * 3, rel=0.01)
    assert run.edges[-1] == pytest.approx([2 / 0.01, 2 / 0.02, 2 / 0.04])
    sharp, edge = run.cards[0].lines()[:2]
    assert sharp[-1] == pytest.approx(expected, rel=0.01) and edge[-1] == pytest.approx(200)


def test_the_default_shows_the_edge_of_stability():
    run = run_of(start(view="stability"), "stability")
    assert {run.experiment.config.lane(k).batch_size >= len(run.data.X_train) for k in range(3)} == {True}
    for _ in range(100):
        run.advance("play", 4)
    sharp, edge = np.array(run.sharpness)[:, 2], np.array(run.edges)[:, 2]
    assert sharp[0] < edge[0] and sharp.max() > edge[0], "sharpness climbs beyond the edge"
    loss = run.experiment.history.train_loss[:, 2]
    assert (np.diff(loss) > 0.05).any(), "and the loss leaps"


def test_stability_controls():
    app = start(view="stability")
    run = run_of(app, "stability")
    run.advance("play", 9)
    change(app, "eta", 0.2)
    assert run_of(app, "stability") is run, "another rate is taken over while it trains"
    run.advance("play", 1)
    assert run.edges[-1] == pytest.approx([20, 10, 5]) and run.steps[-1] == 10
    opened(app, run, "boundary:1", 0, 0)
    assert app_run_of(app).experiment.updates == 0, "its rate was another at first"
    app = start(view="stability")
    change(app, "optimizer", "adam")
    assert form_of(app, "learning_rate", "stability")["eta"] == pytest.approx(0.003), (
        "an untouched rate follows the method"
    )
    assert any("D" in caption.value for caption in app.caption)
    change(app, "eta", 0.01)
    change(app, "optimizer", "lion")
    assert widget(app, "eta").value == 0.01
    assert any("fixed length" in caption.value for caption in app.caption)
    change(app, "compare", "forms")
    run = run_of(app, "stability")
    assert [look.name for look in run.looks] == ["SGD", "heavy ball", "Nesterov", "average (ema)"]
    assert run.edges[-1] == pytest.approx([2 / 0.01, 3.8 / 0.01, 3.8 / 0.028, 3.8 / 0.001])
    assert link(app)["compare"] == "forms"


def test_every_method_with_a_rate_can_be_gauged():
    app = start(view="stability")
    run = run_of(app, "stability")
    for key in (key for key, kind in OPTIMIZERS.items() if not kind.needs_closure):
        run.swap(replace(run.config, lanes=lanes_for("rates", LaneConfig(key, 0.01), 0.01)))
        run.advance("play", 2)
        assert np.isfinite(run.sharpness[-1]).all(), key


def test_a_click_that_was_sent_with_the_last_address_is_not_lost():
    """A browser that has not yet heard of the new address sends the old one with the next click."""
    app = start(view="ladder")
    old = link(app)
    change(app, "rungs", 9)
    app.query_params.clear()
    for key, value in old.items():
        app.query_params[key] = value
    change(app, "batch_size", 8)
    config = run_of(app, "ladder").config
    assert (len(config.lanes), config.batch_size) == (9, 8)
    before = link(app)
    change(app, "view", "map")
    app.query_params.clear()
    for key, value in before.items():
        app.query_params[key] = value
    change(app, "rates", 5)
    assert link(app)["view"] == "map" and len(run_of(app, "map").grid.rates) == 5
