"""Does it matter? For each pair of lanes, whether their difference is real or within the noise of the seeds."""

from __future__ import annotations

import numpy as np

from engine.shown import short_number
from engine.studies.comparison import PairedTest, chance_note, diverged_as_nan, pairwise
from pages.arena.deciding import DecidingRun
from pages.shared.cards.curves import METRICS
from pages.shared.live.cards import TableCard, cell, column
from pages.shared.live.protocol import Cell, Column, Part

RAW_P = "how often chance alone gives a difference this large: Fisher's paired sign-flip test"
HOLM_P = f"{RAW_P}, corrected for the number of pairs (Holm)"
EVERY = 15  # frames after which the table is sent again before the verdict
UNITS = {"updates": "updates", "evaluations": "epochs of gradients", "milliseconds": "ms"}
COLUMNS = (
    ("Pair", "two lanes over the same number of seeds"),
    ("Better", "the lane that ends lower in loss, or higher in accuracy"),
    ("Mean difference", "the mean of the first minus the second"),
    ("Seeds won", "on how many seeds the first is better"),
    ("p", "{}"),
    ("Verdict", "real if p is at most 0.05"),
)


class VerdictCard(TableCard):
    """Until the race is at the place that was fixed for the verdict, what is so far; from then on, the verdict there."""

    name, title, file = "verdict", "Does it matter?", "verdicts"
    alt = "For each pair of lanes, whether their difference is real"

    def __init__(self, run: DecidingRun) -> None:
        self.run = run
        self.frames = 0
        self.kept: tuple[object, list[PairedTest]] = (None, [])

    def tests(self) -> list[PairedTest]:
        """One test a pair of the metric that the curves show, of the verdict's values once there are some. None for a
        single seed, or where there is nothing to measure.
        """
        run = self.run
        if run.seeds < 2 or run.data.unmeasured(run.metric):
            return []
        if run.look.values is None:
            return self._tests(diverged_as_nan(run.experiment, run.metric)[-1], run.entered())
        key = (run.look, run.metric)
        if self.kept[0] != key:
            self.kept = (key, self._tests(run.look.values[run.metric], run.decided))
        return self.kept[1]

    def _tests(self, values: np.ndarray, lanes: list[tuple[str, list[int]]]) -> list[PairedTest]:
        each = np.stack([values[rows] for _, rows in lanes])
        return pairwise([name for name, _ in lanes], each, self.run.metric.endswith("loss"))

    def table(self) -> list[list[Cell]]:
        taken = self.run.look.values is not None
        return [_row(test, self.run.corrects, "" if taken else self._place()) for test in self.tests()]

    def _place(self) -> str:
        return f"at {self.run.look.at:,} {UNITS[self.run.pace]}"

    def caption(self) -> str:
        run, pairs = self.run, len(self.run.looks) * (len(self.run.looks) - 1) // 2
        if run.seeds < 2:
            return "One seed cannot tell luck from skill. Choose 10 seeds above."
        if reason := run.data.unmeasured(run.metric):
            return reason
        when = (
            f"Verdict {self._place()}"
            if run.look.values is not None
            else f"No verdict before {self._place()[3:]}"
        )
        note = "Corrected for all pairs (Holm)." if run.corrects else chance_note(pairs)
        later = f" {run.verdict_at:,} counts from the next reset." if run.verdict_at != run.look.at else ""
        return f"{when}: paired sign-flip test of the {METRICS[run.metric]} over {run.seeds} seeds. {note}{later}"

    def revision(self) -> str:
        run = self.run
        shown = (run.metric, run.seeds, run.corrects, run.look.at, run.verdict_at, run.look.values is None)
        return f"{run.view.dark}-{run.look_revision}-{shown}"

    def columns(self) -> list[Column]:
        help_p = HOLM_P if self.run.corrects else RAW_P
        return [column(title, help.format(help_p)) for title, help in COLUMNS]

    def frame(self) -> Part | None:
        self.frames += 1
        return dict(rows=self.table()) if self.frames % EVERY == 1 else None


def _row(test: PairedTest, corrected: bool, waits: str) -> list[Cell]:
    first, second = test.names
    is_first = (test.lead < 0) == test.lower_is_better
    better = (first if is_first else second) if test.lead else "–"
    if test.n < test.seeds_needed(corrected):
        verdict = f"{test.n} seeds can't decide"
    elif waits:
        verdict = waits
    else:
        verdict = "a real difference" if test.is_real(corrected=corrected) else "within seed noise"
    difference = "–" if np.isnan(test.mean_difference) else short_number(test.mean_difference)
    p = test.p_holm if corrected else test.p_value
    written = "–" if waits else short_number(p, 2) if p >= 0.001 else "< 0.001"
    return [
        cell(f"{first} – {second}", None), cell(better, None), cell(difference, test.mean_difference),
        cell(f"{test.wins} of {test.n}", test.wins), cell(written, np.inf if waits else p), cell(verdict, None),
    ]  # fmt: skip
