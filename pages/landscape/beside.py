"""The small cards beside the picture: the boundary at a moment, the spectrum, the curvature map, the weights."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.landscape.curvature import curvature_at
from engine.landscape.plane import axis
from pages.landscape import figures as draw
from pages.landscape.scene import two_weights
from pages.shared.cards.charts import BoundaryChart, NetworkChart
from pages.shared.live.panel import figure_json

if TYPE_CHECKING:
    from pages.landscape.run import SurfaceRun

SMALL_NETWORK = 500  # parameters up to which the curvature map has its full grid
WORK_SECONDS = 0.08  # of work before anything else may come in between


class MomentBoundary(BoundaryChart):
    """The boundary of the network as it is, or as it was at the chosen moment of its path."""

    def __init__(self, run: SurfaceRun) -> None:
        super().__init__(run.view, run.lane)
        self.run = run

    def live_outputs(self) -> np.ndarray:
        if self.run.moment is None:
            return super().live_outputs()
        return self.exact_outputs(self.view.data.map_features(self.view.grid))

    def exact_outputs(self, inputs: np.ndarray) -> np.ndarray:
        return self.view.experiment.mlp(self.lane).predict(self.run.shown_theta()[None], inputs)[0]

    def scrub(self) -> dict[str, Any]:
        """The slider through the path's moments."""
        run = self.run
        points = run.recorder.points(run.lane)
        at = len(points) - 1 if run.moment is None else run.moment
        step, loss, _ = points[at]
        text = f"update {step:,} · train loss {loss:.3g}" + (" (now)" if run.moment is None else "")
        return dict(label="Moment of the path", count=len(points), at=at, text=text)

    def frame(self) -> dict[str, Any]:
        return super().frame() | dict(scrub=self.scrub())

    def rest(self) -> dict[str, Any]:
        return super().rest() | dict(scrub=self.scrub())


class SpectrumChart:
    """The largest eigenvalues of the Hessian here, and the smallest: what kind of point this is."""

    name = "spectrum"

    def __init__(self, run: SurfaceRun) -> None:
        self.run, self.slices = run, 0

    def spec(self) -> dict[str, Any]:
        view = self.run.view
        return dict(
            name=self.name, kind="plotly", area="spectrum", title="Curvature here",
            alt="The largest eigenvalues of the Hessian at this point, and the smallest",
            revision=f"{view.generation}-{view.dark}", figure=self.figure,
        )  # fmt: skip

    def figure(self):
        point = self.run.point()
        if point is None:
            return draw.spectrum_figure(np.empty(0), None, self.run.view.dark)
        return draw.spectrum_figure(point.spectrum, point.lowest, self.run.view.dark)

    def frame(self) -> None:
        return None

    def rest(self) -> dict[str, Any]:
        point = self.run.point()
        if point is None:
            return dict(
                figure=figure_json(self.figure()),
                title="Curvature here",
                caption="working it out …",
                progress=0.0,
            )
        caption = f"λmax {point.highest:.3g} · λmin {point.lowest:.3g} · |λmin/λmax| {point.ratio:.2g}"
        return dict(figure=figure_json(self.figure()), title=f"{self.when()}: {point.title}", caption=caption)

    def when(self) -> str:
        run = self.run
        return (
            "Curvature here"
            if run.moment is None
            else f"At update {run.recorder.points(run.lane)[run.moment][0]:,}"
        )

    def refine(self) -> dict[str, Any] | None:
        if self.run.point() is not None:
            return None
        self.slices += 1
        if self.run.examine_point(WORK_SECONDS) is None:
            return dict(progress=self.slices / (self.slices + 4))
        self.slices = 0
        return self.rest()


class CurvatureChart:
    """λmin/|λmax| over a coarse grid of the picture's plane: convex or not, whatever the picture looks like."""

    name = "curvature"

    def __init__(self, run: SurfaceRun) -> None:
        self.run = run
        self.key = b""
        self.low = self.high = self.places = np.empty(0)
        self.left: list[tuple[int, int]] = []  # cells that are not known yet, the middle first
        self.batch = 1  # cells at once: as many as a slice of work allows

    def spec(self) -> dict[str, Any]:
        view = self.run.view
        return dict(
            name=self.name, kind="plotly", area="curvature", title="Convex or not?",
            alt="The ratio of the smallest to the largest eigenvalue of the Hessian over the picture's plane",
            revision=f"{view.generation}-{view.dark}", figure=self.figure,
        )  # fmt: skip

    def start(self) -> None:
        """Begin anew where the plane, its extent or the data are others."""
        where, seen = self.run.locate(), self.run.seen
        digest = hashlib.blake2b(digest_size=16)
        for row in (where.plane.origin, where.plane.d1, where.plane.d2, seen.X):
            digest.update(np.ascontiguousarray(row).tobytes())
        digest.update(repr((self.run.extent(), self.run.lane)).encode())
        if digest.digest() == self.key:
            return
        self.key = digest.digest()
        cells = 13 if len(where.plane.origin) <= SMALL_NETWORK else 7
        self.places = axis(self.run.extent(), cells)
        self.low, self.high = np.full((2, cells, cells), np.nan)
        middle = cells // 2
        self.left = [(i, j) for i in range(cells) for j in range(cells)]
        self.left.sort(key=lambda cell: max(abs(k - middle) for k in cell))

    def figure(self):
        if not len(self.places):
            self.start()
        axes = self.run.locate(live=True).axes
        return draw.curvature_figure(self.places, self.places, self.low, self.high, axes, self.run.view.dark)

    def frame(self) -> None:
        return None

    def rest(self) -> dict[str, Any]:
        if self.run.settings.view == "line":
            return dict(
                figure=figure_json(self.figure()), caption="needs a plane: choose another view than the line"
            )
        self.start()
        return self.part()

    def part(self) -> dict[str, Any]:
        known = np.isfinite(self.high)
        count = max(int(known.sum()), 1)
        with np.errstate(all="ignore"):
            convex = int((self.low[known] > -1e-2 * np.abs(self.high[known])).sum())
        caption = (
            f"λmin/|λmax|: nearly convex at {100 * convex / count:.0f} % of the places"
            if known.any()
            else "working it out …"
        )
        done = 1 - len(self.left) / max(len(self.places) ** 2, 1)
        return dict(figure=figure_json(self.figure()), caption=caption, progress=done)

    def refine(self) -> dict[str, Any] | None:
        if self.run.settings.view == "line" or not self.left:
            return None
        run, deadline = self.run, time.perf_counter() + WORK_SECONDS
        plane, seen, mlp = run.locate().plane, run.seen, run.experiment.mlp(run.lane)
        while self.left and (start := time.perf_counter()) < deadline:
            cells, self.left = self.left[: self.batch], self.left[self.batch :]
            rows, columns = np.array(cells).T
            places = np.stack([self.places[columns], self.places[rows]], axis=1)
            self.low[rows, columns], self.high[rows, columns] = curvature_at(
                mlp, plane, places, seen.X, seen.y, l2=seen.l2
            )
            each = (time.perf_counter() - start) / len(cells)
            self.batch = int(np.clip(WORK_SECONDS / 2 / each, 1, 2 * self.batch))
        return self.part()


class WeightsChart(NetworkChart):
    """The network diagram, to pick two weights on."""

    def __init__(self, run: SurfaceRun, feature_labels: list[str]) -> None:
        super().__init__(run.view, feature_labels, run.lane)
        self.run = run

    def spec(self) -> dict[str, Any]:
        weights = np.flatnonzero(self.view.experiment.mlp(self.lane).weight_mask)
        chosen: list[int] = []
        if self.run.settings.plane == "weights":
            pair = two_weights(self.run.settings, self.run.theta.size)
            chosen = [int(k) for k in np.flatnonzero(np.isin(weights, pair))]
        spec = super().spec()
        caption = "click two links: their weights span the plane"
        return spec | dict(
            clicks=True, chosen=chosen, caption=caption, revision=f"{spec['revision']}-{chosen}"
        )
