"""The smallest deep network: two weights in a row, ŷ = w₁w₂x, learning to copy its input. J = ½(w₁w₂ − 1)².

Both gradients are proportional to the other weight, so at (0, 0), a saddle, nothing moves, and near it little. From
w₁ = w₂ = w₀ small steps follow u̇ = 2u(1 − u) for the product u = w₁w₂, a logistic curve, and reach u = ½ at

    η t = ½ ln((1 − w₀²)/w₀²).

Source: Saxe, McClelland and Ganguli (2014), Exact solutions to the nonlinear dynamics of learning.
"""

from __future__ import annotations

import numpy as np

HALF = 0.5


def descend(start: float, rate: float, updates: int) -> np.ndarray:
    """The product w₁w₂ (updates + 1,) under gradient descent from w₁ = w₂ = `start`."""
    found, w = np.empty(updates + 1), start
    with np.errstate(all="ignore"):
        for t in range(updates + 1):
            found[t] = w * w
            w = w - rate * w * (w * w - 1)
    return found


def flow(start: float, rate: float, updates: np.ndarray) -> np.ndarray:
    """The product w₁w₂ of the exact flow at the times η·updates."""
    u, time = start * start, rate * np.asarray(updates, float)
    return np.asarray(u / (u + (1 - u) * np.exp(-2 * time)))


def flow_to_half(start: float, rate: float) -> float:
    """After how many updates' time the flow has the product ½."""
    u = start * start
    return float(np.log((1 - u) / u) / (2 * rate))


def first_half(products: np.ndarray) -> int | None:
    """The first update at which the product is ½ or more."""
    reached = np.flatnonzero(products >= HALF)
    return int(reached[0]) if len(reached) else None
