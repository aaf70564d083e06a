"""Arena: what differs between lanes, and does it matter? Several training runs, live, from one start."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from engine import FEATURES, ExperimentConfig
from engine.data.load import load_dataset
from engine.limits import FIELDS
from engine.studies.rate_search import LaneRates
from pages.arena.controls import (
    PARAMETERS,
    SEEDS,
    below_panel,
    rates_popover,
    same_badges,
    take_pick,
    top_row,
    view_switch,
    weight_list,
)
from pages.arena.fairness import FAIRNESS, best_rates, same_rate
from pages.arena.lane_editor import MOST_LANES, lane_controls, wishes
from pages.arena.line_ups import LINE_UPS
from pages.arena.run import ArenaRun
from pages.shared.live.handover import offer
from pages.shared.live.panel import live_panel
from pages.shared.widgets.experiment import (
    SWITCHES,
    data_controls,
    fill,
    loss_control,
    network_controls,
    number,
    read_url,
    task_of,
    write_url,
)

PAGE = "arena"
RATE_NOTES = {"same": "Rate: the same for all lanes, set above the charts.", "best": "Rate: the best that a search found for this lane."}  # fmt: skip


def line_up_changed() -> None:
    chosen = LINE_UPS.get(st.session_state["line_up"])
    if chosen:
        st.session_state["arena_lanes"] = chosen.lanes(st.session_state["arena_network"])
        st.session_state["edited_lane"] = 0
        st.session_state["arena_fresh"] = True  # another race, even where the lanes could be swapped


def do_wishes() -> None:
    """Copy, remove or fork lanes, in the run where it has the same ones, and in the list.

    This may be stopped at each use of the session, to be begun again: so the list follows the run, and a wish is
    forgotten when both are done.
    """
    run: ArenaRun | None = st.session_state.get("arena_run")
    wanted = wishes()
    while wanted:
        what, place, keep_state = wanted[0]
        lanes = st.session_state["arena_lanes"]
        is_same = run is not None and len(run.config.lanes) == len(lanes)
        if what == "remove" and len(lanes) > 2 and place < len(lanes):
            if run is not None and is_same:
                run.remove(place)
            st.session_state["arena_lanes"] = lanes[:place] + lanes[place + 1 :]
            st.session_state["edited_lane"] = max(0, place - 1)
        elif what != "remove" and place < len(lanes) < MOST_LANES:
            lane = lanes[place]
            if run is not None and is_same and what == "fork":
                run.fork(place, keep_state)
            elif run is not None and is_same and run.pace == "updates":
                run.add(run.config.lanes[place])
            if run is not None and what == "fork":
                lane = replace(lane, name=run.config.lanes[-1].name)
            st.session_state["arena_lanes"] = (*lanes, lane)
            st.session_state["edited_lane"] = len(lanes)
        wanted.pop(0)


def current_run(config: ExperimentConfig, seeds: int, fairness: str, dark: bool) -> ArenaRun:
    """The session's run with the new settings swapped in, where they can be; else a new run."""
    run: ArenaRun | None = st.session_state.get("arena_run")
    fresh = st.session_state.get("arena_fresh", False)
    if run is not None and run.fairness == fairness and not fresh and run.matches(config, seeds):
        run.swap(config)
        run.set_looks(dark)
        return run
    run = ArenaRun(config, load_dataset(config.dataset), dark, seeds)
    run.fairness, run.pace = fairness, FAIRNESS[fairness].pace
    st.session_state["arena_run"] = run
    st.session_state["arena_fresh"] = False
    return run


problems = read_url(PAGE, PARAMETERS)
fill(PAGE, PARAMETERS)
if len(st.session_state["arena_lanes"]) < 2:
    st.session_state["arena_lanes"] = LINE_UPS["optimizers"].lanes(ExperimentConfig().network)
if (asked := st.session_state["seeds"]) not in SEEDS:
    st.session_state["seeds"] = min(SEEDS, key=lambda n: abs(n - asked))
    problems.append(f"seeds is {asked} in the link; {st.session_state['seeds']} is used instead.")
if st.session_state.pop("wanted_seed", None) is not None:
    st.session_state["seed"] = (st.session_state["seed"] + 1) % 10_000
take_pick()
do_wishes()

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
        lanes = lane_controls(
            base,
            st.session_state["arena_lanes"],
            dataset.samples,
            RATE_NOTES.get(st.session_state["fairness"], ""),
        )
    st.session_state["arena_lanes"] = lanes
    show_test, discretise = (number(name, option) for name, option in SWITCHES.items())
config = replace(base, lanes=lanes)

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.markdown(
        "#### Arena · what differs, and does it matter?", width="content",
        help="Press Play. All lanes train in lockstep on the same problem. Point at a lane to set it off, click its name "
        "to isolate it. Lanes are edited on the left. Space plays and pauses, → makes one update, R resets.",
    )  # fmt: skip
    view_switch()
line_up = next((key for key, each in LINE_UPS.items() if each.lanes(network) == lanes), "own")
row = top_row(line_up, line_up_changed)
chosen = {
    name: PARAMETERS[name].clamp(st.session_state[name])
    for name in ("fairness", "seeds", "metric", "against", "panel")
}
for problem in problems:
    st.warning(problem, icon=":material/link_off:")
write_url(PAGE, config, PARAMETERS)
found: dict[int, LaneRates] = {}
try:
    if chosen["fairness"] == "same":
        config = replace(
            config, lanes=same_rate(lanes, PARAMETERS["common_rate"].clamp(st.session_state["common_rate"]))
        )
    elif chosen["fairness"] == "best":
        config, found = best_rates(config, load_dataset(config.dataset))
    run = current_run(config, chosen["seeds"], chosen["fairness"], st.context.theme.type == "dark")
except ValueError as error:
    st.error(str(error))
    st.stop()

run.view.show_test, run.view.discretise = show_test, discretise
run.metric, run.against = chosen["metric"], chosen["against"]
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    question = f"{LINE_UPS[line_up].question} " if line_up in LINE_UPS else ""
    same_badges(run)
    st.caption(question + FAIRNESS[chosen["fairness"]].words)
    if found:
        rates_popover(found, run, run.view.dark)
run.target = PARAMETERS["target"].clamp(st.session_state["target"])
if chosen["panel"] == "weight":
    sizes = run.experiment.mlp(run.rows_of[0][0]).layer_sizes
    with row:
        place = weight_list(sizes, [FEATURES[key].label for key in run.data.features])
    st.session_state["weight_shown"] = place
    if place != run.microscope.place:
        run.microscope.watch(place)
if chosen["panel"] != run.panel:
    run.show(chosen["panel"])
offer(PAGE, run)
st.session_state["generation_shown"] = run.view.generation
live_panel(run, key=PAGE, below=partial(below_panel, run))
