"""The loss surface of a network: planes through parameter space, directions, projections.

A slice is many lanes: rows origin + α·d₁ + β·d₂. Directions need be neither orthogonal nor unit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.network import MLP


@dataclass(frozen=True, eq=False)
class Plane:
    """The plane origin + α·d₁ + β·d₂, each a row of length P. `ValueError` if d₁ and d₂ do not span a plane."""

    origin: np.ndarray
    d1: np.ndarray
    d2: np.ndarray

    def points(self, alphas: np.ndarray, betas: np.ndarray) -> np.ndarray:
        """(len(betas)·len(alphas), P): row by row, α fastest. At α = β = 0 it is the origin to the last bit."""
        dtype = self.origin.dtype
        a, b = np.meshgrid(np.asarray(alphas, dtype), np.asarray(betas, dtype))
        return self.origin + a.reshape(-1, 1) * self.d1.astype(dtype) + b.reshape(-1, 1) * self.d2.astype(dtype)

    def loss(self, mlp: MLP, alphas: np.ndarray, betas: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The data loss (len(betas), len(alphas)), computed a few rows at a time: memory stays bounded."""
        out = np.empty((len(betas), len(alphas)), self.origin.dtype)
        rows = max(1, 512 // max(1, len(alphas)))
        for start in range(0, len(betas), rows):
            part = np.asarray(betas)[start : start + rows]
            out[start : start + rows] = mlp.loss(self.points(alphas, part), X, y).reshape(len(part), -1)
        return out

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Least-squares coordinates (T, 2) of `points` (T, P), and their distances (T,) from the plane.

        min over (α, β) of |p − origin − αd₁ − βd₂|²; not dot products, which err on directions that are not
        orthogonal or not of unit length.
        """
        directions = np.stack([self.d1, self.d2], axis=1).astype(np.float64)
        offsets = points.astype(np.float64) - self.origin.astype(np.float64)
        coordinates = np.linalg.lstsq(directions, offsets.T, rcond=None)[0].T
        return coordinates, np.linalg.norm(offsets - coordinates @ directions.T, axis=1)


def random_directions(
    mlp: MLP, theta: np.ndarray, rng: np.random.Generator, normalize: str = "filter"
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Two random directions (P,), normalised against theta (P,); biases get zero.

    "filter": each neuron's incoming weights get the length of theta's own (Li et al. 2018, Visualizing the Loss
    Landscape of Neural Nets); "layer": each layer's weights as a whole; "none": as drawn, standard normal.
    """
    if normalize not in ("filter", "layer", "none"):
        raise ValueError(f"normalize is {normalize!r}; choose filter, layer or none.")
    result = []
    for _ in range(2):
        direction = rng.standard_normal(mlp.parameter_count)
        for W, b, fan_in, fan_out in mlp.slots:
            direction[b] = 0
            if normalize == "none":
                continue
            axis = 0 if normalize == "filter" else None
            drawn = direction[W].reshape(fan_in, fan_out)
            own = theta[W].astype(np.float64).reshape(fan_in, fan_out)
            size = np.linalg.norm(drawn, axis=axis, keepdims=True)
            drawn *= np.linalg.norm(own, axis=axis, keepdims=True) / np.maximum(size, 1e-12)
        result.append(direction)
    return result[0], result[1]


def path_directions(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The two main directions of a path (T, P) about its mean: d₁, d₂ (unit, orthogonal), explained variance (2,).

    The explained variance is each direction's share of the path's total variance, 0 to 1.
    """
    centred = points.astype(np.float64) - points.astype(np.float64).mean(axis=0)
    _, singular, rows = np.linalg.svd(centred, full_matrices=False)
    total = float((singular**2).sum()) or 1.0
    return rows[0], rows[1], singular[:2] ** 2 / total
