"""Records what optax computes, into optax.json beside this file: `python tests/oracles/record_optax.py`.

Needs JAX and optax (0.2 made the file that is there); the tests only need the file. The problems are those of torch.json,
with gradients by JAX; 200 updates in float64. Also learning-rate schedules over 100 updates.
"""

import json
from pathlib import Path

import jax
import numpy as np
import optax

jax.config.update("jax_enable_x64", True)
jnp = jax.numpy
UPDATES = 200
METHODS = {  # ours, our options, theirs without the rate
    "lion": ("lion", {"weight_decay": 0.1}, lambda rate: optax.lion(rate, weight_decay=0.1)),
    "rmsprop inside": (
        "rmsprop",
        {},
        lambda rate: optax.rmsprop(rate, decay=0.9, eps=1e-8, eps_in_sqrt=True),
    ),
    "rmsprop outside": (
        "rmsprop",
        {"eps_in_sqrt": False},
        lambda rate: optax.rmsprop(rate, decay=0.9, eps=1e-8, eps_in_sqrt=False),
    ),
    "momentum ema": (
        "momentum",
        {"form": "ema"},
        lambda rate: optax.chain(optax.ema(0.9, debias=False), optax.scale(-rate)),
    ),
    "momentum heavy ball": ("momentum", {"form": "heavy_ball"}, lambda rate: optax.sgd(rate, momentum=0.9)),
    "nesterov": ("nesterov", {}, lambda rate: optax.sgd(rate, momentum=0.9, nesterov=True)),
    "adam": ("adam", {}, optax.adam),
    "adamw": ("adamw", {}, lambda rate: optax.adamw(rate, weight_decay=0.01)),
}
SCHEDULES = {
    "cosine": (optax.cosine_decay_schedule(0.2, 60), {"total": 60}),
    "exponential": (optax.exponential_decay(0.2, 1, 0.97), {"gamma": 0.97}),
    "step": (optax.exponential_decay(0.2, 20, 0.3, staircase=True), {"gamma": 0.3, "every": 20}),
    "one_cycle": (optax.cosine_onecycle_schedule(80, 0.2, 0.3, 25.0, 400.0), {"total": 80}),
}


def main():
    torch = json.loads(Path(__file__).with_name("torch.json").read_text())
    given = {name: jnp.array(value) for name, value in torch["problems"].items()}
    H, X, y = given["H"], given["X"], given["y"]

    def network(theta, t):
        x, target = (jax.lax.dynamic_slice_in_dim(a, 8 * (t % 5), 8) for a in (X, y))
        z = (jnp.tanh(x @ theta[:8].reshape(2, 4) + theta[8:12]) @ theta[12:16].reshape(4, 1) + theta[16])[
            :, 0
        ]
        return optax.sigmoid_binary_cross_entropy(z, target).mean()

    problems = {
        "quadratic": (lambda x, t: 0.5 * x @ H @ x, given["x0"]),
        "rosenbrock": (lambda x, t: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2, jnp.array([-1.2, 1.0])),
        "network": (network, given["theta"]),
    }
    runs = {}
    for method, (_, _, make) in METHODS.items():
        for problem, (loss, x) in problems.items():
            rule = make(torch["rates"][problem])
            state, points = rule.init(x), []

            @jax.jit
            def update(x, state, t, loss=loss, rule=rule):
                change, state = rule.update(jax.grad(loss)(x, t), state, x)
                return optax.apply_updates(x, change), state

            for t in range(UPDATES):
                x, state = update(x, state, t)
                if t + 1 in (1, 2, 10, 50, UPDATES):
                    points.append(np.asarray(x).tolist())
            runs[f"{method}/{problem}"] = points
    record = {
        "methods": {name: [ours, options] for name, (ours, options, _) in METHODS.items()},
        "runs": runs,
        "schedules": {
            name: [options, [float(schedule(t)) for t in range(100)]]
            for name, (schedule, options) in SCHEDULES.items()
        },
    }
    Path(__file__).with_name("optax.json").write_text(json.dumps(record))


if __name__ == "__main__":
    main()
