"""What every page does once: its link, its warnings, its first line, its run and its panel.

A page's script is a function that makes a `Page` and then draws what is its own:

    here = Page("units", "Units · what do neurons put out?", HELP, OPTIONS)
    with st.sidebar:
        config = experiment_controls(here.form)
    here.live(UnitsRun, config)

**The link.** Making a `Page` reads it: the experiment (unless `lanes=0`) and the page's own `options`, a table name ->
`Option`. What can't be used is clamped or left out, and a sentence says so above the page. The values are then in
`here.form`, and widgets show them: `number(here.form, "cells", OPTIONS["cells"])` draws the one that suits the option and
returns its checked value; `here.form["cells"]` reads it, `here.form.put("cells", 51)` sets it (see form.py on why a widget
is never set in any other way). `here.write(config)` writes the link, `here.write()` for a page without an experiment; a
parameter that has its default is left out. `here.live` does it for you. Back and forward, late messages, and coming back
from another page as one left it are taken care of.

**Views.** A page of several views gives `views=`, a table name -> `View(label, options, …)`: the switch stands beside the
title, `here.view` is the name of the view that is shown, and `here.form` holds this view's values; each view keeps its own.
The link names the view (`?view=ravine&eta=0.3`). `defaults` are the parameters of a link that names nothing but the view.
Views with `shares=True` have data, network, loss and seed in common: they are in `here.base` (otherwise the same as
`here.form`).

**Without the live panel.** A static picture (a component that is given everything at once and plays by itself, such as the
Learning rate page's Picture) needs `here.form` and `here.write()` alone: hand the component `here.values()`, take what it
sends with `here.take(raw)` in its callback, which clamps each value to its option, and call `here.write()` last.
`st.fragment` around both keeps the rest of the page still. What is kept between two runs and is no widget's value goes into
a dataclass of the page: `session.of("units.state", UnitsState)`.

**With it.** `here.live(make, config)` writes the link and shows the session's run: `make(config, data, dark)` makes one;
`run.matches(config)` says whether `config` can be swapped in, `run.swap(config)` does it, `run.set_looks(dark)` follows the
theme. What the engine refuses is said in place of the panel, a run that had to make way for another is said in a toast.
`here.run` and `here.show` are its two halves, for a page that has to do something in between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from engine import ExperimentConfig
from engine.config import query as links
from engine.config.changes import needs_new_run
from engine.config.reader import Reader, text
from engine.options import Option
from pages.shared import address, session
from pages.shared.classroom.packed import fitting
from pages.shared.desk import Desk
from pages.shared.form import Form
from pages.shared.live.handover import offer
from pages.shared.live.limits import PANEL
from pages.shared.live.panel import live_panel
from pages.shared.live.protocol import Limits
from pages.shared.live.runs import RunList
from pages.shared.run_buttons import run_buttons
from pages.shared.style import CHARTS, STYLE
from pages.shared.text import plain_text
from pages.shared.widgets.data import take_drawn
from pages.shared.widgets.experiment import link_query, widget_values
from pages.shared.widgets.table import load

MOST_LANES = 8  # that a page shows, and so that a link may ask for
MOST_SEEDS = 10_000
NEW_WEIGHTS = "new weights"  # what the panel asks of the page


@dataclass(frozen=True)
class View:
    """One view of a page: its label and options, its link when only the view is named, how many lanes a link may have
    (0: there is no experiment in it), whether it shares data, network and seed with other views, and whether it asks for a
    guess before it shows its number (predict.py).
    """

    label: str
    options: Mapping[str, Option] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    lanes: int = MOST_LANES
    shares: bool = False
    guesses: bool = False


@dataclass
class PageState:
    """What is kept of a page between its runs: the view that is shown, the experiment of a link that came in until the page
    takes it, and the last run of each view.
    """

    view: str = ""
    visited: set[str] = field(default_factory=set)
    linked: tuple[ExperimentConfig, dict[str, str]] | None = None
    runs: dict[str, Any] = field(default_factory=dict)


def next_seed(here: Page) -> None:
    """What "New initial weights" asks for."""
    here.base.put("seed", (here.base["seed"] + 1) % MOST_SEEDS)


class Page:
    """One run of a page's script; see the top of this file. `defaults` are the parameters of a link that has none; `new_weights` answers the
    button "New initial weights". Without a `panel`, no view of the page has the live panel.
    """

    def __init__(
        self, name: str, title: str, help: str = "", options: Mapping[str, Option] | None = None, *,
        views: Mapping[str, View] | None = None, defaults: Mapping[str, str] | None = None, lanes: int = MOST_LANES,
        new_weights: Callable[[Page], None] = next_seed, panel: bool = True,
    ) -> None:  # fmt: skip
        self.name, self.views, self._panel_names = name, views or {}, list(PANEL) if panel else []
        self._only = View(title, options or {}, defaults or {}, lanes)
        self.problems: list[str] = []
        self._query: dict[str, str] = {}
        self.state = session.of(f"{name}.state", PageState)
        self.top = session.of(f"{name}.form", lambda: Form(name))
        wishes = session.wishes()
        switched_to = self.top.ahead("view")
        arrived, query = address.arrive(name)
        self.desk = Desk(name, self.top, self.problems)
        query, begins = self.desk.take(query)
        # from here on plain Python: nothing of this is done by half
        self._enter(query, None if arrived else switched_to)
        if begins:
            self.state.runs.pop(self.view, None)
        if NEW_WEIGHTS in wishes:
            wishes.discard(NEW_WEIGHTS)
            if not arrived and not self.top.locks("seed"):
                new_weights(self)
        self.problems += take_drawn(self.base, self.last_run)
        self.desk.enter(self._facts.guesses, query is not None)
        self.top.begin()
        self.top.offer(self._panel_names)
        self.dark = is_dark()
        self._head(title, help)

    # --- the link -----------------------------------------------------------------------------------------------

    @property
    def view(self) -> str:
        """The view that is shown; the empty text on a page of one view."""
        return self.state.view

    @property
    def options(self) -> Mapping[str, Option]:
        return self._facts.options

    @property
    def form(self) -> Form:
        """The values of this page, or of the view that is shown."""
        return self.top.part(self.view) if self.view else self.top

    @property
    def last_run(self) -> Any:
        """The run that this page, or this view of it, has shown last; None before the first."""
        return self.state.runs.get(self.view)

    @last_run.setter
    def last_run(self, run: Any) -> None:
        self.state.runs[self.view] = run

    @property
    def base(self) -> Form:
        """The values that views share: data, network, loss and seed."""
        return self.top if self._facts.shares else self.form

    @property
    def _facts(self) -> View:
        return self.views.get(self.state.view, self._only)

    def _enter(self, query: dict[str, str] | None, switched_to: Any) -> None:
        """Go to the view that is asked for, by link or by its switch, and take over what its link says."""
        if query is not None:
            if self.views:
                self.state.view = self._named(query)
                self.top.put("view", self.view)
                query = {key: value for key, value in query.items() if key != "view"}
            self._read(query)
            return
        if switched_to in self.views:
            self.state.view = self.top.values["view"] = switched_to
        if self.view not in self.state.visited:
            self._read({}, is_link=False)

    def _named(self, query: Mapping[str, str]) -> str:
        asked = query.get("view", "")
        first = next(iter(self.views))
        if asked and asked not in self.views:
            self.problems.append(f"view is {asked[:40]!r} in the link, which is not one of {', '.join(self.views)}; {first} is used instead.")  # fmt: skip
        return asked if asked in self.views else first

    def _read(self, query: dict[str, str], is_link: bool = True) -> None:
        """All values of the view from its link."""
        facts, state = self._facts, self.state
        query = query or dict(facts.defaults)
        if facts.lanes:
            # a method without a rate gets one that suits it
            config, problems = links.read({"opt": "sgd"} | query, ExperimentConfig, facts.lanes)
            self.problems += problems
            self.form.update(widget_values(config))
            if facts.shares and (is_link or not state.visited):
                self.top.update(widget_values(config))
            state.linked = config, query
        reader = Reader(query, self.problems)
        for name, option in facts.options.items():
            self.form.put(name, reader.option(name, option, option.default))
        state.visited.add(state.view)

    def linked(self) -> tuple[ExperimentConfig, dict[str, str]] | None:
        """The experiment of a link that has just come in, and its parameters; None if none has. Asked for once."""
        found, self.state.linked = self.state.linked, None
        return found

    def write(self, config: ExperimentConfig | None = None, more: Mapping[str, str] | None = None) -> None:
        """Let the link be this page as it is: `config`, the page's options, and `more`."""
        query = {} if config is None else link_query(config)
        if self.view and self.view != next(iter(self.views)):
            query["view"] = self.view
        query |= {
            name: text(self.form[name])
            for name, option in self.options.items()
            if self.form[name] != option.default
        }
        query |= dict(more or {}) | self.desk.parameters()
        count = len(self.problems)
        self.desk.lay_out(query, self.dark)
        if len(self.problems) > count:
            self._show_problems()
        self._query = query
        address.write(self.name, fitting(query | self.desk.given.sheet.query(), st.context.url or "")[0])
        if self.dark != is_dark():  # a fragment of the page is drawn again, with the page's colours
            st.rerun()

    # --- values of a component ----------------------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """The page's own options, each with its value."""
        return {name: option.clamp(self.form[name]) for name, option in self.options.items()}

    def take(self, raw: Any) -> None:
        """Values from a component in the browser, each clamped to its option; what is not among the options is left, and so
        is what a worksheet locks.
        """
        if isinstance(raw, dict):
            for name, option in self.options.items():
                if name in raw and not self.form.locks(name):
                    self.form.put(name, option.clamp(raw[name]))

    def limits(self, *more: str) -> Limits:
        """What the worksheet hides and locks of the controls that a component draws in the browser: the options, and `more`."""
        names = [*self.options, *more]
        self.form.offer(names)
        return self.desk.limits(names)

    # --- what is drawn ------------------------------------------------------------------------------------------

    def _head(self, title: str, help: str) -> None:
        """The first line, with the switch of the views beside it, and what could not be used of the link below."""
        self.head = st.container(
            horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key=f"{self.name}_head"
        )  # fmt: skip
        with self.head:
            self.title = st.container(
                horizontal=True, vertical_alignment="center", width="content", gap="small"
            )
            with self.title:
                st.markdown(f"# {title}", help=help or None, width="content")
                self.desk.share(self._facts.guesses)
            if self.views:
                key = self.top.open("view", next(iter(self.views)))
                held = st.segmented_control(
                    "View", list(self.views), key=key, default=self.top["view"], format_func=lambda view: self.views[view].label if view in self.views else "",
                    label_visibility="collapsed", required=True, disabled=self.top.locks("view"),
                )  # fmt: skip
                self.top.take("view", held, self.view)
        st.html(STYLE + CHARTS * bool(self.views or self._only.lanes))
        # always there: the panel is built again whenever something comes or goes above it
        self._warnings = st.empty()
        self._show_problems()
        self.desk.draw()

    def warn(self, sentence: str) -> None:
        """Say that something of the link could not be used."""
        self.problems.append(sentence)
        self._show_problems()

    def _show_problems(self) -> None:
        if self.problems:
            with self._warnings.container():
                for problem in self.problems:
                    st.warning(plain_text(problem, 500), icon=":material/link_off:")

    def live(self, make: Callable[[ExperimentConfig, Any, bool], Any], config: ExperimentConfig) -> None:
        """Write the link, and show the session's run of `config` in the live panel."""
        self.write(config)
        run = self.run(make, config)
        if run is not None:
            self.show(run)

    def run(
        self, make: Callable[[ExperimentConfig, Any, bool], Any], config: ExperimentConfig,
        fits: Callable[[Any], bool] | None = None,
    ) -> Any:  # fmt: skip
        """The session's run with the settings of `config` swapped in; one that `make` has made where it does not fit.

        None where the engine refuses `config`: the reason is said in place of the panel.
        """
        old = self.last_run
        try:
            if old is not None and (fits or (lambda run: run.matches(config)))(old):
                old.swap(config)
            else:
                if old is not None:
                    session.of("session.runs", RunList).see(old.record())
                self.last_run = make(config, load(config.dataset), self.dark)
                if old is not None:
                    st.toast(why_new(old.config, config))
        except ValueError as error:
            st.error(plain_text(str(error), 500))
            return None
        run = self.last_run
        run.set_looks(self.dark)
        for name in ("show_test", "discretise"):
            if name in self.form.values:
                setattr(run.view, name, self.form[name])
        return run

    def show(self, run: Any, below: Callable[[], None] | None = None) -> None:
        """The live panel with `run`, which other pages may look at from now on. Call it last."""
        offer(self.name, run)
        run_buttons(self.title, self.top, run, self.dark)
        self.panel(run, below)

    def panel(self, run: Any, below: Callable[[], None] | None = None, part: str = "live") -> None:
        """The live panel with anything that it can show; `below` draws what else changes with each of its answers."""
        self.desk.prepare(run, self._query)
        self.top.settle()
        live_panel(run, f"{part}.{self.form.name}", below, self._is_behind)

    def _is_behind(self) -> bool:
        """Whether the page must run before its panel is answered: a widget was changed, or the theme."""
        return self.top.is_behind() or self.dark != is_dark()


def is_dark() -> bool:
    return st.context.theme.type == "dark"


def why_new(old: ExperimentConfig, new: ExperimentConfig) -> str:
    reasons = needs_new_run(old, new) or ["Other settings"]
    return f"New run: {', '.join(reasons).lower()}."
