"""What a network predicts over the input plane: as colours, in words, and with the data points on it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.data.load import Dataset
from engine.shown import short_number
from pages.shared.figures import theme
from pages.shared.figures.base import live_figure
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.packing import Array
from pages.shared.text import figure_text

POINT = {False: "#55606b", True: "#b4c0cb"}  # of a curve


class Predictions(NamedTuple):
    """Predictions (cells², outputs), row by row from the bottom, at the places x and y (cells,).

    `probabilities`: whether they are probabilities; with a squared loss they are values.
    """

    x: Array
    y: Array
    outputs: Array
    probabilities: bool


def field_bytes(outputs: Array, data: Dataset, discretise: bool, probabilities: bool = True) -> Array:
    """Predictions (N, outputs) as entries of `field_palette`, one byte each.

    Of three or more classes the largest output's is painted, whatever the loss. Its shade is how far a probability is
    above chance, or how far a value is above the next one: both are 0 in a tie and 1 where the answer is right and sure.
    """
    outputs = np.nan_to_num(outputs, nan=0.0, posinf=1e6, neginf=-1e6)
    if data.task == "multiclass":
        levels = theme.CONFIDENCE_LEVELS - 1
        share = np.full(len(outputs), 0.75) if discretise else confidence(outputs, probabilities)
        steps = outputs.argmax(axis=1) * theme.CONFIDENCE_LEVELS + np.ceil(share * levels)
        return np.asarray(steps, np.uint8)
    if data.task == "binary":
        share = outputs[:, 0]
    else:
        limit = float(np.abs(data.y_train).max()) or 1.0
        share = 0.5 + 0.5 * outputs[:, 0] / limit
    if discretise:
        share = np.where(share > 0.5, 0.9, 0.1)
    return (share.clip(0, 1) * 255).round().astype(np.uint8)


def field_palette(data: Dataset, dark: bool) -> Array:
    """The 256 colours (256, 3) that `field_bytes` are entries of."""
    if data.task == "multiclass":
        return theme.class_palette(data.output_size, dark)
    return theme.ramp(theme.diverging(dark), 256)


def confidence(outputs: Array, probabilities: bool) -> Array:
    """How sure the outputs (N, C ≥ 2) are of their largest, 0 to 1 (N,)."""
    classes = outputs.shape[1]
    if probabilities:
        share = (outputs.max(axis=1) - 1 / classes) / (1 - 1 / classes)
    else:
        second, first = np.partition(outputs, classes - 2, axis=1)[:, -2:].T
        share = first - second
    return np.asarray(share.clip(0, 1))


def boundary_figure(
    data: Dataset, dark: bool, show_test: bool, field: Predictions | None = None, batch: Array | None = None,
    small: bool = False,
) -> Drawing:  # fmt: skip
    """The input plane with the points. `field` adds an invisible heatmap to hover over: the colours are painted behind.

    `batch` are training samples to ring. A small one, one of many, has no axes.
    """
    figure = live_figure(dark, showlegend=False)
    for name, points, target in shown_sets(data, show_test):
        figure.add_scatter(**points_trace(name, points, target, data, dark, 4 if small else 6))
    if batch is not None:
        figure.add_scatter(**rings_trace(data, batch, dark, small))
    if field is not None:  # after the traces that frames move, so that these keep their numbers
        figure.add_heatmap(**hover_trace(field, data))
    (x_low, x_high), (y_low, y_high) = data.x_range, data.y_range
    for update, title, k, limits in (
        (figure.update_xaxes, figure_text(data.axis_labels[0]), 0, (x_low, x_high)),
        (figure.update_yaxes, figure_text(data.axis_labels[1]), 1, (y_low, y_high)),
    ):
        update(
            title_text=title, fixedrange=True, showgrid=False, zeroline=False,
            range=[limit * data.scale[k] + data.mean[k] for limit in limits],
        )  # fmt: skip
    if small:
        figure.update_layout(margin=dict(l=2, r=2, t=2, b=2, autoexpand=False))
        figure.update_xaxes(visible=False)
        figure.update_yaxes(visible=False)
    return figure


def shown_sets(data: Dataset, show_test: bool) -> list[tuple[str, Array, Array]]:
    """Name, points and target of the sets that a chart shows, a trace each; without `show_test` only those to train on."""
    return data.sets() if show_test else data.sets()[:1]


def hover_trace(field: Predictions, data: Dataset) -> dict[str, Any]:
    """What is said at each place. A heatmap whose `meta` has `words` gets its text from them in the browser: its
    customdata says which word stands in which cell.
    """
    outputs, shape = np.asarray(field.outputs), (len(field.y), len(field.x))
    value = "P =" if field.probabilities else "value"
    more: dict[str, Any] = {}
    if data.task == "regression":
        z, said = outputs[:, 0] * data.y_scale + data.y_mean, "predicts %{z:.3~g}"
    elif data.task == "binary":
        z = outputs[:, 0]
        said = (
            f"P({figure_text(data.class_names[1])}) = %{{z:.3f}}" if field.probabilities else "value %{z:.3f}"
        )
    else:
        best = outputs.argmax(axis=1)
        z, said = outputs[np.arange(len(outputs)), best], f"%{{text}}: {value} %{{z:.3f}}"
        more = dict(
            customdata=best.astype(np.uint8).reshape(shape),
            meta=dict(words=[figure_text(name) for name in data.class_names]),
        )
    return dict(
        x=field.x * data.scale[0] + data.mean[0], y=field.y * data.scale[1] + data.mean[1],
        z=np.asarray(z, np.float32).reshape(shape), showscale=False, opacity=0.0, hovertemplate=f"{said}<extra></extra>", hoverongaps=False,
    ) | more  # fmt: skip


def rings_trace(data: Dataset, batch: Array, dark: bool, small: bool) -> dict[str, Any]:
    """Rings around the training samples whose numbers are in `batch`."""
    x, y = ring_places(data, batch)
    return dict(
        x=x, y=y, mode="markers", name="current batch", hoverinfo="skip",
        marker=dict(size=9 if small else 13, symbol="circle-open", line=dict(width=1.5 if small else 2),
                    color="#e8eef4" if dark else "#17212b"),
    )  # fmt: skip


def ring_places(data: Dataset, batch: Array) -> Array:
    """(2, B): where the samples of a batch lie, in the data's own units."""
    return data.places(data.P_train[batch], data.y_train[batch]).T


def points_trace(
    name: str, points: Array, target: Array, data: Dataset, dark: bool, size: int = 6
) -> dict[str, Any]:
    """Data points in original units: class by colour and symbol, target value by the diverging scale.

    Training data are filled. Test and validation data are white inside and have their colour around it, those for
    validation a dot of it in the middle as well. Colours are darker than the field's, so that a point is seen on ground of
    its own class.
    """
    units = data.places(points, target)
    paint: dict[str, Any]
    marker: dict[str, Any] = {}
    if data.inputs == 1:  # the height says the value
        paint = dict(color=POINT[dark])
        text = [name] * len(target)
    elif data.task == "regression":
        limit = float(np.abs(data.y_train).max()) or 1.0
        scale = theme.colorscale([theme.darker(color) for color in theme.diverging(dark)])
        paint = dict(color=target, cmin=-limit, cmax=limit, colorscale=scale)
        text = [f"target {short_number(value * data.y_scale + data.y_mean)}" for value in target]
    else:
        labels = np.asarray(target, dtype=int)
        paint = dict(color=[theme.darker(theme.CLASS_COLORS[k]) for k in labels])
        marker["symbol"] = [theme.SYMBOLS[k] for k in labels]
        text = [figure_text(data.class_names[k]) for k in labels]
    if name == "validation":
        symbols = marker.get("symbol", "circle")
        marker["symbol"] = (
            f"{symbols}-dot" if isinstance(symbols, str) else [f"{symbol}-dot" for symbol in symbols]
        )
    if name != "train":
        marker |= dict(color="#ffffff", line=dict(width=1.6, **paint))
    else:
        marker |= dict(line=dict(width=0.8, color="#ffffff"), **paint)
    return dict(
        x=units[:, 0], y=units[:, 1], mode="markers", name=name, text=text, marker=dict(size=size, **marker),
        hovertemplate=f"{name} · %{{text}}<br>(%{{x:.3g}}, %{{y:.3g}})<extra></extra>",
    )  # fmt: skip
