"""What the views of the Capacity page share: their first line, and how one that is drawn in the browser is shown."""

from __future__ import annotations

import streamlit as st

from pages.shared import drawn
from pages.shared.page import Page, View


def words(here: Page, question: str, look_for: str, ask: str, answer: str) -> None:
    """The question, what to look for, and the answer behind a button."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{question}**  \n:small[Look for: {look_for}]", width="stretch")
        with st.popover("Question", icon=":material/help:"):
            st.markdown(f"**{ask}**")
            if st.toggle("Show the answer", key=f"capacity.{here.view}.answer"):
                st.markdown(answer)


def view_of(view: drawn.DrawnView) -> View:
    return View(view.label, view.options, lanes=0, guesses=view.guess is not None)


def show_drawn(view: drawn.DrawnView, here: Page) -> None:
    """A view that is drawn in the browser, and its link."""
    words(here, view.question, view.look_for, view.ask, view.answer)
    _picture(view, here)


@st.fragment
def _picture(view: drawn.DrawnView, here: Page) -> None:
    drawn.show(view, here)
    here.write()
