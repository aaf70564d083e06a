"""Comparisons over seeds: the sign-flip test against hand-worked cases, SciPy, and its own level."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.studies.comparison import (
    chance_note,
    diverged_as_nan,
    holm,
    paired_test,
    pairwise,
    quartile_band,
    seeds_needed,
)

RECORDED = json.loads((Path(__file__).parents[2] / "oracles" / "permutation.json").read_text())
NAN, INF = np.nan, np.inf


# --- hand-worked cases ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "p"),
    [
        ([1.0, 2.0, 3.0], [0.0, 0.0, 0.0], 2 / 8),  # only +++ and −−− are as far out
        ([1.0, 2.0, -3.0], [0.0, 0.0, 0.0], 1.0),  # the sum is 0: every choice is as far out
        ([3.0, 1.0, -1.0], [0.0, 0.0, 0.0], 6 / 8),  # sums ±5, ±3 (four times), ±1: six reach 3
        ([1.0, 0.0], [0.0, 0.0], 1.0),  # sums 1, 1, −1, −1
        ([5.0], [1.0], 1.0),
        ([0.1] * 8, [0.2] * 8, 2 / 256),  # equal differences: rounding must not split ties
        ([0.3, 0.3, 0.3], [0.3, 0.3, 0.3], 1.0),
    ],
)
def test_small_cases_worked_by_hand(a, b, p):
    assert paired_test(a, b).p_value == pytest.approx(p)
    assert paired_test(b, a).p_value == pytest.approx(p)


def test_counts_and_means():
    test = paired_test([1.0, 2.0, 3.0, 4.0], [2.0, 2.0, 5.0, 1.0])
    assert (test.wins, test.losses, test.n, test.mean_difference) == (2, 1, 4, 0.0)
    assert paired_test([1.0, 2.0], [2.0, 3.0], lower_is_better=False).wins == 0


@pytest.mark.parametrize("case", RECORDED)
def test_p_values_are_scipys(case):
    assert paired_test(case["a"], case["b"]).p_value == pytest.approx(case["p"], rel=1e-12)


def test_many_seeds_agree_with_the_exact_value_and_never_give_zero():
    d = np.random.default_rng(3).normal(0.4, 1, 20)
    sums = np.zeros(1)
    for value in d:  # all 2^20 sums
        sums = np.concatenate([sums + value, sums - value])
    exact = (np.abs(sums) >= abs(d.sum()) - 1e-12).mean()
    assert paired_test(d, np.zeros(20)).p_value == pytest.approx(exact, abs=4 * np.sqrt(exact / 65536))
    assert paired_test(d, np.zeros(20)) == paired_test(d, np.zeros(20))
    assert paired_test(np.ones(40), np.zeros(40)).p_value == pytest.approx(1 / 65537, rel=1e-9)
    assert paired_test(np.zeros(20), np.zeros(20)).p_value == 1


# --- runs that diverged --------------------------------------------------------------------------------


def test_a_diverged_run_is_worse_than_any_other():
    good, bad = np.full(8, 5.0), np.full(8, NAN)
    test = paired_test(good, bad)
    assert (test.wins, test.losses, test.diverged) == (8, 0, (0, 8))
    assert test.p_value == pytest.approx(2 / 256)
    assert np.isnan(test.mean_difference)


def test_ranks_by_hand():
    """Values 1, 2 | ∞, 3 have ranks 1, 2 | 4, 3: differences −3, −1, sums ∓4, ∓2."""
    test = paired_test([1.0, 2.0], [INF, 3.0])
    assert test.p_value == pytest.approx(2 / 4)
    assert test.lead == -1
    assert test.mean_difference == -1


def test_ties_share_their_mean_rank_by_hand():
    """3, 3, 3 | ∞, 1, 2 have ranks 4, 4, 4 | 6, 1, 2: differences −2, 3, 2, sum 3; of the sums ±7, ±3 (four times) and ±1
    six reach 3. With the ties' largest rank it would be 4 of 8, with their least all."""
    assert paired_test([3.0, 3.0, 3.0], [INF, 1.0, 2.0]).p_value == pytest.approx(6 / 8)


def test_a_win_on_half_the_seeds_is_only_on_so_many():
    half = paired_test([1.0, 1.0, 1.0, 1.1, 1.1, 1.1], [9.0, 9.0, 9.0, 1.0, 1.0, 1.0])
    assert half.wins == 3 and "lower than B on average, but only on 3 of 6 seeds" in half.verdict()
    most = paired_test([1.0, 1.0, 1.0, 1.0, 1.1, 1.1], [9.0, 9.0, 9.0, 9.0, 1.0, 1.0])
    assert "lower than B on 4 of 6 seeds" in most.verdict() and "only" not in most.verdict()


def test_a_lane_that_diverged_after_the_last_point_has_no_last_value():
    """Points at 0, 10 and 20, the lanes left at 15 and at 23: what is given to `pairwise` is the last row."""
    values = np.arange(9.0).reshape(3, 3)
    run = SimpleNamespace(
        history=SimpleNamespace(series=lambda name: values, steps=np.array([0, 10, 20])),
        status=[SimpleNamespace(state="diverged", step=step) for step in (15, 23)] + [SimpleNamespace(state="running", step=0)],
    )  # fmt: skip
    found = diverged_as_nan(run)
    assert np.isnan(found).tolist() == [[False] * 3, [False] * 3, [True, True, False]]
    assert values[-1].tolist() == [6, 7, 8]  # the history itself is left alone


def test_all_ways_of_diverging_are_alike():
    a, b = [1.0, NAN, INF, 2.0, -INF, 1.0], [3.0, INF, NAN, 1.0, NAN, 2.0]
    test = paired_test(a, b)
    assert (test.wins, test.losses) == (2, 1)
    assert test == paired_test([1.0, NAN, NAN, 2.0, NAN, 1.0], [3.0, NAN, NAN, 1.0, NAN, 2.0])
    assert paired_test([NAN] * 7, [INF] * 7).p_value == 1
    assert paired_test([0.9] * 7, [NAN] * 7, lower_is_better=False).wins == 7


def test_huge_values_overflow_nothing():
    assert paired_test([1e308] * 7, [-1e308] * 7).p_value == pytest.approx(2 / 128)


@pytest.mark.parametrize("bad", [[], [[1.0, 2.0]]])
def test_values_that_do_not_pair_up_are_refused(bad):
    with pytest.raises(ValueError, match="one row of numbers"):
        paired_test(bad, [1.0])
    with pytest.raises(ValueError, match="lanes need values"):
        pairwise(["one"], np.zeros((2, 3)))
    with pytest.raises(ValueError, match="The level is 0"):
        paired_test([1.0], [2.0], verdict_level=0.0)


# --- its level -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["normal", "heavy tails", "skewed", "some diverged"])
@pytest.mark.parametrize("seeds", [8, 10, 18])
def test_false_alarms_on_equal_lanes_come_at_the_level(kind, seeds):
    """The level that n seeds can reach is just under 5 %; of 1,540 comparisons about so many are alarms."""
    rng = np.random.default_rng([7, seeds])
    draw = {
        "normal": rng.standard_normal,
        "heavy tails": rng.standard_cauchy,
        "skewed": lambda shape: np.exp(2 * rng.standard_normal(shape)),
        "some diverged": lambda shape: np.where(rng.random(shape) < 0.2, NAN, rng.standard_normal(shape)),
    }[kind]
    alarms = []
    for _ in range(55):  # of 8 fresh lanes each: 28 pairs
        alarms += [test.is_real() for test in pairwise(list("abcdefgh"), draw((8, seeds)))]
    independent = [paired_test(*draw((2, seeds))).is_real() for _ in range(1000)] if seeds < 16 else []
    assert len(alarms) == 1540
    for rate in [np.mean(alarms)] + ([np.mean(independent)] if independent else []):
        assert 0.02 < rate < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1000)


def test_a_true_difference_is_found():
    rng = np.random.default_rng(5)
    seed_luck = rng.normal(0, 5, 10)  # shared by both lanes: pairing takes it out
    assert paired_test(seed_luck + rng.normal(0, 1, 10), seed_luck + rng.normal(3, 1, 10)).is_real()


def test_equal_lanes_that_really_train_are_noise():
    """20 comparisons of Adam with itself over 10 + 10 other seeds: at most 3 alarms expected by far."""
    config = ExperimentConfig(
        dataset=DatasetConfig("circles", samples=40),
        network=NetworkConfig((3,)),
        lanes=tuple(LaneConfig("adam", 0.05, seed=seed) for seed in range(400)),
    )
    experiment = Experiment(config, record_every=1000)
    experiment.step(40)
    ends = diverged_as_nan(experiment)[-1].reshape(20, 2, 10)
    alarms = sum(paired_test(a, b).is_real() for a, b in ends)
    assert alarms <= 3


# --- sentences -----------------------------------------------------------------------------------------


def test_verdicts_in_words():
    names = ("Adam", "SGD")
    low, high = np.arange(10.0), np.arange(10.0) + 2
    one_off = high.copy()
    one_off[0] = -0.5
    assert paired_test(low, high, names).verdict() == (
        "Adam ends lower than SGD on 10 of 10 seeds (p = 0.002, paired sign-flip test): a real difference."
    )
    assert paired_test(high, low, names).verdict().startswith("SGD ends lower than Adam on 10 of 10 seeds")
    assert "SGD ends higher than Adam on 10 of 10" in paired_test(low, high, names, False).verdict()
    assert "Adam ends lower than SGD on 9 of 10 seeds (p = " in paired_test(low, one_off, names).verdict()
    assert paired_test([1.0, -1, 2, -2, 3, -4], [0.0] * 6, names).verdict().endswith(": within seed noise.")
    assert paired_test([1.0] * 8, [1.0] * 8, names).verdict() == (
        "Adam and SGD end the same on every seed (p = 1, paired sign-flip test): within seed noise."
    )
    assert "(p < 0.001," in paired_test(np.zeros(16), np.ones(16), names).verdict()
    lopsided = paired_test([-9.0, 1, 1, 1, 1, 1], [0.0] * 6, names).verdict()
    assert lopsided.startswith("Adam ends lower than SGD on average, but only on 1 of 6 seeds")


def test_the_verdict_counts_what_diverged():
    text = paired_test([1.0] * 6, [NAN] * 5 + [0.5], ("Adam", "SGD")).verdict()
    assert "Adam ends lower than SGD on 5 of 6 seeds (diverged counts as worst: Adam 0, SGD 5)" in text


@pytest.mark.parametrize("n", [1, 2, 5])
def test_few_seeds_decide_nothing_and_say_so(n):
    text = paired_test(np.zeros(n), np.ones(n)).verdict()
    assert text.endswith(f"{n} seed{'s' * (n > 1)} can't decide; take at least 6.")


@pytest.mark.parametrize("level", [0.05, 0.01, 0.1, 0.001, 0.5])
def test_the_least_number_of_seeds_reaches_the_level_and_one_less_does_not(level):
    n = seeds_needed(level)
    assert paired_test(np.zeros(n), np.ones(n), verdict_level=level).is_real()
    assert n == 1 or not paired_test(np.zeros(n - 1), np.ones(n - 1), verdict_level=level).is_real()


def test_pairs_come_in_order_and_many_are_warned_of():
    tests = pairwise(["a", "b", "c"], np.arange(21.0).reshape(3, 7))
    assert [test.names for test in tests] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert pairwise(["a"], np.zeros((1, 4))) == []
    assert chance_note(1) == ""
    assert chance_note(28).startswith("With 28 comparisons, expect 1.4 false alarms by chance")


# --- bands and targets ---------------------------------------------------------------------------------


def test_quartiles_are_numpys_where_all_is_finite():
    values = np.random.default_rng(0).normal(size=(6, 3, 9))
    for size in (1, 2, 5, 9):
        band = quartile_band(values[..., :size])
        for row, share in zip(band, (0.25, 0.5, 0.75), strict=True):
            assert np.allclose(row, np.quantile(values[..., :size], share, axis=-1), atol=1e-14)


def test_a_diverged_seed_lifts_the_band():
    band = quartile_band(np.array([[[1.0, 2.0, 3.0, NAN, INF]]]))
    assert [row.item() for row in band] == [2, 3, INF]
    assert [row.item() for row in quartile_band(np.array([[[NAN, 1.0, -INF]]]))] == [INF, INF, INF]
    low, middle, high = quartile_band(np.array([[[0.5, NAN, 0.9, 0.7, 0.8]]]), lower_is_better=False)
    assert (low.item(), middle.item(), high.item()) == (0.5, 0.7, 0.8)
    low, middle, high = quartile_band(np.array([[[0.5, NAN]]]), lower_is_better=False)
    assert (low.item(), middle.item(), high.item()) == (-INF, -INF, -INF)


def test_a_lane_that_blew_up_is_not_credited_with_its_last_loss():
    config = ExperimentConfig(
        dataset=DatasetConfig("circles", samples=40),
        network=NetworkConfig((3,)),
        loss="mean_squared_error",
        lanes=(LaneConfig("sgd", 0.05), LaneConfig("sgd", 1000.0)),
    )
    experiment = Experiment(config)
    experiment.step(60)
    assert experiment.status[1].state == "diverged"
    values = diverged_as_nan(experiment)
    assert np.isfinite(values[:, 0]).all()
    assert np.isfinite(values[0, 1]) and np.isnan(values[-1, 1])
    assert np.isfinite(experiment.history.train_loss[-1, 1])


def test_an_adjusted_value_is_no_smaller_than_those_of_smaller_ones():
    assert holm(np.array([0.021, 0.01, 0.02])) == pytest.approx([0.04, 0.03, 0.04])
    assert holm(np.array([0.9, 0.8])).tolist() == [1, 1]
