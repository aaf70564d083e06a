"""What a lane reached, kept as it happens: its lowest losses, and what it had spent when it first came to a target."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

TARGETS = tuple(float(f"{digit}e{power}") for power in range(-6, 2) for digit in (1, 2, 5))


LOWEST = ("train", "test", "validation")


class Reach:
    """`lowest` (3, L): the LOWEST losses of L lanes so far, infinite before any was measured.
    `spent` (2, T, L): updates and sample gradients when the training loss was first at or under each of the `targets`
    (T,); NaN where it was not yet. For targets in `late`, which were not watched from the start, it may be less than
    that.
    """

    def __init__(self, lanes: int, targets: tuple[float, ...] = TARGETS) -> None:
        self.targets = np.array(sorted(set(targets)))
        self.lowest = np.full((3, lanes), np.inf)
        self.spent = np.full((2, len(self.targets), lanes), np.nan)
        self.late: list[float] = []

    def see_train(
        self, lanes: np.ndarray, losses: np.ndarray, spent: Callable[[int], tuple[float, float]]
    ) -> None:
        """Take in the training losses (R,) of some lanes (R,); `spent(row)` tells what one had spent for it."""
        lower = losses < self.lowest[0, lanes]
        if not lower.any():
            return
        for row in np.flatnonzero(lower):
            lane, loss = lanes[row], losses[row]
            new = (self.targets >= loss) & (self.targets < self.lowest[0, lane])
            if new.any():
                self.spent[:, new, lane] = np.array(spent(int(row)))[:, None]
            self.lowest[0, lane] = loss

    def see_held_out(self, losses: np.ndarray) -> None:
        """Take in the test and validation losses (2, L) of all lanes; NaN where there are no such data."""
        self.lowest[1:] = np.fmin(self.lowest[1:], losses)

    def first(self, target: float, lane: int) -> tuple[float, float] | None:
        """Updates and sample gradients until a lane's training loss was first at or under a watched target."""
        found = self.spent[:, int(np.searchsorted(self.targets, target)), lane]
        return None if np.isnan(found[0]) else (float(found[0]), float(found[1]))

    def watches(self, target: float) -> bool:
        """Whether a target is watched already."""
        return bool((self.targets == target).any())

    def watch(self, target: float, history: np.ndarray, costs: np.ndarray) -> None:
        """Watch a target from now on. For lanes that have reached it: by the history's training losses (K, L) and the
        updates and sample gradients (2, K, L) then, or at the latest now.
        """
        place = int(np.searchsorted(self.targets, target))
        self.targets = np.insert(self.targets, place, target)
        self.spent = np.insert(self.spent, place, np.nan, axis=1)
        for lane in np.flatnonzero(self.lowest[0] <= target):
            seen = history[:, lane] <= target
            self.spent[:, place, lane] = costs[:, int(np.argmax(seen)) if seen.any() else -1, lane]
            self.late = [*dict.fromkeys([*self.late, target])]

    def part(self, lane: int) -> Reach:
        """What one lane reached."""
        alone = Reach(1, tuple(self.targets))
        alone.late = list(self.late)
        alone.lowest, alone.spent = self.lowest[:, [lane]], self.spent[:, :, [lane]]
        return alone

    def add_lane(self, part: Reach) -> None:
        """A new lane, with what it has reached so far."""
        self.lowest = np.concatenate([self.lowest, part.lowest], axis=1)
        self.spent = np.concatenate([self.spent, part.spent], axis=2)

    def remove_lane(self, lane: int) -> None:
        """Forget a lane; later ones move up."""
        self.lowest, self.spent = np.delete(self.lowest, lane, axis=1), np.delete(self.spent, lane, axis=2)
