"""The loss around one network, with its path: in the plane that holds the path, or along two random directions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.landscape.directions import random_directions
from engine.landscape.path_on_plane import PathOnPlane, path_on_plane
from engine.landscape.plane import Plane, axis
from pages.shared.cards.loss import evenly
from pages.shared.cards.path_plane import PathPlane
from pages.shared.figures import theme
from pages.shared.figures.base import FieldGrid, LossScale, figure_json
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.packing import Array, centres, packed, plain
from pages.shared.figures.path import Drawn, points_trace
from pages.shared.figures.slice import SliceFrame, slice_figure
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Image, Part, Rest
from pages.shared.live.recorder import PathRecorder
from pages.shared.live.view import View

SLICE_WORK = 60_000  # network evaluations that one coarse slice may cost
REST_CELLS = 51
REST_SECONDS = 0.03  # of work on the view at rest at a time
TRUTH_WORK = 200_000  # network evaluations that the true losses of a path may cost
ASPECT = 1.2  # width of the path's window over its height, about that of the card
EXTENT = 1.0  # of the random plane, each way
RANDOM = SliceFrame((-EXTENT, EXTENT), (-EXTENT, EXTENT), ("α (direction 1)", "β (direction 2)"))
COLOR = "#d55e00"


class SliceCard(PlotCard):
    """The plane of the path: its two principal directions, followed as it grows. `is_random`: two random filter-normalised
    directions through the weights as they are (Li et al. 2018), which hold hardly anything of the path.
    """

    name, title = "landscape", "Loss landscape"
    alt = "The training loss over a plane through the network's weights, with the path of training"

    def __init__(self, view: View, recorder: PathRecorder) -> None:
        self.view, self.recorder = view, recorder
        self.is_random = False
        self.on = PathPlane(ASPECT)
        self.scale = LossScale(-1.0, 0.0)  # of the random plane
        self.plane: Plane | None = None  # the random one
        self.frames_left = 0
        self.truth: PathOnPlane | None = None  # of the path at rest
        self.checked = np.zeros(1, int)  # the path's points that it looks at
        self.work: Iterator[Rest] | None = None  # what is left to do of the view at rest

    # --- the plane ------------------------------------------------------------------------------------------

    def cells(self) -> int:
        """Of a coarse slice's side, so that it costs about SLICE_WORK."""
        return int(np.clip(np.sqrt(SLICE_WORK / len(self.view.data.X_train)), 9, 17)) | 1

    def through(self) -> Plane:
        """The random plane through the present weights, with the same directions, scaled to them."""
        experiment, config = self.view.experiment, self.view.experiment.config
        theta = experiment.theta(0)
        rng = np.random.default_rng([config.seed, 4])
        self.plane = Plane(theta, *random_directions(experiment.mlp(0), theta, rng, normalize="filter"))
        return self.plane

    def slice(self, cells: int) -> FieldGrid:
        """Places along both axes, at the cells' centres, and the training loss there, around the network as it is."""
        data, mlp = self.view.data, self.view.experiment.mlp(0)
        if not self.is_random:
            if self.on.plane is None or not self.view.is_replay:
                self.on.fit(self.recorder, [0])
            return self.on.slice(mlp, data, cells, self.recorder.losses(0))
        along = axis(EXTENT * (1 - 1 / cells), cells)
        loss = self.through().loss(mlp, along, along, data.X_train, data.y_train)
        self.scale = LossScale.fitting(loss) or self.scale
        return along, along, loss

    def place(self) -> tuple[Plane, LossScale, SliceFrame]:
        """The plane that is shown, its colours and its window; fitted if it is not yet."""
        if self.is_random:
            return self.plane or self.through(), self.scale, RANDOM
        if self.on.plane is None:
            self.slice(9)
        assert self.on.plane is not None
        has_moved = self.on.explained.sum() > 0
        first, second = (f": {share:.0%}" if has_moved else "" for share in self.on.explained)
        whole = " of the path's variance" if has_moved else ""
        titles = (f"direction 1{first}{whole}", f"direction 2{second}")  # there is less room beside the chart
        return self.on.plane, self.on.scale, self.on.frame(titles)

    def coordinates(self) -> Array:
        """The path in the plane, (T, 2)."""
        plane = self.place()[0]
        return (
            plane.project(self.recorder.path(0))[0]
            if self.is_random
            else self.on.coordinates(self.recorder, 0)
        )

    def choose(self, is_random: bool) -> None:
        """Show the other plane."""
        self.is_random, self.frames_left, self.truth = is_random, 0, None

    def warning(self) -> str:
        """How far the picture at rest can be trusted; nothing while it moves."""
        return "" if self.truth is None else self.truth.warning()

    # --- the card -------------------------------------------------------------------------------------------

    def revision(self) -> str:
        return f"{self.view.generation}-{self.view.dark}-{self.is_random}"

    def about(self) -> dict[str, Any]:
        palette = packed(theme.ramp(theme.sequential(self.view.dark), 256))
        switch = dict(
            text="random", title="Two random directions instead of the plane of the path", on=self.is_random
        )
        return dict(palette=palette, streams=[0, 1], switch=switch)

    def figure(self, grid: FieldGrid | None = None) -> Drawing:
        _, scale, frame = self.place()
        path, dark = self.coordinates(), self.view.dark
        figure = slice_figure(frame, path, scale, dark, grid)
        if grid is not None and self.truth is not None:
            drawn = Drawn("path", COLOR, "circle", path, self.truth, self.recorder.steps(0)[self.checked])
            colors = theme.colorscale(theme.sequential(dark))
            figure.add_scatter(**points_trace(drawn, scale, colors, (frame.y[1] - frame.y[0]) / 2))
        return figure

    def frame(self) -> Part:
        self.truth = self.work = None
        part = self.random_frame() if self.is_random else self.path_frame()
        part["caption"] = self.share()
        return part

    def share(self) -> str:
        """How much of the path the plane shows."""
        if self.is_random:
            return "two random directions"
        if self.view.experiment.lanes[0].updates == 0:
            return "press Play: the path appears"
        if not self.on.explained.any():
            return "the path has just begun"
        return f"{self.on.explained.sum():.0%} of the path's variance"

    def path_frame(self) -> Part:
        part, on = Part(), self.on
        if on.is_due(self.recorder, [0]):
            self.paint(part, (on.scale, on.window))
        start, x, y = on.tail(self.recorder, 0)
        part["tail"], part["set"] = [[0, start, x, y]], [[1, x[-1:], y[-1:]]]
        return part

    def random_frame(self) -> Part:
        part, self.frames_left = Part(), self.frames_left - 1
        if self.frames_left < 0:
            cells, work = self.cells(), len(self.view.data.X_train)
            self.frames_left = max(3, round(3 * cells * cells * work / SLICE_WORK)) << self.view.coarse
            self.paint(part, (self.scale, self.on.window))
        path = self.coordinates().round(4)
        part["set"] = [[0, *map(plain, path.T)], [1, *map(plain, path[-1:].T)]]
        return part

    def paint(self, part: Part, before: tuple[LossScale, tuple[float, float, float, float]]) -> None:
        """Add a new coarse picture to a part, and new axes if they have moved."""
        cells = self.cells()
        loss = self.slice(cells)[2]
        _, scale, _ = self.place()
        part["image"] = dict(data=packed(scale.bytes(loss)), width=cells, height=cells)
        if before != (scale, self.on.window):
            part["figure"] = figure_json(self.figure())

    def keep(self) -> Any:
        return self.on.keep()

    def show_kept(self, kept: Any) -> None:
        self.on.show(kept)
        self.frames_left, self.truth, self.work = 0, None, None
        self.plane = None

    # --- at rest --------------------------------------------------------------------------------------------

    def rest(self) -> Rest:
        self.frames_left = 0
        self.work = self.exact()
        return self.finer()

    def refine(self) -> Rest | None:
        return self.finer() if self.work is not None else None

    def finer(self) -> Rest:
        """A slice of the work, and what came of it: at first a coarse picture, with the last slice the exact one."""
        end = time.perf_counter() + REST_SECONDS
        part: Rest = {}
        for step in self.work or ():
            part = {**part, **step}
            if part["progress"] >= 1:
                self.work = None
                break
            if time.perf_counter() > end:
                break
        return part

    def exact(self) -> Iterator[Rest]:
        """The picture coarsely, then how far the exact one has come, then that, with the true losses of the path."""
        yield self.picture(self.slice(self.cells()), 0.0)
        data, mlp = self.view.data, self.view.experiment.mlp(0)
        plane, _, frame = self.place()
        alphas, betas = (centres(low, high, REST_CELLS) for low, high in (frame.x, frame.y))
        loss = np.empty((REST_CELLS, REST_CELLS), plane.origin.dtype)
        for k in range(REST_CELLS):
            loss[k] = plane.loss(mlp, alphas, betas[k : k + 1], data.X_train, data.y_train)[0]
            if k % 3 == 2:
                yield dict(progress=0.9 * k / REST_CELLS)
        path = self.recorder.path(0)
        self.checked = evenly(len(path), int(np.clip(TRUTH_WORK / len(data.X_train), 20, len(path))))
        self.truth = path_on_plane(mlp, plane, path[self.checked], self.view.experiment.X_train, data.y_train)
        yield self.picture((alphas, betas, loss), 1.0)

    def picture(self, grid: FieldGrid, progress: float) -> Rest:
        losses = [grid[2].ravel()] if self.is_random else [grid[2].ravel(), self.recorder.losses(0)]
        scale = LossScale.fitting(np.concatenate(losses))
        if scale is not None and self.is_random:
            self.scale = scale
        elif scale is not None:
            self.on.scale = scale
        caption = self.share()
        if self.truth is not None and len(self.truth.true) > 1:
            caption = f"{self.truth.explained:.0%} of the path's variance"
        image = Image(data=packed(self.place()[1].bytes(grid[2])), width=len(grid[0]), height=len(grid[1]))
        return dict(figure=figure_json(self.figure(grid)), image=image, caption=caption, progress=progress)
