"""Losses, as means over samples, with their gradients with respect to the network's outputs.

`loss(outputs, target, gradient)` takes outputs (R, N, C) (logits or values) and a prepared target, writes
∂loss/∂outputs into `gradient` unless it is None, and returns the loss per lane (R,). `prepare(y, C, dtype)` turns
labels into that target: (N, C), or (R, N, C) where each lane has its own batch. Stable for any finite outputs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.activations import sigmoid


@dataclass(frozen=True)
class Loss:
    """One loss: formula per sample, the tasks it suits, and what turns outputs into predictions."""

    key: str
    label: str
    formula: str
    help: str
    tasks: tuple[str, ...]
    evaluate: Callable[..., np.ndarray]
    predict: Callable[[np.ndarray], np.ndarray]


def prepare(key: str, y: np.ndarray, outputs: int, dtype) -> np.ndarray:
    """Labels as the target array of `key`: (…, N, C). Class numbers become one-hot rows."""
    y = np.asarray(y)
    if key == "cross_entropy" or (outputs > 1 and np.issubdtype(y.dtype, np.integer)):
        if y.shape[-1:] == (outputs,) and not np.issubdtype(y.dtype, np.integer):
            return y.astype(dtype)
        return np.eye(outputs, dtype=dtype)[y.reshape(y.shape[:-1] if y.shape[-1:] == (1,) else y.shape)]
    y = y.astype(dtype)
    return y if y.ndim > 1 and y.shape[-1] == outputs else y[..., None]


def _mean_squared_error(outputs, target, gradient, factor=1.0):
    size = outputs.shape[1] * outputs.shape[2]
    difference = np.subtract(outputs, target, out=gradient)
    flat = difference.reshape(len(outputs), -1)
    loss = np.einsum("rn,rn->r", flat, flat) * (factor / size)
    if gradient is not None:
        gradient *= 2 * factor / size
    return loss


def _quadratic(outputs, target, gradient):
    return _mean_squared_error(outputs, target, gradient, 0.5)


def _huber(outputs, target, gradient):
    size = outputs.shape[1] * outputs.shape[2]
    difference = outputs - target
    inside = np.clip(difference, -1, 1)
    loss = (inside * (difference - 0.5 * inside)).reshape(len(outputs), -1).sum(axis=1) / size
    if gradient is not None:
        np.divide(inside, size, out=gradient)
    return loss


def _binary_cross_entropy(outputs, target, gradient):
    """ln(1+eᶻ) − yz = max(z,0) − yz + ln(1+e^−|z|), from logits z."""
    size = outputs.shape[1] * outputs.shape[2]
    total = np.abs(outputs)
    np.negative(total, out=total)
    np.exp(total, out=total)
    np.log1p(total, out=total)
    total += np.maximum(outputs, 0)
    total -= outputs * target
    if gradient is not None:
        sigmoid(outputs, gradient)
        gradient -= target
        gradient /= size
    return total.reshape(len(outputs), -1).sum(axis=1) / size


def _cross_entropy(outputs, target, gradient):
    """ln Σₖ e^{zₖ} − z_y, from logits z, by log-sum-exp."""
    samples = outputs.shape[1]
    shifted = outputs - outputs.max(axis=-1, keepdims=True)
    e = np.exp(shifted)
    total = e.sum(axis=-1, keepdims=True)
    loss = (np.log(total)[..., 0] - (shifted * target).sum(axis=-1)).sum(axis=1) / samples
    if gradient is not None:
        np.divide(e, total, out=gradient)
        gradient -= target
        gradient /= samples
    return loss


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
