"""Optimism: the best of many coin flippers, and why there is a third set."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from engine.options import Option
from engine.studies.optimism import best_distribution, drawn_best, expected_best
from pages.shared.figures import theme
from pages.shared.figures.base import base_figure, numbers
from pages.shared.page import Page
from pages.shared.predict import Guess, chart_of, predict
from pages.shared.still import answer, chart, question, verdict
from pages.shared.widgets.option import ladder, number

LABEL = "Optimism"
TRIES = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)
POINTS = (10, 20, 50, 100, 200, 500, 1000)
DRAWS = 200
OPTIONS = {
    "tries": Option("tries", 50, "Classifiers k", "How many are compared on the validation points.", 1, 1000, integer=True),
    "points": Option("points", 50, "Validation points m", "On which the best of them is chosen.", 5, 1000, integer=True),
    "truth": Option("truth", 0.5, "True accuracy p", "Of every one of them, on new points.", 0.5, 0.95),
}  # fmt: skip


def show(here: Page) -> None:
    with st.sidebar:
        k = ladder(here.form, "tries", OPTIONS["tries"], TRIES, lambda value: f"{value:,}")
        m = ladder(here.form, "points", OPTIONS["points"], POINTS, lambda value: f"{value:,}")
        p = number(here.form, "truth", OPTIONS["truth"])
        best = expected_best(k, m, p)
        st.latex(rf"E\max=\frac1{{{m}}}\sum_{{j=0}}^{{{m - 1}}}\big(1-F(j)^{{{k}}}\big)")
        st.container(key="formula").latex(rf"={best:.3f}")
        st.caption(f"F(j): the chance that one of them gets at most j of the {m} points right.")
    question(
        "The best of many guessers scores well. Is it good?",
        "the more are compared, and the fewer the points, the better the winner looks. On new points it is like the others.",
    )
    predict(here, lambda: Guess(
        f"Each of {k:,} classifiers is right on {100 * p:.0f} % of new points. How many percent of {m:,} validation points does the best of them get right, on average?",
        100 * best, f"{100 * best:.1f} %: {100 * (best - p):.1f} points too good.",
        covers=tuple(map(chart_of, ("generalisation.optimism", "generalisation.optimism_law", "verdict", "formula"))),
    ))  # fmt: skip
    left, right = st.columns(2)
    with left:
        chart("Validation score of the best", growth_figure(k, m, p, here.dark), "generalisation.optimism")
    with right:
        chart(
            f"The best of {k:,}: its score on {m:,} points", law_figure(k, m, p, here.dark), "generalisation.optimism_law"
        )  # fmt: skip
    verdict(
        f"Each is right on {100 * p:.0f} % of new points. The best of {k:,} scores **{best:.3f}** on {m:,} validation points on average, and {p:g} on the test points: "
        f"{best - p:.3f} too good."
    )
    answer(
        "The validation points have chosen the winner, and the one with the highest score was lucky as well as good. "
        "So its score says too much. A third set, the test points, has had no say, and its score is fair: once. As soon "
        "as you choose by it, it is a validation set too.",
        "Answer: why is there a third set?",
    )
    here.write()


@st.cache_data(max_entries=100, show_spinner=False)
def drawn(m: int, p: float) -> list[tuple[float, float, float]]:
    """Quartiles of the best score of so many by draws, for each of TRIES. Once for all sessions."""
    quartiles = [np.quantile(drawn_best(k, m, p, DRAWS, seed=k), (0.25, 0.5, 0.75)) for k in TRIES]
    return [(float(low), float(middle), float(high)) for low, middle, high in quartiles]


def growth_figure(k: int, m: int, p: float, dark: bool) -> go.Figure:
    """The expected best score against how many are compared, with draws."""
    blue, orange, green = theme.LANE_COLORS[dark][:3]
    figure = base_figure(dark, height=340)
    figure.add_scatter(
        x=TRIES, y=[expected_best(count, m, p) for count in TRIES], name="expected, exact", mode="lines", line=dict(color=blue, width=2),
        hovertemplate="k %{x:,}<br>%{y:.3f}<extra></extra>",
    )  # fmt: skip
    low, middle, high = np.array(drawn(m, p)).T
    figure.add_scatter(
        x=TRIES, y=middle, name=f"{DRAWS} draws: quartiles", mode="markers", marker=dict(color=blue, symbol="diamond", size=7),
        error_y=dict(symmetric=False, array=high - middle, arrayminus=middle - low, width=2, thickness=1), hovertemplate="k %{x:,}<br>median %{y:.3f}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(x=[TRIES[0], TRIES[-1]], y=[p, p], name="on new points", mode="lines", line=dict(color=green, dash="dash", width=2), hovertemplate="%{y:.3f}<extra>on new points</extra>")  # fmt: skip
    figure.add_scatter(x=[k], y=[expected_best(k, m, p)], mode="markers", name=f"k = {k:,}", showlegend=False, marker=dict(size=12, color=orange), hovertemplate="k %{x:,}<br>%{y:.3f}<extra></extra>")  # fmt: skip
    figure.update_xaxes(type="log", title_text="classifiers compared, k", tickvals=[1, 10, 100, 1000], ticktext=["1", "10", "100", "1,000"])  # fmt: skip
    figure.update_yaxes(title_text="share right")
    return figure.update_layout(margin=dict(l=60))


def law_figure(k: int, m: int, p: float, dark: bool) -> go.Figure:
    """The law of one score, and of the best."""
    blue, green = theme.LANE_COLORS[dark][0], theme.LANE_COLORS[dark][2]
    scores = np.arange(m + 1) / m
    one, best = best_distribution(1, m, p), best_distribution(k, m, p)
    shown = (one > 1e-5) | (best > 1e-5)
    figure = base_figure(dark, height=340, barmode="overlay", bargap=0.05)
    for name, law, color in (("one of them", one, green), ("the best", best, blue)):
        figure.add_bar(
            x=scores[shown], y=law[shown], name=name, marker=dict(color=color), opacity=0.7, hovertext=numbers(law[shown]),
            hovertemplate="score %{x:.3f}<br>probability %{hovertext}<extra>" + name + "</extra>",
        )  # fmt: skip
    figure.add_vline(p, line=dict(dash="dash", width=1.5, color=green))
    figure.update_xaxes(title_text="share right on the validation points")
    figure.update_yaxes(title_text="probability")
    return figure.update_layout(margin=dict(l=60))
