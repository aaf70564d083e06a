"""How sharp the loss is now, beside the edge of stability of the lane's method (engine/methods/edge.py).

Sharpness is the largest eigenvalue of the Hessian of the training loss (with its L2 penalty), or of D⁻¹H for methods that
divide their step by D. In full-batch training it climbs to the threshold and hovers there. Sources: Cohen et al., Gradient
Descent on Neural Networks Typically Occurs at the Edge of Stability (2021); Cohen et al., Adaptive Gradient Methods at the
Edge of Stability (2022).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from engine.config.lane import LaneConfig
from engine.methods.edge import Threshold, no_threshold
from engine.methods.registry import OPTIMIZERS
from engine.network.hessian import Curvature
from engine.training.blocks import optimizer_row
from engine.training.experiment import Experiment

STEPS = 60  # of Lanczos iteration, at most, and at least: fewer could miss a direction that has overtaken the last
FEWEST = 8
RESIDUAL = 0.005  # of the eigenvalue: when the answer is good enough; its error is at most this


def threshold(lane: LaneConfig, rate: float | None = None) -> Threshold:
    """The threshold of a lane's method and options at `rate` (its own learning rate if not given)."""
    kind, eta = OPTIMIZERS[lane.optimizer], lane.learning_rate if rate is None else rate
    found = kind.edge(kind.with_defaults(lane.options), eta if eta > 0 else 1.0)
    if found.value is None or eta > 0:
        return found
    return no_threshold("The rate is zero now: nothing moves, so nothing can be unstable.")


def preconditioner(lane: LaneConfig, state: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """D (P,), by which a lane's method divides its step, from its state rows; None before the first update."""
    kind = OPTIMIZERS[lane.optimizer]
    count = int(state["t"][0]) if "t" in state else 0
    if not count:
        return None
    rows = {name: np.asarray(state[name], np.float64) for name in kind.rows if name in state}
    return kind.divisor(kind.with_defaults(lane.options), rows, count)


def largest_eigenvalue(
    product: Callable[[np.ndarray], np.ndarray], start: np.ndarray, steps: int = STEPS
) -> tuple[float, np.ndarray]:
    """The largest eigenvalue of a symmetric operator and its unit eigenvector (P,), by Lanczos iteration from
    `start` (P,), until its residual is below RESIDUAL of it. NaN where products are not finite.

    An eigenvector from a moment ago is a good start: then a few products are enough.
    """
    q = start / np.linalg.norm(start)
    basis: list[np.ndarray] = []
    diagonal: list[float] = []
    beside: list[float] = []
    for k in range(min(steps, len(start))):
        basis.append(q)
        w = product(q)
        if not np.isfinite(w).all():
            return float("nan"), start
        diagonal.append(float(w @ q))
        known = np.array(basis)
        for _ in range(2):  # twice: once leaves rounding errors behind
            w = w - known.T @ (known @ w)
        size = float(np.linalg.norm(w))
        T = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
        values, vectors = np.linalg.eigh(T)
        residual = size * abs(vectors[-1, -1])
        if size <= 1e-12 * max(1e-12, np.abs(T).max()) or (
            k + 1 >= FEWEST and residual <= RESIDUAL * abs(values[-1])
        ):
            break
        beside.append(size)
        q = w / size
    vector = np.array(basis).T @ vectors[:, -1]
    return float(values[-1]), vector / np.linalg.norm(vector)


class SharpnessGauge:
    """Follows the sharpness of an experiment's lanes while they train: the last eigenvectors are the next start.

    `read(lane)` is (sharpness, threshold): the largest eigenvalue of H, or of D⁻¹H where the method divides by D.
    It changes nothing of the experiment.
    """

    def __init__(self, experiment: Experiment, seed: int = 0) -> None:
        self.experiment = experiment
        self._rng = np.random.default_rng([seed, 5])
        self._vectors: dict[int, np.ndarray] = {}

    def read(self, lane: int, precondition: bool = True) -> tuple[float, Threshold]:
        """Sharpness and threshold of `lane` now. With `precondition` false the sharpness of H itself."""
        experiment = self.experiment
        chosen, config = experiment.lanes[lane], experiment.lanes[lane].config
        mlp, theta = chosen.mlp, experiment.theta(lane).astype(np.float64)[None]
        limit = threshold(config, chosen.rate(chosen.updates + 1))
        root = None
        if precondition and limit.preconditioned:
            D = preconditioner(config, lane_state(experiment, lane))
            if D is None:
                return float("nan"), limit
            root = 1 / np.sqrt(np.maximum(D, 1e-150))
        X = experiment.data.X_train
        y = experiment.meter.target("train", np.float64, mlp)

        curvature = Curvature(mlp, theta, X, y, **config.penalties)

        def product(v: np.ndarray) -> np.ndarray:
            inner = v if root is None else root * v
            out = curvature.product(inner[None])[0]
            result: np.ndarray = out if root is None else root * out
            return result

        before = self._vectors.get(lane)
        noise = np.array(self._rng.standard_normal(theta.shape[1]))
        noise /= np.linalg.norm(noise)
        # a little noise, so that a direction that has overtaken the last one is found
        start = noise if before is None or before.shape != noise.shape else before + 0.1 * noise
        with np.errstate(all="ignore"):
            value, vector = largest_eigenvalue(product, start)
        if np.isfinite(value):
            self._vectors[lane] = vector
        return value, limit


def lane_state(experiment: Experiment, lane: int) -> dict[str, Any]:
    """A lane's optimizer state: rows (P,) and count, from its block or as it was left."""
    chosen = experiment.lanes[lane]
    return (
        chosen.optimizer_state if chosen.block is None else optimizer_row(chosen.block.optimizer, chosen.row)
    )
