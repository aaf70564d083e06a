"""Exported programs predict as the lane does, whatever its network, data and features."""

import ast
import json

import numpy as np
import pytest

from engine import (
    ACTIVATIONS,
    FEATURES,
    DatasetConfig,
    Experiment,
    ExperimentConfig,
    LaneConfig,
    NetworkConfig,
)
from engine.studies.export import numpy_function, torch_module, weights_json

TABLE = 'height, cm;weight\'"""\\;what\n' + "\n".join(
    f"{150 + k};{40 + (k * 7) % 50};{3 * k - (k % 5)}" for k in range(40)
)
CASES = {
    "binary": ExperimentConfig(DatasetConfig("moons")),
    "multiclass": ExperimentConfig(DatasetConfig("iris", features=("x1", "x2", "x1_x2"))),
    "regression": ExperimentConfig(DatasetConfig("two_bumps", features=tuple(FEATURES))),
    "table": ExperimentConfig(DatasetConfig("csv", csv=TABLE)),
    "sigmoid": ExperimentConfig(
        DatasetConfig("circles"), NetworkConfig((4,), output_activation="sigmoid"), "quadratic"
    ),
    "linear": ExperimentConfig(DatasetConfig("blobs"), NetworkConfig(())),
    "partly": ExperimentConfig(DatasetConfig("moons"), NetworkConfig((4, 3), frozen=(1, 3), biases=False)),
    "values": ExperimentConfig(DatasetConfig("blobs"), NetworkConfig((4,)), "mean_squared_error"),
} | {
    f"network of {name}": ExperimentConfig(DatasetConfig("xor"), NetworkConfig((5, 4), ("tanh", name)))
    for name in ACTIVATIONS
}


def trained(config, dtype="float32"):
    experiment = Experiment(
        ExperimentConfig(
            config.dataset, config.network, config.loss, dtype=dtype, lanes=(LaneConfig("adam", 0.02),)
        )
    )
    experiment.step(30)
    return experiment


def points_of(data):
    """Points in the data's own units, and what a network is shown of them."""
    plane = np.concatenate([data.P_test, np.random.default_rng(0).normal(size=(50, 2))])
    return data.mean + data.scale * plane, data.map_features(plane)


def run(text):
    namespace = {}
    exec(compile(text, "exported", "exec"), namespace)
    return namespace


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-6), ("float64", 1e-12)])
@pytest.mark.parametrize("case", CASES)
def test_the_numpy_program_predicts_as_the_lane_does(case, dtype, tolerance):
    experiment = trained(CASES[case], dtype)
    raw, X = points_of(experiment.data)
    expected = experiment.predict(X)[0]
    scale = max(1.0, float(np.abs(expected).max()))
    got = run(numpy_function(experiment))["predict"](raw)
    assert got.shape == expected.shape
    assert np.allclose(got, expected, atol=tolerance * scale, rtol=0)


@pytest.mark.parametrize("case", CASES)
def test_the_pytorch_program_predicts_as_the_lane_does(case):
    torch = pytest.importorskip("torch")
    experiment = trained(CASES[case])
    raw, X = points_of(experiment.data)
    expected = experiment.predict(X)[0]
    before = torch.get_default_dtype()
    network = run(torch_module(experiment))["Network"]()
    assert torch.get_default_dtype() == before
    got = network(torch.tensor(raw)).detach().numpy()
    scale = max(1.0, float(np.abs(expected).max()))
    assert np.allclose(got, expected, atol=1e-6 * scale, rtol=0)
    mlp = experiment.mlp(0)
    frozen = {f"layer{layer - 1}.weight" for layer in experiment.config.network.frozen}
    if experiment.config.network.biases:
        assert sum(p.numel() for p in network.parameters()) == mlp.parameter_count
    else:
        assert sum(p.numel() for p in network.parameters()) == mlp.weight_mask.sum()
    assert {name for name, p in network.named_parameters() if not p.requires_grad} == frozen


def test_programs_of_a_partly_frozen_network_without_biases_say_so():
    experiment = trained(CASES["partly"])
    numpy, torch = numpy_function(experiment), torch_module(experiment)
    assert "# 2 × 4, frozen" in numpy and "# 4 × 3\n" in numpy and "# 3 × 1, frozen" in numpy
    assert "b = [" not in numpy and "+ b[" not in numpy
    assert torch.count("bias=False") == 3 and ".bias" not in torch
    assert torch.count("requires_grad_(False)") == 2 and "layer1.requires" not in torch
    about = json.loads(weights_json(experiment))["network"]
    assert (about["frozen"], about["biases"]) == ([1, 3], False)


def test_regression_on_a_table_gives_its_units_back():
    experiment = trained(CASES["table"])
    raw, X = points_of(experiment.data)
    program = run(numpy_function(experiment))
    in_units = program["in_units"](program["predict"](raw))
    expected = experiment.data.y_mean + experiment.data.y_scale * experiment.predict(X)[0]
    assert np.allclose(in_units, expected, rtol=1e-5)


def test_text_from_the_data_is_quoted():
    """A column's name can't break out of its string, in whatever place it stands."""
    experiment = trained(CASES["table"])
    name = experiment.data.axis_labels[1]
    assert '"""' in name
    for text in (numpy_function(experiment), torch_module(experiment)):
        tree = ast.parse(text)
        strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        assert name in strings


def test_the_numpy_program_imports_numpy_alone():
    for text, library in ((numpy_function, "numpy"), (torch_module, "torch")):
        tree = ast.parse(text(trained(CASES["binary"])))
        names = [
            alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        ]
        assert names == [library]


@pytest.mark.parametrize("case", ["binary", "multiclass", "table", "linear"])
def test_the_weights_as_json_are_all_that_is_needed(case):
    experiment = trained(CASES[case])
    about = json.loads(weights_json(experiment))
    raw, X = points_of(experiment.data)
    a = X
    assert about["inputs"]["features"] == list(experiment.data.features)
    standard = (raw - about["inputs"]["mean"]) / about["inputs"]["scale"]
    assert np.allclose(experiment.data.map_features(standard), X)
    for layer, name in zip(about["layers"], about["activations"], strict=True):
        z = a @ np.array(layer["W"]) + np.array(layer["b"])
        a = ACTIVATIONS[name].value(z, np.empty_like(z))
    assert np.allclose(a, experiment.layer_outputs(0, X)[-1], atol=1e-4)
