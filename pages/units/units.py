"""Units: what passes through a layer, forwards and backwards? Views of single neurons and of the layers that they make."""

from __future__ import annotations

from pages.shared.page import Page
from pages.units import activations, collapse, depth, start, thresholds

HELP = (
    "What passes through a layer, forwards and backwards? Forwards go the numbers that the neurons put out, backwards the "
    "gradient, which each layer multiplies by its weights and slopes."
)
MODULES = {
    "activations": activations,
    "depth": depth,
    "start": start,
    "collapse": collapse,
    "thresholds": thresholds,
}


def main() -> None:
    here = Page(
        "units", "Units · what passes through a layer?", HELP,
        views={key: module.VIEW for key, module in MODULES.items()},
    )  # fmt: skip
    MODULES[here.view].show(here)


main()
