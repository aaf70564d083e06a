"""When to stop: the rule against its own definition, the notes' numbers, and how sure a score is."""

import numpy as np
import pytest

from engine import DatasetConfig
from engine.data.load import load_dataset
from engine.studies.early_stopping import (
    CHECK,
    EarlyStopping,
    Stop,
    points_needed,
    standard_error,
    stop,
    true_risk,
)


def brute_force(values, look_ahead):
    """The first check that is not the best of those up to it, the best of them being `look_ahead` or more updates before."""
    for k in range(len(values)):
        best = min(range(k + 1), key=lambda j: values[j])
        if best < k and CHECK * (k - best) >= look_ahead:
            return Stop(best, k)
    return Stop(min(range(len(values)), key=lambda j: values[j]), None)


def trained(name="xor", seed=0, updates=2000, width=32, batch=50, chooses="validation", validation=0.5):
    data = load_dataset(DatasetConfig(name, 100, 0.5, 0.0, seed, validation_fraction=validation))
    study = EarlyStopping(data, width, batch, updates, seed, chooses)
    while not study.sweep.finished:
        study.advance(60)
    return study


def test_the_rule_is_its_definition_on_a_thousand_random_curves():
    rng = np.random.default_rng(0)
    for _ in range(1000):
        length = int(rng.integers(1, 60))
        values = np.cumsum(rng.standard_normal(length))
        if rng.random() < 0.5:  # with equal values among them
            values = np.round(values)
        look_ahead = int(rng.integers(0, 120))
        assert stop(values, look_ahead) == brute_force(values.tolist(), look_ahead)


@pytest.mark.parametrize(
    ("values", "look_ahead", "found"),
    [
        ([3, 2, 1], 0, (2, None)),
        ([3, 2, 2.5, 1], 0, (1, 2)),
        ([3, 2, 2.5, 1], 10, (3, None)),
        ([3, 2, 2.5, 2.6, 1], 10, (1, 3)),
        ([1, 1, 1], 5, (0, 1)),
        ([5], 0, (0, None)),
        ([4, np.inf, 3, np.nan, np.nan, np.nan], 15, (2, 5)),
    ],
)
def test_series_written_by_hand(values, look_ahead, found):
    assert stop(np.array(values, float), look_ahead) == Stop(*found)


def test_without_validation_points_there_is_nothing_to_stop_by():
    assert stop(np.full(9, np.nan), 20) is None and stop(np.array([]), 20) is None


def test_on_noisy_xor_the_best_is_early_and_the_last_is_far_worse():
    """As in the notes: best 0.348 at 65 to 115 updates over eight seeds, 1.548 at 2,000."""
    best, at, last = [], [], []
    for seed in range(8):
        study = trained(seed=seed, updates=200)
        values = study.watched.by("validation")
        k = int(np.argmin(values))
        best.append(values[k])
        at.append(k * CHECK)
        study.experiment.step(1800, record=False)
        last.append(study.experiment.evaluate()["validation_loss"][0])
    assert np.median(best) == pytest.approx(0.348, rel=0.05)
    assert min(at) >= 60 and max(at) <= 120
    assert np.median(last) == pytest.approx(1.548, rel=0.15)


def test_on_noisy_moons_a_look_ahead_of_20_stops_some_runs_before_their_best():
    """Three of eight in the notes."""
    early = []
    for seed in range(8):
        values = trained("moons", seed, updates=300).watched.by("validation")
        rule = stop(values, 20)
        early.append(values[rule.best] > values.min())
    assert 2 <= sum(early) <= 4


def test_the_training_points_never_say_stop_in_time():
    study = trained(updates=600, chooses="train")
    validation = study.watched.by("validation")
    rule = study.watched.stop(100)
    assert rule.at is None and rule.best * CHECK > 550
    assert validation[rule.best] > 1.5 * validation.min()


def test_the_true_risk_is_the_mean_cross_entropy_with_its_standard_error():
    study = trained(updates=50)
    X, y = study.data.fresh(5000, 3)
    theta = study.watched.last
    risk = true_risk(study.experiment, theta, X, y)
    mlp = study.experiment.mlp(0)
    assert risk.mean == pytest.approx(float(mlp.loss(theta[None], X, y)[0]), rel=1e-5)
    means = [true_risk(study.experiment, theta, *study.data.fresh(500, seed)).mean for seed in range(60)]
    assert np.std(means) == pytest.approx(risk.error * np.sqrt(10), rel=0.35)


def test_the_weights_that_any_look_ahead_keeps_are_there():
    study = trained(updates=400)
    for look_ahead in (0, 5, 20, 100, 2000):
        best = study.watched.stop(look_ahead).best
        weights = study.watched.weights_at(best)
        X, y = study.data.X_validation, study.data.y_validation
        loss = study.experiment.mlp(0).loss(weights[None], X, y)[0]
        assert loss == pytest.approx(study.watched.by("validation")[best], rel=1e-5)
    assert (study.watched.weights_at(len(study.watched.risk) - 1) == study.experiment.theta(0)).all()


def test_watching_changes_no_bit_of_the_training():
    data = load_dataset(DatasetConfig("xor", 100, 0.5, 0.0, 0, validation_fraction=0.5))
    watched, alone = (EarlyStopping(data, 8, 10, 100, 0) for _ in range(2))
    while not watched.sweep.finished:
        watched.advance(60)
    alone.experiment.step(100)
    assert (watched.watched.last == alone.experiment.theta(0)).all()


def test_how_sure_a_score_is():
    assert standard_error(0.9, 30) == pytest.approx(0.055, abs=5e-4)
    assert standard_error(1.0, 30) == 0
    assert points_needed(0.9, 0.01) == 900
    assert standard_error(0.7, points_needed(0.7, 0.02)) <= 0.02 < standard_error(0.7, points_needed(0.7, 0.02) - 1)  # fmt: skip
    scores = np.random.default_rng(0).binomial(30, 0.9, 20_000) / 30
    assert scores.std() == pytest.approx(standard_error(0.9, 30), rel=0.02)
