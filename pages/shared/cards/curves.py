"""The curves of all lanes of a run in one chart."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.studies.comparison import quartile_band
from pages.shared.figures.curves import Curve, Titles, curves_figure, line_ends
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.looks import LaneLook
from pages.shared.figures.loss import Mark, above, last_mark, mark_layout
from pages.shared.figures.packing import plain
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Part
from pages.shared.live.run import LanesRun

CEILING = 10  # times the loss at the start, up to which losses are shown: a lane that leaves does not flatten the others
METRICS = {
    "train_loss": "train loss",
    "validation_loss": "validation loss",
    "test_loss": "test loss",
    "train_accuracy": "train accuracy",
    "validation_accuracy": "validation accuracy",
    "test_accuracy": "test accuracy",
}


class Against(NamedTuple):
    """What curves may stand against, and where that axis ends at first."""

    title: str
    start: float


AGAINST = {
    "updates": Against("updates", 50),
    "epochs": Against("epochs", 4),
    "sample_gradients": Against("gradients of single samples", 1000),
    "milliseconds": Against("milliseconds of training, each lane alone", 20),
}
ENDS_WITHIN = 40  # the newest points among which a curve's end is looked for


class CurvesCard(PlotCard):
    """One curve per lane; over several seeds the median with the band between the quartiles."""

    name = area = "loss"

    def __init__(self, run: LanesRun) -> None:
        self.run = run
        self.sent = -1  # the last step whose points were put in a frame
        self.sent_marks: list[Mark] = []

    @property
    def title(self) -> str:  # type: ignore[override]
        what = METRICS[self.run.metric]
        return what[0].upper() + what[1:]

    @property
    def alt(self) -> str:  # type: ignore[override]
        return f"The {METRICS[self.run.metric]} of every lane against {AGAINST[self.run.against].title}"

    def revision(self) -> str:
        run = self.run
        return f"{run.view.generation}-{run.view.dark}-{run.metric}-{run.against}-{run.look_revision}"

    def caption(self) -> str:
        seeds = f"median and quartiles over {self.run.seeds} seeds" if self.run.seeds > 1 else ""
        return " · ".join(filter(None, (last_mark(self.marks()), seeds)))

    def about(self) -> dict[str, Any]:
        each = 3 if self.run.seeds > 1 else 1
        lanes = [look.key for look in self.looks() for _ in range(each)]
        ceiling = dict(ceiling=self.ceiling()) if np.isfinite(self.ceiling()) else {}
        return dict(
            log_axes=["xaxis", "yaxis"], streams=list(range(len(lanes))), grow=True, lanes=[*lanes, None, None],
            per_lane=[len(lanes), len(lanes) + 1], start=AGAINST[self.run.against].start,
        ) | ceiling  # fmt: skip

    def looks(self) -> list[LaneLook]:
        """The look of each curve."""
        return self.run.looks

    def ceiling(self) -> float:
        """The highest value that the chart shows."""
        if not self.run.metric.endswith("loss"):
            return np.inf
        return CEILING * max(lane.first_loss for lane in self.run.experiment.lanes)

    def curves(self, rows: Any = slice(None)) -> list[Curve]:
        """A curve per lane at some of the history's points."""
        run, history = self.run, self.run.experiment.history
        values, places = history.series(run.metric)[rows], history.series(run.against)[rows]
        result = []
        for seeds in run.rows_of:
            # the runs that go on say where: one that has stopped spends nothing more
            x = places[:, seeds].max(axis=1)
            if len(seeds) == 1:
                result.append(Curve(x, values[:, seeds[0]]))
            else:
                band = quartile_band(np.ascontiguousarray(values[:, None, seeds]))
                low, middle, high = (part[:, 0] for part in band)
                result.append(Curve(x, middle, low, high))
        return result

    def marks(self) -> list[Mark]:
        run, history = self.run, self.run.experiment.history
        places = history.series(run.against)
        marks = run.own_marks()
        for step, row, text in history.marks:
            lane = run.lane_of(row)
            if lane is not None and run.rows_of[lane][0] == row:
                at = min(int(np.searchsorted(history.steps, step)), len(history.steps) - 1)
                at_most = float(places[at, run.rows_of[lane]].max())
                marks.append(Mark(at_most, f"{run.looks[lane].name}: {text}"))
        return marks

    def figure(self) -> Drawing:
        run = self.run
        curves = self.curves(run.experiment.history.drawn())
        note = " (without penalties)" if run.metric == "train_loss" else ""
        titles = Titles(AGAINST[run.against].title, METRICS[run.metric], note)
        return curves_figure(
            curves,
            self.looks(),
            run.view.dark,
            titles,
            self.marks(),
            run.metric.endswith("loss"),
            self.ceiling(),
        )

    def show_kept(self, kept: Any) -> None:
        self.sent, self.sent_marks = -1, []

    def frame(self) -> Part:
        steps = self.run.experiment.history.steps
        new = int(np.searchsorted(steps, self.sent, side="right"))
        curves = self.curves(slice(new, None))
        self.sent = int(steps[-1])
        extend: list[list[Any]] = []
        for x, middle, low, high in curves:
            for y in (middle,) if low is None or high is None else (low, high, middle):
                extend.append([len(extend), plain(x), plain(y)])
        ends = curves if len(steps) - new >= ENDS_WITHIN else self.curves(slice(-ENDS_WITHIN, None))
        part: Part = dict(extend=extend, set=[])
        xs, ys = line_ends(ends)
        at, top, inside = above(xs, ys, self.ceiling())
        part["set"] = [[len(extend), xs, inside], [len(extend) + 1, at, top]]
        if (marks := self.marks()) != self.sent_marks:
            self.sent_marks = marks
            part["layout"] = mark_layout(marks, self.run.view.dark)
            part["caption"] = self.caption()
        return part
