"""What a gradient costs, counted in multiplications.

One sample; additions come with the multiplications and are not counted by themselves. Slopes and activations are one
operation a unit, which is little beside the products with the weights, and is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

FACTORS = ("∂L/∂f̂", "∂f̂/∂h", "∂h/∂z", "∂z/∂W")
ORDERS: dict[str, Any] = {  # the five ways to put brackets around four factors, by their numbers
    "from the loss": (((0, 1), 2), 3),
    "middle first, then left": ((0, (1, 2)), 3),
    "both ends first": ((0, 1), (2, 3)),
    "middle first, then right": (0, ((1, 2), 3)),
    "from the weights": (0, (1, (2, 3))),
}


@dataclass(frozen=True)
class Product:
    """One product on the way: the factors that it joins, the shape of its result, its multiplications."""

    text: str
    shape: tuple[int, int]
    multiplications: int


def chain_products(
    order: str, hidden: int, inputs: int, diagonal_as_vector: bool = False, tensor_as_matrix: bool = False
) -> list[Product]:
    """The products of ∂L/∂f̂ · ∂f̂/∂h · ∂h/∂z · ∂z/∂W in one order, for a layer of `hidden` units.

    Shapes are 1 × 1, 1 × d′, d′ × d′ and d′ × d′d. Off its diagonal ∂h/∂z is 0; ∂zᵢ/∂Wⱼₖ is 0 for i ≠ j. The switches
    skip those zeros, as one does who stores the diagonal as a vector and the tensor as the d′ × d matrix that it is.
    """
    diagonal = np.eye(hidden, dtype=bool)
    used = [
        np.ones((1, 1), bool),
        np.ones((1, hidden), bool),
        diagonal if diagonal_as_vector else np.ones((hidden, hidden), bool),
        np.repeat(diagonal, inputs, axis=1) if tensor_as_matrix else np.ones((hidden, hidden * inputs), bool),
    ]
    steps: list[Product] = []

    def work(part: Any) -> tuple[str, np.ndarray]:
        if isinstance(part, int):
            return FACTORS[part], used[part]
        (left, A), (right, B) = work(part[0]), work(part[1])
        text = f"({left} · {right})"
        count = int(A.sum(axis=0) @ B.sum(axis=1))  # of pairs of numbers that may both differ from 0
        both = A @ B
        steps.append(Product(text, (both.shape[0], both.shape[1]), count))
        return text, both

    work(ORDERS[order])
    return steps


@dataclass(frozen=True)
class PassCost:
    """Multiplications of one sample: the forward pass, the backward pass, and all parameters' differences."""

    parameters: int
    forward: int
    backward: int

    @property
    def both(self) -> int:
        """Multiplications of a gradient: there and back."""
        return self.forward + self.backward

    @property
    def in_forwards(self) -> float:
        """A gradient's cost in forward passes."""
        return self.both / self.forward

    @property
    def differences_in_forwards(self) -> int:
        """The same gradient by central differences: two passes a parameter."""
        return 2 * self.parameters


def pass_cost(layer_sizes: Sequence[int]) -> PassCost:
    """Forward Σ n·m; backward once more for ∂W, and once more for δ, but not for the inputs' sake."""
    sizes = list(pairwise(layer_sizes))
    forward = sum(n * m for n, m in sizes)
    below = sum(n * m for n, m in sizes[1:])
    return PassCost(sum((n + 1) * m for n, m in sizes), forward, forward + below)


def jacobian_cost(layer_sizes: Sequence[int]) -> tuple[int, int]:
    """Multiplications for all derivatives of all outputs by all inputs: forward mode (one pass an input), backward
    mode (one pass an output)."""
    one = sum(n * m for n, m in pairwise(layer_sizes))
    return layer_sizes[0] * one, layer_sizes[-1] * one
