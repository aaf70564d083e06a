"""A network in a link: how each field of `NetworkConfig` is written, and read back safely (see query.py).

    net=16-16&act=tanh&init=glorot_uniform&init.gain=2&out=sigmoid&frozen=1-2&bias=false

A new field of a network is written in `items`, read in `read`, named in WORDS, and compared in changes.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.config.reader import Reader
from engine.limits import NEURONS, PAGE_LAYERS, PAGE_NEURONS
from engine.network.activations import ACTIVATIONS
from engine.network.config import BIASES, OUTPUT_ACTIVATIONS, SIGMOID_LOSSES, NetworkConfig, frozen_among
from engine.network.initializers import INITIALIZERS

WORDS = ("net", "act", "init", "out", "frozen", "bias")  # a lane with one of them has a network of its own


def items(network: NetworkConfig, usual: NetworkConfig) -> dict[str, Any]:
    """What a link says of a network; rare settings only where they are not the `usual` network's."""
    activation = network.activation
    found: dict[str, Any] = {
        "net": "-".join(map(str, network.hidden)) or "none",
        # a tuple of one is written with a hyphen after it, so that it reads back as a tuple
        "act": activation
        if isinstance(activation, str)
        else "-".join(activation) + "-" * (len(activation) < 2),
        "init": network.initializer,
    }
    found |= {f"init.{name}": value for name, value in network.initializer_options.items()}
    if network.output_activation != "identity" or usual.output_activation != "identity":
        found["out"] = network.output_activation
    if network.frozen != usual.frozen:
        found["frozen"] = "-".join(map(str, network.frozen)) or "none"
    if network.biases != usual.biases:
        found["bias"] = network.biases
    return found


def read(reader: Reader, old: NetworkConfig) -> NetworkConfig:
    """The network of a link; what the link leaves out is as in `old`."""
    hidden = old.hidden
    raw = reader.values.get("net")
    if raw is not None:
        parts = [] if raw in ("none", "") else raw.split("-")
        sizes = [
            part if part.isascii() and part.isdigit() and len(part) < 6 else None
            for part in parts[:PAGE_LAYERS]
        ]
        hidden = tuple(NEURONS.default if size is None else NEURONS.clamp(int(size)) for size in sizes)
        if [str(size) for size in hidden] != [part.lstrip("0") for part in parts]:
            used = "-".join(map(str, hidden)) or "none"
            reader.replaced(
                "net",
                used,
                f"which is not up to {PAGE_LAYERS} layers of 1 to {PAGE_NEURONS} neurons, as in 8-8",
            )
    initializer = reader.choice("init", INITIALIZERS, old.initializer)
    kept = old.initializer_options if "init" not in reader.values else {}
    return NetworkConfig(
        hidden,
        _read_activation(reader, len(hidden), old.activation),
        initializer,
        reader.options("init", INITIALIZERS[initializer].options, kept),
        reader.choice("out", OUTPUT_ACTIVATIONS, old.output_activation),
        _read_frozen(reader, len(hidden) + 1, old.frozen),
        reader.option("bias", BIASES, old.biases),
    )


def _read_frozen(reader: Reader, layers: int, old: tuple[int, ...]) -> tuple[int, ...]:
    raw = reader.values.get("frozen")
    if raw is None:
        return frozen_among(old, layers)
    asked = [] if raw in ("none", "") else raw.split("-")
    numbers = [int(part) for part in asked if part.isascii() and part.isdigit() and len(part) < 6]
    used = frozen_among(numbers, layers)
    if [str(layer) for layer in used] != asked:
        text = "-".join(map(str, used)) or "none"
        reader.replaced(
            "frozen", text, f"which is not a list of layers, rising, from 1 to {layers}, without one at least"
        )
    return used


def _read_activation(reader: Reader, layers: int, old: str | tuple[str, ...]) -> str | tuple[str, ...]:
    default = old if isinstance(old, str) else (old[0] if old else "tanh")
    raw = reader.values.get("act")
    if raw is None:
        return old if isinstance(old, str) or len(old) == layers else default
    if raw in ACTIVATIONS:
        return raw
    if raw == "-" and layers == 0:
        return ()
    asked = raw.removesuffix("-").split("-") if layers == 1 else raw.split("-")
    if len(asked) == layers and all(name in ACTIVATIONS for name in asked):
        return tuple(asked)
    known = [name for name in asked if name in ACTIVATIONS]
    used = known[0] if known else default
    reader.replaced("act", used, f"which is not one or {layers} of {', '.join(ACTIVATIONS)}")
    return used


def sigmoid_fits(reader: Reader, network: NetworkConfig, loss: str | None) -> NetworkConfig:
    """The network, without an output sigmoid that its loss can't take."""
    if network.output_activation == "sigmoid" and loss not in SIGMOID_LOSSES:
        reader.say(
            f"{reader.prefix}out is 'sigmoid' in the link, which only goes with loss "
            f"{' or '.join(SIGMOID_LOSSES)}; identity is used instead"
        )
        return replace(network, output_activation="identity")
    return network
