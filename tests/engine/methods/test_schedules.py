"""Robbins and Monro's conditions against Cauchy's condensation test on the schedules' own rates."""

import math

import pytest

from engine import SCHEDULES

CASES = [
    ("constant", {}), ("inverse_sqrt", {}), ("inverse_time", {}), ("inverse_time", {"delta": 0.0}),
    ("inverse_time", {"delta": 3.0}), ("power", {"delta": 0.0}), ("power", {"delta": 0.3}), ("power", {"delta": 0.5}),
    ("power", {"delta": 0.51}), ("power", {"delta": 0.75}), ("power", {"delta": 1.0}), ("power", {"delta": 1.01}),
    ("power", {"delta": 2.0}), ("step", {}), ("step", {"gamma": 1.0}), ("exponential", {}),
    ("exponential", {"gamma": 1.0}), ("cosine", {}), ("cosine", {"total": 50}), ("one_cycle", {}),
    ("power", {"delta": 0.75, "warm_up": 100, "hold": 500}), *((key, {}) for key in SCHEDULES),
]  # fmt: skip


def is_infinite(key, options, power):
    """Cauchy: for falling terms Σ α(t)ᵖ and Σ 2ᵏ α(2ᵏ)ᵖ are finite or infinite together; the latter's ratio tells."""

    def term(k):
        return 2.0**k * SCHEDULES[key].rate(1.0, 2**k, **options) ** power

    first, second = term(50), term(51)
    return first > 0 and second / first > 1 - 1e-4


@pytest.mark.parametrize(("key", "options"), CASES)
def test_both_conditions(key, options):
    facts = SCHEDULES[key].convergence(options)
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
    assert SCHEDULES["inverse_time"].convergence({"delta": 1.0}).both


def test_the_power_meets_both_conditions_above_a_half_and_up_to_one_as_its_help_says():
    convergence = SCHEDULES["power"].convergence
    assert [convergence({"delta": delta}).both for delta in (0.5, 0.51, 1.0, 1.01)] == [
        False,
        True,
        True,
        False,
    ]
    assert "above ½ and up to 1" in SCHEDULES["power"].options["delta"].help


@pytest.mark.parametrize("key", list(SCHEDULES))
def test_options_that_are_missing_are_at_their_defaults(key):
    schedule = SCHEDULES[key]
    given = {name: option.default for name, option in schedule.options.items()}
    assert [schedule.rate(0.3, t) for t in range(1, 50)] == [
        schedule.rate(0.3, t, **given) for t in range(1, 50)
    ]


@pytest.mark.parametrize("key", list(SCHEDULES))
@pytest.mark.parametrize(("warm_up", "hold"), [(7, 0), (0, 5), (7, 5)])
def test_a_schedules_own_clock_starts_after_warm_up_and_hold(key, warm_up, hold):
    rate = SCHEDULES[key].rate
    plain = [rate(0.3, t) for t in range(1, 40)]
    assert [rate(0.3, t, warm_up, hold) for t in range(warm_up + hold + 1, warm_up + hold + 40)] == plain
    assert [rate(0.3, t, warm_up, hold) for t in range(warm_up + 1, warm_up + hold + 1)] == [0.3] * hold
    climb = [rate(0.3, t, warm_up, hold) for t in range(1, warm_up + 1)]
    assert climb == pytest.approx([0.3 * t / 7 for t in range(1, warm_up + 1)])


def test_the_cosine_of_the_table_is_the_one_that_is_used():
    """½η₀(1 + cos π(t−1)/T): the first update has the whole rate, update T + 1 the first of zero."""
    schedule = SCHEDULES["cosine"]
    assert "π(t−1)/T" in schedule.text
    assert schedule.rate(0.3, 1, total=100) == 0.3
    assert schedule.rate(0.3, 100, total=100) > 0 and schedule.rate(0.3, 101, total=100) == 0
