"""Backward passes with one mistake each, to be found by a gradient check.

All are small functions on one plain pass through a network of two or three layers, `passes(mlp, theta, X, y)`, which
keeps what the backward pass needs. Each mistake is one that people make; the right pass is among them.
Shapes: theta (P,), X (N, D), y (N,), the gradient (P,), as `MLP` orders it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.network.activations import ACTIVATIONS
from engine.network.losses import LOSSES
from engine.network.mlp import MLP

Array = np.ndarray
Layers = list[tuple[Array, Array]]  # (∂W, ∂b) of each layer


@dataclass(frozen=True)
class Pass:
    """What a forward pass leaves behind: W, z and a of each layer, a[0] the inputs, and δ of the outputs."""

    W: list[Array]
    z: list[Array]
    a: list[Array]
    delta: Array  # ∂loss/∂z of the last layer (N, C)
    value: Callable[[Array, Array], Array]
    slope: Callable[[Array, Array, Array], Array]

    def slopes(self, layer: int) -> Array:
        """φ′ of a hidden layer."""
        return self.slope(self.z[layer], self.a[layer + 1], np.empty_like(self.z[layer]))


def forward(mlp: MLP, theta: Array, X: Array, y: Array) -> Pass:
    """The forward pass. All hidden layers have one activation, the output has none."""
    weights = [(W[0], b[0, 0]) for W, b in mlp.unflatten(theta[None])]
    kind = ACTIVATIONS[mlp.activations[0]]
    a, z = [np.asarray(X, theta.dtype)], []
    for layer, (W, b) in enumerate(weights):
        z.append(a[-1] @ W + b)
        a.append(kind.value(z[-1], np.empty_like(z[-1])) if layer + 1 < len(weights) else z[-1])
    delta = np.empty_like(z[-1])[None]
    LOSSES[mlp.loss_key].evaluate(z[-1][None], mlp.target(y, theta.dtype), delta)
    return Pass([W for W, _ in weights], z, a, delta[0], kind.value, kind.slope)


def backward(
    p: Pass,
    slope: Callable[[Pass, int], Array] = Pass.slopes,
    spread: Callable[[Array, Array], Array] = lambda delta, W: delta @ W.T,
) -> Layers:
    """The backward pass; a mistake may replace the slope of a layer, or the way that δ goes down through W."""
    delta = p.delta
    layers: Layers = []
    for layer in range(len(p.W) - 1, -1, -1):
        layers.insert(0, (p.a[layer].T @ delta, delta.sum(axis=0)))
        if layer:
            delta = spread(delta, p.W[layer]) * slope(p, layer - 1)
    return layers


def slope_forgotten(p: Pass) -> Layers:
    """δ goes down through W without φ′."""
    return backward(p, slope=lambda p, layer: np.ones_like(p.z[layer]))


def slope_of_a(p: Pass) -> Layers:
    """φ′(a) in place of φ′(z): the derivative's formula is given the wrong argument."""

    def slope(p: Pass, layer: int) -> Array:
        a = p.a[layer + 1]
        return p.slope(a, p.value(a, np.empty_like(a)), np.empty_like(a))

    return backward(p, slope=slope)


def sigmoid_slope(p: Pass) -> Layers:
    """a(1 − a), which is the sigmoid's slope, in a tanh network."""
    return backward(p, slope=lambda p, layer: p.a[layer + 1] * (1 - p.a[layer + 1]))


def sum_for_mean(p: Pass) -> Layers:
    """N times the gradient: the sum over samples in place of their mean."""
    samples = len(p.a[0])
    return [(samples * dW, samples * db) for dW, db in backward(p)]


def sign_of_b1(p: Pass) -> Layers:
    """∂b of the first layer with the wrong sign."""
    (dW, db), *rest = backward(p)
    return [(dW, -db), *rest]


def biases_forgotten(p: Pass) -> Layers:
    """The hidden layers' biases never get a gradient."""
    *hidden, last = backward(p)
    return [*((dW, np.zeros_like(db)) for dW, db in hidden), last]


def transpose_forgotten(p: Pass) -> Layers:
    """δW where δWᵀ is right. Only a square layer lets it pass without an error."""
    return backward(p, spread=lambda delta, W: delta @ (W if W.shape[0] == W.shape[1] else W.T))


def factor_two(p: Pass) -> Layers:
    """Twice the right gradient."""
    return [(2 * dW, 2 * db) for dW, db in backward(p)]


@dataclass(frozen=True)
class Planted:
    """A backward pass with its name, and what is wrong with it. `hidden` are the layers that it needs."""

    key: str
    label: str
    text: str
    run: Callable[[Pass], Layers]
    hidden: tuple[int, ...] = (4,)


RIGHT = Planted("right", "no bug", "The gradient is right.", backward)
_ALL = (
    RIGHT,
    Planted("slope_forgotten", "slope forgotten", "φ′(z) was left out of the hidden layer: δ₁ = δ₂W₂ᵀ.", slope_forgotten),
    Planted("slope_of_a", "slope of a instead of z", "φ′(a) was used in place of φ′(z): 1 − tanh²(a) in place of 1 − a².", slope_of_a),
    Planted("sigmoid_slope", "the sigmoid's slope in a tanh net", "a(1 − a) was used. That is the slope of the sigmoid; the slope of tanh is 1 − a².", sigmoid_slope),
    Planted("sum_for_mean", "sum instead of mean", "The gradient was added up over the samples and not divided by their number.", sum_for_mean),
    Planted("sign_of_b1", "wrong sign of ∂b₁", "The gradient of the first layer's biases has the wrong sign.", sign_of_b1),
    Planted("biases_forgotten", "hidden biases forgotten", "The hidden layer's biases get no gradient.", biases_forgotten),
    Planted("transpose_forgotten", "transpose forgotten", "δ was multiplied by W in place of Wᵀ. In a square layer the shapes fit all the same.", transpose_forgotten, (4, 4)),
    Planted("factor_two", "a factor 2 too much", "Every number is twice too large, as if the loss had another factor in front.", factor_two),
)  # fmt: skip
PLANTED: dict[str, Planted] = {planted.key: planted for planted in _ALL}


def planted_gradient(planted: Planted, mlp: MLP, theta: Array, X: Array, y: Array) -> Array:
    """The gradient (P,) as `planted` has it, in theta's number type."""
    with np.errstate(all="ignore"):
        layers = planted.run(forward(mlp, theta, X, y))
    return np.concatenate([np.concatenate([dW.ravel(), db]) for dW, db in layers])


def mystery(number: int) -> Planted:
    """One of the bugs, by a number that does not give it away: which one, only its SHA-256 digest tells."""
    bugs = [planted for planted in _ALL if planted is not RIGHT]
    digest = hashlib.sha256(f"Descent Lab mystery {number}".encode()).digest()
    return bugs[int.from_bytes(digest[:4], "big") % len(bugs)]


class Descent:
    """Full-batch gradient descent with this backward pass, a little at a time; `steps` and `losses` hold the true loss at the
    start and every `every` updates.
    """

    def __init__(
        self, planted: Planted, mlp: MLP, theta: Array, X: Array, y: Array, rate: float, every: int
    ) -> None:
        self.planted, self.mlp, self.X, self.y = planted, mlp, X, y
        self.rate, self.every, self.updates = rate, every, 0
        self.theta = theta.copy()
        self.steps, self.losses = [0], [self.loss()]

    def loss(self) -> float:
        """The true loss now."""
        with np.errstate(all="ignore"):
            return float(self.mlp.loss(self.theta[None], self.X, self.y)[0])

    def step(self, updates: int) -> None:
        with np.errstate(all="ignore"):
            for _ in range(updates):
                self.theta -= self.rate * planted_gradient(self.planted, self.mlp, self.theta, self.X, self.y)
                self.updates += 1
                if self.updates % self.every == 0:
                    self.steps.append(self.updates)
                    self.losses.append(self.loss())
