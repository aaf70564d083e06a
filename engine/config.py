"""What an experiment is: frozen dataclasses, checked when made, with JSON and URL forms.

An experiment is one data set, one loss and any number of lanes (training runs). A lane's None means "as the
experiment". The URL form is for untrusted input: whatever it holds, `from_query` gives a valid configuration.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from engine.activations import ACTIVATIONS
from engine.features import FEATURES
from engine.initializers import INITIALIZERS
from engine.losses import DEFAULT_LOSS, LOSSES
from engine.optimizers import OPTIMIZERS
from engine.options import Option
from engine.schedules import SCHEDULES

MAX_LAYERS = 6
MAX_NEURONS = 32
MAX_SAMPLES = 5000
MAX_LANES = 400
MAX_JSON = 4_000_000  # characters: an uploaded table of 2 MB and the rest

# One table for validation, widgets and the URL.
FIELDS: dict[str, Option] = {
    "samples": Option("samples", 300, "Samples", "Points in all, training and test.", 20, MAX_SAMPLES, integer=True),
    "noise": Option("noise", 0.1, "Noise", "How far points stray from their place.", 0.0, 1.0),
    "test_fraction": Option("test_fraction", 0.3, "Test share", "Points kept from training, to judge by.", 0.0, 0.9),
    "data_seed": Option("data_seed", 0, "Data seed", "Another number draws other points.", 0, 9999, integer=True),
    "learning_rate": Option("learning_rate", 0.03, "Learning rate η", "How far each update goes.", 1e-6, 1000.0, log=True),
    "batch_size": Option("batch_size", 32, "Batch size", "Samples per update: 1 is SGD, all is gradient descent.", 1, MAX_SAMPLES, integer=True),
    "l1": Option("l1", 0.0, "L1", "Penalty on |w|: drives weights to exactly zero.", 0.0, 10.0),
    "l2": Option("l2", 0.0, "L2", "Penalty on w²/2: keeps weights small.", 0.0, 10.0),
    "seed": Option("seed", 0, "Network seed", "Another number draws other initial weights and batches.", 0, 9999, integer=True),
}  # fmt: skip


def choose(value: Any, choices: Mapping[str, Any], label: str) -> str:
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{label} is {short(value)}; choose one of {', '.join(choices)}.")
    return value


def short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def check_options(values: Mapping[str, Any], table: Mapping[str, Option], owner: str) -> dict[str, Any]:
    """`values` checked against an option table; unknown names are refused."""
    if not isinstance(values, Mapping):
        raise ValueError(f"The options of {owner} are {short(values)}; give names and values.")
    for name in values:
        if name not in table:
            raise ValueError(f"{owner} has no option {short(name)}; it has {', '.join(table) or 'none'}.")
    return {name: table[name].check(value) for name, value in values.items()}


@dataclass(frozen=True)
class DatasetConfig:
    """A data set by name, or an uploaded table as text (`name` "csv"). `columns` and `label` are for tables."""

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
        from engine.datasets import DATASETS  # data sets need this file

        if self.name != "csv":
            choose(self.name, DATASETS, "Data set")
        elif not isinstance(self.csv, str):
            raise ValueError("Data set 'csv' needs the table's text.")
        for name in ("samples", "noise", "test_fraction"):
            object.__setattr__(self, name, FIELDS[name].check(getattr(self, name)))
        object.__setattr__(self, "seed", FIELDS["data_seed"].check(self.seed))
        features = tuple(self.features)
        if not features or len(set(features)) != len(features):
            raise ValueError(f"Features are {short(features)}; choose at least one, each once.")
        for feature in features:
            choose(feature, FEATURES, "Feature")
        object.__setattr__(self, "features", features)
        if self.columns is not None:
            columns = tuple(self.columns)
            if len(columns) != 2 or not all(isinstance(column, str) for column in columns):
                raise ValueError(f"Columns are {short(columns)}; name two.")
            object.__setattr__(self, "columns", columns)


@dataclass(frozen=True)
class NetworkConfig:
    """Hidden layers, their activation (one for all, or one each) and how weights start."""

    hidden: tuple[int, ...] = (8, 8)
    activation: str | tuple[str, ...] = "tanh"
    initializer: str = "glorot_uniform"
    initializer_options: dict[str, float] = field(default_factory=dict)
    output_activation: str = "identity"

    def __post_init__(self) -> None:
        hidden = tuple(self.hidden)
        if len(hidden) > 12:
            raise ValueError(f"There are {len(hidden)} hidden layers; choose at most 12.")
        for width in hidden:
            if isinstance(width, bool) or not isinstance(width, int) or not 1 <= width <= 512:
                raise ValueError(f"A hidden layer has {short(width)} neurons; choose a whole number from 1 to 512.")
        object.__setattr__(self, "hidden", hidden)
        if not isinstance(self.activation, str):
            object.__setattr__(self, "activation", tuple(self.activation))
            if len(self.activation) != len(hidden):
                raise ValueError(f"There are {len(self.activation)} activations for {len(hidden)} hidden layers.")
        for name in self.activations:
            choose(name, ACTIVATIONS, "Activation")
        choose(self.output_activation, {"identity": 0, "sigmoid": 0}, "Output activation")
        choose(self.initializer, INITIALIZERS, "Initializer")
        table = INITIALIZERS[self.initializer].options
        checked = check_options(self.initializer_options, table, self.initializer)
        object.__setattr__(self, "initializer_options", checked)

    @property
    def activations(self) -> tuple[str, ...]:
        """One activation per hidden layer."""
        return (self.activation,) * len(self.hidden) if isinstance(self.activation, str) else self.activation


@dataclass(frozen=True)
class LaneConfig:
    """One training run. What is None is taken from the experiment."""

    optimizer: str = "sgd"
    learning_rate: float = 0.03
    options: dict[str, Any] = field(default_factory=dict)
    schedule: str = "constant"
    schedule_options: dict[str, Any] = field(default_factory=dict)
    batch_size: int | None = None
    network: NetworkConfig | None = None
    loss: str | None = None
    l1: float = 0.0
    l2: float = 0.0
    seed: int | None = None
    name: str = ""

    def __post_init__(self) -> None:
        choose(self.optimizer, OPTIMIZERS, "Optimizer")
        choose(self.schedule, SCHEDULES, "Schedule")
        set_field = object.__setattr__
        set_field(self, "options", check_options(self.options, OPTIMIZERS[self.optimizer].options, self.optimizer))
        table = SCHEDULES[self.schedule].options
        set_field(self, "schedule_options", check_options(self.schedule_options, table, self.schedule))
        for name in ("learning_rate", "l1", "l2"):
            set_field(self, name, FIELDS[name].check(getattr(self, name)))
        for name in ("batch_size", "seed"):
            if getattr(self, name) is not None:
                set_field(self, name, FIELDS[name].check(getattr(self, name)))
        if self.loss is not None:
            choose(self.loss, LOSSES, "Loss")
        if not isinstance(self.name, str) or len(self.name) > 60:
            raise ValueError(f"A lane's name is {short(self.name)}; use at most 60 characters.")


@dataclass(frozen=True)
class ExperimentConfig:
    """A whole experiment. `loss` None takes the usual loss of the data's task."""

    dataset: DatasetConfig = field(default_factory=DatasetConfig)
    network: NetworkConfig = field(default_factory=NetworkConfig)
    loss: str | None = None
    batch_size: int = 32
    seed: int = 0
    dtype: str = "float32"
    lanes: tuple[LaneConfig, ...] = (LaneConfig(),)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lanes", tuple(self.lanes))
        if not 1 <= len(self.lanes) <= MAX_LANES:
            raise ValueError(f"There are {len(self.lanes)} lanes; choose 1 to {MAX_LANES}.")
        if self.loss is not None:
            choose(self.loss, LOSSES, "Loss")
        choose(self.dtype, {"float32": 0, "float64": 0}, "Number type")
        for name in ("batch_size", "seed"):
            object.__setattr__(self, name, FIELDS[name].check(getattr(self, name)))

    def lane(self, index: int) -> LaneConfig:
        """Lane `index` with nothing left open but the loss, whose default depends on the data."""
        lane = self.lanes[index]
        return replace(
            lane,
            batch_size=self.batch_size if lane.batch_size is None else lane.batch_size,
            network=self.network if lane.network is None else lane.network,
            loss=self.loss if lane.loss is None else lane.loss,
            seed=self.seed if lane.seed is None else lane.seed,
        )

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, allow_nan=False)

    @staticmethod
    def from_json(text: str) -> ExperimentConfig:
        """The configuration in `text`; `ValueError` with a sentence for anything else."""
        if len(text) > MAX_JSON:
            raise ValueError(f"The text has {len(text):,} characters; at most {MAX_JSON:,} are read.")
        try:
            raw = json.loads(text)
            lanes = [
                _make(LaneConfig, lane | {"network": lane.get("network") and _make(NetworkConfig, lane["network"])})
                for lane in raw.pop("lanes")
            ]
            dataset = _make(DatasetConfig, raw.pop("dataset"))
            network = _make(NetworkConfig, raw.pop("network"))
            return _make(ExperimentConfig, raw | dict(dataset=dataset, network=network, lanes=tuple(lanes)))
        except ValueError as error:
            raise ValueError(f"This is not an experiment: {error}") from None
        except (TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ValueError(f"This is not an experiment: {type(error).__name__} {error}") from None

    def to_query(self) -> dict[str, str]:
        """The URL's parameters: the Playground's widget keys. Only lane 0; an uploaded table is not in a URL."""
        data, network, lane = self.dataset, self.network, self.lane(0)
        query: dict[str, Any] = {
            "data": data.name, "samples": data.samples, "noise": data.noise, "test_fraction": data.test_fraction,
            "data_seed": data.seed, "features": data.features, "layers": len(network.hidden),
            "initializer": network.initializer, "optimizer": lane.optimizer, "learning_rate": lane.learning_rate,
            "schedule": lane.schedule, "batch_size": lane.batch_size, "l1": lane.l1, "l2": lane.l2, "seed": lane.seed,
        }  # fmt: skip
        if lane.loss:
            query["loss"] = lane.loss
        if data.columns:
            query["x_column"], query["y_column"] = data.columns
        if data.label:
            query["label"] = data.label
        for k, (width, activation) in enumerate(zip(network.hidden, network.activations, strict=True), 1):
            query[f"neurons{k}"], query[f"activation{k}"] = width, activation
        query |= {f"{lane.optimizer}_{name}": value for name, value in lane.options.items()}
        query |= {f"{lane.schedule}_{name}": value for name, value in lane.schedule_options.items()}
        query |= {f"{network.initializer}_{name}": value for name, value in network.initializer_options.items()}
        return {name: _text(value) for name, value in query.items()}

    @staticmethod
    def from_query(query: Mapping[str, str]) -> ExperimentConfig:
        """A valid configuration from any URL parameters."""
        return from_query_checked(query)[0]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(value)
    return repr(value) if isinstance(value, float) else str(value)


def _make(kind: type, raw: dict[str, Any]) -> Any:
    unknown = set(raw) - set(kind.__dataclass_fields__)
    if unknown:
        raise ValueError(f"{kind.__name__} has no {', '.join(sorted(map(short, unknown)))}.")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()})


def parse(text: str, option: Option) -> Any:
    """A URL's text as the option's kind of value; `ValueError` if it is not one at all."""
    if option.is_switch:
        if text.lower() in ("true", "false"):
            return text.lower() == "true"
        raise ValueError("not true or false")
    if option.choices:
        return text
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not finite")
    return int(number) if option.integer and number == int(number) else number


class QueryReader:
    """Reads URL parameters one by one; collects a sentence for each that could not be used as it was."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self.query = {str(k): str(v)[:2000] for k, v in query.items()}
        self.problems: list[str] = []

    def option(self, name: str, option: Option, default: Any = None) -> Any:
        fallback = option.default if default is None else default
        text = self.query.get(name)
        if text is None:
            return fallback
        try:
            value = parse(text, option)
        except ValueError:
            used = fallback
        else:
            used = option.clamp(value)
            if used == value:
                return used
        self.problems.append(f"{name}={short(text)} in the link can't be used; it is {_text(used)} now.")
        return used

    def choice(self, name: str, choices: Mapping[str, Any], default: str) -> str:
        text = self.query.get(name, default)
        if text in choices:
            return text
        self.problems.append(f"{name}={short(text)} in the link is unknown; it is {default} now.")
        return default

    def options(self, prefix: str, table: Mapping[str, Option]) -> dict[str, Any]:
        found = {name: self.option(f"{prefix}_{name}", option) for name, option in table.items() if f"{prefix}_{name}" in self.query}
        return found  # fmt: skip


LAYERS = Option("layers", 2, "Hidden layers", "Layers between input and output.", 0, MAX_LAYERS, integer=True)
NEURONS = Option("neurons", 8, "Neurons", "Neurons of this layer.", 1, MAX_NEURONS, integer=True)


def from_query_checked(query: Mapping[str, str]) -> tuple[ExperimentConfig, list[str]]:
    """A valid configuration from any URL parameters, and a sentence for each value that was replaced."""
    from engine.datasets import DATASETS

    reader = QueryReader(query)
    name = reader.choice("data", DATASETS, "circles")
    asked = [key for key in reader.query.get("features", "x1,x2").replace(" ", ",").split(",") if key]
    features = tuple(key for key in FEATURES if key in asked) or ("x1", "x2")
    wrong = [key for key in asked if key not in FEATURES]
    if wrong or not asked:
        reader.problems.append(f"features={short(reader.query.get('features'))} in the link can't be used; it is {','.join(features)} now.")  # fmt: skip
    info = DATASETS[name]
    columns, label = None, None
    if info.columns:
        names = {column: column for column in info.columns}
        columns = (
            reader.choice("x_column", names, info.columns[0]),
            reader.choice("y_column", names, info.columns[1]),
        )
        if columns[0] == columns[1]:
            columns = (info.columns[0], info.columns[1])
            reader.problems.append("x_column and y_column in the link are one; they are back at their defaults.")
        label = reader.choice("label", {key: key for key in info.labels}, info.labels[0])
    dataset = DatasetConfig(
        name,
        samples=reader.option("samples", FIELDS["samples"]),
        noise=reader.option("noise", FIELDS["noise"]),
        test_fraction=reader.option("test_fraction", FIELDS["test_fraction"]),
        seed=reader.option("data_seed", FIELDS["data_seed"]),
        features=features,
        columns=columns,
        label=label,
    )
    layers = reader.option("layers", LAYERS)
    initializer = reader.choice("initializer", INITIALIZERS, "glorot_uniform")
    network = NetworkConfig(
        tuple(reader.option(f"neurons{k}", NEURONS) for k in range(1, layers + 1)),
        tuple(reader.choice(f"activation{k}", ACTIVATIONS, "tanh") for k in range(1, layers + 1)),
        initializer,
        reader.options(initializer, INITIALIZERS[initializer].options),
    )
    losses = {key: loss for key, loss in LOSSES.items() if info.task in loss.tasks}
    optimizer = reader.choice("optimizer", OPTIMIZERS, "sgd")
    schedule = reader.choice("schedule", SCHEDULES, "constant")
    lane = LaneConfig(
        optimizer,
        reader.option("learning_rate", FIELDS["learning_rate"], OPTIMIZERS[optimizer].start_rate),
        reader.options(optimizer, OPTIMIZERS[optimizer].options),
        schedule,
        reader.options(schedule, SCHEDULES[schedule].options),
        l1=reader.option("l1", FIELDS["l1"]),
        l2=reader.option("l2", FIELDS["l2"]),
    )
    config = ExperimentConfig(
        dataset,
        network,
        loss=reader.choice("loss", losses, DEFAULT_LOSS[info.task]),
        batch_size=reader.option("batch_size", FIELDS["batch_size"]),
        seed=reader.option("seed", FIELDS["seed"]),
        lanes=(lane,),
    )
    return config, reader.problems
