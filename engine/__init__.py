"""Descent Lab's engine: networks trained in NumPy, many at once. It knows of no user interface.

Symbols: R lanes (training runs), P parameters, N samples, B samples of a batch, D inputs, C outputs, T points of a
path; θ parameters (R, P), η learning rate (R, 1), g gradient (R, P), m and v an optimizer's averages, z a layer's
sums, a its activations, W weights, b biases, δ = ∂loss/∂z.

Words: a lane is one training run, with its settings, its weights and its history; its row is its place in the arrays. A block is
the lanes that have one network, loss, method and batch size, and are updated together. A method (or optimizer) says how weights move;
a mark is a change made while a lane trained; a surface is a loss given by a formula.

Read in this order: network (activations, losses, mlp), data (load), methods (base, then any of them, schedules), config
(experiment, lane, settings), training (lane, blocks, experiment); then what you like: landscape, surfaces, studies.
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
