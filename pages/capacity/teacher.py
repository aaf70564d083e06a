"""Teacher: many students descend at once towards a teacher of their own kind; some stop at true local minima."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from engine.options import Option, PointList
from engine.surfaces.teacher import (
    ARRIVED,
    MOMENTS_TEACHER,
    PLANE,
    descend,
    loss,
    normals,
    sampled_moments,
    span_angle,
    starts,
)
from pages.capacity.common import show_drawn, view_of
from pages.shared.drawn import TRANSPORT, Chart, DrawnView, Values, buttons, formula, option
from pages.shared.page import Page
from pages.shared.predict import VERDICT, Guess, drawn_chart

GUESSED_AT = 1000  # the update that the guess is about
MOST_WORK = 5000  # students × their neurons × the teacher's for which the guess is worked out
COUNTS = [round(10 ** (2 + k / 10)) for k in range(31)]  # of samples, as the picture has them
ARROWS = ";".join(f"{x:g},{y:g}" for x, y in PLANE)
TEACHER = PointList("teacher", ARROWS, "Teacher", "The teacher's neurons. Drag them in the picture.", ranges=((-1.6, 1.6), (-1.6, 1.6)), most=6)  # fmt: skip
OPTIONS = {
    "tab": Option("tab", "descent", "Learn by", "Descent on the loss, or averages over samples.", choices=("descent", "moments")),
    "space": Option("space", "plane", "Inputs", "Two inputs, where a neuron is an arrow, or ten with a teacher of ten neurons at right angles.", choices=("plane", "ten")),
    "teacher": TEACHER,
    "units": Option("units", 4, "A student's neurons", "How many neurons each student has.", 1, 12, integer=True),
    "students": Option("students", 200, "Students at once", "Each starts from random weights of its own.", 1, 200, integer=True),
    "seed": Option("seed", 0, "Seed", "Other random starts.", 0, 999, integer=True),
    "eta": Option("eta", 0.3, "Learning rate η", "How far each update goes.", 0.01, 1.0, log=True),
    "beta": Option("beta", 0.0, "Momentum β", "Heavy ball; 0 is plain gradient descent.", 0.0, 0.95),
    "step": Option("step", 0, "Update", "How many updates have been made.", 0, 6000, integer=True),
    "pick": Option("pick", 6, "Student shown", "The one whose arrows are numbered.", 1, 200, integer=True),
    "cut": Option("cut", "none", "Cut", "What was done to the student that is shown.", choices=("none", "split", "add")),
    "neuron": Option("neuron", 1, "Neuron", "Which one was split.", 1, 12, integer=True),
    "at": Option("at", 0, "Cut at update", "When.", 0, 3000, integer=True),
    "nx": Option("nx", 0.2, "New neuron x", "The neuron to add.", -1.6, 1.6),
    "ny": Option("ny", 0.1, "New neuron y", "The neuron to add.", -1.6, 1.6),
    "samples": Option("samples", 1000, "Samples n", "Over how many the averages go.", 100, 100_000, log=True, integer=True),
}  # fmt: skip


def guess(values: Values) -> Guess | None:
    """How many students arrive, or how near two averages come."""
    if values["tab"] == "moments":
        return moments_guess(values)
    teacher = values["teacher"] if values["space"] == "plane" else ""
    count, units = values["students"], values["units"]
    size = len(TEACHER.points(teacher)) if teacher else 10
    if values["cut"] != "none" or count * units * size > MOST_WORK:
        return None
    arrived = arrivals(teacher, units, count, values["seed"], values["eta"], values["beta"])
    neurons = "neuron" if units == 1 else "neurons"
    return Guess(
        f"The teacher has {size}. How many of {count} students with {units} {neurons} are below a loss of {ARRIVED:g} after {GUESSED_AT:,} updates?",
        float(arrived), f"{arrived} of {count}.", covers=(drawn_chart("ends"), drawn_chart("arrows"), drawn_chart("path"), VERDICT),
    )  # fmt: skip


@lru_cache(maxsize=64)
def arrivals(teacher: str, units: int, students: int, seed: int, eta: float, beta: float) -> int:
    """How many students have found the teacher after GUESSED_AT updates; without a text the teacher is the one of ten."""
    V = np.array(TEACHER.points(teacher)) if teacher else np.eye(10)
    with np.errstate(all="ignore"):
        W = descend(starts(seed, students, units, V.shape[1]), V, eta, GUESSED_AT, beta)
        return int(np.count_nonzero(loss(W, V) < ARRIVED))


def moments_guess(values: Values) -> Guess:
    samples, size = min(COUNTS, key=lambda n: abs(np.log(n / values["samples"]))), MOMENTS_TEACHER.shape[1]
    x = normals(values["seed"] * 1_000_003 + 17, samples * size).reshape(samples, size)
    angle = span_angle(sampled_moments(MOMENTS_TEACHER, x)[1], MOMENTS_TEACHER)
    return Guess(
        f"Two averages over {samples:,} samples, no descent: within how many degrees do they find the space of the teacher's three neurons?",
        angle, f"{angle:.1f}°.", covers=(drawn_chart("angle"), drawn_chart("moments"), VERDICT),
    )  # fmt: skip


def more(values: Values) -> Mapping[str, Any]:
    return {"moments": {"teacher": MOMENTS_TEACHER.tolist()}}


DRAWN = DrawnView(
    "teacher", "Teacher",
    question="A network that fits exactly exists. Does descent find it?",
    look_for="Students as large as the teacher often stop elsewhere, where every slope is 0; with one neuron more there is a way out.",
    ask="Why does one neuron more help, although the smaller student could already be the teacher?",
    answer="A student of the teacher's size has the exact solution among its weights, and still about one in five of these in the plane "
    "ends at a loss of 0.0172: two of its arrows share one of the teacher's, and two serve the other three. Nothing is noisy here: the "
    "loss, its gradient and its Hessian are exact. With ten inputs the smallest eigenvalue there is +0.032: a true local minimum. Split "
    "one neuron into two halves: the function is the same and the gradient is still 0, but the halves may now part, and along that "
    "direction the loss bends down (−0.173 with ten inputs). Descent goes on to 0. Not every neuron will do: two that share one of the "
    "teacher's lead nowhere, or to another minimum. Momentum gets through some traps too: set β to 0.9. The students that arrive are one network in 4! = 24 orders of its neurons: copies of one minimum. None of this is the "
    "NP-hardness of training networks, which speaks of worst-case data; see the view Hard.  \n"
    "Safran, Yehudai and Shamir, *The effects of mild over-parameterization on the optimization landscape of shallow ReLU neural "
    "networks* (2021), prove it under conditions.",
    options=OPTIONS,
    controls=(
        option("tab"), TRANSPORT, formula("one"), formula("neurons"), buttons(("next", "Next stuck one"), ("add", "Add a neuron here"), ("undo", "Undo")),
        option("pick"), option("units"), buttons(("wider", "One neuron more for all")), option("space"),
        buttons(("more", "Teacher + 1"), ("fewer", "Teacher − 1")), formula("loss"), formula("rule"), option("eta"), option("beta"), option("students"),
        option("seed"), option("samples"), formula("moments"),
    ),
    charts=(
        Chart("arrows", "All students", "The neurons of all students, of one student and of the teacher as arrows", "weight of x₁", "weight of x₂", legend=False),
        Chart("ends", "Where are they?", "How many students have which loss", "loss", "students", legend=False),
        Chart("hessian", "Is it a minimum?", "The eigenvalues of the Hessian of the student that is shown, in rising order", "eigenvalue, in order", "", legend=False),
        Chart("path", "Loss", "The loss of the student that is shown against updates", "update", "", legend=False, log="y"),
        Chart("moments", "Two averages", "The averages over samples beside what they tend to", legend=False),
        Chart("angle", "How far from the teacher's neurons?", "The angle between the space found and that of the teacher's neurons against the number of samples", "samples n", "angle in degrees", log="xy"),
    ),
    transport="step", pace=33,
    choices={
        "tab": {"descent": "Descent", "moments": "Moments"}, "space": {"plane": "two", "ten": "ten"},
        "cut": {"none": "none", "split": "split", "add": "added"},
    },
    more=more, guess=guess,
)  # fmt: skip
VIEW = view_of(DRAWN)


def show(here: Page) -> None:
    show_drawn(DRAWN, here)
