"""The loss of one network over time."""

from __future__ import annotations

from typing import Any

import numpy as np

from pages.shared.figures.drawing import Drawing
from pages.shared.figures.loss import SET_LINES, Mark, above, last_mark, loss_figure, mark_layout
from pages.shared.figures.packing import Array, plain
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Part
from pages.shared.live.view import View

CEILING = 1000  # times the loss at the start, up to which losses are shown


class LossCard(PlotCard):
    name, title = "loss", "Loss"
    alt = "Loss on training data and on data never trained on against the number of updates"

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
        sets = self.sets()
        legend = [[SET_LINES[name].glyph, SET_LINES[name].color(self.view.dark), name] for name in sets]
        return dict(
            legend=legend,
            streams=list(range(len(sets))),
            grow=True,
            log_axes=["xaxis", "yaxis"],
            ceiling=self.ceiling(),
        )

    def sets(self) -> list[str]:
        """The sets whose loss is drawn, a trace each."""
        return ["train", "test", "validation"] if len(self.view.data.y_validation) else ["train", "test"]

    def ceiling(self) -> float:
        """The highest loss that the chart shows."""
        return CEILING * self.view.experiment.lanes[self.lane].first_loss

    def figure(self) -> Drawing:
        history = self.view.experiment.history
        rows = history.drawn()
        lines = {name: plain(history.series(f"{name}_loss")[rows, self.lane]) for name in self.sets()}
        steps = plain(history.steps[rows])
        return loss_figure(steps, lines, self.view.dark, True, self.marks(), self.ceiling())

    def show_kept(self, kept: Any) -> None:
        self.sent, self.sent_marks = -1, []

    def frame(self) -> Part:
        history = self.view.experiment.history
        new = slice(int(np.searchsorted(history.steps, self.sent, side="right")), None)
        self.sent = int(history.steps[-1])
        x = plain(history.steps[new])
        lines = [history.series(f"{name}_loss")[new, self.lane] for name in self.sets()]
        part: Part = dict(extend=[[trace, x, plain(y)] for trace, y in enumerate(lines)])
        if x:
            ends = [plain(line)[-1] for line in lines]
            part["set"] = [[len(lines), *above(x[-1:] * len(lines), ends, self.ceiling())[:2]]]
        if (marks := self.marks()) != self.sent_marks:
            self.sent_marks = marks
            part["layout"] = mark_layout(marks, self.view.dark)
            part["caption"] = last_mark(marks)
        return part


def evenly(count: int, most: int) -> Array:
    """At most `most` of `count` places, evenly spread, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))
