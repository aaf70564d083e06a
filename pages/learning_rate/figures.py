"""Figures of the Learning rate page, from plain arrays. No Streamlit here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.shown import short_number
from pages.shared.figures import theme
from pages.shared.figures.base import MARGIN, LossScale, add_color_bar, live_figure, value_axis
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.looks import LaneLook
from pages.shared.figures.packing import plain

Mark = tuple[str, float, float, LaneLook]  # label, rate, smoothed loss there, look
DIVERGED = {False: "#a8324a", True: "#f0638c"}


def rate_axis(low: float, high: float) -> dict[str, Any]:
    """A logarithmic axis of rates."""
    return dict(
        type="log",
        range=[np.log10(low), np.log10(high)],
        dtick=1,
        title_text="learning rate η",
    )


# --- ladder -------------------------------------------------------------------------------------------------


def rungs_figure(rates: np.ndarray, losses: np.ndarray, looks: list[LaneLook], dark: bool) -> Drawing:
    """Loss against rate: a line, the rungs' marks on it, and above them those that have diverged."""
    figure = live_figure(dark, showlegend=False, hovermode="closest")
    x, y = plain(rates), plain(losses)
    figure.add_scatter(
        x=x, y=y, mode="lines", hoverinfo="skip", name="loss", line=dict(color="#8496a6" if dark else "#9aa8b5", width=1.5)
    )  # fmt: skip
    figure.add_scatter(
        x=x, y=y, mode="markers", name="rungs", cliponaxis=False,
        marker=dict(symbol=[look.symbol for look in looks], color=[look.color for look in looks], size=11,
                    line=dict(width=1, color=theme.surface(dark))),
        text=[f"{look.glyph} {look.said}" for look in looks], hovertemplate="%{text}<br>train loss %{y:.3g}<extra></extra>",
    )  # fmt: skip
    lost, height = lost_points(rates, losses)
    figure.add_scatter(
        x=lost, y=height, mode="markers+text", text="diverged", textposition="bottom center", textfont=dict(size=12), name="diverged",
        marker=dict(symbol="x", size=9, color=DIVERGED[dark]), hovertemplate="η %{x:.3g} diverged<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(**rate_axis(rates[0] / 1.5, rates[-1] * 1.5))
    figure.update_yaxes(title_text="train loss", **value_axis(losses, True))
    return figure


def lost_points(rates: np.ndarray, losses: np.ndarray) -> tuple[list[float], list[float]]:
    """Rungs that have diverged, above all others."""
    finite = losses[np.isfinite(losses)]
    top = 5 * float(finite.max()) if finite.size else 1.0
    lost = rates[~np.isfinite(losses)].tolist()
    return lost, [top] * len(lost)


# --- stability ----------------------------------------------------------------------------------------------


def sharpness_figure(
    steps: Sequence[int], lines: list[list[float | None]], looks: list[LaneLook], dark: bool
) -> Drawing:
    """Two traces a lane: its sharpness (solid) and its edge of stability (dashed)."""
    figure = live_figure(dark, showlegend=False, hovermode="closest")
    for k, look in enumerate(looks):
        for name, dash, width, values in (
            ("sharpness", "solid", 2, lines[2 * k]),
            ("edge", "dash", 1.5, lines[2 * k + 1]),
        ):
            figure.add_scatter(
                x=list(steps), y=values, name=f"{look.said} {name}", mode="lines",
                line=dict(color=look.color, width=width, dash=dash),
                hovertemplate=f"{look.glyph} {look.said}<br>update %{{x:,}}<br>{name} %{{y:.3g}}<extra></extra>",
            )  # fmt: skip
    figure.update_xaxes(title_text="updates")
    known = [value for line in lines for value in line if value is not None]
    figure.update_yaxes(title_text="curvature λ", **value_axis(known, True))
    return figure


# --- schedules ----------------------------------------------------------------------------------------------


def schedules_figure(
    steps: np.ndarray,
    curves: Sequence[Sequence[float]],
    now: tuple[Sequence[int], Sequence[float]],
    looks: list[LaneLook],
    horizon: int,
    dark: bool,
) -> Drawing:
    """One line a schedule; the last trace marks where each is now. `now` is (updates, rates)."""
    figure = live_figure(dark, showlegend=False, hovermode="closest")
    for look, curve in zip(looks, curves, strict=True):
        figure.add_scatter(
            x=list(map(int, steps)), y=curve, name=look.said, mode="lines", line=dict(color=look.color, width=2),
            hovertemplate=f"{look.glyph} {look.said}<br>update %{{x:,}}<br>η %{{y:.3g}}<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        x=list(now[0]), y=list(now[1]), mode="markers", hoverinfo="skip", name="now", cliponaxis=False,
        marker=dict(symbol=[look.symbol for look in looks], color=[look.color for look in looks], size=10,
                    line=dict(width=1, color=theme.surface(dark))),
    )  # fmt: skip
    figure.update_xaxes(title_text="updates", range=[0, horizon])
    figure.update_yaxes(title_text="rate η", rangemode="tozero")
    return figure


# --- finder -------------------------------------------------------------------------------------------------


def range_figure(
    rates: np.ndarray, raw: np.ndarray, smoothed: np.ndarray, marks: Sequence[Mark], dark: bool
) -> Drawing:
    """Loss against the rate of a range test. A mark is a suggestion."""
    figure = live_figure(
        dark, hovermode="closest", legend=dict(y=1, yanchor="bottom"), margin=MARGIN | dict(t=26)
    )
    grey, ink = ("#6f8294", "#e8eef4") if dark else ("#a3b0bc", "#3c4a57")
    for name, values, color, width in (
        ("raw loss of each mini-batch", raw, grey, 1),
        ("smoothed", smoothed, ink, 2.5),
    ):
        figure.add_scatter(
            x=plain(rates), y=plain(values), name=name, mode="lines", line=dict(color=color, width=width),
            hovertemplate="η %{x:.3g}<br>loss %{y:.3g}<extra></extra>",
        )  # fmt: skip
    for place, (label, rate, loss, look) in enumerate(marks):
        figure.add_scatter(
            x=[rate], y=[loss], mode="markers", name=label, showlegend=False,
            marker=dict(symbol=look.symbol, size=13, color=look.color, line=dict(width=1.5, color=theme.surface(dark))),
            hovertemplate=f"{look.glyph} {label}<br>η {short_number(rate)}<extra></extra>",
        )  # fmt: skip
        figure.add_shape(
            type="line", x0=rate, x1=rate, xref="x", y0=0, y1=1, yref="paper", line=dict(color=look.color, width=1.5, dash="dot")
        )  # fmt: skip
        figure.add_annotation(
            x=np.log10(rate), y=1 - 0.07 * place, xref="x", yref="paper", text=f"{look.glyph} {label}: {short_number(rate)}",
            showarrow=False, xanchor="right" if np.log10(rate) > np.log10(rates).mean() else "left", yanchor="top",
            font=dict(size=12, color=look.color), bgcolor=theme.surface(dark),
        )  # fmt: skip
    if len(rates):
        figure.update_xaxes(**rate_axis(rates[0], rates[-1] * 1.1))
    figure.update_yaxes(title_text="loss", **value_axis(np.concatenate([raw, smoothed]), True))
    return figure


# --- map ----------------------------------------------------------------------------------------------------

WORSE = {False: "#f2b8a2", True: "#7a4a3c"}


def map_figure(
    columns: Sequence[str],
    names: Sequence[str],
    median: np.ndarray,
    best: Sequence[int | None],
    start: float,
    what: str,
    dark: bool,
) -> Drawing:
    """Loss (M, K) of method × rate as colours: NaN is not done, infinite has diverged, both in colours of their own,
    as has a loss above `start`, that of untrained networks. `best` has each row's best column, or None."""
    good, worse, lost = (
        np.isfinite(median) & (median <= start),
        np.isfinite(median) & (median > start),
        np.isinf(median),
    )
    with np.errstate(all="ignore"):
        z = np.where(good, np.log10(np.maximum(median, 1e-8)), 0.0)
    low = float(np.floor(2 * z[good].min()) / 2) if good.any() else -2.0
    high = max(float(np.log10(start)), low + 0.5)
    bright = z > low + 0.6 * (high - low)
    scale = theme.colorscale(theme.sequential(dark))
    layers = (
        (good & ~bright, "#ffffff", scale), (good & bright, "#10202c", scale),
        (worse, "#ffffff" if dark else "#10202c", theme.colorscale([WORSE[dark]] * 2)),
        (lost, "#10202c" if dark else "#ffffff", theme.colorscale([DIVERGED[dark]] * 2)),
    )  # fmt: skip
    text, said = cell_texts(median, best, start, what)
    figure = live_figure(
        dark, hovermode="closest", legend=dict(x=1, xanchor="right", yref="container", y=0, yanchor="bottom")
    )
    for cells, ink, colors in layers:
        figure.add_heatmap(
            x=columns, y=names, z=np.where(cells, z, np.nan), zmin=low, zmax=high, colorscale=colors, showscale=False, xgap=2, ygap=2,
            text=np.where(cells, text, ""), texttemplate="%{text}", textfont=dict(size=12, color=ink), hoverongaps=False,
            customdata=said, hovertemplate="%{y}, η %{x}<br>%{customdata}<extra></extra>",
        )  # fmt: skip
    for name, color in (("worse than untrained", WORSE[dark]), ("diverged", DIVERGED[dark])):
        figure.add_scatter(
            x=[None], y=[None], mode="markers", name=name, hoverinfo="skip", marker=dict(symbol="square", size=11, color=color)
        )  # fmt: skip
    add_color_bar(figure, LossScale(low, high), dark)
    category = dict(type="category", showgrid=False, fixedrange=True, categoryorder="array", autorange=False)
    figure.update_layout(margin=dict(l=78, r=64, t=8, b=62), dragmode=False)
    figure.update_xaxes(
        title=dict(text="learning rate η", standoff=20),
        categoryarray=columns,
        range=[-0.5, len(columns) - 0.5],
        **category,
    )
    figure.update_yaxes(
        categoryarray=names, range=[len(names) - 0.5, -0.5], **category
    )  # also where nothing is done yet
    return figure


def cell_texts(
    median: np.ndarray, best: Sequence[int | None], start: float, what: str
) -> tuple[np.ndarray, list[list[str]]]:
    """What stands in each cell (M, K), and what is said where it is pointed at."""
    text, said = [], []
    for row, values in enumerate(median):
        stars = ["★" if k == best[row] else "" for k in range(len(values))]
        text.append(
            ["" if np.isnan(v) else "✕" if np.isinf(v) else star + brief(v) for star, v in zip(stars, values, strict=True)]
        )  # fmt: skip
        worse = [", worse than untrained" if v > start else "" for v in values]
        said.append(
            ["diverged" if np.isinf(v) else f"{what} {short_number(v)}{more}" for v, more in zip(values, worse, strict=True)]
        )  # fmt: skip
    return np.array(text), said


def brief(value: float) -> str:
    """A loss in a few characters."""
    return short_number(value, 2 if 0.01 <= value < 100 else 1)
