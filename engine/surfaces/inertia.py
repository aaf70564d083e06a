"""Momentum in its three forms, on any slope: what the ball's form decides.

    ema         m ← βm + (1 − β)g,  x ← x − ηm
    heavy_ball  v ← βv + g,         x ← x − ηv
    velocity    v ← βv − ηg,        x ← x + v

EMA at the rate η is heavy ball at (1 − β)η; velocity is heavy ball while the rate is constant. On a parabola of curvature
λ the largest stable rate is 2(1 + β)/λ in heavy ball, and 2(1 + β)/((1 − β)λ) in EMA. On a plain slope the speed comes to
1/(1 − β) that of gradient descent in heavy ball, and to the same in EMA.

Source: Polyak (1964); Sutskever et al. (2013); Goh (2017).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

FORMS = ("ema", "heavy_ball", "velocity")


def roll(
    gradient: Callable[[np.ndarray], np.ndarray], start: np.ndarray, rate: float, beta: float, form: str, steps: int
) -> np.ndarray:  # fmt: skip
    """The path (T + 1, …) from `start`, of any shape. Where it overflows it holds infinities or NaN."""
    x = np.array(start, np.float64)
    v = np.zeros_like(x)
    path = np.empty((steps + 1, *x.shape))
    path[0] = x
    with np.errstate(all="ignore"):
        for t in range(steps):
            g = gradient(x)
            if form == "ema":
                v = beta * v + (1 - beta) * g
                x = x - rate * v
            elif form == "heavy_ball":
                v = beta * v + g
                x = x - rate * v
            else:
                v = beta * v - rate * g
                x = x + v
            path[t + 1] = x
    return path


def edge(curvature: float, beta: float, form: str) -> float:
    """The largest stable rate on a parabola."""
    return 2 * (1 + beta) / curvature / (1 - beta if form == "ema" else 1)


def updates_to_cross(width: float, slope: float, rate: float, beta: float, form: str, most: int = 10_000_000) -> int:  # fmt: skip
    """Updates until a plateau of constant slope is crossed: the first t with x_t ≥ width, from rest.

    x_t = ηg[t − β(1 − βᵗ)/(1 − β)]/(1 − β) in heavy ball and velocity, (1 − β) times that in EMA.
    """
    speed = rate * slope * (1.0 if form == "ema" else 1 / (1 - beta))

    def reached(t: int) -> bool:
        return speed * (t - beta * (1 - beta**t) / (1 - beta)) >= width * (1 - 1e-12)

    low, high = 0, max(1, math.ceil(width / speed + 1 / (1 - beta)) + 1)
    if high > most:
        return most
    while high - low > 1:  # x_t rises with t
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high
