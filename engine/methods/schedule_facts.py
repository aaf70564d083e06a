"""Which learning-rate schedules meet the classic conditions for stochastic gradient descent to converge.

    Σ αₜ = ∞    the steps together can reach any distance
    Σ αₜ² < ∞   the noise that the steps let in stays finite

With both, SGD on a convex problem converges for certain. Warm-up and hold are finitely many steps, so they change
neither sum. Source: Robbins and Monro, A Stochastic Approximation Method (1951).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.methods.schedules import SCHEDULES


@dataclass(frozen=True)
class Convergence:
    """Whether Σα = ∞ (`reaches`) and Σα² < ∞ (`settles`), and why, in a sentence."""

    reaches: bool
    settles: bool
    reason: str

    @property
    def both(self) -> bool:
        return self.reaches and self.settles


CONSTANT = Convergence(True, False, "The rate never falls, so both sums grow without end.")


def convergence(schedule: str, options: Mapping[str, Any] | None = None) -> Convergence:
    """The facts about a schedule with these options (missing ones are at their defaults).

    `ValueError` for a schedule that is not in SCHEDULES.
    """
    if schedule not in SCHEDULES:
        raise ValueError(f"Schedule {schedule!r} is unknown; choose one of {', '.join(SCHEDULES)}.")
    values = {name: option.default for name, option in SCHEDULES[schedule].options.items()} | dict(
        options or {}
    )
    return _FACTS[schedule](values)


def _power(delta: float) -> Convergence:
    if delta == 0:
        return CONSTANT
    reaches, settles = delta <= 1, 2 * delta > 1
    first = (
        "δ ≤ 1, so Σ 1/t^δ is infinite"
        if reaches
        else "δ > 1, so Σ 1/t^δ is finite and training may stop short"
    )
    second = "2δ > 1, so Σ 1/t^2δ is finite" if settles else "2δ ≤ 1, so Σ 1/t^2δ is infinite"
    return Convergence(reaches, settles, f"{first}; {second}.")


def _geometric(gamma: float, what: str) -> Convergence:
    if gamma == 1:
        return CONSTANT
    return Convergence(False, True, f"{what}: geometric series, both finite. It may stop short.")


def _inverse_time(values: Mapping[str, Any]) -> Convergence:
    if values["delta"] == 0:
        return CONSTANT
    return Convergence(True, True, "It falls like 1/t: Σ 1/t is infinite, Σ 1/t² is finite.")


_FACTS = {
    "constant": lambda values: CONSTANT,
    "inverse_sqrt": lambda values: Convergence(
        True, False, "Σ 1/√t is infinite, but so is Σ 1/t: just too slow for the second condition."
    ),
    "inverse_time": _inverse_time,
    "power": lambda values: _power(values["delta"]),
    "step": lambda values: _geometric(values["gamma"], "The same drop again and again"),
    "exponential": lambda values: _geometric(values["gamma"], "The same factor at every update"),
    "cosine": lambda values: Convergence(
        False, True, "After T updates the rate is zero, so both sums are finite. Training ends there."
    ),
    "one_cycle": lambda values: Convergence(
        True, False, "After the cycle the rate stays at its small last value, so both sums grow without end, if slowly."
    ),
}  # fmt: skip
