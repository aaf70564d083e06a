"""One update under the microscope: what a lane is about to do, and how that goes on over time at one parameter.

Everything here is about a lane's *next* update, number `Lane.updates` + 1, on the batch that it will really use: θ before
it, the gradient there (penalties included), the optimizer's rows after it, the step, θ after it. It is worked out by
doing the update on a copy, and changes nothing; doing the update afterwards gives the same bits. In PyTorch's words:
the parameter and its gradient before `optimizer.step()`, and `optimizer.state` after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.config.lane import LaneConfig
from engine.methods.registry import OPTIMIZERS
from engine.methods.rules import formula, theta_line
from engine.methods.second_order import SecondOrder
from engine.network.penalties import add_gradient
from engine.training.blocks import Block, ClosureBlock
from engine.training.experiment import Experiment
from engine.training.lane import Lane
from engine.training.thinned import Thinned

__all__ = ["NAMES", "Microscope", "at_place", "formula_numbers", "phases"]

MOST_POINTS = 1000
KEPT = dict.fromkeys(symbol.name for kind in OPTIMIZERS.values() for symbol in kind.symbols)
NAMES = (
    "update", "learning_rate", "theta", "gradient", *KEPT, "step_length", "step", "effective_rate", "after",
)  # fmt: skip


def phases(experiment: Experiment, lane: int) -> dict[str, Any]:
    """The next update of a lane, phase by phase; empty if it does not run.

    "optimizer" its key · "update" its number · "batch" (B,) the training samples' indices · "learning_rate" · "loss" the batch's, before ·
    "theta" (P,) · "gradient" (P,), NaN for random search · "before" and "state": the optimizer's rows {name: (P,)} before
    and after, "state" also with "m_hat" and "v_hat", or "direction" · "numbers": {name: float}, the method's count "t",
    "mu_product" before it, "step_length" · "step" (P,) · "after" (P,) · "problem": a sentence if the lane will not do
    this update but leave, and then "after" is "theta" · "fixed" the indices of parameters that no update moves · with a
    proximal L1 step, "reached" (P,) what the step itself leads to, and "amounts" (P,) by how much it is shrunk then.
    """
    chosen, block = experiment.lanes[lane], experiment.block_of(lane)
    if block is None:
        return {}
    theta = block.theta[chosen.row].copy()
    batch, X, target = _next_batch(experiment, chosen, block)
    optimizer: Any = block.optimizer.lane(chosen.row)
    if block.has_schedule:
        optimizer.learning_rate = chosen.rate(chosen.updates + 1)
    before = {name: optimizer.state[name][0].copy() for name in optimizer.rows}
    numbers = {name: float(optimizer.state[name][0, 0]) for name in optimizer.columns}
    after, problem = theta[None].copy(), ""
    reached, amounts = after, np.zeros_like(theta)
    with np.errstate(all="ignore"):
        if isinstance(block, ClosureBlock):
            objective = block.whole if block.is_full else block.objective(X, target)
            loss = optimizer.step(after, objective)[0]
            gradient, problem = optimizer.gradient[0].copy(), optimizer.reasons[0]
        else:
            losses, gradients = block.mlp.loss_and_gradient(theta[None], X, target)
            row = slice(chosen.row, chosen.row + 1)
            if block.is_regularised:
                own = {key: column[row] for key, column in block.strengths.items()}
                add_gradient(theta[None], block.mlp.trained_mask, own, gradients)
            loss, gradient = losses[0], gradients[0].copy()
            if optimizer.shrinkage is not None:
                reached, plain = after.copy(), optimizer.lane(0)
                plain.shrinkage = None
                plain.step(reached, gradients.copy())
            optimizer.step(after, gradients)
            if optimizer.shrinkage is not None:
                amounts = optimizer.amounts()[0]
        if not loss <= block.bound[chosen.row]:
            problem = "The loss is too large to go on."
        elif not np.isfinite(after).all():
            problem = "The weights will overflow."
        state = {name: optimizer.state[name][0].copy() for name in optimizer.rows}
        state |= optimizer.derived()
        if isinstance(optimizer, SecondOrder):
            numbers["step_length"] = float(optimizer.step_length[0])
        end = theta if problem else after[0]
        return {
            "optimizer": chosen.config.optimizer, "update": chosen.updates + 1, "batch": batch, "learning_rate": float(optimizer.learning_rate[0, 0]),
            "loss": float(loss), "theta": theta, "gradient": gradient, "before": before, "state": state,
            "numbers": numbers | {"t": float(optimizer.t[0, 0])}, "step": end - theta, "after": end, "problem": problem,
            "fixed": block.mlp.fixed, "reached": reached[0], "amounts": amounts,
        }  # fmt: skip


def _next_batch(
    experiment: Experiment, lane: Lane, block: Block
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indices, inputs and target of the batch that a lane will use next."""
    is_over = block.position >= lane.samples
    start = 0 if is_over else block.position
    batch = lane.order(lane.epoch + is_over)[start : start + block.size]
    return batch, block.X[batch], block.target[batch]


def at_place(report: Mapping[str, Any], place: int) -> dict[str, float]:
    """What `phases` reports, at one parameter: all NAMES that the method has, the rows before as "m_before" and so on,
    and the report's numbers. "effective_rate" is |step / gradient|, NaN where there is no gradient; "stays" is 1 where
    the lane will leave before this update, else 0; "is_fixed" 1 where no update moves this parameter.
    """
    step, gradient = float(report["step"][place]), float(report["gradient"][place])
    return {
        "update": float(report["update"]),
        "learning_rate": report["learning_rate"],
        "theta": float(report["theta"][place]),
        "gradient": gradient,
        **{f"{name}_before": float(row[place]) for name, row in report["before"].items()},
        **{name: float(row[place]) for name, row in report["state"].items()},
        **report["numbers"],
        "step": step,
        "effective_rate": abs(step / gradient) if gradient else np.nan,
        "after": float(report["after"][place]),
        "stays": float(bool(report["problem"])),
        "is_fixed": float(place in report["fixed"]),
        "reached": float(report["reached"][place]),
        "amount": float(report["amounts"][place]),
    }


def formula_numbers(key: str, options: Mapping[str, Any], report: Mapping[str, float]) -> str:
    """The rule of method `key` for one parameter's next update, as `at_place` reports it, in LaTeX.

    `options` are those of the lane; what is not among them is at its default. Raises `KeyError` for an unknown method.
    """
    kind = OPTIMIZERS[key]
    if report.get("is_fixed"):
        return formula([theta_line("THETA + 0")], report)
    return formula(kind.rule(kind.with_defaults(options), report), report)


class Microscope:
    """Watches one parameter per lane. `places` gives each lane's place in its row, or None; or {lane: place}.

    Call `observe` before the first and after each (group of) update(s). However long it runs, at most MOST_POINTS are
    kept for a lane (see `Thinned`). A run that starts again starts a new record.
    """

    def __init__(self, experiment: Experiment, places: Sequence[int | None] | Mapping[int, int]) -> None:
        self.experiment = experiment
        self.places: dict[int, int] = {}
        self._records: dict[int, Thinned] = {}
        self._latest: dict[int, dict[str, float]] = {}
        self._lanes: dict[int, Lane] = {}  # as last seen
        self._methods: dict[int, LaneConfig] = {}  # the settings that the newest point was found with
        for lane, place in places.items() if isinstance(places, Mapping) else enumerate(places):
            if place is not None:
                self.watch(lane, place)

    def watch(self, lane: int, place: int) -> None:
        """Watch another place, or another lane, in a new record. `ValueError` if there is no such place."""
        if not 0 <= lane < len(self.experiment.lanes):
            raise ValueError(f"There is no lane {lane!r}; choose 0 to {len(self.experiment.lanes) - 1}.")
        count = self.experiment.mlp(lane).parameter_count
        if not 0 <= place < count:
            raise ValueError(f"Lane {lane + 1} has no parameter {place!r}; choose 0 to {count - 1}.")
        self.places[lane], self._records[lane] = place, Thinned(MOST_POINTS, len(NAMES))
        self._latest.pop(lane, None)

    def observe(self) -> None:
        """Add a point for each lane that runs; in place of its last if it has done no update since. A lane that is gone,
        or has no such place any more, is passed over.
        """
        lanes = self.experiment.lanes
        for lane, place in self.places.items():
            if lane >= len(lanes) or place >= lanes[lane].mlp.parameter_count:
                continue
            # a lane may have come to another's place, and a run may have started again
            if self._lanes.get(lane) is not lanes[lane]:
                self._lanes[lane], self._records[lane] = lanes[lane], Thinned(MOST_POINTS, len(NAMES))
            if report := phases(self.experiment, lane):
                self._latest[lane], self._methods[lane] = at_place(report, place), lanes[lane].config
                self._note(lane, [self._latest[lane].get(name, np.nan) for name in NAMES])

    def _note(self, lane: int, row: list[float]) -> None:
        """Add a row to a lane's record, the first number of which counts up."""
        record = self._records[lane]
        last = record.rows[-1, 0] if len(record) else -np.inf
        if row[0] == last:
            record.renew(row)
            return
        if row[0] < last:  # another run
            record = self._records[lane] = Thinned(MOST_POINTS, len(NAMES))
        record.add(row)

    def until(self, experiment: Experiment) -> Microscope:
        """The record up to a moment: `experiment` is the watched one as it was then."""
        earlier = Microscope(experiment, self.places)
        for lane in self.places:
            if lane < len(experiment.lanes):
                earlier._lanes[lane] = experiment.lanes[lane]
                record, last = self._records[lane], experiment.lanes[lane].updates + 1
                earlier._records[lane] = record.first(int((record.rows[:, 0] <= last).sum()))
        earlier.observe()
        return earlier

    def series(self, lane: int) -> dict[str, np.ndarray]:
        """{name: (K,)} of a lane, for the NAMES that its method has; empty before the first point."""
        rows = self._records[lane].rows.copy()
        columns = {name: rows[:, k] for k, name in enumerate(NAMES)}
        return {name: column for name, column in columns.items() if not np.isnan(column).all()}

    def latest(self, lane: int) -> dict[str, float]:
        """The newest point as `at_place` gives it; empty if there is none."""
        return self._latest.get(lane, {})

    def formula(self, lane: int) -> str:
        """The rule of the newest point with its numbers, as `formula_numbers`; empty if there is none.

        It is of the method that the lane had then, whatever it was swapped for since.
        """
        if lane not in self._latest:
            return ""
        config = self._methods[lane]
        return formula_numbers(config.optimizer, config.options, self._latest[lane])
