"""Directions through parameter space: random, along a path, of the curvature, of single weights.

All are float64 rows (P,).
"""

from __future__ import annotations

import numpy as np

from engine.network.hessian import eigenpairs
from engine.network.mlp import MLP


def random_directions(
    mlp: MLP, theta: np.ndarray, rng: np.random.Generator, normalize: str = "filter"
) -> tuple[np.ndarray, np.ndarray]:
    """Two random directions (P,), normalised against theta (P,); biases get zero.

    "filter": each neuron's incoming weights get the length of theta's own (Li et al. 2018, Visualizing the
    Loss Landscape of Neural Nets); "layer": each layer's weights as a whole; "none": as drawn, standard
    normal. Weights that are all zero get a direction of zero, as there is no length to give it.
    """
    if normalize not in ("filter", "layer", "none"):
        raise ValueError(f"normalize is {normalize!r}; choose filter, layer or none.")
    along = 0 if normalize == "filter" else None
    own = mlp.unflatten(np.asarray(theta, np.float64)[None])
    result = []
    for _ in range(2):
        direction = rng.standard_normal((1, mlp.parameter_count))
        for (W, b), (W_own, _) in zip(mlp.unflatten(direction), own, strict=True):
            b[:] = 0
            if normalize != "none":
                length = np.linalg.norm(W_own[0], axis=along, keepdims=True)
                W[0] *= length / np.linalg.norm(W[0], axis=along, keepdims=True)
        result.append(direction[0])
    return result[0], result[1]


def path_directions(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The two main directions of a path (T, P) about its mean: d₁, d₂ (unit, orthogonal), explained variance
    (2,).

    The explained variance is each direction's share of the path's total variance, 0 to 1. Signs are chosen
    so that the path ends further along each direction than it began. A path without two dimensions is filled
    up with any orthogonal directions, whose share is 0.
    """
    points = np.asarray(points, np.float64)
    centred = points - points.mean(axis=0)
    _, singular, rows = np.linalg.svd(centred, full_matrices=False)
    count = int((singular[:2] > singular[0] * 1e-12).sum()) if len(singular) else 0
    directions = list(rows[:count])
    for unit in np.eye(min(3, points.shape[1]), points.shape[1]):
        if len(directions) < 2:
            rest = unit - sum(
                (direction * (direction @ unit) for direction in directions), np.zeros_like(unit)
            )
            if (size := np.linalg.norm(rest)) > 0.5:
                directions.append(rest / size)
    while len(directions) < 2:  # a space of one dimension
        directions.append(np.zeros(points.shape[1]))
    shares = np.zeros(2)
    shares[:count] = singular[:count] ** 2 / ((singular**2).sum() or 1.0)
    signs = [1.0 if (points[-1] - points[0]) @ direction >= 0 else -1.0 for direction in directions]
    return directions[0] * signs[0], directions[1] * signs[1], shares


def hessian_directions(
    mlp: MLP, theta: np.ndarray, X: np.ndarray, y: np.ndarray, which: str = "leading", **penalties: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two eigenvectors of the Hessian at theta (P,), unit and orthogonal, and their eigenvalues (2,).

    "leading": of the two largest eigenvalues, the sharpest valley walls. "extremes": of the largest and the
    smallest; where that one is negative, the point is no minimum. The sign is chosen so that the largest
    component is positive.
    """
    if which not in ("leading", "extremes"):
        raise ValueError(f"which is {which!r}; choose leading or extremes.")
    values, vectors = eigenpairs(mlp, theta, X, y, **penalties)
    chosen = [-1, -2 if which == "leading" else 0]
    d1, d2 = (row * np.sign(row[np.argmax(np.abs(row))]) for row in vectors[chosen])
    return d1, d2, values[chosen]


def coordinate_directions(parameters: int, first: int, second: int) -> tuple[np.ndarray, np.ndarray]:
    """The directions of two single parameters, by their places in the row: the plane of any two weights."""
    for index in (first, second):
        if not 0 <= index < parameters:
            raise ValueError(f"There is no parameter {index!r}; choose 0 to {parameters - 1}.")
    if first == second:
        raise ValueError(f"Both parameters are {first}; choose two different ones.")
    d1, d2 = np.zeros(parameters), np.zeros(parameters)
    d1[first] = d2[second] = 1.0
    return d1, d2


def weight_index(mlp: MLP, layer: int, source: int, target: int) -> int:
    """The place in the row of the weight from neuron `source` to neuron `target` of `layer`, all from 0."""
    names = np.arange(mlp.parameter_count, dtype=np.float64)[None]
    W, _ = mlp.unflatten(names)[layer]
    return int(W[0, source, target])


def permute_units(mlp: MLP, theta: np.ndarray, layer: int, order: np.ndarray) -> np.ndarray:
    """theta (P,) with the neurons of hidden `layer` (from 0) reordered: another point, the same function."""
    result = np.array(theta)[None]
    views, old = mlp.unflatten(result), mlp.unflatten(np.array(theta)[None])
    views[layer][0][:] = old[layer][0][:, :, order]
    views[layer][1][:] = old[layer][1][:, :, order]
    views[layer + 1][0][:] = old[layer + 1][0][:, order]
    permuted: np.ndarray = result[0]
    return permuted
