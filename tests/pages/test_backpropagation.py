"""The Backpropagation page without a browser: every view, its links, its numbers and its words."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import MLP, DatasetConfig, ExperimentConfig, NetworkConfig
from engine.data.load import load_dataset
from engine.network.planted import PLANTED, mystery
from pages.backpropagation import boxes, chain, check, check_run, softmax
from pages.backpropagation.notation import MARKS
from pages.shared import weights
from pages.shared.stepper import checked, stepper_data
from tests.pages.app import asks_and_links_to_itself, change, form_of, go, link, start

VIEWS = ("chain", "boxes", "softmax", "check", "cost")


def opened(view: str = "chain", **query: str):
    return start("backpropagation", view=view, **query)


def all_text(app) -> str:
    return " ".join(element.value for kind in (app.markdown, app.caption, app.success) for element in kind)


# --- all views ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_asks_its_question_and_links_to_itself(view):
    app = opened(view)
    assert "where does a gradient come from?" in app.markdown[0].value
    asks_and_links_to_itself(app, "backpropagation")


@pytest.mark.parametrize(
    ("view", "query"),
    [
        ("chain", {"n": "2", "w1": "-3.25", "b": "0", "act2": "relu", "symbols": "D", "step": "4", "eta": "0.01"}),
        ("boxes", {"from": "own", "net": "2-2", "sample": "7", "all": "true", "by": "matrices", "symbols": "ours", "open": "W1:0,1"}),
        ("boxes", {"weights": "1,2,3,4,5,6,7,8,9.5", "stop": "true", "step": "9"}),
        ("softmax", {"classes": "4", "a4": "1000", "label": "2", "stable": "false", "b": "3", "step": "9", "by": "3"}),
        ("check", {"bug": "sign_of_b1", "h": "0.001", "form": "forward", "precision": "float32", "act": "relu", "seed": "3"}),
        ("cost", {"order": "from the weights", "hidden": "3", "inputs": "2", "diagonal": "true", "tensor": "true", "outputs": "9"}),
    ],
)  # fmt: skip
def test_a_link_brings_the_view_as_it_was(view, query):
    app = opened(view, **query)
    assert not app.warning
    wanted = query | ({} if view == "chain" else {"view": view})
    assert {key: value for key, value in link(app).items() if key in wanted} == wanted


@pytest.mark.parametrize(
    ("view", "query", "used"),
    [
        ("chain", {"n": "1e9", "w1": "nan", "act3": "__class__", "step": "-4", "eta": "0"}, {"n": 12, "w1": 0.5, "act3": "sigmoid", "step": 0, "eta": 0.001}),
        ("boxes", {"from": "' OR 1", "sample": "0", "all": "maybe", "symbols": "<b>"}, {"from": "lecture", "sample": 1, "all": False, "symbols": "B"}),
        ("softmax", {"classes": "99", "a1": "inf", "a2": "1e300", "label": "x"}, {"classes": 5, "a1": 2.0, "a2": 1e4, "label": 1}),
        ("check", {"bug": "rm -rf", "h": "-1", "mystery": "0", "seed": "1.5"}, {"bug": "right", "h": 1e-12, "mystery": 1, "seed": 2}),
        ("cost", {"order": "any", "hidden": "1e99", "inputs": "-2"}, {"order": "from the loss", "hidden": 64, "inputs": 1}),
    ],
)  # fmt: skip
def test_bad_values_in_a_link_are_named_and_clamped(view, query, used):
    app = opened(view, **query)
    said = " ".join(warning.value for warning in app.warning)
    assert all(f"{key} is" in said for key in query), said
    form = form_of(app, "backpropagation", view)
    assert {key: form[key] for key in used} == used


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"weights": "1,2"}, "this network has 9"),
        ({"weights": "1,2,3,4,5,6,7,8,nan"}, "not all numbers"),
        ({"weights": "<script>"}, "not all numbers"),
        ({"open": "../etc"}, "no box"),
    ],
)
def test_bad_weights_and_boxes_in_a_link_are_said(query, word):
    app = opened("boxes", **query)
    assert any(word in warning.value for warning in app.warning)
    assert not {"weights", "open"} & set(link(app))


def test_a_sample_that_is_not_there_is_said():
    app = opened("boxes", **{"from": "own", "n": "20", "sample": "400"})
    assert [warning.value for warning in app.warning] == ["sample is 400 in the link, but there are 14; 14 is used instead."]  # fmt: skip
    assert link(app)["sample"] == "14"


def test_the_notation_is_kept_from_view_to_view():
    app = opened("boxes", symbols="D")
    change(app, view="chain")
    assert form_of(app, "backpropagation", "chain")["symbols"] == "D"
    assert link(app)["symbols"] == "D"


# --- the component ------------------------------------------------------------------------------------------


@given(st.dictionaries(st.sampled_from([*chain.OPTIONS, "weights", "other"]), st.none() | st.floats() | st.text() | st.booleans() | st.lists(st.floats())))  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_whatever_the_browser_sends_options_are_in_their_ranges(raw):
    for name, value in checked(raw, chain.OPTIONS).items():
        if name in chain.OPTIONS:
            assert chain.OPTIONS[name].check(value) == value


def test_only_a_list_of_numbers_can_be_weights():
    assert weights.numbers([1, 2.5, "3"]) == [1.0, 2.5, 3.0]
    assert weights.numbers([1e99]) == [weights.WIDEST]
    for bad in (None, "1,2", [float("nan")], [None], [[1]], [True], ["x"], [0.0] * 20_000):
        assert weights.numbers(bad) is None


def test_what_is_sent_is_plain_json_and_its_revision_follows_it():
    values = {name: option.default for name, option in chain.OPTIONS.items()}
    one = stepper_data("x.js", "X", chain.OPTIONS, values, {"a": np.array([1.0, np.inf])}, False)
    assert json.loads(json.dumps(one, allow_nan=False))["trace"] == {"a": [1.0, None]}
    same = stepper_data("x.js", "X", chain.OPTIONS, values, {"a": np.array([1.0, np.inf])}, True)
    other = stepper_data(
        "x.js", "X", chain.OPTIONS, values | {"x": 2.0}, {"a": np.array([1.0, np.inf])}, False
    )
    assert one["revision"] == same["revision"] != other["revision"]
    assert one["traceRevision"] == other["traceRevision"]


# --- Chain and Softmax --------------------------------------------------------------------------------------


def test_the_chain_says_how_much_reuse_saves():
    assert "For 12 units that is 35 against 180" in all_text(opened("chain"))


def test_there_are_as_many_steps_as_the_browser_can_take():
    assert chain.OPTIONS["step"].high == 2 * chain.UNITS + 3
    assert softmax.OPTIONS["step"].high == softmax.STEPS == 12


# --- Boxes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", ["circles", "iris", "plane"])
def test_boxes_are_sent_for_every_task_in_all_notations(data):
    config = ExperimentConfig(DatasetConfig(data), NetworkConfig((4, 3)))
    subject = boxes.own(config, load_dataset(config.dataset))
    found = json.loads(json.dumps(stepper_data("x", "x", {}, {}, boxes.sent(subject, False), False), allow_nan=False))["trace"]  # fmt: skip
    keys = [box["key"] for box in found["boxes"]]
    assert keys[:4] == ["x", "W1", "b1", "z1"] and keys[-1] == "L"
    assert len(found["theta"]) == subject.mlp.parameter_count
    assert len(found["X"]) == len(found["T"]) == len(subject.data.X_train)
    for notation in MARKS:
        assert set(found["names"][notation]) == set(keys)
        for box in found["boxes"]:
            texts = box["matrix"][notation].values()
            marks = set("".join(texts).replace("[∂", "[").split("[")[1:])
            assert all(mark.partition("]")[0] in keys for mark in marks), (notation, box["key"], texts)
    assert len(found["map"]["inputs"]) == boxes.GRID**2


def test_formulas_of_whole_boxes_have_the_transpose():
    found = boxes.sent(boxes.lecture(), False)["boxes"]
    of = {box["key"]: box["matrix"] for box in found}
    assert of["a1"]["D"]["backward"] == "[∂a1] = [W2]ᵀ [∂z2]"
    assert of["a1"]["ours"]["backward"] == "[∂a1] = [∂z2] [W2]ᵀ"
    assert of["W2"]["D"]["backward"] == "[∂W2] = [∂z2] [a1]ᵀ"
    assert of["z1"]["B"]["forward"] == "[z1] = Σᵢ [W1]ⱼᵢ·[x]ᵢ + [b1]ⱼ, for each j"
    assert of["z1"]["ours"]["backward"] == "[∂z1] = [∂a1] ⊙ φ′([z1])"
    assert of["z2"]["B"]["backward"] == "[∂z2] = [p] − [y]"


def test_the_playgrounds_network_is_brought_as_it_stands():
    app = start("playground", net="3", data="moons", opt="adam", seed="5")
    run = app.session_state["playground.state"].runs[""]
    run.advance("play", 20)
    go(app, "backpropagation", view="boxes")
    next(button for button in app.button if "Bring" in button.label).click().run()
    assert not app.exception
    brought = link(app)
    assert (brought["from"], brought["net"], brought["data"], brought["seed"]) == ("own", "3", "moons", "5")
    weights = np.array([float(value) for value in brought["weights"].split(",")], np.float32)
    assert np.array_equal(weights, run.experiment.theta(0)), "to the bit"
    assert "after 20 updates" in all_text(app)
    again = start("backpropagation", **brought)
    assert not again.warning and link(again) == brought


def test_a_click_in_the_playground_leads_to_that_samples_boxes():
    app = start("playground", net="3", data="moons", l2="0.1")
    run = app.session_state["playground.state"].runs[""]
    run.advance("play", 7)
    place = run.data.P_train[11] * run.data.scale + run.data.mean
    assert run.click("boundary", *place.tolist()) and not run.click("loss", 1.0, 2.0)
    app.run()
    next(b for b in app.button if b.label == "How did sample 12 get its gradient?").click().run()
    assert not app.exception and not app.warning
    found = link(app)
    assert (found["view"], found["sample"], found["net"], found["l2"]) == ("boxes", "12", "3", "0.1")
    weights = np.array([float(value) for value in found["weights"].split(",")], np.float32)
    assert np.array_equal(weights, run.experiment.theta(0))
    assert "after 7 updates" in all_text(app)


def test_a_click_on_a_late_sample_takes_that_one_though_not_all_are_drawn():
    app = start("playground", net="2", data="moons", n="2000")
    run = app.session_state["playground.state"].runs[""]
    place = run.data.P_train[1234] * run.data.scale + run.data.mean
    assert run.click("boundary", *place.tolist())
    app.run()
    next(b for b in app.button if b.label == "How did sample 1235 get its gradient?").click().run()
    assert not app.exception and not app.warning and link(app)["sample"] == "1235"
    found = boxes.sent(boxes.own(run.config, run.data), False)
    assert len(found["X"]) == 1400 and np.array(found["map"]["points"]).T[1234] == pytest.approx(place)
    drawn = found["map"]["drawn"]
    assert len(drawn) <= boxes.MOST_DRAWN and len(found["map"]["labels"]) == len(drawn)


def test_nothing_to_bring_is_said():
    app = opened("boxes", bring="playground")
    assert any("holds no network" in warning.value for warning in app.warning)


def test_a_network_that_changes_starts_from_its_own_weights():
    app = opened("boxes", **{"from": "own", "net": "2", "weights": ",".join(["0.5"] * 9)})
    assert "weights" in link(app)
    change(app, neurons1=3)
    assert "weights" not in link(app) and not app.warning


def test_many_weights_are_kept_out_of_the_link_and_that_is_said():
    app = start("playground", net="32-32")
    go(app, "backpropagation", view="boxes")
    next(button for button in app.button if "Bring" in button.label).click().run()
    assert not app.exception and "weights" not in link(app)
    assert "too many for a link" in all_text(app)
    assert len(app.session_state["backpropagation.boxes"].weights) == MLP((2, 32, 32, 1), ["tanh"] * 2, "quadratic").parameter_count  # fmt: skip


# --- Check --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bug", PLANTED)
def test_every_bug_is_found_on_the_page_and_the_right_gradient_passes(bug):
    text = all_text(opened("check", bug=bug))
    if bug == "right":
        assert "17 of 17 parameters agree" in text and "passes" in text
    else:
        assert "The gradient is wrong." in text


def test_a_bad_h_is_blamed_before_the_gradient():
    assert "h may be to blame: try h = 10⁻⁵" in all_text(opened("check", h="1"))
    assert "try h = 0.01" in all_text(opened("check", h="1e-7", precision="float32"))


def test_the_mystery_is_not_in_the_link_nor_on_the_page_before_it_is_asked_for():
    app = opened("check", bug="mystery", mystery="7")
    bug, shown = mystery(7), all_text(app)
    assert bug.key not in str(link(app)) and bug.text not in shown
    assert link(app) == {"view": "check", "bug": "mystery", "mystery": "7"}
    next(button for button in app.button if button.label == "Show the bug").click().run()
    assert bug.text in all_text(app)
    next(button for button in app.button if button.label == "Another mystery").click().run()
    assert link(app)["mystery"] != "7" and bug.text not in all_text(app)


def test_a_mysterys_network_does_not_give_it_away():
    values = {name: option.default for name, option in check.OPTIONS.items()} | {"bug": "mystery"}
    found = [check.check(values | {"mystery": number}) for number in range(1, 40)]
    assert {one.planted.key for one in found} == set(PLANTED) - {"right"}
    assert {one.mlp.layer_sizes for one in found} == {(2, 4, 4, 1)}
    assert all(one.errors.max() > check.WRONG for one in found)


def test_the_angle_of_a_wrong_gradient_is_that_of_the_network_shown():
    for seed in (0, 1):
        values = {name: option.default for name, option in check.OPTIONS.items()} | dict(seed=seed)
        wrong, right = (check.check(values | {"bug": bug}).gradient for bug in ("slope_of_a", "right"))
        cosine = wrong @ right / np.linalg.norm(wrong) / np.linalg.norm(right)
        assert f"is {cosine:.2f} in this tanh network" in all_text(opened("check", seed=str(seed)))


def test_a_threshold_passes_the_check():
    values = {name: option.default for name, option in check.OPTIONS.items()} | {"act": "threshold"}
    found = check.check(values)
    assert not found.gradient[:12].any() and (found.errors < check.WRONG).all()


def test_the_training_is_the_one_of_the_lecture_notes_where_these_do_not_depend_on_the_start():
    """The notes have 0.024, 0.646 and 0.690. For the slope of a, the sigmoid's slope and the sign of b₁ (0.382, 0.609,
    0.685) they started from weights that are not recorded: over six starts of ours these bugs end between 0.03 and 0.07,
    0.2 and 0.43, 0.48 and 0.69."""
    known = {"right": 0.024, "biases_forgotten": 0.646, "slope_forgotten": 0.690}
    for bug, loss in known.items():
        values = {name: option.default for name, option in check.OPTIONS.items()} | {"bug": bug}
        mlp, theta = check.network((4,), "tanh", 0)
        run = check_run.CheckRun(bug, check.planted_of(values), mlp, theta, *check.samples(), 0.2, False)
        run.advance("play", check_run.UPDATES)
        assert run.lanes["right gradient" if bug == "right" else "this gradient"].loss() == pytest.approx(
            loss, rel=0.06
        ), bug


# --- Cost ---------------------------------------------------------------------------------------------------


def test_the_cost_of_a_gradient_is_counted():
    app = opened("cost")
    table = app.dataframe[1].value
    assert list(table["back"]) == ["2.33", "2.89", "2.97"]
    assert list(table["2P"]) == ["34", "674", "4,482"]
    assert "Backward mode wins." in all_text(app)
    app = opened("cost", inputs="1", outputs="10")
    assert "Forward mode wins." in all_text(app)


def test_the_order_of_multiplication_is_chosen():
    app = opened("cost", hidden="8", inputs="4")
    assert "From the loss: 328 multiplications" in all_text(app)
    assert "2d′ + d′d = 48" in all_text(app)
    change(app, order="from the weights")
    assert "From the weights: 2,336 multiplications" in all_text(app)
