"""Saving a whole experiment to one .npz file, and loading it again, bit for bit.

What is saved is a `Snapshot`, which an experiment gives and takes (`Experiment.snapshot`, `Experiment.of`). The file
holds plain arrays and one JSON text; nothing is pickled, so loading runs no code of the file's. It is written beside
its place and then moved there, so a crash leaves the old file or the new, never half of one.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.config.experiment import ExperimentConfig
from engine.limits import MAX_JSON
from engine.methods.registry import OPTIMIZERS
from engine.training.blocks import optimizer_row
from engine.training.history import MOST_MARKS
from engine.training.lane import MOST_STRETCHES, Lane, LaneStatus, State, Stretch
from engine.training.reach import Reach

FORMAT = "descent-lab-experiment"
VERSION = 2
MAX_FILE = 300_000_000  # bytes, packed or unpacked
MAX_MEMBERS = 10_000
MAX_ABOUT = MAX_JSON + 2_000_000  # characters
REACH = ("targets", "lowest", "spent", "late")
SERIES_ONCE = 9  # COSTS and SERIES in files from before there were validation data
LARGEST = 10**15  # of any count
COUNTS = (
    "epoch",
    "position",
    "updates",
    "clock",
    "samples_used",
    "gradient_evaluations",
    "function_evaluations",
    "sample_gradients",
    "schedule_start",
)
NUMBERS = ("milliseconds", "price", "first_loss", "gradient_norm", "gradient_credit", "time_credit")


@dataclass(frozen=True)
class SavedLane:
    """A lane's arrays, and the rest of it as JSON has it."""

    theta: np.ndarray
    optimizer_state: dict[str, np.ndarray]
    about: dict[str, Any]

    @staticmethod
    def of(lane: Lane) -> SavedLane:
        """The state of a lane that is in no block."""
        about = {name: getattr(lane, name) for name in COUNTS}
        about |= {name: _exact(getattr(lane, name)) for name in NUMBERS}
        about |= {"start": lane.start, "last": lane.last, "stretches": lane.stretches}
        about["status"] = [lane.status.state, lane.status.reason, lane.status.step]
        return SavedLane(lane.theta, lane.optimizer_state, about)

    def restore(self, lane: Lane) -> None:
        """Put a new lane, which is in no block, into this state; `ValueError` where it does not fit."""
        try:
            _restore_lane(lane, self.about, self.theta)
            _restore_optimizer(lane, self.optimizer_state)
        except ValueError as error:
            raise ValueError(f"lane {lane.index + 1}: {error}") from None


@dataclass(frozen=True)
class Snapshot:
    """The whole state of an experiment, in no need of the experiment."""

    config: ExperimentConfig
    record_every: int
    updates: int
    lanes: list[SavedLane]
    steps: np.ndarray  # the history's, see `History.rows`
    values: np.ndarray
    stride: int
    marks: list[tuple[int, int, str]]
    reach: Reach | None = None


# Writing ----------------------------------------------------------------------------------------------------


def write(snapshot: Snapshot, path: Any) -> None:
    """Write `snapshot` to a path or a binary file object. `ValueError` if it is too large to be loaded again."""
    arrays = _arrays(snapshot)
    if (size := sum(np.asarray(array).nbytes for array in arrays.values())) > MAX_FILE - 2_000_000:
        raise ValueError(
            f"This experiment takes {size // 1_000_000} MB, and a file holds {MAX_FILE // 1_000_000} MB at most."
        )
    if hasattr(path, "write"):
        np.savez(path, **arrays)
        return
    path = Path(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:50]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _arrays(snapshot: Snapshot) -> dict[str, Any]:
    arrays: dict[str, Any] = {"steps": snapshot.steps, "values": snapshot.values}
    for k, lane in enumerate(snapshot.lanes):
        arrays[f"theta{k}"] = lane.theta
        arrays |= {f"state{k}.{name}": array for name, array in lane.optimizer_state.items()}
    if snapshot.reach is not None:
        arrays |= {f"reach.{name}": np.array(getattr(snapshot.reach, name)) for name in REACH}
    about = {
        "format": FORMAT,
        "version": VERSION,
        "config": json.loads(snapshot.config.to_json()),
        "updates": snapshot.updates,
        "lanes": [lane.about for lane in snapshot.lanes],
        "marks": snapshot.marks,
        "stride": snapshot.stride,
        "record_every": snapshot.record_every,
    }
    return {"about": np.array(json.dumps(about))} | arrays


def _exact(number: float) -> str:
    """A float as text, NaN and infinity included, which JSON has no way to write."""
    return float(number).hex()


# Reading ----------------------------------------------------------------------------------------------------


@contextmanager
def sentences() -> Iterator[None]:
    """Whatever goes wrong within, while a file is loaded, becomes a `ValueError` with a sentence."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (ValueError, zipfile.BadZipFile) as error:
        text = str(error).rstrip(".")
        raise ValueError(f"This file can't be loaded as an experiment: {text}.") from None
    except Exception as error:  # whatever else a damaged file provokes
        kind = type(error).__name__
        raise ValueError(f"This file can't be loaded as an experiment: it is damaged ({kind}).") from None


def read(path: Any) -> Snapshot:
    """The snapshot in a file that `write` wrote, to be read within `sentences`."""
    arrays = _read(path)
    about = _about(arrays.pop("about"))
    saved, updates, stride = about["lanes"], _count(about["updates"], "updates"), about["stride"]
    lanes = []
    for k, lane in enumerate(saved):
        prefix = f"state{k}."
        state = {name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)}
        lanes.append(SavedLane(arrays[f"theta{k}"], state, lane))
    steps, values = arrays["steps"], arrays["values"]
    if steps.dtype != np.int64 or values.dtype != np.float64:
        raise ValueError("its history is not made of numbers")
    if values.ndim == 3 and len(values) == SERIES_ONCE:  # older files have no validation data
        values = np.concatenate([values, np.full((2, *values.shape[1:]), np.nan)])
    if not 0 <= steps[0] <= steps[-1] <= updates:
        raise ValueError("its history goes further than its updates")
    marks = [
        (_count(step, "a mark's step"), _count(lane, "a mark's lane", len(saved) - 1), str(text)[:500])
        for step, lane, text in about["marks"][-MOST_MARKS:]
    ]
    config = ExperimentConfig.from_json(json.dumps(about["config"]))
    every = _count(about["record_every"], "record_every")
    reach = _reach(arrays) if "reach.targets" in arrays else None
    return Snapshot(config, every, updates, lanes, steps, values, _count(stride, "stride"), marks, reach)


def _reach(arrays: dict[str, np.ndarray]) -> Reach:
    targets, lowest, spent, late = (arrays[f"reach.{name}"] for name in REACH)
    if any(array.dtype != np.float64 for array in (targets, lowest, spent, late)) or targets.ndim != 1:
        raise ValueError("what its lanes reached is not made of numbers")
    if lowest.ndim == 2 and len(lowest) == 2:  # older files have no validation data
        lowest = np.concatenate([lowest, np.full((1, lowest.shape[1]), np.inf)])
    if lowest.ndim != 2 or spent.shape != (2, len(targets), lowest.shape[1]) or (np.diff(targets) <= 0).any():
        raise ValueError("what its lanes reached does not fit")
    reach = Reach(lowest.shape[1], tuple(targets))
    reach.lowest, reach.spent, reach.late = lowest, spent, late.tolist()
    return reach


def _read(path: Any) -> dict[str, np.ndarray]:
    """The arrays of an .npz file, which may not be too large, packed or unpacked."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_FILE:
            raise ValueError(f"it holds more than {MAX_FILE // 1_000_000} MB or {MAX_MEMBERS:,} arrays")
        arrays = {}
        for member in members:
            with archive.open(member) as file:
                array = np.lib.format.read_array(file, allow_pickle=False)
            arrays[member.filename.removesuffix(".npy")] = array
    return arrays


def _about(array: np.ndarray) -> dict[str, Any]:
    """The JSON part, checked to be ours."""
    if array.nbytes > 4 * MAX_ABOUT:  # 4 bytes a character
        raise ValueError("its description is too long")
    about = json.loads(str(array))
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise ValueError("it was not written by Descent Lab")
    if about.get("version") != VERSION:
        version = str(about.get("version"))[:20]
        raise ValueError(f"its version is {version}, and this program reads version {VERSION}")
    return about


def _restore_lane(lane: Lane, state: dict[str, Any], theta: np.ndarray) -> None:
    if theta.shape != lane.theta.shape or theta.dtype != lane.theta.dtype or not np.isfinite(theta).all():
        raise ValueError("its parameters do not fit its configuration")
    lane.theta = theta
    for name in COUNTS:
        setattr(lane, name, _count(state[name], name))
    for name in NUMBERS:
        setattr(lane, name, float.fromhex(state.get(name, "0x0p0")))  # older files have no price
    credits = (lane.gradient_credit, lane.time_credit)
    if not (
        0 <= lane.milliseconds <= LARGEST
        and 0 <= lane.price <= LARGEST
        and all(abs(credit) <= LARGEST for credit in credits)
    ):
        raise ValueError("its time or its credits are not possible")
    if not math.isfinite(lane.first_loss):
        raise ValueError(f"its first loss can't be {lane.first_loss}")
    epoch, start, stop = (_count(number, "the last batch") for number in state["last"])
    if not (start <= stop <= lane.samples and lane.position <= lane.samples):
        raise ValueError("its batches do not fit its data")
    lane.last = (epoch, start, stop)
    if "start" in state:  # older files have none
        lane.start = (str(state["start"][0])[:32], _count(state["start"][1], "the start's update"))
    lane.stretches = ()
    for numbers in state.get("stretches", [])[:MOST_STRETCHES]:  # older files have none
        lane.stretches += (Stretch(*(_count(number, "a stretch of batches") for number in numbers)),)
    if any(not 1 <= stretch.size <= lane.samples for stretch in lane.stretches):
        raise ValueError("its batches do not fit its data")
    kind, reason, step = state["status"]
    if kind not in list(State) or not isinstance(reason, str):
        raise ValueError(f"it has the unknown state {str(kind)[:20]}")
    lane.status = LaneStatus(State(kind), reason[:500], _count(step, "the status's step"))


def _restore_optimizer(lane: Lane, found: dict[str, np.ndarray]) -> None:
    """The optimizer's state, held against that of a new one, as a lane that has stopped makes none now."""
    if found:
        fresh = optimizer_row(
            OPTIMIZERS[lane.config.optimizer](1, lane.theta.size, dtype=lane.theta.dtype), 0
        )
        for name, array in found.items():
            new = fresh.get(name)
            if new is None or array.shape != new.shape or array.dtype != new.dtype:
                raise ValueError(f"its optimizer's {name[:20]} does not fit")
            if lane.status.state is State.RUNNING and np.isnan(array).any():
                raise ValueError(f"its optimizer's {name[:20]} is not a number")
        if "t" in found:
            _count(found["t"].item(), "t")
    lane.optimizer_state = found


def _count(value: Any, name: str, most: int = LARGEST) -> int:
    """A whole number from 0, as JSON has it."""
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"{name} can't be {str(value)[:20]}")
    return value
