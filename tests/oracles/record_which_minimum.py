"""Records where PyTorch's optimizers end on the construction of Wilson et al. (2017), into which_minimum.json beside this file:
`python tests/oracles/record_which_minimum.py`. Needs PyTorch (2.13 made the file); it builds the samples by itself.
"""

import json
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)
N, POSITIVES, UPDATES = 60, 33, 4000
METHODS = {
    "sgd": lambda w: torch.optim.SGD([w], lr=0.3),
    "momentum": lambda w: torch.optim.SGD([w], lr=0.1, momentum=0.9),
    "adagrad": lambda w: torch.optim.Adagrad([w], lr=0.1, eps=1e-8),
    "rmsprop": lambda w: torch.optim.RMSprop([w], lr=0.01, alpha=0.9),
    "adam": lambda w: torch.optim.Adam([w], lr=0.01),
}


def samples():
    """Label, two constants, then blocks of five: one 1 for label +1, five for label −1."""
    y = torch.tensor([1.0] * POSITIVES + [-1.0] * (N - POSITIVES))
    X = torch.zeros(N, 3 + 5 * N)
    for i, label in enumerate(y):
        X[i, :3] = torch.tensor([label, 1.0, 1.0])
        X[i, 3 + 5 * i : 3 + 5 * i + (1 if label > 0 else 5)] = 1
    return X, y


def main():
    X, y = samples()
    record = {}
    for name, make in METHODS.items():
        w = torch.zeros(X.shape[1], requires_grad=True)
        optimizer = make(w)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: 1 - t / UPDATES)
        for _ in range(UPDATES):
            optimizer.zero_grad()
            torch.mean((X @ w - y) ** 2).backward()
            optimizer.step()
            schedule.step()
        record[name] = w.detach()[:4].tolist()
    Path(__file__).with_name("which_minimum.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
