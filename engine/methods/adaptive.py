"""A pace for each parameter: Adagrad, Adadelta, RMSprop, and Lion, which keeps only signs. Notation: momentum.py."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from engine.methods.base import (
    BETA1,
    DECAY,
    EPS,
    GRADIENTS,
    SQUARES,
    Array,
    FirstOrder,
    Symbol,
    Twin,
    average_of_squares,
    beta,
    wide,
)
from engine.methods.edge import Threshold, no_threshold, two_over_rate
from engine.methods.rules import (
    Line,
    Options,
    Report,
    average,
    descent,
    exact,
    factor,
    line,
    number,
    ratio,
    theta_line,
)
from engine.options import Option


class Adagrad(FirstOrder):
    """s ← s + g², θ ← θ − ηg/(√s + ε). Duchi, Hazan and Singer (2011)."""

    key, label = "adagrad", "Adagrad"
    formula = r"s \leftarrow s + g^2,\quad \theta \leftarrow \theta - \eta\, g/(\sqrt{s}+\varepsilon)"
    help = "Each parameter's rate falls with the gradients it has seen."
    source = "Duchi et al. (2011)"
    start_rate = 0.1
    options: ClassVar[dict[str, Option]] = {
        "eps": Option("eps", 1e-10, EPS.label, EPS.help, 1e-12, 1.0, log=True)
    }
    rows = ("s",)
    symbols = (Symbol("s", "s", SQUARES),)
    torch = Twin("Adagrad", {"eps": "eps"})

    s: Array
    eps: Array

    def _update(self, theta: Array, g: Array) -> None:
        s, work = self.s, self.work
        s += np.multiply(g, g, work)
        np.sqrt(s, work)
        work += self.eps
        g /= work
        g *= self.eta
        theta -= g

    @classmethod
    def rule(cls, o: Options, r: Report) -> list[Line]:
        total = line("s", f"{number(r['s_before'])} + ({number(r['gradient'])})^2", r["s"])
        return [total, ratio(r, r["gradient"], rf"\sqrt{{{number(r['s'])}}} + {number(o['eps'])}")]

    @classmethod
    def edge(cls, o: Options, eta: float) -> Threshold:
        return two_over_rate(eta, preconditioned=True)

    @classmethod
    def divisor(cls, o: Options, state: Mapping[str, Array], t: int) -> Array:
        D: Array = np.sqrt(state["s"]) + o["eps"]
        return D


class Adadelta(FirstOrder):
    """v ← βv + (1−β)g², Δ = g√(u+ε)/√(v+ε), u ← βu + (1−β)Δ², θ ← θ − ηΔ. Zeiler (2012)."""

    key, label = "adadelta", "Adadelta"
    formula = (
        r"\Delta = g\,\sqrt{u+\varepsilon}/\sqrt{v+\varepsilon},\quad \theta \leftarrow \theta - \eta\Delta"
    )
    help = "Scales each step by the size of earlier steps."
    source = "Zeiler (2012)"
    start_rate = 1.0
    options: ClassVar[dict[str, Option]] = {
        "beta": beta("beta", 0.9, "β", "How long the averages remember."),
        "eps": Option("eps", 1e-6, EPS.label, EPS.help, 1e-12, 1.0, log=True),
    }
    rows = ("v", "u")
    symbols = (Symbol("v", "v", SQUARES), Symbol("u", "u"))
    torch = Twin("Adadelta", {"rho": "beta", "eps": "eps"})

    v: Array
    u: Array
    beta: Array
    one_minus_beta: Array
    eps: Array

    def _read_options(self) -> None:
        super()._read_options()
        self._put("one_minus_beta", 1 - wide(self.hyper["beta"]))

    def _update(self, theta: Array, g: Array) -> None:
        v, u, work, other = self.v, self.u, self.work, self.other
        average_of_squares(v, g, self.beta, self.one_minus_beta, work)
        np.sqrt(np.add(v, self.eps, work), work)
        np.sqrt(np.add(u, self.eps, other), other)
        other /= work
        g *= other
        average_of_squares(u, g, self.beta, self.one_minus_beta, work)
        g *= self.eta
        theta -= g

    @classmethod
    def rule(cls, o: Options, r: Report) -> list[Line]:
        eps = number(o["eps"])
        delta = r["gradient"] * math.sqrt(r["u_before"] + o["eps"]) / math.sqrt(r["v"] + o["eps"])
        above, below = (rf"\sqrt{{{number(value)} + {eps}}}" for value in (r["u_before"], r["v"]))
        return [
            average("v", o["beta"], r["v_before"], r["gradient"], r["v"], squared=True),
            line(r"\Delta", rf"{factor(r['gradient'])}\cdot\frac{{{above}}}{{{below}}}", delta),
            average("u", o["beta"], r["u_before"], delta, r["u"], squared=True),
            descent(r, delta),
        ]

    @classmethod
    def edge(cls, o: Options, eta: float) -> Threshold:
        return two_over_rate(eta, preconditioned=True)

    @classmethod
    def divisor(cls, o: Options, state: Mapping[str, Array], t: int) -> Array:
        D: Array = np.sqrt(state["v"] + o["eps"]) / np.sqrt(state["u"] + o["eps"])
        return D


class RMSprop(FirstOrder):
    """v ← βv + (1−β)g², then θ ← θ − ηg/√(v+ε), or ηg/(√v+ε) if not `eps_in_sqrt`. Hinton (2012), lecture 6e.

    The first is optax's form (with its eps_in_sqrt), the second PyTorch's.
    """

    key, label = "rmsprop", "RMSprop"
    formula = (
        r"v \leftarrow \beta v + (1-\beta) g^2,\quad \theta \leftarrow \theta - \eta\, g/\sqrt{v+\varepsilon}"
    )
    help = "Divides by the recent size of the gradient: every parameter moves at a similar pace."
    source = "Hinton (2012)"
    start_rate = 0.01
    options: ClassVar[dict[str, Option]] = {
        "beta": beta("beta", 0.9, "β", "How long the average of squared gradients remembers."),
        "eps": EPS,
        "eps_in_sqrt": Option("eps_in_sqrt", True, "ε inside the root", "On: g/√(v+ε). Off: g/(√v+ε)."),
    }
    rows = ("v",)
    symbols = (Symbol("v", "v", SQUARES),)
    torch = Twin("RMSprop", {"alpha": "beta", "eps": "eps"}, ours={"eps_in_sqrt": False})

    v: Array
    beta: Array
    one_minus_beta: Array
    eps: Array

    def _read_options(self) -> None:
        super()._read_options()
        self._put("one_minus_beta", 1 - wide(self.hyper["beta"]))

    def _update(self, theta: Array, g: Array) -> None:
        v, work = self.v, self.work
        average_of_squares(v, g, self.beta, self.one_minus_beta, work)
        if self.choice["eps_in_sqrt"]:
            np.sqrt(np.add(v, self.eps, work), work)
        else:
            np.sqrt(v, work)
            work += self.eps
        g /= work
        g *= self.eta
        theta -= g

    @classmethod
    def formula_with(cls, o: Options) -> str:
        inside, outside = r"\sqrt{v+\varepsilon}", r"(\sqrt{v}+\varepsilon)"
        return cls.formula if o["eps_in_sqrt"] else cls.formula.replace(inside, outside)

    @classmethod
    def rule(cls, o: Options, r: Report) -> list[Line]:
        v, eps = number(r["v"]), number(o["eps"])
        below = rf"\sqrt{{{v} + {eps}}}" if o["eps_in_sqrt"] else rf"\sqrt{{{v}}} + {eps}"
        return [
            average("v", o["beta"], r["v_before"], r["gradient"], r["v"], squared=True),
            ratio(r, r["gradient"], below),
        ]

    @classmethod
    def edge(cls, o: Options, eta: float) -> Threshold:
        return two_over_rate(eta, preconditioned=True)

    @classmethod
    def divisor(cls, o: Options, state: Mapping[str, Array], t: int) -> Array:
        v, eps = state["v"], o["eps"]
        D: Array = np.sqrt(v + eps) if o["eps_in_sqrt"] else np.sqrt(v) + eps
        return D


class Lion(FirstOrder):
    """θ ← θ − η(sign(β₁m + (1−β₁)g) + λθ), then m ← β₂m + (1−β₂)g. Chen et al. (2023)."""

    key, label = "lion", "Lion"
    formula = r"\theta \leftarrow \theta - \eta\,(\mathrm{sign}(\beta_1 m + (1-\beta_1) g) + \lambda\theta)"
    help = "Only the sign of the smoothed gradient: every parameter moves by the rate."
    source = "Chen et al. (2023)"
    start_rate = 0.003
    options: ClassVar[dict[str, Option]] = {
        "beta1": BETA1,
        "beta2": beta("beta2", 0.99, "β₂", "How long the remembered gradient lasts."),
        "weight_decay": DECAY,
    }
    rows = ("m",)
    symbols = (Symbol("m", "m", GRADIENTS),)

    m: Array
    beta1: Array
    beta2: Array
    one_minus_beta1: Array
    one_minus_beta2: Array
    weight_decay: Array

    def _read_options(self) -> None:
        super()._read_options()
        self._put("one_minus_beta1", 1 - wide(self.hyper["beta1"]))
        self._put("one_minus_beta2", 1 - wide(self.hyper["beta2"]))

    def _update(self, theta: Array, g: Array) -> None:
        m, work, other = self.m, self.work, self.other
        np.multiply(m, self.beta1, other)
        other += np.multiply(g, self.one_minus_beta1, work)
        np.sign(other, other)
        other += np.multiply(theta, self.weight_decay, work)
        other *= self.eta
        theta -= other
        m *= self.beta2
        g *= self.one_minus_beta2
        m += g

    def pace(self) -> Array:
        """A step has length η whatever the gradient is, so the pace is η/|m|; infinite where there is no gradient."""
        result: Array = self._rate / np.abs(self.state["m"])
        return result

    @classmethod
    def rule(cls, o: Options, r: Report) -> list[Line]:
        beta, g, m = exact(o["beta1"]), factor(r["gradient"]), factor(r["m_before"])
        mixed = o["beta1"] * r["m_before"] + (1 - o["beta1"]) * r["gradient"]
        sign = (mixed > 0) - (mixed < 0)
        decay = rf" + {factor(o['weight_decay'])}\cdot{factor(r['theta'])}" if o["weight_decay"] else ""
        return [
            (r"\mathrm{sign}", rf"\mathrm{{sign}}({beta}\cdot{m} + (1 - {beta})\cdot{g})", str(sign)),
            average("m", o["beta2"], r["m_before"], r["gradient"], r["m"]),
            theta_line(rf"THETA - {factor(r['learning_rate'])}\cdot\left({factor(sign)}{decay}\right)"),
        ]

    @classmethod
    def edge(cls, o: Options, eta: float) -> Threshold:
        return no_threshold(
            "Lion's steps have a fixed length whatever the gradient's, so there is no sharpness beyond which they grow."
        )
