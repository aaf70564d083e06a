"""Bias and variance of networks, live: every width on the same data sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from engine.options import Option
from engine.studies.bias_variance import NetworkFits, samples
from pages.generalisation import bias_figures as draw
from pages.generalisation.bias_common import (
    SHARED,
    answers,
    dart_errors,
    dart_places,
    dart_titles,
    data_controls,
    formulas,
    lowest_guess,
    sum_in_words,
)
from pages.generalisation.study_run import END, StudyRun, run_of
from pages.shared.cluster import workers
from pages.shared.figures.base import figure_json
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.legend import Key
from pages.shared.live.cards import Card, PlotCard
from pages.shared.live.protocol import Part
from pages.shared.page import Page
from pages.shared.predict import predict_run
from pages.shared.still import question
from pages.shared.widgets.option import ladder, number

LABEL = "Networks: live"
WIDTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
OPTIONS = {
    "width": Option("width", 1, "Width shown", "Units of the one hidden layer. All widths train; this one is drawn.", 1, 32, integer=True),
    "updates": Option("updates", 2000, "Updates", "Of Adam on all points, rate 0.02, for every network.", 100, 4000, integer=True),
}  # fmt: skip


class FitsRun(StudyRun):
    """`NetworkFits` with the threads and darts of one width, and the parts of all."""

    layout = '"threads threads threads darts darts" "parts parts parts parts parts"'
    rows = "minmax(0, 1.3fr) minmax(0, 1fr)"
    study: NetworkFits
    width = WIDTHS[0]
    share = 0.25

    def new_study(self) -> NetworkFits:
        return NetworkFits(**self.asked, widths=WIDTHS, connect=workers())

    def make_cards(self) -> list[Card]:
        return [
            FitsCard(self, "threads", self.threads, lambda: draw.thread_keys(self.dark)),
            FitsCard(self, "darts", self.darts, lambda: draw.dart_keys(self.dark)),
            FitsCard(self, "parts", self.parts, lambda: draw.part_keys(self.dark)),
        ]

    @property
    def place(self) -> int:
        """The number of the width that is drawn."""
        return WIDTHS.index(self.width)

    def look_at(self, width: int, share: float) -> None:
        self.width, self.share = width, share

    def revision(self) -> str:
        return f"{super().revision()}-{self.width}-{self.share}"

    def moment(self) -> tuple[Any, ...]:
        return (super().moment(), self.width, self.share)

    def counters(self) -> list[list[str]]:
        sets = self.asked["sets"]
        return [["Networks", f"{sum(self.study.sweep.done) * sets} of {len(WIDTHS) * sets}"]]

    def threads(self) -> tuple[str, str, Drawing]:
        curve, n, sigma, sets, seed = (self.asked[name] for name in ("curve", "n", "sigma", "sets", "seed"))
        x, y = samples(curve, n, sigma, sets, seed)
        _, at = dart_places(curve, self.share)
        figure = draw.threads_figure(curve, self.study.fits[self.place], (x, y[0]), at, self.dark)
        return f"{sets} networks of width {self.width}", "", figure

    def darts(self) -> tuple[str, str, Drawing]:
        places, at = dart_places(self.asked["curve"], self.share)
        errors = dart_errors(self.study.fits[self.place], self.study.truth, places)
        return "A dart for each network", "", draw.darts_figure(errors, dart_titles(at), self.dark)

    def parts(self) -> tuple[str, str, Drawing]:
        sigma, found = self.asked["sigma"], [self.study.parts(k) for k in range(len(WIDTHS))]
        here = found[self.place]
        words = ""
        if here is not None:
            words = sum_in_words(here, sigma, self.asked["sets"]).replace("**", "")
        figure = draw.parts_figure([str(width) for width in WIDTHS], found, sigma, self.place, "width", self.dark)  # fmt: skip
        return "Where the error comes from", words, figure


class FitsCard(PlotCard):
    """One of the run's three pictures: its title, caption and figure."""

    def __init__(
        self, run: FitsRun, name: str, make: Callable[[], tuple[str, str, Drawing]], keys: Callable[[], list[Key]]
    ) -> None:  # fmt: skip
        self.run, self.name, self.make, self.keys = run, name, make, keys
        self.title = make()[0]
        self.alt = f"{self.title}, over all data sets"

    def revision(self) -> str:
        return self.run.revision()

    def caption(self) -> str:
        return self.make()[1]

    def about(self) -> dict[str, Any]:
        return dict(legend=self.keys(), title=self.make()[0])

    def figure(self) -> Drawing:
        return self.make()[2]

    def frame(self) -> Part:
        _, caption, figure = self.make()
        return dict(figure=figure_json(figure), caption=caption)


def show(here: Page) -> None:
    with st.sidebar:
        width = ladder(here.form, "width", OPTIONS["width"], WIDTHS, lambda value: f"{value:g}")
        width = min(WIDTHS, key=lambda known: abs(known - width))
        asked = data_controls(here.form)
        asked["updates"] = number(here.form, "updates", OPTIONS["updates"])
        share = number(here.form, "at", SHARED["at"])
        formulas()
    question(
        "Do networks miss together, or each by itself?",
        "one unit is too stiff, and all miss alike; from a few units on nearly all of the error is variance. Press Train.",
    )
    here.write()
    run = run_of(here, FitsRun, asked)
    run.look_at(width, share)
    found = [run.study.parts(k) for k in range(len(WIDTHS))]
    predict_run(
        here, run, END, lambda: lowest_guess("width", list(WIDTHS), found, ("parts", "threads", "darts"))
    )
    panel = st.container()
    answers()
    with panel:
        here.panel(run)
