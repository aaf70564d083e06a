"""The Penalties view: L1 cuts, L2 shrinks, in a network that trains, against the strength, and in a plane."""

from __future__ import annotations

from pages.generalisation import penalties_network, penalties_path, penalties_plane
from pages.generalisation.common import tab_option, tabs
from pages.shared.page import Page, View

TABS = {"network": penalties_network, "path": penalties_path, "plane": penalties_plane}
TAB = tab_option("network", tuple(TABS))
VIEW = View(
    "Penalties",
    {"tab": TAB} | {k: o for tab in TABS.values() for k, o in tab.OPTIONS.items()},
    lanes=0,
    guesses=True,
)


def show(here: Page) -> None:
    TABS[tabs(here, TAB, {key: tab.LABEL for key, tab in TABS.items()})].show(here)
