"""Views that are drawn in the browser, where everything follows the pointer: assets/<page>/<view>.js draws one.

A page makes a `DrawnView` for each and calls `show(view, here)` within a fragment, then `here.write()`. The JavaScript
module has a class that extends `View` (assets/drawn/view.js, whose head says what it may use). First steps is an example.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import plotly.graph_objects as go

from engine.options import Option
from pages.shared import session
from pages.shared.component import asset_component
from pages.shared.figures import theme
from pages.shared.figures.base import MARGIN, base_figure
from pages.shared.page import Page
from pages.shared.predict import Guess, predict

Values = dict[str, Any]
Control = dict[str, Any]

_component = asset_component("drawn", "drawn/drawn.js")


@dataclass(frozen=True)
class Chart:
    """A chart of a view: `painted` has the loss as its ground, `log` names the axes in powers of ten; its legend has
    `lines`.
    """

    name: str
    title: str
    alt: str
    x: str = ""
    y: str = ""
    legend: bool = True
    lines: int = 1
    painted: bool = False
    log: str = ""
    scene: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class DrawnView:
    """One view: its words, options, controls in their order, charts, and what else its module is given."""

    key: str
    label: str
    question: str
    look_for: str
    ask: str
    answer: str
    options: Mapping[str, Option]
    controls: tuple[Control, ...]
    charts: tuple[Chart, ...]
    transport: str = ""
    pace: int = 120
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    steps: Mapping[str, float] = field(default_factory=dict)
    more: Callable[[Values], Mapping[str, Any]] = lambda values: {}
    guess: Callable[[Values], Guess | None] | None = None


def option(name: str) -> Control:
    return {"option": name}


def formula(name: str) -> Control:
    return {"formula": name}


def buttons(*pairs: tuple[str, str]) -> Control:
    return {"buttons": [list(pair) for pair in pairs]}


TRANSPORT: Control = {"transport": True}


def show(view: DrawnView, here: Page) -> None:
    """The view in the browser; its values come back as they were last let go."""
    key = f"{here.form.name}.component"

    def on_values() -> None:
        component = session.shown(key)
        if component in (session.MISSING, None):  # the view has just been left
            return
        raw = component.get("values")
        here.take(raw)
        sent = raw.get("sent") if isinstance(raw, dict) else 0
        here.form.values["sent"] = sent if isinstance(sent, int) else 0

    if view.guess is not None:
        predict(here, partial(view.guess, here.values()))
    pressed = [name for control in view.controls for name, _ in control.get("buttons", [])]
    data = view_data(view, here.values(), here.dark) | {"sent": here.form.get("sent", 0), "page": here.name}
    data["limits"] = here.limits(*pressed)
    _component(key=key, data=data, on_values_change=on_values, height="content")


def view_data(view: DrawnView, values: Values, dark: bool) -> dict[str, Any]:
    """Everything that the view's module needs."""
    more = dict(view.more(values))
    revision = hashlib.blake2b(json.dumps([values, more], sort_keys=True).encode(), digest_size=12).hexdigest()  # fmt: skip
    return more | dict(
        view=view.key, label=f"{view.label}: {view.question}", values=values, revision=revision,
        defaults={name: option.default for name, option in view.options.items()},
        options={name: _described(view, option) for name, option in view.options.items()},
        controls=list(view.controls), transport=view.transport, pace=view.pace,
        charts=[dict(name=chart.name, title=chart.title, alt=chart.alt) for chart in view.charts],
        layouts={chart.name: layout(chart, dark) for chart in view.charts}, colors=colors(dark),
    )  # fmt: skip


def _described(view: DrawnView, option: Option) -> dict[str, Any]:
    labels = view.choices.get(option.name, {})
    return dict(
        label=option.label, help=option.help, low=option.low, high=option.high, log=option.log, isSwitch=option.is_switch,
        step=view.steps.get(option.name, 1 if option.integer else 0.01),
        choices={key: labels.get(key, key) for key in option.choices} or None,
    )  # fmt: skip


def colors(dark: bool) -> dict[str, Any]:
    """The colours of the lines; `bright` ones are for a painted ground."""
    lanes = theme.LANE_COLORS[dark]
    levels = theme.ramp(theme.sequential(dark)[:5], 9)[::-1]
    return dict(
        first=lanes[0], second=lanes[1], third=lanes[2], lanes=list(lanes[:5]), surface=theme.surface(dark),
        ink="#c9d4de" if dark else "#3c4a57", faint="#7d8790", band="rgba(213,94,0,.35)", contour="rgba(255,255,255,.45)",
        onField="#ff8c3a", flow="#7dffb0", model="#ff8c3a", bright=["#ff8c3a", "#ffe14d", "#ff9ad5", "#ffffff"],
        scale=theme.colorscale(theme.sequential(dark)), levels=[f"rgb({r},{g},{b})" for r, g, b in levels.tolist()],
    )  # fmt: skip


def layout(chart: Chart, dark: bool) -> dict[str, Any]:
    """A chart's layout as plain JSON; ranges are the browser's to set."""
    figure = base_figure(dark, showlegend=chart.legend, hovermode="closest", dragmode=False)
    if chart.scene:
        _three_dimensions(figure, chart.scene)
    else:
        figure.update_xaxes(title_text=chart.x, fixedrange=True, tickformat="~g", zeroline=not chart.painted)
        figure.update_yaxes(title_text=chart.y, fixedrange=True, tickformat="~g", zeroline=not chart.painted)
        for axis, update in (("x", figure.update_xaxes), ("y", figure.update_yaxes)):
            if axis in chart.log:
                update(type="log", exponentformat="power", tickformat="", nticks=7)
        if chart.painted:
            figure.update_xaxes(showgrid=False)
            figure.update_yaxes(showgrid=False)
        if chart.legend:  # above the plot, where it hides nothing
            figure.update_layout(
                legend=dict(x=1, y=1, yanchor="bottom"), margin=MARGIN | dict(t=5 + 19 * chart.lines)
            )
    found: dict[str, Any] = json.loads(figure.to_json())["layout"]
    return found


def _three_dimensions(figure: go.Figure, titles: tuple[str, str, str]) -> None:
    axes = {
        f"{axis}axis": dict(title=dict(text=title), showspikes=False)
        for axis, title in zip("xyz", titles, strict=True)
    }
    figure.update_layout(scene=dict(camera=dict(eye=dict(x=-1.2, y=-1.4, z=0.9), center=dict(z=-0.15)), **axes), showlegend=False, margin=dict(l=0, r=0, t=0, b=0), dragmode="turntable", uirevision="kept")  # fmt: skip
