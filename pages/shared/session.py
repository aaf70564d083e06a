"""What a session holds. Every key is made here; no other file subscripts `st.session_state`.

    session.turns        the lock with which two runs of a page take turns
    session.address      which page was shown last, and the links that each has written (address.py)
    session.wishes       what the panel has asked of the page
    session.handed       page -> the experiment that it is asked to open (live/handover.py)
    session.home         notes, answers and the animation that are taken home (take_home.py)
    session.dialogs      which dialogs are to be opened (dialogs.py)
    session.picked       which runs of the list are chosen (runs.py)
    session.said         what came of the file of runs that was opened last (runs.py)
    session.runs         the runs that it has seen (live/runs.py)
    session.diagnosis    what the diagnosis has been asked for (diagnosis.py)
    session.offers       page -> the run that other pages may look at (live/handover.py)
    session.lesson       the lesson that runs (classroom/guide.py)
    session.upload       the uploaded table (widgets/table.py)
    <page>.state         what a page keeps between two of its runs: a dataclass of its own
    <page>.form          the values of its widgets (form.py); `<page>.<name>` is the key of the widget for `name`
    live.<page>…         the live panel's

A page's own values are attributes of its dataclass, so the type checker knows them all. Between two uses of
`st.session_state` Streamlit may stop a run, to begin the next: take the dataclass once, and what follows in plain Python
is done as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

T = TypeVar("T")

MISSING = object()


def of(owner: str, make: Callable[[], T]) -> T:
    """What `owner` keeps in this session, made when it is first asked for."""
    kept = st.session_state.get(owner)
    if kept is None:
        kept = st.session_state[owner] = make()
    return kept


def wishes() -> set[str]:
    """What the panel has asked of the page, until the page has done it."""
    made: set[str] = of("session.wishes", set)
    return made


def shown(key: str) -> Any:
    """What the widget with this key holds now, as far as the browser has told; MISSING where there is none."""
    return st.session_state.get(key, MISSING)


def show(key: str, value: Any) -> None:
    """Let the widget with this key, which is about to be drawn for the first time, hold `value`."""
    st.session_state[key] = value
