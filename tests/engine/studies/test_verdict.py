"""One look, fixed beforehand: calibrated over whole tables, however often they are shown."""

from itertools import combinations

import numpy as np
import pytest

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.studies.comparison import holm, pairwise
from engine.studies.verdict import Look

LANES, SEEDS, LOOKS, RACES = 4, 10, 30, 400
NAMES = ["a", "b", "c", "d"]


def null_race(rng):
    """Losses (LOOKS, LANES, SEEDS) of equal lanes: positive, skewed, and wandering as training goes on."""
    steps = 0.3 * rng.standard_normal((LOOKS, LANES, SEEDS))
    return np.exp(rng.standard_normal((LANES, SEEDS)) + np.cumsum(steps, axis=0))


def test_at_most_one_table_in_twenty_calls_anything_real_all_looks_included():
    """400 races of equal lanes, each table looked at 30 times; and what the old way made of the same races."""
    rng, wrong, each_look = np.random.default_rng(0), 0, 0
    for _ in range(RACES):
        walks, look, seen = null_race(rng), Look(at=20), set()
        for place in range(LOOKS):
            look.take(place, lambda walks=walks, place=place: {"train_loss": walks[place]})
            if look.values is not None:
                tests = pairwise(NAMES, look.values["train_loss"])
                seen.add(any(test.is_real(corrected=True) for test in tests))
        wrong += True in seen
        assert len(seen) == 1  # it never changes its mind
        each_look += any(test.is_real() for values in walks[::6] for test in pairwise(NAMES, values))
    assert wrong <= 0.05 * RACES
    assert each_look > 0.25 * RACES  # as it was: at some of five looks, without correction


def test_holm_against_its_definition():
    """p is adjusted to the largest of (M − k)·p₍ₖ₎ up to it: checked by going through the steps at every level."""
    rng = np.random.default_rng(1)
    for _ in range(50):
        p = np.round(rng.uniform(0, 0.2, rng.integers(1, 8)), 2)
        adjusted = holm(p)
        for level in (0.01, 0.05, 0.1, 0.3):
            rejected, left = set(), sorted(range(len(p)), key=lambda k: p[k])
            while left and p[left[0]] * len(left) <= level:
                rejected.add(left.pop(0))
            assert {k for k in range(len(p)) if adjusted[k] <= level} == rejected
    assert holm(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])  # Holm 1979's rule by hand
    assert holm(np.array([])).shape == (0,)


def test_the_power_that_is_left_suffices_for_a_real_difference():
    rng = np.random.default_rng(2)
    found = 0
    for _ in range(50):
        values = null_race(rng)[20]
        values[0] *= 1e-3
        real = [t.is_real(corrected=True) for t in pairwise(NAMES, values)]
        found += all(r for r, (i, _) in zip(real, combinations(range(4), 2), strict=True) if i == 0)
    assert found >= 45


def test_a_look_is_taken_once_at_its_place_or_where_the_race_ends():
    look = Look(at=100)
    assert not look.take(99.9, lambda: {"x": np.zeros(1)})
    assert look.take(100, lambda: {"x": np.ones(1)})
    assert not look.take(200, lambda: {"x": np.zeros(1)})
    assert look.values["x"] == 1
    ended = Look(at=100)
    assert ended.take(3, lambda: {"x": np.ones(1)}, ended=True)


def test_a_look_at_an_experiment_has_what_is_measured_there():
    config = ExperimentConfig(DatasetConfig("moons", samples=60), NetworkConfig((3,)), loss="mean_squared_error",
                              lanes=(LaneConfig("sgd", 0.1), LaneConfig("sgd", 1000.0)))  # fmt: skip
    experiment, look = Experiment(config), Look(at=30)
    for _ in range(10):
        experiment.step(5)
        look.at_experiment(experiment, experiment.updates)
    at = int(np.searchsorted(experiment.history.steps, 30))
    assert look.values["train_loss"][0] == experiment.history.train_loss[at, 0]
    assert np.isnan(look.values["train_loss"][1]) and look.costs["updates"] == 30
