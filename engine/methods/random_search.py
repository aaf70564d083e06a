"""Random search: the honest baseline. It needs no gradient, so it also trains networks of thresholds."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from engine.methods.base import Array, Number, Optimizer
from engine.methods.edge import Threshold, no_threshold
from engine.methods.objective import Objective
from engine.methods.rules import Line, Options, Report, factor, theta_line
from engine.options import Option


class RandomSearch(Optimizer):
    """Each update draws `guesses` points θ′ at random and keeps the best of them and θ. Rastrigin (1963).

    `form` local: θ′ = θ + ηu, around the best so far; global: θ′ = s·u, in a fixed box of half-width s = `box` around zero;
    u is uniform in [−1, 1]ᴾ. The draws follow from the option `seed` and the update's number alone. θ is measured again
    at every update, as mini-batches differ; so an update costs `guesses` + 1 evaluations of the loss.
    """

    key, label = "random_search", "Random search"
    formula = r"\theta \leftarrow \arg\min_{\theta' \in \{\theta, \theta+\eta u_1, \dots, \theta+\eta u_K\}} L(\theta')"
    help = "Guesses and keeps the best: no gradient at all. The baseline that every method should beat."
    source = "Rastrigin (1963)"
    start_rate = 0.1
    gradient_based = False
    needs_closure = True
    options: ClassVar[dict[str, Option]] = {
        "form": Option("form", "local", "Form", "local: around the best so far · global: in a fixed box around zero, where the rate η plays no part.", choices=("local", "global")),
        "guesses": Option("guesses", 20, "Guesses", "How many points an update tries.", 1, 200, integer=True),
        "box": Option("box", 2.0, "Box", "Half-width of the fixed box of the global form.", 0.01, 100.0, log=True),
        "seed": Option("seed", 0, "Seed", "Another seed makes other guesses.", 0, 2**31 - 1, integer=True),
    }  # fmt: skip

    def __init__(
        self, lanes: int, parameters: int, learning_rate: Number = 0.1, dtype: Any = np.float64, **options: Any
    ) -> None:  # fmt: skip
        super().__init__(lanes, parameters, learning_rate, dtype, **options)
        self.function_evaluations, self.gradient_evaluations = np.zeros((2, lanes), np.int64)
        self.failed = np.zeros(lanes, bool)  # it never does
        self.reasons = [""] * lanes
        self.gradient = np.full((lanes, parameters), np.nan)  # it never knows one

    @classmethod
    def formula_with(cls, o: Options) -> str:
        if o["form"] == "local":
            return cls.formula
        return r"\theta \leftarrow \arg\min_{\theta' \in \{\theta, su_1, \dots, su_K\}} L(\theta')"

    @classmethod
    def rule(cls, o: Options, r: Report) -> list[Line]:
        """The guess that was kept: η·u from θ, or half-width times u from zero; θ alone where it stays."""
        if not r["step"]:
            return [theta_line("THETA")]
        if o["form"] == "global":
            return [theta_line(rf"{factor(o['box'])}\cdot{factor(r['after'] / o['box'])}")]
        width = r["learning_rate"]
        return [theta_line(rf"THETA + {factor(width)}\cdot{factor(r['step'] / width)}")]

    @classmethod
    def edge(cls, o: Options, eta: float) -> Threshold:
        return no_threshold("Random search takes no gradient steps, so curvature does not make it unstable.")

    def least_evaluations(self, lane: int) -> int:
        return int(self.hyper["guesses"][lane, 0]) + 1

    def step(self, theta: Array, given: Objective, active: Array | None = None) -> Array:
        """One update of every active lane, in place. Returns the loss (R,) before it; NaN where not active."""
        losses = np.full(len(theta), np.nan)
        with np.errstate(all="ignore"):
            for lane in range(len(theta)):
                if active is None or active[lane]:
                    losses[lane] = self._step_lane(lane, theta[lane], given)
        return losses

    def _step_lane(self, lane: int, x: Array, ask: Objective) -> float:
        guesses = int(self.hyper["guesses"][lane, 0])
        rng = np.random.default_rng([int(self.hyper["seed"][lane, 0]), int(self.t[lane, 0])])
        tries = rng.uniform(-1, 1, (guesses + 1, len(x))).astype(self.dtype)
        tries *= self._rate[lane, 0] if self.choice["form"] == "local" else self.hyper["box"][lane, 0]
        if self.choice["form"] == "local":
            tries += x
        tries[0] = x
        tries[:, self.fixed] = x[self.fixed]
        loss = ask.loss(tries, [lane] * len(tries))
        x[:] = tries[np.argmin(np.where(np.isfinite(loss), loss, np.inf))]
        self.function_evaluations[lane] += len(tries)
        self.t[lane] += 1
        return float(loss[0])
