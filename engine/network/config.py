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
from engine.options import check_options

OUTPUT_ACTIVATIONS = ("identity", "sigmoid")
SIGMOID_LOSSES = ("mean_squared_error", "quadratic")  # the cross-entropies take logits


@dataclass(frozen=True)
class NetworkConfig:
    """Hidden layers (none is a linear model), their activation (one for all, or one each) and how weights
    start.

    The output is the identity (logits or values), or "sigmoid", which goes with a squared loss only.
    """

    hidden: tuple[int, ...] = (8, 8)
    activation: str | tuple[str, ...] = "tanh"
    initializer: str = "glorot_uniform"
    initializer_options: dict[str, Any] = field(default_factory=dict, hash=False)
    output_activation: str = "identity"

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
        choose(self.output_activation, OUTPUT_ACTIVATIONS, "Output activation")
        choose(self.initializer, INITIALIZERS, "Initializer")
        table = INITIALIZERS[self.initializer].options
        set_fields(self, initializer_options=check_options(self.initializer_options, table, self.initializer))

    @property
    def activations(self) -> tuple[str, ...]:
        """One activation per hidden layer."""
        return (self.activation,) * len(self.hidden) if isinstance(self.activation, str) else self.activation

    def parameter_count(self, inputs: int, outputs: int) -> int:
        sizes = (inputs, *self.hidden, outputs)
        return sum((a + 1) * b for a, b in pairwise(sizes))
