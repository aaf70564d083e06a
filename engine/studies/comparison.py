"""Does it matter? Two lanes over the same seeds: a real difference, or within seed noise.

The test is Fisher's paired sign-flip test (The Design of Experiments, 1935, §21): if the two lanes were the same,
each seed's difference could as well have had the other sign. The p-value is the share of all 2ⁿ choices of signs
whose mean difference is at least as far from zero as the one observed. It assumes no distribution.

A run that diverged (its value NaN or infinite) is worse than every run that did not, and as bad as any other that
diverged. Where there is one among a pair's values, all 2n values are replaced by their ranks, ties by their mean
rank, and the ranks are tested; exchanging a seed's two values still only flips a sign, so the test stays exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import ceil, log2

import numpy as np

from engine.shown import short_number
from engine.studies.quantiles import quantile
from engine.training.experiment import Experiment

EXACT = 16  # seeds up to which all 2ⁿ choices of signs are tried
PATTERNS = 1 << 16  # random choices of signs beyond that
COLUMNS = 16  # tests that are worked at once, so that memory stays bounded
ROUNDING = 1e-13  # share of Σ|d| by which two sums may differ and count as equal


@dataclass(frozen=True)
class PairedTest:
    """Lane a against lane b over n seeds.

    `p_value` is two-sided, 0 to 1. `mean_difference` is the mean of a − b over the seeds where both are finite (NaN
    if there is none). `wins` and `losses` count the seeds where a is better or worse. `lead` is the sign of the
    tested mean: −1 where a is lower, +1 where it is higher. `diverged` counts the values that are not finite. `p_holm` is the p-value for all `pairs` of one table together (see `holm`).
    """

    p_value: float
    mean_difference: float
    wins: int
    n: int
    verdict_level: float = 0.05
    losses: int = 0
    lead: int = 0
    diverged: tuple[int, int] = (0, 0)
    names: tuple[str, str] = ("A", "B")
    lower_is_better: bool = True
    p_holm: float = 1.0
    pairs: int = 1

    def is_real(self, level: float | None = None, corrected: bool = False) -> bool:
        """Whether the difference is beyond seed noise: p, or Holm's p for all pairs together, at or under the level."""
        p = self.p_holm if corrected else self.p_value
        return p <= (self.verdict_level if level is None else level)

    def seeds_needed(self, corrected: bool = False) -> int:
        """The least number of seeds by which a difference can be real at all."""
        return seeds_needed(self.verdict_level / (self.pairs if corrected else 1))

    def verdict(self, level: float | None = None) -> str:
        """One plain sentence."""
        level = self.verdict_level if level is None else level
        first, second = self.names
        word, wins = ("lower" if self.lead < 0 else "higher"), self.wins
        if self.lead and (self.lead < 0) != self.lower_is_better:  # b is better: name it first
            first, second, wins = second, first, self.losses
            word = "lower" if self.lower_is_better else "higher"
        if not self.wins and not self.losses:
            text = f"{first} and {second} end the same on every seed"
        elif not self.lead:
            text = f"{first} and {second} end at the same mean"
        elif 2 * wins <= self.n:
            text = f"{first} ends {word} than {second} on average, but only on {wins} of {self.n} seeds"
        else:
            text = f"{first} ends {word} than {second} on {wins} of {self.n} seeds"
        if any(self.diverged):
            text += f" (diverged counts as worst: {self.names[0]} {self.diverged[0]}, {self.names[1]} {self.diverged[1]})"
        needed = seeds_needed(level)
        if self.n < needed:
            seeds = "1 seed" if self.n == 1 else f"{self.n} seeds"
            return f"{text}, but {seeds} can't decide; take at least {needed}."
        chance = f"p = {short_number(self.p_value, 2)}" if self.p_value >= 0.001 else "p < 0.001"
        return f"{text} ({chance}, paired sign-flip test): {'a real difference' if self.is_real(level) else 'within seed noise'}."


def seeds_needed(level: float = 0.05) -> int:
    """The least number of seeds whose smallest p-value, 2/2ⁿ, reaches the level: 6 for 5 %."""
    if not 0 < level < 1:
        raise ValueError(f"The level is {level!r}; choose one above 0 and below 1, such as 0.05.")
    return ceil(1 + log2(1 / level))


def paired_test(
    a: np.ndarray,
    b: np.ndarray,
    names: tuple[str, str] = ("A", "B"),
    lower_is_better: bool = True,
    verdict_level: float = 0.05,
) -> PairedTest:
    """The sign-flip test of the values a and b (n,), seed by seed.

    Exact for n ≤ 16; beyond, 65,536 random choices of signs from a fixed generator, with p = (count+1)/(65,536+1).
    `ValueError` for rows that do not pair up.
    """
    return pairwise(names, np.stack([_row(a), _row(b)]), lower_is_better, verdict_level)[0]


def _row(values: np.ndarray) -> np.ndarray:
    row = np.asarray(values, np.float64)
    if row.ndim != 1 or not len(row):
        raise ValueError(f"A lane's values over seeds are one row of numbers; these have shape {row.shape}.")
    return row


def pairwise(
    names: tuple[str, ...] | list[str],
    values: np.ndarray,
    lower_is_better: bool = True,
    verdict_level: float = 0.05,
) -> list[PairedTest]:
    """The tests of all pairs of L lanes by their values (L, S) over S seeds: (0, 1), (0, 2), …, (L−2, L−1)."""
    values = np.asarray(values, np.float64)
    if values.ndim != 2 or not values.shape[1] or len(names) != len(values):
        raise ValueError(
            f"{len(names)} lanes need values of shape ({len(names)}, seeds), not {values.shape}."
        )
    seeds_needed(verdict_level)
    worst = np.inf if lower_is_better else -np.inf
    score = np.where(np.isfinite(values), values, worst)
    pairs = list(combinations(range(len(values)), 2))
    if not pairs:
        return []
    tested = np.stack([_differences(score[i], score[j]) for i, j in pairs], axis=1)
    p_values, leads = _sign_flip(tested)
    tests = []
    for (i, j), p, p_holm, lead in zip(pairs, p_values, holm(p_values), leads, strict=True):
        both = np.isfinite(values[i]) & np.isfinite(values[j])
        below, above = int((score[i] < score[j]).sum()), int((score[i] > score[j]).sum())
        diverged = (int((~np.isfinite(values[i])).sum()), int((~np.isfinite(values[j])).sum()))
        tests.append(
            PairedTest(
                p_value=float(p),
                mean_difference=_mean(values[i][both], values[j][both]),
                wins=below if lower_is_better else above,
                n=values.shape[1],
                verdict_level=verdict_level,
                losses=above if lower_is_better else below,
                lead=int(lead),
                diverged=diverged,
                names=(names[i], names[j]),
                lower_is_better=lower_is_better,
                p_holm=float(p_holm),
                pairs=len(pairs),
            )
        )
    return tests


def holm(p_values: np.ndarray) -> np.ndarray:
    """Holm's adjusted p-values (M,): that any of M true nulls comes out at or under a level has at most its probability.

    The k-th smallest, from 0, is multiplied by M − k, and is no smaller than those before it (Holm 1979).
    """
    order = np.argsort(p_values, kind="stable")
    steps = np.arange(len(order), 0, -1) * np.asarray(p_values)[order]
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return adjusted


def _mean(a: np.ndarray, b: np.ndarray) -> float:
    """The mean of a − b; NaN where there are none."""
    with np.errstate(over="ignore"):
        return float((a - b).mean()) if len(a) else np.nan


def _differences(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a − b (n,), or the difference of the ranks among all 2n where that is not finite."""
    with np.errstate(all="ignore"):
        d = a - b
        if np.isfinite(d).all() and np.isfinite(np.abs(d).sum()):
            result: np.ndarray = d
            return result
    _, place, counts = np.unique(np.concatenate([a, b]), return_inverse=True, return_counts=True)
    mean_ranks = np.cumsum(counts) - (counts - 1) / 2
    ranks = mean_ranks[place]
    return ranks[: len(a)] - ranks[len(a) :]


def _sign_flip(d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two-sided p-values (M,) and signs (M,) of the means of M columns of differences d (n, M)."""
    n, count = d.shape
    p = np.empty(count)
    observed = d.sum(axis=0)
    slack = ROUNDING * np.abs(d).sum(axis=0)
    signs = None
    if n > EXACT:
        bits = np.random.default_rng(1935).integers(0, 2, (PATTERNS, n), dtype=np.int8)
        signs = (1.0 - 2.0 * bits).astype(np.float64)
    for start in range(0, count, COLUMNS):
        part = slice(start, start + COLUMNS)
        if signs is not None:
            sums = signs @ d[:, part]
        else:
            sums = np.zeros((1, d[:, part].shape[1]))
            for row in d[:, part]:
                sums = np.concatenate([sums + row, sums - row])
        extreme = (np.abs(sums) >= np.abs(observed[part]) - slack[part]).sum(axis=0)
        p[part] = extreme / len(sums) if signs is None else (extreme + 1) / (PATTERNS + 1)
    return p, np.where(np.abs(observed) <= slack, 0, np.sign(observed)).astype(int)


def chance_note(pairs: int, level: float = 0.05) -> str:
    """What many comparisons at once do, in a sentence; empty for a single pair."""
    if pairs < 2:
        return ""
    return f"With {pairs} comparisons, expect {short_number(pairs * level, 2)} false alarms by chance if all lanes are equal."


def quartile_band(
    values: np.ndarray, lower_is_better: bool = True
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First quartile, median and third quartile (K, L) over the seeds of values (K, L, S).

    Linear between the sorted values, as NumPy's own; but NaN and infinities count as the worst, +∞ (−∞ where higher
    is better), so that a seed that diverged moves the band and does not vanish from it.
    """
    sign = 1.0 if lower_is_better else -1.0
    values = np.asarray(values, np.float64)
    worse_is_more = np.where(np.isfinite(values), sign * values, np.inf)
    band = [sign * quantile(worse_is_more, share) for share in (0.25, 0.5, 0.75)]
    return (band[0], band[1], band[2]) if lower_is_better else (band[2], band[1], band[0])


def diverged_as_nan(experiment: Experiment, name: str = "train_loss") -> np.ndarray:
    """A series (K, L) of the experiment's history, NaN from the point at which a lane diverged.

    The history keeps a lane's last values when it stops; in a comparison they would flatter a lane that blew up. The
    last row is what `pairwise` should be given.
    """
    values = experiment.history.series(name).copy()
    for lane, status in enumerate(experiment.status):
        if status.state == "diverged":
            values[np.searchsorted(experiment.history.steps, status.step) :, lane] = np.nan
            values[-1, lane] = np.nan
    return values
