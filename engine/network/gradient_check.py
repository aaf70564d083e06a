"""Is backpropagation right? Every parameter's gradient beside the slope measured by central differences.

    (L(θ + h·eₖ) − L(θ − h·eₖ)) / 2h,  h = ∛ε·max(1, |θₖ|),  in float64

whose own error is about 10⁻¹⁰ of the loss L. All 2P points are lanes of a few batched calls. The relative error is
|g − s| / max(|g|, |s|, 10⁻⁵·max|s|, 10⁻⁵·L, 10⁻⁸): slopes that are tiny beside the others, or beside what can be measured,
are held to their yardstick.
At a kink (ReLU, Huber, L1) both one-sided slopes are right, so a point within h of one may show a difference.
Source: Goodfellow, Bengio and Courville, Deep Learning (2016), section 11.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.network.mlp import MLP
from engine.network.penalties import add_gradient, columns, penalty
from engine.network.places import Place, place_of, symbol
from engine.shown import short_number

PASSES_BELOW = 1e-5
ROWS = 1 << 16  # parameters of all lanes that are worked at once


@dataclass(frozen=True, eq=False)
class GradientCheck:
    """Both gradients (P,), their relative errors (P,), and the place and name of the worst."""

    analytic: np.ndarray
    numeric: np.ndarray
    errors: np.ndarray
    worst: float
    place: Place
    name: str

    @property
    def passed(self) -> bool:
        """Whether the largest relative error is below PASSES_BELOW."""
        return self.worst < PASSES_BELOW

    def __str__(self) -> str:
        verdict = "agree" if self.passed else "differ"
        return f"The gradients {verdict}: the largest relative error is {short_number(self.worst, 2)}, at {self.name}."


def gradient_check(
    mlp: MLP, theta: np.ndarray, X: np.ndarray, y: np.ndarray, **penalties: float
) -> GradientCheck:
    """Check the gradient at theta (P,) on samples X (N, D), y (N,), with penalties (`l2=0.1`) if given; see above."""
    theta, X = np.asarray(theta, np.float64), np.asarray(X, np.float64)
    count = mlp.parameter_count
    if theta.shape != (count,):
        raise ValueError(f"theta has shape {theta.shape}; give one row of {count} parameters.")
    strengths = columns(penalties, 1)
    h = np.cbrt(np.finfo(np.float64).eps) * np.maximum(1.0, np.abs(theta))
    numeric = np.empty(count)
    with np.errstate(all="ignore"):
        level, gradient = mlp.loss_and_gradient(theta[None], X, y)
        level += penalty(theta[None], mlp.weight_mask, strengths)
        add_gradient(theta[None], mlp.trained_mask, strengths, gradient)
        rows = max(1, ROWS // count)
        for start in range(0, count, rows):
            part = np.arange(start, min(start + rows, count))
            shift = np.zeros((len(part), count))
            shift[np.arange(len(part)), part] = h[part]
            up, down = theta + shift, theta - shift
            loss = [mlp.loss(at, X, y) + penalty(at, mlp.weight_mask, strengths) for at in (up, down)]
            numeric[part] = (loss[0] - loss[1]) / (up - down)[np.arange(len(part)), part]
        numeric[mlp.fixed] = 0  # their slope is not asked for
        analytic = gradient[0]
        scale = max(1e-5 * np.abs(numeric).max(), 1e-5 * level[0], 1e-8)
        errors = np.abs(analytic - numeric) / np.maximum(np.maximum(np.abs(analytic), np.abs(numeric)), scale)
    errors = np.where(np.isfinite(errors), errors, np.inf)  # NaN agrees with nothing
    worst = int(np.argmax(errors))
    return GradientCheck(
        analytic, numeric, errors, float(errors[worst]), place_of(mlp, worst), symbol(mlp, worst)
    )


@dataclass(frozen=True, eq=False)
class ErrorCurve:
    """The worst relative error (H,) of numeric slopes for each h (H,)."""

    h: np.ndarray
    errors: np.ndarray

    @property
    def best(self) -> tuple[float, float]:
        """The h with the smallest error, and that error."""
        k = int(np.nanargmin(self.errors))
        return float(self.h[k]), float(self.errors[k])


def error_curve(
    mlp: MLP, theta: np.ndarray, X: np.ndarray, y: np.ndarray, gradient: np.ndarray, h: np.ndarray,
    central: bool = True, dtype: type = np.float64,
) -> ErrorCurve:  # fmt: skip
    """How far numeric slopes are from `gradient` (P,), as the worst parameter has it, for every h (H,).

        central (L(θ + h·eₖ) − L(θ − h·eₖ)) / 2h: truncation error ∝ h², rounding ∝ ε/h
        forward (L(θ + h·eₖ) − L(θ)) / h:         truncation error ∝ h,  rounding ∝ ε/h

    The losses are computed in `dtype`. The relative error is |g − s| / max(|g|, |s|, 10⁻⁵·max|g|); NaN counts as ∞.
    """
    errors = []
    for step in h:
        slopes = numeric_slopes(mlp, theta, X, y, float(step), central, dtype)
        errors.append(relative_errors(gradient, slopes).max())
    return ErrorCurve(np.asarray(h), np.array(errors))


def numeric_slopes(
    mlp: MLP, theta: np.ndarray, X: np.ndarray, y: np.ndarray, h: float, central: bool = True,
    dtype: type = np.float64,
) -> np.ndarray:  # fmt: skip
    """The slopes (P,) measured with one h for all parameters, the losses computed in `dtype`."""
    theta, X = np.asarray(theta, dtype), np.asarray(X, dtype)
    shift = np.eye(len(theta), dtype=dtype) * dtype(h)
    up = theta + shift
    down = theta - shift if central else np.broadcast_to(theta, up.shape).copy()
    with np.errstate(all="ignore"):
        rise = mlp.loss(up, X, y).astype(np.float64) - mlp.loss(down, X, y)
        slopes: np.ndarray = rise / (np.diagonal(up).astype(np.float64) - np.diagonal(down))
        return slopes


def relative_errors(gradient: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """|g − s| / max(|g|, |s|, 10⁻⁵·max|g|) of each parameter (P,); ∞ where one is no number."""
    with np.errstate(all="ignore"):
        floor = max(1e-5 * float(np.abs(gradient).max()), np.finfo(np.float64).tiny)
        errors = np.abs(gradient - slopes) / np.maximum(np.maximum(np.abs(gradient), np.abs(slopes)), floor)
    return np.where(np.isfinite(errors), errors, np.inf)
