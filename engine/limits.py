"""Limits, and the experiment's own numbers as options: one table for validation, widgets, links and tests."""

from __future__ import annotations

from engine.options import Option

PAGE_LAYERS = 6  # what the pages' controls and links offer; a config made in Python may have up to MAX_LAYERS
PAGE_NEURONS = 32
MAX_LAYERS = 12
MAX_NEURONS = 512
MAX_SAMPLES = 5000
MAX_LANES = 400
MAX_NUMBERS = 10_000_000  # parameters of all lanes together: bounds memory and time whatever a file asks for
MOST_HELD_OUT = 0.95  # of all points, for validation and test together
MAX_CSV = 2_000_000  # characters
MAX_JSON = 6 * MAX_CSV + 1_000_000  # characters; JSON may write one character as six
MAX_NAME = 60
DTYPES = ("float32", "float64")

FIELDS: dict[str, Option] = {
    "samples": Option(
        "samples",
        300,
        "Samples",
        "Number of points, training, validation and test together.",
        10,
        MAX_SAMPLES,
        integer=True,
    ),
    "noise": Option("noise", 0.1, "Noise", "How far points are scattered around their place.", 0.0, 1.0),
    "test_fraction": Option(
        "test_fraction",
        0.3,
        "Test share",
        "Share of the points kept out of training, to test the network on.",
        0.0,
        0.9,
    ),
    "validation_fraction": Option(
        "validation_fraction",
        0.0,
        "Validation share",
        "Share of the points that choose among networks: when to stop, which rate or penalty. The network never trains "
        "on them. The test points then have no part in the choice.",
        0.0,
        0.9,
    ),
    "data_seed": Option(
        "data_seed",
        0,
        "Data seed",
        "Random seed of the points and of the split into training, validation and test.",
        0,
        999_999,
        integer=True,
    ),
    "learning_rate": Option(
        "learning_rate", 0.03, "Learning rate η", "How far each update goes.", 1e-7, 1000.0, log=True
    ),
    "batch_size": Option(
        "batch_size",
        32,
        "Batch size",
        "Samples per update: 1 is SGD, all of them is full gradient descent.",
        1,
        MAX_SAMPLES,
        integer=True,
    ),
    "seed": Option(
        "seed",
        0,
        "Network seed",
        "Random seed of the initial weights and the batches.",
        0,
        999_999,
        integer=True,
    ),
}
LAYERS = Option(
    "layers", 2, "Hidden layers", "Layers between input and output.", 0, PAGE_LAYERS, integer=True
)
NEURONS = Option("neurons", 8, "Neurons", "Neurons of this layer.", 1, PAGE_NEURONS, integer=True)
