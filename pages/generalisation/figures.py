"""Figures of the Generalisation page for the live panel, from plain arrays. No Streamlit here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pages.shared.figures import theme
from pages.shared.figures.base import MARGIN, LossScale, add_color_bar, live_figure
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.packing import plain

FAINT = "#8a949e"


def descent_figure(parameters: np.ndarray, n: int, train: np.ndarray, test: np.ndarray, dark: bool) -> Drawing:  # fmt: skip
    """Medians of the errors (W, R) over the data sets against P/n, with the quartiles on new points as a band."""
    blue, orange = theme.LANE_COLORS[dark][:2]
    at = parameters / n
    low, middle, high = np.quantile(test, (0.25, 0.5, 0.75), axis=1)
    figure = live_figure(
        dark, hovermode="x", legend=dict(y=1.01, yanchor="bottom"), margin=MARGIN | dict(t=26)
    )
    quiet = dict(mode="lines", hoverinfo="skip", line=dict(width=0), showlegend=False)
    figure.add_scatter(x=at, y=plain(low), name="lower quartile", **quiet)
    figure.add_scatter(
        x=at, y=plain(high), name="upper quartile", fill="tonexty", fillcolor="rgba(86,180,233,.22)", **quiet
    )
    for name, values, color, symbol in (
        ("new points", middle, blue, "circle"),
        ("training points", np.median(train, axis=1), orange, "square"),
    ):
        figure.add_scatter(
            x=at, y=plain(values), name=name, mode="lines+markers", line=dict(color=color, width=2), marker=dict(symbol=symbol, size=7),
            customdata=parameters, hovertemplate="P %{customdata}<br>%{y:.3f}<extra>" + name + "</extra>",
        )  # fmt: skip
    figure.add_shape(type="line", x0=1, x1=1, xref="x", y0=0, y1=1, yref="paper", line=dict(dash="dot", width=1, color=FAINT))  # fmt: skip
    figure.add_annotation(x=0, y=1, xref="x", yref="paper", text="P = n", showarrow=False, xanchor="left", yanchor="top", font=dict(color=FAINT))  # fmt: skip
    ticks = [0.2, 0.5, 1, 2, 5, 10, 20]
    figure.update_xaxes(
        type="log", title_text="weights per sample, P/n", tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks]
    )  # fmt: skip
    figure.update_yaxes(title_text="error", range=[0, max(1.5, 1.08 * float(np.nan_to_num(high).max()))])
    return figure


def cells_figure(widths: Sequence[int], test: np.ndarray, dark: bool) -> Drawing:
    """The error of each network (W, R) as a colour and a number."""
    sets = test.shape[1]
    scale = LossScale(-1.25, 0.75)
    z = scale.of(test.T)
    figure = live_figure(dark, margin=dict(l=46, r=56, t=8, b=40), dragmode=False)
    bright = z > scale.low + 0.6 * (scale.high - scale.low)
    text = np.array([[f"{value:.1f}" if np.isfinite(value) else "" for value in row] for row in test.T])
    columns, names = [str(width) for width in widths], [str(k + 1) for k in range(sets)]
    for cells, ink in ((~bright, "#ffffff"), (bright, "#10202c")):
        figure.add_heatmap(
            x=columns, y=names, z=np.where(cells, z, np.nan), zmin=scale.low, zmax=scale.high, showscale=False, xgap=1, ygap=1,
            colorscale=theme.colorscale(theme.sequential(dark)), text=np.where(cells, text, ""), customdata=test.T, texttemplate="%{text}",
            textfont=dict(size=11, color=ink), hoverongaps=False, hovertemplate="width %{x}, data set %{y}<br>error %{customdata:.3g}<extra></extra>",
        )  # fmt: skip
    add_color_bar(figure, scale, dark)
    category = dict(type="category", showgrid=False, fixedrange=True, categoryorder="array", autorange=False)
    figure.update_xaxes(
        title_text="width", categoryarray=columns, range=[-0.5, len(columns) - 0.5], **category
    )
    figure.update_yaxes(title_text="data set", categoryarray=names, range=[sets - 0.5, -0.5], **category)
    return figure
