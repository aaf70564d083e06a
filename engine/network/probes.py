"""What a linear model can read from features: linear probes, and the three wishes for features.

    1. they tell the classes apart:    accuracy of a linear probe on them
    2. no two say the same:            mean |corr(aᵢ, aⱼ)| over the pairs of units that vary
    3. the input can be told from them: R² of the best linear way back to x

The probe is logistic regression on standardised features z, fitted exactly by Newton's method,

    minimise  Σₙ CE(yₙ, zₙW + b) + ½‖W‖²/C,   C = 1,  b free,

one output for two classes, K outputs with softmax for K. For values it is least squares, and its score R². Units that are
constant at all samples are left out: they have no correlation, and nothing can be read from them.

Shapes: A (N, F) features of N samples, Z (N, F) standardised, W (F, K), b (K,).
Sources: Alain and Bengio (2016), "Understanding intermediate layers using linear classifier probes"; Hastie, Tibshirani and
Friedman, The Elements of Statistical Learning, ch. 4.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

Array = np.ndarray
C = 1.0  # the smaller, the more large weights cost
CONSTANT = 1e-7  # a unit with a smaller standard deviation, as a share of its largest value or of 1, counts as constant
MOST_STEPS = 50  # of Newton's method
ENOUGH = 1e-10  # of the gradient, per sample


class Wishes(NamedTuple):
    """The three measures of a layer; NaN where there is nothing to measure."""

    probe: float
    correlation: float
    back: float


@dataclass(frozen=True)
class Scale:
    """Mean and standard deviation of the units that vary; `kept` are their numbers."""

    kept: Array
    mean: Array
    deviation: Array

    @classmethod
    def of(cls, A: Array) -> Scale:
        A = np.asarray(A, np.float64)
        mean, deviation = A.mean(axis=0), A.std(axis=0)
        largest = np.maximum(np.abs(A).max(axis=0, initial=0.0), 1.0)
        kept = np.flatnonzero(np.isfinite(deviation) & (deviation > CONSTANT * largest))
        return cls(kept, mean[kept], deviation[kept])

    @classmethod
    def common(cls, A: Array, units: int) -> Scale:
        """One deviation for all columns, as if A held `units` units of variance 1 in other coordinates."""
        A = np.asarray(A, np.float64)
        deviation = np.sqrt(max(float(A.var(axis=0).sum()) / units, 1e-300))
        return cls(np.arange(A.shape[1]), A.mean(axis=0), np.full(A.shape[1], deviation))

    def apply(self, A: Array) -> Array:
        """Standardised features (N, units that vary)."""
        Z: Array = (np.asarray(A, np.float64)[:, self.kept] - self.mean) / self.deviation
        return Z


@dataclass(frozen=True)
class Probe:
    """A linear model on standardised features. `task` as data sets have it."""

    scale: Scale
    task: str
    W: Array
    b: Array

    def outputs(self, A: Array) -> Array:
        """Probabilities, or values, (N, K): one for two classes, or for values."""
        found: Array = self.scale.apply(A) @ self.W + self.b
        if self.task == "regression":
            return found
        return _probabilities(found)

    def score(self, A: Array, y: Array) -> float:
        """The share of right answers, or R² for values; NaN without samples."""
        if not len(y):
            return float("nan")
        found = self.outputs(A)
        if self.task == "regression":
            return r_squared(y[:, None], found)
        answers = found[:, 0] > 0.5 if self.task == "binary" else found.argmax(axis=1)
        return float(np.mean(answers == y))


def fit(A: Array, y: Array, task: str, classes: int = 2, scale: Scale | None = None) -> Probe:
    """The probe of features A (N, F) for the targets y (N,); each unit has its own scale unless one is given."""
    scale = scale or Scale.of(A)
    Z = scale.apply(A)
    if task == "regression":
        W, b = _least_squares(Z, np.asarray(y, np.float64)[:, None])
    else:
        Y = y[:, None] == (np.array([1]) if task == "binary" else np.arange(classes))
        W, b = _logistic(Z, Y.astype(np.float64))
    return Probe(scale, task, W, b)


def _probabilities(logits: Array) -> Array:
    """Sigmoid of one column, softmax of several."""
    if logits.shape[1] == 1:
        found: Array = 0.5 * (1 + np.tanh(logits / 2))
        return found
    E = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Array = E / E.sum(axis=1, keepdims=True)
    return shares


def _loss(Z1: Array, Y: Array, V: Array) -> float:
    """Summed cross-entropy and penalty; V = [W; b]. Several biases are held at a sum of 0, which changes no probability."""
    logits = Z1 @ V
    if V.shape[1] == 1:
        losses = np.logaddexp(0, logits) - Y * logits
    else:
        top = logits.max(axis=1, keepdims=True)
        losses = top[:, 0] + np.log(np.exp(logits - top).sum(axis=1)) - (Y * logits).sum(axis=1)
    gauge = 0.5 * V[-1].sum() ** 2 if V.shape[1] > 1 else 0.0
    return float(losses.sum() + 0.5 * np.square(V[:-1]).sum() / C + gauge)


def _logistic(Z: Array, Y: Array) -> tuple[Array, Array]:
    """W and b by Newton's method with steps halved until the loss falls; the problem is convex and the optimum one."""
    samples, units = Z.shape
    K = Y.shape[1]
    Z1 = np.column_stack([Z, np.ones(samples)])
    V = np.zeros((units + 1, K))
    pull = np.r_[np.full(units, 1 / C), 0.0][:, None]
    loss = _loss(Z1, Y, V)
    for _ in range(MOST_STEPS):
        P = _probabilities(Z1 @ V)
        gradient = Z1.T @ (P - Y) + pull * V
        gauge = K > 1
        if gauge:
            gradient[-1] += V[-1].sum()
        if np.abs(gradient).max() < ENOUGH * samples:
            break
        H = np.empty((units + 1, K, units + 1, K))
        for k in range(K):
            for m in range(K):
                curvature = P[:, k] * ((k == m) - P[:, m])
                H[:, k, :, m] = (Z1 * curvature[:, None]).T @ Z1
                H[-1, k, -1, m] += gauge
            H[np.arange(units), k, np.arange(units), k] += 1 / C
        size = (units + 1) * K
        H = H.reshape(size, size)
        H[np.arange(size), np.arange(size)] += 1e-12 * samples  # a class that no sample has
        step = np.linalg.solve(H, gradient.ravel()).reshape(V.shape)
        length = 1.0
        while length > 1e-6 and _loss(Z1, Y, V - length * step) > loss:
            length /= 2
        V = V - length * step
        loss = _loss(Z1, Y, V)
    return V[:-1], V[-1]


def _least_squares(Z: Array, T: Array) -> tuple[Array, Array]:
    """The shortest W with the least ‖ZW + b − T‖²; Z has mean 0, so b is the mean of T."""
    b = T.mean(axis=0)
    W, *_ = np.linalg.lstsq(Z, T - b, rcond=1e-9)
    return W, b


def r_squared(T: Array, found: Array) -> float:
    """1 − Σ(t − t̂)² / Σ(t − t̄)², averaged over the columns of T that vary."""
    spread = np.square(T - T.mean(axis=0)).sum(axis=0)
    missed = np.square(T - found).sum(axis=0)
    good = spread > 0
    return float(np.mean(1 - missed[good] / spread[good])) if good.any() else float("nan")


def way_back(A: Array, P: Array) -> float:
    """R² of the best linear way from features A (N, F) back to the points P (N, 1 or 2), at these points."""
    Z = Scale.of(A).apply(A)
    W, b = _least_squares(Z, P)
    return r_squared(P, Z @ W + b)


def correlation(A: Array) -> float:
    """The mean |correlation| of all pairs of units that vary; NaN where there are fewer than two."""
    Z = Scale.of(A).apply(A)
    units = Z.shape[1]
    if units < 2:
        return float("nan")
    R = np.abs(Z.T @ Z) / len(Z)
    return float((R.sum() - np.trace(R)) / (units * (units - 1)))
