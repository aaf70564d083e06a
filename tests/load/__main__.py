"""Measure a class: see `python -m tests.load --help`."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import random
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from tests.load.player import Player
from tests.load.servers import ROOT, Server, core_time, keep_to, serve

MOST_PLAYERS, MOST_SECONDS = 400, 1800
DEAR = "?data=moons&samples=5000&layers=6&neurons=32,32,32,32,32,32&batch=1"


def quantile(values: Sequence[float], q: float) -> float:
    return sorted(values)[min(int(q * len(values)), len(values) - 1)] if values else float("nan")


def split(page: str) -> tuple[str, str]:
    name, _, query = page.strip("/").partition("?")
    return name, query


class Class:
    """`count` students on one page."""

    def __init__(self, server: Server, count: int, page: str, every: float = 6, plays: bool = True) -> None:
        self.server = server
        name, query = split(page)
        self.players = [
            Player(server.address, name, query, every, seed, plays=plays) for seed in range(count)
        ]

    async def come(self, within: float) -> None:
        """They come one after another within so many seconds; all at once if 0."""
        self.tasks = []
        for player in self.players:
            self.tasks.append(asyncio.create_task(player.live()))
            await asyncio.sleep(within / len(self.players))

    async def usable(self, limit: float) -> None:
        """Until every panel has its charts, at most `limit` seconds."""
        end = time.perf_counter() + limit
        while time.perf_counter() < end and any(player.seen.opened is None for player in self.players):
            await asyncio.sleep(0.05)

    async def play(self, seconds: float, kill_after: float | None = None) -> None:
        """Let them play, and print what they saw in this time."""
        before = [player.seen.frames for player in self.players]
        for player in self.players:
            player.seen.controls.clear()
            player.seen.draws.clear()
            player.seen.lost.clear()
            player.seen.resends = 0
        cpu, cores, clock = self.server.cpu(), core_time(), time.perf_counter()
        client = psutil.Process().cpu_times()
        if kill_after is not None:
            await asyncio.sleep(kill_after)
            victim = random.choice(self.server.workers())
            print(f"  worker {victim.pid} is killed")
            victim.kill()
            killed = time.perf_counter()
            await asyncio.sleep(seconds - kill_after)
            self.report_loss(killed)
        else:
            await asyncio.sleep(seconds)
        took = time.perf_counter() - clock
        work = sum(
            now - cpu.get(pid, 0.0) for pid, now in self.server.cpu().items()
        )  # not of one that was killed
        mine = sum(psutil.Process().cpu_times()[:2]) - sum(client[:2])
        busy = [now - then for now, then in zip(core_time(), cores, strict=True)]
        frames = [player.seen.frames - n for player, n in zip(self.players, before, strict=True)]
        rates = sorted(n / took for n in frames)
        controls = [delay for player in self.players for delay in player.seen.controls]
        unanswered = sum(
            player.moved is not None and time.perf_counter() - player.moved > 1 for player in self.players
        )
        received = sum(player.tab.received for player in self.players)
        print(
            f"  frames/s slowest {rates[0]:.1f} · median {statistics.median(rates):.1f} · sum {sum(rates):.0f}\n"
            f"  controls p50 {quantile(controls, 0.5):.2f} s, p95 {quantile(controls, 0.95):.2f} s "
            f"({len(controls)} answered, {unanswered} waiting for over 1 s)\n"
            f"  server {1000 * work / max(sum(frames), 1):.2f} CPU ms a frame, {work / took:.2f} cores, "
            f"{self.server.memory():.0f} MiB; client {mine / took:.2f} cores, {received / 2**20:.0f} MiB received since opening\n"
            f"  pulls sent again {sum(player.seen.resends for player in self.players)}, "
            f"lines of trouble in the log {len(self.server.trouble())}, "
            f"errors of students {sum(len(player.seen.errors) for player in self.players)}\n"
            f"  the rest of the machine took {max(sum(busy) - work - mine, 0) / took:.2f} of {len(busy)} cores"
        )
        for line in self.server.trouble()[:5] + [e for p in self.players for e in p.seen.errors][:5]:
            print(f"    {line[:200]}")

    def report_loss(self, killed: float) -> None:
        """Who lost the connection, how long until it drew again; the longest pause of the others."""
        back, pauses = [], []
        for player in self.players:
            after = [when for when in player.seen.draws if when > killed]
            if any(when >= killed for when in player.seen.lost):
                lost = next(when for when in player.seen.lost if when >= killed)
                again = [when for when in after if when > lost]
                back.append(again[0] - killed if again else float("inf"))
            else:
                times = [killed, *after]
                pauses.append(max(b - a for a, b in itertools.pairwise(times)))
        print(
            f"  {len(back)} students lost their process, and drew again after at most {max(back, default=0):.1f} s; "
            f"longest pause of the others {max(pauses, default=0):.2f} s"
        )

    def report_opening(self) -> None:
        times = [player.seen.opened for player in self.players if player.seen.opened is not None]
        print(
            f"  {len(times)} of {len(self.players)} pages open; "
            f"median {quantile(times, 0.5):.1f} s, last {max(times, default=float('nan')):.1f} s"
        )

    async def go(self) -> None:
        for player in self.players:
            player.stop.set()
        await asyncio.wait(self.tasks, timeout=10)
        for task in self.tasks:
            task.cancel()


async def measure(server: Server, args: argparse.Namespace) -> None:
    print(
        f"{args.players} students on /{args.page}, {args.workers} process(es), memory {server.memory():.0f} MiB"
    )
    students = Class(server, args.players, args.page, plays=not args.open or args.seconds > 0)
    await students.come(0 if args.open else min(10, args.players * 0.15))
    await students.usable(60)
    students.report_opening()
    if args.soak:
        for minute in range(1, round(args.soak) + 1):
            await asyncio.sleep(60)
            print(
                f"  minute {minute}: {server.memory():.0f} MiB, trouble {len(server.trouble())}", flush=True
            )
    if args.seconds:
        await asyncio.sleep(min(4, args.seconds))  # the pace settles
        await students.play(args.seconds, args.kill)
    if args.dear:
        print(f"one more student with the dearest settings: {DEAR}")
        dear = Class(server, 1, DEAR)
        await dear.come(0)
        await students.play(args.seconds)
        dear.report_opening()
        await dear.go()
    await students.go()


async def measure_tabs(server: Server, args: argparse.Namespace) -> None:
    """Memory over tabs that are opened, played for a second and closed."""
    print(f"memory: {server.memory():.0f} MiB; {args.tabs} tabs, eight at a time")
    for first in range(0, args.tabs, 8):
        students = Class(server, min(8, args.tabs - first), args.page)
        await students.come(0)
        await students.usable(30)
        await asyncio.sleep(1)
        await students.go()
        if first // 8 % 4 == 3 or first + 8 >= args.tabs:
            print(f"  after {min(first + 8, args.tabs)} tabs: {server.memory():.0f} MiB", flush=True)
    for second in range(0, args.rest, 10):
        await asyncio.sleep(10)
        print(f"  {second + 10} s later: {server.memory():.0f} MiB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    add = parser.add_argument
    add("--players", type=int, default=20, help="students who press Play")
    add("--seconds", type=float, default=15, help="seconds that are measured")
    add("--page", default="", help="page and query, such as 'arena' or '?data=xor'")
    add(
        "--open",
        action="store_true",
        help="all open the page at the same moment; --seconds 0 for the opening alone",
    )
    add(
        "--dear",
        action="store_true",
        help="then one more with the dearest settings, and measure the others again",
    )
    add("--soak", type=float, metavar="MINUTES", help="play for so long first, memory once a minute")
    add("--tabs", type=int, help="open and close so many tabs instead, and print the memory")
    add("--rest", type=int, default=60, help="with --tabs: seconds to wait after the last is closed")
    add("--workers", type=int, default=1, help="processes behind the proxy; 1: no proxy")
    add("--kill", type=float, metavar="SECONDS", help="kill one process after so long")
    add("--app", type=Path, default=ROOT, help="another checkout to measure")
    args = parser.parse_args()
    args.players, args.seconds = min(args.players, MOST_PLAYERS), min(args.seconds, MOST_SECONDS)
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    with serve(args.workers, cores[:1] if args.workers == 1 else cores, args.app) as server:
        if args.workers == 1 and len(cores) > 1:
            keep_to(cores[1:2])
        asyncio.run(measure_tabs(server, args) if args.tabs else measure(server, args))


if __name__ == "__main__":
    main()
