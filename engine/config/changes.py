"""What can change while a run goes on, what can't, and how a change is said.

Hot: rate, optimizer and its options, schedule, batch size, penalties, name. All else decides how the run
began, so it needs a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.config.experiment import ExperimentConfig
from engine.config.lane import LaneConfig
from engine.methods.registry import OPTIMIZERS
from engine.methods.schedules import SCHEDULES
from engine.network.config import NetworkConfig
from engine.network.penalties import PENALTIES

SEED = "Another seed"
LABELS: dict[str, tuple[str, Mapping[str, Any]]] = {  # what a mark calls a setting, and its values
    "optimizer": ("", OPTIMIZERS),
    "learning_rate": ("learning rate", {}),
    "batch_size": ("batch size", {}),
    "schedule": ("schedule", SCHEDULES),
    **{key: (penalty.strength.label, {}) for key, penalty in PENALTIES.items()},
}


def differences(old: LaneConfig, new: LaneConfig) -> list[str]:
    """What of two lanes' settings (with nothing left open) can't be changed while training."""
    reasons = []
    a, b = old.network, new.network
    assert isinstance(a, NetworkConfig) and isinstance(b, NetworkConfig)
    if (a.hidden, a.activations, a.output_activation) != (b.hidden, b.activations, b.output_activation):
        reasons.append("Another architecture")
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
        f"{label} {_say(getattr(old, name), registry)} → {_say(getattr(new, name), registry)}".strip()
        for name, (label, registry) in LABELS.items()
        if getattr(old, name) != getattr(new, name)
    ]
    if old.optimizer == new.optimizer:
        changes += _changed_options(old.options, new.options, OPTIMIZERS[new.optimizer].options)
    if old.schedule == new.schedule:
        changes += _changed_options(
            old.schedule_options, new.schedule_options, SCHEDULES[new.schedule].options
        )
    return ", ".join(changes)


def forms(lane: LaneConfig) -> dict[str, str]:
    """The choices of a lane's optimizer; its averages mean something else in each, so they can't be carried over."""
    table = OPTIMIZERS[lane.optimizer].options
    return {name: lane.options.get(name, option.default) for name, option in table.items() if option.choices}


def _changed_options(old: dict[str, Any], new: dict[str, Any], table: dict[str, Any]) -> list[str]:
    pairs = ((o.label, old.get(name, o.default), new.get(name, o.default)) for name, o in table.items())
    return [f"{label} {_say(a)} → {_say(b)}" for label, a, b in pairs if a != b]


def _say(value: Any, registry: Mapping[str, Any] | None = None) -> str:
    if registry:
        return str(registry[value].label)
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)
