"""What each lane reached, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.shown import short_number
from engine.studies.comparison import first_reach
from pages.shared.figures.looks import LaneLook
from pages.shared.live.cards import TableCard, cell, column, count_cell, loss_cell, middle, share_cell
from pages.shared.live.protocol import Cell, Column
from pages.shared.live.run import LanesRun


class ScoresCard(TableCard):
    """The scores of all lanes. Over several seeds: medians."""

    name = file = "scores"
    title, alt = "Scores", "Scores of all lanes"

    def __init__(self, run: LanesRun) -> None:
        self.run = run

    def revision(self) -> str:
        run = self.run
        return f"{run.view.dark}-{run.view.data.task}-{run.target:g}-{run.look_revision}"

    def caption(self) -> str:
        return f"medians over {self.run.seeds} seeds" if self.run.seeds > 1 else "click a heading to sort"

    def looks(self) -> Sequence[LaneLook]:
        return self.run.looks

    def columns(self) -> list[Column]:
        target = short_number(self.run.target)
        columns = [("Lane", ""), ("Status", "running, stopped or diverged"), ("Train loss", "now"), ("Best train", "lowest train loss so far"),
                   ("Test loss", "now"), ("Best test", "lowest test loss so far")]  # fmt: skip
        if self.run.view.data.task != "regression":
            columns += [("Train acc.", "now"), ("Test acc.", "now")]
        columns += [(f"Updates to {target}", "updates until the train loss was first at or under the target"),
                    (f"Gradients to {target}", "gradients of single samples until then"), ("Time", "milliseconds of training")]  # fmt: skip
        return [column(title, f"Sort by {title}" + (f": {help}" if help else "")) for title, help in columns]

    def table(self) -> list[list[Cell]]:
        run, history = self.run, self.run.experiment.history
        table = []
        for look, seeds in zip(run.looks, run.rows_of, strict=True):
            states = [run.experiment.status[row].state for row in seeds]
            status = (
                states[0]
                if len(set(states)) == 1
                else ", ".join(f"{states.count(s)} {s}" for s in dict.fromkeys(states))
            )

            def best(name: str, seeds=seeds) -> float:
                values = history.series(name)[:, seeds]
                return middle(np.where(np.isnan(values), np.inf, values).min(axis=0))

            def last(name: str, seeds=seeds) -> float:
                return middle(history.series(name)[-1, seeds])

            def reach(cost: str, seeds=seeds) -> float:
                found = [
                    first_reach(history.train_loss[:, row], history.series(cost)[:, row], run.target)
                    for row in seeds
                ]
                return middle([np.inf if value is None else value for value in found])

            cells = [cell(look.name, None), cell(status, None)]
            cells += [
                loss_cell(last("train_loss")),
                loss_cell(best("train_loss")),
                loss_cell(last("test_loss")),
                loss_cell(best("test_loss")),
            ]
            if run.view.data.task != "regression":
                cells += [share_cell(last("train_accuracy")), share_cell(last("test_accuracy"))]
            cells += [
                count_cell(reach("updates")),
                count_cell(reach("sample_gradients")),
                count_cell(last("milliseconds"), " ms"),
            ]
            table.append(cells)
        return table
