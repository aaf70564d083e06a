"""Double descent, seen: one curve through a few points, made of more and more cosines."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from engine.options import Option
from engine.shown import short_number
from engine.studies.cosine_fit import COUNTS, curve_errors, grid, points, truth, weights
from pages.shared.figures import theme
from pages.shared.figures.base import base_figure, numbers
from pages.shared.page import Page
from pages.shared.predict import Guess, chart_of, predict
from pages.shared.still import answer, chart, question, verdict
from pages.shared.widgets.option import ladder, number

LABEL = "Seen: one curve"
SETS = 100  # training sets of the median
OPTIONS = {
    "cosines": Option("cosines", 15, "Cosines p", "How many waves the curve is made of.", 1, COUNTS[-1], integer=True, log=True),
    "points": Option("points", 15, "Points n", "Points that the curve is fitted to.", 4, 30, integer=True),
    "noise": Option("noise", 0.3, "Noise σ", "Standard deviation of the noise in y.", 0.0, 1.0),
    "draw": Option("draw", 1, "Training set", "Which of the training sets is drawn.", 1, SETS, integer=True),
}  # fmt: skip


def show(here: Page) -> None:
    with st.sidebar:
        p = ladder(here.form, "cosines", OPTIONS["cosines"], COUNTS, lambda value: f"{value:,}")
        st.latex(rf"\hat y(x)=\sum_{{k=0}}^{{{p - 1}}}\theta_k\,\frac{{\cos(k\pi x)}}{{1+k}}")
        n, sigma, draw = (number(here.form, name, OPTIONS[name]) for name in ("points", "noise", "draw"))
    question(
        "What does a curve with a thousand weights do between fifteen points?",
        "at p = n it must pass through every point and swings; with a thousand waves it passes through them too, and is calm.",
    )
    counts, errors = medians(n, sigma)
    at_n, last = (errors[counts.index(count)] for count in (n, COUNTS[-1]))
    predict(here, lambda: Guess(
        f"Curves of p cosines through {n} points. With p = {n} their median distance to the truth is {short_number(at_n, 2)}. What is it with p = {COUNTS[-1]:,}?",
        last, f"{short_number(last, 2)}. The lowest is {short_number(min(errors), 2)}, with p = {counts[int(np.argmin(errors))]:,}.",
        covers=tuple(map(chart_of, ("generalisation.seen_errors", "generalisation.curve", "verdict"))),
    ))  # fmt: skip
    left, right = st.columns(2)
    own = float(curve_errors(n, sigma, p, range(draw - 1, draw))[0])
    with left:
        chart(f"The curve, p = {p:,}", curve_figure(p, n, sigma, draw, here.dark), "generalisation.curve")
    with right:
        chart(
            "Distance to the truth", errors_figure(p, n, sigma, own, here.dark), "generalisation.seen_errors"
        )
    best = int(np.argmin(errors))
    verdict(
        f"This curve is {short_number(own, 2)} from the truth. The median of {SETS} training sets is {short_number(errors[best], 2)} at its "
        f"lowest, p = {counts[best]:,}; {short_number(at_n, 2)} at p = n = {n}; {short_number(last, 2)} at p = {COUNTS[-1]:,}. "
        + (
            "The second valley is lower."
            if last < min(errors[: counts.index(n)])
            else "The first valley is lower."
        )
    )
    answer(
        "At p = n there is exactly one curve through the points, whatever it does between them. With p > n there are many, "
        "and the fit takes the one with the shortest weights. A wave of k half-periods is divided by 1 + k, so a fast wave "
        "costs more weight than a slow one: short weights mean a calm curve. Set the noise to 0 and there is no peak: "
        "it is the noise that the curve bends for.",
        "Answer: why is the curve calm again?",
    )
    here.write()


@st.cache_data(max_entries=100, show_spinner="Fitting …")
def medians(n: int, sigma: float) -> tuple[list[int], list[float]]:
    """The median error at each number of cosines. Once for all sessions."""
    counts = sorted({*COUNTS, n})
    return counts, [float(np.median(curve_errors(n, sigma, p, range(SETS)))) for p in counts]


def curve_figure(p: int, n: int, sigma: float, draw: int, dark: bool) -> go.Figure:
    """The points, the truth, and the curve."""
    blue, orange, green = theme.LANE_COLORS[dark][:3]
    x, y = (values[0] for values in points(n, sigma, range(draw - 1, draw)))
    at, inputs = grid(p)
    figure = base_figure(dark, height=360)
    figure.add_scatter(x=at, y=truth(at), name="truth", line=dict(color=green, dash="dash", width=2), hoverinfo="skip")  # fmt: skip
    figure.add_scatter(x=at, y=inputs @ weights(x, y, p), name="fit", line=dict(color=blue, width=2.5), hovertemplate="x %{x:.2f}<br>fit %{y:.2f}<extra></extra>")  # fmt: skip
    figure.add_scatter(x=x, y=y, name="points", mode="markers", marker=dict(color=orange, size=8), hovertemplate="x %{x:.2f}<br>y %{y:.2f}<extra></extra>")  # fmt: skip
    figure.update_xaxes(title_text="x", range=[0, 1])
    reach = max(2.0, float(np.abs(y).max()) + 0.3)
    figure.update_yaxes(title_text="y", range=[-reach, reach])
    return figure


def errors_figure(p: int, n: int, sigma: float, own: float, dark: bool) -> go.Figure:
    """The median error against p/n, and this curve's."""
    blue, orange = theme.LANE_COLORS[dark][:2]
    counts, errors = medians(n, sigma)
    figure = base_figure(dark, height=360)
    figure.add_scatter(
        x=np.array(counts) / n, y=errors, name=f"median of {SETS} training sets", mode="lines+markers", customdata=counts, text=numbers(errors),
        line=dict(color=blue, width=2), marker=dict(size=5), hovertemplate="p %{customdata:,}<br>median error %{text}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=[p / n], y=[own], name="this curve", mode="markers", marker=dict(size=12, color=orange, symbol="diamond"),
        hovertemplate=f"p {p:,}<br>error {short_number(own)}<extra></extra>",
    )  # fmt: skip
    figure.add_vline(1, line=dict(dash="dot", width=1, color="#8a949e"))
    ticks = [0.1, 0.3, 1, 3, 10, 30, 100]
    figure.update_xaxes(
        type="log",
        title_text="cosines per point, p/n",
        tickvals=ticks,
        ticktext=[f"{tick:g}" for tick in ticks],
    )
    figure.update_yaxes(type="log", title_text="mean squared distance", tickformat="~g", nticks=6)
    return figure.update_layout(margin=dict(l=60))
