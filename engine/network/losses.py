"""Losses, as means over samples, with their gradients with respect to the network's outputs.

`kernel(z, target, gradient)` takes outputs z (R, C, N) (logits or values), or (C, N) for one lane, and a prepared target
of the same shape or (C, N), writes ∂loss/∂z into `gradient` unless it is None, and returns the loss per lane (R,). Samples
come last because the network works so; `evaluate` takes the usual (R, N, C). `second(z, target, dz)` returns H·dz, where H is
the loss's Hessian with respect to the outputs: how ∂loss/∂z changes along dz; 0 at Huber's kinks. `prepare(y, C, dtype)` turns labels into a
target (N, C), or (R, N, C) where each lane has its own batch. Stable for any finite outputs; of no samples, NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.network.activations import HALF, Array, sigmoid

MINUS_TWO = np.full((), -2, np.float32)  # as HALF: exact in every number type


@dataclass(frozen=True)
class Loss:
    """One loss: its formula (LaTeX), the tasks it suits, and what turns outputs into predictions, also as the expressions of
    z, (N, C), that the exported programs have for it.
    """

    key: str
    label: str
    formula: str
    help: str
    tasks: tuple[str, ...]
    kernel: Callable[[Array, Array, Array | None], Array]
    second: Callable[[Array, Array, Array], Array]
    predict: Callable[[Array], Array]
    numpy: str = "z"
    torch: str = "z"

    @property
    def gives_probabilities(self) -> bool:
        """Whether `predict` returns probabilities; with a squared loss the outputs are values of any size."""
        return self.predict is not _values

    def evaluate(self, outputs: Array, target: Array, gradient: Array | None) -> Array:
        """The loss (R,) of outputs (R, N, C); ∂loss/∂outputs goes to `gradient` unless that is None."""
        slopes = None if gradient is None else gradient.swapaxes(-1, -2)
        return self.kernel(outputs.swapaxes(-1, -2), np.asarray(target).swapaxes(-1, -2), slopes)


def prepare(key: str, y: npt.ArrayLike, outputs: int, dtype: npt.DTypeLike) -> Array:
    """Labels as the target array of `key`: (…, N, C). Class numbers become one-hot rows."""
    y = np.asarray(y)
    if key == "cross_entropy" or (outputs > 1 and np.issubdtype(y.dtype, np.integer)):
        if y.shape[-1:] == (outputs,) and not np.issubdtype(y.dtype, np.integer):
            return y.astype(dtype)
        rows: Array = np.eye(outputs, dtype=dtype)[y[..., 0] if y.ndim > 1 and y.shape[-1] == 1 else y]
        return rows
    y = y.astype(dtype)
    return y if y.ndim > 1 and y.shape[-1] == outputs else y[..., None]


def _per_lane(values: Array) -> Array:
    """The sum over outputs and samples of (…, C, N)."""
    total: Array = np.add.reduce(values.reshape(*values.shape[:-2], -1), axis=-1)
    return total


def _squared(z: Array, target: Array, gradient: Array | None, factor: float) -> Array:
    size = z.shape[-2] * z.shape[-1]
    difference = np.subtract(z, target, out=gradient)
    loss: Array = _per_lane(difference * difference) / (size / factor)
    if gradient is not None:
        gradient *= 2 * factor / max(1, size)
    return loss


def _squared_second(dz: Array, factor: float) -> Array:
    change: Array = dz * (2 * factor / max(1, dz.shape[-2] * dz.shape[-1]))
    return change


def _mean_squared_error(z: Array, target: Array, gradient: Array | None) -> Array:
    return _squared(z, target, gradient, 1.0)


def _mean_squared_error_second(z: Array, target: Array, dz: Array) -> Array:
    return _squared_second(dz, 1.0)


def _quadratic(z: Array, target: Array, gradient: Array | None) -> Array:
    return _squared(z, target, gradient, 0.5)


def _quadratic_second(z: Array, target: Array, dz: Array) -> Array:
    return _squared_second(dz, 0.5)


def _huber(z: Array, target: Array, gradient: Array | None) -> Array:
    size = z.shape[-2] * z.shape[-1]
    difference = z - target
    inside = np.clip(difference, -1, 1)
    if gradient is not None:
        np.divide(inside, size, out=gradient)
    difference -= 0.5 * inside
    inside *= difference
    loss: Array = _per_lane(inside) / size
    return loss


def _huber_second(z: Array, target: Array, dz: Array) -> Array:
    change: Array = dz * (np.abs(z - target) < 1) / max(1, dz.shape[-2] * dz.shape[-1])
    return change


def _binary_cross_entropy(z: Array, target: Array, gradient: Array | None) -> Array:
    """ln(1+eᶻ) − yz = ln(2 cosh u) + hz, from logits z, where u = z/2 and h = ½ − y; its slope is (tanh u)/2 + h.

    Stable as ln(2 cosh u) = |u| + ln(1 + e^−2|u|). The sum begins with |u| + hz, which cancel exactly where the answer is
    sure and right, so that a small logarithm is not lost beside them.
    """
    size = z.shape[-2] * z.shape[-1]
    h, u = HALF - target, z * HALF
    if gradient is not None:
        np.tanh(u, gradient)
        gradient *= HALF
        gradient += h
        gradient /= size
    total = z * h
    total += np.abs(u, u)
    u *= MINUS_TWO
    np.exp(u, u)
    total += np.log1p(u, u)
    loss: Array = _per_lane(total) / size
    return loss


def _binary_cross_entropy_second(z: Array, target: Array, dz: Array) -> Array:
    p = _sigmoid(z)
    change: Array = dz * (p * (1 - p)) / max(1, dz.shape[-2] * dz.shape[-1])
    return change


def _cross_entropy(z: Array, target: Array, gradient: Array | None) -> Array:
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
    loss: Array = _per_lane(np.log(total) - np.add.reduce(shifted, axis=-2, keepdims=True)) / samples
    return loss


def _cross_entropy_second(z: Array, target: Array, dz: Array) -> Array:
    """p∘(dz − Σ p·dz)/N, the Hessian diag(p) − ppᵀ of each sample."""
    p = softmax(z.swapaxes(-1, -2)).swapaxes(-1, -2)
    change: Array = p * (dz - (p * dz).sum(axis=-2, keepdims=True)) / max(1, z.shape[-1])
    return change


def softmax(z: Array) -> Array:
    """p_c = e^{z_c} / Σₖ e^{zₖ} over the last axis of z (…, C), with z_c − max z in place of z_c: no z overflows."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    total: Array = e.sum(axis=-1, keepdims=True)
    p: Array = e / total
    return p


def _sigmoid(z: Array) -> Array:
    return sigmoid(z, np.empty_like(z))


def _values(z: Array) -> Array:
    return z


_ANY = ("regression", "binary", "multiclass")
_ALL = (
    Loss(
        key="mean_squared_error",
        label="mean squared error",
        formula=r"\frac1{NC}\sum(\hat y-y)^2",
        help="The usual loss for regression: the mean over samples and outputs.",
        tasks=_ANY,
        kernel=_mean_squared_error,
        second=_mean_squared_error_second,
        predict=_values,
    ),
    Loss(
        key="quadratic",
        label="quadratic (½)",
        formula=r"\frac1{2NC}\sum(\hat y-y)^2",
        help="Half the mean squared error, as in many textbooks.",
        tasks=_ANY,
        kernel=_quadratic,
        second=_quadratic_second,
        predict=_values,
    ),
    Loss(
        key="binary_cross_entropy",
        label="binary cross-entropy",
        formula=r"-\frac1N\sum y\ln\hat p+(1-y)\ln(1-\hat p)",
        help="The usual loss for two classes.",
        tasks=("binary",),
        kernel=_binary_cross_entropy,
        second=_binary_cross_entropy_second,
        predict=_sigmoid,
        numpy="0.5 * (1 + np.tanh(0.5 * z))",
        torch="torch.sigmoid(z)",
    ),
    Loss(
        key="cross_entropy",
        label="cross-entropy",
        formula=r"-\frac1N\sum\ln\hat p_y",
        help="The usual loss for several classes.",
        tasks=("multiclass",),
        kernel=_cross_entropy,
        second=_cross_entropy_second,
        predict=softmax,
        numpy="np.exp(z - z.max(axis=1, keepdims=True)) / "
        "np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)",
        torch="torch.softmax(z, dim=1)",
    ),
    Loss(
        key="huber",
        label="Huber",
        formula=r"\frac1{NC}\sum h(\hat y-y),\quad h(d)=\tfrac12 d^2 \text{ if } |d|\le1 \text{ else } |d|-\tfrac12",
        help="Squared error near, absolute error far: outliers count less.",
        tasks=_ANY,
        kernel=_huber,
        second=_huber_second,
        predict=_values,
    ),
)
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
