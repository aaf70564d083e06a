"""Records landscape_torch.json: losses over a plane, computed by PyTorch. Run: python record_landscape.py"""

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


def torch_loss(theta, X, y, name):
    import torch  # here, so that the tests can have the numbers without it

    dtype = getattr(torch, name)
    a, start = torch.tensor(X, dtype=dtype), 0
    for k, (fan_in, fan_out) in enumerate(pairwise(SIZES)):
        layer = torch.nn.Linear(fan_in, fan_out, dtype=dtype)
        middle = start + fan_in * fan_out
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(theta[start:middle].reshape(fan_in, fan_out).T))
            layer.bias.copy_(torch.tensor(theta[middle : middle + fan_out]))
        start = middle + fan_out
        a = layer(a)
        if k < len(SIZES) - 2:
            a = torch.tanh(a)
    return torch.nn.functional.cross_entropy(a, torch.tensor(y)).item()


def main():
    import torch

    theta, d1, d2, X, y = numbers()
    grids = {
        name: [[torch_loss(theta + a * d1 + b * d2, X, y, name) for a in ALPHAS] for b in BETAS]
        for name in ("float32", "float64")
    }
    recorded = {"torch": torch.__version__, "alphas": ALPHAS, "betas": BETAS} | grids
    Path(__file__).with_name("landscape_torch.json").write_text(json.dumps(recorded, indent=1) + "\n")


if __name__ == "__main__":
    main()
