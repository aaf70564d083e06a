"""Noise: what a mini-batch does to one update, and what the schedule does to all of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import SCHEDULES
from engine.options import Option
from engine.shown import short_number
from engine.surfaces.noise import parabola_moments
from pages.first_steps.surfaces import points_of
from pages.shared.drawn import Chart, DrawnView, Values, buttons, formula, option
from pages.shared.predict import VERDICT, Guess, drawn_chart, drawn_formula

LECTURE = {
    "constant": "0.1, constant", "root": "½/√t", "inverse": "1/t", "small": "0.3/t", "square": "1/t²",
}  # fmt: skip
OPTIONS = {
    "batch": Option("batch", 4, "Batch size B", "How many of the 20 points each update looks at.", 1, 20, integer=True),
    "replace": Option("replace", False, "With replacement", "A point may be drawn more than once.", ),
    "total": Option("total", "mean", "Gradient of a batch", "Lectures and libraries differ: some add, some average.", choices=("mean", "sum")),
    "rate": Option("rate", 0.05, "Learning rate η", "Of the updates on the line fit.", 0.001, 1.0, log=True),
    "start_x": Option("start_x", -1.5, "w", "Drag it in the picture.", -2.0, 2.0),
    "start_y": Option("start_y", 1.5, "b", "Drag it in the picture.", -2.0, 2.0),
    "seed": Option("seed", 0, "Seed", "Which batches are drawn.", 0, 9999, integer=True),
    "schedule": Option("schedule", "power", "Schedule αₜ", "How the rate of the long run changes.", choices=tuple(SCHEDULES)),
    "alpha": Option("alpha", 0.3, "First rate α", "The rate that the schedule starts from.", 0.01, 3.0, log=True),
    "delta": Option("delta", 1.0, "δ", "The schedule's own number.", 0.0, 2.0),
    "gamma": Option("gamma", 0.9, "γ", "The factor of each fall.", 0.5, 1.0),
    "every": Option("every", 500, "Every", "Updates between falls.", 1, 5000, integer=True),
    "total_updates": Option("total_updates", 2000, "Length", "Updates until the schedule has run its course.", 1, 10_000, integer=True),
    "updates": Option("updates", 10_000, "Updates", "How long the run is.", 100, 10_000, log=True, integer=True),
}  # fmt: skip


def _more(values: Values) -> dict[str, Any]:
    return dict(points=points_of(), words=LECTURE)


START = 5.0  # of the long run, here and in the browser


def guess(values: Values) -> Guess | None:
    schedule, updates = SCHEDULES[values["schedule"]], values["updates"]
    own = {
        "delta": values["delta"],
        "gamma": values["gamma"],
        "every": values["every"],
        "total": values["total_updates"],
    }
    options = {name: value for name, value in own.items() if name in schedule.options}
    rates = np.array([schedule.rate(values["alpha"], t, **options) for t in range(1, updates + 1)])
    left = float(parabola_moments(rates, START)[-1])
    if not np.isfinite(left):
        return None
    return Guess(
        f"The long run starts at E x² = {START**2:g}. What is left of it after {updates:,} updates with the schedule “{schedule.label}” from α = {values['alpha']:g}?",
        left, f"{short_number(left)}, by m ← (1 − α)²m + α².",
        covers=(drawn_chart("long"), drawn_formula("long"), VERDICT),
    )  # fmt: skip


VIEW = DrawnView(
    "noise", "Noise",
    question="What does it cost to look at a few samples only?",
    look_for="One update: four times the batch, half the spread. Long run: Robbins and Monro promise that it arrives, not when.",
    ask="0.3/t meets both of Robbins and Monro's conditions, and so does 1/t. Are they equally good?",
    answer="No. With x₀ = 5 and λ = σ = 1, after 10², 10³, 10⁴ and 10⁵ updates E x² is 0.01, 0.001, … for 1/t, but 0.95, 0.24, 0.060, 0.015 for "
    "0.3/t: the conditions say that it arrives, not when. ½/√t fails Σα² < ∞ and is ahead of 0.3/t all the way: 0.027, 0.0081, 0.0025, "
    "0.0008. A constant 0.1 stays at ασ²/(λ(2 − αλ)) = 0.0526 for ever, and 1/t² stops at 0.29: its steps add up to too little. "
    "A sum of B gradients is B times their mean, so its largest rate is 1/B of the mean's: 0.0168 against 0.336 for all 20 points. "
    "The app always takes the mean, so that a rate means the same for every batch size.",
    options=OPTIONS,
    controls=(
        option("batch"), formula("batch"), option("replace"), formula("variance"), option("total"), option("rate"), formula("edge"),
        buttons(("again", "Draw again"), ("all", "All points")),
        option("schedule"), option("alpha"), option("delta"), option("gamma"), option("every"), option("total_updates"),
        formula("long"), option("updates"), buttons(*LECTURE.items(), ("edge", "α = 2/λ")),
    ),
    charts=(
        Chart("arrows", "One update", "Contours of the line fit's loss with the steps of 300 random mini-batches and of the full gradient", "w", "b", legend=False, painted=True),
        Chart("spread", "Spread of a batch's gradient", "Variance of the mini-batch gradient against the batch size, with and without replacement", "batch size B", "variance"),
        Chart("long", "Long run: E x² on a parabola", "Expected squared distance against updates for the chosen schedule, with the band of 400 lanes", "updates t", "E x²", log="xy"),
        Chart("cost", "Loss against samples looked at", "Expected loss above its least against the number of samples looked at, for batches of one, of the chosen size and of all points", "samples looked at", "E J − J*", log="xy"),
    ),
    choices={"total": {"mean": "mean", "sum": "sum"}, "schedule": {key: schedule.label for key, schedule in SCHEDULES.items()}},
    more=_more, guess=guess,
)  # fmt: skip
