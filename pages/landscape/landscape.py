"""Landscape: where is the network, what shape is the loss there, and how far can the picture be trusted?"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from engine import ExperimentConfig
from engine.data.load import load_dataset
from pages.landscape.controls import (
    brought_controls,
    fill,
    head_controls,
    picture_controls,
    second_lane,
    settings_now,
    source_controls,
)
from pages.landscape.exhibits import exhibit_page
from pages.landscape.run import SurfaceRun
from pages.landscape.settings import OPTIONS
from pages.landscape.take_away import take_away
from pages.shared.live.handover import offered, take
from pages.shared.live.panel import live_panel
from pages.shared.widgets.experiment import experiment_controls, read_url, widget_values, write_url

PAGE = "landscape"
HELP = (
    "Press Play: the surface around the moving network is drawn coarsely, and finely when you pause. A network has far more "
    "weights than two, so every picture leaves most of them out: read below it what its directions are, and whether "
    "it misleads. Click a place to set the network there, and train on from it."
)
state = st.session_state


def run_here(config: ExperimentConfig) -> SurfaceRun:
    """The run that is trained on this page, with the new settings swapped in; a new one where they can't be."""
    run, second = state.get("landscape_run"), state["second"]
    if run is not None and not run.taken and run.second != second and run.set_lanes(config):
        run.second = second
    if run is None or run.taken or run.second != second or not run.matches(config):
        run = SurfaceRun(config, load_dataset(config.dataset), dark)
        run.second = second
    run.swap(config)
    return run


def run_brought(source: str, again: bool) -> SurfaceRun:
    """A copy of what another page offers, made when it is first asked for, and again on request."""
    run = state.get("landscape_run")
    if run is None or again or run.taken is None or run.taken.page != source:
        taken = take(source)
        assert taken is not None
        return SurfaceRun(taken.experiment.config, taken.experiment.data, dark, taken)
    return run


def network_page(config: ExperimentConfig) -> None:
    """The sidebar, the run that it asks for, the picture."""
    run: SurfaceRun | None
    lane, other, refused = 0, None, ""
    with st.sidebar:
        point = st.expander("The point", expanded=True, icon=":material/my_location:")
        with point:
            source = source_controls()
        picture = st.expander("The picture", expanded=True, icon=":material/landscape:")
        if source != "here" and offered(source) is None:
            problems.append(
                f"The {source.title()} holds no run in this session, so the network is trained here. Open that page first."
            )
            source = "here"
        try:
            if source == "here":
                if state.get("landscape_mode", "here") != "here":
                    state.update(widget_values(config))
                config = experiment_controls()
                first = config.lanes[0]
                run = run_here(replace(config, lanes=(first, *second_lane(first, config.seed))))
                other = 1 if len(run.config.lanes) > 1 else None
            else:
                run = run_brought(source, state.pop("bring_again", False))
                if state.get("landscape_mode") != source:
                    run.controlled = -1  # the training widgets held something else meanwhile
                lane, other = brought_controls(run, point)
        except ValueError as error:  # a combination that the engine refuses
            run, refused = None, str(error)
        if run is not None:
            with picture:
                picture_controls(run)
    if run is None:
        st.error(refused)
        return
    state["landscape_run"], state["landscape_mode"], state["landscape_config"] = run, source, config
    write_url(PAGE, config, OPTIONS)
    run.set_looks(dark)
    run.set(settings_now(other), lane)
    for problem in problems:
        st.warning(problem, icon=":material/link_off:")

    def below() -> None:
        """What the directions are, and what kind of point this is, once that is known."""
        named = run.point()
        st.caption(run.locate(live=True).note + (f"\n\n{named.sentence}" if named is not None else ""))

    live_panel(run, key=PAGE, below=below)
    take_away(run)


state["landscape_lanes"], query = None, st.query_params.to_dict()
problems = read_url(PAGE, OPTIONS)
if (
    state["landscape_lanes"] is not None
):  # a link was read, or the page come back to: the widgets have its values
    state["landscape_mode"] = "here"
    if query:
        state["landscape_config"] = ExperimentConfig.from_query({"opt": "sgd"} | query)
fill()
dark = st.context.theme.type == "dark"
if state.pop("wanted_seed", None) is not None:
    if state["from"] == "here":
        state["seed"] = (state["seed"] + 1) % 10_000
    else:
        st.toast("A run that was brought keeps its seed. Choose “Train here” for new initial weights.")
before = state.get("landscape_run")
if before is not None and before.picked is not None:
    state["plane"], (state["w1"], state["w2"]) = "weights", before.picked
    before.picked = None
known = state.get("landscape_config") or ExperimentConfig.from_query({"opt": "sgd"})
if known.dataset.name == "csv" and state.get("landscape_mode") == "exhibit":
    known = replace(known, dataset=ExperimentConfig().dataset)  # an uploaded table goes with its widget

st.markdown(
    "#### Landscape · where is it, what shape is it, and how far can you trust the picture?", help=HELP
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    show = head_controls()
if show == "network":
    network_page(known)
else:
    state["landscape_mode"] = "exhibit"
    write_url(PAGE, known, OPTIONS)
    for problem in problems:
        st.warning(problem, icon=":material/link_off:")
    exhibit_page(show, dark)
