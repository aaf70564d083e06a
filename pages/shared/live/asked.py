"""What a class can be asked about a run: its lanes by number, with what came of each."""

from __future__ import annotations

from typing import Any

from engine.landscape.plane import Plane


class Unasked:
    """A run that nothing is asked about. One with lanes to ask about overrides this; lanes count from 0."""

    gives_away: tuple[str, ...] = ()  # cards from which one could tell how a lane will do

    def asked_lanes(self) -> list[str]:
        """The lanes by name."""
        return []

    def asked_loss(self, lane: int) -> float:
        """Its training loss now; infinite where it has diverged."""
        return float("nan")

    def why_diverged(self, lane: int) -> str:
        """In words; empty where it has not."""
        return ""

    def asked_accuracy(self, lane: int) -> tuple[str, float] | None:
        """How many labels it gets right now, as a share, and on which points; None where it learns no labels."""
        return None

    def path_plane(self, lane: int, fresh: bool = False) -> tuple[str, Plane] | None:
        """The card that shows its path over the loss, and the plane that it shows, with `fresh` fitted to the path as it is
        now; None where there is none.
        """
        return None

    def asked_path(self, lane: int) -> Any:
        """Its weights on the way from the start to now (T, P)."""
        raise NotImplementedError
