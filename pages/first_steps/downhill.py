"""Downhill: the gradient as arrows, steps against the path of infinitely small steps, and when to stop."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.options import Option
from engine.shown import short_number
from engine.surfaces.downhill import descend, first_flat
from engine.surfaces.functions import FUNCTIONS
from engine.surfaces.line_fit import the_points
from pages.first_steps.surfaces import points_of, surface_facts
from pages.shared.drawn import TRANSPORT, Chart, DrawnView, Values, buttons, formula, option
from pages.shared.predict import VERDICT, Guess, drawn_chart, drawn_formula

SURFACES = ("line", "ravine", "unit", "rosenbrock")
OPTIONS = {
    "surface": Option("surface", "line", "Surface", "What is minimised.", choices=SURFACES),
    "start_x": Option("start_x", -1.5, "Start, across", "Drag it in the picture.", -8.0, 8.0),
    "start_y": Option("start_y", 1.5, "Start, up", "Drag it in the picture.", -8.0, 8.0),
    "eta": Option("eta", 0.1, "Learning rate η", "How far each step goes.", 1e-4, 10.0, log=True),
    "steps": Option("steps", 30, "Step T", "How many steps are drawn.", 0, 500, integer=True),
    "arrows": Option("arrows", "down", "Arrows", "The gradient points up; its negative points down.", choices=("down", "up", "none")),
    "flat": Option("flat", 1e-3, "Stop when ‖∇J‖ ≤ ε", "The first stop test.", 1e-6, 1.0, log=True),
    "stall": Option("stall", 1e-6, "Stop when J falls by ≤ ε", "The second stop test.", 1e-9, 0.1, log=True),
}  # fmt: skip


def _more(values: Values) -> dict[str, Any]:
    return dict(points=points_of(), surfaces=surface_facts(*SURFACES))


MOST_STEPS = 3000  # how far the stop tests are followed, here and in the browser


def guess(values: Values) -> Guess | None:
    field = the_points() if values["surface"] == "line" else FUNCTIONS[values["surface"]]
    path = descend(
        field.gradient, np.array([values["start_x"], values["start_y"]]), values["eta"], MOST_STEPS
    )
    at = first_flat(field.gradient(path), values["flat"])
    if at is None:
        return None
    value = float(field.value(path[at]))
    return Guess(
        f"After how many steps of η = {values['eta']:g} is the gradient no longer than ε = {values['flat']:g}, so that the first test stops?",
        float(at), f"{at:,} {'step' if at == 1 else 'steps'}, where J = {short_number(value)}.",
        covers=(drawn_formula("flat"), drawn_formula("stall"), drawn_chart("stops"), drawn_chart("gap"), VERDICT),
    )  # fmt: skip


VIEW = DrawnView(
    "downhill", "Downhill",
    question="Which way is down, how does one get there by steps, and when should one stop?",
    look_for="Arrows stand at right angles to the contours. Steps cut the corners of the flow. A plateau fools the stop test.",
    ask="Both stop tests fire far from the minimum on the sigmoid unit. Why?",
    answer="They measure how steep it is, not how far it is. At w = b = 6 the unit is wrong and sure of it: its output is 1 where the "
    "label is 0, yet the gradient of the quadratic loss has length 8.7·10⁻⁶, so a test with ε = 10⁻³ fires before the first step. "
    "With cross-entropy the gradient there has length 1.41. A stop test is safe only where the surface is known to be convex; "
    "even then the loss is already near its least long before the bound says so.",
    options=OPTIONS,
    controls=(
        option("surface"), TRANSPORT, option("eta"), formula("step"), option("arrows"), option("flat"), formula("flat"),
        option("stall"), formula("stall"),
        buttons(("edge", "η = 2/λmax"), ("minimum", "Start at θ*"), ("plateau", "Start on a plateau")),
    ),
    charts=(
        Chart("map", "Surface, arrows and paths", "Contours of the surface with arrows of the gradient, gradient descent's steps and the exact flow", "w", "b", legend=False, painted=True),
        Chart("gap", "Distance of the loss from its least", "J minus its least value at each step, with the bound of theory", "step", "J − J*", log="y"),
        Chart("stops", "The two stop tests", "Length of the gradient and fall of the loss at each step, with the places where the stop tests fire", "step", "", log="y"),
    ),
    transport="steps",
    choices={"surface": {key: facts["label"] for key, facts in surface_facts(*SURFACES).items()}, "arrows": {"down": "down, −∇J", "up": "up, ∇J", "none": "none"}},
    more=_more, guess=guess,
)  # fmt: skip
