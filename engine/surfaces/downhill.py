"""Down a surface: by steps, or along the path of infinitely small steps, and when to stop.

Gradient descent: x ← x − η∇f(x). Gradient flow: dx/dt = −∇f(x), so that t steps of η cover the time ηt. Two stop tests:
‖∇f(x_t)‖ ≤ ε, and f(x_t) − f(x_{t+1}) ≤ ε. Neither knows how far the minimum is.

Symbols: D numbers, T steps. Source: Boyd and Vandenberghe (2004), §9.3; Hairer, Nørsett and Wanner (1993), §II.4.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Field = Callable[[np.ndarray], np.ndarray]
MOST_FLOW_STEPS = 20_000
TOLERANCE = 1e-9


def descend(gradient: Field, start: np.ndarray, rate: float, steps: int) -> np.ndarray:
    """The path (T + 1, D); it ends before the first point that is not finite."""
    x = np.array(start, np.float64)
    path = [x]
    with np.errstate(all="ignore"):
        for _ in range(steps):
            x = x - rate * gradient(x)
            if not np.isfinite(x).all():
                break
            path.append(x)
    return np.array(path)


def flow(gradient: Field, start: np.ndarray, until: float) -> tuple[np.ndarray, np.ndarray]:
    """Times (T,) and places (T, D) along dx/dt = −∇f from 0 to `until`.

    Runge and Kutta's fourth-order rule, once over the whole step and twice over halves; their difference sets the next
    step, and mends this one. It ends early after MOST_FLOW_STEPS.
    """

    def rule(x: np.ndarray, h: float) -> np.ndarray:
        a = -gradient(x)
        b = -gradient(x + h / 2 * a)
        c = -gradient(x + h / 2 * b)
        d = -gradient(x + h * c)
        after: np.ndarray = x + h / 6 * (a + 2 * b + 2 * c + d)
        return after

    x, t, h = np.array(start, np.float64), 0.0, until / 100
    times, path = [t], [x]
    with np.errstate(all="ignore"):
        for _ in range(MOST_FLOW_STEPS):
            if t >= until:
                break
            h = min(h, until - t)
            whole = rule(x, h)
            halves = rule(rule(x, h / 2), h / 2)
            error = float(np.abs(halves - whole).max()) / 15
            limit = TOLERANCE * (1 + float(np.abs(x).max()))
            if error <= limit:
                x, t = halves + (halves - whole) / 15, t + h
                times.append(t)
                path.append(x)
            if not np.isfinite(error):
                h *= 0.2
            else:
                h *= min(4.0, max(0.2, 0.9 * (limit / max(error, 1e-300)) ** 0.2))
    return np.array(times), np.array(path)


def first_flat(gradients: np.ndarray, epsilon: float) -> int | None:
    """The first step t whose gradient, of (T + 1, D), is no longer than ε; None if there is none."""
    return _first(np.sqrt((gradients**2).sum(axis=1)) <= epsilon)


def first_stall(values: np.ndarray, epsilon: float) -> int | None:
    """The first step t from which the next one gains ε or less, of f (T + 1,); None if there is none."""
    return _first(values[:-1] - values[1:] <= epsilon)


def _first(true: np.ndarray) -> int | None:
    return int(true.argmax()) if true.any() else None
