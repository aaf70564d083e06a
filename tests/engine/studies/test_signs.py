"""Each sign on a run that has it, and on one that has not; its number against one worked out here."""

import numpy as np
import pytest

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.studies import signs
from engine.studies.signs import OtherStarts

SGD = LaneConfig("sgd", 0.3)


def run(
    updates, data="moons", samples=60, noise=0.1, lane=SGD, seed=0, batch=32, loss="cross_entropy", **network
):
    network.setdefault("hidden", (4,))
    config = ExperimentConfig(
        DatasetConfig(data, samples=samples, noise=noise), NetworkConfig(**network), loss, lanes=(lane,), seed=seed,
        batch_size=batch,
    )  # fmt: skip
    experiment = Experiment(config)
    experiment.step(updates)
    return experiment


CALM = run(300, samples=200, lane=LaneConfig("adam", 0.01))
SICK = {
    "diverged": lambda: run(
        30, hidden=(8,), activation="relu", loss="mean_squared_error", lane=LaneConfig("sgd", 100.0)
    ),
    "plateau": lambda: run(300, "xor", 100, initializer="zeros"),
    "dead units": lambda: run(300, hidden=(16,), activation="relu", lane=LaneConfig("sgd", 10.0)),
    "saturated": lambda: run(5, hidden=(8, 8), initializer="normal", initializer_options={"scale": 10.0}),
    "overfitting": lambda: run(600, samples=40, noise=0.4, hidden=(16, 16), lane=LaneConfig("adam", 0.03)),
    "edge": lambda: run(1000, hidden=(16,), batch=100, loss="mean_squared_error"),
}
FOUND: dict[str, Experiment] = {}


def sick(key):
    if key not in FOUND:
        FOUND[key] = SICK[key]()
    return FOUND[key]


def test_a_run_that_goes_well_shows_no_sign():
    assert signs.signs(CALM, 0) == []


@pytest.mark.parametrize("key", SICK)
def test_a_sign_is_seen_on_a_run_that_has_it(key):
    found = {sign.key: sign for sign in signs.signs(sick(key), 0)}
    assert key in found
    assert found[key].value > found[key].limit or key == "plateau"
    assert found[key].evidence


def test_the_loss_of_a_lane_that_diverged_is_said_as_a_multiple():
    experiment = sick("diverged")
    sign = signs.diverged(experiment, 0)
    losses = experiment.history.train_loss[:, 0]
    assert sign.value == losses[-1] / losses[0] > 1e6
    assert "learning rate 100 is too large" in sign.said


def test_a_plateau_is_flat_and_high():
    experiment = sick("plateau")
    sign = signs.plateau(experiment, 0)
    losses = experiment.history.train_loss[:, 0]
    assert sign.value < np.ptp(losses[150:]) / losses[150] < 0.02 < 1 - losses[150] / losses[0] + 0.02
    assert sign.said.startswith("In the last 150 updates the training loss changed by 0.089 %")
    low = run(300, hidden=(8,), lane=LaneConfig("adam", 0.1), samples=100)  # flat, as nothing is left to do
    assert low.history.train_loss[-1, 0] < 0.01
    assert signs.plateau(low, 0) is None
    assert signs.plateau(run(60, "xor", 100, initializer="zeros"), 0) is None  # too soon to tell


def test_dead_units_give_no_output_on_any_training_sample():
    experiment = sick("dead units")
    sign = signs.dead_units(experiment, 0)
    outputs = experiment.layer_outputs(0, experiment.X_train)[0]
    assert sign.value == (outputs == 0).all(axis=0).mean() == 0.5 or sign.value > 0
    assert f"{(outputs == 0).all(axis=0).sum()} of 16 in layer 1" in sign.said
    assert np.array_equal(sign.evidence["layer 1"], (outputs == 0).mean(axis=0))


def test_saturated_units_lie_where_tanh_is_flat():
    experiment = sick("saturated")
    sign = signs.saturated(experiment, 0)
    a = experiment.layer_outputs(0, experiment.X_train)[1].astype(float)
    share = (1 - a * a < 0.05).mean(axis=0)
    assert sign.value == (share >= 0.95).mean()
    assert np.allclose(sign.evidence["layer 2"], share)
    assert signs.dead_units(experiment, 0) is None  # tanh is never off


def test_overfitting_is_a_held_out_loss_that_rose_while_the_training_loss_fell():
    experiment = sick("overfitting")
    sign = signs.overfitting(experiment, 0)
    test, train = experiment.history.test_loss[:, 0], experiment.history.train_loss[:, 0]
    assert sign.value == pytest.approx(test[-1] / test.min(), rel=0.05)
    assert train[-1] < train[test.argmin()]
    assert f"lowest at update {test.argmin()}" in sign.said


def test_the_edge_is_two_over_the_rate_for_gradient_descent():
    experiment = sick("edge")
    sign = signs.at_the_edge(experiment, 0)
    sharpness, edge = sign.evidence["measured"]
    assert edge == pytest.approx(2 / 0.3)
    assert sign.value == sharpness / edge > 0.9
    slow = run(1000, hidden=(16,), batch=100, loss="mean_squared_error", lane=LaneConfig("sgd", 0.003))
    assert signs.at_the_edge(slow, 0) is None


def other_starts(experiment):
    starts = OtherStarts(experiment, 0)
    while starts.go_on(150) < 1:
        pass
    return starts


def test_an_unlucky_start_is_worse_than_nearly_all_others():
    """Three ReLU units on the circles: some starts lose one, and two can't close a ring."""

    def small(seed):
        return run(
            400,
            "circles",
            120,
            hidden=(3,),
            activation="relu",
            lane=LaneConfig("adam", 0.05),
            seed=seed,
            noise=0.1,
        )

    starts = other_starts(small(1))
    sign = starts.sign()
    assert sign.value == starts.own / np.median(starts.experiment.history.train_loss[-1]) > 1.5
    assert "At update 400 this start" in sign.said
    assert other_starts(small(0)).sign() is None
    # seed 2 among the others is the very run of seed 2
    alone = small(2).history.train_loss[-1, 0]
    assert alone in starts.experiment.history.train_loss[-1]


def test_other_starts_of_an_untrained_run_tell_nothing():
    starts = OtherStarts(run(0), 0)
    assert starts.go_on(10) == 0 or starts.goal == 0
    assert starts.sign() is None
