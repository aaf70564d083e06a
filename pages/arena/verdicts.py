"""Does it matter? For each pair of lanes, whether their difference is real or within the noise of the seeds."""

from __future__ import annotations

import numpy as np

from engine.shown import short_number
from engine.studies.comparison import PairedTest, chance_note, diverged_as_nan, pairwise, seeds_needed
from pages.shared.cards.curves import METRICS
from pages.shared.live.cards import TableCard, cell, column
from pages.shared.live.protocol import Cell, Column, Part
from pages.shared.live.run import LanesRun

EVERY = 15  # frames after which the tests are repeated while playing
COLUMNS = (
    ("Pair", "two lanes over the same seeds"),
    ("Better", "the lane that ends lower in loss, or higher in accuracy"),
    ("Mean difference", "the mean of the first minus the second"),
    ("Seeds won", "on how many seeds the first is better"),
    ("p", "how often chance alone gives a difference this large: Fisher's paired sign-flip test"),
    ("Verdict", "real if p is at most 0.05"),
)


class VerdictCard(TableCard):
    name, title, file = "verdict", "Does it matter?", "verdicts"
    alt = "For each pair of lanes, whether their difference is real"

    def __init__(self, run: LanesRun) -> None:
        self.run = run
        self.frames = 0

    def tests(self) -> list[PairedTest]:
        """One test a pair, of the last values of the metric that the curves show. None for a single seed."""
        run = self.run
        if run.seeds < 2:
            return []
        values = diverged_as_nan(run.experiment, run.metric)[-1]
        names = [f"{look.glyph} {look.name}" for look in run.looks]
        return pairwise(names, np.stack([values[rows] for rows in run.rows_of]), run.metric.endswith("loss"))

    def table(self) -> list[list[Cell]]:
        return [_row(test) for test in self.tests()]

    def caption(self) -> str:
        seeds, lanes = self.run.seeds, len(self.run.looks)
        if seeds < 2:
            return "One seed cannot tell luck from skill. Choose 10 seeds above."
        note = chance_note(lanes * (lanes - 1) // 2)
        return f"paired sign-flip test of the {METRICS[self.run.metric]} over {seeds} seeds. {note}"

    def revision(self) -> str:
        run = self.run
        return f"{run.view.dark}-{run.look_revision}-{run.metric}-{run.seeds}"

    def columns(self) -> list[Column]:
        return [column(title, help) for title, help in COLUMNS]

    def frame(self) -> Part | None:
        self.frames += 1
        return dict(rows=self.table()) if self.frames % EVERY == 1 else None


def _row(test: PairedTest) -> list[Cell]:
    first, second = test.names
    is_first = (test.lead < 0) == test.lower_is_better
    better = (first if is_first else second) if test.lead else "–"
    if test.n < seeds_needed(test.verdict_level):
        verdict = f"{test.n} seeds can't decide"
    else:
        verdict = "a real difference" if test.is_real() else "within seed noise"
    p = short_number(test.p_value, 2) if test.p_value >= 0.001 else "< 0.001"
    difference = "–" if np.isnan(test.mean_difference) else short_number(test.mean_difference)
    return [
        cell(f"{first} – {second}", None), cell(better, None), cell(difference, test.mean_difference),
        cell(f"{test.wins} of {test.n}", test.wins), cell(p, test.p_value), cell(verdict, None),
    ]  # fmt: skip
