"""The Generalisation page without a browser: every view and tab, its link, its numbers and its runs."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine.studies.bias_variance import PLACES, even, polynomial_fits, truth
from engine.studies.min_norm import expected_test_error
from engine.studies.which_minimum import METHODS, labels
from engine.studies.width_sweep import WIDTHS
from pages.generalisation.bias_common import dart_errors, dart_places
from pages.generalisation.which_minimum import arena_query
from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.request import read_request
from tests.pages.app import asks_and_links_to_itself, change, form_of, link, run_of, start

TABS = [
    ("sets", "stop"),
    ("sets", "sure"),
    ("sets", "exact"),
    ("bias", "polynomials"),
    ("bias", "networks"),
    ("penalties", "network"),
    ("penalties", "path"),
    ("penalties", "plane"),
    ("descent", "exact"),
    ("descent", "seen"),
    ("descent", "live"),
    ("search", "trials"),
    ("search", "optimism"),
    ("minimum", ""),
]


def opened(view: str = "descent", **query: str):
    return start("generalisation", view=view, **query)


def all_text(app) -> str:
    return " ".join(element.value for kind in (app.markdown, app.caption) for element in kind)


def pull(run, action="play", **more):
    raw = dict(
        action=action, run=run.run_id, sequence=1, seen=-1, frames=1, updates=1, budget_ms=100, have={}
    )
    return json.loads(respond(run, Mailbox(), read_request(raw | more)))


def trained(run) -> None:
    for _ in range(600):
        if run.study.sweep.finished:
            return
        pull(run)
    raise AssertionError("it does not end")


@pytest.mark.parametrize(("view", "tab"), TABS)
def test_every_tab_opens_asks_its_question_and_links_to_itself(view, tab):
    app = opened(view, **({"tab": tab} if tab else {}))
    asks_and_links_to_itself(app, "generalisation")


@pytest.mark.parametrize(
    ("view", "query"),
    [
        ("sets", {"look_ahead": "35", "train": "30", "validation": "70", "test": "10", "self": "true", "data": "moons", "noise": "0.2", "width": "5", "batch": "3", "updates": "150", "seed": "8"}),
        ("sets", {"tab": "sure", "points": "77", "accuracy": "0.8"}),
        ("sets", {"tab": "exact", "k": "33", "features": "9", "sigma": "0.7", "draw": "5"}),
        ("bias", {"curve": "tent", "n": "31", "sigma": "0.1", "sets": "8", "at": "0.6", "seed": "5", "degree": "7"}),
        ("bias", {"tab": "networks", "width": "12", "updates": "300"}),
        ("penalties", {"l1": "0.03", "l2": "0.1", "l1step": "sub-gradient", "opt": "adam", "seed": "7"}),
        ("penalties", {"tab": "path", "lam": "0.35", "eta": "0.2", "steps": "50"}),
        ("penalties", {"tab": "plane", "pull": "1.5", "rho": "-0.5", "first": "-1", "second": "0.25"}),
        ("descent", {"n": "20", "features": "100", "sigma": "1.5", "p": "7", "ridge": "false"}),
        ("descent", {"tab": "seen", "cosines": "77", "points": "9", "noise": "0.05", "draw": "44"}),
        ("descent", {"tab": "live", "samples": "80", "spread": "0", "l2": "0.02", "batch": "7", "updates": "900", "seed": "3"}),
        ("search", {"first": "width", "second": "batch", "trials": "25", "data": "xor", "noise": "0.1", "updates": "300", "seed": "4"}),
        ("search", {"tab": "optimism", "tries": "33", "points": "70", "truth": "0.8"}),
        ("minimum", {"n": "31", "share": "0.75", "draw": "9"}),
    ],
)  # fmt: skip
def test_a_link_brings_the_view_as_it_was(view, query):
    app = opened(view, **query)
    assert not app.warning
    assert {key: value for key, value in link(app).items() if key in query} == query


@pytest.mark.parametrize(
    ("view", "query", "used"),
    [
        ("sets", {"look_ahead": "-5", "train": "0", "validation": "1e9", "data": "iris", "width": "99", "updates": "1e9"}, {"look_ahead": 0, "train": 20, "validation": 150, "data": "xor", "width": 32, "updates": 2000}),
        ("sets", {"points": "0", "accuracy": "2", "k": "nan", "features": "1"}, {"points": 2, "accuracy": 1.0, "k": 20, "features": 2}),
        ("bias", {"curve": "../x", "n": "1", "sigma": "2", "sets": "0", "at": "-1", "degree": "99"}, {"curve": "sine", "n": 2, "sigma": 1.0, "sets": 1, "at": 0.0, "degree": 15}),
        ("penalties", {"l1": "-1", "l2": "99", "l1step": "hard", "opt": "lbfgs", "seed": "x"}, {"l1": 0.0, "l2": 10.0, "l1step": "proximal", "opt": "sgd", "seed": 0}),
        ("descent", {"tab": "<b>", "n": "-4", "features": "1e9", "sigma": "nan", "p": "x"}, {"tab": "exact", "n": 10, "features": 180, "sigma": 0.5, "p": 40}),
        ("descent", {"samples": "1e99", "l2": "-1", "batch": "1.5", "updates": "10000000"}, {"samples": 80, "l2": 0.0, "batch": 2, "updates": 12000}),
        ("search", {"first": "<x>", "trials": "1000", "data": "csv", "noise": "-1"}, {"first": "rate", "trials": 25, "data": "moons", "noise": 0.0}),
        ("search", {"tries": "1e9", "points": "0", "truth": "nan"}, {"tries": 1000, "points": 5, "truth": 0.5}),
        ("descent", {"cosines": "0", "draw": "__class__"}, {"cosines": 1, "draw": 1}),
    ],
)  # fmt: skip
def test_bad_values_in_a_link_are_named_and_clamped(view, query, used):
    app = opened(view, **query)
    said = " ".join(warning.value for warning in app.warning)
    assert all(f"{key} is" in said for key in query), said
    form = form_of(app, "generalisation", view)
    assert {key: form[key] for key in used} == used


# --- three sets ---------------------------------------------------------------------------------------------


def stopping(**query):
    app = opened("sets", **query)
    return app, run_of(app, "generalisation", "sets")


def test_the_three_sets_have_the_sizes_asked_for():
    _, run = stopping(train="31", validation="17", test="52")
    data = run.study.data
    assert (len(data.y_train), len(data.y_validation), len(data.y_test)) == (31, 17, 52)


def test_a_network_is_watched_and_the_best_weights_are_kept_beside_the_last():
    app, run = stopping(updates="400")
    trained(run)
    answer = pull(run, "rest")
    captions = {card["name"]: card["caption"] for card in answer["charts"]}
    rule = run.study.watched.stop(100)
    assert captions["losses"] == f"best at {rule.best * 5}, would stop at {rule.at * 5}"
    assert captions["kept"] == f"update {rule.best * 5}" and captions["last"] == "update 400"
    kept, last = run.cards[-1].table()
    assert kept[3]["value"] < last[3]["value"], "validation"
    assert last[2]["value"] < kept[2]["value"], "training"
    assert kept[5]["value"] == run.study.worth(rule.best).mean
    change(app, look_ahead=0)
    assert run_of(app, "generalisation", "sets") is run
    assert run.study.watched.stop(0).at <= rule.at


def test_without_validation_points_the_network_is_trained_to_the_end_and_it_is_said():
    app, run = stopping(validation="0", updates="100")
    assert "nothing says when to stop" in all_text(app)
    trained(run)
    assert run.stopped is None and run.cards[-1].table()[0][1]["text"] == "–"
    pull(run, "rest")


def test_single_points_as_batches_and_no_look_ahead_stop_at_the_first_stumble():
    _, run = stopping(batch="1", look_ahead="0", updates="200")
    trained(run)
    values = run.study.watched.by("validation")
    assert run.stopped.at == next(k for k in range(1, len(values)) if values[k] >= values[:k].min())


def test_how_sure_says_the_notes_number_and_the_points_it_takes():
    text = all_text(opened("sets", tab="sure"))
    assert "scores **0.9 ± 0.055** on 30" in text and "it takes 900 points" in text


def test_the_exact_tab_says_how_far_apart_descent_and_ridge_are():
    text = all_text(opened("sets", tab="exact"))
    assert "the weights are 18 % apart from the ridge's" in text


# --- bias and variance --------------------------------------------------------------------------------------


def test_polynomials_say_the_exact_sum_and_that_of_the_fits_drawn():
    text = all_text(opened("bias"))
    assert "Over all data sets: bias² 0.0052 + variance 0.0161 + noise 0.0900 = **0.1113**" in text
    assert "These 64: bias²" in text


def test_two_points_allow_a_line_and_one_data_set_has_no_variance_to_tell():
    text = all_text(opened("bias", n="2", degree="9", sets="1"))
    assert "2 points have one polynomial of degree 1 through them" in text
    assert "variance 0.0000" in text and "One data set has no variance to tell." in text


def test_networks_of_all_widths_train_and_the_width_shown_can_change_meanwhile():
    app = opened("bias", tab="networks", sets="4", updates="100")
    run = run_of(app, "generalisation", "bias")
    pull(run)
    change(app, width=8)
    assert run_of(app, "generalisation", "bias") is run and run.width == 8
    trained(run)
    charts = {card["name"]: card for card in pull(run, "rest")["charts"]}
    assert charts["threads"]["title"] == "4 networks of width 8"
    parts = run.study.parts(run.place).means
    assert charts["parts"]["caption"].startswith(
        f"bias² {parts[0]:.4f} + variance {parts[1]:.4f} + noise 0.0900"
    )


def test_a_dart_is_a_fits_error_at_the_two_places():
    places, at = dart_places("sine", 0.25)
    assert at == (0.25, 0.75)
    fits = polynomial_fits("sine", 1, 20, 0.3, 3, 0)
    errors = dart_errors(fits, truth("sine", even(PLACES)), places)
    np.testing.assert_allclose(errors[:, 0], fits[:, 50] - 1)
    np.testing.assert_allclose(errors[:, 1], fits[:, 150] + 1)


# --- double descent -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [20, 60])
def test_the_exact_tab_says_the_formulas_number(p):
    app = opened(p=str(p))
    assert f"expected error on new points **{expected_test_error(p, 40, 120, 0.5):.3g}**" in all_text(app)
    assert "The second is lower" in all_text(app)
    assert "The first is lower" in all_text(opened(sigma="2"))


def test_more_weights_than_features_are_all_the_features():
    app = opened(features="60", p="100")
    assert "At p = 60" in all_text(app)


def test_limits_of_the_exact_and_seen_tabs_open():
    for query in ({"sigma": "0", "p": "120"}, {"n": "60", "features": "60", "p": "0"}, {"tab": "seen", "noise": "0", "cosines": "1"}):  # fmt: skip
        assert not opened(**query).exception


def test_live_networks_train_in_slices_and_their_cells_fill_in():
    app = opened(tab="live", updates="500")
    run = run_of(app, "generalisation", "descent")
    assert np.isnan(run.study.test).all()
    first = pull(run)["frames"][-1]
    assert "figure" in first["charts"]["descent"] and first["state"]["progress"] < 1
    for _ in range(600):
        if run.study.sweep.finished:
            break
        pull(run)
    state = pull(run)["state"]
    assert state["finished"] and ["Networks", "96 of 96"] in state["readout"]
    assert run.study.test.shape == (len(WIDTHS), 8) and np.isfinite(run.study.test).all()
    pull(run, "reset")
    assert np.isnan(run.study.test).all()


def test_other_settings_make_another_run_and_the_same_ones_keep_it():
    app = opened(tab="live")
    run = run_of(app, "generalisation", "descent")
    app.run()
    assert run_of(app, "generalisation", "descent") is run
    change(app, samples=80)
    assert run_of(app, "generalisation", "descent") is not run
    assert run_of(app, "generalisation", "descent").study.n == 80


# --- search -------------------------------------------------------------------------------------------------


def test_search_trains_for_real_and_its_winners_stand_in_a_table():
    app = opened("search", updates="100")
    run = run_of(app, "generalisation", "search")
    captions = {card["name"]: card["caption"] for card in pull(run)["charts"]}
    assert (
        captions["grid"] == "3 rates, 3 penalties"
        and captions["random"] == captions["logs"] == "9 rates, 9 penalties"
    )
    trained(run)
    assert ["Trainings", "27 of 27"] in run.state()["readout"]
    rows = run.cards[-1].table()
    for way, row in zip(run.study.losses, rows, strict=True):
        assert row[4]["value"] == run.study.losses[way][:, 1].min()


def test_search_says_the_chances_of_its_trials():
    app = opened("search")
    assert "Nine trials try three rates, or nine" in all_text(app)
    formulas = " ".join(formula.value for formula in app.latex)
    assert "=0.30" in formulas and "=0.60" in formulas
    text = " ".join(element.value for expander in app.expander for element in expander.markdown)
    assert "a chance of 0.30, random search 0.60" in text and "60 do with 0.954" in text


def test_a_number_of_trials_that_is_no_square_is_rounded_down_and_said():
    app = opened("search", trials="11")
    assert "9 trials are made" in all_text(app)
    assert run_of(app, "generalisation", "search").study.trials == 9


def test_the_same_setting_twice_is_not_offered():
    app = opened("search", first="l2", second="l2")
    assert run_of(app, "generalisation", "search").study.axes == ("l2", "rate")


def test_optimism_says_how_much_too_good_the_winner_looks():
    app = opened("search", tab="optimism", tries="10")
    assert (
        "scores **0.608** on 50 validation points on average, and 0.5 on the test points: 0.108 too good"
        in all_text(app)
    )


# --- which minimum ------------------------------------------------------------------------------------------


def test_which_minimum_says_where_both_groups_end():
    app = opened("minimum")
    text = all_text(app)
    assert "33 of the 60 training labels are +1." in text
    assert "every training loss is below 10⁻¹²" in text
    assert "SGD, Momentum: **100 %**; Adagrad, RMSprop, Adam: **60 %**" in text
    assert any("0.9495" in formula.value and "0.0179" in formula.value for formula in app.latex)


def test_without_a_majority_which_minimum_says_that_the_signs_do_not_fit():
    assert "does not fit" in all_text(opened("minimum", n="10", share="0.5", draw="1"))
    assert (labels(10, 0.5, 1) > 0).sum() <= 5


def test_the_arena_opens_with_the_same_five_methods_at_their_best_rates():
    app = start("arena", **arena_query())
    assert not app.warning
    run = run_of(app, "arena")
    assert [lane.optimizer for lane in run.config.lanes] == list(METHODS)
    assert (
        run.config.dataset.name == "moons" and run.seeds == 10 and form_of(app, "arena")["fairness"] == "best"
    )


@pytest.mark.parametrize(("view", "tab"), [("sets", "stop"), ("search", "trials")])
def test_a_step_goes_as_little_further_as_a_study_can(view, tab):
    run = run_of(opened(view, tab=tab), "generalisation", view)
    assert run.words["step"] == "Step"
    run.advance("step", 1)
    first = run.study.sweep.progress
    assert 0 < first < 0.05
    if view == "sets":
        assert run.study.watched.updates[-1] == 5, "one look at the three sets"
    run.advance("step", 1)
    assert run.study.sweep.progress > first
