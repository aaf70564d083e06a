"""Records Hessian-vector products by PyTorch's automatic differentiation, into hessian.json beside this file.

`python tests/oracles/record_hessian.py`. Needs PyTorch (2.13 made the file that is there); the tests only need the file.
In float64, for every activation, loss and penalty, on a small network; and networks without hidden layers, deep ones, with
several outputs, and with a sigmoid at the output. The product is the gradient of g·v, where g is the gradient of the loss.
"""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

torch.set_default_dtype(torch.float64)
ACTIVATIONS = {
    "identity": lambda z: z,
    "threshold": lambda z: (z >= 0).to(z.dtype) + 0 * z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": lambda z: functional.leaky_relu(z, 0.01),
    "elu": functional.elu,
    "softplus": lambda z: torch.logaddexp(z, torch.zeros_like(z)),
    "gelu": lambda z: functional.gelu(z, approximate="tanh"),
    "silu": functional.silu,
    "sine": torch.sin,
}
LOSSES = {
    "mean_squared_error": functional.mse_loss,
    "quadratic": lambda z, y: 0.5 * functional.mse_loss(z, y),
    "binary_cross_entropy": functional.binary_cross_entropy_with_logits,
    "cross_entropy": lambda z, y: functional.cross_entropy(z, y),
    "huber": functional.huber_loss,
}
PENALTIES = {"none": {}, "l1": {"l1": 0.1}, "l2": {"l2": 0.3}, "both": {"l1": 0.02, "l2": 0.05}}
SAMPLES = 9


def cases():
    for activation in ACTIVATIONS:
        for loss in LOSSES:
            for penalty in PENALTIES:
                outputs = 3 if loss == "cross_entropy" else 1
                yield [2, 4, 3, outputs], [activation] * 2 + ["identity"], loss, penalty
    for loss in LOSSES:
        outputs = 3 if loss == "cross_entropy" else 1
        yield [2, outputs], ["identity"], loss, "l2"
        yield [2, 3, 3, 3, outputs], ["gelu", "relu", "silu", "identity"], loss, "l2"
    for loss in ("mean_squared_error", "quadratic", "huber"):
        yield [2, 4, 3], ["tanh", "identity"], loss, "none"
        yield [2, 4, 3], ["softplus", "sigmoid"], loss, "none"


def loss_at(theta, sizes, activations, loss, strengths, X, y):
    a, start, penalty = X, 0, 0.0
    for name, n, m in zip(activations, sizes[:-1], sizes[1:], strict=True):
        W = theta[start : start + n * m].reshape(n, m)
        b = theta[start + n * m : start + (n + 1) * m]
        start += (n + 1) * m
        a = ACTIVATIONS[name](a @ W + b)
        penalty = (
            penalty + strengths.get("l1", 0) * W.abs().sum() + 0.5 * strengths.get("l2", 0) * (W * W).sum()
        )
    return LOSSES[loss](a, y) + penalty


def main():
    rng = np.random.default_rng(11)
    X = rng.standard_normal((SAMPLES, 2))
    classes, signs = rng.integers(0, 3, SAMPLES), rng.integers(0, 2, SAMPLES)
    values = 1.5 * rng.standard_normal((SAMPLES, 3))
    record = {
        "X": X.tolist(),
        "classes": classes.tolist(),
        "signs": signs.tolist(),
        "values": values.tolist(),
    }
    points, found = {}, []
    for sizes, activations, loss, penalty in cases():
        count = sum((n + 1) * m for n, m in pairwise(sizes))
        if count not in points:
            points[count] = rng.standard_normal((2, count))
        theta, v = (torch.tensor(row) for row in points[count])
        y = {"cross_entropy": torch.tensor(classes), "binary_cross_entropy": torch.tensor(signs[:, None] * 1.0)}.get(
            loss, torch.tensor(values[:, : sizes[-1]])
        )  # fmt: skip
        theta.requires_grad_()
        value = loss_at(theta, sizes, activations, loss, PENALTIES[penalty], torch.tensor(X), y)
        (gradient,) = torch.autograd.grad(value, theta, create_graph=True)
        (product,) = torch.autograd.grad(gradient @ v, theta)
        found.append([sizes, activations, loss, PENALTIES[penalty], product.tolist()])
    record |= {"points": {str(count): rows.tolist() for count, rows in points.items()}, "products": found}
    Path(__file__).with_name("hessian.json").write_text(json.dumps(record))


if __name__ == "__main__":
    main()
