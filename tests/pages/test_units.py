"""The Units page without a browser: its views, links, runs, and the numbers that its sentences give."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine import ACTIVATIONS, DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import load_dataset
from engine.network.thresholds import cover, separable
from pages.shared.drawn import view_data
from pages.units import activations, collapse, depth, start, thresholds
from pages.units.activations_run import EDGES, ActivationsRun, curve, flat_ranges
from pages.units.collapse_run import CollapseRun
from pages.units.dead_run import DeadRun
from pages.units.depth_run import DepthRun
from pages.units.start_run import UNEQUAL, StartRun, telling
from tests.pages.app import link, run_of
from tests.pages.app import start as open_page

MODULES = {
    "activations": activations,
    "depth": depth,
    "start": start,
    "collapse": collapse,
    "thresholds": thresholds,
}
DRAWN = (activations.STEP_VIEW, depth.SIGNAL_VIEW, start.TWO_WEIGHTS, thresholds.THRESHOLDS)
FILES = Path(__file__).resolve().parents[2] / "assets" / "units"


def defaults(module):
    return {name: option.default for name, option in module.OPTIONS.items()}


def start_run(updates=0, **values):
    values = defaults(start) | values
    config = start.config_of(values)
    run = StartRun(config, load_dataset(config.dataset), False, values["share"])
    if updates:
        run.train(updates)
    return run


# --- every view -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODULES)
def test_a_view_opens_with_its_question_and_hides_the_answer(name):
    app = open_page("units", view=name)
    words, texts = MODULES[name].WORDS, [element.value for element in app.markdown]
    assert not app.warning and not app.error
    assert any(words.question in text and words.look_for in text for text in texts)
    assert words.question.endswith("?") and words.ask.endswith("?")
    assert not any(words.answer in text for text in texts)
    next(t for t in app.toggle if t.label == "Show the answer").set_value(True).run()
    assert any(words.answer in element.value for element in app.markdown)


@pytest.mark.parametrize("name", MODULES)
def test_a_link_sets_every_option_and_comes_back(name):
    """In each part of the view, with all its options at another value."""
    module, first = MODULES[name], next(iter(MODULES))
    parts = module.OPTIONS["part"].choices if "part" in module.OPTIONS else ("",)
    for part in parts:
        query = {"view": name} | ({"part": part} if part else {})
        for option in (o for key, o in module.OPTIONS.items() if key != "part"):
            if option.name == "points":
                query["points"] = "0,1;1,0.5;0.2,0.3"
            elif option.choices:
                query[option.name] = next(choice for choice in option.choices if choice != option.default)
            elif option.is_switch:
                query[option.name] = str(not option.default).lower()
            else:
                query[option.name] = f"{option.low if option.default != option.low else option.high:.12g}"
        app = open_page("units", **query)
        assert not app.warning and not app.error
        expected = {k: v for k, v in query.items() if (k, v) not in (("view", first), ("part", parts[0]))}
        assert link(app) == expected


@pytest.mark.parametrize("name", MODULES)
def test_bad_values_are_named_and_clamped(name):
    options = MODULES[name].OPTIONS
    app = open_page("units", view=name, **{key: "1e999" if k % 2 else "<i>" for k, key in enumerate(options)})
    said = " ".join(warning.value for warning in app.warning)
    assert all(f"{key} is" in said for key in options)
    assert link(app) == ({} if name == next(iter(MODULES)) else {"view": name})


@pytest.mark.parametrize("view", DRAWN, ids=lambda view: view.key)
def test_what_goes_to_the_browser_is_plain_and_whole(view):
    values = {name: option.default for name, option in view.options.items()}
    data = view_data(view, values, False)
    assert len(json.dumps(data, allow_nan=False)) < 60_000
    assert (FILES / f"{view.key}.js").is_file()
    shown = {control["option"] for control in data["controls"] if "option" in control} | {view.transport}
    dragged = {
        "seed",
        "points",
        "guesses",
        "step",
        *(f"{end}{k}{axis}" for end in "pq" for k in "12" for axis in "xy"),
    }
    assert shown - {""} == set(view.options) - dragged


# --- start --------------------------------------------------------------------------------------------------------


def test_zeros_learn_the_share_of_the_classes_and_nothing_else():
    """30 % in class 1: every weight stays 0, the output bias goes to ln(3/7), the loss to the entropy."""
    run = start_run(updates=400)
    theta, mlp = run.unequal.theta(0).astype(float), run.unequal.mlp(0)
    assert run.unequal.data.y_train.mean() == 0.3
    assert not theta[mlp.weight_mask].any() and theta[-1] == pytest.approx(-0.847298, abs=1e-5)
    entropy = -(0.3 * np.log(0.3) + 0.7 * np.log(0.7))
    assert run.losses()[UNEQUAL] == pytest.approx(entropy, abs=1e-6) and f"{entropy:.6f}" == "0.610864"
    even = run.experiment.theta(0)
    assert not even[mlp.weight_mask].any() and run.losses()[0] == pytest.approx(np.log(2), abs=1e-6)
    assert "-0.8473" in start.WORDS.answer and "0.6109" in start.WORDS.answer


def test_neurons_that_start_alike_stay_alike_to_the_bit():
    run = start_run(updates=600)
    names = [look.name for look in run.shown]
    found = {name: telling(*lane) for name, lane in zip(names, run.all_lanes(), strict=True)}
    assert found["zeros"] == (1, 0, 0) and found[names[UNEQUAL]] == (1, 0, 0)
    assert found["constant 0.5"] == (1, 0, 1)
    for name in ("N(0, 0.01²)", "Glorot", "He", "N(0, 3²)", "Glorot, sigmoid"):
        count, spread, rank = found[name]
        assert (count, rank) == (8, 8) and spread > 0.1
    accuracy = dict(
        zip(names, np.insert(run.experiment.history.train_accuracy[-1], UNEQUAL, np.nan), strict=True)
    )
    assert accuracy["constant 0.5"] == pytest.approx(0.907, abs=0.05)
    assert accuracy["Glorot"] == pytest.approx(0.971, abs=0.03)


def test_eight_equal_neurons_are_one_neuron_trained_at_other_rates():
    """η/8 inside, 8η outside, and the output's own bias at η: the outputs differ by rounding after 500 updates."""
    data, rate = load_dataset(DatasetConfig("moons", noise=0.3)), 0.5
    X, y = data.X_train, data.y_train
    config = ExperimentConfig(
        data_config := DatasetConfig("moons", noise=0.3), NetworkConfig((8,), "tanh", "constant", {"value": 0.5}),
        batch_size=5000, dtype="float64", lanes=(LaneConfig("sgd", rate),),
    )  # fmt: skip
    experiment = Experiment(config, load_dataset(data_config))
    w, b, v, c = np.full(2, 0.5), 0.0, 8 * 0.5, 0.0
    for _ in range(500):
        h = np.tanh(X @ w + b)
        delta = (1 / (1 + np.exp(-(v * h + c))) - y) / len(y)
        down = delta * v * (1 - h * h)
        w, b, v, c = (
            w - rate / 8 * (X.T @ down),
            b - rate / 8 * down.sum(),
            v - 8 * rate * (delta @ h),
            c - rate * delta.sum(),
        )
    experiment.step(500)
    outputs = experiment.layer_outputs(0, X)[-1][:, 0]
    assert np.abs(outputs - (v * np.tanh(X @ w + b) + c)).max() < 1e-12


def test_one_neuron_has_nothing_to_be_told_from_and_relu_at_zero_never_moves():
    assert telling(*start_run(width=1).all_lanes()[3])[0] == 1
    run = start_run(updates=20, activation="relu")
    assert not run.experiment.theta(0)[run.experiment.mlp(0).weight_mask].any()


def test_the_lane_of_unequal_classes_keeps_step_and_is_in_the_charts():
    run = start_run(updates=7)
    assert run.unequal.updates == run.experiment.updates == 7
    curves = run.cards[8].curves()
    assert len(curves) == 8 and curves[UNEQUAL].y[-1] == run.unequal.history.train_loss[-1, 0]
    assert len(run.cards[9].table()) == 8
    keys = [look.key for look in run.shown]
    assert len(set(keys)) == 8 and [look.key for look in run.looks] == [str(k) for k in range(7)], (
        "as all panels count"
    )
    assert (
        run.swap(
            replace(run.config, lanes=tuple(replace(lane, learning_rate=0.25) for lane in run.config.lanes))
        )
        is None
    )
    assert run.unequal.lanes[0].config.learning_rate == 0.25
    run.reset()
    assert run.unequal.updates == 0 and len(run.cards[8].curves()) == 8


def test_another_share_is_another_run_and_another_rate_is_not():
    app = open_page("units", view="start")
    before = run_of(app, "units", "start")
    app.select_slider[0].set_value(0.3).run()
    assert run_of(app, "units", "start") is before and before.unequal.lanes[0].config.learning_rate == 0.3
    next(s for s in app.slider if s.label == "Share of class 1").set_value(0.2).run()
    assert run_of(app, "units", "start") is not before


# --- depth --------------------------------------------------------------------------------------------------------


def test_six_sigmoid_layers_do_not_learn_and_the_others_do():
    values = defaults(depth)
    config = depth.config_of(values)
    run = DepthRun(config, load_dataset(config.dataset), False)
    first = run.cards[-1].lengths()[0]
    assert first[0] < 1e-4 and 0.05 < first[-1] < 1, "hardly any gradient gets to the first layer"
    trained = Experiment(config, run.data, record_every=1000)
    trained.step(1000)
    losses = trained.history.train_loss[-1]
    assert losses[0] == pytest.approx(0.693, abs=0.001) and losses[1] < 0.01 and losses[2:].max() < 0.001


def test_numbers_in_the_depth_answer_are_the_engines():
    from engine.network.signal import signal

    said = depth.WORDS.answer
    for (name, sigma), text in {
        ("sigmoid", 1): "2.6\\cdot10^{-13}",
        ("tanh", 1): "0.19",
        ("relu", 1): "9.8\\cdot10^{-4}",
        ("tanh", 3): "447",
    }.items():
        value = signal(name, sigma, 0.0, 21).back[0]
        written = (
            f"{value:.1e}".replace("e-0", "e-").replace("e-", "\\cdot10^{-") + "}"
            if value < 0.01
            else f"{value:.3g}"
        )
        assert text in said and written.startswith(text[:3])


# --- activations --------------------------------------------------------------------------------------------------


def activations_run(kind, make_config, updates=0, **values):
    config = make_config(defaults(activations) | values)
    run = kind(config, load_dataset(config.dataset), False)
    if updates:
        run.train(updates)
    return run


def test_histograms_hold_all_sums_and_captions_the_share_with_hardly_any_slope():
    run = activations_run(ActivationsRun, activations.network_config, sigma_w=4.0)
    data, experiment = run.data, run.experiment
    for row, card in enumerate(run.cards[3:]):
        W, b = experiment.weights(row)[0]
        z = data.X_train @ W + b
        act = ACTIVATIONS[run.names[row]]
        a, slope = np.empty_like(z), np.empty_like(z)
        act.value(z, a)
        act.slope(z, a, slope)
        heights = card.heights()
        assert len(heights) == 2 and [sum(values) for values in heights] == pytest.approx([1, 1])
        inside = (z > EDGES[10]) & (z < EDGES[11])
        assert heights[0][10] == pytest.approx(inside.mean(), abs=1e-12)
        assert card.caption().startswith(f"|φ′| < 0.1: {100 * np.mean(np.abs(slope) < 0.1):.0f} %")


def test_grey_is_where_the_slope_is_nearly_zero():
    (left, right) = flat_ranges("tanh")
    assert right[0] == pytest.approx(np.arctanh(np.sqrt(0.9)), abs=0.03) and left[1] == -right[0]
    assert flat_ranges("identity") == [] and flat_ranges("threshold") == [(-6.0, 6.0)]
    assert flat_ranges("relu") == [(-6.0, 0.0)]


def test_larger_weights_push_sums_to_where_slopes_are_small():
    small, large = (
        activations_run(ActivationsRun, activations.network_config, sigma_w=s) for s in (1.0, 5.0)
    )
    for row in (0, 1):  # sigmoid, tanh
        assert large.hidden(row)[0].saturated > 2 * small.hidden(row)[0].saturated


def test_a_function_that_is_named_twice_is_one_lane_and_one_alone_will_do():
    config = activations.network_config(defaults(activations) | {"f2": "sigmoid", "f3": "none", "f4": "none"})
    assert [lane.name for lane in config.lanes] == ["sigmoid"]
    assert len(activations_run(ActivationsRun, lambda values: config).cards) == 4


def test_too_large_a_rate_kills_units_and_a_leaky_one_never_dies():
    """Of 32 ReLU units, after 1,000 updates from five seeds. At η = 3 the loss goes to 0 all the same."""
    run = activations_run(DeadRun, activations.dead_config)
    trained = Experiment(run.experiment.config, run.data, record_every=1000)
    trained.step(1000)
    run.experiment = trained
    dead = [[sum(run.dead(row)) for row in rows] for rows in run.rows_of]
    assert dead == [[1, 0, 0, 1, 0], [18, 9, 10, 14, 9], [31, 25, 24, 25, 19], [0] * 5]
    losses = trained.history.train_loss[-1]
    assert losses[run.rows_of[1]].max() < 0.001
    assert [status.state for status in trained.status].count("diverged") == 1
    for text in ("kills 1 at most", "kills 9 to 18", "kills 19 or more"):
        assert text in activations.WORDS.answer
    assert "a whole layer is dead" in run.state()["message"]
    assert [row[1]["text"] for row in run.cards[-1].table()][:2] == ["1 0 0 1 0 of 32", "18 9 10 14 9 of 32"]


def test_a_sigmoids_largest_slope_is_a_quarter_and_the_area_to_the_step_two_logarithms_of_two():
    z = np.linspace(-40, 40, 400_001)
    value, slope = curve("sigmoid", z)
    assert slope.max() == 0.25
    for beta, written in ((1, "1.386"), (10, "0.139"), (100, "0.0139")):
        steps = np.abs(curve("sigmoid", beta * z)[0] - (z >= 0)).sum() * (z[1] - z[0])
        assert (
            steps == pytest.approx(2 * np.log(2) / beta, abs=2e-4)
            and f"{2 * np.log(2) / beta:.{len(written) - 2}f}" == written
        )
    assert value[0] < 1e-17


# --- thresholds ---------------------------------------------------------------------------------------------------


def test_two_lines_and_an_and_give_xor_and_one_line_does_not():
    values = defaults(thresholds)
    traced = thresholds.trace_of(values | {"gate": "and"})
    assert (
        [point["output"] for point in traced["points"]]
        == [point["label"] for point in traced["points"]]
        == [0, 1, 1, 0]
    )
    assert [point["output"] for point in thresholds.trace_of(values)["points"]] == [0, 1, 1, 1]
    assert 6 not in separable(np.array(thresholds.POINTS.points(values["points"])))


def test_numbers_in_the_answer_on_thresholds_are_the_engines():
    said = thresholds.WORDS.answer
    for points in (3, 4, 5):
        assert f"{cover(points)} of {2**points}" in said
    assert f"{len(separable(np.array([[0, 0], [1, 0], [2, 0]])))} of 8" in said
    assert "one in about 1,300" in said


# --- collapse -----------------------------------------------------------------------------------------------------


def collapse_run(**values):
    config = collapse.config_of(defaults(collapse) | values)
    return CollapseRun(config, load_dataset(config.dataset), False)


def test_every_depth_comes_to_the_line_of_logistic_regression():
    """0.2734399793 with w′ = (−1.115230, 3.333220) and b′ = −0.007851; the network is its collapsed line to rounding."""
    run = collapse_run(eta=1.0)
    lanes = tuple(replace(lane, optimizer="lbfgs") for lane in run.config.lanes)
    run.experiment = Experiment(replace(run.config, lanes=lanes), run.data, record_every=1000)
    run.experiment.step(200)
    for row, loss in enumerate(run.experiment.history.train_loss[-1]):
        w, b, apart = run.line(row)
        assert loss == pytest.approx(0.2734399793, abs=1e-9)
        assert (*w, b) == pytest.approx((-1.115230, 3.333220, -0.007851), abs=2e-5)
        assert apart <= 2e-14 * np.abs(run.data.X_train).max()


def test_a_small_start_makes_deep_networks_wait_and_then_overtake():
    run = collapse_run()
    run.train(10)
    early = run.experiment.history.train_loss[-1]
    assert early[0] < 0.38 and early[2] > 0.69 and early[3] > 0.69
    run.train(190)
    late = run.experiment.history.train_loss[-1] - run.best[2]
    assert late[0] > 5e-4 and late[1:].max() < 1e-4


def test_with_a_bend_the_product_is_not_the_network():
    run = collapse_run(activation="tanh", scale=0.5)
    run.train(30)
    assert run.line(0)[2] < 1e-12, "no hidden layer, nothing to bend"
    assert run.line(2)[2] > 0.1


def test_products_are_multiplied_one_at_a_time_and_end_in_one_row():
    trace = collapse.products("identity", 0.5, 0.1, 8, "moons", 3, 50, 0)
    shapes = [np.shape(product["W"]) for product in trace["products"]]
    assert shapes == [(2, 8), (2, 8), (2, 8), (2, 1)] and trace["isLine"]
    assert all(sample["network"] == pytest.approx(sample["line"], abs=1e-14) for sample in trace["samples"])
    assert np.shape(collapse.products("tanh", 0.5, 0.1, 8, "moons", 0, 0, 0)["products"][-1]["W"]) == (2, 1)
    assert not collapse.products("tanh", 0.5, 0.1, 8, "moons", 1, 0, 0)["isLine"]
