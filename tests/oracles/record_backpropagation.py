"""Records what PyTorch's autograd computes for the Backpropagation page, into backpropagation.json beside this file:
`python tests/oracles/record_backpropagation.py`. Needs PyTorch (2.13 made the file); the tests only need the file.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from engine import MLP, DatasetConfig
from engine.data.load import load_dataset

torch.set_default_dtype(torch.float64)


def leaf(values):
    return torch.tensor(values, requires_grad=True)


def chain():
    """Three sigmoid units in a row, one bias at the start, ½(ŷ − y)²."""
    x, y, b, w = torch.tensor(1.0), torch.tensor(1.0), leaf(0.25), leaf([0.5, -1.0, 2.0])
    f, a_list, f_list = x, [], []
    for k in range(3):
        a = w[k] * f + (b if k == 0 else 0)
        f = torch.sigmoid(a)
        a_list.append(a.item())
        f_list.append(f.item())
    loss = 0.5 * (f - y) ** 2
    loss.backward()
    return {"a": a_list, "f": f_list, "loss": loss.item(), "w": w.grad.tolist(), "b": b.grad.item()}


def lecture():
    """Lecture 9, case 2: two inputs and a constant 1, two sigmoid units and a constant 1, one sigmoid output, log loss."""
    alpha, beta = leaf([[0.1, 0.2, -0.3], [-0.2, 0.4, 0.1]]), leaf([0.3, -0.5, 0.8])
    a = alpha @ torch.tensor([1.0, 1.0, 2.0])
    z = torch.sigmoid(a)
    b = beta @ torch.cat([torch.ones(1), z])
    y = torch.sigmoid(b)
    for value in (a, z, b, y):
        value.retain_grad()
    J = -torch.log(y)
    J.backward()
    values = {"a": a, "z": z, "b": b, "y": y}
    return (
        {key: value.tolist() for key, value in values.items()}
        | {f"g_{key}": value.grad.tolist() for key, value in values.items()}
        | {"J": J.item(), "g_alpha": alpha.grad.tolist(), "g_beta": beta.grad.tolist()}
    )


def softmax(logits, label):
    a = leaf(logits)
    loss = torch.nn.functional.cross_entropy(a[None], torch.tensor([label]))
    loss.backward()
    return {"logits": logits, "label": label, "f": torch.softmax(a.detach(), 0).tolist(), "loss": loss.item(), "gradient": a.grad.tolist()}  # fmt: skip


class Wrong(torch.autograd.Function):
    """tanh with another slope behind it: of a instead of z, the sigmoid's, or none at all."""

    @staticmethod
    def forward(ctx, z, slope):
        a = torch.tanh(z)
        ctx.save_for_backward(a)
        ctx.slope = slope
        return a

    @staticmethod
    def backward(ctx, grad):
        (a,) = ctx.saved_tensors
        return grad * {
            "of_a": 1 - torch.tanh(a) ** 2,
            "sigmoid": a * (1 - a),
            "forgotten": torch.ones_like(a),
        }[ctx.slope], None


def planted(bug, X, y, theta, rate, updates):
    """A 2-4-1 tanh network with log loss, trained by gradient descent with a wrong backward pass; its loss at the end."""
    W1, b1, W2, b2 = (
        leaf(part)
        for part in (
            theta[:8].reshape(2, 4).tolist(),
            theta[8:12].tolist(),
            theta[12:16].tolist(),
            theta[16:].tolist(),
        )
    )

    def loss():
        z = X @ W1 + b1
        slope = {"slope_of_a": "of_a", "sigmoid_slope": "sigmoid", "slope_forgotten": "forgotten"}.get(bug)
        a = Wrong.apply(z, slope) if slope else torch.tanh(z)
        return torch.nn.functional.binary_cross_entropy_with_logits(a @ W2 + b2, y)

    for _ in range(updates):
        gradients = list(torch.autograd.grad(loss(), (W1, b1, W2, b2)))
        gradients[1] = {"sign_of_b1": -gradients[1], "biases_forgotten": 0 * gradients[1]}.get(
            bug, gradients[1]
        )
        with torch.no_grad():
            for parameter, gradient in zip((W1, b1, W2, b2), gradients, strict=True):
                parameter -= rate * gradient
    return loss().item()


def trained_with_bugs():
    """From the samples and the initial weights of the page, which the file keeps with the losses."""
    data = load_dataset(DatasetConfig("circles", samples=50, noise=0.1, test_fraction=0.0))
    theta = MLP((2, 4, 1), ["tanh"], "binary_cross_entropy").initialize(np.random.default_rng(0), 1)[0]
    X, y = torch.from_numpy(data.X_train.astype(float)), torch.from_numpy(data.y_train.astype(float))
    bugs = ("right", "slope_of_a", "sigmoid_slope", "biases_forgotten", "sign_of_b1", "slope_forgotten")
    losses = {bug: planted(bug, X, y, theta, 0.2, 3000) for bug in bugs}
    return {
        "rate": 0.2,
        "updates": 3000,
        "X": X.tolist(),
        "y": y.tolist(),
        "theta": theta.tolist(),
        "losses": losses,
    }


def written_out(b):
    """The slope of the sigmoid as the lecture writes it, exp(−b)/(exp(−b) + 1)²."""
    b = torch.tensor(b)
    return repr((torch.exp(-b) / (torch.exp(-b) + 1) ** 2).item())


if __name__ == "__main__":
    found = {
        "chain": chain(),
        "lecture": lecture(),
        "softmax": [
            softmax(logits, label)
            for logits, label in (
                ([2.0, 1.0, 0.1], 0), ([1e4, -1e4, 0.0], 1), ([-1e4, 1e4], 1), ([0.5] * 5, 3), ([1000.0, 1.0, 0.0, -2.0], 2),
            )
        ],
        "planted": trained_with_bugs(),
        "written_out": {str(b): written_out(b) for b in (-354.0, -355.0, -709.0, -710.0, 0.5)},
    }  # fmt: skip
    path = Path(__file__).with_name("backpropagation.json")
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
