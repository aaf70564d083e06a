"""What the views of the Learning rate page share: controls, ranges of rates, and the way into the Playground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from engine import OPTIMIZERS, ExperimentConfig, LaneConfig
from engine.data.load import load_dataset
from engine.limits import FIELDS
from engine.options import Option
from pages.shared.live.single import PlaygroundRun
from pages.shared.widgets.experiment import (
    BATCHES,
    RATES,
    changed_options,
    choose,
    data_controls,
    ladder,
    link_query,
    loss_control,
    network_controls,
    number,
    task_of,
    write_url,
)

SHARED = (
    "data",
    "n",
    "noise",
    "test",
    "dseed",
    "feat",
    "x",
    "y",
    "label",
    "net",
    "act",
    "init",
    "loss",
    "seed",
    "batch",
)
MOST_REPLAYED = 20_000  # updates that are trained once more when a lane is opened in the Playground
REPLAY_FRAMES = 100
METHODS = {key: kind for key, kind in OPTIMIZERS.items() if not kind.needs_closure}  # those that have a rate


def page_of(view: str) -> str:
    """Each view remembers its own link, as if it were a page."""
    return f"learning_rate/{view}"


def base_controls() -> ExperimentConfig:
    """Data, network, loss and seed: what all runs of a view share."""
    with st.expander("Data", icon=":material/scatter_plot:"):
        dataset = data_controls()
    with st.expander("Network", icon=":material/hub:"):
        network = network_controls()
        loss = loss_control(task_of(dataset))
        seed = number("seed", FIELDS["seed"])
    return ExperimentConfig(dataset, network, loss, FIELDS["batch_size"].default, seed)


def batch_control(samples: int) -> int:
    return ladder("batch_size", FIELDS["batch_size"], BATCHES, lambda v: "all" if v >= samples else f"{v:g}")


def method_controls() -> LaneConfig:
    """A method with its options, its formula beside it; the rate is for the view to choose."""
    optimizer = choose("Optimizer", "optimizer", METHODS, "sgd")
    st.latex(METHODS[optimizer].formula)
    st.caption(METHODS[optimizer].help)
    options = {}
    if METHODS[optimizer].options:
        with st.popover("Options", width="stretch"):
            options = changed_options("", optimizer, METHODS)
    return LaneConfig(optimizer, METHODS[optimizer].start_rate, options)


def range_controls(parameters: Mapping[str, Option]) -> tuple[float, float]:
    """The lowest and the highest rate, at least a factor of ten apart."""
    low = ladder("low", parameters["low"], RATES)
    high = ladder("high", parameters["high"], RATES)
    st.latex(r"\eta_k=\eta_{\text{low}}\left(\frac{\eta_{\text{high}}}{\eta_{\text{low}}}\right)^{k/(K-1)}")
    if high < 10 * low:
        used = (min(low, high), max(low, high, 10 * min(low, high)))
        st.warning(
            f"The highest rate must be at least ten times the lowest; {used[0]:g} to {used[1]:g} is used."
        )
        return used
    return low, high


def keep_link(
    page: str,
    config: ExperimentConfig,
    parameters: Mapping[str, Option],
    shares: bool = True,
    always: str = "",
) -> None:
    """Write the link, and remember data and network for the other views.

    `always` is a parameter that is written even where it has its default: without it a link means the usual lanes.
    """
    write_url(page, config, parameters)
    query = st.session_state["written_queries"][page]
    if always:
        query[always] = st.query_params[always] = config.to_query()[always]
    if shares:
        st.session_state["rate_shared"] = {k: v for k, v in query.items() if k.partition(".")[0] in SHARED}


def linked_lanes(page: str, always: str) -> tuple[LaneConfig, ...] | None:
    """The lanes of a link that was just read; none where it names none; None where no link has come in."""
    lanes = st.session_state.pop(f"{page}_lanes", None)
    if lanes is None:
        return None
    return lanes if len(lanes) > 1 or always in st.query_params else ()


def open_in_playground(config: ExperimentConfig, lane: int, updates: int) -> bool:
    """Ask for the Playground with one lane of `config`, after so many updates. True: the page must run anew."""
    full = config.lane(lane)
    assert full.network is not None and full.batch_size is not None and full.seed is not None
    alone = replace(full, network=None, loss=None, batch_size=None, seed=None, name="")
    own: dict[str, Any] = dict(
        network=full.network, loss=full.loss, batch_size=full.batch_size, seed=full.seed
    )
    st.session_state["wanted_in_playground"] = (
        replace(config, **own, lanes=(alone,)),
        min(updates, MOST_REPLAYED),
    )
    return True


def follow_wish() -> None:
    """Go to the Playground, if that was asked for. A fragment that went there itself would keep this page's address.

    The run is trained there once more: a lane is the same alone as in company, to the bit. On the way Streamlit leaves
    this page with the Playground's parameters in the browser's history: who comes back to that finds the view that
    was left.
    """
    wish = st.session_state.pop("wanted_in_playground", None)
    if wish is not None:
        config, updates = wish
        run = PlaygroundRun(config, load_dataset(config.dataset), st.context.theme.type == "dark")
        while run.experiment.updates < updates and not run.experiment.finished:
            run.advance("play", min(-(-updates // REPLAY_FRAMES), updates - run.experiment.updates))
        st.session_state["playground_run"] = run
        query = link_query(config)
        st.session_state["went_to_playground"] = (query, st.query_params.to_dict())
        st.switch_page("playground/playground.py", query_params=query)
    went = st.session_state.get("went_to_playground")
    if went and st.query_params.to_dict() == went[0]:
        del st.session_state["went_to_playground"]
        st.query_params.from_dict(went[1])


def come_back(views: Sequence[str]) -> None:
    """Arriving without parameters, from another page: the view that was shown last, as it was left."""
    here = str(st.session_state.get("page_shown", "")).startswith("learning_rate/")
    last = str(st.session_state.get("rate_view"))
    if not here and not st.query_params and last in views:
        st.query_params.from_dict({"view": last} | st.session_state["written_queries"].get(page_of(last), {}))
