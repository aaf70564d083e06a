"""Penalties on a linear model with an orthogonal design: every weight against the strength, exactly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from engine.options import Option
from engine.shown import short_number
from engine.studies.penalty_paths import CENTRES, cut, hovering, shrunk
from pages.shared import still
from pages.shared.figures import theme
from pages.shared.figures.base import base_figure, numbers
from pages.shared.page import Page
from pages.shared.predict import Guess, chart_of, predict
from pages.shared.still import answer, chart, question
from pages.shared.widgets.option import number

LABEL = "Against the strength"
OPTIONS = {
    "lam": Option("lam", 0.1, "Strength λ", "The same for L1 and for L2.", 0.0, 2.0),
    "eta": Option("eta", 0.1, "Rate η", "Of the descent with the sub-gradient.", 0.01, 0.5),
    "steps": Option(
        "steps", 500, "Updates", "Of the descent with the sub-gradient, from 0.", 1, 2000, integer=True
    ),
}
GREY = "#8a949e"


def show(here: Page) -> None:
    with st.sidebar:
        strength, rate, updates = (number(here.form, name, option) for name, option in OPTIONS.items())
        st.latex(r"\text{L1}:\ w=\operatorname{sign}(c)\max(|c|-\lambda,0)")
        st.latex(rf"\text{{L2}}:\ w=\frac{{c}}{{1+\lambda}}=\frac{{c}}{{{short_number(1 + strength, 3)}}}")
    question(
        "What does each penalty do to a weight, as it gets stronger?",
        "with L1 weights reach zero one after the other and stay there; with L2 all fade together.",
    )
    zeros = int((cut(CENTRES, strength) == 0).sum())
    predict(here, lambda: Guess(
        f"Of the {len(CENTRES)} weights, how many does L1 with λ = {strength:g} make exactly zero?",
        float(zeros), f"{zeros}: those that are within λ of zero without a penalty. L2 makes none zero.",
        covers=tuple(map(chart_of, ("generalisation.path_l1", "generalisation.path_bars", "verdict"))),
    ))  # fmt: skip
    left, right = st.columns(2)
    with left:
        chart(
            "L1: the weights against λ", path_figure(cut, strength, here.dark), "generalisation.path_l1", []
        )
    with right:
        chart(
            "L2: the weights against λ",
            path_figure(shrunk, strength, here.dark),
            "generalisation.path_l2",
            [],
        )
    chart(
        f"The twelve weights at λ = {strength:g}", bars_figure(strength, rate, updates, here.dark), "generalisation.path_bars"
    )  # fmt: skip
    still.verdict(verdict(strength, rate, updates))
    answer(
        "Least squares with inputs that are orthogonal and of length √n: every weight has a parabola of its own, "
        "½(w − c)². The penalty λ|w| pulls with force λ at any distance, so a weight with |c| ≤ λ is held at 0, and the others come "
        "nearer by λ. The penalty (λ/2)w² pulls with λw, which fades near 0. Descent with sign(w) as slope steps across 0 and back: "
        "it ends within η(λ + |c|) of 0, which is less than 2ηλ, but not at 0. The proximal step is what stops there.",
        "Answer: why does one cut and the other not?",
    )  # fmt: skip
    here.write()


def verdict(strength: float, rate: float, updates: int) -> str:
    """How many of the weights are exactly zero by each rule."""
    exact, last = cut(CENTRES, strength), hovering(CENTRES, strength, rate, updates)[1]
    near = np.abs(last[exact == 0]).max(initial=0.0)
    text = (
        f"Exactly zero, of {len(CENTRES)}: L1 **{(exact == 0).sum()}**, L2 **{(shrunk(CENTRES, strength) == 0).sum()}**, "
        f"L1 by the sub-gradient after {updates:,} updates **{(last == 0).sum()}**."
    )
    if (exact == 0).any():
        text += f" There the weights that L1 cuts are up to {short_number(near, 2)} from zero; 2ηλ is {short_number(2 * rate * strength, 2)}."
    return text


def path_figure(rule: Callable[[np.ndarray, float], np.ndarray], strength: float, dark: bool) -> go.Figure:
    """Every weight against the strength."""
    figure = base_figure(dark, height=205, showlegend=False)
    strengths = np.linspace(0, 2, 201)
    values = np.array([rule(CENTRES, each) for each in strengths])
    for k, centre in enumerate(CENTRES):
        color = theme.POSITIVE if centre > 0 else theme.NEGATIVE
        figure.add_scatter(
            x=strengths, y=values[:, k], mode="lines", line=dict(color=color, width=1.6, dash="solid" if centre > 0 else "dash"),
            text=numbers(values[:, k], 4), hovertemplate=f"c = {centre:g}<br>λ %{{x:.2f}}: %{{text}}<extra></extra>",
        )  # fmt: skip
    figure.add_vline(strength, line=dict(width=1.5, color=theme.CHOSEN))
    figure.update_xaxes(title_text="λ", range=[0, 2])
    figure.update_yaxes(title_text="weight", range=[-1.25, 1.65])
    return figure


def bars_figure(strength: float, rate: float, updates: int, dark: bool) -> go.Figure:
    """The weights by each rule, side by side."""
    figure = base_figure(dark, height=205, barmode="group", bargap=0.25)
    colors = theme.LANE_COLORS[dark]
    last = hovering(CENTRES, strength, rate, updates)[1]
    places = [f"w<sub>{k}</sub>" for k in range(1, len(CENTRES) + 1)]
    rules = (
        ("no penalty: c", CENTRES, GREY), ("L1", cut(CENTRES, strength), colors[0]), ("L1 by the sub-gradient", last, colors[1]),
        ("L2", shrunk(CENTRES, strength), colors[2]),
    )  # fmt: skip
    for name, values, color in rules:
        figure.add_bar(
            x=places, y=values, name=name, marker=dict(color=color), hovertext=numbers(values, 4), hovertemplate="%{hovertext}<extra>" + name + "</extra>"
        )  # fmt: skip
    figure.update_yaxes(title_text="weight")
    return figure
