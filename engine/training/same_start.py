"""Same start, same batches: found out from the weights and the orders themselves, not claimed.

Every lane keeps a fingerprint of the very weights with which it began (`Lane.start`): its initial ones, or those that a
fork or `Experiment.set_theta` gave it. The order of the samples is asked of the lane (`Lane.order`), as training does.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from engine.training.experiment import Experiment
from engine.training.lane import Lane


def same_start(
    experiment: Experiment, lanes: Sequence[int] | None = None, names: Sequence[str] | None = None
) -> dict[str, Any]:
    """What the lanes (all, if not given) have in common, to the bit, as groups of their numbers:

    "starts": began with the same weights · "batches": have used the same batches in the same order and go on so, so that
    any two at the same update see the same samples · "orders": go through the samples in the same order, however large their batches are ·
    "why": {"starts": …, "batches": …}, a sentence for each lane that is not in the first lane's group. A group's lanes, and
    the groups, are in the order of `lanes`; so one group means that all are alike. `names` are for the sentences.
    """
    chosen = [experiment.lanes[k] for k in (range(len(experiment.lanes)) if lanes is None else lanes)]
    titles = [f"Lane {lane.index + 1}" for lane in chosen] if names is None else list(names)
    latest = max((lane.epoch for lane in chosen), default=0)
    orders = [tuple(lane.order(epoch).tobytes() for epoch in (0, latest)) for lane in chosen]
    keys: dict[str, list[Hashable]] = {
        "starts": [(lane.mlp.layer_sizes, lane.start) for lane in chosen],
        "batches": [lane.stretches for lane in chosen],
        "orders": list(orders),
    }
    found: dict[str, Any] = {name: _groups(values, chosen) for name, values in keys.items()}
    found["why"] = {
        name: [
            f"{title} {' and '.join(reasons(lane, chosen[0]))}."
            for title, lane, key in zip(titles, chosen, keys[name], strict=True)
            if key != keys[name][0]
        ]
        for name, reasons in (("starts", _other_start), ("batches", _other_batches))
    }
    return found


def _groups(keys: list[Hashable], lanes: list[Lane]) -> list[list[int]]:
    groups: dict[Hashable, list[int]] = {}
    for key, lane in zip(keys, lanes, strict=True):
        groups.setdefault(key, []).append(lane.index)
    return list(groups.values())


def _other_start(lane: Lane, first: Lane) -> list[str]:
    """Why a lane does not begin with the first one's weights, as ends of a sentence."""
    a, b = lane.config, first.config
    assert a.network is not None and b.network is not None
    reasons = []
    if lane.mlp.layer_sizes != first.mlp.layer_sizes:
        reasons.append(f"has other layers ({_sizes(lane)}, not {_sizes(first)})")
    if lane.start[1] != first.start[1]:
        reasons.append(
            f"begins at update {lane.start[1]:,}, not {first.start[1]:,}, with the weights of there"
        )
    elif lane.start[1]:
        reasons.append(f"begins with other weights at update {lane.start[1]:,}")
    elif (a.network.initializer, a.network.initializer_options) != (
        b.network.initializer,
        b.network.initializer_options,
    ):
        reasons.append(f"has another initializer ({a.network.initializer.replace('_', ' ')})")
    if a.seed != b.seed and not lane.start[1]:
        reasons.append(f"has another seed ({a.seed}, not {b.seed})")
    return reasons or ["begins with other weights"]


def _sizes(lane: Lane) -> str:
    return "-".join(map(str, lane.mlp.layer_sizes))


def _other_batches(lane: Lane, first: Lane) -> list[str]:
    """Why a lane does not see the first one's batches, as ends of a sentence."""
    reasons = []
    if lane.batch_size != first.batch_size:
        whole = lane.batch_size == lane.samples
        size = f"all {lane.samples:,} samples" if whole else f"batches of {lane.batch_size:,}"
        reasons.append(f"uses {size} at every update, not {first.batch_size:,}")
    if lane.config.seed != first.config.seed and lane.batch_size < lane.samples:
        reasons.append(f"shuffles by another seed ({lane.config.seed}, not {first.config.seed})")
    if not reasons:
        reasons.append("saw other batches on the way, as a batch size or a seed was changed")
    return reasons
