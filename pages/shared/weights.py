"""A network's weights in a link, as numbers with commas between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

MOST_LINKED = 400  # weights that a link holds
MOST_READ = 10_000
WIDEST = 1e6  # the largest weight


def numbers(raw: Any) -> list[float] | None:
    """Finite numbers within ±WIDEST; None where anything is not one."""
    if not isinstance(raw, list) or len(raw) > MOST_READ:
        return None
    try:
        found = [float(value) for value in raw if not isinstance(value, bool)]
    except (TypeError, ValueError):
        return None
    if len(found) != len(raw) or not all(math.isfinite(value) for value in found):
        return None
    return [min(max(value, -WIDEST), WIDEST) for value in found]


def linked_weights(text: str) -> list[float] | None:
    return numbers(text.split(","))


def weights_text(weights: Sequence[float]) -> str:
    return ",".join(f"{value:.9g}" for value in weights)
