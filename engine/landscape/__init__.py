"""The loss surface: planes and lines through weights, directions, what a point is."""

from engine.landscape.curvature import curvature_at
from engine.landscape.directions import (
    coordinate_directions,
    hessian_directions,
    path_directions,
    permute_units,
    random_directions,
    weight_index,
)
from engine.landscape.line import barrier, line_loss
from engine.landscape.plane import Plane, Refinement, axis, losses_at

__all__ = [
    "Plane", "Refinement", "axis", "barrier", "coordinate_directions", "curvature_at", "hessian_directions", "line_loss",
    "losses_at", "path_directions", "permute_units", "random_directions", "weight_index",
]  # fmt: skip
