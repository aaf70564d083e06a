"""A path over a picture of the loss, with the true loss at its points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.landscape.path_on_plane import PathOnPlane
from engine.shown import short_number
from pages.shared.figures.base import LossScale
from pages.shared.figures.packing import Array


@dataclass(frozen=True, eq=False)
class Drawn:
    """A path as it is drawn: its name, colour and mark, its places (T, 2) and, at rest, its true losses and updates.

    The large mark stands at its place number `at`: where the network is, or was.
    """

    name: str
    color: str
    symbol: str
    coordinates: Array
    truth: PathOnPlane | None = None
    steps: Array | None = None
    at: int = -1
    heights: Array | None = None  # losses to draw a path at in 3-D where its truth is not worked out


def points_trace(drawn: Drawn, scale: LossScale, colors: list[list[Any]], extent: float) -> dict[str, Any]:
    """A path's points, filled with the colour of their true loss; in a red ring where the picture misleads."""
    truth = drawn.truth
    assert truth is not None
    pick = apart(truth.coordinates, extent / 20)
    wrong = truth.misleading[pick]
    return dict(
        x=truth.coordinates[pick, 0], y=truth.coordinates[pick, 1], mode="markers", name=f"{drawn.name}: true loss",
        text=np.array(point_texts(drawn))[pick], hovertemplate="%{text}<extra></extra>",
        marker=dict(
            size=9, symbol=drawn.symbol, color=scale.of(truth.true[pick]), cmin=scale.low, cmax=scale.high,
            colorscale=colors, showscale=False,
            line=dict(color=["#ff3b30" if bad else "#ffffff" for bad in wrong], width=np.where(wrong, 1.6, 1)),
        ),
    )  # fmt: skip


def apart(coordinates: Array, distance: float) -> Array:
    """Places of a path that are at least `distance` from the one before, the last included: so that marks don't pile up."""
    kept = [len(coordinates) - 1]
    for k in range(len(coordinates) - 2, -1, -1):
        if np.hypot(*(coordinates[k] - coordinates[kept[-1]])) >= distance:
            kept.append(k)
    return np.array(kept[::-1])


def point_texts(drawn: Drawn) -> list[str]:
    truth, steps = drawn.truth, drawn.steps
    assert truth is not None
    numbers = range(1, len(truth.true) + 1) if steps is None else steps
    word = "point" if steps is None else "update"
    return [
        f"{drawn.name} · {word} {number:,}<br>true loss {short_number(true)} · the plane shows {short_number(shown)}<br>{short_number(away)} outside the plane"
        for number, true, shown, away in zip(numbers, truth.true, truth.shown, truth.distances, strict=True)
    ]  # fmt: skip
