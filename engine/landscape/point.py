"""What a point of the loss surface is: a minimum, a saddle, a plateau, a slope, and the numbers that say so.

At θ let g be the gradient, H the Hessian, λmin and λmax its smallest and largest eigenvalue. Where g is nearly zero the
point is stationary, and H says of what kind: all λ ≥ 0 a minimum, λ of both signs a saddle, all λ nearly zero a plateau,
all λ ≤ 0 a maximum. "Nearly zero" must be said in numbers, as no computed gradient is zero exactly:

    |g| ≤ 0.001 · max(1, L)      |λ| ≤ 0.001 · max(|λmin|, |λmax|), and a plateau where both are below 0.001 · max(1, L)

Source: Nocedal and Wright, Numerical Optimization, ch. 2; Dauphin et al. (2014) on saddles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.landscape.plane import losses_at
from engine.network.hessian import SMALL, eigenpairs_steps, last
from engine.network.mlp import MLP
from engine.network.penalties import add_gradient

SMALL_GRADIENT = 1e-3
SMALL_CURVATURE = 1e-3
KINDS = ("minimum", "saddle", "plateau", "maximum", "slope")


@dataclass(frozen=True, eq=False)
class Point:
    """A point named, with the numbers. `spectrum` holds the largest eigenvalues, falling; `negative` counts those
    clearly below zero, or is None where the network is too large for its whole Hessian."""

    kind: str
    sentence: str
    loss: float
    gradient_norm: float
    lowest: float
    highest: float
    spectrum: np.ndarray
    negative: int | None

    @property
    def ratio(self) -> float:
        """|λmin/λmax|: near zero where the surface is convex (Li et al. 2018)."""
        return abs(self.lowest / self.highest) if self.highest else float("nan")


def examine(
    mlp: MLP, theta: np.ndarray, X: np.ndarray, y: np.ndarray, l1: float = 0.0, l2: float = 0.0, top: int = 10
) -> Point:
    """The point theta (P,) of the loss on X, y with its penalties, worked out in float64.

    An L1 penalty bends the surface nowhere but at its kinks, so it is in the gradient and not in the eigenvalues.
    """
    return last(examine_steps(mlp, theta, X, y, l1, l2, top))


def examine_steps(
    mlp: MLP, theta: np.ndarray, X: np.ndarray, y: np.ndarray, l1: float = 0.0, l2: float = 0.0, top: int = 10
) -> Iterator[Point | None]:
    """`examine`, to be stopped or gone on with: None after each step, the point at the end."""
    row = np.asarray(theta, np.float64)[None]
    loss = float(losses_at(mlp, row, np.asarray(X, np.float64), y, l1, l2)[0])
    with np.errstate(all="ignore"):
        gradient = np.array(mlp.loss_and_gradient(row, X, y)[1])
        if l1 or l2:
            add_gradient(row, mlp.weight_mask, np.full((1, 1), l1), np.full((1, 1), l2), gradient)
        norm = float(np.linalg.norm(gradient))
    if not np.isfinite(norm) or not np.isfinite(loss):
        text = "The loss or its gradient is not a finite number here, so nothing can be said of the shape."
        yield Point("slope", text, loss, norm, np.nan, np.nan, np.empty(0), None)
        return
    for found in eigenpairs_steps(mlp, row[0], X, y, l2):
        if found is None:
            yield None
            continue
        values = found[0]
        lowest, highest = float(values[0]), float(values[-1])
        kind, sentence = classify(loss, norm, lowest, highest)
        small = SMALL_CURVATURE * max(abs(lowest), abs(highest))
        negative = int((values < -small).sum()) if len(row[0]) <= SMALL else None
        yield Point(kind, sentence, loss, norm, lowest, highest, values[::-1][:top].copy(), negative)


def classify(loss: float, gradient_norm: float, lowest: float, highest: float) -> tuple[str, str]:
    """One of KINDS, and the sentence that says why, with the numbers."""
    scale = max(1.0, abs(loss))
    largest = max(abs(lowest), abs(highest))
    small = SMALL_CURVATURE * largest
    ends = f"λmin = {lowest:.3g}, λmax = {highest:.3g}"
    if gradient_norm > SMALL_GRADIENT * scale:
        way = (
            "curves down in some directions" if lowest < -small else "curves up or is flat in every direction"
        )
        return "slope", (
            f"A slope, not a resting point: the gradient's length is {gradient_norm:.3g}, above {SMALL_GRADIENT * scale:.3g}, "
            f"so the loss still falls. The surface {way} ({ends})."
        )
    still = f"the gradient's length is {gradient_norm:.3g}, nearly zero"
    if largest <= SMALL_CURVATURE * scale:
        return "plateau", f"A plateau: {still}, and so is the curvature in every direction ({ends})."
    if lowest < -small and highest > small:
        return "saddle", f"A saddle: {still}, but the surface curves up one way and down another ({ends})."
    if highest <= small:
        return "maximum", f"A maximum: {still}, and no direction curves up ({ends})."
    flat = "" if lowest > small else " Its floor is flat in at least one direction."
    return "minimum", f"A minimum: {still}, and no direction curves down ({ends}).{flat}"
