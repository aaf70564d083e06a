"""Descent Lab's engine: networks trained in NumPy, many at once. It knows of no user interface.

Symbols: R lanes (training runs), P parameters, N samples, B samples of a batch, D inputs, C outputs, T points of a
path; θ parameters (R, P), η learning rate (R, 1), g gradient (R, P), m and v an optimizer's averages, z a layer's
sums, a its activations, W weights, b biases, δ = ∂loss/∂z.

Read in this order: activations, losses, network, method, optimizers, schedules, config, lane, blocks, experiment; then
what you like: second_order, hessian, landscape, gradient_check, storage, export.
"""

from engine import threads as threads  # isort: skip  (first: before NumPy loads)
from engine.activations import ACTIVATIONS
from engine.config import DatasetConfig, ExperimentConfig, LaneConfig, NetworkConfig
from engine.datasets import DATASETS
from engine.experiment import Experiment
from engine.features import FEATURES
from engine.initializers import INITIALIZERS
from engine.losses import LOSSES
from engine.network import MLP
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES

__all__ = [
    "ACTIVATIONS", "DATASETS", "FEATURES", "INITIALIZERS", "LOSSES", "MLP", "OPTIMIZERS", "SCHEDULES",
    "DatasetConfig", "Experiment", "ExperimentConfig", "LaneConfig", "NetworkConfig",
]  # fmt: skip
