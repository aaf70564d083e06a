"""Widgets for data that are tables: which columns, what the label is read as, and an uploaded file."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine import DatasetConfig
from engine.data.catalogue import DatasetInfo
from engine.data.load import Dataset, load_dataset, shipped
from engine.data.selection import MAX_CLASSES, TARGETS, guess_roles, guess_target
from engine.data.tables import MAX_BYTES, MAX_ROWS, Table, TableError, read_table
from engine.shown import short_number


def column_controls(table: Table, numeric: tuple[str, ...], labels: tuple[str, ...]) -> dict[str, Any]:
    """Which two columns span the plane, which is the label, and what it is read as."""
    for key, options, default in (("x_column", numeric, numeric[0]), ("y_column", numeric, numeric[1])):
        if st.session_state.get(key) not in options:
            st.session_state[key] = default
    x = st.selectbox("Horizontal", numeric, key="x_column")
    y = st.selectbox("Vertical", numeric, key="y_column")
    if x == y:
        y = next(name for name in numeric if name != x)
        st.warning(f"The two axes must differ; {plain_text(y)} is used for the vertical one.")
    labels = tuple(name for name in labels if name not in (x, y))
    if not labels:
        raise TableError("Two columns of numbers and a third as the label are needed.")
    if st.session_state.get("label") not in labels:
        st.session_state["label"] = labels[0]
    label = st.selectbox("Label", labels, key="label", help="What the network learns to predict.")
    return dict(columns=(x, y), label=label, target=target_control(table, label))


def target_control(table: Table, label: str) -> str | None:
    """Whether a label of few different numbers is read as classes or as values; None where there is no choice."""
    column = table.column(label)
    if not 2 <= column.distinct <= MAX_CLASSES:
        return None
    usual, key = guess_target(column), f"target_{label}"
    if st.session_state.get(key) not in TARGETS:
        st.session_state[key] = usual
    chosen = st.segmented_control(
        "Read the label as", TARGETS, key=key, format_func=str.capitalize, required=True,
        help="Few different numbers can be names of classes (0, 1, 2) or measured values (0.5, 1.0, 1.5).",
    )  # fmt: skip
    return chosen if chosen in TARGETS and chosen != usual else None


def shipped_controls(info: DatasetInfo) -> dict[str, Any]:
    """The roles of a table that comes with the app."""
    return column_controls(read_table(shipped(info.key)), info.columns, tuple(info.labels))


def say_what_was_read(config: DatasetConfig) -> None:
    """What the label is read as, how many rows were left out, and the units of the network's numbers."""
    try:
        data = load_dataset(config)
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


def plain_text(name: str, longest: int = 120) -> str:
    """Someone's text with nothing in it that Markdown would act on."""
    return "".join(
        f"\\{c}" if c in "\\`*_{}[]<>()#+-.!|:$~" else c for c in name[:longest] if c.isprintable()
    )


def upload_changed() -> None:
    """Keep the file beside its widget, which forgets it when another page is shown."""
    upload = st.session_state["upload"]
    st.session_state["csv_kept"] = (
        None if upload is None else (upload.file_id, upload.name, upload.getvalue())
    )


def csv_controls() -> dict[str, Any]:
    """An uploaded table: its text and roles, or nothing and a message beside the uploader."""
    upload = st.file_uploader(
        "CSV file", type=["csv", "tsv", "txt"], key="upload", on_change=upload_changed,
        help=f"Two columns of numbers and a label or target; up to {MAX_ROWS:,} rows and {MAX_BYTES // 1_000_000} MB. It stays in this session.",
    )  # fmt: skip
    kept = st.session_state.get("csv_kept")
    if kept is None:
        st.info(
            "Choose a file with two columns of numbers and a label or target. Until then the Circles data are shown."
        )
        return {}
    file_id, name, content = kept
    if upload is None:
        st.caption(f"Still in use: {plain_text(name)}")
    try:
        table = read_table(content)
        columns, label = guess_roles(table)
        numeric = tuple(c.name for c in table.columns if c.numbers is not None)
        names = tuple(c.name for c in table.columns)
        if st.session_state.get("csv_file") != file_id:
            st.session_state.update(csv_file=file_id, x_column=columns[0], y_column=columns[1], label=label)
            st.session_state.pop(f"target_{label}", None)
        roles = column_controls(table, numeric, names) | {
            "csv": content.decode("utf-8-sig", errors="replace")
        }
        data = load_dataset(DatasetConfig("csv", **roles))
    except TableError as error:
        st.error(plain_text(str(error), 500))
        return {}
    st.session_state["csv_task"] = data.task
    return roles
