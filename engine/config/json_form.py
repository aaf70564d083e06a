"""An experiment as JSON: everything is in it, an uploaded table's text included."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any, ClassVar, Protocol, TypeVar

from engine.checks import short
from engine.config.lane import LaneConfig
from engine.data.config import DatasetConfig
from engine.limits import MAX_JSON, MAX_LANES
from engine.network.config import NetworkConfig


class Record(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


Config = TypeVar("Config", bound=Record)
Whole = TypeVar("Whole", bound=Record)


def write(config: Record) -> str:
    """The JSON text of an experiment's configuration."""
    return json.dumps(asdict(config), allow_nan=False)


def read(text: str, kind: type[Whole]) -> Whole:
    """The experiment's configuration, of class `kind`, in `text`; `ValueError` with a sentence for anything else."""
    if not isinstance(text, str):
        raise ValueError(f"An experiment is read from text, not from {type(text).__name__}.")
    if len(text) > MAX_JSON:
        raise ValueError(f"The text has {len(text):,} characters; an experiment has at most {MAX_JSON:,}.")
    try:
        raw = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("This is not an experiment: it is nested too deeply.") from None
    except ValueError as error:
        raise ValueError(f"This is not an experiment: the text is not JSON ({error}).") from None
    try:
        return _experiment_from(raw, kind)
    except ValueError as error:
        raise ValueError(f"This experiment can't be used: {error}") from None


def _refuse_constant(name: str) -> float:
    raise ValueError(f"it contains {name}, which is not a number to train with")


def _made(kind: type[Config], raw: Any, label: str, **parts: Any) -> Config:
    if not isinstance(raw, dict):
        raise ValueError(f"{label} is {short(raw)}; it must be names with values in braces.")
    unknown = sorted(set(raw) - {f.name for f in fields(kind)})
    if unknown:
        raise ValueError(f"{label} has unknown names: {', '.join(short(name) for name in unknown[:5])}.")
    return kind(**(raw | parts))


def _experiment_from(raw: Any, kind: type[Whole]) -> Whole:
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
    return _made(kind, raw, "The experiment", **parts)


def _lane_from(raw: Any, index: int) -> LaneConfig:
    label = f"Lane {index + 1}"
    if isinstance(raw, dict) and raw.get("network") is not None:
        return _made(
            LaneConfig, raw, label, network=_made(NetworkConfig, raw["network"], f"{label}'s network")
        )
    return _made(LaneConfig, raw, label)
