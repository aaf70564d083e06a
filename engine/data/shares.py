"""Data of which a class has another share: samples of it are left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.data.load import Dataset


def with_share(data: Dataset, share: float) -> Dataset:
    """Two classes, of which class 1 has at most the share `share` of the training and of the test set: its last samples go."""
    if data.task != "binary":
        raise ValueError(f"Data for {data.task} have no share of class 1; choose data of two classes.")
    if not 0 < share < 1:
        raise ValueError(f"The share of class 1 is {share:g}; choose one between 0 and 1.")
    train, test = (_kept(y, share) for y in (data.y_train, data.y_test))
    return replace(
        data, P_train=data.P_train[train], y_train=data.y_train[train],
        P_test=data.P_test[test], y_test=data.y_test[test],
    )  # fmt: skip


def _kept(y: np.ndarray, share: float) -> np.ndarray:
    """Which samples stay: all of class 0, and the first of class 1 up to the share."""
    positive = y == 1
    most = round(int((~positive).sum()) * share / (1 - share))
    kept: np.ndarray = ~positive | (np.cumsum(positive) <= most)
    return kept
