"""The winner's curse: what the best score of many is worth.

k classifiers that know nothing each get Binomial(m, ½) of m points right. The best of them looks better than it is, by

    E max = Σⱼ (1 − F(j)ᵏ)/m,  j = 0 … m − 1,   F the distribution of one score,

and is right on half of new points. Hence a third set: the validation points have chosen, so their score is too good.
"""

from __future__ import annotations

import math

import numpy as np


def score_distribution(points: int, accuracy: float) -> np.ndarray:
    """P(a score of at most j of `points` right), (points + 1,), each point right with probability `accuracy`."""
    weights = [math.comb(points, j) * accuracy**j * (1 - accuracy) ** (points - j) for j in range(points + 1)]
    law: np.ndarray = np.minimum(np.cumsum(weights), 1.0)
    return law


def expected_best(tries: int, points: int, accuracy: float = 0.5) -> float:
    """The expected share right of the best of `tries` classifiers on the same number of points each."""
    return float(np.sum(1 - score_distribution(points, accuracy)[:-1] ** tries) / points)


def best_distribution(tries: int, points: int, accuracy: float = 0.5) -> np.ndarray:
    """P(the best score is j of `points`), (points + 1,)."""
    return np.diff(score_distribution(points, accuracy) ** tries, prepend=0.0)


def drawn_best(tries: int, points: int, accuracy: float, draws: int, seed: int) -> np.ndarray:
    """The best score (draws,) of `tries` classifiers, by drawing them."""
    scores = np.random.default_rng(seed).binomial(points, accuracy, (draws, tries)) / points
    best: np.ndarray = scores.max(axis=1)
    return best
