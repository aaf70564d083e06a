"""What a method with `needs_closure` minimises: it asks where it wants losses, gradients and Hessians.

`ask(theta, lanes)` gives loss (r,) and gradient (r, P) at the rows theta (r, P), where row k belongs to lane lanes[k] and
a lane may come up several times; `ask.loss(theta, lanes)` gives the losses alone, `ask.hessian(theta_row, lane)` one
Hessian (P, P). The arrays belong to the asker.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.network.hessian import hessian
from engine.network.mlp import MLP
from engine.network.penalties import Strengths, add_gradient, penalty

Lanes = Sequence[int] | np.ndarray


@dataclass(frozen=True)
class Objective:
    """Any function of rows; `hessian` may be left out where no Newton method is used."""

    evaluate: Callable[[np.ndarray, Lanes], tuple[np.ndarray, np.ndarray]]
    loss: Callable[[np.ndarray, Lanes], np.ndarray]
    hessian: Callable[[np.ndarray, int], np.ndarray] | None = None

    def __call__(self, theta: np.ndarray, lanes: Lanes) -> tuple[np.ndarray, np.ndarray]:
        return self.evaluate(theta, lanes)


def network_objective(
    mlp: MLP, X: np.ndarray, y: np.ndarray, penalties: Strengths | None = None
) -> Objective:
    """The loss of `mlp` on samples X (N, D), or (R, N, D), with penalties of strengths (R, 1), by key, if given.

    y is labels, or a target as `mlp.target` makes it. L1 adds to the gradient, but has no curvature.
    """

    def samples(lanes: Lanes) -> tuple[np.ndarray, np.ndarray]:
        return (X[lanes], y[lanes]) if X.ndim == 3 else (X, y)

    def strengths(lanes: Lanes) -> Strengths:
        return {key: column[lanes] for key, column in (penalties or {}).items()}

    def loss(theta: np.ndarray, lanes: Lanes) -> np.ndarray:
        total = mlp.loss(theta, *samples(lanes))
        if penalties:
            total += penalty(theta, mlp.weight_mask, strengths(lanes))
        return total

    def evaluate(theta: np.ndarray, lanes: Lanes) -> tuple[np.ndarray, np.ndarray]:
        total, gradient = mlp.loss_and_gradient(theta, *samples(lanes))
        if penalties:
            total += penalty(theta, mlp.weight_mask, strengths(lanes))
            add_gradient(theta, mlp.trained_mask, strengths(lanes), gradient)
        return total, gradient

    def curvature(theta: np.ndarray, lane: int) -> np.ndarray:
        own_X, own_y = (X[lane], y[lane]) if X.ndim == 3 else (X, y)
        own = {key: float(column[lane, 0]) for key, column in (penalties or {}).items()}
        return hessian(mlp, theta, own_X, own_y, **own)

    return Objective(evaluate, loss, curvature)
