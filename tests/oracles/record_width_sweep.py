"""Records the Double descent view's networks, into width_sweep.json beside this file:
`PYTHONPATH=. python tests/oracles/record_width_sweep.py` (about two minutes).

`torch` has the errors of two widths, trained by PyTorch in float64 from the same weights on the same data sets. `peaks` has
our own sweeps with the page's settings at five seeds and two sizes of the training set: the weights per sample where the
median error on new points is highest, and the medians.
"""

import json
from pathlib import Path

import numpy as np
import torch

from engine.studies.width_sweep import RATE, WidthSweep, networks, truth

SETS, UPDATES, SEEDS = 8, 1000, 5


def by_torch(width):
    """Median errors on training points and on new points."""
    run, new = networks(40, 0.5, 0.0, 0, 0, SETS, width)
    new_X, new_y = (torch.tensor(values, dtype=torch.float64) for values in (new, truth(new)))
    found = []
    for k in range(SETS):
        X, y = (torch.tensor(values[k], dtype=torch.float64) for values in (run.X, run.y))
        theta = np.asarray(run.theta(k), float)
        shapes = [(5, width), (width,), (width, 1), (1,)]
        cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
        parts = [
            torch.tensor(part.reshape(shape), requires_grad=True)
            for part, shape in zip(np.split(theta, cuts), shapes, strict=True)
        ]
        W, b, v, c = parts
        optimizer = torch.optim.Adam(parts, lr=RATE)
        for _ in range(UPDATES):
            optimizer.zero_grad()
            torch.mean(((torch.tanh(X @ W + b) @ v + c)[:, 0] - y) ** 2).backward()
            optimizer.step()
        with torch.no_grad():
            errors = [
                torch.mean(((torch.tanh(at @ W + b) @ v + c)[:, 0] - want) ** 2).item()
                for at, want in ((X, y), (new_X, new_y))
            ]
        found.append(errors)
    return np.median(found, axis=0).tolist()


def peak(n, seed):
    study = WidthSweep(n=n, seed=seed)
    while not study.sweep.finished:
        study.advance(60)
    return dict(
        n=n, seed=seed, per_sample=study.parameters[study.peak] / n,
        train=np.round(np.median(study.train, axis=1), 4).tolist(), test=np.round(np.median(study.test, axis=1), 4).tolist(),
    )  # fmt: skip


def main():
    record = dict(
        torch={width: by_torch(width) for width in (2, 16)},
        peaks=[peak(n, seed) for n in (40, 80) for seed in range(SEEDS)],
    )
    Path(__file__).with_name("width_sweep.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
