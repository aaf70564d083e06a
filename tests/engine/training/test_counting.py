"""Every evaluation that a lane's method makes is counted, whatever happens to the lane in between, and none is made twice."""

import io
from dataclasses import replace

import pytest

from engine import OPTIMIZERS, DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.methods.objective import Objective, network_objective
from engine.training import blocks

ASKING = [key for key, kind in OPTIMIZERS.items() if kind.needs_closure]
CONFIG = ExperimentConfig(
    DatasetConfig("circles", samples=50, test_fraction=0.4),
    NetworkConfig((4,)),
    batch_size=8,
    dtype="float64",
)


@pytest.fixture
def asked(monkeypatch):
    """What networks were really asked for: {"losses": …, "gradients": …}."""
    asked = {"losses": 0, "gradients": 0}

    def counting(mlp, *given):
        plain = network_objective(mlp, *given)

        def evaluate(theta, lanes):
            asked["losses"] += len(theta)
            asked["gradients"] += len(theta)
            return plain.evaluate(theta, lanes)

        def loss(theta, lanes):
            asked["losses"] += len(theta)
            return plain.loss(theta, lanes)

        def hessian(theta, lane):
            asked["gradients"] += theta.size
            return plain.hessian(theta, lane)

        return Objective(evaluate, loss, hessian)

    monkeypatch.setattr(blocks, "network_objective", counting)
    return asked


def spent(experiment):
    costs = experiment.costs
    return {
        "losses": sum(cost.function_evaluations for cost in costs),
        "gradients": sum(cost.gradient_evaluations for cost in costs),
    }


def others(key):
    lane = LaneConfig(key, OPTIMIZERS[key].start_rate, l2=0.01)
    return {
        "nothing": lambda run: run,
        "another rate": lambda run: run.swap(0, replace(lane, learning_rate=0.5)),
        "another penalty": lambda run: run.swap(0, replace(lane, l2=0.02)),
        "another name": lambda run: run.swap(0, replace(lane, name="mine")),
        "other weights": lambda run: run.set_theta(0, 0.5 * run.theta(0)),
        "saved": lambda run: run.to_bytes(),
        "loaded": lambda run: Experiment.load(io.BytesIO(run.to_bytes())),
    }


@pytest.mark.parametrize("what", list(others("newton")))
@pytest.mark.parametrize("key", ASKING)
def test_what_is_counted_is_what_was_asked(key, what, asked):
    run = Experiment(replace(CONFIG, lanes=(LaneConfig(key, OPTIMIZERS[key].start_rate, l2=0.01),)))
    for _ in range(3):
        run.step(2)
        changed = others(key)[what](run)
        run = changed if isinstance(changed, Experiment) else run
    run.step(2)
    assert run.status[0].state == "running" and run.updates == 8
    assert spent(run) == asked


@pytest.mark.parametrize("keep_state", [False, True])
@pytest.mark.parametrize("key", ASKING)
def test_a_fork_counts_its_own_and_keeps_its_parents(key, keep_state, asked):
    lane = LaneConfig(key, OPTIMIZERS[key].start_rate, l2=0.01)
    run = Experiment(replace(CONFIG, lanes=(lane,)))
    run.step(4)
    inherited = spent(run)
    run.fork(0, lane, keep_state)
    run.step(4)
    assert spent(run) == {name: asked[name] + inherited[name] for name in asked}


@pytest.mark.parametrize("key", [key for key in ASKING if OPTIMIZERS[key].full_batch])
def test_what_happens_to_other_lanes_costs_nothing(key, asked):
    """A lane knows the loss and the gradient where its last step ended; nothing but a change of its own makes it ask again."""
    lane = LaneConfig(key, 1.0, l2=0.01)
    run = Experiment(replace(CONFIG, lanes=(lane, LaneConfig("sgd", 0.1))))
    run.step(6)
    straight = dict(asked)
    asked.update(losses=0, gradients=0)
    disturbed = Experiment(replace(CONFIG, lanes=(lane, LaneConfig("sgd", 0.1))))
    for k in range(6):
        disturbed.step()
        disturbed.swap(1, LaneConfig("sgd", 0.1 / (k + 1)))
        disturbed.to_bytes()
    assert asked == straight
    assert disturbed.costs[0] == replace(run.costs[0], milliseconds=disturbed.costs[0].milliseconds)


def test_a_line_search_that_fails_is_counted_too(asked):
    """At the minimum of a linear model nothing is lower: the lane stops, and what it tried is in its costs."""
    config = replace(CONFIG, network=NetworkConfig(()), lanes=(LaneConfig("bfgs", 1.0, l2=0.1),))
    run = Experiment(config)
    run.step(300)
    assert run.status[0].state == "stopped"
    assert spent(run) == asked
    assert run.costs[0].updates == run.status[0].step < 300
    run.swap(0, LaneConfig("lbfgs", 1.0, l2=0.1))
    run.step(300)
    assert spent(run) == asked
