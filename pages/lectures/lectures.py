"""Lectures: which exhibit belongs to which slide? Four courses, slide by slide, with a question and a link for each."""

from __future__ import annotations

from html import escape

import streamlit as st

from engine.options import Option
from pages.lectures.course import TOPICS, Course, Slide, courses, within
from pages.lectures.pictures import STYLE, anchor, history, loop_map, parts_map
from pages.shared.form import Form
from pages.shared.page import Page

ALL = "all"
MINUTES = (ALL, "20", "45", "90")
HELP = (
    "For a teacher: what each slide claims, a question to the class, the view that answers it, and what to say where "
    "the slide errs. Every link opens in another tab."
)
OPTIONS = {
    "course": Option("course", ALL, "Course", "Whose slides are listed.", choices=(ALL, *courses())),
    "topic": Option("topic", ALL, "Topic", "What the slides are about.", choices=(ALL, *TOPICS)),
    "minutes": Option("minutes", ALL, "Minutes", "The most important slides that fit, of each course.", choices=MINUTES),
}  # fmt: skip
TITLES = {
    "course": {ALL: "All"} | {name: course.short for name, course in courses().items()},
    "topic": {ALL: "All topics"} | TOPICS,
    "minutes": {ALL: "All slides", "20": "20 minutes", "45": "45 minutes", "90": "90 minutes"},
}


def main() -> None:
    here = Page(
        "lectures", "Lectures · which exhibit belongs to which slide?", HELP, OPTIONS, lanes=0, panel=False
    )
    st.html(STYLE)
    with st.container(key="lectures_maps"):
        st.html("<h2>What a learner is made of</h2>")
        st.html(parts_map())
        st.html("<h2>What happens in training, again and again</h2>")
        st.html(loop_map())
    with st.container(key="lectures_filters", horizontal=True, vertical_alignment="bottom"):
        for name in OPTIONS:
            choice(here.form, name)
    here.write()
    chosen = here.values()
    listed = {
        name: chosen_slides(course, chosen["topic"], chosen["minutes"])
        for name, course in courses().items()
        if chosen["course"] in (ALL, name)
    }
    for name, slides in listed.items():
        if slides:
            st.html(table(courses()[name], slides))
    if not any(listed.values()):
        st.info("No slide of this course is about this topic. Choose another topic.")
    st.html("<h2>Where backpropagation comes from</h2>")
    st.html(history())
    st.caption(
        "To print the list as it stands, use the browser's own print; the controls stay off the paper."
    )


def choice(form: Form, name: str) -> None:
    """A filter of the list."""
    option, titles = OPTIONS[name], TITLES[name]
    held: str | None
    key = form.open(name, option.default)
    if name == "topic":
        held = st.selectbox(
            option.label,
            option.choices,
            option.choices.index(form[name]),
            key=key,
            format_func=titles.__getitem__,
            help=option.help,
            width=220,
            disabled=form.locks(name),
        )
    else:
        held = st.segmented_control(
            option.label,
            option.choices,
            key=key,
            default=form[name],
            format_func=titles.__getitem__,
            help=option.help,
            required=True,
            disabled=form.locks(name),
        )
    form.take(name, held)


def chosen_slides(course: Course, topic: str, minutes: str) -> list[Slide]:
    """The course's slides about a topic, as many as fit into the minutes."""
    slides = [slide for slide in course.slides if topic in (ALL, slide.topic)]
    return slides if minutes == ALL else within(slides, int(minutes))


def table(course: Course, slides: list[Slide]) -> str:
    """The list of a course's slides, as HTML."""
    total = sum(slide.minutes for slide in slides)
    rows = "".join(
        f"<tr><td>{escape(slide.slide)}</td><td>{escape(slide.claim)}"
        + (f"<p><b>Say:</b> {escape(slide.says)}</p>" if slide.says else "")
        + f"</td><td>{escape(slide.ask)}</td><td>{anchor(slide.link, 'Open')}</td>"
        f"<td>{slide.minutes} min</td></tr>"
        for slide in slides
    )
    return (
        f"<h2>{escape(course.title)}</h2><p>{escape(course.about)} {len(slides)} slides, {total} minutes.</p>"
        '<table class="lectures-list"><thead><tr><th scope="col">Slide</th><th scope="col">What it says</th>'
        '<th scope="col">Ask the class</th><th scope="col">Show</th><th scope="col">Time</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


main()
