"""Inertia: momentum's three forms on a bumpy bowl, on a plateau, and in the range of rates."""

from __future__ import annotations

import numpy as np

from engine.options import Option
from engine.surfaces.functions import FUNCTIONS
from engine.surfaces.inertia import FORMS, roll
from pages.shared.drawn import TRANSPORT, Chart, DrawnView, Values, buttons, formula, option
from pages.shared.predict import VERDICT, Guess, drawn_chart, drawn_formula

OPTIONS = {
    "form": Option("form", "heavy_ball", "Form", "Three rules go by the name of momentum.", choices=FORMS),
    "beta": Option("beta", 0.9, "Momentum β", "The share of the last step that is kept.", 0.0, 0.99),
    "eta": Option("eta", 0.05, "Learning rate η", "How far each step goes.", 0.001, 3.0, log=True),
    "start": Option("start", 6.0, "Start", "Drag it in the picture.", -8.0, 8.0),
    "step": Option("step", 0, "Step", "Where the ball is.", 0, 300, integer=True),
}
FORM_NAMES = {"ema": "EMA", "heavy_ball": "heavy ball", "velocity": "velocity"}
LONG = 4000  # steps until the ball is at rest, here and in the browser


def guess(values: Values) -> Guess | None:
    gradient, start = FUNCTIONS["bumpy"].gradient, np.array([values["start"]])
    own, plain = (
        float(roll(gradient, start, values["eta"], beta, form, LONG)[-1, 0])
        for beta, form in ((values["beta"], values["form"]), (0.0, "heavy_ball"))
    )
    if not np.isfinite([own, plain]).all():
        return None
    said, other = (f"{x:.2f}".replace("-", "−") for x in (own, plain))
    return Guess(
        f"From x = {values['start']:g} at η = {values['eta']:g} in the {FORM_NAMES[values['form']]} form with β = {values['beta']:g}: at which x does the ball stop?",
        own, f"{said}. Without momentum it is {other}.",
        covers=(drawn_chart("ball"), drawn_chart("strip"), drawn_formula("place"), VERDICT),
    )  # fmt: skip


VIEW = DrawnView(
    "inertia", "Inertia",
    question="Does momentum carry a ball over the bumps?",
    look_for="What decides where the ball stops is the form together with β: at the same η, EMA at β = 0.9 stops where no momentum does.",
    ask="Lectures claim three things for momentum: smoother, out of small minima, more rates. Which of them hold in which form?",
    answer="Out of small minima: from x = 6 at η = 0.05, heavy ball with β = 0 or 0.5 stops at 3.64, with 0.8 at 2.21, with 0.9 and 0.95 in "
    "one of the two lowest places, ±0.74. In the EMA form β = 0.9 stops at 3.64, like no momentum: its steps are (1 − β) times as "
    "long. More rates: at β = 0.9 the largest stable rate grows 1.9 times in heavy ball, and 19 times in EMA, which is the same "
    "rule at a rate ten times smaller. A plateau: heavy ball crosses it 1/(1 − β) times as fast, EMA no faster. Smoother holds in "
    "all forms. With β = 0.99 the ball may jump past the lowest place and out again.",
    options=OPTIONS,
    controls=(
        TRANSPORT, formula("place"), option("form"), formula("rule"), option("beta"), option("eta"), formula("rate"), formula("edge"),
        buttons(("lecture", "The slide's own form"), ("far", "β = 0.99"), ("edge", "η at the edge")),
    ),
    charts=(
        Chart("ball", "f = 0.05x² + 0.1 cos 4x", "The bumpy bowl with the path of the ball", "x", "f", legend=False),
        Chart("strip", "Where every start ends", "For each start between −8 and 8, where the ball comes to rest", "start", "end", legend=False),
        Chart("plateau", "Speed-up on a plateau", "How many times as fast a plateau of slope 0.01 is crossed, against β, for heavy ball and EMA", "β", "times as fast", log="y"),
    ),
    transport="step", pace=60,
    choices={"form": FORM_NAMES}, guess=guess,
)  # fmt: skip
