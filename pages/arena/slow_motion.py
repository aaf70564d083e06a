"""One update at a time, phase by phase: batch, gradient, memory, step."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from engine import OPTIMIZERS
from engine.landscape.plane import Plane
from engine.shown import short_number
from engine.studies.microscope import phases
from pages.arena.figures import Arrow
from pages.shared.figures.looks import LaneLook
from pages.shared.figures.packing import Array
from pages.shared.figures.slice import SliceFrame
from pages.shared.live.cards import TableCard, cell, column
from pages.shared.live.protocol import Cell, Column, Part
from pages.shared.live.run import LanesRun

PHASES = (
    ("1 of 4: the batch", "These samples make up the batch (ringed above)."),
    ("2 of 4: the gradient", "Thin arrows: −η·g, the step of plain gradient descent."),
    ("3 of 4: the memory", "What the method remembers of earlier gradients."),
    ("4 of 4: the step", "Thick arrows: the step that the weights make."),
)
START = "each Step shows one phase of the next update"
ARROW = 0.3  # length of the longest arrow, as a share of the window's width
COLUMNS = (
    ("Lane", ""),
    ("Batch", "samples of this update"),
    ("Batch loss", "before the update"),
    ("|g|", "length of the gradient"),
    (
        "Memory",
        "what the optimizer remembers, after this gradient: the length of each row",
    ),
    ("|Δθ|", "length of the step"),
    ("Turned", "angle between the step and −g: 0° for plain gradient descent"),
    ("Train loss", "on all training data, before and after"),
)


class SlowMotion:
    """`phase` is 0 to 3, or −1 between updates; `reports` are the lanes' updates as `engine.studies.microscope` gives them."""

    def __init__(self, run: LanesRun) -> None:
        self.run = run
        self.phase = -1
        self.reports: dict[int, dict[str, Any]] = {}
        self.losses: dict[int, tuple[float, float]] = {}
        self.factor = 0.0  # by which the arrows are longer than the steps

    def advance(self) -> None:
        """The next phase; with the last one the update is made."""
        run, experiment = self.run, self.run.experiment
        if self.phase in (-1, len(PHASES) - 1):
            found = {lane: phases(experiment, rows[0]) for lane, rows in enumerate(run.rows_of)}
            self.reports = {lane: report for lane, report in found.items() if report}
            run.view.batches = {
                run.rows_of[lane][0]: report["batch"] for lane, report in self.reports.items()
            }
            self.losses = {lane: (self._loss(lane), np.nan) for lane in self.reports}
            self.phase = 0
            return
        self.phase += 1
        if self.phase == len(PHASES) - 1:
            experiment.step(1)
            run.recorder.record()
            self.losses = {lane: (before, self._loss(lane)) for lane, (before, _) in self.losses.items()}

    def _loss(self, lane: int) -> float:
        return float(self.run.experiment.history.train_loss[-1, self.run.rows_of[lane][0]])

    def stop(self) -> None:
        self.phase, self.reports, self.factor = -1, {}, 0.0

    def keep(self) -> tuple[int, dict[int, dict[str, Any]], dict[int, tuple[float, float]]]:
        """The phase that is shown; none of it is changed in place."""
        return self.phase, self.reports, self.losses

    def show(self, kept: tuple[int, dict[int, dict[str, Any]], dict[int, tuple[float, float]]]) -> None:
        self.phase, self.reports, self.losses = kept

    def moment(self) -> Hashable:
        return (self.phase, len(self.reports))

    def ahead(self, lanes: list[int]) -> list[Array]:
        """The weights (1, P) that the update under way leads to."""
        reports = [self.reports[lane] for lane in lanes if lane in self.reports]
        ends = [(report["theta"] + report["step"])[None].astype(np.float64) for report in reports]
        return [end for end in ends if np.isfinite(end).all()]

    def arrows(self, plane: Plane, frame: SliceFrame, lanes: list[int]) -> list[Arrow]:
        """What the phase shows of each lane, in the plane's coordinates, all enlarged alike."""
        self.factor = 0.0
        if self.phase < 1:
            return []
        D = np.stack([plane.d1, plane.d2])
        found: list[Arrow] = []
        for lane in lanes:
            if lane not in self.reports:
                continue
            report, look = self.reports[lane], self.run.looks[lane]
            start = plane.project(report["theta"][None].astype(np.float64))[0][0]
            downhill = -report["learning_rate"] * np.nan_to_num(np.asarray(report["gradient"], float))
            vectors = [(downhill, f"{look.said}: −η·g", 1.5)]
            if self.phase == 3:
                vectors.append((np.asarray(report["step"], float), f"{look.said}: the step", 4.0))
            found += [Arrow(start, D @ vector, look.color, text, width) for vector, text, width in vectors]
        steps = [
            np.linalg.norm(D @ np.asarray(self.reports[k]["step"], float)) for k in lanes if k in self.reports
        ]
        longest = float(max([np.linalg.norm(arrow.end) for arrow in found] + steps, default=0.0))
        if not longest > 0 or not np.isfinite(longest):
            return []
        self.factor = max(1.0, ARROW * (frame.x[1] - frame.x[0]) / longest)
        return [arrow._replace(end=arrow.start + self.factor * arrow.end) for arrow in found]


class PhasesCard(TableCard):
    """The phase that is shown, in numbers; what has not happened yet is a dot."""

    name, title, file = "phases", "One update", "update"
    alt = "The numbers of one update of every lane, phase by phase"

    def __init__(self, run: LanesRun, slow: SlowMotion) -> None:
        self.run, self.slow = run, slow

    def revision(self) -> str:
        return f"{self.run.view.dark}-{self.run.look_revision}"

    def caption(self) -> str:
        return START if self.slow.phase < 0 else " · ".join(PHASES[self.slow.phase])

    def looks(self) -> Sequence[LaneLook]:
        return self.run.looks

    def columns(self) -> list[Column]:
        return [column(title, help) for title, help in COLUMNS]

    def table(self) -> list[list[Cell]]:
        slow = self.slow
        table = []
        for lane, look in enumerate(self.run.looks):
            shown = phase_cells(slow.reports.get(lane), slow.losses.get(lane, (np.nan, np.nan)))
            dots = [cell("·", None)] * len(shown)
            count = (0, 2, 3, 4, 7)[slow.phase + 1]
            table.append([cell(look.name, None), *shown[:count], *dots[count:]])
        return table

    def frame(self) -> Part:
        return dict(rows=self.table(), caption=self.caption())


def phase_cells(report: dict[str, Any] | None, losses: tuple[float, float]) -> list[Cell]:
    """The cells of a lane after its name, all phases."""
    if not report:
        return [cell("has stopped", None)] + [cell("–", None)] * 6
    gradient, step = (np.asarray(report[name], float) for name in ("gradient", "step"))
    size, length = float(np.linalg.norm(gradient)), float(np.linalg.norm(step))
    with np.errstate(all="ignore"):
        cosine = float(-(gradient @ step) / (size * length))
        angle = float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
    before, after = losses
    return [
        cell(f"{len(report['batch'])}", len(report["batch"])),
        cell(short_number(report["loss"]), report["loss"]),
        cell(short_number(size), size),
        cell(memory_text(report["optimizer"], report["state"]), None),
        cell(short_number(length), length),
        cell(f"{angle:.0f}°" if np.isfinite(angle) else "–", angle),
        cell(report["problem"] or f"{short_number(before)} → {short_number(after)}", None),
    ]


def memory_text(optimizer: str, state: dict[str, Array]) -> str:
    """The lengths of what a method remembers; a corrected average takes its average's place."""
    symbols = OPTIMIZERS[optimizer].symbols
    replaced = {symbol.corrects for symbol in symbols}
    parts = [
        f"|{symbol.text}| {short_number(float(np.linalg.norm(np.asarray(state[symbol.name], float))))}"
        for symbol in symbols
        if symbol.name not in replaced
    ]
    return ", ".join(parts) or "none"
