"""Where lanes have been: a bounded record of each lane's weights, evenly thinned, with the loss at each place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from engine import Experiment

T = TypeVar("T")

MOST_POINTS = 160  # per lane; when full, every second point goes and the stride doubles
Point = tuple[int, float, np.ndarray]  # update, loss, weights


@dataclass(frozen=True, eq=False)
class Paths:
    """What a recorder holds at some moment."""

    stride: int
    calls: int
    kept: dict[int, tuple[Point, ...]]
    now: dict[int, Point]

    @property
    def newest_bytes(self) -> int:
        """What the latest point of every lane takes."""
        return sum(theta.nbytes + 250 for _, _, theta in self.now.values())

    @property
    def nbytes(self) -> int:
        """About what it takes beside the recorder's own points: the lists, and the latest points."""
        return self.newest_bytes + sum(8 * len(points) for points in self.kept.values())


class PathRecorder:
    """Remembers the weights of some of an experiment's lanes each time `record` is called.

    Per lane: `path` (T, P), `steps` (T,) and `losses` (T,), the loss on all training data; the last is now.
    """

    def __init__(self, experiment: Experiment, lanes: list[int]) -> None:
        self.experiment, self.lanes = experiment, list(lanes)
        self.stride, self.calls = 1, 0
        self.kept: dict[int, list[Point]] = {lane: [] for lane in self.lanes}
        self.now: dict[int, Point] = {}
        self.record()

    def record(self) -> None:
        """Take in where the lanes are now."""
        keep = self.calls % self.stride == 0
        self.calls += 1
        for lane in self.lanes:
            step = self.experiment.lanes[lane].updates
            if (
                lane in self.now
                and self.now[lane][0] == step
                and self.experiment.status[lane].state != "running"
            ):
                continue  # a lane that has stopped stays where it is
            self.now[lane] = self._here(lane)
            if keep:
                self.kept[lane].append(self.now[lane])
        if max(map(len, self.kept.values()), default=0) > MOST_POINTS:
            self.stride *= 2
            self.kept = {lane: points[::2] for lane, points in self.kept.items()}

    def paths(self) -> Paths:
        """The paths as they stand."""
        kept = {lane: tuple(points) for lane, points in self.kept.items()}
        return Paths(self.stride, self.calls, kept, dict(self.now))

    def show(self, experiment: Experiment, paths: Paths) -> None:
        """Hold the paths of some moment, to go on with the experiment as it was then."""
        self.experiment, self.stride, self.calls = experiment, paths.stride, paths.calls
        self.kept = {lane: list(points) for lane, points in paths.kept.items()}
        self.now = dict(paths.now)

    def copied_to(self, experiment: Experiment) -> PathRecorder:
        """These paths as they stand, to go on with a copy of the experiment."""
        copy = PathRecorder(experiment, [])
        copy.lanes, copy.stride, copy.calls, copy.now = (
            list(self.lanes),
            self.stride,
            self.calls,
            dict(self.now),
        )
        copy.kept = {lane: list(points) for lane, points in self.kept.items()}
        return copy

    def add(self, lane: int, start: np.ndarray | None = None) -> None:
        """Record one more lane from now on; `start` is where it began, if that is known."""
        self.lanes.append(lane)
        first = [] if start is None else [(0, float(self.experiment.history.train_loss[0, lane]), start)]
        self.now[lane] = self._here(lane)
        self.kept[lane] = [*first, self.now[lane]]

    def fork(self, lane: int, parent: int) -> None:
        """Record one more lane, whose past is its parent's."""
        self.add(lane)
        self.kept[lane] = [*self.kept[parent], self.now[lane]]

    def keep(self, lanes: list[int], gone: list[int]) -> None:
        """Forget the rows `gone` (sorted, the last first); `lanes` are those that stay, as they are numbered now."""

        def renumbered(record: dict[int, T]) -> dict[int, T]:
            left = {lane: value for lane, value in record.items() if lane not in gone}
            return {lane - sum(g < lane for g in gone): value for lane, value in left.items()}

        self.kept, self.now, self.lanes = renumbered(self.kept), renumbered(self.now), list(lanes)

    def _here(self, lane: int) -> Point:
        experiment = self.experiment
        return (
            experiment.lanes[lane].updates,
            float(experiment.history.train_loss[-1, lane]),
            experiment.theta(lane),
        )

    def drop(self, lane: int) -> None:
        """Forget a lane that was taken out; later ones move up by one."""
        self.keep([k - (k > lane) for k in self.lanes if k != lane], [lane])

    def points(self, lane: int) -> list[Point]:
        """(step, loss, weights) of what is kept, and of now."""
        kept = self.kept[lane]
        return kept if kept and kept[-1] is self.now[lane] else [*kept, self.now[lane]]

    def path(self, lane: int) -> np.ndarray:
        return np.array([theta for _, _, theta in self.points(lane)])

    def losses(self, lane: int) -> np.ndarray:
        return np.array([loss for _, loss, _ in self.points(lane)])

    def steps(self, lane: int) -> np.ndarray:
        return np.array([step for step, _, _ in self.points(lane)])
