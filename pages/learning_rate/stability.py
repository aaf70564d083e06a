"""The stability view: the sharpness of the loss while it trains, against the edge beyond which steps overshoot."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from engine import OPTIMIZERS, LaneConfig
from engine.limits import FIELDS, MAX_SAMPLES
from engine.options import Option
from engine.studies.sharpness import SharpnessGauge, threshold
from engine.training.thinned import Thinned
from pages.learning_rate import figures as rate_figures
from pages.learning_rate.common import METHODS, method_controls, show_run
from pages.learning_rate.lanes import RateRun
from pages.shared.cards.curves import CurvesCard
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.packing import plain
from pages.shared.form import Form
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Action, Part, State
from pages.shared.page import Page, View
from pages.shared.text import plain_text
from pages.shared.widgets.experiment import SWITCHES, base_controls, switches
from pages.shared.widgets.option import RATES, ladder

COMPARE = {"rates": "Rates", "forms": "Momentum"}
PARAMETERS = SWITCHES | {
    "compare": Option("compare", "rates", "Compare", "What the lanes differ in.", choices=tuple(COMPARE)),
    "eta": Option("eta", 0.1, "Learning rate η", "The middle one of three rates, each twice the last.", 1e-6, 100.0, log=True),
}  # fmt: skip
MOST_POINTS = 1500  # of the sharpness curves
FORMS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("sgd", {}, "SGD"), ("momentum", {"form": "heavy_ball"}, "heavy ball"), ("nesterov", {}, "Nesterov"),
    ("momentum", {"form": "ema"}, "average (ema)"),
)  # fmt: skip


class GaugeRun(RateRun):
    """Full-batch lanes whose sharpness is measured at every frame."""

    def begin(self) -> None:
        super().begin()
        self.gauge = SharpnessGauge(self.experiment)
        # the update, and of every lane the sharpness and then the edge
        self.measured = Thinned(MOST_POINTS, 1 + 2 * len(self.experiment.lanes))
        self.shown = 0  # how many of them the moment that is shown has
        self.generation = self.view.generation
        self.measure()

    def measure(self) -> None:
        """Take the sharpness and the threshold of every lane as they are now."""
        step = self.experiment.updates
        if self.shown and self.steps[-1] == step:
            return
        running = [status.state == "running" for status in self.experiment.status]
        read = [self.gauge.read(k) if on else None for k, on in enumerate(running)]
        sharpness = [r[0] if r else np.nan for r in read]
        if self.shown < len(self.measured):  # training goes on from an earlier moment
            self.measured = self.measured.first(self.shown)
        self.measured.add([step, *sharpness, *(r[1].value or np.nan if r else np.nan for r in read)])
        self.shown = len(self.measured)

    @property
    def steps(self) -> list[int]:
        return [int(step) for step in self.measured.rows[: self.shown, 0]]

    @property
    def sharpness(self) -> np.ndarray:
        """λ of every lane at each of the steps (K, L); NaN where it has stopped."""
        return self.measured.rows[: self.shown, 1 : 1 + len(self.looks)]

    @property
    def edges(self) -> np.ndarray:
        """The λ (K, L) beyond which each lane is unstable; NaN where it has no such edge, or has stopped."""
        return self.measured.rows[: self.shown, 1 + len(self.looks) :]

    def show_kept(self, own: Any) -> None:
        """What was measured until the moment that is shown."""
        self.gauge.experiment = self.experiment
        self.shown = bisect_right(self.measured.rows[:, 0], self.experiment.updates)

    def make_cards(self) -> None:
        self.cards = [SharpnessCard(self), CurvesCard(self), *self.boundaries()]
        count = len(self.looks)
        lines = [("sharpness" if row < count else "loss", f"lane{row // 2}") for row in range(2 * count)]
        self.layout = " ".join(f'"{chart} {chart} {chart} {chart} {lane}"' for chart, lane in lines)
        self.rows = f"repeat({2 * count}, minmax(0, 1fr))"

    def advance(self, action: Action, updates: int) -> None:
        super().advance(action, updates)
        self.measure()

    def state(self) -> State:
        state = super().state()
        # room for what matters here
        state["readout"] = [item for item in state["readout"] if item[0] != "Running"]
        for look, sharp, edge in zip(self.looks, self.sharpness[-1], self.edges[-1], strict=True):
            if np.isfinite(sharp) and np.isfinite(edge):
                state["readout"].append([f"{look.glyph} sharpness", f"{100 * sharp / edge:.0f} % of edge"])
        return state


class SharpnessCard(PlotCard):
    """Sharpness (solid) and the edge (dashed) of every lane, against updates."""

    name, title = "sharpness", "Sharpness"
    alt = "The largest curvature of each lane's loss, and the edge of stability, against updates"

    def __init__(self, run: GaugeRun) -> None:
        self.run = run
        self.sent = -1

    def lines(self, since: int = -1) -> list[list[float | None]]:
        """Sharpness and edge of each lane in turn, after the update `since`."""
        run = self.run
        new = np.array(run.steps) > since
        both = np.stack([run.sharpness[new], run.edges[new]], axis=2)
        return [plain(both[:, lane, which]) for lane in range(both.shape[1]) for which in (0, 1)]

    def figure(self) -> Drawing:
        run = self.run
        return rate_figures.sharpness_figure(run.steps, self.lines(), run.looks, run.view.dark)

    def revision(self) -> str:
        run = self.run
        return f"{run.view.generation}-{run.view.dark}-{run.look_revision}"

    def caption(self) -> str:
        """Of which matrix λ is the largest eigenvalue: a method that divides its steps by D sees D⁻¹H."""
        divided = {threshold(lane).preconditioned for lane in self.run.config.lanes}
        matrix = {frozenset({True}): "D⁻¹H", frozenset({False}): "H"}.get(frozenset(divided), "H or D⁻¹H")
        return f"solid: sharpness, the largest eigenvalue λ of {matrix} · dashed: the edge of stability"

    def about(self) -> dict[str, Any]:
        lanes = [look.key for look in self.run.looks for _ in range(2)]
        return dict(log_axes=["yaxis"], streams=list(range(len(lanes))), grow=True, lanes=lanes)

    def show_kept(self, kept: Any) -> None:
        self.sent = -1

    def frame(self) -> Part:
        lines = self.lines(self.sent)
        steps = [step for step in self.run.steps if step > self.sent]
        self.sent = self.run.steps[-1]
        return dict(extend=[[k, steps, values] for k, values in enumerate(lines)])


def lanes_for(compare: str, method: LaneConfig, eta: float) -> tuple[LaneConfig, ...]:
    """Three rates of one method, or one rate under several forms of momentum."""
    rate = FIELDS["learning_rate"]
    if compare == "forms":
        return tuple(LaneConfig(key, rate.clamp(eta), options, name=name) for key, options, name in FORMS)
    etas = [rate.clamp(float(f"{eta * factor:.4g}")) for factor in (0.5, 1, 2)]
    return tuple(replace(method, learning_rate=value, name=f"η {value:g}") for value in etas)


def usual_rate(method: str) -> float:
    """A middle rate at which the edge is reached soon."""
    return float(f"{OPTIMIZERS[method].start_rate / 3:.1g}")


def rate_control(form: Form, method: str) -> float:
    """The rate; one that nobody has touched follows the method."""
    before = form.get("gauge_method")
    if before not in (None, method) and form.ahead("eta") == usual_rate(before):
        form.put("eta", usual_rate(method))
    form.values["gauge_method"] = method
    return float(ladder(form, "eta", PARAMETERS["eta"], RATES))


# its edge shows best with a squared loss, so it has data of its own
VIEW = View("Stability", PARAMETERS, {"data": "spiral", "loss": "mean_squared_error"})


def show(here: Page) -> None:
    form = here.form
    with st.sidebar:
        with st.expander("Rates and method", expanded=True, icon=":material/speed:"):
            held = st.segmented_control(
                "Compare", list(COMPARE), key=form.open("compare", "rates"), default=form["compare"], format_func=lambda key: COMPARE.get(key, key),
                required=True, help="What the lanes differ in.", disabled=form.locks("compare"),
            )  # fmt: skip
            compare = form.take("compare", held, PARAMETERS["compare"].clamp(held))
            rate_box = st.container()
            method = LaneConfig("sgd", 0.1) if compare == "forms" else method_controls(here)
            with rate_box:
                eta = rate_control(form, method.optimizer)
            lanes = lanes_for(compare, method, eta)
            edge_formulas(lanes)
        base = base_controls(here.base)
        switches(form)
    config = replace(base, batch_size=MAX_SAMPLES, lanes=lanes)
    here.write(replace(base, lanes=(method,)))
    st.caption(
        "Press Play. Watch each solid line (sharpness) climb to its dashed line (the edge of stability). Beyond it steps overshoot: the loss spikes and the sharpness drops."
    )
    # another rate is taken over while it trains: its edge moves, and the class sees what follows
    show_run(here, config, GaugeRun, lambda run: run.matches(config))


def edge_formulas(lanes: tuple[LaneConfig, ...]) -> None:
    """Where the edge is, for every method among the lanes."""
    st.markdown("**The edge of stability**")
    for lane in {lane.optimizer + str(lane.options): lane for lane in lanes}.values():
        edge = threshold(lane)
        name = lane.name if len({lane.optimizer for lane in lanes}) > 1 else METHODS[lane.optimizer].label
        if edge.value is None:
            st.caption(edge.reason)
            continue
        st.markdown(plain_text(name))
        st.latex(rf"\lambda < {edge.formula}")
        if edge.preconditioned:
            st.caption(
                "This method divides each step by D, so λ is the largest curvature seen after that: of $D^{-1}H$."
            )
    st.caption(
        "λ is the curvature in the direction in which the training loss bends most: the largest eigenvalue of its Hessian H, the matrix of second derivatives. Every update uses all training data."
    )
