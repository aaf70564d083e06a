"""Double descent that can be seen: a curve through a few points, made of more and more cosines.

Features φ_k(x) = cos(πkx)/(1+k), k = 0 … p−1, so that the shortest θ prefers slow waves; n points on [0, 1], one in each
n-th of it, not quite in its middle; y = sin(2πx) + σε. At p = n the curve must pass through all points and has no choice
left, so it swings; with more cosines it has a choice, and the shortest θ swings less.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from engine.studies.min_norm import min_norm

JITTER = 0.7  # of its n-th, within which a point lies
PLACES = 401  # where a curve is compared with the truth
COUNTS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 13, 14, 15, 16, 17, 18, 20, 24, 30, 40, 60, 100, 200, 400, 1000)


def features(x: np.ndarray, p: int) -> np.ndarray:
    """(…, p) for x (…)."""
    k = np.arange(p)
    return np.cos(np.pi * x[..., None] * k) / (1 + k)


def truth(x: np.ndarray) -> np.ndarray:
    """sin 2πx, elementwise."""
    return np.sin(2 * np.pi * x)


def points(n: int, sigma: float, seeds: range) -> tuple[np.ndarray, np.ndarray]:
    """x and y (R, n) of a training set for each seed."""
    x, y = np.empty((len(seeds), n)), np.empty((len(seeds), n))
    for row, seed in enumerate(seeds):
        rng = np.random.default_rng(seed)
        x[row] = (np.arange(n) + 0.5 + JITTER * (rng.random(n) - 0.5)) / n
        y[row] = truth(x[row]) + sigma * rng.standard_normal(n)
    return x, y


@lru_cache(maxsize=len(COUNTS))
def grid(p: int) -> tuple[np.ndarray, np.ndarray]:
    """Places x (PLACES,) and their features (PLACES, p)."""
    x = np.linspace(0, 1, PLACES)
    return x, features(x, p)


def weights(x: np.ndarray, y: np.ndarray, p: int) -> np.ndarray:
    """The shortest θ (…, p) that fits best."""
    return min_norm(features(x, p), y)


def curve_errors(n: int, sigma: float, p: int, seeds: range) -> np.ndarray:
    """The mean squared distance to the truth (R,), for a training set of each seed."""
    x, inputs = grid(p)
    curves = weights(*points(n, sigma, seeds), p) @ inputs.T
    distance: np.ndarray = np.mean((curves - truth(x)) ** 2, axis=-1)
    return distance
