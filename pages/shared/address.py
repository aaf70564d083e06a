"""The link of a page: read when one comes in, written after every change, and late ones told from new ones.

Streamlit can bind a widget to a parameter (`bind="query-params"`), and this file does not use it. A link here is untrusted
input that is clamped *and the person is told*; a bound widget drops a bad value without a word. Several widgets make one
parameter (`net=8-8`, `lane1=opt:adam,lr:0.01`), the words in links are older than the keys of widgets, and a key changes
with its revision (form.py). And a link names only what differs from an empty one, which depends on other parameters (a
method's usual rate, the loss of a task). So links are read and written as a whole, by the engine's `query` and by one
table of options per page.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.shared import session

MOST_KEPT = 100


@dataclass
class Addresses:
    """Per session: the page that was shown last; per page the link that it wrote last, and those before."""

    page: str = ""
    written: dict[str, dict[str, str]] = field(default_factory=dict)
    replaced: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def replace(self, page: str, query: dict[str, str]) -> None:
        """`query` is no longer the link of `page`, though the browser may not know yet."""
        others = [old for old in self.replaced.get(page, []) if old != query]
        self.replaced[page] = [*others[1 - MOST_KEPT :], query]


def addresses() -> Addresses:
    return session.of("session.address", Addresses)


def arrive(page: str) -> tuple[bool, dict[str, str] | None]:
    """Whether another page was shown before; and the link that has come in, or None: the page is as it was left.

    A link that the page has written or replaced is not new: while changes follow one another, the browser still sends an
    old one with the next click. Unless the person went back to it with the browser's button.
    """
    query, went_back, known = st.query_params.to_dict(), is_back_or_forward(), addresses()
    arrived, known.page = known.page != page, page
    written = known.written.get(page)
    if arrived:
        if query or written is None:
            return True, query
        known.replace(page, query)
        return True, None
    if query == written or (query in known.replaced.get(page, []) and not went_back):
        return False, None
    return False, query


def write(page: str, query: dict[str, str]) -> None:
    """Let `query` be the link of `page`."""
    now, known = st.query_params.to_dict(), addresses()
    before = known.written.get(page)
    for old in (before, now):
        if old is not None and old != query:
            known.replace(page, old)
    known.replaced[page] = [old for old in known.replaced.get(page, []) if old != query]
    known.written[page] = query
    if now != query:
        st.query_params.from_dict(query)


def is_back_or_forward() -> bool:
    """Whether the browser's back or forward button asked for this run."""
    context = get_script_run_ctx(suppress_warning=True)
    return bool(getattr(context, "is_history_navigation", False))
