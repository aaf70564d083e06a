"""One widget for one option: which kind it is follows from the option's facts, never from its name.

Each returns a checked value: what a browser sends is input, and a modified one can send anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from engine.config.settings import RATES
from engine.options import Option
from pages.shared.form import Form

__all__ = ["RATES", "button", "changed_options", "choose", "ladder", "number", "option_values"]
MOST_PLACES = 1000  # of a slider; where an option has more, it gets a box to type in


def choose(
    form: Form, name: str, label: str, registry: Mapping[str, Any], default: str, show: Callable[[str], str] | None = None,
    **more: Any,
) -> str:  # fmt: skip
    """A select box over a registry of things with a `label`, or with other texts by `show`."""
    if form.get(name, default) not in registry:
        form.put(name, default)
    text = show or (lambda key: str(registry[key].label))
    key = form.open(name, default, [text(k) for k in registry])
    keys = list(registry)
    value = st.selectbox(
        label, keys, keys.index(form[name]), key=key, format_func=text, disabled=form.locks(name), **more
    )
    return str(form.take(name, value, value if value in registry else default))


def number(form: Form, name: str, option: Option, **more: Any) -> Any:
    """A switch, select box, slider or number box for an option."""
    key = form.open(name, option.default)
    more = dict[str, Any](key=key, help=option.help) | more
    more["disabled"] = more.get("disabled", False) or form.locks(name)
    low, high, now = option.low, option.high, option.clamp(form[name])
    if option.is_switch:
        value: Any = st.toggle(option.label, now, **more)
    elif option.choices:
        value = st.selectbox(option.label, option.choices, option.choices.index(now), **more)
    elif option.integer:
        low, high = int(low or 0), int(high or 0)
        kind = st.number_input if high - low > MOST_PLACES else st.slider
        value = kind(option.label, low, high, now, step=1, **more)
    elif option.log:
        value = st.number_input(option.label, low, high, now, format="%g", step=None, **more)
    elif option.exact:
        value = st.number_input(option.label, low, high, now, format="%.5g", step=0.01, **more)
    else:
        value = st.slider(option.label, low, high, now, step=0.01, **more)
    return form.take(name, value, option.clamp(value))


def ladder(
    form: Form, name: str, option: Option, steps: tuple[float, ...], show: Callable[[Any], str] = lambda v: f"{v:.12g}"
) -> Any:  # fmt: skip
    """A slider over given values; a value that came by link joins them. No two may look the same: Streamlit goes by that."""
    value = option.clamp(form.ahead(name) if name in form.values else option.default)
    places = sorted({*steps, value, form.get(name, value)})
    key = form.open(name, value)
    held = st.select_slider(
        option.label,
        places,
        form[name],
        key=key,
        help=option.help,
        format_func=show,
        disabled=form.locks(name),
    )
    return form.take(name, held, option.clamp(held))


def button(
    form: Form,
    name: str,
    label: str,
    act: Callable[..., None],
    disabled: bool = False,
    args: tuple[Any, ...] = (),
    **more: Any,
) -> None:
    """A button that does `act`; where a worksheet locks it, it does nothing, whatever a browser sends."""
    locked = form.locks(name)
    st.button(
        label, key=form.button(name), disabled=disabled or locked, on_click=None if locked else act, args=args, **more
    )  # fmt: skip


def changed_options(form: Form, owner: str, registry: Mapping[str, Any]) -> dict[str, Any]:
    """Widgets for all options of one thing in a registry; the values that are not its defaults."""
    table = registry[owner].options
    options = {name: number(form, f"{owner}_{name}", option) for name, option in table.items()}
    return {name: value for name, value in options.items() if value != table[name].default}


def option_values(owner: str, registry: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What the widgets of `changed_options` show."""
    table = registry[owner].options
    return {f"{owner}_{name}": chosen.get(name, option.default) for name, option in table.items()}
