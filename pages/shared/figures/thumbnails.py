"""Data sets as small pictures, to choose one by its shape."""

from __future__ import annotations

from functools import cache

import numpy as np

from engine import DATASETS, DatasetConfig
from engine.data.load import load_dataset
from pages.shared.figures.theme import CLASS_COLORS, NEGATIVE, POSITIVE, ramp

POINTS = 200
SIDE, MARGIN, RADIUS = 48, 4, 1.7


@cache
def thumbnail(key: str) -> str:
    """Training points of the data set `key` as SVG, coloured by class or by value; KeyError for another key."""
    data = load_dataset(DatasetConfig(DATASETS[key].key, samples=POINTS, noise=0.05))
    low, high = np.array([data.x_range, data.y_range]).T
    standing = data.X_train[:, :2] if data.inputs == 2 else data.places(data.P_train, data.y_train)
    if data.inputs == 1:
        low, high = standing.min(axis=0), standing.max(axis=0)
    places = MARGIN + (SIDE - 2 * MARGIN) * (standing - low) / (high - low)
    dots = [
        f'<circle cx="{x:.1f}" cy="{SIDE - y:.1f}" r="{RADIUS}" fill="{color}"/>'
        for (x, y), color in zip(places, colors(data.y_train, data.task), strict=True)
    ]
    size = f'width="{SIDE}" height="{SIDE}" viewBox="0 0 {SIDE} {SIDE}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(dots)}</svg>'


def colors(target: np.ndarray, task: str) -> list[str]:
    """One colour a point: that of its class, or from orange (low) to blue (high)."""
    if task != "regression":
        return [CLASS_COLORS[int(label)] for label in target]
    shades = ramp([NEGATIVE, "#b9b9b9", POSITIVE], 64)
    share = (target - target.min()) / np.ptp(target)
    return ["#{:02x}{:02x}{:02x}".format(*shades[int(63 * value)]) for value in share.ravel()]
