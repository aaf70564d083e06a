"""Lazy training: networks of growing width on ten points, each beside its linear model.

Every width has several random starts. All learn by θ ← θ − η S ∇L with the rates S of `engine.network.tangent`, η = N/λmax
of the first kernel: half of what is stable. Reported are, as medians over the starts,

    movement         ‖S^(−½)(θ − θ₀)‖/‖S^(−½)θ₀‖: how far the weights have gone, each in units of its spread at the start
    kernel change    ‖K − K₀‖/‖K₀‖
    distance         the rms distance to the linear model's f_t between the points

A scale α of the output, f₀ + α(f − f₀) with η/α², makes a network of any width lazy (α large) or not (α small). It is the
same as fitting f itself to f₀ + (y − f₀)/α. Source: Chizat, Oyallon and Bach (2019).
"""

from __future__ import annotations

import numpy as np

from engine.network.mlp import MLP
from engine.network.tangent import jacobian, kernel, learned, scales

Array = np.ndarray
WIDTHS = (8, 32, 128, 512, 2048)
STARTS = 5
SIGMA_W, SIGMA_B = 1.5, 0.5
TARGETS = {"sine": "sin 3x", "waves": "sin 6x", "step": "a step"}
X = np.linspace(-1, 1, 10)[:, None]
GRID = np.linspace(-1.2, 1.2, 73)[:, None]


def target(key: str) -> Array:
    """The ten values (N,) to learn."""
    if key == "step":
        return np.where(X[:, 0] < 0, -1.0, 1.0)
    values: Array = np.sin((3 if key == "sine" else 6) * X[:, 0])
    return values


class LazyLane:
    """One width: R random starts that learn at once, and their linear models."""

    def __init__(
        self, width: int, activation: str, y: Array, alpha: float, seed: int, starts: int = STARTS
    ) -> None:
        self.width, self.alpha, self.y = width, alpha, y
        self.mlp = MLP((1, width, 1), (activation,), "quadratic")
        self.S = scales(self.mlp, SIGMA_W, SIGMA_B)
        draws = [np.random.default_rng([seed, width, k]).standard_normal(self.mlp.parameter_count) for k in range(starts)]  # fmt: skip
        self.start = np.sqrt(self.S) * np.array(draws)
        self.theta = self.start.copy()
        self.f0, J = jacobian(self.mlp, self.start, X)
        self.grid0, grid_J = jacobian(self.mlp, self.start, GRID)
        self.K0, self.across = kernel(J, self.S), kernel(grid_J, self.S, J)
        self.eta = len(X) / np.linalg.eigvalsh(self.K0)[:, -1:]
        self.aim = (self.f0 + (y - self.f0) / alpha)[:, :, None]
        self.updates = 0

    def step(self, updates: int) -> None:
        inputs = np.broadcast_to(X, (len(self.theta), *X.shape))
        for _ in range(updates):
            _, slope = self.mlp.loss_and_gradient(self.theta, inputs, self.aim)
            self.theta -= self.eta * self.S * slope
        self.updates += updates

    def outputs(self) -> Array:
        """f₀ + α(f − f₀) on the grid: (R, M)."""
        f: Array = self.mlp.forward(self.theta, GRID)[:, :, 0]
        outputs: Array = self.grid0 + self.alpha * (f - self.grid0)
        return outputs

    def predicted(self) -> Array:
        """The linear model's f_t on the grid: (R, M). α is not in it."""
        found = [
            across @ (learned(K, float(eta[0]), self.updates) @ (self.y - f0))
            for across, K, eta, f0 in zip(self.across, self.K0, self.eta, self.f0, strict=True)
        ]
        outputs: Array = self.grid0 + np.array(found)
        return outputs

    def loss(self) -> float:
        """The median over the starts of the loss (1/2N) Σ (output − y)²."""
        f = self.mlp.forward(self.theta, X)[:, :, 0]
        errors = self.f0 + self.alpha * (f - self.f0) - self.y
        return float(np.median((errors**2).mean(axis=1) / 2))

    def movement(self) -> float:
        def length(v: Array) -> Array:
            found: Array = np.sqrt((v**2 / self.S).sum(axis=1))
            return found

        return float(np.median(length(self.theta - self.start) / length(self.start)))

    def kernel_change(self) -> float:
        K = kernel(jacobian(self.mlp, self.theta, X)[1], self.S)
        change = np.linalg.norm(K - self.K0, axis=(1, 2)) / np.linalg.norm(self.K0, axis=(1, 2))
        return float(np.median(change))

    def distance(self) -> float:
        inside = np.abs(GRID[:, 0]) <= 1
        apart = (self.outputs() - self.predicted())[:, inside]
        return float(np.median(np.sqrt((apart**2).mean(axis=1))))

    def cloud(self, most: int = 300) -> tuple[Array, Array]:
        """Each hidden neuron's two weights (m, 2) before and now, of the first start, in units of their spread."""
        found = []
        for theta in (self.start, self.theta):
            (W, _), (a, _) = self.mlp.unflatten(theta[:1] / np.sqrt(self.S))
            found.append(np.stack([W[0, 0, :most], a[0, :most, 0]], axis=1))
        return found[0], found[1]


class Lazy:
    """All widths at once."""

    def __init__(
        self, activation: str = "tanh", shape: str = "sine", alpha: float = 1.0, seed: int = 0, widths: tuple[int, ...] = WIDTHS
    ) -> None:  # fmt: skip
        y = target(shape)
        self.lanes = [LazyLane(width, activation, y, alpha, seed) for width in widths]

    @property
    def updates(self) -> int:
        return self.lanes[0].updates

    def step(self, updates: int) -> None:
        for lane in self.lanes:
            lane.step(updates)
