"""Learning-rate schedules: t -> rate, where t = 1 is the first update. Pure formulas, nothing remembered.

Every schedule takes `warm_up` (updates over which the rate climbs linearly to its start) and `hold` (updates at the fixed
initial rate before the schedule begins); its own clock starts after both.

With each comes whether it meets the two conditions of Robbins and Monro, A Stochastic Approximation Method (1951):

    Σ ηₜ = ∞    the steps together can reach any distance
    Σ ηₜ² < ∞   the noise that the steps let in stays finite

With both, and with gradients and noise that stay bounded, SGD on a strictly convex loss converges; they proved convergence
in probability. Warm-up and hold are finitely many steps, so they change neither sum.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine.options import Option

COMMON = {
    "warm_up": Option(
        "warm_up", 0, "Warm-up", "Updates over which the rate climbs from near zero.", 0, 100_000, integer=True
    ),
    "hold": Option(
        "hold", 0, "Hold", "Updates at the initial rate before the schedule begins.", 0, 100_000, integer=True
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Convergence:
    """Whether Ση = ∞ (`reaches`) and Ση² < ∞ (`settles`), and why, in a sentence."""

    reaches: bool
    settles: bool
    reason: str

    @property
    def both(self) -> bool:
        return self.reaches and self.settles


CONSTANT = Convergence(True, False, "The rate never falls, so both sums grow without end.")


@dataclass(frozen=True)
class Schedule:
    """One schedule: `factor(t, **options)` multiplies the initial rate, t counts from 1; `sums(**options)` says which of the
    two conditions hold. `formula` is LaTeX, `text` the same in a line of a table. Both functions are given every option.
    """

    key: str
    label: str
    formula: str
    text: str
    help: str
    factor: Callable[..., float]
    sums: Callable[..., Convergence]
    own: dict[str, Option] = field(default_factory=dict)

    @cached_property
    def options(self) -> dict[str, Option]:
        """Its own options, and those that all schedules have."""
        return self.own | COMMON

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        return {name: option.default for name, option in self.own.items()}

    def rate(self, initial: float, t: int, warm_up: int = 0, hold: int = 0, **options: float) -> float:
        """The rate of update t ≥ 1; options that are missing are at their defaults."""
        if t <= warm_up:
            return initial * t / warm_up
        t -= warm_up
        if t <= hold:
            return initial
        return initial * self.factor(t - hold, **(self._defaults | options))

    def convergence(self, options: Mapping[str, Any] | None = None) -> Convergence:
        """Which of the two conditions hold with these options (missing ones are at their defaults)."""
        given = {name: value for name, value in (options or {}).items() if name in self.own}
        return self.sums(**(self._defaults | given))


def _cosine(t: int, total: int) -> float:
    return 0.5 * (1 + math.cos(math.pi * min(t - 1, total) / total))


def _one_cycle(t: int, total: int) -> float:
    """Up to the rate in the first 30 %, then down to a 10,000th (Smith 2018), both by half cosines."""
    share = min(t - 1, total) / total
    if share < 0.3:
        return 0.04 + 0.96 * 0.5 * (1 - math.cos(math.pi * share / 0.3))
    return 1e-4 + (1 - 1e-4) * 0.5 * (1 + math.cos(math.pi * (share - 0.3) / 0.7))


def _inverse_time_sums(delta: float) -> Convergence:
    if delta == 0:
        return CONSTANT
    return Convergence(True, True, "It falls like 1/t: Σ 1/t is infinite, Σ 1/t² is finite.")


def _power_sums(delta: float) -> Convergence:
    if delta == 0:
        return CONSTANT
    reaches, settles = delta <= 1, 2 * delta > 1
    if reaches:
        first = "δ ≤ 1, so Σ 1/t^δ is infinite"
    else:
        first = "δ > 1, so Σ 1/t^δ is finite and training may stop short"
    second = "2δ > 1, so Σ 1/t^2δ is finite" if settles else "2δ ≤ 1, so Σ 1/t^2δ is infinite"
    return Convergence(reaches, settles, f"{first}; {second}.")


def _geometric_sums(gamma: float, what: str) -> Convergence:
    if gamma == 1:
        return CONSTANT
    return Convergence(False, True, f"{what}: geometric series, both finite. It may stop short.")


_TOTAL = Option(
    "total", 2000, "Length", "Updates until the schedule has run its course.", 1, 1_000_000, integer=True
)
_ALL = (
    Schedule(
        key="constant",
        label="constant",
        formula=r"\eta_0",
        text="η₀",
        help="The same rate throughout.",
        factor=lambda t: 1.0,
        sums=lambda: CONSTANT,
    ),
    Schedule(
        key="inverse_sqrt",
        label="inverse square root",
        formula=r"\eta_0/\sqrt t",
        text="η₀ / √t",
        help="Falls slowly: the classic rate for SGD on convex losses.",
        factor=lambda t: 1 / math.sqrt(t),
        sums=lambda: Convergence(
            True, False, "Σ 1/√t is infinite, but so is Σ 1/t: just too slow for the second condition."
        ),
    ),
    Schedule(
        key="inverse_time",
        label="inverse time",
        formula=r"\eta_0/(1+\delta t)",
        text="η₀ / (1 + δt)",
        help="Falls like 1/t: for δ > 0 Robbins and Monro's conditions hold.",
        factor=lambda t, delta: 1 / (1 + delta * t),
        sums=_inverse_time_sums,
        own={"delta": Option("delta", 0.01, "δ", "How fast the rate falls.", 0.0, 10.0)},
    ),
    Schedule(
        key="power",
        label="power",
        formula=r"\eta_0/t^\delta",
        text="η₀ / t^δ",
        help="Falls like a power of t.",
        factor=lambda t, delta: t**-delta,
        sums=_power_sums,
        own={
            "delta": Option(
                "delta", 0.5, "δ", "The power: above ½ and up to 1 the classic conditions hold.", 0.0, 2.0
            )
        },
    ),
    Schedule(
        key="step",
        label="steps",
        formula=r"\eta_0\,\gamma^{\lfloor (t-1)/s\rfloor}",
        text="η₀ γ^⌊(t−1)/s⌋",
        help="Drops by a factor every s updates.",
        factor=lambda t, gamma, every: gamma ** ((t - 1) // every),
        sums=lambda gamma, every: _geometric_sums(gamma, "The same drop again and again"),
        own={
            "gamma": Option("gamma", 0.5, "γ", "The factor of each drop.", 0.01, 1.0, exact=True),
            "every": Option("every", 500, "Every", "Updates between drops.", 1, 100_000, integer=True),
        },
    ),
    Schedule(
        key="exponential",
        label="exponential",
        formula=r"\eta_0\,\gamma^{t-1}",
        text="η₀ γ^(t−1)",
        help="Falls by the same factor at every update.",
        factor=lambda t, gamma: gamma ** (t - 1),
        sums=lambda gamma: _geometric_sums(gamma, "The same factor at every update"),
        own={"gamma": Option("gamma", 0.999, "γ", "The factor per update.", 0.5, 1.0, exact=True)},
    ),
    Schedule(
        key="cosine",
        label="cosine",
        formula=r"\tfrac{\eta_0}2\left(1+\cos\frac{\pi\min(t-1,\,T)}T\right)",
        text="½η₀ (1 + cos π(t−1)/T)",
        help="A smooth fall to zero (Loshchilov and Hutter 2017).",
        factor=_cosine,
        sums=lambda total: Convergence(
            False, True, "After T updates the rate is zero, so both sums are finite. Training ends there."
        ),
        own={"total": _TOTAL},
    ),
    Schedule(
        key="one_cycle",
        label="one cycle",
        formula=r"\text{up, then down to } 10^{-4}\eta_0",
        text="up to η₀, down to η₀/10⁴",
        help="Up and down again (Smith 2018).",
        factor=_one_cycle,
        sums=lambda total: Convergence(
            True,
            False,
            "After the cycle the rate stays at its small last value, so both sums grow without end, if slowly.",
        ),
        own={"total": _TOTAL},
    ),
)
SCHEDULES: dict[str, Schedule] = {schedule.key: schedule for schedule in _ALL}
