"""The Playground's run: one network, everything about it live."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from engine import FEATURES
from engine.landscape.plane import Plane
from engine.network.places import index_of
from pages.shared.cards.boundary import BoundaryCard
from pages.shared.cards.loss import LossCard
from pages.shared.cards.network import NetworkCard
from pages.shared.cards.slice import SliceCard
from pages.shared.live.cards import measured_now
from pages.shared.live.protocol import Hint, Shown, State
from pages.shared.live.run import LanesRun

MOST_WEIGHT = 1000.0  # that can be set, either way


class PlaygroundRun(LanesRun):
    """One lane and four cards."""

    layout = '"network network network boundary boundary" "loss loss loss landscape landscape"'
    rows = "1fr 1fr"
    hints = (Hint(name="play", step=0, text="Press Play, then drag the learning rate η while it runs."),)
    leaves: Sequence[str] = ("playground.layer_by_layer",)
    picked: int | None = None  # the training sample that was clicked last, from 0

    def make_cards(self) -> None:
        view = self.view
        labels = [FEATURES[key].label for key in self.data.features]
        self.slice = SliceCard(view, self.recorder)
        boundary = BoundaryCard(view, asks=True)
        boundary.draws = True
        network = NetworkCard(view, labels)
        network.edits = True
        self.cards: Sequence[Shown] = (
            network,
            boundary,
            LossCard(view),
            self.slice,
        )

    def click(self, chart: str, x: float | str, y: float | str) -> bool:
        """The landscape's switch to another plane; a weight that is set in the diagram; a click on the boundary picks the
        nearest training sample.
        """
        if chart == "network" and isinstance(x, str) and not isinstance(y, str):
            self.set_parameter(x, y)
        if chart == self.slice.name:
            self.slice.choose(not self.slice.is_random)
        if chart != "boundary" or isinstance(x, str) or isinstance(y, str):
            return False
        places = self.data.places(self.data.P_train, self.data.y_train)
        distances = np.square((places - [x, y]) / np.maximum(np.ptp(places, axis=0), 1e-9))
        self.picked = int(distances.sum(axis=1).argmin())
        return True

    def set_parameter(self, place: str, value: float) -> None:
        """Set the weight or bias at "layer:source:target"; nothing for a place that the network has not."""
        numbers = [
            int(part) for part in place.split(":") if part.isascii() and part.isdigit() and len(part) < 6
        ]
        network = self.config.lane(0).network
        if len(numbers) != 3 or network is None:
            return
        layer, source, target = numbers
        mlp = self.experiment.mlp(0)
        index = index_of(mlp, (layer, source, target))
        if index is None or (source == mlp.slots[layer][1] and not network.biases):
            return
        self.go_on()
        self.experiment.set_parameter(0, index, min(max(value, -MOST_WEIGHT), MOST_WEIGHT))
        self.view.forget()
        self.recorder.record()

    def path_plane(self, lane: int, fresh: bool = False) -> tuple[str, Plane] | None:
        if fresh and not self.slice.is_random:
            self.slice.on.fit(self.recorder, [0])
        return self.slice.name, self.slice.place()[0]

    def moment(self) -> Hashable:
        return (super().moment(), self.slice.is_random)

    def state(self) -> State:
        experiment, lane = self.experiment, self.experiment.lanes[0]
        readout = [["Updates", f"{lane.updates:,}"], ["Epochs", f"{lane.epochs:,.1f}"]]
        readout += measured_now(experiment, 0, "loss")
        if self.data.task != "regression":
            readout += measured_now(experiment, 0, "accuracy")
        message = " ".join(filter(None, (self.reason(0), self.slice.warning()))) or None
        return dict(step=lane.updates, readout=readout, message=message, finished=experiment.finished)
