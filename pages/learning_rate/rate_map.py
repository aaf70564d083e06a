"""The map view: optimizer × rate, the final loss of each over several seeds, filled in while it trains."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from engine import OPTIMIZERS, Experiment, ExperimentConfig, LaneConfig
from engine.config.seeds import run_seeds
from engine.data.load import Dataset
from engine.options import Option
from engine.studies.rate_search import MEASURES, RateGrid, log_rates
from pages.learning_rate import figures as rate_figures
from pages.learning_rate.common import (
    METHODS,
    linked_lanes,
    open_in_playground,
    range_controls,
    show_run,
    write_lanes,
)
from pages.learning_rate.lanes import LEAVES
from pages.shared.cluster import workers
from pages.shared.figures.base import figure_json
from pages.shared.figures.drawing import Drawing
from pages.shared.live.cards import PlotCard, TableCard, cell, column, loss_cell
from pages.shared.live.protocol import Action, Cell, Column, LiveRun, Part, State, Words
from pages.shared.page import Page, View
from pages.shared.widgets.experiment import base_controls
from pages.shared.widgets.option import number
from pages.shared.widgets.training import batch_control

CHOSEN = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "lion")  # to begin with
MEASURE_NAMES = {"train_loss": "train loss", "validation_loss": "validation loss", "test_loss": "test loss"}
PARAMETERS = {
    "low": Option("low", 0.001, "Lowest rate", "The left column.", 1e-5, 70.0, log=True),
    "high": Option("high", 100.0, "Highest rate", "The right column.", 1e-4, 700.0, log=True),
    "rates": Option("rates", 11, "Rates", "How many columns, evenly spaced in the logarithm.", 3, 21, integer=True),
    "runs": Option("runs", 5, "Seeds", "Runs of each cell, from different initial weights; their median is shown.", 1, 10, integer=True),
    "updates": Option("updates", 1000, "Updates", "How long each run trains.", 50, 3000, integer=True),
    "measure": Option("measure", "train_loss", "Colour", "Which loss, at the end of training.", choices=MEASURES),
}  # fmt: skip
SLICE_SECONDS = 0.08  # of training between two frames


class MapRun(LiveRun):
    """A `RateGrid` in the live panel: play trains on, a pause keeps what is done."""

    leaves: Sequence[str] = LEAVES

    layout = '"map map map map best best"'
    rows = "minmax(0, 1fr)"

    def __init__(
        self,
        config: ExperimentConfig,
        data: Dataset,
        rates: Sequence[float],
        seeds: Sequence[int],
        updates: int,
        measure: str,
        dark: bool,
    ) -> None:
        self.config, self.data, self.dark = config, data, dark
        self.asked = (rates, seeds, updates, measure)
        self.run_id = uuid.uuid4().hex[:12]
        self.config_revision = 0
        self.words = Words(play="Run the map", pause="Pause", reset="Start over", step="")
        self.generation = itertools.count()
        start = replace(config, lanes=tuple(LaneConfig("sgd", 0.1, seed=seed) for seed in seeds))
        self.start_loss = float(np.median(Experiment(start, data).evaluate()[measure]))
        self.grid = self.new_grid()
        self.reset()

    def swap(self, config: ExperimentConfig) -> None:
        """Nothing of a map can be changed while it is filled in."""

    def set_looks(self, dark: bool) -> None:
        self.dark = dark

    def new_grid(self) -> RateGrid:
        rates, seeds, updates, measure = self.asked
        return RateGrid(self.config, self.data, self.config.lanes, rates, seeds, updates, measure, workers())

    def reset(self) -> None:
        self.grid.cancel()
        self.grid = self.new_grid()
        self.number = next(self.generation)
        self.cards = [MapCard(self), BestCard(self)]

    @property
    def names(self) -> list[str]:
        return [OPTIMIZERS[lane.optimizer].label for lane in self.config.lanes]

    @property
    def columns(self) -> list[str]:
        return [f"{rate:g}" for rate in self.grid.rates]

    def advance(self, action: Action, updates: int) -> None:
        if action == "reset":
            self.reset()
        else:
            self.grid.advance(SLICE_SECONDS)

    def click(self, chart: str, x: float | str, y: float | str) -> bool:
        """Open a cell in the Playground."""
        if chart != "map" or x not in self.columns or y not in self.names:
            return False
        rate, seed = self.grid.rates[self.columns.index(str(x))], self.grid.seeds[0]
        lane = replace(self.config.lanes[self.names.index(str(y))], learning_rate=rate, seed=seed)
        return open_in_playground(replace(self.config, lanes=(lane,)), 0, self.grid.updates)

    def moment(self) -> Hashable:
        return (self.run_id, self.number, self.dark, self.grid.progress)

    def state(self) -> State:
        grid = self.grid
        done = int(np.isfinite(grid.diverged_share).sum())
        readout = [
            ["Cells", f"{done} of {grid.losses[..., 0].size}"],
            ["Done", f"{100 * grid.progress:.0f} %"],
        ]
        if not grid.finished:
            left = grid.time_left
            readout.append(["Time left", f"{left:.1f} s" if np.isfinite(left) else "–"])
        readout.append(["Trained", f"{grid.seconds:.1f} s"])
        return dict(
            step=round(1000 * grid.progress),
            readout=readout,
            message=grid.sweep.note or None,
            finished=grid.finished,
            progress=grid.progress,
        )


class MapCard(PlotCard):
    name = "map"

    def __init__(self, run: MapRun) -> None:
        self.run = run

    def figure(self) -> Drawing:
        run, grid = self.run, self.run.grid
        now = grid.so_far
        best = grid.best
        return rate_figures.map_figure(
            run.columns, run.names, now, best, run.start_loss, MEASURE_NAMES[grid.measure], run.dark
        )

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Final {MEASURE_NAMES[self.run.grid.measure]}"

    @property
    def alt(self) -> str:  # type: ignore[override]
        return f"The final {MEASURE_NAMES[self.run.grid.measure]} for each optimizer and rate"

    def revision(self) -> str:
        return f"{self.run.number}-{self.run.dark}"

    def caption(self) -> str:
        grid = self.run.grid
        return f"median of {len(grid.seeds)} runs after {grid.updates:,} updates · ★ best of its row · click a cell to open it"

    def about(self) -> dict[str, Any]:
        return dict(clicks=True)

    def frame(self) -> Part:
        return dict(figure=figure_json(self.figure()))


class BestCard(TableCard):
    """Each optimizer's best rate, and how many of the rates do well."""

    name, title, file = "best", "Best rate of each", "best_rates"
    alt = "The best rate of each optimizer, and how many rates do well"

    def __init__(self, run: MapRun) -> None:
        self.run = run

    def revision(self) -> str:
        return f"{self.run.number}-{self.run.dark}"

    def caption(self) -> str:
        return "click a heading to sort"

    def columns(self) -> list[Column]:
        good = "How many rates bring the loss under a tenth of that of untrained networks"
        return [
            column("Optimizer", "Sort by name"),
            column("Rate", "Sort by the best rate"),
            column("Loss", "Sort by the median loss at the best rate"),
            column("Good rates", good),
        ]

    def table(self) -> list[list[Cell]]:
        grid = self.run.grid
        table: list[list[Cell]] = []
        for row, (name, k) in enumerate(zip(self.run.names, grid.best, strict=True)):
            if k is None:
                word = "all diverged" if grid.done[row] else "not yet"
                table.append([cell(name, None), cell(word, np.inf), loss_cell(np.nan), cell("–", np.inf)])
                continue
            median = grid.median[row]
            good = int((median < self.run.start_loss / 10).sum())
            table.append([cell(name, None), cell(f"{grid.rates[k]:g}", grid.rates[k]), cell(rate_figures.brief(median[k]), float(median[k])),
                          cell(f"{good} of {len(median)}", -good)])  # fmt: skip
        return table


VIEW = View("Map", PARAMETERS, shares=True)


def method_pills(here: Page) -> list[str]:
    """Which optimizers, in the registry's order."""
    lanes = linked_lanes(here, "opt")
    if lanes is not None:
        known = [lane.optimizer for lane in lanes if lane.optimizer in METHODS]
        here.form.put("methods", list(dict.fromkeys(known)) or list(CHOSEN))
    picked = st.pills(
        "Optimizers", list(METHODS), key=here.form.open("methods", list(CHOSEN)), default=here.form["methods"], selection_mode="multi", help="The rows of the map.",
        disabled=here.form.locks("methods"),
        format_func=lambda key: METHODS[key].label if key in METHODS else key,
    )  # fmt: skip
    taken = here.form.take("methods", list(picked or []))
    keys = [key for key in METHODS if key in taken]
    if not keys:
        st.warning("At least one optimizer is needed; SGD is used.")
    return keys or ["sgd"]


def show(here: Page) -> None:
    form = here.form
    with st.sidebar:
        with st.expander("Map", expanded=True, icon=":material/grid_on:"):
            methods = method_pills(here)
            low, high = range_controls(here)
            count, runs, updates = (
                number(form, name, PARAMETERS[name]) for name in ("rates", "runs", "updates")
            )
            held = st.segmented_control(
                "Colour", list(MEASURES), key=form.open("measure", "train_loss"), default=form["measure"], format_func=lambda key: MEASURE_NAMES.get(key, key),
                required=True, help=PARAMETERS["measure"].help, disabled=form.locks("measure"),
            )  # fmt: skip
            measure = form.take("measure", held, PARAMETERS["measure"].clamp(held))
            batch_box = st.container()
        base = base_controls(here.base)
        with batch_box:
            batch = batch_control(here.base, base.dataset.samples)
    lanes = tuple(LaneConfig(key, METHODS[key].start_rate) for key in methods)
    config = replace(base, batch_size=batch, lanes=lanes)
    linked = tuple(
        replace(lane, learning_rate=lanes[0].learning_rate) for lane in lanes
    )  # the map has rates of its own
    write_lanes(here, replace(config, lanes=linked), "opt")
    asked = (log_rates(low, high, count), run_seeds([config.seed], runs)[0], updates, measure)
    total = len(lanes) * count * runs
    st.caption(
        f"Run the map: {total:,} networks, {updates:,} updates each. Every optimizer has a valley of good rates. Whose is widest?"
    )

    def make(config: ExperimentConfig, data: Dataset, dark: bool) -> MapRun:
        return MapRun(config, data, *asked, dark)

    show_run(here, config, make, lambda run: (run.config, run.asked) == (config, asked))
