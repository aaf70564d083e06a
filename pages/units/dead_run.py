"""The run of the tab Dead units: how many units have stopped for good, at rates from right to far too large."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine import ExperimentConfig
from engine.data.load import Dataset
from engine.network.signal import layers
from pages.shared.cards.boundary import boundary_cards
from pages.shared.cards.curves import CurvesCard
from pages.shared.figures.looks import LaneLook
from pages.shared.live.cards import TableCard, cell, column, loss_cell, middle
from pages.shared.live.protocol import Cell, Column, State
from pages.shared.live.run import LanesRun, boundary_layout
from pages.units.common import LEAVES

SEEDS = 5


class DeadRun(LanesRun):
    """Lanes over five seeds, with the units of each that no sample wakes."""

    leaves: Sequence[str] = LEAVES
    speed = 5

    def __init__(self, config: ExperimentConfig, data: Dataset, dark: bool) -> None:
        super().__init__(config, data, dark, seeds=SEEDS)

    def make_cards(self) -> None:
        self.cards = [*boundary_cards(self.view, self.rows_of, self.looks), CurvesCard(self), DeadCard(self)]
        self.layout, self.rows = boundary_layout(len(self.looks), loss=2, dead=3)

    def dead(self, row: int) -> list[int]:
        """Dead units by hidden layer."""
        experiment, data = self.experiment, self.data
        return [
            layer.dead
            for layer in layers(experiment.mlp(row), experiment.theta(row), data.X_train, data.y_train)[:-1]
        ]

    def state(self) -> State:
        state = super().state()
        cut = [
            look
            for look, rows in zip(self.looks, self.rows_of, strict=True)
            if any(self.is_cut(row) for row in rows)
        ]
        if cut:
            names = ", ".join(f"{look.glyph} {look.name}" for look in cut)
            state["message"] = (
                f"{names}: in some network a whole layer is dead. Nothing in it or below it can learn any more."
            )
        return state

    def is_cut(self, row: int) -> bool:
        """Whether a whole layer is dead."""
        widths = self.experiment.mlp(row).layer_sizes[1:-1]
        return any(count == width for count, width in zip(self.dead(row), widths, strict=True))


class DeadCard(TableCard):
    """Dead units of every lane, seed by seed."""

    name = file = "dead"
    title, alt = "Dead units", "For each lane how many units no training sample wakes, seed by seed"

    def __init__(self, run: DeadRun) -> None:
        self.run = run

    def revision(self) -> str:
        return f"{self.run.view.dark}-{self.run.look_revision}"

    def caption(self) -> str:
        return "no slope at any training sample: no gradient, ever"

    def looks(self) -> Sequence[LaneLook]:
        return self.run.looks

    def columns(self) -> list[Column]:
        return [
            column("Lane"), column("Dead, by seed", "units with slope 0 at all training samples"),
            column("Share", "median over the seeds"), column("Train loss", "median over the seeds"), column("Diverged"),
        ]  # fmt: skip

    def table(self) -> list[list[Cell]]:
        run, found = self.run, []
        for look, rows in zip(run.looks, run.rows_of, strict=True):
            counts = [sum(run.dead(row)) for row in rows]
            units = sum(run.experiment.mlp(rows[0]).layer_sizes[1:-1])
            share = float(np.median(counts)) / units
            lost = sum(run.experiment.status[row].state == "diverged" for row in rows)
            loss = middle(run.experiment.history.train_loss[-1, rows])
            found.append([
                cell(look.name, None), cell(" ".join(map(str, counts)) + f" of {units}", sum(counts)), cell(f"{100 * share:.0f} %", share),
                loss_cell(loss), cell(f"{lost} of {len(rows)}", lost),
            ])  # fmt: skip
        return found
