"""Second-order methods: Newton, BFGS, L-BFGS, with a strong-Wolfe line search. Full batch and float64 only.

Each lane goes along d = −H⁻¹g, or an estimate of it, as far as the line search says. η is the first step length that is
tried; 1 is the method's own. The methods say what they spent (`function_evaluations`, `gradient_evaluations`, (R,)), and
where they can't go on: `failed` (R,) and a sentence in `reasons`; such a lane stays where it is.
Source: Nocedal and Wright, Numerical Optimization (2006), chapters 3, 6 and 7.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from engine.methods.base import Array, Number, Optimizer, Symbol
from engine.methods.edge import Threshold, no_threshold
from engine.methods.line_search import strong_wolfe
from engine.methods.objective import Objective
from engine.methods.rules import Line, Options, Report, factor, number, theta_line
from engine.options import Option
from engine.shown import short_number

MEMORY = 20  # pairs that L-BFGS can remember


class SecondOrder(Optimizer):
    """What the three share. After a step, `direction` (R, P) and `step_length` (R,) tell where each lane went.

    The evaluation where a step ends serves as the first of the next, so it is part of the state; `known` 0 makes a lane
    ask again, which must be so when the loss has changed. Every evaluation that is made is counted.
    Raises `ValueError` for more than `most_parameters`.
    """

    full_batch = True
    needs_closure = True
    start_rate = 1.0
    symbols = (Symbol("direction", "direction"),)
    direction_text: ClassVar[str]  # one component of d, in LaTeX

    def __init__(
        self, lanes: int, parameters: int, learning_rate: Number = 1.0, dtype: Any = np.float64, **options: Any
    ) -> None:  # fmt: skip
        if parameters > self.most_parameters:
            raise ValueError(
                f"{self.label} is for at most {self.most_parameters} parameters, and there are {parameters}; "
                "choose a smaller network, or L-BFGS."
            )
        super().__init__(lanes, parameters, learning_rate, np.float64, **options)
        self.function_evaluations, self.gradient_evaluations = np.zeros((2, lanes), np.int64)
        self.failed = np.zeros(lanes, bool)
        self.reasons = [""] * lanes
        self.direction = np.zeros((lanes, parameters))
        self.step_length = np.zeros(lanes)
        self.gradient = np.zeros((lanes, parameters))
        self.state |= {name: np.zeros((lanes, 1)) for name in ("known", "known_loss")}
        self.state |= {name: np.zeros((lanes, parameters)) for name in ("known_place", "known_gradient")}
        self._asked: Objective | None = None

    @classmethod
    def rule(cls, o: Options, r: Report) -> list[Line]:
        """θ + α·d, where the direction d comes from all parameters together."""
        return [
            ("d", cls.direction_text, number(r["direction"])),
            theta_line(rf"THETA + {factor(r['step_length'])}\cdot{factor(r['direction'])}"),
        ]

    def derived(self, lane: int = 0) -> dict[str, Array]:
        return {"direction": self.direction[lane]}

    def step(self, theta: Array, given: Objective, active: Array | None = None) -> Array:
        """One update of every active lane, in place, asking the objective `given` (see engine/objective.py).

        Returns the loss (R,) before the update; `gradient` (R, P) has the gradient there. Lanes that are not active
        don't change, and their loss is NaN.
        """
        losses = np.full(len(theta), np.nan)
        if self._asked is not None and self._asked is not given:
            self.state["known"][:] = 0
        self._asked = given
        with np.errstate(all="ignore"):
            for lane in range(len(theta)):
                if active is None or active[lane]:
                    losses[lane] = self._step_lane(lane, theta[lane], given)
        return losses

    def _step_lane(self, lane: int, x: Array, ask: Objective) -> float:
        f, g = self._at(lane, x, ask)
        self.gradient[lane], self.failed[lane], self.reasons[lane], self.step_length[lane] = g, False, "", 0.0
        if not (np.isfinite(f) and np.isfinite(g).all()):
            return self._fail(lane, f, "The loss or its gradient is not finite.")
        if not g.any():
            return self._fail(lane, f, "The gradient is zero: there is nothing left to gain.")
        if not self._rate[lane, 0]:
            return self._fail(lane, f, "The learning rate is zero, so there is no step to try.")
        d, first = self._direction(lane, x, g, ask)
        alpha, new_f, new_g = self._search(lane, x, f, g, d, first, ask)
        if alpha is None and self._forget(lane):  # an estimate of the curvature may be what is wrong
            d, first = self._direction(lane, x, g, ask)
            alpha, new_f, new_g = self._search(lane, x, f, g, d, first, ask)
        self.direction[lane] = d
        if alpha is None:
            size = np.sqrt(g @ g)
            return self._fail(
                lane,
                f,
                f"The line search found no lower point; the gradient's length is {short_number(size, 2)}.",
            )
        old = x.copy()
        x += alpha * d
        self.t[lane] += 1
        self.step_length[lane] = alpha
        self._remember(lane, x, new_f, new_g)
        self._learn(lane, x - old, new_g - g)
        return f

    def least_evaluations(self, lane: int) -> int:
        return 1 if self.state["known"][lane, 0] else 2

    def _at(self, lane: int, x: Array, ask: Objective) -> tuple[float, Array]:
        """Loss and gradient where a step begins; known already if the last step ended here."""
        state = self.state
        if not state["known"][lane, 0] or not np.array_equal(state["known_place"][lane], x):
            self._remember(lane, x, *self._ask(lane, x, ask))
        return float(state["known_loss"][lane, 0]), state["known_gradient"][lane].copy()

    def _remember(self, lane: int, x: Array, f: float, g: Array) -> None:
        values = {"known": 1, "known_place": x, "known_loss": f, "known_gradient": g}
        for name, value in values.items():
            self.state[name][lane] = value

    def _ask(self, lane: int, x: Array, ask: Objective) -> tuple[float, Array]:
        """One evaluation, counted."""
        loss, gradient = ask(x[None], [lane])
        self.function_evaluations[lane] += 1
        self.gradient_evaluations[lane] += 1
        return float(loss[0]), gradient[0].astype(np.float64)

    def _search(
        self, lane: int, x: Array, f: float, g: Array, d: Array, first: float, ask: Objective
    ) -> tuple[float | None, float, Array]:
        """Step length, and loss and gradient there; the length is None where there is no lower point."""
        slope = float(g @ d)
        if not (np.isfinite(slope) and slope < 0):
            return None, f, g
        seen: dict[float, tuple[float, Array]] = {}

        def phi(alpha: float) -> tuple[float, float]:
            seen[alpha] = self._ask(lane, x + alpha * d, ask)
            return seen[alpha][0], float(seen[alpha][1] @ d)

        alpha = strong_wolfe(phi, f, slope, first)
        return (None, f, g) if alpha is None else (alpha, *seen[alpha])

    def _fail(self, lane: int, f: float, reason: str) -> float:
        self.failed[lane], self.reasons[lane] = True, reason
        return f

    def _first_length(self, lane: int, g: Array, has_curvature: bool) -> float:
        """η, which without any knowledge of the curvature is held down so that the first try stays near."""
        eta = float(self._rate[lane, 0])
        return eta if has_curvature else eta * min(1.0, 1.0 / float(np.abs(g).sum()))

    def _direction(self, lane: int, x: Array, g: Array, ask: Objective) -> tuple[Array, float]:
        """A direction that leads down, and the first length to try."""
        raise NotImplementedError

    def _learn(self, lane: int, s: Array, y: Array) -> None:
        """Take in a step s and the change y of the gradient over it."""

    def _forget(self, lane: int) -> bool:
        """Drop the estimate of the curvature; false if there is none."""
        return False


class Newton(SecondOrder):
    """θ ← θ − α(|H| + λI)⁻¹g: Newton's method on the whole Hessian H, damped by λ and a line search.

    |H| has H's eigenvectors and the absolute values of its eigenvalues (at least 10⁻⁸ of the largest), so that it leads
    away from saddle points and maxima too (Nocedal and Wright, §3.4; Dauphin et al. 2014). H is exact, and costs P products, each about one gradient.
    """

    key, label = "newton", "Newton"
    formula = r"\theta \leftarrow \theta - \alpha\,(|H| + \lambda I)^{-1} g"
    help = "Uses the whole curvature: few steps, but each costs as many gradients as there are parameters."
    source = "Nocedal and Wright (2006), §3.4"
    direction_text = r"-\left[(|H| + \lambda I)^{-1} g\right]_i"
    most_parameters = 500
    options: ClassVar[dict[str, Option]] = {
        "damping": Option("damping", 1e-6, "λ", "Added to the curvature: more makes shorter, safer steps.", 1e-12, 100.0, log=True)
    }  # fmt: skip

    def least_evaluations(self, lane: int) -> int:
        return super().least_evaluations(lane) + self.parameters

    @classmethod
    def edge(cls, o: Options, eta: float) -> Threshold:
        return no_threshold(
            "Newton's method divides by the curvature itself and searches along the line: no fixed threshold."
        )

    def _direction(self, lane: int, x: Array, g: Array, ask: Objective) -> tuple[Array, float]:
        if ask.hessian is None:
            raise ValueError("Newton needs an objective with a Hessian.")
        H = ask.hessian(x, lane)
        self.gradient_evaluations[lane] += len(x)
        if not np.isfinite(H).all():
            return -g, self._first_length(lane, g, False)
        values, vectors = np.linalg.eigh(H)
        size = np.abs(values)
        size = np.maximum(size, 1e-8 * size.max()) + self.hyper["damping"][lane, 0]
        d = -(vectors @ ((g @ vectors) / size))
        d[self.fixed] = 0  # H and g are zero there, and rounding must not bring them in
        return d, self._first_length(lane, g, True)


class BFGS(SecondOrder):
    """θ ← θ − αBg, where B (P, P) estimates H⁻¹ from the steps s and the changes y of the gradient:

    B ← (I − ρsyᵀ)B(I − ρysᵀ) + ρssᵀ, ρ = 1/yᵀs; B starts as (yᵀs/yᵀy)I. Pairs with yᵀs ≤ 0 are left out.
    """

    key, label = "bfgs", "BFGS"
    formula = r"\theta \leftarrow \theta - \alpha B g,\quad B \leftarrow (I-\rho s y^\top)B(I-\rho y s^\top)+\rho s s^\top"
    help = "Learns the curvature from how the gradient changes along its path."
    source = "Nocedal and Wright (2006), §6.1"
    direction_text = r"-\left[B g\right]_i"
    most_parameters = 1500

    def __init__(
        self, lanes: int, parameters: int, learning_rate: Number = 1.0, dtype: Any = np.float64, **options: Any
    ) -> None:  # fmt: skip
        super().__init__(lanes, parameters, learning_rate, dtype, **options)
        self.state["B"] = np.zeros((lanes, parameters, parameters))  # all zero: nothing learned yet
        self.state["pairs"] = np.zeros((lanes, 1))

    @classmethod
    def edge(cls, o: Options, eta: float) -> Threshold:
        return no_threshold("BFGS chooses each step by a line search: no fixed threshold.")

    def _direction(self, lane: int, x: Array, g: Array, ask: Objective) -> tuple[Array, float]:
        known = bool(self.state["pairs"][lane, 0])
        return -(self.state["B"][lane] @ g) if known else -g, self._first_length(lane, g, known)

    def _learn(self, lane: int, s: Array, y: Array) -> None:
        sy = float(s @ y)
        if not sy > 1e-12 * np.sqrt((s @ s) * (y @ y)):
            return
        B = self.state["B"][lane]
        if not self.state["pairs"][lane, 0]:
            np.fill_diagonal(B, sy / (y @ y))
        By = B @ y
        B += np.outer(s, s) * ((sy + y @ By) / sy**2)
        B -= (np.outer(By, s) + np.outer(s, By)) / sy
        self.state["pairs"][lane] += 1

    def _forget(self, lane: int) -> bool:
        known = bool(self.state["pairs"][lane, 0])
        self.state["B"][lane], self.state["pairs"][lane] = 0, 0
        return known


class LBFGS(SecondOrder):
    """BFGS that remembers the last few pairs (s, y) in place of a matrix: the two-loop recursion.

    q ← g; newest to oldest aᵢ = ρᵢsᵢᵀq, q ← q − aᵢyᵢ; r ← (sᵀy/yᵀy)q; oldest to newest r ← r + sᵢ(aᵢ − ρᵢyᵢᵀr);
    θ ← θ − αr. Nocedal (1980); Liu and Nocedal (1989).
    """

    key, label = "lbfgs", "L-BFGS"
    formula = (
        r"\theta \leftarrow \theta - \alpha r,\quad r \approx H^{-1} g \text{ from the last pairs } (s, y)"
    )
    help = "BFGS with a short memory: for any size of network."
    source = "Liu and Nocedal (1989)"
    direction_text = r"-\left[r\right]_i"
    most_parameters = 1_000_000
    options: ClassVar[dict[str, Option]] = {
        "memory": Option(
            "memory", 10, "Memory", "How many of the last steps it learns from.", 1, MEMORY, integer=True
        )
    }

    def __init__(
        self, lanes: int, parameters: int, learning_rate: Number = 1.0, dtype: Any = np.float64, **options: Any
    ) -> None:  # fmt: skip
        super().__init__(lanes, parameters, learning_rate, dtype, **options)
        for name in ("s", "y"):
            self.state[name] = np.zeros((lanes, MEMORY, parameters))  # the newest last
        self.state["pairs"] = np.zeros((lanes, 1))

    @classmethod
    def edge(cls, o: Options, eta: float) -> Threshold:
        return no_threshold("L-BFGS chooses each step by a line search: no fixed threshold.")

    def _direction(self, lane: int, x: Array, g: Array, ask: Objective) -> tuple[Array, float]:
        count = int(max(0, min(self.state["pairs"][lane, 0], self.hyper["memory"][lane, 0])))
        S, Y = (self.state[name][lane, MEMORY - count :] for name in ("s", "y"))
        sy = [float(s @ y) for s, y in zip(S, Y, strict=True)]
        if not sy or min(sy) <= 0:  # the latter from a file that was tampered with
            return -g, self._first_length(lane, g, False)
        rho = [1 / value for value in sy]
        q, a = g.copy(), [0.0] * count
        for k in reversed(range(count)):
            a[k] = rho[k] * float(S[k] @ q)
            q -= a[k] * Y[k]
        q *= 1 / (rho[-1] * float(Y[-1] @ Y[-1]))
        for k in range(count):
            q += S[k] * (a[k] - rho[k] * float(Y[k] @ q))
        return -q, self._first_length(lane, g, True)

    def _learn(self, lane: int, s: Array, y: Array) -> None:
        if not s @ y > 1e-12 * np.sqrt((s @ s) * (y @ y)):
            return
        for name, row in (("s", s), ("y", y)):
            rows = self.state[name][lane]
            rows[:-1] = rows[1:]
            rows[-1] = row
        self.state["pairs"][lane] = min(self.state["pairs"][lane, 0] + 1, MEMORY)

    def _forget(self, lane: int) -> bool:
        known = bool(self.state["pairs"][lane, 0])
        self.state["pairs"][lane] = 0
        return known
