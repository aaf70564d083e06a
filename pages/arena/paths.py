"""All lanes' paths in one plane, over the loss there, every marker in the colour of its true loss."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from engine.landscape.joint_plane import joint_plane, places
from engine.landscape.path_on_plane import MISLEADING, path_on_plane
from engine.landscape.plane import Plane, losses_at
from engine.landscape.window import Window, window
from engine.shown import short_number
from pages.arena.figures import PathDrawn, arrow_layout, marked, paths_figure
from pages.arena.slow_motion import SlowMotion
from pages.shared.figures import theme
from pages.shared.figures.base import FieldGrid, LossScale, figure_json
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.packing import Array, centres, packed, plain
from pages.shared.figures.slice import SliceFrame
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Part, Rest
from pages.shared.live.run import LanesRun

CELLS, REST_CELLS = 21, 61
REPLAN = 40  # frames after which the plane is fitted anew
CHECK = 8  # frames after which picture and truth are compared
ASPECT = 1.7  # width of the window over its height, about that of the card


class PathsCard(PlotCard):
    """The lanes that share the most common network and loss: only those have one loss surface together."""

    name, title = "paths", "Paths over the loss"
    alt = "The paths of all lanes' weights in the plane that holds most of their movement, over the training loss"

    def __init__(self, run: LanesRun, slow: SlowMotion) -> None:
        self.run, self.slow = run, slow
        self.plane: Plane | None = None
        self.window: Window | None = None
        self.explained = np.zeros(2)
        self.scale = LossScale(-2.0, 0.0)
        self.frames = 0
        self.warning = ""

    def lanes(self) -> list[int]:
        """The lanes that are shown."""
        run = self.run
        groups: dict[Hashable, list[int]] = {}
        for lane, rows in enumerate(run.rows_of):
            mlp = run.experiment.mlp(rows[0])
            groups.setdefault((mlp.layer_sizes, mlp.activations, mlp.loss_key), []).append(lane)
        return max(groups.values(), key=len)

    def row(self, lane: int) -> int:
        return self.run.rows_of[lane][0]

    def fit(self) -> None:
        """Plane, window and colours for the paths as they are now."""
        recorder = self.run.recorder
        paths = [recorder.path(self.row(lane)) for lane in self.lanes()]
        self.plane, self.explained = joint_plane(paths, previous=self.plane)
        self.window = window(places(self.plane, paths), self.window, ASPECT)
        self.frames = 0

    def slice(self, cells: int) -> FieldGrid:
        """Places along both axes, at the cells' centres, and the training loss there (cells, cells)."""
        assert self.plane is not None and self.window is not None
        left, right, bottom, top = self.window
        data, mlp = self.run.data, self.run.experiment.mlp(self.row(self.lanes()[0]))
        alphas, betas = centres(left, right, cells), centres(bottom, top, cells)
        loss = self.plane.loss(mlp, alphas, betas, data.X_train, data.y_train)
        self.widen(loss)
        return alphas, betas, loss

    def widen(self, loss: Array) -> None:
        """Colours for picture and paths together."""
        true = [self.run.recorder.losses(self.row(lane)) for lane in self.lanes()]
        self.scale = LossScale.fitting(np.concatenate([loss.ravel(), *true])) or self.scale

    def compare(self) -> None:
        """What the plane shows where the lanes are now, against their losses; `warning` names the worst."""
        run, lanes = self.run, self.lanes()
        assert self.plane is not None
        thetas = np.array([run.experiment.theta(self.row(lane)) for lane in lanes], np.float64)
        feet = self.plane.origin + self.plane.project(thetas)[0] @ np.stack([self.plane.d1, self.plane.d2])
        data, mlp = run.data, run.experiment.mlp(self.row(lanes[0]))
        shown = losses_at(mlp, feet, data.X_train, data.y_train)
        true = losses_at(mlp, thetas, data.X_train, data.y_train)
        with np.errstate(all="ignore"):
            error = np.abs(shown - true) / np.maximum(true, 1e-12)
        worst = int(np.argmax(np.where(np.isfinite(error), error, -1.0)))
        self.warning = ""
        if error[worst] > MISLEADING:
            look = run.looks[lanes[worst]]
            self.warning = f"⚠ projection: at {look.glyph} the plane shows {short_number(shown[worst], 2)}, the true loss is {short_number(true[worst], 2)}"

    def caption(self) -> str:
        lanes, run = self.lanes(), self.run
        parts = [self.warning] if self.warning else [self.share()]
        if len(lanes) < len(run.looks):
            parts.append(
                f"only {' '.join(run.looks[k].glyph for k in lanes)} {'are' if len(lanes) > 1 else 'is'} shown: the other lanes have another network"
            )
        if self.slow.factor:
            parts.append(f"arrows {short_number(self.slow.factor)}× their length")
        return " · ".join(parts)

    def share(self) -> str:
        """How much of the paths the plane shows."""
        if self.run.experiment.updates == 0:
            return "paths appear when training starts"
        return f"this plane shows {100 * self.explained.sum():.0f} % of the variance of the paths"

    def begin(self) -> None:
        """Fit the plane, before anything is drawn."""
        if self.plane is None:
            self.fit()
            self.slice(CELLS)

    def coordinates(self, lane: int) -> Array:
        assert self.plane is not None
        return self.plane.project(self.run.recorder.path(self.row(lane)))[0]

    # --- the card -------------------------------------------------------------------------------------------

    def revision(self) -> str:
        run = self.run
        return f"{run.view.generation}-{run.view.dark}-{run.look_revision}"

    def about(self) -> dict[str, Any]:
        lanes = [self.run.looks[lane].key for lane in self.lanes() for _ in range(2)]
        palette = packed(theme.ramp(theme.sequential(self.run.view.dark), 256))
        return dict(palette=palette, streams=list(range(len(lanes))), lanes=[*lanes, None, None])

    def figure(self, grid: FieldGrid | None = None) -> Drawing:
        run = self.run
        self.begin()
        assert self.plane is not None
        paths = [self.drawn(lane, self.plane, grid is not None) for lane in self.lanes()]
        arrows = self.slow.arrows(self.plane, self.frame_of(), self.lanes())
        return paths_figure(paths, self.frame_of(), self.scale, run.view.dark, grid, arrows)

    def frame_of(self) -> SliceFrame:
        """Where the window lies, and what its axes show."""
        assert self.window is not None
        left, right, bottom, top = self.window
        first, second = (
            f"direction {k}: {100 * share:.0f} % of the movement" for k, share in enumerate(self.explained, 1)
        )
        return SliceFrame((left, right), (bottom, top), (first, second))

    def drawn(self, lane: int, plane: Plane, exact: bool) -> PathDrawn:
        """A lane's path; what can be pointed at is worked out at rest."""
        run, row, look = self.run, self.row(lane), self.run.looks[lane]
        path, true = run.recorder.path(row), run.recorder.losses(row)
        coordinates = plane.project(path)[0]
        if not exact:
            return PathDrawn(look, coordinates, true)
        marks, mlp = marked(len(path)), run.experiment.mlp(row)
        found = path_on_plane(mlp, plane, path[marks], run.data.X_train, run.data.y_train)
        return PathDrawn(look, coordinates, true, found.shown, found.distances)

    def frame(self) -> Part:
        run, lanes = self.run, self.lanes()
        if self.plane is None:
            self.begin()
            self.frames = REPLAN  # so that the field is painted at once
        part: Part = {}
        self.frames += 1
        coordinates = [self.coordinates(lane) for lane in lanes]
        is_slow = run.view.marks_batches
        if self.frames >= REPLAN or (self.frames >= 4 and self.is_outside(coordinates)) or is_slow:
            before = (self.scale, self.window)
            self.fit()
            _, _, loss = self.slice(CELLS)
            self.compare()
            part["image"] = dict(data=packed(self.scale.bytes(loss)), width=CELLS, height=CELLS)
            coordinates = [self.coordinates(lane) for lane in lanes]
            if before != (self.scale, self.window):
                part["figure"] = figure_json(self.figure())
            elif is_slow:
                assert self.plane is not None
                part["layout"] = dict(
                    annotations=arrow_layout(self.slow.arrows(self.plane, self.frame_of(), lanes))
                )
        elif self.frames % CHECK == 0:
            self.compare()
        part["caption"] = self.caption()
        part["set"] = []
        for k, (lane, xy) in enumerate(zip(lanes, coordinates, strict=True)):
            marks = marked(len(xy))
            colors = self.scale.colors(run.recorder.losses(self.row(lane))[marks])
            xy = np.where(np.isfinite(xy), xy, np.nan)
            part["set"].append([2 * k, *map(plain, xy.T)])
            part["set"].append([2 * k + 1, *map(plain, xy[marks].T), colors])
        return part

    def is_outside(self, coordinates: list[Array]) -> bool:
        """Whether a path has left the window."""
        left, right, bottom, top = self.window or (0, 0, 0, 0)
        ends = [path[-1] for path in coordinates]
        return any(
            np.isfinite((x, y)).all() and not (left <= x <= right and bottom <= y <= top) for x, y in ends
        )

    def rest(self) -> Rest:
        self.fit()
        grid = self.slice(REST_CELLS)
        self.compare()
        image = packed(self.scale.bytes(grid[2]))
        return dict(
            figure=figure_json(self.figure(grid)), image=dict(data=image, width=REST_CELLS, height=REST_CELLS),
            caption=self.caption(),
        )  # fmt: skip
