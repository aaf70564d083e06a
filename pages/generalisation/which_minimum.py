"""The Which minimum? view: five methods reach training error zero, at two different answers."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from engine import OPTIMIZERS, DatasetConfig, ExperimentConfig, LaneConfig
from engine.options import Option
from engine.shown import short_number
from engine.studies.which_minimum import (
    METHODS,
    RECORDED,
    UPDATES,
    Descent,
    by_signs,
    construction,
    descend,
    labels,
    new_accuracy,
    shortest,
)
from pages.shared import still
from pages.shared.figures import theme
from pages.shared.figures.base import base_figure
from pages.shared.figures.legend import Key, legend_html
from pages.shared.page import Page, View
from pages.shared.predict import Guess, chart_of, predict
from pages.shared.still import answer, chart, question
from pages.shared.widgets.option import number

OPTIONS = {
    "n": Option("n", 60, "Samples n", "Training samples.", 10, 100, integer=True),
    "share": Option("share", 0.6, "Share of +1", "Among all samples that there are; the training samples are drawn from them.", 0.5, 0.9),
    "draw": Option("draw", 0, "Draw", "Which training samples were drawn.", 0, 99, integer=True),
}  # fmt: skip
VIEW = View("Which minimum?", OPTIONS, lanes=0, guesses=True)
DASHES = ("solid", "dash", "solid", "dash", "dot")


def show(here: Page) -> None:
    with st.sidebar:
        n, share, draw = (number(here.form, name, option) for name, option in OPTIONS.items())
        y = labels(n, share, draw)
        positives = int((y > 0).sum())
        st.caption(f"{positives} of the {n} training labels are +1.")
        formulas(y)
    question(
        "All five fit every training sample. Do they give the same answer on new ones?",
        "the same training loss, two groups of weights, two accuracies.",
    )
    found = {method: descents(method, n, share, draw) for method in METHODS}
    predict(here, lambda: adam_guess(found, share))
    st.html(
        legend_html(
            [
                Key("━", theme.LANE_COLORS[here.dark][k], OPTIMIZERS[method].label)
                for k, method in enumerate(METHODS)
            ]
        )
    )
    left, right = st.columns(2)
    with left:
        chart("Training loss", lines_figure(found, "loss", here.dark), "generalisation.minimum_loss")
        with st.container(key="weights"):
            table(found, y, share)
    with right:
        chart("Output on a new sample with label −1: right below 0", lines_figure(found, "negative", here.dark), "generalisation.minimum_new")  # fmt: skip
        chart("The training samples", samples_figure(y, here.dark), "generalisation.minimum_samples")
    still.verdict(verdict(found, share, positives, n))
    answer(
        "Feature 1 **is** the label. Features 2 and 3 are always 1, and slightly more labels are +1, so they look useful too. "
        "Each sample has private features, which fit its label alone. Descent moves each weight by its gradient: feature 1, "
        "which agrees with every sample, moves most. An adaptive method divides each step by the size of that weight's own "
        "gradients: every weight moves alike, whether all samples ask for it or one. On a new sample the private features are "
        "0, and three equal weights say +1 whatever the label is.",
        "Answer: why do adaptive methods end elsewhere?",
    )
    answer(
        "The data are made so that it happens. With the share of +1 at 0.5 the constants are no help, and which labels are "
        "in the majority is luck. Does it happen to a network on ordinary data? See for yourself: the Arena trains the same five "
        "on two moons, each at its best rate, from ten starts, and tells whether a difference is real.",
        "Does it happen elsewhere?",
    )
    st.page_link(
        "arena/arena.py", label="The same five in the Arena, with verdicts", icon=":material/stadium:",
        query_params=arena_query(),
    )  # fmt: skip
    here.write()


def adam_guess(found: dict[str, Descent], share: float) -> Guess:
    sgd, adam = (100 * new_accuracy(found[method].weights, share) for method in ("sgd", "adam"))
    return Guess(
        f"Gradient descent fits all training samples, and is right on {sgd:.0f} % of new ones. Adam fits them all too. On how many percent of new ones is it right?",
        adam, f"{adam:.0f} %.", covers=tuple(map(chart_of, ("generalisation.minimum_new", "weights", "verdict"))),
    )  # fmt: skip


def formulas(y: np.ndarray) -> None:
    """Both zeros of the training loss, with their first three weights."""
    first, third = (short_number(value, 4) for value in shortest(y)[[0, 2]])
    st.caption("Descent from zero ends at the shortest weights that fit:")
    st.latex(rf"X^+y=({first},\ {third},\ \dots)")
    signs = [short_number(value) for value in by_signs(y)[[0, 2]]]
    st.caption("Adaptive methods end near weights that are all alike in size:")
    st.latex(rf"\tfrac14\operatorname{{sign}}(X^\top y)=({signs[0]},\ {signs[1]},\ \dots)")


@st.cache_data(max_entries=200, show_spinner="Training …")
def descents(method: str, n: int, share: float, draw: int) -> Descent:
    """Once for all sessions."""
    return descend(method, labels(n, share, draw))


def verdict(found: dict[str, Descent], share: float, positives: int, n: int) -> str:
    """What each group ends at."""
    accuracies = {method: new_accuracy(descent.weights, share) for method, descent in found.items()}
    groups: dict[float, list[str]] = {}
    for method, accuracy in accuracies.items():
        groups.setdefault(round(accuracy, 6), []).append(OPTIMIZERS[method].label)
    said = "; ".join(f"{', '.join(names)}: **{100 * accuracy:.0f} %**" for accuracy, names in groups.items())
    worst = max(descent.loss[-1] for descent in found.values())
    zero = "below 10⁻¹²" if worst < 1e-12 else f"at most {short_number(worst, 2)}"
    text = f"After {UPDATES:,} updates every training loss is {zero}. On new samples: {said}."
    if positives <= n - positives:
        text += " No majority of +1 here: sign(Xᵀy)/4 does not fit."
    return text


def lines_figure(found: dict[str, Descent], what: str, dark: bool) -> go.Figure:
    """Training loss of each method against updates, or its output on a new sample with label −1."""
    figure = base_figure(dark, height=240, hovermode="x unified", showlegend=False)
    for k, (method, descent) in enumerate(found.items()):
        values = np.maximum(descent.loss, 1e-16) if what == "loss" else descent.negative
        figure.add_scatter(
            x=RECORDED, y=values, name=OPTIMIZERS[method].label, mode="lines",
            line=dict(color=theme.LANE_COLORS[dark][k], dash=DASHES[k], width=2),
            text=[short_number(value) for value in values], hovertemplate="%{text}",
        )  # fmt: skip
    figure.update_xaxes(type="log", title_text="updates", exponentformat="power", dtick=1)
    if what == "loss":
        figure.update_yaxes(type="log", title_text="mean squared error", range=[-16.5, 1], exponentformat="power", dtick=4)  # fmt: skip
    else:
        figure.add_hline(0, line=dict(dash="dot", width=1, color="#8a949e"))
        figure.update_yaxes(title_text="output", rangemode="normal")
    return figure.update_layout(margin=dict(l=60))


def table(found: dict[str, Descent], y: np.ndarray, share: float) -> None:
    """The weights that count on new samples at the end, beside both zeros of the loss."""
    ends = {OPTIMIZERS[method].label: descent.weights for method, descent in found.items()}
    ends |= {"X⁺y": shortest(y), "sign(Xᵀy)/4": by_signs(y)}
    st.markdown("**The weights that count on new samples**")
    st.dataframe(
        {
            "method": list(ends),
            "label": [f"{weights[0]:.4f}" for weights in ends.values()],
            "each constant": [f"{weights[2]:.4f}" for weights in ends.values()],
            "length of all": [f"{np.linalg.norm(weights):.3f}" for weights in ends.values()],
            "right on new": [f"{100 * new_accuracy(weights, share):.0f} %" for weights in ends.values()],
        },
        hide_index=True, width="stretch",
    )  # fmt: skip


def samples_figure(y: np.ndarray, dark: bool) -> go.Figure:
    """X as a picture: the shared features, and the start of the private ones."""
    X = construction(y)
    blue, orange = theme.LANE_COLORS[dark][:2]
    scale = [[0, orange], [0.5, theme.middle(dark)], [1, blue]]
    figure = base_figure(dark, height=270, showlegend=False)
    figure.add_heatmap(
        z=X, x=np.arange(1, X.shape[1] + 1), y=np.arange(1, len(y) + 1), zmin=-1, zmax=1, colorscale=scale, showscale=False,
        hovertemplate="sample %{y}, feature %{x}: %{z}<extra></extra>", hoverongaps=False,
    )  # fmt: skip
    figure.update_xaxes(title_text="feature (1: the label; 2, 3: constant; then private ones)", type="linear", range=[0.5, X.shape[1] + 0.5])  # fmt: skip
    figure.update_yaxes(title_text="sample", autorange="reversed")
    return figure.update_layout(margin=dict(l=60))


def arena_query() -> dict[str, str]:
    """The Arena with the same five methods on two moons, each at its best rate."""
    lanes = tuple(LaneConfig(method, OPTIMIZERS[method].start_rate) for method in METHODS)
    config = ExperimentConfig(DatasetConfig("moons", noise=0.3), lanes=lanes)
    return config.to_query() | {"fairness": "best", "seeds": "10", "panel": "seeds", "metric": "test_loss"}
