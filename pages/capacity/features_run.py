"""The run of the Features view: its cards and where they stand."""

from __future__ import annotations

from collections.abc import Sequence

from engine.shown import short_number
from pages.capacity.features_cards import MapsCard, PictureCard, WishesCard
from pages.capacity.features_model import FeaturesModel
from pages.shared.cards.curves import CurvesCard
from pages.shared.live.cards import Card, share
from pages.shared.live.protocol import State


class FeaturesRun(FeaturesModel):
    """A picture for each layer, or one of them large; the three wishes, the loss, and the table of features."""

    speed = 5
    reserve = 24
    leaves: Sequence[str] = ("capacity.view",)

    def make_cards(self) -> None:
        shown = self.shown()
        self.pictures = [PictureCard(self, k) for k in shown]
        self.cards: Sequence[Card] = [*self.pictures, WishesCard(self), CurvesCard(self), MapsCard(self)]
        if len(shown) == 1:
            name = self.pictures[0].name
            self.layout = f'"{name} {name} {name} wishes wishes" "{name} {name} {name} loss loss" "{name} {name} {name} maps maps"'
            self.rows = "1fr 1fr 1fr"
            return
        rows = [shown] if len(shown) <= 4 else [shown[: -(-len(shown) // 2)], shown[-(-len(shown) // 2) :]]
        lines = []
        for numbers in rows:
            each = 12 // max(len(row) for row in rows)
            cells = [f"picture{k}" for k in numbers for _ in range(each)]
            lines.append(cells + ["."] * (12 - len(cells)))
        lines.append([name for name in ("wishes", "loss", "maps") for _ in range(4)])
        self.layout = " ".join(f'"{" ".join(line)}"' for line in lines)
        self.rows = " ".join(["minmax(0, 1fr)"] * len(rows) + ["minmax(0, 1.15fr)"])

    def state(self) -> State:
        experiment = self.experiment
        readout = [["Updates", f"{self.step():,}"]]
        what = "loss" if self.data.task == "regression" else "accuracy"
        part = "test" if len(self.data.y_test) else "train"
        values = experiment.history.series(f"{part}_{what}")[-1]
        for look, value in zip(self.looks, values, strict=True):
            said = short_number(value) if what == "loss" else share(value)
            readout.append([f"{part.capitalize()} {'loss' if what == 'loss' else 'acc.'}, {look.name}", said])
        reasons = [f"{look.name}: {text}" for k, look in enumerate(self.looks) if (text := self.reason(k))]
        return dict(step=self.step(), readout=readout, message=" ".join(reasons) or None, finished=experiment.finished)  # fmt: skip
