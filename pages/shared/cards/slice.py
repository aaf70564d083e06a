"""A slice of the loss around one network, with its path."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.landscape.directions import random_directions
from engine.landscape.plane import Plane, Refinement, axis
from engine.shown import short_number
from pages.shared.figures import theme
from pages.shared.figures.base import FieldGrid, LossScale, figure_json
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.packing import Array, packed, plain
from pages.shared.figures.slice import SliceFrame, slice_figure
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Part, Rest
from pages.shared.live.view import View

PATH_POINTS = 240
SLICE_WORK = 60_000  # network evaluations that one coarse slice may cost
REST_SLICE = 51
REST_SECONDS = 0.12  # of work on the view at rest at a time
EXTENT = 1.0
FRAME = SliceFrame((-EXTENT, EXTENT), (-EXTENT, EXTENT), ("α (direction 1)", "β (direction 2)"))


class SliceCard(PlotCard):
    """The loss along two random filter-normalised directions (Li et al. 2018) through the weights as they are."""

    name, title = "landscape", "Loss landscape"
    alt = "The training loss along two random directions through the current weights, with the path"

    def __init__(self, view: View) -> None:
        self.view = view
        self.path: deque[Array] = deque(maxlen=PATH_POINTS)
        self.path_step = -1
        self.scale = LossScale(-1.0, 0.0)
        self.frames_left = 0
        self.plane: Plane | None = None
        self.work: Iterator[Refinement] | None = None  # what is left to do of the view at rest

    def centre(self) -> Plane:
        """Put the plane through the present weights, with the same random directions, scaled to them."""
        experiment, config = self.view.experiment, self.view.experiment.config
        theta = experiment.theta(0)
        rng = np.random.default_rng([config.seed, 4])
        self.plane = Plane(theta, *random_directions(experiment.mlp(0), theta, rng, normalize="filter"))
        return self.plane

    def slice(self, cells: int) -> FieldGrid:
        """The plane's coordinates along each axis, 0 in the middle, and the training loss there (cells, cells)."""
        data, plane = self.view.data, self.plane or self.centre()
        along = axis(EXTENT * (1 - 1 / cells), cells)  # the centres of painted cells
        loss = plane.loss(self.view.experiment.mlp(0), along, along, data.X_train, data.y_train)
        self.scale = LossScale.fitting(loss) or self.scale
        return along, along, loss

    def coordinates(self) -> Array:
        """The path in the plane, (T, 2)."""
        return (self.plane or self.centre()).project(np.array(self.path))[0]

    def remember(self) -> None:
        step = self.view.experiment.updates
        if step < self.path_step:
            self.path.clear()
        if step != self.path_step or not self.path:
            self.path.append(self.view.experiment.theta(0))
        self.path_step = step

    def revision(self) -> str:
        return f"{self.view.generation}-{self.view.dark}"

    def about(self) -> dict[str, Any]:
        palette = packed(theme.ramp(theme.sequential(self.view.dark), 256))
        return dict(palette=palette, streams=[0, 1])

    def figure(self, grid: FieldGrid | None = None) -> Drawing:
        if self.plane is None or not self.path:
            self.remember()
            self.centre()
            self.slice(9)
        return slice_figure(FRAME, self.coordinates(), self.scale, self.view.dark, grid)

    def frame(self) -> Part:
        self.remember()
        part: Part = {}
        if self.frames_left <= 0 or self.plane is None:
            work = len(self.view.data.X_train)
            cells = int(np.clip(np.sqrt(SLICE_WORK / work), 9, 17)) | 1
            self.frames_left = max(3, round(3 * cells * cells * work / SLICE_WORK))
            self.centre()
            before = self.scale
            loss = self.slice(cells)[2]
            part["image"] = dict(data=packed(self.scale.bytes(loss)), width=cells, height=cells)
            part["caption"] = f"train loss at the centre {short_number(loss[cells // 2, cells // 2])}"
            if before != self.scale:
                part["figure"] = figure_json(self.figure())
        self.frames_left -= 1
        path = self.coordinates().round(4)
        part["set"] = [[0, *map(plain, path.T)], [1, *map(plain, path[-1:].T)]]
        return part

    def rest(self) -> Rest:
        self.remember()
        plane, data = self.centre(), self.view.data
        self.frames_left = 0
        extent = EXTENT * (1 - 1 / REST_SLICE)
        mlp = self.view.experiment.mlp(0)
        self.work = plane.refine(mlp, extent, REST_SLICE, data.X_train, data.y_train)
        return self.finer(first=True)

    def refine(self) -> Rest | None:
        return self.finer() if self.work is not None else None

    def finer(self, first: bool = False) -> Rest:
        """A slice of the work, and the finest whole grid that came of it, if one did; at first until there is one."""
        end = time.perf_counter() + REST_SECONDS
        grid: Refinement | None = None
        for state in self.work or ():
            grid = state if state.is_new else grid
            if state.progress >= 1:
                self.work = None
                break
            if time.perf_counter() > end and (grid is not None or not first):
                break
        part: Rest = dict(progress=state.progress)
        if grid is not None:
            self.scale = LossScale.fitting(grid.loss) or self.scale
            part["figure"] = figure_json(self.figure((grid.alphas, grid.betas, grid.loss)))
            middle = np.searchsorted(grid.alphas, 0.0)
            part["caption"] = f"train loss at the centre {short_number(grid.loss[middle, middle])}"
        return part
