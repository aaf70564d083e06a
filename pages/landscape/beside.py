"""The small cards beside the picture: the boundary at a moment, the spectrum, the curvature map, the weights."""

from __future__ import annotations

import hashlib
import time
from typing import Any

import numpy as np

from engine.landscape.curvature import curvature_at
from engine.landscape.plane import axis
from engine.shown import short_number
from pages.landscape import figures as draw
from pages.landscape.model import SurfaceModel
from pages.landscape.scene import two_weights
from pages.shared.cards.boundary import BoundaryCard
from pages.shared.cards.network import NetworkCard
from pages.shared.figures.base import figure_json
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.packing import Array
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Part, Rest, Scrub

SMALL_NETWORK = 500  # parameters up to which the curvature map has its full grid
WORK_SECONDS = 0.08  # of work before anything else may come in between


class MomentBoundary(BoundaryCard):
    """The boundary of the network as it is, or as it was at the chosen moment of its path."""

    def __init__(self, model: SurfaceModel) -> None:
        super().__init__(model.view, model.lane)
        self.model = model

    def theta(self) -> Array:
        return self.model.shown_theta()

    def live_layers(self) -> list[Array]:
        if self.model.at is None:
            return super().live_layers()
        mlp = self.view.experiment.mlp(self.lane)
        return [values[0] for values in mlp.layer_outputs(self.theta()[None], self.view.inputs)]

    def scrub(self) -> Scrub:
        """The slider through the path's moments."""
        model = self.model
        points = model.recorder.points(model.lane)
        at = len(points) - 1 if model.at is None else model.at
        step, loss, _ = points[at]
        text = f"update {step:,} · train loss {short_number(loss)}" + (" (now)" if model.at is None else "")
        return dict(label="Moment of the path", count=len(points), at=at, text=text)

    def frame(self) -> Part:
        return {**super().frame(), "scrub": self.scrub()}

    def rest(self) -> Rest:
        return {**super().rest(), "scrub": self.scrub()}


class SpectrumCard(PlotCard):
    """The largest eigenvalues of the Hessian here, and the smallest: what kind of point this is."""

    name, title = "spectrum", "Curvature here"
    alt = "The largest eigenvalues of the Hessian at this point, and the smallest"

    def __init__(self, model: SurfaceModel) -> None:
        self.model, self.slices = model, 0

    def revision(self) -> str:
        return f"{self.model.generation}-{self.model.view.dark}"

    def figure(self) -> Drawing:
        point = self.model.point()
        if point is None:
            return draw.spectrum_figure(np.empty(0), None, self.model.view.dark)
        return draw.spectrum_figure(point.spectrum, point.lowest, self.model.view.dark)

    def rest(self) -> Rest:
        point = self.model.point()
        if point is None:
            return dict(
                figure=figure_json(self.figure()),
                title="Curvature here",
                caption="working it out …",
                progress=0.0,
            )
        caption = f"λmax {short_number(point.highest)} · λmin {short_number(point.lowest)} · |λmin/λmax| {short_number(point.ratio, 2)}"
        return dict(figure=figure_json(self.figure()), title=f"{self.when()}: {point.title}", caption=caption)

    def when(self) -> str:
        model = self.model
        return (
            "Curvature here"
            if model.at is None
            else f"At update {model.recorder.points(model.lane)[model.at][0]:,}"
        )

    def refine(self) -> Rest | None:
        if self.model.point() is not None:
            return None
        self.slices += 1
        if self.model.examine_point(WORK_SECONDS) is None:
            return dict(progress=self.slices / (self.slices + 4))
        self.slices = 0
        return self.rest()


class CurvatureCard(PlotCard):
    """λmin/|λmax| over a coarse grid of the picture's plane: convex or not, whatever the picture looks like."""

    name, title = "curvature", "Convex or not?"
    alt = "The ratio of the smallest to the largest eigenvalue of the Hessian over the picture's plane"

    def __init__(self, model: SurfaceModel) -> None:
        self.model = model
        self.key = b""
        self.low = self.high = self.places = np.empty(0)
        self.left: list[tuple[int, int]] = []  # cells that are not known yet, the middle first
        self.batch = 1  # cells at once: as many as a slice of work allows

    def revision(self) -> str:
        return f"{self.model.generation}-{self.model.view.dark}"

    def start(self) -> None:
        """Start over where the plane, its extent or the data are others."""
        where, seen = self.model.locate(), self.model.seen
        digest = hashlib.blake2b(digest_size=16)
        for row in (where.plane.origin, where.plane.d1, where.plane.d2, seen.X):
            digest.update(np.ascontiguousarray(row).tobytes())
        digest.update(repr((self.model.extent(), self.model.lane)).encode())
        if digest.digest() == self.key:
            return
        self.key = digest.digest()
        cells = 13 if len(where.plane.origin) <= SMALL_NETWORK else 7
        self.places = axis(self.model.extent(), cells)
        self.low, self.high = np.full((2, cells, cells), np.nan)
        middle = cells // 2
        self.left = [(i, j) for i in range(cells) for j in range(cells)]
        self.left.sort(key=lambda cell: max(abs(k - middle) for k in cell))

    def figure(self) -> Drawing:
        if not len(self.places):
            self.start()
        axes = self.model.locate(live=True).axes
        return draw.curvature_figure(
            self.places, self.places, self.low, self.high, axes, self.model.view.dark
        )

    def rest(self) -> Rest:
        if self.model.settings.view == "line":
            return dict(
                figure=figure_json(self.figure()), caption="needs a plane: choose another view than the line"
            )
        self.start()
        return self.part()

    def part(self) -> Rest:
        known = np.isfinite(self.high)
        count = max(int(known.sum()), 1)
        with np.errstate(all="ignore"):
            convex = int((self.low[known] > -1e-2 * np.abs(self.high[known])).sum())
        caption = (
            f"λmin/|λmax|: nearly convex (above −0.01) at {100 * convex / count:.0f} % of the places"
            if known.any()
            else "working it out …"
        )
        done = 1 - len(self.left) / max(len(self.places) ** 2, 1)
        return dict(figure=figure_json(self.figure()), caption=caption, progress=done)

    def refine(self) -> Rest | None:
        if self.model.settings.view == "line" or not self.left:
            return None
        model, deadline = self.model, time.perf_counter() + WORK_SECONDS
        plane, seen, mlp = model.locate().plane, model.seen, model.experiment.mlp(model.lane)
        while self.left and (start := time.perf_counter()) < deadline:
            cells, self.left = self.left[: self.batch], self.left[self.batch :]
            rows, columns = np.array(cells).T
            places = np.stack([self.places[columns], self.places[rows]], axis=1)
            self.low[rows, columns], self.high[rows, columns] = curvature_at(
                mlp, plane, places, seen.X, seen.y, **seen.penalties
            )
            each = (time.perf_counter() - start) / len(cells)
            self.batch = int(np.clip(WORK_SECONDS / 2 / each, 1, 2 * self.batch))
        return self.part()


class WeightsCard(NetworkCard):
    """The network diagram, to pick two weights on."""

    def __init__(self, model: SurfaceModel, feature_labels: list[str]) -> None:
        super().__init__(model.view, feature_labels, model.lane)
        self.model = model

    def chosen(self) -> list[int]:
        """The two links whose weights span the plane, counted as the diagram draws them."""
        model = self.model
        if model.settings.plane != "weights":
            return []
        weights = np.flatnonzero(self.view.experiment.mlp(self.lane).weight_mask)
        pair = two_weights(model.settings, model.theta.size)
        return [int(k) for k in np.flatnonzero(np.isin(weights, pair))]

    def caption(self) -> str:
        return "click two links: their weights span the plane"

    def revision(self) -> str:
        return f"{super().revision()}-{self.chosen()}"

    def about(self) -> dict[str, Any]:
        return dict(clicks=True, chosen=self.chosen())
