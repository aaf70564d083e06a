"""Saving and loading: a run that is interrupted equals one that is not, and other files are refused."""

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import OPTIMIZERS, DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.methods.schedules import SCHEDULES
from engine.training import storage
from engine.training.history import COSTS

DATA = DatasetConfig("moons", samples=40, test_fraction=0.3)
ALL = ExperimentConfig(
    DATA,
    NetworkConfig((3,)),
    batch_size=8,
    lanes=tuple(
        LaneConfig(key, min(0.1, kind.start_rate), schedule=schedule)
        for (key, kind), schedule in zip(OPTIMIZERS.items(), list(SCHEDULES) * 3, strict=False)
    ),
)


def timeless(experiment):
    """All that the history holds but the clock, which differs between equal runs."""
    steps, values = experiment.history.rows()
    return steps, np.delete(values, COSTS.index("milliseconds"), axis=0)


def reloaded(experiment):
    return Experiment.load(io.BytesIO(experiment.to_bytes()))


def assert_equal(a, b):
    assert a.config == b.config
    assert a.updates == b.updates
    assert a.status == b.status
    for lane in range(len(a.lanes)):
        assert np.array_equal(a.theta(lane), b.theta(lane))
        assert np.array_equal(a.last_batch(lane), b.last_batch(lane))
        assert replace(a.costs[lane], milliseconds=0) == replace(b.costs[lane], milliseconds=0)
    for x, y in zip(timeless(a), timeless(b), strict=True):
        assert np.array_equal(x, y, equal_nan=True)
    assert a.history.marks == b.history.marks
    assert a.history.stride == b.history.stride


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("updates", [0, 1, 13])
def test_every_optimizer_resumes_bit_for_bit(updates, dtype):
    straight, first = Experiment(replace(ALL, dtype=dtype)), Experiment(replace(ALL, dtype=dtype))
    first.step(updates)
    second = reloaded(first)
    assert_equal(first, second)
    straight.step(updates + 9)
    second.step(9)
    assert_equal(straight, second)


@given(st.lists(st.sampled_from(["step", "long", "swap", "fork", "batch", "reset", "save"]), max_size=8))
@settings(max_examples=25, deadline=None)
def test_whatever_was_done_before_a_saved_run_equals_one_that_was_not(actions):
    config = ExperimentConfig(
        DATA, NetworkConfig((4,), "relu"), lanes=(LaneConfig("adam", 0.02), LaneConfig("sgd", 300.0, seed=4))
    )
    plain, saved = Experiment(config), Experiment(config)
    for action in actions:
        for run in (plain, saved):
            if action == "step":
                run.step()
            elif action == "long":
                run.step(17)
            elif action == "swap":
                run.swap(0, LaneConfig("momentum", 0.01, schedule="cosine"))
            elif action == "batch":
                run.swap(0, LaneConfig("adam", 0.02, batch_size=3))
            elif action == "fork" and len(run.lanes) < 4:
                run.fork(0, LaneConfig("adam", 0.1), keep_state=True)
            elif action == "reset":
                run.reset(3)
        if action == "save":
            saved = reloaded(saved)
    saved = reloaded(saved)
    assert_equal(plain, saved)
    plain.step(5), saved.step(5)
    assert_equal(plain, saved)


@pytest.mark.parametrize(
    "lane",
    [
        LaneConfig("sgd", 1000.0, loss="quadratic", batch_size=14),
        LaneConfig("lbfgs", 1.0, l2=0.3),
        LaneConfig("bfgs", 1.0, schedule="cosine", schedule_options={"total": 3}),
    ],
)
def test_a_lane_that_left_at_the_start_of_an_epoch_is_saved_too(lane):
    """Its last batch is that of its last update, at the end of the epoch before."""
    config = ExperimentConfig(DATA, NetworkConfig((3,)), lanes=(lane,), dtype="float64")
    straight, chunked = (Experiment(config, record_every=100) for _ in range(2))
    straight.step(60)
    for _ in range(60):
        chunked.step()
    assert straight.status[0].state != "running" and straight.lanes[0].position in (0, 28)
    assert len(straight.last_batch(0)) > 0
    assert_equal(straight, chunked)
    assert_equal(straight, reloaded(straight))


def test_saving_changes_nothing_in_the_run_that_is_saved(tmp_path):
    saved, plain = Experiment(ALL), Experiment(ALL)
    for run in (saved, plain):
        run.step(5)
    saved.save(tmp_path / "run.npz")
    saved.step(5), plain.step(5)
    assert_equal(saved, plain)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    experiment = Experiment(ALL)
    experiment.save(path)
    before = path.read_bytes()
    experiment.step(3)

    def fails(file, **arrays):
        file.write(b"half of a fi")
        raise OSError("the disc is full")

    monkeypatch.setattr(np, "savez", fails)
    with pytest.raises(OSError, match="full"):
        experiment.save(path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["run.npz"]
    experiment.save(path)
    assert Experiment.load(path).updates == 3


def test_an_uploaded_table_comes_along(tmp_path):
    rows = "\n".join(f"{k},{(k * 7) % 11},{'ab'[k % 2]}" for k in range(40))
    config = ExperimentConfig(DatasetConfig("csv", csv="u,v,label\n" + rows), NetworkConfig((2,)))
    experiment = Experiment(config)
    experiment.step(4)
    assert_equal(experiment, reloaded(experiment))


# --- files that are refused ---------------------------------------------------------------------------------


def contents():
    experiment = Experiment(ExperimentConfig(DATA, NetworkConfig((2,)), lanes=(LaneConfig("adam"),)))
    experiment.step(3)
    with np.load(io.BytesIO(experiment.to_bytes())) as file:
        return dict(file)


def packed(arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    buffer.seek(0)
    return buffer


def refused(file):
    with pytest.raises(ValueError) as caught:
        Experiment.load(file)
    message = str(caught.value)
    assert message.startswith("This file can't be loaded as an experiment") and message.endswith(".")
    return message


@pytest.mark.parametrize("data", [b"", b"not a file of ours", b"PK\x03\x04" + b"\x00" * 99, b"\x93NUMPY"])
def test_a_foreign_file_is_refused(data):
    refused(io.BytesIO(data))


def test_a_cut_or_changed_file_is_refused_or_equal():
    data = Experiment(ExperimentConfig(DATA, NetworkConfig((2,)))).to_bytes()
    for stop in range(0, len(data) - 1, 97):
        refused(io.BytesIO(data[:stop]))
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(data), 150):
        changed = bytearray(data)
        changed[place] ^= 1 << rng.integers(8)
        try:
            Experiment.load(io.BytesIO(bytes(changed)))
        except ValueError as error:
            assert str(error).startswith("This file can't be loaded")


def test_a_pickle_is_never_opened():
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("the pickle was opened",))

    arrays = contents() | {"theta0": np.array([Trap()], dtype=object)}
    refused(packed(arrays))


def with_about(change):
    arrays = contents()
    about = json.loads(str(arrays["about"]))
    change(about)
    return packed(arrays | {"about": np.array(json.dumps(about))})


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda about: about.update(format="something else"), "not written by"),
        (lambda about: about.update(version=99), "version is 99"),
        (lambda about: about.update(lanes=[]), "number of lanes"),
        (lambda about: about["config"].update(zebra=1), "zebra"),
        (lambda about: about["config"]["network"].update(hidden=[3]), "do not fit"),
        (lambda about: about["lanes"][0].update(position=10**6), "batches"),
        (lambda about: about["lanes"][0].update(updates=-1), "lane 1: updates can't be -1"),
        (lambda about: about["lanes"][0].update(updates=3.5), "updates can't be 3.5"),
        (lambda about: about["lanes"][0].update(clock=10**30), "clock can't be 1000"),
        (lambda about: about["lanes"][0].update(milliseconds="-0x1p3"), "time"),
        (lambda about: about["lanes"][0].update(gradient_credit="inf"), "credits"),
        (lambda about: about["lanes"][0].update(first_loss="nan"), "first loss can't be nan"),
        (lambda about: about["lanes"][0].update(last=[0, 3, 2]), "batches"),
        (lambda about: about["lanes"][0].update(status=["stopped", "x.", -5]), "can't be -5"),
        (lambda about: about["lanes"][0].update(status=["stopped", {}, 5]), "state"),
        (lambda about: about.update(updates=10**30), "updates can't be 1000"),
        (lambda about: about.update(updates=1), "further than its updates"),
        (lambda about: about.update(marks=[[1, 99, "x"]]), "lane can't be 99"),
        (lambda about: about.update(stride=10**30), "stride can't be 1000"),
        (lambda about: about["lanes"][0].update(status=["zebra", "", 0]), "zebra"),
        (lambda about: about["lanes"][0].pop("epoch"), "damaged"),
        (lambda about: about.update(stride=0), "history"),
        (lambda about: about.update(record_every="x"), "record_every can't be x"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(change, word):
    assert word in refused(with_about(change))


@pytest.mark.parametrize(
    "arrays",
    [
        {"theta0": np.zeros(3, np.float32)},
        {"theta0": np.full(9, np.nan, np.float32)},
        {"theta0": np.ones(9, ">f4")},
        {"state0.m": np.zeros(2, np.float32)},
        {"state0.m": np.zeros(1, np.float32)},
        {"state0.m": np.float32(1)},
        {"state0.m": np.zeros(9)},
        {"state0.m": np.zeros(9, np.complex64)},
        {"state0.m": np.full(9, np.nan, np.float32)},
        {"state0.t": np.array([-3])},
        {"state0.t": np.array([2**60])},
        {"state0.t": np.array([np.nan])},
        {"state0.zebra": np.zeros(9, np.float32)},
        {"steps": np.array([5, 1])},
        {"steps": np.array([0.0, np.nan])},
        {"steps": np.array([-4, -2, -1, 0])},
        {"values": np.zeros((9, 4, 1), np.complex128)},
        {"values": np.zeros((1, 1, 1))},
        {"about": np.array("[]")},
        {"about": np.array(3)},
    ],
)
def test_arrays_that_do_not_fit_are_refused(arrays):
    refused(packed(contents() | arrays))


def test_a_file_that_unpacks_to_too_much_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for k in range(4):
            archive.writestr(f"theta{k}.npy", bytes(80_000_000))
    assert "MB" in refused(buffer)


def test_a_header_that_promises_more_than_there_is_takes_no_memory():
    for shape, kind in (((10**15,), "<f4"), ((10**9,), "<f4"), ((-5,), "<f4"), ((1,), "<U400000000")):
        buffer, header = io.BytesIO(), io.BytesIO()
        about = {"descr": kind, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(header, about)
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("about.npy", header.getvalue())
        refused(buffer)


def test_a_description_that_would_fill_the_memory_is_refused_unread():
    assert "too long" in refused(packed({"about": np.array("[" + "[]," * 6_000_000 + "[]]")}))
    assert "RecursionError" in refused(packed({"about": np.array("[" * 100_000)}))


def test_very_many_arrays_are_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for k in range(10_001):
            archive.writestr(f"{k}.npy", b"")
    assert "arrays" in refused(buffer)


def test_the_state_of_a_lane_that_has_stopped_is_checked_too():
    def stop(about):
        about["lanes"][0]["status"] = ["stopped", "It stopped.", 3]

    arrays = dict(np.load(with_about(stop)))
    assert Experiment.load(packed(arrays)).status[0].state == "stopped"
    assert "m does not fit" in refused(packed(arrays | {"state0.m": np.zeros(1, np.float32)}))


@pytest.mark.parametrize("pairs", [-3.0, 0.5, 7.0, 1e300, np.inf])
def test_a_file_that_claims_pairs_it_does_not_have_harms_nobody(pairs):
    run = Experiment(ExperimentConfig(DATA, NetworkConfig((2,)), lanes=(LaneConfig("lbfgs", 1.0),)))
    run.step(2)
    arrays = dict(np.load(io.BytesIO(run.to_bytes()))) | {"state0.pairs": np.array([pairs])}
    loaded = Experiment.load(packed(arrays))
    loaded.step(3)
    assert np.isfinite(loaded.theta(0)).all() and loaded.costs[0].updates == 5


def test_what_could_not_be_loaded_again_is_not_saved(tmp_path, monkeypatch):
    experiment = Experiment(ALL)
    monkeypatch.setattr(storage, "MAX_FILE", 2_000_000)
    with pytest.raises(ValueError, match=r"takes \d+ MB, and a file holds 2 MB"):
        experiment.save(tmp_path / "run.npz")
    assert not list(tmp_path.iterdir())


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        Experiment.load(tmp_path / "nowhere.npz")
