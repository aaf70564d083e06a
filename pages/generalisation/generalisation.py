"""Generalisation: will it hold on points never seen? What training error does not tell, one view at a time."""

from __future__ import annotations

from pages.generalisation import bias_variance, double_descent, penalties, search, three_sets, which_minimum
from pages.shared.page import Page

HELP = (
    "A network is trained on some points and meant for others. These views show how the two errors part, what "
    "decides by how much, and how to choose a network without fooling oneself."
)
MODULES = {
    "sets": three_sets,
    "penalties": penalties,
    "bias": bias_variance,
    "descent": double_descent,
    "search": search,
    "minimum": which_minimum,
}

here = Page(
    "generalisation",
    "Generalisation · will it hold on points never seen?",
    HELP,
    views={name: module.VIEW for name, module in MODULES.items()},
)
MODULES[here.view].show(here)
