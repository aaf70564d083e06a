"""Reads a pull from the browser: it is input like any other, so everything is checked and clamped.

A browser that was tampered with, or is out of date, gets an answer to what can be understood, and never more work than a
page of ours may ask for.
"""

from __future__ import annotations

import itertools
import math
from typing import Any, cast

from pages.shared.live.protocol import ACTIONS, Click, Request

MOST_FRAMES = 30  # a pull cannot ask for more, whatever a modified client sends
MOST_UPDATES = 200  # updates per frame
MOST_SECONDS = 0.15  # of training between two answers
MOST_RETRAINED = 10_000_000  # updates that a lost run may be trained back to
MOST_CARDS = 64  # that a pull can say something of
MOST_RUNS = 2_000_000  # characters of the list of runs that a browser holds
COARSEST = 2  # 0: the usual pictures; 1 and 2: coarser and rarer ones, for a slow connection or a busy server


def read_request(raw: Any) -> Request | None:
    """A pull; None for what is none."""
    if not isinstance(raw, dict) or raw.get("action") not in ACTIONS:
        return None

    def whole(name: str, low: int, high: int) -> int:
        value = raw.get(name)
        return int(min(max(value, low), high)) if isinstance(value, (int, float)) and value == value else low

    return dict(
        action=raw["action"],
        run=text(raw.get("run"), 64),
        sequence=whole("sequence", 0, 2**50),
        seen=whole("seen", -1, 2**50),
        frames=whole("frames", 1, MOST_FRAMES),
        updates=whole("updates", 1, MOST_UPDATES),
        seconds=whole("budget_ms", 1, int(MOST_SECONDS * 1000)) / 1000,
        coarse=whole("coarse", 0, COARSEST),
        have=cast(dict[str, str], known(raw.get("have"), str)),
        rests=cast(dict[str, int], known(raw.get("rests"), int)),
        click=read_click(raw.get("click")),
        until=whole("until", 0, MOST_RETRAINED),
        moment=whole("moment", 0, MOST_UPDATES),
        drawn=text(raw.get("drawn"), 2000),
        runs=text(raw["runs"], MOST_RUNS) if "runs" in raw else None,
    )


def known(raw: Any, kind: type) -> dict[str, Any]:
    """What the browser says it holds of each card: texts or numbers by short names, and not too many."""
    if not isinstance(raw, dict):
        return {}
    pairs = list(itertools.islice(raw.items(), MOST_CARDS))
    return {name: value for name, value in pairs if isinstance(name, str) and type(value) is kind}


def text(raw: Any, longest: int) -> str:
    return raw[:longest] if isinstance(raw, str) else ""


def read_click(raw: Any) -> Click | None:
    """Card and place of a click: numbers, or short texts."""
    if not isinstance(raw, dict):
        return None
    x, y = place(raw.get("x")), place(raw.get("y"))
    if x is None or y is None:
        return None
    return dict(chart=text(raw.get("chart"), 64), x=x, y=y)


def place(value: Any) -> float | str | None:
    """A number that a picture can have, or a short text; None for anything else."""
    if isinstance(value, str):
        return value[:200]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= 1e300:
        return None
    return value if math.isfinite(value) else None
