"""A worksheet: what a link adds to a page for a class. A task in words, controls that are hidden or locked, the update that
the panel starts at. `hide=batch_size,features&lock=learning_rate&task=…&opens=200` in a link.

A control goes by the name of its value, the last part of its widget's key (form.py). Hiding is a help, not a secret: all
values are in the link, and one button shows everything again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import streamlit as st

from engine.checks import short
from engine.config.reader import Reader
from engine.options import Option
from pages.shared.form import SIDEBAR, Form
from pages.shared.live.protocol import Limits
from pages.shared.text import plain_text

LONGEST_TASK = 300
MOST_CONTROLS = 60
START = Option("opens", 0, "Start at update", "The panel trains up to this update when the link is opened.", 0, 20_000, integer=True)  # fmt: skip
NAMES = ("hide", "lock", "task", "opens")
STYLE = """<style>
.st-key-sheet { padding: .4rem .8rem; }
.st-key-sheet p { font-size: .9rem; line-height: 1.35; }
.st-key-sheet button { min-height: 1.8rem; padding: .1rem .6rem; }
</style>"""


@dataclass(frozen=True)
class Sheet:
    hidden: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    task: str = ""
    start: int = 0

    def query(self) -> dict[str, str]:
        """The sheet as a link has it: what is empty is left out."""
        found = dict(hide=",".join(self.hidden), lock=",".join(self.locked), task=self.task)
        return {name: value for name, value in found.items() if value} | (
            {"opens": str(self.start)} if self.start else {}
        )


def read(query: Mapping[str, str], problems: list[str]) -> tuple[dict[str, str], Sheet]:
    """The link without the worksheet, and the worksheet."""
    rest = {name: value for name, value in query.items() if name not in NAMES}
    lists = {
        name: tuple(dict.fromkeys(filter(None, query.get(name, "").split(","))))[:MOST_CONTROLS]
        for name in ("hide", "lock")
    }
    task = "".join(c if c.isprintable() else " " for c in query.get("task", "")).strip()
    if len(task) > LONGEST_TASK:
        problems.append(
            f"The task in the link has {len(task)} characters; its first {LONGEST_TASK} are shown."
        )
    start = Reader(query, problems).option("opens", START, 0)
    return rest, Sheet(lists["hide"], lists["lock"], task[:LONGEST_TASK], start)


def known(sheet: Sheet, names: Iterable[str], problems: list[str]) -> Sheet:
    """The sheet with the controls that the page has; a sentence says which it has not."""
    there = {*names, SIDEBAR}
    for key, asked in (("hide", sheet.hidden), ("lock", sheet.locked)):
        lost = [name for name in asked if name not in there]
        if lost:
            problems.append(f"{key} names {', '.join(short(name) for name in lost[:5])} in the link, which is no control of this page; it is left out.")  # fmt: skip
    return replace(
        sheet,
        hidden=tuple(name for name in sheet.hidden if name in there),
        locked=tuple(name for name in sheet.locked if name in there),
    )


def limits(sheet: Sheet, names: Iterable[str]) -> Limits:
    """What the sheet says of these controls."""
    names = list(names)
    return Limits(
        hidden=[name for name in names if name in sheet.hidden],
        locked=[name for name in names if name in sheet.locked],
    )


def label(name: str) -> str:
    """A control's name as a person reads it."""
    words = re.sub(r"(?<=[a-z])(?=\d)", " ", name).replace("_", " ")
    return "All controls on the left" if name == SIDEBAR else words[:1].upper() + words[1:]


def style(sheet: Sheet, keys: Mapping[str, str], dark: bool = False) -> str:
    """The style sheet that hides and marks the widgets with these keys; `keys` gives the name of each one's control."""

    def selectors(names: tuple[str, ...]) -> str:
        found = [
            f".st-key-{re.sub(r'[^a-zA-Z0-9_-]', '-', key)}" for key, name in keys.items() if name in names
        ]
        return ", ".join([*found, *(["[data-testid=stSidebar]"] if SIDEBAR in names else [])])

    hidden, locked, ink = selectors(sheet.hidden), selectors(sheet.locked), "#fafafa" if dark else "#31333f"
    rules = f"{hidden} {{ display: none !important; }}" if hidden else ""
    if locked:
        labels = ", ".join(f"{one} label p" for one in locked.split(", "))
        marks = ", ".join(f"{one} label p::after" for one in locked.split(", "))
        rules += f"{labels} {{ color: {ink}; }} {marks} {{ content: ' (locked)'; }}"
    return f"<style>{rules}</style>" if rules else ""


def draw(sheet: Sheet, form: Form, show_all: Callable[[], None]) -> None:
    """The task, and what is hidden, with the way to show it."""
    if sheet == Sheet(start=sheet.start):
        return
    with st.container(border=True, key="sheet", gap="xxsmall"):
        st.html(STYLE)
        if sheet.task:
            st.markdown(f":material/assignment: **Task:** {plain_text(sheet.task, LONGEST_TASK)}")
        if sheet.hidden or sheet.locked:
            parts = [("hidden", sheet.hidden), ("locked", sheet.locked)]
            said = "; ".join(f"{word}: {', '.join(map(label, names))}" for word, names in parts if names)
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(plain_text(f"Some controls are left out to keep this simple ({said}). It is a help, not a secret.", 1000), width="content")  # fmt: skip
                st.button("Show all controls", key=f"{form.name}.sheet.show_all", on_click=show_all)
