"""The picture of a lane whose data have one input: a curve in place of a boundary."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from pages.shared.figures.base import figure_json
from pages.shared.figures.boundary import ring_places
from pages.shared.figures.curve import Function, curve_figure, network_line, parts_line, streams
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.looks import LaneLook
from pages.shared.figures.packing import Array
from pages.shared.live.protocol import Part, Rest
from pages.shared.live.view import View

EXACT_POINTS = 401
MOST_PARTS = 64  # those with the largest outputs are drawn
EVERY_PLACE = 2  # of the live grid, at which a part is drawn in motion
PARTS_EVERY = (1, 3, 6, 12)  # frames between two pictures of the parts, by how coarse the pictures are


class CurveOf(Protocol):
    """The card that shows the picture."""

    view: View
    lane: int
    look: LaneLook | None

    def theta(self) -> Array: ...
    def live_layers(self) -> list[Array]: ...


class CurvePicture:
    """What a card shows of a lane: points, its curve, and the parts of the neurons of its last hidden layer."""

    words = "thin: each last hidden neuron × its output weight; they and the bias add up to the curve"

    def __init__(self, card: CurveOf) -> None:
        self.card = card
        self.left = 0  # frames until the parts are drawn again

    def about(self) -> dict[str, Any]:
        view = self.card.view
        return dict(streams=list(streams(view.data, view.show_test)))

    def function(self, places: Array, layers: list[Array]) -> Function:
        """What the network with these layer outputs computes at standardised places (M,)."""
        card = self.card
        mlp = card.view.experiment.mlp(card.lane)
        inputs = card.view.data.map_features(places[:, None])
        last = layers[-2] if len(layers) > 1 else inputs
        weights = mlp.unflatten(card.theta()[None])[-1][0][0, :, 0]
        parts = (last * weights).T
        if len(parts) > MOST_PARTS:
            parts = parts[np.sort(np.argsort(-np.abs(parts).max(axis=1))[:MOST_PARTS])]
        values = card.view.experiment.probabilities(card.lane, layers[-1])[:, 0]
        return Function(places, values, parts)

    def live(self) -> Function:
        return self.function(self.card.view.grid[:, 0], self.card.live_layers())

    def exact(self) -> Function:
        card = self.card
        data = card.view.data
        places = np.linspace(*data.x_range, EXACT_POINTS)
        mlp = card.view.experiment.mlp(card.lane)
        layers = mlp.layer_outputs(card.theta()[None], data.map_features(places[:, None]))
        return self.function(places, [values[0] for values in layers])

    def figure(self, found: Function | None = None) -> Drawing:
        card, view = self.card, self.card.view
        batch = view.batches.get(card.lane, np.empty(0, int))
        color = "" if card.look is None else card.look.color
        return curve_figure(
            view.data, view.dark, view.show_test, found or self.live(), batch, color, card.look is not None
        )

    def frame(self) -> Part:
        card, view = self.card, self.card.view
        rings, parts, network = streams(view.data, view.show_test)
        found = self.live()
        moved: list[list[Any]] = [[network, *network_line(found, view.data)]]
        self.left -= 1
        if self.left <= 0:
            self.left = PARTS_EVERY[view.coarse] * (1 if card.look is None else 2)
            thin = found._replace(x=found.x[::EVERY_PLACE], parts=found.parts[:, ::EVERY_PLACE])
            moved.append([parts, *parts_line(thin, view.data)[:2]])
        if view.marks_batches:
            x, y = ring_places(view.data, view.batches.get(card.lane, np.empty(0, int)))
            moved.append([rings, x.tolist(), y.tolist()])
        return dict(set=moved)

    def rest(self) -> Rest:
        return dict(figure=figure_json(self.figure(self.exact())))
