"""The Softmax view: from logits to probabilities to the loss, and why its gradient is f − e(y)."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engine.network.softmax import softmax_loss
from engine.options import Option
from engine.shown import short_number
from pages.backpropagation.common import step_option
from pages.shared.figures.base import base_figure, figure_json
from pages.shared.page import Page, View
from pages.shared.predict import Guess, predict
from pages.shared.stepper import stepper
from pages.shared.still import answer, question

CLASSES = 5
STEPS = 12  # logits, exponentials, probabilities, loss, eight lines, the gradient
LOGITS = (2.0, 1.0, 0.1, 0.0, -1.0)
OPTIONS = {
    "classes": Option("classes", 3, "Classes", "How many classes there are.", 2, CLASSES, integer=True),
    **{
        f"a{k}": Option(f"a{k}", value, f"Logit of class {k}", "Any number.", -1e4, 1e4)
        for k, value in enumerate(LOGITS, start=1)
    },
    "label": Option("label", 1, "Label", "The true class.", 1, CLASSES, integer=True),
    "by": Option("by", 1, "Derive for class", "By whose logit the loss is derived.", 1, CLASSES, integer=True),
    "stable": Option("stable", True, "Stable", "Subtract the largest logit before exponentials are taken."),
    "b": Option("b", -710.0, "b", "An input of the sigmoid.", -1000.0, 1000.0),
    "step": step_option(STEPS),
}  # fmt: skip
VIEW = View("Softmax", OPTIONS, lanes=0, guesses=True)
TITLES = ("logit a", "exponential", "probability f", "gradient f − e(y)")


def show(here: Page) -> None:
    with st.sidebar:
        formulas()
    question(
        "Why is the gradient of −ln f just f − e(y)?",
        "the bars of the gradient sum to zero, and only the label's is negative.",
    )
    _panel(here)
    answer(
        "Softmax divides, the logarithm turns the quotient into a difference: $-\\ln f_y = \\ln\\sum_k e^{a_k} - a_y$. "
        "The first part has the gradient $f$, the second $-e(y)$. So the network is pulled by exactly as much as it is wrong. "
        "As the parts of $f$ sum to 1, those of the gradient sum to 0.",
        "Answer: why so simple?",
    )


def label_guess(values: dict[str, Any]) -> Guess | None:
    count, label = values["classes"], min(values["label"], values["classes"])
    logits = [values[f"a{k}"] for k in range(1, count + 1)]
    found = softmax_loss(np.array(logits), label - 1)
    said = ", ".join(f"{a:g}" for a in logits).replace("-", "−")
    return Guess(
        f"The logits are {said}, and class {label} is the label. What is the derivative of the loss by the label's logit?",
        float(found.gradient[label - 1]), f"{short_number(float(found.gradient[label - 1]))}: its probability, {short_number(float(found.f[label - 1]))}, minus 1.",
        covers=(".bp-bars", ".bp-logits [data-of=gradient]", ".bp-logits [data-of=f]", ".bp-lines"),
    )  # fmt: skip


@st.fragment
def _panel(here: Page) -> None:
    predict(here, lambda: label_guess(here.values()))
    stepper(
        "backpropagation.softmax_stepper", "backpropagation/softmax.js", "Softmax, step by step", OPTIONS, here.values(),
        {"layout": layout(here.dark)}, here.take, here.limits(),
    )  # fmt: skip
    here.write()


def formulas() -> None:
    st.markdown("**From logits to the loss**")
    st.latex(r"f_c=\frac{e^{a_c}}{\sum_k e^{a_k}}")
    st.latex(r"L=-\ln f_y")
    st.markdown("**Its gradient**")
    st.latex(r"\frac{\partial L}{\partial f_c}=-\frac{1(y=c)}{f_y}")
    st.latex(r"\frac{\partial L}{\partial a_c}=f_c-1(y=c)")
    st.markdown(
        "**As computed**, with $m=\\max a$: each exponential is at most 1, so none can overflow. "
        "The result is the same, as $e^{-m}$ cancels."
    )
    st.latex(r"f_c=\frac{e^{a_c-m}}{\sum_k e^{a_k-m}}")
    st.latex(r"L=\ln\sum_k e^{a_k-m}-(a_y-m)")


def layout(dark: bool) -> dict[str, Any]:
    """Four bar charts side by side; the browser gives them their bars."""
    figure = base_figure(dark, showlegend=False, dragmode=False, bargap=0.25)
    for n, title in enumerate(TITLES):
        number = str(n + 1) if n else ""
        start = n * 0.265
        figure.update_layout(
            {
                f"xaxis{number}": dict(
                    domain=[start, start + 0.205], anchor=f"y{number}", title=f"{title}", fixedrange=True, type="category",
                ),
                f"yaxis{number}": dict(anchor=f"x{number}", fixedrange=True, nticks=6, tickformat="~g"),
            }
        )  # fmt: skip
    figure.update_layout({"yaxis3.range": [0, 1], "yaxis4.range": [-1, 1]})
    made: dict[str, Any] = figure_json(figure)["layout"]
    return made
