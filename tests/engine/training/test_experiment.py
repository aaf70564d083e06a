"""Experiments: determinism, lanes that do not touch each other, batches, divergence, swaps and forks."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import OPTIMIZERS, DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.config.changes import describe_change, needs_new_run
from engine.methods.schedules import SCHEDULES
from engine.training.history import COSTS
from engine.training.lane import Lane

SMALL = DatasetConfig("circles", samples=50, test_fraction=0.4)
FIRST_ORDER = [key for key, kind in OPTIMIZERS.items() if not kind.full_batch]


def small(*lanes, **more):
    settings = {"dataset": SMALL, "network": NetworkConfig((4,)), "batch_size": 8} | more
    return ExperimentConfig(lanes=lanes or (LaneConfig("sgd", 0.1),), **settings)


def thetas(experiment):
    return [experiment.theta(lane) for lane in range(len(experiment.lanes))]


def same(a, b):
    return all(np.array_equal(x, y, equal_nan=True) for x, y in zip(a, b, strict=True))


def timeless(experiment):
    """All that the history holds but the clock, which differs between equal runs."""
    steps, values = experiment.history.rows()
    return steps, np.delete(values, COSTS.index("milliseconds"), axis=0)


# --- the same config, the same bits --------------------------------------------------------------------


@given(
    st.lists(st.integers(0, 25), min_size=1, max_size=8),
    st.integers(0, 5),
    st.sampled_from(["float32", "float64"]),
    st.sampled_from([1, 7]),
)
@example([3, 1], 0, "float32", 7)  # a lane diverges in the first update that a call asks for
@settings(max_examples=40, deadline=None)
def test_bits_and_history_depend_on_the_updates_alone(chunks, seed, dtype, record_every):
    lanes = (
        LaneConfig("sgd", 0.1),
        LaneConfig("adam", 0.05),
        LaneConfig("sgd", 900.0, loss="huber", l2=0.1),
        LaneConfig("lbfgs", 1.0, l2=0.3),  # stops at its minimum
        LaneConfig("random_search", 0.2),
    )
    config = small(*lanes, seed=seed, dtype=dtype)
    straight, chunked = (Experiment(config, record_every=record_every) for _ in range(2))
    straight.step(sum(chunks))
    for chunk in chunks:
        chunked.step(chunk)
    assert same(thetas(straight), thetas(chunked))
    assert straight.updates == sum(chunks)
    for a, b in zip(timeless(straight), timeless(chunked), strict=True):
        assert np.array_equal(a, b, equal_nan=True)


def test_another_seed_gives_other_weights_and_other_batches():
    first, second = Experiment(small(seed=0, batch_size=8)), Experiment(small(seed=1, batch_size=8))
    assert not np.array_equal(first.theta(0), second.theta(0))
    first.step(), second.step()
    assert not np.array_equal(first.last_batch(0), second.last_batch(0))


# --- lanes do not touch each other ---------------------------------------------------------------------


@st.composite
def any_lane(draw):
    seed = draw(st.sampled_from([None, 0, 3]))
    return LaneConfig(
        draw(st.sampled_from(FIRST_ORDER)),
        draw(st.sampled_from([1e-3, 0.05, 0.5, 30.0, 1000.0])),
        schedule=draw(st.sampled_from(sorted(SCHEDULES))),
        batch_size=draw(st.sampled_from([None, 1, 7, 30, 500])),
        network=draw(st.sampled_from([None, NetworkConfig((3, 3), "relu", "he_normal")])),
        loss=draw(st.sampled_from([None, "quadratic"])),
        l1=draw(st.sampled_from([0.0, 0.01])),
        l2=draw(st.sampled_from([0.0, 0.1])),
        seed=seed,
    )


@given(st.lists(any_lane(), min_size=1, max_size=5), st.data(), st.sampled_from(["float32", "float64"]))
@settings(max_examples=60, deadline=None)
def test_a_lane_is_the_same_alone_and_in_company(lanes, data, dtype):
    """To the bit, whatever the others do, diverging included."""
    index = data.draw(st.integers(0, len(lanes) - 1))
    together, alone = Experiment(small(*lanes, dtype=dtype)), Experiment(small(lanes[index], dtype=dtype))
    together.step(23), alone.step(23)
    assert np.array_equal(together.theta(index), alone.theta(0))
    assert together.status[index] == alone.status[0]
    for name in ("train_loss", "test_loss", "train_accuracy", "gradient_norm"):
        a, b = together.history.series(name)[:, index], alone.history.series(name)[:, 0]
        # a lane that has stopped keeps its last values, and alone it has no company that goes on
        assert np.array_equal(a[: len(b)], b, equal_nan=True)
        assert np.array_equal(a[len(b) :], np.broadcast_to(b[-1], len(a) - len(b)), equal_nan=True)


@pytest.mark.parametrize("batch_size", [8, 30, 50])
@pytest.mark.parametrize("hidden", [(4,), (16, 16), (3, 5, 2)])
def test_many_lanes_and_one_lane_agree_to_the_bit(hidden, batch_size):
    """Blocks of another size take other paths through NumPy and BLAS; the bits may not."""
    lanes = tuple(LaneConfig("adam", 0.001 * (k + 1)) for k in range(64))
    config = small(*lanes, network=NetworkConfig(hidden), batch_size=batch_size)
    together = Experiment(config)
    together.step(30, record=False)
    for index in (0, 1, 31, 63):
        alone = Experiment(replace(config, lanes=(lanes[index],)))
        alone.step(30, record=False)
        assert np.array_equal(together.theta(index), alone.theta(0))


def test_lanes_of_one_seed_start_alike_and_see_the_same_batches():
    experiment = Experiment(small(LaneConfig("sgd"), LaneConfig("adam"), LaneConfig("sgd", seed=9)))
    assert np.array_equal(experiment.theta(0), experiment.theta(1))
    assert not np.array_equal(experiment.theta(0), experiment.theta(2))
    for _ in range(12):
        experiment.step()
        assert np.array_equal(experiment.last_batch(0), experiment.last_batch(1))
        assert not np.array_equal(experiment.last_batch(0), experiment.last_batch(2))


# --- batches -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 4, 8, 29, 30, 31, 5000])
def test_every_epoch_shows_each_sample_once_and_the_last_batch_is_what_is_left(size):
    experiment = Experiment(small(LaneConfig("sgd", 0.01, batch_size=size)))
    samples = len(experiment.X_train)
    assert samples == 30
    orders = []
    for epoch in range(1, 4):
        seen = []
        for k in range(-(-samples // size)):
            assert experiment.updates_left_in_epoch(0) == -(-samples // size) - k
            experiment.step()
            seen.append(experiment.last_batch(0))
        assert [len(batch) for batch in seen] == [min(size, samples - s) for s in range(0, samples, size)]
        assert experiment.costs[0].epochs == epoch
        assert experiment.epoch_position(0) == 0
        order = np.concatenate(seen)
        assert sorted(order.tolist()) == list(range(samples))
        orders.append(order.tolist())
    assert (orders[0] == orders[1]) == (size >= samples)  # shuffled anew, unless one batch holds them all


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "quadratic", "huber"])
@pytest.mark.parametrize(("l1", "l2"), [(0, 0), (0.01, 0.3)])
def test_training_equals_a_loop_written_by_hand(loss, l1, l2):
    """One hidden tanh layer, SGD, batches of 8 of 30: the last batch of 6 is weighted as the mean over 6."""
    config = small(LaneConfig("sgd", 0.2, l1=l1, l2=l2), loss=loss, dtype="float64")
    experiment = Experiment(config)
    W1, b1, W2, b2 = (np.array(a) for layer in experiment.weights(0) for a in layer)
    X, y = experiment.data.X_train, experiment.data.y_train
    for _ in range(12):
        experiment.step()
        batch = experiment.last_batch(0)
        x, target = X[batch], y[batch]
        h = np.tanh(x @ W1 + b1)
        z = (h @ W2 + b2)[:, 0]
        if loss == "binary_cross_entropy":
            dz = 1 / (1 + np.exp(-z)) - target
        else:
            dz = z - target
            if loss == "huber":
                dz = np.clip(dz, -1, 1)
        dz = dz[:, None] / len(batch)
        dh = dz @ W2.T * (1 - h * h)
        W2 -= 0.2 * (h.T @ dz + l1 * np.sign(W2) + l2 * W2)
        b2 -= 0.2 * dz.sum(axis=0)
        W1 -= 0.2 * (x.T @ dh + l1 * np.sign(W1) + l2 * W1)
        b1 -= 0.2 * dh.sum(axis=0)
    for (W, b), (V, c) in zip(experiment.weights(0), [(W1, b1), (W2, b2)], strict=True):
        assert np.allclose(W, V, rtol=1e-10, atol=1e-12)
        assert np.allclose(b, c, rtol=1e-10, atol=1e-12)


# --- what is recorded ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["circles", "three_spirals", "plane", "iris"])
def test_the_record_is_loss_and_accuracy_of_the_weights(name):
    config = small(LaneConfig("adam", 0.05), dataset=DatasetConfig(name, samples=60), dtype="float64")
    experiment = Experiment(config)
    experiment.step(40)
    data, history = experiment.data, experiment.history
    for part in ("train", "test"):
        X, y = getattr(data, f"X_{part}"), getattr(data, f"y_{part}")
        p = experiment.predict(X)[0]
        if data.task == "binary":
            p = p[:, 0]
            loss = -np.mean(np.log(np.where(y == 1, p, 1 - p)))
            accuracy = np.mean((p > 0.5) == (y == 1))
        elif data.task == "multiclass":
            loss = -np.mean(np.log(p[np.arange(len(y)), y]))
            accuracy = np.mean(p.argmax(axis=1) == y)
        else:
            loss, accuracy = np.mean((p[:, 0] - y) ** 2), np.nan
        assert history.series(f"{part}_loss")[-1, 0] == pytest.approx(loss, rel=1e-9)
        assert history.series(f"{part}_accuracy")[-1, 0] == pytest.approx(accuracy, nan_ok=True)
    assert history.train_loss[-1, 0] < history.train_loss[0, 0]
    assert np.array_equal(experiment.evaluate()["train_loss"], history.train_loss[-1])


def test_the_recorded_gradient_is_that_of_the_last_batch():
    experiment = Experiment(small(LaneConfig("adam", 0.05, l2=0.1), dtype="float64"))
    experiment.step(9)
    before = experiment.theta(0)
    experiment.step()
    batch = experiment.last_batch(0)
    X, y = experiment.data.X_train[batch], experiment.data.y_train[batch]
    _, gradient = experiment.mlp(0).loss_and_gradient(before[None], X, y)
    whole = gradient[0] + 0.1 * before * experiment.mlp(0).weight_mask
    assert experiment.history.gradient_norm[-1, 0] == pytest.approx(np.linalg.norm(whole), rel=1e-12)


def test_without_test_data_the_test_series_are_empty_numbers():
    experiment = Experiment(small(dataset=replace(SMALL, test_fraction=0.0)))
    experiment.step(3)
    assert np.isnan(experiment.history.test_loss).all()
    assert np.isfinite(experiment.history.train_loss).all()


def test_recording_more_rarely_changes_no_weight():
    often, rarely = Experiment(small()), Experiment(small(), record_every=50)
    often.step(120), rarely.step(120)
    assert rarely.history.steps.tolist() == [0, 50, 100, 120]
    assert same(thetas(often), thetas(rarely))
    rarely.step(30, record=False)
    assert rarely.history.steps.tolist() == [0, 50, 100, 150]
    rarely.step(7, record=False)
    assert rarely.history.steps.tolist() == [0, 50, 100, 150]


# --- divergence ----------------------------------------------------------------------------------------

EXPLODING = NetworkConfig((8,), "relu", "he_normal")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", ["mean_squared_error", "binary_cross_entropy"])
def test_a_lane_that_explodes_says_so_and_freezes_where_it_went(loss, dtype):
    config = small(
        LaneConfig("sgd", 1000.0), LaneConfig("sgd", 0.01), network=EXPLODING, loss=loss, dtype=dtype
    )
    experiment = Experiment(config)
    experiment.step(200)
    status, other = experiment.status
    assert status.state == "diverged" and other.state == "running"
    assert "1000" in status.reason and "Lower" in status.reason
    assert experiment.costs[0].updates == status.step < 200 == experiment.costs[1].updates
    assert np.isfinite(experiment.theta(0)).all()
    history = experiment.history
    final = history.train_loss[-1, 0]
    assert np.isfinite(final) and final > 1e5  # the explosion is there to see
    frozen = experiment.theta(0)
    experiment.step(20)
    assert np.array_equal(frozen, experiment.theta(0))
    assert experiment.status[0] == status
    assert history.train_loss[-1, 0] == final
    steps, values = history.line("train_loss", 0, status.step)
    assert steps[-1] >= status.step and values[-1] == final and len(steps) < len(history)


def test_weights_that_overflow_while_the_loss_is_bounded_are_caught():
    """A sigmoid output keeps the loss below 1 however large a huge decay times rate makes the weights."""
    network = NetworkConfig((4,), output_activation="sigmoid")
    config = small(
        LaneConfig("sgd", 1000.0, l2=10.0), LaneConfig("sgd", 0.1), network=network, loss="quadratic"
    )
    experiment = Experiment(config)
    experiment.step(60)
    assert experiment.status[0].state == "diverged"
    assert np.isfinite(experiment.theta(0)).all()
    assert experiment.status[1].state == "running"
    chunked = Experiment(config)
    for _ in range(60):
        chunked.step()
    assert chunked.status == experiment.status
    assert same(thetas(chunked), thetas(experiment))
    assert same(timeless(chunked), timeless(experiment))


def test_when_all_lanes_have_stopped_the_clock_stops():
    experiment = Experiment(small(LaneConfig("sgd", 1000.0), network=EXPLODING, loss="mean_squared_error"))
    experiment.step(500)
    assert experiment.finished
    assert experiment.updates == experiment.status[0].step < 500
    count = len(experiment.history)
    experiment.step(10)
    assert len(experiment.history) == count


def test_a_threshold_lane_says_that_its_gradient_is_zero():
    experiment = Experiment(small(network=NetworkConfig((4, 4), "threshold")))
    assert experiment.status[0].state == "running"
    assert "zero" in experiment.status[0].reason
    before = experiment.weights(0)
    experiment.step(20)
    after = experiment.weights(0)
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(before[:-1], after[:-1], strict=True))
    assert not np.array_equal(before[-1][0], after[-1][0])
    assert Experiment(small()).status[0].reason == ""


# --- swapping and forking ------------------------------------------------------------------------------


def test_a_swap_to_the_same_settings_changes_nothing():
    swapped, plain = Experiment(small()), Experiment(small())
    for experiment in (swapped, plain):
        experiment.step(9)
    swapped.swap(0, LaneConfig("sgd", 0.1))
    assert swapped.history.marks == []
    swapped.step(9), plain.step(9)
    assert same(thetas(swapped), thetas(plain))


def test_a_swapped_schedule_starts_its_clock_at_the_swap():
    experiment, plain = Experiment(small()), Experiment(small())
    for each in (experiment, plain):
        each.step(7)
    config = LaneConfig("sgd", 0.1, schedule="exponential")
    experiment.swap(0, config)
    rates = [SCHEDULES["exponential"].rate(0.1, t) for t in (1, 2, 3)]
    assert [experiment.lanes[0].rate(update) for update in (8, 9, 10)] == rates
    assert rates[0] > rates[1] > rates[2]
    for rate in rates:
        plain.swap(0, LaneConfig("sgd", rate))
        plain.step(1), experiment.step(1)
        assert same(thetas(experiment), thetas(plain))


def test_a_swapped_rate_acts_from_the_next_update_and_is_marked():
    experiment = Experiment(small(LaneConfig("sgd", 0.1), dtype="float64"))
    experiment.step(5)
    before = experiment.theta(0)
    experiment.swap(0, LaneConfig("sgd", 0.3))
    assert np.array_equal(experiment.theta(0), before)
    experiment.step()
    assert np.linalg.norm(experiment.theta(0) - before) == pytest.approx(
        0.3 * experiment.history.gradient_norm[-1, 0]
    )
    assert experiment.history.marks == [(5, 0, "learning rate 0.1 → 0.3")]
    assert experiment.config.lanes[0].learning_rate == 0.3


def test_a_swap_keeps_the_averages_of_the_same_optimizer_and_only_those():
    experiment = Experiment(small(LaneConfig("adam", 0.05)))
    experiment.step(5)
    experiment.swap(0, LaneConfig("adam", 0.01, {"beta1": 0.5}, batch_size=5))
    block = experiment.blocks[0]
    assert block.optimizer.t[0, 0] == 5 and (block.optimizer.state["v"] > 0).any()
    experiment.swap(0, LaneConfig("rmsprop", 0.01))
    assert not experiment.blocks[0].optimizer.state["v"].any()
    assert experiment.history.marks[0][2] == "learning rate 0.05 → 0.01, batch size 8 → 5, β₁ 0.9 → 0.5"


@pytest.mark.parametrize("form", ["heavy_ball", "ema"])
def test_another_form_of_momentum_starts_anew(form):
    """A velocity points down the slope and the other forms' v up it: kept, it would drive the lane uphill."""
    options = {"form": "velocity"}
    experiment = Experiment(small(LaneConfig("momentum", 0.1, options), dtype="float64", batch_size=30))
    experiment.step(5)
    before = experiment.theta(0)
    experiment.swap(0, LaneConfig("momentum", 0.1, {"form": form}))
    experiment.step()
    X, y = experiment.data.X_train, experiment.data.y_train
    gradient = experiment.mlp(0).loss_and_gradient(before[None], X, y)[1][0]
    rate = 0.1 if form == "heavy_ball" else 0.1 * (1 - 0.9)
    np.testing.assert_allclose(experiment.theta(0) - before, -rate * gradient, rtol=1e-9, atol=1e-14)
    index = experiment.fork(0, LaneConfig("momentum", 0.1, options), keep_state=True)
    assert not experiment.lanes[index].block.optimizer.t.any()


def test_a_swapped_batch_size_begins_an_epoch():
    experiment = Experiment(small(LaneConfig("sgd", 0.1)))
    experiment.step(2)
    experiment.swap(0, LaneConfig("sgd", 0.1, batch_size=30))
    assert len(experiment.last_batch(0)) in (8, 30)
    assert experiment.epoch_position(0) == 0
    experiment.step()
    assert len(experiment.last_batch(0)) == 30
    experiment.swap(0, LaneConfig("sgd", 0.1, batch_size=5))
    seen = []
    for _ in range(6):
        experiment.step()
        seen += experiment.last_batch(0).tolist()
    assert sorted(seen) == list(range(30))


def test_swapping_one_lane_changes_no_other():
    lanes = LaneConfig("sgd", 0.1), LaneConfig("sgd", 0.2)
    swapped, plain = Experiment(small(*lanes)), Experiment(small(*lanes))
    swapped.step(7), plain.step(7)
    swapped.swap(0, LaneConfig("adam", 0.2, batch_size=3))
    swapped.step(20), plain.step(20)
    assert np.array_equal(swapped.theta(1), plain.theta(1))
    assert not np.array_equal(swapped.theta(0), plain.theta(0))


@pytest.mark.parametrize(
    ("lane", "what"),
    [
        (LaneConfig(network=NetworkConfig((9,))), "architecture"),
        (LaneConfig(network=NetworkConfig((4,), "relu")), "architecture"),
        (LaneConfig(network=NetworkConfig((4,), initializer="zeros")), "initializer"),
        (LaneConfig(loss="huber"), "loss"),
        (LaneConfig(seed=4), "seed"),
    ],
)
def test_what_cannot_be_swapped_is_refused(lane, what):
    experiment = Experiment(small())
    with pytest.raises(ValueError, match=f"{what} needs a new run"):
        experiment.swap(0, lane)
    with pytest.raises(ValueError if what != "seed" else AssertionError):
        experiment.fork(0, lane)
        raise AssertionError
    config = small()
    assert any(what in reason for reason in needs_new_run(config, replace(config, lanes=(lane,))))


def test_what_needs_a_new_run():
    config = small(LaneConfig("sgd", 0.1))
    assert needs_new_run(config, config) == []
    assert needs_new_run(config, replace(config, batch_size=3, lanes=(LaneConfig("adam", 2, l1=0.1),))) == []
    assert needs_new_run(config, replace(config, dataset=replace(SMALL, seed=3))) == ["Other data"]
    assert needs_new_run(config, replace(config, seed=3)) == ["Another seed"]
    assert needs_new_run(config, replace(config, dtype="float64")) == ["Another number type"]
    assert needs_new_run(config, replace(config, lanes=config.lanes * 2)) == ["Another number of lanes"]


def test_reconfiguring_swaps_what_changed_in_every_lane():
    config = small(LaneConfig("sgd", 0.1), LaneConfig("adam", 0.01, batch_size=3))
    experiment = Experiment(config)
    experiment.step(3)
    new = replace(
        config, batch_size=5, lanes=(LaneConfig("sgd", 0.1), LaneConfig("adam", 0.02, batch_size=3))
    )
    experiment.reconfigure(new)
    assert experiment.config == new
    assert [text for _, _, text in experiment.history.marks] == [
        "batch size 8 → 5",
        "learning rate 0.01 → 0.02",
    ]
    with pytest.raises(ValueError, match="Other data, Another seed"):
        experiment.reconfigure(replace(new, seed=3, dataset=replace(SMALL, noise=0.5)))
    assert experiment.config == new


def test_changes_are_described_in_words():
    old = LaneConfig("momentum", 0.03, {"form": "ema"}, l2=0.1)
    assert describe_change(old, old) == ""
    assert describe_change(old, replace(old, l2=0.2)) == "L2 0.1 → 0.2"
    assert describe_change(old, replace(old, options={})) == "Form ema → heavy_ball"
    assert describe_change(old, LaneConfig("sgd", 0.03, l2=0.1)) == "Momentum → SGD"


@pytest.mark.parametrize("keep_state", [False, True])
def test_a_fork_goes_on_from_its_parent_and_leaves_it_alone(keep_state):
    config = small(LaneConfig("adam", 0.05))
    forked, plain = Experiment(config), Experiment(config)
    forked.step(11), plain.step(11)
    index = forked.fork(0, LaneConfig("adam", 0.05), keep_state)
    assert index == 1
    assert np.array_equal(forked.theta(1), forked.theta(0))
    forked.step(11), plain.step(11)
    assert np.array_equal(forked.theta(0), plain.theta(0))
    assert np.array_equal(forked.theta(1), forked.theta(0)) == keep_state
    assert np.array_equal(forked.history.train_loss[:12, 1], plain.history.train_loss[:12, 0])
    assert forked.costs[1].updates == 22
    assert forked.history.marks == [(11, 1, "forked from lane 1")]
    assert len(forked.config.lanes) == 2


def test_a_diverged_lane_can_be_forked_and_runs_again():
    config = small(
        LaneConfig("sgd", 1000.0), LaneConfig("sgd", 0.1), network=EXPLODING, loss="mean_squared_error"
    )
    experiment = Experiment(config)
    experiment.step(20)
    index = experiment.fork(0, LaneConfig("sgd", 1e-6))
    assert experiment.status[index].state == "running"
    experiment.step(1)


def test_a_lane_can_be_put_elsewhere_and_trains_on_from_there():
    experiment = Experiment(small(LaneConfig("adam", 0.05), LaneConfig("sgd", 0.1)))
    experiment.step(10)
    other, point = experiment.theta(1), 0.5 * experiment.theta(0)
    experiment.set_theta(0, point)
    assert np.array_equal(experiment.theta(0), point) and np.array_equal(experiment.theta(1), other)
    loss = experiment.mlp(0).loss(point[None], experiment.X_train, experiment.data.y_train)[0]
    assert experiment.history.steps[-1] == 10 and experiment.history.train_loss[-1, 0] == loss
    assert experiment.history.marks == [(10, 0, "weights set")]
    assert not experiment.blocks[0].optimizer.t.any()
    experiment.step(5)
    assert not np.array_equal(experiment.theta(0), point)
    for bad in (point[1:], np.full_like(point, np.nan), point[None]):
        with pytest.raises(ValueError, match="finite numbers"):
            experiment.set_theta(0, bad)


def test_a_diverged_lane_can_be_put_back_and_runs_on():
    config = small(LaneConfig("sgd", 1000.0), LaneConfig("sgd", 0.1), network=EXPLODING, loss="quadratic")
    experiment = Experiment(config)
    start = experiment.theta(0)
    experiment.step(20)
    lost = experiment.costs[0].updates
    experiment.set_theta(0, start)
    experiment.swap(0, LaneConfig("sgd", 0.1))
    experiment.step(10)
    assert experiment.status[0].state == "running"
    assert experiment.costs[0].updates == lost + 10 and experiment.updates == 30
    assert experiment.history.train_loss[-1, 0] < 10


def test_reset_repeats_the_run_or_begins_another():
    experiment = Experiment(small(LaneConfig("adam", 0.1), LaneConfig("sgd", 0.1, seed=5)))
    start = thetas(experiment)
    experiment.step(15)
    end, losses = thetas(experiment), experiment.history.train_loss.copy()
    experiment.reset()
    assert same(thetas(experiment), start) and experiment.updates == 0 and len(experiment.history) == 1
    experiment.step(15)
    assert same(thetas(experiment), end) and np.array_equal(experiment.history.train_loss, losses)
    experiment.reset(new_seed=77)
    assert not np.array_equal(experiment.theta(0), start[0])
    assert np.array_equal(experiment.theta(1), start[1])  # a seed of its own stays
    assert experiment.config.seed == 77


# --- reading -------------------------------------------------------------------------------------------


def test_predictions_are_per_lane_and_probabilities():
    config = small(
        *[LaneConfig("sgd", 0.1 * k) for k in range(1, 5)], LaneConfig(network=NetworkConfig((2, 2)))
    )
    experiment = Experiment(config)
    experiment.step(5)
    X = np.random.default_rng(0).normal(size=(17, 2))
    predictions = experiment.predict(X)
    assert [p.shape for p in predictions] == [(17, 1)] * 5
    for lane, p in enumerate(predictions):
        outputs = experiment.layer_outputs(lane, X)[-1]
        assert np.array_equal(p, experiment.probabilities(lane, outputs))
        assert np.allclose(p, 1 / (1 + np.exp(-outputs)), atol=1e-6)


def test_theta_is_a_copy():
    experiment = Experiment(small())
    experiment.theta(0)[:] = np.nan
    experiment.weights(0)[0][0][:] = np.nan
    assert np.isfinite(experiment.theta(0)).all()


def test_costs_are_counted():
    experiment = Experiment(
        small(LaneConfig("sgd", 0.1, batch_size=30), LaneConfig("sgd", 0.1, batch_size=7))
    )
    experiment.step(10)
    full, mini = experiment.costs
    assert (full.updates, full.epochs, full.gradient_evaluations) == (10, 10.0, 10)
    assert (mini.updates, mini.epochs, mini.gradient_evaluations) == (10, 2.0, 10)
    assert (full.sample_gradients, mini.sample_gradients) == (300, 60)
    for name in COSTS:
        spent = experiment.history.series(name)[-1]
        assert spent.tolist() == [getattr(full, name), getattr(mini, name)]
    assert full.milliseconds > 0 and mini.milliseconds > 0


def test_experiments_in_threads_do_not_mix():
    configs = [small(LaneConfig("adam", 0.05), seed=seed) for seed in range(4)]
    expected = []
    for config in configs:
        experiment = Experiment(config)
        experiment.step(60)
        expected.append(experiment.theta(0))
    running = [Experiment(config) for config in configs]
    threads = [threading.Thread(target=experiment.step, args=(60,)) for experiment in running]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert same([experiment.theta(0) for experiment in running], expected)


def test_a_negative_number_of_updates_is_refused():
    with pytest.raises(ValueError, match="-1"):
        Experiment(small()).step(-1)


def test_a_loss_that_does_not_suit_the_data_is_refused():
    with pytest.raises(ValueError, match="values"):
        Experiment(small(dataset=DatasetConfig("plane"), loss="binary_cross_entropy"))


def test_the_order_of_an_epoch_is_a_function_of_seed_and_epoch():
    lane = Experiment(small()).lanes[0]
    assert isinstance(lane, Lane)
    assert np.array_equal(lane.order(3), lane.order(3))
    assert not np.array_equal(lane.order(3), lane.order(4))


# --- methods that ask for losses and gradients themselves --------------------------------------------------

ASKING = [key for key, kind in OPTIMIZERS.items() if kind.needs_closure]


@pytest.mark.parametrize("key", ASKING)
def test_an_asking_method_runs_beside_others_and_counts_what_it_asked_for(key):
    lanes = (
        LaneConfig("sgd", 0.1),
        LaneConfig(key, OPTIMIZERS[key].start_rate, l2=0.01),
        LaneConfig("adam", 0.02),
    )
    together = Experiment(small(*lanes))
    together.step(16)
    for index, lane in enumerate(lanes):
        alone = Experiment(small(lane))
        alone.step(16)
        assert np.array_equal(together.theta(index), alone.theta(0))
        assert together.status[index] == alone.status[0]
    assert together.history.train_loss[-1, 1] < together.history.train_loss[0, 1]
    costs = together.costs[1]
    assert costs.function_evaluations >= costs.updates > 0
    if OPTIMIZERS[key].full_batch:
        assert together.theta(1).dtype == np.float64 and together.theta(0).dtype == np.float32
        assert costs.epochs == costs.updates
        assert costs.gradient_evaluations >= costs.updates
        assert costs.sample_gradients == costs.gradient_evaluations * len(together.data.X_train)
    else:
        assert costs.gradient_evaluations == 0
        assert costs.sample_gradients > costs.epochs * len(together.data.X_train)
        assert len(together.last_batch(1)) == 6


@pytest.mark.parametrize("key", [key for key in ASKING if OPTIMIZERS[key].full_batch])
def test_a_second_order_lane_stops_at_a_minimum_and_says_so(key):
    experiment = Experiment(small(LaneConfig(key, 1.0, l2=0.1), network=NetworkConfig(())))
    experiment.step(300)
    status = experiment.status[0]
    assert status.state == "stopped" and status.step < 300
    assert "line search" in status.reason or "zero" in status.reason
    X, y = experiment.data.X_train, experiment.data.y_train
    theta = experiment.theta(0)
    _, gradient = experiment.mlp(0).loss_and_gradient(theta[None], X, y)
    assert np.linalg.norm(gradient[0] + 0.1 * theta * experiment.mlp(0).weight_mask) < 1e-6
    experiment.swap(0, LaneConfig("sgd", 0.1))
    experiment.step(5)
    assert experiment.status[0].state == "running" and experiment.costs[0].updates == experiment.updates


def test_a_method_that_is_not_for_so_large_a_network_says_so_and_others_run():
    network = NetworkConfig((32, 32))
    experiment = Experiment(small(LaneConfig("newton", 1.0), LaneConfig("sgd", 0.1), network=network))
    status = experiment.status[0]
    assert status.state == "stopped" and "500" in status.reason and "smaller" in status.reason
    experiment.step(3)
    assert experiment.costs[0].updates == 0 and experiment.costs[1].updates == 3
    experiment.swap(0, LaneConfig("adam", 0.01))
    experiment.step(3)
    assert experiment.status[0].state == "running" and experiment.updates == 6
    experiment.swap(1, LaneConfig("newton", 1.0))
    assert experiment.status[1].state == "stopped" and experiment.status[1].step == 6


def test_random_search_trains_a_network_of_thresholds_and_draws_by_the_lanes_seed():
    network = NetworkConfig((6,), "threshold", "he_normal")
    lanes = tuple(LaneConfig("random_search", 0.3, batch_size=30, seed=seed) for seed in (1, 1, 2))
    experiment = Experiment(small(*lanes, network=network))
    assert experiment.status[0].reason == ""
    before = experiment.weights(0)[0][0]
    experiment.step(40)
    assert not np.array_equal(experiment.weights(0)[0][0], before)
    assert experiment.history.train_loss[-1, 0] < experiment.history.train_loss[0, 0]
    assert np.array_equal(experiment.theta(0), experiment.theta(1))
    moved = [experiment.theta(lane) for lane in (0, 2)]
    assert not np.array_equal(*moved)


def test_all_lanes_take_other_settings_after_a_fork_whose_loss_is_named():
    """A fork's loss is written out, its parent's is left open: they are the same."""
    lanes = (LaneConfig("sgd", 0.3), LaneConfig("adam", 0.01))
    experiment = Experiment(
        ExperimentConfig(DatasetConfig("moons", samples=20), NetworkConfig((2,)), lanes=lanes)
    )
    experiment.step(1)
    experiment.fork(0, replace(lanes[0], name="fork"))
    new = (*lanes, LaneConfig("momentum", 0.1))
    experiment.reconfigure(replace(experiment.config, lanes=new))
    assert [lane.config.optimizer for lane in experiment.lanes] == ["sgd", "adam", "momentum"]
