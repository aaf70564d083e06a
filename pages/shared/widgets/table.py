"""Widgets for data that are tables: which columns, what the label is read as, and a file that a person uploads.

A file is decoded and read once, when it comes; what is made of it is kept until another choice is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from engine import DATASETS, DatasetConfig
from engine.data.catalogue import DatasetInfo
from engine.data.load import Dataset, load_dataset, shipped
from engine.data.selection import MAX_CLASSES, TARGETS, guess_roles, guess_target
from engine.data.tables import MAX_BYTES, MAX_ROWS, Table, TableError, read_table
from engine.shown import short_number
from pages.shared import session
from pages.shared.form import Form
from pages.shared.text import plain_text


@dataclass
class Upload:
    """The session's uploaded table, or why it can't be used; `data` are the last that were made of it, and of what."""

    file: str = ""
    name: str = ""
    table: Table | None = None
    refused: str = ""
    data: tuple[DatasetConfig, Dataset] | None = None


def uploaded() -> Upload:
    return session.of("session.upload", Upload)


def load(config: DatasetConfig) -> Dataset:
    """The data set of `config`, without reading the uploaded table again."""
    upload = uploaded()
    if config.csv is None or upload.table is None or config.csv != upload.table.text:
        return load_dataset(config)
    if upload.data is None or upload.data[0] != config:
        upload.data = config, load_dataset(config, upload.table)
    return upload.data[1]


def task_of(config: DatasetConfig) -> str:
    """What is to be learned: "binary", "multiclass" or "regression"."""
    if config.name not in DATASETS:
        return load(config).task
    return DATASETS[config.name].task_for(config.label, config.target)


# --- which columns ----------------------------------------------------------------------------------------------


def column_controls(
    form: Form, table: Table, numeric: tuple[str, ...], labels: tuple[str, ...]
) -> dict[str, Any]:
    """Which two columns span the plane, which is the label, and what it is read as."""
    x = _column(form, "x_column", "Horizontal", numeric, numeric[0])
    y = _column(form, "y_column", "Vertical", numeric, numeric[1])
    if x == y:
        y = next(name for name in numeric if name != x)
        st.warning(f"The two axes must differ; {plain_text(y)} is used for the vertical one.")
    labels = tuple(name for name in labels if name not in (x, y))
    if not labels:
        raise TableError("Two columns of numbers and a third as the label are needed.")
    label = _column(form, "label", "Label", labels, labels[0], "What the network learns to predict.")
    return dict(columns=(x, y), label=label, target=target_control(form, table, label))


def _column(
    form: Form, name: str, title: str, options: tuple[str, ...], default: str, help: str | None = None
) -> str:
    if form.get(name, default) not in options:
        form.put(name, default)
    key = form.open(name, default, options)
    value = st.selectbox(
        title, options, options.index(form[name]), key=key, help=help, disabled=form.locks(name)
    )
    return str(form.take(name, value, value if value in options else default))


def target_control(form: Form, table: Table, label: str) -> str | None:
    """Whether a label of few different numbers is read as classes or as values; None where there is no choice."""
    column = table.column(label)
    if not 2 <= column.distinct <= MAX_CLASSES:
        return None
    usual, name = guess_target(column), f"target_{label}"
    if form.get(name) not in TARGETS:
        form.put(name, usual)
    chosen = st.segmented_control(
        "Read the label as", TARGETS, key=form.open(name, usual), default=form[name], format_func=str.capitalize, required=True,
        help="Few different numbers can be names of classes (0, 1, 2) or measured values (0.5, 1.0, 1.5).",
        disabled=form.locks(name),
    )  # fmt: skip
    taken = form.take(name, chosen, chosen if chosen in TARGETS else usual)
    return str(taken) if taken != usual else None


def shipped_controls(form: Form, info: DatasetInfo) -> dict[str, Any]:
    """The roles of a table that comes with the app."""
    return column_controls(form, read_table(shipped(info.key)), info.columns, tuple(info.labels))


# --- what was read ----------------------------------------------------------------------------------------------


def say_what_was_read(config: DatasetConfig) -> None:
    """What the label is read as, how many rows were left out, and the units of the network's numbers."""
    try:
        data = load(config)
    except TableError as error:
        st.error(plain_text(str(error), 500))
        return
    classes = f"{len(data.class_names)} classes: {', '.join(data.class_names)}"
    said = [
        f"{data.target_name} is read as {classes if data.class_names else 'values'}.",
        *data.notes,
        units(data),
    ]
    st.caption(plain_text(" ".join(said), 1000))


def units(data: Dataset) -> str:
    """In which units the network and its loss see a table."""
    said = f"Axes are standardised with the mean and standard deviation of the {len(data.y_train)} training rows."
    if data.task == "regression":
        said += f" So is {data.target_name}: one unit is {short_number(data.y_scale)}, and always predicting the mean, {short_number(data.y_mean)}, has a mean squared error of 1."
    return said


# --- an uploaded file -------------------------------------------------------------------------------------------


def upload_changed(key: str) -> None:
    """Read the file, and keep what it holds beside its widget, which forgets it when another page is shown."""
    file = session.shown(key)
    if file is None or file is session.MISSING:
        keep("", "", b"")
    else:
        keep(file.file_id, file.name, file.getvalue())


def keep(file: str, name: str, content: bytes) -> None:
    """Let the session's table be the one in `content`; none where `file` is empty."""
    upload = uploaded()
    upload.file, upload.name, upload.table, upload.refused, upload.data = file, name, None, "", None
    try:
        upload.table = read_table(content) if file else None
    except TableError as error:
        upload.refused = str(error)


def csv_controls(form: Form) -> dict[str, Any]:
    """An uploaded table: its text and roles, or nothing and a message beside the uploader."""
    key = f"{form.name}.upload"
    file = st.file_uploader(
        "CSV file", type=["csv", "tsv", "txt"], key=key, on_change=None if form.locks("data") else upload_changed, args=(key,), disabled=form.locks("data"),
        help=f"Two columns of numbers and a label or target; up to {MAX_ROWS:,} rows and {MAX_BYTES // 1_000_000} MB. It stays in this session.",
    )  # fmt: skip
    upload = uploaded()
    if not upload.file:
        st.info(
            "Choose a file with two columns of numbers and a label or target. Until then the Circles data are shown."
        )
        return {}
    if file is None:
        st.caption(f"Still in use: {plain_text(upload.name)}")
    try:
        return roles_of(form, upload)
    except TableError as error:
        st.error(plain_text(str(error), 500))
        return {}


def roles_of(form: Form, upload: Upload) -> dict[str, Any]:
    """The uploaded table's text, and what its columns are; `TableError` where it can't be used so."""
    if upload.table is None:
        raise TableError(upload.refused)
    columns, label = guess_roles(upload.table)
    if form.get("csv_file") != upload.file:
        form.update({"csv_file": upload.file, "x_column": columns[0], "y_column": columns[1], "label": label})
        form.put(f"target_{label}", None)
    numeric = tuple(column.name for column in upload.table.columns if column.numbers is not None)
    names = tuple(column.name for column in upload.table.columns)
    roles = column_controls(form, upload.table, numeric, names) | {"csv": upload.table.text}
    load(DatasetConfig("csv", **roles))
    return roles
