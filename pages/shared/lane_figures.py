"""Figures that show many lanes at once, from plain arrays. No Streamlit here."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from pages.shared import theme
from pages.shared.figures import MARGIN, base_figure, loss_ticks, mark_layout
from pages.shared.looks import LaneLook
from pages.shared.view import plain


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


def paths_figure(
    paths, window, titles, dark: bool, low: float, high: float, grid=None, arrows=()
) -> go.Figure:
    """All lanes' paths in one plane. `paths` are (look, coordinates (T, 2), true losses (T,), plane's losses (T,),
    distances (T,)) a lane; `window` is ((x low, x high), (y low, y high)); colours are log₁₀ loss.

    Two traces per lane: its line, and its points coloured by true loss. `grid` = (alphas, betas, loss (B, A)) adds exact
    contours. `arrows` are (start (2,), end (2,), colour, text): where a step would lead.
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
        pick = np.unique(np.linspace(0, len(xy) - 1, 9).round().astype(int))
        sizes = np.full(len(pick), 8)
        sizes[-1] = 13
        figure.add_scatter(
            x=xy[pick, 0], y=xy[pick, 1], mode="markers", name=f"{look.name} points",
            marker=dict(symbol=look.symbol, size=sizes, color=colors[pick], cmin=low, cmax=high, colorscale=scale,
                        line=dict(width=2, color=look.color)),
            customdata=np.stack([true, shown, distance], axis=1)[pick],
            hovertemplate=f"{look.glyph} {look.name}<br>its loss %{{customdata[0]:.4g}}<br>the plane shows %{{customdata[1]:.4g}}"
                          "<br>distance from the plane %{customdata[2]:.3g}<extra></extra>",
        )  # fmt: skip
    if grid is not None:
        alphas, betas, loss = grid
        with np.errstate(all="ignore"):
            log_loss = np.log10(loss)
        figure.add_contour(
            x=alphas, y=betas, z=log_loss, customdata=loss, colorscale=scale, zmin=low, zmax=high, showscale=False,
            contours=dict(start=low, end=high, size=(high - low) / 15), line=dict(width=0.6, color="rgba(255,255,255,.5)"),
            hovertemplate="loss %{customdata:.5g}<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        x=[None], y=[None], mode="markers", hoverinfo="skip", name="loss",
        marker=dict(color=[low], cmin=low, cmax=high, colorscale=scale, showscale=True,
                    colorbar=dict(thickness=9, len=1, x=1.01, tickfont=dict(size=9), outlinewidth=0, **loss_ticks(low, high))),
    )  # fmt: skip
    figure.update_layout(
        margin=MARGIN | dict(r=58),
        annotations=[
            dict(x=end[0], y=end[1], ax=start[0], ay=start[1], xref="x", yref="y", axref="x", ayref="y", text="",
                 showarrow=True, arrowhead=2, arrowwidth=2.5, arrowcolor=color, hovertext=text)
            for start, end, color, text in arrows
        ],
    )  # fmt: skip
    for update, title, limits in zip((figure.update_xaxes, figure.update_yaxes), titles, window, strict=True):
        update(title_text=title, fixedrange=True, showgrid=False, zeroline=False, range=list(limits))
    return figure
