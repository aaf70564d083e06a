"""The picture itself: coarse while training plays, exact and ever finer at rest, with the paths over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.landscape.line import barrier
from engine.landscape.path_on_plane import PathOnPlane, path_on_plane
from engine.landscape.plane import Refinement, axis
from pages.landscape import figures as draw
from pages.landscape.figures import Drawn, Scale
from pages.landscape.scene import line_places, losses_on_line
from pages.landscape.settings import LINES, PLANES
from pages.shared.figures import theme
from pages.shared.live.panel import figure_json
from pages.shared.live.view import packed, plain

if TYPE_CHECKING:
    from pages.landscape.run import SurfaceRun

WORK = 60_000  # network evaluations that one coarse picture may cost
SLICE_SECONDS = 0.1  # of work before anything else may come in between


class SurfaceChart:
    """The loss on a plane (contour, heatmap, surface) or along a line."""

    name = "surface"

    def __init__(self, run: SurfaceRun) -> None:
        self.run = run
        self.frames_left = 0
        self.scale = Scale(-1.0, 0.0, True)
        self.coarse: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None
        self.sent: tuple = ()  # what the axes and colours of the last figure in a frame were
        self.shown_cells = 0  # of the picture at rest
        self.truths: list[PathOnPlane] = []

    # --- what is seen ---------------------------------------------------------------------------------------

    @property
    def view(self) -> str:
        return self.run.settings.view

    @property
    def is_painted(self) -> bool:
        """Whether the live field is painted behind the plot, not drawn in it."""
        return self.view in ("contour", "heatmap")

    def lanes(self) -> list[int]:
        """The lanes whose paths are drawn: the other end's, where it tells something, and over it the own one's."""
        run = self.run
        other = run.settings.other
        if other is None or run.settings.plane not in ("path", "points") or other not in run.recorder.lanes:
            return [run.lane]
        same = run.experiment.mlp(other).parameter_count == run.theta.size
        return [other, run.lane] if same else [run.lane]

    @property
    def truth(self) -> PathOnPlane:
        """The own path's."""
        return self.truths[-1]

    def drawn(self, truths: list[PathOnPlane] | None = None) -> list[Drawn]:
        """The paths on the plane, with their true losses if those are known."""
        run, where = self.run, self.run.locate(live=True)
        result = []
        for k, lane in enumerate(self.lanes()):
            look = run.looks[lane]
            points = run.recorder.points(lane)
            at = run.moment if lane == run.lane and run.moment is not None else len(points) - 1
            if truths is None:
                xy = where.plane.project(np.array([theta for _, _, theta in points]))[0].round(5)
                result.append(Drawn(look.name, look.color, look.symbol, xy, at=at))
            else:
                steps = np.array([step for step, _, _ in points])
                result.append(
                    Drawn(look.name, look.color, look.symbol, truths[k].coordinates, truths[k], steps, at)
                )
        return result

    def spec(self) -> dict[str, Any]:
        run, settings = self.run, self.run.settings
        what = LINES[settings.line] if self.view == "line" else PLANES[settings.plane]
        seen = run.seen.name
        if self.coarse is None:
            self.draw_coarse()
        count = len(self.lanes())
        looks = tuple(run.looks[lane] for lane in self.lanes())
        revision = f"{run.view.generation}-{run.view.dark}-{settings}-{looks}-{seen}"
        return dict(
            name=self.name, kind="plotly", area="surface", title=f"{seen[0].upper()}{seen[1:]} · {what}",
            alt=f"The {seen} of the network: {what}", revision=revision, clicks=True, figure=self.figure,
            palette=theme.packed(theme.ramp(theme.sequential(run.view.dark), 256)) if self.is_painted else None,
            streams=list(range(2 * count)) if self.is_painted else [],
        )  # fmt: skip

    def figure(self):
        """The figure that frames are drawn into: without the field, where that is painted."""
        run, where = self.run, self.run.locate(live=True)
        if self.view == "line":
            assert self.coarse is not None
            t, _, loss = self.coarse
            return self.line(t, loss[0])
        if self.view == "surface":
            assert self.coarse is not None
            return draw.solid_figure(
                where.axes, self.scale, self.flat_paths(), run.view.dark, [("loss", *self.coarse)]
            )
        return draw.field_figure(run.extent(), where.axes, self.scale, self.drawn(), run.view.dark, self.view)

    def flat_paths(self) -> list[Drawn]:
        """The paths at the heights that training has recorded; exact ones come at rest."""
        return [
            Drawn(d.name, d.color, d.symbol, d.coordinates, heights=self.run.recorder.losses(lane), at=d.at)
            for lane, d in zip(self.lanes(), self.drawn(), strict=True)
        ]

    # --- while training -------------------------------------------------------------------------------------

    def draw_coarse(self) -> dict[str, Any]:
        """A coarse picture around where the network is now, as part of a frame."""
        run = self.run
        where, seen, mlp = run.locate(live=True), run.seen, run.experiment.mlp(run.lane)
        cells = int(np.clip(np.sqrt(WORK / len(seen.X)), 9, 17)) | 1
        self.frames_left = max(3 if self.is_painted else 6, round(3 * cells * cells * len(seen.X) / WORK))
        if self.view == "line":
            t = line_places(where, run.extent(), 8)
            self.coarse = t, np.zeros(1), losses_on_line(where, mlp, seen, t)[None]
            return dict(figure=figure_json(self.figure()))
        extent = run.extent()
        along = axis(extent * (1 - 1 / cells) if self.is_painted else extent, cells)
        loss = where.plane.loss(mlp, along, along, seen.X, seen.y, seen.l1, seen.l2)
        self.coarse = along, along, loss
        self.scale = draw.scale_for(loss, run.settings.log_loss)
        if self.view == "surface":
            return dict(figure=figure_json(self.figure()))
        part: dict[str, Any] = dict(
            image=dict(data=packed(self.scale.bytes(loss)), width=cells, height=cells)
        )
        if (now := (self.scale, extent, where.axes, len(self.lanes()))) != self.sent:
            self.sent = now
            part["figure"] = figure_json(self.figure())
        return part

    def frame(self) -> dict[str, Any]:
        part: dict[str, Any] = {}
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
        loss = self.run.experiment.history.train_loss[-1, self.run.lane]
        return part | dict(caption=f"train loss of the network {loss:.4g}")

    # --- at rest --------------------------------------------------------------------------------------------

    def rest(self) -> dict[str, Any]:
        self.frames_left = 0
        run = self.run
        where, seen, mlp = run.locate(), run.seen, run.experiment.mlp(run.lane)
        self.truths = [] if where.is_line else [
            path_on_plane(mlp, where.plane, run.recorder.path(lane), seen.X, seen.y, seen.l1, seen.l2) for lane in self.lanes()
        ]  # fmt: skip
        run.trust = self.truth.warning() if self.truths else ""
        return self.exact(self.show())

    def refine(self) -> dict[str, Any] | None:
        if not self.run.scene.unfinished:
            return None
        state = self.show()
        return dict(progress=state.progress) if state.loss.size == self.shown_cells else self.exact(state)

    def show(self, seconds: float = SLICE_SECONDS) -> Refinement:
        run = self.run
        return run.scene.show(
            run.locate(), run.experiment.mlp(run.lane), run.seen, run.extent(), run.settings.cells, seconds
        )

    def exact(self, state: Refinement) -> dict[str, Any]:
        """The picture as far as it is known, with its paths, and what can be said of it in a line."""
        run, where, dark = self.run, self.run.locate(), self.run.view.dark
        self.shown_cells = state.loss.size
        figure: Any
        if where.is_line:
            figure, caption = self.line(state.alphas, state.loss[0]), self.line_caption(state)
        else:
            self.scale = draw.scale_for(state.loss, run.settings.log_loss)
            paths = self.drawn(self.truths)
            if self.view == "surface":
                grids = [("loss", state.alphas, state.betas, state.loss)]
                figure = draw.solid_figure(where.axes, self.scale, paths, dark, grids)
            else:
                grid = (state.alphas, state.betas, state.loss)
                figure = draw.field_figure(
                    run.extent(), where.axes, self.scale, paths, dark, self.view, grid, labels=self.labels()
                )
            caption = f"loss here {self.truth.true[-1]:.4g}"
            if len(self.truth.true) > 1:
                caption += f" · holds {100 * self.truth.explained:.0f} % of the path's variance"
        return dict(figure=figure_json(figure), caption=caption, progress=state.progress)

    def labels(self) -> list[tuple[str, float, float]]:
        """Where the own path began and the other one ended, on planes that show both."""
        run = self.run
        if run.settings.plane not in ("path", "points") or len(self.truth.coordinates) < 3:
            return []
        ends = [("start", self.truth.coordinates[0])]
        if len(self.truths) > 1:
            ends.append((f"end of {run.looks[self.lanes()[0]].name}", self.truths[0].coordinates[-1]))
        return [(text, float(x), float(y)) for text, (x, y) in ends]

    def line(self, t: np.ndarray, loss: np.ndarray):
        where, settings = self.run.locate(live=True), self.run.settings
        return draw.line_figure(
            t, loss, where.axes[0], self.run.seen.name, settings.log_loss, self.run.view.dark, where.here,
            where.end is not None, self.barrier(t, loss) if settings.line == "lanes" and where.end is not None else None,
        )  # fmt: skip

    def barrier(self, t: np.ndarray, loss: np.ndarray) -> tuple[float, float]:
        """Height and place of the barrier between the two points that the line joins."""
        between = (t >= 0) & (t <= 1)
        return barrier(t[between], loss[between])

    def line_caption(self, state: Refinement) -> str:
        where, t, loss = self.run.locate(), state.alphas, state.loss[0]
        here = float(np.interp(where.here, t, loss))
        if where.end is None:
            return f"loss here {here:.4g}"
        ends = f"loss at 0: {np.interp(0, t, loss):.4g} · at 1: {np.interp(1, t, loss):.4g}"
        if self.run.settings.line != "lanes":
            return ends
        height, place = self.barrier(t, loss)
        return f"{ends} · " + (
            f"barrier {height:.4g} high, at {place:.2f}" if height > 1e-9 else "no barrier between them"
        )

    # --- a click --------------------------------------------------------------------------------------------

    def click(self, x: float, y: float) -> None:
        """A moment of the path, if its point was hit; else the network goes there."""
        run, where = self.run, self.run.locate()
        if self.truths:
            hit = np.flatnonzero((self.truth.coordinates == [x, y]).all(axis=1))
            if len(hit):
                last = len(self.truth.coordinates) - 1
                run.moment = None if hit[-1] == last else int(hit[-1])
                return
        reach = run.extent()
        x, y = (min(max(value, -reach), reach) for value in (x, y))
        if where.end is not None:
            start = where.plane.origin
            theta = (1 - start.dtype.type(x)) * start + start.dtype.type(x) * where.end
        else:
            theta = where.plane.points(np.array([x]), np.zeros(1) if where.is_line else np.array([y]))[0]
        run.move_to(theta)
