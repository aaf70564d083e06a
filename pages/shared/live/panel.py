"""The live panel's Python half: one component, one fragment, and the protocol between them.

The browser pulls, the server trains (assets/live/live.js is the other half):

    browser -> server   trigger "pull": {sequence, run, action, have, seen, frames, updates, budget_ms}
        action   play (make frames) · step · epoch · reset · reinit · rest (exact figures, on pause)
                 · click (with `click` {chart, x, y}: where in a chart that has `clicks`, or its `scrub` slider)
                 · refine (go on with a rest figure whose `progress` is below 1)
        have     chart -> revision of the figure that the browser holds
        seen     the last frame that arrived: older ones are not kept any longer
    server -> browser   data: {batch, sequence, run, config, charts, frames, state, rest, layout, rows, reserve, interval, transport}
        charts   [{name, kind, area, title, alt, revision, figure only if the browser lacks it, …}]
                 lane, color, glyph: the card is of one lane · lanes: of which lane each trace is (or null);
                 pointing at a lane in any card sets it off in all, a click on its name isolates it
        frames   [{id, state, charts: {name: what changed}}]
        state    {step, readout [[label, value]], message, finished, progress (0 to 1, draws a bar)}
        words    for a run that is no training run: {play, pause, reset} name the buttons; there is no step or speed

A frame's part for a Plotly chart: extend [[trace, x, y]], set [[trace, x, y]], image {data, width, height}
(one byte a cell, through the chart's 256-colour palette), figure (in place of the old one), caption. A chart of
kind "table" has rows [[{text, value (to sort by)}]] in place of all that. A rest part has the exact figure, image,
caption, and what goes on after it: progress (0 to 1; below 1 the browser asks to refine) and scrub {label, count, at,
text}, a slider whose moves come as clicks (x: the place).

No pull, no work: a paused, hidden or closed page costs the server nothing. A full rerun may pre-empt a
fragment after it has trained, so frames stay in the outbox until the browser has seen them.
"""

from __future__ import annotations

import itertools
import json
import math
import time
from collections.abc import Callable
from typing import Any, Protocol

import streamlit as st

from pages.shared import session
from pages.shared.live.turns import my_turn

MOST_FRAMES = 30  # a pull cannot ask for more, whatever a modified client sends
MOST_UPDATES = 200  # updates per frame
MOST_SECONDS = 0.5
ACTIONS = ("play", "step", "epoch", "reset", "reinit", "rest", "refine", "click")

_component = st.components.v2.component(
    "descent_lab_live",
    html="<div></div>",
    js="""
const ready = import(new URL("assets/live/live.js", document.baseURI).href);
export default function (component) {
  let close = null, closed = false;
  ready.then((module) => { if (!closed) close = module.default(component); });
  return () => { closed = true; close?.(); };
}
""",
    isolate_styles=False,
)


class LiveChart(Protocol):
    """What the panel shows in one card."""

    name: str

    def spec(
        self,
    ) -> dict[
        str, Any
    ]: ...  # title, alt, area, kind, revision, figure (made only if it is needed), palette …
    def frame(self) -> dict[str, Any] | None: ...  # what has changed since the last frame
    def rest(self) -> dict[str, Any] | None: ...  # the exact figure, when nothing moves


class LiveRun(Protocol):
    """A run in the session: it trains on request and knows its charts.

    `layout` is the grid's areas, `rows` its row heights, both as CSS has them. A run whose charts have `clicks`
    also has `click(chart, x, y)`, where x and y are numbers, or names on an axis of names; true asks for the whole
    page anew. It may have `reserve`, the pixels to leave below the panel on the screen, and `interval`, the
    milliseconds that every frame is shown. Without `transport` nothing is trained: no buttons. A chart whose rest
    figure gets finer has `refine()`: a slice of the work and what came of it, None if all is done.
    A chart whose spec has `opens`, a sentence, is opened by a click on it: `click(chart, 0, 0)`. `words` see above.
    """

    run_id: str
    config_revision: int
    layout: str
    rows: str
    charts: list

    def advance(self, action: str, updates: int) -> None: ...
    def state(self) -> dict[str, Any]: ...


class Mailbox:
    """Per run: what the browser has and wants, and the frames that it may not have seen."""

    def __init__(self) -> None:
        self.outbox: list[dict[str, Any]] = []
        self.frame_ids = itertools.count()
        self.batches = itertools.count()
        self.sequence = 0
        self.playing = False
        self.have: dict[str, Any] = {}


def live_panel(
    run: LiveRun, key: str, below: Callable[[], None] | None = None, is_behind: Callable[[], bool] = bool
) -> None:
    """Show `run`, below the page's widgets. `below` draws what else changes with each answer to a pull; `is_behind` tells
    whether the page must run before the next one.
    """
    _panel(run, key, below, is_behind)


@st.fragment
def _panel(run: LiveRun, key: str, below: Callable[[], None] | None, is_behind: Callable[[], bool]) -> None:
    with my_turn():
        _answer(run, key, below, is_behind)


def _answer(run: LiveRun, key: str, below: Callable[[], None] | None, is_behind: Callable[[], bool]) -> None:
    """Answer one pull, if there is one.

    Streamlit's browser half sends a widget's change and a pull of the same moment as one message, and as the
    fragment's alone: so the fragment looks whether the page should have run.
    """

    def on_pull() -> None:
        sent = st.session_state.get(key)  # None: the panel has just been left, by another view or page
        if sent is not None:
            st.session_state[f"{key}_request"] = sent.pull

    if is_behind():
        _component(key=key, data={}, on_pull_change=on_pull)  # nothing new; without it the panel would go
        st.rerun()
    box = st.session_state.setdefault(f"{key}_mailbox", {})
    mailbox = box.get(run.run_id)
    if mailbox is None:
        box.clear()
        mailbox = box[run.run_id] = Mailbox()
    request = read_request(st.session_state.pop(f"{key}_request", None))
    answer = respond(run, mailbox, request)
    _component(key=key, data=answer, on_pull_change=on_pull)
    if below is not None:
        below()


def read_request(raw: Any) -> dict[str, Any] | None:
    """A pull from the browser, checked and clamped: it is input like any other."""
    if not isinstance(raw, dict) or raw.get("action") not in ACTIONS:
        return None

    def whole(name: str, low: int, high: int) -> int:
        value = raw.get(name)
        return int(min(max(value, low), high)) if isinstance(value, (int, float)) and value == value else low

    have = raw.get("have")
    return dict(
        action=raw["action"],
        run=str(raw.get("run"))[:64],
        sequence=whole("sequence", 0, 2**50),
        seen=whole("seen", -1, 2**50),
        frames=whole("frames", 1, MOST_FRAMES),
        updates=whole("updates", 1, MOST_UPDATES),
        seconds=whole("budget_ms", 1, int(MOST_SECONDS * 1000)) / 1000,
        have=have if isinstance(have, dict) else {},
        click=read_click(raw.get("click")),
    )


def read_click(raw: Any) -> tuple[str, Any, Any] | None:
    """Chart and place of a click: numbers, or short texts."""
    if not isinstance(raw, dict):
        return None
    x, y = (value[:200] if isinstance(value := raw.get(axis), str) else value for axis in "xy")
    for value in (x, y):
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        if not (is_number or isinstance(value, str)):
            return None
    return str(raw.get("chart"))[:64], x, y


def respond(run: LiveRun, mailbox: Mailbox, request: dict[str, Any] | None) -> dict[str, Any]:
    """Train as asked and say what the browser needs to know."""
    if request:
        mailbox.sequence = request["sequence"]
        mailbox.playing = request["action"] == "play"
        mailbox.have = request["have"] if request["run"] == run.run_id else {}
        mailbox.outbox = [frame for frame in mailbox.outbox if frame["id"] > request["seen"]]
        if request["run"] == run.run_id:
            if request["action"] == "play":
                play(run, mailbox, request)
            elif request["action"] == "reinit":
                session.wishes().add("new weights")  # the page knows where its seed is
                st.rerun()
            elif request["action"] == "click":
                if request["click"] and hasattr(run, "click") and run.click(*request["click"]):
                    st.rerun()
            elif request["action"] not in ("rest", "refine"):
                run.advance(request["action"], 1)
    refining = request is not None and request["action"] == "refine" and request["run"] == run.run_id
    if not (request and mailbox.playing) and not refining:
        mailbox.outbox.append(make_frame(run, mailbox))
    charts = []
    for chart in run.charts:
        spec = chart.spec()
        make_figure = spec.pop("figure")
        spec["revision"] = f"{run.run_id}-{spec['revision']}"  # another run's figures are other figures
        if mailbox.have.get(chart.name) != spec["revision"]:
            spec["figure"] = figure_json(make_figure())
        charts.append(spec)
    rest = {}
    if refining:
        rest = refined(run)
    elif not mailbox.playing:
        rest = {chart.name: figure for chart in run.charts if (figure := chart.rest())}
    return dict(
        batch=f"{run.run_id}-{next(mailbox.batches)}",
        sequence=mailbox.sequence,
        run=run.run_id,
        config=run.config_revision,
        layout=run.layout,
        rows=run.rows,
        reserve=getattr(run, "reserve", 0),
        interval=getattr(run, "interval", None),
        transport=getattr(run, "transport", True),
        words=getattr(run, "words", None),
        charts=charts,
        frames=list(mailbox.outbox),
        state=run.state(),
        rest=rest,
    )


def refined(run: LiveRun) -> dict[str, Any]:
    """One slice of work on the first chart that has some left."""
    for chart in run.charts:
        if hasattr(chart, "refine") and (part := chart.refine()) is not None:
            return {chart.name: part}
    return {}


def play(run: LiveRun, mailbox: Mailbox, request: dict[str, Any]) -> None:
    deadline = time.perf_counter() + request["seconds"]
    for _ in range(request["frames"]):
        if run.state()["finished"]:
            break
        run.advance("play", request["updates"])
        mailbox.outbox.append(make_frame(run, mailbox))
        if time.perf_counter() > deadline:
            break


def make_frame(run: LiveRun, mailbox: Mailbox) -> dict[str, Any]:
    parts = {chart.name: part for chart in run.charts if (part := chart.frame()) is not None}
    return dict(id=next(mailbox.frame_ids), charts=parts, state=run.state())


def figure_json(figure) -> dict[str, Any]:
    """A go.Figure (or what already is plain) as JSON values."""
    return figure if isinstance(figure, dict) else json.loads(figure.to_json())
