"""Predict first: a view asks for a guess before it shows the number that it is about; then both stand side by side.

It is off until a person presses "Predict first" beside the title, or a link says `ask=guess`. A view has `guesses=True` in
its `View`, and calls, after its controls and before its pictures,

    predict(here, lambda: Guess("How many guesses does it take …?", 618, "618 on average.", covers=(chart_of("…"),)))

which does nothing where it is off. A view with a live run calls `predict_run` after its run is made and before the panel:
the panel then waits, its cards are covered, and it plays to step `at` once the answer is given.

    truth   a number, or one of `choices`; None while a run has not got there
    found   what it is, in a sentence with its number, and why
    covers  what would give it away: CSS selectors (`chart_of`, `drawn_chart`, `drawn_formula`, VERDICT), or names of cards
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from engine.shown import short_number
from pages.shared.classroom.ask import STYLE
from pages.shared.classroom.guide import after, style
from pages.shared.classroom.question import GUESS, Asking, Said
from pages.shared.form import Form
from pages.shared.live.protocol import LiveRun
from pages.shared.live.quiz import Quiz
from pages.shared.page import Page
from pages.shared.text import plain_text

VERDICT = ".fs-verdict"  # of a view that is drawn in the browser
NEAR = 1.1  # a guess within a tenth is as good as right
FAR = 1.5  # from here on, how many times too large or small says more than the difference
COVER = """<style>
:is({all}) {{ position: relative; }}
:is({all}), :is({all}) * {{ visibility: hidden !important; }}
:is({all})::after {{ content: "Hidden until you have answered"; visibility: visible; position: absolute; inset: 0; display: grid; place-items: center;
  z-index: 5; padding: .25rem; text-align: center; border-radius: .4rem; font-size: .875rem; background: var(--st-secondary-background-color, #eef1f4); }}
figcaption span::after {{ display: none !important; }}
</style>"""
ROW = """<style>
.st-key-question [data-testid=stForm] { padding: 0; }
.st-key-question [data-testid=stNumberInputContainer] { max-width: 12rem; }
</style>"""


@dataclass(frozen=True)
class Guess:
    """See the top of this file."""

    ask: str
    truth: float | str | None
    found: str
    choices: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()


def chart_of(key: str) -> str:
    """What stands in the element with this key."""
    return ".st-key-" + re.sub(r"[^a-zA-Z0-9_-]", "-", key)


def drawn_chart(name: str) -> str:
    return f"[data-chart={name}] :is(.fs-body, figcaption span)"


def drawn_formula(name: str) -> str:
    return f"[data-formula={name}]"


def predict(here: Page, make: Callable[[], Guess | None]) -> None:
    """Ask for a number that the view has; with some settings there may be none."""
    asking = _asking(here)
    if asking is None:
        return
    guess = asked(make)
    if guess is None:
        st.caption("With these settings there is no number to predict.")
        return
    said = _said(asking, here.view, guess.ask, None)
    _draw(here, said, guess)
    if said.is_open and guess.covers:
        st.html(COVER.format(all=", ".join(guess.covers)))


def asked(make: Callable[[], Guess | None]) -> Guess | None:
    """The guess; what overflows on the way is for `make` to judge."""
    with np.errstate(all="ignore"):
        return make()


def predict_run(here: Page, run: LiveRun, at: int, make: Callable[[], Guess]) -> None:
    """Ask for a number that a run has to find; `make` is called again when it has got to step `at`."""
    asking = _asking(here)
    if asking is None:
        return
    guess = make()
    said = _said(asking, here.view, guess.ask, run)
    if said.quiz is None:
        said.quiz = Quiz(at, locked=True, covered=guess.covers)
    if said.quiz.reached and said.kept is None:
        said.kept = guess  # the run may go on from here
    asking.quiz = said.quiz
    _draw(here, said, said.kept or guess)


def _asking(here: Page) -> Asking | None:
    asking = here.desk.given.asking
    return asking if asking is not None and asking.question.kind == GUESS else None


def _said(asking: Asking, view: str, ask: str, run: LiveRun | None) -> Said:
    """What has been said to this question; nothing yet if the view asks another one now, or about another run."""
    said = asking.said.get(view)
    if said is None or said.ask != ask or said.run is not run:
        said = asking.said[view] = Said(ask, run)
    return said


def _draw(here: Page, said: Said, guess: Guess) -> None:
    with st.container(border=True, key="question", gap="xxsmall"):
        st.html(style() + STYLE + ROW)
        st.markdown(f"**Predict:** {plain_text(guess.ask, 600)}")
        if said.is_open:
            _wait(here, said, guess)
        elif said.quiz is not None and not said.quiz.reached:
            st.markdown(f":material/play_arrow: You said: {plain_text(shown(said.answer))}. Playing …")
        elif guess.truth is None or said.answer is None:
            st.markdown(f"**You said:** {plain_text(shown(said.answer))}. {plain_text(guess.found, 900)}")
        else:
            _compare(said.answer, guess.truth, guess.found)
        if not said.is_open:
            form = here.top.part("question")
            st.button(
                "Close the question",
                key=f"{form.name}.close",
                on_click=after(form, lambda: here.desk.ask(None)),
            )


def _wait(here: Page, said: Said, guess: Guess) -> None:
    """The answer, with Enter or by a click on Reveal."""
    form = here.top.part("question")
    if form.get("asked") != (here.view, said.ask):
        form.put("guess", None)
    form.values["asked"] = (here.view, said.ask)

    def reveal() -> None:
        held = form.ahead("guess")
        said.answer = checked(held, guess.choices)
        said.told = "" if said.answer is not None else "Give an answer first."
        if said.answer is not None and said.quiz is not None:
            said.quiz.reveal(1)

    with (
        st.form(f"{form.name}.guess_form", border=False, enter_to_submit=True),
        st.container(horizontal=True, gap="small", vertical_alignment="center"),
    ):
        _field(form, guess.choices)
        st.form_submit_button(
            "Reveal", key=f"{form.name}.reveal", type="primary", on_click=after(form, reveal)
        )
        st.form_submit_button(
            "Skip", key=f"{form.name}.close", on_click=after(form, lambda: here.desk.ask(None))
        )
        if said.told:
            st.markdown(said.told, width="content")


def _field(form: Form, choices: tuple[str, ...]) -> None:
    """A number, or one of a few answers."""
    key = form.open("guess", None, choices)
    if choices:
        held: float | int | None = st.radio(
            "Your guess", range(len(choices)), form["guess"], key=key, horizontal=True, label_visibility="collapsed", width="content",
            format_func=lambda k: plain_text(choices[k]) if k in range(len(choices)) else "",
        )  # fmt: skip
    else:
        held = st.number_input(
            "Your guess", value=form["guess"], key=key, format="%g", step=None, width=180, placeholder="Your guess",
            label_visibility="collapsed",
        )  # fmt: skip
    form.take("guess", held)


def checked(held: object, choices: tuple[str, ...]) -> float | str | None:
    """What a browser has sent as an answer; None where it is none."""
    if isinstance(held, bool) or not isinstance(held, (int, float)) or not math.isfinite(held):
        return None
    if choices:
        return choices[int(held)] if held in range(len(choices)) else None
    return float(held)


def _compare(answer: float | str, truth: float | str, found: str) -> None:
    left, right = st.columns([1, 3])
    icon = ":material/straighten:"
    if isinstance(truth, str):
        icon = ":material/check_circle:" if answer == truth else ":material/cancel:"
    left.markdown(f"{icon} **You said:** {plain_text(shown(answer))}")
    near = "" if isinstance(truth, str) or isinstance(answer, str) else f" {nearness(answer, truth)}"
    right.markdown(f":material/lightbulb: **It is:** {plain_text(found, 900)}{near}")


def shown(answer: float | str | None) -> str:
    """An answer as it was given."""
    return answer if isinstance(answer, str) else "" if answer is None else f"{answer:,.10g}"


def nearness(said: float, truth: float) -> str:
    """How far a guess is from the truth: as a factor where both have one sign and differ much."""
    if said == truth:
        return "Your answer is exact."
    if not math.isfinite(truth):
        return ""
    ratio = said / truth if truth and said / truth > 0 else 0.0
    if 1 / NEAR <= ratio <= NEAR:
        return "Your answer is within a tenth of it."
    if ratio > FAR or 0 < ratio < 1 / FAR:
        times = max(ratio, 1 / ratio)
        size = "large" if ratio > 1 else "small"
        return f"Your answer is {short_number(times, 2)} times too {size}."
    return f"Your answer is {short_number(abs(said - truth), 2)} too {'high' if said > truth else 'low'}."
