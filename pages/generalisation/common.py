"""What the views of the Generalisation page share: tabs within a view."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from engine.options import Option
from pages.shared.page import Page


def tab_option(first: str, names: tuple[str, ...]) -> Option:
    return Option("tab", first, "Tab", "Which part of the view is shown.", choices=names)


def tabs(here: Page, option: Option, labels: Mapping[str, str]) -> str:
    """The tab that is shown, with the switch between them."""
    held = st.segmented_control(
        option.label, list(labels), key=here.form.open("tab", option.default), default=here.form["tab"],
        required=True, label_visibility="collapsed", format_func=lambda name: labels.get(name, name),
        disabled=here.form.locks("tab"),
    )  # fmt: skip
    return str(here.form.take("tab", held, option.clamp(held)))
