"""Gradient descent, and with a memory of its last step: SGD, momentum, Nesterov.

Notation of all first-order methods: g gradient, η learning rate, m and v running averages, t the update's number from 1;
all products are elementwise. θ, g and the state are rows (R, P), η and the options columns (R, 1); choices (`form`,
`eps_in_sqrt`) hold for the whole optimizer. The rule of each method is in its docstring, with its source.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from engine.methods.base import GRADIENTS, Array, FirstOrder, Symbol, Twin, beta, wide
from engine.methods.edge import Threshold, two_over_rate
from engine.methods.rules import Line, Options, Report, average, descent, exact, factor, line, theta_line
from engine.options import Option

FORMS = {
    "heavy_ball": r"v \leftarrow \beta v + g,\quad \theta \leftarrow \theta - \eta v",
    "ema": r"m \leftarrow \beta m + (1-\beta) g,\quad \theta \leftarrow \theta - \eta m",
    "velocity": r"v \leftarrow \beta v - \eta g,\quad \theta \leftarrow \theta + v",
}


class SGD(FirstOrder):
    """θ ← θ − ηg. The batch size makes it stochastic, mini-batch or full-batch descent. Robbins and Monro (1951)."""

    key, label = "sgd", "SGD"
    formula = r"\theta \leftarrow \theta - \eta g"
    help = "Straight down the gradient."
    source = "Robbins and Monro (1951)"
    start_rate = 0.3
    torch = Twin("SGD", {})

    def _update(self, theta: Array, g: Array) -> None:
        theta -= np.multiply(g, self.eta, self.work)

    @classmethod
    def rule(cls, o: Options, r: Report) -> list[Line]:
        return [descent(r, r["gradient"])]

    @classmethod
    def edge(cls, o: Options, eta: float) -> Threshold:
        return two_over_rate(eta)


class Momentum(FirstOrder):
    """Heavy-ball momentum, in the three forms of the literature (Polyak 1964; Sutskever et al. 2013).

    `heavy_ball` v ← βv + g, θ ← θ − ηv (PyTorch) · `ema` m ← βm + (1−β)g, θ ← θ − ηm · `velocity` v ← βv − ηg,
    θ ← θ + v. With a constant rate the first and third are one; `ema` is the first at rate η(1−β).
    """

    key, label = "momentum", "Momentum"
    formula = FORMS["heavy_ball"]
    help = "A ball with inertia: it rolls through small bumps and along ravines."
    source = "Polyak (1964)"
    start_rate = 0.1
    options: ClassVar[dict[str, Option]] = {
        "beta": beta("beta", 0.9, "β", "How much of the last velocity is kept."),
        "form": Option(
            "form",
            "heavy_ball",
            "Form",
            "heavy_ball: v←βv+g · ema: m←βm+(1−β)g · velocity: v←βv−ηg.",
            choices=tuple(FORMS),
        ),
    }
    rows = ("v",)
    symbols = (Symbol("v", "v", GRADIENTS),)
    torch = Twin("SGD", {"momentum": "beta"})

    v: Array
    beta: Array
    one_minus_beta: Array

    def _read_options(self) -> None:
        super()._read_options()
        self._put("one_minus_beta", 1 - wide(self.hyper["beta"]))

    def _update(self, theta: Array, g: Array) -> None:
        v, form = self.v, self.choice["form"]
        v *= self.beta
        if form == "ema":
            g *= self.one_minus_beta
        elif form == "velocity":
            v -= np.multiply(g, self.eta, self.work)
            theta += v
            return
        v += g
        theta -= np.multiply(v, self.eta, self.work)

    def pace(self) -> Array:
        """In the sum of all forms but `ema` a lasting gradient counts 1/(1−β) times."""
        return self._rate if self.choice["form"] == "ema" else lasting(self._rate, self.hyper["beta"])

    @classmethod
    def formula_with(cls, o: Options) -> str:
        return FORMS[o["form"]]

    @classmethod
    def rule(cls, o: Options, r: Report) -> list[Line]:
        before, g, v = r["v_before"], r["gradient"], r["v"]
        if o["form"] == "ema":
            return [average("m", o["beta"], before, g, v), descent(r, v)]
        kept = rf"{exact(o['beta'])}\cdot{factor(before)}"
        if o["form"] == "velocity":
            text = rf"{kept} - {factor(r['learning_rate'])}\cdot{factor(g)}"
            return [line("v", text, v), theta_line(f"THETA + {factor(v)}")]
        return [line("v", f"{kept} + {factor(g)}", v), descent(r, v)]

    @classmethod
    def edge(cls, o: Options, eta: float) -> Threshold:
        beta = float(o["beta"])
        if o["form"] == "ema":
            return Threshold(2 * (1 + beta) / (eta * (1 - beta)), r"\frac{2(1+\beta)}{\eta(1-\beta)}")
        return Threshold(2 * (1 + beta) / eta, r"\frac{2(1+\beta)}{\eta}")


class Nesterov(FirstOrder):
    """PyTorch's form: v ← βv + g, θ ← θ − η(g + βv). Nesterov (1983); Sutskever et al. (2013)."""

    key, label = "nesterov", "Nesterov"
    formula = r"v \leftarrow \beta v + g,\quad \theta \leftarrow \theta - \eta (g + \beta v)"
    help = "Momentum that looks ahead, so it brakes earlier."
    source = "Nesterov (1983)"
    start_rate = 0.1
    options: ClassVar[dict[str, Option]] = {
        "beta": beta("beta", 0.9, "β", "How much of the last velocity is kept.")
    }
    rows = ("v",)
    symbols = (Symbol("v", "v", GRADIENTS),)
    torch = Twin("SGD", {"momentum": "beta", "nesterov": True})

    v: Array
    beta: Array

    def _update(self, theta: Array, g: Array) -> None:
        v = self.v
        v *= self.beta
        v += g
        g += np.multiply(v, self.beta, self.work)
        g *= self.eta
        theta -= g

    def pace(self) -> Array:
        return lasting(self._rate, self.hyper["beta"])

    @classmethod
    def rule(cls, o: Options, r: Report) -> list[Line]:
        beta, g, v = exact(o["beta"]), factor(r["gradient"]), r["v"]
        return [
            line("v", rf"{beta}\cdot{factor(r['v_before'])} + {g}", v),
            theta_line(
                rf"THETA - {factor(r['learning_rate'])}\cdot\left({g} + {beta}\cdot{factor(v)}\right)"
            ),
        ]

    @classmethod
    def edge(cls, o: Options, eta: float) -> Threshold:
        beta = float(o["beta"])
        return Threshold(2 * (1 + beta) / (eta * (1 + 2 * beta)), r"\frac{2(1+\beta)}{\eta(1+2\beta)}")


def lasting(rate: Array, beta: Array) -> Array:
    """η/(1−β) (R, 1): how far a lasting gradient of 1 moves a parameter in an update."""
    result: Array = rate / (1 - beta).astype(rate.dtype)
    return result
