"""The run of the Check view: the same network trained with a planted bug and with the right gradient, side by side."""

from __future__ import annotations

import uuid
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from engine.network.mlp import MLP
from engine.network.planted import RIGHT, Descent, Planted
from engine.shown import short_number
from pages.shared.figures import theme
from pages.shared.figures.base import figure_json, live_figure
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.legend import Key
from pages.shared.figures.packing import plain
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Action, LiveRun, Part, State

UPDATES, EVERY = 3000, 30
DASHES = {"right gradient": "dash", "this gradient": "solid"}
GLYPHS = {"dash": "╍", "solid": "━", "dot": "┅"}


class CheckRun(LiveRun):
    """`asked` is what the run is made of: with other settings it is another run. `lanes` are descents by name."""

    layout = '"losses"'
    rows = "minmax(0, 1fr)"
    leaves: Sequence[str] = ("backpropagation.view",)
    speed = 10

    def __init__(
        self, asked: Hashable, planted: Planted, mlp: MLP, theta: np.ndarray, X: np.ndarray, y: np.ndarray, rate: float,
        dark: bool,
    ) -> None:  # fmt: skip
        self.asked, self.dark, self.number = asked, dark, 0
        self.run_id = uuid.uuid4().hex[:12]
        self.planted, self.rate, self._start = planted, rate, (mlp, theta, X, y)
        self.lanes = self.descents()
        self.cards = [LossesCard(self)]

    def descents(self) -> dict[str, Descent]:
        """The right gradient, this one if it is another, and a sum at the rate that makes it a mean."""
        found = {"right gradient": self.descent(RIGHT, self.rate)}
        if self.planted is not RIGHT:
            found["this gradient"] = self.descent(self.planted, self.rate)
        if self.planted.key == "sum_for_mean":
            samples = len(self._start[2])
            found[f"this gradient at η/{samples}"] = self.descent(self.planted, self.rate / samples)
        return found

    def descent(self, planted: Planted, rate: float) -> Descent:
        return Descent(planted, *self._start, rate, EVERY)

    def step(self) -> int:
        return self.lanes["right gradient"].updates

    def goal(self, action: Action, until: int) -> int | None:
        return min(until, UPDATES) if action == "retrain" else None

    def advance(self, action: Action, updates: int) -> None:
        if action == "reset":
            self.lanes, self.number = self.descents(), self.number + 1
            return
        count = min(updates, UPDATES - self.step())
        for lane in self.lanes.values():
            lane.step(count)

    def moment(self) -> Hashable:
        return (self.run_id, self.number, self.dark, self.step())

    def state(self) -> State:
        readout = [["Updates", f"{self.step():,}"]]
        readout += [[name.capitalize(), short_number(lane.loss())] for name, lane in self.lanes.items()]
        return dict(step=self.step(), readout=readout, message=None, finished=self.step() >= UPDATES)


class LossesCard(PlotCard):
    """The true loss of every lane against updates."""

    name, title = "losses", "The loss when trained with it"
    alt = "The true loss against updates, trained with this gradient and with the right one"

    def __init__(self, run: CheckRun) -> None:
        self.run = run

    def revision(self) -> str:
        return f"{self.run.number}-{self.run.dark}"

    def caption(self) -> str:
        return f"η = {self.run.rate:g} · all samples in every update"

    def colors(self) -> dict[str, str]:
        blue, orange, green = theme.LANE_COLORS[self.run.dark][:3]
        return {
            name: {"right gradient": orange, "this gradient": blue}.get(name, green)
            for name in self.run.lanes
        }

    def about(self) -> dict[str, Any]:
        return dict(
            legend=[
                Key(GLYPHS[DASHES.get(name, "dot")], color, name) for name, color in self.colors().items()
            ]
        )

    def lines(self) -> list[tuple[list[int], list[float | None]]]:
        """Updates and losses of every lane, up to now."""
        found = []
        for lane in self.run.lanes.values():
            is_between = lane.updates > lane.steps[-1]
            steps = [*lane.steps, lane.updates] if is_between else lane.steps
            losses = [*lane.losses, lane.loss()] if is_between else lane.losses
            found.append((list(steps), plain(np.array(losses))))
        return found

    def figure(self) -> Drawing:
        figure = live_figure(self.run.dark, showlegend=False, hovermode="x unified")
        for (name, color), (steps, losses) in zip(self.colors().items(), self.lines(), strict=True):
            figure.add_scatter(
                x=steps, y=losses, name=name, mode="lines", line=dict(color=color, width=2, dash=DASHES.get(name, "dot")),
                hovertemplate="%{y:.4g}",
            )  # fmt: skip
        figure.update_xaxes(title_text="updates", range=[0, UPDATES])
        figure.update_yaxes(title_text="loss", rangemode="tozero")
        return figure

    def frame(self) -> Part:
        return dict(figure=figure_json(self.figure()))
