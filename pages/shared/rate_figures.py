"""Figures of the Learning rate page, from plain arrays. No Streamlit here."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from pages.shared import theme
from pages.shared.figures import base_figure
from pages.shared.looks import LaneLook
from pages.shared.view import plain


def rate_axis(low: float, high: float) -> dict:
    """A logarithmic axis of rates."""
    return dict(type="log", range=[np.log10(low), np.log10(high)], tickformat="~g", dtick=1, title_text="learning rate η")


# --- ladder -------------------------------------------------------------------------------------------------


def rungs_figure(rates, losses, looks: list[LaneLook], dark: bool) -> go.Figure:
    """Loss against rate. Trace 0 joins the rungs; then one trace with one mark for each."""
    figure = base_figure(dark, showlegend=False, hovermode="closest")
    figure.add_scatter(
        x=plain(rates), y=plain(losses), mode="lines", hoverinfo="skip", name="loss",
        line=dict(color="#8496a6" if dark else "#9aa8b5", width=1.5),
    )  # fmt: skip
    for look, (x, y) in zip(looks, rung_points(rates, losses), strict=True):
        figure.add_scatter(
            x=x, y=y, mode="markers", name=look.name, cliponaxis=False,
            marker=dict(symbol=look.symbol, size=11, color=look.color, line=dict(width=1, color=theme.surface(dark))),
            hovertemplate=f"{look.glyph} {look.name}<br>train loss %{{y:.4g}}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(**rate_axis(rates[0] / 1.5, rates[-1] * 1.5))
    figure.update_yaxes(title_text="train loss", type="log", tickformat="~g")
    return figure


def rung_points(rates, losses) -> list[tuple[list, list]]:
    """One point a rung; none where it has diverged."""
    return [
        ([float(rate)], [float(loss) if np.isfinite(loss) else None])
        for rate, loss in zip(rates, losses, strict=True)
    ]
