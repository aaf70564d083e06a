"""Records what PyTorch's autograd says of the teacher's loss, its gradient and its Hessian at 50 random points, into
teacher.json beside this file:

    pip install torch==2.13.0 && python tests/oracles/record_teacher.py

The kernel is written with atan2 here, not with arccos as in the engine.
"""

import json
import math
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)


def kernel(w, v):
    """E[relu(wᵀx) relu(vᵀx)] for x ~ N(0, I), of two vectors that are not parallel."""
    dot = w @ v
    area = torch.sqrt((w @ w) * (v @ v) - dot**2)
    return (area + (math.pi - torch.atan2(area, dot)) * dot) / (2 * math.pi)


def loss(W, V):
    total = torch.zeros(())
    for i, w in enumerate(W):
        total = total + w @ w / 4
        for other in W[:i]:
            total = total + kernel(w, other)
        for v in V:
            total = total - kernel(w, v)
    for i, v in enumerate(V):
        total = total + v @ v / 4 + sum((kernel(v, other) for other in V[:i]), torch.zeros(()))
    return total


def point(seed):
    generator = torch.Generator().manual_seed(seed)
    units, teachers, inputs = 1 + seed % 3, 1 + seed // 3 % 3, 2 + seed // 9 % 3
    W = torch.randn(units, inputs, generator=generator, requires_grad=True)
    V = torch.randn(teachers, inputs, generator=generator)
    value = loss(W, V)
    (slope,) = torch.autograd.grad(value, W)
    curvature = torch.autograd.functional.hessian(lambda w: loss(w.reshape(W.shape), V), W.detach().ravel())
    upper = curvature[tuple(torch.triu_indices(W.numel(), W.numel()))]
    return {
        "W": W.tolist(),
        "V": V.tolist(),
        "loss": value.item(),
        "gradient": slope.tolist(),
        "hessian": upper.tolist(),
    }


if __name__ == "__main__":
    record = {"torch": torch.__version__, "points": [point(seed) for seed in range(50)]}
    Path(__file__).with_name("teacher.json").write_text(json.dumps(record))
