"""Claims about training: what is read of them, and when they hold."""

import math

import numpy as np
import pytest

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.studies.claims import Looking, measured, read_claim

LOSSES = {"a": 0.2, "b": 0.1, "c": math.nan}


def look(what, at):
    return {"state": {"a": "running", "b": "diverged", "c": "running"}}.get(what, LOSSES)


@pytest.mark.parametrize(
    ("raw", "holds"),
    [
        (dict(of="a", below=0.3), True),
        (dict(of="a", below=0.2), False),
        (dict(of="a", above="b"), True),
        (dict(of="a", above="b", times=2), False),
        (dict(of="a", above="b", times=1.9), True),
        (dict(of="a", below="b", times=3), True),
        (dict(of="a", near=0.2001), True),
        (dict(of="a", near="b"), False),
        (dict(of="a", near="b", within=0.6), True),
        ({"of": "b", "is": "lowest"}, True),
        ({"of": "a", "is": "lowest"}, False),
        ({"of": "a", "is": "highest"}, True),
        ({"of": "c", "is": "lowest"}, False),
        (dict(of="c", below=1.0), False),
        (dict(of="c", above=-1.0), False),
    ],
)
def test_a_claim_holds_where_the_numbers_say_so_and_nothing_holds_of_nan(raw, holds):
    assert read_claim({"what": "train loss", **raw}, 5).holds(look) is holds


def test_a_state_is_what_it_is():
    assert read_claim({"what": "state", "of": "b", "is": "diverged"}, 5).holds(look)
    assert not read_claim({"what": "state", "of": "a", "is": "diverged"}, 5).holds(look)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("train loss", "A claim is 'train loss'"),
        (dict(what="luck", below=1), "what is 'luck'"),
        (dict(what="train loss"), "this one has 0"),
        (dict(what="train loss", below=1, above=2), "this one has 2"),
        (dict(what="train loss", below=True), "below is True"),
        (dict(what="train loss", below=[1]), r"below is \[1\]"),
        (dict(what="train loss", below=1, at="soon"), "at is 'soon'"),
        (dict(what="train loss", below=1, color=2), "no 'color'"),
        ({"what": "train loss", "is": "diverged"}, "choose one of lowest, highest"),
        ({"what": "state", "is": "lowest"}, "choose one of running, diverged, stopped"),
        (dict(what="state", below=1), "says what it is"),
    ],
)
def test_what_is_no_claim_is_refused_with_a_sentence(raw, said):
    with pytest.raises(ValueError, match=said):
        read_claim(raw, 5)


def test_a_claim_about_a_lane_that_is_not_there_names_those_that_are():
    with pytest.raises(ValueError, match="names the lane 'x'; there are a, b, c"):
        read_claim(dict(what="train loss", of="x", below=1), 5).holds(look)
    with pytest.raises(ValueError, match="names no lane; there are a, b, c"):
        read_claim(dict(what="train loss", below=1), 5).holds(look)


def experiment():
    return Experiment(
        ExperimentConfig(
            DatasetConfig(samples=40), NetworkConfig((3,), "tanh", "zeros"), batch_size=8,
            lanes=(LaneConfig("sgd", 0.1), LaneConfig("adam", 0.01)),
        )
    )  # fmt: skip


def test_looking_trains_to_the_update_that_is_asked_for_in_any_order():
    straight = experiment()
    straight.step(7)
    seen = Looking(experiment, ["SGD", "Adam"])
    late = seen("train loss", 7)
    early = seen("train loss", 0)
    assert list(late.values()) == straight.history.train_loss[-1].tolist()
    assert early["SGD"] == early["Adam"] == pytest.approx(math.log(2))
    assert seen("train loss", 7) == late and seen.experiment.updates == 0


def test_neurons_that_start_at_zero_are_all_the_same_and_the_gap_is_test_less_train_loss():
    run = experiment()
    assert measured(run, "different neurons", 0) == 1
    run.step(3)
    history = run.history
    assert measured(run, "gap", 1) == history.test_loss[-1, 1] - history.train_loss[-1, 1]
    assert measured(run, "gradient", 0) == history.gradient_norm[-1, 0]
    assert measured(run, "state", 0) == "running"


def test_sharpness_is_the_curvature_of_a_parabola_and_the_edge_its_part_of_two_over_the_rate():
    """The mean squared error of a linear network on standardised inputs is 1/N Σ (w·x + b − y)²: its Hessian is 2/N XᵀX."""
    config = ExperimentConfig(
        DatasetConfig("plane", samples=40), NetworkConfig((),), batch_size=5000, dtype="float64",
        lanes=(LaneConfig("sgd", 0.1),),
    )  # fmt: skip
    run = Experiment(config)
    X = np.column_stack([run.data.X_train, np.ones(len(run.data.X_train))])
    largest = np.linalg.eigvalsh(2 * X.T @ X / len(X))[-1]
    assert measured(run, "sharpness", 0) == pytest.approx(largest, rel=0.01)
    assert measured(run, "edge", 0) == pytest.approx(largest / 20, rel=0.01)
