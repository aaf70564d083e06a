"""Penalties on weights, never on biases, added to a loss: each one entry. All shapes as in `engine`.

`value(w, s)` is what a weight w costs at strength s, elementwise; `slope(w)` and `second(w)` are its first and second
derivative divided by s. Where the slope has a jump (|w| at 0) it is taken as 0, and so is the second slope.
Strengths are columns (R, 1) by the penalty's key; functions that take numbers have them as keywords, `l1=0.1`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from engine.network.activations import Array
from engine.options import Option

Strengths = Mapping[str, Array]


@dataclass(frozen=True)
class Penalty:
    """One penalty: its formula (LaTeX) and functions, and its strength as an option."""

    key: str
    formula: str
    value: Callable[[Array, Array], Array]
    slope: Callable[[Array], Array]
    second: Callable[[Array], Array]
    strength: Option


def _absolute(w: Array, s: Array) -> Array:
    value: Array = s * np.abs(w)
    return value


def _half_square(w: Array, s: Array) -> Array:
    value: Array = 0.5 * s * w * w
    return value


_ALL = (
    Penalty(
        key="l1",
        formula=r"\lambda_1\sum|w|",
        value=_absolute,
        slope=np.sign,
        second=np.zeros_like,
        strength=Option(
            "l1",
            0.0,
            "L1",
            "Penalty l1·Σ|w|: pulls every weight towards zero with the same force. Weights that the data do not need end "
            "near zero and swing about it; with the proximal L1 step they become exactly zero.",
            0.0,
            10.0,
        ),
    ),
    Penalty(
        key="l2",
        formula=r"\tfrac{\lambda_2}2\sum w^2",
        value=_half_square,
        slope=lambda w: w,
        second=np.ones_like,
        strength=Option("l2", 0.0, "L2", "Penalty (l2/2)·Σw²: keeps weights small.", 0.0, 10.0),
    ),
)
PENALTIES: dict[str, Penalty] = {penalty.key: penalty for penalty in _ALL}
L1_STEPS = ("sub-gradient", "proximal")
L1_STEP = Option(
    "l1_step",
    L1_STEPS[0],
    "L1 step",
    "sub-gradient: the slope ±l1 is added to the gradient, so weights swing about zero. proximal: after each step every "
    "weight moves towards zero by η·l1 and stops there, so weights become exactly zero. It is exact for SGD; with "
    "momentum, or a rate for each weight, it is an approximation that uses each weight's effective rate. Newton, BFGS, "
    "L-BFGS and random search use the penalty itself.",
    choices=L1_STEPS,
)


def columns(
    strengths: Mapping[str, float], rows: int, dtype: np.dtype | type = np.float64
) -> dict[str, Array]:
    """Numbers as columns (R, 1), without those that are zero. `ValueError` for a penalty that there is not."""
    for key in strengths:
        if key not in PENALTIES:
            raise ValueError(f"Penalty {key!r} is unknown; choose one of {', '.join(PENALTIES)}.")
    return {key: np.full((rows, 1), value, dtype) for key, value in strengths.items() if value}


def penalty(theta: Array, mask: Array, strengths: Strengths) -> Array:
    """All penalties together per lane (R,), for theta (R, P) and mask (P,) of 0 and 1."""
    weights = theta * mask
    values = [PENALTIES[key].value(weights, strength) for key, strength in strengths.items()]
    total: Array = sum(values, np.zeros_like(weights)).sum(axis=1)
    return total


def add_gradient(theta: Array, mask: Array, strengths: Strengths, gradient: Array) -> None:
    """Add the penalties' slopes to `gradient` in place."""
    for key in reversed(PENALTIES):  # the last first, as recorded runs were: the order decides the last bit
        if key in strengths and strengths[key].any():
            gradient += strengths[key] * mask * PENALTIES[key].slope(theta)


def add_curvature(
    theta: Array, mask: Array, strengths: Mapping[str, float], v: Array, product: Array
) -> None:
    """Add the penalties' Hessian at theta times v (R, P) to `product` in place."""
    for key, strength in strengths.items():
        if strength:
            product += strength * mask * PENALTIES[key].second(theta) * v


def soft_threshold(w: Array, amount: Array) -> Array:
    """sign(w)·max(|w| − amount, 0), elementwise: the minimum over u of ½(u − w)² + amount·|u|. Donoho (1995).

    An infinite amount gives 0.
    """
    result: Array = np.where(np.abs(w) <= amount, 0.0, w - np.copysign(amount, w))
    return result.astype(w.dtype)
