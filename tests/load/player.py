"""A student: opens the page, presses Play, moves the rate now and then, and draws what comes.

The pace is that of assets/live: what is asked for, when it is asked for again, and how evenly frames are drawn.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import websockets

from tests.load.wire import Tab

RATE = "Learning rate η"
TARGET_FPS, MOST_FRAMES = 60, 30  # as in pull.js; test_players.py compares them
LOST_AFTER = 12.0
SLOW = (0.6, 1.5)  # round trips from which pictures are coarser
UPDATES = 2
DISPLAY = 1 / 60


@dataclass
class Seen:
    """What one student saw."""

    opened: float | None = None  # seconds until the panel had its charts
    frames: int = 0
    draws: list[float] = field(default_factory=list)  # when each frame was drawn
    controls: list[float] = field(default_factory=list)  # seconds from a moved rate to its answer
    resends: int = 0
    dropped: int = 0  # pulls in whose place the page was run
    lost: list[float] = field(default_factory=list)  # seconds without a connection or a panel
    errors: list[str] = field(default_factory=list)


class Player:
    """Plays until `stop` is set. `every`: seconds between two moves of the rate, about."""

    def __init__(
        self, address: str, page: str, query: str, every: float, seed: int, plays: bool = True
    ) -> None:
        self.tab = Tab(address, page, query, self._receive)
        self.seen = Seen()
        self.random = random.Random(seed)
        self.every = every
        self.plays = plays
        self.stop = asyncio.Event()
        self.stirred = asyncio.Event()
        self.have: dict[str, Any] = {}
        self.run = ""
        self.config: Any = None
        self.moved: float | None = None
        self.finished = False
        self.begin()

    def begin(self) -> None:
        """As a panel is when it is made."""
        self.queue: deque[dict[str, Any]] = deque()
        self.outstanding: tuple[int, float] | None = None
        self.sequence, self.last_frame = 0, -1
        self.round_trip, self.next_due, self.coarse = 0.25, 0.0, 0
        self.rests: dict[str, int] = {}

    async def live(self) -> None:
        """Open, play, and open again by the link where the connection is lost, until told to stop."""
        began = time.perf_counter()
        while not self.stop.is_set():
            try:
                await self.tab.connect()
            except (OSError, TimeoutError, websockets.WebSocketException) as error:
                self._note(f"no connection: {type(error).__name__}")
                await asyncio.sleep(0.5)
                continue
            listening = asyncio.create_task(self.tab.listen())
            playing = asyncio.create_task(self._play(began))
            stopping = asyncio.create_task(self.stop.wait())
            await asyncio.wait((listening, playing, stopping), return_when=asyncio.FIRST_COMPLETED)
            for task in (playing, stopping, listening):
                task.cancel()
            outcomes = await asyncio.gather(listening, playing, stopping, return_exceptions=True)
            await self.tab.close()
            for outcome in outcomes:
                if isinstance(outcome, websockets.ConnectionClosed):
                    self._note("connection lost")
                elif isinstance(outcome, Exception):
                    self._note(f"{type(outcome).__name__}: {outcome}")
            began = time.perf_counter()
            self.run, self.have, self.config, self.moved = "", {}, None, None
            self.begin()
        self.seen.errors += self.tab.errors

    def _note(self, what: str) -> None:
        if not self.stop.is_set():
            self.seen.lost.append(time.perf_counter())
            self.seen.errors.append(what)

    async def _play(self, began: float) -> None:
        while not self.have:
            await self._until(time.perf_counter() + 1)
        if self.seen.opened is None:
            self.seen.opened = time.perf_counter() - began
        if not self.plays:
            await self.stop.wait()
        now = time.perf_counter()
        self.next_due = now
        next_move = now + self.every * self.random.uniform(0.3, 1.3)
        await self._pull(1)
        while True:
            now = time.perf_counter()
            if now >= next_move:
                next_move = now + self.every * self.random.uniform(0.7, 1.3)
                if RATE in self.tab.sliders and self.moved is None:
                    self.moved = now
                    await self.tab.slide(RATE, self.random.choice((-1, 1)))
            wanted = math.ceil(0.8 * self._frames_a_pull())
            limit = LOST_AFTER if self.outstanding else 0
            if not self.finished and len(self.queue) < wanted:
                if self.outstanding is None:
                    await self._pull()
                elif now - self.outstanding[1] > limit:
                    self.seen.resends += 1
                    await self._pull()
            if self.queue and now >= self.next_due:
                self._draw(now)
            due = max(self.next_due, now + DISPLAY) if self.queue else now + 0.25
            await self._until(min(due, next_move))

    def _draw(self, now: float) -> None:
        self.queue.popleft()
        self.seen.frames += 1
        self.seen.draws.append(now)
        interval = max(DISPLAY, min(0.2, self.round_trip / self._frames_a_pull()))
        self.next_due = max(self.next_due + interval, now)

    async def _until(self, when: float) -> None:
        """Sleep until then, or until an answer comes."""
        self.stirred.clear()
        try:
            async with asyncio.timeout(max(0.001, when - time.perf_counter())):
                await self.stirred.wait()
        except TimeoutError:
            pass

    def _measure(self, took: float) -> None:
        self.round_trip = 0.7 * self.round_trip + 0.3 * took
        level = sum(self.round_trip > limit for limit in SLOW)
        if level > self.coarse or (self.coarse and self.round_trip < 0.6 * SLOW[self.coarse - 1]):
            self.coarse = level

    def _frames_a_pull(self) -> int:
        return max(3, min(MOST_FRAMES, math.ceil(self.round_trip * TARGET_FPS * 1.15)))

    async def _pull(self, frames: int | None = None) -> None:
        self.sequence += 1
        self.outstanding = (self.sequence, time.perf_counter())
        await self.tab.pull(
            dict(
                sequence=self.sequence, run=self.run, action="play", have=self.have, seen=self.last_frame,
                rests=self.rests, frames=frames or self._frames_a_pull(), updates=UPDATES, budget_ms=150, coarse=self.coarse,
            )
        )  # fmt: skip

    def _receive(self, data: dict[str, Any]) -> None:
        now = time.perf_counter()
        if data["run"] != self.run:
            self.run = data["run"]
            self.queue.clear()
            self.last_frame = -1
        for spec in data["charts"]:
            if "figure" in spec:
                self.have[spec["name"]] = spec["revision"]
        fresh = [frame for frame in data["frames"] if frame["id"] > self.last_frame]
        if fresh:
            self.last_frame = fresh[-1]["id"]
        if self.outstanding and data["sequence"] >= self.outstanding[0]:
            self._measure(now - self.outstanding[1])
            self.outstanding = None
        elif self.outstanding:
            self.seen.dropped += 1  # the page was run in place of the pull: ask at once
            self.outstanding = None
        self.rests |= {name: part["number"] for name, part in data["rest"].items() if "number" in part}
        if data["config"] != self.config:
            if self.config is not None and self.moved is not None:
                self.seen.controls.append(now - self.moved)
                self.moved = None
            self.config = data["config"]
            if self.queue:  # the whole queue is drawn at once: one drawing
                self.queue.clear()
                self.seen.frames += 1
                self.seen.draws.append(now)
        self.queue.extend(fresh)
        self.finished = bool(data["state"].get("finished"))
        self.stirred.set()
