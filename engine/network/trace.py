"""One forward and one backward pass as a flow graph of boxes, each with its numbers and its formulas.

This pass is written to be read, one line a box; `MLP.loss_and_gradient` is the fast one, and a test holds them to each
other. Values are (N, width) for N samples, weights (fan_in, fan_out), the loss (); a gradient has its value's shape and
is that of the mean loss over the samples.

A unit's formula is a template with marks, so that one text gives the bare formula and the formula with its numbers, in
any notation, here and in the browser (assets/backpropagation/formula.js reads the same marks):

    [z1]          the name of a box                 [z1:j]   one number of it, j counted from 0
    [∂z1:j]       its derivative ∂L/∂z              [slope z1:j]  φ′(z), of the activation above
    Σi<3>{ … }    the sum of the braces for i = 0, 1, 2

Sources: Rumelhart, Hinton and Williams (1986); Goodfellow, Bengio and Courville, Deep Learning (2016), ch. 6.5.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.network.activations import ACTIVATIONS
from engine.network.losses import prepare, softmax
from engine.network.mlp import MLP
from engine.shown import short_number

SLOPES = {  # φ′ in terms of z and a, where that is short
    "identity": "1", "threshold": "0", "sigmoid": "{a}·(1 − {a})", "tanh": "1 − {a}²", "relu": "1 if {z} > 0, else 0",
    "leaky_relu": "1 if {z} > 0, else 0.01", "elu": "1 if {z} > 0, else {a} + 1", "softplus": "σ({z})", "sine": "cos {z}",
}  # fmt: skip
KINDS = ("input", "affine", "activation", "loss", "penalty")
_MARK = re.compile(r"\[(∂|slope )?(\w+)(?::([\w,]+))?\]")
_SUM = re.compile(r"Σ(\w)<(\d+)>\{(.*?)\}")


@dataclass(eq=False)
class Box:
    """A node of the flow graph. `inputs` are computed before it, `outputs` use it.

    `forward` and `backward` are a unit's formulas, of its value and of its derivative; `backward` is empty for the loss.
    """

    key: str
    kind: str
    inputs: tuple[str, ...]
    value: np.ndarray
    forward: str
    outputs: tuple[str, ...] = ()
    gradient: np.ndarray = field(default_factory=lambda: np.zeros(()))
    backward: str = ""
    slope: np.ndarray | None = None  # φ′ at this pre-activation
    is_parameter: bool = False
    activation: str = ""  # of the function that this box applies


@dataclass(frozen=True, eq=False)
class Trace:
    """Boxes in forward order; read them backwards for the order of the backward pass."""

    boxes: tuple[Box, ...]
    samples: int

    def __getitem__(self, key: str) -> Box:
        return next(box for box in self.boxes if box.key == key)

    def gradient(self, parameters: int) -> np.ndarray:
        """The derivatives of all parameters as `MLP` orders them (P,)."""
        rows = [box.gradient.ravel() for box in self.boxes if box.is_parameter]
        found = np.concatenate(rows)
        assert found.shape == (parameters,)
        return found


def trace(
    mlp: MLP, theta: np.ndarray, X: np.ndarray, y: np.ndarray, l1: float = 0.0, l2: float = 0.0
) -> Trace:
    """Both passes at theta (P,) on samples X (N, D), y (N,), in float64. `ValueError` for shapes that don't fit."""
    theta, X = np.asarray(theta, np.float64), np.atleast_2d(np.asarray(X, np.float64))
    if theta.shape != (mlp.parameter_count,) or X.shape[-1] != mlp.layer_sizes[0]:
        raise ValueError(
            f"theta has shape {theta.shape} and X {X.shape}; this network has {mlp.parameter_count} parameters and "
            f"{mlp.layer_sizes[0]} inputs."
        )
    target = prepare(mlp.loss_key, np.atleast_1d(y), mlp.layer_sizes[-1], np.float64)
    with np.errstate(all="ignore"):
        boxes = _forward(mlp, theta, X, target, l1, l2)
        _backward(mlp, boxes, len(X), l1, l2)
    for box in boxes.values():
        box.outputs = tuple(other.key for other in boxes.values() if box.key in other.inputs)
    return Trace(tuple(boxes.values()), len(X))


def _forward(
    mlp: MLP, theta: np.ndarray, X: np.ndarray, target: np.ndarray, l1: float, l2: float
) -> dict[str, Box]:
    boxes = {"x": Box("x", "input", (), X, "the sample")}
    last = "x"
    for k, (W, b) in enumerate(mlp.unflatten(theta[None]), start=1):
        name, fan_in = mlp.activations[k - 1], W.shape[1]
        boxes[f"W{k}"] = Box(f"W{k}", "input", (), W[0].copy(), "a weight", is_parameter=True)
        boxes[f"b{k}"] = Box(f"b{k}", "input", (), b[0, 0].copy(), "a bias", is_parameter=True)
        z = boxes[last].value @ W[0] + b[0, 0]
        products = f"Σi<{fan_in}>{{[W{k}:i,j]·[{last}:i]}}"
        boxes[f"z{k}"] = Box(f"z{k}", "affine", (last, f"W{k}", f"b{k}"), z, f"{products} + [b{k}:j]")
        last = f"z{k}"
        if name != "identity" or k < len(mlp.slots):
            a = ACTIVATIONS[name].value(z, np.empty_like(z))
            boxes[last].slope = ACTIVATIONS[name].slope(z, a, np.empty_like(z))
            boxes[f"a{k}"] = Box(
                f"a{k}", "activation", (last,), a, f"{function_name(name)}([{last}:j])", activation=name
            )
            last = f"a{k}"
    boxes["y"] = Box("y", "input", (), target, "the label")
    z = boxes[last].value
    if mlp.loss_key in ("binary_cross_entropy", "cross_entropy"):
        p, text = _prediction(mlp, last, z)
        boxes["p"] = Box("p", "activation", (last,), p, text, activation=_output_function(mlp))
        last = "p"
    loss = mlp.loss(theta[None], X, target)[0]
    boxes["L"] = Box("L", "loss", (last, "y"), np.asarray(loss), _loss_texts(mlp, last)[0])
    if l1 or l2:
        weights = tuple(key for key in boxes if key.startswith("W"))
        size = sum(
            l1 * np.abs(boxes[key].value).sum() + 0.5 * l2 * (boxes[key].value ** 2).sum() for key in weights
        )
        boxes["R"] = Box("R", "penalty", weights, np.asarray(size), f"{l1:g}·Σ|w| + {l2 / 2:g}·Σw²")
        boxes["J"] = Box("J", "loss", ("L", "R"), np.asarray(loss + size), "[L] + [R]")
    return boxes


def _backward(mlp: MLP, boxes: dict[str, Box], samples: int, l1: float, l2: float) -> None:
    for key in "LRJ":
        if key in boxes:
            boxes[key].gradient = np.ones(())
    _loss_backward(mlp, boxes, samples)
    for k in range(len(mlp.slots), 0, -1):
        z, W, b = boxes[f"z{k}"], boxes[f"W{k}"], boxes[f"b{k}"]
        if f"a{k}" in boxes and z.slope is not None:
            z.gradient = boxes[f"a{k}"].gradient * z.slope
            z.backward = f"[∂a{k}:j]·[slope z{k}:j]"
        below = boxes[z.inputs[0]]
        W.gradient = below.value.T @ z.gradient
        W.backward = f"[{below.key}:i]·[∂z{k}:j]"
        if "R" in boxes:
            W.gradient = W.gradient + l1 * np.sign(W.value) + l2 * W.value
            W.backward += (f" + {l1:g}·sign([W{k}:i,j])" if l1 else "") + (
                f" + {l2:g}·[W{k}:i,j]" if l2 else ""
            )
        b.gradient = z.gradient.sum(axis=0)
        b.backward = f"[∂z{k}:j]"
        below.gradient = z.gradient @ W.value.T
        below.backward = f"Σk<{W.value.shape[1]}>{{[W{k}:j,k]·[∂z{k}:k]}}"


def _output_function(mlp: MLP) -> str:
    return "sigmoid" if mlp.loss_key == "binary_cross_entropy" else "softmax"


def _prediction(mlp: MLP, last: str, z: np.ndarray) -> tuple[np.ndarray, str]:
    """The probabilities that a cross-entropy is about, and their formula."""
    if mlp.loss_key == "binary_cross_entropy":
        return ACTIVATIONS["sigmoid"].value(z, np.empty_like(z)), f"σ([{last}:j])"
    return softmax(z), f"exp [{last}:j] / (Σi<{z.shape[1]}>{{exp [{last}:i]}})"


def _loss_texts(mlp: MLP, p: str) -> tuple[str, str]:
    """The loss of one sample, and its slope for output j."""
    count = mlp.layer_sizes[-1]
    d, share = f"[{p}:{{}}] − [y:{{}}]", "" if count == 1 else f" / {count}"

    def total(text: str) -> str:
        return f"Σi<{count}>{{{text}}}"

    i, j = d.format("i", "i"), d.format("j", "j")
    log_odds = f"[y:i]·ln [{p}:i] + (1 − [y:i])·ln(1 − [{p}:i])"
    around = "({})" if count > 1 else "{}"
    texts = {
        "mean_squared_error": (total(f"({i})²"), f"2·({j})"),
        "quadratic": (total(f"½·({i})²"), j if count == 1 else f"({j})"),
        "huber": (total(f"huber({i})"), f"clip({j}, −1, 1)"),
        "binary_cross_entropy": (f"−({total(log_odds)})", f"(−[y:j]/[{p}:j] + (1 − [y:j])/(1 − [{p}:j]))"),
    }
    if mlp.loss_key == "cross_entropy":
        return f"−({total(f'[y:i]·ln [{p}:i]')})", f"−[y:j]/[{p}:j]"
    value, slope = texts[mlp.loss_key]
    return (around.format(value) if mlp.loss_key != "binary_cross_entropy" else value) + share, slope + share


def _loss_backward(mlp: MLP, boxes: dict[str, Box], samples: int) -> None:
    """∂L of the last outputs. For the cross-entropies ∂L/∂z = (p − y)/size comes from z itself, as p may round to 0 or 1."""
    top, y = boxes[boxes["L"].inputs[0]], boxes["y"].value
    outputs = y.shape[-1]
    size = samples if mlp.loss_key == "cross_entropy" else samples * outputs
    top.backward = _loss_texts(mlp, top.key)[1]
    boxes["y"].gradient = np.zeros_like(y)
    if top.key != "p":
        d = top.value - y
        scale = {"mean_squared_error": 2.0 * d, "quadratic": d, "huber": np.clip(d, -1, 1)}[mlp.loss_key]
        top.gradient = scale / size
        return
    below = boxes[top.inputs[0]]
    z, p = below.value, top.value
    if mlp.loss_key == "binary_cross_entropy":
        rest = ACTIVATIONS["sigmoid"].value(-z, np.empty_like(z))
        top.gradient = (_share(1 - y, rest) - _share(y, p)) / size
        below.gradient = (0.5 * np.tanh(0.5 * z) + (0.5 - y)) / size
        below.backward = "[p:j] − [y:j]" if outputs == 1 else f"([p:j] − [y:j]) / {outputs}"
    else:
        top.gradient = -_share(y, p) / size
        below.gradient = (p - y) / size
        below.backward = "[p:j] − [y:j]"


def _share(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """y/p, and 0 where y is 0."""
    value: np.ndarray = np.divide(y, p, out=np.zeros_like(p), where=y != 0)
    return value


# --- formulas as text ---------------------------------------------------------------------------------------


def function_name(activation: str) -> str:
    """φ as a formula writes it."""
    return "σ" if activation == "sigmoid" else ACTIVATIONS[activation].label


def expand(template: str, index: Mapping[str, int], word: Callable[[str, str, tuple[int, ...]], str]) -> str:
    """A template with its sums written out and each mark replaced by `word(what, box, numbers)`.

    `what` is "", "∂" or "slope "; `index` gives i, j, k their numbers.
    """

    def one_sum(match: re.Match[str]) -> str:
        letter, count, inner = match.groups()
        return " + ".join(re.sub(rf"\b{letter}(?=[,\]])", str(n), inner) for n in range(int(count)))

    def mark(match: re.Match[str]) -> str:
        what, box, letters = match.groups()
        numbers = (
            tuple(index[one] if one in index else int(one) for one in letters.split(",")) if letters else ()
        )
        return word(what or "", box, numbers)

    words = _MARK.sub(mark, _SUM.sub(one_sum, template))
    return re.sub(r"\((\(−[^()]*\))\)", r"\1", words)  # one pair of brackets around a negative number will do


def bare(template: str, index: Mapping[str, int], name: Callable[[str, tuple[int, ...]], str]) -> str:
    """The formula with names: `name(box, numbers)`."""
    prefix = {"": "", "∂": "∂L/∂", "slope ": "φ′"}
    return expand(template, index, lambda what, box, at: prefix[what] + name(box, at))


def with_numbers(found: Trace, template: str, index: Mapping[str, int], sample: int = 0) -> str:
    """The formula with the numbers of one sample, to four digits. Negative ones stand in brackets."""

    def word(what: str, key: str, at: tuple[int, ...]) -> str:
        box = found[key]
        array = {"": box.value, "∂": box.gradient, "slope ": box.slope}[what]
        assert array is not None
        rows = not (box.is_parameter or array.ndim == 0)
        return shown(float(array[(sample, *at) if rows else at]))

    return expand(template, index, word)


def shown(number: float) -> str:
    """Four digits; negative numbers in brackets, as they are factors."""
    text = short_number(number, 4)
    return f"({text})" if text.startswith("−") else text
