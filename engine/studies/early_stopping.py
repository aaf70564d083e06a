"""When to stop training: three sets, and the risk on points never seen.

A network trains on the training points. Every CHECK updates the loss on the validation points is measured. Training would
stop at the first check that is at least `look_ahead` updates after the best one so far; the weights of the best are kept. The test
points are looked at once, for the kept weights. On made data the true risk can be measured as well, on any number of new
points, to within its standard error s/√n.
Source: Prechelt, Early stopping: but when? (1998).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import numpy as np

from engine.config.experiment import ExperimentConfig
from engine.config.lane import LaneConfig
from engine.data.load import Dataset
from engine.network.config import NetworkConfig
from engine.studies.sweep import Job, Stand, Sweep
from engine.training.experiment import Experiment

CHECK = 5  # updates between two looks at the sets
RATE = 0.003
CURVE_POINTS = 4_000  # new points for the curve of the true risk
FINAL_POINTS = 100_000  # others, for what a network is worth in the end
SERIES = ("train", "validation", "test")


class Stop(NamedTuple):
    """The number of the best check so far, and of the one at which training would have stopped; None if it goes on."""

    best: int
    at: int | None


def stop(values: np.ndarray, look_ahead: int) -> Stop | None:
    """The rule on validation losses (K,), one every CHECK updates; None where none is a number.

    After it has stopped, nothing better is found: `best` is the best check up to `at`. Of equal ones the first counts.
    """
    series = np.where(np.isfinite(values), values, np.inf).tolist()
    if not series or min(series) == np.inf:
        return None
    best = 0
    for k, value in enumerate(series):
        if value < series[best]:
            best = k
        elif k > best and (k - best) * CHECK >= look_ahead:
            return Stop(best, k)
    return Stop(best, None)


class Risk(NamedTuple):
    """The mean loss on new points, and its standard error."""

    mean: float
    error: float


def true_risk(experiment: Experiment, theta: np.ndarray, X: np.ndarray, y: np.ndarray) -> Risk:
    """What these weights (P,) of lane 0 lose on new points, as cross-entropy."""
    mlp = experiment.mlp(0)
    with np.errstate(all="ignore"):
        outputs = mlp.forward(theta[None].astype(experiment.theta(0).dtype), X)[0].astype(np.float64)
        logits = outputs[:, 0]
        losses = np.logaddexp(0.0, np.where(y > 0.5, -logits, logits))
    return Risk(float(losses.mean()), float(losses.std() / np.sqrt(len(losses))))


@dataclass
class Watched:
    """A training so far: the losses at each check on SERIES and on new points. Weights are kept of the last check, and of
    each that was the best so far by the series `chooses`: no rule keeps any others.
    """

    chooses: str = "validation"
    losses: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in SERIES})
    risk: list[Risk] = field(default_factory=list)
    weights: dict[int, np.ndarray] = field(default_factory=dict)
    last: np.ndarray = field(default_factory=lambda: np.empty(0))

    @property
    def updates(self) -> np.ndarray:
        """At which updates the checks were made (K,)."""
        return CHECK * np.arange(len(self.risk))

    def by(self, name: str) -> np.ndarray:
        """The losses of one of SERIES at each check (K,)."""
        return np.array(self.losses[name])

    def stop(self, look_ahead: int) -> Stop | None:
        """The rule on the series that chooses."""
        return stop(self.by(self.chooses), look_ahead)

    def weights_at(self, check: int) -> np.ndarray:
        """The weights (P,) of a check that was the best so far, or of the last."""
        return self.last if check == len(self.risk) - 1 else self.weights[check]


def config_of(width: int, batch: int, seed: int) -> ExperimentConfig:
    """Two hidden layers of tanh units and Adam."""
    return ExperimentConfig(
        network=NetworkConfig((width, width)), batch_size=batch, lanes=(LaneConfig("adam", RATE, seed=seed),)
    )


def watch(experiment: Experiment, watched: Watched, updates: int) -> Job:
    """Train and look at all sets every CHECK updates."""
    X, y = experiment.data.fresh(CURVE_POINTS, 0)

    def look() -> None:
        found = experiment.evaluate()
        for name in SERIES:
            watched.losses[name].append(float(found[f"{name}_loss"][0]))
        watched.last = experiment.theta(0)
        watched.risk.append(true_risk(experiment, watched.last, X, y))
        values = watched.losses[watched.chooses]
        if np.isfinite(values[-1]) and not any(value <= values[-1] for value in values[:-1]):
            watched.weights[len(values) - 1] = watched.last

    look()
    while experiment.updates < updates and not experiment.finished:
        experiment.step(CHECK, record=False)
        look()
        yield Stand(experiment.updates / updates, lambda: watched)
    return watched


class EarlyStopping:
    """One network, trained to the end and watched, whatever the rule would have done. `chooses` names the points that the
    rule looks at.
    """

    def __init__(
        self, data: Dataset, width: int, batch: int, updates: int, seed: int, chooses: str = "validation"
    ) -> None:  # fmt: skip
        if data.task != "binary":
            raise ValueError("Early stopping is shown on two classes.")
        self.data = data
        self.experiment = Experiment(config_of(width, batch, seed), data, record_every=max(2, 2 * updates))
        self.watched = Watched(chooses)
        self.sweep = Sweep([partial(watch, self.experiment, self.watched, updates)])

    def advance(self, seconds: float) -> None:
        """Train for about `seconds`."""
        self.sweep.advance(seconds)

    def worth(self, check: int) -> Risk:
        """The true risk of the weights at a check, on FINAL_POINTS new points that no curve has seen."""
        X, y = self.data.fresh(FINAL_POINTS, 1)
        return true_risk(self.experiment, self.watched.weights_at(check), X, y)


# --- how sure is a score? -----------------------------------------------------------------------------------


def standard_error(accuracy: float, points: int) -> float:
    """√(p(1 − p)/n): how far the share right among n points strays from p."""
    return float(np.sqrt(accuracy * (1 - accuracy) / points))


def points_needed(accuracy: float, error: float) -> int:
    """How many points bring the standard error down to `error`."""
    return int(np.ceil(accuracy * (1 - accuracy) / error**2 - 1e-9))
