"""Robbins and Monro's conditions against Cauchy's condensation test on the schedules' own rates."""

import math

import pytest

from engine import SCHEDULES
from engine.methods.schedule_facts import convergence

CASES = [
    ("constant", {}), ("inverse_sqrt", {}), ("inverse_time", {}), ("inverse_time", {"delta": 0.0}),
    ("inverse_time", {"delta": 3.0}), ("power", {"delta": 0.0}), ("power", {"delta": 0.3}), ("power", {"delta": 0.5}),
    ("power", {"delta": 0.51}), ("power", {"delta": 0.75}), ("power", {"delta": 1.0}), ("power", {"delta": 1.01}),
    ("power", {"delta": 2.0}), ("step", {}), ("step", {"gamma": 1.0}), ("exponential", {}),
    ("exponential", {"gamma": 1.0}), ("cosine", {}), ("cosine", {"total": 50}), ("one_cycle", {}),
    ("power", {"delta": 0.75, "warm_up": 100, "hold": 500}),
]  # fmt: skip


def is_infinite(key, options, power):
    """Cauchy: for falling terms Σ α(t)ᵖ and Σ 2ᵏ α(2ᵏ)ᵖ are finite or infinite together; the latter's ratio tells."""

    def term(k):
        return 2.0**k * SCHEDULES[key].rate(1.0, 2**k, **options) ** power

    first, second = term(50), term(51)
    return first > 0 and second / first > 1 - 1e-4


@pytest.mark.parametrize(("key", "options"), CASES)
def test_both_conditions(key, options):
    facts = convergence(key, options)
    assert facts.reaches == is_infinite(key, options, 1)
    assert facts.settles == (not is_infinite(key, options, 2))
    assert facts.both == (facts.reaches and facts.settles)
    assert facts.reason.endswith(".")


def test_partial_sums_of_the_harmonic_kind():
    """Σ 1/(1 + δt) grows like ln(t)/δ; Σ of its squares tends to ψ′(1 + 1/δ)/δ², for δ = 1 π²/6 − 1."""
    rate = SCHEDULES["inverse_time"].rate
    squares = sum(rate(1.0, t, delta=1.0) ** 2 for t in range(1, 200_000))
    assert squares == pytest.approx(math.pi**2 / 6 - 1, abs=1e-5)
    plain = sum(rate(1.0, t, delta=1.0) for t in range(1, 100_000))
    assert plain == pytest.approx(math.log(100_000) + 0.5772156649 - 1, abs=1e-4)
    assert convergence("inverse_time", {"delta": 1.0}).both


def test_every_schedule_has_facts_and_no_other():
    for key in SCHEDULES:
        assert isinstance(convergence(key).reason, str)
    with pytest.raises(ValueError, match="unknown"):
        convergence("nope")
