"""The Arena's own controls, above the panel: what differs, what is held equal, seeds, curves, and the weight to watch."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine.limits import FIELDS, MAX_LAYERS, MAX_NEURONS
from engine.options import Option
from engine.training.same_start import same_start
from pages.arena.fairness import FAIRNESS
from pages.arena.line_ups import LINE_UPS
from pages.arena.run import VIEWS, ArenaRun
from pages.shared.cards.lanes import AGAINST, METRICS
from pages.shared.figures.curves import rates_figure
from pages.shared.widgets.experiment import RATES, SWITCHES, ladder, put

SEEDS = (1, 5, 10, 15, 20)
TARGETS = tuple(float(f"{digit}e{power}") for power in range(-6, 2) for digit in (1, 2, 5))
PARAMETERS = SWITCHES | {
    "panel": Option("panel", "race", "View", "What the lower charts show.", choices=tuple(VIEWS)),
    "fairness": Option("fairness", "own", "Held equal", "What is the same for all lanes.", choices=tuple(FAIRNESS)),
    "common_rate": Option("common_rate", 0.03, "Rate for all", "The learning rate of every lane.", FIELDS["learning_rate"].low, FIELDS["learning_rate"].high, log=True),
    "seeds": Option("seeds", 1, "Seeds", "Runs of each lane, from different starts.", 1, 20, integer=True),
    "metric": Option("metric", "train_loss", "Curve", "What the curves show.", choices=tuple(METRICS)),
    "against": Option("against", "updates", "Against", "What the curves stand against.", choices=tuple(AGAINST)),
    "target": Option("target", 0.1, "Target loss", "The scores count what it took until the train loss was at or under it.", 1e-6, 50.0, log=True),
    "weight_layer": Option("weight_layer", 1, "Layer", "", 1, MAX_LAYERS + 1, integer=True),
    "weight_from": Option("weight_from", 1, "From", "", 1, 64, integer=True),
    "weight_to": Option("weight_to", 1, "To", "", 1, MAX_NEURONS, integer=True),
}  # fmt: skip


def fairness_changed() -> None:
    """What is held equal is what the curves stand against."""
    st.session_state["against"] = {"evaluations": "sample_gradients", "milliseconds": "milliseconds"}.get(
        st.session_state["fairness"], "updates"
    )


def pick(label: str, key: str, choices: Any, show: Any, width: int, **more: Any) -> Any:
    """A select box without a label of its own, checked."""
    value = st.selectbox(
        label, choices, key=key, format_func=show, label_visibility="collapsed", width=width, **more
    )
    return value if value in choices else PARAMETERS[key].default


def view_switch() -> None:
    """What the panel's lower half shows."""
    st.segmented_control(
        "View", list(VIEWS), key="panel", format_func=lambda key: VIEWS[key], required=True,
        label_visibility="collapsed", width="content",
    )  # fmt: skip


def top_row(line_up: str, line_up_changed: Any) -> Any:
    """What differs, what is held equal, over how many seeds, and what the view needs; the row, for more of that.

    All values are in the session.
    """
    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with row:
        put("line_up", line_up)
        st.selectbox(
            "What differs", [*LINE_UPS, "own"], key="line_up", on_change=line_up_changed, width=180,
            format_func=lambda key: f"Differ: {LINE_UPS[key].label}" if key in LINE_UPS else "Differ: your own line-up",
            label_visibility="collapsed",
        )  # fmt: skip
        fairness = pick(
            "Held equal",
            "fairness",
            list(FAIRNESS),
            lambda key: FAIRNESS[key].label,
            160,
            on_change=fairness_changed,
        )
        if fairness == "same":
            with st.container(width=170):
                ladder("common_rate", PARAMETERS["common_rate"], RATES)
        pick("Seeds", "seeds", SEEDS, lambda n: f"{n} seeds" if n > 1 else "1 seed", 105)
        panel = st.session_state["panel"]
        if panel not in ("weight", "slow"):
            with st.popover("Curves", icon=":material/show_chart:"):
                st.selectbox("Curve", list(METRICS), key="metric", format_func=lambda key: METRICS[key])
                st.selectbox("Against", list(AGAINST), key="against", format_func=lambda key: AGAINST[key][0])
        if panel == "scores":
            with st.container(width=230):
                ladder("target", PARAMETERS["target"], TARGETS)
    return row


def take_pick() -> None:
    """A weight that was picked in the diagram goes to the lists."""
    if picked := st.session_state.pop("weight_picked", None):
        for name, k in zip(("weight_layer", "weight_from", "weight_to"), picked, strict=True):
            st.session_state[name] = k + 1


def weight_list(sizes: tuple[int, ...], inputs: list[str]) -> tuple[int, int, int]:
    """Lists to choose the weight to watch from: its (layer, source, target) from 0; the source after the last is the
    bias. `sizes` are the widths of all layers, `inputs` the names of the first.
    """

    def chosen(name: str, count: int, show: Any) -> int:
        put(name, min(PARAMETERS[name].clamp(st.session_state.get(name)), count))
        value = pick(PARAMETERS[name].label, name, list(range(1, count + 1)), show, 118)
        return min(value, count)

    last = len(sizes) - 1
    layer = chosen("weight_layer", last, lambda k: "Output layer" if k == last else f"Layer {k}")
    sources = sizes[layer - 1]
    source = chosen(
        "weight_from", sources + 1,
        lambda k: "bias" if k > sources else f"from {inputs[k - 1]}" if layer == 1 else f"from neuron {k}",
    )  # fmt: skip
    target = chosen(
        "weight_to", sizes[layer], lambda k: f"to output {k}" if layer == last else f"to neuron {k}"
    )
    return layer - 1, source - 1, target - 1


def below_panel(run: ArenaRun) -> None:
    """With each answer: reruns the page where the panel has changed what stands above it; the watched weight's rules."""
    if (
        run.view.generation != st.session_state["generation_shown"]
    ):  # a reset: forks begin with the others again
        st.rerun()
    if run.panel == "weight":
        if run.microscope.place != st.session_state.get("weight_shown"):
            st.session_state["weight_picked"] = run.microscope.place
            st.rerun()
        formulas(run)


def formulas(run: ArenaRun) -> None:
    """Each lane's rule with the watched weight's numbers."""
    texts = run.microscope.formulas()
    with st.container(key="formulas"):
        columns = st.columns(2, gap="small")
        for k, (heading, rule) in enumerate(texts):
            with columns[k % 2]:
                st.markdown(heading)
                if rule:
                    st.latex(rule)


def same_badges(run: ArenaRun) -> None:
    """Same start, same batches: as found in the weights and in the order of the samples."""
    names = [f"{look.glyph} {look.name}" for look in run.looks]
    facts = same_start(run.experiment, [rows[0] for rows in run.rows_of], names)
    marks = {rows[0]: look.glyph for rows, look in zip(run.rows_of, run.looks, strict=True)}
    badges = []
    for key, label in (("starts", "start"), ("batches", "batches")):
        groups = facts[key]
        if len(groups) == 1:
            badges.append(f":green-badge[:material/check: same {label}]")
        else:
            text = " | ".join("".join(marks[row] for row in group) for group in groups)
            badges.append(f":orange-badge[{label}: {text}]")
    reasons = [*facts["why"]["starts"], *facts["why"]["batches"]]
    proof = "Compared to the bit: the initial weights, and the order of the samples in the batches."
    st.markdown(" ".join(badges), help=" ".join([proof, *reasons]), width="content")


def rates_popover(found: dict, run: ArenaRun, dark: bool) -> None:
    """How the best rates were found, as a small chart."""
    with st.popover("How the rates were found", icon=":material/query_stats:"):
        st.plotly_chart(
            rates_figure(found, run.looks, dark),
            key="rates_chart",
            height=320,
            config={"displayModeBar": False},
        )
        st.caption("Large mark: the rate that is used. Hollow, at the top: most runs diverged.")
