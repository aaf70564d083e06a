"""What the views of the Units page share: their words, the switch between their parts, and live tables of layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from engine import ACTIVATIONS, ExperimentConfig
from engine.data.load import Dataset
from engine.options import Option
from engine.shown import short_number
from pages.shared.form import Form
from pages.shared.live.cards import middle
from pages.shared.live.run import LanesRun
from pages.shared.page import Page
from pages.shared.predict import Guess, predict_run

LEAVES = ("units.view",)  # the switch to another view
DATA = ("moons", "circles", "xor", "gaussians", "spiral")  # two classes of equal size
ACTIVATION_NAMES = {key: activation.label for key, activation in ACTIVATIONS.items()}
SEED = Option("seed", 0, "Seed", "Random seed of the initial weights.", 0, 9999, integer=True)
ETA = Option("eta", 1.0, "Learning rate η", "How far each update goes. Change it while it trains.", 0.001, 100.0, log=True)  # fmt: skip


@dataclass(frozen=True)
class Words:
    """The question of a view, what to look for, and a question to the class with its answer."""

    question: str
    look_for: str
    ask: str
    answer: str


def show_words(here: Page, words: Words, parts: Mapping[str, str] | None = None) -> str:
    """The question, what to look for, the switch of the view's parts, and the answer behind a button. The part that is shown."""
    part = ""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{words.question}**  \n:small[Look for: {words.look_for}]", width="stretch")
        if parts:
            part = _part(here, parts)
        with st.popover("Question", icon=":material/help:"):
            st.markdown(f"**{words.ask}**")
            if st.toggle("Show the answer", key=f"units.{here.view}.answer"):
                st.markdown(words.answer)
    return part


def _part(here: Page, labels: Mapping[str, str]) -> str:
    option = here.options["part"]
    held = st.segmented_control(
        "Part", list(labels), key=here.form.open("part", option.default), default=here.form["part"], required=True,
        format_func=lambda part: labels.get(part, part), label_visibility="collapsed", disabled=here.form.locks("part"),
    )  # fmt: skip
    return str(here.form.take("part", held, option.clamp(held)))


def part_option(labels: Mapping[str, str]) -> Option:
    return Option("part", next(iter(labels)), "Part", "What the view shows.", choices=tuple(labels))


def select(form: Form, name: str, option: Option, labels: Mapping[str, str] | None = None) -> str:
    """A select box for an option with choices, with a label for each."""
    labels = labels or {}
    value = st.selectbox(
        option.label, option.choices, option.choices.index(option.clamp(form.get(name))), key=form.open(name, option.default),
        help=option.help, format_func=lambda key: labels.get(key, key), disabled=form.locks(name),
    )  # fmt: skip
    return str(form.take(name, value, option.clamp(value)))


def show_live(
    here: Page, make: Callable[[ExperimentConfig, Dataset, bool], LanesRun], config: ExperimentConfig,
    fits: Callable[[LanesRun], bool] | None = None, *, at: int, guess: Callable[[Any], Guess],
) -> None:  # fmt: skip
    """The view's run in the live panel, below all widgets; `guess` is about what it is at update `at`."""
    run = here.run(make, config, fits)
    if run is not None:
        predict_run(here, run, at, lambda: guess(run))
        here.show(run)


def losses_of(run: LanesRun) -> dict[str, float]:
    """The training loss of every lane now, by its name; the median where it has several seeds."""
    losses = run.experiment.history.train_loss[-1]
    return {look.name: middle(losses[rows]) for look, rows in zip(run.looks, run.rows_of, strict=True)}


def lowest(run: LanesRun, ask: str, covers: tuple[str, ...], equal: str = "") -> Guess:
    """Which lane has the lowest training loss; with `equal`, one of the answers is that all have the same, to a thousandth."""
    losses = losses_of(run)
    truth = min(losses, key=lambda name: losses[name])
    if equal and max(losses.values()) - min(losses.values()) < 1e-3:
        truth = equal
    found = (
        f"{truth}. The losses: {', '.join(f'{name} {short_number(loss)}' for name, loss in losses.items())}."
    )
    return Guess(ask, truth, found, choices=(*losses, *((equal,) if equal else ())), covers=covers)
