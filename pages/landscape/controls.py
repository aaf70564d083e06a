"""The Landscape page's widgets: what is shown, whose weights, which plane, how the picture is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from engine import OPTIMIZERS, LaneConfig
from pages.landscape.exhibits import FIRST_VIEW
from pages.landscape.run import SurfaceRun
from pages.landscape.scene import weight_name
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
from pages.shared.live.handover import offered
from pages.shared.widgets.experiment import number, training_controls, training_values

MOST_NAMED = 700  # parameters up to which two weights are chosen by name


KEPT: dict[str, Any] = dict(
    persist_state="session"
)  # a widget that is not drawn for a while comes back as it was left


def fill() -> None:
    """Every option has a value that it may have, whether its widget is drawn or not."""
    state = st.session_state
    for name, option in OPTIONS.items():
        if name not in state or option.clamp(state[name]) != state[name]:
            state[name] = option.clamp(state.get(name))


def labelled(name: str, labels: Mapping[str, str], **more: Any) -> str:
    """A select box over the choices of an option."""
    option = OPTIONS[name]
    value = st.selectbox(
        option.label, list(labels), key=name, format_func=lambda key: labels[key], help=option.help, **KEPT, **more
    )  # fmt: skip
    return option.clamp(value)


def head_controls() -> str:
    """The row above the picture; what is to be shown."""
    if st.session_state["show"] != st.session_state.get("landscape_shown") and "view" not in st.query_params:
        show_chosen()  # an exhibit that came by link
    show = labelled("show", SHOWS, on_change=show_chosen)
    st.session_state["landscape_shown"] = show
    is_line = st.session_state["view"] == "line"
    if show == "network" and is_line:
        labelled("line", LINES)
    if show == "network" and (not is_line or st.session_state["line"] == "direction"):
        labelled("plane", PLANES, on_change=plane_chosen)
    views = VIEWS if show == "network" else {key: label for key, label in VIEWS.items() if key != "line"}
    if st.session_state["view"] not in views:
        st.session_state["view"] = "contour"
    labelled("view", views)
    if show == "network":
        labelled("of", LOSSES_SHOWN)
        labelled("beside", BESIDE)
    state = st.session_state
    joins = state["line"] == "lanes" if state["view"] == "line" else state["plane"] == "points"
    if joins and state["from"] == "here" and state["second"] == "none":
        state["second"] = "seed"
    return show


def show_chosen() -> None:
    """Each exhibit is first seen as it is seen best."""
    view, log = FIRST_VIEW.get(st.session_state["show"], ("contour", True))
    st.session_state["view"], st.session_state["log_loss"] = view, log


def plane_chosen() -> None:
    """What a plane needs is there at once: the diagram to pick weights on, a second run's end."""
    if st.session_state["plane"] == "weights":
        st.session_state["beside"] = "network"


def source_controls() -> str:
    """Whose weights are looked at."""
    is_there = {page: page == "here" or offered(page) is not None for page in SOURCES}
    source = labelled(
        "from",
        {page: text if is_there[page] else f"{text} (open it first)" for page, text in SOURCES.items()},
    )
    if source == "here":
        labelled("second", SECONDS)
    return source


def bring_again() -> None:
    st.session_state["bring_again"] = True


def second_lane(lane: LaneConfig, seed: int) -> tuple[LaneConfig, ...]:
    """The second run that was asked for, if any: as the first, but for one thing."""
    second = OPTIONS["second"].clamp(st.session_state["second"])
    if second == "seed":
        return (LaneConfig(lane.optimizer, lane.learning_rate, lane.options, lane.schedule, lane.schedule_options,
                           l1=lane.l1, l2=lane.l2, seed=(seed + 1) % 10_000, name="Other start"),)  # fmt: skip
    if second == "none":
        return ()
    kind = OPTIMIZERS[second]
    return (LaneConfig(second, float(kind.start_rate), l1=lane.l1, l2=lane.l2, name=f"Other: {kind.label}"),)


def brought_controls(run: SurfaceRun, point: Any) -> tuple[int, int | None]:
    """Of a run that was brought: which lane is looked at, another one's end, and how training goes on."""
    assert run.taken is not None
    lanes, names = run.taken.lanes, [look.name for look in run.looks]
    for key, place in (("run_lane", 1), ("other_lane", 2)):
        if not 1 <= st.session_state[key] <= len(lanes):
            st.session_state[key] = min(place, len(lanes))
    places = list(range(1, len(lanes) + 1))
    with point:
        first, second = (
            st.selectbox(
                OPTIONS[key].label, places, key=key, format_func=lambda place: names[lanes[place - 1]], help=OPTIONS[key].help,
                **KEPT,
            )
            for key in ("run_lane", "other_lane")
        )  # fmt: skip
        st.button(
            "Bring it again",
            on_click=bring_again,
            help="Take a fresh copy of that page's run, as it stands now.",
        )
    lane = lanes[first - 1]
    config = run.config.lane(lane)
    if run.controlled != lane:  # the widgets follow the lane
        st.session_state.update(training_values(config, config.batch_size))
        run.controlled = lane
    with st.expander("Training", icon=":material/tune:"):
        chosen, batch = training_controls(len(run.data.X_train))
    training = {name: getattr(chosen, name) for name in ("optimizer", "learning_rate", "options", "schedule", "schedule_options", "l1", "l2")}  # fmt: skip
    old = run.config.lanes[lane]
    new = replace(old, **training, batch_size=old.batch_size if batch == config.batch_size else batch)
    run.swap(replace(run.config, lanes=(*run.config.lanes[:lane], new, *run.config.lanes[lane + 1 :])))
    return lane, lanes[second - 1] if second != first else None


def redraw() -> None:
    st.session_state["draw"] = (st.session_state["draw"] + 1) % 10_000


def picture_controls(run: SurfaceRun) -> None:
    """How the directions are chosen, and how the picture is drawn."""
    plane = st.session_state["plane"]
    is_joining = st.session_state["view"] == "line" and st.session_state["line"] != "direction"
    if is_joining:
        st.caption("A straight line through all weights at once. Its ends are at 0 and 1.")
    elif plane == "random":
        labelled("norm", NORMS)
        st.latex(r"\theta + \alpha\, d_1 + \beta\, d_2")
        left, right = st.columns([3, 2], vertical_alignment="bottom")
        with left:
            number("draw", OPTIONS["draw"], **KEPT)
        right.button("Redraw", on_click=redraw, width="stretch", help="Draw two other directions.")
    elif plane == "weights":
        weight_controls(run)
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
        st.select_slider("Extent", EXTENTS, key="extent", help=OPTIONS["extent"].help, **KEPT)
    number("cells", OPTIONS["cells"], **KEPT)
    for name in ("log_loss", "hold"):
        number(name, OPTIONS[name], **KEPT)


def weight_controls(run: SurfaceRun) -> None:
    """The two weights by name, or by number where there are very many."""
    mlp = run.experiment.mlp(run.lane)
    count = mlp.parameter_count
    for name in ("w1", "w2"):
        if st.session_state[name] >= count:
            st.session_state[name] = count - 1
        option = OPTIONS[name]
        if count <= MOST_NAMED:
            st.selectbox(
                option.label, range(count), key=name, format_func=lambda k: weight_name(mlp, k), **KEPT
            )
        else:
            st.number_input(option.label, 0, count - 1, key=name, help=option.help, **KEPT)
            st.caption(weight_name(mlp, st.session_state[name]))
    st.caption("Or click two links of the network diagram.")


def settings_now(other: int | None) -> Settings:
    return Settings.of_values({name: st.session_state[name] for name in OPTIONS}, other)
