"""A path in a plane, honestly: where the plane shows it, how far off it really is, and where the picture misleads.

A point p of the path is drawn at its foot q = origin + α d₁ + β d₂, the nearest place of the plane. The picture shows
L(q), the network's loss is L(p); nothing makes the two agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.landscape.plane import Plane, losses_at
from engine.network.mlp import MLP
from engine.shown import short_number

MISLEADING = 0.1  # the share by which picture and truth may differ


@dataclass(frozen=True, eq=False)
class PathOnPlane:
    """Coordinates (T, 2), distances from the plane (T,), the losses shown there and the true ones (T,).

    `explained` is the share of the path's variance about its mean that lies along the plane, 0 to 1.
    """

    coordinates: np.ndarray
    distances: np.ndarray
    shown: np.ndarray
    true: np.ndarray
    explained: float

    @property
    def error(self) -> np.ndarray:
        """|shown − true| / true (T,); infinite where only one of the two is a finite number."""
        with np.errstate(all="ignore"):
            error = np.abs(self.shown - self.true) / np.maximum(np.abs(self.true), 1e-12)
        both = np.isfinite(self.shown) & np.isfinite(self.true)
        return np.where(both, error, np.where(np.isfinite(self.shown) != np.isfinite(self.true), np.inf, 0.0))

    @property
    def misleading(self) -> np.ndarray:
        """Where picture and truth differ by more than MISLEADING (T,)."""
        return self.error > MISLEADING

    def warning(self) -> str:
        """One plain sentence about the worst place, or nothing where the picture holds."""
        count = int(self.misleading.sum())
        if not count:
            return ""
        gap = np.abs(self.shown - self.true)
        worst = int(np.argmax(np.where(self.misleading, np.where(np.isfinite(gap), gap, np.inf), -1)))
        total = len(self.true)
        share = "All" if count == total else "Most" if 2 * count > total else "Part"
        return (
            f"{share} of the path ({count} of {total} points; red rings) lies off this plane, so the colours there are not its loss. "
            f"Worst: point {worst + 1}, shown {short_number(self.shown[worst])}, true {short_number(self.true[worst])}."
        )


def path_on_plane(
    mlp: MLP, plane: Plane, points: np.ndarray, X: np.ndarray, y: np.ndarray, **penalties: float
) -> PathOnPlane:
    """The path `points` (T, P) on `plane`, with both losses at every point, penalties included if given."""
    dtype = plane.origin.dtype
    X, rows = np.asarray(X, dtype), np.asarray(points, dtype)
    coordinates, distances = plane.project(points)
    feet = plane.origin + (coordinates @ np.stack([plane.d1, plane.d2])).astype(dtype)
    shown, true = losses_at(mlp, feet, X, y, **penalties), losses_at(mlp, rows, X, y, **penalties)
    return PathOnPlane(coordinates, distances, shown, true, explained_by(plane, points))


def explained_by(plane: Plane, points: np.ndarray) -> float:
    """The share of the variance of `points` (T, P) about their mean that lies along the plane's directions."""
    points = np.asarray(points, np.float64)
    centred = points - points.mean(axis=0)
    total = float((centred**2).sum())
    if not total:
        return 1.0
    directions = np.stack([plane.d1, plane.d2], axis=1)
    sizes = np.linalg.norm(directions, axis=0)
    U, singular, _ = np.linalg.svd(directions / np.where(sizes == 0, 1, sizes), full_matrices=False)
    basis = U[:, singular > 1e-10]
    return float(((centred @ basis) ** 2).sum() / total)


def orthonormal(d1: np.ndarray, d2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit, orthogonal directions of the same plane, the first along d1: a picture in them keeps distances.

    `ValueError` where the two span no plane.
    """
    a, b = np.asarray(d1, np.float64), np.asarray(d2, np.float64)
    size = np.linalg.norm(a)
    if size:
        a = a / size
        rest = b - a * (a @ b)
        rest -= a * (a @ rest)
        if np.linalg.norm(rest) > 1e-6 * max(float(np.linalg.norm(b)), 1e-300):
            return a, rest / np.linalg.norm(rest)
    raise ValueError("These points lie on one line, so no plane goes through them alone.")
