"""What the views of the Backpropagation page share: their question, what to look for, answers, and the notation."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st
from pages.shared.page import Page

from engine.options import Option
from pages.shared import session

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
    """The notation that was chosen last, for all views."""

    symbols: str = SYMBOLS.default


def step_option(most: int = MOST_STEPS) -> Option:
    return Option("step", 0, "Step", "How far the computation is.", 0, most, integer=True)


def keep_symbols(here: Page) -> None:
    """A view that has no link of its own yet takes the notation that was chosen in another one."""
    kept = session.of("backpropagation.kept", Kept)
    now = here.form["symbols"]
    if "backpropagation.symbols" in here.state.visited and now == SYMBOLS.default:
        here.form.put("symbols", kept.symbols)
    kept.symbols = here.form["symbols"]


def question(text: str, look_for: str) -> None:
    """The view's question in its first line, and one sentence on what to look for."""
    st.markdown(f"**{text}** :gray[Look for:] {look_for}")


def chart(title: str, figure: go.Figure, key: str) -> None:
    """A chart below its title; the legend has a line of its own at the top."""
    st.markdown(f"**{title}**")
    figure.update_layout(legend=dict(x=0, xanchor="left", y=1.02, yanchor="bottom"), margin=dict(t=34, b=52))
    figure.update_xaxes(title_standoff=10)
    st.plotly_chart(figure, config={"displayModeBar": False}, key=f"backpropagation.{key}")


def answer(text: str, label: str = "Answer") -> None:
    """Hidden until asked for."""
    with st.expander(label):
        st.markdown(text)
