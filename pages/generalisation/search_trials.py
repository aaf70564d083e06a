"""Search: the same number of real trainings as a grid, at random, and at random in the logarithm."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import streamlit as st

from engine import DATASETS, DatasetConfig
from engine.data.load import load_dataset
from engine.options import Option
from engine.shown import short_number
from engine.studies.search import AXES, WAYS, Search, distinct, grid_chance, hit_chance, random_chance
from pages.generalisation.figures import best_figure, trials_figure
from pages.generalisation.study_run import END, StudyRun, run_of
from pages.shared.cluster import workers
from pages.shared.figures import theme
from pages.shared.figures.base import figure_json
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.legend import Key
from pages.shared.figures.looks import GLYPHS
from pages.shared.live.cards import Card, PlotCard, TableCard, cell, column, loss_cell
from pages.shared.live.protocol import Cell, Column, Part
from pages.shared.page import Page
from pages.shared.predict import Guess, predict_run
from pages.shared.still import answer, question
from pages.shared.widgets.option import choose, ladder, number

LABEL = "Grid and random"
NAMES = {"grid": "Grid", "random": "Random", "logs": "Random, log scale"}
SQUARES = (1, 4, 9, 16, 25)
REACH = 0.05
PROBLEMS = {key: info for key, info in DATASETS.items() if info.task == "binary" and info.make is not None}
SAMPLES, VALIDATION, TEST = 400, 0.15, 0.7  # 60 points to train on, 60 to choose by, 280 to estimate with
OPTIONS = {
    "first": Option("first", "rate", "First setting", "Along the horizontal axis.", choices=tuple(AXES)),
    "second": Option("second", "l2", "Second setting", "Along the vertical axis.", choices=tuple(AXES)),
    "trials": Option("trials", 9, "Trials", "Trainings for each way of searching.", 1, 25, integer=True),
    "data": Option("data", "moons", "Data set", "60 points to train on, 60 to choose by, 280 to test the winner on.", choices=tuple(PROBLEMS)),
    "noise": Option("noise", 0.4, "Noise", "How far points are scattered around their place.", 0.0, 1.0),
    "updates": Option("updates", 600, "Updates", "Of Adam, for every trial.", 100, 2000, integer=True),
    "seed": Option("seed", 0, "Seed", "Of the random places, the weights and the data.", 0, 99, integer=True),
}  # fmt: skip


class SearchRun(StudyRun):
    """A `Search` with a picture for each way, the best so far, and the winners."""

    layout = '"grid grid random random logs logs" "best best best winners winners winners"'
    rows = "minmax(0, 1.25fr) minmax(0, 1fr)"
    study: Search

    def new_study(self) -> Search:
        asked = self.asked
        data = load_dataset(DatasetConfig(asked["data"], SAMPLES, asked["noise"], TEST, asked["seed"], validation_fraction=VALIDATION))  # fmt: skip
        return Search(data, asked["axes"], asked["trials"], asked["updates"], asked["seed"], workers())

    def make_cards(self) -> list[Card]:
        return [*(TrialsCard(self, way) for way in WAYS), BestCard(self), WinnersCard(self)]

    def counters(self) -> list[list[str]]:
        return [["Trainings", f"{sum(self.study.sweep.done)} of {len(self.study.sweep.done)}"]]


class TrialsCard(PlotCard):
    """Where one way of searching has tried, coloured by validation loss, with a rug of its distinct values."""

    def __init__(self, run: SearchRun, way: str) -> None:
        self.run, self.way, self.name, self.title = run, way, way, NAMES[way]
        self.alt = f"The trials of {NAMES[way].lower()} search and their validation losses"

    def revision(self) -> str:
        return self.run.revision()

    def caption(self) -> str:
        first, second = distinct(self.run.study.places[self.way])
        names = [AXES[name].values for name in self.run.study.axes]
        return f"{first} {names[0]}, {second} {names[1]}"

    def figure(self) -> Drawing:
        study = self.run.study
        axes = [AXES[name] for name in study.axes]
        return trials_figure(
            study.places[self.way], study.losses[self.way][:, 1], study.winner(self.way), axes, self.run.dark
        )

    def frame(self) -> Part:
        return dict(figure=figure_json(self.figure()))


class BestCard(PlotCard):
    """The lowest validation loss so far against the number of trials."""

    name, title = "best", "Best validation loss so far"
    alt = "The best validation loss of each way of searching, against trials"

    def __init__(self, run: SearchRun) -> None:
        self.run = run

    def revision(self) -> str:
        return self.run.revision()

    def figure(self) -> Drawing:
        study = self.run.study
        return best_figure({NAMES[way]: study.best_so_far(way) for way in WAYS}, self.run.dark)

    def about(self) -> dict[str, Any]:
        colors = theme.LANE_COLORS[self.run.dark]
        return dict(legend=[Key(GLYPHS[k], colors[k], NAMES[way]) for k, way in enumerate(WAYS)])

    def frame(self) -> Part:
        return dict(figure=figure_json(self.figure()))


class WinnersCard(TableCard):
    """Each way's winner: chosen by its validation loss, and what it is worth on the test points."""

    name, title, file = "winners", "Winners", "winners"
    alt = "The winner of each way of searching, with its validation and test losses"

    def __init__(self, run: SearchRun) -> None:
        self.run = run

    def revision(self) -> str:
        return self.run.revision()

    def caption(self) -> str:
        return "chosen by validation loss"

    def columns(self) -> list[Column]:
        first, second = (AXES[name].label.rpartition(" ")[2] for name in self.run.study.axes)
        return [
            column("Search"), column(first), column(second), column("Training"),
            column("Validation", "The loss on the points that have chosen: too good"), column("Test", "The loss on points that have chosen nothing"),
        ]  # fmt: skip

    def table(self) -> list[list[Cell]]:
        study, rows = self.run.study, []
        for way in WAYS:
            winner = study.winner(way)
            losses = study.losses[way][winner] if winner is not None else np.full(3, np.nan)
            values = study.places[way][winner] if winner is not None else np.full(2, np.nan)
            settings = [cell(short_number(value) if np.isfinite(value) else "–", float(value)) for value in values]  # fmt: skip
            rows.append([cell(NAMES[way], None), *settings, *(loss_cell(float(loss)) for loss in losses)])
        return rows


def winner_guess(run: SearchRun, trials: int) -> Guess:
    lowest = {NAMES[way]: float(np.min(run.study.losses[way][:, 1])) for way in WAYS}
    best = min(lowest, key=lambda name: lowest[name])
    grid, random = (distinct(run.study.places[way])[0] for way in ("grid", "random"))
    return Guess(
        f"Which way of searching finds the lowest validation loss with {trials} trainings?", best,
        f"{best}. {', '.join(f'{name} {short_number(loss)}' for name, loss in lowest.items())}. The grid has tried {grid} different values of the first setting, random search {random}.",
        choices=tuple(lowest), covers=(*WAYS, "best", "winners"),
    )  # fmt: skip


def show(here: Page) -> None:
    asked = controls(here)
    trials = asked["trials"]
    question(
        "Nine trials try three rates, or nine: which finds more?" if trials == 9 else f"How should {trials} trials be spent?",
        "how many different values of each setting were tried, on the edges of each picture. Press Train.",
    )  # fmt: skip
    here.write()
    run = run_of(here, SearchRun, asked)
    predict_run(here, run, END, lambda: winner_guess(run, trials))
    panel = st.container()
    answer(
        f"A grid of {trials} has {math.isqrt(trials)} values of each setting, random search {trials}. Where only one setting matters, "
        f"the grid repeats itself: to come within {REACH:g} of an optimum anywhere on [0, 1] it has a chance of "
        f"{grid_chance(math.isqrt(trials), REACH):.2f}, random search {random_chance(trials, REACH):.2f}. Where both matter, a grid is not worse. "
        f"More than the way matters the **scale**: rates drawn evenly between 0.0001 and 1 are nearly all above 0.1. "
        f"And {trials} random trials come among the best 5 % of all settings with a chance of {hit_chance(trials, 0.05):.2f}; 60 do with {hit_chance(60, 0.05):.3f}.",
        "Answer: what does random search gain?",
    )  # fmt: skip
    with panel:
        here.panel(run)


def controls(here: Page) -> dict[str, Any]:
    form = here.form
    with st.sidebar:
        first = choose(form, "first", OPTIONS["first"].label, AXES, "rate")
        others = {name: axis for name, axis in AXES.items() if name != first}
        second = choose(form, "second", OPTIONS["second"].label, others, "l2" if first != "l2" else "rate")
        trials = ladder(form, "trials", OPTIONS["trials"], SQUARES, lambda value: f"{value:g}")
        side = math.isqrt(trials)
        if side * side != trials:
            trials = side * side
            st.caption(f"A grid needs a square number: {trials} trials are made.")
        st.latex(rf"P_{{\text{{grid}}}}=2r\sqrt n={grid_chance(side, REACH):.2f}")
        st.latex(rf"P_{{\text{{random}}}}\approx 1-(1-2r)^n={random_chance(trials, REACH):.2f}")
        data = choose(form, "data", OPTIONS["data"].label, PROBLEMS, "moons")
        noise, updates, seed = (number(form, name, OPTIONS[name]) for name in ("noise", "updates", "seed"))
    return dict(axes=(first, second), trials=trials, data=data, noise=noise, updates=updates, seed=seed)
