"""The run of the Collapse view: networks of any depth, and the one layer that each of them is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.network.collapse import best_line, collapse
from engine.shown import short_number
from pages.shared.cards.boundary import boundary_cards
from pages.shared.cards.curves import CurvesCard
from pages.shared.figures.looks import LaneLook
from pages.shared.live.cards import TableCard, cell, column, loss_cell
from pages.shared.live.protocol import Cell, Column
from pages.shared.live.run import LanesRun, boundary_layout
from pages.units.common import LEAVES


class CollapseRun(LanesRun):
    """Lanes of different depth, with the line that each comes to."""

    leaves: Sequence[str] = LEAVES

    def begin(self) -> None:
        self.best = best_line(self.data.X_train, self.data.y_train)
        super().begin()

    def make_cards(self) -> None:
        boundaries = boundary_cards(self.view, self.rows_of, self.looks)
        self.cards = [*boundaries, CurvesCard(self), LinesCard(self)]
        self.layout, self.rows = boundary_layout(len(self.looks), loss=2, lines=3)

    def line(self, row: int) -> tuple[np.ndarray, float, float]:
        """w′ and b′ of all layers multiplied together, and how far the network is from that line at most."""
        W, b = collapse(self.experiment.weights(row))[-1]
        X = self.data.X_train
        outputs = self.experiment.mlp(row).forward(self.experiment.theta(row)[None], X)[0]
        return W[:, 0], float(b[0]), float(np.abs(outputs[:, 0] - (X @ W[:, 0] + b[0])).max())


class LinesCard(TableCard):
    """The layers of each lane as one line, and how far the network is from it."""

    name, file = "lines", "lines"
    title, alt = (
        "All layers multiplied",
        "For each lane the line that its layers make when they are multiplied",
    )

    def __init__(self, run: CollapseRun) -> None:
        self.run = run

    def revision(self) -> str:
        return f"{self.run.view.dark}-{self.run.look_revision}"

    def caption(self) -> str:
        return f"the best line has the train loss {self.run.best[2]:.6f}"

    def looks(self) -> Sequence[LaneLook]:
        return self.run.looks

    def columns(self) -> list[Column]:
        return [
            column("Lane"), column("w′₁"), column("w′₂"), column("b′"),
            column("Network − line", "the largest difference of their outputs over all training samples"),
            column("Train loss", "now"), column("Above the best line", "train loss minus that of the best line"),
        ]  # fmt: skip

    def table(self) -> list[list[Cell]]:
        run = self.run
        rows = []
        for look, (row, *_) in zip(run.looks, run.rows_of, strict=True):
            w, b, apart = run.line(row)
            loss = float(run.experiment.history.train_loss[-1, row])
            numbers: list[Any] = [float(w[0]), float(w[1]), b]
            rows.append([
                cell(look.name, None), *(cell(short_number(number, 6), number) for number in numbers),
                cell(short_number(apart, 2), apart), loss_cell(loss), cell(short_number(loss - run.best[2], 2), loss - run.best[2]),
            ])  # fmt: skip
        return rows
