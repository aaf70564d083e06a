"""The Activations view: functions and slopes over the sums that a network has, a sigmoid as a soft step, dead units."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import streamlit as st

from engine import ACTIVATIONS, DatasetConfig, ExperimentConfig, LaneConfig, NetworkConfig
from engine.limits import MAX_SAMPLES
from engine.options import Option
from engine.shown import short_number
from pages.shared import drawn
from pages.shared.drawn import Chart, DrawnView, buttons, formula, option
from pages.shared.page import Page, View
from pages.shared.predict import VERDICT, Guess, drawn_chart, drawn_formula
from pages.shared.widgets.option import RATES, ladder, number
from pages.units.activations_run import ActivationsRun
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
from pages.units.dead_run import DeadRun

PARTS = {"network": "In a network", "step": "Towards a step", "dead": "Dead units"}
FUNCTIONS = ("sigmoid", "tanh", "relu", "gelu")
NONE = "none"
MOST_LETTERS = 30  # of a formula in usual type
STEP = {
    "beta": Option("beta", 3.0, "Steepness β", "How much z is multiplied by first.", 0.3, 100.0, log=True),
    "at": Option("at", 0.5, "z", "Drag the point on the curve.", -4.0, 4.0),
}  # fmt: skip
OPTIONS = {
    "part": part_option(PARTS),
    **{
        f"f{k}": Option(f"f{k}", key, f"Function {k}", "Each trains a network of its own.", choices=((NONE,) if k > 1 else ()) + tuple(ACTIVATION_NAMES))
        for k, key in enumerate(FUNCTIONS, start=1)
    },
    "sigma_w": Option("sigma_w", 1.0, "σ_w", "Weights start with variance σ_w²/n. Large ones push z to where slopes are small.", 0.0, 5.0),
    "layers": Option("layers", 2, "Hidden layers", "All of the same width.", 1, 3, integer=True),
    "width": Option("width", 16, "Neurons in each", "Neurons of each hidden layer.", 1, 32, integer=True),
    "data": Option("data", "circles", "Data set", "Two classes.", choices=DATA),
    "eta": Option("eta", 0.3, ETA.label, ETA.help, ETA.low, ETA.high, log=True),
    "unit": Option("unit", "relu", "Activation", "Of all lanes but the last, which has the leaky ReLU.", choices=tuple(ACTIVATION_NAMES)),
    "seed": SEED, **STEP,
}  # fmt: skip
VIEW = View("Activations", OPTIONS, lanes=0, guesses=True)
WORDS = Words(
    "When does a unit stop learning?",
    "whether a unit saturates depends on where its inputs lie, not on its function alone.",
    "The slope of a sigmoid is at most ¼, and of a ReLU 1. Is the ReLU safe?",
    "From vanishing slopes, yes: wherever it is on, its slope is 1. But it can die. One update that is too large may push a unit to where it is "
    "off at every sample; its slope is then 0 everywhere, so no gradient reaches it again. Of 32 units, $\\eta=0.3$ kills 1 at most, "
    "$\\eta=3$ kills 9 to 18 while the loss still goes to 0, and $\\eta=10$ kills 19 or more: see *Dead units*. A leaky ReLU has a slope of 0.01 where "
    "ReLU has none, so it never dies.\n\n"
    "A sigmoid saturates only where $z$ is large. With weights of a good size, hardly any $z$ lies there: raise $\\sigma_w$ and look again.",
)  # fmt: skip
SUMS_AT, DEAD_AT = 100, 1000  # the updates that the guesses are about


def show(here: Page) -> None:
    part = show_words(here, WORDS, PARTS)
    if part == "step":
        _step(here)
        return
    with st.sidebar:
        config = network_controls(here) if part == "network" else dead_controls(here)
    here.write()
    kind: Any = ActivationsRun if part == "network" else DeadRun
    show_live(
        here, kind, config, lambda run: isinstance(run, kind) and run.matches(config, run.seeds),
        at=SUMS_AT if part == "network" else DEAD_AT, guess=saturated_guess if part == "network" else dead_guess,
    )  # fmt: skip


def saturated_guess(run: ActivationsRun) -> Guess:
    share, name = 100 * run.hidden(0)[0].saturated, run.looks[0].name
    return Guess(
        f"After {SUMS_AT} updates: for how many percent of the first layer's sums z is the slope of {name} below 0.1?",
        share, f"{share:.0f} %, over all units of the layer and all training samples.", covers=tuple(f"sums:{look.key}" for look in run.looks),
    )  # fmt: skip


def dead_guess(run: DeadRun) -> Guess:
    rows, name = run.rows_of[1], run.looks[1].name
    counts, units = [sum(run.dead(row)) for row in rows], sum(run.experiment.mlp(rows[0]).layer_sizes[1:-1])
    middle = float(np.median(counts))
    return Guess(
        f"After {DEAD_AT:,} updates with {name}: how many of the {units} hidden units are dead, as the median of {len(rows)} seeds?",
        middle, f"{middle:g}; seed by seed {', '.join(map(str, counts))}.", covers=("dead",),
    )  # fmt: skip


def area_guess(values: drawn.Values) -> Guess:
    beta = values["beta"]
    area = 2 * math.log(2) / beta
    return Guess(
        f"How large is the area between σ({beta:g}z) and the step?", area, f"{short_number(area)} = 2 ln 2/β.",
        covers=(drawn_formula("area"), drawn_chart("areas"), VERDICT),
    )  # fmt: skip


STEP_VIEW = DrawnView(
    "step", "Towards a step",
    question="What is left between a sigmoid and a step?",
    look_for="Ten times the β, a tenth of the area between them, and ten times the largest slope.",
    ask="", answer="",
    options=STEP,
    controls=(
        formula("value"), option("beta"), formula("area"), formula("slope"), option("at"), formula("here"),
        buttons(("one", "β = 1"), ("ten", "β = 10"), ("hundred", "β = 100")),
    ),
    charts=(
        Chart("curve", "σ(βz) and the step", "The sigmoid of beta z, the step, and the area between them", "z"),
        Chart("slope", "Slope βσ(1 − σ)", "The slope of the sigmoid of beta z, with a quarter of beta marked", "z"),
        Chart("areas", "Area between them", "The area between sigmoid and step against beta", "β", log="xy"),
    ),
    guess=area_guess,
)  # fmt: skip


@st.fragment
def _step(here: Page) -> None:
    drawn.show(STEP_VIEW, here)
    here.write()


def network_controls(here: Page) -> ExperimentConfig:
    form, values = here.form, here.values()
    values["eta"] = ladder(form, "eta", OPTIONS["eta"], RATES)
    values["sigma_w"] = number(form, "sigma_w", OPTIONS["sigma_w"])
    st.latex(r"W_{ij}\sim N(0,\ \sigma_w^2/n_{\text{in}})")
    for k in range(1, len(FUNCTIONS) + 1):
        values[f"f{k}"] = select(form, f"f{k}", OPTIONS[f"f{k}"], ACTIVATION_NAMES)
        if values[f"f{k}"] != NONE:
            _formula(values[f"f{k}"])
    for name in ("layers", "width"):
        values[name] = number(form, name, OPTIONS[name])
    values["data"] = select(form, "data", OPTIONS["data"])
    values["seed"] = number(form, "seed", SEED)
    return network_config(values)


def _formula(name: str) -> None:
    """The formula, in small type where it would not fit."""
    formula = ACTIVATIONS[name].formula
    st.latex(rf"\tiny\varphi(z)={formula}" if len(formula) > MOST_LETTERS else rf"\varphi(z)={formula}")


def network_config(values: dict[str, Any]) -> ExperimentConfig:
    """A lane for each function; one that is named twice counts once."""
    hidden = (values["width"],) * values["layers"]
    chosen = dict.fromkeys(values[f"f{k}"] for k in range(1, len(FUNCTIONS) + 1))
    lanes = tuple(
        LaneConfig(
            "sgd", values["eta"], network=NetworkConfig(hidden, name, "scaled_normal", {"gain": values["sigma_w"]}), name=ACTIVATION_NAMES[name]
        )
        for name in chosen if name != NONE
    )  # fmt: skip
    data = DatasetConfig(values["data"])
    return ExperimentConfig(
        data, NetworkConfig(hidden), batch_size=MAX_SAMPLES, seed=values["seed"], lanes=lanes
    )


def dead_controls(here: Page) -> ExperimentConfig:
    form, values = here.form, here.values()
    st.caption("Three rates, five seeds each: batches of 32, He's draw.")
    values["unit"] = select(form, "unit", OPTIONS["unit"], ACTIVATION_NAMES)
    _formula(values["unit"])
    st.markdown("A unit is dead when its slope is 0 at every sample. Then no gradient reaches its weights:")
    st.latex(r"\frac{\partial L}{\partial W_{ij}}=\sum_n a_{ni}\,\delta_{nj}=0")
    st.latex(r"\text{as}\quad\delta_{nj}=\varphi'(z_{nj})\,\frac{\partial L}{\partial h_{nj}}=0")
    for name in ("layers", "width"):
        values[name] = number(form, name, OPTIONS[name])
    values["data"] = select(form, "data", OPTIONS["data"])
    values["seed"] = number(form, "seed", SEED)
    return dead_config(values)


def dead_config(values: dict[str, Any]) -> ExperimentConfig:
    """The chosen activation at three rates, and the leaky ReLU at the middle one."""
    hidden = (values["width"],) * values["layers"]

    def lane(activation: str, rate: float) -> LaneConfig:
        network = NetworkConfig(hidden, activation, "he_normal")
        return LaneConfig("sgd", rate, network=network, name=f"{ACTIVATION_NAMES[activation]}, η = {rate:g}")

    lanes = (*(lane(values["unit"], rate) for rate in (0.3, 3.0, 10.0)), lane("leaky_relu", 3.0))
    data = DatasetConfig(values["data"])
    return ExperimentConfig(data, NetworkConfig(hidden), batch_size=32, seed=values["seed"], lanes=lanes)
