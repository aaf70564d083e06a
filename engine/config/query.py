"""The URL form of an experiment: short, readable, and safe to read from anybody's link.

    data=spiral&n=500&noise=0.1&test=0.3&dseed=7&feat=x1,x2&net=16-16&act=tanh&init=glorot_uniform
    &frozen=1-2&bias=false
    &opt=adam&lr=0.01&opt.beta1=0.9&sched=cosine&sched.total=500&batch=32&l1=0&l2=0&loss=cross_entropy&seed=0

`net`, `act`, `init`, `out`, `frozen`, `bias`, `loss`, `batch`, `seed` and `dtype` are the experiment's; `opt`, `lr`, `sched`,
`l1`, `l2` and `name` are lane 0's. With several lanes, `lane1=opt:adam,lr:0.01` and so on hold only what
differs from lane 0, and `lane0` holds what lane 0 has of its own in place of the experiment's. What is
missing takes its default. `pts` are drawn points (`data=drawn`). `val` is the validation share, if there is one. Tables have `x`, `y` (columns), `label` and `target`; the text of an uploaded table is never
in a link.

Reading never raises: a bad value is replaced, and a sentence says by what.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from engine.checks import short
from engine.config import network_query
from engine.config.lane import LaneConfig
from engine.config.reader import Reader, text
from engine.config.settings import SETTINGS, TRAINING
from engine.data.catalogue import DATASETS
from engine.data.config import DRAWN, DatasetConfig, most_validation
from engine.data.drawn import drawn_inputs, drawn_task, read_drawn
from engine.data.features import features_for
from engine.data.selection import TARGETS
from engine.limits import DTYPES, FIELDS, MAX_LANES
from engine.methods.registry import OPTIMIZERS
from engine.network.config import SIGMOID_LOSSES, NetworkConfig
from engine.network.losses import CROSS_ENTROPIES, DEFAULT_LOSS, LOSSES


class Whole(Protocol):
    """What a link says of an experiment. `ExperimentConfig` is one; it is handed over, as it imports this file."""

    @property
    def dataset(self) -> DatasetConfig: ...
    @property
    def network(self) -> NetworkConfig: ...
    @property
    def loss(self) -> str | None: ...
    @property
    def batch_size(self) -> int: ...
    @property
    def seed(self) -> int: ...
    @property
    def dtype(self) -> str: ...
    @property
    def lanes(self) -> tuple[LaneConfig, ...]: ...


Config = TypeVar("Config")

# Writing ----------------------------------------------------------------------------------------------------


def write(config: Whole) -> dict[str, str]:
    """A link's parameters for `config`."""
    data, first = config.dataset, config.lanes[0]
    query: dict[str, Any] = {"data": data.name}
    if data.points is not None:
        query["pts"] = data.points
    elif data.name != "csv" and DATASETS[data.name].make is not None:
        query |= {"n": data.samples, "noise": data.noise}
    defaults = DatasetConfig()
    for key, name in (("n", "samples"), ("noise", "noise")):
        if key not in query and getattr(data, name) != getattr(defaults, name):
            query[key] = getattr(data, name)
    query |= {"test": data.test_fraction, "dseed": data.seed, "feat": ",".join(data.features)}
    if data.validation_fraction:
        query["val"] = data.validation_fraction
    if data.columns:
        query["x"], query["y"] = data.columns
    if data.label is not None:
        query["label"] = data.label
    if data.target is not None:
        query["target"] = data.target
    query |= network_query.items(config.network, NetworkConfig())
    query |= _training_items(first)
    if config.loss is not None:
        query["loss"] = config.loss
    query |= {"batch": config.batch_size, "seed": config.seed}
    if config.dtype != "float32":
        query["dtype"] = config.dtype
    if first.name:
        query["name"] = first.name
    own = _own_items(first, config.network)
    if own:
        query["lane0"] = _joined(own)
    shared = _training_items(first)
    for index, lane in enumerate(config.lanes[1:], 1):
        items = _training_items(lane)
        reset = {f for f in ("opt", "sched") if _family(items, f) != _family(shared, f)}
        # naming a method starts from its defaults, so a method that differs is written whole
        different = {
            key: value
            for key, value in items.items()
            if shared.get(key) != value or key.partition(".")[0] in reset
        }
        if lane.name:
            different["name"] = lane.name
        query[f"lane{index}"] = _joined(different | _own_items(lane, config.network))
    return {key: text(value) for key, value in query.items()}


def _family(items: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in items.items() if key == name or key.startswith(name + ".")}


def _training_items(lane: LaneConfig) -> dict[str, Any]:
    items: dict[str, Any] = {}
    for each in TRAINING:
        items[each.word] = getattr(lane, each.name)
        if each.options:
            items |= {f"{each.word}.{name}": value for name, value in getattr(lane, each.options).items()}
    return items


def _own_items(lane: LaneConfig, shared: NetworkConfig) -> dict[str, Any]:
    """What a lane has in place of the experiment's value; `shared` is the experiment's network."""
    items: dict[str, Any] = {} if lane.network is None else network_query.items(lane.network, shared)
    own = ((each.word, getattr(lane, each.name)) for each in SETTINGS.values() if each.is_own)
    return items | {word: value for word, value in own if value is not None}


def _joined(items: Mapping[str, Any]) -> str:
    return ",".join(f"{key}:{quote(text(value), safe=' -.')}" for key, value in items.items())


# Reading ----------------------------------------------------------------------------------------------------


def read(
    query: Mapping[str, Any], make: Callable[..., Config], max_lanes: int = MAX_LANES
) -> tuple[Config, list[str]]:
    """A valid configuration, built by `make`, from any URL parameters; and a sentence for each value that was replaced."""
    values = {}
    for key, value in query.items():
        if isinstance(value, (list, tuple)):  # a repeated parameter: the last one holds, as in Streamlit
            value = value[-1] if value else ""
        values[str(key)] = str(value)
    reader = Reader(values)
    dataset, task = _read_dataset(reader)
    network = network_query.read(reader, NetworkConfig())
    loss = _read_loss(reader, task, network, None)
    network = network_query.sigmoid_fits(reader, network, loss)
    lane = _read_training(reader, LaneConfig(), fresh=True)
    lanes = [_read_own(Reader.inside(reader, "lane0"), lane, task, network, loss)]
    for index in range(1, max_lanes):
        if f"lane{index}" not in values:
            break
        inner = Reader.inside(reader, f"lane{index}")
        lanes.append(_read_own(inner, _read_training(inner, replace(lane, name="")), task, network, loss))
    stray = sorted(
        key
        for key in values
        if (match := re.fullmatch(r"lane([0-9]{1,6})", key)) and int(match[1]) >= len(lanes)
    )
    if stray:
        reader.say(f"{short(stray[0])} is left out: the link's lanes end at lane {len(lanes) - 1}")
    config = make(
        dataset,
        network,
        loss,
        reader.option("batch", FIELDS["batch_size"], 32),
        reader.option("seed", FIELDS["seed"], 0),
        reader.choice("dtype", DTYPES, "float32"),
        tuple(lanes),
    )
    return config, reader.problems


def _read_dataset(reader: Reader) -> tuple[DatasetConfig, str]:
    default = DatasetConfig()
    points = None
    if reader.values.get("data") == DRAWN:
        points = _read_points(reader, default.name)
        name = default.name if points is None else DRAWN
    elif reader.values.get("data") == "csv":
        reader.say(
            f"The link was made with an uploaded table, which no link holds; {default.name} is used instead"
        )
        name = default.name
    else:
        name = reader.choice("data", DATASETS, default.name)
    info = DATASETS[name if points is None else default.name]
    inputs = info.inputs if points is None else drawn_inputs(points)
    columns, label, target = None, None, None
    if info.columns:
        columns = (
            reader.choice("x", info.columns, info.columns[0]),
            reader.choice("y", info.columns, info.columns[1]),
        )
        if columns[0] == columns[1]:
            reader.say(
                f"x and y are both {short(columns[0])} in the link; the usual columns are used instead"
            )
            columns = (info.columns[0], info.columns[1])
        if "x" not in reader.values and "y" not in reader.values:
            columns = None
        if "label" in reader.values:
            label = reader.choice("label", info.labels, next(iter(info.labels)))
            if label in (columns or info.columns[:2]):
                reader.say(f"The label {label} is also an axis in the link; the usual label is used instead")
                label = None
        if label in info.codes and "target" in reader.values:
            target = reader.choice("target", TARGETS, "classes")
    test = reader.option("test", FIELDS["test_fraction"], default.test_fraction)
    dataset = DatasetConfig(
        name,
        samples=reader.option("n", FIELDS["samples"], default.samples),
        noise=reader.option("noise", FIELDS["noise"], default.noise),
        test_fraction=test,
        validation_fraction=_read_validation(reader, test),
        seed=reader.option("dseed", FIELDS["data_seed"], default.seed),
        features=_read_features(reader, default.features, features_for(inputs)),
        columns=columns,
        label=label,
        target=target,
        points=points,
    )
    return dataset, info.task_for(label, target) if points is None else drawn_task(points)


def _read_points(reader: Reader, instead: str) -> str | None:
    """Drawn points; None where there are none to learn from, and a sentence says why."""
    points = reader.values.get("pts", "")
    try:
        read_drawn(points)
    except ValueError as error:
        reader.say(f"{str(error).removesuffix('.')}; {instead} is used instead")
        return None
    return points


def _read_validation(reader: Reader, test: float) -> float:
    share = float(reader.option("val", FIELDS["validation_fraction"], 0.0))
    most = most_validation(test)
    if share > most:
        reader.replaced("val", most, f"which with a test share of {test:g} leaves too few points to train on")
    return min(share, most)


def _read_features(reader: Reader, default: tuple[str, ...], there_are: tuple[str, ...]) -> tuple[str, ...]:
    raw = reader.values.get("feat")
    if raw is None:
        return default
    asked = raw.split(",")
    default = tuple(key for key in default if key in there_are)
    used = tuple(dict.fromkeys(key for key in asked if key in there_are)) or default
    if list(used) != asked:
        reader.replaced("feat", ",".join(used), f"which is not a list of {', '.join(there_are)}, each once")
    return used


def _read_loss(reader: Reader, task: str, network: NetworkConfig, old: str | None) -> str | None:
    """A loss that suits the task; either cross-entropy will do for classes, as in `task_loss`."""
    suited = [key for key, loss in LOSSES.items() if task in loss.tasks]
    if task != "regression":
        suited += [key for key in CROSS_ENTROPIES if key not in suited]
    if "loss" not in reader.values:
        return old
    return reader.choice("loss", suited, old or DEFAULT_LOSS[task])


def _read_training(reader: Reader, old: LaneConfig, fresh: bool = False) -> LaneConfig:
    values: dict[str, Any] = {}
    for each in TRAINING:
        before = getattr(old, each.name)
        if each.option is not None:
            if fresh and each.name == "learning_rate" and "opt" in reader.values:
                before = OPTIMIZERS[
                    values["optimizer"]
                ].start_rate  # a method named without a rate gets one that suits it
            values[each.name] = reader.option(each.word, each.option, before)
            continue
        key = values[each.name] = reader.choice(each.word, each.registry, before)
        kept = {} if each.word in reader.values else getattr(old, each.options)
        values[each.options] = reader.options(each.word, each.registry[key].options, kept)
    return LaneConfig(**values, name=reader.name(old.name))


def _read_own(
    reader: Reader, lane: LaneConfig, task: str, network: NetworkConfig, loss: str | None
) -> LaneConfig:
    """`lane` with what it has of its own in place of the experiment's."""
    own_loss = _read_loss(reader, task, network, None) if "loss" in reader.values else None
    own_network = None
    if any(key in reader.values for key in network_query.WORDS):
        own_network = network_query.sigmoid_fits(
            reader, network_query.read(reader, network), own_loss or loss
        )
    elif network.output_activation == "sigmoid" and (own_loss or loss) not in SIGMOID_LOSSES:
        own_network = network_query.sigmoid_fits(reader, network, own_loss or loss)
    own = {
        each.name: reader.option(each.word, each.option, each.option.default)
        for each in SETTINGS.values()
        if each.is_own and each.option is not None and each.word in reader.values
    }
    return replace(lane, network=own_network, loss=own_loss, **own)
