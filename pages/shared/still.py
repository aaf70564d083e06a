"""What a view without the live panel is made of: its question, charts below their titles, answers hidden until asked."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from pages.shared.figures.legend import Key, legend_html


def question(text: str, look_for: str) -> None:
    """The view's question in its first line, and one sentence on what to look for."""
    st.markdown(f"**{text}** :gray[Look for:] {look_for}")


def chart(title: str, figure: go.Figure, key: str, keys: list[Key] | None = None) -> None:
    """A chart below its title and its legend, a line of text that wraps: `keys`, or what the figure's traces are called.

    `key` is the page's name and the chart's.
    """
    st.markdown(f"**{title}**")
    if keys is None:
        keys = legend_keys(figure) if figure.layout.showlegend is not False else []
    if keys:
        st.html(legend_html(keys))
    figure.update_layout(showlegend=False, margin=dict(t=8, b=52))
    figure.update_xaxes(title_standoff=10)
    st.plotly_chart(figure, theme=None, config={"displayModeBar": False}, key=key)


def legend_keys(figure: go.Figure) -> list[Key]:
    """An entry for each trace that has a name and a colour: a line, a dashed line, or a mark."""
    keys = []
    for trace in figure.data:
        line, marker = getattr(trace, "line", None), getattr(trace, "marker", None)
        is_line = line is not None and "lines" in (trace.mode or "lines")
        color = (line.color if is_line and line else None) or (marker.color if marker is not None else None)
        if trace.name and trace.showlegend is not False and isinstance(color, str):
            glyph = "●" if not is_line else "╍" if line and line.dash not in (None, "solid") else "━"
            keys.append(Key(glyph, color, trace.name))
    return keys


def verdict(text: str, key: str = "verdict") -> None:
    """What comes of the settings, in a sentence. A guess may hide it by its key."""
    with st.container(key=key):
        st.markdown(text)


def answer(text: str, label: str = "Answer") -> None:
    """Hidden until asked for."""
    with st.expander(label):
        st.markdown(text)
