"""Sweeps: the same results here and on workers, slice by slice; a worker that dies costs a retry, not the sweep."""

import subprocess
import sys
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from engine.studies.sweep import AHEAD, TRIES, Stand, Sweep, finish, in_slices

ROOT = Path(__file__).resolve().parents[3]


def count_up(start, steps=4):
    """A job that adds 1 at every step."""
    value = start
    for step in range(steps):
        value += 1
        yield Stand((step + 1) / steps, lambda now=value: now)
    return value


def broken(words):
    yield Stand(0.5)
    raise ValueError(words)


def jobs(count=5):
    return [partial(count_up, 10 * k) for k in range(count)]


EXPECTED = [4, 14, 24, 34, 44]


class Now(Executor):
    """Works at once; in the submissions numbered in `dies` the worker dies. With `BrokenExecutor` the whole executor is
    broken from then on, as a pool of processes is, and another must be made.
    """

    def __init__(self, dies=(), breaks=BrokenExecutor):
        self.dies, self.breaks, self.submitted, self.is_broken = set(dies), breaks, 0, False

    def submit(self, fn, /, *args, **kwargs):
        if self.is_broken:
            raise BrokenExecutor("the pool is broken")
        future = Future()
        number, self.submitted = self.submitted, self.submitted + 1
        if number in self.dies:
            self.is_broken = self.breaks is BrokenExecutor
            future.set_exception(self.breaks("a worker died"))
            return future
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Never(Executor):
    """Takes jobs and does nothing."""

    def __init__(self):
        self.futures = []

    def submit(self, fn, /, *args, **kwargs):
        self.futures.append(Future())
        return self.futures[-1]


def test_here_it_goes_slice_by_slice_and_says_how_far_it_is():
    sweep = Sweep(jobs(2))
    seen = []
    assert sweep.progress == 0 and sweep.time_left == float("inf") and sweep.look(0) is None
    while not sweep.finished:
        assert sweep.advance(0.0)
        seen.append((sweep.current, sweep.look(0), sweep.look(1), sweep.progress))
    assert seen[:3] == [(0, 1, None, 0.125), (0, 2, None, 0.25), (0, 3, None, 0.375)]
    assert (1, 4, 11, 0.625) in seen
    assert sweep.results == EXPECTED[:2] and all(sweep.done)
    assert sweep.progress == 1 and sweep.time_left == 0 and not sweep.advance(1.0)


def test_sizes_weigh_the_progress():
    sweep = Sweep(jobs(2), sizes=[3, 1])
    while not sweep.done[0]:
        sweep.advance(0.0)
    assert sweep.progress == 0.75
    with pytest.raises(ValueError, match="1 sizes for 2 jobs"):
        Sweep(jobs(2), sizes=[1])


def test_a_pools_workers_give_the_same():
    with ThreadPoolExecutor(2) as pool:
        sweep = Sweep(jobs(), lambda: pool).run()
    assert sweep.results == EXPECTED and sweep.note == ""


def test_a_worker_that_dies_costs_a_retry():
    pools = [Now(dies=[1]), Now()]
    made = iter(pools)
    sweep = Sweep(jobs(), lambda: next(made)).run()
    assert sweep.results == EXPECTED and sweep.note == ""
    assert [pool.submitted for pool in pools] == [2, 4], "one submission more than there are jobs"


def test_a_process_that_ends_costs_a_retry(tmp_path):
    command = [sys.executable, "-m", "tests.engine.studies.dying_worker", str(tmp_path / "died")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout.strip() == "[7, 14] 2 ''", done.stderr[-2000:]


def test_an_executor_with_errors_of_its_own_costs_a_retry_alike():
    class KilledWorker(Exception):
        pass

    workers = Now(dies=[0, 3], breaks=KilledWorker)
    assert Sweep(jobs(), lambda: workers).run().results == EXPECTED
    assert workers.submitted == 7


def test_a_cancelled_future_is_given_out_again():
    never = Never()
    sweep = Sweep(jobs(), lambda: never)
    sweep.advance(0.0)
    assert len(never.futures) == 5
    for future in tuple(never.futures):
        future.cancel()
        future.set_running_or_notify_cancel()
    sweep.advance(0.0)
    sweep.advance(0.0)
    assert len(never.futures) == 10 and not sweep.finished


def test_workers_that_always_die_leave_the_work_to_this_process():
    workers = Now(dies=range(1000), breaks=RuntimeError)
    assert Sweep(jobs(), lambda: workers).run().results == EXPECTED
    assert workers.submitted == 5 * TRIES


def test_workers_that_are_not_there_leave_the_work_to_this_process_and_it_says_so():
    def connect():
        raise OSError("nobody at tcp://nowhere:1")

    sweep = Sweep(jobs(), connect).run()
    assert sweep.results == EXPECTED
    assert sweep.note == "No worker can be reached (nobody at tcp://nowhere:1), so this process trains alone."


def test_what_a_job_raises_is_raised():
    for connect in (None, lambda: Now()):
        with pytest.raises(ValueError, match="no such width"):
            Sweep([*jobs(1), partial(broken, "no such width")], connect).run()
    with pytest.raises(ValueError, match="no such width"):
        finish(partial(broken, "no such width"))


def test_no_more_than_so_many_jobs_are_with_the_workers_and_they_can_be_cancelled():
    never = Never()
    sweep = Sweep(jobs(100), lambda: never)
    sweep.advance(0.01)
    assert len(never.futures) == AHEAD and not sweep.finished and sweep.progress == 0
    sweep.cancel()
    assert all(future.cancelled() for future in never.futures)
    assert sweep.finished and not sweep.advance(1.0) and len(never.futures) == AHEAD


def test_cancelled_here_it_keeps_what_is_done():
    sweep = Sweep(jobs(3))
    while not sweep.done[0]:
        sweep.advance(0.0)
    sweep.advance(0.0)
    sweep.cancel()
    assert sweep.finished and sweep.results == [4, None, None] and sweep.done == [True, False, False]


@pytest.mark.parametrize("updates", [0, 1, 9, 10, 11, 5000])
def test_in_slices_makes_so_many_updates(updates):
    made = []
    shares = [stand.share for stand in in_slices(made.append, updates)]
    assert sum(made) == updates and shares == sorted(shares) and (not updates or shares[-1] == 1)


def test_nothing_to_do_is_done():
    sweep = Sweep([])
    assert sweep.finished and sweep.progress == 1 and not sweep.advance(1.0)
