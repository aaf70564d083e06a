"""Which labellings of points one line can make, and which two: the smallest network whose weights are hard to learn.

Cover's count: N points in general position in d dimensions (no d + 1 of them on one hyperplane) have

    C(N, d) = 2 Σₖ₌₀ᵈ binom(N − 1, k)

labellings, of 2ᴺ, that some hyperplane makes: for fixed d a polynomial of N of degree d. A network of three threshold nodes,
two half-spaces and their AND, is found by trying all pairs, about C²/2 of them. To check one answer takes 2N signs. In
the plane that is quick; with d among the inputs it is not, and no method is known that is quick for all inputs.

A labelling is a whole number whose bit k is the label of point k. Sources: Cover (1965); Blum and Rivest (1992) for the
NP-hardness of three nodes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]
Line = tuple[float, float, float]
ON = 1e-9  # a point nearer to a line than this lies on it


def cover(points: int, dimensions: int) -> int:
    """How many labellings of points in general position one hyperplane makes; 1 for no points."""
    if points < 1:
        return 1
    return 2 * sum(math.comb(points - 1, k) for k in range(dimensions + 1))


def side(line: Line, point: Point) -> float:
    """ax + by + c: positive on one side of the line, 0 on it."""
    a, b, c = line
    return a * point[0] + b * point[1] + c


def labelling(line: Line, points: Sequence[Point]) -> int:
    """The points on the positive side of a line ax + by + c = 0."""
    return sum(1 << k for k, point in enumerate(points) if side(line, point) > 0)


def dichotomies(points: Sequence[Point]) -> dict[int, Line]:
    """Every labelling that a line makes, rising, each with the line of the widest margin that was met.

    Any separating line can be moved until it goes through two points. So all lines through two points are tried, turned a
    little about a place between those that lie on them, both ways: what is on the line is cut in two there. Points may be
    in any position, on one line or at one place.
    """
    everything = (1 << len(points)) - 1
    found: dict[int, tuple[float, Line]] = {}
    for line in ((0.0, 0.0, 1.0), (0.0, 0.0, -1.0)):
        found[labelling(line, points) & everything] = (0.0, line)
    for i, first in enumerate(points):
        for second in points[i + 1 :]:
            for line in _turned(first, second, points):
                _keep(found, line, points)
    return {label: found[label][1] for label in sorted(found)}


def _keep(found: dict[int, tuple[float, Line]], line: Line, points: Sequence[Point]) -> None:
    margin = min(abs(side(line, point)) for point in points) / math.hypot(line[0], line[1])
    label = labelling(line, points)
    if label not in found or margin > found[label][0]:
        found[label] = (margin, line)


def _turned(first: Point, second: Point, points: Sequence[Point]) -> list[Line]:
    """The line through two points, turned about each place between (and beyond) the points on it, with both its sides."""
    length = math.dist(first, second)
    if length < ON:
        return []
    ux, uy = (second[0] - first[0]) / length, (second[1] - first[1]) / length
    along = [ux * (x - first[0]) + uy * (y - first[1]) for x, y in points]
    across = [-uy * (x - first[0]) + ux * (y - first[1]) for x, y in points]
    on = sorted(t for t, s in zip(along, across, strict=True) if abs(s) <= ON)
    nearest = min((abs(s) for s in across if abs(s) > ON), default=1.0)
    cuts = [on[0] - 1, *((a + b) / 2 for a, b in pairwise(on) if b - a > ON), on[-1] + 1]
    lines = []
    for cut in cuts:
        tilt = nearest / 2 / max(abs(t - cut) for t in along)
        for turn in (tilt, -tilt):
            a, b = -uy + turn * ux, ux + turn * uy
            c = -(a * (first[0] + cut * ux) + b * (first[1] + cut * uy))
            lines += [(a, b, c), (-a, -b, -c)]
    return lines


def pairs(count: int) -> int:
    """How many unordered pairs of `count` labellings there are, one with itself among them."""
    return count * (count + 1) // 2


def first_answer(labels: Sequence[int], wanted: int) -> tuple[int, tuple[int, int] | None]:
    """How many pairs of half-planes are tried until their AND is `wanted`, and which pair that is; None if no pair is."""
    tried = 0
    for i, one in enumerate(labels):
        for other in labels[i:]:
            tried += 1
            if one & other == wanted:
                return tried, (one, other)
    return tried, None


def reachable(labels: Sequence[int]) -> int:
    """How many labellings are the AND of two half-planes."""
    return len({one & other for i, one in enumerate(labels) for other in labels[i:]})
