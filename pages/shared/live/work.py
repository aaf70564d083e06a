"""Long work in slices: training up to some update, as many pulls long as it takes.

No pull, no work: the browser asks to go on after each slice, so whatever else it asks in between comes at once and ends the
work, and a page that was left works no longer. After the first slice it is known how long the rest takes; what takes
over a minute waits for a word of the person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pages.shared.live.protocol import LiveRun, WorkState
from pages.shared.live.request import MOST_SECONDS

ASKS_ABOVE = 60.0  # seconds that are left
Clock = Callable[[], float]


@dataclass
class Work:
    """Training from update `start` up to `goal`."""

    start: int
    goal: int
    seconds: float = 0.0  # spent so far
    chunk: int = 1  # updates between two looks at the clock
    has_asked: bool = False

    def go_on(self, run: LiveRun, clock: Clock) -> None:
        """One slice. It ends early where the run can do no more."""
        began = clock()
        while not self.is_done(run) and clock() - began < MOST_SECONDS:
            before, now = run.step(), clock()
            run.forward("epoch", min(self.chunk, self.goal - before))
            took = clock() - now
            if run.step() <= before:
                self.goal = before
            elif took < MOST_SECONDS / 4:
                self.chunk *= 2
            elif took > MOST_SECONDS / 2:
                self.chunk = max(1, self.chunk // 2)
        self.seconds += clock() - began

    def is_done(self, run: LiveRun) -> bool:
        return run.step() >= self.goal or run.state()["finished"]

    def state(self, run: LiveRun) -> WorkState:
        """How far it is, for the browser; `asks` once, where the rest takes long."""
        done = run.step() - self.start
        left = self.seconds * (self.goal - run.step()) / max(done, 1)
        asks = left > ASKS_ABOVE and not self.has_asked
        self.has_asked |= asks
        text = f"Update {run.step():,} of {self.goal:,}: {duration(left)} left."
        return dict(share=done / max(self.goal - self.start, 1), text=text, asks=asks)


def duration(seconds: float) -> str:
    """About how long, in words."""
    if seconds < 90:
        return f"about {max(round(seconds), 1)} s"
    if seconds < 5400:
        return f"about {round(seconds / 60)} minutes"
    return f"about {seconds / 3600:.0f} hours"
