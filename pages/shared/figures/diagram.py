"""A network as a picture that needs no script: layers from left to right, a line for each weight, its value to be pointed at."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np

from engine.shown import short_number
from pages.shared.figures import theme
from pages.shared.figures.packing import Array

WIDTH, HEIGHT, EDGE, RADIUS = 900, 420, 60, 9
THICKEST = 4.0


def network_svg(
    layers: Sequence[Sequence[str]], headings: Sequence[str], weights: Sequence[tuple[Array, Array]]
) -> str:
    """`layers` are the names of the neurons, `weights` the matrices (n, m) and biases (m,) between each two of them.

    A line is as thick as its weight's size among those of its layer; orange and dashed where it is negative.
    """
    across = np.linspace(EDGE, WIDTH - EDGE, len(layers))
    places = [[(x, y) for y in _heights(len(names))] for x, names in zip(across, layers, strict=True)]
    lines = [
        _line(places[k][i], places[k + 1][j], float(W[i, j]), float(np.abs(W).max()), f"{layers[k][i]} to {layers[k + 1][j]}")
        for k, (W, _) in enumerate(weights)
        for i in range(W.shape[0])
        for j in range(W.shape[1])
        if W[i, j]
    ]  # fmt: skip
    dots = []
    for k, (names, column) in enumerate(zip(layers, places, strict=True)):
        for j, (name, (x, y)) in enumerate(zip(names, column, strict=True)):
            bias = f", bias {short_number(float(weights[k - 1][1][j]))}" if k else ""
            dots.append(f'<circle cx="{x:.0f}" cy="{y:.1f}" r="{RADIUS}" fill="#fff" stroke="#3c4a57"><title>{html.escape(name + bias)}</title></circle>')  # fmt: skip
    heads = [
        f'<text x="{x:.0f}" y="16" text-anchor="middle" font-size="13">{html.escape(text)}</text>'
        for x, text in zip(across, headings, strict=True)
    ]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="The network: its neurons, and its weights as lines">'
        f"{''.join(heads)}{''.join(lines)}{''.join(dots)}</svg>"
    )


def _heights(count: int) -> Array:
    return np.linspace(EDGE, HEIGHT - EDGE / 2, count) if count > 1 else np.array([(HEIGHT + EDGE / 2) / 2])


def _line(
    start: tuple[float, float], end: tuple[float, float], weight: float, largest: float, name: str
) -> str:
    color, dash = (theme.POSITIVE, "") if weight > 0 else (theme.NEGATIVE, ' stroke-dasharray="5 3"')
    thick = max(0.3, THICKEST * abs(weight) / largest) if np.isfinite(weight) else THICKEST
    return (
        f'<line x1="{start[0]:.0f}" y1="{start[1]:.1f}" x2="{end[0]:.0f}" y2="{end[1]:.1f}" stroke="{color}" '
        f'stroke-width="{thick:.2f}"{dash} opacity=".7"><title>{html.escape(name)}: {short_number(weight)}</title></line>'
    )
