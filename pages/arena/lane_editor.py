"""Widgets for the lanes of a race: choose one, edit it, add, copy, remove."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from engine import ExperimentConfig, LaneConfig
from engine.limits import FIELDS, MAX_NAME
from pages.arena.lanes import Race, usual_name
from pages.arena.line_ups import TUNED
from pages.shared.figures.looks import GLYPHS, lane_names
from pages.shared.form import Form
from pages.shared.page import MOST_LANES
from pages.shared.text import plain_text
from pages.shared.widgets.network import loss_control, loss_values, network_controls, network_values
from pages.shared.widgets.option import button, number
from pages.shared.widgets.table import task_of
from pages.shared.widgets.training import training_controls, training_values


def lane_controls(form: Form, race: Race, base: ExperimentConfig, rate_note: str = "") -> None:
    """Edits one lane of `race` at a time; for copies, forks and removals there are wishes.

    `rate_note` stands in place of the rate where that is not the lane's own to set.
    """
    for name in [name for name in form.parts if name not in map(part_of, race.lanes)]:
        del form.parts[name]
    take_choice(form, race)
    head, edited = st.container(), race.edited
    part, origin = form.part(part_of(edited)), race.origins.get(edited, "")
    race.lanes[edited] = edit(part, base, race.lanes[edited], rate_note, origin)
    with head:  # last, as a lane's name follows from its settings
        choice(form, race, base, is_named_by_rate=not rate_note)
        buttons(form, len(race.lanes))


def part_of(lane: int) -> str:
    """The name of a lane's part of the page's form."""
    return f"lane{lane}"


def take_choice(form: Form, race: Race) -> None:
    """Take up the choice of another lane, if one was just made."""
    chosen = form.ahead("edited")
    if chosen != form.get("edited") and chosen in race.lanes:
        form.values["edited"] = race.edited = chosen


def choice(form: Form, race: Race, base: ExperimentConfig, is_named_by_rate: bool) -> None:
    """The lanes by name; the one that is chosen is edited."""
    lanes = race.lanes.values()
    alike = lanes if is_named_by_rate else [replace(lane, learning_rate=1.0) for lane in lanes]
    names = lane_names(replace(base, lanes=tuple(alike)))
    labels = {
        number: f"{GLYPHS[k % len(GLYPHS)]} {plain_text(names[k])}" for k, number in enumerate(race.lanes)
    }
    form.put("edited", race.edited)
    chosen = st.pills(
        "Edit lane", list(labels), key=form.open("edited", race.edited, labels.values()), default=race.edited, required=True,
        format_func=lambda number: labels.get(number, ""), help="Choose the lane that the controls below change.", disabled=form.locks("edited"),
    )  # fmt: skip
    form.take("edited", chosen, race.edited)


def buttons(form: Form, lanes: int) -> None:
    """What can be done with the lane as a whole: with the one that is chosen when the button is clicked."""

    def wish(what: str) -> None:
        form.wishes.append((what, form.ahead("edited"), bool(form.ahead("fork_state"))))

    full, alone = lanes >= MOST_LANES, lanes <= 2
    with st.container(horizontal=True, gap="small"):
        button(form, "copy", "Copy", wish, full, ("copy",), icon=":material/content_copy:",
               help="Another lane with these settings, from the same start.")  # fmt: skip
        button(form, "remove", "Remove", wish, alone, ("remove",), icon=":material/delete:",
               help="Remove this lane; the others keep running. At least two must stay.")  # fmt: skip
        # another key for another number of lanes: it closes when the lane is there
        with st.popover("Fork here", icon=":material/fork_right:", disabled=full, key=f"arena.fork_box{lanes}",
                        help="A new lane that continues from this lane's present weights. Then change its optimizer or rate."):  # fmt: skip
            keep = st.toggle("Keep the optimizer's state (momentum, averages)", key=form.open("fork_state", False), value=form["fork_state"], disabled=form.locks("fork_state"),
                             help="Off: momentum and averages start at zero. The weights are the same either way.")  # fmt: skip
            form.take("fork_state", keep)
            button(form, "fork", "Fork", wish, full, ("fork",), width="stretch")


def lane_values(base: ExperimentConfig, lane: LaneConfig, origin: str) -> dict[str, object]:
    """What the widgets of a lane show."""
    full = base.resolve(lane)
    assert full.network is not None
    values = training_values(full, full.batch_size) | network_values(full.network)
    values |= loss_values(full.loss, task_of(base.dataset))
    return values | dict(
        name="" if lane.name == usual_name(lane, origin) else lane.name, seed=full.seed, own_network=lane.network is not None, own_seed=lane.seed is not None,
        own_loss=lane.loss is not None, loss_chosen=True,
    )  # fmt: skip


def edit(form: Form, base: ExperimentConfig, lane: LaneConfig, rate_note: str, origin: str) -> LaneConfig:
    """Widgets for one lane; they follow where its settings, or those of the experiment, have come from elsewhere."""
    if form.get("made") != (lane, base):
        form.update(lane_values(base, lane, origin))
    name = st.text_input(
        "Name", key=form.open("name", ""), value=form["name"], max_chars=MAX_NAME, placeholder="automatic",
        help="Leave empty for an automatic name.", disabled=form.locks("name"),
    )  # fmt: skip
    name = str(form.take("name", name))
    edited, batch = training_controls(form, base.dataset.samples, rate_note, TUNED)
    with st.popover("Network, loss and seed of this lane", width="stretch"):
        network, loss, seed = None, None, None
        if toggle(form, "own_network", "A network of its own", "Off: the network that all lanes share."):
            network = network_controls(form)
        if toggle(form, "own_loss", "A loss of its own", "Off: the loss that all lanes share."):
            loss = loss_control(form, task_of(base.dataset))
            st.caption("Curves of different losses have different scales: compare their accuracies.")
        if toggle(form, "own_seed", "A seed of its own", "Off: the seed that all lanes share, so the same start and batches."):  # fmt: skip
            seed = number(form, "seed", FIELDS["seed"])
    made = replace(
        edited, name="".join(filter(str.isprintable, name))[:MAX_NAME] or usual_name(edited, origin), network=network,
        loss=loss, seed=seed,
        batch_size=None if batch == base.batch_size and lane.batch_size is None else batch,
    )  # fmt: skip
    form.values["made"] = (made, base)
    return made


def toggle(form: Form, name: str, label: str, help: str) -> bool:
    return bool(
        form.take(
            name,
            st.toggle(
                label, key=form.open(name, False), value=form[name], help=help, disabled=form.locks(name)
            ),
        )
    )
