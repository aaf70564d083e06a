"""How sure is a score? The standard error of an accuracy, and how many points it takes."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from engine.options import Option
from engine.shown import short_number
from engine.studies.early_stopping import points_needed, standard_error
from engine.studies.optimism import best_distribution
from pages.shared.figures import theme
from pages.shared.figures.base import base_figure, numbers
from pages.shared.page import Page
from pages.shared.predict import Guess, chart_of, predict
from pages.shared.still import answer, chart, question, verdict
from pages.shared.widgets.option import ladder, number

LABEL = "How sure?"
SIZES = (10, 20, 30, 50, 100, 200, 500, 1000, 2000, 5000)
OPTIONS = {
    "points": Option("points", 30, "Test points n", "On which the share right is counted.", 2, 5000, integer=True),
    "accuracy": Option("accuracy", 0.9, "True accuracy p", "The share right among all points that there are.", 0.5, 1.0),
}  # fmt: skip


def show(here: Page) -> None:
    with st.sidebar:
        n = ladder(here.form, "points", OPTIONS["points"], SIZES, lambda value: f"{value:,}")
        p = number(here.form, "accuracy", OPTIONS["accuracy"])
        error = standard_error(p, n)
        st.container(key="formula").latex(
            rf"\sqrt{{\tfrac{{p(1-p)}}n}}=\sqrt{{\tfrac{{{p:g}\cdot{short_number(1 - p, 3)}}}{{{n}}}}}={error:.3f}"
        )
    question(
        f"{100 * p:g} % right on {n:,} test points: how sure is that?",
        "how wide the score scatters, and how slowly it narrows: four times the points for half the width.",
    )
    law = best_distribution(1, n, p)
    predict(here, lambda: Guess(
        f"By how many percentage points does the score scatter about {100 * p:g} %: how large is its standard error?",
        100 * error, f"{100 * error:.1f} points, the root of p(1 − p)/n.",
        covers=tuple(map(chart_of, ("generalisation.sure_law", "generalisation.sure_error", "verdict", "formula"))),
    ))  # fmt: skip
    left, right = st.columns(2)
    with left:
        chart(f"The score on {n:,} test points", law_figure(law, n, p, here.dark), "generalisation.sure_law")
    with right:
        chart("Standard error against the number of points", error_figure(n, p, here.dark), "generalisation.sure_error")  # fmt: skip
    inside = float(law[np.abs(np.arange(n + 1) / n - p) <= error + 1e-12].sum())
    verdict(
        f"A network that is right on {100 * p:g} % of all points scores **{short_number(p, 3)} ± {error:.3f}** on {n:,} of them; {100 * inside:.0f} % of "
        f"such test sets lie within that. For ± 0.01 it takes {points_needed(p, 0.01):,} points."
    )
    answer(
        "Two networks whose scores differ by less than about twice that error may be equally good: the test set cannot "
        "tell. If both are scored on the same points, count those on which they differ instead: that is a much sharper comparison. On made "
        "data there is another way: draw as many new points as one likes.",
        "Answer: which of two networks is better?",
    )
    here.write()


def law_figure(law: np.ndarray, n: int, p: float, dark: bool) -> go.Figure:
    """The exact law of the share right, with one standard error on either side."""
    blue = theme.LANE_COLORS[dark][0]
    shown, error = law > 1e-6, standard_error(p, n)
    figure = base_figure(dark, height=320, showlegend=False, bargap=0.05)
    figure.add_bar(x=(np.arange(n + 1) / n)[shown], y=law[shown], marker=dict(color=blue), hovertext=numbers(law[shown]), hovertemplate="score %{x:.3f}<br>probability %{hovertext}<extra></extra>")  # fmt: skip
    figure.add_vrect(p - error, p + error, fillcolor="rgba(214,36,159,.14)", line_width=0, layer="below")
    figure.add_vline(p, line=dict(dash="dash", width=1.5, color=theme.CHOSEN))
    figure.update_xaxes(title_text="share right")
    figure.update_yaxes(title_text="probability")
    return figure.update_layout(margin=dict(l=60))


def error_figure(n: int, p: float, dark: bool) -> go.Figure:
    """√(p(1 − p)/n) on logarithmic axes, for three accuracies."""
    figure = base_figure(dark, height=320)
    sizes = np.geomspace(10, 5000, 60)
    for k, accuracy in enumerate(sorted({0.5, 0.99, p})):
        figure.add_scatter(
            x=sizes, y=[standard_error(accuracy, size) for size in sizes.tolist()], name=f"p = {accuracy:g}", mode="lines",
            line=dict(width=3 if accuracy == p else 1.5, color=theme.LANE_COLORS[dark][k]), hovertemplate="n %{x:.0f}<br>± %{y:.3f}<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(x=[n], y=[standard_error(p, n)], mode="markers", showlegend=False, marker=dict(size=12, color=theme.CHOSEN), hovertemplate="n %{x:,}<br>± %{y:.3f}<extra></extra>")  # fmt: skip
    figure.update_xaxes(type="log", title_text="test points n", tickvals=[10, 100, 1000], ticktext=["10", "100", "1,000"])  # fmt: skip
    figure.update_yaxes(type="log", title_text="standard error", tickformat="~g", nticks=6)
    return figure.update_layout(margin=dict(l=60))
