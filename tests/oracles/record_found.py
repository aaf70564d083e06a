"""Records the Found view's networks, trained by PyTorch, into found.json beside this file:
`PYTHONPATH=. python tests/oracles/record_found.py` (a few minutes).

Every start is trained in float64 from the weights and on the points of the view, by `torch.optim.Adam` with automatic
differentiation. `after` has the errors of all starts after UPDATES updates; `early` has the outputs of the first start of
width 8 after EARLY.
"""

import json
from pathlib import Path

import numpy as np
import torch

from engine.studies.found import RATE, Found

UPDATES, EARLY = 4000, 300
STUDIES = {
    "sine": dict(),
    "saw8": dict(data="saw8", networks=((2, 2, 2), (8, 8, 8), (32,))),
    "saw16": dict(data="saw16", networks=((2, 2, 2, 2),)),
    "ring": dict(
        data="ring", networks=((2,), (2, 2), (2, 2, 2, 2), (3,)), activation="tanh", samples=300, starts=20
    ),
}


def layers(study, network):
    """Weights (R, fan_in, fan_out) and biases (R, 1, fan_out) of all starts as PyTorch has them."""
    run = study.runs[network]
    theta = np.stack([run.theta(k) for k in range(study.starts)])
    found = []
    for W, b in run.lanes[0].mlp.unflatten(theta):
        rows = len(theta)
        found += [torch.tensor(np.array(W), requires_grad=True), torch.tensor(np.array(b).reshape(rows, 1, -1), requires_grad=True)]  # fmt: skip
    return found


def forward(parts, X, bend):
    h = X.expand(len(parts[0]), *X.shape)
    for k in range(0, len(parts), 2):
        h = torch.bmm(h, parts[k]) + parts[k + 1]
        if k + 2 < len(parts):
            h = bend(h)
    return h[:, :, 0]


def train(study, network, updates):
    """Outputs (R, M) on the grid, or at the ring's points."""
    X, y = torch.tensor(study.X), torch.tensor(study.y, dtype=torch.float64)
    parts = layers(study, network)
    bend = torch.tanh if study.is_ring else torch.relu
    optimizer = torch.optim.Adam(parts, lr=RATE)
    for _ in range(updates):
        optimizer.zero_grad()
        outputs = forward(parts, X, bend)
        target = y.expand(outputs.shape)
        if study.is_ring:
            each = torch.nn.functional.binary_cross_entropy_with_logits(outputs, target, reduction="none")
        else:
            each = (outputs - target) ** 2
        each.mean(dim=1).sum().backward()
        optimizer.step()
    with torch.no_grad():
        return forward(parts, X if study.is_ring else torch.tensor(study.u), bend).numpy()


def errors(study, outputs):
    """The largest and the mean squared error of every start; of the ring, the share of wrong points."""
    if study.is_ring:
        return dict(wrong=((outputs > 0) != (study.y > 0.5)).mean(axis=1).tolist())
    apart = np.abs(outputs - study.truth)
    return dict(largest=apart.max(axis=1).tolist(), mean=(apart**2).mean(axis=1).tolist())


def main():
    record = dict(after={}, early={})
    for name, asked in STUDIES.items():
        study = Found(**asked)
        record["after"][name] = {
            "-".join(map(str, hidden)): errors(study, train(study, k, UPDATES))
            for k, hidden in enumerate(study.networks)
        }
        print(name, flush=True)
    record["early"] = train(Found(networks=((8,),)), 0, EARLY)[0].tolist()
    Path(__file__).with_name("found.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
