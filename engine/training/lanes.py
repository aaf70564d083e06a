"""Lanes, gathered in blocks: trained, measured and read together. An experiment is such lanes with a history."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from engine.network.mlp import MLP
from engine.training.blocks import Block, make_block, optimizer_row
from engine.training.history import COSTS, SERIES
from engine.training.lane import Lane, LaneStatus, State
from engine.training.meter import MEASURED, Meter
from engine.training.reach import Reach

ROWS = [SERIES.index(name) for name in MEASURED]
NORM = SERIES.index("gradient_norm")
LARGEST_BATCH = 4_000_000  # numbers that one prediction may hold at once


@dataclass(frozen=True)
class Costs:
    """What a lane has spent so far. `sample_gradients` counts the gradients of single samples: what makes
    batches of different sizes, and methods that evaluate several times per update, comparable.
    """

    updates: int
    epochs: float
    gradient_evaluations: int
    function_evaluations: int
    sample_gradients: int
    milliseconds: float


class Lanes:
    """Lanes in the order of their numbers, and the blocks that hold those of them that still run."""

    lanes: list[Lane]
    blocks: list[Block]
    meter: Meter
    reach: Reach | None

    # --- blocks ---------------------------------------------------------------------------------------------

    def _assemble(self) -> None:
        """Gather the lanes that still run into blocks."""
        groups: dict[tuple[Any, ...], list[Lane]] = {}
        for lane in self.lanes:
            if lane.status.state is State.RUNNING and lane.block is None:
                groups.setdefault(lane.block_key(), []).append(lane)
        for lanes in groups.values():
            self.blocks.append(make_block(lanes, *self.samples_of(lanes)))

    def samples_of(self, lanes: list[Lane]) -> tuple[np.ndarray, np.ndarray]:
        """The inputs (N, D) and the target that lanes of one block train on, or a set for each (R, N, D)."""
        dtype = lanes[0].theta.dtype
        return self.meter.inputs("train", dtype), self.meter.target("train", dtype, lanes[0].mlp)

    def _dissolve(self) -> None:
        for block in self.blocks:
            block.dissolve()
        self.blocks = []

    @contextmanager
    def apart(self) -> Iterator[list[Lane]]:
        """The lanes taken out of their blocks, with everything written back to them; then those that run are
        gathered again.
        """
        self._dissolve()
        try:
            yield self.lanes
        finally:
            self._assemble()

    def copies(self) -> tuple[Lane, ...]:
        """The lanes as they are now, in no block; these train on undisturbed."""
        return tuple(_apart(lane) for lane in self.lanes)

    def block_of(self, lane: int) -> Block | None:
        """The block that a lane is in; None if it does not run."""
        home = self.lanes[lane].block
        return next((block for block in self.blocks if block is home), None)

    def advance(self, block: Block, updates: int) -> Block | None:
        """Take a block, or what is left of it when lanes leave, `updates` further; the block that is left."""
        while (done := self._train(block, updates)) < updates or block.leaving:
            updates -= done
            self.blocks.remove(block)
            block.dissolve()
            known = len(self.blocks)
            self._assemble()
            if len(self.blocks) == known:  # every lane has left
                return None
            block = self.blocks[-1]
            if not updates:
                break
        block.settle()
        return block

    def _train(self, block: Block, updates: int) -> int:
        """As `Block.step`, with a look at the training loss after every update where that is wanted."""
        if self.reach is None:
            return block.step(updates)
        for done in range(updates):
            if not block.step(1):
                return done
            losses = self.meter.train_loss(block.mlp, block.theta)
            self.reach.see_train(block.indices, losses, block.spent)
            if block.leaving:
                return done + 1
        return updates

    # --- measuring ------------------------------------------------------------------------------------------

    def spent(self) -> np.ndarray:
        """The COSTS of `History` (len(COSTS), L) so far."""
        return np.array([[getattr(lane, name) for lane in self.lanes] for name in COSTS], dtype=float)

    def measured(self) -> np.ndarray:
        """The SERIES of `History` (len(SERIES), L), measured now."""
        values = np.empty((len(SERIES), len(self.lanes)))
        for block in self.blocks:
            measured = self.meter.measure(block.mlp, block.theta)
            if len(block.lanes) == len(self.lanes):
                values[ROWS], values[NORM] = measured, block.norms
            else:
                columns = [lane.index for lane in block.lanes]
                values[np.ix_(ROWS, columns)], values[NORM, columns] = measured, block.norms
        for lane in self.lanes:
            if lane.block is None:
                if lane.final is None:
                    lane.final = self.meter.measure(lane.mlp, lane.theta[None])[:, 0]
                values[ROWS, lane.index] = lane.final
                values[NORM, lane.index] = lane.gradient_norm
        return values

    def evaluate(self) -> dict[str, np.ndarray]:
        """The SERIES of `History`, (L,) each, measured now on all training, validation and test data."""
        return dict(zip(SERIES, self.measured(), strict=True))

    # --- reading --------------------------------------------------------------------------------------------

    @property
    def status(self) -> list[LaneStatus]:
        """Of each lane: whether it runs, and else since which step and why."""
        return [lane.status for lane in self.lanes]

    @property
    def finished(self) -> bool:
        """Whether no lane runs any more."""
        return not self.blocks

    @property
    def costs(self) -> list[Costs]:
        """What each lane has spent."""
        return [Costs(*(getattr(lane, part.name) for part in fields(Costs))) for lane in self.lanes]

    def mlp(self, lane: int) -> MLP:
        """The network of a lane, without parameters."""
        return self.lanes[lane].mlp

    def theta(self, lane: int) -> np.ndarray:
        """The parameters (P,) of a lane now; a copy."""
        chosen = self.lanes[lane]
        return (chosen.theta if chosen.block is None else chosen.block.theta[chosen.row]).copy()

    def weights(self, lane: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """[(W (fan_in, fan_out), b (fan_out,)), …] of a lane."""
        return [(W[0], b[0, 0]) for W, b in self.mlp(lane).unflatten(self.theta(lane)[None])]

    def layer_outputs(self, lane: int, X: np.ndarray) -> list[np.ndarray]:
        """Every layer's activations (N, width) for inputs X (N, D)."""
        return [values[0] for values in self.mlp(lane).layer_outputs(self.theta(lane)[None], X)]

    def probabilities(self, lane: int, outputs: np.ndarray) -> np.ndarray:
        """A lane's network outputs (N, C) as probabilities, or unchanged where the loss has none."""
        with np.errstate(all="ignore"):
            return self.mlp(lane).loss_function.predict(outputs)

    def predict(self, X: np.ndarray) -> list[np.ndarray]:
        """Per lane (N, outputs): probabilities, or values."""
        result: list[np.ndarray] = [np.empty(0)] * len(self.lanes)
        for index, lane in enumerate(self.lanes):
            if lane.block is None:
                result[index] = lane.mlp.predict(lane.theta[None], X)[0]
        for block in self.blocks:
            rows = max(1, LARGEST_BATCH // (max(1, len(X)) * max(block.mlp.layer_sizes)))
            for start in range(0, len(block.lanes), rows):
                outputs = block.mlp.predict(block.theta[start : start + rows], X)
                for lane, values in zip(block.lanes[start : start + rows], outputs, strict=True):
                    result[lane.index] = values
        return result

    def predict_lane(self, lane: int, X: np.ndarray) -> np.ndarray:
        """One lane's (N, outputs): probabilities, or values."""
        result: np.ndarray = self.mlp(lane).predict(self.theta(lane)[None], X)[0]
        return result

    def epoch_position(self, lane: int) -> int:
        """How many samples of the present epoch a lane has used; 0 if the next update begins a new one."""
        chosen = self.lanes[lane]
        return (chosen.block.position if chosen.block else chosen.position) % chosen.samples

    def updates_left_in_epoch(self, lane: int) -> int:
        """How many updates end the present epoch, from 1."""
        chosen = self.lanes[lane]
        return -(-(chosen.samples - self.epoch_position(lane)) // chosen.batch_size)

    def last_batch(self, lane: int) -> np.ndarray:
        """Indices of the training samples in a lane's last batch; empty before the first update."""
        epoch, start, stop = self.lanes[lane].last
        return self.lanes[lane].order(epoch)[start:stop]


def _apart(lane: Lane) -> Lane:
    """A lane as it is, in no block."""
    twin, block = copy(lane), lane.block
    if block is not None:
        twin.theta, twin.position = block.theta[lane.row].copy(), block.position
        twin.optimizer_state, twin.block = optimizer_row(block.optimizer, lane.row), None
    return twin
