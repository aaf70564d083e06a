"""Loss and accuracy of many lanes on all training, test and validation data: what the history records."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.data.load import Dataset
from engine.network.mlp import MLP

MEASURED = (
    "train_loss",
    "test_loss",
    "train_accuracy",
    "test_accuracy",
    "validation_loss",
    "validation_accuracy",
)
PLACES = {"train": slice(0, 4, 2), "test": slice(1, 4, 2), "validation": slice(4, 6)}  # of loss and accuracy


class Meter:
    """Measures lanes on one data set. It keeps the data's arrays in each number type that is asked for."""

    def __init__(self, data: Dataset) -> None:
        self.data = data
        self._arrays: dict[tuple[Any, ...], np.ndarray] = {}

    def inputs(self, part: str, dtype: Any) -> np.ndarray:
        """X (N, D) of "train", "test" or "validation"."""
        key = (part, np.dtype(dtype))
        if key not in self._arrays:
            self._arrays[key] = getattr(self.data, f"X_{part}").astype(dtype)
        return self._arrays[key]

    def target(self, part: str, dtype: Any, mlp: MLP) -> np.ndarray:
        """The labels of "train", "test" or "validation", as the network's loss wants them."""
        key = (part, np.dtype(dtype), mlp.loss_key, mlp.layer_sizes[-1])
        if key not in self._arrays:
            self._arrays[key] = mlp.target(getattr(self.data, f"y_{part}"), dtype)
        return self._arrays[key]

    def measure(self, mlp: MLP, theta: np.ndarray) -> np.ndarray:
        """The MEASURED (6, R) at theta (R, P); NaN where there is none."""
        result = np.empty((len(MEASURED), len(theta)))
        result.fill(np.nan)
        with np.errstate(all="ignore"):
            for part, places in PLACES.items():
                X = self.inputs(part, theta.dtype)
                if len(X):
                    self._measure(mlp, theta, part, X, result[places])
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
        if self.data.task != "regression":
            result[1] = np.add.reduce(right_answers(mlp, outputs, y), axis=1) / len(y)
        if theta.dtype != np.float64 and not np.isfinite(loss).all():
            for row in np.flatnonzero(~np.isfinite(loss)):  # float64 may still hold so large a loss
                wide = theta[row : row + 1].astype(np.float64)
                self._measure(mlp, wide, part, self.inputs(part, np.float64), result[:, row : row + 1])


def right_answers(mlp: MLP, outputs: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Where the outputs (R, N, C) name the class y (N,): (R, N) of bool."""
    if outputs.shape[2] > 1:
        return np.asarray(outputs.argmax(axis=2) == y)
    threshold = 0.0 if mlp.loss_key == "binary_cross_entropy" else 0.5
    return np.asarray((outputs[:, :, 0] > threshold) == (y > 0.5))
