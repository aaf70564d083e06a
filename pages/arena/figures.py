"""The Arena's own figures: paths in one plane, four small charts, the search for rates. No Streamlit here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from engine.studies.rate_search import LaneRates
from pages.shared.figures import theme
from pages.shared.figures.base import (
    MARGIN,
    FieldGrid,
    LossScale,
    add_color_bar,
    add_contours,
    base_figure,
    live_figure,
    numbers,
    value_axis,
)
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.looks import LaneLook
from pages.shared.figures.packing import Array, plain
from pages.shared.figures.slice import SliceFrame

MARKS = 9  # points of each path that are drawn in the colour of their loss


class PathDrawn(NamedTuple):
    """A lane's path: coordinates (T, 2) and true losses (T,); at rest also, at the `marked` points, what the plane shows
    there and their distances from it.
    """

    look: LaneLook
    coordinates: Array
    true: Array
    shown: Array | None = None
    distances: Array | None = None


class Arrow(NamedTuple):
    """From start (2,) to end (2,) in the plane."""

    start: Array
    end: Array
    color: str
    text: str
    width: float


class PanelLine(NamedTuple):
    look: LaneLook
    x: Array
    y: Array
    dash: str


class Panel(NamedTuple):
    """One of four small charts."""

    title: str
    lines: Sequence[PanelLine]
    log: bool = False


def marked(count: int) -> Array:
    """Which of `count` points are marked: evenly spread, the last always."""
    return np.unique(np.linspace(0, count - 1, min(count, MARKS)).round().astype(int))


def paths_figure(
    paths: Sequence[PathDrawn], frame: SliceFrame, scale: LossScale, dark: bool, grid: FieldGrid | None = None,
    arrows: Sequence[Arrow] = (),
) -> Drawing:  # fmt: skip
    """All lanes' paths in one plane.

    Two traces per lane: its line, and its points in the colour of their true loss. `grid` adds exact contours.
    """
    figure = live_figure(dark, showlegend=False, hovermode="closest")
    for path in paths:
        figure.add_scatter(
            x=path.coordinates[:, 0], y=path.coordinates[:, 1], mode="lines", hoverinfo="skip", name=path.look.said,
            line=dict(color=path.look.color, width=2.5),
        )  # fmt: skip
        figure.add_scatter(**points_trace(path, scale, dark, is_small=bool(arrows)))
    add_color_bar(figure, scale, dark)
    if grid is not None:
        add_contours(figure, grid, scale, dark, "loss %{customdata:.3g}")
    figure.update_layout(margin=MARGIN | dict(r=58), annotations=arrow_layout(arrows))
    for update, title, limits in (
        (figure.update_xaxes, frame.titles[0], frame.x),
        (figure.update_yaxes, frame.titles[1], frame.y),
    ):
        update(title_text=title, fixedrange=True, showgrid=False, zeroline=False, range=list(limits))
    return figure


def points_trace(path: PathDrawn, scale: LossScale, dark: bool, is_small: bool = False) -> dict[str, Any]:
    """The marked points of a path; small ones leave arrows to be seen."""
    marks = marked(len(path.coordinates))
    usual, last = (5, 5) if is_small else (8, 13)
    sizes = np.full(MARKS, usual)
    sizes[len(marks) - 1 :] = last
    hover: dict[str, Any] = dict(hoverinfo="skip")
    if path.shown is not None and path.distances is not None:
        hover = dict(
            customdata=np.stack([path.true[marks], path.shown, path.distances], axis=1),
            hovertemplate=f"{path.look.glyph} {path.look.said}<br>its loss %{{customdata[0]:.3g}}"
                          "<br>the plane shows %{customdata[1]:.3g}<br>distance from the plane %{customdata[2]:.3g}<extra></extra>",
        )  # fmt: skip
    return dict(
        x=path.coordinates[marks, 0], y=path.coordinates[marks, 1], mode="markers", name=f"{path.look.said} points",
        marker=dict(symbol=path.look.symbol, size=sizes.tolist(), color=scale.colors(path.true[marks]), cmin=scale.low,
                    cmax=scale.high, colorscale=theme.colorscale(theme.sequential(dark)),
                    line=dict(width=2, color=path.look.color)), **hover,
    )  # fmt: skip


def arrow_layout(arrows: Sequence[Arrow]) -> list[dict[str, Any]]:
    """Arrows as annotations of a layout."""
    return [
        dict(x=float(end[0]), y=float(end[1]), ax=float(start[0]), ay=float(start[1]), xref="x", yref="y", axref="x",
             ayref="y", text="", showarrow=True, arrowhead=2, arrowsize=0.8, arrowwidth=width, arrowcolor=color, hovertext=text)
        for start, end, color, text, width in arrows
    ]  # fmt: skip


def small_multiples(panels: Sequence[Panel], dark: bool, x_title: str) -> Drawing:
    """Four small charts, two by two."""
    figure = live_figure(dark, showlegend=False, hovermode="closest")
    across, up = ((0, 0.46), (0.54, 1)), ((0.58, 0.9), (0, 0.36))
    for k, panel in enumerate(panels):
        n = "" if k == 0 else str(k + 1)
        (left, right), (bottom, top) = across[k % 2], up[k // 2]
        for look, x, y, dash in panel.lines:
            own = dict(name=look.said, xaxis=f"x{n}", yaxis=f"y{n}")
            figure.add_scatter(
                x=plain(x), y=plain(np.where(y > 0, y, np.nan) if panel.log else y), mode="lines", **own,
                line=dict(color=look.color, width=2, dash=dash),
                hovertemplate=f"{look.glyph} {look.said}<br>{x_title} %{{x:,}}<br>%{{y:.3g}}<extra></extra>",
            )  # fmt: skip
            if dash == "solid" and len(x):
                figure.add_scatter(
                    x=plain(x[-1:]), y=plain(y[-1:]), mode="markers", hoverinfo="skip", cliponaxis=False, **own,
                    marker=dict(symbol=look.symbol, size=9, color=look.color, line=dict(width=1, color=theme.surface(dark))),
                )  # fmt: skip
        figure.update_layout({
            f"xaxis{n}": dict(domain=[left, right], anchor=f"y{n}", title=dict(text=x_title if k > 1 else "", standoff=4), showticklabels=k > 1),
            f"yaxis{n}": dict(domain=[bottom, top], anchor=f"x{n}", nticks=3, **few_ticks(np.concatenate([y for _, _, y, _ in panel.lines] or [np.ones(0)]), panel.log)),
        })  # fmt: skip
        said = dict(xref="paper", yref="paper", showarrow=False, font=dict(size=12))
        figure.add_annotation(x=left, y=top, text=panel.title, xanchor="left", yanchor="bottom", **said)
        if not panel.lines:
            figure.add_annotation(x=(left + right) / 2, y=(bottom + top) / 2, text="no lane has one", **said)
    return figure


def few_ticks(values: Array, log: bool) -> dict[str, Any]:
    """A small chart's vertical axis; a logarithmic one has at most three ticks, all of them powers of ten."""
    good = values[np.isfinite(values) & (values > 0)]
    if not log or not good.size:
        return value_axis(values, log)
    low, high = np.floor(np.log10(good.min())), np.ceil(np.log10(good.max()))
    return dict(
        type="log", range=[low - 0.1, high + 0.1], tick0=0, dtick=max(1, int(np.ceil((high - low) / 2)))
    )


def rates_figure(found: Mapping[int, LaneRates], looks: list[LaneLook], dark: bool) -> go.Figure:
    """The rate search: final loss against the rate; a large mark is each lane's choice.

    Rates at which most runs diverged stand on the upper edge, hollow.
    """
    figure = base_figure(dark, showlegend=False, hovermode="closest")
    finite = np.concatenate(
        [rates.median[np.isfinite(rates.median)] for rates in found.values()] or [np.ones(1)]
    )
    top = 2 * float(finite.max(initial=1e-3))
    for lane, rates in found.items():
        look = looks[lane]
        gone = ~np.isfinite(rates.median)
        sizes = [13 if k == rates.best else 5 for k in range(len(rates.rates))]
        figure.add_scatter(
            x=rates.rates, y=np.where(gone, np.nan, rates.median), mode="lines+markers", name=look.said,
            line=dict(color=look.color, width=2), marker=dict(symbol=look.symbol, color=look.color, size=sizes),
            text=[f"rate {rate}<br>loss {loss}" for rate, loss in zip(numbers(rates.rates), numbers(rates.median), strict=True)],
            hovertemplate=f"{look.glyph} {look.said}<br>%{{text}}<extra></extra>",
        )  # fmt: skip
        figure.add_scatter(
            x=rates.rates[gone], y=np.full(gone.sum(), top), mode="markers", name=f"{look.said} diverged",
            marker=dict(symbol=f"{look.symbol}-open", color=look.color, size=8),
            text=numbers(np.asarray(rates.rates)[gone]),
            hovertemplate=f"{look.glyph} {look.said}<br>rate %{{text}}<br>diverged<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title_text="learning rate", type="log", dtick=1)
    figure.update_yaxes(title_text="train loss after the search", **value_axis(finite, True))
    return figure
