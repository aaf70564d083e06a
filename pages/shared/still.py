"""What a view without the live panel is made of: its question, charts below their titles, answers hidden until asked."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st


def question(text: str, look_for: str) -> None:
    """The view's question in its first line, and one sentence on what to look for."""
    st.html("<style>.stMainBlockContainer { padding: 3.75rem 1.5rem 1rem }</style>")
    st.markdown(f"**{text}** :gray[Look for:] {look_for}")


def chart(title: str, figure: go.Figure, key: str) -> None:
    """A chart below its title; the legend has room of its own at the top. `key` is the page's name and the chart's."""
    st.markdown(f"**{title}**")
    entries = sum(trace.showlegend is not False for trace in figure.data)
    top = 8 if figure.layout.showlegend is False else 40 if entries <= 2 else 58
    figure.update_layout(legend=dict(x=0, xanchor="left", y=1.02, yanchor="bottom"), margin=dict(t=top, b=52))
    figure.update_xaxes(title_standoff=10)
    st.plotly_chart(figure, config={"displayModeBar": False}, key=key)


def answer(text: str, label: str = "Answer") -> None:
    """Hidden until asked for."""
    with st.expander(label):
        st.markdown(text)
