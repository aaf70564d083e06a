"""The settings of a lane: a row each. Links, checks, marks, names of lanes and widgets all read this table.

A new number that training can be given while it runs is a field of `LaneConfig`, a row here, and its use in the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.limits import FIELDS, MAX_SAMPLES
from engine.methods.registry import OPTIMIZERS
from engine.methods.schedules import SCHEDULES
from engine.network.losses import LOSSES
from engine.network.penalties import L1_STEP, PENALTIES
from engine.options import Option

RATES = tuple(float(f"{digit}e{power}") for power in range(-5, 3) for digit in (1, 1.5, 2, 3, 5, 7))
BATCHES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, float(MAX_SAMPLES))
STRENGTHS = (0.0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


@dataclass(frozen=True)
class Setting:
    """One setting: a number (`option`, on a slider with `places`), or a choice from a `registry`, whose own options are in
    the lane's field `options`.

    `name` is the lane's field, `word` what links call it, `label` its name in a sentence (nothing where the value says
    what it is). `is_hot`: it can change while
    training goes on. `is_own`: None stands for the experiment's. `brief` says a value in a lane's name, if it says anything.
    """

    name: str
    word: str
    label: str
    brief: Callable[[Any], str]
    is_hot: bool = True
    is_own: bool = False
    option: Option | None = None
    places: tuple[float, ...] = ()
    registry: Mapping[str, Any] = field(default_factory=dict)
    options: str = ""

    def say(self, value: Any) -> str:
        """A value in a sentence."""
        return str(self.registry[value].label) if value in self.registry else say(value)


def say(value: Any) -> str:
    """A value as text: on or off, a number without needless digits."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _label(registry: Mapping[str, Any], usual: str = "") -> Callable[[Any], str]:
    return lambda key: "" if key in (None, usual) else str(registry[key].label)


def _number(sign: str) -> Callable[[Any], str]:
    return lambda value: f"{sign} {value:g}" if value else ""


def _penalty(key: str, strength: Option) -> Setting:
    return Setting(key, key, strength.label, _number(strength.label), option=strength, places=STRENGTHS)


_ALL = (
    Setting("optimizer", "opt", "", _label(OPTIMIZERS), registry=OPTIMIZERS, options="options"),
    Setting("learning_rate", "lr", "learning rate", _number("η"), option=FIELDS["learning_rate"], places=RATES),
    Setting("batch_size", "batch", "batch size", _number("batch"), is_own=True, option=FIELDS["batch_size"], places=BATCHES),
    Setting("schedule", "sched", "schedule", _label(SCHEDULES, "constant"), registry=SCHEDULES, options="schedule_options"),
    *(_penalty(key, penalty.strength) for key, penalty in PENALTIES.items()),
    Setting("l1_step", "l1step", "L1 step", lambda step: "proximal" if step == "proximal" else "", option=L1_STEP),
    Setting("loss", "loss", "loss", _label(LOSSES), is_hot=False, is_own=True, registry=LOSSES),
    Setting("seed", "seed", "seed", lambda seed: f"seed {seed}", is_hot=False, is_own=True, option=FIELDS["seed"]),
)  # fmt: skip
SETTINGS: dict[str, Setting] = {setting.name: setting for setting in _ALL}
HOT = tuple(setting for setting in _ALL if setting.is_hot)
TRAINING = tuple(setting for setting in HOT if not setting.is_own)
"""What a lane always has itself; links write it whole."""
