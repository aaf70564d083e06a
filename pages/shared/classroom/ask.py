"""The question to a class as it stands above the panel, and the tab of Share that asks one (question.py)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from engine.options import Option
from pages.shared.classroom.guide import after, running, style
from pages.shared.classroom.question import GUESS, KINDS, LATEST, NAME, Asking, Question, kinds_for, lane_name
from pages.shared.classroom.share import show_link
from pages.shared.form import Form
from pages.shared.live.protocol import LiveRun
from pages.shared.live.quiz import Quiz
from pages.shared.text import plain_text
from pages.shared.widgets.option import choose, number

AT = Option("at", 500, "At update", "The update that decides.", 1, LATEST, integer=True)
YES_NO = ("Yes", "No")
STYLE = """<style>
.st-key-question { padding: .4rem .8rem .5rem; }
.st-key-question p, .st-key-question label { font-size: .875rem; line-height: 1.35; }
.st-key-question button { min-height: 1.8rem; padding: .1rem .6rem; }
.stMain:has(.st-key-question) .dl-hint { display: none; }
</style>"""


class Label:
    def __init__(self, label: str) -> None:
        self.label = label


def entered(asking: Asking | None, guesses: bool, by_link: bool, problems: list[str]) -> Asking | None:
    """The question that a page begins with; what its link asks for in vain joins `problems`."""
    if asking is None or asking.question.kind != GUESS:
        return asking
    if by_link and not guesses:
        problems.append("ask is guess in the link, and this view has no number to guess; it is left out.")
        return None
    asking.quiz = Quiz(0)  # until the view asks about its run
    return asking


def switch(asking: Asking | None, form: Form, put: Callable[[Question | None], None]) -> None:
    """Beside the title of a view that has a number to guess: ask for it first, or no longer."""
    is_on = asking is not None and asking.question.kind == GUESS
    st.button(
        "Predict first", key=f"{form.name}.predict", icon=":material/toggle_on:" if is_on else ":material/toggle_off:", type="tertiary",
        help="Each view asks for your guess before it shows the number that it is about. The link then asks it too.",
        on_click=after(form, lambda: put(None if is_on else Question(GUESS, 0))),
    )  # fmt: skip


def tab(run: LiveRun, query: Mapping[str, str], form: Form, put: Callable[[Question], None]) -> None:
    """A question is chosen here, to be asked on this page or by link."""
    kinds = kinds_for(run)
    if not kinds:
        st.caption("There is no training on this page to ask about.")
        return
    st.caption(
        "Nothing is trained before the class has answered; then the panel plays to the update and compares."
    )
    kind = choose(form, "kind", "Question", {key: Label(KINDS[key]) for key in kinds}, kinds[0])
    if kind == "end":
        st.caption("Best asked after some updates: the plane of the picture follows the path.")
    at, lane = int(number(form, "at", AT)), 0
    if kind != "lowest" and len(run.asked_lanes()) > 1:
        names = {str(k): Label(plain_text(lane_name(run, k))) for k in range(len(run.asked_lanes()))}
        lane = int(choose(form, "lane", "Lane", names, "0"))
    question = Question(kind, at, lane)
    st.button("Ask it here", key=f"{form.name}.ask", on_click=after(form, lambda: put(question)))
    plain = {name: value for name, value in query.items() if name != NAME}
    show_link(plain | {NAME: question.text()}, form, "qr_of_question")


def draw(asking: Asking, run: LiveRun, form: Form, close: Callable[[], None]) -> None:
    """The question, its answer, and both beside each other once it has been played. A view draws its guess itself."""
    if asking.question.kind == GUESS:
        return
    with st.container(border=True, key="question", gap="xxsmall"):
        st.html(style() + STYLE)
        asking.look(run)
        asking.settle(run)
        if not asking.fits:
            st.warning("This question does not suit the run on this page: it has other lanes, or none.")
            _buttons(asking, form, close)
            return
        st.markdown(f"**Predict:** {plain_text(asking.words(run), 600)}")
        if asking.truth is not None:
            _compare(asking)
        else:
            _wait(asking, run, form)
        _buttons(asking, form, close)


def _wait(asking: Asking, run: LiveRun, form: Form) -> None:
    """The answer as it is given, until it is to be revealed. A click on Reveal may come with the answer in one message."""
    place = st.empty()
    if not asking.quiz.number:
        with place.container():
            ANSWERS[asking.question.kind](asking, run, form)
            if asking.wants_reveal:
                asking.wants_reveal = False
                now = running()
                now.reveals += 1
                asking.reveal(now.reveals)
            if asking.told and asking.answer is None:
                st.warning(asking.told)
    if asking.quiz.number:
        place.markdown(f":material/play_arrow: Playing to update {asking.question.at:,} …")


def _compare(asking: Asking) -> None:
    assert asking.truth is not None
    truth = asking.truth
    icon = {True: ":material/check_circle:", False: ":material/cancel:", None: ":material/straighten:"}[
        truth.agrees
    ]
    left, right = st.columns([1, 3])
    left.markdown(f"{icon} **You said:** {plain_text(truth.said, 300)}")
    right.markdown(f":material/lightbulb: **It is:** {plain_text(truth.found, 900)}")


def _buttons(asking: Asking, form: Form, close: Callable[[], None]) -> None:
    def reveal() -> None:
        asking.wants_reveal = True

    with st.container(horizontal=True, gap="xsmall"):
        if asking.fits and not asking.quiz.number:
            st.button("Reveal", key=f"{form.name}.reveal", type="primary", on_click=after(form, reveal))
        st.button("Close the question", key=f"{form.name}.close", on_click=after(form, close))


def _pick(asking: Asking, form: Form, name: str, labels: list[str]) -> int | None:
    """One of a few answers."""
    key = form.open(name, None, labels)
    held = st.radio(
        "Answer", range(len(labels)), form[name], key=key, horizontal=True, label_visibility="collapsed",
        format_func=lambda k: labels[k] if k in range(len(labels)) else "",
    )  # fmt: skip
    found = form.take(name, held, held if held in range(len(labels)) else None)
    return None if found is None else int(found)


def lowest(asking: Asking, run: LiveRun, form: Form) -> None:
    asking.answer = _pick(
        asking, form, "lane_answer", [plain_text(lane_name(run, k)) for k in range(len(run.asked_lanes()))]
    )


def diverges(asking: Asking, run: LiveRun, form: Form) -> None:
    found = _pick(asking, form, "yes_answer", list(YES_NO))
    asking.answer = None if found is None else found == 0


def accuracy(asking: Asking, run: LiveRun, form: Form) -> None:
    key = form.open("percent_answer", None)
    held = st.number_input(
        "Percent", 0.0, 100.0, form["percent_answer"], key=key, step=1.0, format="%.1f", width=160
    )
    asking.answer = form.take(
        "percent_answer", held, None if held is None else min(max(float(held), 0.0), 100.0)
    )


def end(asking: Asking, run: LiveRun, form: Form) -> None:
    """A click has set the two numbers; typed ones do as well."""
    found = run.path_plane(asking.question.lane)
    if found is None:
        return
    if asking.quiz.picked is not None:
        x, y = asking.quiz.picked
        form.update({"alpha": round(x, 3), "beta": round(y, 3)})
        asking.quiz.picked = None
    held: list[float | None] = []
    with st.container(horizontal=True, gap="small"):
        for name, label in (("alpha", "Direction 1"), ("beta", "Direction 2")):
            key = form.open(name, None)
            value = st.number_input(label, -1e6, 1e6, form[name], key=key, step=0.1, format="%.3f", width=160)
            held.append(form.take(name, value))
    if held[0] is not None and held[1] is not None:
        asking.place(found[1], held[0], held[1])


ANSWERS = {"lowest": lowest, "diverges": diverges, "accuracy": accuracy, "end": end}
