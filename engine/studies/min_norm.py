"""Least squares with any number of weights: the exact double descent of linear regression.

Where there are more weights p than samples n, many fit the samples exactly; the shortest of them is θ̂ = X⁺y, and descent
from zero finds it. The model: x ~ N(0, I_D), y = xᵀθ + σε with ‖θ‖ = 1 spread evenly over the D features, of which the fit
sees p. What it does not see acts as noise: s² = 1 − p/D + σ² in all. The mean squared error on new samples is then

    s²(1 + p/(n−p−1))                        p ≤ n − 2
    (p/D)(1 − n/p) + s²(1 + n/(p−n−1))       p ≥ n + 2,   infinite between.

The best ridge has λ = s²D (θ is then the mean of its posterior) and the error s²(1 + E tr(XᵀX + λI)⁻¹).
Sources: Belkin, Hsu and Xu, Two models of double descent for weak features (2020); Hastie et al. (2022).
"""

from __future__ import annotations

import numpy as np


def min_norm(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The shortest θ (…, p) among those that fit y (…, n) best, for X (…, n, p)."""
    solved: np.ndarray = (np.linalg.pinv(X) @ y[..., None])[..., 0]
    return solved


def unseen_variance(p: int, D: int, sigma: float) -> float:
    """s²: the noise, and the features that the fit does not see."""
    return 1 - p / D + sigma**2


def expected_test_error(p: int, n: int, D: int, sigma: float) -> float:
    """The mean squared error on new samples, noise included, over all training sets; infinite for |p − n| ≤ 1."""
    s2 = unseen_variance(p, D, sigma)
    if p <= n - 2:
        return s2 * (1 + p / (n - p - 1))
    if p >= n + 2:
        return (p / D) * (1 - n / p) + s2 * (1 + n / (p - n - 1))
    return np.inf


def expected_train_error(p: int, n: int, D: int, sigma: float) -> float:
    """The mean squared error on the training samples: zero from p = n on."""
    return unseen_variance(p, D, sigma) * max(0.0, 1 - p / n)


def drawn_errors(p: int, n: int, D: int, sigma: float, draws: int, seed: int) -> np.ndarray:
    """The error on new samples (draws,) of as many fits, each of a training set of its own: s² + ‖θ̂ − θ‖²."""
    rng = np.random.default_rng([seed, p])
    s2 = unseen_variance(p, D, sigma)
    theta = np.full(p, D**-0.5)
    X = rng.standard_normal((draws, n, p))
    y = X @ theta + np.sqrt(s2) * rng.standard_normal((draws, n))
    distance: np.ndarray = np.sum((min_norm(X, y) - theta) ** 2, axis=-1)
    return s2 + distance


def best_ridge_error(p: int, n: int, D: int, sigma: float, draws: int, seed: int) -> float:
    """The error on new samples of the best ridge, over `draws` designs; of no ridge where nothing need be held back."""
    s2 = unseen_variance(p, D, sigma)
    if p == 0 or s2 == 0:
        return 1 + sigma**2 if p == 0 else expected_test_error(p, n, D, sigma)
    X = np.random.default_rng([seed, p]).standard_normal((draws, n, p))
    eigenvalues = np.clip(np.linalg.eigvalsh(X @ X.swapaxes(-1, -2)), 0, None)[:, -min(n, p) :]
    zeros = max(0, p - n)
    trace = (1 / (eigenvalues + s2 * D)).sum(axis=1).mean() + zeros / (s2 * D)
    return float(s2 * (1 + trace))
