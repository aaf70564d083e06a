"""What each lane reached, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.shown import short_number
from engine.training.reach import LOWEST
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
        zeros = "-zeros" if self.counts_zeros() else ""
        return f"{run.view.dark}-{run.view.data.task}-{run.target:g}-{run.look_revision}{zeros}"

    def counts_zeros(self) -> bool:
        """Whether weights that are exactly zero are counted: where a lane has an L1 penalty."""
        return any(lane.l1 for lane in self.run.config.lanes)

    def caption(self) -> str:
        return f"medians over {self.run.seeds} seeds" if self.run.seeds > 1 else "click a heading to sort"

    def looks(self) -> Sequence[LaneLook]:
        return self.run.looks

    def columns(self) -> list[Column]:
        target = short_number(self.run.target)
        columns = [("Lane", ""), ("Status", "running, stopped or diverged"), ("Train loss", "now"), ("Best train", "lowest train loss so far"),
                   ]  # fmt: skip
        for part in self.held_out():
            columns += [
                (f"{part.capitalize()} loss", "now"),
                (f"Best {part}", f"lowest of the {part} losses that were measured"),
            ]
        if self.run.view.data.task != "regression":
            columns += [(f"{part.capitalize()} acc.", "now") for part in ("train", *self.held_out())]
        if self.counts_zeros():
            columns.append(("Zero weights", "weights that are exactly zero now, of all weights"))
        columns += [(f"Updates to {target}", "updates until the train loss was first at or under the target"),
                    (f"Gradients to {target}", "gradients of single samples until then"), ("Time", "milliseconds of training: every update at what it costs this lane alone, measured before the race")]  # fmt: skip
        return [column(title, f"Sort by {title}" + (f": {help}" if help else "")) for title, help in columns]

    def held_out(self) -> list[str]:
        """The sets beside the training data that have columns."""
        return ["validation", "test"] if len(self.run.data.y_validation) else ["test"]

    def table(self) -> list[list[Cell]]:
        run, history = self.run, self.run.experiment.history
        run.experiment.watch(run.target)
        reach = run.experiment.reach
        assert reach is not None
        sign = "≤ " if run.target in reach.late else ""
        table = []
        for look, seeds in zip(run.looks, run.rows_of, strict=True):
            states = [run.experiment.status[row].state for row in seeds]
            status = (
                states[0]
                if len(set(states)) == 1
                else ", ".join(f"{states.count(s)} {s}" for s in dict.fromkeys(states))
            )

            def best(part: str, seeds: list[int] = seeds) -> float:
                return middle(reach.lowest[LOWEST.index(part), seeds])

            def last(name: str, seeds: list[int] = seeds) -> float:
                return middle(history.series(name)[-1, seeds])

            def reached(cost: int, seeds: list[int] = seeds) -> float:
                found = [reach.first(run.target, row) for row in seeds]
                return middle([np.inf if spent is None else spent[cost] for spent in found])

            cells = [cell(look.name, None), cell(status, None)]
            sets = ["train", *self.held_out()]
            for part in sets:
                cells += [loss_cell(last(f"{part}_loss")), loss_cell(best(part))]
            if run.view.data.task != "regression":
                cells += [share_cell(last(f"{part}_accuracy")) for part in sets]
            if self.counts_zeros():
                cells.append(self.zeros(seeds))
            cells += [
                count_cell(reached(0), before=sign),
                count_cell(reached(1), before=sign),
                count_cell(last("milliseconds"), " ms"),
            ]
            table.append(cells)
        return table

    def zeros(self, rows: list[int]) -> Cell:
        """How many weights of a lane are exactly zero, the median over its seeds."""
        experiment = self.run.experiment
        mask = experiment.mlp(rows[0]).weight_mask
        count = middle([float((experiment.theta(row)[mask] == 0).sum()) for row in rows])
        return cell(f"{count:g} of {mask.sum()}", count)
