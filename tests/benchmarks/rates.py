"""Many runs at once: the map of optimizers and rates, and the Arena's lanes over seeds."""

import time

from engine import OPTIMIZERS, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.studies.rate_search import RateGrid, log_rates

METHODS = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "lion")


def measure() -> dict[str, float]:
    config = ExperimentConfig(network=NetworkConfig((16, 16)), batch_size=32)
    start = time.perf_counter()
    grid = RateGrid(config, None, METHODS, log_rates(0.001, 100, 11), seeds=(0, 1, 2), updates=500)
    result = {}
    while not grid.finished:
        grid.advance(0.08)
        result.setdefault("first cells, as they stand, s", time.perf_counter() - start)
        if grid.done.any():
            result.setdefault("first row done, s", time.perf_counter() - start)
    return result | {"all cells, server seconds (goal 6)": grid.seconds}


def measure_seeds() -> float:
    """Seconds for 8 lanes × 10 seeds, 1,000 updates, with their history."""
    lanes = [
        LaneConfig(name, OPTIMIZERS[name].start_rate, seed=seed) for name in METHODS for seed in range(10)
    ]
    config = ExperimentConfig(network=NetworkConfig((16, 16)), batch_size=32, lanes=tuple(lanes))
    start = time.perf_counter()
    Experiment(config).step(1000)
    return time.perf_counter() - start


def main() -> None:
    measure()  # once to warm up
    print("\nMap: 8 optimizers × 11 rates × 3 seeds × 500 updates of 2-16-16-1, batch 32")
    for name, value in measure().items():
        print(f"  {name:50} {value:7.2f}")
    print(f"\n80 runs: 8 lanes × 10 seeds × 1,000 updates, s (goal 2)      {measure_seeds():7.2f}")


if __name__ == "__main__":
    main()
