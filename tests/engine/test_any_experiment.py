"""What holds for any experiment at all: drawn at random from everything that there is, and trained for a while.

NumPy is told to raise at every overflow, division and invalid number, and Python at every warning: none may escape.
"""

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import Experiment
from engine.training.history import COSTS
from tests.engine.strategies import experiments

SMALL = experiments(most=12, most_lanes=3)
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(autouse=True, scope="module")
def nothing_escapes():
    with np.errstate(all="raise", under="ignore"):  # numbers that become zero never warn
        yield


def trained(config, *updates):
    experiment = Experiment(config, record_every=3)  # so that some updates are made at one go
    for count in updates:
        experiment.step(count)
    return experiment


def told(experiment):
    """All that an experiment says of itself, but for the clock on the wall."""
    steps, values = experiment.history.rows()
    return (
        [experiment.theta(lane).tobytes() for lane in range(len(experiment.lanes))],
        experiment.status,
        [replace(cost, milliseconds=0) for cost in experiment.costs],
        steps.tolist(),
        np.delete(values, COSTS.index("milliseconds"), axis=0).tobytes(),
    )


@given(SMALL)
@SLOW
def test_shapes_fit_and_what_is_not_finite_is_said(config):
    experiment = trained(config, 6)
    X = np.concatenate([experiment.data.X_train, 1e4 * experiment.data.X_train[:2]])
    for lane, values in enumerate(experiment.predict(X)):
        theta, status = experiment.theta(lane), experiment.status[lane]
        assert theta.shape == (experiment.mlp(lane).parameter_count,)
        assert values.shape == (len(X), experiment.data.output_size)
        assert np.isfinite(theta).all()
        assert status.state in ("running", "stopped", "diverged")
        if status.state == "running":
            assert experiment.costs[lane].updates == experiment.updates == 6
        else:
            assert status.reason.endswith(".") and 0 <= status.step <= experiment.updates
    assert experiment.history.train_loss.shape == (len(experiment.history), len(config.lanes))
    assert (experiment.history.steps[0], experiment.history.steps[-1]) == (0, experiment.updates)


@given(SMALL, st.lists(st.integers(0, 4), min_size=1, max_size=4))
@SLOW
def test_the_same_again_gives_the_same_bits_however_it_is_asked_for(config, chunks):
    assert told(trained(config, sum(chunks))) == told(trained(config, *chunks))


@given(SMALL, st.data())
@SLOW
def test_company_that_comes_goes_or_diverges_changes_no_bit(config, data):
    together = trained(config, 6)
    index = data.draw(st.integers(0, len(config.lanes) - 1))
    alone = trained(replace(config, lanes=(config.lanes[index],)), 6)
    assert together.theta(index).tobytes() == alone.theta(0).tobytes()
    assert together.status[index] == alone.status[0]
    costs = [replace(cost, milliseconds=0) for cost in (together.costs[index], alone.costs[0])]
    assert costs[0] == costs[1]


@given(SMALL, st.integers(0, 5))
@SLOW
def test_a_run_that_is_saved_and_loaded_goes_on_as_if_nothing_had_been(config, updates):
    straight, saved = trained(config, updates + 4), trained(config, updates)
    loaded = Experiment.load(io.BytesIO(saved.to_bytes()))
    assert told(loaded) == told(saved)
    loaded.step(4)
    assert told(loaded) == told(straight)


@given(SMALL, st.data(), st.booleans())
@SLOW
def test_a_fork_leaves_its_parent_alone_and_with_its_state_does_the_same(config, data, keep_state):
    index = data.draw(st.integers(0, len(config.lanes) - 1))
    plain, forked = trained(config, 3), trained(config, 3)
    child = forked.fork(index, config.lanes[index], keep_state=keep_state)
    plain.step(3), forked.step(3)
    for lane in range(len(config.lanes)):
        assert forked.theta(lane).tobytes() == plain.theta(lane).tobytes()
        assert forked.status[lane] == plain.status[lane]
    if keep_state and plain.status[index].state == "running":
        assert forked.theta(child).tobytes() == plain.theta(index).tobytes()
