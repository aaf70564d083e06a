"""What a diagnosis shows: the confusion matrix, and what a sign was seen in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pages.shared.figures import theme
from pages.shared.figures.base import live_figure, numbers, value_axis
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.packing import Array, plain
from pages.shared.text import figure_text

MOST_POINTS = 400  # of a line


def confusion_figure(matrix: Array, names: Sequence[str], dark: bool) -> Drawing:
    """Counts of samples by true class (rows) and named class (columns), shaded by their share of the row."""
    labels = [figure_text(name) for name in names]
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    low, high = ("#16202a", "#2f6ea5") if dark else ("#ffffff", "#7db7e0")
    figure = live_figure(dark, showlegend=False)
    figure.add_heatmap(
        x=labels, y=labels, z=shares, zmin=0, zmax=1, colorscale=[[0, low], [1, high]], showscale=False, xgap=2, ygap=2,
        customdata=matrix, text=matrix, texttemplate="%{text}",
        hovertemplate="%{customdata} samples of %{y} are called %{x}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title_text="called", type="category", showgrid=False)
    figure.update_yaxes(
        title_text="is", type="category", autorange="reversed", showgrid=False, automargin=True
    )
    figure.update_layout(margin=dict(l=70, r=12, t=8, b=44))
    return figure


def sign_figure(key: str, evidence: Mapping[str, Array], dark: bool) -> Drawing:
    """What a sign was seen in: curves of the loss, shares of the units, or points on a line."""
    if "updates" in evidence:
        return _curves(evidence, dark)
    if key == "edge":
        sharpness, edge = evidence["measured"].tolist()
        return _bars(["sharpness", "edge"], [sharpness, edge], "curvature", dark)
    if key == "unlucky start":
        return _starts(evidence, dark)
    return _units(evidence, dark)


def _curves(evidence: Mapping[str, Array], dark: bool) -> Drawing:
    figure = live_figure(dark, showlegend=True)
    updates = evidence["updates"]
    keep = np.unique(np.linspace(0, len(updates) - 1, min(len(updates), MOST_POINTS)).round().astype(int))
    lines = [name for name in evidence if "loss" in name]
    dashes = ("solid", "dash")
    for name, color, dash in zip(lines, theme.LANE_COLORS[dark], dashes, strict=False):
        label = "train loss" if name == "loss" else name
        x, y = plain(updates[keep]), plain(evidence[name][keep])
        figure.add_scatter(
            x=x, y=y, name=label, mode="lines", line=dict(color=color, dash=dash, width=2), text=numbers(evidence[name][keep]),
            hovertemplate="update %{x:,}<br>%{text}<extra>" + label + "</extra>",
        )  # fmt: skip
    if "window" in evidence:
        start, end = evidence["window"].tolist()
        figure.add_shape(type="rect", xref="x", yref="paper", x0=start, x1=end, y0=0, y1=1, opacity=0.15,
                         line=dict(width=0), fillcolor=theme.LANE_COLORS[dark][4])  # fmt: skip
    for at in evidence.get("lowest", np.empty(0)).tolist():
        figure.add_shape(
            type="line", xref="x", yref="paper", x0=at, x1=at, y0=0, y1=1, line=dict(dash="dot", width=1)
        )
    values = np.concatenate([evidence[name] for name in lines])
    figure.update_xaxes(title_text="updates")
    figure.update_yaxes(title_text="loss", **value_axis(values, True))
    return figure


def _units(evidence: Mapping[str, Array], dark: bool) -> Drawing:
    """For each layer a row of units, shaded by the share of samples on which they hardly pass a gradient."""
    names = list(evidence)
    widest = max(len(share) for share in evidence.values())
    rows = np.full((len(names), widest), np.nan)
    for row, share in zip(rows, evidence.values(), strict=True):
        row[: len(share)] = share
    low, high = ("#16202a", "#ff8c3a") if dark else ("#ffffff", "#d55e00")
    figure = live_figure(dark, showlegend=False)
    figure.add_heatmap(
        x=[str(k) for k in range(1, widest + 1)], y=names, z=rows, zmin=0, zmax=1, colorscale=[[0, low], [1, high]], xgap=2, ygap=2,
        colorbar=dict(title=dict(text="share of<br>samples", font=dict(size=12)), tickformat=".0%", thickness=10),
        hovertemplate="%{y}, unit %{x}: %{z:.0%} of the samples<extra></extra>", hoverongaps=False,
    )  # fmt: skip
    figure.update_xaxes(title_text="unit", type="category", showgrid=False)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    figure.update_layout(margin=dict(l=60, r=90, t=8, b=40))
    return figure


def _bars(names: list[str], values: list[float], title: str, dark: bool) -> Drawing:
    figure = live_figure(dark, showlegend=False)
    blue, orange = theme.LANE_COLORS[dark][:2]
    figure.add_bar(x=values, y=names, orientation="h", marker=dict(color=[orange, blue]), hovertext=numbers(values), hovertemplate="%{y} %{hovertext}<extra></extra>")  # fmt: skip
    figure.update_xaxes(title_text=title, rangemode="tozero")
    figure.update_yaxes(autorange="reversed")
    figure.update_layout(margin=dict(l=80))
    return figure


def _starts(evidence: Mapping[str, Array], dark: bool) -> Drawing:
    figure = live_figure(dark, showlegend=True)
    blue, orange = theme.LANE_COLORS[dark][:2]
    others, own = evidence["losses"], evidence["own"]
    for values, name, color, symbol in (
        (others, "other starts", blue, "circle"),
        (own, "this start", orange, "diamond"),
    ):
        figure.add_scatter(
            x=plain(values),
            y=[name] * len(values),
            name=name,
            mode="markers",
            marker=dict(color=color, size=11, symbol=symbol),
            text=numbers(values),
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    figure.update_xaxes(title_text="train loss", **value_axis(np.concatenate([others, own]), True))
    figure.update_layout(margin=dict(l=80), showlegend=False)
    return figure
