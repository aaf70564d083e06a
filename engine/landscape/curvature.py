"""The curvature of the loss at places of a plane."""

from __future__ import annotations

import numpy as np

from engine.landscape.plane import CHUNK_NUMBERS, Plane
from engine.network.hessian import extremes
from engine.network.mlp import MLP


def curvature_at(
    mlp: MLP,
    plane: Plane,
    coordinates: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    steps: int = 20,
    **penalties: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest eigenvalue of the Hessian, (K,) each, at `coordinates` (K, 2) of the plane; of the loss
    with penalties if given.

    Over a grid this is a map of curvature: where |λmin/λmax| is near zero the surface is convex, whatever the
    slice looks like (Li et al. 2018).
    """
    a, b = np.asarray(coordinates, np.float64).T
    points = plane.at(a, b, np.empty((2, len(a), len(plane.origin)), plane.origin.dtype))
    rows = max(1, (CHUNK_NUMBERS << 4) // (steps * points.shape[1]))
    parts = [
        extremes(mlp, points[k : k + rows], X, y, steps, **penalties) for k in range(0, len(points), rows)
    ]
    low, high = (np.concatenate(values) for values in zip(*parts, strict=True))
    return low, high
