"""What the views of the Backpropagation page share: their question, what to look for, answers, and the notation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st

from engine import ExperimentConfig
from engine.options import Option
from pages.shared import session
from pages.shared.page import Page

NOTATIONS = ("B", "D", "ours")
SYMBOLS = Option(
    "symbols",
    "B",
    "Symbols",
    "The notation: lecture 9, the chapter on training, or this app.",
    choices=NOTATIONS,
)
MOST_STEPS = 200


@dataclass
class Kept:
    """The notation that was chosen last, and the view that showed it."""

    symbols: str = SYMBOLS.default
    view: str = ""


def step_option(most: int = MOST_STEPS) -> Option:
    return Option("step", 0, "Step", "How far the computation is.", 0, most, integer=True)


def keep_symbols(here: Page) -> None:
    """A view that is switched to takes over the notation of the last one, unless its link names another."""
    kept = session.of("backpropagation.kept", Kept)
    if kept.view and kept.view != here.view:
        named = st.query_params.get("symbols")
        here.form.put("symbols", named if named in NOTATIONS else kept.symbols)
    kept.symbols, kept.view = here.form["symbols"], here.view


def write(here: Page, config: ExperimentConfig | None = None, more: Mapping[str, str] | None = None) -> None:
    """Write the link after the component has been heard, which may have chosen another notation."""
    if "symbols" in here.options:
        session.of("backpropagation.kept", Kept).symbols = here.form["symbols"]
    here.write(config, more)


def question(text: str, look_for: str) -> None:
    """The view's question in its first line, and one sentence on what to look for."""
    st.html("<style>.stMainBlockContainer { padding: 3.75rem 1.5rem 1rem }</style>")
    st.markdown(f"**{text}** :gray[Look for:] {look_for}")


def chart(title: str, figure: go.Figure, key: str) -> None:
    """A chart below its title; the legend has a line of its own at the top."""
    st.markdown(f"**{title}**")
    top = 8 if figure.layout.showlegend is False else 40
    figure.update_layout(legend=dict(x=0, xanchor="left", y=1.02, yanchor="bottom"), margin=dict(t=top, b=52))
    figure.update_xaxes(title_standoff=10)
    st.plotly_chart(figure, config={"displayModeBar": False}, key=f"backpropagation.{key}")


def answer(text: str, label: str = "Answer") -> None:
    """Hidden until asked for."""
    with st.expander(label):
        st.markdown(text)
