"""The Thresholds view: what one line can do with four points, and what two lines and a gate can do."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engine.network.thresholds import GATES, Line, line_through, separable, through
from engine.options import Option, PointList
from pages.shared import drawn
from pages.shared.drawn import TRANSPORT, Chart, DrawnView, Values, buttons, formula, option
from pages.shared.page import Page, View
from pages.shared.predict import VERDICT, Guess, drawn_chart, drawn_formula
from pages.shared.stepper import stepper
from pages.units.common import Words, show_words

LOW, HIGH = -0.5, 1.5
MOST_POINTS, MOST_GUESSES = 6, 1_000_000
GATE_NAMES = {
    "one": "line 1 alone",
    "and": "AND",
    "or": "OR",
    "nand": "NAND",
    "nor": "NOR",
    "but": "1 but not 2",
}
LINES = {"p1": (-0.25, 0.75), "q1": (0.75, -0.25), "p2": (1.25, 0.25), "q2": (0.25, 1.25)}
POINTS = PointList(
    "points", "0,0;1,0;0,1;1,1", "Points", "Drag them.", ranges=((LOW, HIGH), (LOW, HIGH)), most=MOST_POINTS
)
OPTIONS = {
    "points": POINTS,
    "labels": Option("labels", 6, "Labelling", "Bit k of this number is the label of point k. 6 of four points is XOR.", 0, 2**MOST_POINTS - 1, integer=True),
    "gate": Option("gate", "one", "Output unit", "What it makes of the two lines.", choices=tuple(GATES)),
    **{
        f"{name}{axis}": Option(f"{name}{axis}", at, f"Line {name[1]}, {axis}", "Drag its ends in the picture.", LOW, HIGH)
        for name, place in LINES.items() for axis, at in zip("xy", place, strict=True)
    },
    "guesses": Option("guesses", 0, "Guesses", "Random networks that have been tried.", 0, MOST_GUESSES, integer=True),
    "seed": Option("seed", 0, "Seed", "Of the random networks.", 0, 9999, integer=True),
    "step": Option("step", 0, "Step", "How far the points have come through the network.", 0, 4 * MOST_POINTS, integer=True),
}  # fmt: skip
VIEW = View("Thresholds", OPTIONS, lanes=0, guesses=True)
WORDS = Words(
    "What can one line do, and what can two?",
    "one line gives 14 of the 16 labellings of four points, never XOR; two lines do.",
    "Why can no line part XOR?",
    "Call the output 1 at (1, 0) and (0, 1), and 0 at (0, 0) and (1, 1). Then $w_1+b\\ge0$ and $w_2+b\\ge0$, so $w_1+w_2+2b\\ge0$; but "
    "$b<0$ and $w_1+w_2+b<0$, so $w_1+w_2+2b<0$. Both can't be.\n\n"
    "Two lines and an AND can: $x_1+x_2\\ge\\frac12$ (OR) and $x_1+x_2\\le\\frac32$ (NAND). To *find* them is another matter: a threshold has slope 0, "
    "so there is no gradient to follow. Of random 2-2-1 networks with weights and biases in ±2, one in about 1,300 gives XOR.\n\n"
    "Of $N$ points in general position one line gives $2\\sum_{k=0}^{2}\\binom{N-1}{k}$ labellings (Cover 1965): 8 of 8, 14 of 16, 22 of 32. "
    "Three points on one line are not in general position: there it is 6 of 8.",
)  # fmt: skip


def labellings_guess(values: Values) -> Guess | None:
    points = POINTS.points(values["points"])
    if len(points) < 2:
        return None
    count = len(separable(np.array(points)))
    return Guess(
        f"{len(points)} points have {2 ** len(points)} labellings. How many of them can one line give?",
        float(count), f"{count}, each with a line that was found.",
        covers=(drawn_chart("all"), drawn_formula("cover"), VERDICT),
    )  # fmt: skip


THRESHOLDS = DrawnView(
    "thresholds", "Thresholds",
    question=WORDS.question, look_for=WORDS.look_for, ask=WORDS.ask, answer=WORDS.answer,
    options=OPTIONS,
    controls=(
        option("gate"), formula("table"), formula("lines"), buttons(("find", "Find a line"), ("xor", "XOR with two lines")),
        TRANSPORT, formula("cover"), buttons(("square", "Square"), ("row", "Three on a line"), ("add", "A point more"), ("less", "One less")),
        buttons(("thousand", "Guess 1,000 networks"), ("many", "Guess 100,000"), ("forget", "Forget them")),
    ),
    charts=(
        Chart("plane", "The plane", "Points with their labels, two lines, and where the network's output is 1", "x₁", "x₂", legend=False),
        Chart("all", "All labellings", "Every labelling of the points, marked where one line gives it", legend=False),
        Chart("guess", "Random 2-2-1 networks", "How many random networks give the labelling, against how many were tried", "networks tried", "hits"),
    ),
    transport="labels", pace=500,
    choices={"gate": GATE_NAMES},
    guess=labellings_guess, more=lambda values: dict(gates={key: list(weights) for key, weights in GATES.items()}),
)  # fmt: skip


def lines_of(values: Values) -> tuple[Line, Line]:
    first, second = (
        line_through((values[f"p{k}x"], values[f"p{k}y"]), (values[f"q{k}x"], values[f"q{k}y"]))
        for k in (1, 2)
    )
    return first, second


def trace_of(values: Values) -> dict[str, Any]:
    """Every point on its way through the network."""
    lines = lines_of(values)
    passed = [(point, through(point, lines, values["gate"])) for point in POINTS.points(values["points"])]
    return dict(
        lines=[dict(w=list(line.w), b=line.b) for line in lines], gate=list(GATES[values["gate"]]), name=GATE_NAMES[values["gate"]],
        points=[
            dict(x=list(point), z=list(done.z), h=list(done.h), sum=done.sum, output=done.output, label=values["labels"] >> k & 1)
            for k, (point, done) in enumerate(passed)
        ],
    )  # fmt: skip


def show(here: Page) -> None:
    show_words(here, WORDS)
    _picture(here)


@st.fragment
def _picture(here: Page) -> None:
    drawn.show(THRESHOLDS, here)
    values = here.values()
    with st.expander("Every point with its numbers", icon=":material/calculate:"):
        stepper(
            "units.points", "units/points.js", "Points through two lines and a gate, step by step", here.options, values,
            trace_of(values), here.take, here.limits(),
        )  # fmt: skip
    here.write()
