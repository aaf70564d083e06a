"""Widgets for what is to be learned: a data set, its inputs, how many samples and how noisy."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import streamlit as st

from engine import DATASETS, FEATURES, DatasetConfig
from engine.data.config import DRAWN, most_validation
from engine.data.drawn import drawn_inputs, read_drawn
from engine.data.features import features_for
from engine.limits import FIELDS
from pages.shared.figures.legend import legend, legend_html
from pages.shared.form import Form
from pages.shared.widgets.option import number
from pages.shared.widgets.table import csv_controls, load, say_what_was_read, shipped_controls

SYNTHETIC = ("samples", "noise")  # of data that are made from a formula
FEATURES_OF = {
    1: "line_features",
    2: "features",
}  # what the form calls the inputs, by how many numbers a point has
ALWAYS = ("test_fraction", "validation_fraction", "data_seed")


class CsvChoice:
    label = "Your own CSV …"


class DrawnChoice:
    label = "Your drawing"


def data_values(data: DatasetConfig) -> dict[str, Any]:
    """What the widgets of `data_controls` show."""
    values: dict[str, Any] = dict(
        data=data.name, samples=data.samples, noise=data.noise, test_fraction=data.test_fraction,
        validation_fraction=data.validation_fraction, data_seed=data.seed,
    )  # fmt: skip
    values[FEATURES_OF[data.inputs]] = list(data.features)
    if data.points is not None:
        values["points"] = data.points
    columns, label = data.columns, data.label
    if data.name in DATASETS and DATASETS[data.name].columns:
        columns = columns or DATASETS[data.name].columns[:2]  # type: ignore[assignment]
        label = label or next(iter(DATASETS[data.name].labels))
    if columns:
        values["x_column"], values["y_column"] = columns
        values |= {"label": label, f"target_{label}": data.target}
    return values


def take_drawn(form: Form, run: Any) -> list[str]:
    """Take over the points that were drawn over `run`, if any were; a sentence where nothing can be learned from them."""
    drawn = getattr(run, "drawn", "")
    if not drawn:
        return []
    run.drawn = ""
    try:
        read_drawn(drawn)
    except ValueError as error:
        return [str(error)]
    form.update(dict(data=DRAWN, points=drawn))
    return []


def data_controls(form: Form) -> DatasetConfig:
    registry: dict[str, Any] = {**DATASETS, "csv": CsvChoice}
    if form.get("points"):
        registry[DRAWN] = DrawnChoice
    name = _data_set(form, registry)
    table: dict[str, Any] = {}
    if name == "csv":
        table = csv_controls(form)
        if not table:
            name = "circles"
    elif name == DRAWN:
        table = dict(points=form["points"])
    elif DATASETS[name].columns:
        table = shipped_controls(form, DATASETS[name])
    place = st.container()
    features = _features(
        form, DATASETS[name].inputs if name in DATASETS else drawn_inputs(table.get("points", ""))
    )
    with st.popover("Samples, noise, shares", width="stretch"):
        is_made = name in DATASETS and DATASETS[name].make is not None
        names = (*SYNTHETIC, *ALWAYS) if is_made else ALWAYS
        values: dict[str, Any] = {key: number(form, key, FIELDS[key]) for key in names}
        most = most_validation(values["test_fraction"])
        if values["validation_fraction"] > most:
            st.caption(f"The test share leaves {most:g} for validation; that is used.")
            values["validation_fraction"] = most
    values["seed"] = values.pop("data_seed")
    config = DatasetConfig(name, features=features, **table, **values)
    with place:
        if table and name != DRAWN:
            say_what_was_read(config)
        with suppress(ValueError):  # data that can't be used: the page says why
            st.html(legend_html(legend(load(config))))
    return config


def _data_set(form: Form, registry: dict[str, Any]) -> str:
    """The data sets as pictures, of which one is chosen."""

    def picture(key: str) -> str:
        label = registry[key].label
        return f"![](assets/datasets/{key}.svg) {label}" if key in DATASETS else label

    if form.get("data", "circles") not in registry:
        form.put("data", "circles")
    held = st.pills(
        "Data set", list(registry), key=form.open("data", "circles"), default=form["data"], format_func=picture, required=True,
        help="What the network should learn. Or upload your own CSV, or draw points: ✎ over the chart.", disabled=form.locks("data"),
    )  # fmt: skip
    return str(form.take("data", held, held if held in registry else "circles"))


def _features(form: Form, inputs: int) -> tuple[str, ...]:
    usual, there_are, name = DatasetConfig().features[:inputs], features_for(inputs), FEATURES_OF[inputs]
    chosen = st.pills(
        "Inputs", list(there_are), key=form.open(name, list(usual)), default=form[name], selection_mode="multi",
        format_func=lambda k: FEATURES[k].label, help="The features that the network gets as input.", disabled=form.locks(name),
    )  # fmt: skip
    taken = form.take(name, list(chosen or []))
    features = tuple(key for key in there_are if key in taken)
    if not features:
        labels = " and ".join(FEATURES[key].label for key in usual)
        st.warning(f"At least one input is needed; {labels} {'are' if len(usual) > 1 else 'is'} used.")
    return features or usual
