"""Taking a trained lane away: its weights as JSON, or a program in NumPy or PyTorch that predicts as it does.

The programs take points in the data's own units (two columns, or the one of a curve), standardise them, compute the chosen
features, run the network, and give what `Experiment.predict` gives: probabilities, or values, to 1e-6 of
their size. They compute in float64, so where weights have grown to hundreds, a float32 lane's own rounding may
show. Text from the data (names of columns and classes) goes into them only as quoted strings.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np

from engine.data.features import FEATURES
from engine.network.activations import ACTIVATIONS
from engine.network.losses import LOSSES
from engine.training.experiment import Experiment


def weights_json(experiment: Experiment, lane: int = 0) -> str:
    """The network and all that is needed to use it, as JSON: each W is a list of rows, one per input."""
    data, mlp = experiment.data, experiment.mlp(lane)
    network = experiment.lanes[lane].config.network
    assert network is not None
    about: dict[str, Any] = {
        "layer_sizes": list(mlp.layer_sizes),
        "activations": [*network.activations, network.output_activation],
        "loss": experiment.lanes[lane].config.loss,
        "inputs": {
            "columns": list(data.axis_labels),
            "mean": data.mean.tolist(),
            "scale": data.scale.tolist(),
            "features": list(data.features),
        },
        "task": data.task,
        "classes": list(data.class_names),
        "target": {"name": data.target_name, "mean": data.y_mean, "scale": data.y_scale},
        "layers": [{"W": W.tolist(), "b": b.tolist()} for W, b in experiment.weights(lane)],
        "updates": experiment.lanes[lane].updates,
        "network": asdict(network),
    }
    return json.dumps(about, indent=1, allow_nan=False)


def numpy_function(experiment: Experiment, lane: int = 0) -> str:
    """A Python file that needs NumPy only, with `predict(points)`."""
    facts = _facts(experiment, lane)
    steps = [
        f"    z = a @ W[{k}]{f' + b[{k}]' if facts['biases'] else ''}\n    a = {ACTIVATIONS[name].numpy}"
        for k, name in enumerate(facts["activations"])
    ]
    features = ", ".join(FEATURES[key].code.format(lib="np") for key in facts["features"])
    weights = "\n".join(
        f"    np.array({_numbers(W)}),  # {_shape(W)}{', frozen' if k in facts['frozen'] else ''}"
        for k, (W, _) in enumerate(facts["weights"], 1)
    )
    biases = "\n".join(f"    np.array({_numbers(b)})," for _, b in facts["weights"])
    biases = f"\nb = [\n{biases}\n]" if facts["biases"] else ""
    return f'''"""A neural network trained in Descent Lab. Needs NumPy only."""

import numpy as np

COLUMNS = {facts["columns"]}
CLASSES = {facts["classes"]}
MEAN = np.array({_numbers(facts["mean"])})
SCALE = np.array({_numbers(facts["scale"])})
W = [
{weights}
]{biases}


def predict(points):
    """Points (N, {facts["inputs"]}) in the units of COLUMNS -> (N, {facts["outputs"]}): {facts["gives"]}."""
    {facts["names"]} = ((np.asarray(points, dtype=float) - MEAN) / SCALE).T
    a = np.stack([{features}], axis=1)
{chr(10).join(steps)}
    z = a
    return {LOSSES[facts["loss"]].numpy}
{_units(facts)}'''


def torch_module(experiment: Experiment, lane: int = 0) -> str:
    """A Python file with a PyTorch module; `Network()(points)` predicts, and it can be trained further."""
    facts = _facts(experiment, lane)
    bias = "" if facts["biases"] else "bias=False, "
    layers = "\n".join(
        f"        self.layer{k} = torch.nn.Linear({W.shape[0]}, {W.shape[1]}, {bias}dtype=torch.float64)"
        for k, (W, _) in enumerate(facts["weights"])
    )
    loads = "\n".join(
        f"            self.layer{k}.weight.copy_(tensor({_numbers(W.T)}))"
        + (f"\n            self.layer{k}.bias.copy_(tensor({_numbers(b)}))" if facts["biases"] else "")
        for k, (W, b) in enumerate(facts["weights"])
    )
    freezes = "".join(f"        self.layer{k - 1}.requires_grad_(False)  # frozen\n" for k in facts["frozen"])
    steps = "\n".join(
        f"        z = self.layer{k}(a)\n        a = {ACTIVATIONS[name].torch}"
        for k, name in enumerate(facts["activations"])
    )
    features = ", ".join(FEATURES[key].code.format(lib="torch") for key in facts["features"])
    return f'''"""A neural network trained in Descent Lab. Needs PyTorch."""

import torch

COLUMNS = {facts["columns"]}
CLASSES = {facts["classes"]}


def tensor(values):
    return torch.tensor(values, dtype=torch.float64)


class Network(torch.nn.Module):
    """Points (N, {facts["inputs"]}) in the units of COLUMNS -> (N, {facts["outputs"]}): {facts["gives"]}."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", tensor({_numbers(facts["mean"])}))
        self.register_buffer("scale", tensor({_numbers(facts["scale"])}))
{layers}
        with torch.no_grad():
{loads}
{freezes}
    def outputs(self, points):
        """What the loss is computed from: logits, or values."""
        {facts["names"]} = ((points - self.mean) / self.scale).unbind(1)
        a = torch.stack([{features}], dim=1)
{steps}
        return a

    def forward(self, points):
        z = self.outputs(points)
        return {LOSSES[facts["loss"]].torch}
{_units(facts)}'''


def _facts(experiment: Experiment, lane: int) -> dict[str, Any]:
    data, mlp = experiment.data, experiment.mlp(lane)
    network, loss = experiment.lanes[lane].config.network, experiment.lanes[lane].config.loss
    assert network is not None and loss is not None
    gives = {
        "binary": "the probability of the second of CLASSES",
        "multiclass": "the probability of each of CLASSES",
        "regression": "the standardised target" if data.y_scale != 1 or data.y_mean else "the value",
    }[data.task]
    return {
        "inputs": data.inputs,
        "names": "x1, x2" if data.inputs == 2 else "(x1,)",
        "columns": repr(tuple(map(str, data.axis_labels))),
        "classes": repr(tuple(map(str, data.class_names))),
        "mean": data.mean,
        "scale": data.scale,
        "features": data.features,
        "activations": [*network.activations, network.output_activation],
        "weights": experiment.weights(lane),
        "frozen": network.frozen,
        "biases": network.biases,
        "outputs": mlp.layer_sizes[-1],
        "loss": loss,
        "gives": gives if LOSSES[loss].numpy != "z" or data.task == "regression" else "the network's output",
        "y_mean": data.y_mean,
        "y_scale": data.y_scale,
        "target": repr(str(data.target_name)),
    }


def _units(facts: dict[str, Any]) -> str:
    """Regression on a table: how to get the target's own units back."""
    if facts["y_scale"] == 1 and not facts["y_mean"]:
        return ""
    return f"""

TARGET = {facts["target"]}
TARGET_MEAN, TARGET_SCALE = {float(facts["y_mean"])!r}, {float(facts["y_scale"])!r}


def in_units(prediction):
    \"\"\"A prediction in the units of TARGET.\"\"\"
    return TARGET_MEAN + TARGET_SCALE * prediction
"""


def _numbers(values: np.ndarray) -> str:
    """Numbers that read back exactly, as a Python list."""
    return repr(np.asarray(values, dtype=np.float64).tolist())


def _shape(values: np.ndarray) -> str:
    return " × ".join(map(str, values.shape))
