"""Widgets that make a configuration, and the URL that holds it.

The URL is the experiment: each run writes `config.to_query()` into it, and whatever URL comes in (a shared link,
the back button, something typed) is read through the engine's checks before any widget exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from engine import (
    ACTIVATIONS,
    DATASETS,
    FEATURES,
    INITIALIZERS,
    LOSSES,
    OPTIMIZERS,
    SCHEDULES,
    DatasetConfig,
    ExperimentConfig,
    LaneConfig,
    NetworkConfig,
)  # fmt: skip
from engine.config.experiment import from_query_checked
from engine.config.reader import Reader, text
from engine.limits import FIELDS, MAX_LAYERS, MAX_NEURONS, MAX_SAMPLES
from engine.network.losses import DEFAULT_LOSS
from engine.options import Option
from pages.shared.late_links import is_late, mark_replaced
from pages.shared.widgets.table import csv_controls, say_what_was_read, shipped_controls

RATES = tuple(
    float(f"{digit}e{power}") for power in range(-5, 3) for digit in (1, 1.5, 2, 3, 5, 7)
)  # 1e-5 to 700: the ladder of the rate slider
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256, MAX_SAMPLES)
PENALTIES = (0.0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
LAYERS = Option("layers", 2, "Hidden layers", "Layers between input and output.", 0, MAX_LAYERS, integer=True)
NEURONS = Option("neurons", 8, "Neurons", "Neurons of this layer.", 1, MAX_NEURONS, integer=True)
MOST_LANES = 8
SWITCHES = {
    "show_test": Option(
        "show_test", True, "Show test data", "Hollow points: the network never trains on them."
    ),
    "discretise": Option(
        "discretise", False, "Discretise", "Show the decision alone, without its confidence."
    ),
}


# --- the URL ------------------------------------------------------------------------------------------------


def read_url(page: str, extra: Mapping[str, Option]) -> list[str]:
    """If the URL is not the one that `page` wrote last, set all widgets from it. What could not be used, as sentences.

    `extra` are the page's own parameters: they go to the session under their names. A page that is come back to
    without parameters is as it was left.
    """
    query = st.query_params.to_dict()
    written = st.session_state.setdefault("written_queries", {})
    arrived = st.session_state.get("page_shown") != page
    st.session_state["page_shown"] = page
    left = st.session_state.setdefault("pages_left", {})
    if arrived and not query and page in left:
        st.session_state.update(left[page])
        return []
    if not arrived and (written.get(page) == query or is_late(page, query)):
        return []
    config, problems = from_query_checked(
        {"opt": "sgd"} | query, MOST_LANES
    )  # a method without a rate gets one that suits it
    for key, value in widget_values(config).items():
        st.session_state[key] = value
    st.session_state[f"{page}_lanes"] = config.lanes
    reader = Reader(query, problems)
    for key, option in extra.items():
        st.session_state[key] = reader.option(key, option, option.default)
    return problems


def link_query(config: ExperimentConfig) -> dict[str, str]:
    """An experiment as URL parameters: only what an empty URL does not mean."""
    usual = ExperimentConfig.from_query({"opt": config.lanes[0].optimizer}).to_query()
    usual["opt"] = "sgd"
    usual["loss"] = DEFAULT_LOSS[task_of(config.dataset)]
    return {name: value for name, value in config.to_query().items() if usual.get(name) != value}


def write_url(page: str, config: ExperimentConfig, extra: Mapping[str, Option]) -> None:
    """Put the experiment and the page's own parameters into the URL: only what an empty URL does not mean."""
    query = link_query(config)
    query |= {
        name: text(st.session_state[name])
        for name, option in extra.items()
        if st.session_state.get(name, option.default) != option.default
    }
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)
    before = st.session_state["written_queries"].get(page)
    if before is not None and before != query:
        mark_replaced(page, before)
    st.session_state["written_queries"][page] = query
    st.session_state["pages_left"][page] = {
        **widget_values(config), f"{page}_lanes": config.lanes, **{name: st.session_state.get(name, option.default) for name, option in extra.items()},
    }  # fmt: skip


def task_of(dataset: DatasetConfig) -> str:
    if dataset.name == "csv":
        return st.session_state["csv_task"]
    return DATASETS[dataset.name].task_for(dataset.label, dataset.target)


def widget_values(config: ExperimentConfig) -> dict[str, Any]:
    """What every widget shows for `config`."""
    data, lane = config.dataset, config.lane(0)
    values: dict[str, Any] = dict(
        data=data.name, samples=data.samples, noise=data.noise, test_fraction=data.test_fraction,
        data_seed=data.seed, features=list(data.features), seed=lane.seed,
        loss=config.loss or DEFAULT_LOSS[DATASETS[data.name].task_for(data.label, data.target)],
    )  # fmt: skip
    columns, label = data.columns, data.label
    if data.name in DATASETS and DATASETS[data.name].columns:
        columns = columns or DATASETS[data.name].columns[:2]  # type: ignore[assignment]
        label = label or next(iter(DATASETS[data.name].labels))
    if columns:
        values["x_column"], values["y_column"] = columns
        values |= {"label": label, f"target_{label}": data.target}
    return values | network_values(config.network) | training_values(lane, lane.batch_size)


def network_values(network: NetworkConfig, prefix: str = "") -> dict[str, Any]:
    """What the widgets of `network_controls` show."""
    values: dict[str, Any] = dict(layers=len(network.hidden), initializer=network.initializer)
    for k in range(1, MAX_LAYERS + 1):
        inside = k <= len(network.hidden)
        values[f"neurons{k}"] = network.hidden[k - 1] if inside else NEURONS.default
        values[f"activation{k}"] = network.activations[k - 1] if inside else "tanh"
    values |= option_values(network.initializer, INITIALIZERS, network.initializer_options)
    return {prefix + key: value for key, value in values.items()}


def training_values(lane: LaneConfig, batch_size: int | None, prefix: str = "") -> dict[str, Any]:
    """What the widgets of `training_controls` show."""
    values = dict(
        optimizer=lane.optimizer, learning_rate=lane.learning_rate, schedule=lane.schedule, batch_size=batch_size,
        l1=lane.l1, l2=lane.l2, optimizer_shown=lane.optimizer,
    )  # fmt: skip
    values |= option_values(lane.optimizer, OPTIMIZERS, lane.options)
    values |= option_values(lane.schedule, SCHEDULES, lane.schedule_options)
    return {prefix + key: value for key, value in values.items()}


def option_values(owner: str, registry: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    table = registry[owner].options
    return {f"{owner}_{name}": chosen.get(name, option.default) for name, option in table.items()}


def put(key: str, value: Any) -> None:
    """Give a widget's key a value, if it has another: a value that is set, if only to what it is, takes back what the
    person has done since.
    """
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def fill(page: str, extra: Mapping[str, Option]) -> None:
    """The page's own parameters all have a value, whether their widgets are drawn or not: as the page was left."""
    left = st.session_state["pages_left"].get(page, {})
    for key, option in extra.items():
        if key not in st.session_state:
            st.session_state[key] = left.get(key, option.default)


# --- widgets ------------------------------------------------------------------------------------------------
# Each returns a checked value: what a browser sends is input, and a modified one can send anything.


def choose(label: str, key: str, registry: Mapping[str, Any], default: str, **more: Any) -> str:
    """A select box over a registry of things with a `label`."""
    if st.session_state.get(key) not in registry:
        st.session_state[key] = default
    value = st.selectbox(label, list(registry), key=key, format_func=lambda k: registry[k].label, **more)
    return value if value in registry else default


def number(key: str, option: Option, default: Any = None, **more: Any) -> Any:
    """A slider or number box for an option."""
    st.session_state.setdefault(key, option.default if default is None else default)
    if option.is_switch:
        value: Any = st.toggle(option.label, key=key, help=option.help, **more)
    elif option.choices:
        value = st.selectbox(option.label, option.choices, key=key, help=option.help, **more)
    elif option.log or option.name in ("beta", "beta1", "beta2", "gamma"):
        value = st.number_input(option.label, option.low, option.high, key=key, help=option.help, **more, format="%g" if option.log else "%.5g", step=None if option.log else 0.01)  # fmt: skip
    elif option.integer and (option.high or 0) > 1000:
        value = st.number_input(option.label, int(option.low or 0), int(option.high or 0), key=key, help=option.help, **more, step=1)  # fmt: skip
    elif option.integer:
        value = st.slider(
            option.label, int(option.low or 0), int(option.high or 0), key=key, help=option.help, **more
        )
    else:
        value = st.slider(option.label, option.low, option.high, key=key, help=option.help, **more, step=0.01)
    return option.clamp(value)


def ladder(key: str, option: Option, steps: tuple[float, ...], show=lambda v: f"{v:.12g}") -> Any:
    """A slider over given values; a value that came by URL joins them. No two may look the same: Streamlit goes by that."""
    st.session_state.setdefault(key, option.default)
    try:
        now = option.check(st.session_state[key])
    except ValueError:
        now = option.default
    put(key, now)
    value = st.select_slider(option.label, sorted({*steps, now}), key=key, help=option.help, format_func=show)
    return option.clamp(value)


def data_controls() -> DatasetConfig:
    registry: dict[str, Any] = {**DATASETS, "csv": CsvChoice}
    name = choose(
        "Data set",
        "data",
        registry,
        "circles",
        help="What the network should learn. " + "Your own: a CSV file.",
    )
    table: dict[str, Any] = {}
    if name == "csv":
        table = csv_controls()
        if not table:
            name = "circles"
    elif DATASETS[name].columns:
        table = shipped_controls(DATASETS[name])
    place = st.container()
    st.session_state.setdefault("features", ["x1", "x2"])
    chosen = st.pills(
        "Inputs", list(FEATURES), key="features", selection_mode="multi", format_func=lambda k: FEATURES[k].label,
        help="What the network is shown of each point.",
    )  # fmt: skip
    features = tuple(key for key in FEATURES if key in (chosen or []))
    if not features:
        st.warning("At least one input is needed; x₁ and x₂ are used.")
        features = ("x1", "x2")
    with st.popover("Samples, noise, test share", width="stretch"):
        values: dict[str, Any] = {
            key: number(key, FIELDS[key])
            for key in ("samples", "noise", "test_fraction", "data_seed")
            if key in ("test_fraction", "data_seed") or (name in DATASETS and DATASETS[name].make)
        }
    values["seed"] = values.pop("data_seed")
    config = DatasetConfig(name, features=features, **table, **values)
    if table:
        with place:
            say_what_was_read(config)
    return config


class CsvChoice:
    label = "Your own CSV …"


def network_controls(prefix: str = "") -> NetworkConfig:
    layers = number(f"{prefix}layers", LAYERS)
    hidden, activations = [], []
    for k in range(1, layers + 1):
        left, right = st.columns(2, gap="small")
        with left:
            key = f"{prefix}neurons{k}"
            st.session_state.setdefault(key, NEURONS.default)
            value = st.number_input(f"Neurons {k}", NEURONS.low, NEURONS.high, key=key, step=1)
            hidden.append(NEURONS.clamp(value))
        with right:
            activations.append(choose(f"Activation {k}", f"{prefix}activation{k}", ACTIVATIONS, "tanh"))
    initializer = choose("Initial weights", f"{prefix}initializer", INITIALIZERS, "glorot_uniform", help="How weights are drawn; biases start at zero.")  # fmt: skip
    options = changed_options(prefix, initializer, INITIALIZERS)
    one = (
        activations[0] if len(set(activations)) == 1 else tuple(activations)
    )  # the shorter form, where it will do
    return NetworkConfig(tuple(hidden), one if hidden else "tanh", initializer, options)


def changed_options(prefix: str, owner: str, registry: Mapping[str, Any]) -> dict[str, Any]:
    """Widgets for all options of one thing in a registry; the values that are not its defaults."""
    table = registry[owner].options
    options = {name: number(f"{prefix}{owner}_{name}", option) for name, option in table.items()}
    return {name: value for name, value in options.items() if value != table[name].default}


def training_controls(samples: int, prefix: str = "", rate_note: str = "") -> tuple[LaneConfig, int]:
    """A lane's settings, and the batch size. All of them can be changed while training.

    A `rate_note` stands in place of the rate, which then stays as it is.
    """
    optimizer_key, rate_key, shown = (
        f"{prefix}{name}" for name in ("optimizer", "learning_rate", "optimizer_shown")
    )
    before = st.session_state.get(shown)
    optimizer = choose("Optimizer", optimizer_key, OPTIMIZERS, "sgd")
    kind = OPTIMIZERS[optimizer]
    if before not in (None, optimizer) and st.session_state.get(rate_key) == OPTIMIZERS[before].start_rate:
        st.session_state[rate_key] = kind.start_rate  # an untouched rate follows the method
    st.session_state[shown] = optimizer
    if rate_note:
        rate = st.session_state[rate_key] = FIELDS["learning_rate"].clamp(st.session_state.get(rate_key))
        st.caption(rate_note)
    else:
        rate = ladder(rate_key, FIELDS["learning_rate"], RATES)
    st.latex(kind.formula)
    st.caption(kind.help)
    if kind.full_batch:
        st.caption(f"{kind.label} always uses all training samples, in 64-bit numbers.")
        batch = FIELDS["batch_size"].clamp(st.session_state.get(f"{prefix}batch_size"))
        st.session_state[f"{prefix}batch_size"] = batch
    else:
        batch = ladder(
            f"{prefix}batch_size",
            FIELDS["batch_size"],
            BATCHES,
            lambda v: "all" if v >= MAX_SAMPLES else f"{v:g} (all)" if v >= samples else f"{v:g}",
        )
    schedule = choose(
        "Schedule", f"{prefix}schedule", SCHEDULES, "constant", help="How the rate changes with the update t."
    )
    if schedule != "constant":
        st.latex(SCHEDULES[schedule].formula)
    with st.popover("More training options", width="stretch"):
        options = changed_options(prefix, optimizer, OPTIMIZERS)
        schedule_options = changed_options(prefix, schedule, SCHEDULES)
        l1, l2 = (ladder(f"{prefix}{name}", FIELDS[name], PENALTIES) for name in ("l1", "l2"))
    return LaneConfig(optimizer, rate, options, schedule, schedule_options, l1=l1, l2=l2), batch


def loss_control(task: str, prefix: str = "") -> str:
    registry = {key: loss for key, loss in LOSSES.items() if task in loss.tasks}
    return choose("Loss", f"{prefix}loss", registry, DEFAULT_LOSS[task], help="What training makes small.")


def experiment_controls() -> ExperimentConfig:
    """All of one network's controls. Training stands first: its rate is what a class plays with."""
    training = st.expander("Training", expanded=True, icon=":material/tune:")
    with st.expander("Data", expanded=True, icon=":material/scatter_plot:"):
        st.caption("What to learn. A change starts a new run.")
        dataset = data_controls()
    with st.expander("Network", expanded=True, icon=":material/hub:"):
        st.caption("What learns. A change starts a new run.")
        network = network_controls()
        loss = loss_control(task_of(dataset))
        seed = number("seed", FIELDS["seed"])
    with training:
        st.caption("How it learns. Change it while it runs.")
        lane, batch = training_controls(dataset.samples)
    return ExperimentConfig(dataset, network, loss, batch, seed, lanes=(lane,))
