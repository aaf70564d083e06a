"""What all optimizers share: a learning rate and options per lane as columns (R, 1), state as rows (R, P).

A method is used in one of two ways. First-order methods (engine/optimizers.py) are given a gradient. Methods with
`needs_closure` (engine/second_order.py, engine/random_search.py) ask for losses and gradients where they want them;
how is told in engine/objective.py.
"""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from engine.options import Option

Columns = float | np.ndarray
ONE = np.ones((), np.int64)  # NumPy starts faster on it than on Python's 1
CHUNK_NUMBERS = 1 << 16  # parameters of the lanes that are worked at once: few enough for a core's cache


class Optimizer:
    """One method, for `lanes` lanes of `parameters` parameters.

    `learning_rate` is a float or a column (R, 1), and so is each numeric option; choices and switches hold for all
    lanes. `learning_rate` and the columns in `hyper` may be written in place between any two updates: hot swaps do.
    `state` (rows (R, P), and columns (R, 1)) and the update counts `t` (R, 1) are all that a copy needs.
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
    start_rate: ClassVar[float] = 0.03  # a rate that does well on the playground's default
    gradient_based: ClassVar[bool] = True  # whether it needs slopes, which a threshold has not
    most_parameters: ClassVar[float] = math.inf
    full_batch: ClassVar[bool] = False  # whether it makes sense on the whole training set only
    needs_closure: ClassVar[bool] = False  # whether `step` takes an objective in place of a gradient

    def __init__(
        self, lanes: int, parameters: int, learning_rate: Columns = 0.01, dtype: Any = np.float64, **options: Any
    ) -> None:  # fmt: skip
        unknown = set(options) - set(self.options)
        if unknown:
            raise ValueError(f"{self.label} has no option {', '.join(sorted(unknown))}; it has {', '.join(self.options) or 'none'}.")  # fmt: skip
        self.parameters, self.dtype = parameters, np.dtype(dtype)
        self._rate = _column(learning_rate, lanes).astype(self.dtype)
        numeric = [name for name, o in self.options.items() if not (o.choices or o.is_switch)]
        self._numbers = np.empty((len(numeric), lanes, 1))
        self.hyper: dict[str, np.ndarray] = dict(zip(numeric, self._numbers, strict=True))
        self.choice: dict[str, Any] = {}
        for name, option in self.options.items():
            value = options.get(name, option.default)
            if name not in self.hyper:
                self.choice[name] = option.check(value)
                continue
            for number in np.ravel(value):
                option.check(float(number))
            self.hyper[name][:] = _column(value, lanes)
        self.state = {name: np.zeros((lanes, parameters), self.dtype) for name in self.rows}
        self.state |= {name: np.ones((lanes, 1)) for name in self.columns}
        self.t = np.zeros((lanes, 1), dtype=np.int64)

    @property
    def learning_rate(self) -> np.ndarray:
        """η (R, 1). Write into it, or assign a number or a column."""
        return self._rate

    @learning_rate.setter
    def learning_rate(self, value: Columns) -> None:
        self._rate[:] = _column(value, len(self._rate))

    def step(self, theta: np.ndarray, given: Any, active: np.ndarray | None = None) -> Any:
        """One update of every lane, in place, where `given` is the gradient (R, P), or the objective."""
        raise NotImplementedError

    def least_evaluations(self, lane: int) -> int:
        """How many evaluations of the loss, with or without gradient, the next update of a lane costs at least."""
        return 1

    def lane(self, lane: int) -> Optimizer:
        """A copy for one lane alone, with its options, state and count."""
        options = self.choice | {name: float(column[lane, 0]) for name, column in self.hyper.items()}
        twin = type(self)(1, self.parameters, float(self._rate[lane, 0]), self.dtype, **options)
        twin._rate[0] = self._rate[lane]
        twin.t[0] = self.t[lane]
        for name, values in self.state.items():
            twin.state[name][0] = values[lane]
        return twin


class FirstOrder(Optimizer):
    """A method that turns a gradient into an update by elementwise work, so lanes can't touch one another.

    A subclass writes `_update(s, theta, g)`, in place, where `s` holds the state rows, the options, for each option `x`
    also `one_minus_x`, and what `_prepare` puts there, all as arrays that broadcast with `theta`; `s.eta` is the learning
    rate and `s.work`, `s.other` are rows for anything. Lanes are worked in chunks that fit a core's cache. For speed a
    single lane's rows are one-dimensional, and a column on which all lanes agree is a scalar: this changes no bit.
    """

    def __init__(
        self, lanes: int, parameters: int, learning_rate: Columns = 0.01, dtype: Any = np.float64, **options: Any
    ) -> None:  # fmt: skip
        super().__init__(lanes, parameters, learning_rate, dtype, **options)
        self._scalars: dict[str, np.ndarray] = {}
        size = max(1, min(lanes, CHUNK_NUMBERS // max(1, parameters)))
        work = np.empty((2, size, parameters), self.dtype)
        self._parts = [self._part(slice(a, min(a + size, lanes)), work) for a in range(0, lanes, size)]
        self._seen = b""  # the rates and options at the last look

    def _part(self, chunk: slice, work: np.ndarray) -> SimpleNamespace:
        """Views on the state of some of the lanes: what `_update` sees."""
        rows = {name: self.state[name][chunk] for name in self.rows}
        rows |= {"work": work[0, : chunk.stop - chunk.start], "other": work[1, : chunk.stop - chunk.start]}
        if len(self.t) > 1:
            return SimpleNamespace(lanes=chunk, **rows)
        return SimpleNamespace(lanes=0, **{name: row[0] for name, row in rows.items()})

    def step(self, theta: np.ndarray, given: np.ndarray, active: np.ndarray | None = None) -> None:
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

    def update(self, theta: np.ndarray, gradient: np.ndarray) -> None:
        """`step` for all lanes, without its guards: the caller holds np.errstate."""
        np.add(self.t, ONE, self.t)
        seen = self._numbers.tobytes() + self._rate.tobytes()
        if seen != self._seen:
            self._seen = seen
            self._read_options()
        self._prepare()
        for s in self._parts:
            self._update(s, theta[s.lanes], gradient[s.lanes])

    def _read_options(self) -> None:
        """Rates and options for `_update`; only when one was written."""
        self._put("eta", wide(self._rate))
        for name, column in self.hyper.items():
            self._put(name, wide(column))
            self._put(f"one_minus_{name}", 1 - wide(column))

    def _prepare(self) -> None:
        """What an update needs once for all lanes, before `_update`: worked out in float64, and `_put`."""

    def _put(self, name: str, value: Any) -> None:
        """Give `_update` a number for all lanes or a column (R, 1), in the lanes' number type."""
        if isinstance(value, float):
            scalar = self._scalars.get(name)
            if scalar is None:
                scalar = self._scalars[name] = np.empty((), self.dtype)
            scalar.fill(value)
            for s in self._parts:
                setattr(s, name, scalar)
        else:
            column = value.astype(self.dtype)
            for s in self._parts:
                setattr(s, name, column[s.lanes])

    def _update(self, s: SimpleNamespace, theta: np.ndarray, g: np.ndarray) -> None:
        raise NotImplementedError

    def explain(
        self, theta_row: np.ndarray, gradient_row: np.ndarray, lane: int = 0
    ) -> dict[str, np.ndarray]:
        """What the next update does to a lane with parameters and gradient (P,), and changes nothing.

        Arrays (P,): the gradient, the state rows after the update, for Adam and its kin the moments corrected for
        their start ("m_hat", "v_hat"), and "step", the change of the parameters. It is worked out by doing the
        update on a copy, so it is what `step` does, to the bit.
        """
        twin = self.lane(lane)
        assert isinstance(twin, FirstOrder)
        theta = np.array(theta_row, self.dtype)[None]
        twin.step(theta, np.array(gradient_row, self.dtype)[None])
        report = {"gradient": np.array(gradient_row, self.dtype)}
        report |= {name: twin.state[name][0] for name in self.rows}
        with np.errstate(all="ignore"):
            report |= twin._corrected()
            return report | {"step": theta[0] - theta_row, "theta": theta[0]}

    def _corrected(self) -> dict[str, np.ndarray]:
        return {}


def _column(value: Columns, lanes: int) -> np.ndarray:
    return np.array(np.broadcast_to(np.reshape(np.asarray(value, np.float64), (-1, 1)), (lanes, 1)))


def power(base: np.ndarray, exponent: np.ndarray) -> Any:
    """baseᵉ of columns (R, 1), as a float where the lanes agree, in float64.

    By Python's own power: NumPy's may differ in the last bit with the number of lanes.
    """
    if agree(base) and agree(exponent):
        return base.item(0) ** exponent.item(0)
    pairs = zip(base.reshape(-1).tolist(), exponent.reshape(-1).tolist(), strict=True)
    return np.array([[b**e] for b, e in pairs])


def agree(column: np.ndarray) -> bool:
    """Whether all numbers of a column are the same, to the bit."""
    data = column.tobytes()
    return len(column) == 1 or data == data[: column.itemsize] * len(column)


def wide(column: np.ndarray) -> Any:
    """A column (R, 1) in float64, as a float where the lanes agree."""
    return column.item(0) if agree(column) else column.astype(np.float64)


def root(value: Any) -> Any:
    """√value, of a float or an array; both are rounded alike."""
    return math.sqrt(value) if isinstance(value, float) else np.sqrt(value)
