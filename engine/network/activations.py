"""Activation functions: plain pairs of functions in a plain dict.

`value(z, out)` writes φ(z) into `out`; `slope(z, a, out)` writes φ′(z), given both z and a = φ(z).
All arrays have one shape, and `out` never is `z` or `a`. Exact for any finite z: no overflow, no warning.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Array = np.ndarray
# Exact in every number type, and NumPy starts faster on an array than on Python's numbers.
ONE, HALF = np.ones((), np.float32), np.full((), 0.5, np.float32)
GELU_SCALE = math.sqrt(2 / math.pi)


@dataclass(frozen=True)
class Activation:
    """One activation function, with its formula (LaTeX) and a sentence for a student."""

    key: str
    label: str
    formula: str
    help: str
    value: Callable[[Array, Array], Array]
    slope: Callable[[Array, Array, Array], Array]


def sigmoid(z: Array, out: Array) -> Array:
    """σ(z) = 1/(1+e⁻ᶻ), written with tanh so that no exponential can overflow."""
    np.multiply(z, HALF, out)
    np.tanh(out, out)
    out *= HALF
    out += HALF
    return out


def _identity(z, out):
    np.copyto(out, z)
    return out


def _identity_slope(z, a, out):
    out.fill(1)
    return out


def _threshold(z, out):
    return np.greater_equal(z, 0, out=out, casting="unsafe")


def _threshold_slope(z, a, out):
    out.fill(0)
    return out


def _sigmoid_slope(z, a, out):
    np.subtract(ONE, a, out)
    out *= a
    return out


def _tanh(z, out):
    return np.tanh(z, out)


def _tanh_slope(z, a, out):
    np.square(a, out)
    return np.subtract(ONE, out, out)


def _relu(z, out):
    return np.maximum(z, 0, out=out)


def _relu_slope(z, a, out):
    return np.greater(z, 0, out=out, casting="unsafe")


def _leaky_relu(z, out):
    np.multiply(z, 0.01, out=out)
    return np.maximum(z, out, out=out)


def _leaky_relu_slope(z, a, out):
    np.greater(z, 0, out=out, casting="unsafe")
    out *= 0.99
    out += 0.01
    return out


def _elu(z, out):
    np.minimum(z, 0, out=out)
    np.expm1(out, out=out)
    return np.maximum(z, out, out=out)  # z > e^z - 1 never for z < 0, always for z > 0


def _elu_slope(z, a, out):
    np.minimum(a, 0, out=out)
    out += 1
    return out


def _softplus(z, out):
    return np.logaddexp(z, 0, out=out)


def _softplus_slope(z, a, out):
    return sigmoid(z, out)


def _gelu(z, out):
    inner = np.clip(z, -30, 30)  # tanh is ±1 beyond, and the cube cannot overflow
    np.tanh(GELU_SCALE * (inner + 0.044715 * inner**3), out=out)
    out += 1
    out *= 0.5
    out *= z
    return out


def _gelu_slope(z, a, out):
    x = np.clip(z, -30, 30)
    t = np.tanh(GELU_SCALE * (x + 0.044715 * x**3))
    np.copyto(out, 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * GELU_SCALE * (1 + 3 * 0.044715 * x * x))
    return out


def _silu(z, out):
    sigmoid(z, out)
    out *= z
    return out


def _silu_slope(z, a, out):
    sigmoid(z, out)
    out += a * (1 - out)  # σ + zσ(1−σ)
    return out


def _sine(z, out):
    return np.sin(z, out=out)


def _sine_slope(z, a, out):
    return np.cos(z, out=out)


_ALL = (
    Activation("identity", "identity", r"z", "Passes its input through: the network stays linear.", _identity, _identity_slope),
    Activation("threshold", "threshold", r"[z \ge 0]", "A step: its slope is zero, so gradient descent sees nothing.", _threshold, _threshold_slope),
    Activation("sigmoid", "sigmoid", r"1/(1+e^{-z})", "Squashes into 0 to 1; flat, so slow, far from zero.", sigmoid, _sigmoid_slope),
    Activation("tanh", "tanh", r"\tanh z", "Squashes into −1 to 1, centred on zero.", _tanh, _tanh_slope),
    Activation("relu", "ReLU", r"\max(0, z)", "Zero below zero, unchanged above: fast, but can die.", _relu, _relu_slope),
    Activation("leaky_relu", "leaky ReLU", r"\max(0.01z, z)", "ReLU with a small slope below zero, so it cannot die.", _leaky_relu, _leaky_relu_slope),
    Activation("elu", "ELU", r"z \text{ if } z>0 \text{ else } e^z-1", "ReLU with a smooth bend to −1.", _elu, _elu_slope),
    Activation("softplus", "softplus", r"\ln(1+e^z)", "A smooth ReLU.", _softplus, _softplus_slope),
    Activation("gelu", "GELU", r"\tfrac z2\left(1+\tanh\left(\sqrt{2/\pi}\,(z+0.044715z^3)\right)\right)", "A smooth ReLU that dips below zero; used in transformers.", _gelu, _gelu_slope),
    Activation("silu", "SiLU", r"z\,\sigma(z)", "Also called swish: z times its own sigmoid.", _silu, _silu_slope),
    Activation("sine", "sine", r"\sin z", "Periodic: fits waves, and makes a bumpy loss.", _sine, _sine_slope),
)  # fmt: skip
ACTIVATIONS: dict[str, Activation] = {activation.key: activation for activation in _ALL}
