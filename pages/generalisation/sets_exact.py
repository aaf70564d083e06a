"""What stopping early does, exactly: in least squares it is a filter, and nearly a ridge."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from engine.options import Option
from engine.shown import short_number
from engine.studies.filters import (
    Problem,
    descent_filter,
    filtered,
    matching_penalty,
    new_error,
    problem,
    ridge_filter,
    safe_rate,
    singular_values,
)
from pages.shared.figures import theme
from pages.shared.figures.base import base_figure
from pages.shared.page import Page
from pages.shared.predict import Guess, chart_of, predict
from pages.shared.still import answer, chart, question, verdict
from pages.shared.widgets.option import ladder, number

LABEL = "Exact: a filter"
SAMPLES = 40
TICKS = (0.5, 1, 2, 5)
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
COUNTS = np.unique(np.geomspace(1, STEPS[-1], 60).astype(int)).tolist()  # of updates that are compared
OPTIONS = {
    "k": Option("k", 20, "Updates k", "Of descent on the whole training set, from zero.", 1, 5000, integer=True),
    "features": Option("features", 20, "Features", "Directions of the data, from strong to weak.", 2, 40, integer=True),
    "sigma": Option("sigma", 0.3, "Noise σ", "Standard deviation of the noise in y.", 0.0, 3.0),
    "draw": Option("draw", 0, "Draw", "Which training set was drawn.", 0, 99, integer=True),
}  # fmt: skip


def show(here: Page) -> None:
    with st.sidebar:
        k = ladder(here.form, "k", OPTIONS["k"], STEPS, lambda value: f"{value:,}")
        features, sigma, draw = (number(here.form, name, OPTIONS[name]) for name in ("features", "sigma", "draw"))  # fmt: skip
        of = problem(SAMPLES, features, sigma, draw)
        rate = safe_rate(of.X)
        penalty = matching_penalty(rate, k)
        st.latex(rf"1-(1-2\eta s^2)^k,\quad \eta={short_number(rate)}")
        st.latex(rf"\frac{{s^2}}{{s^2+\lambda}},\quad\lambda=\frac1{{2\eta k}}={short_number(penalty)}")
    question(
        "What does it mean to stop early?",
        "strong directions are learned first; weak ones, which hold more noise than signal, are not learned yet. A ridge does nearly the same.",
    )
    predict(here, lambda: best_guess(of, rate))
    left, right = st.columns(2)
    with left:
        chart("Share that is learned, by direction", filter_figure(of, rate, k, here.dark), "generalisation.filter")  # fmt: skip
    with right:
        chart("Distance to the truth", path_figure(of, rate, k, here.dark), "generalisation.filter_path")
    s = singular_values(of)
    descent, ridge = (filtered(of, shares) for shares in (descent_filter(s, rate, k), ridge_filter(s, penalty)))  # fmt: skip
    apart = float(np.linalg.norm(descent - ridge) / np.linalg.norm(descent))
    verdict(
        f"After {k:,} updates the weights are {100 * apart:.0f} % apart from the ridge's with λ = {short_number(penalty)}. Their error: "
        f"**{short_number(new_error(of, descent), 3)}** stopped here, {short_number(new_error(of, ridge), 3)} by the ridge, {short_number(new_error(of, filtered(of, np.ones_like(s))), 3)} trained to the end."
    )
    answer(
        "Descent learns each direction of the data at a pace of its own: where the data are wide (s large) in a few "
        "updates, where they are narrow slowly. The noise is the same in all directions, so narrow ones hold more noise than signal. To stop early "
        "is to leave them out, softly. That is what an L2 penalty does too: with λ = 1/(2ηk) the two filters agree where s is "
        "small. With no noise (σ = 0) there is nothing to gain from stopping.",
        "Answer: why does stopping early help?",
    )
    here.write()


def best_guess(of: Problem, rate: float) -> Guess:
    s = singular_values(of)
    errors = [new_error(of, filtered(of, descent_filter(s, rate, count))) for count in COUNTS]
    best = int(np.argmin(errors))
    return Guess(
        f"Of up to {COUNTS[-1]:,} updates, after how many is descent nearest to the truth?",
        float(COUNTS[best]), f"After about {COUNTS[best]:,}: {short_number(errors[best])} there, {short_number(errors[-1])} at the end.",
        covers=(chart_of("generalisation.filter_path"), chart_of("verdict")),
    )  # fmt: skip


def filter_figure(of: Problem, rate: float, k: int, dark: bool) -> go.Figure:
    """Both filters against the singular value; the data's own as marks."""
    blue, orange = theme.LANE_COLORS[dark][:2]
    own = singular_values(of)
    at = np.geomspace(own.min() / 1.3, own.max() * 1.1, 200)
    at = at[2 * rate * at**2 <= 2]
    figure = base_figure(dark, height=330)
    penalty = matching_penalty(rate, k)
    for name, values, marks, color, dash in (
        ("descent", descent_filter(at, rate, k), descent_filter(own, rate, k), blue, "solid"),
        ("ridge", ridge_filter(at, penalty), ridge_filter(own, penalty), orange, "dash"),
    ):
        figure.add_scatter(x=at, y=values, name=name, mode="lines", line=dict(color=color, width=2, dash=dash), hovertemplate="s %{x:.2f}<br>%{y:.3f}<extra>" + name + "</extra>")  # fmt: skip
        figure.add_scatter(x=own, y=marks, mode="markers", showlegend=False, marker=dict(color=color, size=7), hoverinfo="skip")  # fmt: skip
    figure.update_xaxes(type="log", title_text="singular value s: how wide the data are", tickvals=TICKS, ticktext=[f"{tick:g}" for tick in TICKS])  # fmt: skip
    figure.update_yaxes(title_text="share", range=[0, 1.05])
    return figure.update_layout(margin=dict(l=60))


def path_figure(of: Problem, rate: float, k: int, dark: bool) -> go.Figure:
    """The error against updates, and of the ridge with the matching penalty; the lowest points are marked."""
    blue, orange = theme.LANE_COLORS[dark][:2]
    s = singular_values(of)
    figure = base_figure(dark, height=330)
    kept = {
        "descent": [descent_filter(s, rate, count) for count in COUNTS],
        "ridge, λ = 1/(2ηk)": [ridge_filter(s, matching_penalty(rate, count)) for count in COUNTS],
    }
    for (name, shares), color, dash in zip(kept.items(), (blue, orange), ("solid", "dash"), strict=True):
        errors = np.array([new_error(of, filtered(of, share)) for share in shares])
        figure.add_scatter(x=COUNTS, y=errors, name=name, mode="lines", line=dict(color=color, width=2, dash=dash), hovertemplate="k %{x:,}<br>%{y:.3f}<extra>" + name + "</extra>")  # fmt: skip
        best = int(np.argmin(errors))
        figure.add_scatter(x=[COUNTS[best]], y=[errors[best]], mode="markers", showlegend=False, marker=dict(color=color, size=10, symbol="diamond"), hovertemplate="lowest: k %{x:,}<extra></extra>")  # fmt: skip
    figure.add_vline(k, line=dict(width=1.5, color=theme.CHOSEN))
    figure.update_xaxes(type="log", title_text="updates k", tickvals=[1, 10, 100, 1000], ticktext=["1", "10", "100", "1,000"])  # fmt: skip
    figure.update_yaxes(title_text="mean squared distance", rangemode="tozero")
    return figure.update_layout(margin=dict(l=60))
