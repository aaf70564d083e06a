"""Penalties in a plane: the contours of a loss over two weights, with the diamond of L1 and the disc of L2."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from engine.options import Option
from engine.shown import short_number
from engine.studies.penalty_paths import lasso, ridge
from pages.shared.figures import theme
from pages.shared.figures.base import base_figure, numbers
from pages.shared.page import Page
from pages.shared.predict import Guess, chart_of, predict
from pages.shared.still import answer, chart, question, verdict
from pages.shared.widgets.option import number

LABEL = "Disc and diamond"
OPTIONS = {
    "pull": Option("pull", 0.6, "Strength λ", "The same for L1 and for L2.", 0.0, 3.0),
    "rho": Option("rho", 0.3, "Correlation ρ", "Of the two inputs: it tilts the contours.", -0.9, 0.9),
    "first": Option("first", 1.6, "Least squares, w₁", "Where the loss alone is lowest.", -2.0, 2.0),
    "second": Option("second", 0.4, "Least squares, w₂", "Where the loss alone is lowest.", -2.0, 2.0),
}
EDGE, CELLS = 2.4, 97


def show(here: Page) -> None:
    with st.sidebar:
        strength, rho, first, second = (number(here.form, name, option) for name, option in OPTIONS.items())
        st.latex(r"q(w)=\tfrac12(w-c)^\top H(w-c)")
        st.latex(r"\text{L1}:\ q(w)+\lambda|w|_1")
        st.latex(r"\text{L2}:\ q(w)+\tfrac\lambda2|w|^2")
        st.latex(rf"H=\begin{{pmatrix}}1&{rho:g}\\{rho:g}&1\end{{pmatrix}}")
    H, c = np.array([[1.0, rho], [rho, 1.0]]), np.array([first, second])
    ends = {"L1": lasso(H, H @ c, strength), "L2": ridge(H, H @ c, strength)}
    question(
        "Why does L1 set weights to zero, and L2 not?",
        "where the contours first touch: the diamond often at a corner, the disc anywhere.",
    )
    predict(here, lambda: corner_guess(ends, strength))
    left, right = st.columns(2)
    for place, name, shape in (
        (left, "L1", "the diamond |w₁| + |w₂| ≤ t"),
        (right, "L2", "the disc w₁² + w₂² ≤ t²"),
    ):
        with place:
            chart(f"{name}: {shape}", plane_figure(H, c, ends[name], name, here.dark), f"generalisation.plane_{name}", [])  # fmt: skip
    verdict(" ".join(sentence(name, end) for name, end in ends.items()))
    answer(
        "The penalised minimum is the lowest point among all weights whose penalty is no larger than its own: the loss's contours "
        "grow from the least-squares point until they touch that set. The diamond has corners on the axes, where one weight is exactly 0, "
        "and a corner is touched from many directions. The disc is round: it is touched on an axis only if the contours happen to come straight at it.",
        "Answer: what do the corners do?",
    )  # fmt: skip
    here.write()


def corner_guess(ends: dict[str, np.ndarray], strength: float) -> Guess:
    cutters = [name for name, end in ends.items() if (end == 0).any()]
    answers = {(): "neither", ("L1",): "L1 alone", ("L2",): "L2 alone", ("L1", "L2"): "both"}
    truth = answers[tuple(cutters)]
    return Guess(
        f"Which of the two makes a weight exactly 0 at λ = {strength:g}?", truth,
        f"{truth.capitalize() if truth[0] != 'L' else truth}. " + " ".join(sentence(name, end).replace("**", "") for name, end in ends.items()),
        choices=tuple(answers.values()), covers=tuple(map(chart_of, ("generalisation.plane_L1", "generalisation.plane_L2", "verdict"))),
    )  # fmt: skip


def sentence(name: str, end: np.ndarray) -> str:
    """Where a penalty ends, and what is zero there."""
    values = ", ".join(short_number(value, 3) for value in end)
    zeros = [label for label, value in zip(("w₁", "w₂"), end, strict=True) if value == 0]
    said = (
        f"{' and '.join(zeros)} {'is' if len(zeros) == 1 else 'are'} exactly 0" if zeros else "no weight is 0"
    )
    return f"{name} ends at ({values}): **{said}**."


def plane_figure(H: np.ndarray, c: np.ndarray, end: np.ndarray, name: str, dark: bool) -> go.Figure:
    """The loss's contours, the set that its penalised minimum touches, and both minima."""
    figure = base_figure(dark, height=380, showlegend=False)
    at = np.linspace(-EDGE, EDGE, CELLS)
    x, y = np.meshgrid(at - c[0], at - c[1])
    loss = 0.5 * (H[0, 0] * x * x + 2 * H[0, 1] * x * y + H[1, 1] * y * y)
    touched = 0.5 * (end - c) @ H @ (end - c)
    figure.add_contour(
        x=at, y=at, z=loss, colorscale=theme.colorscale(theme.sequential(dark)), showscale=False, opacity=0.75, ncontours=14,
        line=dict(width=0.6), hovertemplate="w₁ %{x:.2f}, w₂ %{y:.2f}<br>loss %{z:.3f}<extra></extra>", hoverongaps=False,
    )  # fmt: skip
    if touched > 1e-9:
        figure.add_contour(
            x=at, y=at, z=loss, showscale=False, hoverinfo="skip", line=dict(width=2.5, color="#ffffff"),
            contours=dict(coloring="none", start=touched, end=touched, size=1),
        )  # fmt: skip
    turn = np.linspace(0, 2 * np.pi, 121)
    if name == "L1":
        t = float(np.abs(end).sum())
        shape = t * np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 0]])
    else:
        t = float(np.sqrt(end @ end))
        shape = t * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    figure.add_scatter(
        x=shape[:, 0], y=shape[:, 1], mode="lines", fill="toself", fillcolor="rgba(255,255,255,.25)", hoverinfo="skip",
        line=dict(color=theme.CHOSEN, width=2.5),
    )  # fmt: skip
    for point, symbol, label, side in (
        (c, "circle", "least squares", "top center"), (end, "x", f"with {name}", "bottom center")
    ):  # fmt: skip
        figure.add_scatter(
            x=[point[0]], y=[point[1]], mode="markers+text", text=[label], textposition=side,
            textfont=dict(color="#ffffff", size=13), marker=dict(symbol=symbol, size=12, color="#ffffff", line=dict(color="#10202c", width=1.5)),
            hovertemplate=f"{label}: ({', '.join(numbers(point, 4))})<extra></extra>",
        )  # fmt: skip
    for line in (figure.add_hline, figure.add_vline):
        line(0, line=dict(width=1, color="rgba(255,255,255,.6)"))
    figure.update_xaxes(title_text="w₁", range=[-EDGE, EDGE], constrain="domain")
    figure.update_yaxes(title_text="w₂", range=[-EDGE, EDGE], scaleanchor="x", constrain="domain")
    return figure
