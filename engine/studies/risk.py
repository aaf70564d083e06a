"""The true risk: what a network's loss is on all points that could come, not only on those in the data set."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from engine.data.load import Dataset
from engine.network.mlp import MLP
from engine.training.meter import right_answers

POINTS = 100_000
SLICE = 10_000  # points that are measured at once


class Estimate(NamedTuple):
    """A mean over fresh points, and its standard error."""

    mean: float
    error: float

    def said(self) -> str:
        """As in 0.348 ± 0.002: one digit of the error, and the mean as far as that digit."""
        if not (math.isfinite(self.mean) and math.isfinite(self.error)):
            return "–"
        digits = 3 if self.error <= 0 else min(12, max(0, -math.floor(math.log10(self.error))))
        return f"{self.mean:.{digits}f} ± {self.error:.{digits}f}"


class Risk(NamedTuple):
    """The true loss, without penalties, and the true share of right answers; None where there are no classes."""

    loss: Estimate
    accuracy: Estimate | None


def true_risk(mlp: MLP, theta: np.ndarray, data: Dataset, points: int = POINTS, seed: int = 0) -> Risk:
    """The risk at parameters theta (P,), from fresh points (Monte Carlo).

    The mean of n independent losses lᵢ has the standard error s/√n, with s² = Σ(lᵢ − l̄)²/(n − 1). `ValueError` for data
    of which no fresh points can be drawn, or for fewer than two points.
    """
    if points < 2:
        raise ValueError(f"The true risk needs at least 2 points, not {points}.")
    X, y = data.fresh(points, seed)
    row = theta[None]
    losses: list[np.ndarray] = []
    rights: list[np.ndarray] = []
    with np.errstate(all="ignore"):
        for start in range(0, points, SLICE):
            part = slice(start, start + SLICE)
            outputs = mlp.forward(row, X[part])
            target = mlp.target(y[part], row.dtype)
            one_by_one = outputs[0][:, None], target[:, None]  # a lane for each point
            each = mlp.loss_function.evaluate(*one_by_one, None)
            losses.append(np.array(each, np.float64))
            if data.task != "regression":
                rights.append(right_answers(mlp, outputs, y[part])[0])
    return Risk(_estimate(losses), _estimate(rights) if rights else None)


def _estimate(parts: list[np.ndarray]) -> Estimate:
    values = np.concatenate(parts)
    with np.errstate(all="ignore"):
        return Estimate(float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values)))
