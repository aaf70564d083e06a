"""What a network computes of one number: points, its curve, and what each neuron adds to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.data.load import Dataset
from pages.shared.figures import theme
from pages.shared.figures.base import live_figure
from pages.shared.figures.boundary import points_trace, rings_trace, shown_sets
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.packing import Array, plain
from pages.shared.text import figure_text

MARGIN_OF_HEIGHT = 0.15  # of the data's height, above and below it
TRUTH_POINTS = 401
FAINT = {False: "rgba(0,114,178,.45)", True: "rgba(86,180,233,.5)"}  # a neuron's part
GREY = {False: "#6b6b6b", True: "#a9a9a9"}


class Function(NamedTuple):
    """A network's values y (M,) at standardised places x (M,), and the parts (K, M) of K neurons, which add up to it: each
    neuron's output times its weight. With the bias, and where the output has an activation through that.
    """

    x: Array
    y: Array
    parts: Array


def curve_figure(
    data: Dataset, dark: bool, show_test: bool, found: Function, batch: Array, color: str = "", small: bool = False
) -> Drawing:  # fmt: skip
    """Points, rings around the batch, the curve without noise, the neurons' parts, the network's curve; a small one has no
    axes.
    """
    figure = live_figure(dark, showlegend=False, hovermode="closest")
    for name, points, target in shown_sets(data, show_test):
        figure.add_scatter(**points_trace(name, points, target, data, dark, 3 if small else 5))
    figure.add_scatter(**rings_trace(data, batch, dark, small))
    if data.curve is not None:
        places = np.linspace(data.curve.low, data.curve.high, TRUTH_POINTS)
        figure.add_scatter(
            x=places.round(5), y=data.curve.value(places).round(5), mode="lines", name="without noise",
            line=dict(color=GREY[dark], width=1.2 if small else 1.5, dash="dot"), hoverinfo="skip",
        )  # fmt: skip
    xs, ys, names = parts_line(found, data)
    figure.add_scatter(
        x=xs, y=ys, text=names, mode="lines", name="neurons", line=dict(color=FAINT[dark], width=1),
        hovertemplate="%{text}<br>adds %{y:.3~g}<extra></extra>",
    )  # fmt: skip
    x, y = network_line(found, data)
    figure.add_scatter(
        x=x, y=y, mode="lines", name="network", line=dict(color=color or theme.LANE_COLORS[dark][0], width=2.5),
        hovertemplate=f"{figure_text(data.axis_labels[0])} = %{{x:.3~g}}<br>predicts %{{y:.3~g}}<extra></extra>",
    )  # fmt: skip
    low, high = (limit * data.y_scale + data.y_mean for limit in data.y_range)
    reach = MARGIN_OF_HEIGHT * (high - low)
    figure.update_xaxes(
        title_text=figure_text(data.axis_labels[0]), fixedrange=True,
        range=[limit * data.scale[0] + data.mean[0] for limit in data.x_range],
    )  # fmt: skip
    figure.update_yaxes(
        title_text=figure_text(data.target_name), fixedrange=True, range=[low - reach, high + reach]
    )
    if small:
        figure.update_layout(margin=dict(l=2, r=2, t=2, b=2, autoexpand=False))
        figure.update_xaxes(visible=False)
        figure.update_yaxes(visible=False)
    return figure


def streams(data: Dataset, show_test: bool) -> tuple[int, int, int]:
    """The numbers of the traces that move: the batch's rings, the neurons' parts, the network's curve."""
    rings = len(shown_sets(data, show_test))
    parts = rings + (2 if data.curve is not None else 1)
    return rings, parts, parts + 1


def network_line(found: Function, data: Dataset) -> tuple[list[float | None], list[float | None]]:
    """The network's curve in the data's own units."""
    x, y = found.x * data.scale[0] + data.mean[0], found.y * data.y_scale + data.y_mean
    return plain(x.round(4)), plain(short(y))


def parts_line(
    found: Function, data: Dataset
) -> tuple[list[float | None], list[float | None], Sequence[str | None]]:
    """All parts as one line with gaps between them, and the neuron's name at each place."""
    ends: list[Any] = [None]
    x = [*plain((found.x * data.scale[0] + data.mean[0]).round(4)), *ends]
    xs, ys, names = [], [], []
    for number, part in enumerate(found.parts, 1):
        xs += x
        ys += [*plain(short(part * data.y_scale)), *ends]
        names += [f"neuron {number}"] * len(found.x) + ends
    return xs, ys, names


def short(values: Array) -> Array:
    """Values to four digits of the largest's size: as many as a picture can show."""
    values = np.asarray(values, float)
    finite = np.abs(values[np.isfinite(values)])
    top = float(finite.max()) if finite.size else 0.0
    return values.round(int(np.clip(3 - np.floor(np.log10(top)), -300, 300))) if top > 0 else values
