"""A line through points: the smallest problem on which every way to find a minimum can be seen and checked exactly.

    J(θ) = (1/N) Σ (yᵢ − θᵀxᵢ)²,   xᵢ = (x, 1), or (x) without an offset
    M = XᵀX/N,   H = 2M,   ∇J = H(θ − θ*),   J(θ) = J* + (θ − θ*)ᵀM(θ − θ*)

Gradient descent: θ_t − θ* = (I − ηH)ᵗ(θ₀ − θ*). Through infinitely small steps: θ(t) = θ* + e^(−Ht)(θ₀ − θ*).
A random guess from a box of area A lands within ε of J* with probability πε/(A√det M), while that ellipse is inside
the box. After T ≤ steps of η ≤ 1/λmax: J(θ_T) − J* ≤ ‖θ₀ − θ*‖²/(2ηT).

Symbols: N points, P parameters (1 or 2), θ = (w, b), λ eigenvalues of H. Source: Nesterov (2004), §2.1; Boyd and
Vandenberghe (2004), §9.3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

FLAT = 1e-12  # an eigenvalue below this share of the largest counts as 0
BOX = 2.0  # guesses are drawn from [−BOX, BOX] in each parameter


@dataclass(frozen=True, eq=False)
class LineFit:
    """Points (x, y), and the mean squared error of the line wx + b, or wx where `offset` is false."""

    x: np.ndarray
    y: np.ndarray
    offset: bool = True

    def __post_init__(self) -> None:
        if self.x.shape != self.y.shape or self.x.ndim != 1 or not len(self.x):
            raise ValueError(
                f"There are {self.x.shape} x and {self.y.shape} y; give one x and one y for each point, at least one."
            )
        if not (np.isfinite(self.x).all() and np.isfinite(self.y).all()):
            raise ValueError("A point has a coordinate that is not a finite number.")

    @cached_property
    def X(self) -> np.ndarray:
        """(N, P)"""
        return np.stack([self.x, np.ones_like(self.x)], axis=1) if self.offset else self.x[:, None]

    @cached_property
    def M(self) -> np.ndarray:
        """XᵀX/N (P, P)."""
        matrix: np.ndarray = self.X.T @ self.X / len(self.x)
        return matrix

    @property
    def H(self) -> np.ndarray:
        """The Hessian of J, 2M (P, P): the same everywhere."""
        return 2 * self.M

    @cached_property
    def eigen(self) -> tuple[np.ndarray, np.ndarray]:
        """Eigenvalues of H, rising, those of a flat direction exactly 0, and the directions as columns."""
        values, vectors = np.linalg.eigh(self.H)
        return np.where(values <= FLAT * max(values[-1], 0.0), 0.0, values), vectors

    @property
    def is_valley(self) -> bool:
        """Whether a whole line of parameters is equally good: all x are equal."""
        return not self.eigen[0][0] > 0

    @cached_property
    def best(self) -> np.ndarray:
        """θ* (P,): least squares, and of equally good ones the shortest."""
        values, vectors = self.eigen
        slope = vectors.T @ (2 * self.X.T @ self.y / len(self.y))
        theta: np.ndarray = vectors @ np.divide(slope, values, out=np.zeros_like(values), where=values > 0)
        return theta

    @cached_property
    def least(self) -> float:
        """J*"""
        return float(self.value(self.best))

    def value(self, theta: np.ndarray) -> np.ndarray:
        """J at θ (…, P)."""
        value: np.ndarray = ((theta @ self.X.T - self.y) ** 2).mean(axis=-1)
        return value

    def gradient(self, theta: np.ndarray) -> np.ndarray:
        """∇J (…, P) = (2/N) Xᵀ(Xθ − y)."""
        slope: np.ndarray = 2 * (theta @ self.X.T - self.y) @ self.X / len(self.x)
        return slope

    def gradients(self, theta: np.ndarray) -> np.ndarray:
        """The gradient of each point's own error at θ (P,): (N, P). Their mean is ∇J."""
        slopes: np.ndarray = 2 * (self.X @ theta - self.y)[:, None] * self.X
        return slopes

    @property
    def edge(self) -> float:
        """2/λmax: beyond it gradient descent diverges. Infinity where J does not bend at all."""
        steepest = self.eigen[0][-1]
        return 2 / float(steepest) if steepest > 0 else math.inf

    def flow(self, start: np.ndarray, times: Sequence[float] | np.ndarray) -> np.ndarray:
        """θ* + e^(−Ht)(θ₀ − θ*) at each time: (T, P)."""
        values, vectors = self.eigen
        offset = vectors.T @ (np.asarray(start, np.float64) - self.best)
        path: np.ndarray = self.best + np.exp(-np.outer(times, values)) * offset @ vectors.T
        return path

    def bound(self, start: np.ndarray, rate: float, steps: np.ndarray) -> np.ndarray:
        """‖θ₀ − θ*‖²/(2ηT) for T ≥ 1: what theory promises of J(θ_T) − J* while η ≤ 1/λmax."""
        return float(((np.asarray(start) - self.best) ** 2).sum()) / (2 * rate * steps)


def the_points() -> LineFit:
    """The page's own twenty points: x evenly from −1 to 3, y = 0.5x + 0.3 with noise of 0.2."""
    x = np.linspace(-1, 3, 20)
    return LineFit(x, 0.5 * x + 0.3 + 0.2 * np.random.default_rng(0).standard_normal(20))


# --- random guessing ------------------------------------------------------------------------------------------


def hit_probability(fit: LineFit, within: float, box: float = BOX) -> float:
    """P(one guess from [−box, box]ᴾ has J ≤ J* + within), where all such θ lie inside the box: the volume of the ellipse
    (θ − θ*)ᵀM(θ − θ*) ≤ within over that of the box. 0 for a valley, whose ellipse has no end."""
    determinant = float(np.linalg.det(fit.M))
    if fit.is_valley:
        return 0.0
    size = len(fit.best)
    ball = math.pi * within if size == 2 else 2 * math.sqrt(within)
    return min(1.0, ball / math.sqrt(determinant) / (2 * box) ** size)


def is_inside(fit: LineFit, within: float, box: float = BOX) -> bool:
    """Whether the whole ellipse of `hit_probability` lies in the box: its half-widths are √(within·(M⁻¹)ᵢᵢ)."""
    if fit.is_valley:
        return False
    half = np.sqrt(within * np.diag(np.linalg.inv(fit.M)))
    return bool((np.abs(fit.best) + half <= box).all())


def guesses(fit: LineFit, count: int, rng: np.random.Generator, box: float = BOX) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Guesses (count, P) evenly from the box, and J at each (count,)."""
    theta = rng.uniform(-box, box, (count, len(fit.best)))
    return theta, fit.value(theta)


def guesses_needed(dimensions: int, within: float = 0.1) -> float:
    """How many guesses it takes on average to land within a distance of the middle of [−1, 1]ᴰ: the volume of the cube
    over that of the ball, 2ᴰ Γ(D/2 + 1)/(π^(D/2) rᴰ)."""
    half = dimensions / 2
    return math.exp(math.lgamma(half + 1) - half * math.log(math.pi) + dimensions * math.log(2 / within))
