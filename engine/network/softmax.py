"""Softmax and its loss −ln f_y, as they are written and as they are computed, and the gradient's derivation line by line.

    f_c = e^{a_c} / Σₖ e^{aₖ},   loss = −ln f_y,   ∂loss/∂a_c = f_c − 1(y = c)

As written, the exponentials overflow from a = 710 on (float64). Computed with a_c − max a in place of a_c they never do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STEP = 1e-5  # of the central differences that stand for a derivative that is not yet worked out


@dataclass(frozen=True, eq=False)
class Softmax:
    """exponentials, f and gradient (C,), and the loss."""

    exponentials: np.ndarray
    f: np.ndarray
    loss: float
    gradient: np.ndarray


def softmax_loss(a: np.ndarray, label: int, stable: bool = True) -> Softmax:
    """All numbers of the pass for logits a (C,). Unstable ones may be inf or NaN: that is what they show."""
    a = np.asarray(a, np.float64)
    with np.errstate(all="ignore"):
        shifted = a - a.max() if stable else a
        e = np.exp(shifted)
        f = e / e.sum()
        loss = np.log(e.sum()) - shifted[label] if stable else -np.log(f[label])
        gradient = f.copy()
        gradient[label] = -(f.sum() - f[label]) if stable else f[label] - 1  # so that the sum is 0
    return Softmax(e, f, float(loss), gradient)


def derivation(a: np.ndarray, label: int, c: int, stable: bool = True) -> list[float]:
    """The eight lines of ∂(−ln f_y)/∂a_c, each worked out by itself; all are the same number.

    Lines 1 to 3 still hold a derivative of something; those are measured by central differences.
    """
    a = np.asarray(a, np.float64)
    up, down = a.copy(), a.copy()
    up[c] += STEP
    down[c] -= STEP
    now, high, low = (softmax_loss(at, label, stable) for at in (a, up, down))
    f, e, same = now.f, now.exponentials, float(c == label)
    with np.errstate(all="ignore"):
        total = e.sum()
        slope_of_f = (high.f[label] - low.f[label]) / (2 * STEP)
        lines = [
            (high.loss - low.loss) / (2 * STEP),
            -1 / f[label] * slope_of_f,
            -1 / f[label] * (_fraction(up, label, stable) - _fraction(down, label, stable)) / (2 * STEP),
            -1 / f[label] * (same * e[label] / total - e[label] * e[c] / total**2),
            -1 / f[label] * (same * e[label] / total - e[label] / total * (e[c] / total)),
            -1 / f[label] * (same * f[label] - f[label] * f[c]),
            -1 / f[label] * f[label] * (same - f[c]),
            -(same - f[c]),
        ]
    return [float(line) for line in lines]


def _fraction(a: np.ndarray, label: int, stable: bool) -> float:
    """e^{a_y} / Σ e^{a}."""
    e = np.exp(a - a.max() if stable else a)
    return float(e[label] / e.sum())


def sigmoid_slope_as_written(b: float) -> float:
    """e^{−b}/(e^{−b} + 1)², NaN from b = −710 on."""
    with np.errstate(all="ignore"):
        e = np.exp(np.float64(-b))
        return float(e / (e + 1) ** 2)
