"""The registry of all optimizers; and the first-order ones, elementwise on θ (R, P): one row a lane, one update a call, in place.

Notation: g gradient, η learning rate, m and v running averages, t the update's number from 1; all products are
elementwise. θ, g and the state are rows (R, P), η and the options columns (R, 1); choices (`form`, `eps_in_sqrt`)
hold for the whole optimizer. The rule of each method is in its docstring, with its source.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from engine.methods.base import FirstOrder, Optimizer, power, root, wide
from engine.methods.random_search import RandomSearch
from engine.methods.second_order import BFGS, LBFGS, Newton
from engine.options import Option

__all__ = ["OPTIMIZERS", "FirstOrder", "Optimizer"]


def beta(name: str, default: float, label: str, help: str) -> Option:
    return Option(name, default, label, help, 0.0, 0.99999)


BETA1 = beta("beta1", 0.9, "β₁", "How long the average of gradients remembers: about 1/(1−β₁) updates.")
BETA2 = beta("beta2", 0.999, "β₂", "How long the average of squared gradients remembers.")
EPS = Option(
    "eps", 1e-8, "ε", "Keeps the division from blowing up where gradients vanish.", 1e-12, 1.0, log=True
)
DECAY = Option("weight_decay", 0.0, "Weight decay", "Shrinks weights a little at every update.", 0.0, 1.0)


class SGD(FirstOrder):
    """θ ← θ − ηg. The batch size makes it stochastic, mini-batch or full-batch descent. Robbins and Monro (1951)."""

    key, label = "sgd", "SGD"
    formula = r"\theta \leftarrow \theta - \eta g"
    help = "Straight down the gradient."
    source = "Robbins and Monro (1951)"
    start_rate = 0.3

    def _update(self, s, theta, g):
        theta -= np.multiply(g, s.eta, s.work)


class Momentum(FirstOrder):
    """Heavy-ball momentum, in the three forms of the literature (Polyak 1964; Sutskever et al. 2013).

    `heavy_ball` v ← βv + g, θ ← θ − ηv (PyTorch) · `ema` m ← βm + (1−β)g, θ ← θ − ηm · `velocity` v ← βv − ηg,
    θ ← θ + v. With a constant rate the first and third are one; `ema` is the first at rate η(1−β).
    """

    key, label = "momentum", "Momentum"
    formula = r"v \leftarrow \beta v + g,\quad \theta \leftarrow \theta - \eta v"
    help = "A ball with inertia: it rolls through small bumps and along ravines."
    source = "Polyak (1964)"
    start_rate = 0.1
    options: ClassVar[dict[str, Option]] = {
        "beta": beta("beta", 0.9, "β", "How much of the last velocity is kept."),
        "form": Option("form", "heavy_ball", "Form", "heavy_ball: v←βv+g · ema: m←βm+(1−β)g · velocity: v←βv−ηg.",
                       choices=("heavy_ball", "ema", "velocity")),
    }  # fmt: skip
    rows: ClassVar[tuple[str, ...]] = ("v",)

    def _update(self, s, theta, g):
        v, form = s.v, self.choice["form"]
        v *= s.beta
        if form == "ema":
            g *= s.one_minus_beta
        elif form == "velocity":
            v -= np.multiply(g, s.eta, s.work)
            theta += v
            return
        v += g
        theta -= np.multiply(v, s.eta, s.work)


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
    rows: ClassVar[tuple[str, ...]] = ("v",)

    def _update(self, s, theta, g):
        v = s.v
        v *= s.beta
        v += g
        g += np.multiply(v, s.beta, s.work)
        g *= s.eta
        theta -= g


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
    rows: ClassVar[tuple[str, ...]] = ("s",)

    def _update(self, s, theta, g):
        total, work = s.s, s.work
        total += np.multiply(g, g, work)
        np.sqrt(total, work)
        work += s.eps
        g /= work
        g *= s.eta
        theta -= g


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
    rows: ClassVar[tuple[str, ...]] = ("v", "u")

    def _update(self, s, theta, g):
        v, u, work, other = s.v, s.u, s.work, s.other
        average_of_squares(v, g, s.beta, s.one_minus_beta, work)
        np.sqrt(np.add(v, s.eps, work), work)
        np.sqrt(np.add(u, s.eps, other), other)
        other /= work
        g *= other
        average_of_squares(u, g, s.beta, s.one_minus_beta, work)
        g *= s.eta
        theta -= g


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
    rows: ClassVar[tuple[str, ...]] = ("v",)

    def _update(self, s, theta, g):
        v, work = s.v, s.work
        average_of_squares(v, g, s.beta, s.one_minus_beta, work)
        if self.choice["eps_in_sqrt"]:
            np.sqrt(np.add(v, s.eps, work), work)
        else:
            np.sqrt(v, work)
            work += s.eps
        g /= work
        g *= s.eta
        theta -= g


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

    def _prepare(self):
        c1 = 1 - power(self.hyper["beta1"], self.t)
        root_c2 = root(1 - power(self.hyper["beta2"], self.t))
        self._put("scale", wide(self._rate) * (root_c2 / c1))
        self._put("eps_hat", wide(self.hyper["eps"]) * root_c2)

    def _update(self, s, theta, g):
        m, v, work = s.m, s.v, s.work
        m *= s.beta1
        m += np.multiply(g, s.one_minus_beta1, work)
        average_of_squares(v, g, s.beta2, s.one_minus_beta2, work)
        np.sqrt(self._second_moment(s), work)
        work += s.eps_hat
        np.divide(m, work, work)
        work *= s.scale
        theta -= work

    def _second_moment(self, s):
        return s.v

    def _corrected(self):
        c1, c2 = (1 - power(self.hyper[name], self.t) for name in ("beta1", "beta2"))
        return {"m_hat": self.state["m"][0] / c1, "v_hat": self._second_moment(self._parts[0]) / c2}


class AdamW(Adam):
    """Adam with decoupled decay: θ ← θ(1 − ηλ) before the step. Loshchilov and Hutter (2019)."""

    key, label = "adamw", "AdamW"
    formula = r"\theta \leftarrow \theta - \eta\lambda\theta - \eta\,\hat m/(\sqrt{\hat v}+\varepsilon)"
    help = "Adam with weight decay that does not go through the averages."
    source = "Loshchilov and Hutter (2019)"
    options: ClassVar[dict[str, Option]] = Adam.options | {
        "weight_decay": Option("weight_decay", 0.01, DECAY.label, DECAY.help, 0.0, 1.0)
    }

    def _prepare(self):
        super()._prepare()
        self._put("keep", 1 - wide(self._rate) * wide(self.hyper["weight_decay"]))

    def _update(self, s, theta, g):
        theta *= s.keep
        super()._update(s, theta, g)


class AMSGrad(Adam):
    """Adam whose v̂ never falls: the largest v so far takes v's place. Reddi, Kale and Kumar (2018)."""

    key, label = "amsgrad", "AMSGrad"
    formula = r"v_{\max} \leftarrow \max(v_{\max}, v),\quad \theta \leftarrow \theta - \eta\,\hat m/(\sqrt{\hat v_{\max}}+\varepsilon)"
    help = "Adam that never forgets a large gradient."
    source = "Reddi et al. (2018)"
    rows: ClassVar[tuple[str, ...]] = ("m", "v", "largest")

    def _second_moment(self, s):
        return np.maximum(s.largest, s.v, out=s.largest)


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
    rows: ClassVar[tuple[str, ...]] = ("m", "v")
    columns: ClassVar[tuple[str, ...]] = ("mu_product",)

    def _prepare(self):
        t, beta1, decay = self.t, wide(self.hyper["beta1"]), self.hyper["momentum_decay"]
        base = np.full(t.shape, 0.96)
        now, ahead = (beta1 * (1 - 0.5 * power(base, k * decay)) for k in (t, t + 1))
        product = self.state["mu_product"]
        product *= now
        root_c2 = root(1 - power(self.hyper["beta2"], t))
        rate, product = wide(self._rate) * root_c2, wide(product)
        self._put("scale_g", rate * (1 - now) / (1 - product))
        self._put("scale_m", rate * ahead / (1 - product * ahead))
        self._put("eps_hat", wide(self.hyper["eps"]) * root_c2)

    def _update(self, s, theta, g):
        m, v, work, other = s.m, s.v, s.work, s.other
        m *= s.beta1
        m += np.multiply(g, s.one_minus_beta1, work)
        np.multiply(g, s.scale_g, other)
        other += np.multiply(m, s.scale_m, work)
        average_of_squares(v, g, s.beta2, s.one_minus_beta2, work)
        np.sqrt(v, work)
        work += s.eps_hat
        other /= work
        theta -= other

    def _corrected(self):
        return {"v_hat": self.state["v"][0] / (1 - power(self.hyper["beta2"], self.t))}


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
    rows: ClassVar[tuple[str, ...]] = ("m",)

    def _update(self, s, theta, g):
        m, work, other = s.m, s.work, s.other
        np.multiply(m, s.beta1, other)
        other += np.multiply(g, s.one_minus_beta1, work)
        np.sign(other, other)
        other += np.multiply(theta, s.weight_decay, work)
        other *= s.eta
        theta -= other
        m *= s.beta2
        g *= s.one_minus_beta2
        m += g


def average_of_squares(v, g, beta, one_minus_beta, work):
    """v ← βv + (1−β)g², in place."""
    np.multiply(g, g, work)
    work *= one_minus_beta
    v *= beta
    v += work


_ALL: tuple[type[Optimizer], ...] = (
    RandomSearch, SGD, Momentum, Nesterov, Adagrad, Adadelta, RMSprop, Adam, AdamW, Nadam, AMSGrad, Lion, Newton, BFGS, LBFGS,
)  # fmt: skip
OPTIMIZERS: dict[str, type[Optimizer]] = {optimizer.key: optimizer for optimizer in _ALL}
