"""Backpropagation: where does a gradient come from? Five views, from a chain of single units to what it all costs."""

from __future__ import annotations

from pages.backpropagation import boxes, chain, check, cost, softmax
from pages.shared.page import Page

HELP = (
    "A gradient is a number for each weight: how much the loss rises if the weight rises a little. Step through its "
    "computation with the buttons or the arrow keys, forwards and back. Drag any number sideways."
)
MODULES = {"chain": chain, "boxes": boxes, "softmax": softmax, "check": check, "cost": cost}

here = Page(
    "backpropagation",
    "Backpropagation · where does a gradient come from?",
    HELP,
    views={name: module.VIEW for name, module in MODULES.items()},
    panel=False,
)
MODULES[here.view].show(here)
