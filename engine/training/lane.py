"""A lane: one training run, with all that it needs to go on.

The order of the samples in an epoch is a function of the lane's seed and the epoch's number alone. So lanes
with one seed see the same batches whatever else they do, and nothing about it needs to be saved.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

import numpy as np

from engine.config.lane import LaneConfig
from engine.methods.registry import OPTIMIZERS
from engine.methods.schedules import SCHEDULES
from engine.network.losses import task_loss
from engine.network.mlp import MLP

THRESHOLD_WARNING = (
    "The threshold's slope is zero, so no gradient gets through it: the layers up to it never learn. "
    "Random search can see what gradient descent can't."
)
TOO_LARGE = "{} is for at most {} parameters, and this network has {}: choose a smaller network, or another optimizer."
MOST_STRETCHES = 1000
INITIAL, BATCHES = 2, 3  # purposes of random generators, beside the data's 0 and 1


class State(StrEnum):
    """Whether a lane goes on; equal to its text."""

    RUNNING = "running"
    DIVERGED = "diverged"
    STOPPED = "stopped"


@dataclass(frozen=True)
class LaneStatus:
    """`reason` is a sentence; `step` the clock of the change."""

    state: State = State.RUNNING
    reason: str = ""
    step: int = 0


class Home(Protocol):
    """What may be asked of the block that a lane is in."""

    theta: np.ndarray  # (R, P), a row a lane
    optimizer: Any
    size: int  # samples of a full batch
    position: int  # samples of the present epoch that are used up
    batches: list[tuple[np.ndarray, np.ndarray, int]]  # inputs, target, and the position after it


class Stretch(NamedTuple):
    """The batches that a lane uses from an update on: by size and seed, from a place in an epoch on. A full batch is
    the same in every epoch, with any seed, so there epoch, position and seed are 0.
    """

    update: int
    epoch: int
    position: int
    size: int
    seed: int

    def at(self, update: int, samples: int) -> Stretch:
        """The same batches from a later update on."""
        if self.size == samples:
            return self._replace(update=update)
        epochs, index = divmod(self.position // self.size + update - self.update, -(-samples // self.size))
        return self._replace(update=update, epoch=self.epoch + epochs, position=index * self.size)


@dataclass(eq=False)
class Lane:
    """One training run: what a block takes up, and what a fork or a file copies.

    While in a block, `block` has the newest parameters and counts; `Block.settle` brings the counts here, and
    `Block.dissolve` everything.
    """

    index: int  # its place in the experiment
    config: LaneConfig  # with nothing left open
    mlp: MLP
    theta: np.ndarray  # (P,)
    samples: int  # of the training set
    epoch: int = 0  # number of the present epoch, which decides the order of the samples
    position: int = 0  # samples of it that are used up
    last: tuple[int, int, int] = (0, 0, 0)  # epoch, start and stop of the last batch
    updates: int = 0
    clock: int = 0  # what the experiment's clock read then
    samples_used: int = 0
    milliseconds: float = 0.0
    price: float = 0.0  # milliseconds of an update, or of a sample's gradient (price.py); 0 if not measured
    gradient_evaluations: int = 0
    function_evaluations: int = 0
    sample_gradients: int = 0  # of single samples; without a gradient, losses of single samples
    gradient_credit: float = 0.0  # sample gradients left to spend, negative if overspent (paces.py)
    time_credit: float = 0.0  # milliseconds, alike
    schedule_start: int = 0  # the update at which the schedule's clock began
    optimizer_state: dict[str, np.ndarray] = field(default_factory=dict)
    first_loss: float = 1.0
    gradient_norm: float = np.nan
    final: np.ndarray | None = None  # losses and accuracies (6,), measured once it has stopped
    status: LaneStatus = field(default_factory=LaneStatus)
    stretches: tuple[Stretch, ...] = ()  # which batches it has used, the newest last
    start: tuple[str, int] = ("", 0)  # its first weights' fingerprint, and their update
    block: Home | None = None
    row: int = 0

    @property
    def batch_size(self) -> int:
        """The samples of a full batch; methods that need the whole set get it."""
        if OPTIMIZERS[self.config.optimizer].full_batch:
            return self.samples
        return min(self.config.batch_size or self.samples, self.samples)

    @property
    def epochs(self) -> float:
        """Passes through the training set so far."""
        return self.samples_used / self.samples

    @property
    def next_time(self) -> int:
        """The number of the next update by the schedule's clock, from 1."""
        return self.updates - self.schedule_start + 1

    def rate(self, update: int) -> float:
        """The learning rate of update number `update`, its schedule included."""
        config = self.config
        t = update - self.schedule_start
        return SCHEDULES[config.schedule].rate(config.learning_rate, t, **config.schedule_options)

    def order(self, epoch: int) -> np.ndarray:
        """The samples' indices in an epoch's order: shuffled, or as they are where a batch holds them all."""
        if self.batch_size == self.samples:
            return np.arange(self.samples)
        return np.random.default_rng([self.config.seed or 0, BATCHES, epoch]).permutation(self.samples)

    def cut(self) -> None:
        """Note which batches the lane uses from here on, if they are not those that would have come anyway."""
        if (size := self.batch_size) == self.samples:
            new = Stretch(self.updates, 0, 0, size, 0)
        else:
            over = self.position >= self.samples
            place = (self.epoch + over, 0 if over else self.position)
            new = Stretch(self.updates, *place, size, self.config.seed or 0)
        earlier = tuple(stretch for stretch in self.stretches if stretch.update < self.updates)
        if not earlier or earlier[-1].at(self.updates, self.samples) != new:
            earlier = (*earlier, new)
        self.stretches = earlier[-MOST_STRETCHES:]

    def block_key(self) -> tuple[Any, ...]:
        """What lanes of a block have in common."""
        choices = tuple(sorted((k, v) for k, v in self.config.options.items() if isinstance(v, (str, bool))))
        kind: tuple[Any, ...] = (
            self.mlp.layer_sizes,
            self.mlp.activations,
            self.mlp.loss_key,
            self.mlp.fixed.tobytes(),
            self.theta.dtype.str,
        )
        if OPTIMIZERS[self.config.optimizer].needs_closure:  # these work lane by lane anyway
            kind += (self.index,)
        pace = (self.gradient_credit, self.time_credit, self.price)
        return (*kind, self.batch_size, self.position, *pace, self.config.optimizer, choices)

    def cost_key(self) -> tuple[Any, ...]:
        """What an update's cost depends on."""
        config, network = self.config, (self.mlp.layer_sizes, self.mlp.activations, self.mlp.loss_key)
        extras = (config.schedule != "constant", bool(config.l1), bool(config.l2), config.is_proximal)
        options = tuple(sorted(config.options.items()))
        return (*network, self.theta.dtype.str, self.batch_size, config.optimizer, options, *extras)

    def leave(self, state: State, reason: str) -> None:
        """Stop here and now."""
        self.status = LaneStatus(state, reason, self.clock)


def new_lane(
    index: int, config: LaneConfig, inputs: int, outputs: int, samples: int, task: str, dtype: np.dtype
) -> Lane:
    """A lane at its start, from a configuration with nothing left open. Its weights follow from its seed alone.

    Raises `ValueError` where the loss does not suit the task.
    """
    network = config.network
    assert network is not None
    config = replace(config, loss=task_loss(config.loss, task))
    sizes = (inputs, *network.hidden, outputs)
    mlp = MLP(
        sizes, network.activations, str(config.loss), network.output_activation, network.frozen, network.biases
    )  # fmt: skip
    rng = np.random.default_rng([config.seed or 0, INITIAL])
    theta = mlp.initialize(rng, 1, network.initializer, **network.initializer_options)[0]
    theta = theta.astype(dtype).astype(number_type(config, dtype))  # the same numbers in either type
    lane = Lane(index, config, mlp, theta, samples, start=(fingerprint(theta), 0))
    lane.status = first_status(config, mlp)
    lane.cut()
    return lane


def number_type(config: LaneConfig, dtype: np.dtype) -> np.dtype:
    """The type that a lane computes in: float64 for second-order methods, whatever the experiment does."""
    return np.dtype(np.float64) if OPTIMIZERS[config.optimizer].full_batch else dtype


def first_status(config: LaneConfig, mlp: MLP, step: int = 0) -> LaneStatus:
    """How a lane with these settings begins at `step`: running, perhaps with a warning, or stopped where its
    method is not for so large a network.
    """
    kind, network = OPTIMIZERS[config.optimizer], config.network
    assert network is not None
    if mlp.parameter_count > kind.most_parameters:
        reason = TOO_LARGE.format(kind.label, kind.most_parameters, mlp.parameter_count)
        return LaneStatus(State.STOPPED, reason, step)
    warns = kind.gradient_based and "threshold" in network.activations
    return LaneStatus(State.RUNNING, THRESHOLD_WARNING if warns else "")


def fingerprint(theta: np.ndarray) -> str:
    """32 hexadecimal digits (BLAKE2) of the numbers in a row (P,), alike for one number in float32 and in float64, and
    for 0 and −0.
    """
    return hashlib.blake2b((np.asarray(theta, np.float64) + 0.0).tobytes(), digest_size=16).hexdigest()
