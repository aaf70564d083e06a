"""What the network of a lane predicts over the input plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.shown import short_number
from pages.shared.figures.base import figure_json
from pages.shared.figures.boundary import Predictions, boundary_figure, ring_places, shown_sets
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.legend import legend
from pages.shared.figures.looks import LaneLook
from pages.shared.figures.packing import Array, packed
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Part, Rest
from pages.shared.live.view import View

REST_GRID, SMALL_REST_GRID = 101, 61  # cells along each side of the exact picture
TITLES = {
    "binary": "Decision boundary",
    "multiclass": "Decision boundary",
    "regression": "Prediction",
}


class BoundaryCard(PlotCard):
    """The boundary of one lane. `look` makes it one of several small cards; with `asks`, clicks go to the run."""

    seeds = 1  # of the lane; the picture is that of the first

    def __init__(self, view: View, lane: int = 0, look: LaneLook | None = None, asks: bool = False) -> None:
        self.view, self.lane, self.look, self.asks = view, lane, look, asks
        self.name = "boundary" if look is None else f"boundary:{look.key}"
        self.area = "boundary" if look is None else f"lane{look.key}"
        self.title = TITLES[view.data.task] if look is None else look.name
        who = "the network" if look is None else look.name
        self.alt = f"What {who} predicts at each place of the input plane, with the data points"

    def revision(self) -> str:
        view = self.view
        return f"{view.generation}-{view.dark}-{view.show_test}-{self.look}"

    def about(self) -> dict[str, Any]:
        about = dict(
            palette=self.view.palette(),
            shows_neurons=self.look is None,
            streams=[self.rings()],
            clicks=self.asks,
        )
        if self.look is not None:
            return about | self.look.card()
        return about | dict(legend=legend(self.view.data, self.view.show_test))

    def rings(self) -> int:
        """The number of the trace after the points."""
        return len(shown_sets(self.view.data, self.view.show_test))

    def figure(self, field: Predictions | None = None) -> Drawing:
        view = self.view
        batch = view.batches.get(self.lane, np.empty(0, int))
        return boundary_figure(view.data, view.dark, view.show_test, field, batch, self.look is not None)

    def caption(self) -> str:
        if self.look is None:
            return "click a point: where does its gradient come from?" if self.asks else ""
        experiment = self.view.experiment
        status, history = experiment.status[self.lane], experiment.history
        if status.state != "running":
            return f"{status.state} at {status.step:,}"
        loss, accuracy = history.train_loss[-1, self.lane], history.train_accuracy[-1, self.lane]
        share = "" if np.isnan(accuracy) else f" · {100 * accuracy:.0f}%"
        return f"loss {short_number(loss, 2)}{share}" + (" · first seed" if self.seeds > 1 else "")

    def live_outputs(self) -> Array:
        """Predictions (cells², outputs) on the live grid."""
        return self.view.experiment.probabilities(self.lane, self.view.layer_outputs(self.lane)[-1])

    def exact_outputs(self, inputs: Array) -> Array:
        return self.view.experiment.predict_lane(self.lane, inputs)

    def frame(self) -> Part:
        view, cells = self.view, self.view.cells
        data = packed(view.field(self.live_outputs(), self.lane))
        part: Part = dict(image=dict(data=data, width=cells, height=cells))
        if self.look is not None:
            part["caption"] = self.caption()
        if view.marks_batches:
            x, y = ring_places(view.data, view.batches.get(self.lane, np.empty(0, int)))
            part["set"] = [[self.rings(), x.tolist(), y.tolist()]]
        return part

    def rest(self) -> Rest:
        view, cells = self.view, REST_GRID if self.look is None else SMALL_REST_GRID
        points = view.plane_points(cells)
        outputs = self.exact_outputs(view.data.map_features(points))
        field = Predictions(
            points[:cells, 0], points[::cells, 1], outputs, view.gives_probabilities(self.lane)
        )
        image = packed(view.field(outputs, self.lane))
        figure = figure_json(self.figure(field))
        return dict(figure=figure, image=dict(data=image, width=cells, height=cells))


def boundary_cards(
    view: View, rows_of: Sequence[Sequence[int]], looks: Sequence[LaneLook]
) -> list[BoundaryCard]:
    """A small card for each lane, of its first seed."""
    cards = [BoundaryCard(view, rows[0], look) for rows, look in zip(rows_of, looks, strict=True)]
    for card, rows in zip(cards, rows_of, strict=True):
        card.seeds = len(rows)
    return cards
