"""Ways to make features for a linear model: by hand, at random, and from a network's slopes.

    by hand   x, x²
    random    φ(xW + b), each entry of W and b from N(0, 1), never trained
    lazy      ∂f/∂θ at some θ₀: the network that is linear in its weights, f₀(x) + ∂f/∂θ·(θ − θ₀), is a linear model on these

There are as many slopes as parameters, often more than samples. A linear model with a penalty on its weights uses only the
directions that the training samples span, so N columns say all there is: with K = JJᵀ = U diag(s) Uᵀ of the training samples
they are K(x, X)·U/√s. Their probe has one scale for all of them, so that directions keep their lengths.

Shapes: points P (N, 1 or 2), inputs X (N, D).
Sources: Rahimi and Recht (2008); Jacot, Gabriel and Hongler (2018); Chizat, Oyallon and Bach (2019).
"""

from __future__ import annotations

import numpy as np

from engine.network.activations import ACTIVATIONS
from engine.network.mlp import MLP
from engine.network.tangent import jacobian

Array = np.ndarray
MOST_SPANNED = 200  # training samples whose slopes span the lazy features
CHUNK = 100  # samples whose slopes are held at once
FLAT = 1e-9  # an eigenvalue of K below this share of the largest counts as 0


def hand_made(P: Array) -> Array:
    """The coordinates and their squares (N, 2 or 4)."""
    return np.column_stack([P, P * P])


def random_units(P: Array, width: int, activation: str, rng: np.random.Generator) -> Array:
    """φ(PW + b) (N, width)."""
    W, b = rng.standard_normal((P.shape[1], width)), rng.standard_normal(width)
    z = P @ W + b
    return np.asarray(ACTIVATIONS[activation].value(z, np.empty_like(z)))


class Slopes:
    """The lazy features of a network at θ (P,): ∂f/∂θ of every output, in the directions that samples X (N, D) span."""

    def __init__(self, mlp: MLP, theta: Array, X: Array) -> None:
        chosen = np.unique(np.linspace(0, len(X) - 1, min(len(X), MOST_SPANNED)).round().astype(int))
        sizes, outputs = mlp.layer_sizes, mlp.layer_sizes[-1]
        self.one = MLP((*sizes[:-1], 1), mlp.activations[:-1], "quadratic")
        slot, fan_in, _ = mlp.slots[-1]
        below, last = theta[: slot.start], theta[slot].reshape(fan_in + 1, outputs)
        self.columns = [np.concatenate([below, last[:, k]])[None].astype(np.float64) for k in range(outputs)]
        self.count = mlp.parameter_count
        self.bases = [self._slopes(column, X[chosen]) for column in self.columns]
        K = sum(J @ J.T for J in self.bases)
        values, vectors = np.linalg.eigh(K)
        kept = values > FLAT * max(float(values[-1]), 1e-300)
        self.turn = vectors[:, kept] / np.sqrt(values[kept])

    def _slopes(self, column: Array, X: Array) -> Array:
        """∂f/∂θ (N, P) of one output, in 32 bits: it is the largest array of the study."""
        J = [
            jacobian(self.one, column, X[k : k + CHUNK])[1][0].astype(np.float32)
            for k in range(0, len(X), CHUNK)
        ]
        return np.concatenate(J)

    def features(self, X: Array) -> Array:
        """(M, as many as the samples span)."""
        K = [
            sum(self._slopes(column, X[k : k + CHUNK]) @ J.T for column, J in zip(self.columns, self.bases, strict=True))
            for k in range(0, len(X), CHUNK)
        ]  # fmt: skip
        return np.asarray(np.concatenate(K) @ self.turn, np.float64)
