"""Buttons of the first line that open a dialog over the live panel."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.shared import session
from pages.shared.form import Form


def clicked(top: Form, run: Any, name: str, label: str, icon: str, help: str) -> bool:
    """Draw the button; whether it was clicked since this was asked last. What plays stops.

    A click may reach the server as the panel's message, which draws no dialog: so it is noted, and the form makes the page run.
    """
    form, wanted = top.part(name), session.of("session.dialogs", set[str])
    key = f"{form.name}.open"
    if key not in run.leaves:
        run.leaves = (*run.leaves, key)

    def note() -> None:
        wanted.add(name)
        form.put("clicks", form.get("clicks", 0) + 1)

    st.button(label, icon=icon, key=key, help=help, on_click=note, type="tertiary")
    if name in wanted:
        wanted.discard(name)
        return True
    return False
