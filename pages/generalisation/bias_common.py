"""What both tabs of the Bias and variance view share: the data sets, the places of the darts, and the words."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engine.data.curves import CURVES
from engine.options import Option
from engine.shown import short_number
from engine.studies.bias_variance import PLACES, Parts
from pages.shared.form import Form
from pages.shared.predict import Guess
from pages.shared.still import answer
from pages.shared.widgets.option import choose, ladder, number

SETS = (1, 2, 4, 8, 16, 32, 64)
SHARED = {
    "curve": Option("curve", "sine", "Curve", "The truth that is fitted.", choices=tuple(CURVES)),
    "n": Option("n", 20, "Points N", "In each data set, at even places.", 2, 60, integer=True),
    "sigma": Option("sigma", 0.3, "Noise σ", "Standard deviation of the noise in y.", 0.0, 1.0),
    "sets": Option("sets", 64, "Data sets R", "A fit is made on each.", 1, 64, integer=True),
    "at": Option("at", 0.25, "Darts at", "The place of the horizontal error, as a share of the way; the vertical one is half the interval further on.", 0.0, 1.0),
    "seed": Option("seed", 0, "Seed", "Of the noise, and of the networks' weights.", 0, 99, integer=True),
}  # fmt: skip


def data_controls(form: Form) -> dict[str, Any]:
    """The curve and its data sets."""
    curve = choose(
        form, "curve", "Curve", CURVES, "sine", lambda key: CURVES[key].label.removesuffix(" (curve)")
    )
    n, sigma = (number(form, name, SHARED[name]) for name in ("n", "sigma"))
    sets = ladder(form, "sets", SHARED["sets"], SETS, lambda value: f"{value:g}")
    return dict(curve=curve, n=n, sigma=sigma, sets=sets, seed=number(form, "seed", SHARED["seed"]))


def lowest_guess(
    what: str, sizes: list[int], parts: list[Parts] | list[Parts | None], covers: tuple[str, ...]
) -> Guess:
    """Which size has the smallest error, in all: the noise is the same for every one."""
    totals = [np.inf if each is None else sum(each.means[:2]) for each in parts]
    best = int(np.argmin(totals))
    is_known = bool(np.isfinite(totals[best]))
    return Guess(
        f"Which {what} has the smallest error on new points, bias² + variance?", float(sizes[best]) if is_known else None,
        f"{what.capitalize()} {sizes[best]}: {short_number(totals[best])}. At {sizes[0]} it is {short_number(totals[0])}, at {sizes[-1]} {short_number(totals[-1])}.", covers=covers,
    )  # fmt: skip


def dart_places(curve: str, share: float) -> tuple[tuple[int, int], tuple[float, float]]:
    """The two places of the darts: their numbers among PLACES, and their x."""
    first = round(share * (PLACES - 1))
    second = (first + (PLACES - 1) // 2) % PLACES
    facts = CURVES[curve]
    low, high = (facts.low + (facts.high - facts.low) * k / (PLACES - 1) for k in (first, second))
    return (first, second), (low, high)


def dart_errors(fits: np.ndarray | None, truth: np.ndarray, places: tuple[int, int]) -> np.ndarray | None:
    """The errors (R, 2) of the fits at two places."""
    if fits is None:
        return None
    chosen = list(places)
    errors: np.ndarray = fits[:, chosen] - truth[chosen]
    return errors


def dart_titles(x: tuple[float, float]) -> tuple[str, str]:
    return f"error at x = {short_number(x[0])}", f"error at x = {short_number(x[1])}"


def sum_in_words(parts: Parts, sigma: float, sets: int = 0) -> str:
    """bias² + variance + noise with their numbers, of so many data sets."""
    bias2, variance, _ = parts.means
    total = bias2 + variance + sigma**2
    text = f"bias² {bias2:.4f} + variance {variance:.4f} + noise {sigma**2:.4f} = **{total:.4f}**, the mean squared error on new values."
    return text + (" One data set has no variance to tell." if sets == 1 else "")


def answers() -> None:
    answer(
        "A fit that is too stiff misses the truth in the same way on every data set: the darts land together, beside the "
        "middle. That is **bias**, and more data do not help. A fit that is too free follows the noise of its own data set: the darts "
        "scatter about the middle. That is **variance**, and it falls as 1/N. The lecture's sum leaves out the third part: "
        "the **noise** of the new values themselves, which no fit can get below.",
        "Answer: missing together, or each by itself?",
    )


def formulas() -> None:
    st.latex(r"\text{error}=\text{bias}^2+\text{variance}+\sigma^2")
