"""Arena: what differs between lanes, and does it matter? Several training runs, live, from one start."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from engine import ExperimentConfig
from engine.config import FIELDS
from engine.datasets import load_dataset
from engine.options import Option
from pages.shared.controls import (
    SWITCHES,
    data_controls,
    loss_control,
    network_controls,
    number,
    read_url,
    task_of,
    write_url,
)
from pages.shared.handover import offer
from pages.shared.lane_charts import AGAINST, METRICS
from pages.shared.lane_controls import lane_controls
from pages.shared.lanes import LanesRun
from pages.shared.line_ups import LINE_UPS
from pages.shared.live import live_panel

PAGE = "arena"
PARAMETERS = SWITCHES | {
    "seeds": Option("seeds", 1, "Seeds", "Runs of each lane, from different starts.", 1, 20, integer=True),
    "metric": Option("metric", "train_loss", "Curve", "What the curves show.", choices=tuple(METRICS)),
    "against": Option(
        "against", "updates", "Against", "What the curves stand against.", choices=tuple(AGAINST)
    ),
}


def line_up_changed() -> None:
    chosen = LINE_UPS.get(st.session_state["line_up"])
    if chosen:
        st.session_state["arena_lanes"] = chosen.lanes(st.session_state["arena_network"])
        st.session_state["edited_lane"] = 0


def current_run(config: ExperimentConfig, seeds: int, dark: bool) -> LanesRun:
    """The session's run, with the new settings swapped in; a new run where they can't be."""
    run = st.session_state.get("arena_run")
    if run is None or not run.matches(config, seeds):
        run = st.session_state["arena_run"] = LanesRun(config, load_dataset(config.dataset), dark, seeds)
    run.swap(config)
    run.set_looks(dark)
    return run


def fork(place: int) -> None:
    pass


problems = read_url(PAGE, PARAMETERS)
if len(st.session_state["arena_lanes"]) < 2:
    st.session_state["arena_lanes"] = LINE_UPS["optimizers"].lanes(ExperimentConfig().network)
if st.session_state.pop("wanted_seed", None) is not None:
    st.session_state["seed"] = (st.session_state["seed"] + 1) % 10_000

with st.sidebar:
    lanes_box = st.expander("Lanes", expanded=True, icon=":material/stadium:")
    with st.expander("Data, for all lanes", icon=":material/scatter_plot:"):
        dataset = data_controls()
    with st.expander("Network, for all lanes", icon=":material/hub:"):
        network = network_controls()
        loss = loss_control(task_of(dataset))
        seed = number("seed", FIELDS["seed"])
    st.session_state["arena_network"] = network
    base = ExperimentConfig(dataset, network, loss, FIELDS["batch_size"].default, seed)
    with lanes_box:
        lanes = lane_controls(base, st.session_state["arena_lanes"], dataset.samples, fork)
    st.session_state["arena_lanes"] = lanes
    show_test, discretise = (number(name, option) for name, option in SWITCHES.items())
config = replace(base, lanes=lanes)

head = st.container(horizontal=True, vertical_alignment="bottom")
known = next((key for key, line_up in LINE_UPS.items() if line_up.lanes(network) == lanes), "own")
st.session_state["line_up"] = known
head.selectbox(
    "What differs", [*LINE_UPS, "own"], key="line_up", on_change=line_up_changed,
    format_func=lambda key: LINE_UPS[key].label if key in LINE_UPS else "Your own line-up",
)  # fmt: skip
seeds = PARAMETERS["seeds"].clamp(
    head.selectbox(
        "Seeds", [1, 5, 10, 20], key="seeds", format_func=lambda n: f"{n} seeds" if n > 1 else "1 seed"
    )
)
metric = head.selectbox("Curve", list(METRICS), key="metric", format_func=lambda key: METRICS[key])
against = head.selectbox("Against", list(AGAINST), key="against", format_func=lambda key: AGAINST[key][0])
for problem in problems:
    st.warning(problem, icon=":material/link_off:")
write_url(PAGE, config, PARAMETERS)
try:
    run = current_run(config, seeds, st.context.theme.type == "dark")
except ValueError as error:
    st.error(str(error))
    st.stop()
run.view.show_test, run.view.discretise = show_test, discretise
run.metric, run.against = metric, against
offer(PAGE, run)
live_panel(run, key=PAGE)
