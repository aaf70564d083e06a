"""µs per lane and update with Adam, ours beside PyTorch and JAX in one run on one core; medians of repeats."""

import importlib.util
import itertools
import os
import statistics
import time

import numpy as np

from engine import MLP, OPTIMIZERS
from engine.landscape import Plane, axis, random_directions

NETWORKS = ((2, 4, 2, 1), (2, 16, 16, 1), (2, 64, 64, 1))
BATCHES = (10, 32, 500)
LANES = (1, 8, 64)


def median_seconds(work, seconds: float = 0.25) -> float:
    """The median time of one call of `work`, over calls that fill `seconds`, at least three."""
    work()
    times: list[float] = []
    while sum(times) < seconds or len(times) < 3:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def batch(size: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.standard_normal((size, 2)).astype(np.float32), rng.integers(0, 2, size).astype(np.float32)


def ours(sizes, size: int, lanes: int) -> float:
    mlp = MLP(sizes, ["tanh"] * (len(sizes) - 2), "binary_cross_entropy")
    theta = mlp.initialize(np.random.default_rng(0), lanes, dtype=np.float32)
    optimizer = OPTIMIZERS["adam"](lanes, mlp.parameter_count, 0.001, np.float32)
    X, y = batch(size)

    def step():
        _, gradient = mlp.loss_and_gradient(theta, X, y)
        optimizer.step(theta, gradient)

    return 1e6 * median_seconds(step) / lanes


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


def jax_lanes(sizes, size: int, lanes: int, updates: int = 50) -> float:
    """jit + vmap + scan over `updates` updates, compiled beforehand."""
    import jax
    import jax.numpy as jnp
    import optax

    X, y = map(jnp.asarray, batch(size))
    rng = np.random.default_rng(0)
    shapes = list(itertools.pairwise(sizes))
    params = [
        (jnp.asarray(rng.standard_normal((lanes, a, b)), jnp.float32), jnp.zeros((lanes, b)))
        for a, b in shapes
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


def slice_seconds() -> tuple[float, float | None]:
    """A 51×51 slice over 300 points on 2-16-16-1: ours, and a PyTorch loop over the cells."""
    mlp = MLP((2, 16, 16, 1), ["tanh"] * 2, "binary_cross_entropy")
    rng = np.random.default_rng(0)
    theta = mlp.initialize(rng, 1, dtype=np.float32)[0]
    plane = Plane(theta, *random_directions(mlp, theta, rng))
    X, y = batch(300)
    along = axis(1.0, 51)
    own = median_seconds(lambda: plane.loss(mlp, along, along, X, y))
    if not has("torch"):
        return own, None
    import torch

    torch.set_num_threads(1)
    x, target = torch.tensor(X), torch.tensor(y)
    points = torch.tensor(plane.points(along, along).astype(np.float32))

    def loop():
        with torch.no_grad():
            for row in points:
                hidden = torch.tanh(x @ row[:32].view(2, 16) + row[32:48])
                hidden = torch.tanh(hidden @ row[48:304].view(16, 16) + row[304:320])
                z = hidden @ row[320:336] + row[336]
                torch.nn.functional.binary_cross_entropy_with_logits(z, target)

    return own, median_seconds(loop)


def has(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        everywhere = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {max(everywhere)})
    print("µs per lane and update, Adam, float32, one core (medians)")
    print(f"  {'network':12}{'batch':>6}{'lanes':>6}{'ours':>9}{'PyTorch':>10}{'JAX':>9}")
    for sizes in NETWORKS:
        for size in BATCHES:
            eager = pytorch(sizes, size) if has("torch") else None
            for lanes in LANES:
                own = ours(sizes, size, lanes)
                compiled = jax_lanes(sizes, size, lanes) if has("jax") and has("optax") else None
                print(
                    f"  {'-'.join(map(str, sizes)):12}{size:6}{lanes:6}{own:9.1f}{show(eager, 10)}{show(compiled, 9)}"
                )
    own, loop = slice_seconds()
    print(
        f"51×51 slice over 300 points, 2-16-16-1: ours {own * 1e3:.0f} ms, a PyTorch loop {show(loop and loop * 1e3, 0)} ms"
    )
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, everywhere)


def show(value: float | None, width: int) -> str:
    return f"{'no' if value is None else format(value, '.1f'):>{width}}"


if __name__ == "__main__":
    main()
