"""Lanes that train at once in the live panel: one lane is a case of it."""

from __future__ import annotations

import uuid
from abc import abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from engine import Experiment, ExperimentConfig
from engine.config.seeds import run_seeds
from engine.data.load import Dataset
from engine.shown import short_number
from engine.studies.run_record import RunRecord, record
from engine.training.experiment import needs_new_run
from pages.shared.figures.looks import LaneLook, lane_look, lane_names
from pages.shared.figures.loss import Mark
from pages.shared.figures.packing import Array
from pages.shared.live.cards import middle
from pages.shared.live.moments import Replay
from pages.shared.live.protocol import Action, LiveRun, State
from pages.shared.live.recorder import PathRecorder
from pages.shared.live.timeline import Kept, Timeline
from pages.shared.live.too_fast import too_fast
from pages.shared.live.view import View


def spread(config: ExperimentConfig, seeds: int) -> ExperimentConfig:
    """The lanes of `config`, each once for every one of `seeds` seeds: a lane's seeds stand side by side."""
    if seeds == 1:
        return config
    firsts = [config.lane(k).seed or 0 for k in range(len(config.lanes))]
    each = zip(config.lanes, run_seeds(firsts, seeds), strict=True)
    return replace(config, lanes=tuple(replace(lane, seed=seed) for lane, own in each for seed in own))


class LanesRun(LiveRun):
    """Any number of lanes in lockstep. `colors` replaces the lanes' usual colours.

    `rows_of` tells which rows of the experiment belong to a lane: one for each seed. A page's run says in `make_cards`
    what it shows: it sets `cards`, `layout` and `rows`.
    """

    exact = False  # whether the training loss is measured after every update (see `Experiment`)

    def __init__(
        self, config: ExperimentConfig, data: Dataset, dark: bool, seeds: int = 1, colors: list[str] | None = None
    ) -> None:  # fmt: skip
        self.config, self.data, self.seeds, self.colors = config, data, seeds, colors
        self.run_id = uuid.uuid4().hex[:12]
        self.config_revision = 0
        self.branch = 0  # counts resets and forks of the whole run: each begins another record
        self.metric, self.against, self.target = "train_loss", "updates", 0.1
        self.rows_of = [list(range(k * seeds, (k + 1) * seeds)) for k in range(len(config.lanes))]
        self.experiment = Experiment(spread(config, seeds), data, exact=self.exact)
        self.view = View(self.experiment, data, dark)
        self.look_revision = 0
        self.looks: list[LaneLook] = []
        self.begin()

    def begin(self) -> None:
        """Everything that starts over with the experiment."""
        self.recorder = PathRecorder(self.experiment, [rows[0] for rows in self.rows_of])
        self.timeline, self.newest = Timeline(), self.experiment
        self.set_looks(self.view.dark)

    def set_looks(self, dark: bool) -> None:
        """Names, colours and cards, when a lane's name or the theme has changed."""
        names = lane_names(self.config)
        colors: Sequence[str | None] = self.colors or [None] * len(names)
        looks = [
            lane_look(k, name, dark, color) for k, (name, color) in enumerate(zip(names, colors, strict=True))
        ]
        self.view.dark = dark
        if looks != self.looks:
            self.looks = looks
            self.look_revision += 1
            self.make_cards()

    # --- what a class is asked ----------------------------------------------------------------------------------

    gives_away = ("loss", "scores", "verdict", "rungs")

    def asked_lanes(self) -> list[str]:
        return [f"{look.glyph} {look.name}" for look in self.looks]

    def asked_loss(self, lane: int) -> float:
        return middle(self.experiment.history.train_loss[-1, self.rows_of[lane]])

    def why_diverged(self, lane: int) -> str:
        status = self.experiment.status[self.rows_of[lane][0]]
        return (status.reason or "Training has stopped.") if status.state == "diverged" else ""

    def asked_accuracy(self, lane: int) -> tuple[str, float] | None:
        """The test data's where there are any."""
        if self.data.task == "regression":
            return None
        part = "test" if len(self.data.y_test) else "train"
        values = self.experiment.history.series(f"{part}_accuracy")[-1, self.rows_of[lane]]
        return ("test accuracy" if part == "test" else "training accuracy"), float(np.median(values))

    def asked_path(self, lane: int) -> Array:
        return self.recorder.path(self.rows_of[lane][0])

    def own_marks(self) -> list[Mark]:
        """Marks of the run's own on its curves."""
        return []

    @abstractmethod
    def make_cards(self) -> None:
        """Set the cards of the run, and where they stand."""

    # --- the timeline -----------------------------------------------------------------------------------------

    def position(self) -> tuple[int, ...]:
        """Where the run is; it grows with every frame."""
        return (self.experiment.updates,)

    def keep(self) -> Any:
        """What a page's run needs besides experiment, paths and cards to show this moment again."""
        return None

    def show_kept(self, own: Any) -> None:
        """Take over what `keep` gave at the moment that is shown now."""

    def kept(self) -> Kept:
        """The moment as it is."""
        cards = {card.name: found for card in self.cards if (found := card.keep()) is not None}
        moment, paths = self.experiment.moment(), self.recorder.paths()
        return Kept(self.position(), moment, paths, dict(self.view.batches), cards, self.keep())

    def forward(self, action: Action, updates: int) -> None:
        if action != "reset":
            self.timeline.see(self.kept)
        self.view.is_replay = False
        self.advance(action, updates)

    @property
    def is_replay(self) -> bool:
        return self.view.is_replay

    def go_to(self, at: int) -> None:
        """Show the moment at a place of the timeline; beyond its end the newest."""
        timeline = self.timeline
        if timeline.end is None:
            timeline.end, self.newest = self.kept(), self.experiment
        moments = timeline.moments()
        timeline.at = min(max(at, 0), len(moments) - 1)
        kept = moments[timeline.at]
        self._show(kept, self.newest if kept is timeline.end else self.newest.at(kept.moment))

    def _show(self, kept: Kept, experiment: Experiment) -> None:
        self.experiment = self.view.experiment = experiment
        self.recorder.show(experiment, kept.paths)
        self.view.forget()
        self.view.batches, self.view.is_replay = dict(kept.batches), True
        for card in self.cards:
            card.show_kept(kept.cards.get(card.name))
        self.show_kept(kept.own)

    def go_on(self) -> None:
        timeline = self.timeline
        if timeline.end is not None:
            self._show(timeline.end, self.newest)
            timeline.end = timeline.at = None
        self.view.is_replay = False

    def fork_here(self) -> None:
        """Go on from the moment that is shown, with every lane's optimizer state and the settings as they are now."""
        timeline = self.timeline
        if timeline.end is None or timeline.at is None or self.experiment is self.newest:
            return
        left = self.newest.updates
        timeline.cut(timeline.at)
        self.experiment.reconfigure(self.by_rows(self.config))
        for lane in range(len(self.experiment.lanes)):
            self.experiment.history.mark(
                self.experiment.updates, lane, f"went on from here (it had been at {left:,})"
            )
        self.newest, self.view.is_replay = self.experiment, False
        self.branch += 1
        self.view.changes += 1

    def record(self) -> RunRecord:
        experiment = self.experiment if self.timeline.end is None else self.newest
        return record(
            experiment, self.config, [rows[0] for rows in self.rows_of], f"{self.run_id}-{self.branch}"
        )

    def replay(self) -> Replay:
        timeline, now = self.timeline, self.experiment.updates
        if timeline.end is None:
            count = sum(kept.position < self.position() for kept in timeline.kept) + 1
            return dict(count=count, at=count - 1, text=f"update {now:,}")
        moments, last = timeline.moments(), timeline.end.moment.updates
        text = f"update {now:,} of {last:,}{timeline.thinned()}"
        return dict(count=len(moments), at=timeline.at or 0, text=text)

    def lane_of(self, row: int) -> int | None:
        """The lane that a row of the experiment belongs to."""
        return next((k for k, rows in enumerate(self.rows_of) if row in rows), None)

    def matches(self, config: ExperimentConfig, seeds: int = 1) -> bool:
        """Whether `config` differs only in what can be changed while training."""
        return seeds == self.seeds and not needs_new_run(self.config, config)

    def swap(self, config: ExperimentConfig) -> None:
        """Take over the new training settings without a reset."""
        if config == self.config:
            return
        self.go_on()
        self.experiment.reconfigure(self.by_rows(config))
        self.config = config
        self.config_revision += 1
        self.set_looks(self.view.dark)

    def by_rows(self, config: ExperimentConfig) -> ExperimentConfig:
        """The settings of every row of the experiment, where the lanes have those of `config`."""
        lanes = list(self.experiment.config.lanes)
        for lane, rows in zip(config.lanes, self.rows_of, strict=True):
            for row in rows:
                seed = self.experiment.lanes[row].config.seed
                lanes[row] = lane if self.seeds == 1 else replace(lane, seed=seed)
        return replace(config, lanes=tuple(lanes))

    def reset(self) -> None:
        """Back to the same initial weights, with the settings as they are now."""
        self.rows_of = [
            list(range(k * self.seeds, (k + 1) * self.seeds)) for k in range(len(self.config.lanes))
        ]
        self.experiment = self.view.experiment = Experiment(
            spread(self.config, self.seeds), self.data, exact=self.exact
        )
        self.view.generation += 1
        self.branch += 1
        self.view.batches = {}
        self.begin()
        self.make_cards()

    def advance(self, action: Action, updates: int) -> None:
        """One frame's work, or what a button asks for."""
        experiment = self.experiment
        self.view.batches = {}
        if action == "reset":
            self.reset()
            return
        if action == "epoch":
            running = [rows[0] for rows in self.rows_of if experiment.status[rows[0]].state == "running"]
            left = min((experiment.updates_left_in_epoch(row) for row in running), default=1)
            updates = min(updates, left)
        self.train(updates)
        if action == "step" and not experiment.finished:
            self.view.batches = {rows[0]: experiment.last_batch(rows[0]) for rows in self.rows_of}
        self.recorder.record()

    def step(self) -> int:
        return max(lane.updates for lane in self.experiment.lanes)

    def goal(self, action: Action, until: int) -> int | None:
        if action == "retrain":
            return until
        if action != "epoch":
            return None
        experiment = self.experiment
        running = [rows[0] for rows in self.rows_of if experiment.status[rows[0]].state == "running"]
        return self.step() + min((experiment.updates_left_in_epoch(row) for row in running), default=0)

    def train(self, updates: int) -> None:
        """`updates` updates of every lane, with the newest in the history."""
        if updates > 1:
            self.experiment.step(updates - 1, record=False)
        self.experiment.step(1)

    def moment(self) -> Hashable:
        shown = (self.metric, self.against, self.target)
        return (self.run_id, self.view.moment(), self.config_revision, self.look_revision, shown)

    def economise(self, level: int) -> None:
        if level != self.view.coarse:
            self.view.economise(level)

    def reason(self, row: int) -> str:
        """Why a row of the experiment does not get on; empty if it does."""
        return self.experiment.status[row].reason or too_fast(self.experiment, row)

    def state(self) -> State:
        experiment, history = self.experiment, self.experiment.history
        readout = [["Updates", f"{max(lane.updates for lane in experiment.lanes):,}"]]
        running = sum(status.state == "running" for status in experiment.status)
        readout.append(["Running", f"{running} of {len(experiment.lanes)}"])
        values = np.array([middle(history.train_loss[-1, rows]) for rows in self.rows_of])
        if np.isfinite(values).any():
            best = self.looks[int(np.argmin(values))]
            label = "Lowest train loss" + (f", median of {self.seeds}" if self.seeds > 1 else "")
            readout.append([label, f"{short_number(values.min())} · {best.glyph} {best.name}"])
        messages = []
        for look, rows in zip(self.looks, self.rows_of, strict=True):
            reasons = [reason for row in rows if (reason := self.reason(row))]
            if reasons:
                messages.append(f"{look.glyph} {look.name}: {reasons[0]}")
        more = f" And {len(messages) - 2} more." if len(messages) > 2 else ""
        return dict(
            step=self.step(), readout=readout,
            message=(" ".join(messages[:2]) + more) or None, finished=experiment.finished,
        )  # fmt: skip


def boundary_layout(lanes: int, **below: int) -> tuple[str, str]:
    """CSS grid areas and row heights: up to eight boundaries in one row (so that the plane keeps its proportions), more in
    rows of six, then the other cards side by side, as wide as their shares say.
    """
    most = 8 if lanes <= 8 else 6
    lines = -(-lanes // most)
    across = -(-lanes // lines)
    shares = sum(below.values()) or 1
    rows = []
    for line in range(lines):
        names = [f"lane{k}" if k < lanes else "." for k in range(line * across, (line + 1) * across)]
        rows.append(" ".join(name for name in names for _ in range(shares)))
    height = "minmax(0, 1fr)" if lines == 1 else "minmax(0, .72fr)"
    heights = [height] * lines
    if below:
        rows.append(" ".join(name for name, share in below.items() for _ in range(share * across)))
        heights.append("minmax(0, 1.25fr)")
    return " ".join(f'"{row}"' for row in rows), " ".join(heights)
