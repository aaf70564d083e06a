"""Noise: what a mini-batch does to one update, and to all of them in the long run.

One update: the mean gradient of B of N points strays from the full one with variance σ²/B, σ² the points' own variance,
and (N − B)/(N − 1) times that where no point is drawn twice. Their sum is B times as long, and strays B² times as much.

Long run, on a parabola: x ← x − α_t(λx + n_t), E n = 0, E n² = σ²; then E x² ← (1 − α_tλ)²E x² + α_t²σ², and a constant
α ends at ασ²/(λ(2 − αλ)). Long run, on a line fit: `line_moments`, exact too.

Symbols: N points, B of a batch, R lanes, P parameters. Source: Robbins and Monro (1951); Cochran, Sampling Techniques
(1977), §2.6; Bach and Moulines (2011).
"""

from __future__ import annotations

import numpy as np

from engine.surfaces.line_fit import LineFit


def variance(gradients: np.ndarray, batch: int, replace: bool) -> float:
    """E‖ḡ − g‖² of the mean ḡ of `batch` of the rows (N, P), g their mean."""
    count = len(gradients)
    own = float(((gradients - gradients.mean(axis=0)) ** 2).sum() / count)
    return own / batch * (1.0 if replace or count == 1 else (count - batch) / (count - 1))


def parabola_moments(rates: np.ndarray, start: float, curvature: float = 1.0, noise: float = 1.0) -> np.ndarray:  # fmt: skip
    """E x² (T + 1,) before each update and after the last, exactly, for the rates α_t (T,)."""
    moments = np.empty(len(rates) + 1)
    moments[0] = m = start * start
    with np.errstate(over="ignore", invalid="ignore"):
        for t, alpha in enumerate(rates):
            m = (1 - alpha * curvature) ** 2 * m + (alpha * noise) ** 2
            moments[t + 1] = m
    return moments


def resting_moment(rate: float, curvature: float = 1.0, noise: float = 1.0) -> float:
    """ασ²/(λ(2 − αλ)): where E x² ends at a constant rate below 2/λ; infinity from there on."""
    left = 2 - rate * curvature
    return rate * noise**2 / (curvature * left) if left > 0 else np.inf


def line_moments(fit: LineFit, start: np.ndarray, rate: float, batch: int, replace: bool, steps: int) -> np.ndarray:  # fmt: skip
    """E J(θ_t) − J* (T + 1,) of SGD on a line fit, exactly: every update draws a new batch.

    With e = θ − θ*, m = E e, S = E eeᵀ and rᵢ the residuals at θ*, a single point's gradient is gᵢ = 2xᵢ(xᵢᵀe − rᵢ), and
    E ggᵀ = (4/N) Σ xᵢxᵢᵀ(xᵢᵀSxᵢ − 2rᵢxᵢᵀm + rᵢ²); the batch's mean has the share (1/B) of its excess over HSH,
    (N − B)/(N − 1) of that without replacement. S ← (I − ηH)S(I − ηH) + η²(that excess), m ← (I − ηH)m.
    """
    X, H, count = fit.X, fit.H, len(fit.x)
    residual = fit.y - X @ fit.best
    share = 1 / batch * (1.0 if replace or count == 1 else (count - batch) / (count - 1))
    A = np.eye(len(H)) - rate * H
    m = np.asarray(start, np.float64) - fit.best
    S = np.outer(m, m)
    gaps = np.empty(steps + 1)
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(steps + 1):
            gaps[t] = (fit.M * S).sum()
            seen = ((X @ S) * X).sum(axis=1) - 2 * residual * (X @ m) + residual**2
            excess = 4 * (X.T * seen) @ X / count - H @ S @ H
            S = A @ S @ A + rate**2 * share * excess
            m = A @ m
    return gaps
