"""Double descent, exact: the error of linear regression by formula, over many draws, and with a ridge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from engine.options import Option
from engine.shown import short_number
from engine.studies.min_norm import (
    best_ridge_error,
    drawn_errors,
    expected_test_error,
    expected_train_error,
    unseen_variance,
)
from pages.shared import still
from pages.shared.figures import theme
from pages.shared.figures.base import base_figure
from pages.shared.figures.packing import plain
from pages.shared.page import Page
from pages.shared.predict import Guess, chart_of, predict
from pages.shared.still import answer, chart, question
from pages.shared.widgets.option import number

LABEL = "Exact: linear regression"
DRAWS = 40  # training sets at each p
RIDGE_DRAWS = 20
OPTIONS = {
    "n": Option("n", 40, "Samples n", "Points in each training set.", 10, 60, integer=True),
    "features": Option("features", 120, "Features D", "How many features the world has. The fit sees p of them.", 60, 180, integer=True),
    "sigma": Option("sigma", 0.5, "Noise σ", "Standard deviation of the noise in y. The signal has length 1.", 0.0, 2.0),
    "p": Option("p", 40, "Weights p", "How many of the features the fit sees.", 0, 180, integer=True),
    "ridge": Option("ridge", True, "Best ridge", "The same regression with the best penalty on the length of the weights."),
}  # fmt: skip


def show(here: Page) -> None:
    with st.sidebar:
        n, D, sigma = (number(here.form, name, OPTIONS[name]) for name in ("n", "features", "sigma"))
        p = min(number(here.form, "p", OPTIONS["p"]), D)
        with st.container(key="formula"):
            formula(p, n, D, sigma)
        ridge = number(here.form, "ridge", OPTIONS["ridge"])
    question(
        "Can more weights than samples be better than fewer?",
        "where the training error first reaches zero, the error on new points is infinite; beyond, it falls again.",
    )
    predict(here, lambda: Guess(
        f"A fit with p weights learns from {n} samples. At which p is its error on new points highest?",
        float(n), f"At p = n = {n}, where it is infinite; so it is one to either side.",
        covers=tuple(map(chart_of, ("generalisation.exact", "verdict", "formula"))),
    ))  # fmt: skip
    chart(
        "Mean squared error, over all training sets", errors_figure(p, n, D, sigma, ridge, here.dark), "generalisation.exact"
    )  # fmt: skip
    still.verdict(verdict(p, n, D, sigma))
    answer(
        "Below p = n the fit has no choice: least squares fixes every weight. At p = n it must pass through every noisy "
        "point, and some direction of the weights is measured by next to nothing, so noise there is blown up without "
        "bound. Beyond, many fits pass through all points, and the **shortest** is taken: with more features it gets "
        "shorter. Nothing here is about networks or their training. The best ridge has **no peak**: the peak is the price "
        "of fitting noise exactly.",
        "Answer: why a peak, and why does the error fall again?",
    )
    answer(
        "It depends on the noise and on what the features hold. Here the second valley lies at p = D, where the fit sees "
        "everything: with σ = 0.5 it is below every small p. Raise σ to 2 and it no longer is: then p = 0, a fit that "
        "always says 0, does better.",
        "Is the second valley always lower?",
    )
    here.write()


def formula(p: int, n: int, D: int, sigma: float) -> None:
    """The error's formula at p, with its numbers."""
    s2 = short_number(unseen_variance(p, D, sigma), 3)
    st.latex(rf"s^2=1-\tfrac{{{p}}}{{{D}}}+{short_number(sigma)}^2={s2}")
    error = short_number(expected_test_error(p, n, D, sigma), 4)
    if p <= n - 2:
        st.latex(rf"s^2\Big(1+\tfrac{{p}}{{n-p-1}}\Big)={s2}\Big(1+\tfrac{{{p}}}{{{n - p - 1}}}\Big)={error}")
    elif p >= n + 2:
        st.latex(r"\tfrac pD\Big(1-\tfrac np\Big)+s^2\Big(1+\tfrac{n}{p-n-1}\Big)")
        st.latex(
            rf"=\tfrac{{{p}}}{{{D}}}\Big(1-\tfrac{{{n}}}{{{p}}}\Big)+{s2}\Big(1+\tfrac{{{n}}}{{{p - n - 1}}}\Big)={error}"
        )
    else:
        st.latex(r"|p-n|\le 1:\quad\text{error}=\infty")


def verdict(p: int, n: int, D: int, sigma: float) -> str:
    """What the formula says here, and where each valley lies."""
    counts = np.arange(D + 1)
    errors = np.array([expected_test_error(int(k), n, D, sigma) for k in counts])
    first = int(np.argmin(np.where(counts <= n - 2, errors, np.inf)))
    second = int(np.argmin(np.where(counts >= n + 2, errors, np.inf)))
    lower = "second" if errors[second] < errors[first] else "first"
    here = "infinite" if np.isinf(errors[p]) else short_number(errors[p], 3)
    return (
        f"At p = {p}, p/n = {p / n:.2f}: expected error on new points **{here}**, on the training points "
        f"{short_number(expected_train_error(p, n, D, sigma), 3)}. First valley at p = {first}: {short_number(errors[first], 3)}; "
        f"second at p = {second}: {short_number(errors[second], 3)}. The {lower} is lower."
    )


@st.cache_data(max_entries=60, show_spinner="Drawing training sets …")
def drawn(n: int, D: int, sigma: float) -> tuple[list[int], np.ndarray, list[float]]:
    """Some p, quartiles (3, K) of the error over training sets at each, and the best ridge's error. Once for all sessions."""
    shares = (0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.85, 0.95, 1, 1.05, 1.15, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75, 3, 4, 6, 9)  # fmt: skip
    counts = sorted({min(D, round(share * n)) for share in shares})
    quartiles = [np.quantile(drawn_errors(p, n, D, sigma, DRAWS, seed=0), (0.25, 0.5, 0.75)) for p in counts]
    return (
        counts,
        np.array(quartiles).T,
        [best_ridge_error(p, n, D, sigma, RIDGE_DRAWS, seed=1) for p in counts],
    )


def errors_figure(p: int, n: int, D: int, sigma: float, ridge: bool, dark: bool) -> go.Figure:
    blue, orange, green = theme.LANE_COLORS[dark][:3]
    counts = np.arange(D + 1)
    counts_drawn, (low, middle, high), best = drawn(n, D, sigma)
    figure = base_figure(dark, height=370)
    lines: list[tuple[str, np.ndarray, Sequence[float | None], dict[str, Any]]] = [
        ("new points, by the formula", counts, plain(np.array([expected_test_error(int(k), n, D, sigma) for k in counts])), dict(color=blue, width=2.5)),
        ("training points", counts, plain(np.array([expected_train_error(int(k), n, D, sigma) for k in counts])), dict(color=orange, width=2)),
    ]  # fmt: skip
    if ridge:
        lines.append(
            ("new points, best ridge", np.array(counts_drawn), best, dict(color=green, width=2, dash="dash"))
        )
    for name, at, y, line in lines:
        figure.add_scatter(
            x=at / n, y=y, name=name, mode="lines", line=line, customdata=at,
            hovertemplate="p %{customdata}<br>error %{y:.3f}<extra>" + name + "</extra>",
        )  # fmt: skip
    figure.add_scatter(
        x=np.array(counts_drawn) / n, y=middle, name=f"{DRAWS} training sets: median and quartiles", mode="markers", customdata=counts_drawn,
        marker=dict(size=6, color=blue, symbol="diamond"), error_y=dict(symmetric=False, array=high - middle, arrayminus=middle - low, width=2, thickness=1),
        hovertemplate="p %{customdata}<br>median error %{y:.3f}<extra></extra>",
    )  # fmt: skip
    figure.add_vline(1, line=dict(dash="dot", width=1, color="#8a949e"), annotation_text="p = n", annotation_position="top right")  # fmt: skip
    figure.add_vline(p / n, line=dict(width=1.5, color=theme.CHOSEN))
    figure.update_xaxes(title_text="weights per sample, p/n", range=[0, D / n])
    top = 4 * (1 + sigma**2)
    figure.update_yaxes(title_text="mean squared error", range=[0, top])
    return figure
