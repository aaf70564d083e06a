"""Activation functions: each one entry, with its first and second slope and its text in NumPy and PyTorch.

`value(z, out)` writes φ(z) into `out`; `slope(z, a, out)` writes φ′(z), and `second(z, a)` returns φ″(z), given both z and
a = φ(z). All arrays have one shape, and `out` never is `z` or `a`. Where φ′ has a jump (ReLU at 0), φ″ is taken as 0.
Exact for any finite z: no overflow, no warning.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
# Exact in every number type, and NumPy starts faster on an array than on Python's numbers.
ONE, HALF = np.ones((), np.float32), np.full((), 0.5, np.float32)
GELU_SCALE = math.sqrt(2 / math.pi)


@dataclass(frozen=True)
class Activation:
    """One activation function, with its formula (LaTeX), a sentence for a student, and the expressions of z that the
    exported programs have for it.
    """

    key: str
    label: str
    formula: str
    help: str
    value: Callable[[Array, Array], Array]
    slope: Callable[[Array, Array, Array], Array]
    second: Callable[[Array, Array], Array]
    numpy: str
    torch: str


def sigmoid(z: Array, out: Array) -> Array:
    """σ(z) = 1/(1+e⁻ᶻ), written with tanh so that no exponential can overflow."""
    np.multiply(z, HALF, out)
    np.tanh(out, out)
    out *= HALF
    out += HALF
    return out


def _identity(z: Array, out: Array) -> Array:
    np.copyto(out, z)
    return out


def _identity_slope(z: Array, a: Array, out: Array) -> Array:
    out.fill(1)
    return out


def flat(z: Array, a: Array) -> Array:
    """No curvature anywhere, and none at a kink."""
    return np.zeros_like(z)


def _threshold(z: Array, out: Array) -> Array:
    return np.greater_equal(z, 0, out=out, casting="unsafe")


def _threshold_slope(z: Array, a: Array, out: Array) -> Array:
    out.fill(0)
    return out


def _sigmoid_slope(z: Array, a: Array, out: Array) -> Array:
    np.subtract(ONE, a, out)
    out *= a
    return out


def _sigmoid_second(z: Array, a: Array) -> Array:
    second: Array = a * (1 - a) * (1 - 2 * a)
    return second


def _tanh(z: Array, out: Array) -> Array:
    return np.tanh(z, out)


def _tanh_slope(z: Array, a: Array, out: Array) -> Array:
    np.square(a, out)
    return np.subtract(ONE, out, out)


def _tanh_second(z: Array, a: Array) -> Array:
    second: Array = -2 * a * (1 - a * a)
    return second


def _relu(z: Array, out: Array) -> Array:
    return np.maximum(z, 0, out=out)


def _relu_slope(z: Array, a: Array, out: Array) -> Array:
    return np.greater(z, 0, out=out, casting="unsafe")


def _leaky_relu(z: Array, out: Array) -> Array:
    np.multiply(z, 0.01, out=out)
    return np.maximum(z, out, out=out)


def _leaky_relu_slope(z: Array, a: Array, out: Array) -> Array:
    np.greater(z, 0, out=out, casting="unsafe")
    out *= 0.99
    out += 0.01
    return out


def _elu(z: Array, out: Array) -> Array:
    np.minimum(z, 0, out=out)
    np.expm1(out, out=out)
    return np.maximum(z, out, out=out)  # z > e^z - 1 never for z < 0, always for z > 0


def _elu_slope(z: Array, a: Array, out: Array) -> Array:
    np.minimum(a, 0, out=out)
    out += 1
    return out


def _elu_second(z: Array, a: Array) -> Array:
    return np.where(z < 0, a + 1, 0)


def _softplus(z: Array, out: Array) -> Array:
    return np.logaddexp(z, 0, out=out)


def _softplus_slope(z: Array, a: Array, out: Array) -> Array:
    return sigmoid(z, out)


def _softplus_second(z: Array, a: Array) -> Array:
    s = sigmoid(z, np.empty_like(z))
    second: Array = s * (1 - s)
    return second


def _gelu(z: Array, out: Array) -> Array:
    inner = np.clip(z, -30, 30)  # tanh is ±1 beyond, and the cube cannot overflow
    np.tanh(GELU_SCALE * (inner + 0.044715 * inner**3), out=out)
    out += 1
    out *= 0.5
    out *= z
    return out


def _gelu_slope(z: Array, a: Array, out: Array) -> Array:
    x = np.clip(z, -30, 30)
    t = np.tanh(GELU_SCALE * (x + 0.044715 * x**3))
    np.copyto(out, 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * GELU_SCALE * (1 + 3 * 0.044715 * x * x))
    return out


def _gelu_second(z: Array, a: Array) -> Array:
    """With u = √(2/π)(z + 0.044715z³) and t = tanh u: t′ + (z/2)t″."""
    x = np.clip(z, -30, 30)
    t = np.tanh(GELU_SCALE * (x + 0.044715 * x**3))
    u1, u2 = GELU_SCALE * (1 + 3 * 0.044715 * x * x), GELU_SCALE * 6 * 0.044715 * x
    t1 = (1 - t * t) * u1
    second: Array = t1 + 0.5 * x * ((1 - t * t) * u2 - 2 * t * t1 * u1)
    return second


def _silu(z: Array, out: Array) -> Array:
    sigmoid(z, out)
    out *= z
    return out


def _silu_slope(z: Array, a: Array, out: Array) -> Array:
    sigmoid(z, out)
    out += a * (1 - out)  # σ + zσ(1−σ)
    return out


def _silu_second(z: Array, a: Array) -> Array:
    s = sigmoid(z, np.empty_like(z))
    slope = s * (1 - s)
    second: Array = slope * 2 + z * slope * (1 - 2 * s)
    return second


def _sine(z: Array, out: Array) -> Array:
    return np.sin(z, out=out)


def _sine_slope(z: Array, a: Array, out: Array) -> Array:
    return np.cos(z, out=out)


def _sine_second(z: Array, a: Array) -> Array:
    return -a


_ALL = (
    Activation(
        key="identity",
        label="identity",
        formula=r"z",
        help="Passes its input through: the network stays linear.",
        value=_identity,
        slope=_identity_slope,
        second=flat,
        numpy="z",
        torch="z",
    ),
    Activation(
        key="threshold",
        label="threshold",
        formula=r"[z \ge 0]",
        help="A step: its slope is zero, so gradient descent sees nothing.",
        value=_threshold,
        slope=_threshold_slope,
        second=flat,
        numpy="(z >= 0).astype(float)",
        torch="(z >= 0).to(z.dtype)",
    ),
    Activation(
        key="sigmoid",
        label="sigmoid",
        formula=r"1/(1+e^{-z})",
        help="Squashes into 0 to 1; flat, so slow, far from zero.",
        value=sigmoid,
        slope=_sigmoid_slope,
        second=_sigmoid_second,
        numpy="0.5 * (1 + np.tanh(0.5 * z))",
        torch="torch.sigmoid(z)",
    ),
    Activation(
        key="tanh",
        label="tanh",
        formula=r"\tanh z",
        help="Squashes into −1 to 1, centred on zero.",
        value=_tanh,
        slope=_tanh_slope,
        second=_tanh_second,
        numpy="np.tanh(z)",
        torch="torch.tanh(z)",
    ),
    Activation(
        key="relu",
        label="ReLU",
        formula=r"\max(0, z)",
        help="Zero below zero, unchanged above: fast, but can die.",
        value=_relu,
        slope=_relu_slope,
        second=flat,
        numpy="np.maximum(z, 0)",
        torch="torch.relu(z)",
    ),
    Activation(
        key="leaky_relu",
        label="leaky ReLU",
        formula=r"\max(0.01z, z)",
        help="ReLU with a small slope below zero, so it cannot die.",
        value=_leaky_relu,
        slope=_leaky_relu_slope,
        second=flat,
        numpy="np.maximum(z, 0.01 * z)",
        torch="torch.nn.functional.leaky_relu(z, 0.01)",
    ),
    Activation(
        key="elu",
        label="ELU",
        formula=r"z \text{ if } z>0 \text{ else } e^z-1",
        help="ReLU with a smooth bend to −1.",
        value=_elu,
        slope=_elu_slope,
        second=_elu_second,
        numpy="np.where(z > 0, z, np.expm1(np.minimum(z, 0)))",
        torch="torch.nn.functional.elu(z)",
    ),
    Activation(
        key="softplus",
        label="softplus",
        formula=r"\ln(1+e^z)",
        help="A smooth ReLU.",
        value=_softplus,
        slope=_softplus_slope,
        second=_softplus_second,
        numpy="np.logaddexp(z, 0)",
        torch="torch.logaddexp(z, torch.zeros_like(z))",
    ),
    Activation(
        key="gelu",
        label="GELU",
        formula=r"\tfrac z2\left(1+\tanh\left(\sqrt{2/\pi}\,(z+0.044715z^3)\right)\right)",
        help="A smooth ReLU that dips below zero; used in transformers.",
        value=_gelu,
        slope=_gelu_slope,
        second=_gelu_second,
        numpy="0.5 * z * (1 + np.tanh(0.7978845608028654 * (z + 0.044715 * z**3)))",
        torch='torch.nn.functional.gelu(z, approximate="tanh")',
    ),
    Activation(
        key="silu",
        label="SiLU",
        formula=r"z\,\sigma(z)",
        help="Also called swish: z times its own sigmoid.",
        value=_silu,
        slope=_silu_slope,
        second=_silu_second,
        numpy="z * 0.5 * (1 + np.tanh(0.5 * z))",
        torch="torch.nn.functional.silu(z)",
    ),
    Activation(
        key="sine",
        label="sine",
        formula=r"\sin z",
        help="Periodic: fits waves, and makes a bumpy loss.",
        value=_sine,
        slope=_sine_slope,
        second=_sine_second,
        numpy="np.sin(z)",
        torch="torch.sin(z)",
    ),
)
ACTIVATIONS: dict[str, Activation] = {activation.key: activation for activation in _ALL}
