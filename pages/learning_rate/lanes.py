"""Lanes as the Learning rate page shows them: each can be opened in the Playground."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.shown import short_number
from pages.learning_rate.common import open_in_playground
from pages.shared.cards.boundary import BoundaryCard
from pages.shared.figures.looks import LaneLook
from pages.shared.live.run import LanesRun

LEAVES = ("learning_rate.view",)  # the switch to another view


class OpeningBoundary(BoundaryCard):
    """A boundary that opens its lane in the Playground."""

    look: LaneLook

    def about(self) -> dict[str, Any]:
        return super().about() | dict(opens=f"Open {self.look.name} in the Playground")

    def caption(self) -> str:
        experiment = self.view.experiment
        if experiment.status[self.lane].state == "diverged":
            return "diverged"
        accuracy, loss = (
            experiment.history.train_accuracy[-1, self.lane],
            experiment.history.train_loss[-1, self.lane],
        )
        return short_number(loss, 2) if np.isnan(accuracy) else f"{100 * accuracy:.0f} %"


class RateRun(LanesRun):
    """Lanes whose pictures open them in the Playground."""

    leaves: Sequence[str] = LEAVES

    def boundaries(self) -> list[OpeningBoundary]:
        return [
            OpeningBoundary(self.view, rows[0], look)
            for rows, look in zip(self.rows_of, self.looks, strict=True)
        ]

    def click(self, chart: str, x: float | str, y: float | str) -> bool:
        """Open a lane in the Playground as it stands; one whose settings were changed on the way, from its start."""
        key = chart.removeprefix("boundary:")
        if key not in [look.key for look in self.looks]:
            return False
        row = self.rows_of[int(key)][0]
        changed = any(lane == row for _, lane, _ in self.experiment.history.marks)
        return open_in_playground(self.config, int(key), 0 if changed else self.experiment.lanes[row].updates)
