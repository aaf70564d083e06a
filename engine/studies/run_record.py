"""What is kept of a run when it is over: its settings, how far it went, what its lanes reached, and the course of its loss.

Records are written to and read from JSON. A file that comes from elsewhere is checked piece by piece, and `read_records` says in
a sentence what is wrong with it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from engine.checks import short
from engine.config.changes import describe_change
from engine.config.experiment import ExperimentConfig
from engine.config.lane import LaneConfig
from engine.data.config import DatasetConfig
from engine.limits import MAX_JSON, MAX_NAME
from engine.methods.registry import OPTIMIZERS
from engine.network.config import NetworkConfig
from engine.shown import short_number
from engine.training.experiment import Experiment

FORMAT, VERSION = "descent-lab-runs", 1
MOST_RECORDS = 60
MOST_CURVE = 32  # points of a sparkline
MOST_UPDATES = 10**12
VALUES = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
NETWORK = {
    "hidden": "layers", "activation": "activation", "output_activation": "output", "initializer": "initial weights",
    "initializer_options": "initial weights' options", "frozen": "frozen layers", "biases": "biases",
}  # fmt: skip


@dataclass(frozen=True)
class RunRecord:
    """`ends` are the VALUES of each lane at the end, NaN where there is none; `curve` is the course of the training loss of
    the lane that ended lowest.
    """

    key: str
    config: ExperimentConfig
    updates: int
    ends: tuple[tuple[float, ...], ...]
    curve: tuple[float, ...]
    name: str = ""

    @property
    def best(self) -> int:
        """The lane with the lowest training loss."""
        losses = [end[0] if math.isfinite(end[0]) else math.inf for end in self.ends]
        return losses.index(min(losses))

    def end(self, value: str) -> float:
        """One of the VALUES of the best lane."""
        return self.ends[self.best][VALUES.index(value)]


def record(experiment: Experiment, config: ExperimentConfig, rows: Sequence[int], key: str) -> RunRecord:
    """The record of an experiment whose row `rows[k]` stands for lane k of `config`."""
    newest = {name: experiment.history.series(name)[-1] for name in VALUES}
    ends = tuple(tuple(float(newest[name][row]) for name in VALUES) for row in rows)
    bare = RunRecord(key, config, max(lane.updates for lane in experiment.lanes), ends, ())
    losses = experiment.history.train_loss[:, rows[bare.best]]
    keep = np.unique(np.linspace(0, len(losses) - 1, min(len(losses), MOST_CURVE)).round().astype(int))
    return replace(bare, curve=tuple(float(f"{value:.4g}") for value in losses[keep]))


# --- in words -----------------------------------------------------------------------------------------------


def summary(config: ExperimentConfig) -> str:
    """The settings in a line: data, layers, and each lane's method and rate."""
    full = config.lane(0)
    assert full.network is not None
    layers = "-".join(map(str, full.network.hidden)) or "no hidden layer"
    lanes = [
        f"{OPTIMIZERS[lane.optimizer].label} {short_number(lane.learning_rate)}" for lane in config.lanes
    ]
    several = f" and {len(lanes) - 3} more" if len(lanes) > 3 else ""
    return f"{config.dataset.name} · {layers} {full.network.activation} · {', '.join(lanes[:3])}{several}"


def differs(old: ExperimentConfig | None, new: ExperimentConfig) -> str:
    """In what a run differs from the one before it."""
    if old is None:
        return "the first"
    changes = _changed(
        old.dataset, new.dataset, {f.name: f.name.replace("_", " ") for f in fields(DatasetConfig)}
    )
    if old.dtype != new.dtype:
        changes.append(f"number type {old.dtype} → {new.dtype}")
    if len(old.lanes) != len(new.lanes):
        changes.append(f"lanes {len(old.lanes)} → {len(new.lanes)}")
    else:
        for k in range(len(old.lanes)):
            changes += _changed_lane(old.lane(k), new.lane(k))
    return ", ".join(dict.fromkeys(changes)) or "nothing"


def _changed_lane(a: LaneConfig, b: LaneConfig) -> list[str]:
    assert isinstance(a.network, NetworkConfig) and isinstance(b.network, NetworkConfig)
    changes = _changed(a.network, b.network, NETWORK)
    changes += [
        f"{name} {x} → {y}" for name, x, y in (("loss", a.loss, b.loss), ("seed", a.seed, b.seed)) if x != y
    ]
    return [*changes, text] if (text := describe_change(a, b)) else changes


def _changed(old: Any, new: Any, names: dict[str, str]) -> list[str]:
    pairs = ((label, getattr(old, name), getattr(new, name)) for name, label in names.items())
    return [f"{label} {_said(a)} → {_said(b)}" for label, a, b in pairs if a != b]


def _said(value: Any) -> str:
    if isinstance(value, tuple):
        return "-".join(map(str, value)) or "none"
    text = str(value)
    return text if len(text) <= 30 else f"{text[:27]}…"


# --- files --------------------------------------------------------------------------------------------------


def to_plain(record: RunRecord) -> dict[str, Any]:
    """A record as JSON has it; what is no finite number is null."""
    return dict(
        key=record.key, name=record.name, updates=record.updates, config=json.loads(record.config.to_json()),
        ends=[[_finite(value) for value in end] for end in record.ends], curve=[_finite(value) for value in record.curve],
    )  # fmt: skip


def from_plain(raw: Any) -> RunRecord:
    """The record in a JSON value; `ValueError` with a sentence for anything else."""
    if not isinstance(raw, dict):
        raise ValueError(f"A run is {short(raw)}; it must be names with values in braces.")
    config = ExperimentConfig.from_json(json.dumps(raw.get("config")))
    updates = raw.get("updates")
    if type(updates) is not int or not 0 <= updates <= MOST_UPDATES:
        raise ValueError(f"A run's updates are {short(updates)}; they must be a whole number from 0.")
    ends = raw.get("ends")
    if not isinstance(ends, list) or len(ends) != len(config.lanes):
        raise ValueError("A run's end values do not fit its lanes.")
    values = tuple(_numbers(end, len(VALUES)) for end in ends)
    curve = raw.get("curve")
    if not isinstance(curve, list) or len(curve) > MOST_CURVE:
        raise ValueError(f"A run's curve has more than {MOST_CURVE} points, or is none.")
    key, name = raw.get("key"), raw.get("name", "")
    if not isinstance(key, str) or not 0 < len(key) <= 64 or not isinstance(name, str):
        raise ValueError("A run's key or name is not a short text.")
    return RunRecord(key, config, updates, values, _numbers(curve, len(curve)), name[:MAX_NAME])


def write_records(records: Sequence[RunRecord]) -> str:
    """A file of runs."""
    whole = dict(format=FORMAT, version=VERSION, runs=[to_plain(record) for record in records])
    return json.dumps(whole, allow_nan=False, indent=1)


def read_records(text: str) -> list[RunRecord]:
    """The runs of a file; `ValueError` with a sentence for one that is damaged, or from elsewhere."""
    if len(text) > MAX_JSON:
        raise ValueError(f"The file has {len(text):,} characters; a file of runs has at most {MAX_JSON:,}.")
    try:
        raw = json.loads(text)
    except RecursionError:
        raise ValueError("This is not a file of runs: it is nested too deeply.") from None
    except ValueError:
        raise ValueError("This is not a file of runs, or it is damaged: its text is not JSON.") from None
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise ValueError("This is not a file of runs: it was not written by Descent Lab's list of runs.")
    if raw.get("version") != VERSION:
        raise ValueError(
            f"This file of runs has version {short(raw.get('version'))}; version {VERSION} can be read."
        )
    runs = raw.get("runs")
    if not isinstance(runs, list) or len(runs) > MOST_RECORDS:
        raise ValueError(f"A file of runs holds a list of at most {MOST_RECORDS}; this one does not.")
    found = []
    for place, each in enumerate(runs, 1):
        try:
            found.append(from_plain(each))
        except ValueError as error:
            raise ValueError(f"Run {place} of the file can't be used: {error}") from None
    return found


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _numbers(raw: Any, count: int) -> tuple[float, ...]:
    if not isinstance(raw, list) or len(raw) != count:
        raise ValueError(f"{count} numbers are missing from a run.")
    for value in raw:
        if value is not None and (
            isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e300
        ):
            raise ValueError(f"A run has {short(value)} where a number belongs.")
    return tuple(math.nan if value is None else float(value) for value in raw)
