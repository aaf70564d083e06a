"""L1 and L2 penalties on weights, never on biases: l1·Σ|w| + (l2/2)·Σw². All shapes as in `engine`."""

from __future__ import annotations

import numpy as np


def penalty(theta: np.ndarray, mask: np.ndarray, l1: np.ndarray, l2: np.ndarray) -> np.ndarray:
    """The penalty per lane (R,), for theta (R, P), mask (P,) of 0 and 1, strengths l1 and l2 (R, 1)."""
    weights = theta * mask
    return (l1 * np.abs(weights) + 0.5 * l2 * weights * weights).sum(axis=1)


def add_gradient(
    theta: np.ndarray, mask: np.ndarray, l1: np.ndarray, l2: np.ndarray, gradient: np.ndarray
) -> None:  # fmt: skip
    """Add l1·sign(w) + l2·w to `gradient` in place; the slope of |w| at zero is taken as zero."""
    if l2.any():
        gradient += l2 * mask * theta
    if l1.any():
        gradient += l1 * mask * np.sign(theta)


def add_curvature(mask: np.ndarray, v: np.ndarray, l2: float, product: np.ndarray) -> None:
    """Add the penalties' Hessian times v (R, P) to `product` in place: l2·v on weights; |w| has no curvature."""
    if l2:
        product += l2 * mask * v
