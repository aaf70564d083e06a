"""Threshold units: labellings that a line gives against brute force and Cover's count, and how often guessing finds XOR."""

import itertools
import math

import numpy as np
import pytest

from engine.network.thresholds import GATES, Line, cover, line_through, separable, through

SQUARE = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1]])


def labelling(line, points):
    on = points @ np.array(line.w) + line.b >= 0
    return sum(1 << k for k, is_on in enumerate(on) if is_on)


def test_one_line_gives_14_of_16_and_never_xor():
    found = separable(SQUARE)
    assert len(found) == 14 == cover(4) and set(range(16)) - set(found) == {6, 9}


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
def test_points_in_general_position_have_covers_count(count):
    for seed in range(5):
        points = np.random.default_rng(seed).standard_normal((count, 2))
        assert len(separable(points)) == cover(count)


def test_every_line_that_is_given_gives_its_labelling():
    for seed in range(20):
        points = np.random.default_rng(seed).uniform(-0.5, 1.5, (6, 2))
        for bits, line in separable(points).items():
            assert labelling(line, points) == bits


def test_no_random_line_gives_a_labelling_that_is_missing():
    rng = np.random.default_rng(0)
    rows = [
        SQUARE,
        np.array([[0, 0], [1, 0], [2, 0]]),
        np.array([[0, 0], [0, 0], [1, 1]]),
        rng.standard_normal((5, 2)),
    ]
    for points in rows:
        found = set(separable(points))
        W, b = rng.standard_normal((20_000, 2)), 2 * rng.standard_normal((20_000, 1))
        seen = {sum(1 << k for k, is_on in enumerate(on) if is_on) for on in (W @ points.T + b >= 0)}
        assert seen <= found


def test_three_points_on_one_line_and_two_at_one_place_are_fewer():
    assert len(separable(np.array([[0, 0], [1, 1], [2, 2]]))) == 6
    assert len(separable(np.array([[0, 0], [0, 0], [1, 1]]))) == 4
    assert len(separable(np.array([[0.3, 0.3]]))) == 2


def test_covers_count_is_its_recursion():
    """C(N + 1, d) = C(N, d) + C(N, d − 1), and all labellings up to d + 1 points."""
    for points, dimensions in itertools.product(range(1, 12), range(1, 6)):
        assert cover(points + 1, dimensions) == cover(points, dimensions) + cover(points, dimensions - 1)
        assert points > dimensions + 1 or cover(points, dimensions) == 2**points


def test_gates_are_what_their_names_say():
    tables = {"one": "0011", "and": "0001", "or": "0111", "nand": "1110", "nor": "1000", "but": "0010"}
    for name, table in tables.items():
        lines = (Line((1, 0), -0.5), Line((0, 1), -0.5))  # h = x for x in {0, 1}
        outputs = [through((a, b), lines, name).output for a, b in itertools.product((0, 1), repeat=2)]
        assert "".join(map(str, outputs)) == table
    assert set(tables) == set(GATES)


def test_a_line_through_two_points_is_on_to_their_left():
    line = line_through((0.0, 0.0), (1.0, 0.0))
    assert line.w == (-0.0, 1.0) and line.b == 0 and through((0.5, 1.0), (line, line), "one").output == 1
    assert math.isclose(sum(w * x for w, x in zip(line.w, (0.3, 0.0), strict=True)) + line.b, 0)


def random_hits(points: np.ndarray, labelling: int, guesses: int, rng: np.random.Generator) -> int:
    """How many of so many random 2-2-1 threshold networks give a labelling; weights and biases uniform in ±2."""
    W, b = rng.uniform(-2, 2, (guesses, 2, 2)), rng.uniform(-2, 2, (guesses, 2, 1))
    v, c = rng.uniform(-2, 2, (guesses, 1, 2)), rng.uniform(-2, 2, (guesses, 1, 1))
    h = (W @ np.asarray(points, float).T + b >= 0).astype(float)
    output = (v @ h + c >= 0)[:, 0]
    wanted = np.array([bool(labelling >> k & 1) for k in range(len(points))])
    return int((output == wanted).all(axis=1).sum())


def test_guessing_hits_xor_once_in_1300():
    """10⁷ guesses gave one in 1,319: 400,000 more within three standard errors."""
    hits, expected = random_hits(SQUARE, 6, 400_000, np.random.default_rng(1)), 400_000 / 1319
    assert (
        abs(hits - expected) <= 3 * math.sqrt(expected)
        and pytest.approx(1000 / 1300, rel=0.02) == 1000 / 1319
    )
