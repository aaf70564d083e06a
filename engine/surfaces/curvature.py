"""A step by the curvature: the quadratic model of a surface at a point, and the methods that trust it.

m(d) = f + gᵀd + ½dᵀHd. Newton goes to where the model is level, d = −H⁻¹g: the model's minimum if H is positive definite, its
saddle if H has eigenvalues of both signs, and nowhere if H is singular. The app's damped Newton and BFGS are those of
engine/methods/second_order. Solving for d costs about P³/3 multiplications, and H is P² numbers.

Symbols: g gradient (D,), H Hessian (D, D). Source: Nocedal and Wright (2006), chapters 3 and 6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.methods.second_order import BFGS, Newton
from engine.surfaces.downhill import descend
from engine.surfaces.functions import Function, objective

SINGULAR = 1e-10  # of the largest |eigenvalue|
METHODS = ("newton", "damped", "bfgs", "gd")


@dataclass(frozen=True, eq=False)
class Model:
    """The quadratic model at a point, and of what kind it is: bowl, saddle, hill or singular."""

    at: np.ndarray
    value: float
    gradient: np.ndarray
    hessian: np.ndarray

    @property
    def kind(self) -> str:
        """By the signs of the eigenvalues of H; singular where one is at most SINGULAR of the largest."""
        values = np.linalg.eigvalsh(self.hessian)
        if np.abs(values).min() <= SINGULAR * np.abs(values).max():
            return "singular"
        return "bowl" if values[0] > 0 else "hill" if values[-1] < 0 else "saddle"

    @property
    def step(self) -> np.ndarray | None:
        """−H⁻¹g, or None where H is singular."""
        return None if self.kind == "singular" else -np.linalg.solve(self.hessian, self.gradient)

    def at_step(self, d: np.ndarray) -> np.ndarray:
        """m(d) for d (…, D)."""
        value: np.ndarray = self.value + d @ self.gradient + 0.5 * ((d @ self.hessian) * d).sum(axis=-1)
        return value


def model(function: Function, x: np.ndarray) -> Model:
    """The model at x (D,): value, gradient (D,) and Hessian (D, D) of the function there."""
    x = np.asarray(x, np.float64)
    return Model(x, float(function.value(x)), function.gradient(x), function.hessian(x))


def walk(function: Function, method: str, start: np.ndarray, steps: int, rate: float) -> np.ndarray:
    """The path (T + 1, D) of a method; it ends where the method can't go on. `rate` is gradient descent's alone."""
    if method == "gd":
        return descend(function.gradient, start, rate, steps)
    if method == "newton":
        return _newton(function, start, steps)
    x = np.array([start], np.float64)
    optimizer = (Newton if method == "damped" else BFGS)(1, x.shape[1])
    ask, path = objective(function), [x[0].copy()]
    for _ in range(steps):
        optimizer.step(x, ask)
        if optimizer.failed[0]:
            break
        path.append(x[0].copy())
    return np.array(path)


def _newton(function: Function, start: np.ndarray, steps: int) -> np.ndarray:
    path = [np.array(start, np.float64)]
    for _ in range(steps):
        step = model(function, path[-1]).step
        if step is None or not np.isfinite(step).all():
            break
        path.append(path[-1] + step)
    return np.array(path)


def newton_cost(parameters: int) -> tuple[float, int]:
    """Multiplications to solve for one step, and numbers in H: P³/3 and P²."""
    return parameters**3 / 3, parameters**2
