"""The Start view: eight ways to begin, and the smallest network that waits for a small start."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import streamlit as st

from engine import DatasetConfig, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import Dataset
from engine.limits import MAX_SAMPLES
from engine.options import Option
from engine.surfaces.two_weights import descend, first_half, flow_to_half
from pages.shared import drawn
from pages.shared.drawn import TRANSPORT, Chart, DrawnView, formula, option
from pages.shared.page import Page, View
from pages.shared.predict import VERDICT, Guess, drawn_chart, drawn_formula
from pages.shared.widgets.option import RATES, ladder, number
from pages.units.common import (
    ACTIVATION_NAMES,
    DATA,
    ETA,
    SEED,
    Words,
    part_option,
    select,
    show_live,
    show_words,
)
from pages.units.start_run import StartRun

PARTS = {"starts": "Eight starts", "weights": "Two weights"}
CHAIN = {
    "w0": Option("w0", 0.1, "First weights w₀", "Both weights begin here.", 0.001, 0.9, log=True),
    "rate": Option("rate", 0.05, "Learning rate η", "How far each update goes.", 0.005, 0.5, log=True),
    "updates": Option("updates", 60, "Updates", "How many updates have been made.", 0, 400, integer=True),
}  # fmt: skip
OPTIONS = {
    "part": part_option(PARTS),
    "data": Option("data", "moons", "Data set", "Two classes, equally many points of each.", choices=DATA),
    "layers": Option("layers", 1, "Hidden layers", "All of the same width.", 1, 3, integer=True),
    "width": Option("width", 8, "Neurons in each", "Neurons of each hidden layer. With one there is nothing to tell apart.", 1, 32, integer=True),
    "activation": Option("activation", "tanh", "Activation", "Of all lanes but the last, which has the sigmoid.", choices=tuple(ACTIVATION_NAMES)),
    "value": Option("value", 0.5, "Constant", "What every weight of the lane “constant” starts at.", -3.0, 3.0),
    "share": Option("share", 0.3, "Share of class 1", "In the data of the second lane; all others have half and half.", 0.05, 0.45),
    "eta": ETA, "seed": SEED, **CHAIN,
}  # fmt: skip
VIEW = View("Start", OPTIONS, lanes=0, guesses=True)
WORDS = Words(
    "Where may the weights begin?",
    "which lanes can tell their neurons apart.",
    "Eight neurons that start alike stay alike. Are they worth more than one?",
    "No. They get the same gradient, so they stay the same neuron, to the bit. Eight equal neurons with outgoing weights $w$ are one neuron "
    "with outgoing weight $8w$, trained at $\\eta/8$ inside and $8\\eta$ outside.\n\n"
    "**Zeros.** With tanh every gradient is 0 but that of the output bias: the network learns the share of the classes and nothing else. "
    "With 30 % in class 1 the bias goes to $\\ln(3/7) = -0.8473$ and the loss to $0.6109$, the entropy of the classes. “All gradients are 0” holds "
    "for equal classes only.\n\n"
    "**A small start** lies next to that saddle: it takes the longer, the smaller it is (see *Two weights*). **A large one** saturates tanh "
    "and begins with a high loss. Glorot and He keep the signal's size from layer to layer (see *Depth*).",
)  # fmt: skip
ZEROS_AT = 1000  # the update that the guess is about
MOST_UPDATES = 100_000


def zeros_guess(run: StartRun) -> Guess:
    p, loss = run.share, float(run.unequal.history.train_loss[-1, 0])
    entropy = -(p * math.log(p) + (1 - p) * math.log(1 - p))
    return Guess(
        f"All weights start at 0, and {100 * p:.0f} % of the samples are in class 1. Which training loss does this network have after {ZEROS_AT:,} updates?",
        loss, f"{loss:.4f}. A constant output comes to {entropy:.4f} at best, the entropy of the classes.", covers=("loss", "neurons"),
    )  # fmt: skip


def half_guess(values: drawn.Values) -> Guess | None:
    at = first_half(descend(values["w0"], values["rate"], MOST_UPDATES))
    if at is None:
        return None
    return Guess(
        f"From w₁ = w₂ = {values['w0']:g} at η = {values['rate']:g}: after how many updates is w₁w₂ one half?",
        float(at), f"{at:,}; the exact flow says {flow_to_half(values['w0'], values['rate']):.1f}.",
        covers=(drawn_chart("product"), drawn_chart("time"), drawn_formula("half"), VERDICT),
    )  # fmt: skip


TWO_WEIGHTS = DrawnView(
    "two_weights", "Two weights",
    question="How long does a small start take?",
    look_for="A start ten times smaller costs the same number of updates more, each time.",
    ask="", answer="",
    options=CHAIN,
    controls=(formula("net"), option("w0"), option("rate"), TRANSPORT, formula("rule"), formula("half")),
    charts=(
        Chart("product", "The product w₁w₂", "The product of two weights against updates, for the chosen start and three others, with the exact flow", "updates", "w₁w₂"),
        Chart("time", "Updates until w₁w₂ is ½", "Updates until the product is one half, against the first weights", "w₀", "updates", log="x"),
    ),
    transport="updates", pace=60, guess=half_guess,
)  # fmt: skip


def show(here: Page) -> None:
    if show_words(here, WORDS, PARTS) == "weights":
        _two_weights(here)
        return
    with st.sidebar:
        config, share = controls(here)
    here.write()

    def make(config: ExperimentConfig, data: Dataset, dark: bool) -> StartRun:
        return StartRun(config, data, dark, share)

    show_live(here, make, config, lambda run: run.matches(config) and getattr(run, "share", None) == share, at=ZEROS_AT, guess=zeros_guess)  # fmt: skip


@st.fragment
def _two_weights(here: Page) -> None:
    drawn.show(TWO_WEIGHTS, here)
    here.write()


def controls(here: Page) -> tuple[ExperimentConfig, float]:
    """The experiment, and the share of class 1 in the lane that has data of its own."""
    form, values = here.form, {}
    values["eta"] = ladder(form, "eta", ETA, RATES)
    st.latex(r"\theta\leftarrow\theta-\eta\,\nabla J(\theta)")
    st.caption("Every update uses all training samples. All biases start at 0.")
    values["data"] = select(form, "data", OPTIONS["data"])
    for name in ("layers", "width"):
        values[name] = number(form, name, OPTIONS[name])
    values["activation"] = select(form, "activation", OPTIONS["activation"], ACTIVATION_NAMES)
    for name in ("value", "share", "seed"):
        values[name] = number(form, name, OPTIONS[name])
    share = values["share"]
    st.markdown("With zeros, the output bias learns the share p of class 1 alone:")
    st.latex(rf"b\to\ln\frac{{p}}{{1-p}}={math.log(share / (1 - share)):.4f}")
    return config_of(values), values["share"]


def config_of(values: dict[str, Any]) -> ExperimentConfig:
    """Seven lanes that differ in how they start: the first is zeros, which the lane of unequal classes has too."""
    hidden = (values["width"],) * values["layers"]

    def lane(
        name: str, initializer: str, activation: str = values["activation"], **options: float
    ) -> LaneConfig:
        network = NetworkConfig(hidden, activation, initializer, options)
        return LaneConfig("sgd", values["eta"], network=network, name=name)

    lanes = (
        lane("zeros", "zeros"), lane(f"constant {values['value']:g}", "constant", value=values["value"]),
        lane("N(0, 0.01²)", "normal", scale=0.01), lane("Glorot", "glorot_normal"), lane("He", "he_normal"),
        lane("N(0, 3²)", "normal", scale=3.0), lane("Glorot, sigmoid", "glorot_normal", "sigmoid"),
    )  # fmt: skip
    config = ExperimentConfig(
        DatasetConfig(values["data"], noise=0.3), NetworkConfig(hidden), batch_size=MAX_SAMPLES, lanes=lanes
    )  # fmt: skip
    return replace(config, seed=values["seed"])
