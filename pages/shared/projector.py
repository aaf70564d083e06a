"""Large text for a projector: a switch on every page, and `projector=1` in any link. It holds for the session.

The page's text grows by its root font size, and everything that is measured in it: widgets, the live panel, and the texts
of charts (assets/live/enlarge.js). The sidebar keeps its first group, which holds what is moved
while it runs.
"""

from __future__ import annotations

import streamlit as st

from engine.config.reader import Reader
from engine.options import Option
from pages.shared import session
from pages.shared.form import Form
from pages.shared.widgets.option import number

NAME = "projector"
OPTION = Option(NAME, False, "Projector", "Large text, to be read from the last row. It holds on all pages.")
STYLE = """<style>
html { font-size: 20px !important; }
[data-testid=stMainBlockContainer] { padding-left: 1rem !important; padding-right: 1rem !important; }
[data-testid=stMainBlockContainer] [data-testid=stVerticalBlock] { gap: .5rem; }
[data-testid=stSidebar] [data-testid=stLayoutWrapper]:has(> [data-testid=stExpander]) ~ * { display: none; }
</style>"""


def form() -> Form:
    return session.of("session.form", lambda: Form("session"))


def read(query: dict[str, str], problems: list[str]) -> dict[str, str]:
    """The link without the switch, which is set if the link names it; what is wrong with it joins `problems`."""
    if NAME in query:
        form().put(NAME, Reader(query, problems).option(NAME, OPTION, False))
    return {name: value for name, value in query.items() if name != NAME}


def parameter() -> dict[str, str]:
    """The switch as a link has it."""
    return {NAME: "1"} if form().get(NAME) else {}


def switch(page: str) -> None:
    """Draw the switch of `page`, and the page as it says. Each page has a widget of its own: Streamlit tells them apart."""
    own = form().part(page)
    own.put(NAME, form().get(NAME, False))
    form().values[NAME] = number(own, NAME, OPTION)
    if form()[NAME]:
        st.html(STYLE)
