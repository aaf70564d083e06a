"""The multilayer perceptron, for many lanes at once. The hot path of everything.

A lane's parameters are one flat row, layer after layer, W (fan_in × fan_out, row by row) then b:

    zₗ = aₗ₋₁ Wₗ + bₗ,   aₗ = φₗ(zₗ),   a₀ = X

and backwards δₗ = ∂loss/∂zₗ:  ∂Wₗ = aₗ₋₁ᵀ δₗ,  ∂bₗ = Σ δₗ,  δₗ₋₁ = (δₗ Wₗᵀ) ∘ φ′ₗ₋₁.

Shapes: R lanes, P parameters, N samples, D inputs. `X` is (N, D) for all lanes or (R, N, D), one batch each. Every
product is a stack of small products, one per lane, so a lane's bits do not depend on its company.
Source: Rumelhart, Hinton and Williams (1986); Goodfellow et al., Deep Learning, ch. 6.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from engine.activations import ACTIVATIONS
from engine.initializers import INITIALIZERS
from engine.losses import LOSSES, prepare

CHUNK_BYTES = 1 << 19  # lanes are worked in chunks whose largest layer fits a core's second-level cache


class MLP:
    """Layer sizes, activations and loss; it holds buffers, but no parameters.

    `activations` has one key per hidden layer, or one per layer; the output is the identity unless given.
    Raises `ValueError` for unknown names or sizes below one.
    """

    def __init__(
        self, layer_sizes: Sequence[int], activations: Sequence[str], loss: str, output_activation: str = "identity"
    ) -> None:  # fmt: skip
        sizes = tuple(int(size) for size in layer_sizes)
        if len(sizes) < 2 or min(sizes) < 1:
            raise ValueError(f"Layer sizes are {sizes}; there must be two or more, each at least 1.")
        names = tuple(activations)
        if len(names) == len(sizes) - 2:
            names += (output_activation,)
        if len(names) != len(sizes) - 1:
            raise ValueError(
                f"{len(names)} activations for {len(sizes) - 2} hidden layers; give one for each."
            )
        for name in names:
            if name not in ACTIVATIONS:
                raise ValueError(f"Activation {name!r} is unknown; choose one of {', '.join(ACTIVATIONS)}.")
        if loss not in LOSSES:
            raise ValueError(f"Loss {loss!r} is unknown; choose one of {', '.join(LOSSES)}.")
        self.layer_sizes, self.activations, self.loss_key = sizes, names, loss
        self._value = [ACTIVATIONS[name].value for name in names]
        self._slope = [ACTIVATIONS[name].slope for name in names]
        self._is_identity = [name == "identity" for name in names]
        self._loss = LOSSES[loss]
        self.slots: list[tuple[slice, slice, int, int]] = []  # (W, b, fan_in, fan_out)
        mask, start = [], 0
        for fan_in, fan_out in pairwise(sizes):
            middle = start + fan_in * fan_out
            self.slots.append((slice(start, middle), slice(middle, middle + fan_out), fan_in, fan_out))
            mask += [1.0] * (fan_in * fan_out) + [0.0] * fan_out
            start = middle + fan_out
        self.parameter_count = start
        self.weight_mask = np.array(mask, dtype=bool)
        self._buffers: dict[tuple, list] = {}

    def initialize(
        self, rng: np.random.Generator, lanes: int, initializer: str = "glorot_uniform", dtype=np.float64, **options
    ) -> np.ndarray:  # fmt: skip
        """Fresh parameters (R, P): weights drawn by `initializer`, biases zero."""
        theta = np.zeros((lanes, self.parameter_count))
        for W, _, fan_in, fan_out in self.slots:
            draw = INITIALIZERS[initializer].draw(rng, lanes, fan_in, fan_out, **options)
            theta[:, W] = draw.reshape(lanes, -1)
        return theta.astype(dtype)

    def unflatten(self, theta: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """[(W (R, fan_in, fan_out), b (R, 1, fan_out)), …], views on theta (R, P) without copying."""
        lanes = len(theta)
        return [
            (theta[:, W].reshape(lanes, fan_in, fan_out), theta[:, b].reshape(lanes, 1, fan_out))
            for W, b, fan_in, fan_out in self.slots
        ]

    def forward(self, theta: np.ndarray, X: np.ndarray) -> np.ndarray:
        """The outputs (R, N, outputs): logits or values. A fresh array."""
        return self.layer_outputs(theta, X)[-1]

    def layer_outputs(self, theta: np.ndarray, X: np.ndarray) -> list[np.ndarray]:
        """Every layer's activations (R, N, width), fresh arrays, from the first hidden layer to the output."""
        outputs, a = [], np.asarray(X, dtype=theta.dtype)
        with np.errstate(all="ignore"):
            for k, (W, b) in enumerate(self.unflatten(theta)):
                z = a @ W
                z += b
                a = z if self._is_identity[k] else self._value[k](z, np.empty_like(z))
                outputs.append(a)
        return outputs

    def predict(self, theta: np.ndarray, X: np.ndarray) -> np.ndarray:
        """Probabilities or values (R, N, outputs)."""
        with np.errstate(all="ignore"):
            return self._loss.predict(self.forward(theta, X))

    def target(self, y: np.ndarray, dtype) -> np.ndarray:
        """Labels as the loss wants them; do it once, not at every update."""
        return prepare(self.loss_key, y, self.layer_sizes[-1], dtype)

    def loss(self, theta: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The mean loss over the samples, per lane (R,), without penalties."""
        X, y = self._prepared(theta, X, y)
        out = np.empty(len(theta), dtype=theta.dtype)
        with np.errstate(all="ignore"):
            for part in self._chunks(len(theta), X.shape[-2]):
                x, target = (v[part] if v.ndim == 3 else v for v in (X, y))
                out[part] = self._loss.evaluate(self._forward(theta[part], x)[0], target, None)
        return out

    def loss_and_gradient(
        self, theta: np.ndarray, X: np.ndarray, y: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean loss (R,) and its gradient (R, P), by backpropagation. The gradient is a fresh array."""
        X, y = self._prepared(theta, X, y)
        loss = np.empty(len(theta), dtype=theta.dtype)
        gradient = np.empty_like(theta)
        with np.errstate(all="ignore"):
            for part in self._chunks(len(theta), X.shape[-2]):
                x, target = (v[part] if v.ndim == 3 else v for v in (X, y))
                loss[part] = self.backward(theta[part], x, target, gradient[part])
        return loss, gradient

    def backward(
        self, theta: np.ndarray, X: np.ndarray, target: np.ndarray, gradient: np.ndarray
    ) -> np.ndarray:
        """As `loss_and_gradient`, for prepared arrays, into `gradient`; the caller holds np.errstate."""
        outputs, layers = self._forward(theta, X)
        last = len(layers) - 1
        z, a, delta, slope, _ = layers[last]
        loss = self._loss.evaluate(outputs, target, delta)
        if not self._is_identity[last]:
            delta *= self._slope[last](z, a, slope)
        for k in range(last, -1, -1):
            _, _, delta, _, W = layers[k]
            W_slot, b_slot, fan_in, fan_out = self.slots[k]
            before = layers[k - 1][1] if k else X
            dW = gradient[:, W_slot].reshape(len(theta), fan_in, fan_out)
            np.matmul(before.swapaxes(-1, -2), delta, out=dW)
            np.add.reduce(delta, axis=1, out=gradient[:, b_slot])
            if k:
                z, a, delta_before, slope, _ = layers[k - 1]
                np.matmul(delta, W.swapaxes(1, 2), out=delta_before)
                if not self._is_identity[k - 1]:
                    delta_before *= self._slope[k - 1](z, a, slope)
        return loss

    def _forward(self, theta: np.ndarray, X: np.ndarray) -> tuple[np.ndarray, list]:
        layers = []
        a = X
        buffers = self._buffers_for(len(theta), X.shape[-2], theta.dtype)
        for k, (W, b) in enumerate(self.unflatten(theta)):
            z, a_next, delta, slope = buffers[k]
            np.matmul(a, W, out=z)
            z += b
            if self._is_identity[k]:
                a_next = z
            else:
                self._value[k](z, a_next)
            layers.append((z, a_next, delta, slope, W))
            a = a_next
        return a, layers

    def _buffers_for(self, lanes: int, samples: int, dtype) -> list:
        key = (lanes, samples, dtype)
        buffers = self._buffers.get(key)
        if buffers is None:
            if len(self._buffers) > 8:
                self._buffers.clear()
            buffers = self._buffers[key] = [
                tuple(np.empty((lanes, samples, width), dtype) for _ in range(4))
                for width in self.layer_sizes[1:]
            ]
        return buffers

    def _chunks(self, lanes: int, samples: int) -> list[slice]:
        size = max(1, CHUNK_BYTES // (4 * samples * max(self.layer_sizes)))
        return [slice(start, min(start + size, lanes)) for start in range(0, lanes, size)]

    def _prepared(self, theta: np.ndarray, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        X, y = np.asarray(X, dtype=theta.dtype), np.asarray(y)
        if X.ndim == 3:  # each lane has its own samples, so its own labels
            y = y.reshape(*X.shape[:2], -1)
        return X, self.target(y, theta.dtype)
