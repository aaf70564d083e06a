"""Points that a person has drawn, as a short text: part of a link, and of a file.

The text is a letter and base64 for URLs. "p" (a plane): the number of classes k in a byte, k counts in two bytes each,
then the points, class by class. "c" (a curve) and "v" (values over a plane): the number of points in two bytes, then the
points. A point takes three bytes: twice a whole number from 0 to 4095, from one end of the axis to the other. With "v" a
fourth byte is its value, alike. So 300 points take some 1,200 or 1,600 characters.
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from engine.data.selection import MAX_CLASSES

MOST_POINTS = 300
MOST_TAKEN = 200  # of another data set, so that there is room to draw
STEPS = 4095  # 12 bits a coordinate
LONGEST = 1 + 4 * -(-(2 + 4 * MOST_POINTS) // 3)  # characters
REACH = {"p": (4.0, 4.0), "c": (2.0, 2.0), "v": (4.0, 4.0)}  # how far from 0 each coordinate may lie
VALUE_REACH, VALUE_STEPS = 3.0, 255
BROKEN = "The drawn points can't be read: they are damaged or cut off."


class Drawn(NamedTuple):
    """Standardised points (N, 2) with class numbers (N,), or with values (N,), or (N, 1) with heights (N,); `classes` is 0
    where there are none.
    """

    points: np.ndarray
    target: np.ndarray
    classes: int


def drawn_inputs(text: str) -> int:
    """How many numbers a point of this text has."""
    return 1 if text.startswith("c") else 2


def drawn_task(text: str) -> str:
    """What is learned from these points: "regression", "binary" or "multiclass"."""
    return {0: "regression", 2: "binary"}.get(read_drawn(text).classes, "multiclass")


def write_drawn(drawn: Drawn) -> str:
    """The text of at most MOST_POINTS points; coordinates beyond the reach are brought into it."""
    if len(drawn.points) > MOST_POINTS:
        raise ValueError(f"{len(drawn.points):,} points are drawn; at most {MOST_POINTS} can be used.")
    if drawn.classes:
        kind, labels, pairs = "p", drawn.target.astype(int), drawn.points
        order = np.argsort(labels, kind="stable")
        counts = np.bincount(labels, minlength=drawn.classes)
        head, pairs = bytes([drawn.classes]), pairs[order]
    else:
        kind, head, counts = "v", b"", np.array([len(drawn.points)])
        pairs = drawn.points
        if drawn.points.shape[1] == 1:
            kind, pairs = "c", np.column_stack([drawn.points[:, 0], drawn.target])
    head += counts.astype(">u2").tobytes()
    x, y = _whole(pairs / REACH[kind], STEPS).T
    both = x << 12 | y
    columns = [both >> 16, both >> 8 & 255, both & 255]
    if kind == "v":
        columns.append(_whole(drawn.target / VALUE_REACH, VALUE_STEPS))
    rows = np.stack(columns, axis=1).astype(np.uint8)
    return kind + base64.urlsafe_b64encode(head + rows.tobytes()).decode().rstrip("=")


def _whole(share: np.ndarray, steps: int) -> np.ndarray:
    """Numbers from −1 to 1 as whole ones from 0 to `steps`; those beyond are brought in."""
    return np.asarray(((share + 1) / 2).clip(0, 1) * steps).round().astype(np.uint32)


@lru_cache(maxsize=32)
def read_drawn(text: str) -> Drawn:
    """The points of a text; `ValueError` with a sentence for any other text, or for points that nothing can be learned from."""
    if len(text) > LONGEST:
        raise ValueError(f"More than {MOST_POINTS} points are drawn, and at most {MOST_POINTS} can be used.")
    kind, packed = text[:1], text[1:]
    if kind not in REACH or not re.fullmatch(r"[A-Za-z0-9_-]*", packed):
        raise ValueError(BROKEN)
    try:
        raw = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    except binascii.Error:
        raise ValueError(BROKEN) from None
    classes = (raw[0] if raw else 0) if kind == "p" else 0
    start = 1 if kind == "p" else 0
    body = start + 2 * max(classes, 1)
    if len(raw) < body or classes > MAX_CLASSES:
        raise ValueError(BROKEN)
    counts = np.frombuffer(raw[start:body], ">u2").astype(int)
    if counts.sum() > MOST_POINTS:
        raise ValueError(f"{counts.sum():,} points are drawn; at most {MOST_POINTS} can be used.")
    size = 4 if kind == "v" else 3
    if len(raw) - body != size * counts.sum():
        raise ValueError(BROKEN)
    rows = np.frombuffer(raw[body:], np.uint8).reshape(-1, size).astype(np.uint32)
    both = rows[:, 0] << 16 | rows[:, 1] << 8 | rows[:, 2]
    pairs = (np.stack([both >> 12, both & STEPS], axis=1) / STEPS * 2 - 1) * REACH[kind]
    if kind != "p":
        if len(pairs) < 2:
            raise ValueError("Draw at least two points.")
        if kind == "c":
            return Drawn(pairs[:, :1], pairs[:, 1], 0)
        return Drawn(pairs, (rows[:, 3] / VALUE_STEPS * 2 - 1) * VALUE_REACH, 0)
    if (counts > 0).sum() < 2:
        raise ValueError("Draw points of at least two classes.")
    return Drawn(pairs, np.repeat(np.arange(classes), counts), classes)
