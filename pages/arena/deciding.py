"""A race of lanes over several seeds that is decided at one place, fixed before it begins."""

from __future__ import annotations

from engine.studies.verdict import Look
from pages.shared.figures.loss import Mark
from pages.shared.live.run import LanesRun

PLACES = {"updates": "updates", "evaluations": "sample_gradients", "milliseconds": "milliseconds"}
VERDICT = "here the lanes are compared"


class DecidingRun(LanesRun):
    """`LanesRun` with a `pace` (see ArenaRun), and the `look` at which its verdict falls. `corrects` says whether
    p-values are for all pairs together.
    """

    pace = "updates"
    verdict_at = 200
    corrects = True

    def begin(self) -> None:
        self.look = Look(self.verdict_at)
        self.decided: list[tuple[str, list[int]]] = []
        super().begin()

    def decide_at(self, place: int) -> None:
        """Where the verdict falls, of this race if it has not begun, and of those to come."""
        self.verdict_at = place
        if not self.experiment.updates:
            self.look = Look(place)

    def place(self) -> float:
        """How far the race has come: in updates, passes through the data, or milliseconds, by what is held equal."""
        name = PLACES[self.pace]
        return float(self.experiment.history.series(name)[-1].max()) / self._per_place()

    def _per_place(self) -> int:
        return len(self.experiment.X_train) if self.pace == "evaluations" else 1

    def own_marks(self) -> list[Mark]:
        """Where the verdict falls, on the curves."""
        if self.seeds < 2:
            return []
        if self.against == PLACES[self.pace]:
            return [Mark(float(self.look.at * self._per_place()), VERDICT, "verdict")]
        return [Mark(self.look.costs[self.against], VERDICT, "verdict")] if self.look.costs else []

    def decide(self) -> None:
        """Take the verdict's values, if the race has come to its place: of the lanes that are in it then."""
        if self.look.at_experiment(self.experiment, self.place()):
            self.decided = self.entered()

    def entered(self) -> list[tuple[str, list[int]]]:
        """Each lane's name and rows."""
        return [
            (f"{look.glyph} {look.name}", list(rows))
            for look, rows in zip(self.looks, self.rows_of, strict=True)
        ]
