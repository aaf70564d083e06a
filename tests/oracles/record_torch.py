"""Records what PyTorch computes, into torch.json beside this file: `PYTHONPATH=. python tests/oracles/record_torch.py`.

Needs PyTorch (2.13 made the file that is there); the tests only need the file. Which of PyTorch's methods is ours, and
which argument is which of our options, stands in each method's class as its `torch` twin. Three problems, 200 updates
each, in float64: a random quadratic, Rosenbrock's function, and a small network on mini-batches in a fixed order.
"""

import json
from pathlib import Path

import numpy as np
import torch

from engine import OPTIMIZERS

torch.set_default_dtype(torch.float64)
UPDATES = 200
# where ε and the averages' memory show; and one option that is no number
OTHER = {"beta": 0.5, "beta1": 0.5, "beta2": 0.9, "eps": 0.01, "weight_decay": 0.3, "momentum_decay": 0.1}
SPECIAL = {"adagrad": {"eps": 0.1}, "adadelta": {"eps": 1e-3}, "momentum": {"form": "velocity"}}
RATES = {"quadratic": 0.004, "rosenbrock": 1e-4, "network": 0.02}


def methods():
    """{name: (PyTorch's class, its arguments, our options)}, each twin at its defaults and with other options."""
    found = {}
    for key, kind in OPTIMIZERS.items():
        if kind.torch is None:
            continue
        other = {name: OTHER[name] for name in kind.options if name in OTHER} | SPECIAL.get(key, {})
        for name, options in ((key, {}), (f"{key} other", other)):
            if name == key or other:
                ours = options | kind.torch.ours
                found[name] = (getattr(torch.optim, kind.torch.name), arguments(kind, ours), ours)
    return found


def arguments(kind, ours):
    """The twin's arguments with our options' values in place of their names."""
    options = kind.with_defaults(ours)

    def value(given):
        if isinstance(given, tuple):
            return tuple(map(value, given))
        return options[given] if isinstance(given, str) else given

    return {name: value(given) for name, given in kind.torch.arguments.items()}


def problems():
    rng = np.random.default_rng(5)
    A = rng.standard_normal((6, 6))
    H, x0 = A @ A.T / 6 + 0.1 * np.eye(6), rng.standard_normal(6)
    X, y = rng.standard_normal((40, 2)), rng.integers(0, 2, 40).astype(float)
    W1, W2 = rng.standard_normal((2, 4)), rng.standard_normal((4, 1))
    theta = np.concatenate([W1.ravel(), np.zeros(4), W2.ravel(), np.zeros(1)])
    return {"H": H, "x0": x0, "X": X, "y": y, "theta": theta}


def losses(given):
    H, X, y = (torch.tensor(given[name]) for name in "HXy")

    def quadratic(x, t):
        return 0.5 * x @ H @ x

    def rosenbrock(x, t):
        return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2

    def network(theta, t):
        part = slice(8 * (t % 5), 8 * (t % 5) + 8)
        hidden = torch.tanh(X[part] @ theta[:8].reshape(2, 4) + theta[8:12])
        z = hidden @ theta[12:16].reshape(4, 1) + theta[16]
        return torch.nn.functional.binary_cross_entropy_with_logits(z[:, 0], y[part])

    return {"quadratic": (quadratic, given["x0"]), "rosenbrock": (rosenbrock, np.array([-1.2, 1.0])), "network": (network, given["theta"])}  # fmt: skip


def main():
    given = problems()
    runs = {}
    for method, (kind, options, _) in methods().items():
        for problem, (loss, start) in losses(given).items():
            x = torch.tensor(start, requires_grad=True)
            optimizer = kind([x], lr=RATES[problem], **options)
            points = []
            for t in range(UPDATES):
                optimizer.zero_grad()
                loss(x, t).backward()
                optimizer.step()
                if t + 1 in (1, 2, 10, 50, UPDATES):
                    points.append(x.detach().tolist())
            runs[f"{method}/{problem}"] = points
    z = torch.tensor([-1e4, -50.0, -3.0, -1e-3, 0.0, 1e-3, 3.0, 50.0, 1e4], requires_grad=True)
    functions = {
        "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu, "elu": torch.nn.functional.elu,
        "softplus": torch.nn.functional.softplus, "silu": torch.nn.functional.silu,
        "leaky_relu": torch.nn.functional.leaky_relu,
        "gelu": lambda v: torch.nn.functional.gelu(v, approximate="tanh"), "sine": torch.sin,
    }  # fmt: skip
    activations = {}
    for name, function in functions.items():
        value = function(z)
        (slope,) = torch.autograd.grad(value.sum(), z)
        activations[name] = [value.tolist(), slope.tolist()]
    logits = torch.tensor([[1e4, -1e4, 0.0], [-50.0, 3.0, 1e-3], [1e4, 1e4, -1e4]], requires_grad=True)
    labels = torch.tensor([1, 2, 0])
    value = torch.nn.functional.cross_entropy(logits, labels)
    (slope,) = torch.autograd.grad(value, logits)
    column, target = logits[:, :1], torch.tensor([[0.0], [1.0], [1.0]])
    binary = torch.nn.functional.binary_cross_entropy_with_logits(column, target)
    (binary_slope,) = torch.autograd.grad(binary, logits)
    outputs = torch.tensor([[-1e4, -1.0, 0.0], [0.5, 3.0, 1e4]], requires_grad=True)
    values = torch.tensor([[0.25, -0.5, 0.0], [-1e4, 2.5, -1e4]])
    functional = torch.nn.functional
    regression = {}
    for name, cost in (
        ("mean_squared_error", functional.mse_loss(outputs, values)),
        ("quadratic", 0.5 * functional.mse_loss(outputs, values)),
        ("huber", functional.huber_loss(outputs, values)),
    ):
        (slope_of_loss,) = torch.autograd.grad(cost, outputs)
        regression[name] = [outputs.tolist(), values.tolist(), cost.item(), slope_of_loss.tolist()]
    record = {
        "problems": {name: np.asarray(value).tolist() for name, value in given.items()},
        "rates": RATES,
        "options": {method: ours for method, (_, _, ours) in methods().items()},
        "runs": runs,
        "z": z.tolist(),
        "activations": activations,
        "regression": regression,
        "cross_entropy": [logits.tolist(), labels.tolist(), value.item(), slope.tolist()],
        "binary_cross_entropy": [target.tolist(), binary.item(), binary_slope[:, :1].tolist()],
    }
    Path(__file__).with_name("torch.json").write_text(json.dumps(record))


if __name__ == "__main__":
    main()
