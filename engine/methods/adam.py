"""Adam and its kin: an average of gradients over the root of an average of their squares. Notation: momentum.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from engine.methods.base import (
    BETA1,
    BETA2,
    DECAY,
    EPS,
    GRADIENTS,
    SQUARES,
    Array,
    FirstOrder,
    Symbol,
    Twin,
    average_of_squares,
    power,
    root,
    wide,
)
from engine.methods.edge import Threshold, no_threshold
from engine.methods.rules import (
    Line,
    Options,
    Report,
    average,
    corrected,
    exact,
    factor,
    line,
    number,
    ratio,
)
from engine.options import Option

BETAS = ("beta1", "beta2")
M, V = Symbol("m", "m", GRADIENTS), Symbol("v", "v", SQUARES)
M_HAT, V_HAT = Symbol("m_hat", "m̂", GRADIENTS, corrects="m"), Symbol("v_hat", "v̂", SQUARES, corrects="v")


class Adam(FirstOrder):
    """m ← β₁m+(1−β₁)g, v ← β₂v+(1−β₂)g², θ ← θ − η·m̂/(√v̂+ε), m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ). Kingma and Ba (2015).

    Computed as their section 2 advises: with c₁ = 1−β₁ᵗ and c₂ = 1−β₂ᵗ, θ ← θ − (η√c₂/c₁)·m/(√v+ε√c₂).
    """

    key, label = "adam", "Adam"
    formula = r"\theta \leftarrow \theta - \eta\,\hat m/(\sqrt{\hat v}+\varepsilon)"
    help = "Momentum and RMSprop together, corrected for their start at zero."
    source = "Kingma and Ba (2015)"
    start_rate = 0.01
    options: ClassVar[dict[str, Option]] = {"beta1": BETA1, "beta2": BETA2, "eps": EPS}
    rows: ClassVar[tuple[str, ...]] = ("m", "v")
    symbols: ClassVar[tuple[Symbol, ...]] = (M, V, M_HAT, V_HAT)
    torch = Twin("Adam", {"betas": BETAS, "eps": "eps"})
    second: ClassVar[str] = "v"  # the row that the step is divided by the root of

    m: Array
    v: Array
    beta1: Array
    beta2: Array
    one_minus_beta1: Array
    one_minus_beta2: Array
    scale: Array
    eps_hat: Array

    def _read_options(self) -> None:
        super()._read_options()
        self._put("one_minus_beta1", 1 - wide(self.hyper["beta1"]))
        self._put("one_minus_beta2", 1 - wide(self.hyper["beta2"]))

    def _prepare(self) -> None:
        c1 = 1 - power(self.hyper["beta1"], self.t)
        root_c2 = root(1 - power(self.hyper["beta2"], self.t))
        self._put("scale", wide(self._rate) * (root_c2 / c1))
        self._put("eps_hat", wide(self.hyper["eps"]) * root_c2)

    def _update(self, theta: Array, g: Array) -> None:
        m, v, work = self.m, self.v, self.work
        m *= self.beta1
        m += np.multiply(g, self.one_minus_beta1, work)
        average_of_squares(v, g, self.beta2, self.one_minus_beta2, work)
        np.sqrt(self._second_moment(), work)
        work += self.eps_hat
        np.divide(m, work, work)
        work *= self.scale
        theta -= work

    def _second_moment(self) -> Array:
        return self.v

    def pace(self) -> Array:
        return adam_pace(self, self.second)

    def derived(self, lane: int = 0) -> dict[str, Array]:
        t = int(self.t[lane, 0])
        c1, c2 = (1 - float(self.hyper[name][lane, 0]) ** t for name in BETAS)
        return {"m_hat": self.state["m"][lane] / c1, "v_hat": self.state[self.second][lane] / c2}

    @classmethod
    def rule(cls, o: Options, r: Report) -> list[Line]:
        return [
            *moments(o, r),
            corrected("m", o["beta1"], r["m"], r["t"], r["m_hat"]),
            corrected("v", o["beta2"], r["v"], r["t"], r["v_hat"]),
            ratio(r, r["m_hat"], below(o, r)),
        ]

    @classmethod
    def edge(cls, o: Options, eta: float) -> Threshold:
        beta = float(o["beta1"])
        value = 2 * (1 + beta) / (eta * (1 - beta))
        return Threshold(value, r"\frac{2(1+\beta_1)}{\eta(1-\beta_1)}", preconditioned=True)

    @classmethod
    def divisor(cls, o: Options, state: Mapping[str, Array], t: int) -> Array:
        c1, c2 = (1 - o[name] ** t for name in BETAS)  # c₁ as in Cohen et al. (2022)
        D: Array = c1 * (np.sqrt(state[cls.second] / c2) + o["eps"])
        return D


class AdamW(Adam):
    """Adam with decoupled decay: θ ← θ(1 − ηλ) before the step. Loshchilov and Hutter (2019)."""

    key, label = "adamw", "AdamW"
    formula = r"\theta \leftarrow \theta - \eta\lambda\theta - \eta\,\hat m/(\sqrt{\hat v}+\varepsilon)"
    help = "Adam with weight decay that does not go through the averages."
    source = "Loshchilov and Hutter (2019)"
    options: ClassVar[dict[str, Option]] = Adam.options | {
        "weight_decay": Option("weight_decay", 0.01, DECAY.label, DECAY.help, 0.0, 1.0)
    }
    torch = Twin("AdamW", {"betas": BETAS, "eps": "eps", "weight_decay": "weight_decay"})

    keep: Array

    def _prepare(self) -> None:
        super()._prepare()
        self._put("keep", 1 - wide(self._rate) * wide(self.hyper["weight_decay"]))

    def _update(self, theta: Array, g: Array) -> None:
        theta *= self.keep
        super()._update(theta, g)

    @classmethod
    def rule(cls, o: Options, r: Report) -> list[Line]:
        *state, (symbol, text, _) = super().rule(o, r)
        decay = (
            rf"THETA - {factor(r['learning_rate'])}\cdot{factor(o['weight_decay'])}\cdot{factor(r['theta'])}"
        )
        return [*state, (symbol, text.replace("THETA", decay), "")]

    @classmethod
    def edge(cls, o: Options, eta: float) -> Threshold:
        decay = float(o["weight_decay"])
        if not decay:
            return super().edge(o, eta)
        beta = float(o["beta1"])
        value = (2 - eta * decay) * (1 + beta) / (eta * (1 - beta))
        return Threshold(value, r"\frac{(2-\eta w)(1+\beta_1)}{\eta(1-\beta_1)}", preconditioned=True)


class AMSGrad(Adam):
    """Adam whose v̂ never falls: the largest v so far takes v's place. Reddi, Kale and Kumar (2018)."""

    key, label = "amsgrad", "AMSGrad"
    formula = r"v_{\max} \leftarrow \max(v_{\max}, v),\quad \theta \leftarrow \theta - \eta\,\hat m/(\sqrt{\hat v_{\max}}+\varepsilon)"
    help = "Adam that never forgets a large gradient."
    source = "Reddi et al. (2018)"
    rows = ("m", "v", "largest")
    symbols = (M, V, Symbol("largest", "vmax"), M_HAT, V_HAT._replace(corrects="largest"))
    torch = Twin("Adam", {"betas": BETAS, "eps": "eps", "amsgrad": True})
    second = "largest"

    largest: Array

    def _second_moment(self) -> Array:
        return np.maximum(self.largest, self.v, out=self.largest)

    @classmethod
    def rule(cls, o: Options, r: Report) -> list[Line]:
        largest = rf"\max({number(r['largest_before'])},\, {number(r['v'])})"
        return [
            *moments(o, r),
            line(r"v_{\max}", largest, r["largest"]),
            corrected("m", o["beta1"], r["m"], r["t"], r["m_hat"]),
            corrected(r"v_{\max}", o["beta2"], r["largest"], r["t"], r["v_hat"]),
            ratio(r, r["m_hat"], below(o, r)),
        ]


class Nadam(FirstOrder):
    """Adam with Nesterov's look ahead, as PyTorch computes it. Dozat (2016).

    μₜ = β₁(1 − ½·0.96^{tψ}), Πₜ = μ₁⋯μₜ; m and v as in Adam;
    θ ← θ − η·[(1−μₜ)/(1−Πₜ)·g + μₜ₊₁/(1−Πₜ₊₁)·m] / (√v̂+ε). ψ is the option `momentum_decay`.
    """

    key, label = "nadam", "Nadam"
    formula = r"\theta \leftarrow \theta - \eta\,\frac{\frac{1-\mu_t}{1-\Pi_t} g + \frac{\mu_{t+1}}{1-\Pi_{t+1}} m}{\sqrt{\hat v}+\varepsilon}"
    help = "Adam that looks one step ahead, as Nesterov's momentum does."
    source = "Dozat (2016)"
    start_rate = 0.01
    options: ClassVar[dict[str, Option]] = {
        "beta1": BETA1,
        "beta2": BETA2,
        "eps": EPS,
        "momentum_decay": Option("momentum_decay", 0.004, "ψ", "How fast the momentum reaches β₁.", 0.0, 1.0),
    }
    rows = ("m", "v")
    columns = ("mu_product",)
    symbols = (M, V, V_HAT)
    torch = Twin("NAdam", {"betas": BETAS, "eps": "eps", "momentum_decay": "momentum_decay"})

    m: Array
    v: Array
    beta1: Array
    beta2: Array
    one_minus_beta1: Array
    one_minus_beta2: Array
    scale_g: Array
    scale_m: Array
    eps_hat: Array

    def _read_options(self) -> None:
        super()._read_options()
        self._put("one_minus_beta1", 1 - wide(self.hyper["beta1"]))
        self._put("one_minus_beta2", 1 - wide(self.hyper["beta2"]))

    def _prepare(self) -> None:
        t, beta1, decay = self.t, wide(self.hyper["beta1"]), self.hyper["momentum_decay"]
        base = np.full(t.shape, 0.96)
        now, ahead = (beta1 * (1 - 0.5 * power(base, k * decay)) for k in (t, t + 1))
        mu_product = self.state["mu_product"]
        mu_product *= now
        root_c2 = root(1 - power(self.hyper["beta2"], t))
        rate, product = wide(self._rate) * root_c2, wide(mu_product)
        self._put("scale_g", rate * (1 - now) / (1 - product))
        self._put("scale_m", rate * ahead / (1 - product * ahead))
        self._put("eps_hat", wide(self.hyper["eps"]) * root_c2)

    def _update(self, theta: Array, g: Array) -> None:
        m, v, work, other = self.m, self.v, self.work, self.other
        m *= self.beta1
        m += np.multiply(g, self.one_minus_beta1, work)
        np.multiply(g, self.scale_g, other)
        other += np.multiply(m, self.scale_m, work)
        average_of_squares(v, g, self.beta2, self.one_minus_beta2, work)
        np.sqrt(v, work)
        work += self.eps_hat
        other /= work
        theta -= other

    def pace(self) -> Array:
        return adam_pace(self, "v")

    def derived(self, lane: int = 0) -> dict[str, Array]:
        c2 = 1 - float(self.hyper["beta2"][lane, 0]) ** int(self.t[lane, 0])
        return {"v_hat": self.state["v"][lane] / c2}

    @classmethod
    def rule(cls, o: Options, r: Report) -> list[Line]:
        t, beta = r["t"], o["beta1"]
        now, ahead = (beta * (1 - 0.5 * 0.96 ** (k * o["momentum_decay"])) for k in (t, t + 1))
        product = r["mu_product"] * now
        above = (
            rf"\frac{{1 - {exact(now)}}}{{1 - {exact(product)}}}\cdot{factor(r['gradient'])} + "
            rf"\frac{{{number(ahead)}}}{{1 - {exact(product * ahead)}}}\cdot{factor(r['m'])}"
        )
        v_hat = corrected("v", o["beta2"], r["v"], t, r["v_hat"])
        return [*moments(o, r), v_hat, ratio(r, above, below(o, r))]

    @classmethod
    def edge(cls, o: Options, eta: float) -> Threshold:
        return no_threshold("Nadam's momentum changes from update to update, so it has no fixed threshold.")


def adam_pace(method: FirstOrder, second: str) -> Array:
    """η/(√v̂+ε) (R, P): a lasting gradient is its own average, corrected for the start at zero."""
    root_c2 = root(1 - power(method.hyper["beta2"], method.t))
    below = np.sqrt(method.state[second]) + method.typed(wide(method.hyper["eps"]) * root_c2)
    result: Array = method.typed(wide(method.learning_rate) * root_c2) / below
    return result


def moments(o: Options, r: Report) -> list[Line]:
    """The averages of the gradient and of its square, which Adam and its kin share."""
    return [
        average("m", o["beta1"], r["m_before"], r["gradient"], r["m"]),
        average("v", o["beta2"], r["v_before"], r["gradient"], r["v"], squared=True),
    ]


def below(o: Options, r: Report) -> str:
    """What their step is divided by: √v̂ + ε."""
    return rf"\sqrt{{{number(r['v_hat'])}}} + {number(o['eps'])}"
