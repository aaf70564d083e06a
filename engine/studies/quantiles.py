"""Quantiles over runs, some of which diverged."""

from __future__ import annotations

import numpy as np


def quantile(losses: np.ndarray, q: float) -> np.ndarray:
    """The quantile over the last axis, where infinities count as the largest values; NaN where one is missing.

    The plain interpolation between neighbours would make NaN of two infinities.
    """
    ordered = np.sort(losses, axis=-1)
    place = q * (losses.shape[-1] - 1)
    below, above = ordered[..., int(np.floor(place))], ordered[..., int(np.ceil(place))]
    share = place - np.floor(place)
    with np.errstate(invalid="ignore"):
        between = np.where(below == above, below, below + share * (above - below))
    return np.where(np.isnan(losses).any(axis=-1), np.nan, between if share else below)
