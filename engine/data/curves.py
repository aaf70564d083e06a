"""Curves: functions of one number, to be learned from noisy points. Data sets, and targets for whatever builds or fits a curve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

HALF = 2.0  # standardised inputs lie within ±HALF, as the points of a plane do


@dataclass(frozen=True)
class Curve:
    """The target y = value(x) for x from `low` to `high`, elementwise on arrays; y lies within ±1."""

    key: str
    label: str
    formula: str
    help: str
    low: float
    high: float
    value: Callable[[np.ndarray], np.ndarray]

    @property
    def mean(self) -> float:
        """The middle of its range, which is 0 in the standardised input."""
        return (self.low + self.high) / 2

    @property
    def scale(self) -> float:
        """What one unit of the standardised input is in units of x."""
        return (self.high - self.low) / (2 * HALF)

    def at(self, points: np.ndarray) -> np.ndarray:
        """The target (N,) at standardised points (N, 1)."""
        return self.value(points[:, 0] * self.scale + self.mean)

    def make(self, rng: np.random.Generator, n: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
        """Standardised points (n, 1), evenly random over the interval, and targets (n,) with Gaussian noise."""
        points = rng.uniform(-HALF, HALF, (n, 1))
        return points, self.at(points) + noise * rng.standard_normal(n)


# functions with names, not lambdas: data with a curve go to other processes


def _sine(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.sin(2 * np.pi * x))


def _step(x: np.ndarray) -> np.ndarray:
    return np.asarray(x >= 0.5).astype(float)


def _tent(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 - np.abs(2 * x - 1))


def _bumps(x: np.ndarray) -> np.ndarray:
    places = ((0.2, 0.06, 1.0), (0.55, 0.1, -0.7), (0.85, 0.05, 0.8))
    parts = [height * np.exp(-(((x - at) / width) ** 2)) for at, width, height in places]
    return np.asarray(np.sum(parts, axis=0))


_ALL = (
    Curve("sine", "Sine (curve)", r"\sin 2\pi x", "One period of a sine.", 0.0, 1.0, _sine),
    Curve("step", "Step (curve)", r"[x\ge\tfrac12]", "A jump from 0 to 1: no continuous function gets it exactly.", 0.0, 1.0, _step),
    Curve("tent", "Tent (curve)", r"1-|2x-1|", "Up and down in two straight lines.", 0.0, 1.0, _tent),
    Curve("abs", "|x| (curve)", r"|x|", "The absolute value: two straight lines and a kink at 0.", -1.0, 1.0, np.abs),
    Curve("bumps", "Bumps (curve)", r"\sum_k h_k e^{-(x-c_k)^2/w_k^2}", "Two hills and a valley of different widths.", 0.0, 1.0, _bumps),
)  # fmt: skip
CURVES: dict[str, Curve] = {curve.key: curve for curve in _ALL}
