"""Arrays as the browser reads them: bytes in base64, and numbers for JSON."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


def packed(values: Array) -> str:
    """The bytes of an array, row by row, in base64."""
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


def plain(values: Array) -> list[float | None]:
    """Numbers for JSON, which has no infinity: what is not finite becomes a gap."""
    values = np.asarray(values, dtype=float)
    finite = np.isfinite(values)
    if finite.all():
        return values.tolist()  # type: ignore[no-any-return]
    return [value if ok else None for value, ok in zip(values.tolist(), finite, strict=True)]


def centres(low: float, high: float, cells: int) -> Array:
    """The middles of `cells` cells from low to high: where a field is evaluated that is painted cell by cell."""
    return low + (high - low) * (np.arange(cells) + 0.5) / cells
