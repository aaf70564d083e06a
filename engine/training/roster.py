"""Lanes that come and go while an experiment runs; the others go on as if nothing had happened, to the bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.config.lane import LaneConfig
from engine.training.experiment import Experiment
from engine.training.history import COSTS, HELD_OUT, SERIES
from engine.training.lane import State
from engine.training.price import price_of

NEVER = 10**9  # a record_every that keeps no points but those that are asked for


def add_lane(experiment: Experiment, config: LaneConfig) -> int:
    """A new lane from its own initial weights, trained up to where the others are; its index.

    It is what it would be if it had been there from the start: its history has the same points. `ValueError` for a
    configuration that does not suit the data. Only for experiments that are taken forward by `Experiment.step`.
    """
    whole = replace(experiment.config, lanes=(*experiment.config.lanes, config))
    alone = Experiment(
        replace(experiment.config, lanes=(config,)),
        experiment.data,
        NEVER,
        exact=experiment.reach is not None,
    )
    for target in experiment.reach.targets if experiment.reach else ():
        alone.watch(float(target))
    if any(lane.price for lane in experiment.lanes):
        with experiment.apart(), alone.apart() as lanes:
            lanes[0].price = price_of(experiment, lanes[0])
    steps = experiment.history.steps
    past = np.empty((len(COSTS) + len(SERIES), len(steps)))
    for k, step in enumerate(steps):
        alone.step(int(step) - alone.updates if alone.blocks else 0, record=False)
        values = alone.measured()[:, 0]
        past[: len(COSTS), k], past[len(COSTS) :, k] = alone.spent()[:, 0], values
        if alone.reach is not None:
            alone.reach.see_held_out(values[HELD_OUT, None])
    with alone.apart() as lanes:
        lane = replace(lanes[0])
    if lane.status.state is State.RUNNING:
        lane.clock = experiment.updates
    return experiment.join(lane, whole, past, alone.reach)


def remove_lane(experiment: Experiment, lane: int) -> None:
    """Drop lane number `lane` with its history; later lanes move up by one. `ValueError` for the last one left."""
    experiment.drop(lane)
