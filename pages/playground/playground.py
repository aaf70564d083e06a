"""Playground: what happens when one network learns? Everything live, everything adjustable."""

import streamlit as st

from engine import ExperimentConfig
from engine.data.load import load_dataset
from pages.playground.take_away import take_away
from pages.shared.live.handover import offer
from pages.shared.live.panel import live_panel
from pages.shared.live.single import PlaygroundRun
from pages.shared.widgets.experiment import SWITCHES, experiment_controls, number, read_url, write_url


def current_run(config: ExperimentConfig, dark: bool) -> PlaygroundRun:
    """The session's run, with the new settings swapped in; a new run where they can't be."""
    run = st.session_state.get("playground_run")
    if run is None or not run.matches(config):
        if run is not None:
            st.toast("New run: data, network, loss or seed changed.")
        run = st.session_state["playground_run"] = PlaygroundRun(config, load_dataset(config.dataset), dark)
    run.swap(config)
    run.view.dark = dark
    run.view.show_test = show_test
    run.view.discretise = discretise
    return run


problems = read_url("playground", SWITCHES)
if st.session_state.pop("wanted_seed", None) is not None:
    st.session_state["seed"] = (st.session_state["seed"] + 1) % 10_000

with st.sidebar:
    config = experiment_controls()
    show_test, discretise = (number(name, option) for name, option in SWITCHES.items())
header = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
header.markdown(
    "#### Playground · what happens when a network learns?",
    help=(
        "Press Play. Watch the loss fall, the boundary bend and the network find its way down the loss landscape. "
        "Then move the learning rate while it runs. Space plays and pauses, → makes one update, R resets."
    ),
)
for problem in problems:
    st.warning(problem, icon=":material/link_off:")
write_url("playground", config, SWITCHES)
try:
    run = current_run(config, st.context.theme.type == "dark")
except (
    ValueError
) as error:  # a combination that the engine refuses: a method that is not for this network, say
    st.error(str(error))
    st.stop()
offer("playground", run)
with header:
    take_away(run)
live_panel(run, key="playground")
