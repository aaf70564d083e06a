"""A line search for the strong Wolfe conditions: how far to go along a direction that leads down.

With φ(α) the loss at θ + αd, it looks for α > 0 with φ(α) ≤ φ(0) + c₁αφ′(0) (it went down enough) and
|φ′(α)| ≤ c₂|φ′(0)| (it is flat enough there). Source: Nocedal and Wright, Numerical Optimization, algorithms 3.5 and 3.6,
here in one loop: `low` is the best point that went down enough, `high` the other end once a minimum is between them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

C1, C2 = 1e-4, 0.9
MOST_EVALUATIONS = 30
Point = tuple[float, float, float]  # α, φ(α), φ′(α)


def strong_wolfe(
    phi: Callable[[float], tuple[float, float]], value: float, slope: float, first: float
) -> float | None:
    """A step length, or None where no lower point was found. `first` is tried first; a φ(α) that is not finite counts
    as too far. If the evaluations run out, a point that went down enough will do.
    """
    low: Point = (0.0, value, slope)
    high: Point | None = None
    alpha = first
    for _ in range(MOST_EVALUATIONS):
        f, df = phi(alpha)
        if not (f <= value + C1 * alpha * slope and f < low[1]) or not math.isfinite(df):
            high = (alpha, f, df)
        elif abs(df) <= -C2 * slope:
            return alpha
        else:
            if df * (math.inf if high is None else high[0] - low[0]) >= 0:
                high = low
            low = (alpha, f, df)
        if high is None:
            alpha *= 4
        elif abs(high[0] - low[0]) <= 1e-14 * max(high[0], low[0]):
            break
        else:
            alpha = between(low, high)
    return low[0] or None


def between(low: Point, high: Point) -> float:
    """The minimum of the cubic through both ends and their slopes, kept off the ends; the middle where it has none."""
    (a, fa, da), (b, fb, db) = low, high
    width = b - a
    place = 0.5
    if math.isfinite(fb) and math.isfinite(db):
        d1 = da + db - 3 * (fa - fb) / (a - b)
        inside = d1 * d1 - da * db
        if inside >= 0:
            d2 = math.copysign(math.sqrt(inside), width)
            bottom = db - da + 2 * d2
            if bottom != 0:
                place = 1 - (db + d2 - d1) / bottom
    return a + width * (min(max(place, 0.1), 0.9) if math.isfinite(place) else 0.5)
