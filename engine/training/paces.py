"""Other paces than one update each: equal evaluations, or equal time, for all lanes that still run.

Each lane has a credit. A round adds the same to every lane's, and a lane does updates while it can pay for them: it
saves up for an update that costs more than a round gives (Newton's), and one that cost more than could be known
beforehand (a line search) is paid off before the next. Every round is one tick of the experiment's clock
(`Experiment.updates`) and one point of its history. A lane's bits are those of `Experiment.step` with as many updates.

Equal evaluations are counted in sample gradients (`Lane.sample_gradients`): a loss, with its gradient or not, of one
sample. Penalties are free. Both functions return the updates (L,) that each lane did in the round; 0 means that it
waited, or does not run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil

import numpy as np

from engine.training.blocks import Block, ClosureBlock
from engine.training.experiment import Experiment
from engine.training.lane import Lane
from engine.training.price import price_lanes

MOST_MILLISECONDS = 60_000


def advance_evaluations(experiment: Experiment, epochs: int = 1) -> np.ndarray:
    """A round in which every lane may look at `epochs` times the training set's gradients.

    First-order lanes, whatever their batch size, use exactly these: from the start of an epoch to its end. If no
    lane can pay for an update, the round lasts until one can. `ValueError` for fewer than one epoch.
    """
    if not epochs >= 1 or epochs != int(epochs):
        raise ValueError(f"A round can't be {epochs!r} epochs; choose a whole number from 1.")
    for lane in _running(experiment):
        lane.gradient_credit = min(lane.gradient_credit, float(_price(lane)))  # no more savings than it needs
    _give(experiment, "gradient_credit", int(epochs) * len(experiment.X_train), _price)

    def affordable(lane: Lane, credit: float) -> int:
        if isinstance(lane.block, ClosureBlock):
            return int(_price(lane) <= credit)
        return _batches_within(lane, int(max(0, credit)))

    return _round(experiment, "gradient_credit", "sample_gradients", affordable)


def advance_milliseconds(experiment: Experiment, milliseconds: float) -> np.ndarray:
    """A round in which every lane trains for so long, each update at the price that it has alone (price.py).

    A lane with credit does at least one update, and waits after it has overdrawn. If all must wait, the round lasts
    until one need not. `ValueError` for no time, or more than a minute.
    """
    if not 0 < milliseconds <= MOST_MILLISECONDS:
        raise ValueError(
            f"A round can't last {milliseconds!r} ms; choose more than 0 and at most {MOST_MILLISECONDS}."
        )
    price_lanes(experiment)
    for lane in _running(experiment):
        lane.time_credit = min(lane.time_credit, 0.0)
    _give(experiment, "time_credit", milliseconds, lambda lane: 0)

    def affordable(lane: Lane, credit: float) -> int:
        if credit <= 0 or isinstance(lane.block, ClosureBlock):
            return int(credit > 0)
        return ceil(credit / lane.price)

    return _round(experiment, "time_credit", "milliseconds", affordable)


def _running(experiment: Experiment) -> list[Lane]:
    return [lane for lane in experiment.lanes if lane.block is not None]


def _price(lane: Lane) -> int:
    """Sample gradients that the next update costs, at least."""
    block = lane.block
    assert block is not None
    begin = block.position % lane.samples
    batch = min(begin + block.size, lane.samples) - begin
    result: int = batch * block.optimizer.least_evaluations(lane.row)
    return result


def _batches_within(lane: Lane, gradients: int) -> int:
    """How many of a first-order lane's next batches hold at most so many samples together."""
    block = lane.block
    assert block is not None
    ends, begin = [stop for _, _, stop in block.batches], block.position % lane.samples
    coming = [stop - begin for stop in ends if stop > begin] + [lane.samples - begin + stop for stop in ends]
    epochs, rest = divmod(gradients, lane.samples)
    return epochs * len(ends) + sum(used <= rest for used in coming)


def _give(experiment: Experiment, credit: str, allowance: float, price: Callable[[Lane], float]) -> None:
    """Add an allowance to every running lane's credit, as often as it takes until one can pay."""
    lanes = _running(experiment)
    times = [ceil((price(lane) - getattr(lane, credit)) / allowance) for lane in lanes]
    for lane in lanes:
        setattr(lane, credit, getattr(lane, credit) + allowance * max(1, min(times)))


def _round(
    experiment: Experiment, credit: str, cost: str, affordable: Callable[[Lane, float], int]
) -> np.ndarray:
    """Let each block go on for as many updates as `affordable` says of (a lane, its credit left), again and again
    until that is 0; record one point.
    """
    before = [(lane.updates, getattr(lane, cost)) for lane in experiment.lanes]
    running = _running(experiment)
    for block in tuple(experiment.blocks):
        left_over: Block | None = block
        while left_over is not None:
            lanes = left_over.lanes
            spent = max(getattr(lane, cost) - before[lane.index][1] for lane in lanes)
            left = min(getattr(lane, credit) for lane in lanes) - spent
            updates = affordable(lanes[0], left)
            if not updates:
                break
            left_over = experiment.advance(left_over, updates)
    if running:
        experiment.updates += 1
    for lane in running:
        setattr(lane, credit, getattr(lane, credit) - (getattr(lane, cost) - before[lane.index][1]))
        lane.clock = experiment.updates
        if lane.block is None:  # it left in this round
            lane.status = replace(lane.status, step=experiment.updates)
            lane.gradient_credit, lane.time_credit = (
                min(c, 0.0) for c in (lane.gradient_credit, lane.time_credit)
            )
    if running:
        experiment.record()
    return np.array([lane.updates for lane in experiment.lanes]) - [updates for updates, _ in before]
