"""What an experiment is: frozen dataclasses, checked when made, with a JSON form and a URL form.

An experiment is one data set, one network and any number of lanes (training runs). A lane's None means "as
the experiment". Every bad value raises `ValueError` with a sentence that names it, the range and what to do.
The URL form (engine/query.py) is for untrusted input and never raises.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import pairwise
from typing import Any

from engine.limits import (
    FIELDS,
    LAYERS,
    MAX_CSV,
    MAX_JSON,
    MAX_LANES,
    MAX_LAYERS,
    MAX_NAME,
    MAX_NEURONS,
    MAX_NUMBERS,
    MAX_SAMPLES,
    MOST_LAYERS,
    MOST_NEURONS,
    NEURONS,
)
from engine.network.losses import DEFAULT_LOSS
from engine.options import Option

__all__ = [
    "DEFAULT_LOSS", "FIELDS", "LAYERS", "MAX_LANES", "MAX_LAYERS", "MAX_NEURONS", "MAX_SAMPLES", "NEURONS",
    "DatasetConfig", "ExperimentConfig", "LaneConfig", "NetworkConfig", "from_query_checked", "task_loss",
]  # fmt: skip

DTYPES = ("float32", "float64")
OUTPUT_ACTIVATIONS = ("identity", "sigmoid")
SIGMOID_LOSSES = ("mean_squared_error", "quadratic")  # the cross-entropies take logits
CROSS_ENTROPIES = ("binary_cross_entropy", "cross_entropy")


def short(value: Any, longest: int = 60) -> str:
    """`value` as a person may read it in a sentence, however long or odd it is."""
    text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def choose(value: Any, choices: Iterable[str], label: str) -> str:
    """`value` if it is one of `choices`; `ValueError` naming them otherwise."""
    names = tuple(choices)
    if not isinstance(value, str) or value not in names:
        raise ValueError(f"{label} is {short(value)}; choose one of {', '.join(names)}.")
    return value


def check_options(values: Any, table: Mapping[str, Option], owner: str) -> dict[str, Any]:
    """`values` checked against an option table; unknown names are refused."""
    if not isinstance(values, Mapping):
        raise ValueError(f"The options of {owner} are {short(values)}; give names and values.")
    for name in values:
        if name not in table:
            raise ValueError(f"{owner} has no option {short(name)}; it has {', '.join(table) or 'none'}.")
    return {name: table[name].check(values[name]) for name in values}


def _texts(values: Any, label: str) -> tuple[str, ...]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ValueError(f"{label} are {short(values)}; give a list of names.")
    texts = tuple(values)
    if not all(isinstance(text, str) for text in texts):
        raise ValueError(f"{label} are {short(texts)}; every one must be text.")
    return texts


def _set(config: Any, **values: Any) -> None:
    """Write checked values into a frozen dataclass that is being made."""
    for name, value in values.items():
        object.__setattr__(config, name, value)


@dataclass(frozen=True)
class DatasetConfig:
    """A data set by name, or an uploaded table as text (`name` "csv").

    `columns` (the two that span the plane) and `label` are for tables; None lets the reader guess. Synthetic
    data use `samples` and `noise`; `test_fraction` and `seed` hold for all. `features` are keys of
    `FEATURES`.
    """

    name: str = "circles"
    samples: int = 300
    noise: float = 0.1
    test_fraction: float = 0.3
    seed: int = 0
    features: tuple[str, ...] = ("x1", "x2")
    columns: tuple[str, str] | None = None
    label: str | None = None
    csv: str | None = None

    def __post_init__(self) -> None:
        from engine.data.datasets import DATASETS  # imports this file, so it can't be imported above
        from engine.data.features import FEATURES

        if self.name != "csv":
            choose(self.name, (*DATASETS, "csv"), "Data set")
            if self.csv is not None:
                raise ValueError(
                    f"Data set {self.name!r} is built in; a table's text goes with the name 'csv'."
                )
        elif not isinstance(self.csv, str) or not self.csv.strip():
            raise ValueError("Data set 'csv' needs the table's text; give it as csv.")
        elif len(self.csv) > MAX_CSV:
            raise ValueError(f"The table has {len(self.csv):,} characters; at most {MAX_CSV:,} are read.")
        for name in ("samples", "noise", "test_fraction"):
            _set(self, **{name: FIELDS[name].check(getattr(self, name))})
        _set(self, seed=FIELDS["data_seed"].check(self.seed), features=_texts(self.features, "Features"))
        for feature in self.features:
            choose(feature, FEATURES, "Feature")
        if not self.features or len(set(self.features)) != len(self.features):
            raise ValueError(f"Features are {short(self.features)}; choose at least one, each once.")
        if self.columns is not None:
            columns = _texts(self.columns, "Columns")
            if len(columns) != 2 or columns[0] == columns[1]:
                raise ValueError(f"Columns are {short(columns)}; name two different ones.")
            _set(self, columns=columns)
        if self.label is not None and not isinstance(self.label, str):
            raise ValueError(f"Label is {short(self.label)}; name a column.")


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
        from engine.network.activations import ACTIVATIONS
        from engine.network.initializers import INITIALIZERS

        if isinstance(self.hidden, (str, bytes)) or not isinstance(self.hidden, Iterable):
            raise ValueError(f"Hidden layers are {short(self.hidden)}; give a list of neuron counts.")
        hidden = tuple(self.hidden)
        if len(hidden) > MOST_LAYERS:
            raise ValueError(f"There are {len(hidden)} hidden layers; choose at most {MOST_LAYERS}.")
        for width in hidden:
            if isinstance(width, bool) or not isinstance(width, int) or not 1 <= width <= MOST_NEURONS:
                raise ValueError(
                    f"A hidden layer has {short(width)} neurons; choose a whole number, 1 to {MOST_NEURONS}."
                )
        _set(self, hidden=hidden)
        if not isinstance(self.activation, str):
            _set(self, activation=_texts(self.activation, "Activations"))
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
        _set(self, initializer_options=check_options(self.initializer_options, table, self.initializer))

    @property
    def activations(self) -> tuple[str, ...]:
        """One activation per hidden layer."""
        return (self.activation,) * len(self.hidden) if isinstance(self.activation, str) else self.activation

    def parameter_count(self, inputs: int, outputs: int) -> int:
        sizes = (inputs, *self.hidden, outputs)
        return sum((a + 1) * b for a, b in pairwise(sizes))


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

    def __post_init__(self) -> None:
        from engine.methods.first_order import OPTIMIZERS
        from engine.methods.schedules import SCHEDULES
        from engine.network.losses import LOSSES

        choose(self.optimizer, OPTIMIZERS, "Optimizer")
        choose(self.schedule, SCHEDULES, "Schedule")
        table = SCHEDULES[self.schedule].options
        _set(
            self,
            options=check_options(self.options, OPTIMIZERS[self.optimizer].options, self.optimizer),
            schedule_options=check_options(self.schedule_options, table, self.schedule),
        )
        for name in ("learning_rate", "l1", "l2"):
            _set(self, **{name: FIELDS[name].check(getattr(self, name))})
        for name in ("batch_size", "seed"):
            if getattr(self, name) is not None:
                _set(self, **{name: FIELDS[name].check(getattr(self, name))})
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
        from engine.network.losses import LOSSES

        for name, kind in (("dataset", DatasetConfig), ("network", NetworkConfig)):
            if not isinstance(getattr(self, name), kind):
                raise ValueError(f"The {name} is {short(getattr(self, name))}; give a {kind.__name__}.")
        if isinstance(self.lanes, (str, bytes)) or not isinstance(self.lanes, Iterable):
            raise ValueError(f"Lanes are {short(self.lanes)}; give a list of LaneConfig.")
        _set(self, lanes=tuple(self.lanes))
        if not 1 <= len(self.lanes) <= MAX_LANES:
            raise ValueError(f"There are {len(self.lanes)} lanes; choose 1 to {MAX_LANES}.")
        for lane in self.lanes:
            if not isinstance(lane, LaneConfig):
                raise ValueError(f"A lane is {short(lane)}; give a LaneConfig.")
        if self.loss is not None:
            choose(self.loss, LOSSES, "Loss")
        choose(self.dtype, DTYPES, "Number type")
        for name in ("batch_size", "seed"):
            _set(self, **{name: FIELDS[name].check(getattr(self, name))})
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
        return json.dumps(asdict(self), allow_nan=False)

    @staticmethod
    def from_json(text: str) -> ExperimentConfig:
        """The configuration in `text`; `ValueError` with a sentence for anything else."""
        if not isinstance(text, str):
            raise ValueError(f"An experiment is read from text, not from {type(text).__name__}.")
        if len(text) > MAX_JSON:
            raise ValueError(
                f"The text has {len(text):,} characters; an experiment has at most {MAX_JSON:,}."
            )
        try:
            raw = json.loads(text, parse_constant=_refuse_constant)
        except RecursionError:
            raise ValueError("This is not an experiment: it is nested too deeply.") from None
        except ValueError as error:
            raise ValueError(f"This is not an experiment: the text is not JSON ({error}).") from None
        try:
            return _experiment_from(raw)
        except ValueError as error:
            raise ValueError(f"This experiment can't be used: {error}") from None

    def to_query(self) -> dict[str, str]:
        """The URL's parameters, see engine/query.py. An uploaded table's text is not in them."""
        from engine.config.query import to_query

        return to_query(self)

    @staticmethod
    def from_query(query: Mapping[str, Any]) -> ExperimentConfig:
        """A valid configuration from any URL parameters; never raises. See `from_query_checked`."""
        return from_query_checked(query)[0]


def from_query_checked(
    query: Mapping[str, Any], max_lanes: int = MAX_LANES
) -> tuple[ExperimentConfig, list[str]]:
    """A valid configuration from any URL parameters, and a sentence for each value that was replaced."""
    from engine.config.query import from_query_checked as read

    return read(query, max_lanes)


def task_loss(loss: str | None, task: str) -> str:
    """The loss that a lane trains on: `loss`, or the task's default.

    Cross-entropy means the form that fits the task: one logit for two classes, one per class for more.
    """
    if loss is None or (loss in CROSS_ENTROPIES and task != "regression"):
        return DEFAULT_LOSS[task]
    if loss in CROSS_ENTROPIES:
        raise ValueError(
            f"Loss {loss!r} is for classes, but these data have values; "
            "choose mean_squared_error, quadratic or huber."
        )
    return loss


def _refuse_constant(name: str) -> float:
    raise ValueError(f"it contains {name}, which is not a number to train with")


def _made(kind: type, raw: Any, label: str, **parts: Any) -> Any:
    if not isinstance(raw, dict):
        raise ValueError(f"{label} is {short(raw)}; it must be names with values in braces.")
    unknown = sorted(set(raw) - {f.name for f in fields(kind)})
    if unknown:
        raise ValueError(f"{label} has unknown names: {', '.join(short(name) for name in unknown[:5])}.")
    return kind(**(raw | parts))


def _experiment_from(raw: Any) -> ExperimentConfig:
    parts: dict[str, Any] = {}
    if isinstance(raw, dict):
        if "dataset" in raw:
            parts["dataset"] = _made(DatasetConfig, raw["dataset"], "The dataset")
        if "network" in raw:
            parts["network"] = _made(NetworkConfig, raw["network"], "The network")
        if "lanes" in raw:
            if not isinstance(raw["lanes"], list):
                raise ValueError(f"Lanes are {short(raw['lanes'])}; they must be a list.")
            if len(raw["lanes"]) > MAX_LANES:
                raise ValueError(f"There are {len(raw['lanes'])} lanes; choose 1 to {MAX_LANES}.")
            parts["lanes"] = tuple(_lane_from(lane, k) for k, lane in enumerate(raw["lanes"]))
    return _made(ExperimentConfig, raw, "The experiment", **parts)


def _lane_from(raw: Any, index: int) -> LaneConfig:
    label = f"Lane {index + 1}"
    if isinstance(raw, dict) and raw.get("network") is not None:
        return _made(
            LaneConfig, raw, label, network=_made(NetworkConfig, raw["network"], f"{label}'s network")
        )
    return _made(LaneConfig, raw, label)
