"""What L1 and L2 do to the weights of a linear model, exactly: paths against the strength λ, and two weights in a plane.

    least squares with an orthogonal design, XᵀX = n·I, whose weights without a penalty are c:
        L1   w = sign(c)·max(|c| − λ, 0)        cuts: |c| ≤ λ becomes exactly 0
        L2   w = c/(1 + λ)                      shrinks: nothing becomes 0
    any curvature H and slope b = Hc:
        L1   argmin ½wᵀHw − bᵀw + λ|w|₁         by coordinate descent
        L2   (H + λI)⁻¹b

The penalties are those of `engine/network/penalties.py`: λ₁Σ|w| and (λ₂/2)Σw², beside ½ the mean squared error.
Sources: Tibshirani, Regression shrinkage and selection via the lasso (1996); Hastie, Tibshirani and Friedman, The
Elements of Statistical Learning (2009), §3.4.
"""

from __future__ import annotations

import numpy as np

from engine.network.penalties import soft_threshold

# twelve weights by size: the five largest matter
CENTRES = np.array([1.5, -1.1, 0.8, -0.6, 0.42, -0.25, 0.09, -0.07, 0.05, -0.03, 0.02, -0.01])
SWEEPS = 10_000


def cut(centres: np.ndarray, strength: float) -> np.ndarray:
    """L1 on an orthogonal design."""
    return soft_threshold(centres, np.array(strength))


def shrunk(centres: np.ndarray, strength: float) -> np.ndarray:
    """L2 on an orthogonal design."""
    result: np.ndarray = centres / (1 + strength)
    return result


def hovering(centres: np.ndarray, strength: float, rate: float, updates: int) -> np.ndarray:
    """The last two places (2, K) of L1 by the sub-gradient: w ← w − η(w − c + λ sign w) from 0, an orthogonal design.

    A weight with |c| < λ ends within η(λ + |c|) of 0, on either side in turn.
    """
    w = before = np.zeros_like(centres)
    for _ in range(updates):
        before, w = w, w - rate * (w - centres + strength * np.sign(w))
    return np.stack([before, w])


def lasso(H: np.ndarray, b: np.ndarray, strength: float) -> np.ndarray:
    """argmin ½wᵀHw − bᵀw + λ|w|₁ (K,) for a positive definite H, by coordinate descent to rounding."""
    w = np.zeros_like(b)
    for _ in range(SWEEPS):
        before = w.copy()
        for k in range(len(w)):
            rest = b[k] - H[k] @ w + H[k, k] * w[k]
            w[k] = soft_threshold(np.array(rest), np.array(strength)) / H[k, k]
        if np.abs(w - before).max() <= 1e-15 * max(1.0, float(np.abs(w).max())):
            break
    return w


def ridge(H: np.ndarray, b: np.ndarray, strength: float) -> np.ndarray:
    """argmin ½wᵀHw − bᵀw + (λ/2)|w|² (K,)."""
    return np.linalg.solve(H + strength * np.eye(len(b)), b)


def prior(w: np.ndarray, samples: int, l1: float, l2: float) -> np.ndarray:
    """The density at w that the penalties are the negative logarithm of: ∝ exp(−N(λ₁|w| + λ₂w²/2)) for N samples.

    With a cross-entropy, which is the mean of −ln p, the penalised loss is then −1/N times the logarithm of the
    posterior. Laplace for λ₂ = 0, Gaussian for λ₁ = 0. `ValueError` if both are 0: no density is flat everywhere.
    """
    if not (l1 or l2):
        raise ValueError("Without a penalty there is no prior.")
    a, b = samples * l1, samples * l2
    reach = min(40 / a if a else np.inf, 9 / np.sqrt(b) if b else np.inf)
    half = np.linspace(0, reach, 20_001)
    total = 2 * np.trapezoid(np.exp(-a * half - b * half**2 / 2), half)
    density: np.ndarray = np.exp(-a * np.abs(w) - b * w**2 / 2) / total
    return density
