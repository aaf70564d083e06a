"""Colours, palettes and the Plotly template, for light and dark. Colour-blind safe (Okabe and Ito 2008)."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

LANE_COLORS = {
    False: ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#6b6b6b", "#b8a800"),
    True: ("#56b4e9", "#ff8c3a", "#2fc79b", "#e39ac4", "#f0b429", "#4a90d9", "#a9a9a9", "#e6d84b"),
}
CLASS_COLORS = (
    "#e07b28", "#2f7fc1", "#1e9e77", "#cc79a7", "#8a6fb5", "#c9a400", "#56b4e9", "#7a7a7a", "#a0522d", "#5b8c2a",
)  # fmt: skip
NEGATIVE, POSITIVE = "#e07b28", "#2f7fc1"  # class 0 and 1, negative and positive: orange and blue
CHOSEN = "#d6249f"  # what is picked, on any ground
SYMBOLS = (
    "circle",
    "square",
    "diamond",
    "triangle-up",
    "cross",
    "x",
    "star",
    "hexagon",
    "pentagon",
    "bowtie",
)
CONFIDENCE_LEVELS = 25  # shades per class: ten classes fit in one byte


def rgb(color: str) -> np.ndarray:
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], dtype=float)


def darker(color: str, share: float = 0.55) -> str:
    """A colour with less light."""
    return "#" + "".join(f"{round(share * part):02x}" for part in rgb(color))


def ramp(colors: list[str], steps: int) -> np.ndarray:
    """`steps` colours evenly spaced along `colors`, as uint8 (steps, 3)."""
    anchors = np.array([rgb(color) for color in colors])
    at = np.linspace(0, len(colors) - 1, steps)
    return np.stack(
        [np.interp(at, np.arange(len(colors)), anchors[:, k]) for k in range(3)], axis=1
    ).round().astype(np.uint8)  # fmt: skip


def surface(dark: bool) -> str:
    return "#0f161d" if dark else "#ffffff"


def middle(dark: bool) -> str:
    return "#26313b" if dark else "#f4f4f2"


def diverging(dark: bool) -> list[str]:
    """Negative to positive: orange, neutral, blue."""
    return [NEGATIVE, middle(dark), POSITIVE]


def one_class(index: int, dark: bool) -> list[str]:
    """A class's output, negative to positive: grey, neutral, the class's colour."""
    return ["#8b949c", middle(dark), CLASS_COLORS[index]]


def sequential(dark: bool) -> list[str]:
    """Low to high loss: the viridis ramp, even in lightness, so readable in grey and by colour-blind eyes."""
    return ["#440154", "#414487", "#2a788e", "#22a884", "#7ad151", "#fde725"]


def class_palette(classes: int, dark: bool) -> np.ndarray:
    """(256, 3): entry `class * CONFIDENCE_LEVELS + level`, from neutral to the class's own colour."""
    palette = np.zeros((256, 3), dtype=np.uint8)
    for k in range(classes):
        shades = ramp([middle(dark), CLASS_COLORS[k]], CONFIDENCE_LEVELS)
        palette[k * CONFIDENCE_LEVELS : (k + 1) * CONFIDENCE_LEVELS] = shades
    return palette


def colorscale(colors: list[str]) -> list[list[Any]]:
    return [[i / (len(colors) - 1), color] for i, color in enumerate(colors)]


def template(dark: bool) -> go.layout.Template:
    """Quiet axes on a transparent ground, so that a card or a painted field shows through."""
    ink, grid = ("#c9d4de", "#2b3947") if dark else ("#3c4a57", "#e3e8ed")
    axis = dict(
        gridcolor=grid, zerolinecolor=grid, linecolor=grid, ticks="outside", ticklen=3, tickcolor=grid,
        title=dict(font=dict(size=12), standoff=4), tickfont=dict(size=12), automargin=False,
        exponentformat="power", minexponent=4,
    )  # fmt: skip
    return go.layout.Template(
        layout=dict(
            paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
            font=dict(family="'Source Sans', 'Source Sans Pro', system-ui, sans-serif", size=12, color=ink),
            colorway=list(LANE_COLORS[dark]), xaxis=axis, yaxis=axis,
            legend=dict(orientation="h", x=1, xanchor="right", y=1, yanchor="top", font=dict(size=12),
                        bgcolor="rgba(0,0,0,0)"),
            hoverlabel=dict(font=dict(size=12)), dragmode="pan",
            modebar=dict(bgcolor="rgba(0,0,0,0)", color=ink, orientation="v"),
        )
    )  # fmt: skip
