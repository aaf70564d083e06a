"""ReLU networks of one input that are built by hand and not trained, and how many straight pieces they have.

`interpolant` joins points (x₀, y₀) … (xₘ, yₘ) by straight lines with m neurons, one a piece:

    f(x) = y₀ + Σₖ cₖ relu(x − xₖ),  cₖ = sₖ − sₖ₋₁,  sₖ the slope from xₖ to xₖ₊₁,  s₋₁ = 0

`folded` is the tent map 1 − |2x − 1| = 2relu(x) − 4relu(x − ½) on [0, 1], applied k times by k layers of two neurons: every
layer folds all that came before, so that 6k + 1 parameters make 2ᵏ pieces (Telgarsky 2016). Both are parameter rows of an
`MLP`, as training has them; `joined_in` and `folded_in` put them into a network that has more layers or neurons. What m evenly spaced pieces miss of a curve is at most max|f″|·h²/8 for pieces of length h
(de Boor, A Practical Guide to Splines, ch. 3): π²/(2m²) for sin 2πx on [0, 1].
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from engine.network.mlp import MLP

Array = npt.NDArray[np.float64]


def interpolant(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[MLP, Array]:
    """The network with one hidden layer that joins the points, rising in x, and its parameters (1, P)."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    if len(x) != len(y) or len(x) < 2 or np.any(np.diff(x) <= 0):
        raise ValueError("Give at least two points, each further to the right than the last.")
    units = len(x) - 1
    bends = np.diff(np.diff(y) / np.diff(x), prepend=0.0)
    mlp = MLP((1, units, 1), ("relu",), "mean_squared_error")
    return mlp, np.concatenate([np.ones(units), -x[:-1], bends, y[:1]])[None]


def folded(folds: int) -> tuple[MLP, Array]:
    """The tent map applied `folds` ≥ 1 times, by as many hidden layers of two neurons, and its parameters (1, 6k + 1)."""
    if folds < 1:
        raise ValueError("A network that folds has at least one layer.")
    mlp = MLP((1, *[2] * folds, 1), ("relu",) * folds, "mean_squared_error")
    first, later, last = [1.0, 1.0, 0.0, -0.5], [2.0, 2.0, -4.0, -4.0, 0.0, -0.5], [2.0, -4.0, 0.0]
    return mlp, np.array([first + later * (folds - 1) + last])


def joined_in(hidden: Sequence[int], x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
    """The interpolant within a ReLU network with layers `hidden`, as parameters (1, P), for inputs from x₀ on.

    The widest layer makes the kinks, so it needs m neurons. Every other layer has one neuron pass on one number, shifted
    so that it is not negative; the weights of all other neurons are 0.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    _, theta = interpolant(x, y)
    m, widest = len(x) - 1, int(np.argmax(hidden))
    if m > hidden[widest]:
        raise ValueError(f"{m} pieces need a layer of {m} neurons; the widest has {hidden[widest]}.")
    bends, later = theta[0, 2 * m : 3 * m, None], len(hidden) - 1 - widest
    shift, low = (x[0] if widest else 0.0), (y.min() if later else 0.0)
    one = np.ones((1, 1))
    layers: list[tuple[Array, npt.ArrayLike]] = []
    if widest:
        layers = [(one, [-shift]), *[(one, [0.0])] * (widest - 1)]
    layers += [(np.ones((1, m)), shift - x[:-1]), (bends, [y[0] - low])]
    if later:
        layers += [*[(one, [0.0])] * (later - 1), (one, [low])]
    return _placed(hidden, layers)


def folded_in(hidden: Sequence[int], folds: int, low: float, high: float) -> Array:
    """The tent map of [low, high] applied `folds` times, within a ReLU network with layers `hidden`: parameters (1, P).

    The first layers fold, with two neurons each; those after them pass the value on.
    """
    if not holds_folds(hidden, folds):
        raise ValueError(f"{folds} folds need as many layers of two neurons.")
    scale, tent = 1 / (high - low), np.array([[2.0], [-4.0]])
    layers: list[tuple[Array, npt.ArrayLike]] = [(np.full((1, 2), scale), [-low * scale, -low * scale - 0.5])]
    layers += [(np.hstack([tent, tent]), [0.0, -0.5])] * (folds - 1)
    layers += [(tent, [0.0])] + [(np.ones((1, 1)), [0.0])] * (len(hidden) - folds)
    return _placed(hidden, layers)


def holds_folds(hidden: Sequence[int], folds: int) -> bool:
    """Whether a network with layers `hidden` has room for so many folds: as many layers of at least two neurons."""
    return len(hidden) >= folds and min(hidden[:folds]) >= 2


def _placed(hidden: Sequence[int], layers: Sequence[tuple[Array, npt.ArrayLike]]) -> Array:
    """Weights and biases of each layer's first neurons as parameters (1, P); the rest is 0."""
    parts = []
    for (weights, biases), (fan_in, fan_out) in zip(layers, pairwise((1, *hidden, 1)), strict=True):
        part, (rows, columns) = np.zeros((fan_in + 1, fan_out)), weights.shape
        part[:rows, :columns], part[-1, :columns] = weights, biases
        parts.append(part.ravel())
    return np.concatenate(parts)[None]


def pieces(x: Array, y: Array) -> int:
    """How many straight pieces the points (N,) lie on: one more than the changes of slope between them."""
    slopes = np.diff(y) / np.diff(x)
    return 1 + int(np.count_nonzero(np.abs(np.diff(slopes)) > 1e-9 * max(1.0, np.abs(slopes).max())))


def sine_bound(count: int) -> float:
    """The most that `count` evenly spaced pieces can miss of sin 2πx on [0, 1]: π²/(2m²)."""
    return math.pi**2 / (2 * count**2)
