"""With DESCENT_LAB_SCHEDULER set, sweeps train on a Dask cluster's workers, with the very numbers of this process."""

import numpy as np
import pytest
from distributed import LocalCluster

from engine import DatasetConfig, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import load_dataset
from engine.studies import rate_search, search
from engine.studies.rate_search import RateGrid, found_rates
from engine.studies.search import WAYS, Search
from pages.learning_rate.rate_map import MapRun
from pages.shared import cluster

CONFIG = ExperimentConfig(
    dataset=DatasetConfig("circles", samples=60), network=NetworkConfig((4,)), batch_size=16, loss="mean_squared_error",
    lanes=(LaneConfig("sgd"), LaneConfig("adam"), LaneConfig("lbfgs", 1.0)),
)  # fmt: skip
DATA = load_dataset(CONFIG.dataset)


@pytest.fixture(scope="module")
def address():
    """The scheduler of two workers, each a process."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1") as workers:
        yield workers.scheduler_address
        cluster.close()


def filled_map():
    run = MapRun(CONFIG, DATA, (0.01, 0.1, 900.0), (0, 5), 40, "train_loss", dark=False)
    while not run.state()["finished"]:
        run.advance("play", 1)
    return run


def test_the_map_and_a_search_are_the_same_on_two_workers(address, monkeypatch):
    monkeypatch.delenv(cluster.VARIABLE, raising=False)
    assert cluster.workers() is None
    split = load_dataset(DatasetConfig("moons", samples=60, validation_fraction=0.2))
    searched = Search(split, ("rate", "l2"), 4, 20)
    searched.sweep.run()
    searched.advance(0)
    here, found = (
        filled_map(),
        found_rates(RateGrid(CONFIG, DATA, CONFIG.lanes, (0.01, 0.1), (0, 1), 30).run()),
    )

    def refuse(*_):
        raise AssertionError("this process trains")

    for module in (rate_search, search):
        monkeypatch.setattr(module, "in_slices", refuse)
    monkeypatch.setenv(cluster.VARIABLE, address)
    there = filled_map()
    assert np.array_equal(there.grid.losses, here.grid.losses) and np.isinf(here.grid.losses).any()
    assert there.cards[1].table() == here.cards[1].table()
    assert there.state()["message"] is None
    grid = RateGrid(CONFIG, DATA, CONFIG.lanes, (0.01, 0.1), (0, 1), 30, connect=cluster.workers()).run()
    assert [lane.best for lane in found_rates(grid)] == [lane.best for lane in found]
    assert all(np.array_equal(a.median, b.median) for a, b in zip(found_rates(grid), found, strict=True))
    again = Search(split, ("rate", "l2"), 4, 20, connect=cluster.workers())
    again.sweep.run()
    again.advance(0)
    assert all(np.array_equal(again.losses[way], searched.losses[way]) for way in WAYS)
    assert np.isfinite(searched.losses["grid"]).all()


def test_without_a_scheduler_at_the_address_the_map_is_filled_in_here_and_says_so(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.3)
    monkeypatch.setenv(cluster.VARIABLE, "tcp://127.0.0.1:9")
    run = filled_map()
    assert np.isfinite(run.grid.losses[0, 0]).all()
    assert run.state()["message"] == (
        "No worker can be reached (the scheduler tcp://127.0.0.1:9 does not answer: OSError), so this process trains alone."
    )
    cluster.close()
