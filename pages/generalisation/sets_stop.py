"""When to stop: training, validation and true risk, the rule with its look-ahead, and the weights that it keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engine import DATASETS, DatasetConfig
from engine.data.load import Dataset, load_dataset
from engine.options import Option
from engine.shown import short_number
from engine.studies.early_stopping import CHECK, CURVE_POINTS, FINAL_POINTS, EarlyStopping, Risk, Stop
from pages.generalisation.sets_figures import losses_figure
from pages.generalisation.study_run import END, StudyRun, run_of
from pages.shared.figures import theme
from pages.shared.figures.base import figure_json
from pages.shared.figures.boundary import boundary_figure, field_bytes, field_palette
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.legend import Key
from pages.shared.figures.packing import centres, packed
from pages.shared.live.cards import Card, PlotCard, TableCard, cell, column, count_cell, loss_cell
from pages.shared.live.protocol import Cell, Column, Part, Rest
from pages.shared.page import Page
from pages.shared.predict import Guess, predict_run
from pages.shared.still import answer, question
from pages.shared.widgets.option import choose, ladder, number

LABEL = "When to stop"
PROBLEMS = {key: info for key, info in DATASETS.items() if info.task == "binary" and info.make is not None}
LOOK_AHEADS = (0, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
BATCHES = (0, 1, 2, 5, 10, 20, 50)
CELLS = 48
OPTIONS = {
    "look_ahead": Option("look_ahead", 100, "Look-ahead", "How many updates to go on after the best check, in the hope of a better one.", 0, 2000, integer=True),
    "train": Option("train", 50, "Training points", "That the network learns from.", 20, 200, integer=True),
    "validation": Option("validation", 50, "Validation points", "That choose when to stop.", 0, 150, integer=True),
    "test": Option("test", 50, "Test points", "That are looked at once, in the end.", 0, 150, integer=True),
    "self": Option("self", False, "Choose by the training points", "What happens when the points that choose are those that were learned."),
    "data": Option("data", "xor", "Data set", "What the points are.", choices=tuple(PROBLEMS)),
    "noise": Option("noise", 0.5, "Noise", "How far points are scattered around their place.", 0.0, 1.0),
    "width": Option("width", 32, "Width", "Units of each of the two hidden layers.", 1, 32, integer=True),
    "batch": Option("batch", 0, "Batch size", "0 is all training points.", 0, 200, integer=True),
    "updates": Option("updates", 2000, "Updates", "Of Adam, rate 0.003.", 100, 2000, integer=True),
    "seed": Option("seed", 0, "Seed", "Of the data and the initial weights.", 0, 99, integer=True),
}  # fmt: skip


def data_of(asked: dict[str, Any]) -> Dataset:
    """So many points in each of the three sets."""
    held_out = asked["validation"] + asked["test"]
    total = asked["train"] + held_out
    shares = dict(test_fraction=asked["test"] / total, validation_fraction=asked["validation"] / total)
    return load_dataset(DatasetConfig(asked["data"], total, asked["noise"], seed=asked["seed"], **shares))


class StopRun(StudyRun):
    """`EarlyStopping`, its losses, two sets of weights, and what each is worth."""

    layout = '"losses losses kept last" "losses losses worth worth"'
    rows = "minmax(0, 1.2fr) minmax(0, 1fr)"
    study: EarlyStopping
    look_ahead = 0

    def new_study(self) -> EarlyStopping:
        asked = self.asked
        self.worths: dict[int, Risk] = {}
        chooses = "train" if asked["self"] else "validation"
        return EarlyStopping(data_of(asked), asked["width"], asked["batch"] or asked["train"], asked["updates"], asked["seed"], chooses)  # fmt: skip

    def make_cards(self) -> list[Card]:
        return [LossesCard(self), WeightsCard(self, "kept"), WeightsCard(self, "last"), WorthCard(self)]

    def moment(self) -> tuple[Any, ...]:
        return (super().moment(), self.look_ahead)

    def counters(self) -> list[list[str]]:
        updates = self.study.watched.updates
        return [["Updates", f"{updates[-1] if len(updates) else 0:,}"]]

    @property
    def stopped(self) -> Stop | None:
        return self.study.watched.stop(self.look_ahead)

    def check_of(self, which: str) -> int | None:
        """The check of the weights that are kept, or of the last."""
        checks = len(self.study.watched.risk)
        if which == "last":
            return checks - 1 if checks else None
        return self.stopped.best if self.stopped is not None else None

    def exactly(self, check: int) -> Risk:
        """The true risk at a check on many points, worked out once."""
        if check not in self.worths:
            self.worths[check] = self.study.worth(check)
        return self.worths[check]


class LossesCard(PlotCard):
    """All losses against updates, and where the rule would have stopped."""

    name, title = "losses", "Loss"
    alt = "Training, validation and true loss against updates, and where training would stop"

    def __init__(self, run: StopRun) -> None:
        self.run = run

    def revision(self) -> str:
        return f"{self.run.revision()}-{self.run.look_ahead}"

    def about(self) -> dict[str, Any]:
        blue, orange, green = theme.LANE_COLORS[self.run.dark][:3]
        return dict(legend=[Key("━", orange, "training"), Key("━", blue, "validation"), Key("━", green, f"{CURVE_POINTS:,} new points ± error"), Key("●", theme.CHOSEN, "kept")])  # fmt: skip

    def caption(self) -> str:
        stopped, watched = self.run.stopped, self.run.study.watched
        if stopped is None:
            return "no validation points: nothing says when to stop" if watched.risk else ""
        where = f"best at {stopped.best * CHECK:,}"
        return where + (f", would stop at {stopped.at * CHECK:,}" if stopped.at is not None else ", goes on")

    def figure(self) -> Drawing:
        run = self.run
        return losses_figure(run.study.watched, run.stopped, run.look_ahead, run.asked["updates"], run.dark)

    def frame(self) -> Part:
        return dict(figure=figure_json(self.figure()), caption=self.caption())


class WeightsCard(PlotCard):
    """What the kept weights predict, or the last ones."""

    def __init__(self, run: StopRun, which: str) -> None:
        self.run, self.which, self.name = run, which, which
        self.title = "Kept" if which == "kept" else "Last"
        self.alt = f"What the {which} weights predict, with the points of all sets"

    def revision(self) -> str:
        return self.run.revision()

    def about(self) -> dict[str, Any]:
        return dict(palette=packed(field_palette(self.run.study.data, self.run.dark)))

    def caption(self) -> str:
        check = self.run.check_of(self.which)
        return "" if check is None else f"update {check * CHECK:,}"

    def figure(self) -> Drawing:
        return boundary_figure(self.run.study.data, self.run.dark, True, small=True)

    def frame(self) -> Part:
        check, study = self.run.check_of(self.which), self.run.study
        if check is None:
            return dict(caption=self.caption())
        data = study.data
        x, y = centres(*data.x_range, CELLS), centres(*data.y_range, CELLS)
        points = data.map_features(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2))
        outputs = study.experiment.mlp(0).predict(study.watched.weights_at(check)[None], points)[0]
        image = packed(field_bytes(outputs, data, False))
        return dict(image=dict(data=image, width=CELLS, height=CELLS), caption=self.caption())

    def rest(self) -> Rest | None:
        part = self.frame()
        return dict(figure=figure_json(self.figure()), caption=self.caption()) | part  # type: ignore[return-value]


class WorthCard(TableCard):
    """The three losses of the kept and of the last weights, and their true risk."""

    name, title, file = "worth", "What the weights are worth", "three_sets"
    alt = "The losses of the kept and of the last weights on all sets and on new points"

    def __init__(self, run: StopRun) -> None:
        self.run = run

    def revision(self) -> str:
        return self.run.revision()

    def caption(self) -> str:
        return (
            f"new points: {FINAL_POINTS:,}"
            if self.run.study.sweep.finished
            else f"new points: {CURVE_POINTS:,}"
        )

    def columns(self) -> list[Column]:
        return [
            column("Weights"), column("Update"), column("Training"), column("Validation", "It has chosen, so it is a little too good"),
            column("Test", "Looked at once, for the kept weights"), column("New points", "The true risk, with its standard error"),
        ]  # fmt: skip

    def table(self) -> list[list[Cell]]:
        run, rows = self.run, []
        watched = run.study.watched
        for which, title in (("kept", "Kept"), ("last", "Last")):
            check = run.check_of(which)
            if check is None:
                rows.append([cell(title, None), *(cell("–", np.nan) for _ in range(5))])
                continue
            risk = run.exactly(check) if run.study.sweep.finished else watched.risk[check]
            losses = [loss_cell(watched.losses[name][check]) for name in ("train", "validation", "test")]
            said = cell(f"{short_number(risk.mean)} ± {short_number(risk.error, 1)}", risk.mean)
            rows.append([cell(title, None), count_cell(check * CHECK), *losses, said])
        return rows


def show(here: Page) -> None:
    asked, look_ahead = controls(here)
    question(
        "The training loss falls and falls. When should one stop?",
        "the validation loss turns and climbs; what is kept is the best, not the last. Press Train.",
    )
    here.write()
    if asked["validation"] == 0 and not asked["self"]:
        st.caption("No validation points: nothing says when to stop, and the network is trained to the end.")
    run = run_of(here, StopRun, asked)
    run.look_ahead = look_ahead
    predict_run(here, run, END, lambda: best_guess(run))
    panel = st.container()
    answer(
        "The lecture says: stop when the validation error rises. It rises and falls all the time, so one **looks ahead**: go on for "
        "a while, and keep the weights of the best check. Too short a look-ahead stops before the best: try the moons with "
        "20. None at all with batches of one stops at the first stumble. A long one costs time, nothing else. If the training points "
        "choose, training never stops in time: their loss falls to the end. The validation points have chosen, so their loss is a little too good: "
        "the test points, looked at once, are fair, and so are new points, if one can have them: "
        f"{CURVE_POINTS:,} for the curve, and {FINAL_POINTS:,} others in the table once training has ended.",
        "Answer: which weights are kept?",
    )
    with panel:
        here.panel(run)


def best_guess(run: StopRun) -> Guess:
    stopped, chooses = run.stopped, "training" if run.asked["self"] else "validation"
    best = None if stopped is None else float(stopped.best * CHECK)
    return Guess(
        f"Of {run.asked['updates']:,} updates, after how many is the {chooses} loss lowest?",
        best, f"There are no {chooses} points." if best is None else f"Update {best:,.0f}.", covers=("losses", "kept", "last", "worth"),
    )  # fmt: skip


def controls(here: Page) -> tuple[dict[str, Any], int]:
    form = here.form
    with st.sidebar:
        look_ahead = ladder(
            form, "look_ahead", OPTIONS["look_ahead"], LOOK_AHEADS, lambda value: f"{value:g}"
        )
        st.latex(r"\text{stop at the first }t\ge t_{\text{best}}+" + str(look_ahead))
        sizes = {name: number(form, name, OPTIONS[name]) for name in ("train", "validation", "test")}
        chooses = number(form, "self", OPTIONS["self"])
        data = choose(form, "data", OPTIONS["data"].label, PROBLEMS, "xor")
        noise, width = (number(form, name, OPTIONS[name]) for name in ("noise", "width"))
        batch = ladder(form, "batch", OPTIONS["batch"], BATCHES, lambda value: str(value) if value else "all")
        updates, seed = (number(form, name, OPTIONS[name]) for name in ("updates", "seed"))
    batch = min(batch, sizes["train"])
    return dict(sizes, self=chooses, data=data, noise=noise, width=width, batch=batch, updates=updates, seed=seed), look_ahead  # fmt: skip
