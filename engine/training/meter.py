"""Loss and accuracy of many lanes on all training and test data: what the history records."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.data.load import Dataset
from engine.network.mlp import MLP


class Meter:
    """Measures lanes on one data set. It keeps the data's arrays in each number type that is asked for."""

    def __init__(self, data: Dataset) -> None:
        self.data = data
        self._arrays: dict[tuple[Any, ...], np.ndarray] = {}

    def inputs(self, part: str, dtype: Any) -> np.ndarray:
        """X (N, D) of "train" or "test"."""
        key = (part, np.dtype(dtype))
        if key not in self._arrays:
            self._arrays[key] = getattr(self.data, f"X_{part}").astype(dtype)
        return self._arrays[key]

    def target(self, part: str, dtype: Any, mlp: MLP) -> np.ndarray:
        """The labels of "train" or "test", as the network's loss wants them."""
        key = (part, np.dtype(dtype), mlp.loss_key, mlp.layer_sizes[-1])
        if key not in self._arrays:
            self._arrays[key] = mlp.target(getattr(self.data, f"y_{part}"), dtype)
        return self._arrays[key]

    def measure(self, mlp: MLP, theta: np.ndarray) -> np.ndarray:
        """Training and test loss, then accuracy (4, R), at theta (R, P); NaN where there is none."""
        result = np.empty((4, len(theta)))
        result.fill(np.nan)
        with np.errstate(all="ignore"):
            for row, part in enumerate(("train", "test")):
                X = self.inputs(part, theta.dtype)
                if len(X):
                    self._measure(mlp, theta, part, X, result[row::2])
        return result

    def train_loss(self, mlp: MLP, theta: np.ndarray) -> np.ndarray:
        """The training loss (R,) at theta (R, P), as `measure` has it."""
        with np.errstate(all="ignore"):
            outputs = mlp.forward(theta, self.inputs("train", theta.dtype))
            return mlp.loss_function.evaluate(outputs, self.target("train", theta.dtype, mlp), None)

    def _measure(self, mlp: MLP, theta: np.ndarray, part: str, X: np.ndarray, result: np.ndarray) -> None:
        outputs = mlp.forward(theta, X)
        loss = mlp.loss_function.evaluate(outputs, self.target(part, theta.dtype, mlp), None)
        result[0] = loss
        y = getattr(self.data, f"y_{part}")
        if self.data.task == "multiclass":
            right = outputs.argmax(axis=2) == y
            result[1] = np.add.reduce(right, axis=1) / len(y)
        elif self.data.task == "binary":
            threshold = 0.0 if mlp.loss_key == "binary_cross_entropy" else 0.5
            right = (outputs[:, :, 0] > threshold) == (y > 0.5)
            result[1] = np.add.reduce(right, axis=1) / len(y)
        if theta.dtype != np.float64 and not np.isfinite(loss).all():
            for row in np.flatnonzero(~np.isfinite(loss)):  # float64 may still hold so large a loss
                wide = theta[row : row + 1].astype(np.float64)
                self._measure(mlp, wide, part, self.inputs(part, np.float64), result[:, row : row + 1])
