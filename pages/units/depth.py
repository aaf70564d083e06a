"""The Depth view: what is left of a signal after many layers, forwards and backwards; and what that does to training."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from engine import DatasetConfig, ExperimentConfig, LaneConfig, NetworkConfig
from engine.limits import MAX_SAMPLES, PAGE_LAYERS, PAGE_NEURONS
from engine.network.signal import signal
from engine.options import Option
from engine.shown import short_number
from pages.shared import drawn
from pages.shared.drawn import TRANSPORT, Chart, DrawnView, buttons, formula, option
from pages.shared.page import Page, View
from pages.shared.predict import VERDICT, Guess, drawn_chart, drawn_formula
from pages.shared.widgets.option import RATES, ladder, number
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
from pages.units.depth_run import DepthRun

PARTS = {"signal": "Signal", "train": "Train it"}
DEEPEST, WIDEST = 50, 512
WEIGHTS = {
    "activation": Option("activation", "sigmoid", "Activation φ", "Of every layer.", choices=tuple(ACTIVATION_NAMES)),
    "sigma_w": Option("sigma_w", 1.0, "σ_w", "Weights are drawn with variance σ_w²/n: 1 is Glorot's draw, √2 He's.", 0.0, 4.0),
}  # fmt: skip
SIGNAL = WEIGHTS | {
    "sigma_b": Option("sigma_b", 0.0, "σ_b", "Spread of the biases.", 0.0, 2.0),
    "depth": Option("depth", 20, "Layers", "How many layers the signal passes.", 1, DEEPEST, integer=True),
    "width": Option("width", 128, "Neurons n", "Of each layer of the random networks. The theory is for n → ∞.", 1, WIDEST, integer=True),
    "layer": Option("layer", 0, "Layer", "How far the signal has come.", 0, DEEPEST, integer=True),
    "seed": SEED,
}  # fmt: skip
OPTIONS = {
    "part": part_option(PARTS), **SIGNAL,
    "data": Option("data", "circles", "Data set", "Two classes.", choices=DATA),
    "layers": Option("layers", PAGE_LAYERS, "Hidden layers", "Of each network that is trained.", 1, PAGE_LAYERS, integer=True),
    "neurons": Option("neurons", 16, "Neurons", "Of each hidden layer.", 1, PAGE_NEURONS, integer=True),
    "eta": ETA,
}  # fmt: skip
VIEW = View("Depth", OPTIONS, lanes=0, guesses=True)
WORDS = Words(
    "What is left of a signal after twenty layers?",
    "the forward signal looks healthy long after the backward one is gone.",
    "Through twenty sigmoid layers z keeps its size. Why does nothing learn?",
    "Forwards, every layer starts from σ ≈ ½ and its weights, so z keeps a spread of about one half. Backwards each layer multiplies δ by "
    "$\\sqrt{\\chi}$, $\\chi=\\sigma_w^2\\,\\mathrm E\\,\\varphi'^2$, and the slope of a sigmoid is at most ¼: 20 layers leave $2.6\\cdot10^{-13}$. "
    "This is not ¼ to the 20th power: the slope is averaged over where z really lies, and $\\sigma_w$ counts as well.\n\n"
    "With Glorot's draw tanh keeps 0.19 over 20 layers; ReLU halves the mean square at each layer, forwards and backwards, so it needs He's $\\sigma_w=\\sqrt2$, and with "
    "Glorot's only $9.8\\cdot10^{-4}$ is left. A tanh with $\\sigma_w=3$ makes the gradient 447 times as long.",
)  # fmt: skip
LOWEST_AT = 300  # the update that the guess is about


def signal_guess(values: drawn.Values) -> Guess | None:
    depth = values["depth"]
    left = float(signal(values["activation"], values["sigma_w"], values["sigma_b"], depth).back[0])
    if depth < 2 or not math.isfinite(left):
        return None
    name = ACTIVATION_NAMES[values["activation"]]
    return Guess(
        f"Backwards through {depth} {name} layers with σ_w = {values['sigma_w']:g}: what is rms δ in the first layer, as a share of the last one's?",
        left, f"{short_number(left)} in wide layers, the root of the product of all χ.",
        covers=(drawn_chart("back"), drawn_formula("length"), drawn_formula("back"), VERDICT),
    )  # fmt: skip


SIGNAL_VIEW = DrawnView(
    "depth", "Depth",
    question=WORDS.question, look_for=WORDS.look_for, ask=WORDS.ask, answer=WORDS.answer,
    options=SIGNAL,
    controls=(
        buttons(("sigmoid", "sigmoid, Glorot"), ("tanh", "tanh, Glorot"), ("he", "ReLU, He"), ("relu", "ReLU, Glorot"), ("chaos", "tanh, σ_w = 3")),
        option("activation"), option("sigma_w"), formula("forward"), formula("back"), TRANSPORT, option("depth"), formula("length"),
        option("sigma_b"), option("width"), buttons(("again", "Draw again")),
    ),
    charts=(
        Chart("forward", "Forwards", "Root mean square of z by layer, theory and random networks", "", "", log="y"),
        Chart("back", "Backwards", "Root mean square of delta by layer as a share of the last layer's, theory and random networks", "layer", "", log="y"),
        Chart("map", "From layer to layer", "The size of z in the next layer against its size in this one", "rms of z in a layer", "in the next layer"),
    ),
    transport="layer", pace=150,
    choices={"activation": ACTIVATION_NAMES}, guess=signal_guess,
)  # fmt: skip


def show(here: Page) -> None:
    if show_words(here, WORDS, PARTS) == "signal":
        _signal(here)
        return
    with st.sidebar:
        config = controls(here)
    here.write()
    ask = f"Which of the four has the lowest training loss after {LOWEST_AT} updates?"
    show_live(here, DepthRun, config, at=LOWEST_AT, guess=lambda run: lowest(run, ask, ("loss", "gradients")))


@st.fragment
def _signal(here: Page) -> None:
    drawn.show(SIGNAL_VIEW, here)
    here.write()


def controls(here: Page) -> ExperimentConfig:
    form, values = here.form, here.values()
    values["eta"] = ladder(form, "eta", ETA, RATES)
    st.caption("Every update uses all training samples. Biases start at 0.")
    for name in ("layers", "neurons"):
        values[name] = number(form, name, OPTIONS[name])
    st.markdown("**The first lane**")
    values["activation"] = select(form, "activation", OPTIONS["activation"], ACTIVATION_NAMES)
    values["sigma_w"] = number(form, "sigma_w", OPTIONS["sigma_w"])
    st.latex(r"W_{ij}\sim N(0,\ \sigma_w^2/n_{\text{in}})")
    values["data"] = select(form, "data", OPTIONS["data"])
    values["seed"] = number(form, "seed", SEED)
    return config_of(values)


def config_of(values: dict[str, Any]) -> ExperimentConfig:
    """The chosen activation and σ_w, and three lanes to compare it with."""
    hidden = (values["neurons"],) * values["layers"]

    def lane(name: str, activation: str, initializer: str, **options: float) -> LaneConfig:
        network = NetworkConfig(hidden, activation, initializer, options)
        return LaneConfig("sgd", values["eta"], network=network, name=name)

    sigma = values["sigma_w"]
    chosen = f"{ACTIVATION_NAMES[values['activation']]}, σ_w = {'√2' if math.isclose(sigma, math.sqrt(2), rel_tol=1e-3) else f'{sigma:g}'}"
    lanes = (
        lane(chosen, values["activation"], "scaled_normal", gain=sigma),
        lane("sigmoid, N(0, 1)", "sigmoid", "normal", scale=1.0),
        lane("tanh, Glorot", "tanh", "glorot_normal"), lane("ReLU, He", "relu", "he_normal"),
    )  # fmt: skip
    return ExperimentConfig(
        DatasetConfig(values["data"]), NetworkConfig(hidden), batch_size=MAX_SAMPLES, seed=values["seed"], lanes=lanes
    )  # fmt: skip
