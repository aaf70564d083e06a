"""Equal starts and equal batches, to the bit; and a badge that tells what is, not what was meant."""

import io
from dataclasses import replace

import numpy as np
import pytest

from engine import OPTIMIZERS, DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.training.lane import fingerprint
from engine.training.paces import advance_evaluations
from engine.training.roster import add_lane, remove_lane
from engine.training.same_start import same_start

DATA = DatasetConfig("circles", samples=60, test_fraction=0.3)  # 42 training samples
NETWORK = NetworkConfig((4,))


def make(*lanes, **more):
    settings = {"dataset": DATA, "network": NETWORK, "batch_size": 10} | more
    return Experiment(ExperimentConfig(lanes=lanes, **settings))


def seen_batches(experiment, updates):
    """{lane: [its batches]}, as training really used them."""
    seen = {lane: [] for lane in range(len(experiment.lanes))}
    for _ in range(updates):
        experiment.step()
        for lane in seen:
            seen[lane].append(experiment.last_batch(lane).tolist())
    return seen


# --- what training does --------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_optimizer_begins_at_the_same_numbers(dtype):
    lanes = [LaneConfig(key, 10.0 ** -(k % 4)) for k, key in enumerate(OPTIMIZERS)]
    lanes += [
        LaneConfig("sgd", 0.1, schedule="cosine", l1=0.1, l2=0.2, batch_size=1),
        LaneConfig("sgd", 0.5, batch_size=42),
    ]
    experiment = make(*lanes, dtype=dtype)
    for lane in range(len(lanes)):
        assert np.array_equal(experiment.theta(lane), experiment.theta(0))
        assert np.array_equal(
            experiment.theta(lane).astype(np.float32), experiment.theta(0).astype(np.float32)
        )
    assert same_start(experiment)["starts"] == [list(range(len(lanes)))]
    assert same_start(experiment)["why"]["starts"] == []


def test_rate_optimizer_and_penalties_change_no_batch():
    lanes = [
        LaneConfig("sgd", 0.1),
        LaneConfig("adam", 0.9),
        LaneConfig("lion", 0.001, l2=0.1),
        LaneConfig("random_search", 0.1),
    ]
    experiment = make(*lanes)
    seen = seen_batches(experiment, 12)
    assert seen[0] == seen[1] == seen[2] == seen[3]
    assert same_start(experiment)["batches"] == [[0, 1, 2, 3]]


def test_batch_sizes_cut_one_order_of_the_samples():
    experiment = make(*(LaneConfig("sgd", 0.1, batch_size=size) for size in (1, 10, 16, 41)))
    seen = seen_batches(experiment, 84)
    epochs = [np.concatenate(seen[0][start : start + 42]) for start in (0, 42)]  # one sample an update
    for lane, size in ((1, 10), (2, 16), (3, 41)):
        cuts = -(-42 // size)
        for epoch, order in enumerate(epochs):
            batches = seen[lane][cuts * epoch : cuts * (epoch + 1)]
            assert np.concatenate(batches).tolist() == order.tolist()
            assert [len(batch) for batch in batches[:-1]] == [size] * (cuts - 1)
    assert sorted(epochs[0]) == list(range(42)) and epochs[0].tolist() != epochs[1].tolist()
    facts = same_start(experiment)
    assert facts["starts"] == facts["orders"] == [[0, 1, 2, 3]]
    assert facts["batches"] == [[0], [1], [2], [3]]
    assert facts["why"]["batches"][0] == "Lane 2 uses batches of 10 at every update, not 1."


# --- what the badge says -------------------------------------------------------------------------------


def test_what_makes_starts_and_batches_differ_is_said():
    experiment = make(
        LaneConfig("sgd", 0.1),
        LaneConfig("adam", 0.01),
        LaneConfig("sgd", 0.1, seed=3),
        LaneConfig("sgd", 0.1, network=replace(NETWORK, initializer="he_normal")),
        LaneConfig("sgd", 0.1, network=NetworkConfig((4, 4))),
        LaneConfig("sgd", 0.1, network=replace(NETWORK, activation="relu")),
        LaneConfig("lbfgs", 1.0),
        LaneConfig("sgd", 0.1, batch_size=5000),
    )
    facts = same_start(experiment)
    assert facts["starts"] == [[0, 1, 5, 6, 7], [2], [3], [4]]
    assert facts["batches"] == [[0, 1, 3, 4, 5], [2], [6, 7]]
    assert facts["orders"] == [[0, 1, 3, 4, 5], [2], [6, 7]]
    assert facts["why"] == {
        "starts": [
            "Lane 3 has another seed (3, not 0).",
            "Lane 4 has another initializer (he normal).",
            "Lane 5 has other layers (2-4-4-1, not 2-4-1).",
        ],
        "batches": [
            "Lane 3 shuffles by another seed (3, not 0).",
            "Lane 7 uses all 42 samples at every update, not 10.",
            "Lane 8 uses all 42 samples at every update, not 10.",
        ],
    }
    some = same_start(experiment, [2, 0, 3], names=["SGD", "Other", "He"])
    assert some["starts"] == [[2], [0], [3]] and some["batches"] == [[2], [0, 3]]
    assert (
        some["why"]["starts"][1] == "He has another initializer (he normal) and has another seed (0, not 3)."
    )


def test_it_is_the_weights_that_count_not_the_settings():
    zeros = replace(NETWORK, initializer="zeros")
    constant = replace(NETWORK, initializer="constant", initializer_options={"value": 0.0})
    other = replace(constant, initializer_options={"value": 0.25})
    lanes = [
        LaneConfig("sgd", 0.1, network=network, seed=k) for k, network in enumerate((zeros, constant, other))
    ]
    facts = same_start(make(*lanes, LaneConfig("sgd", 0.1, seed=9, network=zeros)))
    assert facts["starts"] == [[0, 1, 3], [2]]
    assert len(facts["why"]["batches"]) == 3


def test_a_fork_does_not_share_the_start_but_the_batches():
    experiment = make(LaneConfig("sgd", 0.1), LaneConfig("adam", 0.01))
    early = experiment.fork(0, LaneConfig("adam", 0.1))
    assert same_start(experiment)["starts"] == [[0, 1, early]]  # before any update it is the very start
    experiment.step(7)
    first, second = (experiment.fork(0, LaneConfig(key, 0.05)) for key in ("adam", "sgd"))
    third = experiment.fork(1, LaneConfig("sgd", 0.05))
    facts = same_start(experiment)
    assert facts["starts"] == [[0, 1, early], [first, second], [third]]
    assert facts["batches"] == [[0, 1, early, first, second, third]]
    assert facts["why"]["starts"][0] == "Lane 4 begins at update 7, not 0, with the weights of there."
    assert same_start(experiment, [first, third])["why"]["starts"] == [
        "Lane 6 begins with other weights at update 7."
    ]
    experiment.step(9)
    assert same_start(experiment) == facts
    seen = seen_batches(experiment, 6)
    assert all(seen[lane] == seen[0] for lane in seen)
    experiment.reset()  # they are lanes as any other now
    assert same_start(experiment)["starts"] == [list(range(6))]


def test_weights_that_were_set_are_a_start_of_their_own():
    experiment = make(LaneConfig("sgd", 0.1), LaneConfig("sgd", 0.2), LaneConfig("sgd", 0.3))
    experiment.step(3)
    for lane in (1, 2):
        experiment.set_theta(lane, np.ones(17))
    facts = same_start(experiment)
    assert facts["starts"] == [[0], [1, 2]] and facts["batches"] == [[0, 1, 2]]


def test_a_swap_of_the_batch_size_is_a_swap_of_the_batches():
    experiment = make(LaneConfig("sgd", 0.1), LaneConfig("sgd", 0.1), LaneConfig("sgd", 0.1))
    experiment.step(7)
    experiment.swap(1, LaneConfig("adam", 0.01))
    assert same_start(experiment)["batches"] == [[0, 1, 2]]
    experiment.swap(1, LaneConfig("adam", 0.01, batch_size=6))
    assert same_start(experiment)["why"]["batches"] == ["Lane 2 uses batches of 6 at every update, not 10."]
    experiment.step(2)
    experiment.swap(1, LaneConfig("adam", 0.01))  # back to ten, but elsewhere in the data
    for _ in range(3):
        facts = same_start(experiment)
        assert facts["starts"] == [[0, 1, 2]] and facts["batches"] == [[0, 2], [1]]
        assert facts["why"]["batches"] == [
            "Lane 2 saw other batches on the way, as a batch size or a seed was changed."
        ]
        seen = seen_batches(experiment, 4)
        assert seen[0] == seen[2] != seen[1]
    experiment.swap(1, LaneConfig("lbfgs", 1.0))
    assert same_start(experiment)["why"]["batches"] == ["Lane 2 uses all 42 samples at every update, not 10."]


def test_lanes_that_come_go_stop_or_run_at_another_pace():
    experiment = make(LaneConfig("sgd", 0.1), LaneConfig("sgd", 0.1, seed=4), LaneConfig("adam", 0.01))
    experiment.step(13)
    fork = experiment.fork(2, LaneConfig("sgd", 0.01))
    add_lane(experiment, LaneConfig("nadam", 0.01))
    assert same_start(experiment)["starts"] == [[0, 2, 4], [1], [3]] and fork == 3
    remove_lane(experiment, 0)
    facts = same_start(experiment)
    assert facts["starts"] == [[0], [1, 3], [2]] and facts["batches"] == [[0], [1, 2, 3]]
    remove_lane(experiment, 0)
    assert same_start(experiment)["starts"] == [[0, 2], [1]]
    for _ in range(3):
        advance_evaluations(experiment)
    assert same_start(experiment)["batches"] == [[0, 1, 2]]
    config = replace(experiment.config, loss="mean_squared_error", network=NetworkConfig((4,), "relu"),
                     lanes=(LaneConfig("sgd", 1000.0), LaneConfig("sgd", 0.001), LaneConfig("sgd", 0.001, batch_size=3)))  # fmt: skip
    paced = Experiment(config)
    for _ in range(3):
        advance_evaluations(paced)
    assert paced.status[0].state == "diverged"
    facts = same_start(paced)
    assert facts["starts"] == facts["orders"] == [[0, 1, 2]] and facts["batches"] == [[0, 1], [2]]


def test_a_saved_experiment_remembers_its_starts():
    experiment = make(LaneConfig("sgd", 0.1), LaneConfig("adam", 0.01))
    experiment.step(4)
    experiment.fork(0, LaneConfig("adam", 0.1))
    again = Experiment.load(io.BytesIO(experiment.to_bytes()))
    assert same_start(again) == same_start(experiment)
    assert same_start(again)["starts"] == [[0, 1], [2]]


def test_fingerprints_tell_one_bit_and_know_no_number_type():
    theta = np.linspace(-1, 1, 17).astype(np.float32)
    assert fingerprint(theta) == fingerprint(theta.astype(np.float64)) != fingerprint(np.nextafter(theta, 2))
    assert len(fingerprint(theta)) == 32
    assert make(LaneConfig()).lanes[0].start == (fingerprint(make(LaneConfig()).theta(0)), 0)
    assert same_start(make(LaneConfig()), []) == {
        "starts": [],
        "batches": [],
        "orders": [],
        "why": {"starts": [], "batches": []},
    }


def test_batches_that_only_meet_again_are_not_the_same():
    """From 25 over 50 and 17 back to 25: as many batches and samples as the other lane, but others."""
    experiment = make(LaneConfig("sgd", 0.1), LaneConfig("sgd", 0.1), dataset=DatasetConfig(samples=100, test_fraction=0.0),
                      batch_size=25)  # fmt: skip
    seen = seen_batches(experiment, 4)
    for size, updates in ((50, 2), (17, 6), (25, 4)):
        experiment.swap(1, LaneConfig("sgd", 0.1, batch_size=size))
        for lane, batches in seen_batches(experiment, updates).items():
            seen[lane] += batches
    assert seen[0] != seen[1] and seen[0][-4:] == seen[1][-4:]
    assert same_start(experiment)["batches"] == [[0], [1]]
    again = Experiment.load(io.BytesIO(experiment.to_bytes()))
    assert same_start(again)["batches"] == [[0], [1]]


def test_batches_that_end_at_the_same_place_are_not_the_same_if_other_ones_came_before():
    """Both lanes go from 25 over 50 and 20 back to 25, each an epoch long, in another order."""
    experiment = make(LaneConfig("sgd", 0.1), LaneConfig("sgd", 0.1), dataset=DatasetConfig(samples=100, test_fraction=0.0),
                      batch_size=25)  # fmt: skip
    sizes = ((50, 20), (20, 50))
    for lane, order in enumerate(sizes):
        experiment.swap(lane, LaneConfig("sgd", 0.1, batch_size=order[0]))
    experiment.step(2)
    experiment.swap(0, LaneConfig("sgd", 0.1, batch_size=20))
    experiment.step(3)
    experiment.swap(1, LaneConfig("sgd", 0.1, batch_size=50))
    experiment.step(2)
    for lane in range(2):
        experiment.swap(lane, LaneConfig("sgd", 0.1, batch_size=25))
    seen = seen_batches(experiment, 4)
    assert seen[0] == seen[1], "from here on they see the same"
    assert same_start(experiment)["batches"] == [[0], [1]]


@pytest.mark.parametrize("updates", [0, 5, 10])
def test_a_size_that_was_changed_and_put_back_at_the_end_of_an_epoch_changes_nothing(updates):
    experiment = make(LaneConfig("sgd", 0.1), LaneConfig("sgd", 0.1))
    experiment.step(updates)  # five batches an epoch
    for size in (7, 42, 10):
        experiment.swap(1, LaneConfig("sgd", 0.1, batch_size=size))
    assert same_start(experiment)["batches"] == [[0, 1]]
    seen = seen_batches(experiment, 12)
    assert seen[0] == seen[1]


def test_a_fork_that_shuffles_by_another_seed_has_seen_the_same_only_so_far():
    experiment = make(LaneConfig("sgd", 0.1))
    experiment.step(3)
    experiment.fork(0, LaneConfig("sgd", 0.1, seed=5))
    experiment.fork(0, LaneConfig("sgd", 0.2))
    assert same_start(experiment)["batches"] == [[0, 2], [1]]


def test_zero_is_zero_whatever_its_sign():
    experiment = make(LaneConfig("sgd", 0.1), LaneConfig("sgd", 0.1))
    experiment.set_theta(0, np.zeros(17))
    experiment.set_theta(1, -np.zeros(17))
    assert same_start(experiment)["starts"] == [[0, 1]]
