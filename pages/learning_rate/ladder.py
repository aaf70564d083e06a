"""The ladder view: the same network at many rates at once, from frozen to exploded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from engine import ExperimentConfig
from engine.data.load import Dataset
from engine.options import Option
from engine.studies.rate_search import log_rates
from pages.learning_rate import figures as rate_figures
from pages.learning_rate.common import method_controls, range_controls, show_run
from pages.learning_rate.lanes import RateRun
from pages.shared.cards.curves import CurvesCard
from pages.shared.figures import theme
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.packing import Array, plain
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Part
from pages.shared.live.run import boundary_layout
from pages.shared.page import Page, View
from pages.shared.widgets.experiment import SWITCHES, base_controls, switches
from pages.shared.widgets.option import number
from pages.shared.widgets.training import batch_control

PARAMETERS = SWITCHES | {
    "low": Option("low", 0.001, "Lowest rate", "The first rung.", 1e-5, 70.0, log=True),
    "high": Option("high", 100.0, "Highest rate", "The last rung.", 1e-4, 700.0, log=True),
    "rungs": Option("rungs", 11, "Rungs", "How many rates, evenly spaced in the logarithm.", 9, 11, integer=True),
}  # fmt: skip
COLD_TO_HOT = {
    False: ["#20559a", "#2b93c2", "#1d9a83", "#8a9a1e", "#d98a00", "#d1521f", "#8e1b3a"],
    True: ["#6ea3ee", "#58c4ee", "#3fceb0", "#c3d24c", "#f5b73f", "#ff7d4d", "#f0638c"],
}


class LadderRun(RateRun):
    """Lanes that differ in their rate: coloured from cold to hot, with the loss of each against its rate."""

    def __init__(self, config: ExperimentConfig, data: Dataset, dark: bool) -> None:
        super().__init__(config, data, dark, colors=rung_colors(len(config.lanes), dark))

    def set_looks(self, dark: bool) -> None:
        self.colors = rung_colors(len(self.config.lanes), dark)
        super().set_looks(dark)

    def reason(self, row: int) -> str:
        """That rates are too large is what the charts show here: said is only which lanes have stopped."""
        return self.experiment.status[row].reason

    def make_cards(self) -> None:
        self.cards = [*self.boundaries(), CurvesCard(self), RungsCard(self)]
        self.layout, self.rows = boundary_layout(len(self.looks), loss=1, rungs=1)


class RungsCard(PlotCard):
    """Each rung's loss now, against its rate."""

    name, title = "rungs", "Train loss now, against the rate"
    alt = "The loss of each rung now, against its learning rate"

    def __init__(self, run: LadderRun) -> None:
        self.run = run

    def values(self) -> tuple[Array, Array]:
        """Rates, and losses: NaN where diverged."""
        experiment = self.run.experiment
        rates = np.array([lane.learning_rate for lane in self.run.config.lanes])
        losses = experiment.history.train_loss[-1].copy()
        losses[[status.state == "diverged" for status in experiment.status]] = np.nan
        return rates, losses

    def figure(self) -> Drawing:
        return rate_figures.rungs_figure(*self.values(), self.run.looks, self.run.view.dark)

    def revision(self) -> str:
        run = self.run
        return f"{run.view.generation}-{run.view.dark}-{run.look_revision}"

    def caption(self) -> str:
        return "a valley opens: its floor is the best rate"

    def about(self) -> dict[str, Any]:
        return dict(log_axes=["yaxis"], grow="y", streams=[0, 1, 2])

    def frame(self) -> Part:
        rates, losses = self.values()
        points = [plain(rates), plain(losses)]
        return dict(set=[[0, *points], [1, *points], [2, *rate_figures.lost_points(rates, losses)]])


def rung_colors(count: int, dark: bool) -> list[str]:
    return ["#{:02x}{:02x}{:02x}".format(*color) for color in theme.ramp(COLD_TO_HOT[dark], count)]


def ladder_config(base: ExperimentConfig, low: float, high: float, rungs: int) -> ExperimentConfig:
    """`base` with one lane for each rate."""
    lanes = tuple(
        replace(base.lanes[0], learning_rate=rate, name=f"η {rate:g}") for rate in log_rates(low, high, rungs)
    )
    return replace(base, lanes=lanes)


VIEW = View("Ladder", PARAMETERS, shares=True)


def show(here: Page) -> None:
    with st.sidebar:
        with st.expander("Rates and method", expanded=True, icon=":material/stairs_2:"):
            rungs_box = st.container()
            lane = method_controls(here)
            with rungs_box:
                low, high = range_controls(here)
                rungs = number(here.form, "rungs", PARAMETERS["rungs"])
            batch_box = st.container()
        base = base_controls(here.base)
        with batch_box:
            batch = batch_control(here.base, base.dataset.samples)
        switches(here.form)
    base = replace(base, batch_size=batch, lanes=(lane,))
    config = ladder_config(base, low, high, rungs)
    here.write(base)
    st.caption(
        "Press Play: one network, many rates. Which stay frozen, which learn, which explode? Click a picture to open it."
    )
    show_run(here, config, LadderRun, lambda run: run.config == config)
