"""The run of the Depth view: deep networks, and the gradient that reaches each of their layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.network.signal import layers
from pages.shared.cards.boundary import boundary_cards
from pages.shared.cards.curves import CurvesCard
from pages.shared.figures.base import live_figure
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.packing import plain
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Part
from pages.shared.live.run import LanesRun, boundary_layout
from pages.units.common import LEAVES


class DepthRun(LanesRun):
    """Lanes with their boundaries, losses, and gradients by layer."""

    leaves: Sequence[str] = LEAVES
    speed = 5

    def make_cards(self) -> None:
        boundaries = boundary_cards(self.view, self.rows_of, self.looks)
        self.cards = [*boundaries, CurvesCard(self), GradientsCard(self)]
        self.layout, self.rows = boundary_layout(len(self.looks), loss=1, gradients=1)


class GradientsCard(PlotCard):
    """The length of ∂loss/∂W of every layer now, a line for each lane."""

    name, title = "gradients", "Gradient by layer"
    alt = "The length of the gradient of each layer's weights now, for every lane"

    def __init__(self, run: LanesRun) -> None:
        self.run = run

    def lengths(self) -> list[list[float]]:
        """Per lane, the length of the gradient of each layer's weights over all training samples."""
        data, experiment = self.run.data, self.run.experiment
        return [
            [layer.gradient for layer in layers(experiment.mlp(row), experiment.theta(row), data.X_train, data.y_train)]
            for row, *_ in self.run.rows_of
        ]  # fmt: skip

    def revision(self) -> str:
        run = self.run
        return f"{run.view.generation}-{run.view.dark}-{run.look_revision}"

    def caption(self) -> str:
        return "length of ∂L/∂W, over all training samples, now"

    def about(self) -> dict[str, Any]:
        looks = self.run.looks
        return dict(streams=list(range(len(looks))), lanes=[look.key for look in looks], grow="y")

    def figure(self) -> Drawing:
        figure = live_figure(self.run.view.dark, showlegend=False, hovermode="closest")
        lengths = self.lengths()
        for look, values in zip(self.run.looks, lengths, strict=True):
            figure.add_scatter(
                x=list(range(1, len(values) + 1)), y=_drawable(values), name=look.said, mode="lines+markers",
                line=dict(color=look.color, width=2), marker=dict(symbol=look.symbol, size=8),
                hovertemplate=f"{look.glyph} {look.said}<br>layer %{{x}}<br>‖∂L/∂W‖ %{{y:.3g}}<extra></extra>",
            )  # fmt: skip
        last = len(lengths[0])
        figure.update_xaxes(title_text="layer (the last is the output)", dtick=1, range=[0.7, last + 0.3])
        figure.update_yaxes(type="log", exponentformat="power")
        return figure

    def frame(self) -> Part:
        lengths = self.lengths()
        x = list(range(1, len(lengths[0]) + 1))
        return dict(set=[[k, x, _drawable(values)] for k, values in enumerate(lengths)])


def _drawable(values: list[float]) -> list[float | None]:
    """Lengths on a logarithmic axis: none where there is no gradient."""
    return plain(np.where(np.array(values) > 0, values, np.nan))
