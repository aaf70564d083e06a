"""What one training run is, checked when it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.checks import choose, set_fields, short
from engine.config.settings import SETTINGS
from engine.limits import MAX_NAME
from engine.methods.registry import OPTIMIZERS
from engine.network.config import NetworkConfig
from engine.network.penalties import L1_STEP, PENALTIES
from engine.options import check_options


@dataclass(frozen=True)
class LaneConfig:
    """One training run. What is None is taken from the experiment."""

    optimizer: str = "sgd"
    learning_rate: float = 0.03
    options: dict[str, Any] = field(default_factory=dict, hash=False)
    schedule: str = "constant"
    schedule_options: dict[str, Any] = field(default_factory=dict, hash=False)
    batch_size: int | None = None
    network: NetworkConfig | None = None
    loss: str | None = None
    l1: float = 0.0
    l2: float = 0.0
    l1_step: str = L1_STEP.default
    seed: int | None = None
    name: str = ""

    @property
    def penalties(self) -> dict[str, Any]:
        """The strength of every penalty; each is a field of its name."""
        return {key: getattr(self, key) for key in PENALTIES}

    @property
    def is_proximal(self) -> bool:
        """Whether its L1 penalty is a soft threshold after each step, and no part of the gradient."""
        return bool(self.l1) and self.l1_step == "proximal" and not OPTIMIZERS[self.optimizer].needs_closure

    @property
    def slopes(self) -> dict[str, Any]:
        """The strength of every penalty as it adds to the gradient."""
        return self.penalties | ({"l1": 0.0} if self.is_proximal else {})

    def __post_init__(self) -> None:
        for each in SETTINGS.values():
            value = getattr(self, each.name)
            if value is None and each.is_own:
                continue
            if each.option is not None:
                set_fields(self, **{each.name: each.option.check(value)})
                continue
            key = choose(value, each.registry, each.name.capitalize())
            if each.options:
                table = each.registry[key].options
                set_fields(self, **{each.options: check_options(getattr(self, each.options), table, key)})
        if self.network is not None and not isinstance(self.network, NetworkConfig):
            raise ValueError(f"A lane's network is {short(self.network)}; give a NetworkConfig or nothing.")
        if (
            not isinstance(self.name, str)
            or len(self.name) > MAX_NAME
            or not (self.name or "x").isprintable()
        ):
            raise ValueError(
                f"A lane's name is {short(self.name)}; use at most {MAX_NAME} printable characters."
            )
