"""The Bias and variance view: the same fit on many data sets, in two tabs: polynomials, exactly, and networks, live."""

from __future__ import annotations

from pages.generalisation import bias_networks, bias_polynomials
from pages.generalisation.bias_common import SHARED
from pages.generalisation.common import tab_option, tabs
from pages.shared.page import Page, View

TABS = {"polynomials": bias_polynomials, "networks": bias_networks}
TAB = tab_option("polynomials", tuple(TABS))
VIEW = View(
    "Bias and variance",
    {"tab": TAB} | SHARED | {name: option for tab in TABS.values() for name, option in tab.OPTIONS.items()},
    lanes=0,
    guesses=True,
)


def show(here: Page) -> None:
    TABS[tabs(here, TAB, {key: tab.LABEL for key, tab in TABS.items()})].show(here)
