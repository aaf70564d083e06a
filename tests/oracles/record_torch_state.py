"""Records PyTorch's own optimizer state, into torch_state.json beside this file.

`PYTHONPATH=. python tests/oracles/record_torch_state.py`. Needs PyTorch (2.13 made the file that is there); the tests
only need the file. The data, the initial weights and the batches are the engine's; losses, gradients (by autograd, of
the loss with its penalties), states and steps are PyTorch's, in float64.
"""

import json
from pathlib import Path

import numpy as np
import torch

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig

torch.set_default_dtype(torch.float64)
UPDATES, KEPT = 7, (1, 2, 4, 7)  # three batches an epoch: the first, the second, a new epoch, another
PENALTIES = {"l1": 0.002, "l2": 0.05}
RATE = 0.05
# ours: optimizer, options, more settings; theirs: class, arguments; and our names of their state
METHODS = {
    "sgd": ("sgd", {}, {}, torch.optim.SGD, {}, {}),
    "sgd, penalties": ("sgd", {}, PENALTIES, torch.optim.SGD, {}, {}),
    "heavy ball": ("momentum", {"beta": 0.8}, {}, torch.optim.SGD, {"momentum": 0.8}, {"v": "momentum_buffer"}),
    "velocity": ("momentum", {"beta": 0.8, "form": "velocity"}, {}, torch.optim.SGD, {"momentum": 0.8}, {"v": "momentum_buffer"}),
    "ema": ("momentum", {"beta": 0.8, "form": "ema"}, {}, torch.optim.SGD, {"momentum": 0.8, "dampening": 0.8}, {"v": "momentum_buffer"}),
    "nesterov": ("nesterov", {"beta": 0.8}, {}, torch.optim.SGD, {"momentum": 0.8, "nesterov": True}, {"v": "momentum_buffer"}),
    "adagrad": ("adagrad", {}, {}, torch.optim.Adagrad, {"eps": 1e-10}, {"s": "sum"}),
    "adadelta": ("adadelta", {}, {}, torch.optim.Adadelta, {"rho": 0.9, "eps": 1e-6}, {"v": "square_avg", "u": "acc_delta"}),
    "rmsprop": ("rmsprop", {"eps_in_sqrt": False}, {}, torch.optim.RMSprop, {"alpha": 0.9}, {"v": "square_avg"}),
    "adam": ("adam", {}, {}, torch.optim.Adam, {}, {"m": "exp_avg", "v": "exp_avg_sq"}),
    "adam, schedule": ("adam", {}, {"schedule": "inverse_time", "schedule_options": {"delta": 0.5}}, torch.optim.Adam, {}, {"m": "exp_avg", "v": "exp_avg_sq"}),
    "adam, penalties": ("adam", {}, PENALTIES, torch.optim.Adam, {}, {"m": "exp_avg", "v": "exp_avg_sq"}),
    "adamw": ("adamw", {"weight_decay": 0.3}, {}, torch.optim.AdamW, {"weight_decay": 0.3}, {"m": "exp_avg", "v": "exp_avg_sq"}),
    "amsgrad": ("amsgrad", {"beta2": 0.5}, {}, torch.optim.Adam, {"amsgrad": True, "betas": (0.9, 0.5)}, {"m": "exp_avg", "v": "exp_avg_sq", "largest": "max_exp_avg_sq"}),
    "nadam": ("nadam", {}, {}, torch.optim.NAdam, {}, {"m": "exp_avg", "v": "exp_avg_sq", "mu_product": "mu_product"}),
}  # fmt: skip


def experiment():
    return Experiment(
        ExperimentConfig(
            dataset=DatasetConfig("circles", samples=30, test_fraction=0.3, seed=2),
            network=NetworkConfig((3,)),
            batch_size=8,
            seed=5,
            dtype="float64",
            lanes=tuple(
                LaneConfig(key, RATE, options=options, **more) for key, options, more, *_ in METHODS.values()
            ),
        )
    )


def rate_of(more, update):
    return RATE / (1 + 0.5 * update) if more.get("schedule") else RATE


def run(ours, start, X, y, batches):
    _, options, more, kind, arguments, names = ours
    x = torch.tensor(start, requires_grad=True)
    optimizer = kind([x], lr=RATE, **arguments)
    if options.get("form") == "ema":  # PyTorch would begin with the first gradient in place of zero
        optimizer.state[x]["momentum_buffer"] = torch.zeros_like(x)
    updates = {}
    for t in range(1, UPDATES + 1):
        part = batches[t - 1]
        W1, b1, W2, b2 = x[:6].reshape(2, 3), x[6:9], x[9:12].reshape(3, 1), x[12]
        z = (torch.tanh(X[part] @ W1 + b1) @ W2)[:, 0] + b2
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y[part])
        weights = torch.cat([W1.reshape(-1), W2.reshape(-1)])
        total = loss + more.get("l1", 0) * weights.abs().sum() + more.get("l2", 0) / 2 * (weights**2).sum()
        optimizer.param_groups[0]["lr"] = rate_of(more, t)
        before = x.detach().clone()
        product = float(optimizer.state[x].get("mu_product", 1.0))  # before the update
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        if t in KEPT:
            state = {name: optimizer.state[x][theirs].tolist() for name, theirs in names.items()}
            if options.get("form") == "velocity":  # with a constant rate it is -η times the heavy ball's
                state["v"] = [-RATE * value for value in state["v"]]
            if "mu_product" in state:
                state["mu_product"] = product
            updates[t] = {
                "learning_rate": rate_of(more, t), "loss": loss.item(), "theta": before.tolist(),
                "gradient": x.grad.tolist(), "state": state, "after": x.detach().tolist(),
            }  # fmt: skip
    return updates


def main():
    given = experiment()
    lane = given.lanes[0]
    batches = [lane.order(t // 3)[8 * (t % 3) : 8 * (t % 3) + 8] for t in range(UPDATES)]
    X, y = torch.tensor(given.X_train), torch.tensor(np.asarray(given.data.y_train, float))
    runs = {name: run(ours, given.theta(k), X, y, batches) for k, (name, ours) in enumerate(METHODS.items())}
    record = {
        "rate": RATE,
        "batches": [batch.tolist() for batch in batches],
        "lanes": {name: [key, options, more] for name, (key, options, more, *_) in METHODS.items()},
        "runs": runs,
    }
    Path(__file__).with_name("torch_state.json").write_text(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
