"""Depth: the tent map folded by layer after layer, two neurons each, against the neurons that one layer would need."""

from __future__ import annotations

from engine.options import Option
from pages.capacity.common import show_drawn, view_of
from pages.shared.drawn import TRANSPORT, Chart, DrawnView, Values, buttons, formula, option
from pages.shared.page import Page
from pages.shared.predict import VERDICT, Guess, drawn_chart, drawn_formula

MOST = 20
OPTIONS = {
    "layers": Option("layers", 3, "Layers k", "How often the interval is folded.", 0, MOST, integer=True),
    "x": Option("x", 0.3, "Point x", "Drag it in the picture: every layer moves it.", 0.0, 1.0),
}


def neurons_guess(values: Values) -> Guess | None:
    layers = values["layers"]
    if not layers:
        return None
    needed = 2**layers - 1
    return Guess(
        f"{layers} {'layer' if layers == 1 else 'layers'} of two ReLU neurons make this function. How many neurons does a single hidden layer need?",
        float(needed), f"{needed:,}: it has {2**layers:,} pieces, and each neuron adds one kink at most.",
        covers=(drawn_chart("neurons"), drawn_formula("count"), VERDICT),
    )  # fmt: skip


DRAWN = DrawnView(
    "folds", "Depth",
    question="What can ten narrow layers do that one wide layer cannot?",
    look_for="each layer folds everything that came before it, so the pieces double with every layer.",
    ask="How many neurons does one layer need for the same function?",
    answer="A ReLU neuron in a single hidden layer adds one kink at most, so 2ᵏ pieces take at least 2ᵏ − 1 neurons. Here k layers of two "
    "neurons make them, with 6k + 1 parameters. Depth multiplies, width adds. With k = 0 nothing is folded and the line stays a line. "
    "This says what a deep network can **be**; the view Found shows whether training gets there.  \n"
    "Telgarsky, *Benefits of depth in neural networks* (2016).",
    options=OPTIONS,
    controls=(TRANSPORT, formula("rule"), formula("way"), formula("count"), option("x"), buttons(("ten", "k = 10"), ("twenty", "k = 20"))),
    charts=(
        Chart("function", "The function after each layer", "The sawtooth after the layers so far, with the point and its way", "x", "f(x)", legend=False),
        Chart("paper", "A strip of paper, folded", "The interval from 0 to 1 folded like paper: each piece runs back over the last", "f(x)", "piece", legend=False),
        Chart("neurons", "Neurons for the same pieces", "Neurons of k narrow layers and of one wide layer against k", "layers k", "neurons", log="y"),
    ),
    transport="layers", pace=900, guess=neurons_guess,
)  # fmt: skip
VIEW = view_of(DRAWN)


def show(here: Page) -> None:
    show_drawn(DRAWN, here)
