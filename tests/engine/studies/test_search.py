"""Grid and random search: how many values they try, what chances they have, and that the trials are real trainings."""

import pickle

import numpy as np
import pytest

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import load_dataset
from engine.studies.search import (
    AXES,
    WAYS,
    Search,
    distinct,
    grid_chance,
    grid_shares,
    hit_chance,
    places,
    random_chance,
    random_shares,
)
from engine.studies.sweep import finish

DATA = load_dataset(DatasetConfig("moons", 200, 0.4, 0.4, validation_fraction=0.3))


@pytest.mark.parametrize("side", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("axes", [("rate", "l2"), ("l2", "rate")])
def test_a_grid_tries_the_root_of_its_trials_of_each_setting_and_random_search_all(side, axes):
    trials = side * side
    assert distinct(places("grid", axes, trials, 0)) == (side, side)
    for way in ("random", "logs"):
        assert distinct(places(way, axes, trials, 0)) == (trials, trials)


def test_whole_numbers_may_coincide_and_are_counted_as_they_are():
    values = places("random", ("width", "batch"), 25, 0)
    assert (values == np.rint(values)).all() and (values >= 1).all()
    assert distinct(values) == (len(set(values[:, 0])), len(set(values[:, 1])))


@pytest.mark.parametrize("trials", [2, 10, 24])
def test_a_grid_wants_a_square_number(trials):
    with pytest.raises(ValueError, match="no equal sides"):
        grid_shares(trials)


def test_all_places_lie_within_the_ranges():
    for way in WAYS:
        for axes in (("rate", "l2"), ("width", "batch")):
            for k, name in enumerate(axes):
                values = places(way, axes, 25, 3)[:, k]
                assert AXES[name].low <= values.min() <= values.max() <= AXES[name].high


def test_rates_drawn_evenly_are_nearly_all_above_a_tenth():
    """As the view says."""
    assert np.mean(AXES["rate"].at(random_shares(1000, 0)[:, 0], log=False) > 0.1) > 0.85


def test_the_chances_are_those_of_the_notes():
    assert grid_chance(3, 0.05) == pytest.approx(0.30)
    assert random_chance(9, 0.05) == pytest.approx(0.60, abs=0.005)
    assert hit_chance(60, 0.05) == pytest.approx(0.954, abs=5e-4)


@pytest.mark.parametrize(("trials", "reach"), [(1, 0.05), (9, 0.05), (9, 0.2), (25, 0.02)])
def test_the_chance_of_random_search_is_that_of_a_hundred_thousand_draws(trials, reach):
    rng = np.random.default_rng(trials)
    near = np.abs(rng.random((100_000, trials)) - rng.random((100_000, 1))).min(axis=1) <= reach
    chance = random_chance(trials, reach)
    assert abs(near.mean() - chance) <= 4 * np.sqrt(chance * (1 - chance) / 100_000)


@pytest.mark.parametrize("side", [1, 3, 5])
def test_the_chance_of_a_grid_is_the_share_that_it_covers(side):
    at = np.linspace(0, 1, 100_001)
    middles = (np.arange(side) + 0.5) / side
    covered = np.abs(at[:, None] - middles).min(axis=1) <= 0.05
    assert covered.mean() == pytest.approx(grid_chance(side, 0.05), abs=1e-4)


def test_a_trial_is_an_ordinary_training_with_its_settings():
    study = Search(DATA, ("rate", "batch"), trials=4, updates=40)
    while not study.sweep.finished:
        study.advance(60)
    rate, batch = study.places["logs"][2]
    lane = LaneConfig("adam", float(rate), seed=0)
    config = ExperimentConfig(network=NetworkConfig((16,)), batch_size=int(batch), lanes=(lane,))
    experiment = Experiment(config, DATA)
    experiment.step(40)
    found = experiment.evaluate()
    assert study.losses["logs"][2].tolist() == [
        found["train_loss"][0],
        found["validation_loss"][0],
        found["test_loss"][0],
    ]


def test_the_winner_has_the_lowest_validation_loss_and_the_best_so_far_never_rises():
    study = Search(DATA, ("rate", "l2"), trials=9, updates=60)
    assert study.winner("grid") is None and np.isnan(study.best_so_far("grid")).all()
    while not study.sweep.finished:
        study.advance(60)
    for way in WAYS:
        validation = study.losses[way][:, 1]
        winner = study.winner(way)
        assert winner is not None and validation[winner] == validation.min() == study.best_so_far(way)[-1]
        assert (np.diff(study.best_so_far(way)) <= 0).all()


def test_the_ways_take_turns_so_that_each_has_as_many_trials_at_any_time():
    study = Search(DATA, ("rate", "l2"), trials=9, updates=10)
    while not study.sweep.finished:
        study.advance(1e-9)
        counts = [int(np.isfinite(study.losses[way][:, 1]).sum()) for way in WAYS]
        assert max(counts) - min(counts) <= 1


def test_one_trial_is_a_search_too():
    study = Search(DATA, ("rate", "l2"), trials=1, updates=5)
    while not study.sweep.finished:
        study.advance(60)
    assert [study.winner(way) for way in WAYS] == [0, 0, 0]


def test_trials_can_be_sent_to_workers():
    study = Search(DATA, ("rate", "l2"), trials=1, updates=20)
    study.advance(60)
    found = [finish(pickle.loads(pickle.dumps(job))) for job in study.sweep.jobs]
    assert [losses.tolist() for losses in found] == [study.losses[way][0].tolist() for way in WAYS]


def test_where_both_settings_matter_a_grid_is_not_worse():
    """As the answer says: both within 0.05 of an optimum anywhere on the square."""
    rng = np.random.default_rng(0)
    best = rng.random((40_000, 1, 2))
    found = {
        name: float((np.abs(places - best).max(axis=2) <= 0.05).any(axis=1).mean())
        for name, places in (("grid", grid_shares(9)[None]), ("random", rng.random((40_000, 9, 2))))
    }
    assert found["grid"] == pytest.approx(grid_chance(3, 0.05) ** 2, abs=0.006)
    assert found["grid"] >= found["random"]
