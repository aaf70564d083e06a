"""All lanes' paths in one plane, over the loss there, every marker in the colour of its true loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.landscape.joint_plane import joint_plane, places
from engine.landscape.path_on_plane import MISLEADING, path_on_plane
from engine.landscape.plane import Plane, losses_at
from engine.landscape.window import Window, window
from engine.shown import short_number
from pages.shared.figures import theme
from pages.shared.figures.curves import marked, paths_figure
from pages.shared.live.panel import figure_json
from pages.shared.live.view import centres, loss_bytes, loss_range, packed, plain

if TYPE_CHECKING:
    from pages.arena.run import ArenaRun

CELLS, REST_CELLS = 21, 61
REPLAN = 40  # frames after which the plane is fitted anew
CHECK = 8  # frames after which picture and truth are compared
ASPECT = 1.7  # width of the window over its height, about that of the card


class PathsChart:
    """The lanes that share the most common network and loss: only those have one loss surface together."""

    name = "paths"

    def __init__(self, run: ArenaRun) -> None:
        self.run = run
        self.plane: Plane | None = None
        self.window: Window | None = None
        self.explained = np.zeros(2)
        self.low, self.high = -2.0, 0.0
        self.frames = 0
        self.warning = ""

    def lanes(self) -> list[int]:
        """The lanes that are shown."""
        run = self.run
        groups: dict[tuple, list[int]] = {}
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

    def slice(self, cells: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places along both axes, at the cells' centres, and the training loss there (cells, cells)."""
        assert self.plane is not None and self.window is not None
        left, right, bottom, top = self.window
        data, mlp = self.run.data, self.run.experiment.mlp(self.row(self.lanes()[0]))
        alphas, betas = centres(left, right, cells), centres(bottom, top, cells)
        loss = self.plane.loss(mlp, alphas, betas, data.X_train, data.y_train)
        self.widen(loss)
        return alphas, betas, loss

    def widen(self, loss: np.ndarray) -> None:
        """Colours for picture and paths together."""
        true = [self.run.recorder.losses(self.row(lane)) for lane in self.lanes()]
        self.low, self.high = loss_range(np.concatenate([loss.ravel(), *true])) or (self.low, self.high)

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
        if run.slow.factor:
            parts.append(f"arrows {run.slow.factor:.3g}× their length")
        return " · ".join(parts)

    def share(self) -> str:
        """How much of the paths the plane shows."""
        if self.run.experiment.updates == 0:
            return "paths appear when training starts"
        return f"this plane shows {100 * self.explained.sum():.0f} % of the variance of the paths"

    def begin(self) -> None:
        """Before anything is drawn."""
        if self.plane is None:
            self.fit()
            self.slice(CELLS)

    def coordinates(self, lane: int) -> np.ndarray:
        assert self.plane is not None
        return self.plane.project(self.run.recorder.path(self.row(lane)))[0]

    # --- the card -------------------------------------------------------------------------------------------

    def spec(self) -> dict[str, Any]:
        run, view = self.run, self.run.view
        self.begin()
        lanes = [run.looks[lane].key for lane in self.lanes() for _ in range(2)]
        return dict(
            name=self.name, kind="plotly", area="paths", title="Paths over the loss",
            alt="The paths of all lanes' weights in the plane that holds most of their movement, over the training loss",
            revision=f"{view.generation}-{view.dark}-{run.look_revision}",
            palette=theme.packed(theme.ramp(theme.sequential(view.dark), 256)), figure=self.figure,
            streams=list(range(len(lanes))), lanes=[*lanes, None, None], caption=self.caption(),
        )  # fmt: skip

    def figure(self, grid=None):
        run, plane = self.run, self.plane
        assert plane is not None and self.window is not None
        paths: list[tuple] = []
        for lane in self.lanes():
            recorder, row = run.recorder, self.row(lane)
            path, true = recorder.path(row), recorder.losses(row)
            if grid is None:  # what can be hovered over comes at rest
                paths.append((run.looks[lane], plane.project(path)[0], true, None, None))
            else:
                marks = marked(len(path))
                found = path_on_plane(
                    run.experiment.mlp(row), plane, path[marks], run.data.X_train, run.data.y_train
                )
                paths.append((run.looks[lane], plane.project(path)[0], true, found.shown, found.distances))
        titles = [
            f"direction {k}: {100 * share:.0f} % of the movement" for k, share in enumerate(self.explained, 1)
        ]
        left, right, bottom, top = self.window
        arrows = run.slow.arrows(plane, self.window, self.lanes())
        return paths_figure(
            paths, ((left, right), (bottom, top)), titles, run.view.dark, self.low, self.high, grid, arrows
        )  # fmt: skip

    def frame(self) -> dict[str, Any]:
        run, lanes = self.run, self.lanes()
        if self.plane is None:
            self.begin()
            self.frames = REPLAN  # so that the field is painted at once
        part: dict[str, Any] = {}
        self.frames += 1
        coordinates = [self.coordinates(lane) for lane in lanes]
        left, right, bottom, top = self.window or (0, 0, 0, 0)
        outside = any(
            np.isfinite(c[-1]).all() and not (left <= c[-1, 0] <= right and bottom <= c[-1, 1] <= top)
            for c in coordinates
        )
        is_slow = run.view.marks_batches
        if self.frames >= REPLAN or (outside and self.frames >= 4) or is_slow:
            before = (self.low, self.high)
            self.fit()
            _, _, loss = self.slice(CELLS)
            self.compare()
            part["image"] = dict(
                data=packed(loss_bytes(loss, self.low, self.high)), width=CELLS, height=CELLS
            )
            coordinates = [self.coordinates(lane) for lane in lanes]
            changed = (left, right, bottom, top) != self.window or before != (self.low, self.high)
            if changed or is_slow:
                part["figure"] = figure_json(self.figure())
        elif self.frames % CHECK == 0:
            self.compare()
        part["caption"] = self.caption()
        part["set"] = []
        for k, (lane, xy) in enumerate(zip(lanes, coordinates, strict=True)):
            marks = marked(len(xy))
            colors = self.colors(run.recorder.losses(self.row(lane))[marks])
            xy = np.where(np.isfinite(xy), xy, np.nan)
            part["set"].append([2 * k, *map(plain, xy.T)])
            part["set"].append([2 * k + 1, *map(plain, xy[marks].T), colors])
        return part

    def colors(self, losses: np.ndarray) -> list[float]:
        """Losses as places on the colour scale."""
        with np.errstate(all="ignore"):
            return np.nan_to_num(np.log10(losses), nan=self.high, posinf=self.high, neginf=self.low).tolist()

    def rest(self) -> dict[str, Any]:
        self.fit()
        grid = self.slice(REST_CELLS)
        self.compare()
        image = dict(
            data=packed(loss_bytes(grid[2], self.low, self.high)), width=REST_CELLS, height=REST_CELLS
        )
        return dict(figure=figure_json(self.figure(grid)), image=image, caption=self.caption())
