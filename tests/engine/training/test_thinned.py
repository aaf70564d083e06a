"""A record of bounded length."""

import pytest

from engine.training.thinned import Thinned


def numbers(record: Thinned) -> list[float]:
    return record.rows[:, 0].tolist()


def filled(count: int, most: int = 8) -> Thinned:
    record = Thinned(most, 1)
    for number in range(count):
        record.add([number])
    return record


@pytest.mark.parametrize(("count", "stride"), [(1, 1), (8, 1), (9, 2), (15, 2), (16, 4), (17, 4), (100, 16)])
def test_every_stride_th_is_kept_and_the_newest(count, stride):
    record = filled(count)
    assert numbers(record) == sorted({*range(0, count, stride), count - 1})
    assert record.stride == stride and len(record) <= 8


def test_the_newest_is_renewed_and_then_goes_or_stays_by_its_place():
    record = Thinned(2, 1)
    for number in (1, 2, 3):
        record.add([number])
        record.renew([10 * number])
    assert numbers(record) == [10, 30]
    record.add([4])
    assert numbers(record) == [10, 4] and record.stride == 4


@pytest.mark.parametrize("count", [0, 3, 6])
def test_a_record_goes_on_from_an_earlier_moment_as_it_did_then(count):
    whole = filled(20)
    assert numbers(whole) == [0, 4, 8, 12, 16, 19]
    earlier = whole.first(count)
    assert numbers(earlier) == numbers(whole)[:count]
    for number in range(earlier.seen, 40):
        whole.add([number]) if number >= 20 else None
        earlier.add([number])
    if count:
        assert numbers(earlier) == numbers(whole)
