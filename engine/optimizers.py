"""First-order optimizers, elementwise on θ (R, P): one row a lane, one update a call, in place.

Notation: g gradient, η learning rate (R, 1), m and v running averages, t the update's number from 1, all products
elementwise. Numeric options are columns (R, 1), so that lanes of one optimizer may differ in them; choices (`form`,
`eps_in_sqrt`) hold for the whole optimizer. The rule of each method is in its docstring, with its source.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from engine.options import Option

Columns = float | np.ndarray


def beta(name: str, default: float, label: str, help: str) -> Option:
    return Option(name, default, label, help, 0.0, 0.99999)


BETA1 = beta("beta1", 0.9, "β₁", "How long the average of gradients remembers: about 1/(1−β₁) updates.")
BETA2 = beta("beta2", 0.999, "β₂", "How long the average of squared gradients remembers.")
EPS = Option(
    "eps", 1e-8, "ε", "Keeps the division from blowing up where gradients vanish.", 1e-12, 1.0, log=True
)
DECAY = Option("weight_decay", 0.0, "Weight decay", "Shrinks weights a little at every update.", 0.0, 1.0)


class Optimizer:
    """What all share: per-lane rates and options as columns (R, 1), state as rows (R, P), an update count per lane.

    `learning_rate` may be written before any step (schedules do). `state` and `t` are all that a copy needs.
    Raises `ValueError` for an unknown option or a value outside its range.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    formula: ClassVar[str]
    help: ClassVar[str]
    source: ClassVar[str]
    options: ClassVar[dict[str, Option]] = {}
    rows: ClassVar[tuple[str, ...]] = ()  # names of the state rows
    start_rate: ClassVar[float] = 0.03  # a rate that does well on the playground's default

    def __init__(
        self, lanes: int, parameters: int, learning_rate: Columns = 0.01, dtype: Any = np.float64, **options: Any
    ) -> None:  # fmt: skip
        unknown = set(options) - set(self.options)
        if unknown:
            raise ValueError(f"{self.label} has no option {', '.join(sorted(unknown))}; it has {', '.join(self.options) or 'none'}.")  # fmt: skip
        self.dtype = np.dtype(dtype)
        self.learning_rate = self._column(learning_rate, lanes)
        self.hyper: dict[str, np.ndarray] = {}
        self.choice: dict[str, Any] = {}
        for name, option in self.options.items():
            value = options.get(name, option.default)
            if option.choices or option.is_switch:
                self.choice[name] = option.check(value)
            else:
                for number in np.ravel(value):
                    option.check(float(number))
                self.hyper[name] = self._column(value, lanes)
        self.state = {name: np.zeros((lanes, parameters), self.dtype) for name in self.rows}
        self.t = np.zeros((lanes, 1), dtype=np.int64)
        self._work = [np.empty((lanes, parameters), self.dtype) for _ in range(2)]

    def _column(self, value: Columns, lanes: int) -> np.ndarray:
        return np.array(np.broadcast_to(np.reshape(np.asarray(value, self.dtype), (-1, 1)), (lanes, 1)))

    def step(self, theta: np.ndarray, gradient: np.ndarray) -> None:
        """One update of every lane, in place. `gradient` may be overwritten."""
        self.t += 1
        with np.errstate(all="ignore"):
            self._update(theta, gradient)

    def _update(self, theta: np.ndarray, g: np.ndarray) -> None:
        raise NotImplementedError

    def _correction(self, name: str) -> np.ndarray:
        """1 − βᵗ per lane (R, 1): what an average that starts at zero lacks after t updates."""
        return (1 - self.hyper[name].astype(np.float64) ** self.t).astype(self.dtype)


def average(m: np.ndarray, value: np.ndarray, beta: np.ndarray, work: np.ndarray) -> None:
    """m ← βm + (1−β)·value, in place."""
    m *= beta
    np.multiply(value, 1 - beta, out=work)
    m += work


class SGD(Optimizer):
    """θ ← θ − ηg. The batch size makes it stochastic, mini-batch or full-batch descent. Robbins and Monro (1951)."""

    key, label = "sgd", "SGD"
    formula = r"\theta \leftarrow \theta - \eta g"
    help = "Straight down the gradient."
    source = "Robbins and Monro (1951)"
    start_rate = 0.3

    def _update(self, theta, g):
        g *= self.learning_rate
        theta -= g


class Momentum(Optimizer):
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

    def _update(self, theta, g):
        v, work, form = self.state["v"], self._work[0], self.choice["form"]
        if form == "ema":
            average(v, g, self.hyper["beta"], work)
        else:
            v *= self.hyper["beta"]
            if form == "velocity":
                v -= np.multiply(g, self.learning_rate, out=work)
                theta += v
                return
            v += g
        theta -= np.multiply(v, self.learning_rate, out=work)


class Nesterov(Optimizer):
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

    def _update(self, theta, g):
        v, work = self.state["v"], self._work[0]
        v *= self.hyper["beta"]
        v += g
        np.multiply(v, self.hyper["beta"], out=work)
        work += g
        work *= self.learning_rate
        theta -= work


class Adagrad(Optimizer):
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

    def _update(self, theta, g):
        s, work = self.state["s"], self._work[0]
        s += np.multiply(g, g, out=work)
        np.sqrt(s, out=work)
        work += self.hyper["eps"]
        np.divide(g, work, out=work)
        work *= self.learning_rate
        theta -= work


class Adadelta(Optimizer):
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

    def _update(self, theta, g):
        v, u, (work, other) = self.state["v"], self.state["u"], self._work
        rate, eps = self.hyper["beta"], self.hyper["eps"]
        average(v, np.multiply(g, g, out=work), rate, work)
        np.sqrt(np.add(v, eps, out=work), out=work)
        np.sqrt(np.add(u, eps, out=other), out=other)
        other /= work
        other *= g
        theta -= np.multiply(other, self.learning_rate, out=work)
        average(u, np.multiply(other, other, out=other), rate, work)


class RMSprop(Optimizer):
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

    def _update(self, theta, g):
        v, work = self.state["v"], self._work[0]
        average(v, np.multiply(g, g, out=work), self.hyper["beta"], work)
        if self.choice["eps_in_sqrt"]:
            np.sqrt(np.add(v, self.hyper["eps"], out=work), out=work)
        else:
            np.sqrt(v, out=work)
            work += self.hyper["eps"]
        np.divide(g, work, out=work)
        work *= self.learning_rate
        theta -= work


class Adam(Optimizer):
    """m ← β₁m+(1−β₁)g, v ← β₂v+(1−β₂)g², θ ← θ − η·m̂/(√v̂+ε), m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ). Kingma and Ba (2015)."""

    key, label = "adam", "Adam"
    formula = r"\theta \leftarrow \theta - \eta\,\hat m/(\sqrt{\hat v}+\varepsilon)"
    help = "Momentum and RMSprop together, corrected for their start at zero."
    source = "Kingma and Ba (2015)"
    start_rate = 0.01
    options: ClassVar[dict[str, Option]] = {"beta1": BETA1, "beta2": BETA2, "eps": EPS}
    rows: ClassVar[tuple[str, ...]] = ("m", "v")

    def _update(self, theta, g):
        m, v, (work, other) = self.state["m"], self.state["v"], self._work
        self._decay(theta)
        average(m, g, self.hyper["beta1"], work)
        average(v, np.multiply(g, g, out=other), self.hyper["beta2"], work)
        np.sqrt(self._second_moment(v), out=work)
        work /= np.sqrt(self._correction("beta2"))
        work += self.hyper["eps"]
        np.divide(m, work, out=work)
        work *= self.learning_rate / self._correction("beta1")
        theta -= work

    def _decay(self, theta):
        pass

    def _second_moment(self, v):
        return v


class AdamW(Adam):
    """Adam with decoupled decay: θ ← θ(1 − ηλ) before the step. Loshchilov and Hutter (2019)."""

    key, label = "adamw", "AdamW"
    formula = r"\theta \leftarrow \theta - \eta\lambda\theta - \eta\,\hat m/(\sqrt{\hat v}+\varepsilon)"
    help = "Adam with weight decay that does not go through the averages."
    source = "Loshchilov and Hutter (2019)"
    options: ClassVar[dict[str, Option]] = Adam.options | {
        "weight_decay": Option("weight_decay", 0.01, DECAY.label, DECAY.help, 0.0, 1.0)
    }

    def _decay(self, theta):
        theta *= 1 - self.learning_rate * self.hyper["weight_decay"]


class AMSGrad(Adam):
    """Adam whose v̂ never falls: the largest v so far takes v's place. Reddi, Kale and Kumar (2018)."""

    key, label = "amsgrad", "AMSGrad"
    formula = r"v_{\max} \leftarrow \max(v_{\max}, v),\quad \theta \leftarrow \theta - \eta\,\hat m/(\sqrt{\hat v_{\max}}+\varepsilon)"
    help = "Adam that never forgets a large gradient."
    source = "Reddi et al. (2018)"
    rows: ClassVar[tuple[str, ...]] = ("m", "v", "largest")

    def _second_moment(self, v):
        return np.maximum(self.state["largest"], v, out=self.state["largest"])


class Lion(Optimizer):
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

    def _update(self, theta, g):
        m, (work, other) = self.state["m"], self._work
        np.copyto(other, m)
        average(other, g, self.hyper["beta1"], work)
        np.sign(other, out=other)
        other += np.multiply(theta, self.hyper["weight_decay"], out=work)
        other *= self.learning_rate
        theta -= other
        average(m, g, self.hyper["beta2"], work)


_ALL: tuple[type[Optimizer], ...] = (
    SGD, Momentum, Nesterov, Adagrad, Adadelta, RMSprop, Adam, AdamW, AMSGrad, Lion,
)  # fmt: skip
OPTIMIZERS: dict[str, type[Optimizer]] = {optimizer.key: optimizer for optimizer in _ALL}
