"""Lessons: what is worth seeing, step by step, with a question to each step."""

from __future__ import annotations

import streamlit as st

from pages.shared.classroom.guide import start
from pages.shared.classroom.lesson import LONGEST, Lesson, shelf
from pages.shared.page import Page
from pages.shared.text import plain_text

HELP = "A lesson sets up the app for each of its steps, asks a question, and plays to the update that answers it."
ACROSS = 3


def main() -> None:
    here = Page("lessons", "Lessons · what is worth seeing, step by step", HELP, lanes=0, panel=False)
    here.write()
    st.html("<style>[data-testid=stMain] h2 { font-size: 1.05rem; padding: 0; }</style>")
    found = shelf()
    for problem in found.problems:
        st.error(plain_text(problem, 500), icon=":material/description:")
    lessons = list(found.lessons.values())
    for first in range(0, len(lessons), ACROSS):
        row = lessons[first : first + ACROSS]
        for column, lesson in zip(st.columns(ACROSS), row + [None] * (ACROSS - len(row)), strict=True):
            if lesson is not None:
                with column:
                    card(here, lesson)


def card(here: Page, lesson: Lesson) -> None:
    """A lesson, and the button that starts it."""
    with st.container(border=True, height="stretch"):
        st.markdown(f"## {plain_text(lesson.title)}")
        st.markdown(plain_text(lesson.learns, LONGEST))
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"{lesson.minutes} minutes · {len(lesson.steps)} steps", width="content")
            label = f"Start: {plain_text(lesson.title)}"
            st.button(
                "Start", key=f"lessons.start.{lesson.name}", help=label, on_click=start(lesson, here.top)
            )


main()
