"""Lines through parameter space, the loss on them, and the barrier between their ends."""

from __future__ import annotations

import numpy as np

from engine.landscape.plane import CHUNK_NUMBERS, losses_at
from engine.network.mlp import MLP


def line_loss(
    mlp: MLP,
    start: np.ndarray,
    end: np.ndarray,
    t: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    **penalties: float,
) -> np.ndarray:
    """The loss (T,) at (1−t)·start + t·end; at t = 0 and t = 1 it is the ends' to the last bit."""
    t = np.asarray(t, start.dtype)
    rows = max(1, CHUNK_NUMBERS // len(start))
    parts = [t[k : k + rows, None] for k in range(0, len(t), rows)]
    return np.concatenate(
        [losses_at(mlp, (1 - part) * start + part * end, X, y, **penalties) for part in parts]
    )


def barrier(t: np.ndarray, losses: np.ndarray) -> tuple[float, float]:
    """Height and place of the barrier on a line whose first and last losses are the ends': how far the loss
    rises above the straight line between them, at most (Frankle et al. 2020, Entezari et al. 2022).
    """
    share = (t - t[0]) / (t[-1] - t[0])
    rise = losses - ((1 - share) * losses[0] + share * losses[-1])
    top = int(np.argmax(rise))
    return float(rise[top]), float(t[top])
