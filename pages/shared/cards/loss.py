"""The loss of one network over time."""

from __future__ import annotations

from typing import Any

import numpy as np

from pages.shared.figures import theme
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.loss import Mark, above, last_mark, loss_figure, mark_layout
from pages.shared.figures.packing import Array, plain
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Part
from pages.shared.live.view import View

CEILING = 1000  # times the loss at the start, up to which losses are shown
FIGURE_POINTS = 500  # of each line in a figure; what streams in afterwards is kept whole


class LossCard(PlotCard):
    name, title = "loss", "Loss"
    alt = "Training and test loss against the number of updates"

    def __init__(self, view: View, lane: int = 0) -> None:
        self.view, self.lane = view, lane
        self.sent = -1  # the last update whose loss was put in a frame
        self.sent_marks: list[Mark] = []

    def marks(self) -> list[Mark]:
        marks = self.view.experiment.history.marks
        return [Mark(step, text) for step, lane, text in marks if lane == self.lane]

    def revision(self) -> str:
        return f"{self.view.generation}-{self.view.dark}"

    def caption(self) -> str:
        return last_mark(self.marks())

    def about(self) -> dict[str, Any]:
        blue, orange = theme.LANE_COLORS[self.view.dark][:2]
        legend = [["━", blue, "train"], ["┅", orange, "test"]]
        return dict(
            legend=legend, streams=[0, 1], grow=True, log_axes=["xaxis", "yaxis"], ceiling=self.ceiling()
        )

    def ceiling(self) -> float:
        """The highest loss that the chart shows."""
        return CEILING * self.view.experiment.lanes[self.lane].first_loss

    def figure(self) -> Drawing:
        history = self.view.experiment.history
        rows = evenly(len(history.steps), FIGURE_POINTS)
        steps, train, test = (
            plain(values[rows])
            for values in (history.steps, history.train_loss[:, self.lane], history.test_loss[:, self.lane])
        )
        return loss_figure(steps, train, test, self.view.dark, True, self.marks(), self.ceiling())

    def frame(self) -> Part:
        history = self.view.experiment.history
        new = slice(int(np.searchsorted(history.steps, self.sent, side="right")), None)
        self.sent = int(history.steps[-1])
        x = plain(history.steps[new])
        lines = (history.train_loss[new, self.lane], history.test_loss[new, self.lane])
        part: Part = dict(extend=[[trace, x, plain(y)] for trace, y in enumerate(lines)])
        if x:
            ends = [*plain(lines[0])[-1:], *plain(lines[1])[-1:]]
            part["set"] = [[2, *above(x[-1:] * 2, ends, self.ceiling())[:2]]]
        if (marks := self.marks()) != self.sent_marks:
            self.sent_marks = marks
            part["layout"] = mark_layout(marks, self.view.dark)
            part["caption"] = last_mark(marks)
        return part


def evenly(count: int, most: int) -> Array:
    """At most `most` of `count` places, evenly spread, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))
