"""Lanes as the Learning rate page shows them: each can be opened in the Playground."""

from __future__ import annotations

from typing import Any

import numpy as np

from pages.learning_rate.common import open_in_playground
from pages.shared.cards.charts import BoundaryChart
from pages.shared.live.lanes import LanesRun


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
