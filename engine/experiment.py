"""An experiment: one data set, any number of lanes, trained in lockstep. The caller owns the loop.

Lanes that share architecture, loss, batch size, optimizer and place in the epoch train as one block: one batched
NumPy expression a step. A lane's bits depend on its own configuration alone, never on its company. A lane that
diverges gets a status, freezes and leaves its block. Nothing here knows of a user interface.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.config import ExperimentConfig, LaneConfig
from engine.datasets import Dataset, load_dataset
from engine.history import SERIES, History
from engine.losses import DEFAULT_LOSS
from engine.network import MLP
from engine.optimizers import OPTIMIZERS, Optimizer
from engine.regularizers import add_gradient
from engine.schedules import SCHEDULES

DIVERGED_AT = 1e6  # times max(1, the loss at the start)
INITIAL, BATCHES = 2, 3  # purposes of a lane's random generators, beside the data's 0 and 1
FORMAT = "descent-lab-experiment-1"
HOT = ("optimizer", "learning_rate", "options", "schedule", "schedule_options", "batch_size", "l1", "l2", "name")


@dataclass(frozen=True)
class LaneStatus:
    """`state` is "running", "diverged" or "stopped"; `reason` a sentence; `step` the update it happened at."""

    state: str = "running"
    reason: str = ""
    step: int = 0


@dataclass(eq=False)
class Lane:
    """All that a training run is: what a block takes up, and what a fork or a file copies."""

    config: LaneConfig
    mlp: MLP
    theta: np.ndarray  # (P,)
    rng: np.random.Generator  # draws the order of the samples, epoch by epoch
    order: np.ndarray  # the present epoch's order
    position: int = 0  # samples of this epoch that are used up
    updates: int = 0
    schedule_start: int = 0
    epochs: float = 0.0
    milliseconds: float = 0.0
    optimizer_state: dict[str, np.ndarray] = field(default_factory=dict)
    t: int = 0
    gradient_norm: float = np.nan
    first_loss: float = 1.0
    status: LaneStatus = field(default_factory=LaneStatus)

    @property
    def gradient_evaluations(self) -> int:
        return self.updates

    def block_key(self) -> tuple:
        choices = {k: v for k, v in self.config.options.items() if isinstance(v, (str, bool))}
        return (
            self.mlp.layer_sizes, self.mlp.activations, self.mlp.loss_key, self.config.batch_size, self.position,
            self.config.optimizer, tuple(sorted(choices.items())),
        )  # fmt: skip


class Block:
    """Lanes that train as one array. Built from lanes, and written back to them by `dissolve`."""

    def __init__(self, lanes: list[Lane], X: np.ndarray, target: np.ndarray) -> None:
        self.lanes, self.X, self.target = lanes, X, target
        self.mlp = lanes[0].mlp
        self.theta = np.stack([lane.theta for lane in lanes])
        dtype = self.theta.dtype
        self.optimizer = self._optimizer(dtype)
        self.gradient = np.empty_like(self.theta)
        self.mask = self.mlp.weight_mask.astype(dtype)
        self.l1 = np.array([[lane.config.l1] for lane in lanes], dtype)
        self.l2 = np.array([[lane.config.l2] for lane in lanes], dtype)
        self.is_regularised = bool(self.l1.any() or self.l2.any())
        self.batch_size = min(lanes[0].config.batch_size or len(X), len(X))
        self.bound = np.array([DIVERGED_AT * max(1.0, lane.first_loss) for lane in lanes])
        self.has_schedule = any(lane.config.schedule != "constant" or lane.config.schedule_options for lane in lanes)
        self.position = lanes[0].position
        self.done = 0  # updates since the block was built
        self.epochs = 0.0
        self.seconds = 0.0
        self.loss = np.array([lane.first_loss for lane in lanes], dtype)
        self._gather()

    def _optimizer(self, dtype) -> Optimizer:
        kind, lanes = OPTIMIZERS[self.lanes[0].config.optimizer], self.lanes
        options = {}
        for name, option in kind.options.items():
            values = [lane.config.options.get(name, option.default) for lane in lanes]
            options[name] = values[0] if isinstance(values[0], (str, bool)) else np.array(values, float)
        rates = np.array([lane.config.learning_rate for lane in lanes])
        optimizer = kind(len(lanes), self.mlp.parameter_count, rates, dtype, **options)
        for row, lane in enumerate(lanes):
            for name, values in lane.optimizer_state.items():
                optimizer.state[name][row] = values
            optimizer.t[row] = lane.t
        return optimizer

    def _gather(self) -> None:
        """The epoch's samples in order, once an epoch, so that a batch is a plain slice."""
        orders = [lane.order for lane in self.lanes]
        if all(order is orders[0] or np.array_equal(order, orders[0]) for order in orders[1:]):
            self.epoch_X, self.epoch_target = self.X[orders[0]], self.target[orders[0]]
        else:
            index = np.stack(orders)
            self.epoch_X, self.epoch_target = self.X[index], self.target[index]

    def step(self, updates: int) -> bool:
        """Up to `updates` updates; False as soon as a lane has diverged (`self.loss` says which)."""
        start = time.perf_counter()
        samples, size = len(self.X), self.batch_size
        theta, gradient, mlp, optimizer = self.theta, self.gradient, self.mlp, self.optimizer
        healthy = True
        with np.errstate(all="ignore"):
            for _ in range(updates):
                if self.position >= samples:
                    self._next_epoch()
                stop = min(self.position + size, samples)
                batch = slice(self.position, stop)
                x, target = self.epoch_X[..., batch, :], self.epoch_target[..., batch, :]
                self.loss = mlp.backward(theta, x, target, gradient)
                if not (self.loss <= self.bound).all():  # false for NaN too
                    healthy = False
                    break
                if self.is_regularised:
                    add_gradient(theta, self.mask, self.l1, self.l2, gradient)
                if self.has_schedule:
                    self._set_rates()
                self.norms = gradient
                optimizer.step(theta, gradient)
                self.position = stop
                self.done += 1
                self.epochs += (stop - batch.start) / samples
        self.seconds += time.perf_counter() - start
        return healthy

    def _set_rates(self) -> None:
        for row, lane in enumerate(self.lanes):
            schedule = SCHEDULES[lane.config.schedule]
            t = lane.updates + self.done - lane.schedule_start + 1
            rate = schedule.rate(lane.config.learning_rate, t, **lane.config.schedule_options)
            self.optimizer.learning_rate[row] = rate

    def _next_epoch(self) -> None:
        self.position = 0
        if self.batch_size < len(self.X):
            for lane in self.lanes:
                lane.order = lane.rng.permutation(len(self.X))
            self._gather()

    def dissolve(self) -> None:
        """Write everything back to the lanes."""
        for row, lane in enumerate(self.lanes):
            lane.theta = self.theta[row].copy()
            lane.optimizer_state = {name: rows[row].copy() for name, rows in self.optimizer.state.items()}
            lane.t = int(self.optimizer.t[row, 0])
            lane.position = self.position
        self.settle()

    def settle(self) -> None:
        """Bring the lanes' counts up to date."""
        for lane in self.lanes:
            lane.updates += self.done
            lane.epochs += self.epochs
            lane.milliseconds += 1000 * self.seconds / len(self.lanes)
        self.done, self.epochs, self.seconds = 0, 0.0, 0.0


class Experiment:
    """Everything of one run. `step(n)` trains; the rest reads. The same config gives the same bits."""

    def __init__(self, config: ExperimentConfig, data: Dataset | None = None) -> None:
        self.config = config
        self.data = load_dataset(config.dataset) if data is None else data
        self.dtype = np.dtype(config.dtype)
        self.X_train = self.data.X_train.astype(self.dtype)
        self.X_test = self.data.X_test.astype(self.dtype)
        self.updates = 0
        self.lanes = [self._new_lane(config.lane(index)) for index in range(len(config.lanes))]
        self.history = History(len(self.lanes))
        self._assemble()
        self.record()
        for lane, loss in zip(self.lanes, self.history.train_loss[0], strict=True):
            lane.first_loss = float(loss) if np.isfinite(loss) else 1.0

    # --- building -------------------------------------------------------------------------------------------

    def _new_lane(self, lane: LaneConfig) -> Lane:
        network = lane.network
        assert network is not None
        loss = lane.loss or DEFAULT_LOSS[self.data.task]
        sizes = (self.data.X_train.shape[1], *network.hidden, self.data.output_size)
        mlp = MLP(sizes, network.activations, loss, network.output_activation)
        rng = np.random.default_rng([lane.seed or 0, INITIAL])
        theta = mlp.initialize(rng, 1, network.initializer, self.dtype, **network.initializer_options)[0]
        batches = np.random.default_rng([lane.seed or 0, BATCHES])
        samples = len(self.X_train)
        full = (lane.batch_size or samples) >= samples
        order = np.arange(samples) if full else batches.permutation(samples)
        return Lane(replace(lane, loss=loss), mlp, theta, batches, order)

    def _assemble(self) -> None:
        groups: dict[tuple, list[Lane]] = {}
        for lane in self.lanes:
            if lane.status.state == "running":
                groups.setdefault(lane.block_key(), []).append(lane)
        self.blocks = []
        for lanes in groups.values():
            target = lanes[0].mlp.target(self.data.y_train, self.dtype)
            self.blocks.append(Block(lanes, self.X_train, target))

    def _dissolve(self) -> None:
        for block in self.blocks:
            block.dissolve()
        self.blocks = []

    # --- training -------------------------------------------------------------------------------------------

    def step(self, updates: int = 1, record: bool = True) -> None:
        """`updates` updates of every lane that still runs, then one record."""
        target = self.updates + updates
        for block in list(self.blocks):
            while block.lanes[0].updates + block.done < target and not block.step(
                target - block.lanes[0].updates - block.done
            ):
                block = self._drop_diverged(block)
                if block is None:
                    break
        self.updates = target
        if record:
            self.record()

    def _drop_diverged(self, block: Block) -> Block | None:
        """Freeze the lanes of `block` that diverged; a block of the others, if there are any."""
        block.dissolve()
        self.blocks.remove(block)
        with np.errstate(all="ignore"):
            bad = ~(block.loss <= block.bound)
        for lane, is_bad, loss in zip(block.lanes, bad, block.loss, strict=True):
            if is_bad:
                what = f"The loss grew to {loss:.3g}" if np.isfinite(loss) else "The loss stopped being a number"
                reason = f"{what} at update {lane.updates}: the learning rate {lane.config.learning_rate:g} is too large here. Lower it and reset."  # fmt: skip
                lane.status = LaneStatus("diverged", reason, lane.updates)
        rest = [lane for lane in block.lanes if lane.status.state == "running"]
        if not rest:
            return None
        new = Block(rest, block.X, block.target)
        self.blocks.append(new)
        return new

    def record(self) -> None:
        """Measure every lane on all training and test data, and add it to the history."""
        values = np.full((len(SERIES), len(self.lanes)), np.nan)
        if len(self.history.steps):
            values[:] = self.history._values[:, self.history._count - 1]
        groups: dict[int, list[int]] = {}
        for index, lane in enumerate(self.lanes):
            if lane.status.state == "running" or lane.status.step >= self.updates or not len(self.history.steps):
                groups.setdefault(id(self._block_of(lane)) if self._block_of(lane) else -index - 1, []).append(index)
        for indices in groups.values():
            self._measure(indices, values)
        for lane_block in self.blocks:
            lane_block.settle()
        self.history.add(self.updates, values)

    def _measure(self, indices: list[int], values: np.ndarray) -> None:
        mlp = self.lanes[indices[0]].mlp
        theta = np.stack([self.theta(index) for index in indices])
        for k, (X, y) in enumerate(((self.X_train, self.data.y_train), (self.X_test, self.data.y_test))):
            if not len(X):
                continue
            outputs = mlp.forward(theta, X)
            with np.errstate(all="ignore"):
                values[k, indices] = mlp._loss.evaluate(outputs, mlp.target(y, self.dtype), None)
            if self.data.task == "multiclass":
                values[2 + k, indices] = (outputs.argmax(axis=2) == y).mean(axis=1)
            elif self.data.task == "binary":
                threshold = 0.0 if mlp.loss_key == "binary_cross_entropy" else 0.5
                values[2 + k, indices] = ((outputs[:, :, 0] > threshold) == (y > 0.5)).mean(axis=1)
        block = self._block_of(self.lanes[indices[0]])
        if block is not None and block.done:
            rows = [block.lanes.index(self.lanes[index]) for index in indices]
            with np.errstate(all="ignore"):
                values[4, indices] = np.sqrt((block.gradient[rows].astype(np.float64) ** 2).sum(axis=1))

    # --- reading --------------------------------------------------------------------------------------------

    def _block_of(self, lane: Lane) -> Block | None:
        return next((block for block in self.blocks if lane in block.lanes), None)

    @property
    def status(self) -> list[LaneStatus]:
        return [lane.status for lane in self.lanes]

    @property
    def finished(self) -> bool:
        return not self.blocks

    def theta(self, lane: int) -> np.ndarray:
        """The parameters (P,) of a lane now; a copy."""
        block = self._block_of(self.lanes[lane])
        if block is None:
            return self.lanes[lane].theta.copy()
        return block.theta[block.lanes.index(self.lanes[lane])].copy()

    def mlp(self, lane: int) -> MLP:
        return self.lanes[lane].mlp

    def weights(self, lane: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """[(W (fan_in, fan_out), b (fan_out,)), …] of a lane."""
        return [(W[0], b[0, 0]) for W, b in self.mlp(lane).unflatten(self.theta(lane)[None])]

    def layer_outputs(self, lane: int, X: np.ndarray) -> list[np.ndarray]:
        """Every layer's activations (N, width) for inputs X (N, D)."""
        outputs = self.mlp(lane).layer_outputs(self.theta(lane)[None], X)
        return [values[0] for values in outputs]

    def probabilities(self, lane: int, outputs: np.ndarray) -> np.ndarray:
        """A lane's network outputs (N, C) as probabilities, or unchanged where the loss has none."""
        with np.errstate(all="ignore"):
            return self.mlp(lane)._loss.predict(outputs)

    def predict(self, X: np.ndarray) -> list[np.ndarray]:
        """Per lane (N, outputs): probabilities, or values."""
        return [self.mlp(k).predict(self.theta(k)[None], X)[0] for k in range(len(self.lanes))]

    def epoch_position(self, lane: int) -> int:
        """How many samples of the present epoch a lane has used; 0 if the next update begins a new one."""
        block = self._block_of(self.lanes[lane])
        position = block.position if block else self.lanes[lane].position
        return position % len(self.X_train)

    def last_batch(self, lane: int) -> np.ndarray:
        """Indices of the training samples in a lane's last batch."""
        chosen = self.lanes[lane]
        block = self._block_of(chosen)
        stop = block.position if block else chosen.position
        samples = len(self.X_train)
        size = min(chosen.config.batch_size or samples, samples)
        start = (stop - 1) // size * size if stop else 0
        return chosen.order[start:stop]

    # --- changing -------------------------------------------------------------------------------------------

    def swap(self, lane: int, config: LaneConfig) -> None:
        """Change a running lane's settings without a reset; marked in the history.

        Rate, optimizer, its options, schedule, batch size and penalties can be changed. The averages of an optimizer
        are kept while the optimizer stays the same. `ValueError` for what needs a new run.
        """
        old = self.lanes[lane].config
        seed = self.config.seed if config.seed is None else config.seed
        network = config.network or self.config.network
        new = replace(config, network=network, seed=seed, batch_size=config.batch_size or self.config.batch_size, loss=config.loss or old.loss)  # fmt: skip
        for name in ("network", "seed", "loss"):
            if getattr(new, name) != getattr(old, name):
                raise ValueError(f"Another {name} needs a new run.")
        text = describe_change(old, new)
        if not text:
            return
        self._dissolve()
        chosen = self.lanes[lane]
        chosen.config = new
        if new.optimizer != old.optimizer:
            chosen.optimizer_state, chosen.t = {}, 0
        if (new.schedule, new.schedule_options) != (old.schedule, old.schedule_options):
            chosen.schedule_start = chosen.updates
        samples = len(self.X_train)
        if new.batch_size != old.batch_size:  # a new epoch begins
            chosen.position = 0
            full = (new.batch_size or samples) >= samples
            chosen.order = np.arange(samples) if full else chosen.rng.permutation(samples)
        if self.updates:
            self.history.marks.append((self.updates, lane, text))
        self._assemble()

    def fork(self, lane: int, config: LaneConfig, keep_state: bool = False) -> int:
        """A new lane that goes on from `lane`'s weights under another configuration; its index.

        With `keep_state` the optimizer's averages come along, if the optimizer is the same.
        """
        self._dissolve()
        parent = self.lanes[lane]
        if config.network not in (None, parent.config.network):
            self._assemble()
            raise ValueError("A fork keeps its parent's network; make a new run for another one.")
        new = replace(parent.config, optimizer=config.optimizer, learning_rate=config.learning_rate, options=config.options, schedule=config.schedule, schedule_options=config.schedule_options, batch_size=config.batch_size or parent.config.batch_size, l1=config.l1, l2=config.l2, name=config.name)  # fmt: skip
        rng = np.random.default_rng()
        rng.bit_generator.state = parent.rng.bit_generator.state
        child = replace(parent, config=new, theta=parent.theta.copy(), rng=rng, order=parent.order.copy(), status=LaneStatus())  # fmt: skip
        if not keep_state or new.optimizer != parent.config.optimizer:
            child.optimizer_state, child.t = {}, 0
        if new.batch_size != parent.config.batch_size:
            samples = len(self.X_train)
            child.position = 0
            full = (new.batch_size or samples) >= samples
            child.order = np.arange(samples) if full else rng.permutation(samples)
        self.lanes.append(child)
        self.config = replace(self.config, lanes=(*self.config.lanes, config))
        self.history.add_lane(lane)
        self._assemble()
        return len(self.lanes) - 1

    # --- files ----------------------------------------------------------------------------------------------

    def save(self, path: Any) -> None:
        """Write the whole state to an .npz file (or file object): plain arrays and JSON, nothing pickled."""
        self._dissolve()
        arrays: dict[str, np.ndarray] = {"steps": self.history.steps, "values": self.history._values[:, : self.history._count]}  # fmt: skip
        lanes = []
        for k, lane in enumerate(self.lanes):
            arrays[f"theta{k}"], arrays[f"order{k}"] = lane.theta, lane.order
            for name, rows in lane.optimizer_state.items():
                arrays[f"state{k}_{name}"] = rows
            lanes.append(dict(
                position=lane.position, updates=lane.updates, schedule_start=lane.schedule_start, epochs=lane.epochs,
                milliseconds=lane.milliseconds, t=lane.t, first_loss=lane.first_loss,
                status=[lane.status.state, lane.status.reason, lane.status.step],
                rng=lane.rng.bit_generator.state, state=sorted(lane.optimizer_state),
                config=json.loads(ExperimentConfig(lanes=(lane.config,)).to_json())["lanes"][0],
            ))  # fmt: skip
        about = dict(format=FORMAT, config=json.loads(self.config.to_json()), updates=self.updates, lanes=lanes, marks=self.history.marks)  # fmt: skip
        np.savez(path, about=np.array(json.dumps(about)), **arrays)  # type: ignore[arg-type]
        self._assemble()

    @staticmethod
    def load(path: Any) -> Experiment:
        """The experiment in a file that `save` wrote; it goes on bit for bit. `ValueError` for any other file."""
        try:
            with np.load(path, allow_pickle=False) as file:
                about = json.loads(str(file["about"]))
                if about["format"] != FORMAT:
                    raise ValueError(f"the format is {str(about['format'])[:40]!r}")
                arrays = {name: file[name] for name in file.files if name != "about"}
            experiment = Experiment(ExperimentConfig.from_json(json.dumps(about["config"])))
            experiment._restore(about, arrays)
            return experiment
        except OSError as error:
            if error.errno:
                raise
            raise ValueError("This file can't be read as an experiment; it may be damaged.") from None
        except (ValueError, KeyError, TypeError, AttributeError, EOFError, IndexError) as error:
            raise ValueError(f"This file is not a saved experiment, or it is damaged ({error}).") from None
        except Exception as error:  # zipfile raises its own kinds for damaged archives
            raise ValueError(f"This file is not a saved experiment, or it is damaged ({type(error).__name__}).") from None  # fmt: skip

    def _restore(self, about: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        self._dissolve()
        self.updates = int(about["updates"])
        saved = about["lanes"]
        if len(saved) != len(self.lanes):
            raise ValueError("the number of lanes differs")
        for k, (lane, state) in enumerate(zip(self.lanes, saved, strict=True)):
            wrapped = {"dataset": {}, "network": {}, "lanes": [state["config"]]}
            lane.config = ExperimentConfig.from_json(json.dumps(wrapped)).lanes[0]
            theta, order = arrays[f"theta{k}"], arrays[f"order{k}"]
            if theta.shape != lane.theta.shape or sorted(order.tolist()) != list(range(len(self.X_train))):
                raise ValueError("its arrays do not fit its configuration")
            lane.theta, lane.order = theta.astype(self.dtype), order.astype(np.int64)
            lane.position, lane.updates, lane.t = (int(state[name]) for name in ("position", "updates", "t"))
            lane.schedule_start = int(state["schedule_start"])
            lane.epochs, lane.milliseconds = float(state["epochs"]), float(state["milliseconds"])
            lane.first_loss = float(state["first_loss"])
            lane.status = LaneStatus(*state["status"])
            lane.rng.bit_generator.state = state["rng"]
            names = OPTIMIZERS[lane.config.optimizer].rows
            lane.optimizer_state = {name: arrays[f"state{k}_{name}"].astype(self.dtype) for name in names if name in state["state"]}  # fmt: skip
        self.history = History(len(self.lanes))
        for step, values in zip(arrays["steps"], arrays["values"].swapaxes(0, 1), strict=True):
            self.history.add(int(step), values)
        self.history.marks = [(int(step), int(lane), str(text)) for step, lane, text in about["marks"]]
        self._assemble()

    def to_bytes(self) -> bytes:
        """What `save` writes, for a download."""
        buffer = io.BytesIO()
        self.save(buffer)
        return buffer.getvalue()


def describe_change(old: LaneConfig, new: LaneConfig) -> str:
    """What differs between two settings of a lane, for a mark on the chart; empty if nothing does."""
    words: Sequence[tuple[str, str]] = (
        ("optimizer", "optimizer"), ("learning_rate", "rate"), ("batch_size", "batch"), ("schedule", "schedule"),
        ("l1", "L1"), ("l2", "L2"),
    )  # fmt: skip
    changes = []
    for name, label in words:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            show = (lambda v: f"{v:g}") if isinstance(after, float) else str
            changes.append(f"{label} {show(before)} → {show(after)}")
    if old.optimizer == new.optimizer and old.options != new.options:
        changes += [f"{k} → {v}" for k, v in new.options.items() if old.options.get(k) != v]
    if old.schedule == new.schedule and old.schedule_options != new.schedule_options:
        changes += [f"{k} → {v}" for k, v in new.schedule_options.items() if old.schedule_options.get(k) != v]
    return ", ".join(changes)
