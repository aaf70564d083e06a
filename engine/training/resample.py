"""Lanes with data of their own: R data sets, one lane each, trained together as one array.

    X, y = ...                                     # (R, N, D) and (R, N): R draws of the same kind of data
    lanes = tuple(LaneConfig("adam", 0.01, seed=seed) for seed in range(R))
    run = Resample(ExperimentConfig(network=NetworkConfig((8,)), lanes=lanes), X, y)
    run.step(500)
    run.outputs(grid)                              # (R, M, C) on shared points (M, D): R fits of one curve
    run.loss(), run.loss(X_new, y_new)             # (R,) on each lane's own data, and on other samples

What varies from one training set to the next (bias and variance, double descent) is asked of such runs. A lane has the
very bits of an `Experiment` that has its data set alone: the same initial weights, the same order of batches. Lanes
may differ in all that `LaneConfig` knows; those that are alike share a block, so a whole run is one batched expression.
"""

from __future__ import annotations

import numpy as np

from engine.config.experiment import ExperimentConfig
from engine.training.history import SERIES
from engine.training.lane import Lane, new_lane
from engine.training.lanes import Lanes

TASKS = ("regression", "binary", "multiclass")


class Resample(Lanes):
    """Lane k of `config` on the data set X[k] (N, D), y[k] (N,). The caller owns the loop, as in `Experiment`.

    `y` has values (regression), 0 or 1 (binary) or class numbers (multiclass). `config.dataset` is not used. There is
    no history: read `loss` and `outputs` whenever they are wanted. A lane that diverges has a status and stays where
    it went. Raises `ValueError` where shapes, task or loss do not fit together, or the data are not finite.
    """

    def __init__(
        self, config: ExperimentConfig, X: np.ndarray, y: np.ndarray, task: str = "regression"
    ) -> None:
        X, y = np.asarray(X, np.float64), np.asarray(y)
        if X.ndim != 3 or 0 in X.shape or y.shape != X.shape[:2] or len(X) != len(config.lanes):
            raise ValueError(
                f"{len(config.lanes)} lanes need inputs (R, N, D) and targets (R, N) with R = {len(config.lanes)}; "
                f"they are {X.shape} and {y.shape}."
            )
        if task not in TASKS:
            raise ValueError(f"The task is {task!r}; choose one of {', '.join(TASKS)}.")
        if not (np.isfinite(X).all() and np.isfinite(y).all()):
            raise ValueError("The data have values that are infinite or not a number.")
        self.config, self.task, self.reach = config, task, None
        self.X = X
        self.y = y.astype(np.int64 if task == "multiclass" else np.float64)
        self.updates = 0
        classes = int(self.y.max()) + 1 if task == "multiclass" else 1
        dtype, (_, samples, inputs) = np.dtype(config.dtype), X.shape
        self.blocks = []
        self.lanes = [
            new_lane(k, config.lane(k), inputs, classes, samples, task, dtype) for k in range(len(X))
        ]
        for lane, loss in zip(self.lanes, self.loss().tolist(), strict=True):
            lane.first_loss = loss if np.isfinite(loss) else 1.0
        self._assemble()

    def samples_of(self, lanes: list[Lane]) -> tuple[np.ndarray, np.ndarray]:
        """Inputs and targets of these lanes: one set for each, or of a single lane its own."""
        rows = [lane.index for lane in lanes]
        X, target = self.X[rows].astype(lanes[0].theta.dtype), self._target(lanes[0], self.y[rows])
        return (X, target) if len(rows) > 1 else (X[0], target[0])

    def _target(self, lane: Lane, y: np.ndarray) -> np.ndarray:
        """Labels (R, N) or (N,) as the lane's loss wants them."""
        return lane.mlp.target(y[..., None], lane.theta.dtype)

    def step(self, updates: int = 1) -> None:
        """`updates` updates of every lane that still runs."""
        if updates < 0:
            raise ValueError(f"There can't be {updates} updates; ask for 0 or more.")
        for block in tuple(self.blocks):
            self.advance(block, updates)
        self.updates += updates

    def loss(self, X: np.ndarray | None = None, y: np.ndarray | None = None) -> np.ndarray:
        """Each lane's mean loss (R,), without penalties, on its own data, or on others: X (M, D) and y (M,) for all
        lanes, or (R, M, D) and (R, M).
        """
        X, y = (self.X, self.y) if X is None or y is None else (np.asarray(X), np.asarray(y))
        result = np.empty(len(self.lanes))
        for rows, theta in self._alike():
            lane, own = self.lanes[rows[0]], X.ndim == 3
            here, target = X[rows] if own else X, self._target(lane, y[rows] if own else y)
            with np.errstate(all="ignore"):
                outputs = lane.mlp.forward(theta, here)
                result[rows] = lane.mlp.loss_function.evaluate(outputs, target, None)
        return result

    def outputs(self, X: np.ndarray) -> np.ndarray:
        """Each lane's probabilities or values (R, M, C) at X (M, D), the same points for all lanes, or (R, M, D)."""
        X = np.asarray(X, np.float64)
        result = np.empty((len(self.lanes), X.shape[-2], self.lanes[0].mlp.layer_sizes[-1]))
        for rows, theta in self._alike():
            result[rows] = self.lanes[rows[0]].mlp.predict(theta, X[rows] if X.ndim == 3 else X)
        return result

    def measured(self) -> np.ndarray:
        """The SERIES of `History` (len(SERIES), R) that there are without a test set: training loss, |gradient|."""
        values = np.full((len(SERIES), len(self.lanes)), np.nan)
        values[SERIES.index("train_loss")] = self.loss()
        for k, lane in enumerate(self.lanes):
            home = self.block_of(k)
            values[SERIES.index("gradient_norm"), k] = (
                lane.gradient_norm if home is None else home.norms[lane.row]
            )
        return values

    def _alike(self) -> list[tuple[list[int], np.ndarray]]:
        """The lanes' numbers in groups of one network and number type, with their parameters (r, P)."""
        groups: dict[tuple[object, ...], list[int]] = {}
        for k, lane in enumerate(self.lanes):
            key = (lane.mlp.layer_sizes, lane.mlp.activations, lane.mlp.loss_key, lane.theta.dtype)
            groups.setdefault(key, []).append(k)
        return [(rows, np.stack([self.theta(k) for k in rows])) for rows in groups.values()]
