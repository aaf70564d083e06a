"""The loss surface: planes and lines through weights, directions, what a point is."""

from engine.landscape.plane import (
    Plane,
    Refinement,
    axis,
    barrier,
    coordinate_directions,
    curvature_at,
    hessian_directions,
    line_loss,
    losses_at,
    path_directions,
    permute_units,
    plane_through,
    random_directions,
    weight_index,
)

__all__ = [
    "Plane", "Refinement", "axis", "barrier", "coordinate_directions", "curvature_at", "hessian_directions", "line_loss",
    "losses_at", "path_directions", "permute_units", "plane_through", "random_directions", "weight_index",
]  # fmt: skip
