"""Capacity: what can a network be, and what can it find? One view at a time.

A view is a module with a `VIEW` and a `show`, and an entry in MODULES. One that is drawn in the browser has a `DrawnView` and
calls `show_drawn` (teacher.py); one that trains in the live panel has an `OwnRun` (lazy.py).
"""

from __future__ import annotations

from pages.capacity import build, by_heart, depth, features, found, hard, lazy, teacher
from pages.shared.page import Page

MODULES = {
    "teacher": teacher, "build": build, "depth": depth, "found": found, "lazy": lazy, "by_heart": by_heart, "features": features,
    "hard": hard,
}  # fmt: skip


def main() -> None:
    here = Page(
        "capacity", "Capacity · what can a network be, and what can it find?",
        views={key: module.VIEW for key, module in MODULES.items()},
    )  # fmt: skip
    MODULES[here.view].show(here)


main()
