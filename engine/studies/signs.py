"""Signs of what goes wrong in training: each function looks for one and returns what it measured, or None.

A sign is a number beside the limit that it has passed, with what was looked at as arrays, so that a page can show both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from engine.config.seeds import run_seeds
from engine.network.activations import ACTIVATIONS
from engine.shown import short_number
from engine.studies.sharpness import SharpnessGauge
from engine.training.experiment import Experiment
from engine.training.lane import State

FLAT_UPDATES = 100  # updates that a plateau has at least
FLAT_CHANGE = 0.02  # of the loss, over the plateau
FLAT_LOSS = 0.5  # of the first loss: below it, a flat curve may be the end of successful training
RISEN_UPDATES = 50  # updates since its lowest value, at least
RISEN = 1.2  # times its lowest value: a held-out loss that has risen
SATURATED_SLOPE = 0.05  # of the activation's largest slope
SATURATED_SHARE = 0.95  # of the samples, for a unit; SATURATED_UNITS of a layer's units, for a sign
SATURATED_UNITS = 0.25
OFF = ("relu",)  # activations that can be off: their slope is 0 below 0
LARGEST_SLOPE = {"tanh": 1.0, "sigmoid": 0.25}
NEAR_EDGE = 0.9  # of the edge of stability
STARTS = 7  # other starts that one is compared with
MOST_COMPARED = 1500  # updates of that comparison
WORSE = 1.5  # times the median of the other starts


@dataclass(frozen=True, eq=False)
class Sign:
    """`value` is the measured number, `limit` what it has passed, `said` both in a sentence. `evidence` are the arrays that were
    looked at.
    """

    key: str
    value: float
    limit: float
    said: str
    evidence: dict[str, np.ndarray] = field(default_factory=dict)


def curve(experiment: Experiment, lane: int, name: str = "train_loss") -> tuple[np.ndarray, np.ndarray]:
    """Updates and values of a lane's recorded line."""
    history = experiment.history
    return history.series("updates")[:, lane], history.series(name)[:, lane]


def diverged(experiment: Experiment, lane: int) -> Sign | None:
    """The lane was stopped, because its loss or its weights grew without bound."""
    status = experiment.status[lane]
    if status.state is not State.DIVERGED:
        return None
    updates, losses = curve(experiment, lane)
    times = float(losses[-1] / losses[0])
    grown = (
        f" The loss is {short_number(times)} times what it was at the start." if np.isfinite(times) else ""
    )
    return Sign("diverged", times, 1.0, status.reason + grown, dict(updates=updates, loss=losses))


def plateau(experiment: Experiment, lane: int) -> Sign | None:
    """The training loss has hardly changed over the last half of the updates, and is still high."""
    updates, losses = curve(experiment, lane)
    since = int(np.searchsorted(updates, updates[-1] / 2))
    span = float(updates[-1] - updates[since])
    if span < FLAT_UPDATES or experiment.status[lane].state is State.DIVERGED:
        return None
    window = losses[since:]
    few = max(1, len(window) // 10)
    before, after = float(np.median(window[:few])), float(np.median(window[-few:]))
    change = abs(after - before) / before if before else 0.0
    if not change < FLAT_CHANGE or not after > FLAT_LOSS * losses[0]:
        return None
    said = (
        f"In the last {span:,.0f} updates the training loss changed by {short_number(100 * change, 2)} %: it is {short_number(after)}, "
        f"and was {short_number(float(losses[0]))} at the start."
    )
    evidence = dict(updates=updates, loss=losses, window=updates[[since, -1]])
    return Sign("plateau", change, FLAT_CHANGE, said, evidence)


def overfitting(experiment: Experiment, lane: int) -> Sign | None:
    """The loss on data that are not trained on has risen from its lowest value, while the training loss has fallen."""
    part = "validation" if len(experiment.data.y_validation) else "test"
    updates, held_out = curve(experiment, lane, f"{part}_loss")
    _, train = curve(experiment, lane)
    if (
        not len(held_out)
        or not np.isfinite(held_out).all()
        or experiment.status[lane].state is State.DIVERGED
    ):
        return None
    lowest = int(np.argmin(held_out))
    few = max(1, (len(held_out) - lowest) // 10)
    now, train_now = float(np.median(held_out[-few:])), float(np.median(train[-few:]))
    times = now / float(held_out[lowest]) if held_out[lowest] > 0 else np.inf
    if not times > RISEN or updates[-1] - updates[lowest] < RISEN_UPDATES or not train_now < train[lowest]:
        return None
    said = (
        f"The {part} loss was lowest at update {updates[lowest]:,.0f}, {short_number(float(held_out[lowest]))}, and is now "
        f"{short_number(now)}, {short_number(times, 2)} times as high; the training loss fell meanwhile from "
        f"{short_number(float(train[lowest]))} to {short_number(train_now)}."
    )
    evidence = {"updates": updates, "loss": train, f"{part} loss": held_out, "lowest": updates[[lowest]]}
    return Sign("overfitting", times, RISEN, said, evidence)


def slopes(experiment: Experiment, lane: int) -> list[np.ndarray]:
    """φ′(z) of every hidden layer's units (N, width), on all training samples."""
    mlp, theta = experiment.mlp(lane), experiment.theta(lane)[None]
    X = experiment.meter.inputs("train", theta.dtype)
    found, a = [], X
    with np.errstate(all="ignore"):
        outputs = mlp.layer_outputs(theta, X)
        for (W, b), key, out in zip(mlp.unflatten(theta), mlp.activations, outputs, strict=False):
            z = a @ W[0] + b[0]
            a = out[0]
            found.append(ACTIVATIONS[key].slope(z, a, np.empty_like(z)))
    return found


def dead_units(experiment: Experiment, lane: int) -> Sign | None:
    """Hidden units whose slope is 0 on every training sample: no gradient gets through them, so they never change."""
    keys = experiment.mlp(lane).activations
    layers = {
        f"layer {k}": (slope == 0).mean(axis=0)
        for k, (slope, key) in enumerate(zip(slopes(experiment, lane), keys, strict=True), 1)
        if key in OFF
    }
    dead = {name: int((share == 1).sum()) for name, share in layers.items()}
    count, units = sum(dead.values()), sum(map(len, layers.values()))
    if not count:
        return None
    where = ", ".join(f"{off} of {len(layers[name])} in {name}" for name, off in dead.items() if off)
    are = "unit is" if count == 1 else "units are"
    said = f"{count} hidden {are} off on every training sample ({where}): no gradient gets through."
    return Sign("dead units", count / units, 0.0, said, layers)


def saturated(experiment: Experiment, lane: int) -> Sign | None:
    """Hidden units that lie on a flat end of their activation for nearly all training samples: gradients shrink there."""
    keys = experiment.mlp(lane).activations
    shares: dict[str, np.ndarray] = {}
    for k, (slope, key) in enumerate(zip(slopes(experiment, lane), keys, strict=True), 1):
        if key in LARGEST_SLOPE:
            shares[f"layer {k}"] = (slope < SATURATED_SLOPE * LARGEST_SLOPE[key]).mean(axis=0)
    worst, value = "", 0.0
    for name, share in shares.items():
        if (found := float((share >= SATURATED_SHARE).mean())) > value:
            worst, value = name, found
    if value < SATURATED_UNITS:
        return None
    count = round(value * len(shares[worst]))
    said = (
        f"{count} of {len(shares[worst])} units of {worst} have less than {SATURATED_SLOPE:.0%} of the largest slope on "
        f"{SATURATED_SHARE:.0%} of the training samples or more: gradients shrink by that factor there."
    )
    return Sign("saturated", value, SATURATED_UNITS, said, shares)


def at_the_edge(experiment: Experiment, lane: int) -> Sign | None:
    """The curvature has come near to, or over, where the rate makes the steps overshoot (see `sharpness`)."""
    if experiment.status[lane].state is State.DIVERGED:
        return None
    sharpness, limit = SharpnessGauge(experiment).read(lane)
    edge = limit.value
    if edge is None or not np.isfinite(sharpness) or not sharpness > NEAR_EDGE * edge:
        return None
    share = sharpness / edge
    matrix = "D⁻¹H" if limit.preconditioned else "the Hessian"
    said = (
        f"The largest curvature, an eigenvalue of {matrix}, is {short_number(sharpness)}: {100 * share:.0f} % of "
        f"{short_number(edge)}, beyond which steps of this rate overshoot more each time."
    )
    return Sign("edge", float(share), NEAR_EDGE, said, dict(measured=np.array([sharpness, edge])))


class OtherStarts:
    """The same lane from other seeds: other initial weights and batches, trained up to the same update."""

    def __init__(self, experiment: Experiment, lane: int) -> None:
        self.goal = int(min(experiment.lanes[lane].updates, MOST_COMPARED))
        own = experiment.lanes[lane].config
        seeds = run_seeds([own.seed or 0], STARTS + 1)[0][1:]
        lanes = tuple(replace(own, seed=seed) for seed in seeds)
        whole = replace(experiment.config, lanes=lanes)
        self.experiment = Experiment(whole, experiment.data, record_every=max(1, self.goal))
        updates, losses = curve(experiment, lane)
        self.own = float(losses[min(int(np.searchsorted(updates, self.goal)), len(losses) - 1)])

    def go_on(self, updates: int) -> float:
        """Train up to `updates` updates further; how far it is, 0 to 1."""
        left = self.goal - self.experiment.updates
        self.experiment.step(min(updates, left), record=left <= updates)
        return 1.0 if self.experiment.finished else self.experiment.updates / max(self.goal, 1)

    @property
    def losses(self) -> np.ndarray:
        """The training losses of the other starts, the lowest first."""
        return np.sort(np.nan_to_num(self.experiment.history.train_loss[-1], nan=np.inf))

    def said(self) -> str:
        """What was measured, in a sentence."""
        low, middle, high = (
            short_number(float(value)) for value in (self.losses[0], np.median(self.losses), self.losses[-1])
        )
        return (
            f"At update {self.goal:,} this start has the training loss {short_number(self.own)}; {STARTS} other starts have a "
            f"median of {middle}, {low} to {high}."
        )

    def sign(self) -> Sign | None:
        """Whether this start has come to a far higher loss than the others."""
        losses = self.losses
        middle = float(np.median(losses))
        times = self.own / middle if middle > 0 else np.inf
        if not self.goal or not times > WORSE or not self.own > losses[-2]:
            return None
        return Sign("unlucky start", times, WORSE, self.said(), dict(losses=losses, own=np.array([self.own])))


SIGNS: tuple[Callable[[Experiment, int], Sign | None], ...] = (
    diverged,
    plateau,
    dead_units,
    saturated,
    overfitting,
    at_the_edge,
)


def signs(experiment: Experiment, lane: int) -> list[Sign]:
    """All signs that a lane shows now; other starts are a question of their own, as they have to be trained."""
    return [sign for look in SIGNS if (sign := look(experiment, lane)) is not None]
