"""The plane that shows most of some paths: fitted as they grow, with its window and the colours of the loss on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine import MLP
from engine.data.load import Dataset
from engine.landscape.joint_plane import joint_plane, places
from engine.landscape.plane import Plane
from engine.landscape.window import Window, window
from pages.shared.figures.base import FieldGrid, LossScale
from pages.shared.figures.packing import Array, centres, plain
from pages.shared.figures.slice import SliceFrame
from pages.shared.live.recorder import PathRecorder, Point

SOONEST, LATEST = 4, 40  # frames after which the plane is fitted again: twice as many each time


@dataclass
class Feet:
    """The points of a path that were projected, their places in the plane, and how many of them the browser has."""

    points: list[Point]
    places: list[list[float]]
    sent: int


class PathPlane:
    """The principal plane of the recorder's paths of some rows; `aspect` is the window's width over its height."""

    def __init__(self, aspect: float) -> None:
        self.aspect = aspect
        self.plane: Plane | None = None
        self.window: Window = (-0.5 * aspect, 0.5 * aspect, -0.5, 0.5)
        self.explained = np.zeros(2)
        self.scale = LossScale(-2.0, 0.0)
        self.frames, self.patience = 0, SOONEST  # since the last fit, and until the next
        self._feet: dict[int, Feet] = {}  # by row

    def keep(self) -> tuple[Any, ...]:
        """What the next picture depends on; none of it is changed in place."""
        return (self.plane, self.window, self.explained, self.scale, self.frames, self.patience)

    def show(self, kept: tuple[Any, ...] | None) -> None:
        """Be as it was when this was kept, or as at first; the browser has nothing of it."""
        kept = PathPlane(self.aspect).keep() if kept is None else kept
        self.plane, self.window, self.explained, self.scale, self.frames, self.patience = kept
        self._feet.clear()

    def fit(self, recorder: PathRecorder, rows: Sequence[int], ahead: Sequence[Array] = ()) -> Plane:
        """Plane and window for the paths as they are now, as near as they can be to what they were; `ahead` are further
        weights (K, P) that they show.
        """
        paths = [*(recorder.path(row) for row in rows), *ahead]
        is_first = self.plane is None
        self.plane, self.explained = joint_plane(paths, previous=self.plane)
        self.window = window(places(self.plane, paths), None if is_first else self.window, self.aspect)
        self.frames, self.patience = 0, min(2 * self.patience, LATEST)
        self._feet.clear()
        return self.plane

    def cover(self, recorder: PathRecorder, rows: Sequence[int], ends: Sequence[Array]) -> None:
        """A window that shows the places `ends` (2,) in the plane as well."""
        paths = [self.coordinates(recorder, row) for row in rows]
        self.window = window([*paths, *ends], self.window, self.aspect)

    def slice(self, mlp: MLP, data: Dataset, cells: int, losses: Array) -> FieldGrid:
        """The training loss over the window, at the cells' centres; `losses` are the paths', for the colours."""
        assert self.plane is not None
        left, right, bottom, top = self.window
        alphas, betas = centres(left, right, cells), centres(bottom, top, cells)
        loss = self.plane.loss(mlp, alphas, betas, data.X_train, data.y_train)
        self.scale = LossScale.fitting(np.concatenate([loss.ravel(), losses])) or self.scale
        return alphas, betas, loss

    def coordinates(self, recorder: PathRecorder, row: int) -> Array:
        """A path in the plane (T, 2). Points that were projected before are not projected again."""
        return np.array(self._project(recorder, row).places)

    def tail(self, recorder: PathRecorder, row: int) -> tuple[int, list[float | None], list[float | None]]:
        """What of a path the browser lacks: from which point on, and x and y of all points from there."""
        feet = self._project(recorder, row)
        start, feet.sent = feet.sent, len(feet.points)
        if start == len(feet.points):
            return start, [], []
        x, y = np.array(feet.places[start:]).round(self.decimals).T
        return start, plain(x), plain(y)

    def _project(self, recorder: PathRecorder, row: int) -> Feet:
        assert self.plane is not None
        feet, points = self._feet.setdefault(row, Feet([], [], 0)), recorder.points(row)
        known = len(feet.points)  # only the last point moves, unless the recorder has thinned them
        if known and (known > len(points) or points[known - 1] is not feet.points[-1]):
            known -= 1
            if known == 0 or known > len(points) or points[known - 1] is not feet.points[known - 1]:
                known = 0
        if known < len(points):
            offsets = np.array([theta for _, _, theta in points[known:]], np.float64) - self.plane.origin
            new = offsets @ np.stack([self.plane.d1, self.plane.d2], axis=1)  # the directions are orthonormal
            feet.places[known:] = new.tolist()
        del feet.places[len(points) :]
        feet.points, feet.sent = points[:], min(feet.sent, known)
        return feet

    @property
    def decimals(self) -> int:
        """So many that nobody sees the rounding: a thousandth of the window."""
        return int(3 - np.floor(np.log10(self.window[3] - self.window[2])))

    def is_due(self, recorder: PathRecorder, rows: Sequence[int]) -> bool:
        """Whether the plane should be fitted again: after a while, or soon if a path has left the window."""
        self.frames += 1
        if self.plane is None or self.frames >= self.patience:
            return True
        left, right, bottom, top = self.window
        if self.frames < SOONEST:
            return False
        offsets = np.array([recorder.now[row][2] for row in rows], np.float64) - self.plane.origin
        x, y = offsets @ self.plane.d1, offsets @ self.plane.d2
        outside = (x < left) | (x > right) | (y < bottom) | (y > top)
        return bool((outside & np.isfinite(x) & np.isfinite(y)).any())

    def frame(self, titles: tuple[str, str]) -> SliceFrame:
        left, right, bottom, top = self.window
        return SliceFrame((left, right), (bottom, top), titles)
