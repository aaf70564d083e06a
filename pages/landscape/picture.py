"""The picture itself: coarse while training plays, exact and ever finer at rest, with the paths over it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from engine.landscape.line import barrier
from engine.landscape.path_on_plane import PathOnPlane, path_on_plane
from engine.landscape.plane import Refinement, axis
from engine.shown import short_number
from pages.landscape import figures as draw
from pages.landscape.figures import Place, Surface
from pages.landscape.model import SurfaceModel
from pages.landscape.scene import line_places, losses_on_line
from pages.landscape.settings import LINES, PLANES
from pages.shared.figures import theme
from pages.shared.figures.base import FieldGrid, LossScale, figure_json
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.packing import Array, packed, plain
from pages.shared.figures.path import Drawn
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Part, Rest

WORK = 60_000  # network evaluations that one coarse picture may cost
SLICE_SECONDS = 0.04  # of work before anything else may come in between


class SurfaceCard(PlotCard):
    """The loss on a plane (contour, heatmap, surface) or along a line."""

    name = "surface"

    def __init__(self, model: SurfaceModel) -> None:
        self.model = model
        self.frames_left = 0
        self.scale = LossScale(-1.0, 0.0)
        self.coarse: FieldGrid | None = None
        self.sent: Hashable = ()  # what the axes and colours of the last figure in a frame were
        self.shown_cells = 0  # of the picture at rest
        self.truths: list[PathOnPlane] = []

    # --- what is seen ---------------------------------------------------------------------------------------

    @property
    def view(self) -> str:
        return self.model.settings.view

    @property
    def is_painted(self) -> bool:
        """Whether the live field is painted behind the plot, not drawn in it."""
        return self.view in ("contour", "heatmap")

    def lanes(self) -> list[int]:
        """The lanes whose paths are drawn: the other end's, where it tells something, and over it the own one's."""
        model = self.model
        other = model.settings.other
        if (
            other is None
            or model.settings.plane not in ("path", "points")
            or other not in model.recorder.lanes
        ):
            return [model.lane]
        same = model.experiment.mlp(other).parameter_count == model.theta.size
        return [other, model.lane] if same else [model.lane]

    @property
    def truth(self) -> PathOnPlane:
        """The own path's."""
        return self.truths[-1]

    def drawn(self, truths: list[PathOnPlane] | None = None) -> list[Drawn]:
        """The paths on the plane, with their true losses if those are known."""
        model, where = self.model, self.model.locate(live=True)
        result = []
        for k, lane in enumerate(self.lanes()):
            look = model.looks[lane]
            points = model.recorder.points(lane)
            at = model.at if lane == model.lane and model.at is not None else len(points) - 1
            if truths is None:
                xy = where.plane.project(np.array([theta for _, _, theta in points]))[0].round(5)
                result.append(Drawn(look.said, look.color, look.symbol, xy, at=at))
            else:
                steps = np.array([step for step, _, _ in points])
                result.append(
                    Drawn(look.said, look.color, look.symbol, truths[k].coordinates, truths[k], steps, at)
                )
        return result

    @property
    def title(self) -> str:  # type: ignore[override]
        seen = self.model.seen.name
        return f"{seen[0].upper()}{seen[1:]} · {self.what}"

    @property
    def alt(self) -> str:  # type: ignore[override]
        return f"The {self.model.seen.name} of the network: {self.what}"

    @property
    def what(self) -> str:
        settings = self.model.settings
        return LINES[settings.line] if self.view == "line" else PLANES[settings.plane]

    def revision(self) -> str:
        model = self.model
        looks = tuple(model.looks[lane] for lane in self.lanes())
        return f"{model.generation}-{model.view.dark}-{model.settings}-{looks}-{model.seen.name}"

    def about(self) -> dict[str, Any]:
        streams = list(range(2 * len(self.lanes()))) if self.is_painted else []
        palette = packed(theme.ramp(theme.sequential(self.model.view.dark), 256)) if self.is_painted else None
        return dict(clicks=True, palette=palette, streams=streams)

    def scale_for(self, loss: Array) -> LossScale:
        log = self.model.log_loss
        return LossScale.fitting(loss, log) or LossScale(0.0, 1.0, log)

    def figure(self) -> Drawing:
        """The figure that frames are drawn into: without the field, where that is painted."""
        if self.coarse is None:
            self.slice_coarsely()
        model, where = self.model, self.model.locate(live=True)
        if self.view == "line":
            assert self.coarse is not None
            t, _, loss = self.coarse
            return self.line(t, loss[0])
        if self.view == "surface":
            assert self.coarse is not None
            return draw.solid_figure(
                where.axes, self.scale, self.flat_paths(), model.view.dark, [Surface("loss", *self.coarse)]
            )
        return draw.field_figure(
            model.extent(), where.axes, self.scale, self.drawn(), model.view.dark, self.view
        )

    def flat_paths(self) -> list[Drawn]:
        """The paths at the heights that training has recorded; exact ones come at rest."""
        return [
            Drawn(d.name, d.color, d.symbol, d.coordinates, heights=self.model.recorder.losses(lane), at=d.at)
            for lane, d in zip(self.lanes(), self.drawn(), strict=True)
        ]

    # --- while training -------------------------------------------------------------------------------------

    def slice_coarsely(self) -> FieldGrid:
        """A coarse picture around where the network is now."""
        model = self.model
        where, seen, mlp = model.locate(live=True), model.seen, model.drawn
        cells = int(np.clip(np.sqrt(WORK / len(seen.X)), 9, 17)) | 1
        self.frames_left = max(3 if self.is_painted else 6, round(3 * cells * cells * len(seen.X) / WORK))
        if self.view == "line":
            t = line_places(where, model.extent(), 8)
            self.coarse = t, np.zeros(1), losses_on_line(where, mlp, seen, t)[None]
            return self.coarse
        extent = model.extent()
        along = axis(extent * (1 - 1 / cells) if self.is_painted else extent, cells)
        loss = where.plane.loss(mlp, along, along, seen.X, seen.y, **seen.penalties)
        self.coarse = along, along, loss
        self.scale = self.scale_for(loss)
        return self.coarse

    def draw_coarse(self) -> Part:
        """A new coarse picture as part of a frame."""
        model = self.model
        along, _, loss = self.slice_coarsely()
        if not self.is_painted:
            return dict(figure=figure_json(self.figure()))
        cells = len(along)
        part: Part = dict(image=dict(data=packed(self.scale.bytes(loss)), width=cells, height=cells))
        where, extent = model.locate(live=True), model.extent()
        if (now := (self.scale, extent, where.axes, len(self.lanes()))) != self.sent:
            self.sent = now
            part["figure"] = figure_json(self.figure())
        return part

    def frame(self) -> Part:
        part: Part = {}
        self.frames_left -= 1
        if self.frames_left <= 0 or self.coarse is None:
            part = self.draw_coarse()
        if self.is_painted:
            paths = self.drawn()
            lines = [[k, *map(plain, path.coordinates.T)] for k, path in enumerate(paths)]
            ends = [
                [len(paths) + k, *map(plain, path.coordinates[[path.at]].T)] for k, path in enumerate(paths)
            ]
            part["set"] = lines + ends
        loss = self.model.experiment.history.train_loss[-1, self.model.lane]
        part["caption"] = f"train loss of the network {short_number(loss)}"
        return part

    def show_kept(self, kept: Any) -> None:
        self.frames_left, self.sent, self.coarse = 0, (), None

    # --- at rest --------------------------------------------------------------------------------------------

    def rest(self) -> Rest:
        self.frames_left = 0
        model = self.model
        where, seen, mlp = model.locate(), model.seen, model.drawn
        self.truths = [] if where.is_line else [
            path_on_plane(mlp, where.plane, model.recorder.path(lane), seen.X, seen.y, **seen.penalties) for lane in self.lanes()
        ]  # fmt: skip
        model.trust = self.truth.warning() if self.truths else ""
        return self.exact(self.show())

    def refine(self) -> Rest | None:
        if not self.model.scene.unfinished:
            return None
        state = self.show()
        return dict(progress=state.progress) if state.loss.size == self.shown_cells else self.exact(state)

    def show(self, seconds: float = SLICE_SECONDS) -> Refinement:
        model = self.model
        return model.scene.show(
            model.locate(),
            model.drawn,
            model.seen,
            model.extent(),
            model.settings.cells,
            seconds,
        )

    def exact(self, state: Refinement) -> Rest:
        """The picture as far as it is known, with its paths, and what can be said of it in a line."""
        model, where, dark = self.model, self.model.locate(), self.model.view.dark
        self.shown_cells = state.loss.size
        figure: Drawing
        if where.is_line:
            figure, caption = self.line(state.alphas, state.loss[0]), self.line_caption(state)
        else:
            self.scale = self.scale_for(state.loss)
            paths = self.drawn(self.truths)
            if self.view == "surface":
                grids = [Surface("loss", state.alphas, state.betas, state.loss)]
                figure = draw.solid_figure(where.axes, self.scale, paths, dark, grids)
            else:
                grid = (state.alphas, state.betas, state.loss)
                figure = draw.field_figure(
                    model.extent(), where.axes, self.scale, paths, dark, self.view, grid, labels=self.labels()
                )
            caption = f"loss here {short_number(self.truth.true[-1])}"
            if len(self.truth.true) > 1:
                caption += f" · holds {100 * self.truth.explained:.0f} % of the path's variance"
        return dict(figure=figure_json(figure), caption=caption, progress=state.progress)

    def labels(self) -> list[Place]:
        """Where the own path began and the other one ended, on planes that show both."""
        model = self.model
        if model.settings.plane not in ("path", "points") or len(self.truth.coordinates) < 3:
            return []
        ends = [("start", self.truth.coordinates[0])]
        if len(self.truths) > 1:
            ends.append((f"end of {model.looks[self.lanes()[0]].name}", self.truths[0].coordinates[-1]))
        return [Place(text, float(x), float(y)) for text, (x, y) in ends]

    def line(self, t: Array, loss: Array) -> Drawing:
        where, settings = self.model.locate(live=True), self.model.settings
        return draw.line_figure(
            t, loss, where.axes[0], self.model.seen.name, self.model.log_loss, self.model.view.dark, where.here,
            where.end is not None, self.barrier(t, loss) if settings.line == "lanes" and where.end is not None else None,
        )  # fmt: skip

    def barrier(self, t: Array, loss: Array) -> tuple[float, float]:
        """Height and place of the barrier between the two points that the line joins."""
        between = (t >= 0) & (t <= 1)
        return barrier(t[between], loss[between])

    def line_caption(self, state: Refinement) -> str:
        where, t, loss = self.model.locate(), state.alphas, state.loss[0]
        here = float(np.interp(where.here, t, loss))
        if where.end is None:
            return f"loss here {short_number(here)}"
        ends = (
            f"loss at 0: {short_number(np.interp(0, t, loss))} · at 1: {short_number(np.interp(1, t, loss))}"
        )
        if self.model.settings.line != "lanes":
            return ends
        height, place = self.barrier(t, loss)
        return f"{ends} · " + (
            f"barrier {short_number(height)} high, at {place:.2f}"
            if height > 1e-9
            else "no barrier between them"
        )

    # --- a click --------------------------------------------------------------------------------------------

    def hit(self, x: float, y: float) -> Array | None:
        """A click: a moment of the path, if its point was hit; else the weights at that place."""
        model, where = self.model, self.model.locate()
        if self.truths:
            found = np.flatnonzero((self.truth.coordinates == [x, y]).all(axis=1))
            if len(found):
                last = len(self.truth.coordinates) - 1
                model.at = None if found[-1] == last else int(found[-1])
                return None
        reach = model.extent()
        x, y = (min(max(value, -reach), reach) for value in (x, y))
        if where.end is not None:
            start = where.plane.origin
            return np.asarray((1 - start.dtype.type(x)) * start + start.dtype.type(x) * where.end)
        return np.asarray(
            where.plane.points(np.array([x]), np.zeros(1) if where.is_line else np.array([y]))[0]
        )
