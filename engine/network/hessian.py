"""The curvature of the loss surface: Hessian-vector products, extreme eigenvalues, the whole Hessian when it
is small.

Products are central differences of the exact gradient, in float64 and for many lanes at once:

    H v ≈ (g(θ + εv) − g(θ − εv)) / 2ε,  ε = ∛(machine epsilon)·(1 + |θ|)/|v|

whose error is about 1e-10 of the gradient's size: far below what a picture or an eigenvalue to six digits
needs. At kinks (ReLU, Huber) it is the average over a tiny neighbourhood, as any Hessian there must be.
Eigenvalues come from Lanczos iteration with full reorthogonalisation (Golub and Van Loan, Matrix
Computations, ch. 10).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TypeVar

import numpy as np

from engine.network.mlp import MLP
from engine.network.penalties import add_gradient

SMALL = 500  # parameters up to which the whole Hessian is cheap
STEPS = 60  # Lanczos steps: plenty for both ends of the spectrum
ROWS = 1 << 18  # parameters of all lanes that are worked at once
T = TypeVar("T")


def products(
    mlp: MLP, theta: np.ndarray, v: np.ndarray, X: np.ndarray, y: np.ndarray, l2: float = 0.0
) -> np.ndarray:
    """H v per lane (R, P) for theta and v (R, P); the Hessian is that of the loss, with (l2/2)·Σw² if given."""
    theta, v, X = (np.asarray(a, np.float64) for a in (theta, v, X))
    result = np.empty_like(v)
    rows = max(1, ROWS // theta.shape[1])
    with np.errstate(all="ignore"):
        for start in range(0, len(theta), rows):
            part = slice(start, start + rows)
            center, direction = theta[part], v[part]
            length = np.linalg.norm(direction, axis=1, keepdims=True)
            size = np.cbrt(np.finfo(np.float64).eps) * (1 + np.linalg.norm(center, axis=1, keepdims=True))
            step = size / np.where(length == 0, 1, length) * direction
            both = np.concatenate([center + step, center - step])
            gradient = np.array(mlp.loss_and_gradient(both, X, y)[1])
            if l2:
                strength = np.full((len(both), 1), l2)
                add_gradient(both, mlp.weight_mask, 0 * strength, strength, gradient)
            count = len(center)
            result[part] = (gradient[:count] - gradient[count:]) * (length / (2 * size))
    return result


def hessian(mlp: MLP, theta: np.ndarray, X: np.ndarray, y: np.ndarray, l2: float = 0.0) -> np.ndarray:
    """The whole Hessian (P, P) at theta (P,), symmetric. `ValueError` for more than 4 · SMALL parameters."""
    count = len(theta)
    if count > 4 * SMALL:
        raise ValueError(
            f"The Hessian of {count} parameters is too large; at most {4 * SMALL} are worked out."
        )
    H = products(mlp, np.broadcast_to(theta, (count, count)), np.eye(count), X, y, l2)
    return (H + H.T) / 2


def lanczos(
    mlp: MLP,
    theta: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    steps: int = STEPS,
    seed: int = 0,
    l2: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Ritz values (R, m), rising, and vectors (R, m, P) at theta (R, P), m ≤ steps: those at both ends of
    the list are close to the Hessian's extreme eigenvalues and eigenvectors. One batched product a step, all
    lanes from one start.
    """
    return last(lanczos_steps(mlp, theta, X, y, steps, seed, l2))


def last(work: Iterator[T | None]) -> T:
    """What a piece of work that is done step by step yields at its end."""
    found = deque(work, maxlen=1).pop()
    assert found is not None
    return found


def lanczos_steps(
    mlp: MLP, theta: np.ndarray, X: np.ndarray, y: np.ndarray, steps: int = STEPS, seed: int = 0, l2: float = 0.0
) -> Iterator[tuple[np.ndarray, np.ndarray] | None]:  # fmt: skip
    """`lanczos`, to be stopped or gone on with: None after each product, what it returns at the end."""
    lanes, parameters = theta.shape
    m = min(steps, parameters)
    rng = np.random.default_rng(seed)
    basis = np.zeros((lanes, m, parameters))
    H = np.zeros((lanes, m, m))
    q = np.broadcast_to(_unit(rng.standard_normal((1, parameters))), theta.shape)
    for k in range(m):
        basis[:, k] = q
        w = products(mlp, theta, q, X, y, l2)
        H[:, k, k] = np.einsum("rp,rp->r", w, q)
        if k + 1 == m:
            break
        known = basis[:, : k + 1]
        w = _orthogonal(w, known)
        size = np.linalg.norm(w, axis=1)
        ended = size <= 1e-9 * np.maximum(np.abs(H).max(axis=(1, 2)), 1e-12)  # an invariant space is complete
        if ended.any():  # any direction outside it goes on; the coupling is zero
            fresh = np.broadcast_to(rng.standard_normal((1, parameters)), theta.shape)
            w, size = np.where(ended[:, None], _orthogonal(fresh, known), w), np.where(ended, 0, size)
        H[:, k, k + 1] = H[:, k + 1, k] = size
        q = _unit(w)
        yield None
    H = np.where(np.isfinite(H).all(axis=(1, 2), keepdims=True), H, 0)
    values, weights = np.linalg.eigh(H)
    yield values, np.einsum("rkj,rkp->rjp", weights, basis)


def extremes(
    mlp: MLP, theta: np.ndarray, X: np.ndarray, y: np.ndarray, steps: int = STEPS, l2: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest eigenvalue of the Hessian per lane, (R,) each; NaN where the gradient is not
    finite.
    """
    values, _ = lanczos(mlp, theta, X, y, steps, l2=l2)
    with np.errstate(all="ignore"):
        bad = ~np.isfinite(mlp.loss_and_gradient(np.asarray(theta, np.float64), X, y)[1]).all(axis=1)
    return np.where(bad, np.nan, values[:, 0]), np.where(bad, np.nan, values[:, -1])


def eigenpairs(
    mlp: MLP, theta: np.ndarray, X: np.ndarray, y: np.ndarray, l2: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues (m,), rising, and unit eigenvectors (m, P) at theta (P,).

    All of them up to SMALL parameters; beyond, Ritz pairs, of which only those near the ends are eigenpairs.
    """
    return last(eigenpairs_steps(mlp, theta, X, y, l2))


def eigenpairs_steps(
    mlp: MLP, theta: np.ndarray, X: np.ndarray, y: np.ndarray, l2: float = 0.0
) -> Iterator[tuple[np.ndarray, np.ndarray] | None]:
    """`eigenpairs`, to be stopped or gone on with: None after each step, what it returns at the end."""
    if len(theta) <= SMALL:
        values, columns = np.linalg.eigh(hessian(mlp, theta, X, y, l2))
        yield values, columns.T
        return
    for found in lanczos_steps(mlp, theta[None], X, y, 2 * STEPS, l2=l2):
        yield None if found is None else (found[0][0], found[1][0])


def _unit(w: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(w, axis=1, keepdims=True)
    return w / np.where(length == 0, 1, length)


def _orthogonal(w: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """w (R, P) without its part in the span of basis (R, k, P); twice, as once leaves rounding errors
    behind.
    """
    for _ in range(2):
        w = w - np.einsum("rk,rkp->rp", np.einsum("rkp,rp->rk", basis, w), basis)
    return w
