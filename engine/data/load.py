"""The data: points of a plane with a class or a value, or of a curve, made from a formula, shipped as CSV, or uploaded.

Made points need no rescaling: at the usual noise each coordinate has mean 0 and a standard deviation of 0.6 to 1.4,
and nine in ten points lie within ±2.5. Tables are standardised with their training rows alone, so that the test rows
stay unseen; `mean` and `scale` give the units back. Points and split have separate random generators: another test or
validation share moves no made point. One permutation decides the split: its first rows test, the next validate, the rest
train. So a validation share takes its rows from the training rows, and the test rows stay what they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.catalogue import DATASETS, Made
from engine.data.config import DatasetConfig
from engine.data.curves import CURVES, Curve
from engine.data.drawn import MOST_TAKEN, Drawn, read_drawn
from engine.data.features import map_features
from engine.data.selection import guess_roles, is_constant, select
from engine.data.tables import Table, TableError, read_table

PARTS = ("train", "validation", "test")
FRESH = 5  # purpose of a random generator, beside those of the data's own (0, 1) and of the lanes' (2, 3)
FOLDER = Path(__file__).resolve().parents[2] / "assets" / "data"


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set, split in three. X (N, D) are network inputs, P (N, 2) the standardised points that they come from; P is
    (N, 1) where the target is a curve.

    `y` is 0.0 or 1.0 (binary), a class number (multiclass) or a value (regression; y_mean + y_scale·y in units).
    """

    name: str
    task: str
    P_train: np.ndarray
    y_train: np.ndarray
    P_test: np.ndarray
    y_test: np.ndarray
    P_validation: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    y_validation: np.ndarray = field(default_factory=lambda: np.zeros(0))
    features: tuple[str, ...] = ("x1", "x2")
    mean: np.ndarray = field(default_factory=lambda: np.zeros(2))
    scale: np.ndarray = field(default_factory=lambda: np.ones(2))
    y_mean: float = 0.0
    y_scale: float = 1.0
    axis_labels: tuple[str, ...] = ("x₁", "x₂")
    class_names: tuple[str, ...] = ()
    target_name: str = "y"
    notes: tuple[str, ...] = ()
    curve: Curve | None = None  # the target without noise, where it is a function of one number
    drawing: Drawn | None = None  # the points in the order in which they were drawn, if they were
    seed: int = 0
    draw: Callable[[np.random.Generator, int], Made] | None = (
        None  # more points of the same kind, if there is a formula
    )

    def __post_init__(self) -> None:
        for part in PARTS:
            object.__setattr__(self, f"X_{part}", self.map_features(getattr(self, f"P_{part}")))
        points = np.concatenate([getattr(self, f"P_{part}") for part in PARTS])
        if self.inputs == 1:
            heights = np.concatenate([getattr(self, f"y_{part}") for part in PARTS])
            points = np.column_stack([points, heights])
        low, high = points.min(axis=0), points.max(axis=0)
        margin = 0.08 * (high - low) + 1e-9
        for k, name in enumerate(("x_range", "y_range")):
            object.__setattr__(self, name, (float(low[k] - margin[k]), float(high[k] + margin[k])))

    @property
    def inputs(self) -> int:
        """How many numbers a point has: 2 in a plane, 1 under a curve."""
        return int(self.P_train.shape[1])

    def places(self, points: np.ndarray, target: np.ndarray) -> np.ndarray:
        """(N, 2): where points with these targets stand in a chart, in the data's own units. A curve's stand at their height."""
        units: np.ndarray = points * self.scale + self.mean
        return units if self.inputs == 2 else np.column_stack([units, target * self.y_scale + self.y_mean])

    X_train: np.ndarray = field(init=False)
    X_test: np.ndarray = field(init=False)
    X_validation: np.ndarray = field(init=False)
    x_range: tuple[float, float] = field(init=False)
    y_range: tuple[float, float] = field(init=False)

    def map_features(self, points: np.ndarray) -> np.ndarray:
        """Standardised points (M, 2) as network inputs (M, D)."""
        return map_features(points, self.features)

    def unmeasured(self, series: str) -> str:
        """Why there is nothing to measure for a series such as "test_loss", in a sentence; empty if there is."""
        for part in ("test", "validation"):
            if series.startswith(part) and not len(getattr(self, f"y_{part}")):
                return f"There are no {part} data: choose a {part} share above 0, or what is measured on the training data."
        if series.endswith("accuracy") and self.task == "regression":
            return "These data have values, not classes, so there is no accuracy: choose a loss."
        return ""

    def sets(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """Name, points and target of the training set, and of the validation and test sets that have any points."""
        parts = [(part, getattr(self, f"P_{part}"), getattr(self, f"y_{part}")) for part in PARTS]
        return [each for each in parts if each[0] == "train" or len(each[2])]

    def fresh(self, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """`n` new points of the same kind, with the same noise: inputs (n, D) and target (n,). Same seed, same points.

        They are independent of the data set's own points and of other seeds' points. `ValueError` for data that have no
        formula: nobody can draw more of them.
        """
        if self.draw is None:
            raise ValueError(
                "New points can be drawn only from a data set that a formula makes; a table or a drawing holds all there are."
            )
        points, y = self.draw(np.random.default_rng([self.seed, FRESH, seed]), n)
        return self.map_features(points), y.astype(np.int64 if self.task == "multiclass" else np.float64)

    @property
    def output_size(self) -> int:
        """Outputs of a network that learns it: one for each of several classes, else 1."""
        return len(self.class_names) if self.task == "multiclass" else 1


@lru_cache(maxsize=4)
def shipped(name: str) -> str:
    """The text of a CSV in assets/data."""
    return (FOLDER / f"{name}.csv").read_text(encoding="utf-8")


def load_dataset(config: DatasetConfig, table: Table | None = None) -> Dataset:
    """The data set of `config`: same config, same bits. `TableError` if a table can't be used.

    `table` is what `read_table(config.csv)` gives, if that is at hand.
    """
    if config.points is not None:
        return _drawn_dataset(config, config.points)
    if config.csv is not None or DATASETS[config.name].make is None:
        return _table_dataset(config, table)
    info = DATASETS[config.name]
    assert info.make is not None
    make, noise = info.make, config.noise
    points, y = make(np.random.default_rng([config.seed, 0]), config.samples, noise)
    names = () if info.task == "regression" else tuple(f"class {k}" for k in range(int(y.max()) + 1))
    more: dict[str, Any] = {}
    if (curve := info.curve) is not None:
        more = dict(
            mean=np.array([curve.mean]), scale=np.array([curve.scale]), axis_labels=("x",), curve=curve
        )
    return _split(
        config, info.task, points, y, class_names=names, draw=partial(more_points, config.name, noise), **more
    )


def _drawn_dataset(config: DatasetConfig, text: str) -> Dataset:
    points, target, classes = drawing = read_drawn(text)
    if not classes and points.shape[1] == 2:
        return _split(config, "regression", points, target, drawing=drawing)
    if not classes:
        axis = CURVES["sine"]  # from 0 to 1
        line: dict[str, Any] = dict(
            mean=np.array([axis.mean]), scale=np.array([axis.scale]), axis_labels=("x",)
        )
        return _split(config, "regression", points, target, drawing=drawing, **line)
    names = tuple(f"class {k}" for k in range(classes))
    task = "binary" if classes == 2 else "multiclass"
    return _split(config, task, points, target, class_names=names, drawing=drawing)


def drawing_of(data: Dataset) -> Drawn:
    """The points of a data set to draw on: those of a drawing, else at most MOST_TAKEN, evenly chosen."""
    if data.drawing is not None:
        return data.drawing
    sets = data.sets()
    points, target = (np.concatenate([each[k] for each in sets]) for k in (1, 2))
    if len(points) > MOST_TAKEN:
        chosen = np.linspace(0, len(points) - 1, MOST_TAKEN).round().astype(int)
        points, target = points[chosen], target[chosen]
    return Drawn(points, target, len(data.class_names))


def more_points(name: str, noise: float, rng: np.random.Generator, n: int) -> Made:
    """`n` points of a made data set. With its name and noise filled in it can be sent to another process."""
    make = DATASETS[name].make
    assert make is not None
    return make(rng, n, noise)


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
    train = _rows(config, task, y)["train"]
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


def _rows(config: DatasetConfig, task: str, y: np.ndarray) -> dict[str, np.ndarray]:
    """Per part, which rows (N,) are in it: drawn class by class so that each keeps its share; one of each class trains."""
    rng = np.random.default_rng([config.seed, 1])
    rows = {part: np.zeros(len(y), dtype=bool) for part in PARTS}
    groups = [np.arange(len(y))] if task == "regression" else [np.flatnonzero(y == k) for k in np.unique(y)]
    for group in groups:
        tests = min(round(config.test_fraction * len(group)), len(group) - 1)
        held_out = tests + min(round(config.validation_fraction * len(group)), len(group) - 1 - tests)
        order = rng.permutation(group)
        for part, chosen in zip(
            ("test", "validation", "train"), np.split(order, [tests, held_out]), strict=True
        ):
            rows[part][chosen] = True
    return rows


def _split(config: DatasetConfig, task: str, points: np.ndarray, y: np.ndarray, **more: Any) -> Dataset:
    y = y.astype(np.int64 if task == "multiclass" else np.float64)
    parts: dict[str, Any] = {}
    for part, rows in _rows(config, task, y).items():
        parts |= {f"P_{part}": points[rows], f"y_{part}": y[rows]}
    return Dataset(config.name, task, features=config.features, seed=config.seed, **parts, **more)
