"""The cards that show all lanes of a `LanesRun` together: their curves, and their scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.studies.comparison import first_reach, quartile_band
from engine.studies.quantiles import quantile
from pages.shared.figures import curves as lane_figures
from pages.shared.live.panel import figure_json
from pages.shared.live.view import plain

if TYPE_CHECKING:
    from pages.shared.live.lanes import LanesRun

METRICS = {
    "train_loss": "train loss", "test_loss": "test loss", "train_accuracy": "train accuracy", "test_accuracy": "test accuracy",
}  # fmt: skip
AGAINST = {
    "updates": ("updates", 50),
    "epochs": ("epochs", 4),
    "sample_gradients": ("gradients of single samples", 1000),
    "milliseconds": ("milliseconds of training", 20),
}  # what the curves may stand against, with the first axis end
FIGURE_POINTS = 500  # of each line in a figure; what streams in afterwards is kept whole


class LanesLossChart:
    """One curve per lane; over several seeds the median with the band between the quartiles."""

    name = "loss"

    def __init__(self, run: LanesRun) -> None:
        self.run = run
        self.sent = -1  # the last step whose points were put in a frame
        self.shown = ""

    def lines(self, rows: Any = slice(None)) -> list[tuple]:
        """(x, median, low, high) per lane at some of the history's points."""
        run, history = self.run, self.run.experiment.history
        values, places = history.series(run.metric)[rows], history.series(run.against)[rows]
        result: list[tuple] = []
        for seeds in run.rows_of:
            x = places[:, seeds].max(
                axis=1
            )  # of the runs that go on: one that has stopped spends nothing more
            if len(seeds) == 1:
                result.append((x, values[:, seeds[0]], None, None))
            else:
                band = quartile_band(np.ascontiguousarray(values[:, None, seeds]))
                low, middle, high = (part[:, 0] for part in band)
                result.append((x, middle, low, high))
        return result

    def marks(self) -> list[tuple[float, str]]:
        run, history = self.run, self.run.experiment.history
        places = history.series(run.against)
        marks = []
        for step, row, text in history.marks:
            lane = run.lane_of(row)
            if lane is not None and run.rows_of[lane][0] == row:
                at = min(int(np.searchsorted(history.steps, step)), len(history.steps) - 1)
                at_most = float(places[at, run.rows_of[lane]].max())
                marks.append((at_most, f"{run.looks[lane].name}: {text}"))
        return marks

    def figure(self):
        run = self.run
        count = len(run.experiment.history.steps)
        rows = np.unique(np.linspace(0, count - 1, min(count, FIGURE_POINTS)).round().astype(int))
        is_loss = run.metric.endswith("loss")
        return lane_figures.curves_figure(
            self.lines(rows), run.looks, run.view.dark, AGAINST[run.against][0], METRICS[run.metric], self.marks(), is_loss
        )  # fmt: skip

    def spec(self) -> dict[str, Any]:
        run = self.run
        each = 3 if run.seeds > 1 else 1
        lanes = [look.key for look in run.looks for _ in range(each)] + [None]
        what = METRICS[run.metric]
        revision = f"{run.view.generation}-{run.view.dark}-{run.metric}-{run.against}-{len(self.marks())}-{run.look_revision}"
        if revision != self.shown:
            self.shown, self.sent = revision, -1
        return dict(
            name=self.name, kind="plotly", area="loss", title=what[0].upper() + what[1:], log_axes=["xaxis", "yaxis"],
            caption=f"median and quartiles over {run.seeds} seeds" if run.seeds > 1 else "",
            alt=f"The {what} of every lane against {AGAINST[run.against][0]}",
            revision=revision, figure=self.figure, streams=list(range(len(lanes) - 1)), grow=True, lanes=lanes,
            start=AGAINST[run.against][1],
        )  # fmt: skip

    def frame(self) -> dict[str, Any]:
        steps = self.run.experiment.history.steps
        lines = self.lines(steps > self.sent)
        self.sent = int(steps[-1])
        extend: list[list] = []
        for x, middle, low, high in lines:
            for y in (low, high, middle) if low is not None else (middle,):
                extend.append([len(extend), plain(x), plain(y)])
        ends = lane_figures.line_ends(self.lines(slice(-40, None)))
        return dict(extend=extend, set=[[len(extend), *ends]])

    def rest(self) -> dict[str, Any]:
        return dict(figure=figure_json(self.figure()))


class ScoresTable:
    """What each lane reached, and what it cost. Over several seeds: medians."""

    name = "scores"

    def __init__(self, run: LanesRun) -> None:
        self.run = run

    def columns(self) -> list[dict[str, str]]:
        target = f"{self.run.target:g}"
        columns = [("Lane", ""), ("Status", "running, stopped or diverged"), ("Train loss", "now"), ("Best train", "lowest train loss so far"),
                   ("Test loss", "now"), ("Best test", "lowest test loss so far")]  # fmt: skip
        if self.run.view.data.task != "regression":
            columns += [("Train acc.", "now"), ("Test acc.", "now")]
        columns += [(f"Updates to {target}", "updates until the train loss was first at or under the target"),
                    (f"Gradients to {target}", "gradients of single samples until then"), ("Time", "milliseconds of training")]  # fmt: skip
        return [
            dict(title=title, help=f"Sort by {title}" + (f": {help}" if help else ""))
            for title, help in columns
        ]

    def rows(self) -> list[list[dict[str, Any]]]:
        run, history = self.run, self.run.experiment.history
        table = []
        for look, seeds in zip(run.looks, run.rows_of, strict=True):
            states = [run.experiment.status[row].state for row in seeds]
            status = (
                states[0]
                if len(set(states)) == 1
                else ", ".join(f"{states.count(s)} {s}" for s in dict.fromkeys(states))
            )

            def best(name: str, seeds=seeds) -> float:
                values = history.series(name)[:, seeds]
                return middle(np.where(np.isnan(values), np.inf, values).min(axis=0))

            def last(name: str, seeds=seeds) -> float:
                return middle(history.series(name)[-1, seeds])

            def reach(cost: str, seeds=seeds) -> float:
                found = [
                    first_reach(history.train_loss[:, row], history.series(cost)[:, row], run.target)
                    for row in seeds
                ]
                return middle([np.inf if value is None else value for value in found])

            cells = [cell(look.name, None), cell(status, None)]
            cells += [
                loss_cell(last("train_loss")),
                loss_cell(best("train_loss")),
                loss_cell(last("test_loss")),
                loss_cell(best("test_loss")),
            ]
            if run.view.data.task != "regression":
                cells += [share_cell(last("train_accuracy")), share_cell(last("test_accuracy"))]
            cells += [
                count_cell(reach("updates")),
                count_cell(reach("sample_gradients")),
                count_cell(last("milliseconds"), " ms"),
            ]
            table.append(cells)
        return table

    def spec(self) -> dict[str, Any]:
        run = self.run
        task = run.view.data.task
        return dict(
            name=self.name, kind="table", area="scores", title="Scores", file="scores",
            caption=f"medians over {run.seeds} seeds" if run.seeds > 1 else "click a heading to sort",
            alt="Scores of all lanes", revision=f"{run.view.dark}-{task}-{run.target:g}-{run.look_revision}", figure=self.figure,
        )  # fmt: skip

    def figure(self) -> dict[str, Any]:
        looks = [dict(lane=look.key, color=look.color, glyph=look.glyph) for look in self.run.looks]
        return dict(columns=self.columns(), looks=looks, rows=self.rows())

    def frame(self) -> dict[str, Any]:
        return dict(rows=self.rows())

    def rest(self) -> dict[str, Any]:
        return dict(rows=self.rows())


def middle(values: Any) -> float:
    """The median, with what is not a number above all; infinite where it lies beyond every number."""
    values = np.asarray(values, float)
    return float(quantile(np.where(np.isnan(values), np.inf, values), 0.5))


def cell(text: str, value: float | None) -> dict[str, Any]:
    return dict(
        text=text,
        value=value if value is not None and np.isfinite(value) else None if value is not None else text,
    )


def loss_cell(value: float) -> dict[str, Any]:
    return cell(f"{value:.4g}" if np.isfinite(value) else "–", value)


def share_cell(value: float) -> dict[str, Any]:
    return cell(f"{100 * value:.1f} %" if np.isfinite(value) else "–", value)


def count_cell(value: float, unit: str = "") -> dict[str, Any]:
    return cell(f"{value:,.0f}{unit}" if np.isfinite(value) else "–", value)
