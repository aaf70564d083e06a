"""A student that learns from a teacher of the same kind: a loss with no data, no noise, and true local minima.

    t(x) = Σⱼ relu(vⱼᵀx),   s(x) = Σᵢ relu(wᵢᵀx),   x ~ N(0, I)
    L(W) = ½E(s − t)² = ½Σ k(wᵢ, wᵢ′) − Σ k(wᵢ, vⱼ) + ½Σ k(vⱼ, vⱼ′)
    k(w, v) = E[relu(wᵀx) relu(vᵀx)] = ‖w‖‖v‖ (sin φ + (π − φ) cos φ)/2π,   φ the angle between w and v

Since the mean over x is worked out, the gradient and the Hessian are closed forms too. A student as large as its teacher can
be the teacher, and descent from a random start often ends elsewhere, at a minimum: the Hessian's eigenvalues say so.

Symbols: K neurons of a student, M of the teacher, D inputs, R students at once. W (R, K, D) or (K, D), V (M, D).
Sources: Cho and Saul (2009) for k; Safran, Yehudai and Shamir (2021) for the Hessian and what one neuron more changes;
Janzamin, Sedghi and Anandkumar (2015) for the moments.
"""

from __future__ import annotations

import math

import numpy as np

Array = np.ndarray

PLANE: Array = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
MOMENTS_TEACHER: Array = np.eye(5)[:3]
ARRIVED = (
    1e-3  # a student below this loss has found the teacher, or is on its way to it with nothing in between
)
APART = 1e-3  # how far the halves of a neuron are pushed apart


def angles(A: Array, B: Array) -> tuple[Array, Array, Array]:
    """Lengths of A's rows (…, K) and of B's rows (…, M), and the angles between them (…, K, M); π/2 to a row of zeros."""
    a, b = np.linalg.norm(A, axis=-1), np.linalg.norm(B, axis=-1)
    product = a[..., :, None] * b[..., None, :]
    dot = A @ np.swapaxes(B, -1, -2)
    cosine = np.divide(dot, product, out=np.zeros_like(dot), where=product > 0)
    return a, b, np.arccos(np.clip(cosine, -1.0, 1.0))


def kernel(A: Array, B: Array) -> Array:
    """k of each row of A with each row of B: (…, K, M)."""
    a, b, phi = angles(A, B)
    shape = np.sin(phi) + (math.pi - phi) * np.cos(phi)
    value: Array = a[..., :, None] * b[..., None, :] * shape / (2 * math.pi)
    return value


def loss(W: Array, V: Array) -> Array:
    """L of each student: (R,), or a number for one."""
    value: Array = kernel(W, W).sum((-1, -2)) / 2 - kernel(W, V).sum((-1, -2)) + kernel(V, V).sum() / 2
    value = np.maximum(value, 0.0)  # what is left below 0 is rounding
    return value


def _pull(W: Array, B: Array, own: bool) -> Array:
    """Σⱼ ∂k(wᵢ, bⱼ)/∂wᵢ = Σⱼ (‖bⱼ‖ sin φ ŵᵢ + (π − φ) bⱼ)/2π: (…, K, D). `own` says that B is W."""
    a, b, phi = angles(W, B)
    if own:
        neuron = np.arange(W.shape[-2])
        phi[..., neuron, neuron] = 0.0
    unit = np.divide(W, a[..., None], out=np.zeros_like(W), where=a[..., None] > 0)
    along = (b[..., None, :] * np.sin(phi)).sum(-1)
    pull: Array = (along[..., None] * unit + (math.pi - phi) @ B) / (2 * math.pi)
    return pull


def gradient(W: Array, V: Array) -> Array:
    """∇L, of the shape of W. At a neuron of length 0, where L has a kink, the part along it is left out."""
    slope: Array = _pull(W, W, True) - _pull(W, V, False)
    return slope


def hessian(W: Array, V: Array) -> Array:
    """The Hessian of L at one student W (K, D): (K·D, K·D).

    With n = (v̂ − cos φ ŵ)/sin φ and m = (ŵ − cos φ v̂)/sin φ:
        ∂²k/∂w∂w = ‖v‖ sin φ/(2π‖w‖) · (I − ŵŵᵀ + nnᵀ),   ∂²k/∂w∂v = ((π − φ)I + ŵnᵀ + v̂mᵀ)/2π
    """
    count, size = W.shape
    if not np.linalg.norm(W, axis=1).all():
        raise ValueError("A neuron of the student has length 0, where the loss has a kink and no Hessian.")
    blocks = np.zeros((count, size, count, size))
    for i, w in enumerate(W):
        blocks[i, :, i, :] += np.eye(size) / 2
        for j, other in enumerate(W):
            if i != j:
                blocks[i, :, i, :] += _twice(w, other)
                blocks[i, :, j, :] += _across(w, other)
        for v in V:
            blocks[i, :, i, :] -= _twice(w, v)
    return blocks.reshape(count * size, count * size)


def _between(w: Array, v: Array) -> tuple[Array, Array, float, Array, Array]:
    """ŵ, v̂, φ, n and m. Of parallel ones n and m are 0: what is multiplied by them vanishes there."""
    unit, other = w / np.linalg.norm(w), v / max(float(np.linalg.norm(v)), 1e-300)
    cosine = float(np.clip(unit @ other, -1.0, 1.0))
    sine = math.sqrt((1 - cosine) * (1 + cosine))
    if sine < 1e-9:
        return unit, other, math.acos(cosine), np.zeros_like(w), np.zeros_like(w)
    return unit, other, math.acos(cosine), (other - cosine * unit) / sine, (unit - cosine * other) / sine


def _twice(w: Array, v: Array) -> Array:
    unit, _, phi, n, _ = _between(w, v)
    share = float(np.linalg.norm(v)) * math.sin(phi) / (2 * math.pi * float(np.linalg.norm(w)))
    return share * (np.eye(len(w)) - np.outer(unit, unit) + np.outer(n, n))


def _across(w: Array, v: Array) -> Array:
    unit, other, phi, n, m = _between(w, v)
    block: Array = (math.pi - phi) * np.eye(len(w)) + np.outer(unit, n) + np.outer(other, m)
    return block / (2 * math.pi)


# --- starts and descent ---------------------------------------------------------------------------------------


def uniforms(seed: int, count: int) -> Array:
    """Numbers in [0, 1) that a browser can draw too: Tommy Ettinger's mulberry32, a hash of a counter."""
    with np.errstate(over="ignore"):
        state = np.uint32(seed) + np.arange(1, count + 1, dtype=np.uint32) * np.uint32(0x6D2B79F5)
        mixed = (state ^ (state >> np.uint32(15))) * (state | np.uint32(1))
        mixed ^= mixed + (mixed ^ (mixed >> np.uint32(7))) * (mixed | np.uint32(61))
    found: Array = (mixed ^ (mixed >> np.uint32(14))) / 4294967296.0
    return found


def normals(seed: int, count: int) -> Array:
    """Standard normal numbers from pairs of uniform ones, by Box and Muller."""
    u = uniforms(seed, 2 * count)
    value: Array = np.sqrt(-2 * np.log1p(-u[::2])) * np.cos(2 * math.pi * u[1::2])
    return value


def starts(seed: int, students: int, units: int, inputs: int) -> Array:
    """Random students (R, K, D), each weight from N(0, 1/D). Another student more changes none of the others."""
    drawn = normals(seed * 1_000_003, students * units * inputs)
    return drawn.reshape(students, units, inputs) / math.sqrt(inputs)


def descend(W: Array, V: Array, rate: float, steps: int, beta: float = 0.0) -> Array:
    """`steps` updates m ← βm + ∇L, W ← W − ηm from m = 0, of all students at once."""
    W, m = W.copy(), np.zeros_like(W)
    for _ in range(steps):
        m = beta * m + gradient(W, V)
        W -= rate * m
    return W


# --- one neuron more ------------------------------------------------------------------------------------------


def split_curvature(W: Array, V: Array, neuron: int) -> tuple[float, Array]:
    """What a split of one neuron opens: the least curvature of L as its two halves part, and the direction u they part in.

    For halves w/2 ± εu, L changes by ε²·λ to second order, with λ an eigenvalue of 2(H_ii − I/2), H_ii being the neuron's own
    block of the Hessian before the split. Moves that keep the halves together see the old Hessian, so a minimum is left by
    parting alone.
    """
    size = W.shape[1]
    block = hessian(W, V)[neuron * size : (neuron + 1) * size, neuron * size : (neuron + 1) * size]
    values, vectors = np.linalg.eigh(2 * (block - np.eye(size) / 2))
    return float(values[0]), vectors[:, 0]


def split(W: Array, neuron: int, direction: Array | None = None, apart: float = 0.0) -> Array:
    """One neuron more: w becomes w/2 + apart·u and w/2 − apart·u. With apart = 0 the function stays the same, since
    relu(w/2 · x) twice is relu(w · x), and so does the gradient's being 0: descent needs a push to leave the place.
    """
    half = W[neuron] / 2
    push = np.zeros_like(half) if direction is None else apart * direction
    return np.concatenate([W[:neuron], (half + push)[None], W[neuron + 1 :], (half - push)[None]])


# --- moments: learning without descent ------------------------------------------------------------------------


def moments(V: Array) -> tuple[Array, Array]:
    """E[t(x) x] = ½Σvⱼ (D,), and E[t(x)(xxᵀ − I)] = Σ vⱼvⱼᵀ/(‖vⱼ‖√2π) (D, D)."""
    lengths = np.linalg.norm(V, axis=1)
    return V.sum(axis=0) / 2, (V.T / lengths) @ V / math.sqrt(2 * math.pi)


def sampled_moments(V: Array, x: Array) -> tuple[Array, Array]:
    """The same as means over samples x (N, D) and the teacher's answers."""
    t = np.maximum(x @ V.T, 0.0).sum(axis=1)
    return t @ x / len(x), (x.T * t) @ x / len(x) - t.mean() * np.eye(x.shape[1])


def span_angle(second: Array, V: Array) -> float:
    """The largest angle, in degrees, between the span of `second`'s M top eigenvectors and that of the teacher's rows."""
    top = np.linalg.eigh(second)[1][:, -len(V) :]
    basis = np.linalg.qr(V.T)[0]
    cosines = np.linalg.svd(basis.T @ top, compute_uv=False)
    return math.degrees(math.acos(float(np.clip(cosines[-1], -1.0, 1.0))))
