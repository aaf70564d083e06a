"""What network a lane trains, checked when it is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from engine.checks import choose, set_fields, short, texts
from engine.limits import MAX_LAYERS, MAX_NEURONS
from engine.network.activations import ACTIVATIONS
from engine.network.initializers import INITIALIZERS
from engine.options import Option, check_options

OUTPUT_ACTIVATIONS = ("identity", "sigmoid")
SIGMOID_LOSSES = ("mean_squared_error", "quadratic")  # the cross-entropies take logits
BIASES = Option("biases", True, "Biases", "Off: every bias stays at zero.")


@dataclass(frozen=True)
class NetworkConfig:
    """Hidden layers (none is a linear model), their activation (one for all, or one each) and how weights
    start.

    The output is the identity (logits or values), or "sigmoid", which goes with a squared loss only. `frozen` are layers
    that no update changes, by number from 1, the output's being the last; at least one layer trains. Without `biases`
    every bias stays at zero.
    """

    hidden: tuple[int, ...] = (8, 8)
    activation: str | tuple[str, ...] = "tanh"
    initializer: str = "glorot_uniform"
    initializer_options: dict[str, Any] = field(default_factory=dict, hash=False)
    output_activation: str = "identity"
    frozen: tuple[int, ...] = ()
    biases: bool = True

    def __post_init__(self) -> None:
        if isinstance(self.hidden, (str, bytes)) or not isinstance(self.hidden, Iterable):
            raise ValueError(f"Hidden layers are {short(self.hidden)}; give a list of neuron counts.")
        hidden = tuple(self.hidden)
        if len(hidden) > MAX_LAYERS:
            raise ValueError(f"There are {len(hidden)} hidden layers; choose at most {MAX_LAYERS}.")
        for width in hidden:
            if isinstance(width, bool) or not isinstance(width, int) or not 1 <= width <= MAX_NEURONS:
                raise ValueError(
                    f"A hidden layer has {short(width)} neurons; choose a whole number, 1 to {MAX_NEURONS}."
                )
        set_fields(self, hidden=hidden)
        if not isinstance(self.activation, str):
            set_fields(self, activation=texts(self.activation, "Activations"))
            if len(self.activation) != len(hidden):
                raise ValueError(
                    f"There are {len(self.activation)} activations for {len(hidden)} hidden layers; "
                    "give one for all, or one each."
                )
        for name in (self.activation,) if isinstance(self.activation, str) else self.activation:
            choose(name, ACTIVATIONS, "Activation")
        set_fields(self, biases=BIASES.check(self.biases), frozen=self._checked_frozen())
        choose(self.output_activation, OUTPUT_ACTIVATIONS, "Output activation")
        choose(self.initializer, INITIALIZERS, "Initializer")
        table = INITIALIZERS[self.initializer].options
        set_fields(self, initializer_options=check_options(self.initializer_options, table, self.initializer))

    def _checked_frozen(self) -> tuple[int, ...]:
        layers = len(self.hidden) + 1
        if isinstance(self.frozen, (str, bytes)) or not isinstance(self.frozen, Iterable):
            raise ValueError(f"Frozen layers are {short(self.frozen)}; give a list of numbers.")
        frozen = tuple(self.frozen)
        for layer in frozen:
            if isinstance(layer, bool) or not isinstance(layer, int) or not 1 <= layer <= layers:
                raise ValueError(
                    f"A frozen layer is {short(layer)}; choose from 1 to {layers}, the output's number."
                )
        if len(set(frozen)) == layers:
            raise ValueError("All layers are frozen, so nothing would train; leave at least one out.")
        return tuple(sorted(set(frozen)))

    @property
    def activations(self) -> tuple[str, ...]:
        """One activation per hidden layer."""
        return (self.activation,) * len(self.hidden) if isinstance(self.activation, str) else self.activation

    def parameter_count(self, inputs: int, outputs: int) -> int:
        sizes = (inputs, *self.hidden, outputs)
        return sum((a + 1) * b for a, b in pairwise(sizes))


def frozen_among(numbers: Iterable[int], layers: int) -> tuple[int, ...]:
    """Those of `numbers` that can be frozen in a network of so many layers: if it were all, the last trains."""
    found = sorted({number for number in numbers if 1 <= number <= layers})
    return tuple(found[:-1] if len(found) == layers else found)
