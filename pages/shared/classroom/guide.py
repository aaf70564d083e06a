"""The guide of a running lesson, above the live panel: its step, the question with its choices, Reveal, back, next, leave.

The session runs one lesson at a time. `lesson=name.2` in a link is its second step: the page of that step takes it, and
takes the step's own link where the link names nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from pages.shared import session
from pages.shared.classroom.lesson import LONGEST, Lesson, Step, shelf
from pages.shared.form import Form
from pages.shared.live.quiz import Quiz
from pages.shared.text import plain_text

NAME = "lesson"
HOME = "lessons/lessons.py"
STYLE = """<style>
.st-key-guide { padding: .3rem .7rem; gap: .2rem; }
.st-key-guide p, .st-key-guide label { font-size: .84rem; line-height: 1.3; margin: 0; }
.st-key-guide [data-testid=stMarkdownContainer] { margin-bottom: 0; }
.st-key-guide [data-testid=stRadio] { display: flex; flex-flow: row wrap; align-items: baseline; gap: 0 .7rem; }
.st-key-guide [data-testid=stRadio] > label { min-height: 0; margin: 0; }
.st-key-guide [data-testid=stRadio] > label p { font-weight: 600; }
.st-key-guide [role=radiogroup] { gap: 0 .8rem; }
.st-key-guide [role=radiogroup] label { padding: .1rem 0; }
.st-key-guide_line, .st-key-guide_answer { flex-wrap: nowrap; align-items: flex-start; gap: .6rem; }
.st-key-guide button, .st-key-try_this button { min-height: 1.6rem; padding: .05rem .55rem; }
@media (max-width: 640px) { .st-key-guide_line, .st-key-guide_answer { flex-wrap: wrap; gap: .3rem; } }
.stMain:has(.st-key-guide) .dl-hint { display: none; }
</style>"""
NO_ANSWER = "Choose an answer first."


@dataclass
class Running:
    """The session's lesson and its step, from 0. `opens`: the step's page has still to take its link."""

    lesson: Lesson | None = None
    number: int = 0
    opens: bool = False
    chosen: int | None = None
    quiz: Quiz = field(default_factory=lambda: Quiz(0))
    told: str = ""
    reveals: int = 0
    goes_home: bool = False  # to the list of lessons

    @property
    def step(self) -> Step | None:
        return self.lesson.steps[self.number] if self.lesson else None

    def open(self, lesson: Lesson, number: int) -> None:
        self.lesson, self.number, self.opens, self.chosen, self.told = lesson, number, True, None, ""
        step = lesson.steps[number]
        self.quiz = Quiz(step.at or 0, covered=step.covers)

    def leave(self) -> None:
        self.lesson, self.opens = None, False

    def finish(self) -> None:
        self.leave()
        self.goes_home = True

    def reveal(self, chosen: int | None) -> None:
        """Play to the update that decides, and show the answer."""
        self.told = NO_ANSWER if chosen is None else ""
        if chosen is None or self.step is None:
            return
        self.chosen, self.reveals = chosen, self.reveals + 1
        self.quiz.reveal(self.reveals)
        self.quiz.reached = self.step.at is None


def running() -> Running:
    return session.of("session.lesson", Running)


def here(page: str) -> Step | None:
    """The step that runs on this page, if one does."""
    step = running().step
    return step if step and step.page == page else None


def enter(page: str, query: dict[str, str] | None, problems: list[str]) -> tuple[dict[str, str] | None, bool]:
    """The page's link without the lesson's parameter, and whether a step begins; what is wrong joins `problems`.

    Goes to the page of a step that is to be opened.
    """
    now = running()
    if now.goes_home:
        now.goes_home = False
        st.switch_page(HOME)
    if now.opens and now.step is not None:
        if now.step.page != page:
            st.switch_page(f"{now.step.page}/{now.step.page}.py")
        now.opens = False
        return dict(now.step.query), True
    if query is None:
        return None, False
    if NAME not in query:
        if here(page):
            now.leave()
        return query, False
    own = {name: value for name, value in query.items() if name != NAME}
    found, number = _find(query[NAME])
    if found is None:
        problems.append(
            f"lesson is {query[NAME][:40]!r} in the link, which is no step of a lesson; it is left out."
        )
        return own, False
    now.open(found, number)
    now.opens = found.steps[number].page != page
    return own or dict(found.steps[number].query), True


def _find(asked: str) -> tuple[Lesson | None, int]:
    name, _, number = asked.partition(".")
    lesson = shelf().lessons.get(name)
    known = lesson is not None and number in [str(k + 1) for k in range(len(lesson.steps))]
    return (lesson, int(number) - 1) if known else (None, 0)


def parameter(page: str) -> dict[str, str]:
    """The step as a link has it."""
    now = running()
    return {NAME: f"{now.lesson.name}.{now.number + 1}"} if now.lesson and here(page) else {}


def quiz(page: str) -> Quiz | None:
    """What the step asks of the page's run."""
    step = here(page)
    return running().quiz if step and (step.at is not None or step.covers) else None


def start(lesson: Lesson, form: Form) -> Callable[[], None]:
    """What a button does that starts a lesson."""

    def begin() -> None:
        running().open(lesson, 0)
        form.put(NAME, lesson.name)

    return begin


# --- what is drawn ------------------------------------------------------------------------------------------------


def draw(page: str, top: Form) -> None:
    """The guide, if a step runs on this page."""
    step, now = here(page), running()
    if step is None or now.lesson is None:
        return
    form = top.part(f"{NAME}.{now.lesson.name}{now.number + 1}")
    with st.container(border=True, key="guide", gap="xxsmall"):
        st.html(style())
        if "sidebar" in now.quiz.covered:
            st.html("<style>[data-testid=stSidebar] { display: none; }</style>")
        with st.container(horizontal=True, key="guide_line"):
            head = f"**{plain_text(now.lesson.title)} · step {now.number + 1} of {len(now.lesson.steps)}**"
            text, do = (plain_text(words, LONGEST) for words in (step.text, step.do))
            st.markdown(f"{head}: {text} :material/arrow_forward: {do}")
            _turns(now, form)
        with st.container(horizontal=True, key="guide_answer"):
            if now.quiz.reached:
                _answer(step, now)
            else:
                _question(step, now, form)


def _question(step: Step, now: Running, form: Form) -> None:
    texts = [plain_text(choice.text, LONGEST) for choice in step.choices]
    held = st.radio(
        plain_text(step.question, LONGEST), range(len(texts)), key=form.open("choice", now.chosen), index=form["choice"],
        format_func=lambda k: texts[k] if k in range(len(texts)) else "", disabled=now.quiz.number > 0, horizontal=True,
        width="stretch",
    )  # fmt: skip
    now.chosen = form.take("choice", held, held if held in range(len(texts)) else None)
    if now.chosen is not None:
        now.told = ""
    if not now.quiz.number:
        reveal = after(form, lambda: now.reveal(form.ahead("choice")))
        st.button("Reveal", key=f"{form.name}.reveal", type="primary", on_click=reveal)
    if now.quiz.number:
        st.markdown(f":material/play_arrow: Playing to update {step.at:,} …", width="content")
    elif now.told:
        st.markdown(f":orange[:material/warning:] {now.told}", width="content")


def _answer(step: Step, now: Running) -> None:
    """What was chosen beside what happens."""
    assert now.chosen is not None
    said, truth = (plain_text(step.choices[k].text, LONGEST) for k in (now.chosen, step.answer))
    is_right = now.chosen == step.answer
    found = (
        f":material/check_circle: **Right:** {truth}" if is_right
        else f":material/cancel: You said: {said} :material/lightbulb: **It is:** {truth}"
    )  # fmt: skip
    question, why = plain_text(step.question, LONGEST), plain_text(step.why, LONGEST)
    st.markdown(f"**{question}** {found}{'' if truth.endswith('.') else '.'} {why}")


def style() -> str:
    """The guide's style sheet. Streamlit's white on the light blue of a dark theme is too faint to read."""
    ink = "#0e1117" if st.context.theme.type == "dark" else "#fff"
    main = ", ".join(f".st-key-{name} button[kind=primary] p" for name in ("guide", "question"))
    return f"{STYLE}<style>{main} {{ color: {ink}; }}</style>"


def after(form: Form, act: Callable[[], None]) -> Callable[[], None]:
    """What a button does; the page hears of it even if the click comes as the panel's."""

    def clicked() -> None:
        act()
        form.put("clicks", form.get("clicks", 0) + 1)

    return clicked


def _turns(now: Running, form: Form) -> None:
    """Back, next and leave."""
    assert now.lesson is not None
    lesson, number = now.lesson, now.number
    is_last = number == len(lesson.steps) - 1
    acts: list[tuple[str, Callable[[], None]]] = [("Back", lambda: now.open(lesson, number - 1))]
    if not is_last:
        acts.append(("Next", lambda: now.open(lesson, number + 1)))
    acts.append(("Finish", now.finish) if is_last else ("Leave", now.leave))
    with st.container(horizontal=True, gap="xsmall", width="content", key="guide_turns"):
        for label, act in acts:
            st.button(
                label, key=f"{form.name}.{label.lower()}", disabled=label == "Back" and number == 0,
                type="primary" if now.quiz.reached and label in ("Next", "Finish") else "secondary", on_click=after(form, act),
            )  # fmt: skip


def try_this(top: Form, page: str) -> None:
    """A row of lessons to begin with; nothing where a lesson runs."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="try_this"):
        if here(page):
            return
        st.html(style())
        st.markdown("**Try this:**", width="content")
        for lesson in shelf().lessons.values():
            if lesson.invites:
                key = f"{page}.try.{lesson.name}"
                st.button(
                    plain_text(lesson.invites),
                    key=key,
                    help=plain_text(lesson.learns, LONGEST),
                    on_click=start(lesson, top),
                )
        st.page_link(HOME, label="All lessons")
