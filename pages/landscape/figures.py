"""Pictures of a loss surface: plain arrays in, Plotly figures out. No Streamlit here.

In every picture the paths' traces come first, so that a live panel can stream them: for each path its line, then for
each path where it is now; on a line, the curve and where the network is. The field itself follows, and at rest the
path's points, coloured by their true loss on the field's own scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.shown import short_number
from pages.shared.figures import theme
from pages.shared.figures.base import (
    MARGIN,
    FieldGrid,
    LossScale,
    add_color_bar,
    color_bar,
    live_figure,
    value_axis,
)
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.packing import Array
from pages.shared.figures.path import Drawn, point_texts, points_trace

FIELD_MARGIN = MARGIN | dict(r=62)
PLAIN = "rgba(0,0,0,0)"


class Place(NamedTuple):
    """A word at a place of a plane."""

    text: str
    a: float
    b: float


class Surface(NamedTuple):
    """A loss over a plane, under a name."""

    name: str
    alphas: Array
    betas: Array
    loss: Array


def field_figure(
    extent: float, axes: tuple[str, str], scale: LossScale, paths: list[Drawn], dark: bool, kind: str,
    grid: FieldGrid | None = None, marks: Sequence[Place] = (), labels: Sequence[Place] = (),
) -> Drawing:  # fmt: skip
    """A plane as "contour" or "heatmap". Without `grid` only axes and paths: the live field is painted behind."""
    figure = live_figure(dark, showlegend=False)
    for drawn in paths:
        x, y = drawn.coordinates.T
        figure.add_scatter(x=x, y=y, mode="lines", line=dict(color=drawn.color, width=2), hoverinfo="skip", name=drawn.name)  # fmt: skip
    for drawn in paths:
        x, y = drawn.coordinates[[drawn.at]].T
        figure.add_scatter(
            x=x, y=y, mode="markers", name=f"{drawn.name} now", hoverinfo="skip",
            marker=dict(size=12, symbol=drawn.symbol, color=drawn.color, line=dict(color="#ffffff", width=2)),
        )  # fmt: skip
    colors = theme.colorscale(theme.sequential(dark))
    if grid is not None:
        alphas, betas, loss = grid
        shared = dict(
            x=alphas, y=betas, z=scale.of(loss).astype(np.float32), customdata=np.asarray(loss, np.float32),
            colorscale=colors, zmin=scale.low, zmax=scale.high, showscale=False,
            hovertemplate="(%{x:.3g}, %{y:.3g})<br>loss %{customdata:.3g}<extra></extra>", hoverongaps=False,
        )  # fmt: skip
        if kind == "heatmap":
            figure.add_heatmap(**shared)
        else:
            size = (scale.high - scale.low) / 15
            line = dict(width=0.6, color="rgba(255,255,255,.55)")
            figure.add_contour(**shared, contours=dict(start=scale.low, end=scale.high, size=size), line=line)
    for drawn in paths:
        if drawn.truth is not None and grid is not None:
            figure.add_scatter(**points_trace(drawn, scale, colors, extent))
            x, y = drawn.coordinates[[drawn.at]].T
            ring = dict(size=17, symbol=f"{drawn.symbol}-open", color="#ffffff", line=dict(width=3))
            figure.add_scatter(
                x=x, y=y, mode="markers", name=f"{drawn.name} here", hoverinfo="skip", marker=ring
            )
    for text, a, b in labels:
        beside = (f"\u2002{text}", "middle right") if a < 0.4 * extent else (f"{text}\u2002", "middle left")
        figure.add_scatter(**mark_trace(beside[0], a, b, beside[1]) | dict(mode="text"))
    for k, (text, a, b) in enumerate(marks):
        side = "left" if a > 0 else "right"  # towards the middle, so that no label is cut
        figure.add_scatter(**mark_trace(text, a, b, f"{('bottom', 'top')[k % 2]} {side}"))
    add_color_bar(figure, scale, dark)
    figure.update_layout(margin=FIELD_MARGIN)
    for update, title in ((figure.update_xaxes, axes[0]), (figure.update_yaxes, axes[1])):
        update(title_text=title, showgrid=False, zeroline=False, range=[-extent, extent], fixedrange=True)
    return figure


def mark_trace(text: str, a: float, b: float, side: str) -> dict[str, Any]:
    return dict(
        x=[a], y=[b], mode="markers+text", text=[text], textposition=side, hoverinfo="skip", name=text,
        textfont=dict(color="#ffffff", size=12, shadow="0 0 4px #000, 0 0 4px #000"),
        marker=dict(size=12, symbol="circle", color="#d55e00", line=dict(color="#ffffff", width=2)),
    )  # fmt: skip


def solid_figure(
    axes: tuple[str, str], scale: LossScale, paths: list[Drawn], dark: bool,
    grids: Sequence[Surface], marks: Sequence[Place] = (),
) -> Drawing:  # fmt: skip
    """One or two surfaces to turn; the camera stays when the data change. Paths run at their true loss."""
    figure = live_figure(dark, showlegend=False)
    for drawn in paths:
        losses = drawn.truth.true if drawn.truth is not None else drawn.heights
        z = np.full(len(drawn.coordinates), scale.low) if losses is None else scale.of(losses)
        x, y = drawn.coordinates.T
        hover: dict[str, Any] = dict(hoverinfo="skip")
        if drawn.truth is not None:
            hover = dict(text=point_texts(drawn), hovertemplate="%{text}<extra></extra>")
        figure.add_scatter3d(
            x=x, y=y, z=z, mode="lines+markers", name=drawn.name, line=dict(color=drawn.color, width=5),
            marker=dict(size=2.5, color=drawn.color), **hover,
        )  # fmt: skip
        at = [drawn.at]
        figure.add_scatter3d(
            x=x[at], y=y[at], z=z[at], mode="markers", name=f"{drawn.name} now", hoverinfo="skip",
            marker=dict(size=6, color=drawn.color, line=dict(color="#ffffff", width=2)),
        )  # fmt: skip
    for index, (name, alphas, betas, loss) in enumerate(grids):
        z = scale.of(loss).astype(np.float32)
        first = index == 0  # the second has colours of its own, so that its shape is seen however low it lies
        colors = theme.sequential(dark) if first else ["#7a2d00", "#d55e00", "#ffd9b8"]
        low, high = (scale.low, scale.high) if first else (float(np.nanmin(z)), float(np.nanmax(z)))
        figure.add_surface(
            x=alphas, y=betas, z=z, colorscale=theme.colorscale(colors),
            customdata=np.asarray(loss, np.float32).T,  # a surface's hover looks it up by column and row; z is by row and column
            cmin=low, cmax=high, name=name, showscale=first, colorbar=color_bar(scale), opacity=0.96,
            contours=dict(z=dict(show=True, width=1, color="rgba(255,255,255,.4)", start=low, end=high, size=(high - low) / 12)),
            hovertemplate=f"{name}<br>(%{{x:.3g}}, %{{y:.3g}})<br>loss %{{customdata:.3g}}<extra></extra>",
        )  # fmt: skip
    ink, line = ("#c9d4de", "#3a4856") if dark else ("#3c4a57", "#cfd8e0")
    said = []
    for text, a, b in marks if grids else ():
        _, alphas, betas, loss = grids[0]
        height = float(scale.of(loss)[np.abs(betas - b).argmin(), np.abs(alphas - a).argmin()])
        height += 0.04 * (scale.high - scale.low)  # above the surface, so that it is seen
        figure.add_scatter3d(
            x=[a], y=[b], z=[height], mode="markers", name=text, hoverinfo="skip", marker=dict(size=5, color="#d55e00")
        )  # fmt: skip
        said.append(dict(
            x=a, y=b, z=height, text=text, ax=0, ay=-32, arrowcolor=ink, arrowwidth=1, arrowhead=0,
            font=dict(size=12, color=ink), bgcolor=theme.surface(dark), borderpad=2, opacity=0.9,
        ))  # fmt: skip
    axis = dict(color=ink, gridcolor=line, backgroundcolor=PLAIN, zerolinecolor=line, tickfont=dict(size=12))
    title = dict(font=dict(size=12))
    z_axis = axis | dict(title=title | dict(text="loss"), **scale.ticks())
    figure.update_layout(
        margin=dict(l=0, r=52, t=0, b=0, autoexpand=False), uirevision="camera",
        scene=dict(
            xaxis=axis | dict(title=title | dict(text=axes[0])), yaxis=axis | dict(title=title | dict(text=axes[1])), zaxis=z_axis,
            annotations=said, aspectmode="manual", aspectratio=dict(x=1, y=1, z=0.7), uirevision="camera", dragmode="turntable",
            camera=dict(eye=dict(x=1.2, y=-1.2, z=0.8), center=dict(x=0, y=0, z=-0.18)),
        ),
    )  # fmt: skip
    return figure


def line_figure(
    t: Array, loss: Array, axis: str, name: str, log: bool, dark: bool, here: float,
    joins: bool = False, barrier: tuple[float, float] | None = None,
) -> Drawing:  # fmt: skip
    """The loss along a line; trace 0 is the curve, trace 1 the network at `here`.

    A line that `joins` two points, at 0 and 1, has them marked; `barrier` is the height and place of one between them.
    """
    blue, orange = theme.LANE_COLORS[dark][:2]
    figure = live_figure(dark, showlegend=False)
    figure.add_scatter(
        x=t, y=loss, mode="lines", name=name, line=dict(color=blue, width=2.5),
        hovertemplate="at %{x:.3g}<br>loss %{y:.3g}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=[here], y=[np.interp(here, t, loss)], mode="markers", name="now", hoverinfo="skip",
        marker=dict(size=13, color=orange, line=dict(color="#ffffff", width=2)),
    )  # fmt: skip
    if joins:
        ends, between = np.array([0.0, 1.0]), np.linspace(0, 1, 41)
        base = np.interp(
            between, ends, np.interp(ends, t, loss)
        )  # a straight line, a curve on a logarithmic axis
        figure.add_scatter(
            x=between, y=base, mode="lines", name="between the ends", hoverinfo="skip",
            line=dict(color=orange, width=1.5, dash="dot"),
        )  # fmt: skip
        figure.add_scatter(
            x=ends, y=base[[0, -1]], mode="markers", name="ends", hoverinfo="skip",
            marker=dict(size=8, symbol="diamond", color=orange),
        )  # fmt: skip
        if barrier is not None and barrier[0] > 0:
            top = float(np.interp(barrier[1], t, loss))
            figure.add_scatter(
                x=[barrier[1]] * 2, y=[top - barrier[0], top], mode="lines", name="barrier", hoverinfo="skip",
                line=dict(color=orange, width=2),
            )  # fmt: skip
            height = np.log10(top) if log and top > 0 else top
            text = f"barrier {short_number(barrier[0])}"
            figure.add_annotation(x=barrier[1], y=height, text=text, yshift=12, showarrow=False)
    figure.update_xaxes(title_text=axis, range=[float(t[0]), float(t[-1])])
    good = loss[np.isfinite(loss) & (loss > 0)]
    if log and good.size:
        decades = np.log10(good.max() / good.min())
        figure.update_yaxes(dtick="D1" if decades < 0.5 else "D2" if decades < 3 else 1)
    figure.update_yaxes(title_text=name, **value_axis(loss, log))
    return figure


def spectrum_figure(values: Array, lowest: float | None, dark: bool) -> Drawing:
    """The largest eigenvalues as bars, and the smallest of all; no bars where nothing is known yet."""
    blue, orange = theme.LANE_COLORS[dark][:2]
    figure = live_figure(dark, showlegend=False)
    names = [f"λ{k}" for k in range(1, len(values) + 1)]
    heights = [*map(float, values)]
    if lowest is not None:
        names, heights = [*names, "λmin"], [*heights, float(lowest)]
    figure.add_bar(
        x=names, y=heights, marker=dict(color=[blue if value >= 0 else orange for value in heights]),
        hovertemplate="%{x} = %{y:.3g}<extra></extra>",
    )  # fmt: skip
    figure.update_yaxes(title_text="eigenvalue", zeroline=True)
    return figure


def curvature_figure(
    alphas: Array,
    betas: Array,
    low: Array,
    high: Array,
    axes: tuple[str, str],
    dark: bool,
) -> Drawing:
    """λmin/|λmax| over a plane, −1 to 1: orange where some direction curves down, blue where none does."""
    with np.errstate(all="ignore"):
        ratio = np.clip(low / np.abs(high), -1, 1)
    figure = live_figure(dark, showlegend=False)
    figure.add_heatmap(
        x=alphas, y=betas, z=ratio, zmin=-1, zmax=1, colorscale=theme.colorscale(theme.diverging(dark)),
        customdata=np.stack([low, high], axis=-1), showscale=True, hoverongaps=False,
        colorbar=dict(thickness=9, len=1, x=1.01, tickfont=dict(size=12), outlinewidth=0, tickvals=[-1, 0, 1]),
        hovertemplate="(%{x:.3g}, %{y:.3g})<br>λmin %{customdata[0]:.3g}, λmax %{customdata[1]:.3g}<br>ratio %{z:.3g}<extra></extra>",
    )  # fmt: skip
    figure.update_layout(margin=MARGIN | dict(r=44))
    figure.update_xaxes(title_text=axes[0], showgrid=False, zeroline=False)
    figure.update_yaxes(title_text=axes[1], showgrid=False, zeroline=False)
    return figure
