"""Statements about training that can be checked: a measure of a lane at an update, and what it must be.

    {what = "train loss", of = "Adam", below = 0.1}
    {what = "train loss", of = "SGD", above = "Adam", times = 10}       ten times as high as Adam's
    {what = "test accuracy", of = "8-8", is = "highest"}
    {what = "state", of = "η 30", is = "diverged"}
    {what = "train loss", of = "heavy ball", near = "velocity"}         the same to a thousandth

`at` is the update; `of` can be left out where there is one lane. A measurement gives the values of all lanes by name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.checks import short
from engine.studies.sharpness import SharpnessGauge
from engine.training.experiment import Experiment

STATES = ("running", "diverged", "stopped")
MEASURES = (
    "train loss",
    "test loss",
    "train accuracy",
    "test accuracy",
    "gap",  # test loss less train loss
    "gradient",  # norm of the last batch's
    "sharpness",  # largest eigenvalue of the loss's Hessian
    "edge",  # sharpness over its threshold: above 1, steps overshoot
    "different neurons",  # of the first hidden layer
    "state",
    "finding",  # a number of an exhibit of the Landscape, by name
)
RELATIONS = ("is", "below", "above", "near")
KEYS = ("what", "of", "at", "times", "within", *RELATIONS)
NEAR = 1e-3  # relative: what counts as the same unless `within` says otherwise

Value = float | str
Look = Callable[[str, int], Mapping[str, Value]]  # measure, update -> the lanes' values by name


@dataclass(frozen=True)
class Claim:
    """`relation` is one of RELATIONS; `than` a number, a lane's name, or a word after `is`."""

    what: str
    of: str
    at: int
    relation: str
    than: Value
    times: float = 1.0
    within: float = NEAR

    def holds(self, look: Look) -> bool:
        """Whether it is so, by what `look` measures; `ValueError` where it names a lane that is not there."""
        values = look(self.what, self.at)
        if not self.of and len(values) != 1:
            raise ValueError(f"The claim names no lane; there are {', '.join(values)}.")
        own = _value(values, self.of or next(iter(values)))
        if self.relation == "is":
            return own == self.than if self.what == "state" else self._is_extreme(own, values)
        than = self.than if isinstance(self.than, float) else float(_value(values, self.than))
        own, than = float(own), self.times * than
        if self.relation == "near":
            return math.isclose(own, than, rel_tol=self.within)
        return own < than if self.relation == "below" else own > than

    def _is_extreme(self, own: Value, values: Mapping[str, Value]) -> bool:
        """Whether no other lane's value is as low, or as high."""
        others = [float(value) for name, value in values.items() if name != self.of]
        others = [value for value in others if not math.isnan(value)]
        if not others:
            raise ValueError(f"Nothing can be the {self.than} where there is nothing to compare it with.")
        return float(own) < min(others) if self.than == "lowest" else float(own) > max(others)


def _value(values: Mapping[str, Value], lane: str) -> Value:
    if lane not in values:
        raise ValueError(f"The claim names the lane {short(lane)}; there are {', '.join(values)}.")
    return values[lane]


def read_claim(raw: Any, at: int) -> Claim:
    """A claim from plain data; `at` is the update where it names none. `ValueError` says what is wrong."""
    if not isinstance(raw, Mapping):
        raise ValueError(
            f"A claim is {short(raw)}; write a table such as {{what = 'train loss', below = 0.1}}."
        )
    for key in raw:
        if key not in KEYS:
            raise ValueError(f"A claim has no {short(key)}; it has {', '.join(KEYS)}.")
    what, relations = raw.get("what"), [key for key in RELATIONS if key in raw]
    if what not in MEASURES:
        raise ValueError(f"what is {short(what)} in a claim; choose one of {', '.join(MEASURES)}.")
    if len(relations) != 1:
        raise ValueError(f"A claim has one of {', '.join(RELATIONS)}; this one has {len(relations)}.")
    relation = relations[0]
    return Claim(
        what,
        _typed(raw, "of", "", str),
        _typed(raw, "at", at, int),
        relation,
        _than(what, relation, raw[relation]),
        float(_typed(raw, "times", 1.0, float)),
        float(_typed(raw, "within", NEAR, float)),
    )


def _typed(raw: Mapping[str, Any], key: str, default: Any, kind: type) -> Any:
    value = raw.get(key, default)
    kinds = (int, float) if kind is float else (kind,)
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise ValueError(
            f"{key} is {short(value)} in a claim, which is no {'text' if kind is str else 'number'}."
        )
    return value


def _than(what: str, relation: str, value: Any) -> Value:
    if relation == "is":
        words = STATES if what == "state" else ("lowest", "highest")
        if value not in words:
            raise ValueError(
                f"is is {short(value)} in a claim about {what}; choose one of {', '.join(words)}."
            )
        return str(value)
    if what == "state":
        raise ValueError(f"A claim about a state says what it is; this one has {relation}.")
    if isinstance(value, str):
        return value
    return float(_typed({relation: value}, relation, 0.0, float))


class Looking:
    """Trains an experiment up to the updates that are asked for, and measures its lanes, named `names`.

    An earlier update than the last one starts over, so claims can be asked in any order.
    """

    def __init__(self, make: Callable[[], Experiment], names: list[str]) -> None:
        self.make, self.names = make, names
        self.experiment = make()
        self._known: dict[tuple[str, int], dict[str, Value]] = {}

    def __call__(self, what: str, at: int) -> Mapping[str, Value]:
        if (what, at) not in self._known:
            if at < self.experiment.updates:
                self.experiment = self.make()
            self.experiment.step(at - self.experiment.updates)
            values = [measured(self.experiment, what, lane) for lane in range(len(self.names))]
            self._known[what, at] = dict(zip(self.names, values, strict=True))
        return self._known[what, at]


def measured(experiment: Experiment, what: str, lane: int) -> Value:
    """One measure of a lane as it is now; NaN where there is nothing to measure."""
    if what == "state":
        return str(experiment.status[lane].state)
    if what in ("sharpness", "edge"):
        sharpness, edge = SharpnessGauge(experiment).read(lane, precondition=what == "edge")
        return sharpness if what == "sharpness" else sharpness / (edge.value or math.nan)
    if what == "different neurons":
        W, b = experiment.mlp(lane).unflatten(experiment.theta(lane)[None])[0]
        columns = np.concatenate([W[0], b[0]]).round(6).T
        return float(len(np.unique(columns, axis=0)))
    history = experiment.history
    if what == "gap":
        return float(history.test_loss[-1, lane] - history.train_loss[-1, lane])
    series = "gradient_norm" if what == "gradient" else what.replace(" ", "_")
    return float(history.series(series)[-1, lane])
