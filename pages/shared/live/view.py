"""What the cards of a run look at: the experiment, the data, light or dark, and the switches of the page."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from engine import LOSSES, Experiment
from engine.data.load import Dataset
from pages.shared.figures.boundary import field_bytes, field_palette
from pages.shared.figures.packing import Array, centres, packed

GRIDS = (40, 40, 28, 20)  # cells along each side of the live boundary, by how coarse the pictures are to be
LINE = 3  # times as many places along a curve
SMALL_GRID = 32  # at most, in motion, where there are more than two lanes: their cards are small


class View:
    """What the cards look at. `coarse` is 0 for everything in every frame, 1 for the usual pictures in motion, 2 and 3 for
    coarser and rarer ones.
    """

    def __init__(self, experiment: Experiment, data: Dataset, dark: bool = False) -> None:
        self.experiment = experiment
        self.data = data
        self.dark = dark
        self.show_test = True
        self.discretise = False
        self.generation = 0  # counts resets: every figure starts over
        self.changes = 0  # counts changes of the weights that are no training
        self.is_replay = False  # what is shown was kept: pictures are made with what was kept for them
        self.batches: dict[int, Array] = {}  # per lane the samples to ring: its batch, after a single step
        self.marks_batches = False  # also while it plays (slow motion)
        self.economise(0)

    def economise(self, coarse: int) -> None:
        """Choose how coarse live pictures are."""
        self.coarse, self.cells = coarse, GRIDS[coarse]
        if coarse and len(self.experiment.lanes) > 2:
            self.cells = min(self.cells, SMALL_GRID)
        self.grid = self.plane_points(self.cells * (LINE if self.data.inputs == 1 else 1))
        self.inputs = self.data.map_features(self.grid)
        self._outputs: dict[int, tuple[Hashable, list[Array]]] = {}

    def plane_points(self, cells: int) -> Array:
        """(cells², 2): the centres of the plane's cells, row by row from the bottom; (cells, 1) where there is one input."""
        if self.data.inputs == 1:
            return centres(*self.data.x_range, cells)[:, None]
        x, y = centres(*self.data.x_range, cells), centres(*self.data.y_range, cells)
        return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)

    def layer_outputs(self, lane: int = 0) -> list[Array]:
        """Every layer's output over the live grid, computed once per state of the weights."""
        now = (self.experiment.lanes[lane].updates, self.generation, self.changes)
        if lane not in self._outputs or self._outputs[lane][0] != now:
            self._outputs[lane] = (now, self.experiment.layer_outputs(lane, self.inputs))
        return self._outputs[lane][1]

    def forget(self) -> None:
        """The lanes were numbered differently, or have other weights."""
        self.changes += 1
        self._outputs.clear()
        self.batches = {}

    def moment(self) -> Hashable:
        """Changes with everything that a picture may depend on."""
        updates = tuple(lane.updates for lane in self.experiment.lanes)
        ringed = tuple((lane, tuple(batch.tolist())) for lane, batch in self.batches.items())
        marks = self.experiment.history.marks[-1:]
        switches = (self.dark, self.show_test, self.discretise, self.marks_batches)
        return (updates, self.generation, self.changes, ringed, tuple(marks), switches)

    def field(self, outputs: Array, lane: int) -> Array:
        """A lane's predictions (N, outputs) as palette entries, one byte each."""
        return field_bytes(outputs, self.data, self.discretise, self.gives_probabilities(lane))

    def gives_probabilities(self, lane: int) -> bool:
        return LOSSES[self.experiment.mlp(lane).loss_key].gives_probabilities

    def palette(self) -> str:
        return packed(field_palette(self.data, self.dark))
