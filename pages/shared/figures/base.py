"""Engine arrays in, Plotly figures out. No Streamlit here: every function can be tested on `fig.data`."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from pages.shared.figures import theme

MARGIN = dict(l=46, r=12, t=8, b=34, autoexpand=False)


def base_figure(dark: bool, **layout) -> go.Figure:
    figure = go.Figure()
    figure.update_layout(template=theme.template(dark), margin=MARGIN, **layout)
    return figure


# --- loss ---------------------------------------------------------------------------------------------


def loss_figure(steps, train, test, dark: bool, log_y: bool, marks=()) -> go.Figure:
    """Train (solid) and test (dashed) loss against updates. Traces 0 and 1 are the ones that stream."""
    blue, orange = theme.LANE_COLORS[dark][:2]
    figure = base_figure(dark, hovermode="x unified")
    for name, values, color, dash in (("train", train, blue, "solid"), ("test", test, orange, "dash")):
        figure.add_scatter(
            x=list(steps), y=list(values), name=name, mode="lines",
            line=dict(color=color, width=2, dash=dash), hovertemplate="%{y:.5g}",
        )  # fmt: skip
    figure.update_xaxes(title_text="updates")
    figure.update_yaxes(title_text="loss", type="log" if log_y else "linear", tickformat="~g")
    figure.update_layout(**mark_layout(marks, dark))
    return figure


def mark_layout(marks, dark: bool) -> dict:
    """Vertical lines where a setting was changed while training; `marks` are (update, text)."""
    color = "#e39ac4" if dark else "#8f3a6d"  # dark enough to read on white
    return dict(
        shapes=[
            dict(type="line", xref="x", yref="paper", x0=step, x1=step, y0=0, y1=1,
                 line=dict(color=color, width=1, dash="dot"))
            for step, _ in marks
        ],
        annotations=[
            dict(x=step, y=1, xref="x", yref="paper", text=text, showarrow=False, xanchor="left",
                 yanchor="top", textangle=0, yshift=-14 * (index % 4), font=dict(size=10, color=color))
            for index, (step, text) in enumerate(marks[-4:])
        ],
    )  # fmt: skip


# --- decision boundary --------------------------------------------------------------------------------


def boundary_figure(
    data, dark: bool, show_test: bool, field=None, batch=None, small: bool = False
) -> go.Figure:
    """The input plane with the points. `field` = (x, y, z, label) adds an exact heatmap to hover over.

    A small one, one of many, has no axes.
    """
    figure = base_figure(dark, showlegend=False)
    if field is not None:
        x, y, z, text = field
        figure.add_heatmap(
            x=x * data.scale[0] + data.mean[0], y=y * data.scale[1] + data.mean[1], z=z, showscale=False,
            text=text, hovertemplate="%{text}<extra></extra>", opacity=0.0,
        )  # fmt: skip
    sets = [("train", data.P_train, data.y_train, False)]
    if show_test:
        sets.append(("test", data.P_test, data.y_test, True))
    for name, points, target, hollow in sets:
        figure.add_scatter(**points_trace(name, points, target, data, dark, hollow, 4 if small else 6))
    if batch is not None and len(batch):
        units = data.P_train[batch] * data.scale + data.mean
        figure.add_scatter(
            x=units[:, 0], y=units[:, 1], mode="markers", name="current batch", hoverinfo="skip",
            marker=dict(size=9 if small else 13, symbol="circle-open", line=dict(width=1.5 if small else 2), color="#e8eef4" if dark else "#17212b"),
        )  # fmt: skip
    (x_low, x_high), (y_low, y_high) = data.x_range, data.y_range
    figure.update_xaxes(
        title_text=data.axis_labels[0], fixedrange=True, showgrid=False, zeroline=False,
        range=[x_low * data.scale[0] + data.mean[0], x_high * data.scale[0] + data.mean[0]],
    )  # fmt: skip
    figure.update_yaxes(
        title_text=data.axis_labels[1], fixedrange=True, showgrid=False, zeroline=False,
        range=[y_low * data.scale[1] + data.mean[1], y_high * data.scale[1] + data.mean[1]],
    )  # fmt: skip
    if small:
        figure.update_layout(margin=dict(l=2, r=2, t=2, b=2, autoexpand=False))
        figure.update_xaxes(visible=False)
        figure.update_yaxes(visible=False)
    return figure


def points_trace(name: str, points, target, data, dark: bool, hollow: bool, size: int = 6) -> dict:
    """Data points in original units. Class by colour and symbol, target value by the diverging scale."""
    units = points * data.scale + data.mean
    if data.task == "regression":
        limit = float(np.abs(data.y_train).max()) or 1.0
        marker = dict(
            color=target, cmin=-limit, cmax=limit, colorscale=theme.colorscale(theme.diverging(dark))
        )
        text = [f"target {value * data.y_scale + data.y_mean:.4g}" for value in target]
    else:
        labels = np.asarray(target, dtype=int)
        marker = dict(
            color=[theme.CLASS_COLORS[k] for k in labels], symbol=[theme.SYMBOLS[k] for k in labels]
        )  # fmt: skip
        text = [data.class_names[k] for k in labels]
    edge = ("#17212b", "#ffffff") if hollow else ("#ffffff", "#17212b")
    return dict(
        x=units[:, 0], y=units[:, 1], mode="markers", name=name, text=text,
        marker=dict(size=size - hollow, line=dict(width=1.4 if hollow else 0.8, color=edge[dark]), **marker),
        hovertemplate=f"{name} · %{{text}}<br>(%{{x:.3g}}, %{{y:.3g}})<extra></extra>",
    )  # fmt: skip


# --- loss landscape -----------------------------------------------------------------------------------


def landscape_figure(extent: float, path, dark: bool, low: float, high: float, grid=None) -> go.Figure:
    """A slice of the loss. Trace 0 is the path, trace 1 where the network is now; colours are log₁₀ loss.

    `grid` = (alphas, betas, loss (B, A)) adds exact contours, as trace 2, at rest.
    """
    figure = base_figure(dark, showlegend=False)
    line = dict(color="#ffffff", width=2)
    figure.add_scatter(x=path[:, 0], y=path[:, 1], mode="lines", line=line, hoverinfo="skip", name="path")
    figure.add_scatter(
        x=path[-1:, 0], y=path[-1:, 1], mode="markers", name="now", hoverinfo="skip",
        marker=dict(size=11, color="#d55e00", line=dict(color="#ffffff", width=2)),
    )  # fmt: skip
    scale = theme.colorscale(theme.sequential(dark))
    if grid is not None:
        alphas, betas, loss = grid
        with np.errstate(all="ignore"):
            log_loss = np.log10(loss)
        figure.add_contour(
            x=alphas, y=betas, z=log_loss, customdata=loss, colorscale=scale, zmin=low, zmax=high, showscale=False,
            contours=dict(start=low, end=high, size=(high - low) / 15),
            line=dict(width=0.6, color="rgba(255,255,255,.55)"),
            hovertemplate="α %{x:.3f}, β %{y:.3f}<br>loss %{customdata:.5g}<extra></extra>",
        )  # fmt: skip
    add_color_bar(figure, low, high, scale)
    figure.update_layout(margin=MARGIN | dict(r=58))  # the painted field must fit exactly
    axis = dict(fixedrange=True, showgrid=False, zeroline=False, range=[-extent, extent])
    figure.update_xaxes(title_text="α (direction 1)", **axis)
    figure.update_yaxes(title_text="β (direction 2)", **axis)
    return figure


def add_color_bar(figure: go.Figure, low: float, high: float, scale) -> None:
    """A colour bar of log₁₀ losses, as a trace of its own: the field itself may be painted on the canvas."""
    bar = dict(thickness=9, len=1, x=1.01, tickfont=dict(size=9), outlinewidth=0, **loss_ticks(low, high))
    figure.add_scatter(
        x=[None], y=[None], mode="markers", hoverinfo="skip", showlegend=False, name="loss",
        marker=dict(color=[low], cmin=low, cmax=high, colorscale=scale, showscale=True, colorbar=bar),
    )  # fmt: skip


def loss_ticks(low: float, high: float) -> dict:
    """Tick marks of a log₁₀ colour bar, written as losses."""
    values = np.linspace(low, high, 5)
    return dict(tickvals=values.tolist(), ticktext=[f"{10**value:.2g}" for value in values])
