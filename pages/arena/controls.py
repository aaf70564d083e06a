"""The Arena's own controls, above the panel: what differs, what is held equal, seeds, curves, and the weight to watch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from engine import OPTIMIZERS, LaneConfig, NetworkConfig
from engine.limits import FIELDS, PAGE_LAYERS, PAGE_NEURONS
from engine.options import Option
from engine.studies.rate_search import LaneRates
from engine.training.reach import TARGETS
from engine.training.same_start import same_start
from pages.arena.fairness import FAIRNESS
from pages.arena.figures import rates_figure
from pages.arena.lanes import Race
from pages.arena.line_ups import LINE_UPS
from pages.arena.run import VIEWS, ArenaRun
from pages.arena.verdicts import UNITS
from pages.shared.cards.curves import AGAINST, METRICS
from pages.shared.form import Form
from pages.shared.text import plain_text
from pages.shared.widgets.experiment import SWITCHES
from pages.shared.widgets.option import RATES, button, choose, ladder, number

SEEDS = (1, 6, 10, 15, 20)  # five can never part two lanes at p ≤ 0.05
LINKED_SEEDS = (5, *SEEDS)  # links of before may have five
PARAMETERS = SWITCHES | {
    "panel": Option("panel", "race", "View", "What the lower charts show.", choices=tuple(VIEWS)),
    "fairness": Option("fairness", "own", "Equal for all", "What is the same for all lanes.", choices=tuple(FAIRNESS)),
    "common_rate": Option("common_rate", 0.03, "Rate for all", "The learning rate of every lane.", FIELDS["learning_rate"].low, FIELDS["learning_rate"].high, log=True),
    "seeds": Option("seeds", 1, "Seeds", "Runs of each lane, from different starts.", 1, 20, integer=True),
    "metric": Option("metric", "train_loss", "Curve", "What the curves show.", choices=tuple(METRICS)),
    "against": Option("against", "updates", "Against", "What the horizontal axis shows.", choices=tuple(AGAINST)),
    "target": Option("target", 0.1, "Target loss", "The scores count what it took until the train loss was at or under it.", 1e-6, 50.0, log=True),
    "verdict_at": Option("verdict_at", 200, "Verdict at", "Fixed before the race begins: p-values hold for one look. A race that is under way keeps the place that it began with.", 10, 100_000, integer=True, log=True),
    "holm": Option("holm", True, "For all pairs together", "Holm's correction: at most 5 % of tables call any difference real if all lanes are equal. Off: each pair by itself, by the raw p."),
    "weight_layer": Option("weight_layer", 1, "Layer", "", 1, PAGE_LAYERS + 1, integer=True),
    "weight_from": Option("weight_from", 1, "From", "", 1, 64, integer=True),
    "weight_to": Option("weight_to", 1, "To", "", 1, PAGE_NEURONS, integer=True),
}  # fmt: skip


VERDICTS = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
STANDS_AGAINST = {"evaluations": "sample_gradients", "milliseconds": "milliseconds"}


def pick(form: Form, name: str, choices: Sequence[Any], show: Callable[[Any], str], width: int) -> Any:
    """A select box without a label of its own, checked."""
    option = PARAMETERS[name]
    key = form.open(name, option.default, [show(choice) for choice in choices])
    at = choices.index(form[name]) if form[name] in choices else 0
    value = st.selectbox(option.label, choices, at, key=key, format_func=show, label_visibility="collapsed", width=width, disabled=form.locks(name))  # fmt: skip
    return form.take(name, value, value if value in choices else option.default)


def view_switch(form: Form) -> None:
    """What the panel's lower half shows."""
    value = st.segmented_control(
        "View", list(VIEWS), key=form.open("panel", "race"), default=form["panel"], format_func=lambda key: VIEWS.get(key, ""), required=True,
        label_visibility="collapsed", width="content", disabled=form.locks("panel"),
    )  # fmt: skip
    form.take("panel", value, PARAMETERS["panel"].clamp(value))


def take_line_up(form: Form, race: Race, network: NetworkConfig) -> None:
    """Take up the line-up that was just chosen, if one was."""
    chosen = form.ahead("line_up")
    if chosen != form.get("line_up") and chosen in LINE_UPS:
        form.values["line_up"] = chosen
        race.line_up(LINE_UPS[chosen].lanes(network))


def line_up_switch(form: Form, race: Race, network: NetworkConfig) -> str:
    """Which line-up races, "own" for any other lanes."""
    now = race_name(race, network)
    form.put("line_up", now)
    labels = {key: f"Differ: {each.label}" for key, each in LINE_UPS.items()} | {"own": "Differ: your own line-up"}  # fmt: skip
    key, keys = form.open("line_up", now), list(labels)
    value = st.selectbox(
        "What differs", keys, keys.index(now), key=key, format_func=lambda key: labels.get(key, ""), width=180,
        label_visibility="collapsed", disabled=form.locks("line_up"),
    )  # fmt: skip
    form.take("line_up", value, now)
    return now


def race_name(race: Race, network: NetworkConfig) -> str:
    """The line-up that the lanes are, as far as they differ from their defaults."""
    lanes = tuple(without_defaults(lane) for lane in race.lanes.values())
    same = (
        key for key, each in LINE_UPS.items() if tuple(map(without_defaults, each.lanes(network))) == lanes
    )
    return next(same, "own")


def without_defaults(lane: LaneConfig) -> LaneConfig:
    """`lane` without the options that are what they would be anyway."""
    table = OPTIMIZERS[lane.optimizer].options
    return replace(lane, options={k: v for k, v in lane.options.items() if v != table[k].default})


def top_row(form: Form, race: Race, network: NetworkConfig) -> tuple[str, Any]:
    """What differs, what is held equal, over how many seeds, and what the view needs; the line-up, and the row, for more."""
    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with row:
        line_up = line_up_switch(form, race, network)
        before = form["fairness"]
        fairness = pick(form, "fairness", list(FAIRNESS), lambda key: FAIRNESS[key].label, 160)
        if fairness != before:  # what is held equal is what the curves stand against
            form.put("against", STANDS_AGAINST.get(fairness, "updates"))
        if fairness == "same":
            with st.container(width=170):
                ladder(form, "common_rate", PARAMETERS["common_rate"], RATES)
        choices = SEEDS if form["seeds"] in SEEDS else sorted(LINKED_SEEDS)
        seeds = pick(form, "seeds", choices, lambda n: f"{n} seeds" if n > 1 else "1 seed", 105)
        if form["panel"] == "seeds" and seeds == 1:
            use_ten = partial(form.put, "seeds", 10)
            button(form, "ten_seeds", "Use 10 seeds", use_ten, form.locks("seeds"), type="primary")
        if form["panel"] not in ("weight", "slow"):
            with st.popover("Curves", icon=":material/show_chart:"):
                for name, labels in (("metric", METRICS), ("against", {k: v[0] for k, v in AGAINST.items()})):
                    choose(form, name, PARAMETERS[name].label, labels, PARAMETERS[name].default, labels.__getitem__)  # fmt: skip
        if form["panel"] == "seeds":
            with st.popover("Verdict", icon=":material/gavel:"):
                unit = UNITS[FAIRNESS[fairness].pace]
                ladder(form, "verdict_at", PARAMETERS["verdict_at"], VERDICTS, lambda v: f"{v:,} {unit}")
                number(form, "holm", PARAMETERS["holm"])
        if form["panel"] == "scores":
            with st.popover("Target", icon=":material/flag:"):
                ladder(form, "target", PARAMETERS["target"], TARGETS)
    return line_up, row


def weight_list(form: Form, sizes: tuple[int, ...], inputs: list[str]) -> tuple[int, int, int]:
    """Lists to choose the weight to watch from: its (layer, source, target) from 0; the source after the last is the
    bias. `sizes` are the widths of all layers, `inputs` the names of the first.
    """

    def chosen(name: str, count: int, show: Callable[[int], str]) -> int:
        if form[name] > count:
            form.put(name, count)
        return int(min(pick(form, name, list(range(1, count + 1)), show, 118), count))

    last = len(sizes) - 1
    layer = chosen("weight_layer", last, lambda k: "Output layer" if k == last else f"Layer {k}")
    sources = sizes[layer - 1]
    source = chosen(
        "weight_from", sources + 1,
        lambda k: "bias" if k > sources else f"from {inputs[k - 1]}" if layer == 1 else f"from neuron {k}",
    )  # fmt: skip
    target = chosen(
        "weight_to", sizes[layer], lambda k: f"to output {k}" if layer == last else f"to neuron {k}"
    )
    return layer - 1, source - 1, target - 1


def below_panel(form: Form, race: Race, run: ArenaRun) -> None:
    """With each answer: reruns the page where the panel has changed what stands above it; the watched weight's rules."""
    if run.view.generation != race.generation:  # a reset: forks begin with the others again
        st.rerun()
    if run.panel == "weight":
        if run.microscope.place != race.weight:  # it was picked in the diagram
            for name, k in zip(
                ("weight_layer", "weight_from", "weight_to"), run.microscope.place, strict=True
            ):
                form.put(name, k + 1)
            race.weight = run.microscope.place
            st.rerun()
        formulas(run)


def formulas(run: ArenaRun) -> None:
    """Each lane's rule with the watched weight's numbers."""
    texts = run.microscope.formulas()
    with st.container(key="formulas"):
        columns = st.columns(2, gap="small")
        for k, (heading, rule) in enumerate(texts):
            with columns[k % 2]:
                st.markdown(heading)
                if rule:
                    st.latex(rule)


def same_badges(run: ArenaRun) -> None:
    """Same start, same batches: as found in the weights and in the order of the samples."""
    names = [f"{look.glyph} {plain_text(look.name)}" for look in run.looks]
    facts = same_start(run.experiment, [rows[0] for rows in run.rows_of], names)
    marks = {rows[0]: look.glyph for rows, look in zip(run.rows_of, run.looks, strict=True)}
    badges = []
    for key, label in (("starts", "start"), ("batches", "batches")):
        groups = facts[key]
        if len(groups) == 1:
            badges.append(f":green-badge[:material/check: same {label}]")
        else:
            text = " | ".join("".join(marks[row] for row in group) for group in groups)
            badges.append(f":orange-badge[{label}: {text}]")
    reasons = [*facts["why"]["starts"], *facts["why"]["batches"]]
    proof = "Compared to the bit: the initial weights, and the order of the samples in the batches."
    st.markdown(" ".join(badges), help=" ".join([proof, *reasons]), width="content")


def rates_popover(found: dict[int, LaneRates], run: ArenaRun, dark: bool) -> None:
    """How the best rates were found, as a small chart."""
    with st.popover("Rates", icon=":material/query_stats:", help="How the rates were found"):
        st.plotly_chart(
            rates_figure(found, run.looks, dark),
            key="rates_chart",
            height=320,
            theme=None,
            config={"displayModeBar": False},
        )
        st.caption("Large mark: the rate that is used. Hollow, at the top: most runs diverged.")
