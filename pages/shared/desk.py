"""What a teacher adds to a page: a worksheet, a question to the class, a step of a lesson, and Share, where they are made.

`Page` calls it at its four places: where a link comes in (`take`), in the first line and below it (`share`, `draw`), where
the link is written (`parameters`, `lay_out`), and before the live panel (`prepare`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import streamlit as st

from pages.shared import projector, session
from pages.shared.classroom import ask, guide, question, share, sheet
from pages.shared.classroom.packed import unpacked
from pages.shared.classroom.question import Asking
from pages.shared.classroom.sheet import Sheet
from pages.shared.form import Form
from pages.shared.live.limits import PANEL, implied
from pages.shared.live.protocol import Limits

NO_CONTROLS = ("share", "lesson", "question")  # parts of a page's form that are no controls of the page


@dataclass
class Given:
    """What a link has brought; it is kept between two runs of the page."""

    sheet: Sheet = field(default_factory=Sheet)
    is_new_sheet: bool = False
    asking: Asking | None = None


class Desk:
    """The teacher's part of one run of a page. What is wrong with a link joins `problems`."""

    def __init__(self, page: str, top: Form, problems: list[str]) -> None:
        self.page, self.top, self.problems = page, top, problems
        self.given = session.of(f"{page}.given", Given)

    def take(self, query: dict[str, str] | None) -> tuple[dict[str, str] | None, bool]:
        """The link without what a teacher has added, and whether a step of a lesson begins."""
        given, problems = self.given, self.problems
        if query is not None:
            query = projector.read(unpacked(query, problems), problems)
        query, begins = guide.enter(self.page, query, problems)
        if query is not None:
            query, given.sheet = sheet.read(query, problems)
            given.is_new_sheet = True
            asked = question.read(query.pop(question.NAME), problems) if question.NAME in query else None
            self.ask(asked)
        self.top.lock(given.sheet.locked)
        return query, begins

    def ask(self, asked: question.Question | None) -> None:
        """Ask a question, or close the one that is asked."""
        self.given.asking = Asking.of(asked) if asked else None

    def enter(self, guesses: bool, by_link: bool) -> None:
        """The view is known by now, and whether it has a number to guess."""
        self.given.asking = ask.entered(self.given.asking, guesses, by_link, self.problems)

    def parameters(self) -> dict[str, str]:
        """The projector, the lesson's step and the question as a link has them."""
        asking = self.given.asking
        asked = {question.NAME: asking.question.text()} if asking else {}
        return projector.parameter() | guide.parameter(self.page) | asked

    # --- what is drawn ------------------------------------------------------------------------------------------

    def share(self, guesses: bool) -> None:
        """Share, with the switch for a projector, and the switch for guesses; `lay_out` and `prepare` fill its tabs."""
        self._share = st.popover("Share", icon=":material/share:", type="tertiary")
        with self._share:
            projector.switch(self.page)
            self._tabs = st.tabs(["Link", "Worksheet", "Question"])
        if guesses:
            ask.switch(self.given.asking, self.top, self.ask)

    def draw(self) -> None:
        """The task, the lesson's step, and the place of the question."""
        sheet.draw(self.given.sheet, self.top, self._show_all)
        guide.draw(self.page, self.top)
        self._place_of_question = st.container()

    def _show_all(self) -> None:
        """Put the worksheet away."""
        self.given.sheet = Sheet()
        self.top.put("sheet", self.top.get("sheet", 0) + 1)

    def lay_out(self, query: Mapping[str, str], dark: bool) -> None:
        """Hide and mark what the worksheet says, and offer the link of now and one with a worksheet of one's own."""
        given = self.given
        keys = {key: name for key, name in self.top.drawn().items() if key.split(".")[1] not in NO_CONTROLS}
        if given.is_new_sheet:
            given.is_new_sheet = False
            given.sheet = sheet.known(given.sheet, [*keys.values(), *self.top.offered()], self.problems)
        with self._share:
            st.html(sheet.style(given.sheet, keys, dark) or "<style></style>")
        form = self.top.part("share")
        with self._tabs[0]:
            share.now_tab(dict(query) | given.sheet.query(), form)
        with self._tabs[1]:
            share.sheet_tab(query, form, list(dict.fromkeys([*keys.values(), *self.top.offered()])))

    def limits(self, names: Iterable[str]) -> Limits:
        """What the worksheet hides and locks of these controls, which the browser draws."""
        return sheet.limits(self.given.sheet, names)

    def prepare(self, run: Any, query: Mapping[str, str]) -> None:
        """Let the run start where the worksheet says, and stop where a lesson or a question asks about it."""
        given = self.given
        run.opens_at, run.quiz = given.sheet.start, guide.quiz(self.page)
        run.limits = Limits(hidden=self.limits(PANEL)["hidden"], locked=sorted(implied(given.sheet.locked)))
        with self._tabs[2]:
            ask.tab(run, query, self.top.part("share"), self.ask)
        if given.asking is not None and given.asking.is_of_run:
            with self._place_of_question:
                ask.draw(given.asking, run, self.top.part("question"), lambda: self.ask(None))
            run.quiz = given.asking.quiz
            run.quiz.marks = partial(given.asking.marks, run)
        if run.quiz is not None and run.quiz.starts_over:
            run.quiz.starts_over = False
            if run.step() > run.quiz.at:
                run.advance("reset", 1)
