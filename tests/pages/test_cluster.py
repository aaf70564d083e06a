"""With DESCENT_LAB_SCHEDULER set, sweeps train on a Dask cluster's workers, with the very numbers of this process."""

import sys
from types import ModuleType

import numpy as np
import pytest
from distributed import LocalCluster

from engine import DatasetConfig, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import load_dataset
from engine.studies import bias_variance, rate_search, search, width_sweep
from engine.studies.bias_variance import NetworkFits
from engine.studies.rate_search import RateGrid, found_rates
from engine.studies.search import WAYS, Search
from engine.studies.width_sweep import WidthSweep
from pages.learning_rate.rate_map import MapRun
from pages.shared import cluster

CONFIG = ExperimentConfig(
    dataset=DatasetConfig("circles", samples=60), network=NetworkConfig((4,)), batch_size=16, loss="mean_squared_error",
    lanes=(LaneConfig("sgd"), LaneConfig("adam"), LaneConfig("lbfgs", 1.0)),
)  # fmt: skip
DATA = load_dataset(CONFIG.dataset)
SPLIT = load_dataset(DatasetConfig("moons", samples=60, validation_fraction=0.2))


@pytest.fixture(scope="module")
def address():
    """The scheduler of two workers, each a process. A new process begins with the main module of this one, and a test of
    Streamlit's leaves a page's script there: an empty one takes its place.
    """
    patch = pytest.MonkeyPatch()
    patch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1") as workers:
        yield workers.scheduler_address
        cluster.close()
    patch.undo()


def filled_map():
    run = MapRun(CONFIG, DATA, (0.01, 0.1, 900.0), (0, 5), 40, "train_loss", dark=False)
    while not run.state()["finished"]:
        run.advance("play", 1)
    assert run.grid.sweep.note == ""
    return run


def best_rates(connect):
    grid = RateGrid(CONFIG, DATA, CONFIG.lanes, (0.01, 0.1), (0, 1), 30, connect=connect).run()
    return [lane.median for lane in found_rates(grid)]


def searched(connect):
    study = finished(Search(SPLIT, ("rate", "l2"), 4, 20, connect=connect))
    return [study.losses[way] for way in WAYS]


def widths(connect):
    study = finished(WidthSweep(n=20, updates=20, widths=(1, 3), sets=2, connect=connect))
    return [study.train, study.test]


def fits(connect):
    return finished(NetworkFits("sine", 10, 0.3, 2, 0, 20, (1, 3), connect)).fits


def finished(study):
    study.sweep.run()
    study.advance(0)
    assert study.sweep.note == ""
    return study


SWEEPS = (best_rates, searched, widths, fits)


def test_the_map_a_search_and_all_other_sweeps_are_the_same_on_two_workers(address, monkeypatch):
    monkeypatch.delenv(cluster.VARIABLE, raising=False)
    assert cluster.workers() is None
    here, found = filled_map(), [sweep(None) for sweep in SWEEPS]

    def refuse(*_):
        raise AssertionError("this process trains")

    for module in (bias_variance, rate_search, search, width_sweep):
        monkeypatch.setattr(module, "in_slices", refuse)
    monkeypatch.setenv(cluster.VARIABLE, address)
    there = filled_map()
    assert np.array_equal(there.grid.losses, here.grid.losses) and np.isinf(here.grid.losses).any()
    assert there.cards[1].table() == here.cards[1].table()
    for sweep, values in zip(SWEEPS, found, strict=True):
        again = sweep(cluster.workers())
        assert all(
            np.array_equal(a, b) and np.isfinite(a).all() for a, b in zip(values, again, strict=True)
        ), sweep


def test_without_a_scheduler_at_the_address_the_map_is_filled_in_here_and_says_so(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.3)
    monkeypatch.setenv(cluster.VARIABLE, "tcp://127.0.0.1:9")
    run = MapRun(CONFIG, DATA, (0.1,), (0,), 10, "train_loss", dark=False)
    run.grid.run()
    assert np.isfinite(run.grid.losses).all()
    assert run.state()["message"] == (
        "No worker can be reached (the scheduler tcp://127.0.0.1:9 does not answer: OSError), so this process trains alone."
    )
    cluster.close()
