"""Hard: to check an answer takes no time, to find one is the work. Three nodes, all pairs of half-planes, a hundred descents."""

from __future__ import annotations

from engine.options import Option, PointList
from engine.studies.dichotomies import dichotomies, pairs
from pages.capacity.common import show_drawn, view_of
from pages.shared.drawn import TRANSPORT, Chart, DrawnView, Values, buttons, formula, option
from pages.shared.page import Page
from pages.shared.predict import VERDICT, Guess, drawn_chart, drawn_formula

POINTS = "-0.75,-0.47;0.54,0.15;-0.73,-0.12;-0.04,-0.61;0.42,-0.7;-0.2,0.03;-0.12,0.16;0.43,0.82;-0.39,0.27;0.35,-0.37"
BAND = 888  # the labels of a band across the points, bit k for point k
PLACES = PointList(
    "points", POINTS, "Points", "Drag them in the picture.", ranges=((-1.0, 1.0), (-1.0, 1.0)), most=10
)
OPTIONS = {
    "points": PLACES,
    "labels": Option("labels", BAND, "Labels", "Bit k is the label of point k.", 0, 1023, integer=True),
    "tried": Option("tried", 0, "Pairs tried", "Of all pairs of half-planes.", 0, 4278, integer=True),
    "many": Option("many", 10, "Points N", "For the count below.", 1, 60, integer=True),
    "dims": Option("dims", 2, "Dimensions d", "For the count below.", 1, 20, integer=True),
    "seed": Option("seed", 0, "Seed", "Of the hundred descents.", 0, 999, integer=True),
}  # fmt: skip


def guess(values: Values) -> Guess:
    points = PLACES.points(values["points"])
    made, count = len(dichotomies(points)), len(points)
    return Guess(
        f"How many of the {2**count:,} labellings of {'this point' if count == 1 else f'these {count} points'} can one line make?", float(made),
        f"{made:,}: so there are {pairs(made):,} pairs of lines to try.",
        covers=(drawn_chart("lines"), drawn_chart("growth"), drawn_formula("here"), drawn_formula("cover"), VERDICT),
    )  # fmt: skip


DRAWN = DrawnView(
    "hard", "Hard",
    question="If an answer is checked at once, is it also found at once?",
    look_for="to check a pair of lines is nothing, to find one is the work; with two nodes more, descent finds what it missed.",
    ask="Training three nodes is NP-hard. Does that mean that descent fails here?",
    answer="No. With ten points in the plane one line makes 92 of the 1,024 labellings, so there are 4,278 pairs, and trying all is quick. In d "
    "dimensions the count 2 Σ C(N − 1, k) grows as Nᵈ: that is where it becomes hard. NP-hardness says that no method is fast **for every input** "
    "unless P = NP, even for three threshold nodes and even if an answer exists. It says nothing about a single run. That a single run "
    "fails is another matter: a step has slope 0 nearly everywhere, and the steeper the sigmoid (β), the fewer of 100 descents arrive. "
    "The hardness also comes from fixing the size too small: with five nodes most descents find an answer. See the view Teacher.  \n"
    "Blum and Rivest, *Training a 3-node neural network is NP-complete* (1992); Cover (1965) for the count.",
    options=OPTIONS,
    controls=(
        TRANSPORT, formula("here"),
        buttons(("random", "Other labels"), ("band", "The band"), ("line", "All on a line"), ("more", "Point + 1"), ("fewer", "Point − 1")),
        option("many"), option("dims"), formula("cover"), formula("net"), option("seed"),
    ),
    charts=(
        Chart("points", "Two half-planes and their AND", "Points with two labels and the pair of lines that is tried", "x₁", "x₂", legend=False),
        Chart("lines", "What one line can do", "Every labelling of the points that one line makes, the two that are tried with a thick frame", legend=False),
        Chart("growth", "Labellings by one hyperplane", "Cover's count against the number of points, for several dimensions", "points N", "labellings", legend=False, log="y"),
        Chart("descents", "100 descents: how many find an answer?", "How many of 100 descents find an answer against the steepness β, for three and five nodes", "steepness β", "of 100", log="x"),
    ),
    transport="tried", pace=40, guess=guess,
)  # fmt: skip
VIEW = view_of(DRAWN)


def show(here: Page) -> None:
    show_drawn(DRAWN, here)
