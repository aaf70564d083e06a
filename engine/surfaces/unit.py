"""One sigmoid unit and one sample: how much its loss tells a unit that is wrong; and losses in place of the error.

p = σ(wx + b), label y. Quadratic ½(p − y)²: dJ/dz = (p − y)p(1 − p), which vanishes where the unit is surest, right or
wrong. Cross-entropy −(y ln p + (1 − y) ln(1 − p)): dJ/dz = p − y. Both dJ/dw = x·dJ/dz, dJ/db = dJ/dz.

Over the margin m = ±z, above 0 where the unit is right: error [m < 0], −ln p = ln(1 + e⁻ᵐ), −log₂ p, hinge max(0, 1 − m),
square (1 − m)². Source: Nielsen (2015), chapter 3; Bartlett, Jordan and McAuliffe (2006).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from engine.surfaces.functions import sigmoid

Slope = Callable[[np.ndarray, float], np.ndarray]


def quadratic_slope(z: np.ndarray, label: float) -> np.ndarray:
    """dJ/dz of ½(p − y)²."""
    slope: np.ndarray = (sigmoid(z) - label) * sigmoid(z) * sigmoid(-z)
    return slope


def entropy_slope(z: np.ndarray, label: float) -> np.ndarray:
    """dJ/dz of cross-entropy."""
    return sigmoid(z) - label


SLOPES: dict[str, Slope] = {"quadratic": quadratic_slope, "cross_entropy": entropy_slope}


def train(loss: str, weight: float, bias: float, rate: float, updates: int, x: float = 1.0, label: float = 0.0) -> np.ndarray:  # fmt: skip
    """The unit's output p before each update and after the last (T + 1,)."""
    outputs = np.empty(updates + 1)
    for t in range(updates + 1):
        z = np.array(weight * x + bias)
        outputs[t] = sigmoid(z)
        slope = float(SLOPES[loss](z, label))
        weight, bias = weight - rate * slope * x, bias - rate * slope
    return outputs


SURROGATES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "error": lambda m: (m < 0).astype(float),
    "ln": lambda m: np.logaddexp(0, -m),
    "log2": lambda m: np.logaddexp(0, -m) / math.log(2),
    "hinge": lambda m: np.maximum(0, 1 - m),
    "square": lambda m: (1 - m) ** 2,
}
