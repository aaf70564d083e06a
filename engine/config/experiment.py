"""What an experiment is: frozen dataclasses, checked when made, with a JSON form and a URL form.

An experiment is one data set, one network and any number of lanes (training runs). A lane's None means "as
the experiment". Every bad value raises `ValueError` with a sentence that names it, the range and what to do.
The URL form (engine/config/query.py) is for untrusted input and never raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.checks import choose, set_fields, short
from engine.config import json_form, query
from engine.config.lane import LaneConfig
from engine.data.config import DatasetConfig
from engine.limits import DTYPES, FIELDS, MAX_LANES, MAX_NUMBERS
from engine.network.config import SIGMOID_LOSSES, NetworkConfig
from engine.network.losses import LOSSES


@dataclass(frozen=True)
class ExperimentConfig:
    """A whole experiment. `loss` None takes the usual loss of the data's task (`DEFAULT_LOSS`)."""

    dataset: DatasetConfig = field(default_factory=DatasetConfig)
    network: NetworkConfig = field(default_factory=NetworkConfig)
    loss: str | None = None
    batch_size: int = 32
    seed: int = 0
    dtype: str = "float32"
    lanes: tuple[LaneConfig, ...] = field(default_factory=lambda: (LaneConfig(),))

    def __post_init__(self) -> None:
        for name, kind in (("dataset", DatasetConfig), ("network", NetworkConfig)):
            if not isinstance(getattr(self, name), kind):
                raise ValueError(f"The {name} is {short(getattr(self, name))}; give a {kind.__name__}.")
        if isinstance(self.lanes, (str, bytes)) or not isinstance(self.lanes, Iterable):
            raise ValueError(f"Lanes are {short(self.lanes)}; give a list of LaneConfig.")
        set_fields(self, lanes=tuple(self.lanes))
        if not 1 <= len(self.lanes) <= MAX_LANES:
            raise ValueError(f"There are {len(self.lanes)} lanes; choose 1 to {MAX_LANES}.")
        for lane in self.lanes:
            if not isinstance(lane, LaneConfig):
                raise ValueError(f"A lane is {short(lane)}; give a LaneConfig.")
        if self.loss is not None:
            choose(self.loss, LOSSES, "Loss")
        choose(self.dtype, DTYPES, "Number type")
        for name in ("batch_size", "seed"):
            set_fields(self, **{name: FIELDS[name].check(getattr(self, name))})
        numbers = 0
        for index in range(len(self.lanes)):
            lane = self.lane(index)
            assert lane.network is not None
            numbers += lane.network.parameter_count(len(self.dataset.features), 10)
            if lane.network.output_activation == "sigmoid" and lane.loss not in SIGMOID_LOSSES:
                raise ValueError(
                    f"Output activation 'sigmoid' does not go with loss {short(lane.loss)}; "
                    f"choose {' or '.join(SIGMOID_LOSSES)}."
                )
        if numbers > MAX_NUMBERS:
            raise ValueError(
                f"The lanes have {numbers:,} parameters together, and at most {MAX_NUMBERS:,} are allowed; "
                "choose fewer lanes or smaller layers."
            )

    def lane(self, index: int) -> LaneConfig:
        """Lane `index` with the experiment's values for its Nones; a loss of None stays, as it needs the task."""
        return self.resolve(self.lanes[index])

    def resolve(self, lane: LaneConfig) -> LaneConfig:
        """`lane` with the experiment's values where it has None."""
        return replace(
            lane,
            batch_size=self.batch_size if lane.batch_size is None else lane.batch_size,
            network=self.network if lane.network is None else lane.network,
            loss=self.loss if lane.loss is None else lane.loss,
            seed=self.seed if lane.seed is None else lane.seed,
        )

    def to_json(self) -> str:
        """Everything, an uploaded table's text included."""
        return json_form.write(self)

    @staticmethod
    def from_json(text: str) -> ExperimentConfig:
        """The configuration in `text`; `ValueError` with a sentence for anything else."""
        return json_form.read(text, ExperimentConfig)

    def to_query(self) -> dict[str, str]:
        """The URL's parameters, see engine/config/query.py. An uploaded table's text is not in them."""
        return query.write(self)

    @staticmethod
    def from_query(values: Mapping[str, Any]) -> ExperimentConfig:
        """A valid configuration from any URL parameters; never raises. See `from_query_checked`."""
        return from_query_checked(values)[0]


def from_query_checked(
    values: Mapping[str, Any], max_lanes: int = MAX_LANES
) -> tuple[ExperimentConfig, list[str]]:
    """A valid configuration from any URL parameters, and a sentence for each value that was replaced."""
    return query.read(values, ExperimentConfig, max_lanes)
