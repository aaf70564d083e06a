"""What else than its training loss a picture of a network may show: the error, and the cross-entropy in bits.

The error is what one wants and what no gradient sees: it has as many levels as there are samples. −log₂ p lies above it
everywhere, as a sample that is wrong has p ≤ ½ and so −log₂ p ≥ 1; −ln p does not, near p = ½.
"""

from __future__ import annotations

import math

import numpy as np

from engine.network.mlp import MLP

MEASURES = ("error", "bits")
IN_BITS = ("binary_cross_entropy", "cross_entropy")  # losses that are a negative logarithm of a probability


class Measured(MLP):
    """The network of `mlp`, whose `loss` is a measure of it; all else stays as it is."""

    def __init__(self, mlp: MLP, measure: str) -> None:
        if measure not in MEASURES:
            raise ValueError(f"There is no measure {measure!r}; choose one of {', '.join(MEASURES)}.")
        if measure == "bits" and mlp.loss_key not in IN_BITS:
            raise ValueError(
                f"The loss {mlp.loss_key!r} is no logarithm of a probability; choose the error rate."
            )
        super().__init__(mlp.layer_sizes, mlp.activations, mlp.loss_key)
        self.measure = measure

    def loss(self, theta: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The measure (R,) on samples with the classes y (N,)."""
        if self.measure == "bits":
            bits: np.ndarray = super().loss(theta, X, y) / theta.dtype.type(math.log(2))
            return bits
        predicted = self.predict(theta, X)
        label = predicted.argmax(axis=-1) if predicted.shape[-1] > 1 else predicted[..., 0] >= 0.5
        wrong = np.mean(label != (np.asarray(y) if predicted.shape[-1] > 1 else np.asarray(y) > 0.5), axis=-1)
        wrong[~np.isfinite(predicted).all(axis=(1, 2))] = np.nan
        result: np.ndarray = wrong.astype(theta.dtype)
        return result
