"""The Arena's run: lanes that come and go and fork, in the pace that is fair, in one of the page's views."""

from __future__ import annotations

from collections.abc import Hashable
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np

from engine import FEATURES, ExperimentConfig, LaneConfig
from engine.config.seeds import run_seeds
from engine.landscape.plane import Plane
from engine.training.paces import advance_evaluations, advance_milliseconds
from engine.training.price import price_lanes
from engine.training.roster import add_lane, remove_lane
from pages.arena.deciding import DecidingRun
from pages.arena.microscope import MicroscopeCard, PickableNetwork
from pages.arena.paths import PathsCard
from pages.arena.scores import ScoresCard
from pages.arena.slow_motion import PHASES, PhasesCard, SlowMotion
from pages.arena.verdicts import VerdictCard
from pages.shared.cards.boundary import boundary_cards
from pages.shared.cards.curves import CurvesCard
from pages.shared.live.cards import Card
from pages.shared.live.protocol import Action, Hint, State
from pages.shared.live.run import boundary_layout
from pages.shared.live.timeline import Timeline

VIEWS = {
    "race": "Race",
    "scores": "Scores",
    "seeds": "Seeds",
    "weight": "One weight",
    "slow": "Slow motion",
}
MOST_MILLISECONDS = 20.0  # of training, per lane and frame


class ArenaRun(DecidingRun):
    """`DecidingRun` with a `pace` (what every frame gives each lane alike: "updates", "evaluations" or "milliseconds") and a
    `panel` (one of VIEWS).
    """

    exact = True
    speed = 5
    hints = (
        Hint(name="race", step=0, text="Press Play: all lanes train on the same problem. Point at a lane to highlight it."),
        Hint(name="fork", step=200, text="Try this: press Fork here on the left, then change the new lane's optimizer to Adam."),
    )  # fmt: skip
    panel = "race"
    fairness = "own"

    def begin(self) -> None:
        self.slow = SlowMotion(self)
        self.aim(self.target)
        price_lanes(self.experiment)
        super().begin()

    def aim(self, target: float) -> None:
        """The training loss up to which the scores count."""
        self.target = target
        self.experiment.watch(target)

    def swap(self, config: ExperimentConfig) -> None:
        super().swap(config)
        price_lanes(self.experiment)

    def make_cards(self) -> None:
        self.loss, self.paths, self.scores = CurvesCard(self), PathsCard(self, self.slow), ScoresCard(self)
        self.verdict, self.phases = VerdictCard(self), PhasesCard(self, self.slow)
        self.microscope = MicroscopeCard(self)
        labels = [FEATURES[key].label for key in self.data.features]
        self.network = PickableNetwork(self.view, labels, self.microscope)
        self.show(self.panel)

    def show(self, panel: str) -> None:
        """Put the cards of a view on the panel, at the moment that is shown."""
        at = self.timeline.at
        self.go_on()
        self._put(panel)
        if at is not None:
            self.go_to(at)

    def _put(self, panel: str) -> None:
        self.panel = panel
        self.view.marks_batches = panel == "slow"
        self.interval = 1200 if panel == "slow" else None
        self.reserve = 0
        if panel == "weight":
            self.cards = [self.network, self.microscope]
            self.layout, self.rows, self.reserve = '"network network weight weight weight"', "1fr", 190
            return
        both: dict[str, tuple[Card, Card]] = {
            "race": (self.loss, self.paths), "scores": (self.loss, self.scores), "seeds": (self.loss, self.verdict),
            "slow": (self.phases, self.paths),
        }  # fmt: skip
        left, right = both[panel]
        shares = {"race": (1, 1), "scores": (1, 3), "seeds": (1, 2), "slow": (4, 3)}[panel]
        self.cards = [*boundary_cards(self.view, self.rows_of, self.looks, draws=True), left, right]
        self.layout, self.rows = boundary_layout(
            len(self.looks), **dict(zip((left.name, right.name), shares, strict=True))
        )

    # --- training -------------------------------------------------------------------------------------------

    def advance(self, action: Action, updates: int) -> None:
        if self.panel == "slow" and action in ("play", "step"):
            self.slow.advance()
            self.decide()
            return
        self.slow.stop()
        super().advance(action, updates)
        self.decide()
        if self.panel == "weight":
            self.microscope.observe()

    def train(self, updates: int) -> None:
        if self.pace == "evaluations":
            batches = np.median([-(-lane.samples // lane.batch_size) for lane in self.experiment.lanes])
            for _ in range(max(1, round(updates / batches))):
                advance_evaluations(self.experiment)
        elif self.pace == "milliseconds":
            advance_milliseconds(self.experiment, min(0.2 * updates, MOST_MILLISECONDS))
        else:
            before = int(self.look.at) - self.experiment.updates
            if 0 < before < updates:  # the verdict is that of its update exactly
                super().train(before)
                self.decide()
                updates -= before
            super().train(updates)

    def moment(self) -> Hashable:
        return (
            super().moment(),
            self.panel,
            self.corrects,
            self.look.at,
            self.slow.moment(),
            self.microscope.key,
        )

    def state(self) -> State:
        state, lanes = super().state(), self.experiment.lanes
        if self.pace == "evaluations":
            state["readout"][0] = ["Gradients each", f"{max(lane.sample_gradients for lane in lanes):,}"]
        elif self.pace == "milliseconds":
            state["readout"][0] = ["Time each", f"{np.median([lane.milliseconds for lane in lanes]):,.0f} ms"]
        return state

    def position(self) -> tuple[int, ...]:
        made = self.slow.phase == len(PHASES) - 1  # with the last phase the update is made
        return self.experiment.updates - made, self.slow.phase

    def keep(self) -> Any:
        return copy(self.look), self.decided, self.slow.keep()

    def show_kept(self, own: Any) -> None:
        self.look, self.decided = copy(own[0]), own[1]
        self.slow.show(own[2])

    def path_plane(self, lane: int, fresh: bool = False) -> tuple[str, Plane] | None:
        if self.paths not in self.cards or lane not in self.paths.lanes():
            return None
        if fresh or self.paths.on.plane is None:
            self.paths.fit()
        return None if self.paths.on.plane is None else (self.paths.name, self.paths.on.plane)

    def click(self, chart: str, x: float | str, y: float | str) -> bool:
        if chart == "network":
            self.go_on()
            self.microscope.pick_link(x)
        return False

    # --- lanes that come and go -----------------------------------------------------------------------------

    def fork(self, lane: int, keep_state: bool, name: str) -> LaneConfig:
        """A new lane that goes on from where `lane` is, over all its seeds; its settings."""
        self.fork_here()
        self.go_on()
        experiment = self.experiment
        rows = [experiment.fork(row, experiment.config.lanes[row], keep_state) for row in self.rows_of[lane]]
        config = replace(self.config.lanes[lane], name=name)
        self.rows_of.append(rows)
        self.recorder.fork(rows[0], self.rows_of[lane][0])
        self._settle(replace(self.config, lanes=(*self.config.lanes, config)))
        return config

    def add(self, lane: LaneConfig) -> None:
        """A new lane from its own start, caught up with the others."""
        self.go_on()
        config = replace(self.config, lanes=(*self.config.lanes, lane))
        seeds = [None] if self.seeds == 1 else self._seeds_of(config)
        rows = [
            add_lane(self.experiment, lane if seed is None else replace(lane, seed=seed)) for seed in seeds
        ]
        self.rows_of.append(rows)
        self.recorder.add(rows[0])
        self._settle(config)

    def _seeds_of(self, config: ExperimentConfig) -> list[int]:
        """The seeds of the last lane's runs: those of a lane with the same first seed, or seeds that no lane has."""
        used = [[self.experiment.lanes[row].config.seed or 0 for row in rows] for rows in self.rows_of]
        first = config.lane(len(config.lanes) - 1).seed or 0
        twins = [own for k, own in enumerate(used) if (config.lane(k).seed or 0) == first]
        return (
            twins[0] if twins else list(run_seeds([first], self.seeds, {s for own in used for s in own})[0])
        )

    def remove(self, lane: int) -> None:
        """Take a lane out; the others go on to the bit."""
        self.go_on()
        gone = sorted(self.rows_of.pop(lane), reverse=True)
        for row in gone:
            remove_lane(self.experiment, row)
        self.rows_of = [[row - sum(g < row for g in gone) for row in rows] for rows in self.rows_of]
        self.recorder.keep([rows[0] for rows in self.rows_of], gone)
        lanes = self.config.lanes
        self._settle(replace(self.config, lanes=lanes[:lane] + lanes[lane + 1 :]))

    def _settle(self, config: ExperimentConfig) -> None:
        """Cards and names for another list of lanes."""
        self.config = config
        self.timeline = Timeline()
        price_lanes(self.experiment)
        self.config_revision += 1
        self.view.forget()
        self.slow.stop()
        self.looks = []
        self.set_looks(self.view.dark)
