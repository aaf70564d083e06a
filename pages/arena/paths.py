"""All lanes' paths in one plane, over the loss there, every marker in the colour of its true loss."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from engine.landscape.path_on_plane import PathOnPlane, path_on_plane
from engine.landscape.plane import losses_at
from engine.shown import short_number
from pages.arena.figures import Arrow, PathDrawn, marked, paths_figure
from pages.arena.slow_motion import SlowMotion
from pages.shared.cards.path_plane import PathPlane
from pages.shared.figures import theme
from pages.shared.figures.base import FieldGrid, figure_json
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.packing import Array, packed, plain
from pages.shared.figures.slice import SliceFrame
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Part, Rest
from pages.shared.live.run import LanesRun

CELLS, REST_CELLS = 21, 61
CHECK = 8  # frames after which picture and truth are compared
COVERS = 3  # longer arrows need a larger window, in which they are longer again: it hardly grows after that
ASPECT = 1.7  # width of the window over its height, about that of the card


class PathsCard(PlotCard):
    """The lanes that share the most common network and loss: only those have one loss surface together."""

    name, title = "paths", "Paths over the loss"
    alt = "The paths of all lanes' weights in the plane that holds most of their movement, over the training loss"

    def __init__(self, run: LanesRun, slow: SlowMotion) -> None:
        self.run, self.slow = run, slow
        self.on = PathPlane(ASPECT)
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

    def rows(self) -> list[int]:
        """The rows of the experiment that the lanes shown stand for."""
        return [self.row(lane) for lane in self.lanes()]

    def slice(self, cells: int) -> FieldGrid:
        """Places along both axes, at the cells' centres, and the training loss there (cells, cells)."""
        run, rows = self.run, self.rows()
        losses = np.concatenate([run.recorder.losses(row) for row in rows])
        return self.on.slice(run.experiment.mlp(rows[0]), run.data, cells, losses)

    def compare(self) -> None:
        """What the plane shows at the marked points of all paths, against the true losses; `warning` names the worst."""
        run, rows = self.run, self.rows()
        plane = self.on.plane
        assert plane is not None
        points = [
            (lane, point) for lane, row in zip(self.lanes(), rows, strict=True) for point in self.marked(row)
        ]
        thetas = np.array([theta for _, (_, _, theta) in points], np.float64)
        true = np.array([loss for _, (_, loss, _) in points])
        feet = plane.origin + (plane.project(thetas)[0] @ np.stack([plane.d1, plane.d2])).astype(
            plane.origin.dtype
        )
        shown = losses_at(run.experiment.mlp(rows[0]), feet, run.experiment.X_train, run.data.y_train)
        found = PathOnPlane(np.empty((len(true), 2)), np.zeros(len(true)), shown, true, 1.0)
        self.warning = ""
        if found.misleading.any():
            worst = int(np.argmax(np.where(found.misleading, found.error, -1.0)))
            lane, (step, _, _) = points[worst]
            where = f"{run.looks[lane].glyph} update {step:,}"
            self.warning = (
                f"⚠ projection: the plane misleads along the paths, most at {where}: it shows "
                f"{short_number(shown[worst], 2)}, the true loss is {short_number(true[worst], 2)}"
            )

    def marked(self, row: int) -> list[tuple[int, float, Array]]:
        """The marked points of a path."""
        points = self.run.recorder.points(row)
        return [points[k] for k in marked(len(points))]

    def caption(self) -> str:
        lanes, run = self.lanes(), self.run
        parts = [self.warning or self.share()]
        if self.slow.factor and not run.experiment.updates:
            parts = []
        if len(lanes) < len(run.looks):
            parts.append(
                f"only {' '.join(run.looks[k].glyph for k in lanes)} {'are' if len(lanes) > 1 else 'is'} shown: the other lanes have another network"
            )
        if self.slow.factor:
            times = short_number(self.slow.factor)
            parts.append("arrows at their true length" if times == "1" else f"arrows {times}× their length")
        return " · ".join(parts)

    def share(self) -> str:
        """How much of the paths the plane shows."""
        if self.run.experiment.updates == 0:
            return "paths appear when training starts"
        if not self.on.explained.any():
            return "the paths have just begun"
        return f"this plane shows {100 * self.on.explained.sum():.0f} % of the variance of the paths"

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
        if self.on.plane is None:
            self.fit()
        paths = [self.drawn(lane, grid is not None) for lane in self.lanes()]
        return paths_figure(paths, self.around(), self.on.scale, run.view.dark, grid, self.arrows())

    def fit(self) -> FieldGrid:
        """Plane, window and colours for the paths as they are now; the coarse picture."""
        self.fit_plane()
        return self.slice(CELLS)

    def fit_plane(self) -> None:
        """Plane and window for the paths and the arrows."""
        recorder, rows = self.run.recorder, self.rows()
        self.on.fit(recorder, rows, [] if self.run.experiment.updates else self.slow.ahead(self.lanes()))
        for _ in range(COVERS):
            self.on.cover(recorder, rows, [arrow.end for arrow in self.arrows()])

    def around(self) -> SliceFrame:
        """Where the window lies, and what its axes show."""
        has_moved = bool(self.on.explained.any()) and self.run.experiment.updates > 0
        first, second = (
            f"direction {k}" + f": {100 * share:.0f} % of the variance" * has_moved
            for k, share in enumerate(self.on.explained, 1)
        )
        return self.on.frame((first, second))

    def arrows(self) -> list[Arrow]:
        assert self.on.plane is not None
        return self.slow.arrows(self.on.plane, self.around(), self.lanes())

    def drawn(self, lane: int, exact: bool) -> PathDrawn:
        """A lane's path; what can be pointed at is worked out at rest."""
        run, row, look, plane = self.run, self.row(lane), self.run.looks[lane], self.on.plane
        assert plane is not None
        true, coordinates = run.recorder.losses(row), self.on.coordinates(run.recorder, row)
        if not exact:
            return PathDrawn(look, coordinates, true)
        path, mlp = run.recorder.path(row), run.experiment.mlp(row)
        marks = marked(len(path))
        found = path_on_plane(mlp, plane, path[marks], run.data.X_train, run.data.y_train)
        return PathDrawn(look, coordinates, true, found.shown, found.distances)

    def frame(self) -> Part:
        run, on, part = self.run, self.on, Part()
        is_slow = run.view.marks_batches
        if on.is_due(run.recorder, self.rows()) or is_slow:
            before = (on.scale, on.window)
            loss = self.fit()[2]
            self.compare()
            part["image"] = dict(data=packed(on.scale.bytes(loss)), width=CELLS, height=CELLS)
            if is_slow or before != (on.scale, on.window):
                part["figure"] = figure_json(self.figure())
        elif on.frames % CHECK == 0:
            self.compare()
        part["caption"] = self.caption()
        part["tail"], part["set"] = [], []
        for k, row in enumerate(self.rows()):
            part["tail"].append([2 * k, *on.tail(run.recorder, row)])
            if on.frames % CHECK == 0:
                part["set"].append([2 * k + 1, *self.marks(row)])
        return part

    def marks(self, row: int) -> list[list[float | None] | list[float]]:
        """x, y and colours of a path's marked points."""
        xy = self.on.coordinates(self.run.recorder, row)
        marks = marked(len(xy))
        x, y = np.where(np.isfinite(xy[marks]), xy[marks], np.nan).round(self.on.decimals).T
        colors = np.round(self.on.scale.colors(self.run.recorder.losses(row)[marks]), 3).tolist()
        return [plain(x), plain(y), colors]

    def keep(self) -> Any:
        return self.on.keep()

    def show_kept(self, kept: Any) -> None:
        self.on.show(kept)

    def rest(self) -> Rest:
        if self.on.plane is None or not self.run.view.is_replay:
            self.fit_plane()
        grid = self.slice(REST_CELLS)
        self.compare()
        image = packed(self.on.scale.bytes(grid[2]))
        return dict(
            figure=figure_json(self.figure(grid)), image=dict(data=image, width=REST_CELLS, height=REST_CELLS),
            caption=self.caption(),
        )  # fmt: skip
