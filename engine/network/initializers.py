"""How weights start. Biases always start at zero.

`draw(rng, lanes, fan_in, fan_out, **options)` gives weights (lanes, fan_in, fan_out) in float64.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

from engine.network.activations import Array
from engine.options import Option


@dataclass(frozen=True)
class Initializer:
    """One way to draw initial weights, with formula and source."""

    key: str
    label: str
    formula: str
    help: str
    draw: Callable[..., Array]
    options: dict[str, Option] = field(default_factory=dict)


def _constant(rng: Generator, lanes: int, fan_in: int, fan_out: int, value: float = 0.5) -> Array:
    return np.full((lanes, fan_in, fan_out), float(value))


def _zeros(rng: Generator, lanes: int, fan_in: int, fan_out: int) -> Array:
    return np.zeros((lanes, fan_in, fan_out))


def _uniform(rng: Generator, lanes: int, fan_in: int, fan_out: int, scale: float = 0.5) -> Array:
    return rng.uniform(-scale, scale, (lanes, fan_in, fan_out))


def _normal(rng: Generator, lanes: int, fan_in: int, fan_out: int, scale: float = 0.5) -> Array:
    return scale * rng.standard_normal((lanes, fan_in, fan_out))


def _glorot_uniform(rng: Generator, lanes: int, fan_in: int, fan_out: int) -> Array:
    return _uniform(rng, lanes, fan_in, fan_out, np.sqrt(6 / (fan_in + fan_out)))


def _glorot_normal(rng: Generator, lanes: int, fan_in: int, fan_out: int) -> Array:
    return _normal(rng, lanes, fan_in, fan_out, np.sqrt(2 / (fan_in + fan_out)))


def _he_uniform(rng: Generator, lanes: int, fan_in: int, fan_out: int) -> Array:
    return _uniform(rng, lanes, fan_in, fan_out, np.sqrt(6 / fan_in))


def _he_normal(rng: Generator, lanes: int, fan_in: int, fan_out: int) -> Array:
    return _normal(rng, lanes, fan_in, fan_out, np.sqrt(2 / fan_in))


def _lecun_normal(rng: Generator, lanes: int, fan_in: int, fan_out: int) -> Array:
    return _normal(rng, lanes, fan_in, fan_out, np.sqrt(1 / fan_in))


def _scaled_normal(rng: Generator, lanes: int, fan_in: int, fan_out: int, gain: float = 1.0) -> Array:
    return _normal(rng, lanes, fan_in, fan_out, gain / np.sqrt(fan_in))


def _orthogonal(rng: Generator, lanes: int, fan_in: int, fan_out: int) -> Array:
    tall = rng.standard_normal((lanes, max(fan_in, fan_out), min(fan_in, fan_out)))
    q, r = np.linalg.qr(tall)
    q *= np.sign(np.diagonal(r, axis1=-2, axis2=-1))[:, None, :]  # makes the draw uniform (Mezzadri 2007)
    return q if fan_in >= fan_out else q.transpose(0, 2, 1)


_SCALE = Option("scale", 0.5, "Scale", "Half-width, or standard deviation, of the draw.", 0.0, 10.0)
_VALUE = Option("value", 0.5, "Value", "Every weight starts at this number.", -10.0, 10.0)
_GAIN = Option("gain", 1.0, "σ_w", "1 is LeCun's draw, √2 He's.", 0.0, 5.0)
_ALL = (
    Initializer(
        key="zeros",
        label="zeros",
        formula=r"W=0",
        help="All neurons of a layer stay alike: watch it fail to break symmetry.",
        draw=_zeros,
    ),
    Initializer(
        key="constant",
        label="constant",
        formula=r"W=c",
        help="As zeros: neurons that start alike stay alike.",
        draw=_constant,
        options={"value": _VALUE},
    ),
    Initializer(
        key="uniform",
        label="uniform",
        formula=r"U(-s, s)",
        help="A fixed range, whatever the layer's size.",
        draw=_uniform,
        options={"scale": _SCALE},
    ),
    Initializer(
        key="normal",
        label="normal",
        formula=r"N(0, s^2)",
        help="A fixed spread, whatever the layer's size.",
        draw=_normal,
        options={"scale": _SCALE},
    ),
    Initializer(
        key="glorot_uniform",
        label="Glorot uniform",
        formula=r"U\left(\pm\sqrt{6/(n_{in}+n_{out})}\right)",
        help="Keeps signal and gradient alike in size; for tanh and sigmoid (Glorot and Bengio 2010).",
        draw=_glorot_uniform,
    ),
    Initializer(
        key="glorot_normal",
        label="Glorot normal",
        formula=r"N\left(0,\,2/(n_{in}+n_{out})\right)",
        help="Glorot with a normal draw.",
        draw=_glorot_normal,
    ),
    Initializer(
        key="he_uniform",
        label="He uniform",
        formula=r"U\left(\pm\sqrt{6/n_{in}}\right)",
        help="For ReLU, which halves the signal (He et al. 2015).",
        draw=_he_uniform,
    ),
    Initializer(
        key="he_normal",
        label="He normal",
        formula=r"N(0,\,2/n_{in})",
        help="For ReLU, which halves the signal (He et al. 2015).",
        draw=_he_normal,
    ),
    Initializer(
        key="lecun_normal",
        label="LeCun normal",
        formula=r"N(0,\,1/n_{in})",
        help="Keeps the signal's size (LeCun et al. 1998).",
        draw=_lecun_normal,
    ),
    Initializer(
        key="scaled_normal",
        label="scaled normal",
        formula=r"N(0,\,\sigma_w^2/n_{in})",
        help="LeCun's draw, larger or smaller: see Depth on the Units page (Poole et al. 2016).",
        draw=_scaled_normal,
        options={"gain": _GAIN},
    ),
    Initializer(
        key="orthogonal",
        label="orthogonal",
        formula=r"W^\top W=I \text{ where it narrows, } WW^\top=I \text{ where it widens}",
        help="Turns without stretching: a widening layer keeps the signal's length, a narrowing one that of the error on its way back (Saxe et al. 2014).",
        draw=_orthogonal,
    ),
)
INITIALIZERS: dict[str, Initializer] = {initializer.key: initializer for initializer in _ALL}
