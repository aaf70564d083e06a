"""Surfaces over two numbers, given by a formula with its gradient and Hessian: what a descent can meet.

Each takes x (…, D) and gives (…), (…, D) and (…, D, D). Sources: Rosenbrock (1960); the sigmoid unit is that of
Nielsen (2015), chapter 3; the saddle is x²/2 − y²/2 + y⁴/4, with minima at (0, ±1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.methods.objective import Objective
from engine.surfaces.bowl import Bowl

Field = Callable[[np.ndarray], np.ndarray]
RAVINE = Bowl((0.1, 1.0), math.radians(20))


@dataclass(frozen=True)
class Function:
    """A surface: `minima` are its lowest places, none where it only falls towards infinity. `box` is what is drawn."""

    key: str
    label: str
    formula: str
    value: Field
    gradient: Field
    hessian: Field
    minima: tuple[tuple[float, ...], ...]
    box: tuple[tuple[float, float], ...]
    start: tuple[float, ...]
    rate: float


def _pairs(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.stack([a, b], axis=-1)


def _ravine_hessian(x: np.ndarray) -> np.ndarray:
    return np.broadcast_to(RAVINE.hessian, (*x.shape, 2)).copy()


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1/(1 + e⁻ᶻ), from e^(−|z|), which never overflows."""
    small = np.exp(-np.abs(z))
    p: np.ndarray = np.where(z >= 0, 1.0, small) / (1 + small)
    return p


def _unit(x: np.ndarray) -> np.ndarray:
    return 0.5 * sigmoid(x[..., 0] + x[..., 1]) ** 2


def _unit_gradient(x: np.ndarray) -> np.ndarray:
    z = x[..., 0] + x[..., 1]
    slope = sigmoid(z) ** 2 * sigmoid(-z)
    return _pairs(slope, slope)


def _unit_hessian(x: np.ndarray) -> np.ndarray:
    z = x[..., 0] + x[..., 1]
    p, q = sigmoid(z), sigmoid(-z)
    bend = p * p * q * (2 * q - p)
    return np.stack([_pairs(bend, bend), _pairs(bend, bend)], axis=-2)


def _rosenbrock(x: np.ndarray) -> np.ndarray:
    a, b = x[..., 0], x[..., 1]
    value: np.ndarray = (1 - a) ** 2 + 100 * (b - a * a) ** 2
    return value


def _rosenbrock_gradient(x: np.ndarray) -> np.ndarray:
    a, b = x[..., 0], x[..., 1]
    return _pairs(-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a))


def _rosenbrock_hessian(x: np.ndarray) -> np.ndarray:
    a, b = x[..., 0], x[..., 1]
    across = -400 * a
    return np.stack([_pairs(2 - 400 * (b - 3 * a * a), across), _pairs(across, 200 + 0 * b)], axis=-2)


def _saddle(x: np.ndarray) -> np.ndarray:
    a, b = x[..., 0], x[..., 1]
    value: np.ndarray = a * a / 2 - b * b / 2 + b**4 / 4
    return value


def _saddle_gradient(x: np.ndarray) -> np.ndarray:
    return _pairs(x[..., 0], x[..., 1] ** 3 - x[..., 1])


def _saddle_hessian(x: np.ndarray) -> np.ndarray:
    a, b = x[..., 0], x[..., 1]
    return np.stack([_pairs(1 + 0 * a, 0 * a), _pairs(0 * a, 3 * b * b - 1)], axis=-2)


def _bumpy(x: np.ndarray) -> np.ndarray:
    value: np.ndarray = (0.05 * x * x + 0.1 * np.cos(4 * x))[..., 0]
    return value


def _bumpy_gradient(x: np.ndarray) -> np.ndarray:
    slope: np.ndarray = 0.1 * x - 0.4 * np.sin(4 * x)
    return slope


def _bumpy_hessian(x: np.ndarray) -> np.ndarray:
    bend: np.ndarray = (0.1 - 1.6 * np.cos(4 * x))[..., None]
    return bend


BUMPY_LOWEST = 0.7389471547601295  # 0.1x = 0.4 sin 4x, the two lowest places of the bumpy bowl are at ± this
_ALL = (
    Function(
        "ravine", "Ravine", r"f = \tfrac12\left(0.1\,c_1^2 + c_2^2\right), \text{ turned by } 20°",
        RAVINE.value, lambda x: x @ RAVINE.hessian, _ravine_hessian,
        ((0.0, 0.0),), ((-3.0, 3.0), (-2.0, 2.0)), (-2.5, 0.7), 0.5,
    ),
    Function(
        "unit", "Sigmoid unit", r"f = \tfrac12\,\sigma(w + b)^2",
        _unit, _unit_gradient, _unit_hessian,
        (), ((-8.0, 8.0), (-8.0, 8.0)), (6.0, 6.0), 0.15,
    ),
    Function(
        "rosenbrock", "Rosenbrock", r"f = (1 - x)^2 + 100\,(y - x^2)^2",
        _rosenbrock, _rosenbrock_gradient, _rosenbrock_hessian,
        ((1.0, 1.0),), ((-2.0, 2.0), (-1.0, 3.0)), (-1.2, 1.0), 0.001,
    ),
    Function(
        "saddle", "Saddle", r"f = \tfrac12x^2 - \tfrac12y^2 + \tfrac14y^4",
        _saddle, _saddle_gradient, _saddle_hessian,
        ((0.0, 1.0), (0.0, -1.0)), ((-1.6, 1.6), (-1.6, 1.6)), (1.0, 0.3), 0.1,
    ),
    Function(
        "bumpy", "Bumpy bowl", r"f = 0.05\,x^2 + 0.1\cos 4x",
        _bumpy, _bumpy_gradient, _bumpy_hessian,
        ((BUMPY_LOWEST,), (-BUMPY_LOWEST,)), ((-8.0, 8.0),), (6.0,), 0.05,
    ),
)  # fmt: skip
FUNCTIONS: dict[str, Function] = {f.key: f for f in _ALL}


def objective(function: Function) -> Objective:
    """The function as the second-order methods ask for it."""
    return Objective(
        lambda theta, lanes: (function.value(theta), function.gradient(theta)),
        lambda theta, lanes: function.value(theta),
        lambda theta, lane: function.hessian(theta),
    )
