"""Many independent trainings, a little at a time: in this process, or on the workers of an executor.

    def train(width: int) -> Job:                                # a job: a function of plain values at a module's top level
        run = Resample(config_of(width), X, y)
        yield from in_slices(run.step, 2000, run.loss)           # hands control back every few hundredths of a second
        return run.loss()                                        # the job's result

    sweep = Sweep([partial(train, width) for width in (1, 2, 4)])
    while not sweep.finished: sweep.advance(0.1)                 # the caller owns the loop, and may stop at any moment
    sweep.results, sweep.progress, sweep.time_left, sweep.look(1)

Without `connect` the jobs are worked here, one after another. With it they go to a `concurrent.futures.Executor`: a
pool of processes, or a Dask cluster through `distributed.Client(...).get_executor()`. A job's numbers follow from its
arguments alone, so they are the same in both places. A worker that dies costs a retry. A job that comes to nothing
there TRIES times, or finds no workers at all, is worked here, so a sweep always ends; what a job itself raises is raised.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from typing import Any, NamedTuple

CHUNK = 10  # updates between two looks at the clock, at first
SLICE = 0.02  # seconds between two looks at the clock, about
AHEAD = 32  # jobs that are with the workers at once: what they go on with when nobody asks any more
TRIES = 3  # how often a job is given to workers


class Stand(NamedTuple):
    """How far a job is, 0 to 1, and what tells its result so far, if anything does."""

    share: float
    look: Callable[[], Any] | None = None


Job = Generator[Stand, None, Any]
Connect = Callable[[], Executor]


def in_slices(step: Callable[[int], object], updates: int, look: Callable[[], Any] | None = None) -> Job:
    """`step(n)` until `updates` updates are made; between two yields pass about SLICE seconds."""
    done, chunk = 0, CHUNK
    while done < updates:
        count = min(chunk, updates - done)
        before = time.perf_counter()
        step(count)
        took = time.perf_counter() - before
        done += count
        chunk = max(1, min(updates, round(chunk * min(2.0, SLICE / max(took, 1e-6)))))
        yield Stand(done / updates, look)


def finish(job: Callable[[], Job]) -> Any:
    """A job from start to end: its result. This is what a worker is given."""
    steps = job()
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


class Sweep:
    """`results[k]` is what job k returned, and None until `done[k]`. `sizes` are the jobs' shares of the work, alike
    unless given. `note` is a sentence where the workers that `connect` promises are not used.

    For an executor, jobs must be picklable: a module's function, or a `partial` of one, with plain arguments.
    """

    def __init__(
        self,
        jobs: Sequence[Callable[[], Job]],
        connect: Connect | None = None,
        sizes: Sequence[float] | None = None,
    ) -> None:
        self.jobs, self.sizes = list(jobs), list(sizes or [1.0] * len(jobs))
        if len(self.sizes) != len(self.jobs):
            raise ValueError(
                f"There are {len(self.sizes)} sizes for {len(self.jobs)} jobs; give one for each."
            )
        self.results: list[Any] = [None] * len(self.jobs)
        self.done = [False] * len(self.jobs)
        self.seconds = 0.0
        self.note = ""
        self._connect, self._breaks = connect, 0
        self._executor: Executor | None = None
        everything = range(len(self.jobs))
        self._here = deque(everything if connect is None else ())  # to be worked in this process
        self._waiting = deque(everything if connect is not None else ())  # to be given to workers
        self._futures: dict[Future[Any], tuple[int, Executor]] = {}
        self._tries = [0] * len(self.jobs)
        self._steps: Job | None = None  # of the job that is worked here now, self._here[0]
        self._stand = Stand(0.0)

    # --- working --------------------------------------------------------------------------------------------

    def advance(self, seconds: float) -> bool:
        """Work, or wait for workers, for about `seconds`; whether anything was left to do."""
        start = time.perf_counter()
        worked = not self.finished
        while not self.finished:
            self._hand_out()
            if self._here:
                self._slice()
            left = start + seconds - time.perf_counter()
            if self._futures:
                self._collect(0.0 if self._here else max(0.0, left))
            if left <= 0:
                break
        self.seconds += time.perf_counter() - start
        return worked

    def run(self) -> Sweep:
        """Work to the end."""
        while not self.finished:
            self.advance(60.0)
        return self

    def cancel(self) -> None:
        """Give up what is not done: its results stay None."""
        for future in self._futures:
            future.cancel()
        if self._steps is not None:
            self._steps.close()
        self._steps = None
        self._futures.clear()
        self._waiting.clear()
        self._here.clear()

    def _slice(self) -> None:
        """A little of the first job that is to be worked here."""
        k = self._here[0]
        if self._steps is None:
            self._steps, self._stand = self.jobs[k](), Stand(0.0)
        try:
            self._stand = next(self._steps)
        except StopIteration as end:
            self._finished(k, end.value)
            self._here.popleft()
            self._steps, self._stand = None, Stand(0.0)

    def _finished(self, k: int, result: Any) -> None:
        self.results[k], self.done[k] = result, True

    # --- workers --------------------------------------------------------------------------------------------

    def _hand_out(self) -> None:
        """Give jobs to the workers, as many as are to be there at once."""
        while self._waiting and len(self._futures) < AHEAD:
            try:
                executor = self._executor = self._executor or self._reached()
                future = executor.submit(finish, self.jobs[self._waiting[0]])
            except Exception as error:  # every kind of executor has its own
                self._executor = None
                self._breaks += 1
                if self._breaks >= TRIES:
                    self.note = f"No worker can be reached ({error or type(error).__name__}), so this process trains alone."
                    self._here.extend(self._waiting)
                    self._waiting.clear()
                continue
            self._futures[future] = (self._waiting.popleft(), executor)

    def _reached(self) -> Executor:
        assert self._connect is not None  # or no job would wait for workers
        return self._connect()

    def _collect(self, seconds: float) -> None:
        """Take in what workers have done, waiting up to `seconds` for the first."""
        for future in wait(self._futures, timeout=seconds, return_when=FIRST_COMPLETED).done:
            k, executor = self._futures.pop(future)
            error = None if future.cancelled() else future.exception()
            if error is None and not future.cancelled():
                self._finished(k, future.result())
                continue
            if isinstance(error, BrokenExecutor) and executor is self._executor:
                self._executor = None
            self._tries[k] += 1
            (self._waiting if self._tries[k] < TRIES else self._here).append(k)

    # --- reading --------------------------------------------------------------------------------------------

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do: all jobs are done, or the sweep was cancelled."""
        return not (self._here or self._waiting or self._futures)

    @property
    def current(self) -> int | None:
        """The job that is worked here now; None if there is none."""
        return self._here[0] if self._steps is not None else None

    def look(self, k: int) -> Any:
        """What job k has so far: its result, or what its last `Stand` tells; None where nothing is known."""
        if self.done[k]:
            return self.results[k]
        return self._stand.look() if k == self.current and self._stand.look is not None else None

    @property
    def progress(self) -> float:
        """The share of the work that is done, 0 to 1."""
        done = sum(size for size, is_done in zip(self.sizes, self.done, strict=True) if is_done)
        if self.current is not None:
            done += self.sizes[self.current] * self._stand.share
        return min(1.0, done / sum(self.sizes)) if self.sizes and not all(self.done) else 1.0

    @property
    def time_left(self) -> float:
        """Seconds of work still to do, at the pace so far; infinite before the first."""
        return self.seconds * (1 - self.progress) / self.progress if self.progress else float("inf")
