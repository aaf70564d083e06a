"""Figures of the Generalisation page for the live panel, from plain arrays. No Streamlit here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.shown import short_number
from engine.studies.penalty_paths import prior
from engine.studies.search import Axis
from pages.shared.figures import theme
from pages.shared.figures.base import LossScale, add_color_bar, live_figure
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.looks import SYMBOLS
from pages.shared.figures.packing import plain

FAINT = "#8a949e"


def descent_figure(parameters: np.ndarray, n: int, train: np.ndarray, test: np.ndarray, dark: bool) -> Drawing:  # fmt: skip
    """Medians of the errors (W, R) over the data sets against P/n, with the quartiles on new points as a band."""
    blue, orange = theme.LANE_COLORS[dark][:2]
    at = parameters / n
    low, middle, high = np.quantile(test, (0.25, 0.5, 0.75), axis=1)
    figure = live_figure(dark, hovermode="x", showlegend=False)
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
            textfont=dict(size=12, color=ink), hoverongaps=False, hovertemplate="width %{x}, data set %{y}<br>error %{customdata:.3g}<extra></extra>",
        )  # fmt: skip
    add_color_bar(figure, scale, dark)
    category = dict(type="category", showgrid=False, fixedrange=True, categoryorder="array", autorange=False)
    figure.update_xaxes(
        title_text="width", categoryarray=columns, range=[-0.5, len(columns) - 0.5], **category
    )
    figure.update_yaxes(title_text="data set", categoryarray=names, range=[sets - 0.5, -0.5], **category)
    return figure


# --- search -------------------------------------------------------------------------------------------------

WINNER = "#d6249f"


def trials_figure(
    values: np.ndarray, validation: np.ndarray, winner: int | None, axes: Sequence[Axis], dark: bool
) -> Drawing:
    """Trials (N, 2) coloured by their validation loss; ticks along the edges for the values of each setting."""
    figure = live_figure(dark, hovermode="closest", showlegend=False, margin=dict(l=54, r=52, t=8, b=40))
    low = [axis.low / (axis.high / axis.low) ** 0.15 for axis in axes]
    high = [axis.high * (axis.high / axis.low) ** 0.05 for axis in axes]
    edge = [axis.low / (axis.high / axis.low) ** 0.1 for axis in axes]
    ink = theme.LANE_COLORS[dark][1]
    for name, x, y, symbol in (
        ("values along the first axis", values[:, 0], np.full(len(values), edge[1]), "line-ns-open"),
        ("values along the second axis", np.full(len(values), edge[0]), values[:, 1], "line-ew-open"),
    ):
        figure.add_scatter(
            x=plain(x), y=plain(y), name=name, mode="markers", hoverinfo="skip",
            marker=dict(symbol=symbol, size=11, color=ink, line=dict(width=2, color=ink)),
        )  # fmt: skip
    scale = LossScale(-1.0, 0.25)
    done = ~np.isnan(validation)
    for name, chosen, colors in (
        ("not yet", ~done, "rgba(128,128,128,.25)"),
        ("trials", done, scale.colors(validation[done])),
    ):
        figure.add_scatter(
            x=plain(values[chosen, 0]), y=plain(values[chosen, 1]), mode="markers", name=name,
            text=[short_number(value) if np.isfinite(value) else "diverged" for value in validation[chosen]] if name == "trials" else None,
            marker=dict(size=13, color=colors, cmin=scale.low, cmax=scale.high, colorscale=theme.colorscale(theme.sequential(dark)),
                        line=dict(width=1, color=theme.surface(dark))),
            hovertemplate="%{x:.3g}, %{y:.3g}<br>validation loss %{text}<extra></extra>" if name == "trials" else "%{x:.3g}, %{y:.3g}<extra></extra>",
        )  # fmt: skip
    if winner is not None:
        figure.add_scatter(
            x=[float(values[winner, 0])], y=[float(values[winner, 1])], mode="markers", name="winner", hoverinfo="skip",
            marker=dict(symbol="circle-open", size=22, color=WINNER, line=dict(width=2.5, color=WINNER)),
        )  # fmt: skip
    add_color_bar(figure, scale, dark)
    figure.update_xaxes(**search_axis(axes[0], low[0], high[0]))
    figure.update_yaxes(**search_axis(axes[1], low[1], high[1]))
    return figure


def search_axis(axis: Axis, low: float, high: float) -> dict[str, Any]:
    ticks: dict[str, Any] = dict(dtick=2)
    if axis.integer:
        ticks = dict(tickvals=[1, 2, 4, 8, 16, 32, 64])
    return dict(type="log", title_text=axis.label, range=[np.log10(low), np.log10(high)], fixedrange=True) | ticks  # fmt: skip


def best_figure(best: Mapping[str, np.ndarray], dark: bool) -> Drawing:
    """The best so far (N,) of each way of searching."""
    figure = live_figure(dark, hovermode="x", showlegend=False)
    for k, (name, values) in enumerate(best.items()):
        figure.add_scatter(
            x=list(range(1, len(values) + 1)), y=plain(values), name=name, mode="lines+markers",
            line=dict(color=theme.LANE_COLORS[dark][k], width=2, shape="hv"), marker=dict(symbol=SYMBOLS[k], size=7),
            hovertemplate="%{y:.3f}<extra>" + name + "</extra>",
        )  # fmt: skip
    count = max(len(values) for values in best.values())
    figure.update_xaxes(title_text="trials", range=[0.5, max(count, 2) + 0.5])
    figure.update_yaxes(title_text="loss", rangemode="tozero")
    return figure


def histogram_bins(reach: float, count: int) -> np.ndarray:
    """The edges (count + 1,) of equal bins from −reach to reach; with an odd count one of them is about 0."""
    return np.linspace(-reach, reach, count + 1)


def histogram(
    weights: np.ndarray, edges: np.ndarray, samples: int, l1: float, l2: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each bin its middle, how many weights are in it that are not exactly 0, and how many the prior would have: NaN
    without a penalty.
    """
    middles, width = (edges[:-1] + edges[1:]) / 2, edges[1] - edges[0]
    counts = np.histogram(weights[weights != 0], edges)[0].astype(float)
    if not (l1 or l2):
        return middles, counts, np.full(len(middles), np.nan)
    return middles, counts, weights.size * width * prior(middles, samples, l1, l2)


def histogram_figure(bars: Sequence[tuple[Any, Any]], reach: float, dark: bool) -> Drawing:
    """Weights, those that are exactly 0, and the prior, on a logarithmic axis of counts."""
    blue, orange, _, violet = theme.LANE_COLORS[dark][:4]
    figure = live_figure(dark, showlegend=False, barmode="overlay", bargap=0.08)
    width = 2 * reach / len(bars[0][0])
    for (x, y), name, color in zip(bars[:2], ("weights", "exactly 0"), (blue, orange), strict=True):
        figure.add_bar(
            x=x, y=y, name=name, marker=dict(color=color), width=width * (0.92 if name == "weights" else 0.4),
            hovertemplate="%{y} at about %{x:.2g}<extra></extra>" if name == "weights" else "%{y} exactly 0<extra></extra>",
        )  # fmt: skip
    x, y = bars[2]
    figure.add_scatter(x=x, y=y, name="prior", mode="lines", line=dict(color=violet, width=2), hovertemplate="%{y:.2g} by the prior<extra></extra>")  # fmt: skip
    figure.update_xaxes(title_text="weight", range=[-reach, reach])
    figure.update_yaxes(title_text="how many", type="log", range=[-0.6, 2.0], tickvals=[1, 3, 10, 30, 100])
    return figure
