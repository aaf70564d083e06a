"""The Landscape's run: lanes that train, a picture of the loss around one of them, and what is set or picked in it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from engine import FEATURES, Experiment, ExperimentConfig
from engine.data.load import Dataset
from engine.landscape.point import Point, examine_steps
from engine.training.experiment import needs_new_run
from engine.training.roster import add_lane, remove_lane
from pages.landscape.beside import CurvatureChart, MomentBoundary, SpectrumChart, WeightsChart
from pages.landscape.picture import SurfaceChart
from pages.landscape.scene import Samples, Scene, Where, place, samples, two_weights
from pages.landscape.settings import Settings
from pages.shared.cards.lanes import LanesLossChart
from pages.shared.live.handover import Taken
from pages.shared.live.lanes import LanesRun
from pages.shared.live.single import show

COSTLY = ("leading", "extremes")  # directions that are worked out at rest only; while training they are kept


class SurfaceRun(LanesRun):
    """One or more lanes, of which `lane` is looked at. `moment` is a place on its path, None for now.

    `picked` are two weights that were chosen on the network diagram, until the page has taken them over.
    """

    def __init__(
        self, config: ExperimentConfig, data: Dataset, dark: bool, taken: Taken | None = None
    ) -> None:
        self.settings, self.lane = Settings(), 0
        self.moment: int | None = None
        self.picked: tuple[int, int] | None = None
        self.scene = Scene()
        self.where: Where | None = None
        self.where_key: tuple = ()
        self.trust = ""
        self.taken, self.second, self.controlled = taken, "none", -1  # what the page has made of its controls
        self.rough, self.placed_at = False, -1
        self._point: tuple[bytes, Point] | None = None
        self._examining: tuple[bytes, Iterator[Point | None]] | None = None
        super().__init__(config, data, dark)
        if taken is not None:
            self.experiment = self.view.experiment = taken.experiment
            self.recorder = taken.recorder
            self.make_charts()

    def begin(self) -> None:
        self.where, self.moment, self.trust = None, None, ""
        super().begin()

    def make_charts(self) -> None:
        beside: Any = LanesLossChart(self)
        if self.settings.beside == "spectrum":
            beside = SpectrumChart(self)
        elif self.settings.beside == "curvature":
            beside = CurvatureChart(self)
        elif self.settings.beside == "network":
            beside = WeightsChart(self, [FEATURES[key].label for key in self.data.features])
        self.surface = SurfaceChart(self)
        self.charts = [self.surface, MomentBoundary(self), beside]
        name = self.settings.beside
        self.layout = f'"surface surface surface boundary boundary" "surface surface surface {name} {name}"'
        self.rows = "1.15fr 1fr"
        self.reserve = 68 if name == "spectrum" else 44  # what is said below the panel

    # --- what is set ----------------------------------------------------------------------------------------

    def set(self, settings: Settings, lane: int) -> None:
        """Take over the page's settings for the picture, and the lane that is looked at."""
        if (settings, lane) != (self.settings, self.lane):
            anew = settings.beside != self.settings.beside or lane != self.lane
            if lane != self.lane:
                self.moment = None
            self.settings, self.lane = settings, lane
            if anew:
                self.make_charts()

    def set_lanes(self, config: ExperimentConfig) -> bool:
        """Let another second lane come, or the one there go, while the first goes on; False if that asks for a new run."""
        first, wanted = (replace(c, lanes=c.lanes[:1]) for c in (self.config, config))
        if needs_new_run(first, wanted):
            return False
        while len(self.experiment.lanes) > 1:
            remove_lane(self.experiment, 1)
            self.recorder.drop(1)
        for lane in config.lanes[1:]:
            index = add_lane(self.experiment, lane)
            start = Experiment(replace(config, lanes=(lane,)), self.data).theta(0)
            self.recorder.add(index, start)
        self.config = replace(self.config, lanes=(self.config.lanes[0], *config.lanes[1:]))
        self.rows_of = [[k] for k in range(len(self.config.lanes))]
        self.where = None
        self.set_looks(self.view.dark)
        self.make_charts()
        return True

    # --- where the picture lies -----------------------------------------------------------------------------

    @property
    def theta(self) -> np.ndarray:
        return self.experiment.theta(self.lane)

    @property
    def seen(self) -> Samples:
        return samples(self.experiment, self.lane, self.settings.of)

    def locate(self, live: bool = False) -> Where:
        """The plane or line of the picture: through the network, wherever training has taken it.

        A click alone does not move it, so that one sees where one has clicked; nor does anything if it is held.
        """
        now = self.experiment.lanes[self.lane].updates
        regularised = self.settings.of == "regularised" and self.settings.plane in COSTLY
        key = (self.settings.directions_key(), self.lane, self.view.generation, regularised)
        known = self.where if key == self.where_key else None
        if known is not None and (self.settings.hold or (self.placed_at == now and (live or not self.rough))):
            return known
        if known is not None and live and self.settings.plane in COSTLY and known.end is None:
            self.where, self.rough = known.through(self.theta), True
        else:
            path = self.recorder.path(self.lane)
            seed = self.experiment.config.seed
            self.where = place(self.settings, self.experiment, self.lane, self.theta, path, seed)
            self.rough = False
        self.where_key, self.placed_at = key, now
        return self.where

    def extent(self) -> float:
        """How far the picture reaches from its middle."""
        where = self.locate(live=True)
        if self.settings.extent == "auto" or where.end is not None:
            return where.reach
        return float(self.settings.extent)

    def point(self) -> Point | None:
        """What is known of the curvature here (or at the chosen moment); None before `examine_point`."""
        known = self._point
        return known[1] if known is not None and known[0] == self._point_key() else None

    def examine_point(self, seconds: float = 60.0) -> Point | None:
        """The point named, with its numbers; None if `seconds` were not enough, and the next call goes on."""
        if (point := self.point()) is not None:
            return point
        key, deadline = self._point_key(), time.perf_counter() + seconds
        if self._examining is None or self._examining[0] != key:
            seen, mlp = self.seen, self.experiment.mlp(self.lane)
            self._examining = key, examine_steps(mlp, self.shown_theta(), seen.X, seen.y, seen.l1, seen.l2)
        for point in self._examining[1]:
            if point is not None:
                self._point, self._examining = (key, point), None
                return point
            if time.perf_counter() > deadline:
                break
        return None

    def _point_key(self) -> bytes:
        return (
            self.shown_theta().tobytes() + repr((self.settings.of, self.lane, self.view.generation)).encode()
        )

    # --- what the panel asks for ----------------------------------------------------------------------------

    def advance(self, action: str, updates: int) -> None:
        self.moment = None
        if action == "play":
            self.trust = ""  # it was said of another picture
        super().advance(action, updates)

    def click(self, chart: str, x: Any, y: Any) -> bool:
        """A place in the picture, a moment of the path, or a weight; whether the page's settings must follow."""
        if not isinstance(x, (int, float)) or not isinstance(y, (int, float)):
            return False
        if chart == "boundary":
            last = len(self.recorder.points(self.lane)) - 1
            self.moment = int(min(max(x, 0), last))
            self.moment = None if self.moment == last else self.moment
        elif chart == "surface":
            self.surface.click(float(x), float(y))
        elif chart == "network":
            weights = np.flatnonzero(self.experiment.mlp(self.lane).weight_mask)
            index = int(weights[int(min(max(x, 0), len(weights) - 1))])
            pair = two_weights(self.settings, self.theta.size)
            if index not in pair or self.settings.plane != "weights":
                self.picked = pair if index in pair else (pair[1], index)
                return True
        return False

    def move_to(self, theta: np.ndarray) -> None:
        """Set the network's weights; training goes on from there."""
        self.experiment.set_theta(self.lane, theta, "weights set on the landscape")
        self.moment = None
        self.view.forget()
        self.recorder.record()

    def shown_theta(self) -> np.ndarray:
        """The weights whose boundary is shown: now, or at the chosen moment of the path."""
        return self.theta if self.moment is None else self.recorder.points(self.lane)[self.moment][2]

    def state(self) -> dict[str, Any]:
        experiment, history, lane = self.experiment, self.experiment.history, self.lane
        status = experiment.status[lane]
        readout = [
            ["Updates", f"{experiment.lanes[lane].updates:,}"],
            ["Train loss", show(history.train_loss[-1, lane])],
            ["Test loss", show(history.test_loss[-1, lane])],
            ["|gradient|", show(history.gradient_norm[-1, lane])],
        ]
        message = " ".join(filter(None, (status.reason, self.trust))) or None
        step = experiment.lanes[lane].updates
        return dict(step=step, readout=readout, message=message, finished=experiment.finished)
