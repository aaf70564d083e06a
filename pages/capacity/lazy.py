"""Lazy: networks of growing width learn ten points, each beside its linear model; the wider, the less a weight moves."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.network.activations import ACTIVATIONS
from engine.options import Option
from engine.shown import short_number
from engine.studies.lazy import GRID, SIGMA_B, SIGMA_W, STARTS, TARGETS, WIDTHS, Lazy, X
from pages.capacity.common import words
from pages.capacity.lazy_figures import cloud_figure, functions_figure, laws_figure
from pages.capacity.own_run import OwnRun, run_of
from pages.shared.figures.base import figure_json
from pages.shared.figures.drawing import Drawing
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Part
from pages.shared.page import Page, View
from pages.shared.predict import Guess, predict_run
from pages.shared.widgets.option import choose, ladder, number

MOVED_AT = 1000  # the update that the guess is about
SMOOTH = ("tanh", "relu", "gelu", "sine", "sigmoid")
ALPHAS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 100.0)
OPTIONS = {
    "width": Option("width", 32, "Width shown", "Whose linear model and weights are drawn.", WIDTHS[0], WIDTHS[-1], integer=True, log=True),
    "alpha": Option("alpha", 1.0, "Output scale α", "The change of the output is multiplied by α and the rate divided by α².", 0.1, 100.0, log=True),
    "act": Option("act", "tanh", "Activation", "Of the hidden layer.", choices=SMOOTH),
    "shape": Option("shape", "sine", "Points from", "Which ten points are learned.", choices=tuple(TARGETS)),
    "seed": Option("seed", 0, "Seed", "Of the initial weights.", 0, 999, integer=True),
}  # fmt: skip
VIEW = View("Lazy", OPTIONS, lanes=0, guesses=True)


class LazyRun(OwnRun):
    layout = '"functions functions functions laws laws" "functions functions functions cloud cloud"'
    rows = "minmax(0, 1fr) minmax(0, 1fr)"
    study: Lazy

    def new_study(self) -> Lazy:
        self.measured_at, self.values = -1, np.full((3, len(WIDTHS)), np.nan)
        return Lazy(**self.asked)

    gives_away = ("functions", "laws")

    def asked_lanes(self) -> list[str]:
        return [f"width {lane.width:,}" for lane in self.study.lanes]

    def asked_loss(self, lane: int) -> float:
        return float(np.nan_to_num(self.study.lanes[lane].loss(), nan=np.inf))

    def why_diverged(self, lane: int) -> str:
        finite = np.isfinite(self.study.lanes[lane].theta).all()
        return "" if finite else "A start of it has diverged."

    def make_cards(self) -> list[PlotCard]:
        return [FunctionsCard(self), LawsCard(self), CloudCard(self)]

    @property
    def index(self) -> int:
        """Of the width that is shown."""
        return int(np.argmin(np.abs(np.array(WIDTHS) - self.shown.get("width", 32))))

    def measures(self, exact: bool) -> np.ndarray:
        """Movement, kernel change and distance (3, W). In motion they may be of up to a tenth of the updates ago."""
        now = self.study.updates
        if (exact and now != self.measured_at) or not self.measured_at <= now <= 1.1 * self.measured_at:
            self.measured_at = now
            lanes = self.study.lanes
            with np.errstate(all="ignore"):
                self.values = np.array([[lane.movement() for lane in lanes], [lane.kernel_change() for lane in lanes], [lane.distance() for lane in lanes]])  # fmt: skip
        return self.values

    def counters(self) -> list[list[str]]:
        return [[f"Loss, {lane.width:,}", short_number(lane.loss(), 2)] for lane in self.study.lanes]

    def message(self) -> str | None:
        lost = [f"{lane.width:,}" for lane in self.study.lanes if not np.isfinite(lane.theta).all()]
        return f"Width {', '.join(lost)}: a start has diverged." if lost else None


class FunctionsCard(PlotCard):
    name, title = "functions", "What each width has learned"
    alt = "Ten points, the function of each network, and the linear model of one of them"

    def __init__(self, run: LazyRun) -> None:
        self.run = run

    def revision(self) -> str:
        return self.run.revision()

    def caption(self) -> str:
        return "one start of each · dashed: the linear model"

    def lines(self) -> tuple[np.ndarray, np.ndarray]:
        lanes = self.run.study.lanes
        with np.errstate(all="ignore"):
            return (
                np.array([lane.outputs()[0] for lane in lanes]),
                np.array([lane.predicted()[0] for lane in lanes]),
            )

    def figure(self) -> Drawing:
        run = self.run
        nets, models = self.lines()
        return functions_figure(GRID[:, 0], X[:, 0], run.study.lanes[0].y, WIDTHS, nets, models, WIDTHS[run.index], run.dark)  # fmt: skip

    def frame(self) -> Part:
        return dict(figure=figure_json(self.figure()))


class LawsCard(PlotCard):
    name, title = "laws", "Against width"
    alt = "Movement of the weights, change of the kernel and distance to the linear model, against width"

    def __init__(self, run: LazyRun) -> None:
        self.run = run

    def revision(self) -> str:
        return self.run.revision()

    def caption(self) -> str:
        return f"median of {STARTS} starts · dotted: slope −½"

    def figure(self) -> Drawing:
        return laws_figure(WIDTHS, self.run.measures(exact=True), self.run.dark)

    def frame(self) -> Part:
        return dict(figure=figure_json(laws_figure(WIDTHS, self.run.measures(exact=False), self.run.dark)))


class CloudCard(PlotCard):
    name = "cloud"
    alt = "The two weights of each hidden neuron at the start and now"

    def __init__(self, run: LazyRun) -> None:
        self.run = run

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"The weights of width {WIDTHS[self.run.index]:,}"

    def revision(self) -> str:
        return self.run.revision()

    def caption(self) -> str:
        lane = self.run.study.lanes[self.run.index]
        return f"moved by {short_number(lane.movement(), 2)} of their length"

    def figure(self) -> Drawing:
        before, now = self.run.study.lanes[self.run.index].cloud()
        return cloud_figure(before, now, self.run.dark)

    def frame(self) -> Part:
        return dict(figure=figure_json(self.figure()), caption=self.caption())


def show(here: Page) -> None:
    form = here.form
    with st.sidebar:
        width = ladder(form, "width", OPTIONS["width"], WIDTHS, lambda value: f"{value:,.0f}")
        alpha = ladder(form, "alpha", OPTIONS["alpha"], ALPHAS)
        st.latex(r"\hat y=f_0+\alpha\,(f-f_0),\quad \eta/\alpha^2")
        act = choose(form, "act", "Activation", {key: ACTIVATIONS[key] for key in SMOOTH}, "tanh")
        shape = choose(form, "shape", "Points from", TARGETS, "sine", lambda key: TARGETS[key])
        seed = number(form, "seed", OPTIONS["seed"])
        st.latex(rf"w\sim N(0,\tfrac{{{SIGMA_W}^2}}{{n_{{in}}}}),\quad b\sim N(0,{SIGMA_B}^2)")
        st.latex(r"\theta\leftarrow\theta-\eta S\nabla L,\quad K=JSJ^\top")
        st.latex(r"f_t=f_0+K A_t K^{-1}(y-f_0)")
        st.latex(r"A_t=I-(I-\tfrac{\eta}{N}K)^t")
        st.caption(
            "S holds the variances above; J is the slope of the output in each weight; η = N/λmax of K."
        )
    words(here, QUESTION, LOOK_FOR, ASK, ANSWER)
    here.write()
    run = run_of(here, LazyRun, dict(activation=act, shape=shape, alpha=float(alpha), seed=seed), width=int(width))  # fmt: skip
    predict_run(here, run, MOVED_AT, lambda: moved_guess(run))
    here.panel(run)


def moved_guess(run: LazyRun) -> Guess:
    narrow, wide = run.study.lanes[0], run.study.lanes[-1]
    moved, far = 100 * wide.movement(), 100 * narrow.movement()
    return Guess(
        f"After {MOVED_AT:,} updates: how far have the weights of width {wide.width:,} moved, in percent of their length?",
        moved if np.isfinite(moved) else None,
        f"{short_number(moved, 2)} %, and those of width {narrow.width} {short_number(far, 2)} %. Their losses: {short_number(wide.loss(), 2)} and {short_number(narrow.loss(), 2)}.",
        covers=("laws", "cloud"),
    )  # fmt: skip


QUESTION = "How can a network learn when its weights hardly move?"
LOOK_FOR = (
    "the wider the network, the less each weight moves, and the error goes to zero all the same. Press Play."
)
ASK = "Why is a wide network as good as a linear model of its weights?"
ANSWER = (
    "With these rates every weight moves in proportion to its spread at the start, and many weights share the work: at width m each "
    "needs to move only about 1/√m as far. So the slopes ∂f/∂θ, and the kernel K made of them, hardly change, and training follows "
    "the linear model's formula, which needs no training at all. Narrow networks (8) leave it. The other knob is the output scale: with "
    "α = 100 even width 8 is lazy, with α = 0.1 even 2,048 is not. “Lazy” is no praise: a network whose features do not move "
    "learns no features; it is a kernel method with a kernel fixed by chance and architecture. Theorems promise zero training error "
    "for a width that is a polynomial of the number of points (the degree differs by paper), for distinct inputs and small rates."
)
