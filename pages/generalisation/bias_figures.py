"""Figures of the Bias and variance view, from plain arrays. No Streamlit here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.data.curves import CURVES
from engine.shown import short_number
from engine.studies.bias_variance import Parts, even, truth
from pages.shared.figures import theme
from pages.shared.figures.base import MARGIN, live_figure
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.legend import Key

EVERY = 4  # of the places, for the threads
HIGHEST = 10  # times the lowest bar, where the chart of the parts ends
REACH = 1.0  # of the dart board, in units of y
FAINT = "#8a949e"


def colors(dark: bool) -> dict[str, str]:
    blue, orange, green = theme.LANE_COLORS[dark][:3]
    return dict(bias=orange, variance=blue, truth=green, noise="#9aa8b5" if not dark else "#6f8294")


def thread_keys(dark: bool) -> list[Key]:
    chosen = colors(dark)
    return [
        Key("━", chosen["variance"], "fits"),
        Key("━", chosen["bias"], "their mean"),
        Key("╍", chosen["truth"], "truth"),
        Key("●", FAINT, "first data set"),
    ]


def dart_keys(dark: bool) -> list[Key]:
    chosen = colors(dark)
    return [
        Key("✚", chosen["truth"], "truth"),
        Key("◆", chosen["bias"], "mean: off by the bias"),
        Key("●", chosen["variance"], "fits"),
    ]


def part_keys(dark: bool) -> list[Key]:
    chosen = colors(dark)
    return [
        Key("■", chosen["bias"], "bias²"),
        Key("■", chosen["variance"], "variance"),
        Key("■", chosen["noise"], "noise"),
    ]


def threads_figure(curve: str, fits: np.ndarray | None, points: tuple[np.ndarray, np.ndarray], marks: Sequence[float], dark: bool) -> Drawing:  # fmt: skip
    """Fits (R, M) as threads, their mean, the truth, the first data set's points, and lines at `marks`."""
    facts, chosen = CURVES[curve], colors(dark)
    figure = live_figure(dark, showlegend=False, hovermode="closest")

    def x_of(at: np.ndarray) -> np.ndarray:
        return (at * facts.scale + facts.mean).astype(np.float32)

    for mark in marks:
        figure.add_shape(type="line", x0=mark, x1=mark, xref="x", y0=0, y1=1, yref="paper", line=dict(dash="dot", width=1, color=FAINT))  # fmt: skip
    if fits is not None:
        places = even(fits.shape[1])
        thin = np.clip(fits[:, ::EVERY], -9, 9)
        gap = np.full((len(thin), 1), np.nan)
        figure.add_scatter(
            x=np.hstack([np.tile(x_of(places[::EVERY]), (len(thin), 1)), gap]).astype(np.float32).ravel(), y=np.hstack([thin, gap]).astype(np.float32).ravel(),
            mode="lines", line=dict(width=1, color=chosen["variance"]), opacity=0.35, name="fits", hoverinfo="skip",
        )  # fmt: skip
        figure.add_scatter(
            x=x_of(places), y=fits.mean(axis=0).astype(np.float32), mode="lines", name="mean", line=dict(width=3, color=chosen["bias"]),
            hovertemplate="x %{x:.2f}<br>mean %{y:.3f}<extra></extra>",
        )  # fmt: skip
    at = even(201)
    figure.add_scatter(x=x_of(at), y=truth(curve, at), mode="lines", name="truth", line=dict(width=2, dash="dash", color=chosen["truth"]), hoverinfo="skip")  # fmt: skip
    figure.add_scatter(
        x=x_of(points[0]), y=points[1], mode="markers", name="first data set", marker=dict(size=6, color=FAINT), hovertemplate="x %{x:.2f}<br>y %{y:.2f}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title_text="x", range=[facts.low, facts.high])
    figure.update_yaxes(title_text="y", range=[-2.2, 2.2])
    return figure


def darts_figure(errors: np.ndarray | None, titles: tuple[str, str], dark: bool) -> Drawing:
    """A dart (R, 2) for each fit: its errors at two places. Their middle is the bias, their spread the variance."""
    chosen = colors(dark)
    figure = live_figure(dark, showlegend=False, hovermode="closest", margin=dict(l=54, r=12, t=8, b=40))
    for radius in (0.25, 0.5, 0.75, 1.0):
        figure.add_shape(type="circle", xref="x", yref="y", x0=-radius, x1=radius, y0=-radius, y1=radius, line=dict(width=1, color=FAINT), layer="below")  # fmt: skip
    figure.add_scatter(x=[0], y=[0], mode="markers", name="truth", marker=dict(symbol="cross", size=11, color=chosen["truth"]), hovertemplate="no error<extra></extra>")  # fmt: skip
    if errors is not None:
        inside = np.clip(errors, -REACH, REACH)
        figure.add_scatter(
            x=inside[:, 0], y=inside[:, 1], mode="markers", name="fits", marker=dict(size=6, color=chosen["variance"], opacity=0.75), customdata=errors,
            hovertemplate="%{customdata[0]:.3f}, %{customdata[1]:.3f}<extra></extra>",
        )  # fmt: skip
        middle = errors.mean(axis=0)
        figure.add_scatter(
            x=[float(middle[0])], y=[float(middle[1])], mode="markers", name="mean", hovertemplate="mean %{x:.3f}, %{y:.3f}<extra></extra>",
            marker=dict(symbol="diamond", size=13, color=chosen["bias"], line=dict(width=1.5, color=theme.surface(dark))),
        )  # fmt: skip
    axis = dict(range=[-REACH * 1.08, REACH * 1.08], showgrid=False)
    figure.update_xaxes(title_text=titles[0], **axis)
    figure.update_yaxes(title_text=titles[1], scaleanchor="x", **axis)
    return figure


def parts_figure(names: Sequence[str], parts: Sequence[Parts | None], sigma: float, chosen: int, title: str, dark: bool) -> Drawing:  # fmt: skip
    """bias² + variance + noise, a bar for each capacity; the one that is drawn above is outlined."""
    shades = colors(dark)
    values = np.array([(*each.means[:2], sigma**2) if each is not None else (np.nan,) * 3 for each in parts])
    figure = live_figure(
        dark, showlegend=False, hovermode="x", barmode="stack", bargap=0.25, margin=MARGIN | dict(t=20)
    )
    for k, (name, shade) in enumerate((("bias²", "bias"), ("variance", "variance"), ("noise", "noise"))):
        edges = [theme.CHOSEN if row == chosen else "rgba(0,0,0,0)" for row in range(len(names))]
        figure.add_bar(
            x=list(names), y=[None if np.isnan(value) else float(value) for value in values[:, k]], name=name,
            marker=dict(color=shades[shade], line=dict(width=2, color=edges)), hovertemplate="%{y:.4f}<extra>" + name + "</extra>",
        )  # fmt: skip
    totals = values.sum(axis=1)
    most = float(np.nanmax(np.nan_to_num(totals, nan=0.1)))
    top = min(1.1 * most, HIGHEST * float(np.nanmin(totals))) if np.isfinite(totals).any() else 1.0
    for name, total in zip(names, totals.tolist(), strict=True):
        if total > top:
            figure.add_annotation(x=name, y=1, xref="x", yref="paper", text=f"↑ {short_number(total, 2)}", showarrow=False, yanchor="bottom")  # fmt: skip
    figure.update_xaxes(
        title_text=title,
        type="category",
        categoryorder="array",
        categoryarray=list(names),
        range=[-0.5, len(names) - 0.5],
    )
    figure.update_yaxes(
        title_text="squared error",
        range=[0, top],
    )
    return figure
