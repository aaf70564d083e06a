"""How rough a slice of the loss is: plateaus, valleys, and how little it is a bowl."""

from __future__ import annotations

import numpy as np

from engine.landscape.plane import axis


def flat_share(loss: np.ndarray, alphas: np.ndarray, betas: np.ndarray, slope: float = 0.003) -> float:
    """The share of a slice's cells where it falls by less than `slope` a unit, in any direction."""
    down, across = np.gradient(np.asarray(loss, np.float64), betas, alphas)
    return float((np.hypot(down, across) < slope).mean())


def bowl_residual(loss: np.ndarray) -> float:
    """How little a slice is a bowl: the share of its variance that no paraboloid explains, 0 to 1."""
    rows, columns = (axis(1, size) for size in loss.shape)
    a, b = (grid.reshape(-1) for grid in np.meshgrid(columns, rows))
    terms = np.stack([np.ones_like(a), a, b, a * a, a * b, b * b], axis=1)
    z = np.asarray(loss, np.float64).reshape(-1)
    rest = z - terms @ np.linalg.lstsq(terms, z, rcond=None)[0]
    return float(rest @ rest / ((z - z.mean()) ** 2).sum())


def valleys(loss: np.ndarray) -> int:
    """How many inner cells of a slice lie below all eight neighbours."""
    inner = loss[1:-1, 1:-1]
    lower = np.ones(inner.shape, bool)
    for i in range(3):
        for j in range(3):
            if (i, j) != (1, 1):
                lower &= inner < loss[i : i + inner.shape[0], j : j + inner.shape[1]]
    return int(lower.sum())
