"""Landscape: where is the network, what shape is the loss there, and how far can the picture be trusted?"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from engine import ExperimentConfig
from pages.landscape.controls import (
    Shown,
    brought_controls,
    has_moved,
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
from pages.shared import session
from pages.shared.live.handover import offered, take
from pages.shared.page import Page, next_seed, why_new
from pages.shared.text import plain_text
from pages.shared.widgets.experiment import experiment_controls, widget_values
from pages.shared.widgets.table import load

HELP = (
    "Press Play: the surface around the moving network is drawn coarsely, and finely when you pause. A network has far more "
    "weights than two, so every picture leaves most of them out: read below it what its directions are, and whether "
    "it misleads. Click a place to set the network there, and train on from it."
)
TITLE = "Landscape · where is it, what shape is it, and how far can you trust the picture?"


def main() -> None:
    here = Page("landscape", TITLE, HELP, OPTIONS, lanes=1, new_weights=new_weights)
    shown = session.of("landscape.shown", Shown)
    linked = here.linked()
    if linked is not None:
        shown.mode, shown.config = "here", linked[0]
    here.form.wishes.clear()  # they are in `shown`
    run: SurfaceRun | None = here.last_run
    if run is not None and run.picked is not None:
        here.form.update({"plane": "weights", "w1": run.picked[0], "w2": run.picked[1]})
        run.picked = None
    known = shown.config or ExperimentConfig.from_query({"opt": "sgd"})
    if known.dataset.name == "csv" and shown.mode == "exhibit":
        known = replace(known, dataset=ExperimentConfig().dataset)  # an uploaded table goes with its widget
    with st.container(horizontal=True, vertical_alignment="bottom"):
        show = head_controls(here.form, shown, linked is not None and "view" in linked[1])
    if show == "network":
        network_page(here, shown, known)
    else:
        shown.mode = "exhibit"
        here.write(known)
        exhibit_page(here, show)


def new_weights(here: Page) -> None:
    if here.form["from"] == "here":
        next_seed(here)
    else:
        st.toast("A run that was brought keeps its seed. Choose “Train here” for new initial weights.")


def network_page(here: Page, shown: Shown, config: ExperimentConfig) -> None:
    """The sidebar, the run that it asks for, the picture."""
    form, refused = here.form, ""
    run: SurfaceRun | None = None
    lane, other = 0, None
    with st.sidebar:
        point = st.expander("The point", expanded=True, icon=":material/my_location:")
        with point:
            source = source_controls(form)
        picture = st.expander("The picture", expanded=True, icon=":material/landscape:")
    if source != "here" and offered(source) is None:
        here.warn(f"The {source.title()} holds no run in this session, so the network is trained here. Open that page first.")  # fmt: skip
        source = "here"
    with st.sidebar:
        try:
            if source == "here":
                if shown.mode != "here":
                    form.update(widget_values(config))
                config = experiment_controls(form)
                run = run_here(here, config)
                other = 1 if len(run.config.lanes) > 1 else None
            else:
                run = run_brought(here, shown, source)
                lane, other = brought_controls(form, shown, run, point)
        except ValueError as error:  # a combination that the engine refuses
            refused = str(error)
    if run is None or refused:
        st.error(plain_text(refused, 500))
        return
    with st.sidebar, picture:
        picture_controls(form, run)
    here.last_run, shown.mode, shown.config = run, source, config
    here.write(config)
    run.set_looks(here.dark)
    run.set(settings_now(form, other), lane)
    panel, waits = st.container(), not has_moved(run)
    take_away(run)

    def below() -> None:
        """What the directions are, and what kind of point this is, once that is known."""
        if waits and has_moved(run):  # its plane can be held from now on
            st.rerun()
        named = run.model.point()
        st.caption(run.model.locate(live=True).note + (f"\n\n{named.sentence}" if named is not None else ""))

    with panel:
        here.show(run, below)


def run_here(here: Page, config: ExperimentConfig) -> SurfaceRun:
    """The run that is trained on this page, with the new settings swapped in; a new one where they can't be."""
    run: SurfaceRun | None = here.last_run
    second = here.form["second"]
    first = config.lanes[0]
    config = replace(config, lanes=(first, *second_lane(second, first, config.seed)))
    if run is not None and not run.taken and run.second != second and run.set_lanes(config):
        run.second = second
    if run is None or run.taken or run.second != second or not run.matches(config):
        if run is not None and not run.taken:
            st.toast(why_new(run.config, config))
        run = SurfaceRun(config, load(config.dataset), here.dark)
        run.second = second
    run.swap(config)
    return run


def run_brought(here: Page, shown: Shown, source: str) -> SurfaceRun:
    """A copy of what another page offers, made when it is first asked for, and again on request."""
    run: SurfaceRun | None = here.last_run
    if run is None or shown.bring_again or run.taken is None or run.taken.page != source:
        taken = take(source)
        assert taken is not None
        run = SurfaceRun(taken.experiment.config, taken.experiment.data, here.dark, taken)
    shown.bring_again = False
    if shown.mode != source:
        run.controlled = -1  # the training widgets held something else meanwhile
    return run


main()
