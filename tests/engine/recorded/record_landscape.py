"""Records landscape_torch.json: losses over a plane and the Hessian's eigenvalues, computed by PyTorch.

Run: python tests/engine/recorded/record_landscape.py
"""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np

SIZES = (3, 6, 5, 3)
ALPHAS, BETAS = [-1.0, -0.35, 0.0, 0.8], [-0.5, 0.0, 1.25]


def numbers():
    """Weights, two directions that are neither orthogonal nor of unit length, and data."""
    rng = np.random.default_rng(20261121)
    count = sum((a + 1) * b for a, b in pairwise(SIZES))
    theta, d1, d2 = rng.normal(size=(3, count))
    d2 = 3 * d1 + 0.5 * d2
    X = rng.normal(size=(40, SIZES[0]))
    return theta, d1, d2, X, rng.integers(0, SIZES[-1], 40)


def torch_loss(theta, X, y):
    """The loss at theta, a tensor (P,)."""
    import torch  # here, so that the tests can have the numbers without it

    a, start = torch.tensor(X, dtype=theta.dtype), 0
    for k, (fan_in, fan_out) in enumerate(pairwise(SIZES)):
        middle = start + fan_in * fan_out
        weight, bias = theta[start:middle].reshape(fan_in, fan_out).T, theta[middle : middle + fan_out]
        start = middle + fan_out
        a = torch.nn.functional.linear(a, weight, bias)
        if k < len(SIZES) - 2:
            a = torch.tanh(a)
    return torch.nn.functional.cross_entropy(a, torch.tensor(y))


def main():
    import torch

    theta, d1, d2, X, y = numbers()

    def loss(a, b, dtype):
        return torch_loss(torch.tensor(theta + a * d1 + b * d2, dtype=dtype), X, y).item()

    grids = {
        name: [[loss(a, b, dtype) for a in ALPHAS] for b in BETAS]
        for name, dtype in (("float32", torch.float32), ("float64", torch.float64))
    }
    H = torch.autograd.functional.hessian(lambda point: torch_loss(point, X, y), torch.tensor(theta))
    recorded = {
        "torch": torch.__version__,
        "alphas": ALPHAS,
        "betas": BETAS,
        "hessian_eigenvalues": torch.linalg.eigvalsh(H).tolist(),
    } | grids
    Path(__file__).with_name("landscape_torch.json").write_text(json.dumps(recorded, indent=1) + "\n")


if __name__ == "__main__":
    main()
