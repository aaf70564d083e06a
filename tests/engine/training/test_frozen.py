"""Frozen layers and networks without biases: what is fixed never moves, and the rest trains as if it were all there is."""

import json
from dataclasses import replace

import numpy as np
import pytest

from engine import MLP, OPTIMIZERS, DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.config.changes import needs_new_run
from engine.config.experiment import from_query_checked
from engine.landscape.point import examine
from engine.methods.objective import network_objective
from engine.network.gradient_check import gradient_check
from engine.network.hessian import hessian
from engine.studies.microscope import Microscope, phases

DATA = DatasetConfig("spiral", samples=60, noise=0.1)
PARTLY = [
    NetworkConfig((4, 3), frozen=(1,)),
    NetworkConfig((4, 3), frozen=(2, 3)),
    NetworkConfig((4, 3), biases=False),
    NetworkConfig((4, 3), frozen=(2,), biases=False),
]


def harshest(key):
    """A method's options with all of its decays at their largest."""
    return {name: option.high for name, option in OPTIMIZERS[key].options.items() if name == "weight_decay"}


def experiment_of(network, key="sgd", **more):
    lane = LaneConfig(key, OPTIMIZERS[key].start_rate, harshest(key), l1=0.01, l2=0.05)
    return Experiment(ExperimentConfig(DATA, network, seed=3, batch_size=16, lanes=(lane,), **more))


def network_name(network):
    return f"frozen {network.frozen}, biases {network.biases}"


# --- training -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", PARTLY, ids=network_name)
@pytest.mark.parametrize("key", OPTIMIZERS)
def test_no_method_moves_what_is_fixed_and_every_method_moves_the_rest(key, network):
    experiment = experiment_of(network, key)
    fixed = experiment.mlp(0).fixed
    before = experiment.theta(0)
    experiment.step(12)
    after = experiment.theta(0)
    assert before[fixed].tobytes() == after[fixed].tobytes()
    free = np.setdiff1d(np.arange(len(after)), fixed)
    if not network.biases:
        assert all((b == 0).all() for _, b in experiment.weights(0))
    # without biases and with a random method a few weights may have stayed by chance; most must have moved
    assert (before[free] != after[free]).mean() > 0.7
    if key != "random_search":
        assert experiment.evaluate()["gradient_norm"][0] > 0


def test_the_fixed_are_the_frozen_layers_weights_and_biases_and_all_biases_without():
    mlp = MLP((2, 4, 3, 1), ("tanh", "tanh"), "binary_cross_entropy", frozen=(2,), biases=False)
    expected = {*range(12, 12 + 15), *range(8, 12), 12 + 15 + 3}
    assert set(mlp.fixed.tolist()) == expected and mlp.fixed.tolist() == sorted(expected)
    assert np.flatnonzero(mlp.trained_mask).tolist() == [*range(8), 27, 28, 29]
    plain = MLP((2, 4, 3, 1), ("tanh", "tanh"), "binary_cross_entropy")
    assert not plain.fixed.size and (plain.trained_mask == plain.weight_mask).all()


@pytest.mark.parametrize("key", [key for key in OPTIMIZERS if key != "random_search"])
def test_the_output_layer_alone_trains_as_a_linear_model_on_the_features(key):
    """The frozen layers are a fixed map, so the last layer must go the way of a model that knows their outputs only."""
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(40, 2)), rng.integers(0, 2, 40).astype(float)
    whole = MLP((2, 6, 1), ("tanh",), "binary_cross_entropy", frozen=(1,))
    linear = MLP((6, 1), (), "binary_cross_entropy")
    theta = whole.initialize(rng, 1)
    row, features = theta[:, -7:].copy(), whole.layer_outputs(theta, X)[0][0]
    kind = OPTIMIZERS[key]
    both = [kind(1, theta.shape[1], kind.start_rate), kind(1, 7, kind.start_rate)]
    both[0].fixed = whole.fixed
    objectives = network_objective(whole, X, y), network_objective(linear, features, y)
    for _ in range(8):
        if kind.needs_closure:
            both[0].step(theta, objectives[0])
            both[1].step(row, objectives[1])
        else:
            both[0].step(theta, whole.loss_and_gradient(theta, X, y)[1])
            both[1].step(row, linear.loss_and_gradient(row, features, y)[1])
    assert theta[:, -7:] == pytest.approx(row, rel=1e-9, abs=1e-12)


def test_without_biases_a_tanh_network_is_odd_and_a_relu_network_has_two_slopes_on_a_line():
    """f(−x) = −f(x), and f(0) = 0; and for one input f is linear on either side of 0, whatever the width."""
    rng = np.random.default_rng(0)
    tanh = MLP((2, 5, 4, 1), ("tanh", "tanh"), "mean_squared_error", biases=False)
    theta, X = tanh.initialize(rng, 3), rng.normal(size=(20, 2))
    assert tanh.forward(theta, -X) == pytest.approx(-tanh.forward(theta, X), abs=1e-14)
    assert (tanh.forward(theta, np.zeros((1, 2))) == 0).all()
    relu = MLP((1, 64, 1), ("relu",), "mean_squared_error", biases=False)
    line = np.linspace(-1, 1, 41)[:, None]
    bends = np.abs(np.diff(relu.forward(relu.initialize(rng, 1), line)[0, :, 0], 2))
    assert (bends > 1e-12).sum() == 1 and bends.argmax() == 19, "the only bend is at 0"


def test_lanes_that_differ_in_what_is_frozen_start_alike_and_touch_each_other_not():
    shape = NetworkConfig((4, 3))
    networks = (shape, replace(shape, frozen=(1, 2)), replace(shape, biases=False))
    lanes = tuple(LaneConfig("adam", 0.05, network=network) for network in networks)
    together = Experiment(ExperimentConfig(DATA, lanes=lanes))
    assert len(together.blocks) == 3
    starts = {lane.start for lane in together.lanes}
    together.step(20)
    assert len(starts) == 1
    for k, lane in enumerate(lanes):
        alone = Experiment(ExperimentConfig(DATA, lanes=(lane,)))
        alone.step(20)
        assert np.array_equal(together.theta(k), alone.theta(0))


# --- what else reads gradients --------------------------------------------------------------------------------


def test_gradient_and_hessian_are_those_of_the_free_parameters():
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(30, 2)), rng.integers(0, 2, 30).astype(float)
    plain = MLP((2, 4, 1), ("tanh",), "binary_cross_entropy")
    partly = MLP((2, 4, 1), ("tanh",), "binary_cross_entropy", frozen=(1,), biases=False)
    theta = plain.initialize(rng, 1)
    free = np.setdiff1d(np.arange(17), partly.fixed)
    g, whole = partly.loss_and_gradient(theta, X, y)[1][0], plain.loss_and_gradient(theta, X, y)[1][0]
    assert np.array_equal(g[free], whole[free]) and not g[partly.fixed].any()
    H, everything = (hessian(mlp, theta[0], X, y, l2=0.1) for mlp in (partly, plain))
    assert H[np.ix_(free, free)] == pytest.approx(everything[np.ix_(free, free)], abs=1e-14)
    assert not H[partly.fixed].any() and not H[:, partly.fixed].any()
    assert gradient_check(partly, theta[0], X, y, l1=0.1, l2=0.1).passed
    point = examine(partly, theta[0], X, y, l2=0.1)
    steep = whole[free] + 0.1 * np.where(partly.trained_mask, theta[0], 0)[free]
    assert point.gradient_norm == pytest.approx(np.linalg.norm(steep), rel=1e-9)


@pytest.mark.parametrize("key", ["adamw", "newton"])
def test_the_microscope_says_that_a_frozen_weight_stays(key):
    experiment = experiment_of(NetworkConfig((4, 3), frozen=(1,)), key)
    microscope = Microscope(experiment, [0])
    microscope.observe()
    value = experiment.theta(0)[0]
    assert microscope.latest(0)["after"] == microscope.latest(0)["theta"] == value
    assert microscope.formula(0) == (
        rf"\begin{{aligned}} \theta &\leftarrow {value:.6f} + 0 = {value:.6f} \end{{aligned}}"
    )
    report = phases(experiment, 0)
    experiment.step(1)
    assert np.array_equal(experiment.theta(0), report["after"]) and not report["gradient"][:12].any()


# --- configuration --------------------------------------------------------------------------------------------


def test_a_change_of_what_is_frozen_needs_a_new_run():
    old = ExperimentConfig(DATA)
    for new in (replace(old.network, frozen=(1,)), replace(old.network, biases=False)):
        assert needs_new_run(old, replace(old, network=new)) == ["Other frozen layers or biases"]


@pytest.mark.parametrize(
    "bad, says",
    [
        (dict(frozen=(1, 2, 3)), "All layers are frozen"),
        (dict(frozen=(4,)), "from 1 to 3"),
        (dict(frozen=(0,)), "from 1 to 3"),
        (dict(frozen=(True,)), "from 1 to 3"),
        (dict(frozen="12"), "give a list"),
        (dict(hidden=(), activation="tanh", frozen=(1,)), "All layers"),
        (dict(biases=1), "must be true or false"),
    ],
)
def test_bad_values_are_said(bad, says):
    with pytest.raises(ValueError, match=says):
        NetworkConfig(**bad)


def test_frozen_layers_are_kept_in_order_and_once():
    assert NetworkConfig((4, 3), frozen=[3, 1, 3]).frozen == (1, 3)


def test_link_and_json_hold_them_and_usual_networks_do_not_mention_them():
    config = ExperimentConfig(DATA, NetworkConfig((4, 3), frozen=(2, 1), biases=False))
    assert config.to_query() | {"frozen": "1-2", "bias": "false"} == config.to_query()
    assert ExperimentConfig.from_query(config.to_query()) == config
    assert ExperimentConfig.from_json(config.to_json()) == config
    assert not {"frozen", "bias"} & set(ExperimentConfig().to_query())
    old = json.loads(ExperimentConfig().to_json())
    del old["network"]["frozen"], old["network"]["biases"]
    assert ExperimentConfig.from_json(json.dumps(old)) == ExperimentConfig()


def test_a_lane_of_its_own_thaws_what_the_experiment_freezes():
    frozen = NetworkConfig((4, 3), frozen=(1,), biases=False)
    lanes = (LaneConfig(), LaneConfig(network=replace(frozen, frozen=(), biases=True)))
    config = ExperimentConfig(DATA, frozen, lanes=lanes)
    assert "frozen:none" in config.to_query()["lane1"] and "bias:true" in config.to_query()["lane1"]
    assert ExperimentConfig.from_query(config.to_query()) == config


@pytest.mark.parametrize(
    "link, frozen, says",
    [
        ("1-2-3", (1, 2), "without one at least"),
        ("3-1", (1, 3), "1-3 is used instead"),
        ("9", (), "none is used instead"),
        ("x", (), "none is used instead"),
        ("²", (), "none is used instead"),
        ("none", (), ""),
    ],
)
def test_a_link_that_asks_for_too_much_is_put_right_with_a_sentence(link, frozen, says):
    config, problems = from_query_checked({"net": "4-3", "frozen": link})
    assert config.network.frozen == frozen
    assert says in " ".join(problems) and bool(says) == bool(problems)


def test_a_lane_with_fewer_layers_keeps_those_frozen_that_it_has():
    config, problems = from_query_checked({"net": "4-3", "frozen": "1-3", "lane1": "net:4"})
    assert config.lanes[1].network.frozen == (1,) and not problems
