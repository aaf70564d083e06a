"""The live panel's Streamlit half: one component, one fragment. What is said between them stands in `protocol`."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.shared import session
from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.protocol import LiveRun, Wish, read_request
from pages.shared.live.turns import my_turn

MOST_KNOWN = 20  # runs of a session

_component = st.components.v2.component(
    "descent_lab_live",
    html="<div></div>",
    js="""
const ready = import(new URL("assets/live/live.js", document.baseURI).href);
export default function (component) {
  let close = null, closed = false;
  ready.then((module) => { if (!closed) close = module.default(component); });
  return () => { closed = true; close?.(); };
}
""",
    isolate_styles=False,
)


def live_panel(
    run: LiveRun, key: str, below: Callable[[], None] | None = None, is_behind: Callable[[], bool] = bool
) -> None:
    """Show `run`, below the page's widgets. `below` draws what else changes with each answer to a pull; `is_behind` tells
    whether the page must run before the next one.
    """
    st.session_state[f"{key}_page_ran"] = True
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

    def on_pull() -> None:
        sent = st.session_state.get(key)  # None: the panel has just been left, by another view or page
        if sent is not None:
            st.session_state[f"{key}_request"] = sent.pull

    def run_page() -> None:
        _component(key=key, data={}, on_pull_change=on_pull)  # nothing new; without it the panel would go
        st.rerun()

    if is_behind():
        run_page()
    box: dict[str, Mailbox] = st.session_state.setdefault(f"{key}_mailbox", {})
    mailbox = box.get(run.run_id)
    if mailbox is None:
        known = [*next(iter(box.values())).known, run.run_id] if box else [run.run_id]
        box.clear()
        mailbox = box[run.run_id] = Mailbox()
        mailbox.known = known[-MOST_KNOWN:]
    request = read_request(st.session_state.pop(f"{key}_request", None))
    page_ran = st.session_state.pop(f"{key}_page_ran", False)
    answer = respond(run, mailbox, request, controls_first=page_ran)
    if isinstance(answer, Wish):
        if answer is Wish.NEW_WEIGHTS:
            session.wishes().add("new weights")  # the page knows where its seed is
        run_page()
        return
    _component(key=key, data=answer, on_pull_change=on_pull)
    if below is not None:
        below()
