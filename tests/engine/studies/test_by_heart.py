"""Networks that learn by heart: what they can learn, and what they say of new points."""

import numpy as np
import pytest

from engine.studies.by_heart import CHANCE, PROBLEMS, SIDE, ByHeart, hashed, points, rule, shuffled


def test_random_labels_are_learned_by_wide_networks_and_new_points_stay_at_a_coin():
    study = ByHeart(count=50, widths=(2, 32, 64))
    study.step(1500)
    few, middle, many = study.learned()
    assert few < 0.75 and middle == pytest.approx(0.98, rel=0.15) and many == pytest.approx(0.995, rel=0.15)
    assert many > 0.95
    assert np.abs(study.unseen() - CHANCE).max() < 4 * study.error_of_unseen


def test_more_random_labels_need_more_width():
    study = ByHeart(count=200, widths=(64,))
    study.step(2000)
    assert study.learned()[0] == pytest.approx(0.80, rel=0.15)
    assert abs(study.unseen()[0] - CHANCE) < 4 * study.error_of_unseen


def test_the_same_networks_learn_a_rule_if_there_is_one():
    study = ByHeart(count=50, share=0.0, widths=(32,))
    study.step(600)
    assert study.learned()[0] > 0.98 and study.unseen()[0] > 0.9


@pytest.mark.parametrize("problem", ["parity", "hash"])
def test_a_rule_that_neighbours_do_not_help_with_is_learned_and_not_generalised(problem):
    study = ByHeart(problem, count=40, share=0.0, widths=(64,))
    study.step(800)
    assert study.learned()[0] > 0.9 and study.unseen()[0] < 0.6


def test_a_sine_is_learned_between_its_points_and_missed_beyond_them():
    study = ByHeart("beyond", count=40, share=0.0, widths=(64,))
    study.step(500)
    assert study.learned()[0] < 0.05 < 0.4 < study.unseen()[0]


def test_two_labels_at_one_place_cannot_both_be_learned():
    study = ByHeart(count=10, twin=True, share=0.0, widths=(64,))
    study.step(500)
    assert (study.points.X[0] == study.points.X[-1]).all() and study.points.y[0] != study.points.y[-1]
    assert study.learned()[0] == pytest.approx(0.9)


# --- the points ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("problem", PROBLEMS)
def test_new_points_are_none_of_the_learned_ones_and_follow_the_rule(problem):
    found = points(problem, 60, 0.0, False, seed=1)
    assert len(found.X) == 60 and found.X.shape[1] == (1 if problem == "beyond" else 2)
    assert not {tuple(x) for x in found.X} & {tuple(x) for x in found.new_X}
    assert (found.y == rule(problem, found.X)).all() and (found.new_y == rule(problem, found.new_X)).all()
    again, other = points(problem, 60, 0.0, False, seed=1), points(problem, 60, 0.0, False, seed=2)
    assert (again.X == found.X).all() and not (other.X == found.X).all()


def test_a_share_of_the_labels_is_permuted_among_itself():
    y = np.arange(100.0)
    rng = np.random.default_rng(0)
    assert (shuffled(y, 0.0, rng) == y).all()
    half = shuffled(y, 0.5, rng)
    assert sorted(half) == list(y) and 30 < (half != y).sum() <= 50
    assert (shuffled(y, 1.0, rng) != y).sum() > 90


def test_neighbours_on_the_grid_differ_and_half_of_the_places_are_even():
    line = np.linspace(-1, 1, SIDE)
    grid = np.stack(np.meshgrid(line, line), axis=-1)
    labels = rule("parity", grid.reshape(-1, 2)).reshape(SIDE, SIDE)
    assert (labels[1:] != labels[:-1]).all() and (labels[:, 1:] != labels[:, :-1]).all()
    assert labels.mean() == 0.5


def test_the_hash_is_a_fair_coin_that_neighbours_do_not_share():
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 0.99, (20_000, 2))
    bits, beside = hashed(X), hashed(X + np.array([2 / 1024, 0]))
    error = np.sqrt(0.25 / len(X))
    assert abs(bits.mean() - 0.5) < 4 * error and abs((bits == beside).mean() - 0.5) < 4 * error
    assert (hashed(X) == bits).all()
