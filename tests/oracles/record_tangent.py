"""Records tangent kernels from `torch.func`, one network for every activation, into tangent.json beside this file:

pip install torch==2.13.0 && PYTHONPATH=. python tests/oracles/record_tangent.py
"""

import json
from itertools import pairwise
from pathlib import Path

import torch
from torch.func import jacrev, vmap

from engine.network.activations import ACTIVATIONS

torch.set_default_dtype(torch.float64)
SIZES = (2, 5, 4, 1)


def network(key):
    phi = eval(f"lambda z: {ACTIVATIONS[key].torch}", {"torch": torch})

    def f(layers, x):
        for k, (W, b) in enumerate(layers):
            x = x @ W + b
            x = phi(x) if k < len(layers) - 1 else x
        return x[0]

    return f


def record(key, seed):
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return torch.randn(*shape, generator=generator)

    layers = [(draw(n, m), draw(m)) for n, m in pairwise(SIZES)]
    X = draw(4, 2)
    f = network(key)
    J = vmap(jacrev(f), (None, 0))(layers, X)
    flat = torch.cat([part.reshape(len(X), -1) for layer in J for part in layer], dim=1)
    return {
        "layers": [[W.tolist(), b.tolist()] for W, b in layers],
        "X": X.tolist(),
        "f": vmap(f, (None, 0))(layers, X).tolist(),
        "kernel": (flat @ flat.T).tolist(),
    }


if __name__ == "__main__":
    found = {
        "torch": torch.__version__,
        "networks": {key: record(key, k) for k, key in enumerate(ACTIVATIONS)},
    }
    Path(__file__).with_name("tangent.json").write_text(json.dumps(found))
