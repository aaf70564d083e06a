"""How weights start. Biases always start at zero.

`draw(rng, lanes, fan_in, fan_out, **options)` gives weights (lanes, fan_in, fan_out) in float64.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from engine.options import Option


@dataclass(frozen=True)
class Initializer:
    """One way to draw initial weights, with formula and source."""

    key: str
    label: str
    formula: str
    help: str
    draw: Callable[..., np.ndarray]
    options: dict[str, Option] = field(default_factory=dict)


def _constant(rng, lanes, fan_in, fan_out, value=0.5):
    return np.full((lanes, fan_in, fan_out), float(value))


def _zeros(rng, lanes, fan_in, fan_out):
    return np.zeros((lanes, fan_in, fan_out))


def _uniform(rng, lanes, fan_in, fan_out, scale=0.5):
    return rng.uniform(-scale, scale, (lanes, fan_in, fan_out))


def _normal(rng, lanes, fan_in, fan_out, scale=0.5):
    return scale * rng.standard_normal((lanes, fan_in, fan_out))


def _glorot_uniform(rng, lanes, fan_in, fan_out):
    return _uniform(rng, lanes, fan_in, fan_out, np.sqrt(6 / (fan_in + fan_out)))


def _glorot_normal(rng, lanes, fan_in, fan_out):
    return _normal(rng, lanes, fan_in, fan_out, np.sqrt(2 / (fan_in + fan_out)))


def _he_uniform(rng, lanes, fan_in, fan_out):
    return _uniform(rng, lanes, fan_in, fan_out, np.sqrt(6 / fan_in))


def _he_normal(rng, lanes, fan_in, fan_out):
    return _normal(rng, lanes, fan_in, fan_out, np.sqrt(2 / fan_in))


def _lecun_normal(rng, lanes, fan_in, fan_out):
    return _normal(rng, lanes, fan_in, fan_out, np.sqrt(1 / fan_in))


def _orthogonal(rng, lanes, fan_in, fan_out):
    tall = rng.standard_normal((lanes, max(fan_in, fan_out), min(fan_in, fan_out)))
    q, r = np.linalg.qr(tall)
    q *= np.sign(np.diagonal(r, axis1=-2, axis2=-1))[:, None, :]  # makes the draw uniform (Mezzadri 2007)
    return q if fan_in >= fan_out else q.transpose(0, 2, 1)


_SCALE = Option("scale", 0.5, "Scale", "Half-width, or standard deviation, of the draw.", 0.0, 10.0)
_VALUE = Option("value", 0.5, "Value", "Every weight starts at this number.", -10.0, 10.0)
_ALL = (
    Initializer("zeros", "zeros", r"W=0", "All neurons of a layer stay alike: watch it fail to break symmetry.", _zeros),
    Initializer("constant", "constant", r"W=c", "As zeros: neurons that start alike stay alike.", _constant, {"value": _VALUE}),
    Initializer("uniform", "uniform", r"U(-s, s)", "A fixed range, whatever the layer's size.", _uniform, {"scale": _SCALE}),
    Initializer("normal", "normal", r"N(0, s^2)", "A fixed spread, whatever the layer's size.", _normal, {"scale": _SCALE}),
    Initializer("glorot_uniform", "Glorot uniform", r"U\left(\pm\sqrt{6/(n_{in}+n_{out})}\right)", "Keeps signal and gradient alike in size; for tanh and sigmoid (Glorot and Bengio 2010).", _glorot_uniform),
    Initializer("glorot_normal", "Glorot normal", r"N\left(0,\,2/(n_{in}+n_{out})\right)", "Glorot with a normal draw.", _glorot_normal),
    Initializer("he_uniform", "He uniform", r"U\left(\pm\sqrt{6/n_{in}}\right)", "For ReLU, which halves the signal (He et al. 2015).", _he_uniform),
    Initializer("he_normal", "He normal", r"N(0,\,2/n_{in})", "For ReLU, which halves the signal (He et al. 2015).", _he_normal),
    Initializer("lecun_normal", "LeCun normal", r"N(0,\,1/n_{in})", "Keeps the signal's size (LeCun et al. 1998).", _lecun_normal),
    Initializer("orthogonal", "orthogonal", r"W^\top W=I", "Turns without stretching (Saxe et al. 2014).", _orthogonal),
)  # fmt: skip
INITIALIZERS: dict[str, Initializer] = {initializer.key: initializer for initializer in _ALL}
