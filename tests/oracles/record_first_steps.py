"""Records what PyTorch and SciPy say about the First steps page, into first_steps.json beside this file:
`python tests/oracles/record_first_steps.py`. Needs torch 2.13 and SciPy; the tests only need the file.

Flows by `solve_ivp` and `expm`, derivatives by automatic differentiation, momentum and SGD by `torch.optim.SGD`, BFGS by
`scipy.optimize.minimize`, the sigmoid unit by autograd. The functions are written here once more, in PyTorch.
"""

import json
from pathlib import Path

import numpy as np
import torch
from scipy.integrate import solve_ivp
from scipy.linalg import expm, lstsq
from scipy.optimize import minimize

torch.set_default_dtype(torch.float64)
ANGLE = torch.deg2rad(torch.tensor(20.0))
X = torch.linspace(-1, 3, 20)
Y = 0.5 * X + 0.3 + 0.2 * torch.tensor(np.random.default_rng(0).standard_normal(20))
DESIGN = torch.stack([X, torch.ones(20)], 1)


def line(p):
    return ((DESIGN @ p - Y) ** 2).mean()


def ravine(p):
    c, s = torch.cos(ANGLE), torch.sin(ANGLE)
    return 0.5 * (0.1 * (c * p[0] + s * p[1]) ** 2 + (-s * p[0] + c * p[1]) ** 2)


def unit(p):
    return 0.5 * torch.sigmoid(p[0] + p[1]) ** 2


def rosenbrock(p):
    return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2


def saddle(p):
    return p[0] ** 2 / 2 - p[1] ** 2 / 2 + p[1] ** 4 / 4


def bumpy(p):
    return 0.05 * p[0] ** 2 + 0.1 * torch.cos(4 * p[0])


FUNCTIONS = {"line": line, "ravine": ravine, "unit": unit, "rosenbrock": rosenbrock, "saddle": saddle, "bumpy": bumpy}  # fmt: skip
PLACES = {
    "line": [[-1.5, 1.5], [0.2, 0.7]],
    "ravine": [[-2.5, 0.7], [1.0, 1.0]],
    "unit": [[2.0, 2.0], [6.0, 6.0], [-1.0, 3.0]],
    "rosenbrock": [[-1.2, 1.0], [0.5, 2.0]],
    "saddle": [[1.0, 0.3], [-0.5, -1.4]],
    "bumpy": [[6.0], [-0.3]],
}
FLOW_TIMES = {"line": [0.5, 3.0], "ravine": [1.0, 20.0], "unit": [5.0, 500.0], "rosenbrock": [0.01, 2.0], "saddle": [1.0, 8.0], "bumpy": [1.0, 10.0]}  # fmt: skip


def derivatives(function, place):
    p = torch.tensor(place, requires_grad=True)
    value = function(p)
    return dict(
        at=place, value=value.item(), gradient=torch.autograd.grad(value, p)[0].tolist(),
        hessian=torch.autograd.functional.hessian(function, p.detach()).tolist(),
    )  # fmt: skip


def slope(function):
    def downhill(t, place):
        p = torch.tensor(place, requires_grad=True)
        return -torch.autograd.grad(function(p), p)[0].numpy()

    return downhill


def flows():
    return {
        name: [
            dict(start=place, times=FLOW_TIMES[name], places=solve_ivp(
                slope(function), (0, FLOW_TIMES[name][-1]), place, "Radau" if name == "rosenbrock" else "DOP853",
                t_eval=FLOW_TIMES[name], rtol=1e-11, atol=1e-13,
            ).y.T.tolist())
            for place in PLACES[name]
        ]
        for name, function in FUNCTIONS.items()
    }  # fmt: skip


def line_flow():
    H = 2 * (DESIGN.T @ DESIGN / 20).numpy()
    best = lstsq(DESIGN.numpy(), Y.numpy())[0]
    e = np.array([-1.5, 1.5]) - best
    return dict(best=best.tolist(), times=[0.1, 3.0], places=[(best + expm(-H * t) @ e).tolist() for t in (0.1, 3.0)])  # fmt: skip


def momentum_ends():
    """Where torch's SGD with momentum (heavy ball) stops on the bumpy bowl, from 6 at 0.05."""
    ends = {}
    for beta in (0.0, 0.5, 0.8, 0.9, 0.95):
        for name, rate, damp in (("heavy_ball", 0.05, 0.0), ("ema", 0.05, beta)):
            p = torch.tensor([6.0], requires_grad=True)
            # torch leaves the damping out of the first step; a zero first gradient sets that right
            optimizer = torch.optim.SGD([p], lr=rate, momentum=beta, dampening=damp)
            p.grad = torch.zeros(1)
            optimizer.step()
            for _ in range(4000):
                optimizer.zero_grad()
                bumpy(p).backward()
                optimizer.step()
            ends[f"{name} {beta}"] = p.item()
    return ends


def unit_outputs():
    """The output of one sigmoid unit, label 0, from w = b = 2 and from 6, by torch's SGD at 0.15."""
    found = {}
    for start in (2.0, 6.0):
        for name in ("quadratic", "cross_entropy"):
            p = torch.tensor([start, start], requires_grad=True)
            optimizer, outputs = torch.optim.SGD([p], lr=0.15), []
            for _ in range(301):
                z = p[0] + p[1]
                outputs.append(torch.sigmoid(z).item())
                optimizer.zero_grad()
                (
                    0.5 * torch.sigmoid(z) ** 2 if name == "quadratic" else torch.nn.functional.softplus(z)
                ).backward()
                optimizer.step()
            found[f"{name} {start:g}"] = outputs
    return found


def sgd_on_the_line(runs=4000, rate=0.05, updates=60):
    """Mean and standard error of J − J* over many runs of torch's SGD, batch 4, with and without replacement."""
    least = line(torch.tensor(lstsq(DESIGN.numpy(), Y.numpy())[0])).item()
    found = {}
    for replace in (True, False):
        generator = torch.Generator().manual_seed(1)
        p = torch.tensor([[-1.5, 1.5]]).repeat(runs, 1).requires_grad_()
        optimizer, gaps = torch.optim.SGD([p], lr=rate), []
        for _ in range(updates + 1):
            J = ((p.detach() @ DESIGN.T - Y) ** 2).mean(1) - least
            gaps.append([J.mean().item(), (J.std() / runs**0.5).item()])
            if replace:
                chosen = torch.randint(20, (runs, 4), generator=generator)
            else:
                chosen = torch.rand(runs, 20, generator=generator).argsort(1)[:, :4]
            optimizer.zero_grad()
            (((DESIGN[chosen] * p[:, None]).sum(2) - Y[chosen]) ** 2).mean(1).sum().backward()
            optimizer.step()
        found["with" if replace else "without"] = gaps
    return dict(rate=rate, batch=4, gaps=found)


def second_order():
    """Newton's steps by SciPy's solver on torch's derivatives; where SciPy's BFGS ends."""
    x, path = np.array([1.0, 0.3]), [[1.0, 0.3]]
    for _ in range(4):
        found = derivatives(saddle, x.tolist())
        x = x - np.linalg.solve(found["hessian"], found["gradient"])
        path.append(x.tolist())
    ends = {}
    for name in ("saddle", "rosenbrock", "ravine"):
        down = slope(FUNCTIONS[name])
        start = [1.0, 0.3] if name == "saddle" else PLACES[name][0]
        result = minimize(lambda p, f=FUNCTIONS[name]: f(torch.tensor(p)).item(), start,
                          jac=lambda p, d=down: -d(0, p), method="BFGS", options={"gtol": 1e-9})  # fmt: skip
        ends[name] = result.x.tolist()
    return dict(newton=path, bfgs=ends)


if __name__ == "__main__":
    record = dict(
        points=[X.tolist(), Y.tolist()],
        derivatives={name: [derivatives(f, place) for place in PLACES[name]] for name, f in FUNCTIONS.items()},
        flows=flows(), line_flow=line_flow(), momentum=momentum_ends(), unit=unit_outputs(), sgd=sgd_on_the_line(),
        second_order=second_order(),
    )  # fmt: skip
    Path(__file__).with_name("first_steps.json").write_text(json.dumps(record))
