"""Sentences of single pages that no other test holds: each beside what the engine does."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from engine import DATASETS, DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.curves import CURVES
from engine.data.load import load_dataset
from engine.limits import FIELDS
from engine.network import chain
from engine.network.signal import signal
from engine.studies import bias_variance, by_heart, early_stopping, signs, which_minimum, width_sweep
from engine.studies.dichotomies import cover
from engine.studies.exhibits import EXHIBITS
from engine.studies.microscope import phases
from engine.studies.rate_search import LaneRates
from engine.surfaces import inertia, noise
from engine.surfaces.bowl import Bowl
from engine.surfaces.functions import FUNCTIONS
from pages.arena import line_ups
from pages.arena.figures import rates_figure
from pages.arena.slow_motion import COLUMNS, memory_text, phase_cells
from pages.backpropagation.chain import OPTIONS as CHAIN
from pages.capacity import hard, teacher
from pages.first_steps import inertia as inertia_page
from pages.first_steps import noise as noise_page
from pages.generalisation import bias_common, bias_networks, descent_live, search_trials, sets_stop
from pages.learning_rate import ladder, picture, stability
from pages.lectures.course import courses
from pages.playground.run import PlaygroundRun
from pages.shared.cards.network import DENSE
from pages.shared.figures.looks import lane_look
from pages.shared.figures.loss import loss_figure
from pages.shared.page import MOST_LANES
from pages.units import collapse, depth
from pages.units.collapse_run import CollapseRun
from tests.pages.app import run_of, start
from tests.pages.test_units import collapse_run

PAGES = Path(__file__).resolve().parents[2] / "pages"

# --- Learning rate ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_a_turned_ravine_has_another_path_and_the_same_regimes(momentum):
    help = picture.PARAMETERS["angle"].help
    assert "The path changes, but which rates creep, swing or explode does not" in help
    straight, turned = Bowl((0.1, 1.0)), Bowl((0.1, 1.0), np.radians(35))
    start = np.array([-2.5, 1.2])
    paths = [bowl.descend(start, 0.3, 25, momentum) for bowl in (straight, turned)]
    assert np.abs(paths[0] - paths[1]).max() > 0.3
    np.testing.assert_allclose(turned.descend(turned.axes @ start, 0.3, 25, momentum), paths[0] @ turned.axes.T, atol=1e-12)  # fmt: skip
    for rate in (0.05, 1.0, 1.9, 2.1, 4.0):
        kept = [np.linalg.norm(bowl.descend(start, rate, 400, momentum)[-1]) < 3 for bowl in (straight, turned)]  # fmt: skip
        assert kept[0] == kept[1]


def test_below_the_ravines_limit_the_shallow_direction_creeps_where_kappa_is_above_2(monkeypatch):
    said = []
    monkeypatch.setattr(picture.st, "markdown", said.append)
    monkeypatch.setattr(picture.st, "latex", lambda text: None)
    picture.formulas(0.0)
    assert any("a rate below that limit creeps if $\\kappa > 2$" in text for text in said)
    for kappa, creeps in ((2.1, True), (1.5, False)):
        factor = 1 - 1.999 / kappa  # of the distance along it, at a rate just below 2/λ, with λ = 1
        assert (factor > 0) == creeps
    assert any("1.9 times its place" in text and "19 times" in text for text in said)
    heavy, ema = (inertia.edge(1.0, 0.9, form) / 2 for form in ("heavy_ball", "ema"))
    assert (heavy, ema) == pytest.approx((1.9, 19))


def test_the_gauges_three_rates_are_each_twice_the_last():
    assert stability.PARAMETERS["eta"].help == "The middle one of three rates, each twice the last."
    low, middle, high = (lane.learning_rate for lane in stability.lanes_for("rates", LaneConfig("sgd"), 0.3))
    assert (low, middle, high) == (0.15, 0.3, 0.6)


def test_the_facts_of_schedules_promise_no_more_than_robbins_and_monro():
    run = run_of(start("learning_rate", view="schedules"), "learning_rate", "schedules")
    said = next(card for card in run.cards if card.name == "facts").caption()
    assert said == (
        "if both hold, SGD on a strictly convex loss with bounded gradients converges in probability (Robbins and Monro 1951)"
    )


# --- Playground --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hidden", "said"), [((8, 8), "orange dashed −"), ((32, 32), "orange −, the strong ones dashed")])  # fmt: skip
def test_the_diagram_says_which_links_are_dashed(hidden, said):
    config = ExperimentConfig(network=NetworkConfig(hidden), lanes=(LaneConfig("sgd", 0.1),))
    run = PlaygroundRun(config, load_dataset(config.dataset), dark=False)
    card = next(card for card in run.cards if card.name == "network")
    assert card.caption() == f"line width: weight · blue solid +, {said}, none at exactly 0"
    script = (PAGES.parent / "assets" / "live" / "network.js").read_text("utf-8")
    assert f"const DENSE = {DENSE:_};" in script
    assert "setLineDash(weight < 0 && (!this.dense || strength > 0.5)" in script


# --- Arena -------------------------------------------------------------------------------------------------------------


def test_the_step_of_plain_gradient_descent_is_turned_by_no_angle_and_adams_is():
    assert dict(COLUMNS)["Turned"] == "angle between the step and −g: 0° for plain gradient descent"
    lanes = (LaneConfig("sgd", 0.1), LaneConfig("adam", 0.01))
    experiment = Experiment(ExperimentConfig(dtype="float64", lanes=lanes))
    experiment.step(5)
    plain, adam = (phase_cells(phases(experiment, lane), (1.0, 0.9))[5]["value"] for lane in range(2))
    assert plain == pytest.approx(0, abs=1e-4) and adam > 5


def test_a_rate_at_which_most_runs_diverged_is_hollow_and_at_the_top_and_the_chosen_one_is_large():
    looks = [lane_look(0, "SGD", False)]
    median = np.array([0.5, 0.1, np.inf])
    found = LaneRates(np.array([0.01, 0.1, 1.0]), median, median, median, np.isinf(median), 1)
    line, gone = rates_figure({0: found}, looks, False).data
    assert list(line.marker.size) == [5, 13, 5]
    assert gone.marker.symbol.endswith("-open") and list(gone.x) == [1.0] and gone.y[0] > 0.5


def test_two_l1_rules_have_losses_alike_and_only_one_makes_zeros():
    line_up = line_ups.LINE_UPS["l1_rules"]
    assert line_up.question.startswith("The losses are alike")
    experiment = Experiment(ExperimentConfig(lanes=line_up.lanes(NetworkConfig())))
    experiment.step(300)
    sgd, sgd_proximal, adam, adam_proximal = experiment.history.train_loss[-1]
    assert sgd_proximal == pytest.approx(sgd, rel=0.05) and adam_proximal == pytest.approx(adam, rel=0.05)
    zeros = [int((experiment.theta(lane)[experiment.mlp(lane).weight_mask] == 0).sum()) for lane in range(4)]
    assert zeros[0] == zeros[2] == 0 < min(zeros[1], zeros[3])


def test_what_cannot_be_measured_is_said_with_what_to_choose_instead():
    values, plain = (
        load_dataset(DatasetConfig("plane")),
        load_dataset(DatasetConfig("circles", test_fraction=0.0)),
    )
    no_accuracy = "These data have values, not classes, so there is no accuracy: choose a loss."
    assert values.unmeasured("train_accuracy") == values.unmeasured("test_accuracy") == no_accuracy
    for part in ("test", "validation"):
        said = f"There are no {part} data: choose a {part} share above 0, or what is measured on the training data."
        assert plain.unmeasured(f"{part}_loss") == plain.unmeasured(f"{part}_accuracy") == said
    assert not values.unmeasured("test_loss") and not plain.unmeasured("train_accuracy")


# --- First steps ----------------------------------------------------------------------------------------------------------


def test_a_root_rate_is_ahead_of_the_small_one_all_the_way():
    assert "½/√t fails Σα² < ∞ and is ahead of 0.3/t all the way" in noise_page.VIEW.answer
    t = np.arange(1, 100_001.0)
    root, small = (noise.parabola_moments(rates, 5.0)[1:] for rates in (0.5 / np.sqrt(t), 0.3 / t))
    assert (root < small).all()


def test_with_much_momentum_the_ball_goes_past_the_lowest_place_and_out_again():
    assert "With β = 0.99 the ball may jump past the lowest place and out again." in inertia_page.VIEW.answer
    path = inertia.roll(FUNCTIONS["bumpy"].gradient, np.array([6.0]), 0.05, 0.99, "heavy_ball", 200)[:, 0]
    first = int((path < 0.74).argmax())
    assert first > 0 and np.abs(path[first:]).max() > 3


# --- Backpropagation, Units, Capacity -----------------------------------------------------------------------------------------


def test_a_last_weight_of_30_saturates_the_last_unit():
    values = {name: option.default for name, option in CHAIN.items()}
    for last, low, high in ((30.0, 0, 1e-3), (2.0, 0.1, 0.25)):
        weights = (values["w1"], values["w2"], last)
        found = chain.forward(values["x"], values["y"], weights, values["b"], ("sigmoid",) * 3)
        assert low < found.slopes[-1] < high


def test_forwards_a_sigmoid_keeps_a_spread_of_one_half_and_a_relu_halves_the_mean_square():
    assert "so z keeps a spread of about one half" in depth.WORDS.answer
    assert "ReLU halves the mean square at each layer, forwards and backwards" in depth.WORDS.answer
    assert np.sqrt(signal("sigmoid", 1.0, 0.0, 21).q[1:]) == pytest.approx(0.5, abs=0.05)
    relu = signal("relu", 1.0, 0.0, 21)
    assert np.asarray(relu.q)[1:] / np.asarray(relu.q)[:-1] == pytest.approx(0.5)
    assert np.asarray(relu.back)[:-1] ** 2 / np.asarray(relu.back)[1:] ** 2 == pytest.approx(0.5)


def test_a_bottleneck_of_one_neuron_changes_nothing_for_linear_layers():
    assert "A bottleneck of one neuron changes nothing here" in collapse.WORDS.answer
    run: CollapseRun = collapse_run(width=1, eta=1.0)
    lane = replace(run.config.lanes[-1], optimizer="lbfgs")
    experiment = Experiment(replace(run.config, lanes=(lane,)), run.data, record_every=1000)
    experiment.step(60)
    assert experiment.history.train_loss[-1, 0] == pytest.approx(run.best[2], abs=1e-6)
    assert run.cards[-1].caption() == "the best line has the train loss 0.273440"


def test_the_pairs_of_lines_of_ten_points_are_counted():
    lines = cover(10, 2)
    assert f"one line makes {lines} of the {2**10:,} labellings, so there are {lines * (lines + 1) // 2:,} pairs" in hard.DRAWN.answer  # fmt: skip


def test_a_half_that_is_measured_on_4000_points_is_known_to_0_008():
    text = (PAGES / "capacity" / "by_heart.py").read_text("utf-8")
    assert "so it is known to ± 0.008" in text
    assert np.sqrt(0.25 / by_heart.NEW_POINTS) == pytest.approx(0.008, abs=5e-4)


# --- Generalisation, diagnosis ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("module", "study"), [(sets_stop, early_stopping), (bias_networks, bias_variance), (descent_live, width_sweep)])  # fmt: skip
def test_the_rate_that_a_view_names_is_the_one_that_trains(module, study):
    options = next(value for name, value in vars(module).items() if isinstance(value, dict) and "updates" in value)  # fmt: skip
    assert f"rate {study.RATE:g}" in options["updates"].help


def test_trials_learn_from_60_points_choose_by_60_and_are_tested_on_280():
    assert "60 points to train on, 60 to choose by, 280 to test the winner on." in search_trials.OPTIONS["data"].help  # fmt: skip
    samples, validation, test = search_trials.SAMPLES, search_trials.VALIDATION, search_trials.TEST
    assert (samples * (1 - validation - test), samples * validation, samples * test) == pytest.approx((60, 60, 280))  # fmt: skip


def test_other_starts_are_compared_up_to_1500_updates():
    text = (PAGES / "shared" / "diagnosis.py").read_text("utf-8")
    assert f"at most {signs.MOST_COMPARED:,}." in text


def test_validation_points_never_train():
    assert "The network never trains on them." in FIELDS["validation_fraction"].help
    config = ExperimentConfig(dtype="float64", lanes=(LaneConfig("sgd", 0.1),))
    held = replace(config, dataset=replace(config.dataset, validation_fraction=0.2))
    experiment = Experiment(held)
    other = Experiment(held, replace(experiment.data, y_validation=1 - experiment.data.y_validation))
    for each in (experiment, other):
        each.step(20)
    assert (experiment.theta(0) == other.theta(0)).all()


# --- README --------------------------------------------------------------------------------------------------------------------------


def test_the_readme_counts_what_there_is():
    text = " ".join((PAGES.parent / "README.md").read_text("utf-8").split())
    for sentence, holds in {
        "*Data set* offers seventeen by their pictures, five of them curves": len(DATASETS) == 17
        and len(CURVES) == 5,
        "Two to eight lanes race": MOST_LANES == 8,
        "eleven rates at once": ladder.PARAMETERS["rungs"].default == 11,
        "Seven exhibits show": len(EXHIBITS) == 7,
        "64 fits of one curve": bias_common.SHARED["sets"].default == 64,
        "five methods that fit every sample": len(which_minimum.METHODS) == 5,
        "live in 96 networks": len(width_sweep.WIDTHS) * width_sweep.SETS == 96,
        "two hundred students": teacher.OPTIONS["students"].default == 200,
        "through up to fifty layers": depth.SIGNAL["depth"].high == 50,
        "*Lectures* lists four courses": len(courses()) == 4,
    }.items():
        assert sentence in text, sentence
        assert holds, sentence


# --- Captions of runs -------------------------------------------------------------------------------------------------------------


def test_the_memory_of_slow_motion_is_a_length():
    assert dict(COLUMNS)["Memory"].endswith("the length of each row")
    assert memory_text("momentum", {"v": np.array([3.0, 4.0])}) == "|v| 5"


def test_that_penalties_are_left_out_is_said_under_the_pointer_and_where_the_loss_is_chosen():
    figure = loss_figure([0, 1], {"train": [0.7, 0.6], "test": [0.7, 0.65]}, False, True)
    train, test = (trace["hovertemplate"] for trace in figure.traces[:2])
    assert train.endswith("(without penalties)") and "penalties" not in test
    text = (PAGES / "shared" / "widgets" / "network.py").read_text("utf-8")
    assert "Loss curves and scores show it without the penalties." in text


@pytest.mark.parametrize(("method", "matrix"), [("sgd", "H"), ("adam", "D⁻¹H"), ("rmsprop", "D⁻¹H")])
def test_the_gauge_says_whose_largest_eigenvalue_it_shows(method, matrix):
    lanes = stability.lanes_for("rates", LaneConfig(method), 0.1)
    card = stability.SharpnessCard(SimpleNamespace(config=SimpleNamespace(lanes=lanes)))
    assert f"the largest eigenvalue λ of {matrix} ·" in card.caption()
