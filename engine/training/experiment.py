"""An experiment: one data set, any number of lanes, trained in lockstep. The caller owns the loop.

    experiment = Experiment(ExperimentConfig(lanes=(LaneConfig("sgd", 0.3), LaneConfig("adam", 0.01))))
    experiment.step(100)
    experiment.history.train_loss[-1]

A lane's bits depend on its own configuration alone, never on its company or on how steps were asked for. A
lane that diverges gets a status, freezes where it went and disturbs no other. Nothing here knows of a user
interface, and different experiments may run in different threads.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from engine.config.changes import SEED, describe_change, differences, forms, needs_new_run
from engine.config.experiment import ExperimentConfig
from engine.config.lane import LaneConfig
from engine.data.load import Dataset, load_dataset
from engine.methods.first_order import OPTIMIZERS
from engine.network.losses import task_loss
from engine.network.mlp import MLP
from engine.training.blocks import Block, make_block
from engine.training.history import COSTS, SERIES, History
from engine.training.lane import INITIAL, Lane, LaneStatus, first_status
from engine.training.meter import Meter
from engine.training.same_start import fingerprint

__all__ = ["Costs", "Experiment", "LaneStatus", "needs_new_run"]

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


class Experiment:
    """Everything of one run. `step` trains; the rest reads or changes. The same config gives the same bits.

    `updates` is the experiment's clock, by which the history is kept: the common number of updates in `step`,
    which takes all lanes forward together; in another pace (engine/fairness.py) the number of its rounds.
    `data` may be given if it is at hand already; it must be what `load_dataset(config.dataset)` gives.
    `record_every` is how many updates apart the history's points are at first (see `History`): each costs
    one evaluation of every lane on all data. By default 1, and more with 8 lanes or more, where that would
    cost more than the training. The newest point is there in any case after each `step`. Raises `ValueError`
    where the data can't be used or the loss does not suit them.
    """

    def __init__(
        self, config: ExperimentConfig, data: Dataset | None = None, record_every: int | None = None
    ) -> None:
        self.data = load_dataset(config.dataset) if data is None else data
        self.record_every = max(1, len(config.lanes) // 4) if record_every is None else record_every
        self._start(config)

    def _start(self, config: ExperimentConfig) -> None:
        self.config = config
        self.dtype = np.dtype(config.dtype)
        self.meter = Meter(self.data)
        self.X_train, self.X_test = (self.meter.inputs(part, self.dtype) for part in ("train", "test"))
        self.updates = 0
        self.blocks: list[Block] = []
        self.lanes = [self._new_lane(index, config.lane(index)) for index in range(len(config.lanes))]
        self.history = History(len(self.lanes), self.record_every)
        self._assemble()
        self._record()
        for index, lane in enumerate(self.lanes):
            loss = float(self.history.train_loss[0, index])
            lane.first_loss = loss if np.isfinite(loss) else 1.0
        self._reassemble()  # the bounds depend on the first losses

    # --- building -------------------------------------------------------------------------------------------

    def _new_lane(self, index: int, config: LaneConfig) -> Lane:
        network = config.network
        assert network is not None
        config = replace(config, loss=task_loss(config.loss, self.data.task))
        sizes = (self.data.X_train.shape[1], *network.hidden, self.data.output_size)
        mlp = MLP(sizes, network.activations, str(config.loss), network.output_activation)
        rng = np.random.default_rng([config.seed or 0, INITIAL])
        theta = mlp.initialize(rng, 1, network.initializer, **network.initializer_options)[0]
        theta = theta.astype(self.dtype).astype(self._dtype(config))  # the same numbers in either type
        lane = Lane(index, config, mlp, theta, len(self.X_train), start=(fingerprint(theta), 0))
        lane.status = first_status(config, mlp)
        return lane

    def _dtype(self, config: LaneConfig) -> np.dtype:
        """Second-order methods compute in float64 whatever the experiment does."""
        return np.dtype(np.float64) if OPTIMIZERS[config.optimizer].full_batch else self.dtype

    def _assemble(self) -> None:
        """Gather the lanes that still run into blocks."""
        groups: dict[tuple, list[Lane]] = {}
        for lane in self.lanes:
            if lane.status.state == "running" and lane.block is None:
                groups.setdefault(lane.block_key(), []).append(lane)
        for lanes in groups.values():
            dtype = lanes[0].theta.dtype
            X, target = self.meter.inputs("train", dtype), self.meter.target("train", dtype, lanes[0].mlp)
            self.blocks.append(make_block(lanes, X, target))

    def _dissolve(self) -> None:
        for block in self.blocks:
            block.dissolve()
        self.blocks = []

    def _reassemble(self) -> None:
        self._dissolve()
        self._assemble()

    # --- training -------------------------------------------------------------------------------------------

    def step(self, updates: int = 1, record: bool = True) -> None:
        """`updates` updates of every lane that still runs; none when no lane runs any more.

        The history gets its regular points and, unless `record` is false, the newest.
        """
        if updates < 0:
            raise ValueError(f"There can't be {updates} updates; ask for 0 or more.")
        goal = self.updates + updates
        while self.updates < goal and self.blocks:
            stop = min(goal, self.history.next_step(self.updates))
            for block in tuple(self.blocks):
                self._advance(block, stop - self.updates)
            self.updates = stop if self.blocks else max(lane.clock for lane in self.lanes)
            if record or stop % self.history.stride == 0:
                self._record()

    def _advance(self, block: Block, updates: int) -> None:
        """Take a block, or what is left of it when lanes leave, `updates` further."""
        while (done := block.step(updates)) < updates or block.leaving:
            updates -= done
            self.blocks.remove(block)
            block.dissolve()
            known = len(self.blocks)
            self._assemble()
            if len(self.blocks) == known:  # every lane has left
                return
            block = self.blocks[-1]
            if not updates:
                break
        block.settle()

    def _record(self) -> None:
        """Add what is measured now to the history. A lane that has stopped keeps its last values."""
        self.history.add(self.updates, self._spent(), self._measured())

    def _spent(self) -> np.ndarray:
        """The COSTS of `History` (len(COSTS), L) so far."""
        return np.array([[getattr(lane, name) for lane in self.lanes] for name in COSTS], dtype=float)

    def _measured(self) -> np.ndarray:
        """The SERIES of `History` (len(SERIES), L), measured now."""
        values = np.empty((len(SERIES), len(self.lanes)))
        for block in self.blocks:
            columns = (
                slice(None) if len(block.lanes) == len(self.lanes) else [lane.index for lane in block.lanes]
            )
            values[:4, columns] = self.meter.measure(block.mlp, block.theta)
            values[4, columns] = block.norms
        for lane in self.lanes:
            if lane.block is None:
                if lane.final is None:
                    lane.final = self.meter.measure(lane.mlp, lane.theta[None])[:, 0]
                values[:4, lane.index] = lane.final
                values[4, lane.index] = lane.gradient_norm
        return values

    def evaluate(self) -> dict[str, np.ndarray]:
        """The SERIES of `History`, (L,) each, measured now on all training and all test data."""
        return dict(zip(SERIES, self._measured(), strict=True))

    def reset(self, new_seed: int | None = None) -> None:
        """Back to the start, with the settings as they are now and the same initial weights.

        With `new_seed`, with its weights and batches; lanes with a seed of their own keep it.
        """
        self._start(self.config if new_seed is None else replace(self.config, seed=new_seed))

    # --- reading --------------------------------------------------------------------------------------------

    @property
    def status(self) -> list[LaneStatus]:
        return [lane.status for lane in self.lanes]

    @property
    def finished(self) -> bool:
        """Whether no lane runs any more."""
        return not self.blocks

    @property
    def costs(self) -> list[Costs]:
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
            return self.mlp(lane)._loss.predict(outputs)

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
        return self.mlp(lane).predict(self.theta(lane)[None], X)[0]

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

    # --- changing -------------------------------------------------------------------------------------------

    def swap(self, lane: int, config: LaneConfig) -> None:
        """Change a lane's settings without a reset; marked in the history.

        Rate, optimizer and its options, schedule, batch size, penalties and name can be changed;
        `ValueError` for what needs a new run. The optimizer's averages are kept while the optimizer and its
        form stay the same. A new schedule starts its clock; a new batch size starts an epoch.
        """
        chosen = self.lanes[lane]
        old, new = chosen.config, self._resolved(config)
        if reasons := differences(old, new):
            raise ValueError(f"{reasons[0]} needs a new run.")
        lanes = list(self.config.lanes)
        lanes[lane] = config
        self.config = replace(self.config, lanes=tuple(lanes))
        if new == old:
            return
        self._dissolve()
        self._change(chosen, new)
        if chosen.status.state != "diverged":  # with other settings, a lane that stopped may go on
            chosen.status, chosen.clock = first_status(new, chosen.mlp, self.updates), self.updates
        text = describe_change(old, new)
        if self.updates and text:
            self.history.mark(self.updates, lane, text)
        self._assemble()

    def reconfigure(self, config: ExperimentConfig) -> None:
        """Swap the settings of all lanes; `ValueError` naming the reasons where `needs_new_run` has any."""
        if reasons := needs_new_run(self.config, config):
            raise ValueError(f"{', '.join(reasons)}: this needs a new run.")
        self.config = config
        for index, lane in enumerate(config.lanes):
            self.swap(index, lane)

    def _change(self, lane: Lane, new: LaneConfig, keep_state: bool = True) -> None:
        """Give a lane that is in no block other settings."""
        old, size = lane.config, lane.batch_size
        lane.config, lane.final = new, None
        if not keep_state or new.optimizer != old.optimizer or forms(new) != forms(old):
            lane.optimizer_state = {}
            lane.gradient_credit = min(lane.gradient_credit, 0.0)
        if (new.l1, new.l2) != (old.l1, old.l2):
            lane.optimizer_state.pop("known", None)  # what it knew was another loss
        lane.theta = lane.theta.astype(self._dtype(new))
        if (new.schedule, new.schedule_options) != (old.schedule, old.schedule_options):
            lane.schedule_start = lane.updates
        if lane.batch_size != size:
            lane.epoch, lane.position = lane.epoch + (lane.position > 0), 0

    def _resolved(self, config: LaneConfig) -> LaneConfig:
        full = self.config.resolve(config)
        return replace(full, loss=task_loss(full.loss, self.data.task))

    def fork(self, lane: int, config: LaneConfig, keep_state: bool = False) -> int:
        """A new lane that goes on from `lane`'s weights with other settings; its index.

        With `keep_state` the optimizer's averages come along, if it is the same and of the same form. The past
        is the parent's. A fork keeps its parent's network, loss and seed (so it sees the same batches): None takes
        them over, and another network or loss is a `ValueError`.
        """
        parent = self.lanes[lane]
        config = replace(
            config,
            network=parent.config.network if config.network is None else config.network,
            loss=parent.config.loss if config.loss is None else config.loss,
            seed=parent.config.seed if config.seed is None else config.seed,
            batch_size=parent.config.batch_size if config.batch_size is None else config.batch_size,
        )
        new = self._resolved(config)
        if reasons := [r for r in differences(parent.config, new) if r != SEED]:
            raise ValueError(f"{reasons[0]} needs a new run: a fork goes on from its parent's weights.")
        whole = replace(self.config, lanes=(*self.config.lanes, config))
        self._dissolve()
        state = {name: values.copy() for name, values in parent.optimizer_state.items()}
        child = replace(
            parent,
            index=len(self.lanes),
            clock=self.updates,
            final=None,
            theta=parent.theta.copy(),
            optimizer_state=state,
            status=first_status(new, parent.mlp, self.updates),
            start=(fingerprint(parent.theta), parent.updates),
        )
        self._change(child, new, keep_state)
        self.config = whole
        self.lanes.append(child)
        self.history.add_lane(lane)
        self.history.mark(self.updates, len(self.lanes) - 1, f"forked from lane {lane + 1}")
        self._assemble()
        return len(self.lanes) - 1

    def set_theta(self, lane: int, theta: np.ndarray, text: str = "weights set") -> None:
        """Put a lane at other parameters (P,) and let it go on from there, also when it had stopped.

        The optimizer forgets its averages, and `text` marks the history. `ValueError` for what does not fit.
        """
        chosen, theta = self.lanes[lane], np.asarray(theta, np.float64)
        if theta.shape != chosen.theta.shape or not np.isfinite(theta).all():
            raise ValueError(f"A lane's parameters are one row of {chosen.theta.size} finite numbers.")
        self._dissolve()
        chosen.theta = theta.astype(chosen.theta.dtype)
        chosen.start = (fingerprint(chosen.theta), chosen.updates)
        chosen.optimizer_state, chosen.final, chosen.gradient_norm = {}, None, np.nan
        chosen.status, chosen.clock = first_status(chosen.config, chosen.mlp, self.updates), self.updates
        self.history.mark(self.updates, lane, text)
        self._assemble()
        self._record()

    # --- files ----------------------------------------------------------------------------------------------

    def save(self, path: Any) -> None:
        """Write the whole state to an .npz file (or a binary file object); see engine/storage.py."""
        from engine.training.storage import save

        save(self, path)

    @staticmethod
    def load(path: Any) -> Experiment:
        """The experiment in a file that `save` wrote, to go on bit for bit. `ValueError` for any other file."""
        from engine.training.storage import load

        return load(path)

    def to_bytes(self) -> bytes:
        """What `save` writes, for a download."""
        buffer = io.BytesIO()
        self.save(buffer)
        return buffer.getvalue()
