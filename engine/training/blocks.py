"""Blocks, the hot loop: a block trains lanes that are alike as one array.

A block's lanes share architecture, activations, loss, batch size, number type, optimizer with its choices,
and place in the epoch. Every step is one batched expression over them, and a lane's bits do not depend on
its company. A lane that can't go on leaves its block, which goes on without it.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from engine.methods.base import Shrinkage
from engine.methods.objective import network_objective
from engine.methods.registry import OPTIMIZERS, Optimizer
from engine.network.penalties import PENALTIES, add_gradient
from engine.shown import short_number
from engine.training.lane import Lane, State

DIVERGED_AT = 1e6  # times max(1, the loss at the start): beyond it, a lane counts as diverged


class Block:
    """Lanes that train as one array. Built from lanes; `dissolve` writes everything back to them.

    X is (N, D), the same samples for all lanes, or (R, N, D), a set of its own for each.
    """

    def __init__(self, lanes: list[Lane], X: np.ndarray, target: np.ndarray) -> None:
        self.lanes, self.X, self.target = lanes, X, target
        self.samples = X.shape[-2]
        self.mlp = lanes[0].mlp
        self.theta = np.stack([lane.theta for lane in lanes])
        dtype = self.theta.dtype
        self.before = np.empty_like(self.theta)  # the parameters before the last update
        self.gradient = np.empty_like(self.theta)
        self.flat, self.zeros = self.theta.reshape(-1), np.zeros(self.theta.size, dtype)
        self.optimizer = _optimizer(lanes, self.mlp.parameter_count, dtype)
        self.optimizer.fixed = self.mlp.fixed
        strengths = {key: np.array([[lane.config.slopes[key]] for lane in lanes], dtype) for key in PENALTIES}
        self.strengths = {key: column for key, column in strengths.items() if column.any()}
        self.is_regularised = bool(self.strengths)
        if any(lane.config.is_proximal for lane in lanes):
            shrinking = [[lane.config.l1 if lane.config.is_proximal else 0.0] for lane in lanes]
            self.optimizer.shrinkage = Shrinkage(np.array(shrinking, dtype), self.mlp.trained_mask)
        self.has_schedule = any(
            lane.config.schedule != "constant" or lane.config.schedule_options for lane in lanes
        )
        self.bound = np.array([DIVERGED_AT * max(1.0, lane.first_loss) for lane in lanes])
        self.lowest_bound = float(self.bound.min())
        self.size, self.position = lanes[0].batch_size, lanes[0].position
        self.done = 0  # updates that are not settled yet
        self.used = 0
        self.seconds = 0.0
        self.norms = np.array([lane.gradient_norm for lane in lanes])
        self.leaving: dict[int, tuple[State, str]] = {}  # row -> state and reason
        self.indices = np.array([lane.index for lane in lanes])
        self._make_batches()
        for row, lane in enumerate(lanes):
            lane.block, lane.row = self, row

    # --- batches --------------------------------------------------------------------------------------------

    def _make_batches(self) -> None:
        """Buffers for the epoch's samples in order, with a view for each batch, so that cutting is free."""
        lanes, samples, has_own = self.lanes, self.samples, self.X.ndim == 3
        orders = {(lane.config.seed, lane.epoch) for lane in lanes}
        self.is_full = self.size == samples
        self.is_shared = not has_own and (self.is_full or len(orders) == 1)  # all lanes see the same batches
        if self.is_full:
            x, target = self.X, self.target
        else:
            lead = () if self.is_shared or has_own else (len(lanes),)
            x = np.empty((*lead, *self.X.shape), self.X.dtype)
            target = np.empty((*lead, *self.target.shape), self.target.dtype)
        self.epoch_X, self.epoch_target = x, target
        cuts = [slice(start, min(start + self.size, samples)) for start in range(0, samples, self.size)]
        self.batches = [(x[..., cut, :], target[..., cut, :], cut.stop) for cut in cuts]
        self._shuffle()

    def _shuffle(self) -> None:
        if self.is_full:
            return
        if self.is_shared:
            order = self.lanes[0].order(self.lanes[0].epoch)
            self.X.take(order, axis=0, out=self.epoch_X, mode="clip")
            self.target.take(order, axis=0, out=self.epoch_target, mode="clip")
            return
        orders: dict[tuple[Any, ...], np.ndarray] = {}
        for row, lane in enumerate(self.lanes):
            key = (lane.config.seed, lane.epoch)
            if key not in orders:
                orders[key] = lane.order(lane.epoch)
            X, target = (self.X, self.target) if self.X.ndim == 2 else (self.X[row], self.target[row])
            X.take(orders[key], axis=0, out=self.epoch_X[row], mode="clip")
            target.take(orders[key], axis=0, out=self.epoch_target[row], mode="clip")

    def _next_epoch(self) -> None:
        self.position = 0
        for lane in self.lanes:
            lane.epoch += 1
        self._shuffle()

    # --- training -------------------------------------------------------------------------------------------

    def step(self, updates: int) -> int:
        """Up to `updates` updates; how many were done. If fewer, `leaving` names lanes that must go first.

        One update: batch, gradient, check, penalties, rate, optimizer, check. The norm of the last update's
        gradient is kept. The checks cost about 1 µs: the loss against its bound (a NaN fails it too), and
        θ·0, which is not zero as soon as one parameter is infinite or NaN.
        """
        start = time.thread_time()
        theta, before, gradient = self.theta, self.before, self.gradient
        backward, optimize = self.mlp.backward, self.optimizer.update
        flat, zeros, dot, copyto, largest = self.flat, self.zeros, np.dot, np.copyto, np.maximum.reduce
        single, bound, batches = len(theta) == 1, self.lowest_bound, self.batches
        rates = self._rates(updates) if self.has_schedule else None
        index = -(-self.position // self.size)
        done = 0
        with np.errstate(all="ignore"):
            while done < updates:
                if index == len(batches):
                    self._next_epoch()
                    index = 0
                x, target, stop = batches[index]
                loss = backward(theta, x, target, gradient)
                highest = loss.item() if single else largest(loss)
                if not highest <= bound and self._loss_too_large(loss, done):
                    break
                if self.is_regularised:
                    add_gradient(theta, self.mlp.trained_mask, self.strengths, gradient)
                if rates is not None:
                    self.optimizer.learning_rate[:, 0] = rates[done]
                done += 1
                if done == updates:
                    self.norms = _norms(gradient)
                copyto(before, theta)
                optimize(theta, gradient)
                self.used += stop - self.position
                self.position = stop
                index += 1
                if dot(flat, zeros) != 0:
                    self._parameters_overflowed(done)
                    break
            if 0 < done < updates:
                self._measure_norms()
        self.done += done
        self.seconds += time.thread_time() - start
        return done

    def _rates(self, updates: int) -> np.ndarray:
        """The learning rates (updates, R) of the coming updates."""
        columns = []
        for lane in self.lanes:
            first = lane.updates + self.done + 1
            columns.append([lane.rate(update) for update in range(first, first + updates)])
        return np.array(columns, dtype=self.theta.dtype).T

    def _loss_too_large(self, loss: np.ndarray, done: int) -> bool:
        for row in np.flatnonzero(~(loss <= self.bound)):
            lane, value = self.lanes[row], float(loss[row])
            what = (
                f"The loss grew to {short_number(value)}"
                if np.isfinite(value)
                else "The loss stopped being a number"
            )
            self.leaving[int(row)] = (State.DIVERGED, _advice(lane, what, lane.updates + self.done + done))
        return bool(self.leaving)

    def _parameters_overflowed(self, done: int) -> None:
        """The last update made infinite or NaN parameters: those lanes go back to before it."""
        for row in np.flatnonzero(~np.isfinite(self.theta).all(axis=1)):
            lane = self.lanes[row]
            self.theta[row] = self.before[row]
            text = _advice(lane, "The weights overflowed", lane.updates + self.done + done)
            self.leaving[int(row)] = (State.DIVERGED, text)

    def _measure_norms(self) -> None:
        """The norms of the last update's gradients, worked out again: nobody had known that it would be the last."""
        ago, start, stop = self._last_batch()
        rows = np.stack([lane.order(lane.epoch - ago)[start:stop] for lane in self.lanes])
        lanes = () if self.X.ndim == 2 else (np.arange(len(rows))[:, None],)
        gradient = self.mlp.loss_and_gradient(self.before, self.X[*lanes, rows], self.target[*lanes, rows])[1]
        add_gradient(self.before, self.mlp.trained_mask, self.strengths, gradient)
        self.norms = _norms(gradient)

    def _last_batch(self) -> tuple[int, int, int]:
        """Of the last update: how many epochs ago it was, 0 or 1, and where in the epoch its batch began and ended."""
        stop = self.position or self.samples
        return int(self.position == 0), (stop - 1) // self.size * self.size, stop

    @property
    def units(self) -> int:
        """How many times a lane's price the updates cost that are not settled yet."""
        return self.done

    def spent(self, row: int) -> tuple[int, int]:
        """Updates and sample gradients of a lane, those that are not settled included."""
        lane = self.lanes[row]
        return lane.updates + self.done, lane.sample_gradients + self.used

    # --- back to lanes --------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Bring the lanes' counts up to date; cheap."""
        share, self.seconds = 1000 * self.seconds / len(self.lanes), 0.0
        for row, lane in enumerate(self.lanes):
            lane.milliseconds += lane.price * self.units if lane.price else share
            lane.gradient_norm = float(self.norms[row])
        if not self.done:
            return
        ago, start, stop = self._last_batch()
        for lane in self.lanes:
            lane.updates += self.done
            lane.clock += self.done
            lane.gradient_evaluations += self.done
            lane.function_evaluations += self.done
            lane.samples_used += self.used
            lane.sample_gradients += self.used
            lane.last = (lane.epoch - ago, start, stop)
        self.done, self.used = 0, 0

    def dissolve(self) -> None:
        """Write everything back to the lanes, and give those that leave their status."""
        self.settle()
        for row, lane in enumerate(self.lanes):
            lane.theta = self.theta[row].copy()
            lane.optimizer_state = optimizer_row(self.optimizer, row)
            lane.position = self.position
            lane.block = None
            if row in self.leaving:
                lane.leave(*self.leaving[row])


class ClosureBlock(Block):
    """One lane whose method asks for losses and gradients where it wants them (engine/methods/objective.py)."""

    def __init__(self, lanes: list[Lane], X: np.ndarray, target: np.ndarray) -> None:
        super().__init__(lanes, X, target)
        # the same object at every update, as its last answer may be reused
        self.whole = self.objective(X, target)
        self.counted = np.zeros(2, dtype=np.int64)
        self.sampled = self.asked = 0  # gradients of samples that are not settled; evaluations so far

    def objective(self, X: np.ndarray, target: np.ndarray) -> Any:
        """The loss of a batch, to be asked for values and gradients anywhere."""
        return network_objective(self.mlp, X, target, self.strengths)

    def step(self, updates: int) -> int:
        """As `Block.step`. A lane whose method can't go on, for instance at a minimum, stops and says why."""
        start, optimizer, done = time.thread_time(), self.optimizer, 0
        rates = self._rates(updates) if self.has_schedule else None
        with np.errstate(all="ignore"):
            while done < updates and not self.leaving:
                position = self.position
                if position >= self.samples:
                    self._next_epoch()
                    position = 0
                x, target, stop = self.batches[position // self.size]
                if rates is not None:
                    optimizer.learning_rate[:, 0] = rates[done]
                np.copyto(self.before, self.theta)
                loss = optimizer.step(self.theta, self.whole if self.is_full else self.objective(x, target))
                self.gradient[:] = optimizer.gradient
                asked = max(int(optimizer.gradient_evaluations[0]), int(optimizer.function_evaluations[0]))
                self.sampled += (asked - self.asked) * (stop - position)
                self.asked = asked
                if not loss[0] <= self.lowest_bound:
                    self._loss_too_large(loss, done)
                    self.theta[:] = self.before
                elif optimizer.failed[0]:
                    update = self.lanes[0].updates + self.done + done
                    self.leaving[0] = (State.STOPPED, f"Stopped at update {update}. {optimizer.reasons[0]}")
                else:
                    done += 1
                    self.norms = _norms(self.gradient)
                    self.used += stop - position
                    self.position = stop
                    if not np.isfinite(self.theta).all():
                        self._parameters_overflowed(done)
        self.done += done
        self.seconds += time.thread_time() - start
        return done

    @property
    def units(self) -> int:
        return self.sampled

    def spent(self, row: int) -> tuple[int, int]:
        lane = self.lanes[row]
        return lane.updates + self.done, lane.sample_gradients + self.sampled

    def settle(self) -> None:
        """As `Block.settle`, with the evaluations that the method counted itself."""
        done, used, lane = self.done, self.used, self.lanes[0]
        super().settle()
        spent = np.array([self.optimizer.gradient_evaluations[0], self.optimizer.function_evaluations[0]])
        new, self.counted = spent - self.counted, spent
        lane.gradient_evaluations += int(new[0]) - done
        lane.function_evaluations += int(new[1]) - done
        lane.sample_gradients += self.sampled - used
        self.sampled = 0


def make_block(lanes: list[Lane], X: np.ndarray, target: np.ndarray) -> Block:
    """The block for lanes of one `block_key`."""
    kind = OPTIMIZERS[lanes[0].config.optimizer]
    return (ClosureBlock if kind.needs_closure else Block)(lanes, X, target)


def _advice(lane: Lane, what: str, update: int) -> str:
    rate = lane.config.learning_rate
    return f"{what} at update {update}: the learning rate {short_number(rate)} is too large here. Lower it and reset."


def _norms(gradient: np.ndarray) -> np.ndarray:
    """Length of each row (R,), in float64 so that large ones do not overflow."""
    result: np.ndarray = np.sqrt(
        np.einsum("rp,rp->r", gradient, gradient, dtype=np.float64, casting="same_kind")
    )
    return result


def _optimizer(lanes: list[Lane], parameters: int, dtype: Any) -> Any:
    """The lanes' optimizer, options as columns, with the state that the lanes bring along."""
    kind = OPTIMIZERS[lanes[0].config.optimizer]
    options: dict[str, Any] = {}
    for name, option in kind.options.items():
        # a method that draws at random draws by the lane's seed, unless it is given its own
        usual = [lane.config.seed if name == "seed" else option.default for lane in lanes]
        values = [lane.config.options.get(name, use) for lane, use in zip(lanes, usual, strict=True)]
        options[name] = (
            values[0] if isinstance(values[0], (str, bool)) else np.array(values, dtype=np.float64)
        )
    rates = np.array([lane.config.learning_rate for lane in lanes])
    optimizer = kind(len(lanes), parameters, rates, dtype, **options)
    for row, lane in enumerate(lanes):
        for name, saved in lane.optimizer_state.items():
            (optimizer.t if name == "t" else optimizer.state[name])[row] = saved
    return optimizer


def optimizer_row(optimizer: Optimizer, row: int) -> dict[str, np.ndarray]:
    """A lane's part of the optimizer's state, copied."""
    return {"t": optimizer.t[row].copy()} | {name: rows[row].copy() for name, rows in optimizer.state.items()}
