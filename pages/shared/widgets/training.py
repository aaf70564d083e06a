"""Widgets for how it learns: method, rate, batch size, schedule, penalties. All of them can be changed while it trains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from engine import OPTIMIZERS, SCHEDULES, LaneConfig
from engine.config.settings import HOT, SETTINGS, Setting
from engine.limits import FIELDS, MAX_SAMPLES
from pages.shared.form import Form
from pages.shared.widgets.option import changed_options, choose, ladder, number, option_values

BESIDE_THE_METHOD = (
    "learning_rate",
    "batch_size",
)  # numbers with a place of their own; the others are in the popover


def training_values(lane: LaneConfig, batch_size: int | None) -> dict[str, Any]:
    """What the widgets of `training_controls` show."""
    values: dict[str, Any] = {}
    for each in HOT:
        values[each.name] = getattr(lane, each.name)
        if each.options:
            values |= option_values(values[each.name], each.registry, getattr(lane, each.options))
    return values | dict(batch_size=batch_size)


def method_control(
    form: Form, registry: dict[str, Any] = OPTIMIZERS, given: Mapping[str, float] | None = None
) -> str:
    """The optimizer. A rate that nobody has touched follows it, in the same run of the page, so that no other one is ever
    trained with. `given` are rates besides the usual ones that nobody chose: those of a line-up, by method.
    """
    before, rate = form.get("optimizer"), form.ahead("learning_rate")
    optimizer = choose(form, "optimizer", "Optimizer", registry, "sgd")
    if (
        before in OPTIMIZERS
        and before != optimizer
        and rate in (OPTIMIZERS[before].start_rate, (given or {}).get(before))
    ):
        form.put("learning_rate", OPTIMIZERS[optimizer].start_rate)
    return optimizer


def batch_control(form: Form, samples: int) -> int:
    def say(value: float) -> str:
        return "all" if value >= MAX_SAMPLES else f"{value:g} (all)" if value >= samples else f"{value:g}"

    return int(setting_control(form, SETTINGS["batch_size"], say))


def training_controls(
    form: Form, samples: int, rate_note: str = "", given: Mapping[str, float] | None = None
) -> tuple[LaneConfig, int]:
    """A lane's settings, and the batch size. A `rate_note` stands in place of the rate, which then stays as it is."""
    optimizer = method_control(form, given=given)
    kind = OPTIMIZERS[optimizer]
    if rate_note:
        rate = FIELDS["learning_rate"].clamp(form.get("learning_rate"))
        st.caption(rate_note)
    else:
        rate = setting_control(form, SETTINGS["learning_rate"])
    formula = st.empty()
    st.caption(kind.help)
    if kind.full_batch:
        st.caption(f"{kind.label} always uses all training samples, in 64-bit numbers.")
        if kind.gradient_based:
            st.caption("Its line search usually tries the step length η first.")
        batch = FIELDS["batch_size"].clamp(form.get("batch_size"))
    else:
        batch = batch_control(form, samples)
    schedule = choose(
        form, "schedule", "Schedule", SCHEDULES, "constant", help="How the rate changes with the update t."
    )  # fmt: skip
    if schedule != "constant":
        st.latex(SCHEDULES[schedule].formula)
    with st.popover("More training options", width="stretch"):
        options = changed_options(form, optimizer, OPTIMIZERS)
        schedule_options = changed_options(form, schedule, SCHEDULES)
        numbers = {each.name: setting_control(form, each) for each in HOT if each.option and each.name not in BESIDE_THE_METHOD}  # fmt: skip
    formula.latex(kind.formula_with(kind.with_defaults(options)))
    return LaneConfig(optimizer, rate, options, schedule, schedule_options, **numbers), batch


def setting_control(form: Form, setting: Setting, show: Callable[[Any], str] = "{:.12g}".format) -> Any:
    """The slider of a number in the table of settings, or the list of a choice."""
    assert setting.option is not None
    if setting.option.choices:
        return number(form, setting.name, setting.option)
    return ladder(form, setting.name, setting.option, setting.places, show)
