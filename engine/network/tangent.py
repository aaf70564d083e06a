"""The tangent kernel: what a network is to first order in its weights, and how that model would learn.

    J = ∂f/∂θ (N, P) at θ₀,   K = J S Jᵀ (N, N),   S = diag of a rate for each parameter
    f(x; θ) ≈ f₀(x) + J(x)(θ − θ₀): linear in θ. Descent θ ← θ − η S ∇L on L = (1/2N) Σ (f − y)² gives
    f_t(x) = f₀(x) + K(x, X) (I − (I − ηK/N)ᵗ) K⁻¹ (y − f₀(X))

With weights from N(0, σ_w²/n_in), biases from N(0, σ_b²) and just these variances as rates S, K tends to a fixed kernel
as layers get wider, and training hardly changes it: a wide network learns like its linear model.

Shapes: N samples, P parameters, M other points. One output. Sources: Jacot, Gabriel and Hongler (2018); Lee et al. (2019),
whose NTK parametrisation these rates equal.
"""

from __future__ import annotations

import numpy as np

from engine.network.mlp import MLP

Array = np.ndarray
FLAT = 1e-12  # an eigenvalue of K below this share of the largest counts as 0: nothing is learned along it


def scales(mlp: MLP, sigma_w: float, sigma_b: float) -> Array:
    """S (P,): σ_w²/n_in for each weight and σ_b² for each bias; both the variance at the start and the rate."""
    S = np.empty(mlp.parameter_count)
    for slot, fan_in, fan_out in mlp.slots:
        rates = np.full((fan_in + 1, fan_out), sigma_w**2 / fan_in)
        rates[-1] = sigma_b**2
        S[slot] = rates.ravel()
    return S


def jacobian(mlp: MLP, theta: Array, X: Array) -> tuple[Array, Array]:
    """f (R, N) and ∂f/∂θ (R, N, P) of a network with one output and the loss `quadratic`, at each θ of (R, P).

    A lane for each sample: with the target f − 1 the loss ½(f − target)² has the gradient ∂f/∂θ itself.
    """
    if mlp.layer_sizes[-1] != 1 or mlp.loss_key != "quadratic":
        raise ValueError("The tangent kernel is of a network with one output and the quadratic loss.")
    f = mlp.forward(theta, X)[:, :, 0]
    rows, (lanes, samples) = np.repeat(theta, f.shape[1], axis=0), f.shape
    inputs = np.tile(np.asarray(X, theta.dtype), (lanes, 1))[:, None, :]
    _, slopes = mlp.loss_and_gradient(rows, inputs, (f - 1).reshape(-1, 1, 1))
    return f, slopes.reshape(lanes, samples, -1)


def kernel(J: Array, S: Array, other: Array | None = None) -> Array:
    """J S Jᵀ (…, N, N), or with another Jacobian in the second place (…, N, M)."""
    K: Array = (J * S) @ np.swapaxes(J if other is None else other, -1, -2)
    return K


def learned(K: Array, eta: float, updates: int) -> Array:
    """(I − (I − ηK/N)ᵗ) K⁻¹ (N, N), so that f_t = f₀ + K(x, X) · learned · (y − f₀)."""
    values, vectors = np.linalg.eigh(K)
    positive = values > FLAT * max(float(values[-1]), 0.0)
    share = 1 - (1 - eta * values / len(K)) ** updates
    weight = np.divide(share, values, out=np.zeros_like(values), where=positive)
    found: Array = (vectors * weight) @ vectors.T
    return found
