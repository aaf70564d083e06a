"""Figures of the Lazy view, from plain arrays. No Streamlit here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pages.shared.figures import theme
from pages.shared.figures.base import MARGIN, live_figure
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.packing import plain

REACH = 2.2  # of the functions' axis


def functions_figure(
    x: np.ndarray, points: np.ndarray, y: np.ndarray, widths: Sequence[int], nets: np.ndarray, models: np.ndarray, shown: int, dark: bool
) -> Drawing:  # fmt: skip
    """The points; each width's network (W, M), and its linear model dashed. The width that is shown stands out."""
    figure = live_figure(
        dark, hovermode="closest", legend=dict(y=1.01, yanchor="bottom"), margin=MARGIN | dict(t=26)
    )
    for k, (width, net, model) in enumerate(zip(widths, nets, models, strict=True)):
        own, color = width == shown, theme.LANE_COLORS[dark][k]
        hover = f"width {width:,}<br>x %{{x:.2f}}<br>%{{y:.3f}}<extra></extra>"
        figure.add_scatter(
            x=x, y=plain(net), name=f"{width:,}", mode="lines", opacity=1 if own else 0.45, hovertemplate=hover,
            line=dict(color=color, width=3.5 if own else 1.5),
        )  # fmt: skip
        figure.add_scatter(
            x=x, y=plain(model), name="its linear model", mode="lines", showlegend=own, visible=own,
            line=dict(color="#ffffff" if dark else "#10202c", width=1.8, dash="dash"), hoverinfo="skip",
        )  # fmt: skip
    figure.add_scatter(
        x=points, y=y, name="points", showlegend=False, mode="markers", marker=dict(size=9, color=theme.CHOSEN, line=dict(width=1.5, color=theme.surface(dark))),
        hovertemplate="x %{x:.2f}<br>y %{y:.2f}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title_text="x", range=[float(x[0]), float(x[-1])])
    figure.update_yaxes(title_text="output", range=[-REACH, REACH])
    return figure


LAWS = (("movement", "circle"), ("kernel", "square"), ("distance", "diamond"))


def laws_figure(widths: Sequence[int], values: np.ndarray, dark: bool) -> Drawing:
    """Movement, kernel change and distance (3, W) against width, with the slope −½ that theory gives the first."""
    figure = live_figure(
        dark, hovermode="closest", legend=dict(y=1.01, yanchor="bottom"), margin=MARGIN | dict(t=26)
    )
    for k, ((name, symbol), row) in enumerate(zip(LAWS, values, strict=True)):
        figure.add_scatter(
            x=list(widths), y=plain(np.where(row > 0, row, np.nan)), name=name, mode="lines+markers", line=dict(color=theme.LANE_COLORS[dark][k], width=2),
            marker=dict(size=8, symbol=symbol), hovertemplate="width %{x:,}<br>%{y:.3g}<extra>" + name + "</extra>",
        )  # fmt: skip
    last = values[0, -1]
    guide = last * np.sqrt(widths[-1] / np.array(widths)) if np.isfinite(last) and last > 0 else np.full(len(widths), np.nan)  # fmt: skip
    figure.add_scatter(
        x=list(widths), y=plain(guide), name="slope −½", mode="lines", hoverinfo="skip", showlegend=False,
        line=dict(color="#8a949e", width=1.2, dash="dot"),
    )  # fmt: skip
    figure.update_xaxes(type="log", title_text="width", tickvals=list(widths), ticktext=[f"{w:,}" for w in widths])  # fmt: skip
    figure.update_yaxes(type="log", title_text="", range=[-3.5, 0.8], tickvals=[0.001, 0.01, 0.1, 1], ticktext=["0.001", "0.01", "0.1", "1"])  # fmt: skip
    return figure


def cloud_figure(before: np.ndarray, now: np.ndarray, dark: bool) -> Drawing:
    """Each neuron's two weights (m, 2) at the start and now, in units of their spread."""
    figure = live_figure(
        dark, hovermode="closest", legend=dict(y=1.01, yanchor="bottom"), margin=MARGIN | dict(t=26)
    )
    orange, blue = theme.LANE_COLORS[dark][1], theme.LANE_COLORS[dark][0]
    lines = np.full((len(now), 3, 2), np.nan)
    lines[:, 0], lines[:, 1] = before, now
    figure.add_scatter(x=plain(lines[..., 0].ravel()), y=plain(lines[..., 1].ravel()), mode="lines", showlegend=False, hoverinfo="skip", line=dict(color="#8a949e", width=1))  # fmt: skip
    for name, where, color, symbol in (
        ("start", before, orange, "circle-open"),
        ("now", now, blue, "circle"),
    ):
        figure.add_scatter(
            x=plain(where[:, 0]), y=plain(where[:, 1]), name=name, mode="markers", marker=dict(size=6, color=color, symbol=symbol),
            hovertemplate="in %{x:.2f}<br>out %{y:.2f}<extra>" + name + "</extra>",
        )  # fmt: skip
    figure.update_xaxes(title_text="weight in, in units of its spread", range=[-4, 4])
    figure.update_yaxes(title_text="weight out", range=[-4, 4])
    return figure
