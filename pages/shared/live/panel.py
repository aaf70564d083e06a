"""The live panel's Streamlit half: one component, one fragment. What is said between them stands in `protocol`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from pages.shared import session
from pages.shared.component import asset_component
from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.protocol import LiveRun, Request, Wish
from pages.shared.live.request import read_request
from pages.shared.live.runs import RunList
from pages.shared.live.turns import my_turn

MOST_KNOWN = 20  # runs of a session

_component = asset_component("live", "live/live.js")


@dataclass
class PanelState:
    """What the session keeps of a panel: the last request, whether the page has run since, and the mailbox of its run."""

    request: Any = None
    page_ran: bool = False
    run: str = ""
    mailbox: Mailbox = field(default_factory=Mailbox)

    def take(self, run: str) -> tuple[Mailbox, Request | None, bool]:
        """The mailbox of `run`, the request that has not been answered, and whether the page has run before it."""
        if run != self.run:
            known = [*self.mailbox.known, run][-MOST_KNOWN:]
            self.run, self.mailbox = run, Mailbox()
            self.mailbox.known = known
        self.mailbox.runs = session.of("session.runs", RunList)
        request, page_ran, self.request, self.page_ran = self.request, self.page_ran, None, False
        return self.mailbox, read_request(request), page_ran


def live_panel(
    run: LiveRun, key: str, below: Callable[[], None] | None = None, is_behind: Callable[[], bool] = bool
) -> None:
    """Show `run`, below the page's widgets. `below` draws what else changes with each answer to a pull; `is_behind` tells
    whether the page must run before the next one.
    """
    session.of(f"{key}.state", PanelState).page_ran = True
    _panel(run, key, below, is_behind)


@st.fragment
def _panel(run: LiveRun, key: str, below: Callable[[], None] | None, is_behind: Callable[[], bool]) -> None:
    with my_turn():
        _answer(run, key, below, is_behind)


def _answer(run: LiveRun, key: str, below: Callable[[], None] | None, is_behind: Callable[[], bool]) -> None:
    """Answer one pull, if there is one.

    Streamlit's browser half sends a widget's change and a pull of the same moment as one message, and as the
    fragment's alone: so the fragment looks whether the page should have run.
    """

    state = session.of(f"{key}.state", PanelState)

    def on_pull() -> None:
        sent = session.shown(key)  # missing: the panel has just been left, by another view or page
        if sent is not session.MISSING and sent is not None:
            state.request = sent.pull

    def run_page() -> None:
        _component(key=key, data={}, on_pull_change=on_pull)  # nothing new; without it the panel would go
        st.rerun()

    if is_behind():
        run_page()
    answer = respond(run, *state.take(run.run_id))
    if isinstance(answer, Wish):
        if answer is Wish.NEW_WEIGHTS:
            session.wishes().add("new weights")  # the page knows where its seed is
        run_page()
        return
    _component(key=key, data=answer, on_pull_change=on_pull)
    if below is not None:
        below()
