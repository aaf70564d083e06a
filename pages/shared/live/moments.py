"""What the panel says of a run's earlier moments and of the session's earlier runs; and a run that has none."""

from __future__ import annotations

from typing import Any, TypedDict

from engine.studies.run_record import RunRecord


class Replay(TypedDict):
    """The timeline: how many moments there are, the newest among them, the place of the one that is shown, in words too."""

    count: int
    at: int
    text: str


class RunNews(TypedDict):
    """Runs of the session's list that are new or have changed, as JSON, and the keys of those that were forgotten."""

    set: dict[str, Any]
    drop: list[str]


class Unreplayed:
    """A run without a timeline: it stays where it is, and is not listed."""

    def replay(self) -> Replay | None:
        """The timeline, for a run that has one."""
        return None

    @property
    def is_replay(self) -> bool:
        """Whether what is shown was kept, and does not move."""
        return False

    def record(self) -> RunRecord | None:
        """What is kept of the run when it is over."""
        return None

    def go_to(self, at: int) -> None:
        """Show the moment at a place of the timeline."""

    def go_on(self) -> None:
        """Leave the timeline: the run is shown as it is."""

    def fork_here(self) -> None:
        """Let the run go on from the moment that is shown."""
