"""A plane through a network's weights with the path of training on it."""

from __future__ import annotations

from typing import NamedTuple

from pages.shared.figures.base import (
    MARGIN,
    FieldGrid,
    LossScale,
    add_color_bar,
    add_contours,
    live_figure,
)
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.packing import Array


class SliceFrame(NamedTuple):
    """What lies around the picture: (low, high) of both axes, and their titles."""

    x: tuple[float, float]
    y: tuple[float, float]
    titles: tuple[str, str]


def slice_figure(
    frame: SliceFrame, path: Array, scale: LossScale, dark: bool, grid: FieldGrid | None = None
) -> Drawing:
    """A slice of the loss. Trace 0 is the path (T, 2), trace 1 where the network is now.

    `grid` adds exact contours, at rest.
    """
    figure = live_figure(dark, showlegend=False)
    line = dict(color="#ffffff", width=2)
    figure.add_scatter(x=path[:, 0], y=path[:, 1], mode="lines", line=line, hoverinfo="skip", name="path")
    figure.add_scatter(
        x=path[-1:, 0], y=path[-1:, 1], mode="markers", name="now", hoverinfo="skip",
        marker=dict(size=11, color="#d55e00", line=dict(color="#ffffff", width=2)),
    )  # fmt: skip
    if grid is not None:
        add_contours(figure, grid, scale, dark, "(%{x:.3g}, %{y:.3g})<br>loss %{customdata:.3g}")
    add_color_bar(figure, scale, dark)
    figure.update_layout(margin=MARGIN | dict(r=58))  # the painted field must fit exactly
    for update, title, limits in (
        (figure.update_xaxes, frame.titles[0], frame.x),
        (figure.update_yaxes, frame.titles[1], frame.y),
    ):
        update(title_text=title, fixedrange=True, showgrid=False, zeroline=False, range=list(limits))
    return figure
