"""What all optimizers share: a learning rate and options per lane as columns (R, 1), state as rows (R, P).

A method is one class: its update, its rule in numbers, its edge of stability, its symbols and its twin in PyTorch. It is
used in one of two ways. First-order methods are given a gradient. Methods with `needs_closure` (second_order.py,
random_search.py) ask for losses and gradients where they want them; objective.py says how.
"""

from __future__ import annotations

import copy
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from engine.methods.edge import Threshold
from engine.methods.rules import Line, Options, Report
from engine.network.penalties import soft_threshold
from engine.options import Option

Array = npt.NDArray[Any]
Number = float | Array  # one number for all lanes, or a column (R, 1)
ONE = np.ones((), np.int64)  # NumPy starts faster on it than on Python's 1
CHUNK_NUMBERS = 1 << 16  # parameters of the lanes that are worked at once: few enough for a core's cache
GRADIENTS, SQUARES = "gradients", "squares"  # what a method can remember


class Symbol(NamedTuple):
    """A quantity that a method keeps or derives, as the microscope shows it: its name in the reports, how it is written,
    which memory it is, of gradients or of their squares, if either, and the name of the average that it corrects, if any.
    """

    name: str
    text: str
    memory: str = ""
    corrects: str = ""


class Twin(NamedTuple):
    """The same method in torch.optim: its class, and its arguments as our options' names or as plain values.

    `ours` are options of ours that must be set for the two to agree.
    """

    name: str
    arguments: Mapping[str, Any]
    ours: Mapping[str, Any] = {}


class Shrinkage(NamedTuple):
    """An L1 penalty that acts as a soft threshold after each step: its strengths (R, 1), on the weights in `mask` (P,)."""

    strengths: Array
    mask: Array


class Optimizer(ABC):
    """One method, for `lanes` lanes of `parameters` parameters.

    `learning_rate` is a float or a column (R, 1), and so is each numeric option; choices and switches hold for all
    lanes. `learning_rate` and the columns in `hyper` may be written in place between any two updates: hot swaps do.
    `state` (rows (R, P), and columns (R, 1)) and the update counts `t` (R, 1) are all that a copy needs. `fixed` are
    the indices of parameters that no update moves, whatever their gradient or decay; `shrinkage` is applied after each
    update of a first-order method.
    Raises `ValueError` for an unknown option or a value outside its range.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    formula: ClassVar[str]
    help: ClassVar[str]
    source: ClassVar[str]
    options: ClassVar[dict[str, Option]] = {}
    rows: ClassVar[tuple[str, ...]] = ()  # names of the state rows (R, P)
    columns: ClassVar[tuple[str, ...]] = ()  # names of the state columns (R, 1), which start at one
    symbols: ClassVar[tuple[Symbol, ...]] = ()  # one for each row, and for what `derived` tells
    torch: ClassVar[Twin | None] = None  # where torch.optim has the method
    start_rate: ClassVar[float] = 0.03  # a rate that does well on the playground's default
    gradient_based: ClassVar[bool] = True  # whether it needs slopes, which a threshold has not
    most_parameters: ClassVar[float] = math.inf
    full_batch: ClassVar[bool] = False  # whether it makes sense on the whole training set only
    needs_closure: ClassVar[bool] = False  # whether `step` takes an objective in place of a gradient

    def __init__(
        self, lanes: int, parameters: int, learning_rate: Number = 0.01, dtype: Any = np.float64, **options: Any
    ) -> None:  # fmt: skip
        unknown = set(options) - set(self.options)
        if unknown:
            raise ValueError(f"{self.label} has no option {', '.join(sorted(unknown))}; it has {', '.join(self.options) or 'none'}.")  # fmt: skip
        self.parameters, self.dtype = parameters, np.dtype(dtype)
        self._rate = _column(learning_rate, lanes).astype(self.dtype)
        numeric = [name for name, o in self.options.items() if not (o.choices or o.is_switch)]
        self._numbers = np.empty((len(numeric), lanes, 1))
        self.hyper: dict[str, Array] = dict(zip(numeric, self._numbers, strict=True))
        self.choice: dict[str, Any] = {}
        for name, option in self.options.items():
            value = options.get(name, option.default)
            if name not in self.hyper:
                self.choice[name] = option.check(value)
                continue
            for number in np.ravel(value):
                option.check(float(number))
            self.hyper[name][:] = _column(value, lanes)
        self.state: dict[str, Array] = {name: np.zeros((lanes, parameters), self.dtype) for name in self.rows}
        self.state |= {name: np.ones((lanes, 1)) for name in self.columns}
        self.t = np.zeros((lanes, 1), dtype=np.int64)
        self.fixed = np.empty(0, np.intp)
        self.shrinkage: Shrinkage | None = None

    @classmethod
    @abstractmethod
    def rule(cls, o: Options, r: Report) -> list[Line]:
        """The next update of one parameter with its numbers, line by line; the last is θ's (see rules.py).

        `o` has every option, `r` the parameter's numbers as `microscope.at_place` reports them.
        """

    @classmethod
    @abstractmethod
    def edge(cls, o: Options, eta: float) -> Threshold:
        """The sharpness beyond which the method oscillates at rate η > 0, or why there is none (see edge.py)."""

    @classmethod
    def divisor(cls, o: Options, state: Mapping[str, Array], t: int) -> Array:
        """D (P,), by which the step is divided, from a lane's state rows after `t` ≥ 1 updates.

        To be answered by methods whose edge is preconditioned.
        """
        raise NotImplementedError(f"{cls.label} does not say by what it divides its step.")

    @classmethod
    def formula_with(cls, o: Options) -> str:
        """The method's formula with these options: some choices change the rule itself."""
        return cls.formula

    @classmethod
    def with_defaults(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """Every option by name: those given, and the others at their defaults."""
        return {name: option.default for name, option in cls.options.items()} | dict(options)

    @property
    def learning_rate(self) -> Array:
        """η (R, 1). Write into it, or assign a number or a column."""
        return self._rate

    @learning_rate.setter
    def learning_rate(self, value: Number) -> None:
        self._rate[:] = _column(value, len(self._rate))

    @abstractmethod
    def step(self, theta: Array, given: Any, active: Array | None = None) -> Any:
        """One update of every lane, in place, where `given` is the gradient (R, P), or the objective."""

    def least_evaluations(self, lane: int) -> int:
        """How many evaluations of the loss, with or without gradient, the next update of a lane costs at least."""
        return 1

    def derived(self, lane: int = 0) -> dict[str, Array]:
        """What a lane's last update worked out besides the state rows, (P,) each: corrected averages, a direction."""
        return {}

    def lane(self, lane: int) -> Self:
        """A copy for one lane alone, with its options, state and count."""
        options = self.choice | {name: float(column[lane, 0]) for name, column in self.hyper.items()}
        twin = type(self)(1, self.parameters, float(self._rate[lane, 0]), self.dtype, **options)
        twin._rate[0] = self._rate[lane]
        twin.fixed = self.fixed
        if self.shrinkage is not None:
            strengths, mask = self.shrinkage
            twin.shrinkage = Shrinkage(strengths[lane : lane + 1], mask)
        twin.t[0] = self.t[lane]
        for name, values in self.state.items():
            twin.state[name][0] = values[lane]
        return twin


class FirstOrder(Optimizer):
    """A method that turns a gradient into an update by elementwise work, so lanes can't touch one another.

    A subclass writes `_update(theta, g)`, in place. There its state rows, its options and what `_read_options` and
    `_prepare` put are attributes, which the class declares, as arrays that broadcast with `theta`; `eta` is the learning
    rate, and `work` and `other` are rows for anything. Lanes are worked in chunks that fit a core's cache: each chunk is
    a copy of the method with views on its own lanes. For speed a single lane's rows are one-dimensional, and a column on
    which all lanes agree is a scalar: this changes no bit.
    """

    eta: Array
    work: Array
    other: Array

    def __init__(
        self, lanes: int, parameters: int, learning_rate: Number = 0.01, dtype: Any = np.float64, **options: Any
    ) -> None:  # fmt: skip
        super().__init__(lanes, parameters, learning_rate, dtype, **options)
        self._scalars: dict[str, Array] = {}
        self._seen = b""  # the rates and options at the last look
        size = max(1, min(lanes, CHUNK_NUMBERS // max(1, parameters)))
        work = np.empty((2, size, parameters), self.dtype)
        self._chunks = [self._chunk(slice(a, min(a + size, lanes)), work) for a in range(0, lanes, size)]

    def _chunk(self, lanes: slice, work: Array) -> tuple[slice | int, Self]:
        """Some of the lanes, and the method with views on their state."""
        chunk = copy.copy(self)
        rows = {name: self.state[name][lanes] for name in self.rows}
        rows |= {"work": work[0, : lanes.stop - lanes.start], "other": work[1, : lanes.stop - lanes.start]}
        single = len(self.t) == 1
        for name, values in rows.items():
            setattr(chunk, name, values[0] if single else values)
        return (0 if single else lanes), chunk

    def step(self, theta: Array, given: Array, active: Array | None = None) -> None:
        """One update of every lane, in place, by the gradient `given` (R, P), which may be overwritten.

        Where `active` (R,) is false, neither the lane's parameters nor its state change.
        """
        with np.errstate(all="ignore"):
            if active is None or np.all(active):
                self.update(theta, given)
                return
            rest = ~np.asarray(active, bool).reshape(-1)
            kept = [(rows, rows[rest]) for rows in (theta, self.t, *self.state.values())]
            self.update(theta, given)
            for rows, old in kept:
                rows[rest] = old

    def update(self, theta: Array, gradient: Array) -> None:
        """`step` for all lanes, without its guards: the caller holds np.errstate."""
        np.add(self.t, ONE, self.t)
        seen = self._numbers.tobytes() + self._rate.tobytes()
        if seen != self._seen:
            self._seen = seen
            self._read_options()
        self._prepare()
        kept = theta[:, self.fixed] if self.fixed.size else None
        for lanes, chunk in self._chunks:
            chunk._update(theta[lanes], gradient[lanes])
        if kept is not None:
            theta[:, self.fixed] = kept
        if self.shrinkage is not None:
            theta[:] = soft_threshold(theta, self.amounts())

    def amounts(self) -> Array:
        """By how much `shrinkage` moves each weight towards zero after this update, (R, P): its pace times the strength.

        With SGD this is proximal gradient descent: θ ← argmin ½|θ − (θₜ − ηg)|² + ηλ|θ|₁. With other methods it is an
        approximation, whose fixed points are still the penalised loss's minima: there |g| ≤ λ where a weight is 0, and
        g = −λ sign(w) elsewhere. Source: Parikh and Boyd, Proximal Algorithms (2014), §4.2.
        """
        assert self.shrinkage is not None
        strengths, mask = self.shrinkage
        with np.errstate(all="ignore"):  # a pace may be infinite
            amounts: Array = np.where(mask & (strengths > 0), self.pace() * strengths, 0)
        return amounts

    def pace(self) -> Array:
        """How far a gradient of 1 that lasts moves each parameter in an update now: (R, 1), or (R, P) where each has a
        rate of its own. That is η/D for a method that divides its step by D, and η for others unless they say more.
        """
        first = {name: float(column[0, 0]) for name, column in self.hyper.items()}
        if not self.edge(self.choice | first, 1.0).preconditioned:
            return self._rate
        options = self.choice | {name: column.astype(self.dtype) for name, column in self.hyper.items()}
        result: Array = self._rate / self.divisor(options, self.state, 1)
        return result

    def typed(self, value: Number) -> Array:
        """A number or column in the lanes' number type."""
        return np.asarray(value).astype(self.dtype)

    def _read_options(self) -> None:
        """Rates and options for `_update`, and what follows from them alone; only when one was written."""
        self._put("eta", wide(self._rate))
        for name, column in self.hyper.items():
            self._put(name, wide(column))

    def _prepare(self) -> None:
        """What an update needs once for all lanes, before `_update`: worked out in float64, and `_put`."""

    def _put(self, name: str, value: Number) -> None:
        """Give `_update` a number for all lanes or a column (R, 1), in the lanes' number type."""
        if isinstance(value, float):
            scalar = self._scalars.get(name)
            if scalar is None:
                scalar = self._scalars[name] = np.empty((), self.dtype)
            scalar.fill(value)
            for _, chunk in self._chunks:
                setattr(chunk, name, scalar)
        else:
            column = value.astype(self.dtype)
            for lanes, chunk in self._chunks:
                setattr(chunk, name, column[lanes])

    @abstractmethod
    def _update(self, theta: Array, g: Array) -> None:
        """One update of a chunk's lanes, in place; `g` may be overwritten."""


def _column(value: Number, lanes: int) -> Array:
    return np.array(np.broadcast_to(np.reshape(np.asarray(value, np.float64), (-1, 1)), (lanes, 1)))


def power(base: Array, exponent: Array) -> Number:
    """baseᵉ of columns (R, 1), as a float where the lanes agree, in float64.

    By Python's own power: NumPy's may differ in the last bit with the number of lanes.
    """
    if agree(base) and agree(exponent):
        return float(base.item(0) ** exponent.item(0))
    pairs = zip(base.reshape(-1).tolist(), exponent.reshape(-1).tolist(), strict=True)
    return np.array([[b**e] for b, e in pairs])


def agree(column: Array) -> bool:
    """Whether all numbers of a column are the same, to the bit."""
    data = column.tobytes()
    return len(column) == 1 or data == data[: column.itemsize] * len(column)


def wide(column: Array) -> Number:
    """A column (R, 1) in float64, as a float where the lanes agree."""
    return float(column.item(0)) if agree(column) else column.astype(np.float64)


def root(value: Number) -> Number:
    """√value, of a float or an array; both are rounded alike."""
    return math.sqrt(value) if isinstance(value, float) else np.sqrt(value)


def beta(name: str, default: float, label: str, help: str) -> Option:
    """A share from 0 to just below 1: how much of an average is kept."""
    return Option(name, default, label, help, 0.0, 0.99999, exact=True)


BETA1 = beta("beta1", 0.9, "β₁", "How long the average of gradients remembers: about 1/(1−β₁) updates.")
BETA2 = beta("beta2", 0.999, "β₂", "How long the average of squared gradients remembers.")
EPS = Option(
    "eps", 1e-8, "ε", "Keeps the division from blowing up where gradients vanish.", 1e-12, 1.0, log=True
)
DECAY = Option("weight_decay", 0.0, "Weight decay", "Shrinks weights a little at every update.", 0.0, 1.0)


def average_of_squares(v: Array, g: Array, beta: Array, one_minus_beta: Array, work: Array) -> None:
    """v ← βv + (1−β)g², in place."""
    np.multiply(g, g, work)
    work *= one_minus_beta
    v *= beta
    v += work
