"""What one training run is, checked when it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.checks import choose, set_fields, short
from engine.limits import FIELDS, MAX_NAME
from engine.methods.registry import OPTIMIZERS
from engine.methods.schedules import SCHEDULES
from engine.network.config import NetworkConfig
from engine.network.losses import LOSSES
from engine.network.penalties import PENALTIES
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
    seed: int | None = None
    name: str = ""

    @property
    def penalties(self) -> dict[str, Any]:
        """The strength of every penalty; each is a field of its name."""
        return {key: getattr(self, key) for key in PENALTIES}

    def __post_init__(self) -> None:
        choose(self.optimizer, OPTIMIZERS, "Optimizer")
        choose(self.schedule, SCHEDULES, "Schedule")
        table = SCHEDULES[self.schedule].options
        set_fields(
            self,
            options=check_options(self.options, OPTIMIZERS[self.optimizer].options, self.optimizer),
            schedule_options=check_options(self.schedule_options, table, self.schedule),
        )
        set_fields(self, learning_rate=FIELDS["learning_rate"].check(self.learning_rate))
        for name, strength in self.penalties.items():
            set_fields(self, **{name: PENALTIES[name].strength.check(strength)})
        for name in ("batch_size", "seed"):
            if getattr(self, name) is not None:
                set_fields(self, **{name: FIELDS[name].check(getattr(self, name))})
        if self.loss is not None:
            choose(self.loss, LOSSES, "Loss")
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
