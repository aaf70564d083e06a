"""What stopping early does to least squares, exactly: a filter on the directions of the data.

Along a singular direction of X with value s, descent from zero on ‖y − Xw‖² with rate η has after k updates come to the share
1 − (1 − 2ηs²)ᵏ of the least-squares weight; ridge with λ leaves the share s²/(s² + λ). For λ = 1/(2ηk) the two
agree where s is small, and nearly elsewhere.
Source: Goodfellow, Bengio and Courville, Deep Learning, ch. 7.8.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Problem(NamedTuple):
    """Noisy samples of a linear truth: X (n, p), y (n,), the true weights (p,)."""

    X: np.ndarray
    y: np.ndarray
    truth: np.ndarray


def problem(n: int, p: int, sigma: float, seed: int) -> Problem:
    """Features whose directions are of very different sizes: singular values from about √n down to a tenth of that."""
    rng = np.random.default_rng(seed)
    left, _ = np.linalg.qr(rng.standard_normal((n, p)))
    right, _ = np.linalg.qr(rng.standard_normal((p, p)))
    sizes = np.sqrt(n) * np.geomspace(1, 0.1, p)
    X = (left * sizes) @ right.T
    truth = rng.standard_normal(p) / np.sqrt(p)
    return Problem(X, X @ truth + sigma * rng.standard_normal(n), truth)


def descent_filter(s: np.ndarray, rate: float, updates: int) -> np.ndarray:
    """1 − (1 − 2ηs²)ᵏ."""
    return np.asarray(1 - (1 - 2 * rate * s**2) ** updates)


def ridge_filter(s: np.ndarray, penalty: float) -> np.ndarray:
    """s²/(s² + λ)."""
    return np.asarray(s**2 / (s**2 + penalty))


def matching_penalty(rate: float, updates: int) -> float:
    """λ = 1/(2ηk)."""
    return 1 / (2 * rate * updates)


def safe_rate(X: np.ndarray) -> float:
    """Half of the rate at which descent would leave: η = 1/(2 s²max)."""
    return float(1 / (2 * np.linalg.norm(X, 2) ** 2))


def filtered(of: Problem, shares: np.ndarray) -> np.ndarray:
    """The weights (p,) with the share (p,) of the least-squares weights along each singular direction."""
    U, s, Vt = np.linalg.svd(of.X, full_matrices=False)
    weights: np.ndarray = Vt.T @ (shares * (U.T @ of.y) / s)
    return weights


def singular_values(of: Problem) -> np.ndarray:
    """Of X, falling."""
    return np.linalg.svd(of.X, compute_uv=False)


def new_error(of: Problem, weights: np.ndarray) -> float:
    """The mean squared error on new points of the same kind, without their noise: ‖X(w − w*)‖²/n."""
    return float(np.mean((of.X @ (weights - of.truth)) ** 2))
