"""What went wrong, and why: which classes are mistaken for which, and the signs that a run shows, with what was measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from engine import ExperimentConfig, LaneConfig
from engine.studies.classes import class_figures, confusion_matrix, named_classes
from engine.studies.signs import STARTS, OtherStarts, Sign, signs
from pages.shared import session
from pages.shared.dialogs import clicked
from pages.shared.figures.signs import confusion_figure, sign_figure
from pages.shared.form import Form
from pages.shared.live.run import LanesRun
from pages.shared.live.turns import my_turn
from pages.shared.text import plain_text
from pages.shared.widgets.experiment import link_query

HELP = "Which classes the network mistakes for which, and why training went as it did: diverged, stuck, dead units, overfitting …"
TITLES = {
    "diverged": "It diverged",
    "plateau": "It is stuck on a plateau",
    "dead units": "Units are dead",
    "saturated": "Units are saturated",
    "overfitting": "It overfits",
    "edge": "The rate is at the edge of stability",
    "unlucky start": "The start was unlucky",
}
# where a sign is seen well: the page, what is added to the link of the lane, and what the button says
WAYS: dict[str, tuple[str, dict[str, str], str]] = {
    "diverged": ("learning_rate", {"view": "ladder"}, "Compare eleven rates"),
    "plateau": ("learning_rate", {"view": "ladder"}, "Which rate leaves it?"),
    "dead units": (
        "backpropagation",
        {"view": "boxes", "from": "own", "step": "14"},
        "Follow a gradient, box by box",
    ),
    "saturated": (
        "backpropagation",
        {"view": "boxes", "from": "own", "step": "14"},
        "Follow a gradient, box by box",
    ),
    "overfitting": ("arena", {}, "Race it against L2 penalties"),
    "edge": ("learning_rate", {"view": "stability"}, "Watch the sharpness"),
    "unlucky start": ("arena", {"panel": "seeds", "seeds": "10"}, "Race over ten seeds"),
}
# signs that Units shows too: the part of its view Activations, and what the button says
UNITS: dict[str, tuple[str, str]] = {
    "dead units": ("dead", "At which rates do units die?"),
    "saturated": ("network", "Where do the sums lie?"),
}
UNITS_DATA = ("moons", "circles", "xor", "gaussians", "spiral")  # that it offers
UNITS_LAYERS, UNITS_WIDTH = 3, 32  # at most
SLICE = 25  # updates of all other starts between two looks at the progress bar
PARTS = {"train": "Training data", "validation": "Validation data", "test": "Test data"}


@dataclass
class Asked:
    """`starts`: other starts are to be trained. What came of it the last time, and for which state of the run."""

    starts: bool = False
    now: Any = None
    said: str = ""
    sign: Sign | None = None


def asked() -> Asked:
    return session.of("session.diagnosis", Asked)


def button(top: Form, run: LanesRun, dark: bool) -> None:
    """Opens the diagnosis of `run`."""
    if clicked(top, run, "diagnosis", "Diagnosis", ":material/troubleshoot:", HELP):
        diagnosis(run, dark)


@st.dialog("What went wrong, and why?", width="large")
def diagnosis(run: LanesRun, dark: bool) -> None:
    """Of one lane, as it stands; every touch of a control looks again."""
    with my_turn():
        lane = 0
        with st.container(horizontal=True, vertical_alignment="bottom"):
            if len(run.looks) > 1:
                names = [f"{look.glyph} {plain_text(look.name)}" for look in run.looks]
                lane = st.selectbox(
                    "Lane", range(len(names)), format_func=lambda k: names[k], key="diagnosis.lane"
                )
            parts = [part for part in PARTS if len(getattr(run.data, f"y_{part}"))]
            part = st.segmented_control(
                "Classes of",
                parts,
                default=parts[-1],
                format_func=PARTS.__getitem__,
                required=True,
                key="diagnosis.part",
            )
            st.button("Look again", icon=":material/refresh:", key="diagnosis.again")
        row = run.rows_of[min(lane, len(run.rows_of) - 1)][0]
        st.caption(f"As it stands at update {run.experiment.lanes[row].updates:,}.")
        classes(run, row, part or parts[0], dark)
        st.subheader("Why did this happen?")
        found = signs(run.experiment, row)
        for sign in found:
            card(run, row, sign, dark)
        if not found:
            st.markdown(
                "None of these signs is there: divergence, a plateau, dead or saturated units, overfitting, the edge of stability."
            )
        starts(run, row, dark)


def classes(run: LanesRun, row: int, part: str, dark: bool) -> None:
    """The confusion matrix and the figures of each class."""
    names = run.data.class_names
    if run.data.task == "regression":
        st.caption("There are no classes here: the task is regression.")
        return
    truth = getattr(run.data, f"y_{part}")
    matrix = confusion_matrix(truth, named_classes(run.experiment, row, part), len(names))
    left, right = st.columns(2)
    left.plotly_chart(
        confusion_figure(matrix, names, dark).checked(),
        height=260,
        theme=None,
        config={"displayModeBar": False},
        key="diagnosis.matrix",
    )
    lines = ["| class | precision | recall | F1 | samples |", "|---|---|---|---|---|"]
    for name, figures in zip(names, class_figures(matrix), strict=True):
        shares = " | ".join(percent(value) for value in figures[:3])
        lines.append(f"| {plain_text(name)} | {shares} | {figures.samples} |")
    right.markdown("\n".join(lines))
    right.caption(
        "Precision: of those that are called so, how many are. Recall: of those that are, how many are called so."
    )


def percent(value: float) -> str:
    return f"{100 * value:.1f} %" if value == value else "–"


def card(run: LanesRun, row: int, sign: Sign, dark: bool) -> None:
    """A sign: what was measured, what it was seen in, and the way to the view that shows it."""
    with st.container(border=True):
        st.markdown(f"**{TITLES[sign.key]}**")
        st.markdown(plain_text(sign.said, 600))
        st.plotly_chart(
            sign_figure(sign.key, sign.evidence, dark).checked(), height=190, theme=None, config={"displayModeBar": False},
            key=f"diagnosis.{sign.key}",
        )  # fmt: skip
        page, more, label = WAYS[sign.key]
        if st.button(label, icon=":material/arrow_forward:", key=f"diagnosis.to.{sign.key}"):
            config = alone(run, row)
            if sign.key == "overfitting":
                config = replace(config, lanes=penalised(config.lanes[0]))
            st.switch_page(f"{page}/{page}.py", query_params=link_query(config) | more)
        if sign.key in UNITS and st.button(
            UNITS[sign.key][1], icon=":material/arrow_forward:", key=f"diagnosis.units.{sign.key}"
        ):
            st.switch_page("units/units.py", query_params=units_query(alone(run, row), sign.key))


def units_query(config: ExperimentConfig, key: str) -> dict[str, str]:
    """The Units page with this network as far as it has room for it: its shape, first activation, rate, seed, and the data."""
    network, part = config.network, UNITS[key][0]
    first = network.activation if isinstance(network.activation, str) else network.activation[0]
    query = dict(
        part=part, layers=str(min(len(network.hidden), UNITS_LAYERS)), width=str(min(max(network.hidden), UNITS_WIDTH)),
        seed=str(config.seed),
    )  # fmt: skip
    query["unit" if part == "dead" else "f1"] = first
    if part == "network":
        query["eta"] = f"{config.lanes[0].learning_rate:.12g}"
    if config.dataset.name in UNITS_DATA:
        query["data"] = config.dataset.name
    return query


def penalised(lane: LaneConfig) -> tuple[LaneConfig, ...]:
    """A lane as it is, and with two strengths of an L2 penalty."""
    return (lane, *(replace(lane, l2=strength, name=f"L2 {strength}") for strength in (0.003, 0.03)))


def alone(run: LanesRun, row: int) -> ExperimentConfig:
    """The configuration of one row of a run as an experiment of its own."""
    full = run.experiment.lanes[row].config
    assert full.network is not None and full.batch_size is not None and full.seed is not None
    lane = replace(full, network=None, loss=None, batch_size=None, seed=None, name="")
    own: dict[str, Any] = dict(
        network=full.network, loss=full.loss, batch_size=full.batch_size, seed=full.seed
    )
    return replace(run.experiment.config, **own, lanes=(lane,))


def starts(run: LanesRun, row: int, dark: bool) -> None:
    """Whether the start was unlucky: other starts are trained when that is asked for, and kept for this state of the run."""
    wanted = asked()
    now = (run.run_id, row, run.experiment.lanes[row].updates, run.config_revision)
    changed = any(lane == row for _, lane, _ in run.experiment.history.marks)
    if changed:
        st.caption("Other starts can't be compared: settings were changed on the way.")
        return

    def train() -> None:
        wanted.starts = True

    st.button(
        f"Was it the start? Train {STARTS} others", icon=":material/casino:", key="diagnosis.starts", on_click=train,
        help="The same lane from other seeds, up to the same update, at most 1,500.", disabled=now[2] == 0,
    )  # fmt: skip
    if wanted.starts:
        wanted.starts = False
        others = OtherStarts(run.experiment, row)
        bar = st.progress(0.0)
        while (share := others.go_on(SLICE)) < 1:
            bar.progress(share)
        bar.empty()
        wanted.now, wanted.sign, wanted.said = now, others.sign(), others.said()
    if wanted.now != now:
        return
    if wanted.sign is not None:
        card(run, row, wanted.sign, dark)
    else:
        st.markdown(f"The start was not unusual. {plain_text(wanted.said, 400)}")
