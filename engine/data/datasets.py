"""The data: points of a plane with a class or a value, made from a formula, shipped as CSV, or uploaded.

Made points lie within about ±2.5, so that nothing needs rescaling; tables are standardised, and `mean` and `scale`
give their units back. Points and split have random generators of their own: another test share moves no point.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from engine.config.experiment import DatasetConfig
from engine.data.features import map_features
from engine.data.tables import guess_roles, read_table, select

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

    @property
    def output_size(self) -> int:
        return len(self.class_names) if self.task == "multiclass" else 1


@dataclass(frozen=True)
class DatasetInfo:
    """A data set to choose. `make(rng, n, noise)` gives points and target; tables have columns and labels instead."""

    key: str
    label: str
    task: str
    help: str
    make: Callable[[np.random.Generator, int, float], tuple[np.ndarray, np.ndarray]] | None = None
    columns: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)  # label column -> task

    def task_for(self, label: str | None) -> str:
        return self.labels.get(label or "", self.task)


def _classes(n: int, count: int) -> np.ndarray:
    return np.arange(n) * count // n


def _turned(radius, angle):
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _circles(rng, n, noise):
    y = _classes(n, 2)
    radius = np.where(y == 1, rng.uniform(0, 0.9, n), rng.uniform(1.4, 2.2, n))
    return _turned(radius, rng.uniform(0, 2 * np.pi, n)) + noise * rng.standard_normal((n, 2)), y


def _xor(rng, n, noise):
    points = rng.uniform(-2, 2, (n, 2))
    points += np.where(points > 0, 0.15, -0.15)
    y = (points[:, 0] * points[:, 1] >= 0).astype(int)
    return points + noise * rng.standard_normal((n, 2)), y


def _gaussians(rng, n, noise):
    y = _classes(n, 2)
    return np.where(y == 1, 1.2, -1.2)[:, None] + (0.5 + noise) * rng.standard_normal((n, 2)), y


def _arms(count, turns):
    def make(rng, n, noise):
        y = _classes(n, count)
        t = np.sqrt(rng.uniform(0.01, 1, n))  # even along the arm's area
        angle = turns * 2 * np.pi * t + 2 * np.pi * y / count + np.pi / 2
        return _turned(2.3 * t, angle) + 0.5 * noise * rng.standard_normal((n, 2)), y

    return make


def _moons(rng, n, noise):
    y = _classes(n, 2)
    angle = rng.uniform(0, np.pi, n)
    points = np.where(y[:, None] == 1, _turned(1, angle), [1.0, 0.5] - _turned(1, angle))
    return 1.4 * (points - [0.5, 0.25]) + noise * rng.standard_normal((n, 2)), y


def _checkerboard(rng, n, noise):
    points = rng.uniform(-2, 2, (n, 2))
    y = (np.floor(points).sum(axis=1).astype(int) % 2 == 0).astype(int)
    return points + 0.5 * noise * rng.standard_normal((n, 2)), y


def _blobs(rng, n, noise):
    y = _classes(n, 4)
    centres = 1.5 * _turned(1, np.pi / 4 + np.pi / 2 * np.arange(4))
    return centres[y] + (0.3 + noise) * rng.standard_normal((n, 2)), y


def _plane(rng, n, noise):
    points = rng.uniform(-2, 2, (n, 2))
    return points, (points @ [0.3, 0.2]) + noise * rng.standard_normal(n)


def _two_bumps(rng, n, noise):
    points = rng.uniform(-2, 2, (n, 2))
    bump = [np.exp(-((points - c) ** 2).sum(axis=1)) for c in ([0.9, 0.9], [-0.9, -0.9])]
    return points, bump[0] - bump[1] + noise * rng.standard_normal(n)


_IRIS = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
_PENGUINS = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
_ALL = (
    DatasetInfo("circles", "Circles", "binary", "A disc inside a ring.", _circles),
    DatasetInfo("xor", "XOR", "binary", "Opposite quarters belong together: no line can part them.", _xor),
    DatasetInfo("gaussians", "Gaussians", "binary", "Two clouds: a line does.", _gaussians),
    DatasetInfo("spiral", "Two spirals", "binary", "Two arms wound round each other: hard.", _arms(2, 1.25)),
    DatasetInfo("moons", "Moons", "binary", "Two interlocking half circles.", _moons),
    DatasetInfo("checkerboard", "Checkerboard", "binary", "Sixteen squares: needs a wide network and time.", _checkerboard),
    DatasetInfo("three_spirals", "Three spirals", "multiclass", "Three arms, three classes.", _arms(3, 0.8)),
    DatasetInfo("blobs", "Four blobs", "multiclass", "Four clouds, four classes.", _blobs),
    DatasetInfo("plane", "Plane (regression)", "regression", "A value that rises evenly across the plane.", _plane),
    DatasetInfo("two_bumps", "Two bumps (regression)", "regression", "A hill and a hollow.", _two_bumps),
    DatasetInfo("iris", "Iris", "multiclass", "150 flowers of three species (Fisher 1936).", None, ("petal length (cm)", "petal width (cm)", *_IRIS[:2]), {"species": "multiclass"}),
    DatasetInfo("penguins", "Palmer penguins", "multiclass", "344 penguins (Horst, Hill and Gorman 2020).", None, _PENGUINS, {"species": "multiclass", "island": "multiclass", "sex": "binary"}),
)  # fmt: skip
DATASETS: dict[str, DatasetInfo] = {info.key: info for info in _ALL}


@lru_cache(maxsize=4)
def shipped(name: str) -> str:
    """The text of a CSV in assets/data."""
    return (FOLDER / f"{name}.csv").read_text(encoding="utf-8")


def load_dataset(config: DatasetConfig) -> Dataset:
    """The data set of `config`: same config, same bits. `TableError` if a table can't be used."""
    if config.csv is not None or DATASETS[config.name].make is None:
        return _table_dataset(config)
    info = DATASETS[config.name]
    assert info.make is not None
    rng = np.random.default_rng([config.seed, 0])
    points, y = info.make(rng, config.samples, config.noise)
    names = () if info.task == "regression" else tuple(f"class {k}" for k in range(int(y.max()) + 1))
    return _split(config, info.task, points, y, class_names=names)


def _table_dataset(config: DatasetConfig) -> Dataset:
    table = read_table(config.csv if config.csv is not None else shipped(config.name))
    columns, label = guess_roles(table)
    if config.csv is None:
        columns, label = DATASETS[config.name].columns[:2], next(iter(DATASETS[config.name].labels))  # type: ignore[assignment]
    columns = config.columns or columns
    label = config.label or label
    chosen = select(table, columns, label)
    mean, scale = chosen.points.mean(axis=0), chosen.points.std(axis=0)
    points, y, y_mean, y_scale = (chosen.points - mean) / scale, chosen.target, 0.0, 1.0
    if not chosen.class_names:
        y_mean, y_scale = float(y.mean()), float(y.std())
        y = (y - y_mean) / y_scale
    task = {0: "regression", 2: "binary"}.get(len(chosen.class_names), "multiclass")
    return _split(
        config, task, points, y, class_names=chosen.class_names, mean=mean, scale=scale, y_mean=y_mean,
        y_scale=y_scale, axis_labels=columns, target_name=label, notes=chosen.notes,
    )  # fmt: skip


def _split(config: DatasetConfig, task: str, points: np.ndarray, y: np.ndarray, **more) -> Dataset:
    """A random split, class by class so that each keeps its share; at least one point of each class trains."""
    rng = np.random.default_rng([config.seed, 1])
    test = np.zeros(len(y), dtype=bool)
    groups = [np.arange(len(y))] if task == "regression" else [np.flatnonzero(y == k) for k in np.unique(y)]
    for group in groups:
        count = min(round(config.test_fraction * len(group)), len(group) - 1)
        test[rng.permutation(group)[:count]] = True
    y = y.astype(np.int64 if task == "multiclass" else np.float64)
    return Dataset(
        config.name, task, points[~test], y[~test], points[test], y[test], features=config.features, **more
    )  # fmt: skip
