"""The edge of stability: how sharp the loss may be before a method with a given learning rate oscillates.

On a quadratic with curvature λ a method with a fixed rate is a linear map, and it is stable while both roots of its
characteristic polynomial lie inside the unit circle. All the methods here first leave it at z = −1, which gives

    SGD                         λ < 2/η
    momentum, heavy ball        λ < 2(1 + β)/η            v ← βv + g,        θ ← θ − ηv
    momentum, velocity          λ < 2(1 + β)/η            v ← βv − ηg,       θ ← θ + v
    momentum, ema               λ < 2(1 + β)/(η(1 − β))   m ← βm + (1 − β)g, θ ← θ − ηm
    Nesterov, PyTorch's form    λ < 2(1 + β)/(η(1 + 2β))  v ← βv + g,        θ ← θ − η(g + βv)

Adaptive methods divide the gradient by D (P,), for instance √v̂ + ε. Once D moves slowly they are the same on the
preconditioned loss, so for them λ is the largest eigenvalue of D⁻¹H: RMSprop, Adagrad and Adadelta as SGD, Adam as
`ema`; AdamW's decay w takes 2(1 + β) to (2 − ηw)(1 + β).

Sharpness is the largest eigenvalue of the Hessian of the training loss (with its L2 penalty). In full-batch training
it climbs to the threshold and hovers there. Sources: Cohen et al., Gradient Descent on Neural Networks Typically
Occurs at the Edge of Stability (2021); Cohen et al., Adaptive Gradient Methods at the Edge of Stability (2022).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.config.lane import LaneConfig
from engine.methods.first_order import OPTIMIZERS
from engine.methods.schedules import SCHEDULES
from engine.network.hessian import products
from engine.training.blocks import optimizer_row
from engine.training.experiment import Experiment

STEPS = 60  # of Lanczos iteration, at most, and at least: fewer could miss a direction that has overtaken the last
FEWEST = 8
RESIDUAL = 0.005  # of the eigenvalue: when the answer is good enough; its error is at most this

NO_THRESHOLD = {
    "lion": "Lion's steps have a fixed length whatever the gradient's, so there is no sharpness beyond which they grow.",
    "nadam": "Nadam's momentum changes from update to update, so it has no fixed threshold.",
    "random_search": "Random search takes no gradient steps, so curvature does not make it unstable.",
    "newton": "Newton's method divides by the curvature itself and searches along the line: no fixed threshold.",
    "bfgs": "BFGS chooses each step by a line search: no fixed threshold.",
    "lbfgs": "L-BFGS chooses each step by a line search: no fixed threshold.",
}


@dataclass(frozen=True)
class Threshold:
    """The sharpness beyond which a method oscillates. `value` is None where there is none, and `reason` says why.

    `formula` is LaTeX. `preconditioned`: it is for the eigenvalue of D⁻¹H, not of H.
    """

    value: float | None
    formula: str = ""
    preconditioned: bool = False
    reason: str = ""


def threshold(lane: LaneConfig, rate: float | None = None) -> Threshold:
    """The threshold of a lane's method and options at `rate` (its own learning rate if not given)."""
    kind, eta = OPTIMIZERS[lane.optimizer], lane.learning_rate if rate is None else rate
    if lane.optimizer in NO_THRESHOLD:
        return Threshold(None, reason=NO_THRESHOLD[lane.optimizer])
    if not eta > 0:
        return Threshold(None, reason="The rate is zero now: nothing moves, so nothing can be unstable.")
    options = {name: lane.options.get(name, option.default) for name, option in kind.options.items()}
    beta = float(options.get("beta", 0.0))
    if lane.optimizer == "sgd":
        return Threshold(2 / eta, r"\frac{2}{\eta}")
    if lane.optimizer == "momentum":
        if options["form"] == "ema":
            return Threshold(2 * (1 + beta) / (eta * (1 - beta)), r"\frac{2(1+\beta)}{\eta(1-\beta)}")
        return Threshold(2 * (1 + beta) / eta, r"\frac{2(1+\beta)}{\eta}")
    if lane.optimizer == "nesterov":
        return Threshold(2 * (1 + beta) / (eta * (1 + 2 * beta)), r"\frac{2(1+\beta)}{\eta(1+2\beta)}")
    if lane.optimizer in ("adam", "amsgrad", "adamw"):
        beta = float(options["beta1"])
        decay = float(options.get("weight_decay", 0.0))
        extra = r"(2-\eta w)(1+\beta_1)" if decay else r"2(1+\beta_1)"
        value = (2 - eta * decay) * (1 + beta) / (eta * (1 - beta))
        return Threshold(value, rf"\frac{{{extra}}}{{\eta(1-\beta_1)}}", True)
    return Threshold(2 / eta, r"\frac{2}{\eta}", True)  # adagrad, adadelta, rmsprop


def preconditioner(lane: LaneConfig, state: dict[str, np.ndarray]) -> np.ndarray | None:
    """D (P,), by which a lane's method divides its step, from its state rows; None for methods that do not,
    and before the first update."""
    kind = OPTIMIZERS[lane.optimizer]
    option = {name: lane.options.get(name, o.default) for name, o in kind.options.items()}
    count = int(state["t"][0]) if "t" in state else 0
    if not count:
        return None
    v = np.asarray(state.get("v", state.get("s", 0.0)), np.float64)
    if lane.optimizer in ("adam", "adamw", "amsgrad"):
        v = np.asarray(state.get("largest", v), np.float64)
        start = 1 - option["beta1"] ** count  # the first moment's correction, as in Cohen et al. (2022)
        return start * (np.sqrt(v / (1 - option["beta2"] ** count)) + option["eps"])
    if lane.optimizer == "adagrad":
        return np.sqrt(v) + option["eps"]
    if lane.optimizer == "rmsprop":
        return np.sqrt(v + option["eps"]) if option["eps_in_sqrt"] else np.sqrt(v) + option["eps"]
    if lane.optimizer == "adadelta":
        u = np.asarray(state["u"], np.float64)
        return np.sqrt(v + option["eps"]) / np.sqrt(u + option["eps"])
    return None


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
        limit = threshold(config, current_rate(experiment, lane))
        root = None
        if precondition and limit.preconditioned:
            D = preconditioner(config, lane_state(experiment, lane))
            if D is None:
                return float("nan"), limit
            root = 1 / np.sqrt(np.maximum(D, 1e-150))
        X = experiment.data.X_train
        y = experiment.meter.target("train", np.float64, mlp)

        def product(v: np.ndarray) -> np.ndarray:
            inner = v if root is None else root * v
            out = products(mlp, theta, inner[None], X, y, config.l2)[0]
            return out if root is None else root * out

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


def current_rate(experiment: Experiment, lane: int) -> float:
    """The rate of a lane's next update, its schedule included."""
    chosen = experiment.lanes[lane]
    config = chosen.config
    updates = chosen.updates - chosen.schedule_start + 1
    return SCHEDULES[config.schedule].rate(config.learning_rate, max(1, updates), **config.schedule_options)


def lane_state(experiment: Experiment, lane: int) -> dict[str, Any]:
    """A lane's optimizer state: rows (P,) and count, from its block or as it was left."""
    chosen = experiment.lanes[lane]
    return (
        chosen.optimizer_state if chosen.block is None else optimizer_row(chosen.block.optimizer, chosen.row)
    )
