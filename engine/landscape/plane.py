"""The loss surface of a network: planes and lines through parameter space, directions, projections.

A slice is many lanes: rows origin + α·d₁ + β·d₂. Directions need be neither orthogonal nor of unit length,
nothing is changed in place, and every cell is the loss of the network with exactly those weights. All
directions are float64 rows (P,); the losses are computed in the number type of the plane's origin.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.network.hessian import eigenpairs, extremes
from engine.network.mlp import MLP
from engine.network.penalties import penalty

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
    is_new: bool  # whether the grid differs from that of the state before


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
        return self._at(a.reshape(-1), b.reshape(-1), buffers)

    def _at(self, a: np.ndarray, b: np.ndarray, buffers: np.ndarray) -> np.ndarray:
        """The points at coordinates a and b (R,), in the first of the two buffers (2, R, P)."""
        rows, work = buffers
        dtype = rows.dtype
        np.multiply(a.astype(dtype)[:, None], self.d1.astype(dtype), rows)
        rows += np.multiply(b.astype(dtype)[:, None], self.d2.astype(dtype), work)
        rows += self.origin
        return rows

    def loss(
        self,
        mlp: MLP,
        alphas: np.ndarray,
        betas: np.ndarray,
        X: np.ndarray,
        y: np.ndarray,
        l1: float = 0.0,
        l2: float = 0.0,
    ) -> np.ndarray:
        """The loss (len(betas), len(alphas)), penalties l1·Σ|w| + (l2/2)·Σw² included if given.

        Computed a few rows of parameters at a time, so memory stays bounded whatever the resolution.
        """
        a, b = np.meshgrid(np.asarray(alphas), np.asarray(betas))
        out = np.empty(a.size, self.origin.dtype)
        for part, losses in self._chunks(mlp, a.reshape(-1), b.reshape(-1), X, y, l1, l2):
            out[part] = losses
        return out.reshape(a.shape)

    def _chunks(
        self, mlp: MLP, a: np.ndarray, b: np.ndarray, X: np.ndarray, y: np.ndarray, l1: float, l2: float
    ) -> Iterator[tuple[slice, np.ndarray]]:
        X = np.asarray(X, self.origin.dtype)
        rows = min(len(a), max(1, CHUNK_NUMBERS // len(self.origin)))
        buffers = np.empty((2, rows, len(self.origin)), self.origin.dtype)
        for start in range(0, len(a), rows):
            part = slice(start, min(start + rows, len(a)))
            points = self._at(a[part], b[part], buffers[:, : part.stop - start])
            yield part, losses_at(mlp, points, X, y, l1, l2)

    def refine(
        self,
        mlp: MLP,
        extent: float,
        resolution: int,
        X: np.ndarray,
        y: np.ndarray,
        l1: float = 0.0,
        l2: float = 0.0,
    ) -> Iterator[Refinement]:
        """The square slice of half-width `extent`, coarse first, then finer up to `resolution`; stop at any
        time.

        Every grid takes its places from the last one, always with centre and edges, so no cell is computed
        twice.
        """
        places = axis(extent, resolution)
        known = np.zeros((resolution, resolution), bool)
        values = np.empty(known.shape, self.origin.dtype)
        grid = Refinement(places[:0], places[:0], values[:0, :0], 0.0, False)
        done = 0
        for chosen in _levels(resolution):
            cells = np.zeros_like(known)
            cells[np.ix_(chosen, chosen)] = True
            rows, columns = np.nonzero(cells & ~known)
            for part, losses in self._chunks(mlp, places[columns], places[rows], X, y, l1, l2):
                values[rows[part], columns[part]] = losses
                done += len(losses)
                if part.stop < len(rows):
                    yield Refinement(grid.alphas, grid.betas, grid.loss, done / known.size, False)
            known |= cells
            loss = values[np.ix_(chosen, chosen)]
            grid = Refinement(places[chosen], places[chosen], loss, done / known.size, True)
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


def losses_at(
    mlp: MLP, theta: np.ndarray, X: np.ndarray, y: np.ndarray, l1: float = 0.0, l2: float = 0.0
) -> np.ndarray:
    """The loss (R,) at every row of theta (R, P), with penalties if given."""
    with np.errstate(all="ignore"):
        losses = np.array(mlp.loss(theta, X, y))
        if l1 or l2:
            strengths = (np.full((len(theta), 1), strength, theta.dtype) for strength in (l1, l2))
            losses += penalty(theta, mlp.weight_mask, *strengths)
    return losses


# Planes and lines through given points ----------------------------------------------------------------------


def plane_through(first: np.ndarray, second: np.ndarray, third: np.ndarray) -> Plane:
    """The plane through three points (P,), at its coordinates (0, 0), (1, 0) and (0, 1)."""
    a, b, c = (np.asarray(point, np.float64) for point in (first, second, third))
    return Plane(np.asarray(first), b - a, c - a)


def line_loss(
    mlp: MLP,
    start: np.ndarray,
    end: np.ndarray,
    t: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    l1: float = 0.0,
    l2: float = 0.0,
) -> np.ndarray:
    """The loss (T,) at (1−t)·start + t·end; at t = 0 and t = 1 it is the ends' to the last bit."""
    t = np.asarray(t, start.dtype)
    rows = max(1, CHUNK_NUMBERS // len(start))
    parts = [t[k : k + rows, None] for k in range(0, len(t), rows)]
    return np.concatenate([losses_at(mlp, (1 - part) * start + part * end, X, y, l1, l2) for part in parts])


def barrier(t: np.ndarray, losses: np.ndarray) -> tuple[float, float]:
    """Height and place of the barrier on a line whose first and last losses are the ends': how far the loss
    rises above the straight line between them, at most (Frankle et al. 2020, Entezari et al. 2022).
    """
    share = (t - t[0]) / (t[-1] - t[0])
    rise = losses - ((1 - share) * losses[0] + share * losses[-1])
    top = int(np.argmax(rise))
    return float(rise[top]), float(t[top])


# Directions -------------------------------------------------------------------------------------------------


def random_directions(
    mlp: MLP, theta: np.ndarray, rng: np.random.Generator, normalize: str = "filter"
) -> tuple[np.ndarray, np.ndarray]:
    """Two random directions (P,), normalised against theta (P,); biases get zero.

    "filter": each neuron's incoming weights get the length of theta's own (Li et al. 2018, Visualizing the
    Loss Landscape of Neural Nets); "layer": each layer's weights as a whole; "none": as drawn, standard
    normal. Weights that are all zero have no length of their own; their direction gets length 1.
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
                W[0] *= np.where(length == 0, 1, length) / np.linalg.norm(W[0], axis=along, keepdims=True)
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
    mlp: MLP, theta: np.ndarray, X: np.ndarray, y: np.ndarray, which: str = "leading", l2: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two eigenvectors of the Hessian at theta (P,), unit and orthogonal, and their eigenvalues (2,).

    "leading": of the two largest eigenvalues, the sharpest valley walls. "extremes": of the largest and the
    smallest; where that one is negative, the point is no minimum. The sign is chosen so that the largest
    component is positive.
    """
    if which not in ("leading", "extremes"):
        raise ValueError(f"which is {which!r}; choose leading or extremes.")
    values, vectors = eigenpairs(mlp, theta, X, y, l2)
    chosen = [-1, -2 if which == "leading" else 0]
    d1, d2 = (row * np.sign(row[np.argmax(np.abs(row))]) for row in vectors[chosen])
    return d1, d2, values[chosen]


def curvature_at(
    mlp: MLP, plane: Plane, coordinates: np.ndarray, X: np.ndarray, y: np.ndarray, steps: int = 20
) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest eigenvalue of the Hessian, (K,) each, at `coordinates` (K, 2) of the plane.

    Over a grid this is a map of curvature: where |λmin/λmax| is near zero the surface is convex, whatever the
    slice looks like (Li et al. 2018).
    """
    a, b = np.asarray(coordinates, np.float64).T
    points = plane._at(a, b, np.empty((2, len(a), len(plane.origin)), plane.origin.dtype))
    rows = max(1, (CHUNK_NUMBERS << 4) // (steps * points.shape[1]))
    parts = [extremes(mlp, points[k : k + rows], X, y, steps) for k in range(0, len(points), rows)]
    low, high = (np.concatenate(values) for values in zip(*parts, strict=True))
    return low, high


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
    return result[0]
