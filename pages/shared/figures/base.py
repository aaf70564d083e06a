"""What all figures share: the empty figure, the scale of losses, and its colour bar.

Arrays go in, Plotly figures come out. No Streamlit here: every function can be tested on `fig.data`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.shown import short_number
from pages.shared.figures import theme
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.packing import Array

MARGIN = dict(l=46, r=12, t=8, b=34, autoexpand=False)
FEW_DECADES = 3  # up to which a logarithmic axis writes out ticks between the powers of ten, as in drawing.js
WRITTEN_OUT = (1e-4, 1e6)  # where such ticks are short: beyond, Plotly's plain form would be 1e-7
FieldGrid = tuple[Array, Array, Array]  # places along x (A,) and y (B,), and values (B, A)


def base_figure(dark: bool, **layout: Any) -> go.Figure:
    figure = go.Figure()
    figure.update_layout(template=theme.template(dark), margin=MARGIN, **layout)
    return figure


def live_figure(dark: bool, **layout: Any) -> Drawing:
    """An empty figure for the live panel."""
    figure = Drawing(dark, margin=MARGIN)
    figure.update_layout(layout)
    return figure


def value_axis(values: Any, log: bool) -> dict[str, str]:
    """An axis for these values, logarithmic or not."""
    if not log:
        return dict(type="linear")
    good = np.asarray(values, float)
    good = good[np.isfinite(good) & (good > 0)]
    is_narrow = good.size > 0 and np.log10(good.max() / good.min()) <= FEW_DECADES
    is_plain = is_narrow and WRITTEN_OUT[0] <= good.min() and good.max() < WRITTEN_OUT[1]
    ticks = dict(dtick="D2") if is_narrow and good.max() > 10 * good.min() else {}
    return dict(type="log", tickformat="~g" if is_plain else "", **ticks)


def numbers(values: Iterable[float], digits: int = 3) -> list[str]:
    """Numbers as the screen writes them, for texts under the pointer: Plotly's own formats have 1e-7 for 10⁻⁷.

    The live panel and drawn views do without: assets/live/powers.js writes theirs.
    """
    return [short_number(float(value), digits) for value in values]


def figure_json(figure: go.Figure | Drawing) -> dict[str, Any]:
    """A figure as plain JSON values."""
    if isinstance(figure, Drawing):
        return figure.json()
    return json.loads(figure.to_json())  # type: ignore[no-any-return]


@dataclass(frozen=True)
class LossScale:
    """How losses become colours and heights: from low to high, in powers of ten or as they are."""

    low: float
    high: float
    log: bool = True

    @classmethod
    def fitting(cls, loss: Array, log: bool = True) -> LossScale | None:
        """A scale for a picture, with rounded ends, so that a live one seldom changes; None where nothing is finite.

        The highest 2 % of the losses have the last colour.
        """
        z = cls(0, 1, log).of(loss)
        z = z[np.isfinite(z)]
        if not z.size:
            return None
        low, high = float(z.min()), float(np.quantile(z, 0.98))
        step = 0.25 if log else max(10.0 ** np.floor(np.log10(max(high - low, 1e-9))) / 2, 1e-9)
        low, high = float(np.floor(low / step) * step), float(np.ceil(high / step) * step)
        return cls(low, max(high, low + step), log)

    def of(self, loss: Array) -> Array:
        """What is drawn for a loss; gaps where nothing can be (a loss that is no finite number, or the log of none)."""
        with np.errstate(all="ignore"):
            z = np.log10(np.asarray(loss, np.float64)) if self.log else np.asarray(loss, np.float64)
        return np.where(np.isfinite(z), z, np.nan)

    def bytes(self, loss: Array) -> Array:
        """Palette entries, one byte a cell: 0 at `low` and for no loss at all, 255 at `high` and for what is no number."""
        share = (self.of(loss) - self.low) / (self.high - self.low)
        share = np.where(np.asarray(loss) == 0, 0.0, share) if self.log else share
        return (np.nan_to_num(share, nan=1.0).clip(0, 1) * 255).astype(np.uint8)

    def colors(self, loss: Array) -> list[float]:
        """Losses as places on the colour bar: what is no number has the last colour."""
        with np.errstate(all="ignore"):
            z = np.log10(np.asarray(loss, np.float64)) if self.log else np.asarray(loss, np.float64)
        return np.nan_to_num(z, nan=self.high, posinf=self.high, neginf=self.low).tolist()  # type: ignore[no-any-return]

    def ticks(self) -> dict[str, Any]:
        """Tick marks of a colour bar, written as losses."""
        values = np.linspace(self.low, self.high, 5)
        if self.log:
            return dict(tickvals=values.tolist(), ticktext=[short_number(10**value, 2) for value in values])
        return dict(tickvals=values.tolist(), ticktext=[short_number(value) for value in values])


def color_bar(scale: LossScale) -> dict[str, Any]:
    return dict(thickness=9, len=1, x=1.01, tickfont=dict(size=12), outlinewidth=0, **scale.ticks())


def add_color_bar(figure: Drawing, scale: LossScale, dark: bool) -> None:
    """A colour bar of losses, as a trace of its own: the field itself may be painted behind the plot."""
    colors = theme.colorscale(theme.sequential(dark))
    figure.add_scatter(
        x=[None], y=[None], mode="markers", hoverinfo="skip", showlegend=False, name="loss",
        marker=dict(color=[scale.low], cmin=scale.low, cmax=scale.high, colorscale=colors, showscale=True,
                    colorbar=color_bar(scale)),
    )  # fmt: skip


def add_contours(figure: Drawing, grid: FieldGrid, scale: LossScale, dark: bool, hover: str) -> None:
    """The exact loss over a plane as contours, in the colours of the scale. `hover` may name %{customdata}, the loss."""
    alphas, betas, loss = grid
    figure.add_contour(
        x=alphas, y=betas, z=scale.of(loss).astype(np.float32), customdata=np.asarray(loss, np.float32),
        colorscale=theme.colorscale(theme.sequential(dark)), zmin=scale.low, zmax=scale.high, showscale=False,
        contours=dict(start=scale.low, end=scale.high, size=(scale.high - scale.low) / 15),
        line=dict(width=0.6, color="rgba(255,255,255,.55)"), hovertemplate=f"{hover}<extra></extra>", hoverongaps=False, zorder=-1,
    )  # fmt: skip
