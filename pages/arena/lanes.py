"""The lanes of a race as the page knows them: each has a number of its own, which no other lane ever gets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from engine import OPTIMIZERS, LaneConfig, NetworkConfig
from engine.limits import MAX_NAME
from pages.arena.run import ArenaRun
from pages.shared.page import MOST_LANES


@dataclass
class Race:
    """What the Arena keeps between two runs of its page.

    `lanes` are the settings, by number and in order: the widgets edit them, and the run follows. A lane's widgets are keyed
    by its number, so what the browser sends for one lane is never another's. `is_fresh` asks for another race even where the
    lanes could be swapped into this one. `origins` say where forks come from.
    """

    lanes: dict[int, LaneConfig] = field(default_factory=dict)
    made: int = 0
    edited: int = 0
    network: NetworkConfig = field(default_factory=NetworkConfig)
    is_fresh: bool = False
    generation: int = 0
    weight: tuple[int, int, int] | None = None
    origins: dict[int, str] = field(default_factory=dict)

    def line_up(self, lanes: Iterable[LaneConfig]) -> None:
        """Other lanes, all of them new."""
        self.lanes, self.origins = {}, {}
        for lane in lanes:
            self.edited = self.add(lane)
        self.edited = next(iter(self.lanes))
        self.is_fresh = True

    def add(self, lane: LaneConfig) -> int:
        self.made += 1
        self.lanes[self.made] = lane
        return self.made

    def place(self, number: int) -> int:
        return list(self.lanes).index(number)


def usual_name(lane: LaneConfig, origin: str) -> str:
    """The name of a lane that nobody has named: where a fork comes from, or nothing."""
    return f"{OPTIMIZERS[lane.optimizer].label} {origin}"[:MAX_NAME] if origin else ""


def do_wish(race: Race, run: ArenaRun | None, what: str, number: int, keep_state: bool = False) -> None:
    """Copy, remove or fork a lane, in the list, and in the run where that has the same lanes.

    It uses no session and draws nothing, so it is never stopped half done.
    """
    if number not in race.lanes:
        return
    place, lane = race.place(number), race.lanes[number]
    is_same = run is not None and len(run.config.lanes) == len(race.lanes)
    if what == "remove" and len(race.lanes) > 2:
        if run is not None and is_same:
            run.remove(place)
        del race.lanes[number]
        race.edited = list(race.lanes)[max(0, place - 1)]
    elif what != "remove" and len(race.lanes) < MOST_LANES:
        origin = ""
        if run is not None and is_same and what == "fork":
            origin = f"from {run.looks[place].glyph} at {run.experiment.updates:,}"
            lane = replace(lane, name=usual_name(lane, origin))
            run.fork(place, keep_state, lane.name)
        elif run is not None and is_same and run.pace == "updates":
            run.add(run.config.lanes[place])
        race.edited = race.add(lane)
        if origin:
            race.origins[race.edited] = origin
