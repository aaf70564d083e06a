"""One chart with the curves of many lanes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pages.shared.figures import theme
from pages.shared.figures.base import live_figure, value_axis
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.looks import LaneLook
from pages.shared.figures.loss import Mark, above, mark_layout
from pages.shared.figures.packing import Array, plain


class Curve(NamedTuple):
    """A lane's curve; over several seeds the median, with the quartiles (low, high), else None."""

    x: Array
    y: Array
    low: Array | None = None
    high: Array | None = None


class Titles(NamedTuple):
    """Of the axes; `note` is said of the value under the pointer."""

    x: str
    y: str
    note: str = ""


def curves_figure(
    curves: Sequence[Curve], looks: list[LaneLook], dark: bool, titles: Titles, marks: Sequence[Mark] = (),
    log_y: bool = True, ceiling: float = math.inf,
) -> Drawing:  # fmt: skip
    """One line a lane, with its mark at the end.

    Traces per lane: the line alone, or low, high (filled between) and median; the last two traces are the ends, and
    arrows on the frame for lanes that are above `ceiling`.
    """
    figure = live_figure(dark, hovermode="closest", showlegend=False)
    for look, curve in zip(looks, curves, strict=True):
        x = plain(curve.x)
        if curve.low is not None and curve.high is not None:
            edge = dict(mode="lines", hoverinfo="skip", line=dict(width=0), x=x)
            figure.add_scatter(y=plain(curve.low), name=f"{look.said} lower quartile", **edge)
            figure.add_scatter(
                y=plain(curve.high), name=f"{look.said} upper quartile", fill="tonexty",
                fillcolor=rgba(look.color, 0.2), **edge,
            )  # fmt: skip
        figure.add_scatter(
            x=x, y=plain(curve.y), name=look.said, mode="lines", line=dict(color=look.color, width=2),
            hovertemplate=f"{look.glyph} {look.said}<br>{titles.x} %{{x:,.3~g}}<br>{titles.y} %{{y:.3g}}{titles.note}<extra></extra>",
        )  # fmt: skip
    xs, ys = line_ends(curves)
    x, top, inside = above(xs, ys, ceiling)
    figure.add_scatter(
        x=xs, y=inside, mode="markers", hoverinfo="skip", name="now", cliponaxis=False,
        marker=dict(symbol=[look.symbol for look in looks], color=[look.color for look in looks], size=10,
                    line=dict(width=1, color=theme.surface(dark))),
    )  # fmt: skip
    figure.add_scatter(
        x=x, y=top, mode="markers", name="above", cliponaxis=False,
        text=[f"{look.glyph} {look.said} is above the chart" for look in looks], hovertemplate="%{text}<extra></extra>",
        marker=dict(symbol="triangle-up", color=[look.color for look in looks], size=12),
    )  # fmt: skip
    figure.update_xaxes(title_text=titles.x)
    figure.update_yaxes(
        title_text=titles.y, **value_axis(np.concatenate([curve.y for curve in curves]), log_y)
    )
    figure.update_layout(**mark_layout(marks, dark))
    return figure


def line_ends(curves: Sequence[Curve]) -> tuple[list[float | None], list[float | None]]:
    """The last point of each curve that can be drawn."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for curve in curves:
        good = np.flatnonzero(np.isfinite(curve.y))
        xs.append(float(curve.x[good[-1]]) if len(good) else None)
        ys.append(float(curve.y[good[-1]]) if len(good) else None)
    return xs, ys


def rgba(color: str, alpha: float) -> str:
    red, green, blue = theme.rgb(color).astype(int)
    return f"rgba({red},{green},{blue},{alpha})"
