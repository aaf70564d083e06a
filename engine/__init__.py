"""Descent Lab's engine: networks trained in NumPy, many at once. It knows of no user interface.

Symbols: R lanes (training runs), P parameters, N samples, B samples of a batch, D inputs, C outputs, T points of a
path; θ parameters (R, P), η learning rate (R, 1), g gradient (R, P), m and v an optimizer's averages, z a layer's
sums, a its activations, W weights, b biases, δ = ∂loss/∂z.

Read in this order: activations, losses, network, method, optimizers, schedules, config, lane, blocks, experiment; then
what you like: second_order, hessian, landscape, gradient_check, storage, export.
"""

from engine import threads as threads  # isort: skip  (first: before NumPy loads)
from engine.config.experiment import ExperimentConfig
from engine.config.lane import LaneConfig
from engine.data.catalogue import DATASETS
from engine.data.config import DatasetConfig
from engine.data.features import FEATURES
from engine.methods.registry import OPTIMIZERS
from engine.methods.schedules import SCHEDULES
from engine.network.activations import ACTIVATIONS
from engine.network.config import NetworkConfig
from engine.network.initializers import INITIALIZERS
from engine.network.losses import LOSSES
from engine.network.mlp import MLP
from engine.training.experiment import Experiment

__all__ = [
    "ACTIVATIONS", "DATASETS", "FEATURES", "INITIALIZERS", "LOSSES", "MLP", "OPTIMIZERS", "SCHEDULES",
    "DatasetConfig", "Experiment", "ExperimentConfig", "LaneConfig", "NetworkConfig",
]  # fmt: skip
