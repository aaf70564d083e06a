"""The next update in numbers: PyTorch's own states, an untouched run, and a record that stays bounded."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import (
    ACTIVATIONS,
    INITIALIZERS,
    OPTIMIZERS,
    SCHEDULES,
    DatasetConfig,
    Experiment,
    ExperimentConfig,
    LaneConfig,
    NetworkConfig,
)  # fmt: skip
from engine.studies.microscope import (
    MOST_POINTS,
    NAMES,
    Microscope,
    at_place,
    formula_numbers,
    phases,
)
from engine.training.blocks import optimizer_row
from engine.training.roster import remove_lane

TORCH = json.loads((Path(__file__).parents[2] / "oracles" / "torch_state.json").read_text())
DATA = DatasetConfig("circles", samples=30, test_fraction=0.3, seed=2)  # 21 training samples
TINY = NetworkConfig((3,))  # 13 parameters


def make(*lanes, **more):
    settings = {"dataset": DATA, "network": TINY, "batch_size": 8, "seed": 5} | more
    return Experiment(ExperimentConfig(lanes=lanes, **settings))


# --- PyTorch's optimizer state -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reports():
    """{name: {update: what `phases` says}} of all recorded lanes, trained together."""
    lanes = [
        LaneConfig(key, TORCH["rate"], options=options, **more)
        for key, options, more in TORCH["lanes"].values()
    ]
    experiment = make(*lanes, dtype="float64")
    found = {name: {} for name in TORCH["lanes"]}
    for _ in TORCH["batches"]:
        for lane, name in enumerate(found):
            report = phases(experiment, lane)
            found[name][report["update"]] = report
        experiment.step()
    return found


@pytest.mark.parametrize("name", list(TORCH["runs"]))
def test_every_number_is_pytorchs(reports, name):
    for update, recorded in TORCH["runs"][name].items():
        report = reports[name][int(update)]
        assert report["batch"].tolist() == TORCH["batches"][int(update) - 1]
        close = {"rtol": 1e-9, "atol": 1e-13}
        for part in ("loss", "learning_rate", "theta", "gradient", "after"):
            np.testing.assert_allclose(report[part], recorded[part], **close, err_msg=part)
        for part, values in recorded["state"].items():
            ours = report["numbers"][part] if part == "mu_product" else report["state"][part]
            np.testing.assert_allclose(ours, values, **close, err_msg=part)
        step = np.subtract(recorded["after"], recorded["theta"])
        np.testing.assert_allclose(report["step"], step, rtol=1e-9, atol=1e-13)
        assert report["problem"] == "" and report["numbers"]["t"] == int(update)


def test_the_state_before_is_the_state_after_the_update_before(reports):
    for found in reports.values():
        for update in range(2, 8):
            for name, row in found[update]["before"].items():
                assert np.array_equal(row, found[update - 1]["state"][name])
        assert all(not row.any() for row in found[1]["before"].values())


def test_corrected_moments_by_hand(reports):
    """At the first update m = 0.1g and v = 0.001g², so the corrected moments are g and g²; at the second, over
    1 − 0.9² = 0.19 and 1 − 0.999² = 0.001999."""
    first, second = (reports["adam"][update] for update in (1, 2))
    g = first["gradient"]
    np.testing.assert_allclose(first["state"]["m_hat"], g, rtol=1e-12)
    np.testing.assert_allclose(first["state"]["v_hat"], g * g, rtol=1e-12)
    np.testing.assert_allclose(second["state"]["m_hat"], second["state"]["m"] / 0.19, rtol=1e-12)
    np.testing.assert_allclose(second["state"]["v_hat"], second["state"]["v"] / 0.001999, rtol=1e-12)
    largest = reports["amsgrad"][4]["state"]
    np.testing.assert_allclose(largest["v_hat"], largest["largest"] / (1 - 0.5**4), rtol=1e-12)
    assert (reports["amsgrad"][7]["state"]["largest"] > reports["amsgrad"][7]["state"]["v"]).any()


# --- looking changes nothing ---------------------------------------------------------------------------

MIXED = (
    *(LaneConfig(key, kind.start_rate, schedule="inverse_time", l2=0.01) for key, kind in OPTIMIZERS.items()),
    *(LaneConfig(key, kind.start_rate, batch_size=21) for key, kind in OPTIMIZERS.items()),
    *(LaneConfig(key, kind.start_rate, batch_size=1, l1=0.01) for key, kind in OPTIMIZERS.items()),
    LaneConfig("momentum", 0.1, options={"form": "ema"}),
    LaneConfig("momentum", 0.1, options={"form": "velocity"}, schedule="cosine"),
    LaneConfig("rmsprop", 0.01, options={"eps_in_sqrt": False}),
    LaneConfig("random_search", 0.1, options={"form": "global"}),
    LaneConfig("adam", 0.01, schedule="one_cycle", schedule_options={"warm_up": 3, "hold": 2}, seed=9),
    LaneConfig("sgd", 1000.0, network=NetworkConfig((3,), "relu"), loss="mean_squared_error"),
    LaneConfig("sgd", 1000.0, network=NetworkConfig((3, 3), "relu"), loss="mean_squared_error"),
)


def bits(experiment, lane):
    chosen = experiment.lanes[lane]
    state = (
        optimizer_row(chosen.block.optimizer, chosen.row) if chosen.block is not None else chosen.optimizer_state
    )  # fmt: skip
    counts = (chosen.updates, chosen.samples_used, chosen.function_evaluations, chosen.gradient_evaluations)
    norm = np.float64(chosen.gradient_norm).tobytes()
    arrays = {name: values.tobytes() for name, values in state.items()}
    return experiment.theta(lane).tobytes(), arrays, counts, norm, chosen.last, chosen.status


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_looking_changes_nothing_and_tells_the_next_update_to_the_bit(dtype):
    watched, alone = make(*MIXED, dtype=dtype), make(*MIXED, dtype=dtype)
    told = 0
    for update in range(1, 9):
        reports = [phases(watched, lane) for lane in range(len(MIXED))]
        again = [phases(watched, lane) for lane in range(len(MIXED))]
        watched.step()
        alone.step()
        for lane, (report, second) in enumerate(zip(reports, again, strict=True)):
            assert bits(watched, lane) == bits(alone, lane), (update, lane)
            assert bool(report) == bool(second)
            if not report:
                assert watched.status[lane].state != "running"
                continue
            np.testing.assert_array_equal(report["after"], second["after"])
            np.testing.assert_array_equal(report["after"], watched.theta(lane))
            assert bool(report["problem"]) == (watched.status[lane].state != "running")
            if report["problem"]:
                continue
            told += 1
            assert report["update"] == watched.lanes[lane].updates == update
            assert np.array_equal(report["batch"], watched.last_batch(lane))
            if not np.isnan(report["gradient"]).any():
                norm = np.linalg.norm(report["gradient"].astype(np.float64))
                assert norm == pytest.approx(watched.lanes[lane].gradient_norm, rel=1e-12)
            if watched.lanes[lane].block is not None:
                optimizer = watched.lanes[lane].block.optimizer
                row = watched.lanes[lane].row
                for name in optimizer.rows:
                    np.testing.assert_array_equal(report["state"][name], optimizer.state[name][row])
                assert report["learning_rate"] == optimizer.learning_rate[row, 0]
                if hasattr(optimizer, "direction"):
                    np.testing.assert_array_equal(report["state"]["direction"], optimizer.direction[row])
                    assert report["numbers"]["step_length"] == optimizer.step_length[row]
    assert told > 8 * (len(MIXED) - 3)
    assert [watched.status[lane].state for lane in (-1, -2)] == ["diverged"] * 2


def test_an_update_that_will_not_be_done_says_why_and_where_the_lane_stays():
    experiment = make(MIXED[-1], MIXED[-2], LaneConfig("bfgs", 1.0, network=NetworkConfig(())))
    seen = {}
    for _ in range(300):
        for lane in range(3):
            report = phases(experiment, lane)
            if report and report["problem"]:
                seen[lane] = report
        experiment.step()
    assert set(seen) == {0, 1, 2} and experiment.finished
    assert seen[2]["problem"].startswith(("The line search", "The gradient is zero"))
    for lane, report in seen.items():
        assert np.array_equal(report["after"], experiment.theta(lane)) and not report["step"].any()
        assert at_place(report, 0)["stays"] == 1


def test_after_a_swap_a_fork_and_a_change_of_pace_it_is_still_the_next_update():
    experiment = make(
        LaneConfig("adam", 0.01, schedule="step", schedule_options={"every": 3}), LaneConfig("sgd", 0.1)
    )
    experiment.step(5)
    experiment.swap(0, LaneConfig("adam", 0.01, schedule="step", schedule_options={"every": 2}, batch_size=5))
    experiment.swap(1, LaneConfig("nadam", 0.02, l2=0.1))
    experiment.fork(0, LaneConfig("adam", 0.05), keep_state=True)
    experiment.fork(1, LaneConfig("adagrad", 0.05))
    for _ in range(6):
        reports = [phases(experiment, lane) for lane in range(4)]
        experiment.step()
        for lane, report in enumerate(reports):
            assert np.array_equal(report["after"], experiment.theta(lane))
            assert np.array_equal(report["batch"], experiment.last_batch(lane))


# --- one parameter over time ---------------------------------------------------------------------------


def test_a_record_holds_what_phases_said_at_each_update():
    lanes = (
        LaneConfig("sgd", 0.1),
        LaneConfig("adam", 0.01),
        LaneConfig("random_search", 0.1),
        LaneConfig("lbfgs", 1.0),
    )
    experiment = make(*lanes)
    microscope = Microscope(experiment, [2, 5, 2, None])
    told = []
    for _ in range(4):
        told.append(phases(experiment, 1))
        microscope.observe()
        microscope.observe()  # again before the update: it is one point
        experiment.step()
    series = microscope.series(1)
    assert list(series["update"]) == [1, 2, 3, 4]
    for name in ("theta", "gradient", "step", "after"):
        assert series[name].tolist() == [float(report[name][5]) for report in told]
    assert series["m_hat"].tolist() == [float(report["state"]["m_hat"][5]) for report in told]
    np.testing.assert_allclose(
        series["effective_rate"], np.abs([r["step"][5] / r["gradient"][5] for r in told])
    )
    assert series["theta"][1:].tolist() == series["after"][:-1].tolist()
    assert set(microscope.series(0)) == {"update", "learning_rate", "theta", "gradient", "step", "effective_rate", "after"}  # fmt: skip
    np.testing.assert_allclose(microscope.series(0)["effective_rate"], 0.1, rtol=1e-4)
    assert "gradient" not in microscope.series(2)
    assert 3 not in microscope.places
    microscope.watch(3, 0)
    assert microscope.series(3) == {} and microscope.latest(3) == {}
    microscope.observe()
    assert microscope.latest(3)["step_length"] > 0 and set(microscope.series(3)) <= set(NAMES)


def test_a_long_record_stays_bounded_even_and_up_to_date():
    experiment = make(LaneConfig("sgd", 0.01))
    microscope = Microscope(experiment, {0: 0})
    for update in range(1, 2 * MOST_POINTS + 301):
        microscope.observe()
        if update in (MOST_POINTS, MOST_POINTS + 1, 2 * MOST_POINTS + 1, 2 * MOST_POINTS + 300):
            updates = microscope.series(0)["update"]
            assert len(updates) <= MOST_POINTS and updates[0] == 1 and updates[-1] == update
            assert len(set(np.diff(updates)[:-1])) == 1
        experiment.step(record=False)


def test_a_new_run_begins_a_new_record_and_places_are_checked():
    experiment = make(LaneConfig("sgd", 0.1))
    microscope = Microscope(experiment, [0])
    for _ in range(5):
        microscope.observe()
        experiment.step()
    experiment.reset()
    microscope.observe()
    assert microscope.series(0)["update"].tolist() == [1]
    for lane, place in ((1, 0), (-1, 0), (0, 13), (0, -1)):
        with pytest.raises(ValueError, match=r"There is no lane|has no parameter"):
            microscope.watch(lane, place)


def test_the_formula_is_of_the_method_that_was_observed():
    experiment = make(LaneConfig("sgd", 0.1), LaneConfig("adam", 0.01))
    microscope = Microscope(experiment, [3, None])
    assert microscope.formula(0) == microscope.formula(1) == ""
    microscope.observe()
    first = microscope.formula(0)
    assert first == formula_numbers("sgd", {}, microscope.latest(0))
    experiment.swap(0, LaneConfig("adam", 0.2, options={"beta1": 0.5}))
    assert microscope.formula(0) == first  # still the numbers that were seen
    microscope.observe()
    assert microscope.formula(0) == formula_numbers("adam", {"beta1": 0.5}, microscope.latest(0)) != first


def test_lanes_that_go_are_passed_over():
    experiment = make(
        LaneConfig("sgd", 0.1), LaneConfig("adam", 0.01), LaneConfig("sgd", 0.1, network=NetworkConfig((4,)))
    )
    microscope = Microscope(experiment, [0, 0, 16])
    microscope.observe()
    remove_lane(experiment, 1)
    experiment.step()
    microscope.observe()
    assert microscope.series(0)["update"].tolist() == [1, 2]
    assert microscope.series(1)["update"].tolist() == [2]  # another lane's, which came to this place
    assert microscope.series(2)["update"].tolist() == [1]


# --- any lane ------------------------------------------------------------------------------------------


def option_values(table):
    """Some of a table's options, each at an end of its range, within it, or any choice."""

    def values(option):
        if option.is_switch:
            return st.booleans()
        if option.choices:
            return st.sampled_from(option.choices)
        high = min(option.high, 40)
        inside = st.integers(int(option.low), int(high)) if option.integer else st.floats(option.low, high)
        return inside | st.sampled_from([option.low, option.default])

    return st.fixed_dictionaries({}, optional={name: values(option) for name, option in table.items()})


@st.composite
def any_lane(draw):
    key, schedule = draw(st.sampled_from(list(OPTIMIZERS))), draw(st.sampled_from(list(SCHEDULES)))
    return LaneConfig(
        key,
        draw(st.sampled_from([1e-4, 0.01, 0.3, 3.0, 900.0])),
        options=draw(option_values(OPTIMIZERS[key].options)),
        schedule=schedule,
        schedule_options=draw(option_values(SCHEDULES[schedule].options)),
        batch_size=draw(st.sampled_from([1, 8, 21, 5000])),
        l1=draw(st.sampled_from([0.0, 0.1])),
        l2=draw(st.sampled_from([0.0, 0.1])),
        seed=draw(st.integers(0, 2)),
        network=NetworkConfig(
            tuple(draw(st.lists(st.integers(1, 3), max_size=2))),
            draw(st.sampled_from(list(ACTIVATIONS))),
            draw(st.sampled_from(list(INITIALIZERS))),
        ),
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(any_lane(), min_size=1, max_size=3), st.sampled_from(["float32", "float64"]), st.integers(0, 9)
)
def test_what_is_told_is_what_happens_for_any_lane(lanes, dtype, before):
    experiment = make(*lanes, dtype=dtype, loss="mean_squared_error")
    experiment.step(before)
    for _ in range(3):
        runs = [status.state == "running" for status in experiment.status]
        reports = [phases(experiment, lane) for lane in range(len(lanes))]
        experiment.step()
        for lane, report in enumerate(reports):
            assert bool(report) == runs[lane]
            if report:
                np.testing.assert_array_equal(report["after"], experiment.theta(lane))
                assert bool(report["problem"]) == (experiment.status[lane].state != "running")
