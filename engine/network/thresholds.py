"""Threshold units in the plane: which labellings of points one line gives, and what two lines and a gate give.

A unit puts out [w·x + b ≥ 0]. Of N points in general position in d dimensions one unit can give

    C(N, d) = 2 Σ_{k=0}^{d} C(N − 1, k)

of the 2ᴺ labellings: 14 of 16 for four points of the plane, all but XOR and its opposite.
Source: Cover (1965), Geometrical and statistical properties of systems of linear inequalities.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

# v₁, v₂, c of the output unit [v₁h₁ + v₂h₂ + c ≥ 0]
GATES: dict[str, tuple[float, float, float]] = {
    "one": (1.0, 0.0, -0.5),
    "and": (1.0, 1.0, -1.5),
    "or": (1.0, 1.0, -0.5),
    "nand": (-1.0, -1.0, 1.5),
    "nor": (-1.0, -1.0, 0.5),
    "but": (1.0, -1.0, -0.5),
}


class Line(NamedTuple):
    """w·x + b = 0; the unit is on where w·x + b ≥ 0."""

    w: tuple[float, float]
    b: float


def cover(points: int, dimensions: int = 2) -> int:
    """How many labellings of points in general position one unit can give."""
    return 2 * sum(math.comb(points - 1, k) for k in range(dimensions + 1))


def separable(points: np.ndarray) -> dict[int, Line]:
    """All labellings of points (N, 2) that one line gives, each with a line; bit k of a labelling is the label of point k.

    Turned through all directions, the order of the points along them changes only where two of them are level. In each
    order the points beyond a gap are one class; so all lines are found, for points on one line too.
    """
    points = np.asarray(points, float)
    everyone = (1 << len(points)) - 1
    found = {0: Line((0.0, 0.0), -1.0), everyone: Line((0.0, 0.0), 1.0)}
    for angle in _directions(points):
        w = np.array([math.cos(angle), math.sin(angle)])
        along = points @ w
        order = np.argsort(along)
        for cut in range(1, len(points)):
            low, high = along[order[cut - 1]], along[order[cut]]
            if high - low < 1e-9:
                continue
            labelling = sum(1 << int(k) for k in order[cut:])
            found.setdefault(labelling, Line((float(w[0]), float(w[1])), float(-(low + high) / 2)))
            found.setdefault(
                everyone - labelling, Line((float(-w[0]), float(-w[1])), float((low + high) / 2))
            )
    return found


def _directions(points: np.ndarray) -> list[float]:
    """One angle between each two neighbours of those at which two points are level."""
    level = {0.0}
    for k, one in enumerate(points):
        for other in points[:k]:
            dx, dy = one - other
            if dx or dy:
                level.add((math.atan2(dy, dx) + math.pi / 2) % math.pi)
    turns = sorted(level)
    return [
        (a + b) / 2 for a, b in zip(turns, [*turns[1:], turns[0] + math.pi], strict=True) if b - a > 1e-12
    ]


class Passed(NamedTuple):
    """What one point becomes: the sums of both lines, their units, the sum of the gate, and the output."""

    z: tuple[float, float]
    h: tuple[int, int]
    sum: float
    output: int


def through(point: tuple[float, float], lines: tuple[Line, Line], gate: str) -> Passed:
    """One point through two lines and a gate."""
    z1, z2 = (line.w[0] * point[0] + line.w[1] * point[1] + line.b for line in lines)
    h1, h2 = int(z1 >= 0), int(z2 >= 0)
    v1, v2, c = GATES[gate]
    total = v1 * h1 + v2 * h2 + c
    return Passed((z1, z2), (h1, h2), total, int(total >= 0))


def line_through(p: tuple[float, float], q: tuple[float, float]) -> Line:
    """The line from p to q; the unit is on to the left of it."""
    w = (p[1] - q[1], q[0] - p[0])
    return Line(w, -(w[0] * p[0] + w[1] * p[1]))
