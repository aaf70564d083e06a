"""Input features: what the network is shown of a point of the plane, or of a line, as in TensorFlow Playground."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Feature:
    """One function of the standardised coordinates (x₁, x₂), elementwise on arrays. `code` is its text in exported
    programs, with `{lib}` for NumPy or PyTorch; `inputs`: how many coordinates a point must have.
    """

    key: str
    label: str
    value: Callable[[np.ndarray, np.ndarray], np.ndarray]
    code: str
    inputs: int = 2


_ALL = (
    Feature("x1", "x₁", lambda a, b: a, "x1", 1),
    Feature("x2", "x₂", lambda a, b: b, "x2"),
    Feature("x1_squared", "x₁²", lambda a, b: a * a, "x1 * x1", 1),
    Feature("x2_squared", "x₂²", lambda a, b: b * b, "x2 * x2"),
    Feature("x1_x2", "x₁x₂", lambda a, b: a * b, "x1 * x2"),
    Feature("sin_x1", "sin x₁", lambda a, b: np.sin(a), "{lib}.sin(x1)", 1),
    Feature("sin_x2", "sin x₂", lambda a, b: np.sin(b), "{lib}.sin(x2)"),
)
FEATURES: dict[str, Feature] = {feature.key: feature for feature in _ALL}


def map_features(points: np.ndarray, keys: tuple[str, ...]) -> np.ndarray:
    """Points (M, 1 or 2) as network inputs (M, len(keys))."""
    first, last = points[:, 0], points[:, -1]
    return np.stack([FEATURES[key].value(first, last) for key in keys], axis=1)


def features_for(inputs: int) -> tuple[str, ...]:
    """The features of points with so many coordinates."""
    return tuple(key for key, feature in FEATURES.items() if feature.inputs <= inputs)
