"""Hypothesis strategies: any valid experiment that a link can hold, or one that is small enough to train."""

import numpy as np
from hypothesis import strategies as st

from engine import (
    ACTIVATIONS,
    DATASETS,
    FEATURES,
    INITIALIZERS,
    LOSSES,
    OPTIMIZERS,
    SCHEDULES,
    DatasetConfig,
    ExperimentConfig,
    LaneConfig,
    NetworkConfig,
)
from engine.data.config import DRAWN, most_validation
from engine.data.drawn import Drawn, drawn_task, write_drawn
from engine.limits import FIELDS, PAGE_LAYERS, PAGE_NEURONS
from engine.network.config import OUTPUT_ACTIVATIONS, SIGMOID_LOSSES
from engine.network.penalties import L1_STEPS, PENALTIES
from engine.options import Option

BATCH_SIZE, SAMPLES = FIELDS["batch_size"], FIELDS["samples"]


def values_of(option: Option, most: int | None = None):
    """Any value of an option; whole numbers up to `most` only, if given."""
    if option.is_switch:
        return st.booleans()
    if option.choices:
        return st.sampled_from(option.choices)
    if option.integer:
        return st.integers(int(option.low), int(option.high) if most is None else min(most, int(option.high)))
    return st.floats(option.low, option.high)


@st.composite
def options_from(draw, table, most=None):
    names = draw(st.lists(st.sampled_from(sorted(table)), unique=True)) if table else []
    return {name: draw(values_of(table[name], most)) for name in names}


@st.composite
def networks(draw, layers=PAGE_LAYERS, neurons=PAGE_NEURONS, outputs=("identity",)):
    hidden = tuple(draw(st.lists(st.integers(1, neurons), max_size=layers)))
    one = st.sampled_from(sorted(ACTIVATIONS))
    activation = draw(st.one_of(one, st.tuples(*[one] * len(hidden))))
    initializer = draw(st.sampled_from(sorted(INITIALIZERS)))
    options = draw(options_from(INITIALIZERS[initializer].options))
    output, layers = draw(st.sampled_from(outputs)), range(1, len(hidden) + 2)
    frozen = draw(st.lists(st.sampled_from(layers), max_size=len(hidden), unique=True))
    return NetworkConfig(hidden, activation, initializer, options, output, tuple(frozen), draw(st.booleans()))


@st.composite
def lanes(draw, losses, most=None, network=None):
    """A lane; with its own network if that is given, and with whole numbers up to `most`."""
    optimizer = draw(st.sampled_from(sorted(OPTIMIZERS)))
    schedule = draw(st.sampled_from(sorted(SCHEDULES)))
    loss = draw(st.one_of(st.none(), st.sampled_from(losses)))
    if network is None:
        outputs = OUTPUT_ACTIVATIONS if loss in SIGMOID_LOSSES else OUTPUT_ACTIVATIONS[:1]
        network = networks(2, 5, outputs) if most else st.one_of(st.none(), networks())
    return LaneConfig(
        optimizer,
        draw(values_of(FIELDS["learning_rate"])),
        draw(options_from(OPTIMIZERS[optimizer].options, most)),
        schedule,
        draw(options_from(SCHEDULES[schedule].options, most)),
        batch_size=draw(st.one_of(st.none(), values_of(BATCH_SIZE, most))),
        network=draw(network),
        loss=loss,
        **{key: draw(values_of(penalty.strength)) for key, penalty in PENALTIES.items()},
        l1_step=draw(st.sampled_from(L1_STEPS)),
        seed=draw(st.one_of(st.none(), values_of(FIELDS["seed"]))),
        name=draw(st.text(max_size=60).filter(lambda text: text.isprintable() or not text)),
    )


CORNERS = np.array([[-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [0.0, 0.5]])
DRAWINGS = {
    "drawn classes": write_drawn(Drawn(CORNERS, np.array([0, 0, 1, 2, 2]), 3)),
    "drawn values": write_drawn(Drawn(CORNERS, CORNERS[:, 1], 0)),
    "drawn heights": write_drawn(Drawn(CORNERS[:, :1], CORNERS[:, 1], 0)),
}


@st.composite
def experiments(draw, most=None, most_lanes=4):
    """Any experiment; with `most` 20 or so, one whose training takes milliseconds."""
    name = draw(st.sampled_from([*sorted(DATASETS), *DRAWINGS]))
    dataset = DatasetConfig(
        DRAWN if name in DRAWINGS else name,
        samples=draw(values_of(SAMPLES, most and int(SAMPLES.low) + most)),
        noise=draw(values_of(FIELDS["noise"])),
        test_fraction=(test := draw(values_of(FIELDS["test_fraction"]))),
        validation_fraction=min(draw(values_of(FIELDS["validation_fraction"])), most_validation(test)),
        points=DRAWINGS.get(name),
        seed=draw(values_of(FIELDS["data_seed"])),
        features=tuple(draw(st.lists(st.sampled_from(sorted(FEATURES)), min_size=1, unique=True))),
    )
    task = DATASETS[name].task_for(None) if name in DATASETS else drawn_task(DRAWINGS[name])
    losses = sorted(key for key, loss in LOSSES.items() if task in loss.tasks)
    return ExperimentConfig(
        dataset,
        draw(networks(2, 5) if most else networks()),
        draw(st.one_of(st.none(), st.sampled_from(losses))),
        draw(values_of(BATCH_SIZE, most)),
        draw(values_of(FIELDS["seed"])),
        draw(st.sampled_from(["float32", "float64"])),
        tuple(draw(st.lists(lanes(losses, most), min_size=1, max_size=most_lanes))),
    )
