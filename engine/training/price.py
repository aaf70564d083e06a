"""What an update costs a lane by itself: measured on a copy, alone, so that no lane gains by the company it trains in.

Lanes that are alike train as one array, which is cheaper a lane than each alone; and an update's time varies with what
else the machine does. So time is not read off while lanes train. It is counted: each update costs its lane's price,
found before the race by short trials of copies that train by themselves, by the processor time of this thread. In each
round all kinds of lanes have their turn, and a lane's price is the median of its share of its rounds, times the median
of the rounds: a slow moment of the machine makes a round longer, and changes no share. Where an update's work varies
(line searches), the price is that of one sample's gradient.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from engine.limits import FIELDS
from engine.methods.registry import OPTIMIZERS
from engine.training.blocks import Block, make_block
from engine.training.experiment import Experiment
from engine.training.lane import Lane

ROUNDS = 40  # of trials; the first, which finds cold caches, does not count
CHUNK = 8  # updates of one trial, at least
LONGEST = 0.3  # seconds after which no round is begun that is not needed
NEEDED = 4
CLOCK: Callable[[], float] = (
    time.thread_time if time.get_clock_info("thread_time").resolution <= 1e-5 else time.perf_counter
)


def price_lanes(experiment: Experiment) -> None:
    """Give each running lane without a price the one of its kind, which is measured where no lane has it yet."""
    if all(lane.price for lane in experiment.lanes if lane.block is not None):
        return
    with experiment.apart() as lanes:
        known = _known(experiment)
        new = {lane.cost_key(): lane for lane in lanes if lane.cost_key() not in known}
        prices = _measured(experiment, list(new.values()), next(iter(known.values()), None))
        found = dict(zip(new, prices, strict=True)) | {key: lane.price for key, lane in known.items()}
        for lane in lanes:
            lane.price = found[lane.cost_key()]


def price_of(experiment: Experiment, lane: Lane) -> float:
    """The price of a lane that is in no block and joins those of an experiment, which are in none either."""
    known = _known(experiment)
    if lane.cost_key() in known:
        return known[lane.cost_key()].price
    return _measured(experiment, [lane], next(iter(known.values()), None))[0]


def _known(experiment: Experiment) -> dict[tuple[Any, ...], Lane]:
    return {lane.cost_key(): lane for lane in experiment.lanes if lane.price}


def _measured(experiment: Experiment, lanes: list[Lane], known: Lane | None) -> list[float]:
    """Milliseconds of an update (or of a sample's gradient, see above) of each lane, alone.

    Where the price of one lane is known, it takes part, and all others are scaled by it.
    """
    trials = [_trial(experiment, lane) for lane in ([*lanes, known] if known else lanes)]
    times: list[list[float]] = []
    start = time.perf_counter()
    while len(times) < ROUNDS and (len(times) < NEEDED or time.perf_counter() - start < LONGEST):
        times.append([trial() for trial in trials])
    logs = np.log(np.maximum(times[1:], 1e-9))
    rounds = logs.mean(axis=1)
    prices = np.exp(np.median(rounds) + np.median(logs - rounds[:, None], axis=0))
    if known:
        prices = prices[:-1] * known.price / prices[-1]
    return [float(price) for price in prices]


def _trial(experiment: Experiment, lane: Lane) -> Callable[[], float]:
    """A function that trains a copy of a lane a little, and returns the milliseconds that one update cost.

    First-order methods do so at a rate so small that nothing diverges, which costs the same as any other.
    """
    config, dtype = lane.config, lane.theta.dtype
    if not OPTIMIZERS[config.optimizer].needs_closure:
        config = replace(config, learning_rate=FIELDS["learning_rate"].low or 0.0)
    X, target = experiment.meter.inputs("train", dtype), experiment.meter.target("train", dtype, lane.mlp)

    def begin() -> Block:
        return make_block([replace(lane, config=config, block=None)], X, target)

    block = begin()
    epoch = len(block.batches)
    updates = 1 if OPTIMIZERS[config.optimizer].needs_closure else max(CHUNK, CHUNK // epoch * epoch)

    def trial() -> float:
        nonlocal block
        if block.leaving:
            block = begin()
        before, start = block.units, CLOCK()
        block.step(updates)
        return 1000 * (CLOCK() - start) / max(1, block.units - before)

    return trial
