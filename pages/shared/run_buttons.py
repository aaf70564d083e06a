"""What the first line offers beside a run that trains networks: its diagnosis, the list of runs, and what one takes home."""

from __future__ import annotations

from typing import Any

from pages.shared import diagnosis, runs, take_home
from pages.shared.form import Form
from pages.shared.live.run import LanesRun


def run_buttons(head: Any, top: Form, run: Any, dark: bool) -> None:
    """In `head`; nothing beside a run of another kind."""
    if isinstance(run, LanesRun):
        with head:
            diagnosis.button(top, run, dark)
            runs.button(top, run)
            take_home.button(top, run)
