"""The loss chart of one network."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pages.shared.figures import theme
from pages.shared.figures.base import live_figure, value_axis
from pages.shared.figures.drawing import Drawing
from pages.shared.text import figure_text

Numbers = Sequence[float | None]


class SetLine(NamedTuple):
    """How the loss on one of the sets is drawn: which of the lanes' colours, how its line is dashed, and both as a sign."""

    place: int
    dash: str
    glyph: str

    def color(self, dark: bool) -> str:
        return theme.LANE_COLORS[dark][self.place]


SET_LINES = {
    "train": SetLine(0, "solid", "━"),
    "test": SetLine(1, "dash", "┅"),
    "validation": SetLine(2, "dot", "┈"),
}
FLAG_ROWS = 3  # marks that are close together have their flags in different rows


class Mark(NamedTuple):
    """Where on the x axis a setting was changed while training, and what was changed. `flag` is a short word for its flag,
    which otherwise has a number.
    """

    at: float
    text: str
    flag: str = ""


def loss_figure(
    steps: Numbers, lines: Mapping[str, Numbers], dark: bool, log_y: bool, marks: Sequence[Mark] = (),
    ceiling: float = math.inf,
) -> Drawing:  # fmt: skip
    """The loss of each set against updates. `lines` are "train", "test" and perhaps "validation": the traces that stream,
    in this order; the last trace has an arrow for each that has left the chart.
    """
    figure = live_figure(dark, hovermode="x unified", showlegend=False)
    colors = [SET_LINES[name].color(dark) for name in lines]
    for (name, values), color in zip(lines.items(), colors, strict=True):
        figure.add_scatter(
            x=list(steps), y=list(values), name=name, mode="lines",
            line=dict(color=color, width=2, dash=SET_LINES[name].dash), hovertemplate="%{y:.3g}" + (" (without penalties)" if name == "train" else ""),
        )  # fmt: skip
    ends = [values[-1] for values in lines.values() if len(values)]
    x, y, _ = above([steps[-1]] * len(ends) if ends else [], ends, ceiling)
    figure.add_scatter(
        x=x, y=y, mode="markers", showlegend=False, hoverinfo="skip", cliponaxis=False,
        marker=dict(symbol="triangle-up", size=11, color=colors),
    )  # fmt: skip
    figure.update_xaxes(title_text="updates")
    figure.update_yaxes(title_text="loss", **value_axis(list(itertools.chain(*lines.values())), log_y))
    figure.update_layout(**mark_layout(marks, dark))
    return figure


def above(
    xs: Numbers, ys: Numbers, ceiling: float
) -> tuple[list[float | None], list[float | None], list[float | None]]:
    """Lines' ends that lie above `ceiling`: where their arrows stand on the frame, x and y, and the y of the others."""
    left = [y is not None and y > ceiling for y in ys]
    at = [x if gone else None for x, gone in zip(xs, left, strict=True)]
    inside = [None if gone else y for y, gone in zip(ys, left, strict=True)]
    return at, [ceiling if gone else None for gone in left], inside


def mark_layout(marks: Sequence[Mark], dark: bool) -> dict[str, Any]:
    """A dotted line with a flag at each mark: its number, and when it is pointed at, what was changed."""
    color = "#e39ac4" if dark else "#8f3a6d"  # dark enough to read on white
    return dict(
        shapes=[
            dict(type="line", xref="x", yref="paper", x0=mark.at, x1=mark.at, y0=0, y1=1,
                 line=dict(color=color, width=1, dash="dot"))
            for mark in marks
        ],
        annotations=[
            dict(x=mark.at, y=1, xref="x", yref="paper", text=flag, hovertext=figure_text(mark.text), showarrow=False,
                 xanchor="center", yanchor="top", yshift=-15 * (index % FLAG_ROWS), borderpad=1, bgcolor=color,
                 font=dict(size=12, color=theme.surface(dark)),
                 hoverlabel=dict(bgcolor=theme.surface(dark), bordercolor=color, font=dict(size=12, color=color)))
            for index, (mark, flag) in enumerate(zip(marks, flags(marks), strict=True))
        ],
    )  # fmt: skip


def flags(marks: Sequence[Mark]) -> list[str]:
    """What stands on each mark's flag: a number, from 1 on, where it has no word of its own."""
    number = itertools.count(1)
    return [mark.flag or str(next(number)) for mark in marks]


def last_mark(marks: Sequence[Mark]) -> str:
    """The last numbered mark, in words."""
    numbered = [mark for mark in marks if not mark.flag]
    return f"{len(numbered)}: {numbered[-1].text}" if numbered else ""
