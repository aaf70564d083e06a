"""Two minima of one loss: least squares on which adaptive methods end at another zero of the training loss than descent.

The construction of Wilson et al., The marginal value of adaptive gradient methods (2017): n samples, y = ±1 with more of +1;
x has the label in feature 1, the constant 1 in features 2 and 3, and then private features that no other sample has, one
where y = 1, five where y = −1. Many weights fit all labels exactly. Descent from zero ends at the shortest of them, X⁺y.
sign(Xᵀy)/4 fits as well, and it is where methods go that divide each weight's step by the size of its own gradients.
On a new sample only the first three weights count: the private features of the training samples are 0 there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.methods.base import FirstOrder
from engine.methods.registry import OPTIMIZERS
from engine.studies.min_norm import min_norm

SHARED, PRIVATE = 3, 5
METHODS = {
    "sgd": 0.3,
    "momentum": 0.1,
    "adagrad": 0.1,
    "rmsprop": 0.01,
    "adam": 0.01,
}  # rates, which fall in a straight line to 0
UPDATES = 4000
RECORDED = tuple(int(t) for t in np.unique(np.geomspace(1, UPDATES, 90).astype(int)))


def labels(n: int, share: float, seed: int) -> np.ndarray:
    """n labels, each +1 with probability `share`, the others −1; those of +1 come first."""
    positives = np.count_nonzero(np.random.default_rng(seed).random(n) < share)
    return np.where(np.arange(n) < positives, 1.0, -1.0)


def construction(y: np.ndarray) -> np.ndarray:
    """X (n, 3 + 5n)."""
    n = len(y)
    X = np.zeros((n, SHARED + PRIVATE * n))
    X[:, 0], X[:, 1:SHARED] = y, 1.0
    for k in range(n):
        start = SHARED + PRIVATE * k
        X[k, start : start + (1 if y[k] > 0 else PRIVATE)] = 1.0
    return X


def shortest(y: np.ndarray) -> np.ndarray:
    """The shortest weights that fit: where descent from zero ends."""
    return min_norm(construction(y), y)


def by_signs(y: np.ndarray) -> np.ndarray:
    """sign(Xᵀy)/4: fits exactly where there are more of +1 than of −1."""
    signs: np.ndarray = np.sign(construction(y).T @ y)
    return signs / (1 + SHARED)


def output(weights: np.ndarray, label: float) -> float:
    """The output on a new sample with this label: only its shared features are not 0."""
    return float(label * weights[0] + weights[1:SHARED].sum())


def new_accuracy(weights: np.ndarray, share: float) -> float:
    """On new samples, of which `share` are +1; half where the output is 0."""

    def right(label: float) -> float:
        return 0.5 + 0.5 * float(np.sign(round(output(weights, label) * label, 12)))

    return share * right(1.0) + (1 - share) * right(-1.0)


@dataclass(frozen=True)
class Descent:
    """What a method did: at the updates RECORDED its training loss, and its output on a new sample with label −1; its weights
    at the end.
    """

    loss: np.ndarray
    negative: np.ndarray
    weights: np.ndarray


def descend(method: str, y: np.ndarray) -> Descent:
    """`UPDATES` updates of the mean squared error from zero."""
    X, rate = construction(y), METHODS[method]
    theta = np.zeros((1, X.shape[1]))
    optimizer = OPTIMIZERS[method](1, X.shape[1], rate)
    assert isinstance(optimizer, FirstOrder)
    losses, negatives = [], []
    wanted = set(RECORDED)
    for t in range(1, UPDATES + 1):
        optimizer.learning_rate = rate * (1 - (t - 1) / UPDATES)
        optimizer.step(theta, 2 / len(y) * ((X @ theta[0] - y) @ X)[None])
        if t in wanted:
            losses.append(float(np.mean((X @ theta[0] - y) ** 2)))
            negatives.append(output(theta[0], -1.0))
    return Descent(np.array(losses), np.array(negatives), theta[0])
