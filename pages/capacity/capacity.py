"""Capacity: what can a network be, and what can it find? One view at a time; each is a module with a `VIEW` and a `show`."""

from __future__ import annotations

from pages.capacity import by_heart, hard, lazy, teacher
from pages.shared.page import Page

MODULES = {"teacher": teacher, "lazy": lazy, "by_heart": by_heart, "hard": hard}


def main() -> None:
    here = Page(
        "capacity", "Capacity · what can a network be, and what can it find?",
        views={key: module.VIEW for key, module in MODULES.items()},
    )  # fmt: skip
    MODULES[here.view].show(here)


main()
