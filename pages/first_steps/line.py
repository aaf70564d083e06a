"""Line: guess, go downhill, or solve: three ways to the best line through points that one may drag."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.options import Option, PointList
from engine.shown import short_number
from engine.surfaces.downhill import descend
from engine.surfaces.line_fit import LineFit, hit_probability, is_inside, the_points
from pages.shared.drawn import TRANSPORT, Chart, DrawnView, Values, buttons, formula, option
from pages.shared.predict import VERDICT, Guess, drawn_chart, drawn_formula

MOST_EXPLAINED = 30  # steps whose arithmetic is written out
POINTS = PointList(
    "points", ";".join(f"{x:g},{y:g}" for x, y in zip(the_points().x.round(4), the_points().y.round(4), strict=True)), "Points",
    "Drag them in the picture.", ranges=((-2.0, 4.0), (-2.5, 4.5)), most=40,
)  # fmt: skip
OPTIONS = {
    "parameters": Option("parameters", "two", "Parameters", "A line through 0 has one, wx; any line has two, wx + b.", choices=("two", "one")),
    "w": Option("w", -1.5, "Start w", "Drag it in the picture.", -2.0, 2.0),
    "b": Option("b", 1.5, "Start b", "Drag it in the picture.", -2.0, 2.0),
    "eta": Option("eta", 0.16, "Learning rate η", "How far each step of descent goes.", 0.001, 2.0, log=True),
    "step": Option("step", 0, "Step", "So many guesses, and so many steps of descent.", 0, 1000, integer=True),
    "within": Option("within", 0.1, "Hit: within ε of the least", "How good a guess must be to count.", 0.001, 1.0, log=True),
    "seed": Option("seed", 0, "Seed", "Which guesses are drawn.", 0, 9999, integer=True),
    "points": POINTS,
}  # fmt: skip


def fit_of(values: Values) -> LineFit:
    points = np.array(POINTS.points(values["points"]))
    return LineFit(points[:, 0], points[:, 1], values["parameters"] == "two")


def guess(values: Values) -> Guess | None:
    fit, within = fit_of(values), values["within"]
    if not is_inside(fit, within):
        return None
    needed = 1 / hit_probability(fit, within)
    law = "πε/(A√det M)" if fit.offset else "2√(ε/M)/A"
    return Guess(
        f"How many random guesses does it take on average, until one is within ε = {within:g} of the least loss?",
        needed, f"{needed:,.0f}, one over the probability {law} = {short_number(1 / needed)} that a guess hits.",
        covers=(drawn_formula("law"), drawn_chart("race"), VERDICT),
    )  # fmt: skip


VIEW = DrawnView(
    "line", "Line",
    question="Guess, go downhill, or solve: how does one find the best line?",
    look_for="Soon nearly every guess is worse than the best so far. Descent needs no luck, and least squares no steps.",
    ask="To come ten times closer, how many more guesses does it take, and how many more steps of descent?",
    answer="Ten times as many guesses, but only six more steps. On the twenty points as they are, to come within 0.1, 0.01 and 0.001 of the "
    "least loss takes 62, 618 and 6,183 guesses on average, and 9, 15 and 21 steps at η = 1/λmax. And that is with two parameters: "
    "to land within 0.1 of the middle of [−1, 1]ᴰ takes 10, 127, 1,910, 6.1·10⁵, 4.0·10¹² and 4.1·10²⁷ guesses for D = 1, 2, 3, 5, "
    "10 and 20.",
    options=OPTIONS,
    controls=(
        TRANSPORT, formula("step"), option("eta"), formula("edge"), formula("loss"), option("parameters"), option("within"), formula("law"),
        buttons(("best", "η = 1/λmax"), ("again", "Other guesses")),
        buttons(("reset", "All points"), ("outlier", "An outlier"), ("equal", "All x equal"), ("one", "One point")),
    ),
    charts=(
        Chart("data", "Points and lines", "The points with the starting line, descent's line, the best guess and least squares", "x", "y"),
        Chart("contours", "Loss of every line", "Contours of the loss over the parameters with all guesses and the path of descent", "w", "b", legend=False, painted=True),
        Chart("race", "Loss above its least", "Loss above its least against evaluations for guessing and for descent", "evaluations", "J − J*", log="xy"),
        Chart("dimensions", "Guesses with more parameters", "How many guesses it takes to land within 0.1 of the middle of a cube, against its dimensions", "parameters", "guesses", legend=False, log="y"),
    ),
    transport="step", pace=80, choices={"parameters": {"two": "w and b", "one": "w alone"}}, guess=guess,
)  # fmt: skip


def start_of(values: Values) -> np.ndarray:
    return np.array([values["w"], values["b"]][: 2 if values["parameters"] == "two" else 1])


def arithmetic(values: Values) -> list[dict[str, Any]]:
    """Each of the first steps with its numbers: the loss, the gradient, and the new parameters."""
    fit = fit_of(values)
    path = descend(fit.gradient, start_of(values), values["eta"], MOST_EXPLAINED)
    return [
        dict(theta=theta.tolist(), loss=float(fit.value(theta)), gradient=fit.gradient(theta).tolist())
        for theta in path
    ]


def script(values: Values) -> str:
    """The descent as a short program of its own, to take home."""
    points = POINTS.points(values["points"])
    two = values["parameters"] == "two"
    model = "w * x + b" if two else "w * x"
    lines = [
        "import numpy as np",
        "",
        f"x = np.array({[x for x, _ in points]})",
        f"y = np.array({[y for _, y in points]})",
        f"w, b = {values['w']:g}, {values['b']:g}" if two else f"w = {values['w']:g}",
        f"for step in range({values['step'] or 20}):",
        f"    error = {model} - y",
        f"    w = w - {values['eta']:g} * 2 * (error * x).mean()",
        *([f"    b = b - {values['eta']:g} * 2 * error.mean()"] if two else []),
        f"    print(step + 1, w, {'b, ' if two else ''}(({model} - y) ** 2).mean())",
    ]
    return "\n".join(lines) + "\n"
