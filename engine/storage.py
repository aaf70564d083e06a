"""Saving a whole experiment to one .npz file, and loading it again, bit for bit.

The file holds plain arrays and one JSON text; nothing is pickled, so loading runs no code of the file's. It
is written beside its place and then moved there, so a crash leaves the old file or the new, never half of
one.
"""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from engine.blocks import Lane, LaneStatus
from engine.config import ExperimentConfig
from engine.experiment import Experiment

FORMAT = "descent-lab-experiment"
VERSION = 2
MAX_FILE = 300_000_000  # bytes, packed or unpacked
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
NUMBERS = ("milliseconds", "first_loss", "gradient_norm", "gradient_credit", "time_credit")
STATES = ("running", "diverged", "stopped")


def save(experiment: Experiment, path: Any) -> None:
    """Write `experiment` to a path or a binary file object."""
    arrays = _arrays(experiment)
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


def _arrays(experiment: Experiment) -> dict[str, Any]:
    experiment._reassemble()  # writes everything back to the lanes, and changes nothing
    steps, values = experiment.history.rows()
    arrays: dict[str, Any] = {"steps": steps, "values": values}
    lanes = []
    for k, lane in enumerate(experiment.lanes):
        arrays[f"theta{k}"] = lane.theta
        for name, array in lane.optimizer_state.items():
            arrays[f"state{k}.{name}"] = array
        lanes.append(
            {name: getattr(lane, name) for name in COUNTS}
            | {name: _exact(getattr(lane, name)) for name in NUMBERS}
            | {
                "start": lane.start,
                "last": lane.last,
                "status": [lane.status.state, lane.status.reason, lane.status.step],
            }
        )
    about = {
        "format": FORMAT,
        "version": VERSION,
        "config": json.loads(experiment.config.to_json()),
        "updates": experiment.updates,
        "lanes": lanes,
        "marks": experiment.history.marks,
        "stride": experiment.history.stride,
        "record_every": experiment.record_every,
    }
    return {"about": np.array(json.dumps(about))} | arrays


def _exact(number: float) -> str:
    """A float as text, NaN and infinity included, which JSON has no way to write."""
    return float(number).hex()


def load(path: Any) -> Experiment:
    """The experiment in a file that `save` wrote. `ValueError` with a sentence for any other file."""
    try:
        arrays = _read(path)
        about = json.loads(str(arrays.pop("about")))
        if not isinstance(about, dict) or about.get("format") != FORMAT:
            raise ValueError("it was not written by Descent Lab")
        if about.get("version") != VERSION:
            version = str(about.get("version"))[:20]
            raise ValueError(f"its version is {version}, and this program reads version {VERSION}")
        config = ExperimentConfig.from_json(json.dumps(about["config"]))
        experiment = Experiment(config, record_every=int(about["record_every"]))
        _restore(experiment, about, arrays)
        return experiment
    except FileNotFoundError:
        raise
    except (ValueError, zipfile.BadZipFile) as error:
        text = str(error).rstrip(".")
        raise ValueError(f"This file can't be loaded as an experiment: {text}.") from None
    except Exception as error:  # whatever else a damaged file provokes
        kind = type(error).__name__
        raise ValueError(f"This file can't be loaded as an experiment: it is damaged ({kind}).") from None


def _read(path: Any) -> dict[str, np.ndarray]:
    """The arrays of an .npz file, which may not be too large, packed or unpacked."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > MAX_FILE:
            raise ValueError(f"it holds more than {MAX_FILE // 1_000_000} MB")
        arrays = {}
        for member in members:
            with archive.open(member) as file:
                arrays[member.filename.removesuffix(".npy")] = np.lib.format.read_array(
                    file, allow_pickle=False
                )
    return arrays


def _restore(experiment: Experiment, about: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    experiment._dissolve()
    experiment.updates = int(about["updates"])
    saved = about["lanes"]
    if len(saved) != len(experiment.lanes):
        raise ValueError("it has another number of lanes than its configuration")
    for k, (lane, state) in enumerate(zip(experiment.lanes, saved, strict=True)):
        _restore_lane(lane, state, arrays[f"theta{k}"], k, arrays)
    history = experiment.history
    history.restore(
        arrays["steps"].astype(np.int64), arrays["values"].astype(np.float64), int(about["stride"])
    )
    history.marks = [(int(step), int(lane), str(text)[:500]) for step, lane, text in about["marks"]]
    experiment._assemble()


def _restore_lane(
    lane: Lane, state: dict[str, Any], theta: np.ndarray, k: int, arrays: dict[str, np.ndarray]
) -> None:
    if theta.shape != lane.theta.shape or theta.dtype != lane.theta.dtype or not np.isfinite(theta).all():
        raise ValueError(f"the parameters of lane {k + 1} do not fit its configuration")
    lane.theta = theta
    for name in COUNTS:
        value = int(state[name])
        if value < 0:
            raise ValueError(f"lane {k + 1} has {name} {value}")
        setattr(lane, name, value)
    for name in NUMBERS:
        setattr(lane, name, float.fromhex(state[name]))
    if not all(abs(credit) <= 1e15 for credit in (lane.gradient_credit, lane.time_credit)):
        raise ValueError(f"the credits of lane {k + 1} are not possible")
    epoch, start, stop = (int(number) for number in state["last"])
    if not (epoch >= 0 and 0 <= start <= stop <= lane.samples and lane.position <= lane.samples):
        raise ValueError(f"the batches of lane {k + 1} do not fit its data")
    lane.last = (epoch, start, stop)
    if "start" in state:  # older files have none
        lane.start = (str(state["start"][0])[:32], int(state["start"][1]))
    kind, reason, step = state["status"]
    if kind not in STATES:
        raise ValueError(f"lane {k + 1} has the unknown state {str(kind)[:20]}")
    lane.status = LaneStatus(kind, str(reason)[:500], int(step))
    prefix = f"state{k}."
    lane.optimizer_state = {
        name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)
    }
