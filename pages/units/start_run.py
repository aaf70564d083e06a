"""The run of the Start view: eight ways to begin, and whether their neurons can be told apart."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from engine import MLP, Experiment, ExperimentConfig
from engine.data.load import Dataset
from engine.data.shares import with_share
from engine.network.signal import layers
from engine.shown import short_number
from engine.training.moment import Moment
from pages.shared.cards.boundary import BoundaryCard
from pages.shared.cards.curves import CurvesCard
from pages.shared.figures.curves import Curve
from pages.shared.figures.looks import LaneLook, lane_look
from pages.shared.live.cards import TableCard, cell, column, loss_cell, middle, share_cell
from pages.shared.live.protocol import Cell, Column, State
from pages.shared.live.run import LanesRun, boundary_layout
from pages.shared.live.view import View
from pages.units.common import LEAVES

UNEQUAL = 1  # the place of the lane whose classes are unequal


class StartRun(LanesRun):
    """Seven lanes on the same data, and a lane of zeros on data of which class 1 has the share `share`.

    That one has an experiment of its own, as its data are others; it takes every step with the rest.
    """

    leaves: Sequence[str] = LEAVES
    speed = 5

    def __init__(self, config: ExperimentConfig, data: Dataset, dark: bool, share: float) -> None:
        self.share = share
        super().__init__(config, data, dark)

    def begin(self) -> None:
        self.unequal = Experiment(self.alone(self.config), with_share(self.data, self.share))
        self.longest = self.unequal  # with the whole history, while an earlier moment is shown
        self.unequal_view = View(self.unequal, self.unequal.data, self.view.dark)
        self.unequal_view.generation = self.view.generation
        self.firsts = [layer_gradients(*lane) for lane in self.all_lanes()]
        super().begin()

    def all_lanes(self) -> list[tuple[MLP, np.ndarray, Dataset]]:
        """Network, parameters and data of every lane that is shown, in order."""
        found = [self._lane(self.experiment, k) for k in range(len(self.experiment.lanes))]
        found.insert(UNEQUAL, self._lane(self.unequal, 0))
        return found

    def _lane(self, experiment: Experiment, row: int) -> tuple[MLP, np.ndarray, Dataset]:
        return experiment.mlp(row), experiment.theta(row), experiment.data

    @property
    def shown(self) -> list[LaneLook]:
        """The looks of all lanes that are shown; `looks` are those of the experiment's."""
        count = len(self.looks)
        extra = lane_look(count, f"zeros, {100 * self.share:.0f} % in class 1", self.view.dark)
        return [*self.looks[:UNEQUAL], extra, *self.looks[UNEQUAL:]]

    def make_cards(self) -> None:
        self.unequal_view.dark = self.view.dark
        places: list[tuple[View, int]] = [(self.view, k) for k in range(len(self.looks))]
        places.insert(UNEQUAL, (self.unequal_view, 0))
        boundaries = [BoundaryCard(*place, look) for place, look in zip(places, self.shown, strict=True)]
        for k, card in enumerate(boundaries):
            card.area = f"lane{k}"
        self.cards = [*boundaries, StartCurves(self), NeuronsCard(self)]
        self.layout, self.rows = boundary_layout(len(boundaries), loss=2, neurons=3)

    def alone(self, config: ExperimentConfig) -> ExperimentConfig:
        """The lane of zeros without the others."""
        return replace(config, lanes=(config.lanes[0],))

    def swap(self, config: ExperimentConfig) -> None:
        is_new = config != self.config
        super().swap(config)
        if is_new:
            self.unequal.reconfigure(self.alone(config))

    def train(self, updates: int) -> None:
        self.unequal.step(updates)
        self.longest = self.unequal
        super().train(updates)

    def keep(self) -> Moment:
        return self.unequal.moment()

    def show_kept(self, own: Any) -> None:
        self.unequal = self.unequal_view.experiment = self.longest.at(own)
        self.unequal_view.forget()

    def fork_here(self) -> None:
        is_past = self.experiment is not self.newest
        super().fork_here()
        if is_past:
            self.unequal.reconfigure(self.alone(self.config))
            self.longest = self.unequal

    def economise(self, level: int) -> None:
        super().economise(level)
        if level != self.unequal_view.coarse:
            self.unequal_view.economise(level)

    def moment(self) -> Hashable:
        return super().moment(), self.unequal_view.moment()

    def losses(self) -> list[float]:
        """The training loss of every lane that is shown."""
        found = [float(loss) for loss in self.experiment.history.train_loss[-1]]
        found.insert(UNEQUAL, float(self.unequal.history.train_loss[-1, 0]))
        return found

    def statuses(self) -> list[str]:
        """Why a lane has stopped, or an empty text."""
        found = [status.reason for status in self.experiment.status]
        found.insert(UNEQUAL, self.unequal.status[0].reason)
        return found

    def state(self) -> State:
        told = [differing(*lane[:2])[0] for lane in self.all_lanes()]
        losses = [middle([loss]) for loss in self.losses()]
        best = self.shown[int(np.argmin(losses))]
        alike = sum(count <= 1 for count in told)
        readout = [["Updates", f"{self.step():,}"], ["All neurons alike", f"{alike} of {len(told)} lanes"],
                   ["Lowest train loss", f"{short_number(min(losses))} · {best.glyph} {best.name}"]]  # fmt: skip
        said = [f"{look.glyph} {look.name}: {why}" for look, why in zip(self.shown, self.statuses(), strict=True) if why]  # fmt: skip
        return dict(
            step=self.step(), readout=readout, message=" ".join(said[:2]) or None,
            finished=self.experiment.finished and self.unequal.finished,
        )  # fmt: skip


class StartCurves(CurvesCard):
    """The curves of all lanes, with that of the lane that has data of its own."""

    run: StartRun

    def looks(self) -> list[LaneLook]:
        return self.run.shown

    def curves(self, rows: Any = slice(None)) -> list[Curve]:
        found = super().curves(rows)
        steps = self.run.experiment.history.steps[rows]
        own = self.run.unequal.history
        at = np.minimum(np.searchsorted(own.steps, steps), len(own.steps) - 1)
        found.insert(UNEQUAL, Curve(own.series(self.run.against)[at, 0], own.series(self.run.metric)[at, 0]))
        return found


class NeuronsCard(TableCard):
    """Who can tell its neurons apart: how many differ, by how much, and what gradient they began with."""

    name, file = "neurons", "neurons"
    title, alt = (
        "Neurons that differ",
        "For each lane how many neurons of the first hidden layer differ, and by how much",
    )

    def __init__(self, run: StartRun) -> None:
        self.run = run

    def revision(self) -> str:
        return f"{self.run.view.dark}-{self.run.look_revision}"

    def caption(self) -> str:
        return "of the first hidden layer, now"

    def looks(self) -> Sequence[LaneLook]:
        return self.run.shown

    def columns(self) -> list[Column]:
        return [
            column("Lane"), column("Differ", "neurons of the first hidden layer with weights of their own"),
            column("Rank", "rank of that layer's outputs: how many directions the next layer can use"),
            column("Largest difference", "between two outputs of that layer, over all training samples"),
            column("Gradient at the start", "length of the gradient of each layer's weights, before the first update"),
            column("Output bias", "of the last layer"), column("Train loss", "now"), column("Train acc.", "now"),
        ]  # fmt: skip

    def table(self) -> list[list[Cell]]:
        run = self.run
        accuracies = [float(value) for value in run.experiment.history.train_accuracy[-1]]
        accuracies.insert(UNEQUAL, float(run.unequal.history.train_accuracy[-1, 0]))
        rows = []
        for look, lane, first, loss, accuracy in zip(
            run.shown, run.all_lanes(), run.firsts, run.losses(), accuracies, strict=True
        ):
            mlp, theta, data = lane
            count, spread, rank = telling(mlp, theta, data)
            width = mlp.layer_sizes[1]
            rows.append([
                cell(look.name, None), cell(f"{count} of {width}", count), cell(f"{rank}", rank), cell(short_number(spread, 2), spread),
                cell(" · ".join(short_number(length, 2) for length in first), first[0]),
                cell(short_number(float(theta[-1]), 3), float(theta[-1])), loss_cell(loss), share_cell(accuracy),
            ])  # fmt: skip
        return rows


def layer_gradients(mlp: MLP, theta: np.ndarray, data: Dataset) -> list[float]:
    """The length of ∂loss/∂W, layer by layer."""
    return [layer.gradient for layer in layers(mlp, theta, data.X_train, data.y_train)]


def differing(mlp: MLP, theta: np.ndarray) -> tuple[int, np.ndarray]:
    """How many neurons of the first layer have weights and bias of their own (in number alike: to the bit)."""
    (W, b), *_ = mlp.unflatten(np.asarray(theta, np.float64)[None])
    columns = np.concatenate([W[0], b[0]]) + 0.0
    return len(np.unique(columns, axis=1).T), columns


def telling(mlp: MLP, theta: np.ndarray, data: Dataset) -> tuple[int, float, int]:
    """Neurons of the first layer that differ, the largest difference of two outputs, and the rank of all outputs."""
    count, _ = differing(mlp, theta)
    outputs = mlp.layer_outputs(np.asarray(theta, np.float64)[None], data.X_train)[0][0]
    if not np.isfinite(outputs).all():
        return count, float("nan"), 0
    return count, float(np.ptp(outputs, axis=1).max()), int(np.linalg.matrix_rank(outputs))
