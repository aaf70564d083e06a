"""Where a parameter is: its index in the row θ, its place in the network, its line in a diagram, and its name.

A place is (layer, source, target), all from 0; the source after a layer's last one is the bias. Names count from 1.
A line is the number of a weight in a diagram of the network, counted layer by layer, source by source, without biases.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.network.mlp import MLP


class Place(NamedTuple):
    """The weight from unit `source` of a layer's inputs to its unit `target`; a bias has the number of inputs as its source."""

    layer: int
    source: int
    target: int


def place_of(mlp: MLP, index: int) -> Place:
    """The place of the parameter at `index` in the row. `ValueError` if there is none."""
    for layer, (slot, _, targets) in enumerate(mlp.slots):
        if slot.start <= index < slot.stop:
            return Place(layer, *divmod(index - slot.start, targets))
    raise ValueError(f"There is no parameter {index!r}; choose 0 to {mlp.parameter_count - 1}.")


def index_of(mlp: MLP, place: tuple[int, int, int]) -> int | None:
    """The index of a place in the row, or None if this network has no such place."""
    layer, source, target = place
    if layer >= len(mlp.slots):
        return None
    slot, sources, targets = mlp.slots[layer]
    return slot.start + source * targets + target if source <= sources and target < targets else None


def nearest(mlp: MLP, place: tuple[int, int, int]) -> Place:
    """The nearest place that the network has."""
    layer = min(max(place[0], 0), len(mlp.slots) - 1)
    _, sources, targets = mlp.slots[layer]
    return Place(layer, min(max(place[1], 0), sources), min(max(place[2], 0), targets - 1))


def line_of(mlp: MLP, place: tuple[int, int, int]) -> int | None:
    """The diagram's line of a place that the network has; None for a bias."""
    layer, source, target = place
    _, sources, targets = mlp.slots[layer]
    if source >= sources:
        return None
    return sum(n * m for _, n, m in mlp.slots[:layer]) + source * targets + target


def place_of_line(mlp: MLP, line: int) -> Place | None:
    """The place of a diagram's line, or None if there is no such line."""
    for layer, (_, sources, targets) in enumerate(mlp.slots):
        if 0 <= line < sources * targets:
            return Place(layer, *divmod(line, targets))
        line -= sources * targets
    return None


def symbol(mlp: MLP, index: int) -> str:
    """A parameter's name in a formula: W₁[2,3] or b₁[3]."""
    layer, source, target = place_of(mlp, index)
    number = str(layer + 1).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
    if source == mlp.slots[layer][1]:
        return f"b{number}[{target + 1}]"
    return f"W{number}[{source + 1},{target + 1}]"


def in_words(mlp: MLP, index: int) -> str:
    """A parameter's name in words: “layer 1: input 2 → neuron 3”, or “layer 1: bias of neuron 3”."""
    layer, source, target = place_of(mlp, index)
    _, sources, targets = mlp.slots[layer]
    end = f"neuron {target + 1}"
    if layer == len(mlp.slots) - 1:
        end = "output" if targets == 1 else f"output {target + 1}"
    if source == sources:
        return f"layer {layer + 1}: bias of {end}"
    return f"layer {layer + 1}: {'input' if layer == 0 else 'neuron'} {source + 1} → {end}"
