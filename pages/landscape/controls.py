"""The Landscape page's widgets: what is shown, whose weights, which plane, how the picture is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from engine import OPTIMIZERS, ExperimentConfig, LaneConfig
from engine.network.places import in_words
from pages.landscape.exhibits import FIRST_VIEW
from pages.landscape.run import SurfaceRun
from pages.landscape.settings import (
    BESIDE,
    EXTENTS,
    LINES,
    LOSSES_SHOWN,
    NORMS,
    OPTIONS,
    PLANES,
    SECONDS,
    SHOWS,
    SOURCES,
    VIEWS,
    Settings,
)
from pages.shared.form import Form
from pages.shared.live.handover import offered
from pages.shared.widgets.option import button, choose, number
from pages.shared.widgets.training import training_controls, training_values

MOST_NAMED = 700  # parameters up to which two weights are chosen by name


@dataclass
class Shown:
    """What the Landscape keeps between two runs of its page: what is shown ("here", another page, or "exhibit"), the
    exhibit or network that `show` was at, the experiment of this page, and whether a fresh copy of a run was asked for.
    """

    mode: str = "here"
    show: str = ""
    config: ExperimentConfig | None = None
    bring_again: bool = False


def labelled(form: Form, name: str, labels: Mapping[str, str]) -> str:
    """A select box over the choices of an option."""
    option = OPTIONS[name]
    return choose(form, name, option.label, labels, option.default, labels.__getitem__, help=option.help)


def head_controls(form: Form, shown: Shown, named_view: bool) -> str:
    """The row above the picture; what is to be shown. `named_view`: a link that has just come in says how."""
    show = labelled(form, "show", SHOWS)
    if show != shown.show:  # each exhibit is first seen as it is seen best
        if shown.show or show != "network":
            view, log = FIRST_VIEW.get(show, ("contour", True))
            if not named_view:
                form.update({"view": view, "log_loss": log})
        shown.show = show
    is_line = form.ahead("view") == "line"
    if show == "network" and is_line:
        labelled(form, "line", LINES)
    if show == "network" and (not is_line or form["line"] == "direction"):
        before = form["plane"]
        if labelled(form, "plane", PLANES) == "weights" != before:
            form.put("beside", "network")  # the diagram to pick weights on
    views = VIEWS if show == "network" else {key: label for key, label in VIEWS.items() if key != "line"}
    labelled(form, "view", views)
    if show == "network":
        labelled(form, "of", LOSSES_SHOWN)
        labelled(form, "beside", BESIDE)
    joins = form["line"] == "lanes" if form["view"] == "line" else form["plane"] == "points"
    if joins and form["from"] == "here" and form["second"] == "none":
        form.put("second", "seed")  # another end, to join this one with
    return show


def source_controls(form: Form) -> str:
    """Whose weights are shown."""
    is_there = {page: page == "here" or offered(page) is not None for page in SOURCES}
    texts = {page: text if is_there[page] else f"{text} (open it first)" for page, text in SOURCES.items()}
    source = labelled(form, "from", texts)
    if source == "here":
        labelled(form, "second", SECONDS)
    return source


def second_lane(second: str, lane: LaneConfig, seed: int) -> tuple[LaneConfig, ...]:
    """The second run that was asked for, if any: as the first, but for one thing."""
    if second == "seed":
        return (replace(lane, seed=(seed + 1) % 10_000, name="Other start"),)
    if second == "none":
        return ()
    kind = OPTIMIZERS[second]
    return (LaneConfig(second, float(kind.start_rate), **lane.penalties, name=f"Other: {kind.label}"),)


def brought_controls(form: Form, shown: Shown, run: SurfaceRun, point: Any) -> tuple[int, int | None]:
    """Of a run that was brought: which lane is shown, another one's end, and how training goes on."""
    assert run.taken is not None
    lanes, names = run.taken.lanes, [look.name for look in run.looks]
    places = list(range(1, len(lanes) + 1))

    def lane_choice(name: str, default: int) -> int:
        if form[name] not in places:
            form.put(name, min(default, len(lanes)))
        key = form.open(name, default, [names[lane] for lane in lanes])
        held = st.selectbox(
            OPTIONS[name].label, places, places.index(form[name]), key=key, format_func=lambda place: names[lanes[place - 1]], help=OPTIONS[name].help, disabled=form.locks(name)
        )  # fmt: skip
        return int(form.take(name, held))

    def bring_again() -> None:
        shown.bring_again = True
        form.wishes.append("bring again")

    with point:
        first, second = lane_choice("run_lane", 1), lane_choice("other_lane", 2)
        button(
            form,
            "refresh",
            "Refresh the copy",
            bring_again,
            help="Take a fresh copy of that page's run, as it stands now.",
        )
    lane = lanes[first - 1]
    config = run.config.lane(lane)
    if run.controlled != lane:  # the widgets follow the lane
        form.update(training_values(config, config.batch_size))
        run.controlled = lane
    with st.expander("Training", icon=":material/tune:"):
        chosen, batch = training_controls(form, len(run.data.X_train))
    old = run.config.lanes[lane]
    own_batch = old.batch_size if batch == config.batch_size else batch
    new = replace(
        chosen, batch_size=own_batch, network=old.network, loss=old.loss, seed=old.seed, name=old.name
    )
    run.swap(replace(run.config, lanes=(*run.config.lanes[:lane], new, *run.config.lanes[lane + 1 :])))
    return lane, lanes[second - 1] if second != first else None


def picture_controls(form: Form, run: SurfaceRun) -> None:
    """How the directions are chosen, and how the picture is drawn."""

    def redraw() -> None:
        form.put("draw", (form["draw"] + 1) % 10_000)

    plane = form["plane"]
    is_joining = form["view"] == "line" and form["line"] != "direction"
    if is_joining:
        st.caption("A straight line through all weights at once. Its ends are at 0 and 1.")
    elif plane == "random":
        labelled(form, "norm", NORMS)
        st.latex(r"\theta + \alpha\, d_1 + \beta\, d_2")
        left, right = st.columns([3, 2], vertical_alignment="bottom")
        with left:
            number(form, "draw", OPTIONS["draw"])
        with right:
            button(
                form,
                "redraw",
                "Redraw",
                redraw,
                form.locks("draw"),
                width="stretch",
                help="Draw two other directions.",
            )
    elif plane == "weights":
        weight_controls(form, run)
    elif plane in ("leading", "extremes"):
        st.latex(r"H\, d = \lambda\, d")
        st.caption(
            "The Hessian H holds the second derivatives. Where λ is large, the loss is steep-walled along d; where it is negative, it curves down."
        )
    elif plane == "path":
        st.caption(
            "Principal component analysis (PCA): the two directions along which the path's points differ most."
        )
    else:
        st.caption("The start, this end, and another run's end: exactly one plane holds all three.")
    if not is_joining:
        held = st.select_slider(
            "Extent",
            EXTENTS,
            key=form.open("extent", "auto"),
            value=form["extent"],
            help=OPTIONS["extent"].help,
            disabled=form.locks("extent"),
        )
        form.take("extent", held)
    for name in ("cells", "log_loss"):
        number(form, name, OPTIONS[name])
    number(form, "hold", OPTIONS["hold"], disabled=not (form["hold"] or has_moved(run)))


def has_moved(run: SurfaceRun) -> bool:
    """Whether there is a path whose plane could be held."""
    return any(lane.updates for lane in run.experiment.lanes)


def weight_controls(form: Form, run: SurfaceRun) -> None:
    """The two weights by name, or by number where there are very many."""
    mlp = run.experiment.mlp(run.model.lane)
    count = mlp.parameter_count
    for name in ("w1", "w2"):
        if form[name] >= count:
            form.put(name, count - 1)
        option, key = OPTIONS[name], form.open(name, 0)
        if count <= MOST_NAMED:
            held = st.selectbox(
                option.label, range(count), form[name], key=key, format_func=lambda k: in_words(mlp, k), disabled=form.locks(name)
            )  # fmt: skip
        else:
            held = st.number_input(
                option.label, 0, count - 1, form[name], key=key, help=option.help, disabled=form.locks(name)
            )
        held = form.take(name, held)
        if count > MOST_NAMED:
            st.caption(in_words(mlp, held))
    st.caption("Or click two links of the network diagram.")


def settings_now(form: Form, other: int | None) -> Settings:
    return Settings.of_values(form.values, other)
