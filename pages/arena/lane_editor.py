"""Widgets for the lanes of a race: choose one, edit it, add, copy, remove."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from engine import ExperimentConfig, LaneConfig
from engine.limits import FIELDS, MAX_NAME
from pages.shared.figures.looks import GLYPHS, lane_names
from pages.shared.widgets.experiment import (
    loss_control,
    network_controls,
    network_values,
    number,
    task_of,
    training_controls,
    training_values,
)

MOST_LANES = 8
MOST_MADE = 20
KEY = "edited_"  # before the names of the chosen lane's widgets


def lane_controls(
    base: ExperimentConfig, lanes: tuple[LaneConfig, ...], samples: int, rate_note: str = ""
) -> tuple[LaneConfig, ...]:
    """The lanes as the widgets have them now. One lane is edited at a time; for the rest there are `wishes`.

    `rate_note` stands in place of the rate where that is not the lane's own to set.
    """
    alike = tuple(replace(lane, learning_rate=1.0) for lane in lanes) if rate_note else lanes
    names = lane_names(replace(base, lanes=alike))
    places = list(range(len(lanes)))
    chosen = st.session_state.get("edited_lane")
    if chosen not in places:
        chosen = st.session_state["edited_lane"] = 0
    chosen = st.pills(
        "Edit lane", places, key="edited_lane", format_func=lambda k: f"{GLYPHS[k % len(GLYPHS)]} {names[k]}" if k in places else "",
        help="Choose the lane that the controls below change.", required=True,
    )  # fmt: skip
    chosen = chosen if chosen in places else 0
    with st.container(horizontal=True, gap="small"):
        full, alone = len(lanes) >= MOST_LANES, len(lanes) <= 2
        st.button("Copy", key="copy_lane", icon=":material/content_copy:", disabled=full, on_click=_wish, args=("copy", chosen),
                  help="Another lane with these settings, from the same start.")  # fmt: skip
        st.button("Remove", key="remove_lane", icon=":material/delete:", disabled=alone, on_click=_wish, args=("remove", chosen),
                  help="Take this lane out; the others go on. A race has at least two.")  # fmt: skip
        with st.popover("Fork here", icon=":material/fork_right:", disabled=full,
                        help="A new lane that goes on from this lane's weights as they are now; then change its optimizer or rate."):  # fmt: skip
            keep = st.toggle("Bring its optimizer's memory", key="fork_state",
                             help="Off: momentum and averages start at zero, at the same weights.")  # fmt: skip
            st.button("Fork", key="fork_lane", on_click=_wish, args=("fork", chosen, keep), width="stretch")
    own = st.session_state.setdefault("lanes_made", [])  # by these widgets, lately
    lane = _edit(base, lanes[chosen], (chosen, base), any(lanes is made for made in own), samples, rate_note)
    made = (*lanes[:chosen], lane, *lanes[chosen + 1 :])
    own.append(made)
    del own[:-MOST_MADE]
    return made


def wishes() -> list[tuple[str, int, bool]]:
    """What was asked for and not done yet: ("copy", "remove" or "fork"; a lane's place; with its optimizer's state)."""
    return st.session_state.setdefault("lane_wishes", [])


def _wish(what: str, place: int, keep_state: bool = False) -> None:
    wishes().append((what, place, keep_state))


def _edit(
    base: ExperimentConfig,
    lane: LaneConfig,
    shown: tuple[int, ExperimentConfig],
    is_own: bool,
    samples: int,
    rate_note: str,
) -> LaneConfig:
    """Widgets for one lane. They follow when another lane, or lanes that they have not made (`is_own`), come in."""
    full = base.resolve(lane)
    assert full.network is not None
    if not is_own or st.session_state.get("edited_shown") != shown:
        values = training_values(full, full.batch_size, KEY) | network_values(full.network, KEY)
        values |= {f"{KEY}name": lane.name, f"{KEY}own_network": lane.network is not None, f"{KEY}own_seed": lane.seed is not None, f"{KEY}own_loss": lane.loss is not None, f"{KEY}loss": full.loss,
                   f"{KEY}seed": full.seed}  # fmt: skip
        st.session_state.update(values)
        st.session_state["edited_shown"] = shown
    name = st.text_input(
        "Name",
        key=f"{KEY}name",
        max_chars=MAX_NAME,
        placeholder="what sets it apart",
        help="Empty: named by what sets it apart.",
    )
    edited, batch = training_controls(samples, KEY, rate_note)
    with st.popover("Network, loss and seed of this lane", width="stretch"):
        network, loss, seed = None, None, None
        if st.toggle(
            "A network of its own", key=f"{KEY}own_network", help="Off: the network that all lanes share."
        ):
            network = network_controls(KEY)
        if st.toggle("A loss of its own", key=f"{KEY}own_loss", help="Off: the loss that all lanes share."):
            loss = loss_control(task_of(base.dataset), KEY)
            st.caption("Curves of different losses have different scales: compare their accuracies.")
        if st.toggle(
            "A seed of its own",
            key=f"{KEY}own_seed",
            help="Off: the seed that all lanes share, so the same start and batches.",
        ):
            seed = number(f"{KEY}seed", FIELDS["seed"])
    edited = replace(
        edited, name="".join(filter(str.isprintable, name))[:MAX_NAME], network=network, loss=loss, seed=seed,
        batch_size=None if batch == base.batch_size and lane.batch_size is None else batch,
    )  # fmt: skip
    return edited
