"""Widgets for what is to be learned: a data set, its inputs, how many samples and how noisy."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine import DATASETS, FEATURES, DatasetConfig
from engine.limits import FIELDS
from pages.shared.form import Form
from pages.shared.widgets.option import choose, number
from pages.shared.widgets.table import csv_controls, say_what_was_read, shipped_controls

SYNTHETIC = ("samples", "noise")  # of data that are made from a formula
ALWAYS = ("test_fraction", "data_seed")


class CsvChoice:
    label = "Your own CSV …"


def data_values(data: DatasetConfig) -> dict[str, Any]:
    """What the widgets of `data_controls` show."""
    values: dict[str, Any] = dict(
        data=data.name, samples=data.samples, noise=data.noise, test_fraction=data.test_fraction, data_seed=data.seed,
        features=list(data.features),
    )  # fmt: skip
    columns, label = data.columns, data.label
    if data.name in DATASETS and DATASETS[data.name].columns:
        columns = columns or DATASETS[data.name].columns[:2]  # type: ignore[assignment]
        label = label or next(iter(DATASETS[data.name].labels))
    if columns:
        values["x_column"], values["y_column"] = columns
        values |= {"label": label, f"target_{label}": data.target}
    return values


def data_controls(form: Form) -> DatasetConfig:
    registry: dict[str, Any] = {**DATASETS, "csv": CsvChoice}
    name = choose(
        form, "data", "Data set", registry, "circles", help="What the network should learn. Or upload your own CSV."
    )  # fmt: skip
    table: dict[str, Any] = {}
    if name == "csv":
        table = csv_controls(form)
        if not table:
            name = "circles"
    elif DATASETS[name].columns:
        table = shipped_controls(form, DATASETS[name])
    place = st.container()
    features = _features(form)
    with st.popover("Samples, noise, test share", width="stretch"):
        is_made = name in DATASETS and DATASETS[name].make is not None
        names = (*SYNTHETIC, *ALWAYS) if is_made else ALWAYS
        values: dict[str, Any] = {key: number(form, key, FIELDS[key]) for key in names}
    values["seed"] = values.pop("data_seed")
    config = DatasetConfig(name, features=features, **table, **values)
    if table:
        with place:
            say_what_was_read(config)
    return config


def _features(form: Form) -> tuple[str, ...]:
    chosen = st.pills(
        "Inputs", list(FEATURES), key=form.open("features", ["x1", "x2"]), selection_mode="multi",
        format_func=lambda k: FEATURES[k].label, help="The features that the network gets as input.",
    )  # fmt: skip
    form.take("features", list(chosen or []))
    features = tuple(key for key in FEATURES if key in (chosen or []))
    if not features:
        st.warning("At least one input is needed; x₁ and x₂ are used.")
    return features or ("x1", "x2")
