"""Taking a lane out of an experiment while it runs; the others go on as if nothing had happened, to the bit."""

from __future__ import annotations

from dataclasses import replace

from engine.experiment import Experiment


def remove_lane(experiment: Experiment, lane: int) -> None:
    """Drop lane number `lane` with its history; later lanes move up by one. `ValueError` for the last one left."""
    if not 0 <= lane < len(experiment.lanes):
        raise ValueError(f"There is no lane {lane!r}; choose 0 to {len(experiment.lanes) - 1}.")
    if len(experiment.lanes) == 1:
        raise ValueError("An experiment has at least one lane.")
    experiment._dissolve()
    del experiment.lanes[lane]
    for index, rest in enumerate(experiment.lanes):
        rest.index = index
    lanes = experiment.config.lanes
    experiment.config = replace(experiment.config, lanes=lanes[:lane] + lanes[lane + 1 :])
    experiment.history.remove_lane(lane)
    experiment._assemble()
