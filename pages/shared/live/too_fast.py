"""A rate so large that the loss climbs and stays up, though the lane does not diverge."""

from __future__ import annotations

import numpy as np

from engine import Experiment
from engine.shown import power_of_ten, short_number
from engine.studies.rate_search import keeps_rate

NEWEST = 20  # recorded losses, since the last change of a setting, that are looked at
FACTOR = 10  # by which most of them must lie above the loss at the start


def too_fast(experiment: Experiment, row: int) -> str:
    """What a lane's rate has done: empty unless the median of its newest losses is ten times the loss it set out from.

    It set out from its start, or from its last change, whichever was higher: a lane whose rate has just been lowered is
    not blamed for where the last one had taken it.
    """
    lane, history = experiment.lanes[row], experiment.history
    if keeps_rate(lane.config) or experiment.status[row].reason:
        return ""
    losses = history.train_loss[:, row]
    changed = max((step for step, marked, _ in history.marks if marked == row), default=0)
    since = int(np.searchsorted(history.steps, changed))
    newest = losses[max(since + 1, len(losses) - NEWEST) :]
    if len(newest) < NEWEST:
        return ""
    is_changed = losses[since] > lane.first_loss
    origin = float(losses[since]) if is_changed else lane.first_loss
    times = float(np.median(newest)) / origin
    if not times > FACTOR:
        return ""
    power = int(np.floor(np.log10(times)))
    times_said = f"{10**power:,}" if power < 4 else power_of_ten(power)
    place = f"at update {changed:,}" if is_changed else "at the start"
    rate = short_number(lane.rate(lane.updates))
    return f"The loss is more than {times_said} times what it was {place}: the learning rate {rate} is too large."
