"""Addresses that a page has replaced: while changes follow one another, the browser still sends one of them with the next
click. That is no wish to go back, unless the person pressed the browser's button for it.
"""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

MOST_KEPT = 100


def is_late(page: str, query: dict[str, str]) -> bool:
    """Whether the URL is one that this page has replaced, and nobody went back to."""
    return query in st.session_state.get("replaced_queries", {}).get(page, []) and not went_back()


def mark_replaced(page: str, query: dict[str, str]) -> None:
    """`query` is no longer the URL of `page`, though the browser may not know yet."""
    replaced = st.session_state.setdefault("replaced_queries", {})
    others = [old for old in replaced.get(page, []) if old != query]
    replaced[page] = [*others[1 - MOST_KEPT :], query]


def went_back() -> bool:
    """Whether this run was asked for by the browser's back or forward button."""
    context = get_script_run_ctx(suppress_warning=True)
    return bool(getattr(context, "is_history_navigation", False))
