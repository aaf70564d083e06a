"""The Double descent view: more weights than samples, in three tabs from an exact formula to networks that train live."""

from __future__ import annotations

from pages.generalisation import descent_exact, descent_live, descent_seen
from pages.generalisation.common import tab_option, tabs
from pages.shared.page import Page, View

TABS = {"exact": descent_exact, "seen": descent_seen, "live": descent_live}
TAB = tab_option("exact", tuple(TABS))
VIEW = View(
    "Double descent",
    {"tab": TAB} | {k: o for tab in TABS.values() for k, o in tab.OPTIONS.items()},
    lanes=0,
    guesses=True,
)


def show(here: Page) -> None:
    TABS[tabs(here, TAB, {key: tab.LABEL for key, tab in TABS.items()})].show(here)
