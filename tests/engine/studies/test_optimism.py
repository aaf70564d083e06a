"""The best of many guessers: its exact law against enumeration and draws."""

import itertools

import numpy as np
import pytest

from engine.studies.optimism import best_distribution, drawn_best, expected_best, score_distribution


@pytest.mark.parametrize(("tries", "best"), [(10, 0.608), (50, 0.658), (200, 0.692)])
def test_the_best_of_many_coin_flippers_scores_as_in_the_notes(tries, best):
    assert expected_best(tries, 50) == pytest.approx(best, abs=5e-4)


@pytest.mark.parametrize(("tries", "points", "accuracy"), [(1, 4, 0.5), (2, 4, 0.5), (3, 3, 0.8)])
def test_the_law_of_the_best_is_that_of_all_outcomes_counted(tries, points, accuracy):
    law = np.zeros(points + 1)
    for outcome in itertools.product((0, 1), repeat=tries * points):
        right = np.reshape(outcome, (tries, points))
        law[right.sum(axis=1).max()] += accuracy ** right.sum() * (1 - accuracy) ** (right.size - right.sum())
    np.testing.assert_allclose(best_distribution(tries, points, accuracy), law, atol=1e-12)
    mean = law @ np.arange(points + 1) / points
    assert expected_best(tries, points, accuracy) == pytest.approx(mean, abs=1e-12)


@pytest.mark.parametrize(("tries", "points", "accuracy"), [(10, 50, 0.5), (200, 50, 0.5), (1000, 1000, 0.9)])
def test_draws_agree_with_the_law(tries, points, accuracy):
    scores = drawn_best(tries, points, accuracy, 1500, seed=1)
    error = scores.std() / np.sqrt(len(scores))
    assert abs(scores.mean() - expected_best(tries, points, accuracy)) <= 4 * error


def test_one_guesser_has_no_optimism_and_more_points_leave_less():
    assert expected_best(1, 37, 0.7) == pytest.approx(0.7, abs=1e-12)
    scores = [expected_best(50, points) for points in (10, 50, 200, 1000)]
    assert scores == sorted(scores, reverse=True) and scores[-1] < 0.54


def test_a_law_adds_up_to_one_also_for_many_points():
    assert score_distribution(1000, 0.95)[-1] == pytest.approx(1, abs=1e-9)
    assert best_distribution(1000, 1000, 0.95).sum() == pytest.approx(1, abs=1e-9)
