"""The seeds of runs that repeat a lane from other starts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from engine.limits import FIELDS

SEEDS = int(FIELDS["seed"].high or 0) + 1  # how many there are; after the last comes 0 again


def run_seeds(firsts: Sequence[int], count: int, used: Collection[int] = ()) -> list[tuple[int, ...]]:
    """For lanes with the seeds `firsts`, the `count` seeds of each one's runs, its own first.

    Lanes with the same first seed share all of them, so that their runs pair up; those of other lanes differ from
    them and from all in `used`. With one first seed alone, its runs have the seeds that follow it.
    """
    different = list(dict.fromkeys(firsts))
    for stride in range(1, SEEDS):
        found = {first: tuple((first + k * stride) % SEEDS for k in range(count)) for first in different}
        every = {seed for seeds in found.values() for seed in seeds}
        taken = {seed for seeds in found.values() for seed in seeds[1:]} & set(used)
        if len(every) == count * len(different) and not taken:
            return [found[first] for first in firsts]
    raise ValueError(f"There are no {count} seeds each for {len(different)} lanes.")
