"""Features: the plane as each layer sees it, live; what a linear model reads from it, and what training pays for that."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import streamlit as st

from engine import ACTIVATIONS, ExperimentConfig
from engine.data.load import Dataset
from engine.limits import PAGE_LAYERS, PAGE_NEURONS
from engine.network.probes import C
from engine.options import Option
from pages.capacity.common import words
from pages.capacity.features_model import MODES, Look, lanes_of
from pages.capacity.features_run import FeaturesRun
from pages.shared import session
from pages.shared.live.handover import offered
from pages.shared.page import Page, View
from pages.shared.predict import Guess, predict_run
from pages.shared.weights import MOST_LINKED, linked_weights, weights_text
from pages.shared.widgets.experiment import experiment_controls, widget_values
from pages.shared.widgets.option import choose, number

AXES = {"principal": "principal axes", "units": "units"}
OPTIONS = {
    "mode": Option("mode", "learned", "Features", "Whose features the pictures show. The networks go on training.", choices=tuple(MODES)),
    "axes": Option("axes", "principal", "Axes", "The directions in which a layer's outputs vary most, or two of its units.", choices=tuple(AXES)),
    "first": Option("first", 1, "First", "Number of the unit, or of the principal axis.", 1, PAGE_NEURONS, integer=True),
    "second": Option("second", 2, "Second", "Number of the unit, or of the principal axis.", 1, PAGE_NEURONS, integer=True),
    "layer": Option("layer", 0, "Layer", "Which picture is shown large; 0 shows all.", 0, PAGE_LAYERS, integer=True),
    "sigma_b": Option("sigma_b", 0.0, "Biases at the start σ_b", "Hidden biases start as N(0, σ_b²). A change starts a new run.", 0.0, 2.0),
}  # fmt: skip
DEFAULTS = {"data": "circles", "net": "8-8-8", "opt": "adam", "lr": "0.01", "batch": "5000"}
VIEW = View("Features", OPTIONS, DEFAULTS, lanes=1, guesses=True)
GUESSED_AT = 500  # the update that the guess is about


@dataclass
class Kept:
    """Weights that were brought, the network and data that they belong to, and what is said of them."""

    weights: list[float] | None = None
    network: Any = None
    message: str = ""


def show(here: Page) -> None:
    kept = session.of("capacity.features", Kept)
    arrive(here, kept)
    with st.sidebar:
        look, sigma_b = picture_controls(here, kept)
        config = experiment_controls(here.form)
        formulas(config)
    words(here, QUESTION, LOOK_FOR, ASK, ANSWER)
    weights = fitting(kept, config)
    more = {"weights": weights_text(weights)} if weights is not None and len(weights) <= MOST_LINKED else {}
    here.write(config, more)

    def make(config: ExperimentConfig, data: Dataset, dark: bool) -> FeaturesRun:
        return FeaturesRun(config, data, dark, weights, sigma_b)

    def fits(run: FeaturesRun) -> bool:
        return run.asked == (tuple(weights) if weights is not None else None, sigma_b) and run.matches(lanes)

    sigma_b = 0.0 if weights is not None else sigma_b
    lanes = lanes_of(config)
    run = here.run(make, lanes, fits)
    if run is None:
        return
    run.set_look(look)
    if run.depth:
        predict_run(here, run, GUESSED_AT, lambda: way_back_guess(run))
    here.panel(run)


def way_back_guess(run: FeaturesRun) -> Guess:
    old, new = run.before()[-1], run.wishes(exact=True)[-1]
    return Guess(
        f"A linear map reads the points x from layer {run.depth} with R² = {old.back:.2f} before training. What is R² after {GUESSED_AT} updates?",
        round(new.back, 2) if math.isfinite(new.back) else None,
        f"{new.back:.2f}. The mean |correlation| of the units went from {old.correlation:.2f} to {new.correlation:.2f}, and the probe from {old.probe:.2f} to {new.probe:.2f}.",
        covers=("wishes",),
    )  # fmt: skip


def arrive(here: Page, kept: Kept) -> None:
    """Take over the weights of a link, or the Playground's network, if a link has just come in."""
    linked = here.linked()
    if linked is None:
        return
    query = linked[1]
    kept.weights, kept.network, kept.message = None, None, ""
    if "bring" in query:
        if offered("playground") is None:
            here.warn("The Playground holds no network in this session; the view's own is shown.")
        else:
            bring(here, kept)
    elif "weights" in query:
        kept.weights = linked_weights(query["weights"])
        if kept.weights is None:
            here.warn("weights in the link are not all numbers; the initial weights are used instead.")


def bring(here: Page, kept: Kept) -> None:
    """Take the Playground's network as it stands: data, settings and weights."""
    run = offered("playground")
    here.form.update(widget_values(run.experiment.config))
    kept.weights, kept.network = [float(value) for value in run.experiment.theta(0)], None
    kept.message = f"The Playground's network after {run.experiment.lanes[0].updates:,} updates. It goes on from there; Reset returns to it."
    if len(kept.weights) > MOST_LINKED:
        kept.message += f" It has {len(kept.weights):,} weights. That is too many for a link: a reload shows its initial weights."


def fitting(kept: Kept, config: ExperimentConfig) -> list[float] | None:
    """The kept weights while the network is theirs; a network that is changed starts from its own."""
    network = (config.network, config.loss, config.dataset, config.seed)
    if kept.weights is not None and kept.network not in (None, network):
        kept.weights, kept.message = None, ""
    kept.network = network
    return kept.weights


def picture_controls(here: Page, kept: Kept) -> tuple[Look, float]:
    form = here.form
    if offered("playground") is not None and st.button("Bring the Playground's network", icon=":material/download:", width="stretch"):  # fmt: skip
        bring(here, kept)
    if kept.message:
        st.caption(kept.message)
    with st.expander("The picture", expanded=True, icon=":material/texture:"):
        mode = choose(
            form, "mode", "Features", MODES, "learned", MODES.__getitem__, help=OPTIONS["mode"].help
        )
        axes = choose(form, "axes", "Axes", AXES, "principal", AXES.__getitem__, help=OPTIONS["axes"].help)
        left, right = st.columns(2, gap="small")
        with left:
            first = number(form, "first", OPTIONS["first"])
        with right:
            second = number(form, "second", OPTIONS["second"])
        layer = number(form, "layer", OPTIONS["layer"])
        sigma_b = number(form, "sigma_b", OPTIONS["sigma_b"])
        if kept.weights is not None:
            st.caption("The weights were brought, so no biases are drawn.")
    return Look(mode, layer, axes, first, second), sigma_b


def formulas(config: ExperimentConfig) -> None:
    """What a layer makes, and what is measured of it, with the network's own numbers."""
    network = config.network
    sizes = (len(config.dataset.features), *network.hidden)
    for k, (a, b) in enumerate(pairwise(sizes), 1):
        name = ACTIVATIONS[network.activations[k - 1]].key.replace("_", r"\_")
        below = "x" if k == 1 else f"a_{{{k - 1}}}"
        st.latex(rf"\small a_{{{k}}}=\mathrm{{{name}}}({below}\,W_{{{k}}}+b_{{{k}}}),\quad {a}\to{b}")
    st.caption(
        f"The probe is logistic regression on standardised features, with penalty ½‖w‖²/C, C = {C:g}; least squares for values."
    )
    st.latex(r"\small R^2=1-\frac{\sum\|x-\hat x\|^2}{\sum\|x-\bar x\|^2},\quad \hat x=Va+c")


QUESTION = "What do the layers before the last one do for it?"
LOOK_FOR = "the sheet is pulled apart until one straight cut tells the classes apart. Watch what it loses on the way. Press Play."
ASK = "Good features tell the classes apart, are independent of each other, and still tell where a point was. Which of these wishes does training grant?"
ANSWER = (
    "The first, and it pays with the other two. Circles, 8-8-8 tanh, 1,500 updates with Adam at 0.01 (full batch): a linear probe on the last layer "
    "rises from about half right to all right. The units come to say the same: their mean |correlation| grows. And the way back to x gets worse: "
    "R² falls from 1.00 to between 0.5 and 0.8. Nobody asked for the other two: the loss only knows the output. It need not be so: on the spiral, "
    "ReLU layers of 16 part the arms and keep R² near 0.98.\n\n"
    "*Only the last layer trains*: a linear model on random features, so its loss is convex. With biases that start at 0, tanh units are odd, "
    "f(−x) = −f(x), and no sum of them tells a ring from what it surrounds. Raise σ_b, and random features do nearly as well as learned ones."
)  # fmt: skip
