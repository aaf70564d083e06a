"""The window of a picture of paths: it moves in steps, so that a picture in motion does not tremble."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Window = tuple[float, float, float, float]  # left, right, bottom, top
SIZES = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)  # of a window's height, times powers of ten
MARGIN = 0.08  # of the larger side, kept free all around when a window is made
LEAST = 1e-9  # movement, also as a share of the coordinates, that counts as none
MOST = 1e12  # coordinates beyond are not shown


def window(coordinates: Sequence[np.ndarray], previous: Window | None = None, aspect: float = 1.0) -> Window:
    """Left, right, bottom and top of a window that shows all paths' coordinates (T_i, 2), with some space around.

    Its width is `aspect` times its height, so that both axes may have one scale. Its height is one of SIZES times a power
    of ten and its middle a multiple of an eighth of that, so it moves in steps; `previous` is kept as long as it covers
    everything and is not more than three times as large as it need be. What is not finite, or beyond MOST, does not count.
    `ValueError` for an impossible aspect.
    """
    if not 0.01 <= aspect <= 100:
        raise ValueError(f"A window's width can't be {aspect!r} times its height; choose 0.01 to 100.")
    points = np.concatenate(
        [np.asarray(c, np.float64).reshape(-1, 2) for c in coordinates] or [np.zeros((0, 2))]
    )
    points = points[(np.abs(points) <= MOST).all(axis=1)]
    if not len(points):
        return previous or (-0.5 * aspect, 0.5 * aspect, -0.5, 0.5)
    low, high = points.min(axis=0), points.max(axis=0)
    needed = max((high[0] - low[0]) / aspect, high[1] - low[1])
    is_still = needed <= max(LEAST, LEAST * float(np.abs(points).max()))
    if previous is not None:
        left, right, bottom, top = previous
        covers = left <= low[0] and high[0] <= right and bottom <= low[1] and high[1] <= top
        is_same_shape = abs((right - left) - aspect * (top - bottom)) <= 1e-9 * (right - left)
        if covers and is_same_shape and (is_still or top - bottom <= 3 * (1 + 2 * MARGIN) * needed):
            return previous
    wanted = 1.0 if is_still else (1 + 2 * MARGIN) * needed
    power = 10.0 ** np.floor(np.log10(wanted))
    middle = (low + high) / 2
    for height in (size * unit for unit in (power, 10 * power) for size in SIZES):
        grid = height / 8
        x, y = np.round(middle / grid) * grid
        half = np.array([aspect * height, height]) / 2
        free = MARGIN / 2 * height
        if (
            height >= wanted
            and (np.abs(np.stack([low, high]) - (x, y)) <= half - free * np.array([aspect, 1])).all()
        ):
            break
    return float(x - half[0]), float(x + half[0]), float(y - half[1]), float(y + half[1])
