"""What a newcomer writes, as the README's "How to extend" says: a list of changes for each thing to add.

Each change names a file; `before` is the line that the text goes in front of, or None for a new file.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    file: str
    before: str | None
    text: str


ADAMAX = '''from collections.abc import Mapping

import numpy as np

from engine.methods.adam import BETAS, M, Adam
from engine.methods.base import SQUARES, Array, Symbol, Twin, power, wide
from engine.methods.rules import Line, Options, Report, average, exact, factor, line, number, theta_line


class Adamax(Adam):
    """m ← β₁m+(1−β₁)g, u ← max(β₂u, |g|+ε), θ ← θ − η/(1−β₁ᵗ)·m/u. Kingma and Ba (2015), section 7."""

    key, label = "adamax", "Adamax"
    formula = r"\\theta \\leftarrow \\theta - \\frac{\\eta}{1-\\beta_1^t}\\,m/u,\\quad u \\leftarrow \\max(\\beta_2 u, |g|+\\varepsilon)"
    help = "Adam that divides by the largest gradient it remembers."
    rows, symbols = ("m", "u"), (M, Symbol("u", "u", SQUARES))
    torch = Twin("Adamax", {"betas": BETAS, "eps": "eps"})
    u: Array
    eps: Array

    def _prepare(self) -> None:
        self._put("scale", wide(self._rate) / (1 - power(self.hyper["beta1"], self.t)))

    def _update(self, theta: Array, g: Array) -> None:
        self.m += np.multiply(g - self.m, self.one_minus_beta1, self.work)
        self.u[:] = np.maximum(self.u * self.beta2, np.abs(g) + self.eps)
        theta -= self.scale * self.m / self.u

    def derived(self, lane: int = 0) -> dict[str, Array]:
        return {}

    @classmethod
    def divisor(cls, o: Options, state: Mapping[str, Array], t: int) -> Array:
        return (1 - o["beta1"] ** t) * state["u"]

    @classmethod
    def rule(cls, o: Options, r: Report) -> list[Line]:
        u = rf"\\max({exact(o['beta2'])}\\cdot{factor(r['u_before'])},\\, \\left|{number(r['gradient'])}\\right| + {factor(o['eps'])})"
        rate = rf"\\frac{{{factor(r['learning_rate'])}}}{{1 - {exact(o['beta1'])}^{{{int(r['t'])}}}}}"
        theta = theta_line(rf"THETA - {rate}\\cdot\\frac{{{number(r['m'])}}}{{{number(r['u'])}}}")
        return [average("m", o["beta1"], r["m_before"], r["gradient"], r["m"]), line("u", u, r["u"]), theta]
'''
UNITS = '''"""Units: what do the neurons of the last hidden layer put out?"""

import streamlit as st

from engine.options import Option
from pages.shared.figures.base import live_figure
from pages.shared.live.cards import PlotCard
from pages.shared.live.run import LanesRun
from pages.shared.page import Page
from pages.shared.widgets.experiment import experiment_controls
from pages.shared.widgets.option import number

OPTIONS = {"sample": Option("sample", 0, "Sample", "Whose outputs are shown.", 0, 200, integer=True)}


class OutputsCard(PlotCard):
    name, title, alt = "outputs", "Outputs for one sample", "A point for each neuron of the last hidden layer"

    def __init__(self, run):
        self.run, self.sample = run, 0

    def figure(self):
        data = self.run.data.X_train
        outputs = self.run.experiment.layer_outputs(0, data[[self.sample % len(data)]])
        figure = live_figure(self.run.view.dark)
        figure.add_scatter(y=outputs[-2][0], mode="markers")
        return figure

    def frame(self):
        return self.rest()


class UnitsRun(LanesRun):
    layout, rows = '"outputs"', "1fr"

    def make_cards(self):
        self.cards = [OutputsCard(self)]


here = Page("outputs", "Outputs · what do neurons put out?", "Press Play.", OPTIONS, lanes=1)
with st.sidebar:
    config = experiment_controls(here.form)
    number(here.form, "sample", OPTIONS["sample"])
if (run := here.run(UnitsRun, config)) is not None:
    run.cards[0].sample = here.form["sample"]
    here.write(config)
    here.show(run)
'''

MISH = """def _mish(z: Array, out: Array) -> Array:
    return np.multiply(z, np.tanh(np.logaddexp(z, 0)), out)


def _mish_slope(z: Array, a: Array, out: Array) -> Array:
    t, s = np.tanh(np.logaddexp(z, 0)), sigmoid(z, np.empty_like(z))
    return np.add(t, z * ((1 - t * t) * s), out)


def _mish_second(z: Array, a: Array) -> Array:
    t, s = np.tanh(np.logaddexp(z, 0)), sigmoid(z, np.empty_like(z))
    slope = (1 - t * t) * s
    return slope * 2 + z * (slope * (1 - s - 2 * t * s))


"""
NEWCOMERS: dict[str, list[Change]] = {
    "adamax": [
        Change("engine/methods/adamax.py", None, ADAMAX),
        Change(
            "engine/methods/registry.py",
            "from engine.methods.adaptive import",
            "from engine.methods.adamax import Adamax\n",
        ),
        Change("engine/methods/registry.py", "    Newton,", "    Adamax,\n"),
    ],
    "mish": [
        Change("engine/network/activations.py", "_ALL = (", MISH),
        Change(
            "engine/network/activations.py",
            ")\nACTIVATIONS",
            """    Activation(
        key="mish",
        label="Mish",
        formula=r"z\\tanh(\\ln(1+e^z))",
        help="A smooth ReLU that dips below zero (Misra 2019).",
        value=_mish,
        slope=_mish_slope,
        second=_mish_second,
        numpy="z * np.tanh(np.logaddexp(z, 0))",
        torch="torch.nn.functional.mish(z)",
    ),
""",
        ),
    ],
    "logarithmic": [
        Change(
            "engine/methods/schedules.py",
            ")\nSCHEDULES",
            """    Schedule(
        key="logarithmic",
        label="logarithmic",
        formula=r"\\eta_0/(1+\\ln t)",
        text="η₀ / (1 + ln t)",
        help="Falls more slowly than any power.",
        factor=lambda t: 1 / (1 + math.log(t)),
        sums=lambda: Convergence(True, False, "It falls more slowly than 1/√t, so both sums are infinite."),
    ),
""",
        )
    ],
    "cross": [
        Change(
            "engine/data/catalogue.py",
            "_IRIS = (",
            """def _cross(rng, n, noise):
    points = rng.uniform(-2, 2, (n, 2))
    y = (np.abs(points).min(axis=1) < 0.5).astype(int)
    return points + noise * rng.standard_normal((n, 2)), y


""",
        ),
        Change(
            "engine/data/catalogue.py",
            '    DatasetInfo("moons"',
            '    DatasetInfo("cross", "Cross", "binary", "Two bars that cross: four corners are left.", _cross),\n',
        ),
    ],
    "elastic": [
        Change(
            "engine/network/penalties.py",
            ")\nPENALTIES",
            """    Penalty(
        key="elastic",
        formula=r"\\tfrac{\\lambda_e}2\\sum\\left(|w|+\\tfrac12w^2\\right)",
        value=lambda w, s: 0.5 * s * (np.abs(w) + 0.5 * w * w),
        slope=lambda w: 0.5 * (np.sign(w) + w),
        second=lambda w: np.full_like(w, 0.5),
        strength=Option("elastic", 0.0, "Elastic net", "Half L1, half L2 (Zou and Hastie 2005).", 0.0, 10.0),
    ),
""",
        ),
        Change("engine/config/lane.py", "    seed: int | None = None", "    elastic: float = 0.0\n"),
    ],
    "outputs": [
        Change("pages/outputs/outputs.py", None, UNITS),
        Change(
            "pages/navigation.py",
            "]\n# on a phone",
            '    st.Page("outputs/outputs.py", title="Outputs", icon=":material/grain:"),\n',
        ),
    ],
}
