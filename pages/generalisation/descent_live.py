"""Double descent, live: networks of twelve widths on eight data sets each, all at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engine.options import Option
from engine.shown import short_number
from engine.studies.width_sweep import SETS, WIDTHS, WidthSweep
from pages.generalisation.figures import cells_figure, descent_figure
from pages.generalisation.study_run import END, StudyRun, run_of
from pages.shared.cluster import workers
from pages.shared.figures import theme
from pages.shared.figures.base import figure_json
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.legend import Key
from pages.shared.live.cards import Card, PlotCard
from pages.shared.live.protocol import Part
from pages.shared.page import Page
from pages.shared.predict import Guess, predict_run
from pages.shared.still import answer, question
from pages.shared.widgets.option import ladder, number

LABEL = "Live: networks"
PENALTIES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
BATCHES = (0, 1, 2, 5, 10, 20, 40)
OPTIONS = {
    "samples": Option("samples", 40, "Samples n", "Points in each training set.", 20, 80, integer=True),
    "spread": Option("spread", 0.5, "Noise σ", "Standard deviation of the noise in y.", 0.0, 1.0),
    "l2": Option("l2", 0.0, "L2 penalty", "λ of the penalty λ/2·Σw².", 0.0, 1.0, log=True),
    "batch": Option("batch", 0, "Batch size", "0 is the whole training set: no noise from batches.", 0, 80, integer=True),
    "updates": Option("updates", 4000, "Updates", "Of Adam, rate 0.02, for every network.", 500, 12000, integer=True),
    "seed": Option("seed", 0, "Seed", "Of the data sets and the initial weights.", 0, 99, integer=True),
}  # fmt: skip


class DescentRun(StudyRun):
    """A `WidthSweep`, its curve and its cells."""

    layout = '"descent descent descent cells cells"'
    rows = "minmax(0, 1fr)"
    study: WidthSweep

    def new_study(self) -> WidthSweep:
        return WidthSweep(**self.asked, connect=workers())

    def make_cards(self) -> list[Card]:
        return [DescentCard(self), CellsCard(self)]

    def counters(self) -> list[list[str]]:
        done = sum(self.study.sweep.done) * SETS
        return [["Networks", f"{done} of {self.study.test.size}"]]


class DescentCard(PlotCard):
    """Errors against the number of weights per sample."""

    name, title = "descent", "Median error"
    alt = "The errors on training points and on new points, against weights per sample"

    def __init__(self, run: DescentRun) -> None:
        self.run = run

    def revision(self) -> str:
        return self.run.revision()

    def caption(self) -> str:
        study = self.run.study
        if study.peak is None:
            return "not yet trained"
        count = study.parameters[study.peak]
        return f"highest at P = {count}, {count / study.n:.2f} per sample"

    def figure(self) -> Drawing:
        study = self.run.study
        return descent_figure(study.parameters, study.n, study.train, study.test, self.run.dark)

    def about(self) -> dict[str, Any]:
        blue, orange = theme.LANE_COLORS[self.run.dark][:2]
        return dict(legend=[Key("●", blue, "new points"), Key("■", orange, "training points")])

    def frame(self) -> Part:
        return dict(figure=figure_json(self.figure()), caption=self.caption())


class CellsCard(PlotCard):
    """Every network's error on new points."""

    name, title = "cells", "Error on new points, each network"
    alt = "The error on new points of every network, by width and data set"

    def __init__(self, run: DescentRun) -> None:
        self.run = run

    def revision(self) -> str:
        return self.run.revision()

    def figure(self) -> Drawing:
        return cells_figure(self.run.study.widths, self.run.study.test, self.run.dark)

    def frame(self) -> Part:
        return dict(figure=figure_json(self.figure()))


def peak_guess(run: DescentRun) -> Guess:
    study = run.study
    medians = np.median(study.test, axis=1)
    peak = study.peak
    found = (
        ""
        if peak is None
        else f"P = {study.parameters[peak]}, width {study.widths[peak]}: {short_number(medians[peak])}. At P = {study.parameters[-1]} it is {short_number(medians[-1])}."
    )
    return Guess(
        f"Networks with P weights and biases learn from {study.n} samples. At which P is the median error on new points highest?",
        None if peak is None else float(study.parameters[peak]), found, covers=("descent", "cells"),
    )  # fmt: skip


def show(here: Page) -> None:
    form = here.form
    with st.sidebar:
        n, noise = (number(form, name, OPTIONS[name]) for name in ("samples", "spread"))
        l2 = ladder(form, "l2", OPTIONS["l2"], PENALTIES)
        st.latex(r"\frac1n\sum_i(\hat y_i-y_i)^2+\frac\lambda2\sum w^2")
        batch = ladder(form, "batch", OPTIONS["batch"], BATCHES, lambda value: str(value) if value else "all")  # fmt: skip
        updates, seed = (number(form, name, OPTIONS[name]) for name in ("updates", "seed"))
        st.latex(r"P=7\,\text{width}+1")
    question(
        "Does a trained network do it too?",
        "a peak where the training error first reaches zero, near one weight per sample. Press Train.",
    )
    here.write()
    asked = dict(n=n, noise=noise, l2=l2, batch=min(batch, n), updates=updates, seed=seed)
    run = run_of(here, DescentRun, asked)
    predict_run(here, run, END, lambda: peak_guess(run))
    panel = st.container()
    answer(
        f"{len(WIDTHS)} widths × {SETS} data sets, five inputs, one tanh layer, y = sin(x₁x₂) + x₃/2 + x₄/2 + noise; a network of width w "
        "has P = 7w + 1 weights and biases. With n = 80 the peak **moves** to about P = 80: it is tied to the data, not to the network. It is not an "
        "effect of mini-batches: here every update sees all the points, unless you choose a batch size. With less noise the peak shrinks, and the "
        "second valley becomes the lower one. With an L2 penalty of 0.1 there is no peak at all: with n = 40 the error is between 0.34 and 0.39 at every width from "
        "6 on, and between 0.23 and 0.38 with other seeds, as it depends on the eight data sets that were drawn. Medians are shown, as the "
        "mean near the peak is ruled by a few networks.",
        "Answer: what moves the peak, and what removes it?",
    )
    with panel:
        here.panel(run)
