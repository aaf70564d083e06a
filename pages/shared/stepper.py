"""The stepping component: a trace that is sent whole, a place in it, and values that are dragged in the browser.

It serves every view that goes through something step by step, both ways: backpropagation box by box, softmax line by line,
a line fit guess by guess. Stepping and dragging need no round trip; Python hears of the values when the hand lets go.

**In Python.** A view has a table of options (name -> `Option`), of which `step` is the place, and calls

    stepper("units.neuron", "units/neuron.js", "A neuron, step by step", OPTIONS, values, trace, take, limits)

    key     names the component; each view has its own
    drawer  the view's JavaScript module, below assets/
    title   what a screen reader calls it
    values  the values to begin with, one for each option; others may join them (a list of weights, say)
    trace   anything JSON: what does not answer to the mouse, and so comes from the engine. Numbers that are infinite or
            NaN become null.
    take    called with the browser's values, each clamped to its option, before the page's script runs; others among the
            values come as they were sent, so `take` must check them: they are input
    limits  what a worksheet hides and locks of the view's controls

With a `Page` that is `stepper(…, here.options, here.values(), trace, here.take, here.limits())` and then `here.write()`, both within a
fragment, so that the rest of the page stays still.

**In JavaScript.** The drawer is a module with a class as its default export; `assets/stepper/stepper.js` says what it has
and what it may use. The buttons (to the start, back, next, to the end), the arrow keys, the sentence for the place, the
text for screen readers and the link belong to the component. A drawer computes what must follow the hand, and a browser
test holds its numbers to the engine's. `assets/backpropagation/softmax.js` is a short example.

Rules that keep a view usable for all: text is real text in HTML or SVG, so that it can be selected and read aloud; what
can be chosen is a `<button>` or has `tabindex` and Enter; colours come from `stepper.colors` and Streamlit's `--st-…`
variables, and are never the only sign; nothing changes its place while one steps.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from engine.options import Option
from pages.shared import session
from pages.shared.component import asset_component
from pages.shared.figures import theme
from pages.shared.live.protocol import Limits

_component = asset_component("stepper", "stepper/stepper.js")


@dataclass
class StepperState:
    """The number of the values that the browser sent last, which what it gets back names; and the trace that it has."""

    sent: int = 0
    have: str = ""


def stepper(
    key: str, drawer: str, title: str, options: Mapping[str, Option], values: Mapping[str, Any],
    trace: Mapping[str, Any],
    take: Callable[[dict[str, Any]], None], limits: Limits,
) -> None:  # fmt: skip
    """Show the component; see the top of this file."""
    state = session.of(f"{key}.state", StepperState)

    def on_values() -> None:
        component = session.shown(key)  # missing: the view has just been left
        raw = component.get("values") if isinstance(component, Mapping) else None
        if isinstance(raw, dict):
            sent = raw.get("sent")
            state.sent, state.have = sent if isinstance(sent, int) else 0, str(raw.get("have"))
            take(checked(raw, options))

    data = stepper_data(drawer, title, options, values, trace, st.context.theme.type == "dark")
    data["sent"], data["limits"] = state.sent, limits
    if state.have == data["traceRevision"]:
        data["trace"] = None  # a view that was left and is shown again asks for it
    _component(key=key, data=data, on_values_change=on_values, height="content")


def checked(raw: Mapping[str, Any], options: Mapping[str, Option]) -> dict[str, Any]:
    """What the browser sent, each option's value clamped; other values as they are."""
    return {
        name: options[name].clamp(value) if name in options else value
        for name, value in raw.items()
        if name not in ("sent", "have")
    }


def stepper_data(
    drawer: str, title: str, options: Mapping[str, Option], values: Mapping[str, Any], trace: Mapping[str, Any],
    dark: bool,
) -> dict[str, Any]:  # fmt: skip
    """Everything that the browser needs. The revisions tell another trace, or other values, from the same ones."""
    blue, orange, green, pink = theme.LANE_COLORS[dark][:4]
    colors = dict(
        ink="#c9d4de" if dark else "#3c4a57", surface=theme.surface(dark), middle=theme.middle(dark), blue=blue, orange=orange,
        green=green, pink=pink, negative=theme.NEGATIVE, positive=theme.POSITIVE, classes=list(theme.CLASS_COLORS),
    )  # fmt: skip
    values, trace = finite(values), finite(trace)
    trace_revision = digest([drawer, trace])
    return dict(
        drawer=f"assets/{drawer}", title=title, dark=dark, colors=colors, values=values, trace=trace,
        traceRevision=trace_revision, revision=digest([trace_revision, values]),
        options={name: described(option) for name, option in options.items()},
    )  # fmt: skip


def digest(content: Any) -> str:
    return hashlib.blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=12).hexdigest()


def described(option: Option) -> dict[str, Any]:
    return dict(
        label=option.label, help=option.help, low=option.low, high=option.high, log=option.log,
        choices=list(option.choices), step=1 if option.integer else 0.01,
    )  # fmt: skip


def finite(value: Any) -> Any:
    """The same as plain JSON: arrays as lists, numbers that are none as None."""
    if isinstance(value, Mapping):
        return {str(key): finite(item) for key, item in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
