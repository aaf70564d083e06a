"""A run as files for a notebook or a spreadsheet: weights as NPZ, data and loss history as CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import numpy as np

from engine.data.load import Dataset
from engine.studies.export import weights_json
from engine.training.experiment import Experiment
from engine.training.history import COSTS, SERIES


def weights_npz(experiment: Experiment, lane: int = 0) -> bytes:
    """Arrays W0 (fan-in, fan-out), b0 (fan-out,), W1, …, and `about`: all else of `weights_json`, as JSON."""
    about = json.loads(weights_json(experiment, lane))
    del about["layers"]
    arrays: dict[str, Any] = {}
    for k, (W, b) in enumerate(experiment.weights(lane)):
        arrays |= {f"W{k}": W, f"b{k}": b}
    file = io.BytesIO()
    np.savez_compressed(file, about=np.array(json.dumps(about)), **arrays)
    return file.getvalue()


def data_csv(data: Dataset) -> str:
    """A row for each point: its coordinates and its class or value, in the data's own units, and which set it is in:
    "train", "validation" or "test".
    """
    rows = []
    for part, points, target in data.sets():
        for point, y in zip(points * data.scale + data.mean, target, strict=True):
            goal = (
                data.class_names[int(y)] if data.class_names else repr(float(y * data.y_scale + data.y_mean))
            )
            rows.append([*map(repr, point.tolist()), goal, part])
    return _csv([*data.axis_labels, data.target_name, "set"], rows)


def history_csv(experiment: Experiment, lane: int = 0) -> str:
    """A row for each recorded update: what had been spent, losses, accuracies and |gradient|, and what was changed then."""
    history, has_validation = experiment.history, len(experiment.data.y_validation) > 0
    changes: dict[int, list[str]] = {}
    for step, changed, text in history.marks:
        if changed == lane:
            row = min(int(np.searchsorted(history.steps, step)), len(history) - 1)
            changes.setdefault(row, []).append(text)
    names = [name for name in (*COSTS, *SERIES) if has_validation or not name.startswith("validation")]
    values = [history.series(name)[:, lane] for name in names]
    rows = [
        [str(step), *("" if np.isnan(series[row]) else repr(float(series[row])) for series in values), "; ".join(changes.get(row, []))]
        for row, step in enumerate(history.steps.tolist())
    ]  # fmt: skip
    return _csv(["step", *names, "change"], rows)


def _csv(header: list[str], rows: list[list[str]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue()
