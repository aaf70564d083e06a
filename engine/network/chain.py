"""A chain of single units, x → a₁ → f₁ → … → fₙ = ŷ, with ½(ŷ − y)² at its end and one bias at its start.

    aₖ = wₖ·fₖ₋₁ (+ b for k = 1),  fₖ = φₖ(aₖ),  f₀ = x

Each derivative is a product of factors along the chain. `rows` writes all of them out; `with_reuse` keeps what is
already known. Numbers may be of any type that multiplies, so that a test can count its multiplications.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.network.activations import ACTIVATIONS


@dataclass(frozen=True)
class Chain:
    """The chain's numbers after its forward pass: a, f and the slopes φ′(a), one of each unit."""

    x: float
    y: float
    weights: tuple[float, ...]
    bias: float
    a: tuple[float, ...]
    f: tuple[float, ...]
    slopes: tuple[float, ...]

    @property
    def loss(self) -> float:
        """½(fₙ − y)²."""
        return 0.5 * (self.f[-1] - self.y) ** 2


@dataclass(frozen=True)
class Factor:
    """One factor: `top` by `bottom`, as in ∂f₃/∂a₃, and its number."""

    top: str
    bottom: str
    number: Any


def forward(x: float, y: float, weights: Sequence[float], bias: float, activations: Sequence[str]) -> Chain:
    """The forward pass, with wₖ and φₖ of each of the n units; numbers are float64."""
    a, f, slopes = [], [x], []
    for k, (w, name) in enumerate(zip(weights, activations, strict=True)):
        z = np.array([w * f[-1] + (bias if k == 0 else 0.0)])
        with np.errstate(all="ignore"):
            value = ACTIVATIONS[name].value(z, np.empty(1))
            slope = ACTIVATIONS[name].slope(z, value, np.empty(1))
        a.append(float(z[0]))
        f.append(float(value[0]))
        slopes.append(float(slope[0]))
    return Chain(x, y, tuple(weights), bias, tuple(a), tuple(f[1:]), tuple(slopes))


def rows(chain: Chain) -> dict[str, list[Factor]]:
    """The factors of each parameter's derivative, wₙ first, b last: every row repeats the one above it, but for its end."""
    n = len(chain.weights)
    start, result = [Factor("L", f"f{n}", chain.f[-1] - chain.y)], {}
    for k in range(n, 0, -1):
        start = [*start, Factor(f"f{k}", f"a{k}", chain.slopes[k - 1])]
        below = chain.f[k - 2] if k > 1 else chain.x
        result[f"w{k}"] = [*start, Factor(f"a{k}", f"w{k}", below)]
        if k > 1:
            start = [*start, Factor(f"a{k}", f"f{k - 1}", chain.weights[k - 1])]
    result["b"] = [*start, Factor("a1", "b", 1.0)]
    return result


def multiplied(factors: Sequence[Factor]) -> Any:
    """The product, from the left: one multiplication fewer than factors."""
    product = factors[0].number
    for factor in factors[1:]:
        product = product * factor.number
    return product


def with_reuse(table: dict[str, list[Factor]]) -> dict[str, Any]:
    """All derivatives, each product that two rows share multiplied once: this is backpropagation.

    The bias needs no multiplication, as ∂a₁/∂b is 1.
    """
    result, shared, length = {}, None, 0
    for name, factors in table.items():
        for factor in factors[length:-1]:
            shared = factor.number if shared is None else shared * factor.number
        length = len(factors) - 1
        result[name] = shared if name == "b" else shared * factors[-1].number
    return result


def multiplications(units: int) -> tuple[int, int]:
    """How many multiplications n units need, without reuse and with it: n² + 3n and 3n − 1."""
    return units * units + 3 * units, 3 * units - 1
