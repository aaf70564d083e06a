"""Two of the principal axes of features, turned within their plane so that the picture lies like the input's own.

The axes are eigenvectors of AᵀA (A centred, N samples), and axis k holds λₖ/Σλ of the variance. Two axes
of nearly equal variance may turn freely from one update to the next, and any axis may change its sign. So the projection
Z (N, 2) is turned by the orthogonal R that minimises ‖ZR − P‖ (Procrustes: R = UVᵀ of ZᵀP): a picture that does not jump,
and the same for the same weights. Distances in the picture stay what they are.

Source: Schönemann (1966), "A generalized solution of the orthogonal Procrustes problem".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

Array = np.ndarray


class PrincipalPlane(NamedTuple):
    """`axes` (F, 2), orthonormal columns, of which the second is 0 where there is one unit; the plane's share of the variance."""

    mean: Array
    axes: Array
    share: float

    def places(self, A: Array) -> Array:
        """(M, 2): where features (M, F) lie in the plane."""
        found: Array = (np.asarray(A, np.float64) - self.mean) @ self.axes
        return found


def principal_plane(A: Array, P: Array, first: int = 0, second: int = 1) -> PrincipalPlane:
    """The plane of two principal axes of A (N, F), by number from 0 (the last one there is, where there are fewer), turned like
    the points P (N, 1 or 2).
    """
    A = np.asarray(A, np.float64)
    mean = A.mean(axis=0)
    values, vectors = np.linalg.eigh((A - mean).T @ (A - mean))
    values, vectors = values[::-1].clip(min=0), vectors[:, ::-1]
    first, second = min(first, len(values) - 1), min(second, len(values) - 1)
    axes = np.zeros((A.shape[1], 2))
    axes[:, 0] = vectors[:, first]
    used = {first}
    if second != first:
        axes[:, 1] = vectors[:, second]
        used.add(second)
    total = float(values.sum())
    share = float(values[list(used)].sum()) / total if total else float("nan")
    T = np.zeros((len(P), 2))
    T[:, : P.shape[1]] = P
    if len(used) == 1:
        sign = np.sign((A - mean) @ axes[:, 0] @ T[:, 0]) or 1.0
        return PrincipalPlane(mean, axes * sign, share)
    left, _, right = np.linalg.svd(((A - mean) @ axes).T @ (T - T.mean(axis=0)))
    return PrincipalPlane(mean, axes @ (left @ right), share)
