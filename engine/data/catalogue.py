"""The data sets that one can choose: their names, and how points of a plane or of a curve are made from a formula."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from engine.data.curves import CURVES, Curve

Made = tuple[np.ndarray, np.ndarray]  # points (N, inputs) and target (N,)
Maker = Callable[[np.random.Generator, int, float], Made]


@dataclass(frozen=True)
class DatasetInfo:
    """A data set to choose. `make(rng, n, noise)` gives points and target; tables have columns and labels instead. A
    `curve` has points with one input and not two.
    """

    key: str
    label: str
    task: str
    help: str
    make: Maker | None = None
    columns: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)  # label column -> task
    curve: Curve | None = None
    codes: tuple[str, ...] = ()  # labels of few whole numbers: classes, or values if `target` says so

    @property
    def inputs(self) -> int:
        """How many numbers a point has."""
        return 2 if self.curve is None else 1

    def task_for(self, label: str | None, target: str | None = None) -> str:
        """The task with this label column: "values" of a label with `codes` makes it regression."""
        if target == "values" and label in self.codes:
            return "regression"
        return self.labels.get(label or "", self.task)


def _classes(n: int, count: int) -> np.ndarray:
    return np.arange(n) * count // n


def _turned(radius: float | np.ndarray, angle: np.ndarray) -> np.ndarray:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _circles(rng: np.random.Generator, n: int, noise: float) -> Made:
    y = _classes(n, 2)
    radius = np.where(y == 1, rng.uniform(0, 0.9, n), rng.uniform(1.4, 2.2, n))
    return _turned(radius, rng.uniform(0, 2 * np.pi, n)) + noise * rng.standard_normal((n, 2)), y


def _xor(rng: np.random.Generator, n: int, noise: float) -> Made:
    points = rng.uniform(-2, 2, (n, 2))
    points += np.where(points > 0, 0.15, -0.15)
    y = (points[:, 0] * points[:, 1] >= 0).astype(int)
    return points + noise * rng.standard_normal((n, 2)), y


def _gaussians(rng: np.random.Generator, n: int, noise: float) -> Made:
    y = _classes(n, 2)
    return np.where(y == 1, 1.2, -1.2)[:, None] + (0.5 + noise) * rng.standard_normal((n, 2)), y


def _arms(count: int, turns: float) -> Maker:
    def make(rng: np.random.Generator, n: int, noise: float) -> Made:
        y = _classes(n, count)
        t = np.sqrt(rng.uniform(0.01, 1, n))  # even along the arm's area
        angle = turns * 2 * np.pi * t + 2 * np.pi * y / count + np.pi / 2
        return _turned(2.3 * t, angle) + 0.5 * noise * rng.standard_normal((n, 2)), y

    return make


def _moons(rng: np.random.Generator, n: int, noise: float) -> Made:
    y = _classes(n, 2)
    angle = rng.uniform(0, np.pi, n)
    points = np.where(y[:, None] == 1, _turned(1, angle), np.array([1.0, 0.5]) - _turned(1, angle))
    return 1.4 * (points - [0.5, 0.25]) + noise * rng.standard_normal((n, 2)), y


def _checkerboard(rng: np.random.Generator, n: int, noise: float) -> Made:
    points = rng.uniform(-2, 2, (n, 2))
    y = (np.floor(points).sum(axis=1).astype(int) % 2 == 0).astype(int)
    return points + 0.5 * noise * rng.standard_normal((n, 2)), y


def _blobs(rng: np.random.Generator, n: int, noise: float) -> Made:
    y = _classes(n, 4)
    centres = 1.5 * _turned(1, np.pi / 4 + np.pi / 2 * np.arange(4))
    return centres[y] + (0.3 + noise) * rng.standard_normal((n, 2)), y


def _plane(rng: np.random.Generator, n: int, noise: float) -> Made:
    points = rng.uniform(-2, 2, (n, 2))
    return points, (points @ [0.3, 0.2]) + noise * rng.standard_normal(n)


def _two_bumps(rng: np.random.Generator, n: int, noise: float) -> Made:
    points = rng.uniform(-2, 2, (n, 2))
    bump = [np.exp(-((points - c) ** 2).sum(axis=1)) for c in ([0.9, 0.9], [-0.9, -0.9])]
    return points, bump[0] - bump[1] + noise * rng.standard_normal(n)


def _curve(key: str) -> DatasetInfo:
    curve = CURVES[key]
    return DatasetInfo(key, curve.label, "regression", curve.help, curve.make, curve=curve)


_IRIS = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
_PENGUINS = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
_ALL = (
    DatasetInfo("circles", "Circles", "binary", "A disc inside a ring.", _circles),
    DatasetInfo("xor", "XOR", "binary", "Opposite quarters belong together: no straight line can part the classes.", _xor),
    DatasetInfo("gaussians", "Gaussians", "binary", "Two clouds: a straight line parts them.", _gaussians),
    DatasetInfo("spiral", "Two spirals", "binary", "Two arms wound round each other: hard.", _arms(2, 1.25)),
    DatasetInfo("moons", "Moons", "binary", "Two interlocking half circles.", _moons),
    DatasetInfo("checkerboard", "Checkerboard", "binary", "Sixteen squares: needs a wide network and time.", _checkerboard),
    DatasetInfo("three_spirals", "Three spirals", "multiclass", "Three arms, three classes.", _arms(3, 0.8)),
    DatasetInfo("blobs", "Four blobs", "multiclass", "Four clouds, four classes.", _blobs),
    DatasetInfo("plane", "Plane (regression)", "regression", "A value that rises evenly in one direction.", _plane),
    DatasetInfo("two_bumps", "Two bumps (regression)", "regression", "A hill and a hollow.", _two_bumps),
    *(_curve(key) for key in CURVES),
    DatasetInfo("iris", "Iris", "multiclass", "150 flowers of three species (Fisher 1936).", None, ("petal length (cm)", "petal width (cm)", *_IRIS[:2]), {"species": "multiclass"}),
    DatasetInfo("penguins", "Palmer penguins", "multiclass", "344 penguins (Horst, Hill and Gorman 2020).", None, _PENGUINS, {"species": "multiclass", "island": "multiclass", "sex": "binary", "body_mass_g": "regression", "year": "multiclass"}, codes=("year",)),
)  # fmt: skip
DATASETS: dict[str, DatasetInfo] = {info.key: info for info in _ALL}
