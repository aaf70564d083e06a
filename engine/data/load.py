"""The data: points of a plane with a class or a value, made from a formula, shipped as CSV, or uploaded.

Made points need no rescaling: at the usual noise each coordinate has mean 0 and a standard deviation of 0.6 to 1.4,
and nine in ten points lie within ±2.5. Tables are standardised with their training rows alone, so that the test rows
stay unseen; `mean` and `scale` give the units back. Points and split have separate random generators: another test
share moves no made point.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.catalogue import DATASETS
from engine.data.config import DatasetConfig
from engine.data.features import map_features
from engine.data.selection import guess_roles, is_constant, select
from engine.data.tables import Table, TableError, read_table

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "data"


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set, split. X (N, D) are network inputs, P (N, 2) the standardised points that they come from.

    `y` is 0.0 or 1.0 (binary), a class number (multiclass) or a value (regression; y_mean + y_scale·y in units).
    """

    name: str
    task: str
    P_train: np.ndarray
    y_train: np.ndarray
    P_test: np.ndarray
    y_test: np.ndarray
    features: tuple[str, ...] = ("x1", "x2")
    mean: np.ndarray = field(default_factory=lambda: np.zeros(2))
    scale: np.ndarray = field(default_factory=lambda: np.ones(2))
    y_mean: float = 0.0
    y_scale: float = 1.0
    axis_labels: tuple[str, str] = ("x₁", "x₂")
    class_names: tuple[str, ...] = ()
    target_name: str = "y"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "X_train", self.map_features(self.P_train))
        object.__setattr__(self, "X_test", self.map_features(self.P_test))
        points = np.concatenate([self.P_train, self.P_test])
        low, high = points.min(axis=0), points.max(axis=0)
        margin = 0.08 * (high - low) + 1e-9
        for k, name in enumerate(("x_range", "y_range")):
            object.__setattr__(self, name, (float(low[k] - margin[k]), float(high[k] + margin[k])))

    X_train: np.ndarray = field(init=False)
    X_test: np.ndarray = field(init=False)
    x_range: tuple[float, float] = field(init=False)
    y_range: tuple[float, float] = field(init=False)

    def map_features(self, points: np.ndarray) -> np.ndarray:
        """Standardised points (M, 2) as network inputs (M, D)."""
        return map_features(points, self.features)

    def unmeasured(self, series: str) -> str:
        """Why there is nothing to measure for a series such as "test_loss", in a sentence; empty if there is."""
        if series.startswith("test") and not len(self.y_test):
            return "There are no test data: choose a test share above 0, or what is measured on the training data."
        if series.endswith("accuracy") and self.task == "regression":
            return "These data have values, not classes, so there is no accuracy: choose a loss."
        return ""

    @property
    def output_size(self) -> int:
        return len(self.class_names) if self.task == "multiclass" else 1


@lru_cache(maxsize=4)
def shipped(name: str) -> str:
    """The text of a CSV in assets/data."""
    return (FOLDER / f"{name}.csv").read_text(encoding="utf-8")


def load_dataset(config: DatasetConfig, table: Table | None = None) -> Dataset:
    """The data set of `config`: same config, same bits. `TableError` if a table can't be used.

    `table` is what `read_table(config.csv)` gives, if that is at hand.
    """
    if config.csv is not None or DATASETS[config.name].make is None:
        return _table_dataset(config, table)
    info = DATASETS[config.name]
    assert info.make is not None
    rng = np.random.default_rng([config.seed, 0])
    points, y = info.make(rng, config.samples, config.noise)
    names = () if info.task == "regression" else tuple(f"class {k}" for k in range(int(y.max()) + 1))
    return _split(config, info.task, points, y, class_names=names)


def _table_dataset(config: DatasetConfig, table: Table | None) -> Dataset:
    table = table or read_table(config.csv if config.csv is not None else shipped(config.name))
    columns, label = guess_roles(table)
    if config.csv is None:
        columns, label = DATASETS[config.name].columns[:2], next(iter(DATASETS[config.name].labels))  # type: ignore[assignment]
    columns = config.columns or columns
    label = config.label or label
    chosen = select(table, columns, label, config.target)
    points, y, y_mean, y_scale = chosen.points, chosen.target, 0.0, 1.0
    task = {0: "regression", 2: "binary"}.get(len(chosen.class_names), "multiclass")
    train = ~_test_rows(config, task, y)
    units = [_units(values[train], name) for values, name in zip(points.T, columns, strict=True)]
    mean, scale = np.array(units).T
    if task == "regression":
        y_mean, y_scale = _units(y[train], label)
    return _split(
        config, task, (points - mean) / scale, (y - y_mean) / y_scale, class_names=chosen.class_names,
        mean=mean, scale=scale, y_mean=y_mean, y_scale=y_scale, axis_labels=columns, target_name=label,
        notes=chosen.notes,
    )  # fmt: skip


def _units(values: np.ndarray, name: str) -> tuple[float, float]:
    """Mean and standard deviation of the training rows. Divided by a power of two meanwhile: exact, and it can't underflow."""
    if is_constant(values):
        raise TableError(f"Column {name} has the same value, {values[0]:g}, in every training row; choose another column, data seed or test share.")  # fmt: skip
    unit = 2.0 ** np.frexp(np.ptp(values))[1]
    return float(values.mean()), float((values / unit).std() * unit)


def _test_rows(config: DatasetConfig, task: str, y: np.ndarray) -> np.ndarray:
    """Which rows are for testing: drawn class by class so that each keeps its share; one of each class trains."""
    rng = np.random.default_rng([config.seed, 1])
    test = np.zeros(len(y), dtype=bool)
    groups = [np.arange(len(y))] if task == "regression" else [np.flatnonzero(y == k) for k in np.unique(y)]
    for group in groups:
        count = min(round(config.test_fraction * len(group)), len(group) - 1)
        test[rng.permutation(group)[:count]] = True
    return test


def _split(config: DatasetConfig, task: str, points: np.ndarray, y: np.ndarray, **more: Any) -> Dataset:
    test = _test_rows(config, task, y)
    y = y.astype(np.int64 if task == "multiclass" else np.float64)
    return Dataset(
        config.name, task, points[~test], y[~test], points[test], y[test], features=config.features, **more
    )  # fmt: skip
