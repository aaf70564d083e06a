"""All widgets of an experiment with one lane, what they show for a configuration, and its link."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine import ExperimentConfig
from engine.limits import FIELDS
from engine.network.losses import DEFAULT_LOSS
from engine.options import Option
from pages.shared.form import Form
from pages.shared.widgets.data import data_controls, data_values
from pages.shared.widgets.network import loss_control, loss_values, network_controls, network_values
from pages.shared.widgets.option import number
from pages.shared.widgets.table import task_of
from pages.shared.widgets.training import training_controls, training_values

SWITCHES = {
    "show_test": Option(
        "show_test",
        True,
        "Show test data",
        "Hollow points are test data, dotted ones validation data; the network never trains on them.",
    ),
    "discretise": Option(
        "discretise", False, "Discretise", "Show the decision alone, without its confidence."
    ),
}


def link_query(config: ExperimentConfig) -> dict[str, str]:
    """An experiment as URL parameters: only what an empty URL does not mean."""
    usual = ExperimentConfig.from_query({"opt": config.lanes[0].optimizer}).to_query()
    usual["opt"] = "sgd"
    if config.dataset.inputs == 1:
        usual["feat"] = "x1"
    usual["loss"] = DEFAULT_LOSS[task_of(config.dataset)]
    return {name: value for name, value in config.to_query().items() if usual.get(name) != value}


def widget_values(config: ExperimentConfig) -> dict[str, Any]:
    """What every widget shows for `config`."""
    lane = config.lane(0)
    values = data_values(config.dataset) | dict(seed=lane.seed)
    values |= loss_values(config.loss, task_of(config.dataset)) | network_values(config.network)
    return values | training_values(lane, lane.batch_size)


def base_controls(form: Form, data: Any = None, network: Any = None) -> ExperimentConfig:
    """Data, network, loss and seed: what all runs of a page share. They are drawn in `data` and `network`, two containers."""
    with data or st.expander("Data", icon=":material/scatter_plot:"):
        dataset = data_controls(form)
    with network or st.expander("Network", icon=":material/hub:"):
        shape = network_controls(form)
        loss = loss_control(form, task_of(dataset))
        seed = number(form, "seed", FIELDS["seed"])
    return ExperimentConfig(dataset, shape, loss, FIELDS["batch_size"].default, seed)


def experiment_controls(form: Form) -> ExperimentConfig:
    """All of one network's controls. Training stands first: its rate is what a class plays with."""
    training = st.expander("Training", expanded=True, icon=":material/tune:")
    data = st.expander("Data", expanded=True, icon=":material/scatter_plot:")
    data.caption("What to learn. A change starts a new run.")
    network = st.expander("Network", expanded=True, icon=":material/hub:")
    network.caption("What learns. A change starts a new run.")
    base = base_controls(form, data, network)
    with training:
        st.caption("How it learns. Change it while it runs.")
        lane, batch = training_controls(form, base.dataset.samples)
    return ExperimentConfig(base.dataset, base.network, base.loss, batch, base.seed, lanes=(lane,))


def switches(form: Form) -> dict[str, bool]:
    """The switches of what pictures show."""
    return {name: number(form, name, option) for name, option in SWITCHES.items()}
