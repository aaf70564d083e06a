"""What a frame costs the server, without browser or Streamlit: CPU milliseconds and bytes a frame, and a pause.

taskset -c 0 python -m tests.benchmarks.frames
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from engine import OPTIMIZERS, ExperimentConfig, LaneConfig
from engine.data.load import load_dataset
from pages.arena.run import ArenaRun
from pages.learning_rate.ladder import LadderRun, ladder_config
from pages.playground.run import PlaygroundRun
from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.protocol import LiveRun
from pages.shared.live.request import read_request

FRAMES, PULLS = 30, 12
FOUR = tuple(LaneConfig(name, OPTIMIZERS[name].start_rate) for name in ("sgd", "momentum", "rmsprop", "adam"))
RACE = ExperimentConfig(lanes=FOUR)
LADDER = ladder_config(ExperimentConfig(), 0.001, 100.0, 11)
RUNS: dict[str, Callable[[], LiveRun]] = {
    "Playground, default (goal 1.0 ms, 8 kB)": lambda: PlaygroundRun(ExperimentConfig(), load_dataset(RACE.dataset), False),
    "Arena, four lanes (goal 2.5 ms, 8 kB)": lambda: ArenaRun(RACE, load_dataset(RACE.dataset), False),
    "Ladder, eleven rungs": lambda: LadderRun(LADDER, load_dataset(LADDER.dataset), False),
}  # fmt: skip


def pull(run: LiveRun, mailbox: Mailbox, action: str, have: dict[str, str]) -> tuple[float, bytes]:
    """CPU milliseconds of an answer, and the answer."""
    raw = dict(
        action=action, run=run.run_id, sequence=1, seen=10**9, frames=FRAMES, updates=2, budget_ms=10**6
    )
    started = time.thread_time()
    answer = respond(run, mailbox, read_request(raw | dict(have=have)))
    assert isinstance(answer, bytes)
    return 1000 * (time.thread_time() - started), answer


def main() -> None:
    print(f"\nCPU on the server\n  {'':44} {'open':>8} {'frame':>9} {'bytes':>8} {'pause':>8} {'again':>8}")
    for name, make in RUNS.items():
        started = time.thread_time()
        run, mailbox = make(), Mailbox(clock=lambda: 0.0)  # no pull ends before its frames are made
        made = 1000 * (time.thread_time() - started)
        opened, answer = pull(run, mailbox, "rest", {})
        have = {card["name"]: card["revision"] for card in json.loads(answer)["charts"]}
        costs = [pull(run, mailbox, "play", have) for _ in range(PULLS)]
        frame = min(cost for cost, _ in costs[2:]) / FRAMES
        size = len(costs[-1][1]) / FRAMES
        pause, _ = pull(run, mailbox, "rest", have)
        again, _ = pull(run, mailbox, "rest", have)
        print(
            f"  {name:44} {made + opened:5.0f} ms {frame:6.2f} ms {size:8.0f} {pause:5.0f} ms {again:5.1f} ms"
        )


if __name__ == "__main__":
    main()
