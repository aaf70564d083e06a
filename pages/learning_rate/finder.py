"""The finder view: raise the rate at every update, watch the loss, and try what three rules suggest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from engine import Experiment, ExperimentConfig, LaneConfig
from engine.data.load import Dataset
from engine.limits import FIELDS
from engine.options import Option
from engine.shown import short_number
from engine.studies.range_test import RangeTest, range_test
from pages.learning_rate import figures as rate_figures
from pages.learning_rate.common import method_controls, range_controls, show_run
from pages.learning_rate.lanes import RateRun
from pages.shared.cards.curves import CurvesCard
from pages.shared.figures.drawing import Drawing
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Rest, State
from pages.shared.page import Page, View
from pages.shared.widgets.experiment import SWITCHES, base_controls, switches
from pages.shared.widgets.option import number
from pages.shared.widgets.training import batch_control

PARAMETERS = SWITCHES | {
    "low": Option("low", 0.001, "Lowest rate", "Where the test begins.", 1e-5, 70.0, log=True),
    "high": Option("high", 100.0, "Highest rate", "Where it ends, if the loss has not exploded before.", 1e-4, 700.0, log=True),
    "length": Option("length", 200, "Updates of the test", "The rate grows a little at each of them.", 50, 1000, integer=True),
    "smoothing": Option("smoothing", 0.9, "Smoothing β", "The share of the past in the smoothed loss. 0: none.", 0.0, 0.99),
}  # fmt: skip
IDLE = (
    "No rate in this range does anything: with none of them does a batch's loss fall. Choose higher rates; the "
    "method's usual one is tried."
)
NOTHING = (
    "The smoothed loss never falls here, so no rule suggests a rate; the method's usual one is tried. "
    "Widen the range of rates, or smooth less."
)
VERIFY_UPDATES, VERIFY_FRAMES = 300, 60


class FinderRun(RateRun):
    """The range test of a lane, and a short training run at each of the rates that it suggests."""

    def __init__(
        self,
        base: ExperimentConfig,
        low: float,
        high: float,
        updates: int,
        smoothing: float,
        data: Dataset,
        dark: bool,
    ) -> None:
        self.asked = (base, low, high, updates, smoothing)
        self.test = range_test(Experiment(base, data), 0, low, high, updates, smoothing)
        super().__init__(replace(base, lanes=trial_lanes(base.lanes[0], self.test)), data, dark)
        for _ in range(VERIFY_FRAMES):
            self.advance("play", VERIFY_UPDATES // VERIFY_FRAMES)

    def make_cards(self) -> None:
        self.cards = [RangeCard(self), *self.boundaries(), CurvesCard(self)]
        count = len(self.looks)
        pictures = " ".join(f"lane{k}" for k in range(count))
        self.layout = f'"{"range " * count}{pictures}" "{"range " * count}{"loss " * count}"'
        self.rows = "minmax(0, .75fr) minmax(0, 1fr)"

    def state(self) -> State:
        state = super().state()
        if not self.test.suggestions:
            state["message"] = IDLE if self.test.idle else NOTHING
        return state


class RangeCard(PlotCard):
    """Raw and smoothed loss against the rate, with the suggestions."""

    name, title = "range", "Range test"
    alt = "The loss while the learning rate grows, raw and smoothed, with three suggested rates"

    def __init__(self, run: FinderRun) -> None:
        self.run = run

    def figure(self) -> Drawing:
        run = self.run
        marks = [
            (suggestion.label, suggestion.rate, float(run.test.smoothed[suggestion.index]), look)
            for suggestion, look in zip(run.test.suggestions, run.looks, strict=False)
        ]
        return rate_figures.range_figure(
            run.test.rates, run.test.raw, run.test.smoothed, marks, run.view.dark
        )

    def revision(self) -> str:
        return f"{self.run.view.dark}-{self.run.look_revision}"

    def caption(self) -> str:
        test = self.run.test
        if not len(test.rates):
            return "the loss exploded at once"
        last = short_number(test.rates[-1])
        return f"{len(test.rates)} updates, " + (
            f"stopped at η {last}: the loss exploded" if test.exploded else f"up to η {last}"
        )

    def about(self) -> dict[str, Any]:
        return dict(log_axes=["yaxis"])

    def rest(self) -> Rest | None:
        return None


def trial_lanes(method: LaneConfig, test: RangeTest) -> tuple[LaneConfig, ...]:
    """One lane at each suggested rate; the method's usual rate where there is no suggestion."""
    rate = FIELDS["learning_rate"]
    if not test.suggestions:
        return (replace(method, name=f"usual η {short_number(method.learning_rate)}"),)
    return tuple(
        replace(
            method,
            learning_rate=rate.clamp(float(f"{s.rate:.3g}")),
            name=f"{SHORT[s.key]} η {short_number(s.rate)}",
        )
        for s in test.suggestions
    )


SHORT = {"steepest": "steepest", "minimum": "min/10", "valley": "valley"}


VIEW = View("Finder", PARAMETERS, shares=True)


def show(here: Page) -> None:
    with st.sidebar:
        with st.expander("Range test", expanded=True, icon=":material/search_insights:"):
            test_box = st.container()
            method = method_controls(here)
            with test_box:
                low, high = range_controls(here)
                updates, smoothing = (
                    number(here.form, name, PARAMETERS[name]) for name in ("length", "smoothing")
                )
                st.latex(r"a_k=\beta a_{k-1}+(1-\beta)\,\ell_k")
                st.latex(r"\text{smoothed}_k = a_k/(1-\beta^{k+1})")
            batch_box = st.container()
        base = base_controls(here.base)
        with batch_box:
            batch = batch_control(here.base, base.dataset.samples)
        switches(here.form)
    base = replace(base, batch_size=batch, lanes=(method,))
    here.write(base)
    asked = (base, low, high, updates, smoothing)
    st.caption(
        "The rate grows at every update: the loss falls, then explodes. Three rules pick a rate; each is tried for 300 updates."
    )

    def make(config: ExperimentConfig, data: Dataset, dark: bool) -> FinderRun:
        return FinderRun(config, low, high, updates, smoothing, data, dark)

    show_run(here, base, make, lambda run: run.asked == asked)
