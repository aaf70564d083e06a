"""Figures of the By heart view, from plain arrays. No Streamlit here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.studies.by_heart import Points
from pages.shared.figures import theme
from pages.shared.figures.base import MARGIN, live_figure
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.packing import plain

FAINT = "#8a949e"
ABOVE = dict(legend=dict(y=1.01, yanchor="bottom"), margin=MARGIN | dict(t=26))
HIGHEST = 2.0  # error of a regression that is drawn


def scores_figure(
    widths: Sequence[int], learned: np.ndarray, unseen: np.ndarray, error: float, is_regression: bool, dark: bool
) -> Drawing:  # fmt: skip
    """What each width (W,) has learned, and what it says of new points, with its error and the line of a coin."""
    figure = live_figure(dark, hovermode="x", **ABOVE)
    orange, blue = theme.LANE_COLORS[dark][1], theme.LANE_COLORS[dark][0]
    for name, values, color, symbol in (
        ("points learned", learned, blue, "circle"),
        ("new points", unseen, orange, "square"),
    ):
        bars = dict(array=[2 * error] * len(widths), visible=symbol == "square" and not is_regression, thickness=1, width=3)  # fmt: skip
        figure.add_scatter(
            x=list(widths), y=plain(np.minimum(values, HIGHEST)), name=name, mode="lines+markers", line=dict(color=color, width=2), marker=dict(size=8, symbol=symbol),
            error_y=bars, hovertemplate="%{y:.3f}<extra>" + name + "</extra>",
        )  # fmt: skip
    figure.update_xaxes(type="log", title_text="width", tickvals=list(widths), ticktext=[str(w) for w in widths])  # fmt: skip
    if is_regression:
        figure.update_yaxes(title_text="root mean squared error", range=[0, 1.5])
        return figure
    figure.add_shape(type="line", x0=0, x1=1, xref="paper", y0=0.5, y1=0.5, line=dict(dash="dot", width=1, color=FAINT))  # fmt: skip
    figure.add_annotation(x=1, xref="paper", y=0.5, text="a coin", showarrow=False, xanchor="right", yanchor="top", font=dict(color=FAINT))  # fmt: skip
    figure.update_yaxes(title_text="share of right labels", range=[0.38, 1.03], tickformat=".0%")
    return figure


def losses_figure(steps: Sequence[int], losses: np.ndarray, widths: Sequence[int], shown: int, dark: bool) -> Drawing:  # fmt: skip
    """The training loss (T, W) of each width against updates."""
    figure = live_figure(dark, hovermode="closest", **ABOVE)
    colors = theme.ramp(theme.sequential(dark)[1:], len(widths) + 2)
    for k, width in enumerate(widths):
        r, g, b = colors[k + 1]
        figure.add_scatter(
            x=list(steps), y=plain(np.maximum(losses[:, k], 1e-9)), name=str(width), mode="lines", line=dict(color=f"rgb({r},{g},{b})", width=3.5 if width == shown else 1.5),
            hovertemplate=f"width {width}<br>update %{{x}}<br>%{{y:.3g}}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title_text="updates", range=[0, max(50, steps[-1])])
    figure.update_yaxes(type="log", exponentformat="power", nticks=6)
    return figure


def plane_figure(points: Points, cells: np.ndarray, field: np.ndarray, dark: bool) -> Drawing:
    """What a network says over the square (C, C), and the points that it learns."""
    figure = live_figure(dark, hovermode="closest", showlegend=False)
    figure.add_heatmap(
        x=plain(cells), y=plain(cells), z=[plain(row) for row in field], zmin=0, zmax=1, showscale=False, colorscale=theme.colorscale(theme.diverging(dark)),
        hovertemplate="(%{x:.2f}, %{y:.2f})<br>says %{z:.2f}<extra></extra>", hoverongaps=False,
    )  # fmt: skip
    for label, symbol in ((0, "square"), (1, "circle")):
        own = points.X[points.y == label]
        figure.add_scatter(
            x=plain(own[:, 0]), y=plain(own[:, 1]), mode="markers", hovertemplate=f"label {label}<extra></extra>",
            marker=dict(size=8, symbol=symbol, color=theme.CLASS_COLORS[label], line=dict(width=1.2, color="#ffffff")),
        )  # fmt: skip
    figure.update_xaxes(title_text="x₁", range=[-1.02, 1.02], constrain="domain")
    figure.update_yaxes(title_text="x₂", range=[-1.02, 1.02], scaleanchor="x", constrain="domain")
    return figure


def line_figure(points: Points, x: np.ndarray, outputs: np.ndarray, truth: np.ndarray, dark: bool) -> Drawing:
    """What a network says on a line, beside the truth; it has seen the points only."""
    figure = live_figure(dark, hovermode="closest", **ABOVE)
    blue, orange, green = theme.LANE_COLORS[dark][:3]
    figure.add_scatter(x=plain(x), y=plain(truth), name="truth", mode="lines", line=dict(color=green, width=2, dash="dash"), hoverinfo="skip")  # fmt: skip
    figure.add_scatter(x=plain(x), y=plain(outputs), name="network", mode="lines", line=dict(color=blue, width=3), hovertemplate="x %{x:.2f}<br>says %{y:.2f}<extra></extra>")  # fmt: skip
    figure.add_scatter(x=plain(points.X[:, 0]), y=plain(points.y), name="points", mode="markers", marker=dict(size=7, color=orange), hovertemplate="x %{x:.2f}<br>y %{y:.2f}<extra></extra>")  # fmt: skip
    figure.add_shape(
        type="line", x0=1, x1=1, y0=0, y1=1, yref="paper", line=dict(dash="dot", width=1, color=FAINT)
    )
    figure.update_xaxes(title_text="x", range=[-1.05, 2])
    figure.update_yaxes(title_text="y", range=[-2.2, 2.2])
    return figure
