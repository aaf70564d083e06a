"""Layers without bends are one layer: (xW₁ + b₁)W₂ + b₂ = x W₁W₂ + (b₁W₂ + b₂)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Affine = tuple[np.ndarray, np.ndarray]  # W (fan_in, fan_out) and b (fan_out,)


def collapse(weights: Sequence[Affine]) -> list[Affine]:
    """The product of the first layer, of the first two, … of all: each one W′ and b′."""
    found = [(np.array(weights[0][0]), np.array(weights[0][1]))]
    for W, b in weights[1:]:
        W_before, b_before = found[-1]
        found.append((W_before @ W, b_before @ W + b))
    return found


def best_line(X: np.ndarray, y: np.ndarray, steps: int = 50) -> tuple[np.ndarray, float, float]:
    """Logistic regression by Newton's method: w (D,), b, and the least cross-entropy of any line.

    Where the classes can be parted there is no least: then it is as far as `steps` go, or as the numbers do.
    """
    A, theta = np.column_stack([X, np.ones(len(X))]).astype(float), np.zeros(X.shape[1] + 1)
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(A @ theta, -500, 500)))
        H = A.T @ (A * (p * (1 - p))[:, None])
        gradient = A.T @ (p - y)
        if np.linalg.cond(H) > 1e12 or np.abs(gradient).max() < 1e-12 * len(y):
            break
        theta = theta - np.linalg.solve(H, gradient)
    z = A @ theta
    return theta[:-1], float(theta[-1]), float(np.mean(np.logaddexp(0, z) - y * z))
