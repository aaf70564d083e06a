"""First steps: how does one find a minimum at all? Six views, one at a time, drawn in the browser."""

from __future__ import annotations

import streamlit as st

from pages.first_steps import curvature, downhill, inertia, line, losses, noise
from pages.shared.drawn import DrawnView, show
from pages.shared.page import Page, View
from pages.shared.stepper import stepper

VIEWS: dict[str, DrawnView] = {
    view.VIEW.key: view.VIEW for view in (line, downhill, noise, losses, curvature, inertia)
}


def words(view: DrawnView) -> None:
    """The question, what to look for, and the answer behind a button."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{view.question}**  \n:small[Look for: {view.look_for}]", width="stretch")
        with st.popover("Question", icon=":material/help:"):
            st.markdown(f"**{view.ask}**")
            if st.toggle("Show the answer", key=f"first_steps.{view.key}.answer"):
                st.markdown(view.answer)


@st.fragment
def picture(here: Page) -> None:
    view = VIEWS[here.view]
    show(view, here)
    if here.view == "line":
        below_line(here)
    here.write()


def below_line(here: Page) -> None:
    """The arithmetic of each step, and the descent as a program to take home."""
    values = here.values()
    steps, code = st.columns(2)
    with steps.expander("Every step with its numbers", icon=":material/calculate:"):
        trace = dict(steps=line.arithmetic(values), eta=values["eta"], points=len(line.fit_of(values).x))
        stepper(
            "first_steps.arithmetic", "first_steps/arithmetic.js", "Gradient descent, step by step", here.options, values, trace,
            here.take, here.limits(),
        )  # fmt: skip
    with code.expander("The same as a short script", icon=":material/code:"):
        st.code(line.script(values), language="python")


def main() -> None:
    here = Page(
        "first_steps", "First steps · how does one find a minimum at all?", lanes=0, panel=False,
        views={key: View(view.label, view.options, lanes=0, guesses=True) for key, view in VIEWS.items()},
    )  # fmt: skip
    words(VIEWS[here.view])
    picture(here)


main()
