"""Other paces: equal evaluations to the integer, equal time, and lanes whose bits are those of a lockstep run."""

import io
from dataclasses import replace

import numpy as np
import pytest

from engine import OPTIMIZERS, DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.training.paces import advance_evaluations, advance_milliseconds

DATA = DatasetConfig("circles", samples=300, test_fraction=0.3)  # 210 training samples
SAMPLES = 210
EXPLODING = NetworkConfig((8, 8), "relu")


def make(*lanes, **more):
    settings = {"dataset": DATA, "network": NetworkConfig((4,)), "batch_size": 32} | more
    return Experiment(ExperimentConfig(lanes=lanes, **settings))


def lockstep(experiment, lane):
    """The same lane alone, stepped as often."""
    config = replace(experiment.config, lanes=(experiment.config.lanes[lane],))
    alone = Experiment(config)
    alone.step(experiment.lanes[lane].updates)
    return alone


def spent_gradients(experiment):
    """Sample gradients per lane (L,) so far."""
    return np.array([lane.sample_gradients for lane in experiment.lanes])


def timeless(experiment):
    """History rows without the milliseconds."""
    steps, values = experiment.history.rows()
    return np.concatenate(
        [steps[:, None], np.delete(values, 3, axis=0).swapaxes(0, 1).reshape(len(steps), -1)], 1
    )


# --- equal evaluations ---------------------------------------------------------------------------------


def test_batch_sizes_get_exactly_the_same_gradients():
    experiment = make(*(LaneConfig("sgd", 0.05, batch_size=size) for size in (1, 32, 210, 7, 100, 1000)))
    assert len(experiment.X_train) == SAMPLES
    for rounds in range(1, 5):
        done = advance_evaluations(experiment)
        assert (spent_gradients(experiment) == rounds * SAMPLES).all()
        assert done.tolist() == [210, 7, 1, 30, 3, 1]
        assert experiment.updates == rounds and experiment.history.steps.tolist()[-1] == rounds
    done = advance_evaluations(experiment, epochs=3)
    assert (spent_gradients(experiment) == 7 * SAMPLES).all() and done[0] == 630
    assert (experiment.history.epochs[-1] == 7).all()
    for lane in range(6):
        assert np.array_equal(experiment.theta(lane), lockstep(experiment, lane).theta(0))


@pytest.mark.parametrize("key", [k for k, kind in OPTIMIZERS.items() if not kind.needs_closure])
def test_every_first_order_method_has_the_bits_of_a_lockstep_run(key):
    lane = LaneConfig(key, OPTIMIZERS[key].start_rate, schedule="inverse_time", l2=0.01)
    experiment = make(lane, replace(lane, batch_size=1), replace(lane, seed=4), LaneConfig("lbfgs", 1.0))
    for _ in range(3):
        advance_evaluations(experiment)
    for index in range(4):
        assert np.array_equal(experiment.theta(index), lockstep(experiment, index).theta(0))


def test_from_the_middle_of_an_epoch_the_further_gradients_are_equal():
    experiment = make(*(LaneConfig("sgd", 0.05, batch_size=size) for size in (1, 32, 210)))
    experiment.step(5)
    start = spent_gradients(experiment)
    assert start.tolist() == [5, 160, 1050]
    for rounds in (1, 2):
        advance_evaluations(experiment)
        assert (spent_gradients(experiment) - start == rounds * SAMPLES).all()
    experiment.swap(1, LaneConfig("sgd", 0.05, batch_size=50))  # a new batch size starts an epoch
    advance_evaluations(experiment)
    assert (spent_gradients(experiment) - start == 3 * SAMPLES).all()
    assert [experiment.epoch_position(lane) for lane in range(3)] == [5, 0, 0]


def test_second_order_lanes_never_start_what_they_can_not_pay():
    """Newton's price is P + 1 evaluations and one more at first; L-BFGS pays at least one, and its line search."""
    experiment = make(
        LaneConfig("newton", 1.0),
        LaneConfig("lbfgs", 1.0),
        LaneConfig("sgd", 0.1),
        network=NetworkConfig((2,)),
    )
    price = experiment.mlp(0).parameter_count + 1
    least, paid = [price + 1, 2], [0, 0]
    for rounds in range(1, 3 * price):
        before = spent_gradients(experiment) // SAMPLES
        done = advance_evaluations(experiment)
        spent = spent_gradients(experiment) // SAMPLES
        assert spent[2] == rounds and done[2] == 7
        for lane in (0, 1):
            if done[lane]:
                assert paid[lane] + least[lane] <= rounds
                least[lane] = price if lane == 0 else 1
            else:
                assert before[lane] == spent[lane]
                assert spent[lane] + least[lane] > rounds  # it could not have afforded one
            paid[lane] = spent[lane]
    assert experiment.lanes[0].updates >= 2 and experiment.lanes[1].updates > experiment.lanes[0].updates
    assert abs(int(spent[1]) - rounds) < 30  # a line search may overdraw once, and is then waited for
    assert (spent_gradients(experiment) % SAMPLES == 0).all()
    for lane in range(3):
        assert np.array_equal(experiment.theta(lane), lockstep(experiment, lane).theta(0))


def test_random_search_pays_for_its_losses():
    lane = LaneConfig("random_search", 0.1, options={"guesses": 4}, batch_size=50)
    experiment = make(lane, LaneConfig("sgd", 0.1))
    for _ in range(20):
        advance_evaluations(experiment)
    spent, goal = spent_gradients(experiment)
    assert goal == 20 * SAMPLES
    assert goal - 5 * 50 < spent <= goal
    assert spent == 5 * experiment.lanes[0].samples_used
    assert np.array_equal(experiment.theta(0), lockstep(experiment, 0).theta(0))


def test_a_lane_that_diverges_freezes_and_costs_nothing_more():
    experiment = make(
        LaneConfig("sgd", 1000.0), LaneConfig("sgd", 0.001), LaneConfig("sgd", 0.001, batch_size=1),
        network=EXPLODING, loss="mean_squared_error",
    )  # fmt: skip
    advance_evaluations(experiment)
    advance_evaluations(experiment)
    status = experiment.status[0]
    assert status.state == "diverged" and 1 <= status.step <= 2
    frozen, spent = experiment.theta(0), spent_gradients(experiment)
    assert spent[0] < spent[1] == spent[2] == 2 * SAMPLES
    assert advance_evaluations(experiment)[0] == 0
    assert np.array_equal(frozen, experiment.theta(0))
    assert spent_gradients(experiment).tolist() == [spent[0], 3 * SAMPLES, 3 * SAMPLES]
    assert experiment.status[0] == status
    for lane in (1, 2):
        assert np.array_equal(experiment.theta(lane), lockstep(experiment, lane).theta(0))
    steps, values = experiment.history.line("train_loss", 0, status.step)
    assert steps[-1] == status.step and values[-1] == experiment.history.train_loss[-1, 0]
    experiment.set_theta(0, experiment.theta(1))  # put back, it goes on at the pace of the others
    experiment.swap(0, LaneConfig("sgd", 0.001))
    before = spent_gradients(experiment)
    advance_evaluations(experiment)
    assert (spent_gradients(experiment) - before == SAMPLES).all()


def test_when_no_lane_runs_nothing_is_recorded():
    experiment = make(LaneConfig("sgd", 1000.0), network=EXPLODING, loss="mean_squared_error")
    while not experiment.finished:
        advance_evaluations(experiment)
    count, clock = len(experiment.history), experiment.updates
    assert advance_evaluations(experiment).tolist() == [0]
    assert advance_milliseconds(experiment, 5).tolist() == [0]
    assert (len(experiment.history), experiment.updates) == (count, clock)


def test_alone_a_dear_lane_need_not_wait():
    experiment = make(LaneConfig("newton", 1.0), network=NetworkConfig((2,)))
    for rounds in range(1, 4):
        assert advance_evaluations(experiment).tolist() == [1]
        assert experiment.updates == rounds


@pytest.mark.parametrize("mixed", [False, True])
def test_a_saved_run_goes_on_bit_for_bit(mixed):
    lanes = (
        LaneConfig("adam", 0.02),
        LaneConfig("newton", 1.0),
        LaneConfig("lbfgs", 1.0),
        LaneConfig("sgd", 0.1, batch_size=1),
    )
    experiment = make(*lanes, network=NetworkConfig((2,)))
    for _ in range(9):
        advance_evaluations(experiment)
    if mixed:
        experiment.step(3)
        assert experiment.updates == 12
    copy = Experiment.load(io.BytesIO(experiment.to_bytes()))
    for run in (experiment, copy):
        for _ in range(15):
            advance_evaluations(run)
    assert np.array_equal(timeless(experiment), timeless(copy), equal_nan=True)
    assert np.array_equal(spent_gradients(experiment), spent_gradients(copy))
    for lane in range(4):
        assert np.array_equal(experiment.theta(lane), copy.theta(lane))


def test_a_fork_keeps_pace_with_its_parent():
    experiment = make(LaneConfig("sgd", 0.1, batch_size=1), LaneConfig("adam", 0.01))
    advance_evaluations(experiment)
    child = experiment.fork(0, LaneConfig("sgd", 0.1), keep_state=True)
    advance_evaluations(experiment)
    assert np.array_equal(experiment.theta(0), experiment.theta(child))
    assert (spent_gradients(experiment) == 2 * SAMPLES).all()
    assert experiment.lanes[child].updates == 420 and experiment.updates == 2


def test_a_swapped_optimizer_starts_without_savings():
    experiment = make(LaneConfig("newton", 1.0), LaneConfig("sgd", 0.1), network=NetworkConfig((8,)))
    for _ in range(20):
        assert advance_evaluations(experiment)[0] == 0  # Newton saves up
    experiment.swap(0, LaneConfig("sgd", 0.1))
    assert advance_evaluations(experiment).tolist() == [7, 7]


def test_savings_for_a_dear_update_are_not_spent_on_many_cheap_ones():
    """Saved for 21 losses of 210 samples; with a batch of 1 the next updates cost 21 each, and only one of them is saved."""
    search = LaneConfig("random_search", 0.1, batch_size=210)
    experiment = make(search, LaneConfig("sgd", 0.1))
    for _ in range(10):
        assert advance_evaluations(experiment)[0] == 0
    experiment.swap(0, replace(search, batch_size=1))
    assert advance_evaluations(experiment)[0] == (21 + SAMPLES) // 21


def test_a_batch_that_takes_all_that_is_left_is_done():
    experiment = make(LaneConfig("sgd", 0.05))
    experiment.lanes[0].gradient_credit = 32.0  # one batch more than the epoch
    assert advance_evaluations(experiment).tolist() == [8]
    assert experiment.lanes[0].gradient_credit == 0


def test_after_a_round_every_lane_that_ran_has_the_experiments_clock():
    """Also one that left in the middle of the round, after many updates of its own."""
    lanes = (
        LaneConfig("sgd", 1.0, batch_size=8, network=EXPLODING),
        LaneConfig("newton", 1.0),
        LaneConfig("sgd", 0.01),
    )
    experiment = make(*lanes, loss="mean_squared_error")
    left = 0
    for rounds in range(1, 6):
        advance_evaluations(experiment)
        clocks = [lane.clock for lane in experiment.lanes]
        assert clocks[1:] == [rounds, rounds]  # Newton's too, which waits
        if experiment.status[0].state == "diverged" and not left:
            left = rounds
    assert left and experiment.status[0].step == clocks[0] == left
    assert experiment.lanes[0].updates > left


# --- equal time ----------------------------------------------------------------------------------------


def test_time_is_shared_out_and_overdrafts_are_waited_for():
    experiment = make(
        LaneConfig("sgd", 0.05, batch_size=1), LaneConfig("sgd", 0.05, batch_size=210), LaneConfig("newton", 1.0)
    )  # fmt: skip
    for rounds in range(1, 26):
        before = [lane.milliseconds for lane in experiment.lanes]
        done = advance_milliseconds(experiment, 2.0)
        for lane, old, count in zip(experiment.lanes, before, done, strict=True):
            spent = lane.milliseconds - old
            assert (spent > 0) == (count > 0)
            assert count > 0 or lane.time_credit <= 0  # who has credit does at least one update
            assert lane.time_credit <= 0
        assert experiment.updates == rounds == experiment.history.steps[-1]
        credits = [lane.time_credit for lane in experiment.lanes]
        given = [lane.milliseconds + credit for lane, credit in zip(experiment.lanes, credits, strict=True)]
        assert np.allclose(given, given[0]) and given[0] >= 2.0 * rounds - 1e-9
    assert experiment.lanes[0].updates > experiment.lanes[2].updates
    for lane in range(3):
        assert np.array_equal(experiment.theta(lane), lockstep(experiment, lane).theta(0))


def test_lanes_that_leave_in_a_timed_round_leave_the_rest_alone():
    experiment = make(
        LaneConfig("sgd", 1000.0), LaneConfig("sgd", 0.001), network=EXPLODING, loss="mean_squared_error"
    )
    for _ in range(5):
        advance_milliseconds(experiment, 1.0)
    assert [status.state for status in experiment.status] == ["diverged", "running"]
    assert experiment.status[0].step <= 5
    assert np.array_equal(experiment.theta(1), lockstep(experiment, 1).theta(0))


@pytest.mark.parametrize("bad", [0, -1, np.nan, np.inf, 1e9])
def test_impossible_rounds_are_refused(bad):
    experiment = make(LaneConfig("sgd", 0.1))
    with pytest.raises(ValueError, match="A round can't"):
        advance_milliseconds(experiment, bad)
    with pytest.raises(ValueError, match="A round can't"):
        advance_evaluations(experiment, bad if bad < 1e9 else 1.5)
    assert experiment.updates == 0


def test_steps_after_rounds_keep_the_clock():
    experiment = make(LaneConfig("sgd", 0.05, batch_size=1), LaneConfig("sgd", 0.05))
    advance_evaluations(experiment)
    experiment.step(4)
    assert experiment.updates == 5 and experiment.history.steps.tolist() == [0, 1, 2, 3, 4, 5]
    assert [lane.updates for lane in experiment.lanes] == [214, 11]
