"""How many tables of the Arena's Seeds view call a difference real where there is none: training races of equal lanes.

    python -m tests.simulations.null_races [races] [updates]

The lanes are the line-up Seeds: one method, and seeds that no two lanes share. Every race has data and seeds of its own;
its table is read at every frame. At most 5 % may call any pair real at any of them. Run by hand: 400 races take minutes.
"""

import sys

from engine import DatasetConfig, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import load_dataset
from pages.arena.run import ArenaRun


def race(number: int, updates: int) -> tuple[bool, bool]:
    """Whether the table called any pair real at some frame; and whether the raw p of some frame would have."""
    data = DatasetConfig("moons", samples=60, noise=0.3, seed=number)
    lanes = tuple(LaneConfig("sgd", 0.3, seed=1000 * number % 900_000 + k) for k in range(4))
    config = ExperimentConfig(data, NetworkConfig((3,)), lanes=lanes, batch_size=16)
    run = ArenaRun(config, load_dataset(data), False, 10)
    run.decide_at(updates)
    real = raw = False
    for _ in range(2 * updates // 10):
        run.advance("play", 10)
        real |= any(row[-1]["text"] == "a real difference" for row in run.verdict.table())
        if run.look.values is None:
            raw |= any(test.is_real() for test in run.verdict.tests())
    return real, raw


if __name__ == "__main__":
    races, updates = (int(word) for word in (*sys.argv[1:], *("400", "100")[len(sys.argv) - 1 :]))
    found = [race(number, updates) for number in range(races)]
    for name, count in zip(("at the verdict", "raw p, at some look before"), map(sum, zip(*found, strict=True)), strict=True):  # fmt: skip
        print(f"{name}: {count} of {races} tables call a pair real ({100 * count / races:.1f} %)")
