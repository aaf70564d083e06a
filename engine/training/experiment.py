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
from copy import copy, deepcopy
from dataclasses import replace
from typing import Any

import numpy as np

from engine.config.changes import SEED, describe_change, differences, forms, needs_new_run
from engine.config.experiment import ExperimentConfig
from engine.config.lane import LaneConfig
from engine.data.load import Dataset, load_dataset
from engine.network.losses import task_loss
from engine.network.places import in_words
from engine.shown import short_number
from engine.training import storage
from engine.training.history import COSTS, HELD_OUT, History
from engine.training.lane import Lane, LaneStatus, State, fingerprint, first_status, new_lane, number_type
from engine.training.lanes import Costs, Lanes
from engine.training.meter import Meter
from engine.training.moment import Moment
from engine.training.reach import Reach
from engine.training.storage import SavedLane, Snapshot

__all__ = ["Costs", "Experiment", "LaneStatus", "needs_new_run"]


class Experiment(Lanes):
    """Everything of one run. `step` trains; the rest reads or changes. The same config gives the same bits.

    `updates` is the experiment's clock, by which the history is kept: the common number of updates in `step`,
    which takes all lanes forward together; in another pace (engine/training/paces.py) the number of its rounds.
    `data` may be given if it is at hand already; it must be what `load_dataset(config.dataset)` gives.
    `record_every` is how many updates apart the history's points are at first (see `History`): each costs
    one evaluation of every lane on all data. By default 1, and more with 8 lanes or more, where that would
    cost more than the training. The newest point is there in any case after each `step`. Raises `ValueError`
    where the data can't be used or the loss does not suit them.

    With `exact`, the training loss is measured after every update, and `reach` keeps what is the lowest, and when each
    target was first reached (see `Reach`), exact to the update however thin the history has become.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        data: Dataset | None = None,
        record_every: int | None = None,
        exact: bool = False,
    ) -> None:
        self.reach = Reach(len(config.lanes)) if exact else None
        self.data = load_dataset(config.dataset) if data is None else data
        self.record_every = max(1, len(config.lanes) // 4) if record_every is None else record_every
        self._start(config)

    def _start(self, config: ExperimentConfig) -> None:
        self.config = config
        self.dtype = np.dtype(config.dtype)
        self.meter = Meter(self.data)
        self.X_train, self.X_test = (self.meter.inputs(part, self.dtype) for part in ("train", "test"))
        self.updates = 0
        self.blocks, self.lanes = [], []
        with self.apart() as lanes:
            lanes += [self._new_lane(index, config.lane(index)) for index in range(len(config.lanes))]
        self.history = History(len(self.lanes), self.record_every)
        if self.reach is not None:
            self.reach = Reach(len(self.lanes), tuple(self.reach.targets))
        self.record()
        with self.apart() as lanes:  # gathered again, as the blocks' bounds depend on the first losses
            for lane, loss in zip(lanes, self.history.train_loss[0].tolist(), strict=True):
                lane.first_loss = loss if np.isfinite(loss) else 1.0

    # --- building -------------------------------------------------------------------------------------------

    def _new_lane(self, index: int, config: LaneConfig) -> Lane:
        samples, inputs = self.data.X_train.shape
        return new_lane(index, config, inputs, self.data.output_size, samples, self.data.task, self.dtype)

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
                self.advance(block, stop - self.updates)
            self.updates = stop if self.blocks else max(lane.clock for lane in self.lanes)
            if record or stop % self.history.stride == 0:
                self.record()

    def record(self) -> None:
        """Add what is measured now to the history. A lane that has stopped keeps its last values."""
        spent, values = self.spent(), self.measured()
        self.history.add(self.updates, spent, values)
        if self.reach is not None:
            costs = spent[[COSTS.index("updates"), COSTS.index("sample_gradients")]]
            everyone = np.arange(len(self.lanes))
            self.reach.see_train(everyone, values[0], lambda lane: (costs[0, lane], costs[1, lane]))
            self.reach.see_held_out(values[HELD_OUT])

    def watch(self, target: float) -> None:
        """With `exact`: keep from now on when a target is first reached."""
        if self.reach is None or self.reach.watches(target):
            return
        costs = np.stack([self.history.series(name) for name in ("updates", "sample_gradients")])
        self.reach.watch(target, self.history.train_loss, costs)

    def reset(self, new_seed: int | None = None) -> None:
        """Back to the start, with the settings as they are now and the same initial weights.

        With `new_seed`, with its weights and batches; lanes with a seed of their own keep it.
        """
        self._start(self.config if new_seed is None else replace(self.config, seed=new_seed))

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
        with self.apart():
            self._change(chosen, new)
            if (
                chosen.status.state is not State.DIVERGED
            ):  # with other settings, a lane that stopped may go on
                chosen.status, chosen.clock = first_status(new, chosen.mlp, self.updates), self.updates
        text = describe_change(old, new)
        if self.updates and text:
            self.history.mark(self.updates, lane, text)

    def reconfigure(self, config: ExperimentConfig) -> None:
        """Swap the settings of all lanes; `ValueError` naming the reasons where `needs_new_run` has any."""
        if reasons := needs_new_run(self._explicit(self.config), self._explicit(config)):
            raise ValueError(f"{', '.join(reasons)}: this needs a new run.")
        self.config = config
        for index, lane in enumerate(config.lanes):
            self.swap(index, lane)

    def _change(self, lane: Lane, new: LaneConfig, keep_state: bool = True) -> None:
        """Give a lane that is in no block other settings."""
        old, size, cost = lane.config, lane.batch_size, lane.cost_key()
        lane.config, lane.final = new, None
        if not keep_state or new.optimizer != old.optimizer or forms(new) != forms(old):
            lane.optimizer_state = {}
            lane.gradient_credit = min(lane.gradient_credit, 0.0)
        if new.penalties != old.penalties:
            lane.optimizer_state.pop("known", None)  # what it knew was another loss
        lane.theta = lane.theta.astype(number_type(new, self.dtype))
        if (new.schedule, new.schedule_options) != (old.schedule, old.schedule_options):
            lane.schedule_start = lane.updates
        if lane.cost_key() != cost:
            lane.price = 0.0
        if lane.batch_size != size:
            lane.epoch, lane.position = lane.epoch + (lane.position > 0), 0
        lane.cut()

    def _resolved(self, config: LaneConfig) -> LaneConfig:
        full = self.config.resolve(config)
        return replace(full, loss=task_loss(full.loss, self.data.task))

    def _explicit(self, config: ExperimentConfig) -> ExperimentConfig:
        """`config` with every lane's values written out: a loss that is named and one that is the task's usual are the same."""
        lanes = tuple(
            replace(lane, loss=task_loss(lane.loss, self.data.task))
            for lane in map(config.lane, range(len(config.lanes)))
        )
        return replace(config, lanes=lanes)

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
        with self.apart():
            state = {name: values.copy() for name, values in parent.optimizer_state.items()}
            child = replace(
                parent,
                final=None,
                theta=parent.theta.copy(),
                optimizer_state=state,
                status=first_status(new, parent.mlp, self.updates),
                start=(fingerprint(parent.theta), parent.updates),
            )
            self._change(child, new, keep_state)
        child.clock = self.updates
        index = self.join(child, whole, self.history.past(lane), self.reach and self.reach.part(lane))
        self.history.mark(self.updates, index, f"forked from lane {lane + 1}")
        return index

    def join(self, lane: Lane, whole: ExperimentConfig, past: np.ndarray, reached: Reach | None) -> int:
        """Take in a lane that is in no block, as the last of the configuration `whole`; its index.

        `past` (len(COSTS) + len(SERIES), K) is its history at all points so far, `reached` what it reached in it.
        """
        with self.apart() as lanes:
            lane.index = len(lanes)
            lanes.append(lane)
            self.config = whole
            self.history.add_lane(past)
            if self.reach is not None and reached is not None:
                self.reach.add_lane(reached)
        return lane.index

    def drop(self, lane: int) -> None:
        """Forget a lane and its history; later lanes move up by one. `ValueError` for the last one left."""
        if not 0 <= lane < len(self.lanes):
            raise ValueError(f"There is no lane {lane!r}; choose 0 to {len(self.lanes) - 1}.")
        kept = self.config.lanes[:lane] + self.config.lanes[lane + 1 :]
        if not kept:
            raise ValueError("An experiment has at least one lane.")
        with self.apart() as lanes:
            del lanes[lane]
            for index, rest in enumerate(lanes):
                rest.index = index
            self.config = replace(self.config, lanes=kept)
            self.history.remove_lane(lane)
            if self.reach is not None:
                self.reach.remove_lane(lane)

    def set_theta(self, lane: int, theta: np.ndarray, text: str = "weights set") -> None:
        """Put a lane at other parameters (P,) and let it go on from there, also when it had stopped.

        The optimizer forgets its averages, and `text` marks the history. `ValueError` for what does not fit.
        """
        chosen, theta = self.lanes[lane], np.asarray(theta, np.float64)
        if theta.shape != chosen.theta.shape or not np.isfinite(theta).all():
            raise ValueError(f"A lane's parameters are one row of {chosen.theta.size} finite numbers.")
        with self.apart():
            chosen.theta = theta.astype(chosen.theta.dtype)
            chosen.start = (fingerprint(chosen.theta), chosen.updates)
            chosen.optimizer_state, chosen.final, chosen.gradient_norm = {}, None, np.nan
            chosen.status, chosen.clock = first_status(chosen.config, chosen.mlp, self.updates), self.updates
        self.history.mark(self.updates, lane, text)
        self.record()

    def set_parameter(self, lane: int, index: int, value: float) -> None:
        """Set one parameter of a lane, which goes on from there with its optimizer's averages. Marked in the history; several
        changes of one parameter at one update are one mark. `ValueError` for what does not fit.
        """
        chosen = self.lanes[lane]
        if not 0 <= index < chosen.theta.size or not np.isfinite(value):
            raise ValueError(
                f"Parameter {index!r} can't be {value!r}; a lane has {chosen.theta.size}, finite numbers."
            )
        old = float(self.theta(lane)[index])
        with self.apart():
            chosen.theta = chosen.theta.copy()
            chosen.theta[index] = value
            chosen.start, chosen.final = (fingerprint(chosen.theta), chosen.updates), None
            chosen.optimizer_state.pop("known", None)  # what it knew was of another place
            chosen.status, chosen.clock = first_status(chosen.config, chosen.mlp, self.updates), self.updates
        name = f"{in_words(chosen.mlp, index)} "
        last = self.history.marks[-1] if self.history.marks else (0, 0, "")
        if last[:2] == (self.updates, lane) and last[2].startswith(name):
            self.history.marks = self.history.marks[:-1]
            first = last[2].removeprefix(name).partition(" → ")[0]
        else:
            first = short_number(old)
        self.history.mark(self.updates, lane, f"{name}{first} → {short_number(float(value))}")
        self.record()

    # --- earlier moments ------------------------------------------------------------------------------------

    def moment(self) -> Moment:
        """All of the lanes' state as it is now, without the history; cheap, and it disturbs nothing."""
        newest = self.history.rows()[1][:, -1].copy()
        return Moment(
            self.config, self.updates, self.copies(), newest, self.history.marks, deepcopy(self.reach)
        )

    def at(self, moment: Moment) -> Experiment:
        """This experiment as it was at one of its moments, while this one stays as it is. Trained on with the same settings
        it comes to the same bits. `ValueError` where lanes have come or gone since.
        """
        if len(moment.lanes) != len(self.lanes):
            raise ValueError("Lanes have come or gone since that moment.")
        twin = copy(self)
        twin.blocks, twin.lanes = [], [copy(lane) for lane in moment.lanes]
        twin.config, twin.updates, twin.reach = moment.config, moment.updates, deepcopy(moment.reach)
        twin.history = self.history.until(moment.updates, moment.newest, moment.marks)
        with twin.apart():
            pass  # they are gathered in blocks
        return twin

    # --- files ----------------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """All of the experiment's state; it trains on as if nothing had been asked."""
        steps, values = self.history.rows()
        with self.apart() as lanes:
            saved = [SavedLane.of(lane) for lane in lanes]
        history = (steps, values, self.history.stride, self.history.marks)
        return Snapshot(self.config, self.record_every, self.updates, saved, *history, self.reach)

    @staticmethod
    def of(snapshot: Snapshot) -> Experiment:
        """The experiment that goes on from `snapshot` bit for bit; `ValueError` where it does not fit its configuration."""
        exact = snapshot.reach is not None
        experiment = Experiment(snapshot.config, record_every=snapshot.record_every, exact=exact)
        if len(snapshot.lanes) != len(experiment.lanes):
            raise ValueError("it has another number of lanes than its configuration")
        with experiment.apart() as lanes:
            experiment.updates = snapshot.updates
            for lane, saved in zip(lanes, snapshot.lanes, strict=True):
                saved.restore(lane)
            experiment.history.restore(snapshot.steps, snapshot.values, snapshot.stride)
            experiment.history.marks = list(snapshot.marks)
        if snapshot.reach is not None and snapshot.reach.lowest.shape != (3, len(experiment.lanes)):
            raise ValueError("what its lanes reached does not fit")
        experiment.reach = snapshot.reach
        return experiment

    def save(self, path: Any) -> None:
        """Write the whole state to an .npz file (or a binary file object); see engine/training/storage.py."""
        storage.write(self.snapshot(), path)

    @staticmethod
    def load(path: Any) -> Experiment:
        """The experiment in a file that `save` wrote, to go on bit for bit. `ValueError` for any other file."""
        with storage.sentences():
            return Experiment.of(storage.read(path))

    def to_bytes(self) -> bytes:
        """What `save` writes, for a download."""
        buffer = io.BytesIO()
        self.save(buffer)
        return buffer.getvalue()
