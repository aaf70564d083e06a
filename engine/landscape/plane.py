"""Planes through parameter space, and the loss on them.

A slice is many lanes: rows origin + α·d₁ + β·d₂. Directions need be neither orthogonal nor of unit length,
nothing is changed in place, and every cell is the loss of the network with exactly those weights. All
directions are float64 rows (P,); the losses are computed in the number type of the plane's origin.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.network.mlp import MLP
from engine.network.penalties import columns, penalty

CHUNK_NUMBERS = 1 << 16  # parameters made at once: small enough for a core's cache, whatever the resolution
COARSEST = 9  # cells along each side of the first picture of `refine`


def axis(extent: float, resolution: int) -> np.ndarray:
    """`resolution` places from −extent to extent, symmetric to the last bit; if odd, with an exact zero."""
    if resolution < 2 or not extent > 0:
        raise ValueError(
            f"An axis has {resolution!r} places up to {extent!r}; choose 2 or more, and an extent above 0."
        )
    return extent * (np.arange(1 - resolution, resolution, 2) / (resolution - 1))


@dataclass(frozen=True)
class Refinement:
    """One state of a picture that gets finer: the latest whole grid, and how much of the work is done."""

    alphas: np.ndarray
    betas: np.ndarray
    loss: np.ndarray  # (len(betas), len(alphas))
    progress: float  # 0 to 1


@dataclass(frozen=True, eq=False)
class Plane:
    """The points origin + α·d₁ + β·d₂, each a row of length P. `ValueError` for rows that do not fit."""

    origin: np.ndarray
    d1: np.ndarray
    d2: np.ndarray

    def __post_init__(self) -> None:
        origin = np.asarray(self.origin)
        if not np.issubdtype(origin.dtype, np.floating):
            origin = origin.astype(np.float64)
        directions = [np.asarray(direction, np.float64) for direction in (self.d1, self.d2)]
        for name, row in zip(("origin", "d1", "d2"), (origin, *directions), strict=True):
            if row.ndim != 1 or len(row) != len(origin) or not np.isfinite(row).all():
                raise ValueError(
                    f"{name} must be one row of {origin.size} finite numbers, as many as parameters."
                )
            object.__setattr__(self, name, row)

    def points(self, alphas: np.ndarray, betas: np.ndarray) -> np.ndarray:
        """(len(betas)·len(alphas), P): row by row, α fastest. At α = β = 0, the origin to the last bit."""
        a, b = np.meshgrid(alphas, betas)
        buffers = np.empty((2, a.size, len(self.origin)), self.origin.dtype)
        return self.at(a.reshape(-1), b.reshape(-1), buffers)

    def at(self, a: np.ndarray, b: np.ndarray, buffers: np.ndarray) -> np.ndarray:
        """The points at coordinates a and b (R,), in the first of the two buffers (2, R, P)."""
        rows, work = buffers
        dtype = rows.dtype
        np.multiply(a.astype(dtype)[:, None], self.d1.astype(dtype), rows)
        rows += np.multiply(b.astype(dtype)[:, None], self.d2.astype(dtype), work)
        rows += self.origin
        result: np.ndarray = rows
        return result

    def loss(
        self,
        mlp: MLP,
        alphas: np.ndarray,
        betas: np.ndarray,
        X: np.ndarray,
        y: np.ndarray,
        **penalties: float,
    ) -> np.ndarray:
        """The loss (len(betas), len(alphas)), with penalties (`l2=0.1`) if given.

        Computed a few rows of parameters at a time, so memory stays bounded whatever the resolution.
        """
        a, b = np.meshgrid(np.asarray(alphas), np.asarray(betas))
        out = np.empty(a.size, self.origin.dtype)
        for part, losses in self._chunks(mlp, a.reshape(-1), b.reshape(-1), X, y, penalties):
            out[part] = losses
        return out.reshape(a.shape)

    def _chunks(
        self,
        mlp: MLP,
        a: np.ndarray,
        b: np.ndarray,
        X: np.ndarray,
        y: np.ndarray,
        penalties: dict[str, float],
    ) -> Iterator[tuple[slice, np.ndarray]]:
        X = np.asarray(X, self.origin.dtype)
        rows = min(len(a), max(1, CHUNK_NUMBERS // len(self.origin)))
        buffers = np.empty((2, rows, len(self.origin)), self.origin.dtype)
        for start in range(0, len(a), rows):
            part = slice(start, min(start + rows, len(a)))
            points = self.at(a[part], b[part], buffers[:, : part.stop - start])
            yield part, losses_at(mlp, points, X, y, **penalties)

    def refine(
        self,
        mlp: MLP,
        extent: float,
        resolution: int,
        X: np.ndarray,
        y: np.ndarray,
        **penalties: float,
    ) -> Iterator[Refinement]:
        """The square slice of half-width `extent`, coarse first, then finer up to `resolution`; stop at any
        time.

        Every grid takes its places from the last one, always with centre and edges, so no cell is computed
        twice.
        """
        places = axis(extent, resolution)
        known = np.zeros((resolution, resolution), bool)
        values = np.empty(known.shape, self.origin.dtype)
        grid = Refinement(places[:0], places[:0], values[:0, :0], 0.0)
        done = 0
        for chosen in _levels(resolution):
            cells = np.zeros_like(known)
            cells[np.ix_(chosen, chosen)] = True
            rows, columns = np.nonzero(cells & ~known)
            for part, losses in self._chunks(mlp, places[columns], places[rows], X, y, penalties):
                values[rows[part], columns[part]] = losses
                done += len(losses)
                if part.stop < len(rows):
                    yield Refinement(grid.alphas, grid.betas, grid.loss, done / known.size)
            known |= cells
            loss = values[np.ix_(chosen, chosen)]
            grid = Refinement(places[chosen], places[chosen], loss, done / known.size)
            yield grid

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Least-squares coordinates (T, 2) of `points` (T, P), and their distances (T,) from the plane.

        min over (α, β) of |p − origin − αd₁ − βd₂|²; dot products would err on directions that are not
        orthogonal or not of unit length. If d₁ and d₂ do not span a plane, the shortest of the best
        coordinates.
        """
        directions = np.stack([self.d1, self.d2], axis=1)
        sizes = np.linalg.norm(directions, axis=0)
        sizes[sizes == 0] = 1.0
        directions = directions / sizes  # so that a tiny direction is not taken for none
        offsets = np.asarray(points, np.float64) - self.origin.astype(np.float64)
        coordinates = offsets @ np.linalg.pinv(directions, rcond=1e-13).T
        return coordinates / sizes, np.linalg.norm(offsets - coordinates @ directions.T, axis=1)


def _levels(resolution: int) -> list[np.ndarray]:
    """Indices of a grid's places, from about COARSEST of them to all, each set within the next."""
    levels, stride, middle = [np.arange(resolution)], 2, (resolution - 1) // 2
    while (resolution - 1) // stride + 1 >= COARSEST:
        inside = np.arange(middle % stride, resolution, stride)
        levels.append(np.unique(np.concatenate([[0], inside, [resolution - 1]])))
        stride *= 2
    return levels[::-1]


def losses_at(mlp: MLP, theta: np.ndarray, X: np.ndarray, y: np.ndarray, **penalties: float) -> np.ndarray:
    """The loss (R,) at every row of theta (R, P), with penalties if given."""
    with np.errstate(all="ignore"):
        losses = np.array(mlp.loss(theta, X, y))
        if strengths := columns(penalties, len(theta), theta.dtype):
            losses += penalty(theta, mlp.weight_mask, strengths)
    return losses
