"""What passes through a layer: theory for wide layers, and the same numbers of a network as it stands.

With weights of variance σ_w²/fan_in and biases of variance σ_b², the pre-activations of a wide layer are normal. Forwards

    q₁ = σ_w² |x|²/n + σ_b²,   qₗ₊₁ = σ_w² E[φ(√qₗ z)²] + σ_b²,   z normal with variance 1,

is the variance of z in layer l, and backwards  E[δₗ²] = χₗ E[δₗ₊₁²]  with  χₗ = σ_w² E[φ′(√qₗ z)²].
Source: Poole et al. (2016), Exponential expressivity; Schoenholz et al. (2017), Deep information propagation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.network.activations import ACTIVATIONS, Array
from engine.network.mlp import MLP

PANELS, NODES, WIDEST = (
    24,
    8,
    9.0,
)  # of the quadrature on each side of 0: beyond ±9, the normal's weight is below 1e-18
SATURATED = 0.1  # a slope smaller than this hardly lets a gradient through


@lru_cache(maxsize=1)
def quadrature() -> tuple[Array, Array]:
    """Nodes z and weights for E[f(z)], z normal: Gauss–Legendre on panels that are the finer, the nearer to 0.

    All kinks of the activations lie at 0, and there √q z is steepest too.
    """
    node, weight = np.polynomial.legendre.leggauss(NODES)
    edges = WIDEST * (np.arange(PANELS + 1) / PANELS) ** 3
    half = np.diff(edges)[:, None] / 2
    z = (edges[:-1, None] + half * (1 + node)).ravel()
    density = (half * weight).ravel() * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    return np.concatenate([-z[::-1], z]), np.concatenate([density[::-1], density])


def moments(activation: str, q: float) -> tuple[float, float]:
    """E[φ(√q z)²] and E[φ′(√q z)²]. Where q is 0, the value and the slope at 0."""
    act = ACTIVATIONS[activation]
    nodes, weights = quadrature()
    z = np.sqrt(q) * nodes
    a, slope = np.empty_like(z), np.empty_like(z)
    with np.errstate(all="ignore"):
        act.value(z, a)
        act.slope(z, a, slope)
        return float(weights @ (a * a)), float(weights @ (slope * slope))


@dataclass(frozen=True)
class Signal:
    """The theory for every layer (L,): the variance q of z, the factor χ, and the rms of δ as a share of the last layer's."""

    q: Array
    chi: Array
    back: Array

    @property
    def rms(self) -> Array:
        """√q (L,): the root mean square of z in each layer."""
        return np.sqrt(self.q)


def signal(activation: str, sigma_w: float, sigma_b: float, depth: int, size: float = 1.0) -> Signal:
    """The variance maps through `depth` wide layers, for an input whose mean square is `size`."""
    q, chi = np.empty(depth), np.empty(depth)
    square = size
    with np.errstate(all="ignore"):
        for layer in range(depth):
            q[layer] = sigma_w**2 * square + sigma_b**2
            square, slope = moments(activation, float(q[layer]))
            chi[layer] = sigma_w**2 * slope
        back = np.sqrt(np.append(np.cumprod(chi[:-1][::-1])[::-1], 1.0))
    return Signal(q, chi, back)


@dataclass(frozen=True)
class Layer:
    """One layer of a network on its samples: pre-activations z (N, n), slopes φ′(z), and what comes back to it."""

    z: Array
    slope: Array
    weights: Array  # (fan_in, n)
    gradient: float  # length of ∂loss/∂W

    @property
    def rms(self) -> float:
        """The root mean square of z over units and samples."""
        return float(np.sqrt(np.mean(self.z**2)))

    @property
    def saturated(self) -> float:
        """The share of units and samples that hardly let a gradient through."""
        return float(np.mean(np.abs(self.slope) < SATURATED))

    @property
    def dead(self) -> int:
        """Units with no slope at any sample: no gradient reaches their weights."""
        return int(np.sum(~self.slope.any(axis=0)))

    @property
    def rank(self) -> int:
        """The rank of W, as NumPy's default tolerance has it; 0 where W is not finite."""
        return int(np.linalg.matrix_rank(self.weights)) if np.isfinite(self.weights).all() else 0


def layers(mlp: MLP, theta: Array, X: Array, y: Array) -> list[Layer]:
    """Every layer of one network, parameters (P,), on samples X (N, D) with targets y; the output layer is the last."""
    row = np.asarray(theta, np.float64)[None]
    _, gradient = mlp.loss_and_gradient(row, X, y)
    outputs = [np.asarray(X, np.float64), *(a[0] for a in mlp.layer_outputs(row, X))]
    found = []
    with np.errstate(all="ignore"):
        for below, above, (W, b), (dW, _), name in zip(
            outputs, outputs[1:], mlp.unflatten(row), mlp.unflatten(gradient), mlp.activations, strict=False
        ):
            z = below @ W[0] + b[0]
            slope = np.empty_like(z)
            ACTIVATIONS[name].slope(z, above, slope)
            found.append(Layer(z, slope, W[0], float(np.linalg.norm(dW))))
    return found
