"""Figures that show many lanes at once, from plain arrays. No Streamlit here."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from pages.shared.figures import theme
from pages.shared.figures.base import MARGIN, add_color_bar, base_figure, mark_layout
from pages.shared.figures.looks import LaneLook
from pages.shared.live.view import plain


def curves_figure(
    lines, looks: list[LaneLook], dark: bool, x_title: str, y_title: str, marks=(), log_y=True
) -> go.Figure:
    """One line a lane, with its mark at the end. `lines` are (x, median, low, high) a lane; low is None for one seed.

    Traces per lane: the line alone, or low, high (filled between) and median; the last trace is the ends.
    """
    figure = base_figure(dark, hovermode="closest", showlegend=False)
    for look, (x, y, low, high) in zip(looks, lines, strict=True):
        x = plain(x)
        if low is not None:
            edge = dict(mode="lines", hoverinfo="skip", line=dict(width=0))
            figure.add_scatter(x=x, y=plain(low), name=f"{look.name} lower quartile", **edge)
            figure.add_scatter(
                x=x,
                y=plain(high),
                name=f"{look.name} upper quartile",
                fill="tonexty",
                fillcolor=rgba(look.color, 0.2),
                **edge,
            )
        figure.add_scatter(
            x=x, y=plain(y), name=look.name, mode="lines", line=dict(color=look.color, width=2),
            hovertemplate=f"{look.glyph} {look.name}<br>{x_title} %{{x:,.4~g}}<br>{y_title} %{{y:.4g}}<extra></extra>",
        )  # fmt: skip
    ends = line_ends(lines)
    figure.add_scatter(
        x=ends[0], y=ends[1], mode="markers", hoverinfo="skip", name="now", cliponaxis=False,
        marker=dict(symbol=[look.symbol for look in looks], color=[look.color for look in looks], size=10,
                    line=dict(width=1, color=theme.surface(dark))),
    )  # fmt: skip
    figure.update_xaxes(title_text=x_title)
    figure.update_yaxes(title_text=y_title, type="log" if log_y else "linear", tickformat="~g")
    figure.update_layout(**mark_layout(marks, dark))
    return figure


def line_ends(lines) -> tuple[list, list]:
    """The last point of each line that can be drawn."""
    xs, ys = [], []
    for x, y, *_ in lines:
        good = np.flatnonzero(np.isfinite(y))
        xs.append(float(x[good[-1]]) if len(good) else None)
        ys.append(float(y[good[-1]]) if len(good) else None)
    return xs, ys


def rgba(color: str, alpha: float) -> str:
    red, green, blue = theme.rgb(color).astype(int)
    return f"rgba({red},{green},{blue},{alpha})"


MARKS = 9  # points of each path that are drawn in the colour of their loss


def marked(count: int) -> np.ndarray:
    """Which of `count` points are marked: evenly spread, the last always."""
    return np.unique(np.linspace(0, count - 1, min(count, MARKS)).round().astype(int))


def paths_figure(
    paths, window, titles, dark: bool, low: float, high: float, grid=None, arrows=()
) -> go.Figure:
    """All lanes' paths in one plane. `paths` are (look, coordinates (T, 2), true losses (T,), and at the `marked` points
    what the plane shows and their distances from it, or None); `window` is ((x low, x high), (y low, y high)).

    Two traces per lane: its line, and its points in the colour of their true log₁₀ loss. `grid` = (alphas, betas,
    loss (B, A)) adds exact contours. `arrows` are (start (2,), end (2,), colour, text, width).
    """
    figure = base_figure(dark, showlegend=False, hovermode="closest")
    scale = theme.colorscale(theme.sequential(dark))
    for look, xy, true, shown, distance in paths:
        figure.add_scatter(
            x=xy[:, 0], y=xy[:, 1], mode="lines", hoverinfo="skip", name=look.name,
            line=dict(color=look.color, width=2.5),
        )  # fmt: skip
        with np.errstate(all="ignore"):
            colors = np.nan_to_num(np.log10(true), nan=high, posinf=high, neginf=low)
        marks = marked(len(xy))
        sizes = np.full(MARKS, 8)
        sizes[len(marks) - 1 :] = 13
        hover: dict = dict(hoverinfo="skip")
        if shown is not None:
            hover = dict(
                customdata=np.stack([true[marks], shown, distance], axis=1),
                hovertemplate=f"{look.glyph} {look.name}<br>its loss %{{customdata[0]:.4g}}<br>the plane shows %{{customdata[1]:.4g}}"
                              "<br>distance from the plane %{customdata[2]:.3g}<extra></extra>",
            )  # fmt: skip
        figure.add_scatter(
            x=xy[marks, 0], y=xy[marks, 1], mode="markers", name=f"{look.name} points",
            marker=dict(symbol=look.symbol, size=sizes.tolist(), color=colors[marks].tolist(), cmin=low, cmax=high,
                        colorscale=scale, line=dict(width=2, color=look.color)), **hover,
        )  # fmt: skip
    add_color_bar(figure, low, high, scale)
    if grid is not None:
        alphas, betas, loss = grid
        with np.errstate(all="ignore"):
            log_loss = np.log10(loss)
        figure.add_contour(
            x=alphas, y=betas, z=log_loss, customdata=loss, colorscale=scale, zmin=low, zmax=high, showscale=False,
            contours=dict(start=low, end=high, size=(high - low) / 15), line=dict(width=0.6, color="rgba(255,255,255,.5)"),
            hovertemplate="loss %{customdata:.5g}<extra></extra>", zorder=-1,
        )  # fmt: skip
    figure.update_layout(
        margin=MARGIN | dict(r=58),
        annotations=[
            dict(x=end[0], y=end[1], ax=start[0], ay=start[1], xref="x", yref="y", axref="x", ayref="y", text="",
                 showarrow=True, arrowhead=2, arrowsize=0.8, arrowwidth=width, arrowcolor=color, hovertext=text)
            for start, end, color, text, width in arrows
        ],
    )  # fmt: skip
    for update, title, limits in zip((figure.update_xaxes, figure.update_yaxes), titles, window, strict=True):
        update(title_text=title, fixedrange=True, showgrid=False, zeroline=False, range=list(limits))
    return figure


def small_multiples(panels, titles, dark: bool, x_title: str, log=(False, False, False, False)) -> go.Figure:
    """Four small charts, two by two. `panels` are lists of (look, x, y, dash); `log` says which have a log axis."""
    figure = base_figure(dark, showlegend=False, hovermode="closest")
    across, up = ((0, 0.46), (0.54, 1)), ((0.56, 0.93), (0, 0.37))
    for k, (lines, title, is_log) in enumerate(zip(panels, titles, log, strict=True)):
        n = "" if k == 0 else str(k + 1)
        (left, right), (bottom, top) = across[k % 2], up[k // 2]
        for look, x, y, dash in lines:
            figure.add_scatter(
                x=plain(x), y=plain(np.where(y > 0, y, np.nan) if is_log else y), mode="lines", name=look.name, xaxis=f"x{n}", yaxis=f"y{n}",
                line=dict(color=look.color, width=2, dash=dash),
                hovertemplate=f"{look.glyph} {look.name}<br>{x_title} %{{x:,}}<br>%{{y:.4g}}<extra></extra>",
            )  # fmt: skip
            if dash == "solid" and len(x):
                figure.add_scatter(
                    x=plain(x[-1:]), y=plain(y[-1:]), mode="markers", hoverinfo="skip", name=look.name, xaxis=f"x{n}", yaxis=f"y{n}",
                    cliponaxis=False, marker=dict(symbol=look.symbol, size=9, color=look.color, line=dict(width=1, color=theme.surface(dark))),
                )  # fmt: skip
        figure.update_layout({
            f"xaxis{n}": dict(domain=[left, right], anchor=f"y{n}", title=dict(text=x_title if k > 1 else "", standoff=4)),
            f"yaxis{n}": dict(domain=[bottom, top], anchor=f"x{n}", type="log" if is_log else "linear", tickformat="~g", nticks=5),
        })  # fmt: skip
        figure.add_annotation(
            x=left, y=top, xref="paper", yref="paper", text=title, showarrow=False, xanchor="left", yanchor="bottom", font=dict(size=11)
        )  # fmt: skip
        if not lines:
            figure.add_annotation(
                x=(left + right) / 2, y=(bottom + top) / 2, xref="paper", yref="paper", text="no lane has one", showarrow=False, font=dict(size=11)
            )  # fmt: skip
    return figure


def rates_figure(found, looks: list[LaneLook], dark: bool) -> go.Figure:
    """The rate search: final loss against the rate. `found` is {lane: LaneRates}; a large mark is each lane's choice.

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
        figure.add_scatter(
            x=rates.rates, y=np.where(gone, np.nan, rates.median), mode="lines+markers", name=look.name,
            line=dict(color=look.color, width=2),
            marker=dict(symbol=look.symbol, color=look.color, size=[13 if k == rates.best else 5 for k in range(len(rates.rates))]),
            hovertemplate=f"{look.glyph} {look.name}<br>rate %{{x:.3g}}<br>loss %{{y:.4g}}<extra></extra>",
        )  # fmt: skip
        figure.add_scatter(
            x=rates.rates[gone], y=np.full(gone.sum(), top), mode="markers", name=f"{look.name} diverged",
            marker=dict(symbol=f"{look.symbol}-open", color=look.color, size=8),
            hovertemplate=f"{look.glyph} {look.name}<br>rate %{{x:.3g}}<br>diverged<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title_text="learning rate", type="log", tickformat="~g")
    figure.update_yaxes(title_text="train loss after the search", type="log", tickformat="~g")
    return figure
