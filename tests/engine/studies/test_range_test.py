"""The range test: closed forms on a linear model, curves with known answers, and nothing touched."""

import io
from dataclasses import replace

import numpy as np
import pytest

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.studies.range_test import longest_descent, range_test, suggestions

LINEAR = ExperimentConfig(
    dataset=DatasetConfig("plane", samples=80, noise=0.2, test_fraction=0.0), network=NetworkConfig(()),
    batch_size=5000, dtype="float64", seed=3, lanes=(LaneConfig("sgd", 0.1),),
)  # fmt: skip
NETWORK = ExperimentConfig(
    dataset=DatasetConfig("moons", samples=100), network=NetworkConfig((6,)), batch_size=16,
    lanes=(LaneConfig("sgd", 0.1), LaneConfig("adam", 0.01, schedule="cosine", batch_size=8, seed=4)),
)  # fmt: skip


def test_raw_losses_of_a_linear_model_against_its_closed_form():
    """Least squares: θₖ₊₁ − θ* = (I − ηₖH)(θₖ − θ*), loss = loss* + ½ (θ−θ*)ᵀH(θ−θ*)."""
    experiment = Experiment(LINEAR)
    found = range_test(experiment, low=1e-3, high=5, updates=30, smoothing=0.0)
    data = experiment.data
    A = np.column_stack([data.X_train, np.ones(len(data.X_train))])
    y = data.y_train.reshape(-1)
    H = 2 * A.T @ A / len(A)
    best = np.linalg.lstsq(A, y, rcond=None)[0]
    least = np.mean((A @ best - y) ** 2)
    away, expected = experiment.theta(0) - best, []
    for rate in found.rates:
        expected.append(least + 0.5 * away @ H @ away)
        away = away - rate * H @ away
    assert np.allclose(found.raw, expected, rtol=1e-9)
    assert np.array_equal(found.raw, found.smoothed)
    assert found.exploded
    edge = 2 / np.linalg.eigvalsh(H)[-1]
    lowest = found.rates[np.argmin(found.raw)]
    assert (
        0.3 * edge < lowest < 2.5 * edge
    )  # it falls until the rate is past the edge, and not for long after
    assert {s.key: s.rate for s in found.suggestions}["minimum"] == pytest.approx(lowest / 10)


def test_smoothing_is_the_corrected_average():
    found = range_test(Experiment(NETWORK), updates=60, smoothing=0.8)
    weights = [0.8 ** np.arange(k, -1, -1) for k in range(len(found.raw))]
    expected = [np.average(found.raw[: k + 1], weights=w) for k, w in enumerate(weights)]
    assert np.allclose(found.smoothed, expected, rtol=1e-9)


@pytest.mark.parametrize("lane", [0, 1])
def test_the_same_to_the_bit_and_nothing_is_changed(lane):
    experiment = Experiment(NETWORK)
    experiment.step(7)
    before = experiment.to_bytes()
    theta, updates = experiment.theta(lane), experiment.updates
    first, second = (range_test(experiment, lane) for _ in range(2))
    assert first.raw.tobytes() == second.raw.tobytes()
    assert first.suggestions == second.suggestions
    assert np.array_equal(experiment.theta(lane), theta)
    assert experiment.updates == updates
    with np.load(io.BytesIO(before)) as old, np.load(io.BytesIO(experiment.to_bytes())) as new:
        assert all(old[name].tobytes() == new[name].tobytes() for name in old.files)


def test_suggestions_on_curves_with_known_answers():
    rates = np.geomspace(1e-4, 1e2, 601)
    x = np.log10(rates)  # -4 to 2
    wave = -np.sin(
        np.pi * np.clip(x, -2, 0) / 2 + np.pi / 2
    )  # falls from +1 at -2 ... to -1 at 0, steepest at -1
    by_key = {s.key: s for s in suggestions(rates, np.where(x > 0, -1 + x**2, wave))}
    assert by_key["steepest"].rate == pytest.approx(0.1, rel=0.02)
    assert by_key["minimum"].rate == pytest.approx(0.1, rel=0.02)
    parabola = {s.key: s for s in suggestions(rates, (x + 1) ** 2)}
    assert parabola["minimum"].rate == pytest.approx(10**-2, rel=0.02)
    assert parabola["valley"].rate == pytest.approx(10**-2.5, rel=0.02)  # halfway from -4 to -1
    assert parabola["steepest"].rate == pytest.approx(1e-4, rel=0.02)
    assert suggestions(rates, x) == ()  # never falls
    assert suggestions(rates[:2], x[:2]) == ()
    noisy = np.where(
        np.arange(601) < 5, 0.0, (x + 1) ** 2
    )  # what comes before the average settles is left out
    assert {s.key: s.rate for s in suggestions(rates, noisy, 5)}["minimum"] == pytest.approx(0.01, rel=0.02)


def test_longest_descent():
    assert longest_descent(np.array([5.0, 4.0, 4.5, 3.0, 6.0, 2.0, 9.0])) == (0, 5)
    assert longest_descent(np.array([1.0, 2.0, 3.0])) == (0, 0)
    assert longest_descent(np.array([1.0, 9.0, 8.0, 7.0, 0.5])) == (1, 4)


@pytest.mark.parametrize("seed", range(5))
def test_longest_descent_against_all_subsequences(seed):
    from itertools import combinations, pairwise

    values = np.random.default_rng(seed).permutation(9)
    longest = max(
        n for n in range(1, 10) for c in combinations(range(9), n) if all(values[a] > values[b] for a, b in pairwise(c))
    )  # fmt: skip
    start, end = longest_descent(values)
    inside = [
        values[start:][: end - start + 1][list(c)] for c in combinations(range(end - start + 1), longest)
    ]
    assert any((np.diff(v) < 0).all() and v[0] == values[start] and v[-1] == values[end] for v in inside)


def test_what_can_not_be_tested_is_refused():
    experiment = Experiment(LINEAR)
    for low, high, smoothing in [
        (0, 1, 0.9),
        (1, 0.1, 0.9),
        (0.1, np.inf, 0.9),
        (0.1, 1, 1.0),
        (np.nan, 1, 0.9),
    ]:
        with pytest.raises(ValueError, match="choose"):
            range_test(experiment, low=low, high=high, smoothing=smoothing)
    with pytest.raises(ValueError, match="chooses its own steps"):
        range_test(Experiment(replace(LINEAR, lanes=(LaneConfig("newton", 1.0),))))


@pytest.mark.parametrize("curvature", [0.5, 2.0, 8.0])
def test_suggestions_on_a_parabola_lie_below_its_threshold(curvature):
    """On ½λx² each update multiplies the loss by (1 − ηλ)²: it falls as long as η < 2/λ, and grows from there on."""
    rates = np.geomspace(1e-3, 100, 400)
    rates = rates[: int(np.searchsorted(rates, 2 / curvature)) + 20]
    shrink = (1 - rates * curvature) ** 2
    loss = np.concatenate([[1.0], np.cumprod(shrink)[:-1]])  # the loss before each update
    found = {s.key: s for s in suggestions(rates, loss)}
    assert found["minimum"].rate == pytest.approx(0.2 / curvature, rel=0.05)
    assert 0 < found["steepest"].rate < 1 / curvature
    assert 0 < found["valley"].rate < 2 / curvature
    # the steepest place: where what one update takes away, L(1 − (1 − ηλ)²), is largest
    taken = loss * (1 - shrink)
    assert abs(found["steepest"].index - int(np.argmax(taken))) <= 1


@pytest.mark.parametrize("seed", range(4))
def test_where_no_rate_does_anything_none_is_suggested(seed):
    """The batches differ, so the curve goes up and down; but the weights hardly move."""
    found = range_test(Experiment(replace(NETWORK, seed=seed)), low=1e-9, high=1e-6, updates=200)
    assert np.ptp(found.smoothed) > 0 and found.idle and not found.exploded
    assert found.suggestions == ()
    useful = range_test(Experiment(replace(NETWORK, seed=seed)), low=1e-3, high=100.0, updates=200)
    assert not useful.idle and len(useful.suggestions) == 3


def test_a_range_that_explodes_at_once_is_not_idle():
    found = range_test(Experiment(LINEAR), low=500.0, high=700.0, updates=50, smoothing=0.0)
    assert found.exploded and not found.idle and found.suggestions == ()
