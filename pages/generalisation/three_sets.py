"""The Three sets view: when to stop, how sure a score is, and what stopping early does, exactly."""

from __future__ import annotations

from pages.generalisation import sets_exact, sets_stop, sets_sure
from pages.generalisation.common import tab_option, tabs
from pages.shared.page import Page, View

TABS = {"stop": sets_stop, "sure": sets_sure, "exact": sets_exact}
TAB = tab_option("stop", tuple(TABS))
VIEW = View(
    "Three sets",
    {"tab": TAB} | {k: o for tab in TABS.values() for k, o in tab.OPTIONS.items()},
    lanes=0,
    guesses=True,
)


def show(here: Page) -> None:
    TABS[tabs(here, TAB, {key: tab.LABEL for key, tab in TABS.items()})].show(here)
