"""Gradient descent on a quadratic bowl, where everything about the learning rate can be known beforehand.

    f(x) = ½ Σ λᵢ cᵢ²,   c = Qᵀx the coordinates along the bowl's axes,   gradient = Q (λ ∘ c)

Along each axis the method is on its own: c ← (1 − ηλ)c. So η < 1/λ creeps, η = 1/λ lands in one step, up to 2/λ
it zigzags, at 2/λ it swings for ever, and beyond it explodes. With heavy-ball momentum β (v ← βv + g, x ← x − ηv)
each axis follows z² − (1 + β − ηλ)z + β = 0: it swings from η = (1 − √β)²/λ on, and explodes beyond 2(1 + β)/λ.

Symbols: D axes, λ curvatures (D,), η rate, β momentum (0 to below 1), T steps. Source: Polyak (1964);
Goh, Why Momentum Really Works (2017).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

MOST_STEPS = 2000


@dataclass(frozen=True)
class Regime:
    """How descent behaves: a key, its name, and what one sees."""

    key: str
    name: str
    text: str


REGIMES = {
    r.key: r
    for r in (
        Regime("creeping", "Creeping", "Each step covers only part of the way: safe, but slow."),
        Regime("straight", "Straight", "One step, and it is there: the rate is one over the curvature."),
        Regime(
            "critical", "Critical", "The fastest rate at which momentum does not carry it past the minimum."
        ),
        Regime("swinging", "Swinging", "Momentum carries it past the minimum and back, each time less far."),
        Regime("zigzag", "Zigzag", "Each step jumps over the minimum; in the long run it comes nearer."),
        Regime(
            "edge", "On the edge", "Each step jumps over the minimum, and in the long run lands as far away."
        ),
        Regime("explosion", "Explosion", "Each step lands further away than the last: it diverges."),
    )
}


@dataclass(frozen=True)
class Bowl:
    """f(x) = ½ Σ λᵢ cᵢ² with curvatures λ, all above 0; in two dimensions turned by `angle` radians.

    One curvature makes a parabola, two a ravine. Its minimum is at 0.
    """

    curvatures: tuple[float, ...]
    angle: float = 0.0

    def __post_init__(self) -> None:
        if not self.curvatures or not all(0 < c < math.inf for c in self.curvatures):
            raise ValueError(f"Curvatures are {self.curvatures}; give one or more numbers above 0.")
        if self.angle and len(self.curvatures) != 2:
            raise ValueError("Only a bowl with two curvatures can be turned.")

    @property
    def axes(self) -> np.ndarray:
        """Q (D, D): column i is the direction of curvature i."""
        if len(self.curvatures) != 2:
            return np.eye(len(self.curvatures))
        c, s = math.cos(self.angle), math.sin(self.angle)
        return np.array([[c, -s], [s, c]])

    @property
    def hessian(self) -> np.ndarray:
        """Q diag(λ) Qᵀ (D, D)."""
        matrix: np.ndarray = self.axes * np.array(self.curvatures) @ self.axes.T
        return matrix

    def value(self, x: np.ndarray) -> np.ndarray:
        """f at points x (…, D)."""
        with np.errstate(over="ignore", invalid="ignore"):
            value: np.ndarray = 0.5 * ((x @ self.axes) ** 2 @ np.array(self.curvatures))
            return value

    def descend(self, start: tuple[float, ...] | np.ndarray, rate: float, steps: int, momentum: float = 0.0) -> np.ndarray:  # fmt: skip
        """The whole path (T + 1, D) from `start`, at most MOST_STEPS long; it ends where numbers overflow.

        `ValueError` for a negative rate, a momentum outside 0 to below 1, or a start of another dimension.
        """
        x = np.array(start, np.float64)
        if x.shape != (len(self.curvatures),) or not np.isfinite(x).all():
            raise ValueError(f"The start {start!r} must be {len(self.curvatures)} finite numbers.")
        if not rate >= 0 or not 0 <= momentum < 1:
            raise ValueError(
                f"The rate is {rate!r} and the momentum {momentum!r}; choose 0 or more, and 0 to below 1."
            )
        axes, curvatures = self.axes, np.array(self.curvatures)
        steps = min(max(int(steps), 0), MOST_STEPS)
        path = np.empty((steps + 1, len(x)))
        c = axes.T @ x
        path[0] = c
        v = np.zeros_like(c)
        with np.errstate(over="ignore", invalid="ignore"):
            for t in range(steps):
                v = momentum * v + curvatures * c
                c = c - rate * v
                path[t + 1] = c
            points: np.ndarray = path @ axes.T
            finite = np.isfinite(points).all(axis=1) & np.isfinite(self.value(points))
        return points if finite.all() else points[: max(1, int(finite.argmin()))]

    def flow(self, start: tuple[float, ...] | np.ndarray, times: np.ndarray) -> np.ndarray:
        """The path of infinitely small steps, dx/dt = −∇f: cᵢ(t) = e^(−λᵢt)cᵢ(0). (T, D) for the times (T,)."""
        c = self.axes.T @ np.asarray(start, np.float64)
        path: np.ndarray = np.exp(-np.outer(times, self.curvatures)) * c @ self.axes.T
        return path

    def edge(self, momentum: float = 0.0) -> float:
        """The largest stable rate: that of the largest curvature."""
        return edge_rate(max(self.curvatures), momentum)

    def best_rate(self, momentum: float = 0.0) -> float:
        """The fixed rate whose slowest axis is fastest: 2(1 + β)/(λmin + λmax), where both ends shrink alike."""
        low, high = min(self.curvatures), max(self.curvatures)
        return 2 * (1 + momentum) / (low + high)

    def regime(self, rate: float, momentum: float = 0.0, tolerance: float = 1e-6) -> Regime:
        """The regime of the whole bowl: that of its most curved axis, except that where one rate is just right for that
        axis, the others creep.
        """
        found = regime(rate, max(self.curvatures), momentum, tolerance)
        if found.key in ("straight", "critical") and min(self.curvatures) < max(self.curvatures) * (
            1 - tolerance
        ):
            return REGIMES["creeping"]
        return found


def straight_rate(curvature: float, momentum: float = 0.0) -> float:
    """η = (1 − √β)²/λ: the fastest way without swinging; 1/λ without momentum, which is there in one step."""
    return (1 - math.sqrt(momentum)) ** 2 / curvature


def edge_rate(curvature: float, momentum: float = 0.0) -> float:
    """η = 2(1 + β)/λ: the largest rate that does not explode; 2/λ without momentum."""
    return 2 * (1 + momentum) / curvature


def regime(rate: float, curvature: float, momentum: float = 0.0, tolerance: float = 1e-6) -> Regime:
    """What happens along one axis. Thresholds count as met within a relative `tolerance`."""
    product = rate * curvature
    straight, edge = straight_rate(1.0, momentum), edge_rate(1.0, momentum)
    swing = (1 + math.sqrt(momentum)) ** 2  # where swinging becomes zigzag; with no momentum that is at once
    if abs(product - edge) <= tolerance * edge:
        return REGIMES["edge"]
    if product > edge:
        return REGIMES["explosion"]
    if abs(product - straight) <= tolerance * straight:
        return REGIMES["critical" if momentum else "straight"]
    if product < straight:
        return REGIMES["creeping"]
    return REGIMES["swinging" if product < swing else "zigzag"]


def shrinkage(rate: float, curvature: float, momentum: float = 0.0) -> float:
    """By what factor the distance along one axis changes per step in the long run: the larger |z|.

    Without momentum |1 − ηλ|; above 1 it explodes.
    """
    half = (1 + momentum - rate * curvature) / 2
    square = half * half - momentum
    return math.sqrt(momentum) if square < 0 else abs(half) + math.sqrt(square)


def steps_to_shrink(factor: float, by: float = 100.0) -> float:
    """How many steps divide the distance by `by` at `factor` a step: infinity where it does not shrink."""
    if factor >= 1:
        return math.inf
    return 1.0 if factor <= 0 else max(1.0, math.log(by) / -math.log(factor))
