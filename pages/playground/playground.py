"""Playground: what happens when one network learns? Everything live, everything adjustable."""

from __future__ import annotations

from functools import partial

import streamlit as st

from engine import ExperimentConfig
from engine.data.load import Dataset
from engine.options import Option
from pages.playground.run import PlaygroundRun
from pages.shared.classroom.guide import try_this
from pages.shared.live.handover import done, handed
from pages.shared.page import Page
from pages.shared.widgets.experiment import SWITCHES, experiment_controls, switches

HELP = (
    "Press Play. Watch the loss fall, the boundary bend and the network find its way down the loss landscape. "
    "Then move the learning rate while it runs. Space plays and pauses, → makes one update, R resets."
)
OPTIONS = SWITCHES | {
    "landscape": Option("landscape", "path", "Landscape", "The plane of the path, or two random directions.", choices=("path", "random"))
}  # fmt: skip
FRAMES = 100  # of the replay when another page hands over a run


def main() -> None:
    here = Page("playground", "Playground · what happens when a network learns?", HELP, OPTIONS, lanes=1)
    with st.sidebar:
        config = experiment_controls(here.form)
        switches(here.form)
    before, is_linked = here.last_run, here.linked() is not None
    run = here.run(make, config, (lambda run: False) if handed(here.name) else None)
    if run is not None and (is_linked or run is not before):
        run.slice.choose(here.form["landscape"] == "random")
    elif run is not None:
        here.form.put("landscape", plane_of(run))
    here.write(config)
    if run is not None:
        done(here.name)
        with here.head:
            layer_by_layer()
            ask(run)
        try_this(here.top, here.name)
        here.show(run, partial(follow, here, run))


def follow(here: Page, run: PlaygroundRun) -> None:
    """With each answer: the link says which plane the landscape's own switch has chosen."""
    if here.form["landscape"] != plane_of(run):
        st.rerun()


def plane_of(run: PlaygroundRun) -> str:
    return "random" if run.slice.is_random else "path"


def ask(run: PlaygroundRun) -> None:
    """Once a point of the boundary was clicked: the way to its gradient, box by box."""
    if run.picked is None:
        return
    sample = run.picked + 1
    if st.button(f"How did sample {sample} get its gradient?", icon=":material/conversion_path:"):
        query = {"view": "boxes", "bring": "playground", "sample": str(sample)}
        st.switch_page("backpropagation/backpropagation.py", query_params=query)


def layer_by_layer() -> None:
    """The way to what each layer makes of the plane, with this network as it stands."""
    help = "The plane and the data as each layer sees them, live, with this network as it stands."
    if st.button(
        "Layer by layer",
        icon=":material/texture:",
        type="tertiary",
        help=help,
        key="playground.layer_by_layer",
    ):
        query = {"view": "features", "bring": "playground"}
        st.switch_page("capacity/capacity.py", query_params=query)


def make(config: ExperimentConfig, data: Dataset, dark: bool) -> PlaygroundRun:
    """A run of `config`; if another page has handed it over, trained as it was there: to the bit, as a lane is the same
    alone as in company.
    """
    run, wanted = PlaygroundRun(config, data, dark), handed("playground")
    updates = wanted.updates if wanted is not None and wanted.config == config else 0
    while run.experiment.updates < updates and not run.experiment.finished:
        run.forward("play", min(-(-updates // FRAMES), updates - run.experiment.updates))
    return run


main()
