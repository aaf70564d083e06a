"""An option is one tunable number or choice: its default, range, label and help.

One table of options per optimizer, schedule, data set or initializer feeds validation, widgets,
URL parsing, tests and documentation, so a range is written down once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from engine.checks import short


@dataclass(frozen=True)
class Option:
    """One option of a method.

    A numeric option has `low <= value <= high`; a choice has `choices`; a switch has a `bool` default.
    `log` says that a slider should move in powers of ten; `integer` that only whole numbers make sense; `exact` that
    small differences matter (0.999 is not 0.99), so that it is typed and not dragged.
    """

    name: str
    default: Any
    label: str
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    log: bool = False
    integer: bool = False
    exact: bool = False

    @property
    def is_switch(self) -> bool:
        return isinstance(self.default, bool)

    def check(self, value: Any) -> Any:
        """Return `value` in the option's own type, or raise `ValueError` naming value and range."""
        if self.is_switch:
            if isinstance(value, bool):
                return value
            raise ValueError(f"{self.label} is {short(value)}; it must be true or false.")
        if self.choices:
            if isinstance(value, str) and value in self.choices:
                return value
            raise ValueError(f"{self.label} is {short(value)}; choose one of {', '.join(self.choices)}.")
        number = as_number(value, self.label)
        if self.integer and number != int(number):
            raise ValueError(f"{self.label} is {short(value)}; it must be a whole number.")
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        if not low <= number <= high:
            raise ValueError(f"{self.label} is {short(value)}; choose a number from {low:g} to {high:g}.")
        return int(number) if self.integer else number

    def clamp(self, value: Any) -> Any:
        """The nearest allowed value; the default where `value` is not of the right kind at all."""
        try:
            return self.check(value)
        except ValueError:
            if self.is_switch or self.choices:
                return self.default
        try:
            number = as_number(value, self.label)
        except ValueError:
            return self.default
        if self.low is not None:
            number = max(number, self.low)
        if self.high is not None:
            number = min(number, self.high)
        return int(number) if self.integer else number


def as_number(value: Any, label: str) -> float:
    """`value` as a finite float, or `ValueError`. Booleans and text are not numbers."""
    number = math.nan
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        with suppress(OverflowError):  # a whole number that no float can hold
            number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{label} is {short(value)}; it must be a finite number.")
    return number


def check_options(values: Any, table: Mapping[str, Option], owner: str) -> dict[str, Any]:
    """`values` checked against an option table; unknown names are refused."""
    if not isinstance(values, Mapping):
        raise ValueError(f"The options of {owner} are {short(values)}; give names and values.")
    for name in values:
        if name not in table:
            raise ValueError(f"{owner} has no option {short(name)}; it has {', '.join(table) or 'none'}.")
    return {name: table[name].check(values[name]) for name in values}


@dataclass(frozen=True)
class TextOption(Option):
    """A list written as text. `clamp` brings any text into its form; `form` says what that is."""

    @property
    def form(self) -> str:
        raise NotImplementedError

    def check(self, value: Any) -> Any:
        if self.clamp(value) == value:
            return value
        raise ValueError(f"{self.label} is {short(value)}; write {self.form}.")

    def clamp(self, value: Any) -> Any:
        raise NotImplementedError


@dataclass(frozen=True)
class PointList(TextOption):
    """Points as text, `x,y;x,y`: 1 to `most` of them, each number within its own range."""

    ranges: tuple[tuple[float, float], tuple[float, float]] = ((-1.0, 1.0), (-1.0, 1.0))
    most: int = 40

    @property
    def form(self) -> str:
        return f"1 to {self.most} points x,y;x,y {self.allowed}"

    def clamp(self, value: Any) -> Any:
        """Each number brought into its range, points beyond the last that is allowed left out."""
        try:
            points = [self._inside(pair) for pair in str(value).split(";")[: self.most]]
        except ValueError:
            return self.default
        return ";".join(f"{x:g},{y:g}" for x, y in points)

    @property
    def allowed(self) -> str:
        (left, right), (low, high) = self.ranges
        return f"with x from {left:g} to {right:g} and y from {low:g} to {high:g}"

    def points(self, value: str) -> list[tuple[float, float]]:
        return [self._inside(pair) for pair in value.split(";")]

    def _inside(self, pair: str) -> tuple[float, float]:
        numbers = [float(text) for text in pair.split(",")]
        if len(numbers) != 2 or not all(map(math.isfinite, numbers)):
            raise ValueError(f"{pair!r} is no point.")
        (left, right), (low, high) = self.ranges
        return min(max(numbers[0], left), right), min(max(numbers[1], low), high)


@dataclass(frozen=True)
class NetworkList(TextOption):
    """Networks as text, `8,16,2-2-2`: the neurons of each one's hidden layers, 1 to `most` networks, none twice."""

    most: int = 5
    most_layers: int = 4
    widest: int = 64  # of a network with one hidden layer
    widest_deep: int = 16

    @property
    def form(self) -> str:
        return (
            f"1 to {self.most} networks such as 8,16,2-2-2, with up to {self.most_layers} hidden layers of up to "
            f"{self.widest_deep} neurons, or one of up to {self.widest}"
        )

    def clamp(self, value: Any) -> Any:
        """Each number brought into its range; what is repeated, or beyond the last that is allowed, is left out."""
        texts = str(value).replace(" ", "").split(",")
        if not all(size.isascii() and size.isdigit() for text in texts for size in text.split("-")):
            return self.default
        found = dict.fromkeys("-".join(map(str, self._inside(text))) for text in texts)
        return ",".join(list(found)[: self.most])

    def networks(self, value: str) -> tuple[tuple[int, ...], ...]:
        return tuple(self._inside(text) for text in value.split(","))

    def _inside(self, text: str) -> tuple[int, ...]:
        sizes = text.split("-")[: self.most_layers]
        widest = self.widest if len(sizes) == 1 else self.widest_deep
        return tuple(min(max(int(size[:9]), 1), widest) for size in sizes)
