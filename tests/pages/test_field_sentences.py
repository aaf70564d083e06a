"""The help texts of an experiment's own numbers, of penalties, and of the losses and initial weights that
test_registry_sentences leaves: each by its whole text, beside what it says in numbers."""

from dataclasses import replace

import numpy as np
import pytest

from engine import (
    INITIALIZERS,
    LOSSES,
    DatasetConfig,
    Experiment,
    ExperimentConfig,
    LaneConfig,
    NetworkConfig,
)
from engine.data.load import load_dataset
from engine.limits import FIELDS, LAYERS, NEURONS
from engine.network.penalties import L1_STEP, PENALTIES, soft_threshold

PARTS = ("train", "validation", "test")
CONFIG = ExperimentConfig(
    DatasetConfig("moons", samples=100, noise=0.1),
    NetworkConfig((4, 3)),
    batch_size=20,
    lanes=(LaneConfig("sgd", 0.1),),
)


def data_with(**changes):
    return load_dataset(replace(CONFIG.dataset, **changes))


def points(data):
    """All points of all three sets, in one order."""
    whole = np.concatenate([getattr(data, f"P_{part}") for part in PARTS])
    return whole[np.lexsort(whole.T)]


def started(**changes):
    return Experiment(replace(CONFIG, **changes))


def scattered():
    still, some, much = (data_with(noise=noise, test_fraction=0.0).P_train for noise in (0.0, 0.1, 0.2))
    return np.linalg.norm(much - still, axis=1).mean() > 1.5 * np.linalg.norm(some - still, axis=1).mean() > 0


def held_out():
    data = data_with(test_fraction=0.4)
    return len(data.P_test) == 40 and len(data.P_train) == 60 and not _common(data.P_test, data.P_train)


def validation_share():
    """40 of 100 points; whatever their labels are, training is the same."""
    data = data_with(validation_fraction=0.4)
    first, other = (
        Experiment(replace(CONFIG, dataset=replace(CONFIG.dataset, validation_fraction=0.4)))
        for _ in range(2)
    )
    other.data.y_validation[:] = 1 - other.data.y_validation
    for each in (first, other):
        each.step(20)
    same = (first.theta(0) == other.theta(0)).all()
    return len(data.P_validation) == 40 and not _common(data.P_validation, data.P_train) and same


def data_seed():
    one, other = data_with(seed=1), data_with(seed=2)
    weights = [started(dataset=replace(CONFIG.dataset, seed=seed)).theta(0) for seed in (1, 2)]
    return not np.array_equal(points(one), points(other)) and (weights[0] == weights[1]).all()


def network_seed():
    runs = [started(seed=seed) for seed in (1, 1, 2)]
    weights = [run.weights(0)[0][0] for run in runs]
    for run in runs:
        run.step(1)
    batches = [set(run.last_batch(0)) for run in runs]
    same_data = all((run.data.P_train == runs[0].data.P_train).all() for run in runs)
    alike = (weights[0] == weights[1]).all() and batches[0] == batches[1]
    return same_data and alike and not (weights[0] == weights[2]).any() and batches[0] != batches[2]


def far():
    """With SGD the first update at twice the rate is twice as long."""
    moved = []
    for rate in (0.1, 0.2):
        run = started(lanes=(LaneConfig("sgd", rate),))
        start = run.theta(0).copy()
        run.step(1)
        moved.append(np.linalg.norm(run.theta(0) - start))
    return moved[1] == pytest.approx(2 * moved[0], rel=1e-4)


def per_update():
    counted = {}
    for size in (1, 20, 70):
        run = started(batch_size=size)
        run.step(1)
        counted[size] = len(run.last_batch(0))
    return counted == {1: 1, 20: 20, 70: 70}


def _common(left, right):
    return {tuple(point) for point in left} & {tuple(point) for point in right}


FIELD_SENTENCES = {
    "samples": ("Number of points, training, validation and test together.", lambda: len(points(data_with(validation_fraction=0.2))) == 100),
    "noise": ("How far points are scattered around their place.", scattered),
    "test_fraction": ("Share of the points kept out of training, to test the network on.", held_out),
    "validation_fraction": (
        "Share of the points that choose among networks: when to stop, which rate or penalty. The network never trains "
        "on them. The test points then have no part in the choice.",
        validation_share,
    ),
    "data_seed": ("Random seed of the points and of the split into training, validation and test.", data_seed),
    "learning_rate": ("How far each update goes.", far),
    "batch_size": ("Samples per update: 1 is SGD, all of them is full gradient descent.", per_update),
    "seed": ("Random seed of the initial weights and the batches.", network_seed),
}  # fmt: skip


@pytest.mark.parametrize("key", FIELDS)
def test_a_field_does_what_its_help_says(key):
    text, holds = FIELD_SENTENCES[key]
    assert FIELDS[key].help == text
    assert holds()


def test_layers_stand_between_input_and_output_and_have_their_neurons():
    assert LAYERS.help == "Layers between input and output." and NEURONS.help == "Neurons of this layer."
    sizes = Experiment(replace(CONFIG, network=NetworkConfig((5, 3)))).mlp(0).layer_sizes
    assert sizes == (2, 5, 3, 1)


def test_penalties_cost_and_pull_as_their_help_says():
    w, s = np.array([[-2.0, -0.5, 0.0, 0.5, 2.0]]), np.array([[0.3]])
    assert PENALTIES["l1"].strength.help == (
        "Penalty l1·Σ|w|: pulls every weight towards zero with the same force. Weights that the data do not need end "
        "near zero and swing about it; with the proximal L1 step they become exactly zero."
    )
    assert PENALTIES["l1"].value(w, s).sum() == pytest.approx(0.3 * 5.0)
    assert PENALTIES["l1"].slope(w).tolist() == [[-1, -1, 0, 1, 1]]
    assert PENALTIES["l2"].strength.help == "Penalty (l2/2)·Σw²: keeps weights small."
    assert PENALTIES["l2"].value(w, s).sum() == pytest.approx(0.15 * 8.5)
    norms = []
    for l2 in (0.0, 0.1):
        run = started(lanes=(LaneConfig("sgd", 0.1, l2=l2),))
        run.step(300)
        norms.append(np.linalg.norm(run.theta(0)))
    assert norms[1] < 0.5 * norms[0]


def test_the_two_l1_steps_move_a_weight_as_their_help_says():
    assert L1_STEP.help == (
        "sub-gradient: the slope ±l1 is added to the gradient, so weights swing about zero. proximal: after each step every "
        "weight moves towards zero by η·l1 and stops there, so weights become exactly zero. It is exact for SGD; with "
        "momentum, or a rate for each weight, it is an approximation that uses each weight's effective rate. Newton, BFGS, "
        "L-BFGS and random search use the penalty itself."
    )
    assert soft_threshold(np.array([0.5, -0.5, 0.02, -0.02]), np.array(0.03)).tolist() == pytest.approx(
        [0.47, -0.47, 0, 0]
    )
    zeros = []
    for step in ("sub-gradient", "proximal"):
        run = started(lanes=(LaneConfig("sgd", 0.1, l1=0.05, l1_step=step),))
        run.step(400)
        zeros.append(int((run.theta(0) == 0).sum()))
    assert zeros[0] < 3 < zeros[1]  # biases start at 0, and may stay there


def test_the_squared_losses_are_the_means_that_their_help_says():
    assert (
        LOSSES["mean_squared_error"].help
        == "The usual loss for regression: the mean over samples and outputs."
    )
    assert LOSSES["quadratic"].help == "Half the mean squared error, as in many textbooks."
    rng = np.random.default_rng(0)
    z, target = rng.standard_normal((1, 7, 3)), rng.standard_normal((7, 3))
    mean = float(((z[0] - target) ** 2).mean())
    for key, factor in (("mean_squared_error", 1.0), ("quadratic", 0.5)):
        assert float(LOSSES[key].evaluate(z, target, None)[0]) == pytest.approx(factor * mean)


def draws(key, fan_in, fan_out, **options):
    return INITIALIZERS[key].draw(np.random.default_rng(0), 1, fan_in, fan_out, **options)[0]


@pytest.mark.parametrize(("key", "text", "size"), [
    ("uniform", "A fixed range, whatever the layer's size.", np.ptp),
    ("normal", "A fixed spread, whatever the layer's size.", np.std),
])  # fmt: skip
def test_fixed_draws_do_not_see_the_size_of_a_layer(key, text, size):
    assert INITIALIZERS[key].help == text
    assert size(draws(key, 100, 100)) == pytest.approx(size(draws(key, 400, 400)), rel=0.05)


def test_a_scaled_draw_is_lecuns_times_its_gain():
    assert (
        INITIALIZERS["scaled_normal"].help
        == "LeCun's draw, larger or smaller: see Depth on the Units page (Poole et al. 2016)."
    )
    assert draws("scaled_normal", 50, 60, gain=3.0) == pytest.approx(3 * draws("lecun_normal", 50, 60))


def test_orthogonal_weights_keep_lengths_forwards_where_a_layer_widens_and_backwards_where_it_narrows():
    assert INITIALIZERS["orthogonal"].help == (
        "Turns without stretching: a widening layer keeps the signal's length, a narrowing one that of the error on its way back (Saxe et al. 2014)."
    )
    x = np.random.default_rng(1).standard_normal(20)
    assert np.linalg.norm(x @ draws("orthogonal", 20, 50)) == pytest.approx(np.linalg.norm(x))
    assert np.linalg.norm(draws("orthogonal", 50, 20) @ x) == pytest.approx(np.linalg.norm(x))
