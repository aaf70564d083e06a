"""What the views of the Learning rate page share: controls, ranges of rates, and the way into the Playground."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from engine import OPTIMIZERS, ExperimentConfig, LaneConfig
from pages.shared import session
from pages.shared.live.handover import hand
from pages.shared.page import Page
from pages.shared.widgets.experiment import link_query
from pages.shared.widgets.option import RATES, changed_options, ladder
from pages.shared.widgets.table import load
from pages.shared.widgets.training import method_control

MOST_REPLAYED = 20_000  # updates that are trained once more when a lane is opened in the Playground
METHODS = {key: kind for key, kind in OPTIMIZERS.items() if not kind.needs_closure}  # those that have a rate


def method_controls(here: Page) -> LaneConfig:
    """A method with its options, its formula beside it; the rate is for the view to choose."""
    asked = here.form.get("optimizer", "sgd")
    optimizer = method_control(here.form, METHODS)
    if asked not in METHODS:
        here.warn(f"{OPTIMIZERS[asked].label} searches its own step length and has no rate to choose; SGD is used instead.")  # fmt: skip
    formula = st.empty()
    st.caption(METHODS[optimizer].help)
    options: dict[str, Any] = {}
    if METHODS[optimizer].options:
        with st.popover("Options", width="stretch"):
            options = changed_options(here.form, optimizer, METHODS)
    formula.latex(METHODS[optimizer].formula_with(METHODS[optimizer].with_defaults(options)))
    return LaneConfig(optimizer, METHODS[optimizer].start_rate, options)


def range_controls(here: Page) -> tuple[float, float]:
    """The lowest and the highest rate, at least a factor of ten apart."""
    low, high = (ladder(here.form, name, here.options[name], RATES) for name in ("low", "high"))
    st.latex(r"\eta_k=\eta_{\text{low}}\left(\frac{\eta_{\text{high}}}{\eta_{\text{low}}}\right)^{k/(K-1)}")
    if high < 10 * low:
        used = (min(low, high), max(low, high, 10 * min(low, high)))
        st.warning(
            f"The highest rate must be at least ten times the lowest; {used[0]:g} to {used[1]:g} is used."
        )
        return used
    return low, high


def write_lanes(here: Page, config: ExperimentConfig, always: str) -> None:
    """Write the link with the parameter `always` even where it has its default: without it a link means the usual lanes."""
    here.write(config, {always: config.to_query()[always]})


def linked_lanes(here: Page, always: str) -> tuple[LaneConfig, ...] | None:
    """The lanes of a link that was just read; none where it names none; None where no link has come in."""
    linked = here.linked()
    if linked is None:
        return None
    config, query = linked
    return config.lanes if len(config.lanes) > 1 or always in query else ()


def show_run(
    here: Page, config: ExperimentConfig, make: Callable[..., Any], fits: Callable[[Any], bool]
) -> None:
    """The view's run in the live panel; a new one where it does not fit what is asked for now."""
    run = here.run(make, config, fits)
    if run is not None:
        here.panel(run)


# --- the way into the Playground --------------------------------------------------------------------------------


@dataclass
class Travel:
    """A lane that is to be opened in the Playground; the link there, and the one that was left."""

    wanted: tuple[ExperimentConfig, int] | None = None
    left: tuple[dict[str, str], dict[str, str]] | None = None


def open_in_playground(config: ExperimentConfig, lane: int, updates: int) -> bool:
    """Ask for the Playground with one lane of `config`, after so many updates. True: the page must run again."""
    full = config.lane(lane)
    assert full.network is not None and full.batch_size is not None and full.seed is not None
    alone = replace(full, network=None, loss=None, batch_size=None, seed=None, name="")
    own: dict[str, Any] = dict(
        network=full.network, loss=full.loss, batch_size=full.batch_size, seed=full.seed
    )
    whole = replace(config, **own, lanes=(alone,))
    session.of("learning_rate.travel", Travel).wanted = whole, min(updates, MOST_REPLAYED)
    return True


def follow_wish() -> None:
    """Go to the Playground, if that was asked for. A fragment that went there itself would keep this page's address.

    On the way Streamlit leaves this page with the Playground's parameters in the browser's history: a person who comes back
    to that entry finds the view that was left.
    """
    travel = session.of("learning_rate.travel", Travel)
    if travel.wanted is not None:
        config, updates = travel.wanted
        load(config.dataset)
        query, now = link_query(config), st.query_params.to_dict()
        hand("playground", config, updates)
        travel.wanted, travel.left = None, (query, now)
        st.switch_page("playground/playground.py", query_params=query)
    if travel.left is not None and st.query_params.to_dict() == travel.left[0]:
        query, travel.left = travel.left[1], None
        st.query_params.from_dict(query)
