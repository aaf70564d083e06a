"""What a point of the loss surface is: a minimum, a saddle, a plateau, a slope, and the numbers that say so.

At θ let g be the gradient, H the Hessian, λmin and λmax its smallest and largest eigenvalue, L the loss. No computed
gradient is zero exactly, and a small one means little where the loss is small too. So a point rests if no step that is at
most as long as the weights, r = 1 + |θ|, gains more than a thousandth of the loss:

    gain = ½ gᵀ(|H| + (|g|/r)·I)⁻¹g ≤ 0.001·max(L, 10⁻¹²)

which is what the step s = −(|H| + (|g|/r)·I)⁻¹g, |s| ≤ r, is sure to gain on the quadratic model, with |H| in place of H.
Of a resting point H says the kind, where |λ| ≤ 0.00001·max(|λmin|, |λmax|) counts as zero: all λ > 0 a minimum, all λ < 0 a
maximum, λ of both signs a saddle. With λmin = 0 and no λ < 0 the curvature can't decide: the point may be a minimum, a
valley's floor or a saddle of higher order. Where curvature too moves the loss by less than a thousandth within r,
½·max|λ|·r² ≤ 0.001·L, the point lies on a plateau.

A network that classifies every sample rightly never rests under cross-entropy without a penalty: its last layer
times c > 1 lowers the loss of every sample, and zero is reached nowhere.

Source: Nocedal and Wright, Numerical Optimization, ch. 2; Dauphin et al. (2014) on saddles; Soudry et al. (2018) on
separable data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.landscape.plane import losses_at
from engine.network.hessian import SMALL, eigenpairs_steps, last
from engine.network.mlp import MLP
from engine.network.penalties import add_gradient, columns
from engine.shown import short_number

SMALL_GAIN = 1e-3
SMALL_CURVATURE = 1e-5
LEAST_LOSS = 1e-12  # the square of float32's rounding, more or less: below it there is nothing to be gained
TITLES = {
    "minimum": "a minimum",
    "saddle": "a saddle",
    "plateau": "a plateau",
    "maximum": "a maximum",
    "undecided": "undecided",
    "slope": "a slope",
}
FOREVER = (
    " Every sample is classified rightly, so larger weights in the last layer always lower this loss: without a "
    "penalty there is no resting point, only a slope that grows ever flatter."
)


@dataclass(frozen=True, eq=False)
class Point:
    """A point named, with the numbers. `gain` is what a step could still gain (see above), `spectrum` holds the largest eigenvalues, falling; `negative` counts those
    clearly below zero, or is None where the network is too large for its whole Hessian."""

    kind: str
    sentence: str
    loss: float
    gradient_norm: float
    gain: float
    lowest: float
    highest: float
    spectrum: np.ndarray
    negative: int | None

    @property
    def title(self) -> str:
        return TITLES[self.kind]

    @property
    def ratio(self) -> float:
        """|λmin/λmax|: near zero where the surface is convex (Li et al. 2018)."""
        return abs(self.lowest / self.highest) if self.highest else float("nan")


def examine(
    mlp: MLP, theta: np.ndarray, X: np.ndarray, y: np.ndarray, top: int = 10, **penalties: float
) -> Point:
    """The point theta (P,) of the loss on X, y with its penalties, worked out in float64.

    An L1 penalty bends the surface nowhere but at its kinks, so it is in the gradient and not in the eigenvalues.
    """
    return last(examine_steps(mlp, theta, X, y, top, **penalties))


def examine_steps(
    mlp: MLP, theta: np.ndarray, X: np.ndarray, y: np.ndarray, top: int = 10, **penalties: float
) -> Iterator[Point | None]:
    """`examine`, to be stopped or gone on with: None after each step, the point at the end."""
    row = np.asarray(theta, np.float64)[None]
    loss = float(losses_at(mlp, row, np.asarray(X, np.float64), y, **penalties)[0])
    with np.errstate(all="ignore"):
        gradient = np.array(mlp.loss_and_gradient(row, X, y)[1])
        add_gradient(row, mlp.trained_mask, columns(penalties, 1), gradient)
        norm = float(np.linalg.norm(gradient))
    if not np.isfinite(norm) or not np.isfinite(loss):
        text = "The loss or its gradient is not a finite number here, so nothing can be said of the shape."
        yield Point("slope", text, loss, norm, np.nan, np.nan, np.nan, np.empty(0), None)
        return
    reach = 1 + float(np.linalg.norm(row))
    forever = not any(penalties.values()) and separates(mlp, row, X, y)
    for found in eigenpairs_steps(mlp, row[0], X, y, **penalties):
        if found is None:
            yield None
            continue
        values, vectors = found
        lowest, highest = float(values[0]), float(values[-1])
        gain = gain_of_a_step(gradient[0], values, vectors, reach)
        kind, sentence = classify(loss, norm, gain, lowest, highest, reach, forever)
        small = SMALL_CURVATURE * max(abs(lowest), abs(highest))
        negative = int((values < -small).sum()) if len(row[0]) <= SMALL else None
        yield Point(kind, sentence, loss, norm, gain, lowest, highest, values[::-1][:top].copy(), negative)


def gain_of_a_step(gradient: np.ndarray, values: np.ndarray, vectors: np.ndarray, reach: float) -> float:
    """½ gᵀ(|H| + (|g|/r)·I)⁻¹g for eigenvalues (m,) and unit eigenvectors (m, P).

    Where not all are known, the rest of g counts with the largest |λ|, so that the true gain is at least this.
    """
    length = float(np.linalg.norm(gradient))
    if not length:
        return 0.0
    parts = vectors @ gradient
    rest = max(0.0, length**2 - float(parts @ parts)) if len(values) < len(gradient) else 0.0
    size = np.abs(values)
    with np.errstate(all="ignore"):
        total = (parts**2 / (size + length / reach)).sum() + rest / (size.max() + length / reach)
    return 0.5 * float(total)


def separates(mlp: MLP, theta: np.ndarray, X: np.ndarray, y: np.ndarray) -> bool:
    """Whether theta (1, P) classifies every sample rightly by a linear last layer and a cross-entropy."""
    if mlp.activations[-1] != "identity" or not len(X):
        return False
    z, target = mlp.forward(theta, np.asarray(X, np.float64))[0], mlp.target(np.asarray(y), np.float64)
    if mlp.loss_key == "binary_cross_entropy":
        return bool(((2 * target - 1) * z > 0).all())
    if mlp.loss_key == "cross_entropy":
        own = (z * target).sum(axis=1)
        return bool((own > np.where(target > 0, -np.inf, z).max(axis=1)).all())
    return False


def classify(
    loss: float, norm: float, gain: float, lowest: float, highest: float, reach: float, forever: bool = False
) -> tuple[str, str]:
    """One of TITLES, and the sentence that says why, with the numbers. `forever`: the data are separated."""
    enough = SMALL_GAIN * max(loss, LEAST_LOSS)
    largest = max(abs(lowest), abs(highest))
    small = SMALL_CURVATURE * largest
    ends = f"λmin = {short_number(lowest)}, λmax = {short_number(highest)}"
    if gain > enough or forever:
        down = lowest < -small
        way = "curves down in some directions" if down else "curves up or is flat in every direction"
        share = 100 * min(1.0, gain / max(loss, LEAST_LOSS))
        return "slope", (
            f"A slope, not a resting point: the gradient's length is {short_number(norm)}, and a step no longer than the weights could "
            f"lower the loss by about {short_number(share, 2)} %, so the loss still falls. The surface {way} ({ends})."
            f"{FOREVER if forever else ''}"
        )
    still = (
        f"the gradient's length is {short_number(norm)}, and no step gains more than a thousandth of the loss"
    )
    if 0.5 * largest * reach**2 <= enough:
        return "plateau", f"A plateau: {still}; the curvature is as small in every direction ({ends})."
    if lowest < -small and highest > small:
        return "saddle", f"A saddle: {still}, but the surface curves up one way and down another ({ends})."
    if highest < -small:
        return "maximum", f"A maximum: {still}, and every direction curves down ({ends})."
    if lowest > small:
        return "minimum", f"A minimum: {still}, and every direction curves up ({ends})."
    flat = "no direction curves down" if lowest >= -small else "no direction curves up"
    return "undecided", (
        f"Undecided: {still}; {flat}, but at least one is flat ({ends}). The curvature alone can't tell whether the loss "
        "falls further along it."
    )
