"""The learning-rate range test: train a copy while the rate grows at every mini-batch, and watch the loss.

At first it hardly moves, then it falls, then it explodes. The rate to use lies where it falls well. Source: Smith,
Cyclical Learning Rates for Training Neural Networks (2017).

    rateₖ = low · (high/low)^(k/(K−1)),  k = 0 … K−1
    averageₖ = β·averageₖ₋₁ + (1−β)·lossₖ,  smoothedₖ = averageₖ/(1 − β^(k+1))

It runs on a copy with the lane's own seed, so it is the same to the bit every time, and it changes nothing of the
experiment that it is given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.methods.registry import OPTIMIZERS
from engine.training.experiment import Experiment

MOST_UPDATES = 2000
STOP_FACTOR = 4.0  # times the lowest smoothed loss: it has exploded
LEAST_GAIN = 0.01  # of the loss that a batch has with the first weights: a smaller fall is none


@dataclass(frozen=True)
class Suggestion:
    """A rate worth trying: a key, its label, the place in the test, the rate, and how it was found."""

    key: str
    label: str
    index: int
    rate: float
    text: str


@dataclass(frozen=True)
class RangeTest:
    """Rates (K,), the mini-batch's loss before each update (K,), its smoothed form (K,), the suggestions, whether the
    loss exploded before the last rate, and whether no rate did anything: the loss neither exploded nor fell."""

    rates: np.ndarray
    raw: np.ndarray
    smoothed: np.ndarray
    suggestions: tuple[Suggestion, ...]
    exploded: bool
    idle: bool = False


def range_test(
    experiment: Experiment,
    lane: int = 0,
    low: float = 1e-4,
    high: float = 100.0,
    updates: int = 200,
    smoothing: float = 0.9,
) -> RangeTest:
    """Test the rates `low` to `high` on a copy of `lane`, from its present weights.

    The lane's optimizer starts with an empty state, at a constant schedule. `smoothing` is β, 0 (none) to below 1.
    `ValueError` for bounds that are not 0 < low < high, and for methods that choose their own step.
    """
    chosen = experiment.lanes[lane]
    kind = OPTIMIZERS[chosen.config.optimizer]
    if kind.needs_closure:
        raise ValueError(
            f"{kind.label} chooses its own steps; the range test is for methods with a learning rate."
        )
    if not 0 < low < high < np.inf or not 0 <= smoothing < 1:
        raise ValueError(f"The test goes from {low!r} to {high!r}, smoothed by {smoothing!r}; choose 0 < low < high, and 0 to below 1.")  # fmt: skip
    rates = np.geomspace(low, high, min(max(int(updates), 5), MOST_UPDATES))
    copy = _copy(experiment, lane, low)
    mlp, X, y = chosen.mlp, copy.X_train, copy.data.y_train
    raw: list[float] = []
    smoothed: list[float] = []
    start, average, gain, best_gain, lowest, exploded = copy.theta(0), 0.0, 0.0, 0.0, np.inf, False
    for k, rate in enumerate(rates):
        theta = copy.theta(0)
        copy.blocks[0].optimizer.learning_rate = rate
        copy.step(1, record=False)
        if copy.finished:
            exploded = True
            break
        batch = copy.last_batch(0)
        first, loss = mlp.loss(np.stack([start, theta]), X[batch], y[batch]).tolist()
        average = smoothing * average + (1 - smoothing) * loss
        # against the same batch with the first weights: what one batch has on another is no gain
        gain = smoothing * gain + (1 - smoothing) * (first - loss) / max(first, 1e-300)
        best_gain = max(best_gain, gain)
        raw.append(loss)
        smoothed.append(average / (1 - smoothing ** (k + 1)))
        lowest = min(lowest, smoothed[-1])
        if not smoothed[-1] <= STOP_FACTOR * lowest:
            exploded = True
            break
    rates = rates[: len(raw)]
    curves = np.array(raw), np.array(smoothed)
    settled = int(np.ceil(1 / (1 - smoothing))) if smoothing else 0  # until the average remembers enough
    falls = best_gain >= LEAST_GAIN
    found = suggestions(rates, curves[1], settled) if falls else ()
    return RangeTest(rates, *curves, found, exploded, idle=not falls and not exploded)


def suggestions(rates: np.ndarray, smoothed: np.ndarray, settled: int = 0) -> tuple[Suggestion, ...]:
    """Three rates from a smoothed loss curve (K,) over rates (K,) even in the logarithm.

    `steepest`: where the loss falls fastest per decade, before its minimum · `minimum`: a tenth of the rate at the
    minimum · `valley`: the middle of the longest descending section. The first `settled` points, where an average
    is still mostly noise, are left out. None where the curve has too few points, or never falls.
    """
    smoothed = np.asarray(smoothed, np.float64)
    if len(smoothed) < settled + 3:
        return ()
    bottom = settled + int(np.argmin(smoothed[settled:]))
    if bottom == settled:
        return ()
    slope = np.gradient(smoothed, np.log10(rates))
    steepest = settled + int(np.argmin(slope[settled : bottom + 1]))
    tenth = int(np.abs(np.log(rates) - np.log(rates[bottom] / 10)).argmin())
    start, end = longest_descent(smoothed[settled:])
    middle = settled + (start + end) // 2
    return (
        Suggestion("steepest", "Steepest descent", steepest, float(rates[steepest]), "where the smoothed loss falls fastest"),
        Suggestion("minimum", "A tenth of the rate at the minimum", tenth, float(rates[bottom] / 10), "one tenth of the rate at which the smoothed loss is lowest"),
        Suggestion("valley", "Valley", middle, float(rates[middle]), "the middle of the longest descending section"),
    )  # fmt: skip


def longest_descent(values: np.ndarray) -> tuple[int, int]:
    """First and last index of the longest strictly falling subsequence; small bumps in between are skipped over.

    As in fastai's "valley". The earliest of several.
    """
    length = np.ones(len(values), dtype=int)
    first = np.arange(len(values))
    for i in range(1, len(values)):
        higher = np.flatnonzero(values[:i] > values[i])
        if len(higher):
            before = higher[length[higher].argmax()]
            length[i], first[i] = length[before] + 1, first[before]
    end = int(length.argmax())
    return int(first[end]), end


def _copy(experiment: Experiment, lane: int, rate: float) -> Experiment:
    """A new experiment with `lane` alone, at a constant rate, from its present weights."""
    config = replace(
        experiment.lanes[lane].config,
        learning_rate=min(max(rate, 1e-7), 1000.0),
        schedule="constant",
        schedule_options={},
    )
    copy = Experiment(replace(experiment.config, lanes=(config,)), experiment.data, record_every=10**9)
    theta = experiment.theta(lane)
    if not np.array_equal(copy.theta(0), theta):
        copy.set_theta(0, theta)
    return copy
