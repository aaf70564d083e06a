"""The Collapse view: layers without bends are one layer, by training and by multiplying their matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import Dataset, load_dataset
from engine.limits import MAX_SAMPLES
from engine.network.activations import ACTIVATIONS
from engine.network.collapse import collapse
from engine.options import Option
from pages.shared.page import Page, View
from pages.shared.predict import Guess, chart_of, predict
from pages.shared.stepper import stepper
from pages.shared.widgets.option import RATES, ladder, number
from pages.units.collapse_run import CollapseRun
from pages.units.common import (
    ACTIVATION_NAMES,
    DATA,
    ETA,
    SEED,
    Words,
    lowest,
    part_option,
    select,
    show_live,
    show_words,
)

PARTS = {"train": "Train it", "multiply": "Multiply"}
MOST_UPDATES, MOST_LAYERS = 2000, 4
OPTIONS = {
    "part": part_option(PARTS),
    "activation": Option("activation", "identity", "Activation g", "Of all hidden layers. The identity does not bend.", choices=tuple(ACTIVATION_NAMES)),
    "eta": Option("eta", 0.5, ETA.label, ETA.help, ETA.low, ETA.high, log=True),
    "scale": Option("scale", 0.1, "First weights s", "All weights start from N(0, s²). Small ones make deep networks wait.", 0.01, 1.0),
    "width": Option("width", 8, "Neurons in each layer", "Of the hidden layers.", 1, 16, integer=True),
    "data": Option("data", "moons", "Data set", "Two classes.", choices=DATA),
    "layers": Option("layers", 3, "Hidden layers", "Of the network whose matrices are multiplied.", 0, MOST_LAYERS - 1, integer=True),
    "updates": Option("updates", 500, "Trained for", "Updates before its matrices are multiplied.", 0, MOST_UPDATES, integer=True),
    "seed": SEED,
    "step": Option("step", 0, "Step", "How many matrices have been multiplied.", 0, MOST_LAYERS + 1, integer=True),
}  # fmt: skip
VIEW = View("Collapse", OPTIONS, lanes=0, guesses=True)
WORDS = Words(
    "What do stacked linear layers add?",
    "one line whatever the depth; yet the deep one starts slower.",
    "A network of identity layers is one line. So why does it not train like one?",
    "Linear in $x$ is not linear in $\\theta$. The output is $x W_1W_2W_3W_4$: a product of weights, so each gradient contains the other matrices. "
    "While all are small, all gradients are: the deep network waits. Once they have grown, its steps are larger than those of the line by itself, and it overtakes. "
    "The loss in $\\theta$ is not convex any more, but its lowest value is the same: every depth comes to the loss of logistic regression.\n\n"
    "A bottleneck of one neuron changes nothing here: there is one output, so $w'$ needs no more than one direction. "
    "Switch $g$ to tanh, and the product of the matrices is not the network any more.",
)  # fmt: skip


def show(here: Page) -> None:
    part = show_words(here, WORDS, PARTS)
    with st.sidebar:
        values = controls(here, part)
    if part == "multiply":
        _multiply(here, values)
        return
    here.write()
    ask = f"Which has the lowest training loss after {MOST_UPDATES:,} updates?"
    equal = "all the same"
    show_live(
        here, CollapseRun, config_of(values), at=MOST_UPDATES, guess=lambda run: lowest(run, ask, ("loss",), equal)
    )  # fmt: skip


def controls(here: Page, part: str) -> dict[str, Any]:
    form, values = here.form, here.values()
    st.latex(r"(xW_1+b_1)W_2+b_2=xw'+b'")
    st.latex(r"w'=W_1W_2,\quad b'=b_1W_2+b_2")
    values["activation"] = select(form, "activation", OPTIONS["activation"], ACTIVATION_NAMES)
    if part == "multiply":
        for name in ("layers", "updates"):
            values[name] = number(form, name, OPTIONS[name])
    values["eta"] = ladder(form, "eta", OPTIONS["eta"], RATES)
    for name in ("scale", "width"):
        values[name] = number(form, name, OPTIONS[name])
    values["data"] = select(form, "data", OPTIONS["data"])
    values["seed"] = number(form, "seed", SEED)
    return values


def config_of(values: dict[str, Any], shapes: tuple[tuple[int, ...], ...] | None = None) -> ExperimentConfig:
    """Lanes of depth 0, 1 and 3, and one with a bottleneck of one neuron; or those of the given shapes."""
    n = values["width"]

    def lane(hidden: tuple[int, ...]) -> LaneConfig:
        network = NetworkConfig(hidden, values["activation"], "normal", {"scale": values["scale"]})
        return LaneConfig(
            "sgd", values["eta"], network=network, name="-".join(map(str, hidden)) or "no hidden layer"
        )

    lanes = tuple(lane(hidden) for hidden in shapes or ((), (n,), (n, n, n), (n, 1, n)))
    return ExperimentConfig(
        DatasetConfig(values["data"], noise=0.3, test_fraction=0.0), NetworkConfig(()), batch_size=MAX_SAMPLES, dtype="float64",
        seed=values["seed"], lanes=lanes,
    )  # fmt: skip


@st.fragment
def _multiply(here: Page, values: dict[str, Any]) -> None:
    trained = ("activation", "eta", "scale", "width", "data", "layers", "updates", "seed")
    trace = products(*(values[name] for name in trained))
    predict(here, lambda: line_guess(trace))
    stepper(
        "units.collapse",
        "units/collapse.js",
        "Matrices, multiplied one at a time",
        here.options,
        here.values(),
        trace,
        here.take,
        here.limits(),
    )
    here.write()


def line_guess(trace: dict[str, Any]) -> Guess | None:
    """A product of matrices that is no shorter than they are has no punch line."""
    layers = trace["layers"]
    if not trace["isLine"] or len(layers) < 2:
        return None
    count, needed = (sum(W.size + b.size for W, b in each) for each in (
        [(layer["W"], layer["b"]) for layer in layers], [(trace["products"][-1]["W"], trace["products"][-1]["b"])],
    ))  # fmt: skip
    return Guess(
        f"This network has {count:,} weights and biases. How many numbers are enough to say what it computes?",
        float(needed), f"{needed}: w′ has one for each input, and b′ is one more.", covers=(chart_of("units.collapse"),),
    )  # fmt: skip


@st.cache_data(max_entries=64, show_spinner="Training …")
def products(
    activation: str, eta: float, scale: float, width: int, data: str, layers: int, updates: int, seed: int
) -> dict[str, Any]:
    """A network trained for so many updates: its matrices, their products from the left, and the line that they end in."""
    values = dict(activation=activation, eta=eta, scale=scale, width=width, data=data, seed=seed)
    config = config_of(values, ((width,) * layers,))
    experiment = Experiment(config, loaded := load_dataset(config.dataset), record_every=MOST_UPDATES)
    experiment.step(updates)
    weights = experiment.weights(0)
    collapsed = collapse(weights)
    return dict(
        layers=[dict(W=W, b=b) for W, b in weights], products=[dict(W=W, b=b) for W, b in collapsed],
        g=ACTIVATIONS[activation].label, isLine=activation == "identity" or not layers, loss=float(experiment.history.train_loss[-1, 0]),
        samples=_samples(experiment, loaded, *collapsed[-1]),
    )  # fmt: skip


def _samples(experiment: Experiment, data: Dataset, W: np.ndarray, b: np.ndarray) -> list[dict[str, Any]]:
    """The first five samples through the network, and through the line."""
    X = data.X_train[:5]
    outputs = experiment.mlp(0).forward(experiment.theta(0)[None], X)[0, :, 0]
    return [dict(x=x, network=out, line=x @ W[:, 0] + b[0]) for x, out in zip(X, outputs, strict=True)]
