"""What the network of a lane predicts over the input plane, or over the line where there is one input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.shown import short_number
from pages.shared.cards.curve import CurvePicture
from pages.shared.figures.base import figure_json
from pages.shared.figures.boundary import Predictions, boundary_figure, ring_places, shown_sets
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.legend import legend
from pages.shared.figures.looks import LaneLook
from pages.shared.figures.packing import Array, packed
from pages.shared.figures.sketch import sketch
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Figure, Part, Rest
from pages.shared.live.view import View

REST_GRID, SMALL_REST_GRID = 101, 61  # cells along each side of the exact picture
TITLES = {
    "binary": "Decision boundary",
    "multiclass": "Decision boundary",
    "regression": "Prediction",
}
CURVE_TITLE = "Curve"


class FieldPicture:
    """Colours over the plane, with the points on them."""

    words = ""

    def __init__(self, card: BoundaryCard) -> None:
        self.card = card

    def about(self) -> dict[str, Any]:
        return dict(
            palette=self.card.view.palette(), shows_neurons=self.card.look is None, streams=[self.rings()]
        )

    def rings(self) -> int:
        """The number of the trace after the points."""
        return len(shown_sets(self.card.view.data, self.card.view.show_test))

    def figure(self, field: Predictions | None = None) -> Drawing:
        view = self.card.view
        batch = view.batches.get(self.card.lane, np.empty(0, int))
        return boundary_figure(view.data, view.dark, view.show_test, field, batch, self.card.look is not None)

    def frame(self) -> Part:
        view, cells, lane = self.card.view, self.card.view.cells, self.card.lane
        data = packed(view.field(self.card.live_outputs(), lane))
        part: Part = dict(image=dict(data=data, width=cells, height=cells))
        if view.marks_batches:
            x, y = ring_places(view.data, view.batches.get(lane, np.empty(0, int)))
            part["set"] = [[self.rings(), x.tolist(), y.tolist()]]
        return part

    def rest(self) -> Rest:
        view, cells = self.card.view, REST_GRID if self.card.look is None else SMALL_REST_GRID
        points = view.plane_points(cells)
        outputs = self.card.exact_outputs(view.data.map_features(points))
        field = Predictions(
            points[:cells, 0], points[::cells, 1], outputs, view.gives_probabilities(self.card.lane)
        )
        image = packed(view.field(outputs, self.card.lane))
        return dict(figure=figure_json(self.figure(field)), image=dict(data=image, width=cells, height=cells))


class BoundaryCard(PlotCard):
    """The boundary of one lane; for data with one input its curve. `look` makes it one of several small cards; with `asks`, clicks go to the run."""

    draws = False  # whether data can be drawn over it
    seeds = 1  # of the lane; the picture is that of the first

    def __init__(self, view: View, lane: int = 0, look: LaneLook | None = None, asks: bool = False) -> None:
        self.view, self.lane, self.look, self.asks = view, lane, look, asks
        self.name = "boundary" if look is None else f"boundary:{look.key}"
        self.area = "boundary" if look is None else f"lane{look.key}"
        is_curve = view.data.inputs == 1
        self.picture: FieldPicture | CurvePicture = CurvePicture(self) if is_curve else FieldPicture(self)
        self.title = look.name if look else CURVE_TITLE if is_curve else TITLES[view.data.task]
        who = "the network" if look is None else look.name
        where = "x" if is_curve else "each place of the input plane"
        self.alt = f"What {who} predicts at {where}, with the data points"

    def revision(self) -> str:
        view = self.view
        return f"{view.generation}-{view.dark}-{view.show_test}-{self.look}"

    def about(self) -> dict[str, Any]:
        about = self.picture.about() | dict(clicks=self.asks)
        if self.look is not None:
            return about | self.look.card()
        return about | dict(legend=legend(self.view.data, self.view.show_test))

    def figure(self) -> Drawing:
        return self.picture.figure()

    def mounted(self) -> Figure:
        figure = super().mounted()
        if self.draws:
            figure["layout"]["meta"] = dict(sketch=sketch(self.view.data, self.view.dark))
        return figure

    def caption(self) -> str:
        if self.look is None:
            asks = "click a point for its gradient" if self.asks else ""
            return " · ".join(filter(None, (self.picture.words, asks)))
        experiment = self.view.experiment
        status, history = experiment.status[self.lane], experiment.history
        if status.state != "running":
            return f"{status.state} at {status.step:,}"
        loss, accuracy = history.train_loss[-1, self.lane], history.train_accuracy[-1, self.lane]
        share = "" if np.isnan(accuracy) else f" · {100 * accuracy:.0f}%"
        return f"loss {short_number(loss, 2)}{share}" + (" · first seed" if self.seeds > 1 else "")

    def theta(self) -> Array:
        """The parameters (P,) that are shown."""
        return self.view.experiment.theta(self.lane)

    def live_layers(self) -> list[Array]:
        """Every layer's output on the live grid."""
        return self.view.layer_outputs(self.lane)

    def live_outputs(self) -> Array:
        """Predictions (cells², outputs) on the live grid."""
        return self.view.experiment.probabilities(self.lane, self.live_layers()[-1])

    def exact_outputs(self, inputs: Array) -> Array:
        outputs: Array = self.view.experiment.mlp(self.lane).predict(self.theta()[None], inputs)[0]
        return outputs

    def frame(self) -> Part:
        part = self.picture.frame()
        if self.look is not None:
            part["caption"] = self.caption()
        return part

    def rest(self) -> Rest:
        return {**self.picture.rest(), "caption": self.caption()}


def boundary_cards(
    view: View, rows_of: Sequence[Sequence[int]], looks: Sequence[LaneLook], draws: bool = False
) -> list[BoundaryCard]:
    """A small card for each lane, of its first seed. With `draws`, data can be drawn over the first."""
    cards = [BoundaryCard(view, rows[0], look) for rows, look in zip(rows_of, looks, strict=True)]
    for card, rows in zip(cards, rows_of, strict=True):
        card.seeds = len(rows)
    cards[0].draws = draws
    return cards
