"""What the pages say, held to what the engine does: captions, helps and questions that can be checked."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine import (
    DATASETS,
    INITIALIZERS,
    LOSSES,
    MLP,
    OPTIMIZERS,
    DatasetConfig,
    Experiment,
    ExperimentConfig,
    LaneConfig,
    NetworkConfig,
)
from engine.data.load import load_dataset, shipped
from engine.network.penalties import PENALTIES
from engine.studies.exhibits import EXHIBITS
from engine.studies.range_test import suggestions
from pages.arena.fairness import FAIRNESS, RATES, SEEDS, UPDATES
from pages.arena.line_ups import LINE_UPS
from pages.landscape.settings import OPTIONS
from pages.learning_rate.finder import VERIFY_UPDATES
from pages.learning_rate.stability import lanes_for
from pages.shared.figures.boundary import points_trace
from pages.shared.widgets.experiment import SWITCHES

ROOT = Path(__file__).resolve().parents[2]


def raced(key, updates=60, network=None):
    """A line-up after a short race on the default data."""
    network = network or NetworkConfig()
    config = ExperimentConfig(network=network, dtype="float64", lanes=LINE_UPS[key].lanes(network))
    experiment = Experiment(config)
    experiment.step(updates)
    return experiment


def test_every_line_up_asks_a_question():
    assert all(line_up.question.endswith("?") for line_up in LINE_UPS.values())


def test_two_momentum_forms_are_identical_up_to_rounding_and_no_others_are():
    assert "two are identical up to rounding" in LINE_UPS["momentum"].question
    experiment = raced("momentum")
    thetas = np.array([experiment.theta(lane) for lane in range(5)])
    near = np.array([[np.allclose(a, b, atol=1e-9) for b in thetas] for a in thetas])
    assert (near == near.T).all() and near.sum() == 5 + 2
    assert near[0, 1]


@pytest.mark.parametrize("key", LINE_UPS)
def test_a_line_up_is_named_after_what_differs_and_default_options_are_left_out(key):
    """A lane whose options are the method's defaults is the same lane as one without; links and menus go by that."""
    for lane in LINE_UPS[key].lanes(NetworkConfig()):
        table = OPTIMIZERS[lane.optimizer].options
        assert all(value != table[name].default for name, value in lane.options.items())


def test_in_the_seeds_line_up_only_the_random_start_differs():
    lanes = LINE_UPS["seeds"].lanes(NetworkConfig())
    assert len({lane.seed for lane in lanes}) == len(lanes)
    assert len({replace(lane, seed=0) for lane in lanes}) == 1


def test_a_network_cannot_learn_from_zeros_or_from_huge_weights():
    experiment = raced("initializers", 300)
    zeros, huge, glorot, _ = experiment.history.train_loss[-1]
    assert zeros == pytest.approx(np.log(2), abs=0.01)
    assert zeros > 3 * glorot and huge > 2 * glorot
    assert LINE_UPS["initializers"].lanes(NetworkConfig())[1].name == "normal, σ = 3 (huge)"


def test_the_rates_line_up_reaches_from_far_too_small_to_far_too_large():
    losses = raced("rates", 300).history.train_loss[-1]
    best = int(np.argmin(losses))
    assert 0 < best < len(losses) - 1
    assert losses[0] > 3 * losses[best] and losses[-1] > 3 * losses[best]


def test_the_best_rates_are_found_as_the_caption_says():
    assert (
        f"best of {len(RATES)} rates, found on {len(SEEDS)} other seeds in {UPDATES} updates"
        in FAIRNESS["best"].words
    )
    assert min(SEEDS) > 20 + max(lane.seed or 0 for lane in LINE_UPS["seeds"].lanes(NetworkConfig()))


@pytest.mark.parametrize("key", INITIALIZERS)
def test_biases_start_at_zero(key):
    mlp = MLP((2, 5, 4, 1), ("tanh", "tanh"), "binary_cross_entropy")
    theta = mlp.initialize(np.random.default_rng(0), 3, key)
    assert all((b == 0).all() for _, b in mlp.unflatten(theta))


def test_loss_curves_leave_penalties_out_and_training_does_not():
    config = ExperimentConfig(
        dtype="float64", lanes=(LaneConfig("sgd", 0.1, l1=0.01, l2=0.1), LaneConfig("sgd", 0.1))
    )
    experiment = Experiment(config)
    experiment.step(20)
    mlp, X, y = experiment.mlp(0), experiment.X_train, experiment.data.y_train
    theta = experiment.theta(0)[None]
    assert experiment.history.train_loss[-1, 0] == pytest.approx(float(mlp.loss(theta, X, y)[0]), rel=1e-9)
    w = theta[0][mlp.weight_mask]
    assert 0.01 * np.abs(w).sum() + 0.05 * (w**2).sum() > 0.1  # there is something to leave out
    assert not np.allclose(experiment.theta(0), experiment.theta(1), atol=1e-3)


def test_quadratic_is_half_the_mean_squared_error_which_is_a_mean_over_samples_and_outputs():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(7, 2)), rng.normal(size=(7, 3))
    mean, half = (MLP((2, 3), (), loss) for loss in ("mean_squared_error", "quadratic"))
    theta = mean.initialize(rng, 1, "normal")
    W, b = mean.unflatten(theta)[0]
    assert float(mean.loss(theta, X, y)[0]) == pytest.approx(float(((X @ W[0] + b[0] - y) ** 2).sum() / 21))
    assert "Half the mean squared error" in LOSSES["quadratic"].help
    assert float(half.loss(theta, X, y)[0]) == pytest.approx(float(mean.loss(theta, X, y)[0]) / 2)


def test_all_samples_in_a_batch_are_full_gradient_descent():
    lanes = (LaneConfig("sgd", 0.1, batch_size=5000),)
    experiment = Experiment(ExperimentConfig(dtype="float64", lanes=lanes))
    mlp, before = experiment.mlp(0), experiment.theta(0)
    gradient = mlp.loss_and_gradient(before[None], experiment.X_train, experiment.data.y_train)[1][0]
    experiment.step(1)
    np.testing.assert_allclose(experiment.theta(0), before - 0.1 * gradient, rtol=1e-9)


def test_l1_pulls_every_weight_with_the_same_force_and_those_not_needed_end_near_zero():
    assert "with the same force" in PENALTIES["l1"].strength.help
    lanes = (LaneConfig("sgd", 1.0, l1=0.01, batch_size=5000), LaneConfig("sgd", 1.0, batch_size=5000))
    pulled = Experiment(ExperimentConfig(dtype="float64", lanes=lanes))
    before, mask = pulled.theta(0), pulled.mlp(0).weight_mask
    pulled.step(1)
    pull = (pulled.theta(0) - pulled.theta(1))[mask]
    np.testing.assert_allclose(pull, -0.01 * np.sign(before[mask]), rtol=1e-9)
    config = ExperimentConfig(DatasetConfig("gaussians"), dtype="float64", lanes=(LaneConfig("sgd", 0.05, l1=0.01), LaneConfig("sgd", 0.05)))  # fmt: skip
    experiment = Experiment(config)
    experiment.step(1500)
    with_l1, without = (np.abs(experiment.theta(lane)[experiment.mlp(0).weight_mask]) for lane in (0, 1))
    assert (with_l1 < 0.01).mean() > 0.5 > (without < 0.01).mean() + 0.3


@pytest.mark.parametrize("key", [key for key, kind in OPTIMIZERS.items() if kind.full_batch])
def test_methods_that_always_use_all_samples_do_so_in_64_bits(key):
    experiment = Experiment(
        ExperimentConfig(network=NetworkConfig((3,)), lanes=(LaneConfig(key, 1.0, batch_size=8),))
    )
    experiment.step(2)
    assert experiment.theta(0).dtype == np.float64
    assert experiment.lanes[0].epochs == 2  # every update has seen everything


def test_the_finder_tries_three_rules_for_300_updates():
    rates = np.geomspace(1e-4, 10, 200)
    loss = 1 - np.exp(-((np.log10(rates) + 1) ** 2))
    assert len(suggestions(rates, loss)) == 3
    assert VERIFY_UPDATES == 300


def test_numbers_on_the_screen_are_written_by_one_function():
    """`short_number`: no f-string rounds to a few digits with g or e, except to choose rates."""
    for path in sorted(path for folder in ("engine", "pages") for path in (ROOT / folder).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        chosen = {id(part) for call in ast.walk(tree) if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "float"
                  for part in ast.walk(call)}  # fmt: skip
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.FormattedValue)
                and node.format_spec is not None
                and id(node) not in chosen
            ):
                spec = ast.unparse(node.format_spec).strip("f'\"")
                assert not re.fullmatch(r"[+,]?\.[1-8][ge]", spec), f"{path.name}:{node.lineno} has :{spec}"


def test_there_are_as_many_exhibits_as_the_list_says():
    assert f"one of {len(EXHIBITS)} exhibits" in OPTIONS["show"].help


@pytest.mark.parametrize("method", ["sgd", "momentum", "adam", "rmsprop", "adagrad"])
def test_sharpness_is_that_of_the_preconditioned_hessian_for_adaptive_methods_alone(method):
    divides = {OPTIMIZERS[lane.optimizer].edge(OPTIMIZERS[lane.optimizer].with_defaults(lane.options), lane.learning_rate).preconditioned
               for lane in lanes_for("rates", LaneConfig(method), 0.1)}  # fmt: skip
    assert divides == {method in ("adam", "rmsprop", "adagrad")}


def test_hollow_points_are_test_data():
    assert SWITCHES["show_test"].help.startswith("Hollow points are test data")
    for name in ("circles", "plane"):
        data = load_dataset(DatasetConfig(name))
        for dark in (False, True):
            test = points_trace("test", data.P_test, data.y_test, data, dark, True)["marker"]
            train = points_trace("train", data.P_train, data.y_train, data, dark, False)["marker"]
            assert isinstance(test["color"], str)  # one plain inside for all, whatever their class
            assert len(np.unique(np.asarray(test["line"]["color"]).astype(str))) > 1
            assert len(np.unique(np.asarray(train["color"]).astype(str))) > 1


def test_data_sets_are_what_their_help_says():
    assert "150 flowers" in DATASETS["iris"].help and len(shipped("iris").splitlines()) == 151
    assert "344 penguins" in DATASETS["penguins"].help and len(shipped("penguins").splitlines()) == 345
    board = load_dataset(DatasetConfig("checkerboard", samples=5000, noise=0.0, test_fraction=0.0))
    assert len({tuple(cell) for cell in np.floor(board.P_train)}) == 16
    assert len(load_dataset(DatasetConfig("blobs")).class_names) == 4
    assert len(load_dataset(DatasetConfig("three_spirals")).class_names) == 3


@pytest.mark.parametrize(("name", "parts"), [("gaussians", True), ("xor", False)])
def test_a_straight_line_parts_two_clouds_and_not_xor(name, parts):
    config = ExperimentConfig(DatasetConfig(name), NetworkConfig(()), lanes=(LaneConfig("sgd", 0.5),))
    experiment = Experiment(config)
    experiment.step(500)
    accuracy = experiment.history.train_accuracy[-1, 0]
    assert accuracy > 0.98 if parts else accuracy < 0.7
