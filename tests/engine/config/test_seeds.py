"""Seeds of repeated runs: in range, shared by lanes with one first seed, and never shared by others."""

import pytest

from engine.config.seeds import SEEDS, run_seeds
from engine.limits import FIELDS


def test_one_first_seed_is_followed_by_the_next_ones():
    assert run_seeds([3, 3], 5) == [(3, 4, 5, 6, 7)] * 2


@pytest.mark.parametrize("first", [0, 1, 999_998, 999_999])
@pytest.mark.parametrize("count", [1, 5, 20])
def test_every_seed_in_range_works_with_every_number_of_runs(first, count):
    (seeds,) = run_seeds([first], count)
    assert seeds[0] == first and len(set(seeds)) == count
    assert [FIELDS["seed"].check(seed) for seed in seeds] == list(seeds)


@pytest.mark.parametrize("firsts", [(0, 1, 2, 3), (0, 5, 10, 999_999), (7, 7, 8), tuple(range(12))])
def test_lanes_with_other_first_seeds_share_none(firsts):
    found = run_seeds(firsts, 20)
    for a, one in zip(firsts, found, strict=True):
        assert one[0] == a
        for b, other in zip(firsts, found, strict=True):
            assert (one == other) if a == b else not set(one) & set(other)


def test_seeds_in_use_are_avoided_but_for_the_lanes_own():
    (seeds,) = run_seeds([4], 5, used=range(11))
    assert seeds[0] == 4 and not set(seeds[1:]) & set(range(11))
    assert len(set(seeds)) == 5 and max(seeds) < SEEDS
