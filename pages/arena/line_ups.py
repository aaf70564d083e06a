"""The Arena's line-ups: sets of lanes that differ in one thing, and are worth a race."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine import LaneConfig, NetworkConfig
from engine.limits import MAX_SAMPLES
from engine.network.penalties import L1_STEPS

# the best rates on the two spirals, as the search in fairness.py finds them
TUNED = {"sgd": 1.0, "momentum": 0.316, "rmsprop": 0.1, "adam": 0.1}


@dataclass(frozen=True)
class LineUp:
    """`lanes(network)` are the lanes on a page whose network is `network`."""

    label: str
    question: str
    make: Callable[[NetworkConfig], tuple[LaneConfig, ...]]

    def lanes(self, network: NetworkConfig) -> tuple[LaneConfig, ...]:
        return self.make(network)


def _optimizers(_: NetworkConfig) -> tuple[LaneConfig, ...]:
    return (
        LaneConfig("sgd", 0.3),
        LaneConfig("momentum", 0.1),
        LaneConfig("rmsprop", 0.01),
        LaneConfig("adam", 0.01),
    )


def _tuned(_: NetworkConfig) -> tuple[LaneConfig, ...]:
    return tuple(LaneConfig(optimizer, rate) for optimizer, rate in TUNED.items())


def _rates(_: NetworkConfig) -> tuple[LaneConfig, ...]:
    return tuple(LaneConfig("sgd", rate) for rate in (0.003, 0.03, 0.3, 3.0, 30.0))


def _momentum_forms(_: NetworkConfig) -> tuple[LaneConfig, ...]:
    forms = [LaneConfig("momentum", 0.1, options, name=name) for options, name in (
        ({}, "v←βv+g"), ({"form": "velocity"}, "v←βv−ηg"), ({"form": "ema"}, "m←βm+(1−β)g"))]  # fmt: skip
    return (*forms, LaneConfig("nesterov", 0.1, name="Nesterov"), LaneConfig("sgd", 0.1, name="no momentum"))


def _batches(_: NetworkConfig) -> tuple[LaneConfig, ...]:
    sizes = ((1, "SGD: 1 sample"), (32, "Mini-batch: 32"), (MAX_SAMPLES, "Full GD: all"))
    return tuple(LaneConfig("sgd", 0.1, batch_size=size, name=name) for size, name in sizes)


def _activations(network: NetworkConfig) -> tuple[LaneConfig, ...]:
    return tuple(
        LaneConfig("adam", 0.01, network=replace(network, activation=key))
        for key in ("tanh", "relu", "sigmoid", "sine")
    )


def _initializers(network: NetworkConfig) -> tuple[LaneConfig, ...]:
    keys: tuple[tuple[str, dict[str, float]], ...] = (
        ("zeros", {}),
        ("normal", {"scale": 3.0}),
        ("glorot_uniform", {}),
        ("he_normal", {}),
    )
    return tuple(
        LaneConfig(
            "sgd", 0.3, network=replace(network, initializer=key, initializer_options=options),
            name="normal, σ = 3 (huge)" if options else "",
        )
        for key, options in keys
    )  # fmt: skip


def _sizes(network: NetworkConfig) -> tuple[LaneConfig, ...]:
    activation = network.activation if isinstance(network.activation, str) else network.activation[0]
    shapes = ((2,), (8,), (32,), (8, 8), (8, 8, 8, 8))
    return tuple(
        LaneConfig("adam", 0.01, network=replace(network, hidden=shape, activation=activation))
        for shape in shapes
    )


def _features(network: NetworkConfig) -> tuple[LaneConfig, ...]:
    """With no hidden layer there are no features: the lanes then have one layer of eight."""
    hidden = network.hidden or (8,)
    activation = network.activation if isinstance(network.activation, str) or network.hidden else "tanh"
    full = replace(network, hidden=hidden, activation=activation, frozen=())
    last = len(hidden) + 1
    parts = ((), tuple(range(1, last)), (last,))
    names = ("all trained", "hidden frozen", "output frozen")
    return tuple(
        LaneConfig("adam", 0.01, network=replace(full, frozen=frozen), name=name)
        for frozen, name in zip(parts, names, strict=True)
    )


def _penalties(_: NetworkConfig) -> tuple[LaneConfig, ...]:
    pairs = ((0.0, 0.0, "none"), (0.003, 0.0, "L1"), (0.0, 0.01, "L2"), (0.003, 0.01, "L1 and L2"))
    return tuple(LaneConfig("adam", 0.01, l1=l1, l2=l2, name=name) for l1, l2, name in pairs)


def _l1_rules(_: NetworkConfig) -> tuple[LaneConfig, ...]:
    methods = (("sgd", 0.3, "SGD"), ("adam", 0.01, "Adam"))
    return tuple(
        LaneConfig(key, rate, l1=0.003, l1_step=step, name=f"{label}, {step}")
        for key, rate, label in methods
        for step in L1_STEPS
    )


def _seeds(_: NetworkConfig) -> tuple[LaneConfig, ...]:
    return tuple(LaneConfig("sgd", 0.3, seed=seed) for seed in range(4))


LINE_UPS: dict[str, LineUp] = {
    "optimizers": LineUp("Optimizers", "Which optimizer reaches a low loss first?", _optimizers),
    "tuned": LineUp(
        "Optimizers, tuned",
        "Which optimizer is fastest, each at its best rate on the two spirals?",
        _tuned,
    ),
    "rates": LineUp("Learning rates", "From far too small to far too large: where is the best rate?", _rates),
    "momentum": LineUp(
        "Momentum forms",
        "Three ways to write momentum: which two are identical up to rounding?",
        _momentum_forms,
    ),
    "batches": LineUp(
        "Batch sizes", "One sample, a mini-batch or all data: what does gradient noise buy you?", _batches
    ),
    "activations": LineUp("Activations", "Which activation function learns this shape best?", _activations),
    "initializers": LineUp(
        "Initial weights", "Why can't a network learn from zeros, or from huge weights?", _initializers
    ),
    "sizes": LineUp("Depth and width", "Wider or deeper?", _sizes),
    "features": LineUp(
        "Features",
        "What is gained by learning the features, and not the last layer alone?",
        _features,
    ),
    "penalties": LineUp("L1 and L2", "What do penalties do to the boundary and the test loss?", _penalties),
    "l1_rules": LineUp(
        "Two L1 rules",
        "The losses are alike, so which rule makes weights exactly zero, as the scores count them?",
        _l1_rules,
    ),
    "seeds": LineUp("Seeds", "Only the random start differs. How much does luck matter?", _seeds),
}
