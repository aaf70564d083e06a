"""Lanes as the Learning rate page shows them: each can be opened in the Playground."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from pages.learning_rate.common import open_in_playground
from pages.shared.cards.charts import BoundaryChart
from pages.shared.live.lanes import LanesRun
from pages.shared.live.panel import live_panel
from pages.shared.widgets.experiment import SWITCHES, number


class OpeningBoundary(BoundaryChart):
    """A boundary that opens its lane in the Playground."""

    def spec(self) -> dict[str, Any]:
        assert self.look is not None
        return super().spec() | dict(opens=f"Open {self.look.name} in the Playground")

    def caption(self) -> str:
        experiment = self.view.experiment
        if experiment.status[self.lane].state == "diverged":
            return "diverged"
        accuracy, loss = (
            experiment.history.train_accuracy[-1, self.lane],
            experiment.history.train_loss[-1, self.lane],
        )
        return f"{loss:.2g}" if np.isnan(accuracy) else f"{100 * accuracy:.0f} %"


class RateRun(LanesRun):
    """Lanes whose pictures open them in the Playground."""

    def boundaries(self) -> list[Any]:
        return [
            OpeningBoundary(self.view, rows[0], look)
            for rows, look in zip(self.rows_of, self.looks, strict=True)
        ]

    def click(self, chart: str, x: Any, y: Any) -> bool:
        """Open a lane in the Playground as it stands; one whose settings were changed on the way, from its start."""
        key = chart.removeprefix("boundary:")
        if key not in [look.key for look in self.looks]:
            return False
        row = self.rows_of[int(key)][0]
        changed = any(lane == row for _, lane, _ in self.experiment.history.marks)
        return open_in_playground(self.config, int(key), 0 if changed else self.experiment.lanes[row].updates)


def switch_controls() -> dict[str, bool]:
    return {name: number(name, option) for name, option in SWITCHES.items()}


def show_run(
    key: str, make: Callable[[], Any], fits: Callable[[Any], bool], switches: dict[str, bool]
) -> None:
    """The session's run under `key` in the live panel; a new one where it does not fit what is asked for now."""
    run = st.session_state.get(f"{key}_run")
    if run is None or not fits(run):
        run = st.session_state[f"{key}_run"] = make()
    run.set_looks(st.context.theme.type == "dark")
    run.view.show_test, run.view.discretise = switches["show_test"], switches["discretise"]
    live_panel(run, key=key)
