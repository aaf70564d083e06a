"""The Landscape's run: lanes that train, a picture of the loss around one of them, and what is set or picked in it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import numpy as np

from engine import FEATURES, Experiment, ExperimentConfig
from engine.data.load import Dataset
from engine.landscape.plane import Plane
from engine.training.experiment import needs_new_run
from engine.training.roster import add_lane, remove_lane
from pages.landscape.beside import CurvatureCard, MomentBoundary, SpectrumCard, WeightsCard
from pages.landscape.model import SurfaceModel
from pages.landscape.picture import SurfaceCard
from pages.landscape.scene import two_weights
from pages.landscape.settings import Settings
from pages.shared.cards.curves import CurvesCard
from pages.shared.figures.packing import Array
from pages.shared.live.cards import Card, measured_now, show
from pages.shared.live.handover import Taken
from pages.shared.live.protocol import Action, State
from pages.shared.live.run import LanesRun
from pages.shared.live.timeline import Timeline


class SurfaceRun(LanesRun):
    """One or more lanes, and the `model` of the picture around one of them.

    `picked` are two weights that were chosen on the network diagram, until the page has taken them over.
    """

    model: SurfaceModel

    def __init__(
        self, config: ExperimentConfig, data: Dataset, dark: bool, taken: Taken | None = None
    ) -> None:
        self.picked: tuple[int, int] | None = None
        self.taken, self.second, self.controlled = taken, "none", -1  # what the page has made of its controls
        super().__init__(config, data, dark)
        if taken is not None:
            self.experiment = self.view.experiment = taken.experiment
            self.recorder = self.model.recorder = taken.recorder
            self.make_cards()

    def begin(self) -> None:
        super().begin()
        self.model.begin(self.recorder)

    def make_cards(self) -> None:
        if not hasattr(self, "model"):
            self.model = SurfaceModel(self.view, self.recorder)
        model, name = self.model, self.model.settings.beside
        model.looks = self.looks
        beside: Card = CurvesCard(self)
        if name == "spectrum":
            beside = SpectrumCard(model)
        elif name == "curvature":
            beside = CurvatureCard(model)
        elif name == "network":
            beside = WeightsCard(model, [FEATURES[key].label for key in self.data.features])
        self.surface = SurfaceCard(model)
        boundary = MomentBoundary(model)
        boundary.draws = self.taken is None
        self.cards = [self.surface, boundary, beside]
        self.layout = f'"surface surface surface boundary boundary" "surface surface surface {name} {name}"'
        self.rows = "1.15fr 1fr"
        self.reserve = 68 if name == "spectrum" else 44  # what is said below the panel

    def path_plane(self, lane: int, fresh: bool = False) -> tuple[str, Plane] | None:
        """The plane goes through the network, wherever training has taken it; its directions stay."""
        if lane != self.model.lane or not self.surface.is_painted:
            return None
        return self.surface.name, self.model.locate(live=not fresh).plane

    # --- what is set ----------------------------------------------------------------------------------------

    def set(self, settings: Settings, lane: int) -> None:
        """Take over the page's settings for the picture, and the lane that is looked at."""
        model = self.model
        if (settings, lane) != (model.settings, model.lane):
            others = settings.beside != model.settings.beside or lane != model.lane
            if lane != model.lane:
                model.at = None
            model.settings, model.lane = settings, lane
            if others:
                self.make_cards()

    def set_lanes(self, config: ExperimentConfig) -> bool:
        """Let another second lane come, or the one there go, while the first goes on; False if that asks for a new run."""
        self.go_on()
        first, wanted = (replace(c, lanes=c.lanes[:1]) for c in (self.config, config))
        if needs_new_run(first, wanted):
            return False
        self.timeline = Timeline()
        while len(self.experiment.lanes) > 1:
            remove_lane(self.experiment, 1)
            self.recorder.drop(1)
        for lane in config.lanes[1:]:
            index = add_lane(self.experiment, lane)
            start = Experiment(replace(config, lanes=(lane,)), self.data).theta(0)
            self.recorder.add(index, start)
        self.config = replace(self.config, lanes=(self.config.lanes[0], *config.lanes[1:]))
        self.rows_of = [[k] for k in range(len(self.config.lanes))]
        self.model.where = None
        self.set_looks(self.view.dark)
        self.make_cards()
        return True

    # --- the timeline -----------------------------------------------------------------------------------------

    def keep(self) -> Any:
        return self.model.keep()

    def show_kept(self, own: Any) -> None:
        self.model.show(own)

    # --- what the panel asks for ----------------------------------------------------------------------------

    def advance(self, action: Action, updates: int) -> None:
        self.model.at = None
        if action == "play":
            self.model.trust = ""  # it was said of another picture
        super().advance(action, updates)

    def click(self, chart: str, x: float | str, y: float | str) -> bool:
        """A place in the picture, a moment of the path, or a weight; whether the page's settings must follow."""
        model = self.model
        if isinstance(x, str) or isinstance(y, str):
            return False
        if chart == "boundary":
            last = len(self.recorder.points(model.lane)) - 1
            at = int(min(max(x, 0), last))
            model.at = None if at == last else at
        elif chart == "surface":
            theta = self.surface.hit(float(x), float(y))
            if theta is not None:
                self.move_to(theta)
        elif chart == "network":
            weights = np.flatnonzero(self.experiment.mlp(model.lane).weight_mask)
            index = int(weights[int(min(max(x, 0), len(weights) - 1))])
            pair = two_weights(model.settings, model.theta.size)
            if index not in pair or model.settings.plane != "weights":
                self.picked = pair if index in pair else (pair[1], index)
                return True
        return False

    def move_to(self, theta: Array) -> None:
        """Set the network's weights; training goes on from there."""
        self.go_on()
        self.experiment.set_theta(self.model.lane, theta, "weights set on the landscape")
        self.model.at = None
        self.view.forget()
        self.recorder.record()

    def moment(self) -> Hashable:
        model = self.model
        return (super().moment(), model.settings, model.lane, model.at)

    def state(self) -> State:
        experiment, history, lane = self.experiment, self.experiment.history, self.model.lane
        step = experiment.lanes[lane].updates
        readout = [
            ["Updates", f"{step:,}"],
            *measured_now(experiment, lane, "loss"),
            ["|gradient|", show(history.gradient_norm[-1, lane])],
        ]
        message = " ".join(filter(None, (self.reason(lane), self.model.trust))) or None
        return dict(step=step, readout=readout, message=message, finished=experiment.finished)
