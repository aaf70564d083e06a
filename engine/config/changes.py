"""What can change while a run goes on, what can't, and how a change is said.

The table of settings says which are hot; so is a lane's name. All else decides how the run began, so it needs a new one.
"""

from __future__ import annotations

from typing import Any

from engine.config.experiment import ExperimentConfig
from engine.config.lane import LaneConfig
from engine.config.settings import HOT, say
from engine.methods.registry import OPTIMIZERS
from engine.network.config import NetworkConfig

SEED = "Another seed"


def differences(old: LaneConfig, new: LaneConfig) -> list[str]:
    """What of two lanes' settings (with nothing left open) can't be changed while training."""
    reasons = []
    a, b = old.network, new.network
    assert isinstance(a, NetworkConfig) and isinstance(b, NetworkConfig)
    if (a.hidden, a.activations, a.output_activation) != (b.hidden, b.activations, b.output_activation):
        reasons.append("Another architecture")
    if (a.frozen, a.biases) != (b.frozen, b.biases):
        reasons.append("Other frozen layers or biases")
    if (a.initializer, a.initializer_options) != (b.initializer, b.initializer_options):
        reasons.append("Another initializer")
    if old.loss != new.loss:
        reasons.append("Another loss")
    if old.seed != new.seed:
        reasons.append(SEED)
    return reasons


def needs_new_run(old: ExperimentConfig, new: ExperimentConfig) -> list[str]:
    """Why `new` can't be swapped into a running `old`, as short phrases; empty if it can."""
    reasons = []
    if old.dataset != new.dataset:
        reasons.append("Other data")
    if old.dtype != new.dtype:
        reasons.append("Another number type")
    if len(old.lanes) != len(new.lanes):
        reasons.append("Another number of lanes")
    else:
        for index in range(len(old.lanes)):
            reasons += differences(old.lane(index), new.lane(index))
    return list(dict.fromkeys(reasons))


def describe_change(old: LaneConfig, new: LaneConfig) -> str:
    """What differs between two settings of a lane, for a mark on the chart; empty if nothing does."""
    changes = [
        f"{each.label} {each.say(getattr(old, each.name))} → {each.say(getattr(new, each.name))}".strip()
        for each in HOT
        if getattr(old, each.name) != getattr(new, each.name)
    ]
    for each in HOT:
        key = getattr(new, each.name)
        if each.options and getattr(old, each.name) == key:
            table = each.registry[key].options
            changes += _changed_options(getattr(old, each.options), getattr(new, each.options), table)
    return ", ".join(changes)


def forms(lane: LaneConfig) -> dict[str, str]:
    """The choices of a lane's optimizer; its averages mean something else in each, so they can't be carried over."""
    table = OPTIMIZERS[lane.optimizer].options
    return {name: lane.options.get(name, option.default) for name, option in table.items() if option.choices}


def _changed_options(old: dict[str, Any], new: dict[str, Any], table: dict[str, Any]) -> list[str]:
    pairs = ((o.label, old.get(name, o.default), new.get(name, o.default)) for name, o in table.items())
    return [f"{label} {say(a)} → {say(b)}" for label, a, b in pairs if a != b]
