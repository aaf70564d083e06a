"""Curvature: the quadratic model at a point, and the methods that trust it."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.options import Option
from engine.shown import short_number
from engine.surfaces.curvature import model, walk
from engine.surfaces.functions import FUNCTIONS
from pages.first_steps.surfaces import surface_facts
from pages.shared.drawn import TRANSPORT, Chart, DrawnView, Values, buttons, formula, option
from pages.shared.predict import VERDICT, Guess, drawn_chart, drawn_formula

SURFACES = ("saddle", "rosenbrock", "ravine", "unit")
OPTIONS = {
    "surface": Option("surface", "saddle", "Surface", "What is minimised.", choices=SURFACES),
    "at_x": Option("at_x", 1.0, "Point, across", "Drag it in the picture.", -8.0, 8.0),
    "at_y": Option("at_y", 0.3, "Point, up", "Drag it in the picture.", -8.0, 8.0),
    "steps": Option("steps", 3, "Steps", "How many steps each method takes.", 0, 60, integer=True),
    "eta": Option("eta", 0.1, "Learning rate η", "Gradient descent's alone: the others choose their own step.", 1e-4, 2.0, log=True),
    "parameters": Option("parameters", 1000, "Parameters P", "What one Newton step costs.", 1, 10_000, log=True, integer=True),
}  # fmt: skip


def _more(values: Values) -> dict[str, Any]:
    return dict(surfaces=surface_facts(*SURFACES))


ENDS = {"bowl": "a minimum", "saddle": "a saddle", "hill": "a maximum"}
OTHER = "nowhere: it runs away or can't step"
FAR_STEPS = 60


def guess(values: Values) -> Guess | None:
    """Where Newton's method ends: told by the curvature there."""
    function = FUNCTIONS[values["surface"]]
    place = walk(function, "newton", np.array([values["at_x"], values["at_y"]]), FAR_STEPS, values["eta"])[-1]
    end = model(function, place)
    is_level = (
        np.isfinite(place).all() and float(np.linalg.norm(end.gradient)) < 1e-6 and np.abs(place).max() < 100
    )
    where = ENDS.get(end.kind, OTHER) if is_level else OTHER
    found = (
        f"{where.capitalize()}, near ({short_number(round(float(place[0]), 3))}, {short_number(round(float(place[1]), 3))})."
        if where != OTHER
        else f"{OTHER.capitalize()}."
    )
    return Guess(
        f"Newton's method starts at ({values['at_x']:g}, {values['at_y']:g}). Where does it end?",
        where, found.replace("-", "−"), choices=(*ENDS.values(), OTHER),
        covers=(drawn_chart("map"), drawn_chart("bowl"), drawn_formula("model"), drawn_formula("newton"), VERDICT),
    )  # fmt: skip


VIEW = DrawnView(
    "curvature", "Curvature",
    question="What does one gain by looking at the curvature, and where does it mislead?",
    look_for="Where the model is a saddle, Newton walks to it: the two signs of curvature look the same to −H⁻¹g.",
    ask="On which surfaces is one Newton step enough, and why is it still rarely used?",
    answer="On every quadratic whose H is positive definite: the model is the surface. On x²/2 − y²/2 + y⁴/4 from (1, 0.3), Newton goes to "
    "(0, −0.0740), (0, 0.0008), (0, 0), the saddle, while gradient descent ends in the minimum (0, 1). The lecture's “locally convex, "
    "so invertible” is not enough: an indefinite H can be inverted, and Newton runs to the saddle. The app's own Newton method takes "
    "|H| and a line search, so it goes downhill everywhere. The price of a step is P³/3 multiplications and P² numbers: for 10⁴ "
    "parameters 3.3·10¹¹ and 0.8 GB.",
    options=OPTIONS,
    controls=(
        option("surface"), TRANSPORT, formula("model"), formula("newton"), option("eta"),
        buttons(("lecture", "Newton to a saddle"), ("quadratic", "One step is enough"), ("singular", "H without inverse")),
        option("parameters"), formula("cost"),
    ),
    charts=(
        Chart("map", "Four methods from one point", "Contours of the surface and of the quadratic model, with the paths of Newton, damped Newton, BFGS and gradient descent", "x", "y", painted=True, lines=2),
        Chart("bowl", "The quadratic model", "The surface in three dimensions with the quadratic model laid through the point", scene=("x", "y", "f")),
        Chart("cost", "What a Newton step costs", "Multiplications and numbers of one Newton step against the number of parameters", "parameters P", "", log="xy"),
    ),
    transport="steps", pace=500,
    choices={"surface": {key: facts["label"] for key, facts in surface_facts(*SURFACES).items()}},
    more=_more, guess=guess,
)  # fmt: skip
