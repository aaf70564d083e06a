"""The paths of several lanes in one picture: the plane that shows most of all of them.

A path is rows (T, P), the weights of one lane over time. `joint_plane` finds the plane, `places` the coordinates in it
(`Plane.project` also the distances that the picture hides). The plane changes as little as it can from one frame to the
next, so that a picture in motion does not flip.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.landscape.plane import Plane

FARTHEST = 30.0  # times the length of the usual first point: a row that is longer has run away
MOST_NUMBERS = 1 << 22  # of all paths together; longer ones are thinned evenly
STILL = 1e-12  # share of the first direction's spread below which there is no second one
SEED = 1901  # of the direction that fills up where the paths have none (Pearson's year)


def joint_plane(
    paths: Sequence[np.ndarray], origin: np.ndarray | None = None, previous: Plane | None = None
) -> tuple[Plane, np.ndarray]:
    """The plane nearest to all points of all paths (T_i, P), and each axis' share (2,) of their variance, 0 to 1.

    Principal components (Pearson 1901) about the joint mean; or, where `origin` (P,) is given, about that, so that the
    plane goes through it and the shares are of the squared distances from it. The directions are orthonormal, so the
    picture keeps distances. Without `previous` they are the components, and paths run to the right and up on the whole;
    with it, both are turned within the plane to lie as near as they can to the previous plane's: the picture neither
    flips nor swaps its axes, and the shares are those of the turned axes.

    Rows that are not `usable` are left out, and paths of more than MOST_NUMBERS numbers thinned. Points on a line, or
    all in one place, get a previous or a seeded random direction, whose share is 0; so it never fails. `ValueError` for
    no path, or paths of different networks.
    """
    paths = [np.asarray(path) for path in paths]
    if len({path.shape[1:] for path in paths}) != 1 or paths[0].ndim != 2:
        raise ValueError("A joint plane needs paths (T, P) of one network; these differ, or there is none.")
    parameters = paths[0].shape[1]
    rows = [path[use] for path, use in zip(paths, usable(paths), strict=True)]
    rows = _thinned([path for path in rows if len(path)], parameters)
    X = np.concatenate(rows, dtype=np.float64) if rows else np.zeros((1, parameters))
    size = _largest(X)
    centre = X.mean(axis=0) if origin is None else np.asarray(origin, np.float64)
    X -= centre
    spread = _largest(X)
    if spread > 1e-14 * size:
        X /= spread
    else:
        X[:] = 0.0  # rounding, and no movement
    known: list[np.ndarray] = []
    if previous is not None and len(previous.d1) == parameters:
        known = [previous.d1, previous.d2]
    ends = np.cumsum([len(path) for path in rows], dtype=int) - 1 if rows else np.zeros(0, int)
    directions = _filled(_components(X, [*known, *X[ends]]), known, parameters)
    travel = sum(
        (X[end] - X[end + 1 - len(path)] for end, path in zip(ends, rows, strict=True)), np.zeros(parameters)
    )
    directions = (
        _turned(directions, known)
        if known
        else directions * np.where(directions @ travel < 0, -1.0, 1.0)[:, None]
    )
    total = float(np.einsum("tp,tp->", X, X))
    shares = ((X @ directions.T) ** 2).sum(axis=0) / (total or 1.0)
    dtype = np.result_type(np.float32, *(paths if origin is None else [np.asarray(origin)]))
    return Plane(centre.astype(dtype), directions[0], directions[1]), shares


def _largest(X: np.ndarray) -> float:
    """The largest absolute value, without a copy."""
    return max(float(X.max(initial=0.0)), -float(X.min(initial=0.0)))


def usable(paths: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Per path, which of its rows (T,) count: those with finite numbers only that have not run away.

    A row has run away if it is longer than FARTHEST times the median of the first rows' lengths (or than FARTHEST).
    """
    lengths = []
    for path in paths:
        rows = np.asarray(path)
        with np.errstate(all="ignore"):
            squares = np.einsum("tp,tp->t", rows, rows, dtype=np.float64, casting="same_kind")
        lengths.append(np.sqrt(np.where(np.isfinite(squares), squares, np.inf)))
    first = [length[0] for length in lengths if len(length) and np.isfinite(length[0])]
    limit = FARTHEST * max(1.0, float(np.median(first)) if first else 1.0)
    return [length <= limit for length in lengths]


def places(plane: Plane, paths: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Per path the coordinates (T, 2) of its usable rows, the others NaN: what `window` should see, so that one lane that
    ran away does not make dots of all the rest.
    """
    found = []
    for path, use in zip(paths, usable(paths), strict=True):
        coordinates = np.full((len(use), 2), np.nan)
        coordinates[use] = plane.project(np.asarray(path)[use])[0]
        found.append(coordinates)
    return found


def _thinned(paths: list[np.ndarray], parameters: int) -> list[np.ndarray]:
    """The paths, evenly thinned where they have too many numbers together; first and last points stay."""
    share = MOST_NUMBERS / max(1, sum(map(len, paths)) * parameters)
    if share >= 1:
        return paths
    counts = [min(len(path), max(2, int(share * len(path)))) for path in paths]
    return [
        path[np.linspace(0, len(path) - 1, count).round().astype(int)]
        for path, count in zip(paths, counts, strict=True)
    ]


def _components(X: np.ndarray, start: list[np.ndarray]) -> np.ndarray:
    """The first two principal directions (at most 2, P) of the rows X (N, P), none where there is no spread.

    The Rayleigh-Ritz method in a space that begins with `start` and grows by the residuals (Davidson's, which is Lanczos'
    where the start is one vector): each round costs two products with X, far less than XᵀX. Paths need few rounds, as
    their end points span most of their movement. Two seeded random combinations of everything join them, so that no
    direction is missed because the start has nothing of it.
    """
    basis, images = np.empty((0, X.shape[1])), np.empty((0, len(X)))
    mixed = (np.random.default_rng(SEED).standard_normal((2, X.shape[1])) @ X.T) @ X
    new = _orthonormal([*start, *mixed], basis)
    values, vectors = np.zeros(0), np.zeros((0, 0))
    for _ in range(60):
        if not len(new):
            break
        basis, images = np.vstack([basis, new]), np.vstack([images, new @ X.T])
        values, vectors = np.linalg.eigh(images @ images.T)
        values, vectors = values[:-4:-1], vectors[:, :-4:-1]  # one more than asked, which helps the second
        residuals = (vectors.T @ images) @ X - values[:, None] * (vectors.T @ basis)
        open_ = np.linalg.norm(residuals, axis=1) > 1e-6 * values + 1e-14 * values[0]
        new = _orthonormal(residuals[open_], basis) if open_[:2].any() else basis[:0]
    found, values = vectors[:, :2].T @ basis, values[:2]
    return found[values > STILL**2 * values[0]] if len(values) and values[0] > 0 else found[:0]


def _orthonormal(rows: Sequence[np.ndarray] | np.ndarray, basis: np.ndarray) -> np.ndarray:
    """What of `rows` is new to the orthonormal rows of `basis`, as orthonormal rows."""
    new = basis
    for row in rows:
        size = np.linalg.norm(row)
        for _ in range(2):  # once more against rounding
            row = row - (new @ row) @ new
        rest = np.linalg.norm(row)
        if rest > 1e-10 * size and len(new) < len(row):
            new = np.vstack([new, row / rest])
    return new[len(basis) :]


def _filled(directions: np.ndarray, known: list[np.ndarray], parameters: int) -> np.ndarray:
    """Two orthonormal directions: those there are, then the previous ones, then seeded random ones. In a space of one
    dimension the second is zero."""
    rng = np.random.default_rng(SEED)
    spare = [*known, *rng.standard_normal((2, parameters))]
    directions = np.vstack([directions, _orthonormal(spare, directions)])[:2]
    return np.vstack([directions, np.zeros((2 - len(directions), parameters))])


def _turned(directions: np.ndarray, known: list[np.ndarray]) -> np.ndarray:
    """The directions (2, P), turned or mirrored within their plane so that their products with the known ones are as
    large as they can be (Schönemann 1966, orthogonal Procrustes)."""
    U, _, Vt = np.linalg.svd(np.stack(known) @ directions.T)
    result: np.ndarray = (U @ Vt) @ directions
    return result
