"""What is equal in a race, in words; and each lane's own best rate, found by a quick search on copies."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from engine import ExperimentConfig, LaneConfig
from engine.data.load import Dataset
from engine.studies.rate_search import LaneRates, RateGrid, found_rates, keeps_rate, log_rates
from pages.shared import session
from pages.shared.cluster import workers

RATES = log_rates(1e-4, 10.0, 11)
SEEDS = (9001, 9002, 9003)  # of the search alone: the race's seeds are not seen by it
UPDATES = 300
MOST_FOUND = 100


@dataclass(frozen=True)
class Fairness:
    """`pace` is what every frame gives each lane alike (see ArenaRun); `words` say what is equal."""

    label: str
    pace: str
    words: str


FAIRNESS = {
    "own": Fairness("Rates as set", "updates", "Equal: updates. Each lane keeps the rate you set."),
    "same": Fairness("Same rate for all", "updates", "Equal: updates and learning rate."),
    "best": Fairness(
        "Best rate for each", "updates",
        f"Equal: updates, and tuning effort. Each lane uses the best of {len(RATES)} rates, found on {len(SEEDS)} other seeds in {UPDATES} updates.",
    ),
    "evaluations": Fairness(
        "Equal gradients", "evaluations",
        "Equal: per-sample gradients computed. Large batches get fewer updates; line-search trials count too.",
    ),
    "milliseconds": Fairness(
        "Equal time", "milliseconds", "Equal: training time. An update counts as long as it takes that lane alone, measured before the race; cheap methods make more of them."
    ),
}  # fmt: skip


@dataclass
class Search:
    """The best rates that were found in this session, and the search that is under way."""

    found: dict[Any, LaneRates] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    grid: RateGrid | None = None


def same_rate(lanes: tuple[LaneConfig, ...], rate: float) -> tuple[LaneConfig, ...]:
    """All lanes at one rate; methods that search along their direction keep theirs."""
    return tuple(lane if keeps_rate(lane) else replace(lane, learning_rate=rate) for lane in lanes)


def best_rates(config: ExperimentConfig, data: Dataset) -> tuple[ExperimentConfig, dict[int, LaneRates]]:
    """`config` with every lane at its best rate, and what was found per lane. Shows a bar while it searches.

    What is found, and how far a search got, is kept in the session: a page that is drawn again goes on from there.
    """
    search = session.of("arena.search", Search)
    found = search.found
    keys = {}
    for k, lane in enumerate(config.lanes):
        if not keeps_rate(lane):
            template = replace(lane, learning_rate=1.0, seed=None, name="")
            keys[k] = (replace(config, seed=0, lanes=(template,)), template)
    missing = list(dict.fromkeys(key for key in keys.values() if key not in found))
    if missing:
        if search.grid is None or search.asked != missing:
            lanes = [template for _, template in missing]
            if search.grid is not None:
                search.grid.cancel()
            search.grid = RateGrid(missing[0][0], data, lanes, RATES, SEEDS, UPDATES, connect=workers())
            search.asked = missing
        grid = search.grid
        bar = st.progress(0.0)
        while not grid.finished:
            bar.progress(
                grid.progress, f"Searching each lane's best rate · about {min(grid.time_left, 99):.0f} s left"
            )
            grid.advance(0.15)
        bar.empty()
        if grid.sweep.note:
            st.caption(grid.sweep.note)
        if len(found) > MOST_FOUND:
            found.clear()
        found |= zip(missing, found_rates(grid), strict=True)
        search.grid = None
    chosen = {k: found[key] for k, key in keys.items() if key in found}
    rates = {k: rates.best_rate for k, rates in chosen.items() if rates.best_rate}
    lanes = [
        replace(lane, learning_rate=rates.get(k, lane.learning_rate)) for k, lane in enumerate(config.lanes)
    ]
    return replace(config, lanes=tuple(lanes)), chosen
