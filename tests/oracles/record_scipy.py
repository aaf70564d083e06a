"""Records what SciPy finds, into scipy.json beside this file: `python tests/oracles/record_scipy.py`.

Needs SciPy (1.17 made the file that is there) and PyTorch, whose network is the independent one; the tests only need the
file. Rosenbrock's and Beale's functions from the usual starts, and a small network with a penalty: the minima that SciPy
reaches from many starts and from where our own methods end, and its evaluations.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import minimize, rosen, rosen_der, rosen_hess

sys.path.insert(0, str(Path(__file__).parents[2]))
torch.set_default_dtype(torch.float64)
L2 = 0.01


def beale(p):
    return sum((c - p[0] + p[0] * p[1] ** k) ** 2 for k, c in ((1, 1.5), (2, 2.25), (3, 2.625)))


def derivatives(function):
    """Gradient and Hessian of a function of a tensor, by automatic differentiation."""

    def gradient(x):
        t = torch.tensor(x, requires_grad=True)
        return torch.autograd.grad(function(t), t)[0].numpy()

    return gradient, lambda x: torch.autograd.functional.hessian(function, torch.tensor(x)).numpy()


def evaluations(value, gradient, hessian, start):
    counts = {}
    for method in ("BFGS", "L-BFGS-B", "Newton-CG"):
        options = {"gtol": 1e-8} if method != "Newton-CG" else {"xtol": 1e-10}
        extra = {"hess": hessian} if method == "Newton-CG" else {}
        found = minimize(value, start, jac=gradient, method=method, options=options, **extra)
        counts[method] = int(found.nfev)
    return counts


def network(X, y):
    X, y = torch.tensor(X), torch.tensor(y)

    def loss(theta):
        W1, b1, W2, b2 = theta[:12].reshape(2, 6), theta[12:18], theta[18:24].reshape(6, 1), theta[24]
        z = (torch.tanh(X @ W1 + b1) @ W2 + b2)[:, 0]
        data = torch.nn.functional.binary_cross_entropy_with_logits(z, y)
        return data + L2 / 2 * ((W1**2).sum() + (W2**2).sum())

    return loss


def main():
    beale_gradient, beale_hessian = derivatives(beale)
    functions = {}
    for name, (f, g, H), start, minimum in (
        ("rosenbrock", (rosen, rosen_der, rosen_hess), [-1.2, 1.0], [1.0, 1.0]),
        ("beale", (beale, beale_gradient, beale_hessian), [1.0, 1.0], [3.0, 0.5]),
        ("beale far", (beale, beale_gradient, beale_hessian), [-2.0, -1.5], [3.0, 0.5]),
    ):
        functions[name] = {"start": start, "minimum": minimum, "evaluations": evaluations(f, g, H, start)}
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 2))
    y = (X[:, 0] * X[:, 1] > 0).astype(float)
    theta = np.concatenate([rng.uniform(-0.9, 0.9, 12), np.zeros(6), rng.uniform(-0.9, 0.9, 6), np.zeros(1)])
    loss = network(X, y)
    gradient, hessian = derivatives(loss)

    def value(x):
        return float(loss(torch.tensor(x)))

    record = {"functions": functions, "X": X.tolist(), "y": y.tolist(), "l2": L2, "theta": theta.tolist()}
    record["network_evaluations"] = evaluations(value, gradient, hessian, theta)
    path = Path(__file__).with_name("scipy.json")
    path.write_text(json.dumps(record | {"minima": []}))  # test_second_order reads the problem from it
    from tests.engine.methods.test_second_order import METHODS, minimise
    from tests.engine.methods.test_second_order import network as ours

    starts = [minimise(key, ours()[1], theta, smallest=1e-7)[0] for key in METHODS]
    minima = [
        minimize(value, s, jac=gradient, hess=hessian, method="trust-exact", options={"gtol": 1e-9})
        for s in starts
    ]
    record["minima"] = sorted({round(found.fun, 12) for found in minima})
    path.write_text(json.dumps(record))


if __name__ == "__main__":
    main()
