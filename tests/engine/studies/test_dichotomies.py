"""Labellings by a line against Kirchberger's theorem, and Cover's count against its recursion."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.studies.dichotomies import cover, dichotomies, first_answer, labelling, pairs, reachable, side


def cross(o, a, b):
    return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])


def is_on(point, a, b):
    """Whether a point lies on a segment, ends included."""
    inside = all(min(a[k], b[k]) <= point[k] <= max(a[k], b[k]) for k in (0, 1))
    return inside and cross(a, b, point) == 0


def is_in(point, a, b, c):
    """Whether a point lies in a triangle, its sides included."""
    if cross(a, b, c) == 0:
        return is_on(point, a, b) or is_on(point, b, c) or is_on(point, a, c)
    turns = [cross(a, b, point), cross(b, c, point), cross(c, a, point)]
    return not (min(turns) < 0 < max(turns))


def meet(a, b, c, d):
    """Whether two segments have a point in common."""
    if any((is_on(a, c, d), is_on(b, c, d), is_on(c, a, b), is_on(d, a, b))):
        return True
    return cross(a, b, c) * cross(a, b, d) < 0 and cross(c, d, a) * cross(c, d, b) < 0


def is_separable(one, other):
    """Kirchberger: two finite sets in the plane can be parted if any four of their points can. Exact on whole numbers."""
    for a, b in ((one, other), (other, one)):
        if any(p in b for p in a) or any(is_on(p, q, r) for p in a for q, r in combinations(b, 2)):
            return False
        if any(is_in(p, q, r, s) for p in a for q, r, s in combinations(b, 3)):
            return False
    return not any(meet(a, b, c, d) for a, b in combinations(one, 2) for c, d in combinations(other, 2))


@pytest.mark.parametrize("seed", range(21))
def test_every_labelling_of_up_to_seven_points_is_found_if_it_can_be_parted_and_no_other(seed):
    """On a small grid, where many points lie on one line or at one place."""
    points = np.random.default_rng(seed).integers(-2, 3, (1 + seed % 7, 2)).tolist()
    found = dichotomies([(float(x), float(y)) for x, y in points])
    for label in range(1 << len(points)):
        inside = [p for k, p in enumerate(points) if label >> k & 1]
        outside = [p for k, p in enumerate(points) if not label >> k & 1]
        assert (label in found) == is_separable(inside, outside)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=9))
def test_the_line_of_each_labelling_makes_it(points):
    for label, line in dichotomies(points).items():
        assert labelling(line, points) == label
        assert all(side(line, point) != 0 for point in points)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 10, 20])
def test_points_in_general_position_have_covers_count(count):
    points = [tuple(p) for p in np.random.default_rng(count).uniform(-1, 1, (count, 2))]
    assert len(dichotomies(points)) == cover(count, 2)


def test_covers_count_obeys_its_recursion_exactly_up_to_sixty_points():
    """C(N + 1, d) = C(N, d) + C(N, d − 1), C(1, d) = 2, C(N, 0) = 2: Cover's own proof."""
    for count in range(1, 60):
        for dimensions in range(1, 61):
            assert cover(count + 1, dimensions) == cover(count, dimensions) + cover(count, dimensions - 1)
    assert all(cover(1, d) == 2 == cover(d + 1, 0) for d in range(61))
    assert all(cover(count, count - 1) == 2**count for count in range(1, 61))


def test_the_numbers_of_the_lecture():
    assert [cover(count, 2) for count in (10, 20, 50)] == [92, 382, 2452]
    assert [cover(count, 1) for count in (4, 10)] == [8, 20]


def test_points_on_a_line_have_the_labellings_of_one_dimension():
    points = [(k / 5, 2 * k / 5) for k in range(8)]
    assert len(dichotomies(points)) == cover(8, 1) == 16


def test_xor_is_no_and_of_two_half_planes_with_all_corners_but_a_band_is():
    corners = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
    labels = list(dichotomies(corners))
    xor = 0b0110
    assert len(labels) == 14 and xor not in labels
    tried, pair = first_answer(labels, xor)
    assert pair is not None and pair[0] & pair[1] == xor and 1 <= tried <= pairs(14)
    line = [(k / 5, 0.0) for k in range(5)]
    tried, pair = first_answer(list(dichotomies(line)), 0b10101)
    assert pair is None and tried == pairs(cover(5, 1))


def test_what_pairs_can_reach_is_counted_one_by_one():
    points = [tuple(p) for p in np.random.default_rng(0).uniform(-1, 1, (6, 2))]
    labels = list(dichotomies(points))
    assert reachable(labels) == sum(first_answer(labels, label)[1] is not None for label in range(64))
