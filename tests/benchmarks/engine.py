"""µs per lane and update with Adam, ours beside PyTorch, JAX and scikit-learn in one run on one core; medians.

`python -m tests.benchmarks.engine`. Ours is the training loop's own path: the network's `backward`, the optimizer's
`update`. Then a slice of the loss surface, and a prediction on a grid. A peer that is not installed is shown as "no".

NumPy's matrix products are OpenBLAS's, which takes the kernels that fit the processor unless OPENBLAS_CORETYPE says
otherwise. PyTorch and JAX don't heed it; so where it is set, all is measured again without it.
"""

import importlib.util
import itertools
import os
import statistics
import subprocess
import sys
import time
import warnings

import numpy as np

from engine import MLP, OPTIMIZERS
from engine.landscape.directions import random_directions
from engine.landscape.plane import Plane, axis

NETWORKS = ((2, 4, 2, 1), (2, 16, 16, 1), (2, 64, 64, 1))
BATCHES = (10, 32, 500)
LANES = (1, 8, 64)


def median_seconds(work, seconds: float = 0.25) -> float:
    """The median time of one call of `work`, over calls that fill `seconds`, at least five.

    In CPU time of the process, all threads: on one core the time on the clock, but for what others take of the core.
    """
    work()
    times: list[float] = []
    while sum(times) < seconds or len(times) < 5:
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def batch(size: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.standard_normal((size, 2)).astype(np.float32), rng.integers(0, 2, size).astype(np.float32)


def network(sizes) -> MLP:
    return MLP(sizes, ["tanh"] * (len(sizes) - 2), "binary_cross_entropy")


# A step of training -----------------------------------------------------------------------------------------


def ours(sizes, size: int, lanes: int, updates: int = 20) -> float:
    """As engine/blocks.py does it: prepared arrays, one guard around many updates."""
    mlp = network(sizes)
    theta = mlp.initialize(np.random.default_rng(0), lanes, dtype=np.float32)
    gradient = np.empty_like(theta)
    optimizer = OPTIMIZERS["adam"](lanes, mlp.parameter_count, 0.001, np.float32)
    X, y = batch(size)
    target = mlp.target(y, np.float32)

    def run():
        with np.errstate(all="ignore"):
            for _ in range(updates):
                mlp.backward(theta, X, target, gradient)
                optimizer.update(theta, gradient)

    return 1e6 * median_seconds(run) / (lanes * updates)


def pytorch(sizes, size: int) -> float:
    """One lane, eager; its lanes run one after another, so a lane costs the same among many."""
    import torch

    torch.set_num_threads(1)
    layers: list = []
    for a, b in itertools.pairwise(sizes):
        layers += [torch.nn.Linear(a, b), torch.nn.Tanh()]
    model = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    X, y = map(torch.tensor, batch(size))

    def step():
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(model(X)[:, 0], y).backward()
        optimizer.step()

    return 1e6 * median_seconds(step)


def pytorch_vmap(sizes, size: int, lanes: int) -> float:
    """torch.func: vmap over grad, and one Adam over the stacked parameters."""
    import torch

    torch.set_num_threads(1)
    X, y = map(torch.tensor, batch(size))
    params = [torch.randn(lanes, a, b) / a**0.5 for a, b in itertools.pairwise(sizes)]
    params += [torch.zeros(lanes, b) for b in sizes[1:]]
    optimizer = torch.optim.Adam([p.requires_grad_() for p in params], lr=0.001)
    count = len(sizes) - 1

    def loss(params):
        a = X
        for k, (W, b) in enumerate(zip(params[:count], params[count:], strict=True)):
            z = a @ W + b
            a = torch.tanh(z) if k < count - 1 else z
        return torch.nn.functional.binary_cross_entropy_with_logits(a[:, 0], y)

    slopes = torch.func.vmap(torch.func.grad(loss))

    def step():
        for p, g in zip(params, slopes([p.detach() for p in params]), strict=True):
            p.grad = g
        optimizer.step()

    return 1e6 * median_seconds(step) / lanes


def jax_lanes(sizes, size: int, lanes: int, updates: int = 50) -> float:
    """jit + vmap + scan over `updates` updates, compiled beforehand."""
    import jax
    import jax.numpy as jnp
    import optax

    X, y = map(jnp.asarray, batch(size))
    rng = np.random.default_rng(0)
    params = [
        (jnp.asarray(rng.standard_normal((lanes, a, b)), jnp.float32), jnp.zeros((lanes, b)))
        for a, b in itertools.pairwise(sizes)
    ]
    adam = optax.adam(0.001)

    def loss(params):
        a = X
        for W, b in params[:-1]:
            a = jnp.tanh(a @ W + b)
        z = (a @ params[-1][0] + params[-1][1])[:, 0]
        return optax.sigmoid_binary_cross_entropy(z, y).mean()

    def update(carry, _):
        params, state = carry
        changes, state = adam.update(jax.grad(loss)(params), state)
        return (optax.apply_updates(params, changes), state), None

    def run(params):
        return jax.lax.scan(update, (params, adam.init(params)), None, length=updates)[0]

    compiled = jax.jit(jax.vmap(run))
    return 1e6 * median_seconds(lambda: jax.block_until_ready(compiled(params))) / (lanes * updates)


def sklearn(sizes, size: int) -> float:
    """`MLPClassifier.partial_fit` on one batch: one update, with the checks that it makes at every call."""
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(sizes[1:-1], activation="tanh", alpha=0.0, batch_size=size, random_state=0)
    X, y = batch(size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.partial_fit(X, y, classes=[0.0, 1.0])
        return 1e6 * median_seconds(lambda: model.partial_fit(X, y))


# Slices and predictions: milliseconds -----------------------------------------------------------------------


def slices() -> dict[str, float | None]:
    """A 51×51 slice over 300 points on 2-16-16-1, from the plane to the grid of losses."""
    mlp = network((2, 16, 16, 1))
    rng = np.random.default_rng(0)
    theta = mlp.initialize(rng, 1, dtype=np.float32)[0]
    plane = Plane(theta, *random_directions(mlp, theta, rng))
    X, y = batch(300)
    along = axis(1.0, 51)
    result = {
        "ours": 1e3 * median_seconds(lambda: plane.loss(mlp, along, along, X, y), 1),
        "PyTorch": None,
        "JAX": None,
    }
    points = plane.points(along, along).astype(np.float32)
    if has("torch"):
        import torch

        torch.set_num_threads(1)
        x, target, rows = torch.tensor(X), torch.tensor(y), torch.tensor(points)

        def loop():
            with torch.no_grad():
                for row in rows:
                    hidden = torch.tanh(x @ row[:32].view(2, 16) + row[32:48])
                    hidden = torch.tanh(hidden @ row[48:304].view(16, 16) + row[304:320])
                    z = hidden @ row[320:336] + row[336]
                    torch.nn.functional.binary_cross_entropy_with_logits(z, target)

        result["PyTorch"] = 1e3 * median_seconds(loop, 1)
    if has("jax") and has("optax"):
        import jax
        import jax.numpy as jnp
        import optax

        x, target, rows = jnp.asarray(X), jnp.asarray(y), jnp.asarray(points)

        def loss(row):
            hidden = jnp.tanh(x @ row[:32].reshape(2, 16) + row[32:48])
            hidden = jnp.tanh(hidden @ row[48:304].reshape(16, 16) + row[304:320])
            z = hidden @ row[320:336] + row[336]
            return optax.sigmoid_binary_cross_entropy(z, target).mean()

        compiled = jax.jit(jax.vmap(loss))
        result["JAX"] = 1e3 * median_seconds(lambda: jax.block_until_ready(compiled(rows)), 1)
    return result


def predictions() -> dict[str, float | None]:
    """Probabilities of one lane of 2-16-16-1 on a 100×100 grid."""
    mlp = network((2, 16, 16, 1))
    theta = mlp.initialize(np.random.default_rng(0), 1, dtype=np.float32)
    X, _ = batch(10_000)
    result = {"ours": 1e3 * median_seconds(lambda: mlp.predict(theta, X), 0.5), "PyTorch": None, "JAX": None}
    weights = [(W[0], b[0, 0]) for W, b in mlp.unflatten(theta)]
    if has("torch"):
        import torch

        torch.set_num_threads(1)
        x, layers = torch.tensor(X), [(torch.tensor(W), torch.tensor(b)) for W, b in weights]

        def predict():
            with torch.no_grad():
                a = x
                for W, b in layers[:-1]:
                    a = torch.tanh(torch.addmm(b, a, W))
                return torch.sigmoid(torch.addmm(layers[-1][1], a, layers[-1][0])).numpy()

        result["PyTorch"] = 1e3 * median_seconds(predict, 0.5)
    if has("jax"):
        import jax
        import jax.numpy as jnp

        @jax.jit
        def compiled(x, layers):
            for W, b in layers[:-1]:
                x = jnp.tanh(x @ W + b)
            return jax.nn.sigmoid(x @ layers[-1][0] + layers[-1][1])

        points, tree = jnp.asarray(X), [(jnp.asarray(W), jnp.asarray(b)) for W, b in weights]
        result["JAX"] = 1e3 * median_seconds(lambda: jax.block_until_ready(compiled(points, tree)), 0.5)
    return result


# The tables -------------------------------------------------------------------------------------------------


def has(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def main() -> None:
    everywhere = os.sched_getaffinity(0) if hasattr(os, "sched_setaffinity") else None
    if everywhere:
        os.sched_setaffinity(0, {max(everywhere)})
    asked = os.environ.get("OPENBLAS_CORETYPE")
    print(
        "NumPy's BLAS kernels:",
        f"{asked}, as OPENBLAS_CORETYPE says" if asked else "those for this processor",
    )
    print("µs per lane and update, Adam, float32, one core (medians)")
    heads = ("ours", "PyTorch", "vmap", "JAX", "sklearn", "PyTorch/ours", "JAX/ours")
    print(f"  {'network':10}{'batch':>6}{'lanes':>6}" + "".join(f"{head:>14}" for head in heads))
    for sizes, size in itertools.product(NETWORKS, BATCHES):
        eager = pytorch(sizes, size) if has("torch") else None
        learn = sklearn(sizes, size) if has("sklearn") else None
        for lanes in LANES:
            own = ours(sizes, size, lanes)
            vmap = pytorch_vmap(sizes, size, lanes) if has("torch") else None
            jax = jax_lanes(sizes, size, lanes) if has("jax") and has("optax") else None
            values = (own, eager, vmap, jax, learn, eager and eager / own, jax and jax / own)
            print(
                f"  {'-'.join(map(str, sizes)):10}{size:6}{lanes:6}"
                + "".join(f"{show(v):>14}" for v in values)
            )
    for title, times in (
        ("51×51 slice over 300 points, 2-16-16-1", slices()),
        ("prediction on a 100×100 grid, 2-16-16-1", predictions()),
    ):
        print(f"{title}, ms: " + ", ".join(f"{name} {show(value)}" for name, value in times.items()))
    if everywhere:
        os.sched_setaffinity(0, everywhere)
    if os.environ.get("OPENBLAS_CORETYPE"):
        print(flush=True)
        free = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
        subprocess.run([sys.executable, "-m", "tests.benchmarks.engine"], env=free, check=True)


def show(value: float | None) -> str:
    return "no" if value is None else format(value, ".2f")


if __name__ == "__main__":
    main()
