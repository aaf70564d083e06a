"""A sweep on a pool of one process, which ends in the middle of the first job: `python -m tests.engine.studies.dying_worker MARK`.

It prints the results and how many pools were made. The test runs it in an interpreter of its own.
"""

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from engine.studies.sweep import Stand, Sweep


def die_once(mark):
    """A job whose worker's process ends the first time."""
    yield Stand(0.5)
    if not mark.exists():
        mark.touch()
        os._exit(1)
    return 7


def live(number):
    yield Stand(0.5)
    return number


def main(mark):
    pools = []

    def connect():
        pools.append(ProcessPoolExecutor(1, get_context("spawn")))
        return pools[-1]

    sweep = Sweep([partial(die_once, mark), partial(live, 14)], connect).run()
    for pool in pools:
        pool.shutdown()
    print(sweep.results, len(pools), repr(sweep.note))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
