"""Losses: one sigmoid unit that is wrong, under two losses at once; and what takes the place of the error."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import streamlit as st

from engine.options import Option
from engine.studies.surrogates import surface
from engine.surfaces.unit import SURROGATES, train
from pages.shared.drawn import TRANSPORT, Chart, DrawnView, Values, buttons, formula, option
from pages.shared.predict import VERDICT, Guess, drawn_chart, drawn_formula

NAMES = {"error": "error (0/1)", "ln": "−ln p", "log2": "−log₂ p", "hinge": "hinge", "square": "square"}
OPTIONS = {
    "weight": Option("weight", 2.0, "Weight w", "The unit's weight at the start.", -6.0, 6.0),
    "bias": Option("bias", 2.0, "Bias b", "The unit's bias at the start.", -6.0, 6.0),
    "eta": Option("eta", 0.15, "Learning rate η", "The same for both losses.", 0.001, 10.0, log=True),
    "step": Option("step", 0, "Update", "Where both units are.", 0, 300, integer=True),
    "chosen": Option("chosen", "error", "Surface of", "The loss that is drawn over two weights of a network.", choices=tuple(SURROGATES)),
}  # fmt: skip


@st.cache_data(max_entries=len(SURROGATES), show_spinner=False)
def packed(loss: str) -> dict[str, Any]:
    """A surface in 16 bits a cell, worked out once for all sessions."""
    found = surface(loss)
    low, high = float(found.loss.min()), float(found.loss.max())
    cells = np.round((found.loss - low) / (high - low) * 65535).astype("<u2")
    words = (
        f"{found.levels} levels, {found.equal_share:.0%} of neighbouring cells equal"
        if loss == "error"
        else "a slope nearly everywhere"
    )
    return dict(
        loss=loss, places=found.places.tolist(), low=low, high=high, words=words,
        cells=base64.b64encode(cells.tobytes()).decode(),
    )  # fmt: skip


def _more(values: Values) -> dict[str, Any]:
    return dict(surface=packed(values["chosen"]))


GUESSED = 100  # updates


def guess(values: Values) -> Guess | None:
    entropy, quadratic = (
        train(loss, values["weight"], values["bias"], values["eta"], GUESSED)
        for loss in ("cross_entropy", "quadratic")
    )
    return Guess(
        f"With cross-entropy the output goes from {entropy[0]:.3f} to {entropy[-1]:.3f} in {GUESSED} updates; the label is 0. "
        "Where is it with the quadratic loss by then?",
        float(quadratic[-1]), f"{quadratic[-1]:.3f}: its slope has the factor p(1 − p), which is {quadratic[0] * (1 - quadratic[0]):.3f} at the start.",
        covers=(drawn_chart("outputs"), drawn_chart("slopes"), drawn_formula("quadratic"), drawn_formula("entropy"), VERDICT),
    )  # fmt: skip


VIEW = DrawnView(
    "losses", "Losses",
    question="How much does a loss tell a unit that is wrong?",
    look_for="The more wrong the unit is, the less the quadratic loss tells it. The error itself tells nothing: it is made of steps.",
    ask="Both units start at output 0.982 with label 0. Which learns first, and how much later does the other follow?",
    answer="With cross-entropy the output is 0.099 after 50 updates, 0.041 after 100 and 0.012 after 300. With the quadratic loss it is 0.976, "
    "0.964 and 0.203: the factor p(1 − p) is nearly 0 where the unit is surest, right or wrong. From w = b = 6 it hardly moves at all. "
    "As for the error: −ln p is no upper bound of it (at p = 0.45 it is 0.80, below 1), −log₂ p is. Glorot and Bengio's "
    "picture of both losses over two weights is an exhibit of the Landscape page: [“Cross-entropy above quadratic”](landscape?show=two_losses).",
    options=OPTIONS,
    controls=(
        TRANSPORT, formula("unit"), formula("quadratic"), formula("entropy"), option("weight"), option("bias"), option("eta"),
        buttons(("lecture", "w = b = 2"), ("sure", "w = b = 6")), option("chosen"),
    ),
    charts=(
        Chart("outputs", "Output of the unit, and the slope it is told", "The unit's output and the slope dJ/dz at each update with the quadratic loss and with cross-entropy", "update", "output p"),
        Chart("slopes", "What the loss tells the unit: dJ/dz", "Slope of both losses against z, with where each unit is", "z = w + b", "dJ/dz"),
        Chart("margin", "In place of the error", "Error, logarithms, hinge and square over the margin", "margin", "loss"),
        Chart("surface", "Over two weights of a 2-4-1 network", "The chosen loss over two weights of a network, in three dimensions", scene=("w₁", "w₂", "loss")),
    ),
    transport="step", pace=40, choices={"chosen": NAMES}, steps={"weight": 0.1, "bias": 0.1}, more=_more, guess=guess,
)  # fmt: skip
