"""Losses, as means over samples, with their gradients with respect to the network's outputs.

`kernel(z, target, gradient)` takes outputs z (R, C, N) (logits or values), or (C, N) for one lane, and a prepared target
of the same shape or (C, N), writes ∂loss/∂z into `gradient` unless it is None, and returns the loss per lane (R,). Samples
come last because the network works so; `evaluate` takes the usual (R, N, C). `prepare(y, C, dtype)` turns labels into a
target (N, C), or (R, N, C) where each lane has its own batch. Stable for any finite outputs; of no samples, NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.network.activations import HALF, sigmoid

MINUS_TWO = np.full((), -2, np.float32)  # as HALF: exact in every number type


@dataclass(frozen=True)
class Loss:
    """One loss: formula per sample, the tasks it suits, and what turns outputs into predictions."""

    key: str
    label: str
    formula: str
    help: str
    tasks: tuple[str, ...]
    kernel: Callable[..., np.ndarray]
    predict: Callable[[np.ndarray], np.ndarray]

    @property
    def gives_probabilities(self) -> bool:
        """Whether `predict` returns probabilities; with a squared loss the outputs are values of any size."""
        return self.predict is not _values

    def evaluate(self, outputs: np.ndarray, target: np.ndarray, gradient: np.ndarray | None) -> np.ndarray:
        """The loss (R,) of outputs (R, N, C); ∂loss/∂outputs goes to `gradient` unless that is None."""
        slopes = None if gradient is None else gradient.swapaxes(-1, -2)
        return self.kernel(outputs.swapaxes(-1, -2), np.asarray(target).swapaxes(-1, -2), slopes)


def prepare(key: str, y: np.ndarray, outputs: int, dtype) -> np.ndarray:
    """Labels as the target array of `key`: (…, N, C). Class numbers become one-hot rows."""
    y = np.asarray(y)
    if key == "cross_entropy" or (outputs > 1 and np.issubdtype(y.dtype, np.integer)):
        if y.shape[-1:] == (outputs,) and not np.issubdtype(y.dtype, np.integer):
            return y.astype(dtype)
        return np.eye(outputs, dtype=dtype)[y[..., 0] if y.ndim > 1 and y.shape[-1] == 1 else y]
    y = y.astype(dtype)
    return y if y.ndim > 1 and y.shape[-1] == outputs else y[..., None]


def _per_lane(values: np.ndarray) -> np.ndarray:
    """The sum over outputs and samples of (…, C, N)."""
    return np.add.reduce(values.reshape(*values.shape[:-2], -1), axis=-1)


def _mean_squared_error(z, target, gradient, factor=1.0):
    size = z.shape[-2] * z.shape[-1]
    difference = np.subtract(z, target, out=gradient)
    loss = _per_lane(difference * difference) / (size / factor)
    if gradient is not None:
        gradient *= 2 * factor / max(1, size)
    return loss


def _quadratic(z, target, gradient):
    return _mean_squared_error(z, target, gradient, 0.5)


def _huber(z, target, gradient):
    size = z.shape[-2] * z.shape[-1]
    difference = z - target
    inside = np.clip(difference, -1, 1)
    if gradient is not None:
        np.divide(inside, size, out=gradient)
    difference -= 0.5 * inside
    inside *= difference
    return _per_lane(inside) / size


def _binary_cross_entropy(z, target, gradient):
    """ln(1+eᶻ) − yz = ln(2 cosh u) + hz, from logits z, where u = z/2 and h = ½ − y; its slope is (tanh u)/2 + h.

    Stable as ln(2 cosh u) = |u| + ln(1 + e^−2|u|): |u| and hz cancel exactly where the answer is sure and right.
    """
    size = z.shape[-2] * z.shape[-1]
    h, u = HALF - target, z * HALF
    if gradient is not None:
        np.tanh(u, gradient)
        gradient *= HALF
        gradient += h
        gradient /= size
    total = np.abs(u, u)
    e = np.multiply(total, MINUS_TWO)
    np.exp(e, e)
    total += np.log1p(e, e)
    total += np.multiply(z, h, e)
    return _per_lane(total) / size


def _cross_entropy(z, target, gradient):
    """ln Σₖ e^{zₖ} − z_y, from logits z, by log-sum-exp."""
    samples = z.shape[-1]
    shifted = z - np.maximum.reduce(z, axis=-2, keepdims=True)
    e = np.exp(shifted)
    total = np.add.reduce(e, axis=-2, keepdims=True)
    if gradient is not None:
        np.divide(e, total, gradient)
        gradient -= target
        gradient /= samples
    shifted *= target
    return _per_lane(np.log(total) - np.add.reduce(shifted, axis=-2, keepdims=True)) / samples


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _sigmoid(z):
    return sigmoid(z, np.empty_like(z))


def _values(z):
    return z


_BOTH = ("regression", "binary", "multiclass")
_ALL = (
    Loss("mean_squared_error", "mean squared error", r"\frac1N\sum(\hat y-y)^2", "The usual loss for regression.", _BOTH, _mean_squared_error, _values),
    Loss("quadratic", "quadratic (½)", r"\frac1{2N}\sum(\hat y-y)^2", "Half the squared error, as in many textbooks.", _BOTH, _quadratic, _values),
    Loss("binary_cross_entropy", "binary cross-entropy", r"-\frac1N\sum y\ln\hat p+(1-y)\ln(1-\hat p)", "The usual loss for two classes.", ("binary",), _binary_cross_entropy, _sigmoid),
    Loss("cross_entropy", "cross-entropy", r"-\frac1N\sum\ln\hat p_y", "The usual loss for several classes.", ("multiclass",), _cross_entropy, softmax),
    Loss("huber", "Huber", r"\tfrac12 d^2 \text{ if } |d|\le1 \text{ else } |d|-\tfrac12", "Squared error near, absolute error far: calm about outliers.", _BOTH, _huber, _values),
)  # fmt: skip
LOSSES: dict[str, Loss] = {loss.key: loss for loss in _ALL}
DEFAULT_LOSS = {
    "regression": "mean_squared_error",
    "binary": "binary_cross_entropy",
    "multiclass": "cross_entropy",
}
CROSS_ENTROPIES = ("binary_cross_entropy", "cross_entropy")


def task_loss(loss: str | None, task: str) -> str:
    """The loss that a lane trains on: `loss`, or the task's default.

    Cross-entropy means the form that fits the task: one logit for two classes, one per class for more.
    """
    if loss is None or (loss in CROSS_ENTROPIES and task != "regression"):
        return DEFAULT_LOSS[task]
    if loss in CROSS_ENTROPIES:
        raise ValueError(
            f"Loss {loss!r} is for classes, but these data have values; "
            "choose mean_squared_error, quadratic or huber."
        )
    return loss
