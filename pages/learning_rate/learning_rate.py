"""Learning rate: too small, right, or too big? Six views of one question, one at a time."""

from __future__ import annotations

from pages.learning_rate import finder, ladder, picture, rate_map, schedules, stability
from pages.learning_rate.common import follow_wish
from pages.shared.page import Page, View

MODULES = {
    "picture": picture, "ladder": ladder, "finder": finder, "map": rate_map, "schedules": schedules, "stability": stability,
}  # fmt: skip
VIEWS: dict[str, View] = {key: module.VIEW for key, module in MODULES.items()}


def main() -> None:
    follow_wish()
    here = Page("learning_rate", "Learning rate · too small, right, or too big?", views=VIEWS)
    MODULES[here.view].show(here)


main()
