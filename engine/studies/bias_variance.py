"""Why a fit is wrong on new points: bias, variance and noise.

R data sets of the same kind give R fits f̂ᵣ of a curve f, with mean f̄. At each place, exactly,

    (1/R) Σᵣ (f̂ᵣ − f)²  =  (f̄ − f)²  +  (1/R) Σᵣ (f̂ᵣ − f̄)²      error = bias² + variance

and a new noisy value adds σ². Polynomials by least squares on fixed places x are linear in y, f̂ = H y, so that over all
data sets bias² = (H f(x) − f)² and variance = σ² Σⱼ Hⱼ²: at the places x themselves σ²p/n on average, for p coefficients.
Source: Geman, Bienenstock and Doursat, Neural networks and the bias/variance dilemma (1992).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from engine.config.experiment import ExperimentConfig
from engine.config.lane import LaneConfig
from engine.data.curves import CURVES, HALF
from engine.network.config import NetworkConfig
from engine.studies.sweep import Connect, Job, Sweep, in_slices
from engine.training.resample import Resample

PLACES = 201  # where fits are compared with the truth
RATE = 0.02


class Parts(NamedTuple):
    """At each place (M,), or on average over them."""

    bias2: np.ndarray
    variance: np.ndarray
    error: np.ndarray

    @property
    def means(self) -> tuple[float, float, float]:
        """The averages of bias², variance and error over the places."""
        return float(self.bias2.mean()), float(self.variance.mean()), float(self.error.mean())


def decompose(fits: np.ndarray, truth: np.ndarray) -> Parts:
    """What R fits (R, M) of a truth (M,) have in common, and what sets them apart."""
    mean = fits.mean(axis=0)
    return Parts((mean - truth) ** 2, fits.var(axis=0), np.mean((fits - truth) ** 2, axis=0))


def even(n: int) -> np.ndarray:
    """n standardised places (n,) over the whole interval; the middle for one."""
    return np.linspace(-HALF, HALF, n) if n > 1 else np.zeros(1)


def truth(curve: str, at: np.ndarray) -> np.ndarray:
    """The curve (M,) at standardised places (M,)."""
    return CURVES[curve].at(at[:, None])


def samples(curve: str, n: int, sigma: float, sets: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Places x (n,), the same for all data sets, and y (R, n)."""
    x = even(n)
    noise = np.random.default_rng(seed).standard_normal((sets, n))
    return x, truth(curve, x) + sigma * noise


# --- polynomials --------------------------------------------------------------------------------------------


def hat(degree: int, x: np.ndarray, at: np.ndarray) -> np.ndarray:
    """H (M, n): the least-squares polynomial's values at `at` are H y."""
    basis = np.polynomial.chebyshev.chebvander
    H: np.ndarray = basis(at / HALF, degree) @ np.linalg.pinv(basis(x / HALF, degree))
    return H


def expected_parts(curve: str, degree: int, n: int, sigma: float) -> Parts:
    """Bias², variance and their sum over all data sets."""
    x, at = even(n), even(PLACES)
    H = hat(degree, x, at)
    bias2 = (H @ truth(curve, x) - truth(curve, at)) ** 2
    variance = sigma**2 * np.sum(H**2, axis=1)
    return Parts(bias2, variance, bias2 + variance)


def polynomial_fits(curve: str, degree: int, n: int, sigma: float, sets: int, seed: int) -> np.ndarray:
    """Fits (R, PLACES), one a data set."""
    x, y = samples(curve, n, sigma, sets, seed)
    fits: np.ndarray = y @ hat(degree, x, even(PLACES)).T
    return fits


# --- networks -----------------------------------------------------------------------------------------------


def train_networks(curve: str, n: int, sigma: float, sets: int, seed: int, updates: int, width: int) -> Job:
    """Fits (R, PLACES) of networks with one hidden layer of `width` tanh units, one a data set, by Adam on all points."""
    x, y = samples(curve, n, sigma, sets, seed)
    lanes = tuple(LaneConfig("adam", RATE, seed=seed * sets + k) for k in range(sets))
    config = ExperimentConfig(
        network=NetworkConfig((width,)), loss="mean_squared_error", batch_size=n, lanes=lanes
    )
    run = Resample(config, np.repeat(x[None, :, None], sets, axis=0), y)
    at = even(PLACES)[:, None]

    def fits() -> np.ndarray:
        return np.asarray(run.outputs(at)[..., 0], float)

    yield from in_slices(run.step, updates, fits)
    return fits()


class NetworkFits:
    """Networks of each width on the same data sets: `fits[k]` (R, PLACES) so far, None where a width has not begun."""

    def __init__(
        self, curve: str, n: int, sigma: float, sets: int, seed: int, updates: int, widths: Sequence[int], connect: Connect | None = None
    ) -> None:  # fmt: skip
        self.widths, self.truth = tuple(widths), truth(curve, even(PLACES))
        self.fits: list[np.ndarray | None] = [None] * len(self.widths)
        jobs = [partial(train_networks, curve, n, sigma, sets, seed, updates, width) for width in self.widths]
        self.sweep = Sweep(jobs, connect, [float(width + 10) for width in self.widths])

    def advance(self, seconds: float) -> None:
        """Train, or wait for workers, for about `seconds`."""
        self.sweep.advance(seconds)
        for k in range(len(self.widths)):
            if (fits := self.sweep.look(k)) is not None:
                self.fits[k] = fits

    def parts(self, k: int) -> Parts | None:
        """What the networks of a width have in common, and what sets them apart."""
        fits = self.fits[k]
        return None if fits is None else decompose(fits, self.truth)
