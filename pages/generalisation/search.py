"""The Search view: grid and random search on real trainings, and what the winner's score is worth."""

from __future__ import annotations

from pages.generalisation import search_optimism, search_trials
from pages.generalisation.common import tab_option, tabs
from pages.shared.page import Page, View

TABS = {"trials": search_trials, "optimism": search_optimism}
TAB = tab_option("trials", tuple(TABS))
VIEW = View(
    "Search",
    {"tab": TAB} | {k: o for tab in TABS.values() for k, o in tab.OPTIONS.items()},
    lanes=0,
    guesses=True,
)


def show(here: Page) -> None:
    TABS[tabs(here, TAB, {key: tab.LABEL for key, tab in TABS.items()})].show(here)
