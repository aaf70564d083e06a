"""Addresses that have just been replaced: a browser may send a click with one before it has heard of the next."""

from __future__ import annotations

import time

import streamlit as st

LATE_SECONDS = 2.0


def is_late(page: str, query: dict[str, str]) -> bool:
    """Whether the URL is one that this page has just replaced: then the browser sent a click before it heard of the new one."""
    replaced = st.session_state.get("replaced_queries", {}).get(page, [])
    return any(old == query and time.monotonic() - when < LATE_SECONDS for when, old in replaced)


def mark_replaced(page: str, query: dict[str, str]) -> None:
    """`query` is no longer the URL of `page`, though the browser may not know yet."""
    replaced = st.session_state.setdefault("replaced_queries", {})
    replaced[page] = [*replaced.get(page, [])[-9:], (time.monotonic(), query)]
