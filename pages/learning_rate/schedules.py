"""The schedules view: how the rate changes with time, what that does to training, and which classic conditions hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from engine import SCHEDULES, ExperimentConfig
from engine.limits import FIELDS
from engine.options import Option
from pages.learning_rate import figures as rate_figures
from pages.learning_rate.common import linked_lanes, method_controls, show_run, write_lanes
from pages.learning_rate.lanes import RateRun
from pages.shared.cards.curves import CurvesCard
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.looks import LaneLook
from pages.shared.figures.packing import plain
from pages.shared.live.cards import PlotCard, TableCard, cell, column
from pages.shared.live.protocol import Cell, Column, Part, Rest
from pages.shared.page import Page, View
from pages.shared.widgets.experiment import SWITCHES, base_controls, switches
from pages.shared.widgets.option import RATES, changed_options, ladder, option_values
from pages.shared.widgets.training import batch_control

CHOSEN = ("constant", "inverse_sqrt", "inverse_time", "step", "cosine", "one_cycle")  # to begin with
# noisy data and small batches, where a falling rate pays
VIEW = View("Schedules", SWITCHES, {"noise": "0.3", "batch": "8", "lr": "1"})
FIRST_RATE = Option(
    "learning_rate", 1.0, "First rate η₀", "What every schedule starts from.", 1e-7, 1000.0, log=True
)
SHORTEST = 2000  # updates that the rates are drawn for, at least
CURVE_POINTS = 400


class SchedulesRun(RateRun):
    """Lanes that differ in their schedule, with their rates over time and what is known of their sums."""

    speed = 10  # the rates are drawn for 2,000 updates

    def make_cards(self) -> None:
        self.cards = [
            RatesCard(self),
            CurvesCard(self),
            *self.boundaries(),
            FactsCard(self),
        ]
        count = len(self.looks)
        pictures = " ".join(f"lane{k} lane{k}" for k in range(count))
        self.layout = f'"{"rates " * count}{"loss " * count}" "{pictures}" "{"facts " * 2 * count}"'
        self.rows = "minmax(0, 1fr) minmax(0, .6fr) minmax(0, 1.15fr)"

    @property
    def horizon(self) -> int:
        """Up to which update the rates are drawn."""
        lengths = [int(lane.schedule_options.get("total", SCHEDULES[lane.schedule].options["total"].default))
                   for lane in self.config.lanes if "total" in SCHEDULES[lane.schedule].options]  # fmt: skip
        end = min(max(SHORTEST, *lengths, 1), 20_000)
        while end <= self.experiment.updates:
            end *= 2
        return end


class RatesCard(PlotCard):
    """Each lane's rate over time, with a mark at its next update."""

    name, title = "rates", "Rate over time"
    alt = "The learning rate of each lane against updates"

    def __init__(self, run: SchedulesRun) -> None:
        self.run = run

    def now(self) -> tuple[list[int], list[float]]:
        experiment = self.run.experiment
        steps = [lane.next_time for lane in experiment.lanes]
        return steps, [lane.rate(lane.updates + 1) for lane in experiment.lanes]

    def figure(self) -> Drawing:
        run = self.run
        steps = np.unique(np.geomspace(1, run.horizon, CURVE_POINTS).round().astype(int))
        steps = np.unique(
            np.concatenate([steps, np.linspace(1, run.horizon, CURVE_POINTS).round().astype(int)])
        )
        curves = [
            [
                SCHEDULES[lane.schedule].rate(lane.learning_rate, int(t), **lane.schedule_options)
                for t in steps
            ]
            for lane in run.config.lanes
        ]
        return rate_figures.schedules_figure(steps, curves, self.now(), run.looks, run.horizon, run.view.dark)

    def revision(self) -> str:
        run = self.run
        return (
            f"{run.view.generation}-{run.view.dark}-{run.look_revision}-{run.config_revision}-{run.horizon}"
        )

    def about(self) -> dict[str, Any]:
        return dict(log_axes=["yaxis"], lanes=[*[look.key for look in self.run.looks], None])

    def frame(self) -> Part:
        steps, rates = self.now()
        return dict(set=[[len(self.run.looks), plain(np.array(steps)), plain(np.array(rates))]])


class FactsCard(TableCard):
    """Robbins and Monro's two conditions for each schedule, with the reason."""

    name, title, file = "facts", "Do the classic conditions hold?", "schedules"
    alt = "Whether the sum of the rates is infinite and the sum of their squares finite, for each schedule"

    def __init__(self, run: SchedulesRun) -> None:
        self.run = run

    def revision(self) -> str:
        run = self.run
        return f"{run.view.dark}-{run.look_revision}-{run.config_revision}"

    def caption(self) -> str:
        return "if both hold, SGD on a strictly convex loss with bounded gradients converges in probability (Robbins and Monro 1951)"

    def looks(self) -> Sequence[LaneLook]:
        return self.run.looks

    def columns(self) -> list[Column]:
        return [
            column("Schedule", "Sort by name"),
            column("Rate ηₜ", "Sort by formula"),
            column("Σηₜ = ∞", "The steps together can reach any distance"),
            column("Σηₜ² < ∞", "The noise that the steps let in stays finite"),
            column("Why", "Sort by reason"),
        ]

    def table(self) -> list[list[Cell]]:
        table = []
        for look, lane in zip(self.run.looks, self.run.config.lanes, strict=True):
            schedule = SCHEDULES[lane.schedule]
            fact = schedule.convergence(lane.schedule_options)
            table.append([cell(text, None) for text in (
                look.name, schedule.text, yes(fact.reaches), yes(fact.settles), fact.reason)])  # fmt: skip
        return table

    def frame(self) -> Part | None:
        return None

    def rest(self) -> Rest | None:
        return None


def yes(holds: bool) -> str:
    return "✓ yes" if holds else "✗ no"


def schedule_controls(here: Page) -> list[tuple[str, dict[str, Any]]]:
    """Which schedules, each with its formula and options."""
    lanes = linked_lanes(here, "sched")
    if lanes is not None:
        here.form.put("schedules", list(dict.fromkeys(lane.schedule for lane in lanes)) or list(CHOSEN))
        for lane in lanes:
            here.form.update(option_values(lane.schedule, SCHEDULES, lane.schedule_options))
    picked = st.pills(
        "Schedules", list(SCHEDULES), key=here.form.open("schedules", list(CHOSEN)), default=here.form["schedules"], selection_mode="multi",
        help="How the rate η changes with the update t.", disabled=here.form.locks("schedules"),
        format_func=lambda key: SCHEDULES[key].label if key in SCHEDULES else key,
    )  # fmt: skip
    taken = here.form.take("schedules", list(picked or []))
    keys = [key for key in SCHEDULES if key in taken]
    if not keys:
        st.warning("At least one schedule is needed; the constant rate is used.")
        keys = ["constant"]
    result = []
    for key in keys:
        with st.popover(SCHEDULES[key].label, width="stretch"):
            st.latex(r"\eta_t = " + SCHEDULES[key].formula)
            st.caption(SCHEDULES[key].help)
            result.append((key, changed_options(here.form, key, SCHEDULES)))
    return result


def show(here: Page) -> None:
    with st.sidebar:
        with st.expander("Schedules", expanded=True, icon=":material/show_chart:"):
            rate = ladder(here.form, "learning_rate", FIRST_RATE, RATES)
            chosen = schedule_controls(here)
        with st.expander("Method", icon=":material/tune:"):
            method = replace(method_controls(here), learning_rate=FIELDS["learning_rate"].clamp(rate))
            batch_box = st.container()
        base = base_controls(here.base)
        with batch_box:
            batch = batch_control(here.base, base.dataset.samples)
        switches(here.form)
    lanes = tuple(
        replace(method, schedule=key, schedule_options=options, name=SCHEDULES[key].label)
        for key, options in chosen
    )
    config = replace(base, batch_size=batch, lanes=lanes)
    write_lanes(here, nameless(config), "sched")
    st.markdown(  # no caption: a link in one is too faint to read
        ":small[Press Play: a constant rate keeps bouncing about. Which falling rates settle, and which stop too soon? "
        "The same question, exact on a noisy parabola: [First steps, Noise](first_steps?view=noise).]"
    )
    show_run(here, config, SchedulesRun, lambda run: run.config == config)


def nameless(config: ExperimentConfig) -> ExperimentConfig:
    """Without names, which repeat the schedules: a link does not need them."""
    return replace(config, lanes=tuple(replace(lane, name="") for lane in config.lanes))
