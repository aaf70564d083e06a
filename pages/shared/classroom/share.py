"""Share, on every page: the link of now, a worksheet made of it, and a QR code of either."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.shared.classroom import sheet as sheets
from pages.shared.classroom.packed import fitting, link_text
from pages.shared.classroom.qr import qr_code
from pages.shared.classroom.sheet import LONGEST_TASK, START, Sheet, label
from pages.shared.form import SIDEBAR, Form
from pages.shared.widgets.option import number


def link_of(query: Mapping[str, str]) -> tuple[str, str]:
    """The link with these parameters; and a sentence where something had to be left out of it."""
    address = st.context.url or ""
    small, said = fitting(query, address)
    return f"{address}?{link_text(small)}", said


def show_link(query: Mapping[str, str], form: Form, name: str) -> None:
    """A link to copy, and its QR code on demand: a long one takes the server a third of a second."""
    link, said = link_of(query)
    st.code(link, language=None, wrap_lines=True, height=120 if len(link) > 300 else "content")
    if said:
        st.warning(said)
    key = form.open(name, False)
    if form.take(name, st.toggle("QR code", form[name], key=key)):
        st.html(qr_code(link))


def now_tab(query: Mapping[str, str], form: Form) -> None:
    st.caption("This link opens the page as it is now.")
    show_link(query, form, "qr_of_now")


def sheet_tab(query: Mapping[str, str], form: Form, controls: list[str]) -> None:
    """A worksheet is made here; this page stays as it is."""
    st.caption(
        "A link with a task for a class. Whoever opens it sees the task, and not the controls that you hide."
    )
    names = [SIDEBAR, *controls]
    task = _task(form)
    hidden, locked = (_controls(form, name, names) for name in ("hide", "lock"))
    start = number(form, "opens", START)
    st.caption(
        "Hidden controls are a help, not a secret: their values are in the link, and a button shows them again."
    )
    made = Sheet(tuple(hidden), tuple(locked), task, start)
    if made == Sheet():
        return
    plain = {name: value for name, value in query.items() if name not in sheets.NAMES}
    show_link(plain | made.query(), form, "qr_of_sheet")


def _task(form: Form) -> str:
    key = form.open("task", "")
    held = st.text_area("Task, in words", form["task"], height=80, max_chars=LONGEST_TASK, key=key)
    return str(form.take("task", held, str(held or "")[:LONGEST_TASK])).strip()


def _controls(form: Form, name: str, names: list[str]) -> list[str]:
    """Some of the page's controls."""
    kept = [each for each in form.get(name, []) if each in names]
    if kept != form.get(name, []):
        form.put(name, kept)
    key = form.open(name, [], names)
    held = st.multiselect(name.capitalize(), names, form[name], key=key, format_func=label)
    return list(form.take(name, held, [each for each in held if each in names]))
