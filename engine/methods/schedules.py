"""Learning-rate schedules: t -> rate, where t = 1 is the first update. Pure formulas, nothing remembered.

Every schedule takes `warm_up` (updates over which the rate climbs linearly to its start) and `hold` (updates
at the fixed initial rate before the schedule begins); its own clock starts after both.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from engine.options import Option

COMMON = {
    "warm_up": Option("warm_up", 0, "Warm-up", "Updates over which the rate climbs from near zero.", 0, 100_000, integer=True),
    "hold": Option("hold", 0, "Hold", "Updates at the initial rate before the schedule begins.", 0, 100_000, integer=True),
}  # fmt: skip


@dataclass(frozen=True)
class Schedule:
    """One schedule: `factor(t, **options)` multiplies the initial rate; t counts from 1."""

    key: str
    label: str
    formula: str
    help: str
    factor: Callable[..., float]
    options: dict[str, Option]

    def rate(self, initial: float, t: int, warm_up: int = 0, hold: int = 0, **options: float) -> float:
        """The rate of update t ≥ 1."""
        if t <= warm_up:
            return initial * t / warm_up
        t -= warm_up
        if t <= hold:
            return initial
        return initial * self.factor(t - hold, **options)


def _option(
    name: str, default: float, label: str, help: str, low: float, high: float, integer=False
) -> Option:
    return Option(name, default, label, help, low, high, integer=integer)


_TOTAL = _option(
    "total", 2000, "Length", "Updates until the schedule has run its course.", 1, 1_000_000, True
)
_DELTA = _option("delta", 0.01, "δ", "How fast the rate falls.", 0.0, 10.0)


def _cosine(t, total=2000):
    return 0.5 * (1 + math.cos(math.pi * min(t - 1, total) / total))


def _one_cycle(t, total=2000):
    """Up to the rate in the first 30 %, then down to a 10,000th (Smith 2018), both by half cosines."""
    share = min(t - 1, total) / total
    if share < 0.3:
        return 0.04 + 0.96 * 0.5 * (1 - math.cos(math.pi * share / 0.3))
    return 1e-4 + (1 - 1e-4) * 0.5 * (1 + math.cos(math.pi * (share - 0.3) / 0.7))


_ALL = (
    Schedule("constant", "constant", r"\eta_0", "The same rate throughout.", lambda t: 1.0, {}),
    Schedule("inverse_sqrt", "inverse square root", r"\eta_0/\sqrt t", "Falls slowly: the classic rate for SGD on convex losses.", lambda t: 1 / math.sqrt(t), {}),
    Schedule("inverse_time", "inverse time", r"\eta_0/(1+\delta t)", "Falls like 1/t: Robbins and Monro's conditions hold.", lambda t, delta=0.01: 1 / (1 + delta * t), {"delta": _DELTA}),
    Schedule("power", "power", r"\eta_0/t^\delta", "Falls like a power of t.", lambda t, delta=0.5: t**-delta, {"delta": _option("delta", 0.5, "δ", "The power: between ½ and 1 the classic conditions hold.", 0.0, 2.0)}),
    Schedule("step", "steps", r"\eta_0\,\gamma^{\lfloor (t-1)/s\rfloor}", "Drops by a factor every s updates.", lambda t, gamma=0.5, every=500: gamma ** ((t - 1) // every), {"gamma": _option("gamma", 0.5, "γ", "The factor of each drop.", 0.01, 1.0), "every": _option("every", 500, "Every", "Updates between drops.", 1, 100_000, True)}),
    Schedule("exponential", "exponential", r"\eta_0\,\gamma^{t-1}", "Falls by the same factor at every update.", lambda t, gamma=0.999: gamma ** (t - 1), {"gamma": _option("gamma", 0.999, "γ", "The factor per update.", 0.5, 1.0)}),
    Schedule("cosine", "cosine", r"\tfrac{\eta_0}2\left(1+\cos\frac{\pi\min(t-1,\,T)}T\right)", "A smooth fall to zero (Loshchilov and Hutter 2017).", _cosine, {"total": _TOTAL}),
    Schedule("one_cycle", "one cycle", r"\text{up, then down to } 10^{-4}\eta_0", "Up and down again (Smith 2018).", _one_cycle, {"total": _TOTAL}),
)  # fmt: skip
SCHEDULES: dict[str, Schedule] = {s.key: Schedule(s.key, s.label, s.formula, s.help, s.factor, s.options | COMMON) for s in _ALL}  # fmt: skip
