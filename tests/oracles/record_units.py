"""Records what PyTorch says about the Units page, into units.json beside this file: `python tests/oracles/record_units.py`.
Needs torch 2.13; the tests only need the file. A few minutes.

`signals`: the rms of z and of δ by layer through random networks of width 512, one sample each, δ by autograd; mean and
spread of their logarithms over the networks. `layers`: one small network with weights given by a formula, on 40 points:
rms of z, share of slopes below 0.1, dead units, and the length of ∂loss/∂W, layer by layer.
"""

import json
from itertools import pairwise
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
PHI = {
    "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": F.relu, "elu": F.elu, "softplus": F.softplus, "silu": F.silu,
    "gelu": lambda z: F.gelu(z, approximate="tanh"), "sine": torch.sin, "leaky_relu": lambda z: F.leaky_relu(z, 0.01),
    "identity": lambda z: z,
}  # fmt: skip
CASES = (
    ("sigmoid", 1.0, 0.0), ("tanh", 1.0, 0.0), ("relu", 2**0.5, 0.0), ("relu", 1.0, 0.0), ("tanh", 3.0, 0.0), ("tanh", 1.5, 0.3),
    ("elu", 1.2, 0.1), ("softplus", 0.8, 0.2), ("silu", 1.6, 0.0), ("gelu", 1.5, 0.0), ("sine", 1.2, 0.1), ("leaky_relu", 1.4, 0.0),
    ("identity", 1.0, 0.1),
)  # fmt: skip
WIDTH, DEPTH, NETWORKS = 512, 20, 12


def pass_through(name, sigma_w, sigma_b, width, depth):
    """rms of z and of δ for every layer of one random network and one sample."""
    h, zs = torch.randn(width), []
    h = h / h.square().mean().sqrt()
    h.requires_grad_()
    for _ in range(depth):
        z = h @ (sigma_w / width**0.5 * torch.randn(width, width)) + sigma_b * torch.randn(width)
        z.retain_grad()
        zs.append(z)
        h = PHI[name](z)
    zs[-1].backward(torch.randn(width))
    return [z.detach().square().mean().sqrt() for z in zs], [z.grad.square().mean().sqrt() for z in zs]


def signals():
    torch.manual_seed(0)
    found = []
    for name, sigma_w, sigma_b in CASES:
        runs = [pass_through(name, sigma_w, sigma_b, WIDTH, DEPTH) for _ in range(NETWORKS)]
        forward = torch.stack([torch.stack(z) for z, _ in runs]).log()
        back = torch.stack([torch.stack(d) for _, d in runs]).log()
        back = back - back[:, -1:]
        found.append(dict(
            activation=name, sigma_w=sigma_w, sigma_b=sigma_b, forward=forward.mean(0).tolist(), forward_spread=forward.std(0).tolist(),
            back=back.mean(0).tolist(), back_spread=back.std(0).tolist(),
        ))  # fmt: skip
    return found


def weights(fan_in, fan_out, layer):
    """A formula for [W; b] that any language can repeat."""
    k = torch.arange((fan_in + 1) * fan_out).reshape(fan_in + 1, fan_out)
    return 3 * torch.sin(1.0 + k * 0.7 + layer)


def layer_facts():
    X = torch.stack([torch.cos(torch.arange(40) * 0.9) * 1.5, torch.sin(torch.arange(40) * 1.7)], 1)
    y = (torch.arange(40) % 3 == 0).double()
    found = {}
    for name in ("sigmoid", "tanh", "relu", "sine"):
        sizes, h, zs, Ws = (2, 6, 5, 1), X, [], []
        for layer, (n, m) in enumerate(pairwise(sizes)):
            Wb = weights(n, m, layer)
            W = Wb[:-1].clone().requires_grad_()
            z = h @ W + Wb[-1]
            z.retain_grad()
            zs.append(z)
            Ws.append(W)
            h = PHI[name](z)
        nn.BCEWithLogitsLoss()(zs[-1][:, 0], y).backward()
        facts = []
        for layer, (z, W) in enumerate(zip(zs, Ws, strict=True)):
            point = z.detach().requires_grad_()
            slope = (
                torch.ones_like(point)
                if layer == 2
                else torch.autograd.grad(PHI[name](point).sum(), point)[0]
            )
            facts.append(dict(
                rms=float(z.detach().square().mean().sqrt()), saturated=float((slope.abs() < 0.1).double().mean()),
                dead=int((slope == 0).all(0).sum()), gradient=float(W.grad.norm()), rank=int(torch.linalg.matrix_rank(W.detach())),
            ))  # fmt: skip
        found[name] = facts
    return found


if __name__ == "__main__":
    record = dict(width=WIDTH, networks=NETWORKS, signals=signals(), layers=layer_facts())
    Path(__file__).with_name("units.json").write_text(json.dumps(record))
