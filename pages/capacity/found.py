"""Found: the same networks built by hand and trained from many random starts. Existence is no recipe."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from engine.data.config import DRAWN
from engine.data.drawn import read_drawn
from engine.network.activations import ACTIVATIONS
from engine.network.config import NetworkConfig
from engine.network.initializers import INITIALIZERS
from engine.network.pieces import sine_bound
from engine.options import NetworkList, Option, TextOption
from engine.studies.found import RATE, RING, STARTS, TARGETS
from pages.capacity.common import words
from pages.capacity.found_figures import WAYS
from pages.capacity.found_run import MEASURES, FoundRun, said_error
from pages.capacity.own_run import run_of
from pages.shared.classroom.guide import after
from pages.shared.form import Form
from pages.shared.page import Page, View
from pages.shared.predict import Guess, predict_run
from pages.shared.widgets.option import RATES, button, choose, ladder, number


@dataclass(frozen=True)
class DrawnCurve(TextOption):
    """A drawn curve as engine/data/drawn.py has it, or nothing."""

    @property
    def form(self) -> str:
        return "a curve drawn on this page"

    def clamp(self, value: Any) -> Any:
        with suppress(ValueError):
            text = str(value)
            if text.startswith("c") and len(read_drawn(text).points):
                return text
        return self.default


FORMULAS = {"largest": "largest, max |f − t|", "mean": "mean squared, mean of (f − t)²"}
DATA = {**{key: curve.label.removesuffix(" (curve)") for key, curve in TARGETS.items()}, RING: "Two rings", DRAWN: "Your drawing"}  # fmt: skip
GUESSED_AT = 1000  # the update that the guess is about
STARTED = ("glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_normal", "normal")
BENDS = ("relu", "tanh", "sigmoid", "gelu", "sine")
OPTIONS = {
    "data": Option("data", "sine", "Target", "The function to be found. Or draw one: ✎ over the chart.", choices=tuple(DATA)),
    "points": DrawnCurve("points", "", "Drawn points", "With the target Your drawing."),
    "nets": NetworkList("nets", "8,16,32,64", "Networks", "Hidden layers of up to five networks: 8,16 are two with one layer each, 2-2-2 is one with three."),
    "network": Option("network", 1, "Network shown", "Whose functions are drawn, by its place in the list.", 1, 5, integer=True),
    "way": Option("way", "median", "Start shown", "Whose neurons are drawn.", choices=WAYS),
    "measure": Option("measure", "largest", "Error", "Measured on a fine grid, between the points too.", choices=tuple(MEASURES)),
    "act": Option("act", "relu", "Activation", "Of all hidden layers.", choices=BENDS),
    "init": Option("init", "glorot_uniform", "Initial weights", "How they are drawn; biases start at 0.", choices=STARTED),
    "eta": Option("eta", RATE, "Learning rate η", "Of Adam, on all points at every update.", 1e-4, 1.0, log=True),
    "samples": Option("samples", 100, "Points N", "That are learned, evenly spaced.", 5, 300, integer=True),
    "spread": Option("spread", 0.0, "Noise σ", "Standard deviation of the noise in y; of the rings, how far points scatter.", 0.0, 0.5),
    "biases": Option("biases", True, "Biases", "Off: every bias stays at 0."),
    "scaled": Option("scaled", True, "Inputs from −2 to 2", "Off: the network gets x as it is, mostly from 0 to 1."),
    "seed": Option("seed", 0, "Seed", "Of the initial weights, and of noise.", 0, 999, integer=True),
}  # fmt: skip
VIEW = View("Found", OPTIONS, lanes=0, guesses=True)
PRESETS: dict[str, dict[str, Any]] = {
    "Sine": {},
    "Sawtooth": dict(data="saw8", nets="2-2-2,8-8-8,32", measure="mean"),
    "Rings": dict(data=RING, nets="2,2-2,2-2-2-2,3", act="tanh", samples=300),
}


def show(here: Page) -> None:
    form = here.form
    if form["data"] == DRAWN and not form["points"]:
        here.warn("data is 'drawn' in the link, which has no drawn points; sine is used instead.")
    with st.sidebar:
        _presets(form)
        asked = _what(form)
        shown = _shown(form, asked)
        with st.popover("How they are trained", width="stretch"):
            asked |= _training(form)
    words(here, QUESTION, LOOK_FOR, ASK, ANSWER)
    here.write()
    run = run_of(here, FoundRun, asked, **shown)
    predict_run(here, run, GUESSED_AT, lambda: found_guess(run))
    here.panel(run)


def _presets(form: Form) -> None:
    """Buttons that set everything."""
    usual = {name: option.default for name, option in OPTIONS.items()}
    with st.container(horizontal=True, gap="xsmall"):
        for label, values in PRESETS.items():
            button(form, f"preset.{label}", label, after(form, partial(form.update, usual | values)))


def _what(form: Form) -> dict[str, Any]:
    """The target, and the networks."""
    there_are = {key: name for key, name in DATA.items() if key != DRAWN or form["points"]}
    data = choose(form, "data", "Target", there_are, "sine", lambda key: DATA[key], help=OPTIONS["data"].help)
    networks = OPTIONS["nets"]
    assert isinstance(networks, NetworkList)
    key = form.open("nets", networks.default)
    typed = st.text_input("Networks", form["nets"], key=key, help=networks.help, max_chars=60, disabled=form.locks("nets"))  # fmt: skip
    used = networks.clamp(typed)
    if used != typed.replace(" ", ""):
        st.warning(f"Write {networks.form}. Used: {used}")
    used = str(form.take("nets", typed, used))
    return dict(data=data, networks=networks.networks(used), drawn=form["points"] if data == DRAWN else "")


def _shown(form: Form, asked: dict[str, Any]) -> dict[str, Any]:
    """What is drawn, and the formula with its numbers."""
    networks, is_ring = asked["networks"], asked["data"] == RING
    names = {k + 1: "-".join(map(str, hidden)) for k, hidden in enumerate(networks)}
    if form["network"] not in names:
        form.put("network", len(names))
    key = form.open("network", 1, list(names.values()))
    held = st.segmented_control("Network shown", list(names), key=key, default=form["network"], format_func=lambda k: names.get(k, ""), required=True, disabled=form.locks("network"))  # fmt: skip
    place = form.take("network", held, held if held in names else 1)
    hidden = networks[place - 1]
    st.latex(formula(hidden))
    st.caption(f"{NetworkConfig(hidden).parameter_count(2 if is_ring else 1, 1):,} parameters")
    way = choose(form, "way", "Start shown", dict.fromkeys(WAYS), "median", lambda way: f"{way} of {STARTS}")
    measure = form["measure"]
    if not is_ring:
        measure = choose(
            form,
            "measure",
            "Error",
            MEASURES,
            "largest",
            lambda key: FORMULAS[key],
            help=OPTIONS["measure"].help,
        )
    if asked["data"] == "sine" and measure == "largest":
        m = max(hidden)
        st.latex(rf"\text{{built}}\le\frac{{\pi^2}}{{2\cdot {m}^2}}={sine_bound(m):.4f}")
    return dict(network=place - 1, way=way, measure=measure)


def formula(hidden: tuple[int, ...]) -> str:
    """What a network with these layers computes."""
    if len(hidden) == 1:
        return rf"f(x)=\sum_{{j=1}}^{{{hidden[0]}}}a_j\,\varphi(w_jx+b_j)+c"
    return rf"h_k=\varphi(W_kh_{{k-1}}+b_k),\ f=a\cdot h_{len(hidden)}+c"


def _training(form: Form) -> dict[str, Any]:
    act = choose(form, "act", "Activation φ", {key: ACTIVATIONS[key] for key in BENDS}, "relu")
    init = choose(form, "init", "Initial weights", {key: INITIALIZERS[key] for key in STARTED}, "glorot_uniform", help=OPTIONS["init"].help)  # fmt: skip
    rate = ladder(form, "eta", OPTIONS["eta"], RATES)
    samples, noise, biases, scaled, seed = (number(form, name, OPTIONS[name]) for name in ("samples", "spread", "biases", "scaled", "seed"))  # fmt: skip
    return dict(
        activation=act, initializer=init, rate=float(rate), samples=samples, noise=float(noise), biases=bool(biases),
        scaled=bool(scaled), seed=seed,
    )  # fmt: skip


def found_guess(run: FoundRun) -> Guess:
    """About the median start of the network that is shown; of the rings, about how many starts are right everywhere."""
    study, k = run.study, run.network
    name = f"{'layers' if '-' in run.names[k] else 'width'} {run.names[k]}"
    covers = ("picture", "starts", "parts", "loss")
    if study.is_ring:
        right = run.all_right(k)
        return Guess(
            f"After {GUESSED_AT:,} updates: how many of the {study.starts} starts with {name} have every point right?", float(right),
            f"{right} of {study.starts}.", covers=covers,
        )  # fmt: skip
    error, built = study.spread(k, run.measure).median, study.built_error(k, run.measure)
    known = (
        f"Built by hand, a network of {name} has a {run.what} of {said_error(built)}. "
        if built is not None
        else ""
    )
    return Guess(
        f"{known}After {GUESSED_AT:,} updates from {study.starts} random starts: what is the median {run.what} with {name}?",
        error if np.isfinite(error) else None, f"{said_error(error)}.", covers=covers,
    )  # fmt: skip


QUESTION = "A network that fits exists. Does training find it?"
LOOK_FOR = "how far the starts stay from what is built by hand (◆), or from all points right. Existence is no recipe. Press Play."
ASK = "Three narrow layers can be a sawtooth exactly. Does training find them?"
ANSWER = (
    "No. Press Sawtooth: three layers of two neurons **are** a sawtooth of 8 pieces, and no start gets there; most end as a "
    "constant. Three layers of 8, with many neurons to spare, come close in most starts, and so does one layer of 32. Depth helps to be, not to "
    "find.\n\n"
    "On the sine the built network has a smaller largest error than the median of its sixteen starts: by little at width 8, seven times or "
    "more at width 64, as the built error falls with 1/m² and the found one more slowly. Training that begins at the built network stays close to it (△), so nothing is wrong with the place; "
    "only the way there is missing. Pieces joined on the curve are not the best ones: in mean square the starts of width 8 beat them.\n\n"
    "Press Rings: layers of two tanh neurons bend the plane but neither tear nor cross it, so no stack of them takes the inner ring out "
    "of the outer one. Three neurons in one layer do it from every start.\n\n"
    "Without biases, as in f(x) = wᵀg(Wx), a ReLU network of any width has two slopes and f(0) = 0. With inputs from 0 to 1 every kink begins at the left end, as biases "
    "begin at 0, and most starts stay poor. With 15 points and noise σ = 0.3 a wide network ends closer to its points than to the target: it overfits. The theorem promises a "
    "network for every continuous target on a closed, bounded set, at every point of it; it names no width and no way to find it."
)
