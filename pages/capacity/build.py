"""Build: one hidden layer made by hand, from kinks, steps or bumps, and how fast its error falls with its width."""

from __future__ import annotations

import numpy as np

from engine.data.curves import CURVES, Curve
from engine.options import Option, PointList
from engine.shown import short_number
from pages.capacity.common import show_drawn, view_of
from pages.shared.drawn import Chart, DrawnView, Values, buttons, formula, option
from pages.shared.page import Page
from pages.shared.predict import Guess, drawn_chart

MOST = 64
PLACES = 20_001  # where network and target are compared
KNOTS = "0,0;0.2,0.951;0.4,0.588;0.6,-0.588;0.8,-0.951;1,0"  # a sine's
OPTIONS = {
    "curve": Option("curve", "sine", "Target", "The function to be built.", choices=tuple(CURVES)),
    "kind": Option("kind", "kinks", "Neurons", "What each neuron adds.", choices=("kinks", "steps", "bumps", "squares", "tanh")),
    "pieces": Option("pieces", 5, "Pieces m", "How many pieces the function is built from.", 1, MOST, integer=True),
    "biases": Option("biases", True, "Biases", "Without them every kink sits at 0."),
    "beyond": Option("beyond", False, "Beyond the interval", "What was built goes on by itself outside."),
    "hand": Option("hand", False, "By hand", "Drag the points; Build it puts them back on the target."),
    "knots": PointList("knots", KNOTS, "Points", "Drag them in the picture.", ranges=((-1.0, 1.0), (-2.0, 2.0)), most=13),
}  # fmt: skip


def double_guess(values: Values) -> Guess | None:
    """About lines between even points, where twice the pieces are a quarter of the error on a smooth target."""
    pieces, curve = values["pieces"], CURVES[values["curve"]]
    if values["kind"] != "kinks" or values["hand"] or not values["biases"]:
        return None
    once, twice = (largest_error(curve, count) for count in (pieces, 2 * pieces))
    return Guess(
        f"With {pieces} {'piece' if pieces == 1 else 'pieces'} the largest error is {short_number(once)}. What is it with {2 * pieces}?",
        twice, f"{short_number(twice)}, {short_number(once / twice, 2)} times less." if twice else "0: the target is made of such pieces.",
        covers=(drawn_chart("error"),),
    )  # fmt: skip


def largest_error(curve: Curve, pieces: int) -> float:
    """Of straight lines between points at even places."""
    knots = np.linspace(curve.low, curve.high, pieces + 1)
    x = np.linspace(curve.low, curve.high, PLACES)
    return float(np.abs(np.interp(x, knots, curve.value(knots)) - curve.value(x)).max())


DRAWN = DrawnView(
    "build", "Build",
    question="Can one hidden layer be any function? Build it by hand.",
    look_for="twice the pieces, a quarter of the error: it falls as 1/m², and nothing was learned.",
    ask="What does the theorem need that one easily forgets?",
    answer="Three things. **Biases**: without them a ReLU network has two slopes at any width and f(0) = 0, and a tanh network is odd. "
    "**Another activation than a polynomial**: squares of any number add up to one parabola. **A continuous target on a closed, bounded "
    "interval**: a jump is missed by at least half of it at any width of ReLU neurons, and beyond the interval nothing is promised. The theorem says that "
    "the network exists. It does not say how wide it must be, nor how to find it.  \n"
    "Cybenko (1989); Leshno, Lin, Pinkus and Schocken (1993).",
    options=OPTIONS,
    controls=(
        option("curve"), option("kind"), option("pieces"), buttons(("build", "Build it"), ("double", "Twice as many")), formula("net"), formula("error"), formula("bound"),
        option("biases"), option("beyond"), option("hand"),
    ),
    charts=(
        Chart("function", "Target and network", "The target, the function that was built and its points", "x", "f(x)"),
        Chart("parts", "What each neuron adds", "The contribution of every neuron", "x", "", legend=False),
        Chart("error", "Largest error against pieces", "The largest error on the interval against the number of pieces, with the law", "pieces m", "largest error", log="xy"),
    ),
    guess=double_guess, choices={"curve": {key: curve.label.removesuffix(" (curve)") for key, curve in CURVES.items()}, "kind": {"kinks": "kinks (ReLU)", "steps": "steps (threshold)", "bumps": "bumps (two steps)", "squares": "squares (z²)", "tanh": "tanh"}},
)  # fmt: skip
VIEW = view_of(DRAWN)


def show(here: Page) -> None:
    show_drawn(DRAWN, here)
