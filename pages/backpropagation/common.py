"""What the views of the Backpropagation page share: the notation, and the steps of a computation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from engine import ExperimentConfig
from engine.options import Option
from pages.shared import session
from pages.shared.page import Page

NOTATIONS = ("B", "D", "ours")
SYMBOLS = Option(
    "symbols",
    "B",
    "Symbols",
    "The notation: lecture 9, the chapter on training, or this app.",
    choices=NOTATIONS,
)
MOST_STEPS = 200


@dataclass
class Kept:
    """The notation that was chosen last, and the view that showed it."""

    symbols: str = SYMBOLS.default
    view: str = ""


def step_option(most: int = MOST_STEPS) -> Option:
    return Option("step", 0, "Step", "How far the computation is.", 0, most, integer=True)


def keep_symbols(here: Page) -> None:
    """A view that is switched to takes over the notation of the last one, unless its link names another."""
    kept = session.of("backpropagation.kept", Kept)
    if kept.view and kept.view != here.view:
        named = st.query_params.get("symbols")
        here.form.put("symbols", named if named in NOTATIONS else kept.symbols)
    kept.symbols, kept.view = here.form["symbols"], here.view


def write(here: Page, config: ExperimentConfig | None = None, more: Mapping[str, str] | None = None) -> None:
    """Write the link after the component has been heard, which may have chosen another notation."""
    if "symbols" in here.options:
        session.of("backpropagation.kept", Kept).symbols = here.form["symbols"]
    here.write(config, more)
