"""What the Landscape looks at: a network, the moment of its path, the plane of the picture, and the point's curvature."""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterator

from engine import MLP, Experiment
from engine.landscape.measured import Measured
from engine.landscape.point import Point, examine_steps
from pages.landscape.scene import Samples, Scene, Where, measure_of, place, samples
from pages.landscape.settings import Settings
from pages.shared.figures.looks import LaneLook
from pages.shared.figures.packing import Array
from pages.shared.live.recorder import PathRecorder
from pages.shared.live.view import View

COSTLY = ("leading", "extremes")  # directions that are worked out at rest only; while training they are kept


class SurfaceModel:
    """One lane of an experiment and what is asked about it. `at` is a place on its path, None for now."""

    def __init__(self, view: View, recorder: PathRecorder) -> None:
        self.view, self.recorder = view, recorder
        self.looks: list[LaneLook] = []
        self.settings, self.lane = Settings(), 0
        self.at: int | None = None
        self.scene = Scene()
        self._measured: tuple[MLP, Measured] | None = None
        self.where: Where | None = None
        self.where_key: Hashable = ()
        self.trust = ""  # how far the picture at rest can be trusted
        self.rough, self.placed_at = False, -1
        self._point: tuple[bytes, Point] | None = None
        self._examining: tuple[bytes, Iterator[Point | None]] | None = None

    def begin(self, recorder: PathRecorder) -> None:
        """Another experiment, or the same from its start."""
        self.recorder = recorder
        self.where, self.at, self.trust = None, None, ""

    def keep(self) -> tuple[Where | None, Hashable, bool, int]:
        """What the next picture depends on besides the network and its path."""
        return self.where, self.where_key, self.rough, self.placed_at

    def show(self, kept: tuple[Where | None, Hashable, bool, int]) -> None:
        """Be as it was when this was kept."""
        self.where, self.where_key, self.rough, self.placed_at = kept
        self.at, self.trust = None, ""

    @property
    def experiment(self) -> Experiment:
        return self.view.experiment

    @property
    def generation(self) -> int:
        return self.view.generation

    @property
    def theta(self) -> Array:
        return self.experiment.theta(self.lane)

    @property
    def seen(self) -> Samples:
        return samples(self.experiment, self.lane, self.settings.of)

    @property
    def drawn(self) -> MLP:
        """The network whose loss is drawn: as it is, or with another measure in place of its loss."""
        mlp, measure = (
            self.experiment.mlp(self.lane),
            measure_of(self.experiment, self.lane, self.settings.of),
        )
        if not measure:
            return mlp
        if self._measured is None or self._measured[0] is not mlp or self._measured[1].measure != measure:
            self._measured = mlp, Measured(mlp, measure)
        return self._measured[1]

    @property
    def log_loss(self) -> bool:
        """Powers of ten, but not for an error rate, which is often 0."""
        return self.settings.log_loss and measure_of(self.experiment, self.lane, self.settings.of) != "error"

    def locate(self, live: bool = False) -> Where:
        """The plane or line of the picture: through the network, wherever training has taken it.

        A click alone does not move it, so that one sees where one has clicked; nor does anything if it is held.
        """
        now = self.experiment.lanes[self.lane].updates
        regularised = self.settings.of == "regularised" and self.settings.plane in COSTLY
        key = (self.settings.directions_key(), self.lane, self.generation, regularised)
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
            self._examining = key, examine_steps(mlp, self.shown_theta(), seen.X, seen.y, **seen.penalties)
        for point in self._examining[1]:
            if point is not None:
                self._point, self._examining = (key, point), None
                return point
            if time.perf_counter() > deadline:
                break
        return None

    def _point_key(self) -> bytes:
        return self.shown_theta().tobytes() + repr((self.settings.of, self.lane, self.generation)).encode()

    def shown_theta(self) -> Array:
        """The weights whose boundary is shown: now, or at the chosen moment of the path."""
        return self.theta if self.at is None else self.recorder.points(self.lane)[self.at][2]
