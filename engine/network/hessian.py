"""The curvature of the loss surface: exact Hessian-vector products, extreme eigenvalues, the whole Hessian when it is
small.

Products are derivatives of backpropagation along v, forward over reverse (Pearlmutter's R operator): with R{x} the
derivative of x when θ moves along v, and V, c the parts of v that belong to W and b,

    R{zₗ} = R{aₗ₋₁} Wₗ + aₗ₋₁ Vₗ + cₗ,   R{aₗ} = φ′(zₗ) ∘ R{zₗ},   R{∂L/∂a_out} = ∂²L/∂a_out² · R{a_out}

and backwards, with eₗ = ∂L/∂aₗ and δₗ = eₗ ∘ φ′(zₗ),

    R{δₗ} = R{eₗ} ∘ φ′(zₗ) + eₗ ∘ φ″(zₗ) ∘ R{zₗ},   R{eₗ₋₁} = R{δₗ} Wₗᵀ + δₗ Vₗᵀ
    R{∂Wₗ} = R{aₗ₋₁}ᵀ δₗ + aₗ₋₁ᵀ R{δₗ},   R{∂bₗ} = Σ R{δₗ}

in float64 and for many lanes at once, exact but for rounding. At kinks (ReLU, Huber, L1) the second slope is 0. Source:
Pearlmutter, Fast Exact Multiplication by the Hessian (1994). Eigenvalues come from Lanczos iteration with full
reorthogonalisation (Golub and Van Loan, Matrix Computations, ch. 10).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, TypeVar

import numpy as np

from engine.network.activations import ACTIVATIONS, Array, flat
from engine.network.mlp import MLP
from engine.network.penalties import add_curvature

SMALL = 500  # parameters up to which the whole Hessian is cheap
STEPS = 60  # Lanczos steps: plenty for both ends of the spectrum
WORKED = 1 << 16  # neurons' numbers of all lanes that are worked at once: few enough for a core's cache
KEPT = 1 << 20  # neurons' numbers that are kept between products; beyond, they are worked out again
T = TypeVar("T")


class Layer(NamedTuple):
    """What a product needs of one layer: where its parameters lie, and what does not depend on v.

    For r lanes: [W; b] (r, n + 1, m); the activations below with a row of ones (r, n + 1, N); φ′ (r, m, N), None for the
    identity; e ∘ φ″, None where it is zero throughout; and δ.
    """

    slot: slice
    Wb: Array
    below: Array
    slope: Array | None
    bend: Array | None
    delta: Array

    def direction(self, v: Array) -> Array:
        """The layer's part [V; c] (K, n + 1, m) of rows v (K, P)."""
        return v[:, self.slot].reshape(len(v), *self.Wb.shape[1:])


class Scratch:
    """Arrays for the products of K rows, written again and again: fresh ones would cost as much as the work."""

    def __init__(self, mlp: MLP, rows: int, samples: int) -> None:
        widths = mlp.layer_sizes[1:]
        self.Rz = [np.empty((rows, width, samples)) for width in widths]
        self.Ra = [np.empty((rows, width, samples)) for width in widths]
        self.RdWb = [np.empty((rows, n + 1, m)) for _, n, m in mlp.slots]
        self.more = np.empty((rows, max(widths), samples))


class Linearised:
    """The forward and backward pass of some lanes at theta (r, P), kept for products with their Hessians."""

    def __init__(self, mlp: MLP, theta: Array, X: Array, target: Array) -> None:
        self.mlp, self.target = mlp, target.swapaxes(-1, -2)
        lanes, samples, layers = len(theta), len(X), len(mlp.slots)
        Wb = [theta[:, slot].reshape(lanes, n + 1, m) for slot, n, m in mlp.slots]
        below = [np.ones((lanes if k else 1, n + 1, samples)) for k, (_, n, _) in enumerate(mlp.slots)]
        below[0][:, :-1] = X.T
        outputs = [*(a[:, :-1] for a in below[1:]), np.empty((lanes, mlp.layer_sizes[-1], samples))]
        sums = []
        for k, name in enumerate(mlp.activations):
            sums.append(Wb[k].swapaxes(-1, -2) @ below[k])
            ACTIVATIONS[name].value(sums[k], outputs[k])
        self.output = outputs[-1]
        e = np.empty_like(self.output)
        mlp.loss_function.kernel(self.output, self.target, e)
        self.layers: list[Layer] = []
        for k in reversed(range(layers)):
            slope, bend = _bends(mlp.activations[k], sums[k], outputs[k], e)
            delta = e if slope is None else e * slope
            self.layers.insert(0, Layer(mlp.slots[k][0], Wb[k], below[k], slope, bend, delta))
            if k:
                e = spread(Wb[k][:, :-1], delta, np.empty_like(sums[k - 1]))

    def product(self, v: Array, work: Scratch) -> Array:
        """H v for rows v (r, P), or (K, P) for a single lane."""
        V = [layer.direction(v) for layer in self.layers]
        Ra: Array | None = None
        for layer, Vc, Rz, out in zip(self.layers, V, work.Rz, work.Ra, strict=True):
            np.matmul(Vc.swapaxes(-1, -2), layer.below, Rz)
            if Ra is not None:
                Rz += np.matmul(layer.Wb[:, :-1].swapaxes(-1, -2), Ra, out)
            Ra = Rz if layer.slope is None else np.multiply(Rz, layer.slope, out)
        assert Ra is not None
        Re = self.mlp.loss_function.second(self.output, self.target, Ra)
        result = np.empty_like(v)
        for k in reversed(range(len(self.layers))):
            layer, Rz, RdWb = self.layers[k], work.Rz[k], work.RdWb[k]
            if layer.slope is not None:
                Re *= layer.slope
            if layer.bend is not None:
                Rz *= layer.bend
                Re += Rz
            np.matmul(layer.below, Re.swapaxes(-1, -2), RdWb)
            if k:
                below = self.layers[k - 1]
                Ra = work.Rz[k - 1] if below.slope is None else work.Ra[k - 1]
                RdWb[:, :-1] += Ra @ layer.delta.swapaxes(-1, -2)
                # R{a} below is not needed any more: R{e} takes its place, or that of R{z} of a layer of identities
                Re = spread(layer.Wb[:, :-1], Re, Ra)
                Re += spread(V[k][:, :-1], layer.delta, work.more[:, : Ra.shape[1]])
            result[:, layer.slot] = RdWb.reshape(len(v), -1)
        return result


def spread(W: Array, delta: Array, out: Array) -> Array:
    """W δ into `out` (K, n, N); BLAS is slow on one column."""
    return np.multiply(W, delta, out) if W.shape[-1] == 1 else np.matmul(W, delta, out)


def _bends(name: str, z: Array, a: Array, e: Array) -> tuple[Array | None, Array | None]:
    """φ′ and e ∘ φ″ of an activation; None for the identity's, and where φ″ is zero throughout."""
    if name == "identity":
        return None, None
    act = ACTIVATIONS[name]
    bend = None if act.second is flat else e * act.second(z, a)
    return act.slope(z, a, np.empty_like(z)), bend


class Curvature:
    """The Hessian of the loss at theta (R, P), with penalties (`l2=0.1`) if given, ready for products."""

    def __init__(self, mlp: MLP, theta: Array, X: Array, y: Array, **penalties: float) -> None:
        self.mlp, self.penalties = mlp, penalties
        self.theta, self.X = np.asarray(theta, np.float64), np.asarray(X, np.float64)
        self.target = mlp.target(np.asarray(y), np.float64)
        numbers = max(1, len(self.X) * sum(mlp.layer_sizes))
        self._rows = max(1, WORKED // numbers)
        self._kept: dict[int, Linearised] = {}
        self._scratch: dict[int, Scratch] = {}  # by the number of rows: a whole part, and what is left over
        self._keeps = len(self.theta) * numbers <= KEPT or len(self.theta) == 1

    def product(self, v: Array) -> Array:
        """H v for rows v (R, P), or any number of rows for a single theta."""
        v = np.asarray(v, np.float64)
        if self.mlp.fixed.size:
            v = v.copy()
            v[:, self.mlp.fixed] = 0
        result = np.empty_like(v)
        with np.errstate(all="ignore"):
            for start in range(0, len(v), self._rows):
                part = slice(start, min(start + self._rows, len(v)))
                rows = part.stop - start
                if rows not in self._scratch:
                    self._scratch[rows] = Scratch(self.mlp, rows, len(self.X))
                result[part] = self._at(start).product(v[part], self._scratch[rows])
            add_curvature(self.theta, self.mlp.trained_mask, self.penalties, v, result)
        result[:, self.mlp.fixed] = 0
        return result

    def _at(self, start: int) -> Linearised:
        """The passes of the lanes from `start` on."""
        start = 0 if len(self.theta) == 1 else start
        found = self._kept.get(start)
        if found is None:
            lanes = self.theta[start : start + self._rows]
            found = Linearised(self.mlp, lanes, self.X, self.target)
            if self._keeps:
                self._kept[start] = found
        return found


def products(mlp: MLP, theta: Array, v: Array, X: Array, y: Array, **penalties: float) -> Array:
    """H v per lane (R, P) for theta and v (R, P); the Hessian is that of the loss, with penalties if given."""
    return Curvature(mlp, theta, X, y, **penalties).product(v)


def hessian(mlp: MLP, theta: Array, X: Array, y: Array, **penalties: float) -> Array:
    """The whole Hessian (P, P) at theta (P,), symmetric. `ValueError` for more than 4 · SMALL parameters."""
    count = len(theta)
    if count > 4 * SMALL:
        raise ValueError(
            f"The Hessian of {count} parameters is too large; at most {4 * SMALL} are worked out."
        )
    H = Curvature(mlp, np.asarray(theta)[None], X, y, **penalties).product(np.eye(count))
    return (H + H.T) / 2


def lanczos(
    mlp: MLP,
    theta: Array,
    X: Array,
    y: Array,
    steps: int = STEPS,
    seed: int = 0,
    **penalties: float,
) -> tuple[Array, Array]:
    """Ritz values (R, m), rising, and vectors (R, m, P) at theta (R, P), m ≤ steps: those at both ends of
    the list are close to the Hessian's extreme eigenvalues and eigenvectors. One batched product a step, all
    lanes from one start.
    """
    return last(lanczos_steps(mlp, theta, X, y, steps, seed, **penalties))


def last(work: Iterator[T | None]) -> T:
    """What a piece of work that is done step by step yields at its end."""
    found = deque(work, maxlen=1).pop()
    assert found is not None
    return found


def lanczos_steps(
    mlp: MLP, theta: Array, X: Array, y: Array, steps: int = STEPS, seed: int = 0, **penalties: float
) -> Iterator[tuple[Array, Array] | None]:  # fmt: skip
    """`lanczos`, to be stopped or gone on with: None after each product, what it returns at the end."""
    lanes, parameters = theta.shape
    curvature = Curvature(mlp, theta, X, y, **penalties)
    m = min(steps, parameters)
    rng = np.random.default_rng(seed)
    basis = np.zeros((lanes, m, parameters))
    H = np.zeros((lanes, m, m))
    q = np.broadcast_to(_unit(rng.standard_normal((1, parameters))), theta.shape)
    for k in range(m):
        basis[:, k] = q
        w = curvature.product(q)
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
    mlp: MLP, theta: Array, X: Array, y: Array, steps: int = STEPS, **penalties: float
) -> tuple[Array, Array]:
    """Smallest and largest eigenvalue of the Hessian per lane, (R,) each; NaN where the gradient is not finite.

    Some lanes at a time, so that their passes can be kept from product to product.
    """
    theta = np.asarray(theta, np.float64)
    rows = max(1, KEPT // max(1, len(X) * sum(mlp.layer_sizes)))
    ends = np.empty((2, len(theta)))
    for start in range(0, len(theta), rows):
        part = slice(start, start + rows)
        values, _ = lanczos(mlp, theta[part], X, y, steps, 0, **penalties)
        ends[:, part] = values[:, 0], values[:, -1]
    ends[:, ~np.isfinite(mlp.loss_and_gradient(theta, X, y)[1]).all(axis=1)] = np.nan
    return ends[0], ends[1]


def eigenpairs(mlp: MLP, theta: Array, X: Array, y: Array, **penalties: float) -> tuple[Array, Array]:
    """Eigenvalues (m,), rising, and unit eigenvectors (m, P) at theta (P,).

    All of them up to SMALL parameters; beyond, Ritz pairs, of which only those near the ends are eigenpairs.
    """
    return last(eigenpairs_steps(mlp, theta, X, y, **penalties))


def eigenpairs_steps(
    mlp: MLP, theta: Array, X: Array, y: Array, **penalties: float
) -> Iterator[tuple[Array, Array] | None]:
    """`eigenpairs`, to be stopped or gone on with: None after each step, what it returns at the end."""
    if len(theta) <= SMALL:
        values, columns = np.linalg.eigh(hessian(mlp, theta, X, y, **penalties))
        yield values, columns.T
        return
    for found in lanczos_steps(mlp, theta[None], X, y, 2 * STEPS, 0, **penalties):
        yield None if found is None else (found[0][0], found[1][0])


def _unit(w: Array) -> Array:
    length = np.linalg.norm(w, axis=1, keepdims=True)
    return w / np.where(length == 0, 1, length)


def _orthogonal(w: Array, basis: Array) -> Array:
    """w (R, P) without its part in the span of basis (R, k, P); twice, as once leaves rounding errors
    behind.
    """
    for _ in range(2):
        w = w - np.einsum("rk,rkp->rp", np.einsum("rkp,rp->rk", basis, w), basis)
    return w
