"""Widgets for what learns: layers, activations, initial weights; and the loss that training makes small."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine import ACTIVATIONS, INITIALIZERS, LOSSES, NetworkConfig
from engine.limits import LAYERS, NEURONS, PAGE_LAYERS
from engine.network.config import BIASES, frozen_among
from engine.network.losses import DEFAULT_LOSS
from pages.shared.form import Form
from pages.shared.widgets.option import changed_options, choose, number, option_values

OUTPUT = 0
ACTIVATION = "tanh"  # of a layer that has just been added


def network_values(network: NetworkConfig) -> dict[str, Any]:
    """What the widgets of `network_controls` show."""
    values: dict[str, Any] = dict(layers=len(network.hidden), initializer=network.initializer)
    for k in range(1, PAGE_LAYERS + 1):
        inside = k <= len(network.hidden)
        values[f"neurons{k}"] = network.hidden[k - 1] if inside else NEURONS.default
        values[f"activation{k}"] = network.activations[k - 1] if inside else ACTIVATION
    last = len(network.hidden) + 1
    values |= dict(frozen=[OUTPUT if k == last else k for k in network.frozen], biases=network.biases)
    return values | option_values(network.initializer, INITIALIZERS, network.initializer_options)


def network_controls(form: Form) -> NetworkConfig:
    layers = number(form, "layers", LAYERS)
    hidden, activations = [], []
    for k in range(1, layers + 1):
        left, right = st.columns(2, gap="small")
        with left:
            key = form.open(f"neurons{k}", NEURONS.default)
            now = NEURONS.clamp(form[f"neurons{k}"])
            value = st.number_input(
                f"Neurons {k}",
                NEURONS.low,
                NEURONS.high,
                now,
                key=key,
                step=1,
                disabled=form.locks(f"neurons{k}"),
            )
            hidden.append(form.take(f"neurons{k}", value, NEURONS.clamp(value)))
        with right:
            activations.append(choose(form, f"activation{k}", f"Activation {k}", ACTIVATIONS, ACTIVATION))
    initializer = choose(
        form, "initializer", "Initial weights", INITIALIZERS, "glorot_uniform",
        help="How weights are drawn; biases start at zero.",
    )  # fmt: skip
    options = changed_options(form, initializer, INITIALIZERS)
    frozen, biases = frozen_control(form, layers), number(form, "biases", BIASES)
    is_one = len(set(activations)) == 1  # the shorter form, where it will do
    activation: Any = activations[0] if is_one else tuple(activations)
    return NetworkConfig(
        tuple(hidden), activation if hidden else ACTIVATION, initializer, options, frozen=frozen, biases=biases
    )  # fmt: skip


def frozen_control(form: Form, hidden: int) -> tuple[int, ...]:
    """Which layers stay as they are, by number from 1; a linear model has none to freeze. The form has the output as
    OUTPUT, so that it stays what it is when there are more layers or fewer.
    """
    if not hidden:
        form.put("frozen", [])
        return ()
    names = {k: f"Layer {k}" for k in range(1, hidden + 1)} | {OUTPUT: "Output"}
    kept = [k for k in form.get("frozen", []) if k in names]
    if kept != form.get("frozen"):
        form.put("frozen", kept)
    held = st.pills(
        "Frozen layers", list(names), key=form.open("frozen", [], names.values()), default=form["frozen"],
        selection_mode="multi", format_func=lambda k: names.get(k, ""),
        help="Layers that keep their initial weights and biases: no update changes them. With all hidden layers frozen, a linear model learns on random features.",
        disabled=form.locks("frozen"),
    )  # fmt: skip
    taken = form.take("frozen", held, list(held or []))
    frozen = frozen_among((hidden + 1 if k == OUTPUT else k for k in taken), hidden + 1)
    if len(taken) > len(frozen):
        st.warning("One layer must train, so the output does.")
    return frozen


def loss_values(loss: str | None, task: str) -> dict[str, Any]:
    """What the widget of `loss_control` shows, and whether somebody chose it."""
    usual = DEFAULT_LOSS[task]
    return dict(loss=loss or usual, loss_chosen=loss not in (None, usual))


def loss_control(form: Form, task: str) -> str:
    """The loss; one that nobody chose follows the task."""
    registry = {key: loss for key, loss in LOSSES.items() if task in loss.tasks}
    usual = DEFAULT_LOSS[task]
    if form.ahead("loss") == form.get("loss") and not form.get("loss_chosen"):
        form.put("loss", usual)
    before = form.get("loss")
    loss = choose(
        form,
        "loss",
        "Loss",
        registry,
        usual,
        help="The quantity that training minimises, plus the L1 and L2 penalties if there are any. Loss curves and scores show it without the penalties.",
    )
    if loss != before:
        form.values["loss_chosen"] = loss != usual
    return loss
