"""The multilayer perceptron, for many lanes at once. The hot path of everything.

A lane's parameters are one flat row, layer after layer, W (fan_in × fan_out, row by row) then b:

    zₗ = aₗ₋₁ Wₗ + bₗ,   aₗ = φₗ(zₗ),   a₀ = X

and backwards δₗ = ∂loss/∂zₗ:  ∂Wₗ = aₗ₋₁ᵀ δₗ,  ∂bₗ = Σ δₗ,  δₗ₋₁ = (δₗ Wₗᵀ) ∘ φ′ₗ₋₁.

As b lies right below W in the row, [W; b] is one matrix: with a last input of ones, z = [a, 1] [W; b] is one product,
and so is its gradient. Samples run along the last axis of all buffers, so that the ones are one more row.

Shapes: R lanes, P parameters, N samples, D inputs. `X` is (N, D) for all lanes or (R, N, D), one batch each. Every
product is a stack of small products, one per lane, so a lane's bits do not depend on its company.
Source: Rumelhart, Hinton and Williams (1986); Goodfellow et al., Deep Learning, ch. 6.5.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engine.network.activations import ACTIVATIONS
from engine.network.initializers import INITIALIZERS
from engine.network.losses import LOSSES, prepare

CHUNK_BYTES = 1 << 21  # lanes are worked in chunks whose buffers stay in a core's caches


class MLP:
    """Layer sizes, activations and loss; it holds buffers, but no parameters.

    `activations` has one key per hidden layer, or one per layer; the output is the identity unless given.
    `frozen` are layers, by number from 1, whose parameters stay as they are; without `biases` all biases stay at zero.
    `fixed` are the indices in θ of all that stays: gradients and Hessian products are zero there, and methods keep off
    them. `weight_mask` (P,) marks the weights, `trained_mask` those of them that train.
    Raises `ValueError` for unknown names or sizes below one.
    """

    def __init__(
        self, layer_sizes: Sequence[int], activations: Sequence[str], loss: str, output_activation: str = "identity",
        frozen: Sequence[int] = (), biases: bool = True,
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
        self.loss_function = LOSSES[loss]
        self.slots: list[tuple[slice, int, int]] = []  # of [W; b], fan_in, fan_out
        mask, start = [], 0
        for fan_in, fan_out in pairwise(sizes):
            stop = start + (fan_in + 1) * fan_out
            self.slots.append((slice(start, stop), fan_in, fan_out))
            mask += [True] * (fan_in * fan_out) + [False] * fan_out
            start = stop
        self.parameter_count = start
        self.weight_mask = np.array(mask, dtype=bool)
        stays = ~self.weight_mask & (not biases)
        for layer in frozen:
            stays[self.slots[layer - 1][0]] = True
        self.fixed = np.flatnonzero(stays)
        self.trained_mask = self.weight_mask & ~stays
        self._buffers: dict[tuple[Any, ...], _Buffers] = {}
        self._bound: dict[tuple[int, int, int, int], Bound] = {}

    def initialize(
        self, rng: np.random.Generator, lanes: int, initializer: str = "glorot_uniform", dtype: npt.DTypeLike = np.float64, **options: Any
    ) -> np.ndarray:  # fmt: skip
        """Fresh parameters (R, P): weights drawn by `initializer`, biases zero."""
        theta = np.zeros((lanes, self.parameter_count))
        for W, _ in self.unflatten(theta):
            W[:] = INITIALIZERS[initializer].draw(rng, lanes, *W.shape[1:], **options)
        return theta.astype(dtype)

    def unflatten(self, theta: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """[(W (R, fan_in, fan_out), b (R, 1, fan_out)), …], views on theta (R, P) without copying."""
        both = [theta[:, slot].reshape(len(theta), n + 1, m) for slot, n, m in self.slots]
        return [(Wb[:, :-1], Wb[:, -1:]) for Wb in both]

    def forward(self, theta: np.ndarray, X: np.ndarray) -> np.ndarray:
        """The outputs (R, N, outputs): logits or values. A fresh array."""
        X = np.asarray(X, dtype=theta.dtype)
        out = np.empty((len(theta), self.layer_sizes[-1], X.shape[-2]), theta.dtype)
        with np.errstate(all="ignore"):
            for rows, part in self._passes(theta, None, X):
                out[rows] = part.forward(X)
        return out.swapaxes(1, 2)

    def layer_outputs(self, theta: np.ndarray, X: np.ndarray) -> list[np.ndarray]:
        """Every layer's activations (R, N, width), fresh arrays, from the first hidden layer to the output."""
        X = np.asarray(X, dtype=theta.dtype)
        out = [np.empty((len(theta), width, X.shape[-2]), theta.dtype) for width in self.layer_sizes[1:]]
        with np.errstate(all="ignore"):
            for rows, part in self._passes(theta, None, X):
                part.forward(X)
                for values, a in zip(out, part.outputs, strict=True):
                    values[rows] = a
        return [values.swapaxes(1, 2) for values in out]

    def predict(self, theta: np.ndarray, X: np.ndarray) -> np.ndarray:
        """Probabilities or values (R, N, outputs)."""
        with np.errstate(all="ignore"):
            return self.loss_function.predict(self.forward(theta, X))

    def target(self, y: np.ndarray, dtype: npt.DTypeLike) -> np.ndarray:
        """Labels as the loss wants them; do it once, not at every update."""
        return prepare(self.loss_key, y, self.layer_sizes[-1], dtype)

    def loss(self, theta: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The mean loss over the samples, per lane (R,), without penalties. A fresh array."""
        X, target = self._prepared(theta, X, y)
        loss = np.empty(len(theta), theta.dtype)
        with np.errstate(all="ignore"):
            for rows, part in self._passes(theta, None, X):
                part.forward(X)
                loss[rows] = part.loss(target, None)
        return loss

    def loss_and_gradient(
        self, theta: np.ndarray, X: np.ndarray, y: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean loss (R,) and its gradient (R, P), by backpropagation. Fresh arrays."""
        X, target = self._prepared(theta, X, y)
        loss, gradient = np.empty(len(theta), theta.dtype), np.empty(theta.shape, theta.dtype)
        with np.errstate(all="ignore"):
            for rows, part in self._passes(theta, gradient, X):
                part.forward(X)
                loss[rows] = part.backward(target)
        gradient[:, self.fixed] = 0
        return loss, gradient

    def backward(
        self, theta: np.ndarray, X: np.ndarray, target: np.ndarray, gradient: np.ndarray
    ) -> np.ndarray:
        """`loss_and_gradient` for a training loop: prepared arrays, `gradient` (R, P) to write to, and the loss in a
        buffer that the next call overwrites. The caller holds np.errstate.

        The views on `theta` and `gradient` are remembered, so it is fastest with the same two arrays every time.
        """
        key = (id(theta), id(gradient), X.ndim, X.shape[-2])
        bound = self._bound.get(key)
        if bound is None or bound.theta is not theta or bound.gradient is not gradient:
            if len(self._bound) >= 8:
                self._bound.clear()
            loss, passes = np.empty(len(theta), theta.dtype), list(self._passes(theta, gradient, X))
            bound = self._bound[key] = Bound(theta, gradient, loss, passes)
        loss = bound.loss
        for rows, part in bound.passes:
            part.forward(X)
            loss[rows] = part.backward(target)
        if self.fixed.size:
            gradient[:, self.fixed] = 0
        return loss

    def _passes(
        self, theta: np.ndarray, gradient: np.ndarray | None, X: np.ndarray
    ) -> Iterator[tuple[slice, _Pass]]:
        """The lanes in chunks, each with its views and the buffers that chunks of its size share."""
        samples, widths = X.shape[-2], sum(self.layer_sizes)
        numbers = max(self.layer_sizes) + (widths if gradient is None else 2 * widths)
        size = max(1, CHUNK_BYTES // (theta.itemsize * max(1, samples) * numbers))
        for start in range(0, len(theta), size):
            rows = slice(start, min(start + size, len(theta)))
            key = (rows.stop - start, samples, theta.dtype, X.ndim, gradient is not None)
            buffers = self._buffers.get(key)
            if buffers is None:
                if len(self._buffers) >= 16:
                    self._buffers.clear()
                buffers = self._buffers[key] = _Buffers(self.layer_sizes, *key)
            yield rows, _Pass(self, buffers, theta, gradient, rows)

    def _prepared(self, theta: np.ndarray, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        X, y = np.asarray(X, dtype=theta.dtype), np.asarray(y)
        if X.ndim == 3:  # each lane has its own samples, so its own labels
            y = y.reshape(*X.shape[:2], -1)
        return X, self.target(y, theta.dtype)


class _Buffers:
    """The arrays of one pass over some lanes and samples; a single lane's have no lane axis."""

    def __init__(
        self, sizes: tuple[int, ...], lanes: int, samples: int, dtype: Any, dimensions: int, has_gradient: bool
    ) -> None:  # fmt: skip
        lead = () if lanes == 1 else (lanes,)
        shared = lead if dimensions == 3 else ()
        self.a = [
            np.ones((*(lead if k else shared), n + 1, samples), dtype) for k, n in enumerate(sizes[:-1])
        ]
        shapes = [(*lead, n, samples) for n in sizes[1:]]
        shared_by_all = np.empty(lanes * max(sizes[1:]) * samples, dtype)
        one_after_another = [shared_by_all[: math.prod(shape)].reshape(shape) for shape in shapes]
        self.z = [np.empty(shape, dtype) for shape in shapes] if has_gradient else one_after_another
        self.slopes = one_after_another
        self.output, self.delta = np.empty_like(self.z[-1]), np.empty_like(self.z[-1])


class Bound(NamedTuple):
    """The passes over two arrays that `backward` was given, kept as long as it is given the same."""

    theta: np.ndarray
    gradient: np.ndarray
    loss: np.ndarray
    passes: list[tuple[slice, _Pass]]


class Up(NamedTuple):
    """What makes one layer's z and a: z = [W; b]ᵀ[a below; 1], a = φ(z); no φ where it is the identity."""

    Wbt: np.ndarray
    below: np.ndarray
    z: np.ndarray
    value: Callable[..., np.ndarray] | None
    output: np.ndarray


class Down(NamedTuple):
    """What makes one layer's φ′, δ and gradient, from the δ of the layer above; the output layer's δ is the loss's."""

    W_above: np.ndarray | None
    z: np.ndarray
    output: np.ndarray
    slopes: np.ndarray
    slope: Callable[..., np.ndarray] | None
    delta: np.ndarray
    below: np.ndarray
    delta_t: np.ndarray
    dWb: np.ndarray


class _Pass:
    """Forward and backward pass of a chunk of lanes: views on their parameters and gradients, made once.

    Shapes are (r, width, N) for r lanes, and (width, N) for one lane, which NumPy starts on faster. For one lane
    np.dot takes np.matmul's place for the same reason; it gives the same bits (a test holds it to that).
    """

    def __init__(
        self, mlp: MLP, buffers: _Buffers, theta: np.ndarray, gradient: np.ndarray | None, rows: slice
    ) -> None:  # fmt: skip
        one = rows.stop - rows.start == 1
        pick: Any = rows.start if one else rows
        lead = () if one else (-1,)
        self.rows, self.evaluate, self.delta = pick, mlp.loss_function.kernel, buffers.delta
        self.product: Any = np.dot if one else np.matmul
        self.inputs = buffers.a[0][..., :-1, :]
        is_linear = mlp.activations[-1] == "identity"
        self.outputs = [a[..., :-1, :] for a in buffers.a[1:]] + [
            buffers.z[-1] if is_linear else buffers.output
        ]
        self.up: list[Up] = []
        self.down: list[Down] = []
        Wb: Any = [theta[pick, slot].reshape(*lead, n + 1, m) for slot, n, m in mlp.slots]
        for k, (slot, n, m) in enumerate(mlp.slots):
            act, is_last = ACTIVATIONS[mlp.activations[k]], k == len(mlp.slots) - 1
            a, z, output = buffers.a[k], buffers.z[k], self.outputs[k]
            value = None if is_last and is_linear else act.value
            self.up.append(Up(Wb[k].swapaxes(-1, -2), a, z, value, output))
            if gradient is not None:
                # δ takes the place of z, which is not needed any more
                delta = buffers.delta if is_last else z
                dWb = gradient[pick, slot].reshape(*lead, n + 1, m)
                slope = None if act.key == "identity" else act.slope
                W_above = None if is_last else Wb[k + 1][..., :-1, :]
                here = Down(
                    W_above, z, output, buffers.slopes[k], slope, delta, a, delta.swapaxes(-1, -2), dWb
                )
                self.down.insert(0, here)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """The outputs (r, C, N), in a buffer, for X (N, D) or (R, N, D)."""
        np.copyto(self.inputs, (X[self.rows] if X.ndim == 3 else X).swapaxes(-1, -2))
        product = self.product
        for Wt, a, z, value, output in self.up:
            product(Wt, a, z)
            if value is not None:
                value(z, output)
        return self.outputs[-1]

    def loss(self, target: np.ndarray, gradient: np.ndarray | None = None) -> np.ndarray:
        """The loss (r,) after `forward`, for a target (N, C) or (R, N, C); ∂loss/∂outputs goes to `gradient`."""
        target = (target[self.rows] if target.ndim == 3 else target).swapaxes(-1, -2)
        return self.evaluate(self.outputs[-1], target, gradient)

    def backward(self, target: np.ndarray) -> np.ndarray:
        """The loss (r,) after `forward`; the gradient is written to its place."""
        product, multiply = self.product, np.multiply
        above = self.delta
        loss = self.loss(target, above)
        for W, z, output, s, slope, delta, a, delta_t, dWb in self.down:
            if slope is not None:
                slope(z, output, s)
            if W is not None:
                spread = multiply if W.shape[-1] == 1 else product  # BLAS is slow on one column
                spread(W, above, delta)
            if slope is not None:
                multiply(delta, s, delta)
            product(a, delta_t, dWb)
            above = delta
        return loss
