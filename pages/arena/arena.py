"""Arena: what differs between lanes, and does it matter? Several training runs, live, from one start."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from engine import FEATURES, ExperimentConfig
from engine.data.load import Dataset
from engine.studies.rate_search import LaneRates
from pages.arena.controls import (
    LINKED_SEEDS,
    PARAMETERS,
    SEEDS,
    below_panel,
    rates_popover,
    same_badges,
    take_line_up,
    top_row,
    view_switch,
    weight_list,
)
from pages.arena.fairness import FAIRNESS, best_rates, same_rate
from pages.arena.lane_editor import lane_controls
from pages.arena.lanes import Race, do_wish
from pages.arena.line_ups import LINE_UPS
from pages.arena.run import ArenaRun
from pages.shared import session
from pages.shared.figures.legend import legend, legend_html
from pages.shared.page import Page
from pages.shared.text import plain_text
from pages.shared.widgets.experiment import base_controls, switches
from pages.shared.widgets.table import load

HELP = (
    "Press Play. All lanes train side by side on the same problem. Point at a lane to highlight it, click its name "
    "to show it alone. Lanes are edited on the left. Space plays and pauses, → makes one update, R resets."
)
DEFAULTS = {"data": "spiral"}  # what a link that names nothing opens: on this problem the methods differ
RATE_NOTES = {
    "same": "Rate: the same for all lanes, set above the charts.",
    "best": "Rate: the best that a search found for this lane.",
}


def main() -> None:
    here = Page("arena", "Arena · what differs, and does it matter?", HELP, PARAMETERS, defaults=DEFAULTS)
    race = session.of("arena.race", Race)
    with here.head:
        view_switch(here.form)
    take_link(here, race)
    while here.form.wishes:
        do_wish(race, here.last_run, *here.form.wishes[0])
        here.form.wishes.pop(0)
    with st.sidebar:
        lanes_box = st.expander("Lanes", expanded=True, icon=":material/stadium:")
        base = base_controls(
            here.form, st.expander("Data, for all lanes", icon=":material/scatter_plot:"),
            st.expander("Network, for all lanes", icon=":material/hub:"),
        )  # fmt: skip
    take_line_up(here.form, race, base.network)
    with lanes_box:
        lane_controls(here.form, race, base, RATE_NOTES.get(here.form.ahead("fairness"), ""))
    with st.sidebar:
        switches(here.form)
    line_up, row = top_row(here.form, race, base.network)
    config = replace(base, lanes=tuple(race.lanes.values()))
    here.write(config)
    run, found = current_run(here, race, config)
    if run is None:
        return
    if found:
        with row:
            rates_popover(found, run, run.view.dark)
    if here.form["panel"] != "weight":
        with row:
            st.html(legend_html(legend(run.data, run.view.show_test)), width="content")
    sentence(run, line_up, FAIRNESS[here.form["fairness"]].words)
    set_panel(here, race, run, row)
    race.generation = run.view.generation
    here.show(run, partial(below_panel, here.form, race, run))


def take_link(here: Page, race: Race) -> None:
    """The lanes of a link that has come in; the first line-up where it has no two."""
    linked = here.linked()
    if linked is not None:
        lanes, query = linked[0].lanes, linked[1]
        usual = LINE_UPS["tuned" if query == DEFAULTS else "optimizers"]
        race.line_up(lanes if len(lanes) > 1 else usual.lanes(ExperimentConfig().network))
        race.is_fresh = False  # lanes that can be swapped into the race that is under way are
    if (asked := here.form["seeds"]) not in LINKED_SEEDS:
        here.form.put("seeds", min(SEEDS, key=lambda n: abs(n - asked)))
        here.warn(f"seeds is {asked} in the link; {here.form['seeds']} is used instead.")


def current_run(
    here: Page, race: Race, config: ExperimentConfig
) -> tuple[ArenaRun | None, dict[int, LaneRates]]:
    """The race as it is set, with the rates that are fair; and how the best ones were found, if they were asked for."""
    form, found = here.form, dict[int, LaneRates]()
    fairness, seeds, place = form["fairness"], form["seeds"], st.empty()
    try:
        if fairness == "same":
            rate = PARAMETERS["common_rate"].clamp(form["common_rate"])
            config = replace(config, lanes=same_rate(config.lanes, rate))
        elif fairness == "best":
            with place.container():
                config, found = best_rates(config, load(config.dataset))
    except ValueError as error:
        st.error(plain_text(str(error), 500))
        return None, {}

    def make(config: ExperimentConfig, data: Dataset, dark: bool) -> ArenaRun:
        run = ArenaRun(config, data, dark, seeds)
        run.fairness, run.pace = fairness, FAIRNESS[fairness].pace
        race.is_fresh = False
        return run

    def fits(run: ArenaRun) -> bool:
        return run.fairness == fairness and not race.is_fresh and run.matches(config, seeds)

    return here.run(make, config, fits), found


def sentence(run: ArenaRun, line_up: str, words: str) -> None:
    """What is asked and what is held equal, beside the proof that start and batches are the same."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        same_badges(run)
        equal, _, more = words.partition(
            ". "
        )  # the first sentence, and the others behind its "?": one line in all
        question = f"{LINE_UPS[line_up].question} " if line_up in LINE_UPS else ""
        st.caption(f"{question}{equal.removesuffix('.')}.", help=more or None)


def set_panel(here: Page, race: Race, run: ArenaRun, row: Any) -> None:
    """What the charts show, as the page's widgets say."""
    form = here.form
    run.metric, run.against = form["metric"], form["against"]
    run.aim(form["target"])
    run.decide_at(form["verdict_at"])
    run.corrects = form["holm"]
    if form["panel"] == "weight":
        sizes = run.experiment.mlp(run.rows_of[0][0]).layer_sizes
        with row:
            race.weight = weight_list(form, sizes, [FEATURES[key].label for key in run.data.features])
        if race.weight != run.microscope.place:
            run.microscope.watch(race.weight)
    if form["panel"] != run.panel:
        run.show(form["panel"])


main()
