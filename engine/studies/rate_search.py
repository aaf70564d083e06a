"""Which learning rate? Method × rate × seed, trained as lanes on copies, a little at a time.

    grid = RateGrid(config, data, (LaneConfig("sgd"), LaneConfig("adam")), rates, seeds=(0, 1, 2), updates=500)
    while not grid.finished: grid.advance(0.1)      # may stop at any moment: what is done stays
    grid.median, grid.diverged_share, grid.best

All rates and seeds of one method train together as one experiment of K·S lanes, so one row of the map is one batched
run, and one job of a `Sweep` (engine/studies/sweep.py): trained here, or by the workers that `connect` reaches. A run that
diverges counts as infinitely bad. Nothing here touches an
experiment that already exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from engine.config.experiment import ExperimentConfig
from engine.config.lane import LaneConfig
from engine.data.load import Dataset, load_dataset
from engine.limits import MAX_LANES
from engine.methods.registry import OPTIMIZERS
from engine.studies.quantiles import quantile
from engine.studies.sweep import Connect, Job, Sweep, in_slices
from engine.training.experiment import Experiment

MEASURES = ("train_loss", "validation_loss", "test_loss")


class RateGrid:
    """M methods × K rates × S seeds, `updates` updates each.

    `lanes` are templates (`LaneConfig`) or optimizer keys; each is trained at every rate and with every seed (initial
    weights and order of batches). `losses` (M, K, S) are final losses on all training data (or validation or
    test data, by `measure`): NaN where not done yet, infinite where it diverged. Methods with a line search keep their rate of 1
    where `fixed_second_order`: their row has one run a seed, shown in every column.
    Raises `ValueError` for empty axes, or more runs a row than an experiment may have lanes.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        data: Dataset | None,
        lanes: Sequence[LaneConfig | str],
        rates: Sequence[float],
        seeds: Sequence[int] = (0, 1, 2),
        updates: int = 500,
        measure: str = "train_loss",
        connect: Connect | None = None,
    ) -> None:
        if not lanes or not rates or not seeds or updates < 1:
            raise ValueError("A rate search needs at least one method, one rate, one seed and one update.")
        if len(rates) * len(seeds) > MAX_LANES:
            raise ValueError(
                f"{len(rates)} rates × {len(seeds)} seeds are {len(rates) * len(seeds)} runs a method; "
                f"at most {MAX_LANES} can train at once."
            )
        if measure not in MEASURES:
            raise ValueError(f"The measure is {measure!r}; choose one of {', '.join(MEASURES)}.")
        self.config, self.measure, self.updates = config, measure, updates
        self.data = load_dataset(config.dataset) if data is None else data
        if reason := self.data.unmeasured(measure):
            raise ValueError(reason)
        self.templates = tuple(
            LaneConfig(lane, OPTIMIZERS[lane].start_rate) if isinstance(lane, str) else lane for lane in lanes
        )
        self.rates, self.seeds = tuple(float(r) for r in rates), tuple(int(s) for s in seeds)
        self.losses = np.full((len(self.templates), len(self.rates), len(self.seeds)), np.nan)
        rows = [((1.0,) if keeps_rate(lane) else self.rates) for lane in self.templates]
        self.sweep = Sweep(
            [
                partial(train_row, config, self.data, lane, own, self.seeds, updates, measure)
                for lane, own in zip(self.templates, rows, strict=True)
            ],
            connect,
        )

    # --- training -------------------------------------------------------------------------------------------

    def advance(self, seconds: float) -> bool:
        """Train, or wait for workers, for about `seconds`; whether anything was left to do. Rows fill in one by one."""
        worked = self.sweep.advance(seconds)
        for row in np.flatnonzero(~self.done):
            if self.sweep.done[row]:
                self.losses[row] = self.sweep.results[row]
        return worked

    def run(self) -> RateGrid:
        """Train to the end."""
        while not self.finished:
            self.advance(60.0)
        return self

    def cancel(self) -> None:
        """Give up the rows that are not done."""
        self.sweep.cancel()

    # --- reading --------------------------------------------------------------------------------------------

    @property
    def done(self) -> np.ndarray:
        """Which methods are done (M,)."""
        result: np.ndarray = ~np.isnan(self.losses[:, 0, 0])
        return result

    @property
    def finished(self) -> bool:
        return self.sweep.finished

    @property
    def progress(self) -> float:
        """The share of the work that is done, 0 to 1."""
        return self.sweep.progress

    @property
    def seconds(self) -> float:
        """How long it has trained."""
        return self.sweep.seconds

    @property
    def time_left(self) -> float:
        """Seconds of training still to do, at the pace so far; infinite before the first."""
        return self.sweep.time_left

    @property
    def median(self) -> np.ndarray:
        """Median final loss over the seeds (M, K): NaN where not done, infinite where most runs diverged."""
        return quantile(self.losses, 0.5)

    @property
    def so_far(self) -> np.ndarray:
        """As `median`, with the method that is training now as it stands, so that a map is alive from the start."""
        median = self.median
        row = self.sweep.current
        if row is not None and (losses := self.sweep.look(row)) is not None:
            median[row] = quantile(losses, 0.5)
        return median

    @property
    def low(self) -> np.ndarray:
        """Lower quartile over the seeds (M, K)."""
        return quantile(self.losses, 0.25)

    @property
    def high(self) -> np.ndarray:
        """Upper quartile over the seeds (M, K)."""
        return quantile(self.losses, 0.75)

    @property
    def diverged_share(self) -> np.ndarray:
        """The share of runs that diverged (M, K); NaN where not done."""
        return np.where(np.isnan(self.losses[..., 0]), np.nan, np.isinf(self.losses).mean(axis=2))

    @property
    def best(self) -> list[int | None]:
        """Per method the index of the rate with the lowest median; None where not done, or all diverged."""
        return [best_index(row) for row in self.median]


def train_row(
    config: ExperimentConfig,
    data: Dataset,
    template: LaneConfig,
    rates: Sequence[float],
    seeds: Sequence[int],
    updates: int,
    measure: str,
) -> Job:
    """One method at every rate and with every seed: losses (K, S), infinite where diverged."""
    lanes = tuple(replace(template, learning_rate=rate, seed=seed) for rate in rates for seed in seeds)
    experiment = Experiment(replace(config, lanes=lanes), data, record_every=max(2, 2 * updates))

    def losses() -> np.ndarray:
        values = experiment.evaluate()[measure]
        diverged = np.array([status.state == "diverged" for status in experiment.status])
        return np.where(diverged | ~np.isfinite(values), np.inf, values).reshape(-1, len(seeds))

    yield from in_slices(partial(experiment.step, record=False), updates, losses)
    return losses()


@dataclass(frozen=True)
class LaneRates:
    """What a search found for one lane: rates (K,), final losses over the seeds (K,), and `best`, an index.

    `best` is None where every rate diverged. K is 1 for methods that keep their rate.
    """

    rates: np.ndarray
    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    diverged: np.ndarray
    best: int | None

    @property
    def best_rate(self) -> float | None:
        """The rate with the lowest final loss; None where every rate diverged."""
        return None if self.best is None else float(self.rates[self.best])


def found_rates(grid: RateGrid) -> tuple[LaneRates, ...]:
    """What a grid has found so far, per method."""
    found = []
    for row, template in enumerate(grid.templates):
        fixed = keeps_rate(template)
        columns = slice(0, 1) if fixed else slice(None)
        losses = grid.losses[row, columns]
        median, low, high = (quantile(losses, q) for q in (0.5, 0.25, 0.75))
        rates = np.array([1.0] if fixed else grid.rates)
        found.append(LaneRates(rates, median, low, high, np.isinf(losses).mean(axis=1), best_index(median)))
    return tuple(found)


def keeps_rate(lane: LaneConfig) -> bool:
    """Whether a method finds its own step length, so that its rate stays 1."""
    kind = OPTIMIZERS[lane.optimizer]
    return kind.needs_closure and kind.gradient_based


def best_index(median: np.ndarray) -> int | None:
    """The place of the lowest finite median (K,); the smaller rate where two are alike."""
    finite = np.isfinite(median)
    return int(np.where(finite, median, np.inf).argmin()) if finite.any() else None


def log_rates(low: float, high: float, count: int) -> tuple[float, ...]:
    """`count` rates evenly spaced in the logarithm from `low` to `high`, rounded to three digits."""
    return tuple(float(f"{rate:.3g}") for rate in np.geomspace(low, high, count))
