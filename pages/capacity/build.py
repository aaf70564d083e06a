"""Build: one hidden layer made by hand, from kinks, steps or bumps, and how fast its error falls with its width."""

from __future__ import annotations

from engine.data.curves import CURVES
from engine.options import Option, PointList
from pages.capacity.common import show_drawn, view_of
from pages.shared.drawn import Chart, DrawnView, buttons, formula, option
from pages.shared.page import Page

MOST = 64
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
    choices={"curve": {key: curve.label.removesuffix(" (curve)") for key, curve in CURVES.items()}, "kind": {"kinks": "kinks (ReLU)", "steps": "steps (threshold)", "bumps": "bumps (two steps)", "squares": "squares (z²)", "tanh": "tanh"}},
)  # fmt: skip
VIEW = view_of(DRAWN)


def show(here: Page) -> None:
    show_drawn(DRAWN, here)
