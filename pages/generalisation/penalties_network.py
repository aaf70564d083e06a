"""Penalties in a network: its weights over their prior, the diagram without dead links, and the inputs that are left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from engine import FEATURES, OPTIMIZERS, DatasetConfig, ExperimentConfig, LaneConfig, NetworkConfig
from engine.config.settings import STRENGTHS
from engine.limits import FIELDS
from engine.network.penalties import L1_STEP, PENALTIES
from engine.options import Option
from pages.generalisation.figures import histogram, histogram_bins, histogram_figure
from pages.shared.cards.loss import LossCard
from pages.shared.cards.network import NetworkCard
from pages.shared.figures import theme
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.legend import Key
from pages.shared.figures.packing import plain
from pages.shared.live.cards import PlotCard, measured_now
from pages.shared.live.protocol import Hint, Part, Shown, State
from pages.shared.live.run import LanesRun
from pages.shared.page import Page
from pages.shared.predict import Guess, predict_run
from pages.shared.still import answer, question
from pages.shared.widgets.option import choose, ladder, number

LABEL = "In a network"
METHODS = {key: OPTIMIZERS[key] for key in ("sgd", "momentum", "rmsprop", "adam")}
DATA = DatasetConfig("circles", features=tuple(FEATURES))
NETWORK = NetworkConfig((6,))
OPTIONS = {
    "l1": Option("l1", 0.01, "L1 strength λ₁", PENALTIES["l1"].strength.help, 0.0, 10.0),
    "l2": Option("l2", 0.0, "L2 strength λ₂", PENALTIES["l2"].strength.help, 0.0, 10.0),
    "l1step": Option("l1step", "proximal", L1_STEP.label, L1_STEP.help, choices=L1_STEP.choices),
    "opt": Option("opt", "sgd", "Optimizer", "Full batch, at its usual rate.", choices=tuple(METHODS)),
    "seed": FIELDS["seed"],
}
MOST_BINS = 41
ZEROS_AT = 1500  # the update that the guess is about


class PenaltiesRun(LanesRun):
    """One small network with seven inputs, of which two are enough."""

    layout = '"network network network weights weights" "network network network loss loss"'
    rows = "minmax(0, 1fr) minmax(0, 1fr)"
    reserve = 72
    speed = 5
    hints = (Hint(name="penalties", step=0, text="Press Play, then switch the L1 step while it runs."),)
    leaves: Sequence[str] = ("generalisation.view", "generalisation.penalties.tab")

    def make_cards(self) -> None:
        labels = [FEATURES[key].label for key in self.data.features]
        self.cards: Sequence[Shown] = (
            NetworkCard(self.view, labels), WeightsCard(self), LossCard(self.view),
        )  # fmt: skip

    def weights(self) -> np.ndarray:
        weights: np.ndarray = self.experiment.theta(0)[self.experiment.mlp(0).weight_mask]
        return weights

    def used_inputs(self) -> int:
        """Inputs with a weight that is not zero."""
        return int((self.experiment.weights(0)[0][0] != 0).any(axis=1).sum())

    def state(self) -> State:
        experiment, lane, weights = self.experiment, self.experiment.lanes[0], self.weights()
        readout = [["Updates", f"{lane.updates:,}"], *measured_now(experiment, 0, "loss")]
        readout += measured_now(experiment, 0, "accuracy")[-1:]
        readout.append(["Zero weights", f"{(weights == 0).sum()} of {weights.size}"])
        readout.append(["Inputs in use", f"{self.used_inputs()} of {len(DATA.features)}"])
        return dict(
            step=lane.updates, readout=readout, message=self.reason(0) or None, finished=experiment.finished
        )


class WeightsCard(PlotCard):
    """How many weights have which size, and how many their prior would have."""

    name, title = "weights", "Weights"
    alt = "How many weights have which value, with those that are exactly zero set apart, and the prior of the penalties"

    def __init__(self, run: PenaltiesRun) -> None:
        self.run = run

    def reach(self) -> float:
        """The end of the axis: a power of two, so that it seldom changes."""
        largest = float(np.abs(self.run.weights()).max(initial=0.5))
        return float(2 ** np.ceil(np.log2(largest))) if np.isfinite(largest) else 1.0

    def revision(self) -> str:
        return f"{self.run.view.generation}-{self.run.view.dark}-{self.reach():g}"

    def caption(self) -> str:
        lane = self.run.config.lanes[0]
        names = [name for name, strength in (("Laplace", lane.l1), ("Gauss", lane.l2)) if strength]
        return f"prior: {' × '.join(names)}" if names else "no penalty, no prior"

    def about(self) -> dict[str, Any]:
        blue, orange, _, violet = theme.LANE_COLORS[self.run.view.dark][:4]
        return dict(
            legend=[Key("■", blue, "weights"), Key("■", orange, "exactly 0"), Key("━", violet, "prior")]
        )

    def bars(self) -> list[tuple[list[Any], list[Any]]]:
        """x and y of the three traces."""
        lane, weights = self.run.config.lanes[0], self.run.weights()
        places, counts, expected = histogram(
            weights, histogram_bins(self.reach(), MOST_BINS), len(self.run.data.y_train), lane.l1, lane.l2
        )
        zeros = int((weights == 0).sum())
        lines = (places, counts), (np.zeros(1), np.array([float(zeros)])), (places, expected)
        return [(plain(x), plain(np.where(y > 0, y, np.nan))) for x, y in lines]

    def figure(self) -> Drawing:
        return histogram_figure(self.bars(), self.reach(), self.run.view.dark)

    def frame(self) -> Part:
        return dict(set=[[k, x, y] for k, (x, y) in enumerate(self.bars())], caption=self.caption())


def show(here: Page) -> None:
    config = controls(here)
    question(
        "Which weights does a penalty leave, and which rule makes them exactly zero?",
        "lines that vanish. L1 cuts, L2 shrinks.",
    )
    here.write()
    run = here.run(PenaltiesRun, config)
    if run is not None:
        predict_run(here, run, ZEROS_AT, lambda: zeros_guess(run))
    panel = st.container()
    answer(
        "Circles need x₁² and x₂² only; the other five inputs are of no use. With λ₁ = 0.01 and the proximal step, SGD leaves 6 of 48 "
        "weights after 1,500 updates, and both useful inputs. With the sub-gradient the same 42 weights end within "
        "2ηλ₁ of zero and swing about it: none is exactly zero, although the loss is the same. An L2 penalty of 0.01 makes no weight zero: "
        "its pull λ₂w fades as w does. Biases are never penalised: with λ₁ = 10 all weights are zero, and the bias of the output alone says "
        "how frequent each class is.",
        "Answer: what does each rule do?",
    )  # fmt: skip
    answer(
        "A penalty is the negative logarithm of a prior, up to the factor 1/N: L2 of a Gaussian with variance 1/(Nλ₂), L1 of a Laplace "
        "distribution with scale 1/(Nλ₁), where N counts the training samples. The training loss plus both penalties is then −1/N times the "
        "logarithm of the posterior. A point estimate under the Laplace prior can be exactly 0, because that prior has a corner there; "
        "a sample drawn from it never is. On the logarithmic axis the Laplace prior is a tent and the Gaussian one a parabola.",
        "Where do priors come in?",
    )
    if run is not None:
        with panel:
            here.panel(run)


def zeros_guess(run: PenaltiesRun) -> Guess:
    zeros, count, lane = int((run.weights() == 0).sum()), run.weights().size, run.config.lanes[0]
    return Guess(
        f"After {ZEROS_AT:,} updates with λ₁ = {lane.l1:g} and λ₂ = {lane.l2:g}: how many of the {count} weights are exactly zero?",
        float(zeros), f"{zeros} of {count}; {run.used_inputs()} of {len(DATA.features)} inputs are still in use.", covers=("network", "weights"),
    )  # fmt: skip


def controls(here: Page) -> ExperimentConfig:
    form = here.form
    with st.sidebar:
        l1, l2 = (ladder(form, name, OPTIONS[name], STRENGTHS) for name in ("l1", "l2"))
        st.latex(r"L(\theta)+\lambda_1\sum|w|+\frac{\lambda_2}2\sum w^2")
        step = number(form, "l1step", OPTIONS["l1step"])
        st.latex(
            r"w\leftarrow\operatorname{sign}(w')\max(|w'|-\eta\lambda_1,0)"
            if step == "proximal"
            else r"g\leftarrow g+\lambda_1\operatorname{sign}(w)"
        )
        method = choose(form, "opt", OPTIONS["opt"].label, METHODS, "sgd", help=OPTIONS["opt"].help)
        if step == "proximal" and l1 and method != "sgd":
            st.caption(
                f"With {METHODS[method].label} the threshold uses each weight's effective rate: an approximation."
            )
        seed = number(form, "seed", OPTIONS["seed"])
    lane = LaneConfig(method, METHODS[method].start_rate, l1=l1, l2=l2, l1_step=step)
    return ExperimentConfig(DATA, NETWORK, batch_size=DATA.samples, seed=seed, lanes=(lane,))
