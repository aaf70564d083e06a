"""The run of the Activations view: functions with their slopes, and where a network's own sums lie under them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from engine import ACTIVATIONS, ExperimentConfig
from engine.data.load import Dataset
from engine.network.signal import SATURATED, Layer, layers
from pages.shared.cards.curves import CurvesCard
from pages.shared.figures import theme
from pages.shared.figures.base import live_figure
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.looks import LaneLook
from pages.shared.figures.packing import Array
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Part, Rest
from pages.shared.live.run import LanesRun
from pages.units.common import LEAVES

FAR, BINS = 6.0, 48  # how far charts reach on either side of 0; what lies beyond is in the outermost bins
EDGES = np.linspace(-FAR, FAR, BINS + 1)
GRID = np.linspace(-FAR, FAR, 481)


def curve(name: str, z: Array) -> tuple[Array, Array]:
    """φ and φ′ at the places z."""
    act = ACTIVATIONS[name]
    a, slope = np.empty_like(z), np.empty_like(z)
    act.value(z, a)
    act.slope(z, a, slope)
    return a, slope


def flat_ranges(name: str) -> list[tuple[float, float]]:
    """Where within the charts |φ′| is below 0.1."""
    flat = np.abs(curve(name, GRID)[1]) < SATURATED
    turns = np.flatnonzero(np.diff(np.concatenate([[False], flat, [False]]).astype(int)))
    return [(float(GRID[a]), float(GRID[b - 1])) for a, b in turns.reshape(-1, 2)]


class ActivationsRun(LanesRun):
    """Up to four lanes that differ in their activation: functions, slopes and losses above, sums below."""

    leaves: Sequence[str] = LEAVES
    speed = 5

    def __init__(self, config: ExperimentConfig, data: Dataset, dark: bool) -> None:
        self.names = [config.lane(k).network.activations[0] for k in range(len(config.lanes))]  # type: ignore[union-attr]
        super().__init__(config, data, dark)

    def begin(self) -> None:
        self._known: dict[int, tuple[Hashable, list[Layer]]] = {}
        super().begin()

    def hidden(self, row: int) -> list[Layer]:
        """The hidden layers of a lane now, on all training samples; worked out once for each state of the weights."""
        now = (self.experiment.lanes[row].updates, self.view.generation, self.view.changes)
        if row not in self._known or self._known[row][0] != now:
            X, y = self.data.X_train, self.data.y_train
            self._known[row] = now, layers(self.experiment.mlp(row), self.experiment.theta(row), X, y)[:-1]
        return self._known[row][1]

    def make_cards(self) -> None:
        sums = [SumsCard(self, k, look) for k, look in enumerate(self.looks)]
        self.cards = [FunctionsCard(self), SlopesCard(self), CurvesCard(self), *sums]
        each = 12 // len(sums)
        above = " ".join(name for name in ("functions", "slopes", "loss") for _ in range(4))
        below = " ".join(f"lane{k}" for k in range(len(sums)) for _ in range(each))
        self.layout, self.rows = f'"{above}" "{below}"', "1fr 1fr"


class FunctionsCard(PlotCard):
    """The functions over z."""

    name, title, which = "functions", "φ(z)", 0
    alt = "The chosen activation functions against z"

    def __init__(self, run: ActivationsRun) -> None:
        self.run = run

    def revision(self) -> str:
        return f"{self.run.view.dark}-{self.run.look_revision}"

    def about(self) -> dict[str, Any]:
        return dict(lanes=[look.key for look in self.run.looks])

    def figure(self) -> Drawing:
        figure = live_figure(self.run.view.dark, showlegend=False, hovermode="closest")
        for name, look in zip(self.run.names, self.run.looks, strict=True):
            figure.add_scatter(
                x=GRID.tolist(), y=curve(name, GRID)[self.which].tolist(), mode="lines", line=dict(color=look.color, width=2.5),
                name=look.said, hovertemplate=f"{look.glyph} {look.said}<br>z %{{x:.3g}}<br>{self.title} %{{y:.3g}}<extra></extra>",
            )  # fmt: skip
        figure.update_xaxes(title_text="z", range=[-FAR, FAR])
        figure.update_yaxes(range=[-2.2, 3.2])
        return figure

    def rest(self) -> Rest | None:
        return None


class SlopesCard(FunctionsCard):
    """Their slopes."""

    name, title, which = "slopes", "φ′(z)", 1
    alt = "The slopes of the chosen activation functions against z"

    def caption(self) -> str:
        return "what δ is multiplied by · dotted: 0.1"

    def figure(self) -> Drawing:
        figure = super().figure()
        figure.add_shape(
            type="line",
            x0=-FAR,
            x1=FAR,
            y0=SATURATED,
            y1=SATURATED,
            line=dict(dash="dot", width=1.5, color="#7d8790"),
        )
        figure.update_yaxes(range=[-0.35, 1.35])
        return figure


class SumsCard(PlotCard):
    """Where the sums z of one lane lie, layer by layer, over the range in which its slope is nearly 0."""

    def __init__(self, run: ActivationsRun, row: int, look: LaneLook) -> None:
        self.run, self.row, self.look = run, row, look
        self.name, self.area = f"sums:{look.key}", f"lane{look.key}"
        self.title = f"z in {look.name}"
        self.alt = f"Histogram of z in each layer of the network with {look.name}, over all training samples"

    def revision(self) -> str:
        run = self.run
        return f"{run.view.generation}-{run.view.dark}-{run.look_revision}"

    def about(self) -> dict[str, Any]:
        return self.look.card() | dict(
            title=self.title, grow="y", streams=list(range(len(self.run.hidden(self.row))))
        )

    def caption(self) -> str:
        """The share of units and samples with hardly any slope, by layer."""
        found = self.run.hidden(self.row)
        return "|φ′| < 0.1: " + " · ".join(f"{100 * layer.saturated:.0f} %" for layer in found)

    def heights(self) -> list[list[float]]:
        """The share of the sums in each bin, by layer."""
        found = []
        for layer in self.run.hidden(self.row):
            z = np.clip(np.nan_to_num(layer.z, nan=FAR), -FAR, FAR)
            found.append((np.histogram(z, EDGES)[0] / max(z.size, 1)).tolist())
        return found

    def figure(self) -> Drawing:
        dark = self.run.view.dark
        heights = self.heights()
        figure = live_figure(
            dark,
            showlegend=len(heights) > 1,
            hovermode="closest",
            legend=dict(x=1, xanchor="right", y=1.02, yanchor="top"),
        )
        shades = theme.ramp([self.look.color, "#7d8790"], max(2, len(heights)))
        for k, values in enumerate(heights):
            r, g, b = shades[k]
            figure.add_scatter(
                x=((EDGES[1:] + EDGES[:-1]) / 2).tolist(), y=values, mode="lines", name=f"layer {k + 1}",
                line=dict(color=f"rgb({r},{g},{b})", width=2, shape="hvh", dash=("solid", "dash", "dot")[k % 3]),
                hovertemplate=f"layer {k + 1}<br>z near %{{x:.2f}}: %{{y:.1%}}<extra></extra>",
            )  # fmt: skip
        for low, high in flat_ranges(self.run.names[self.row]):
            figure.add_shape(
                type="rect",
                x0=low,
                x1=high,
                y0=0,
                y1=1,
                yref="paper",
                line=dict(width=0),
                fillcolor="rgba(125,135,144,.22)",
                layer="below",
            )
        figure.update_xaxes(title_text="z · grey: |φ′| < 0.1", range=[-FAR, FAR])
        figure.update_yaxes(tickformat=".0%", rangemode="tozero")
        return figure

    def frame(self) -> Part:
        x = ((EDGES[1:] + EDGES[:-1]) / 2).tolist()
        return dict(set=[[k, x, values] for k, values in enumerate(self.heights())], caption=self.caption())
