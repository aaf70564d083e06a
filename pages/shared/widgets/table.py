"""Widgets for data that are tables: which columns, and a file of one's own."""

from __future__ import annotations

import streamlit as st

from engine import DatasetConfig
from engine.data.load import load_dataset
from engine.data.tables import MAX_BYTES, MAX_ROWS, TableError, guess_roles, read_table


def column_controls(numeric: tuple[str, ...], labels: tuple[str, ...]) -> tuple[tuple[str, str], str]:
    """Which two columns span the plane and which is the label."""
    for key, options, default in (("x_column", numeric, numeric[0]), ("y_column", numeric, numeric[1]), ("label", labels, labels[0])):  # fmt: skip
        if st.session_state.get(key) not in options:
            st.session_state[key] = default
    x = st.selectbox("Horizontal", numeric, key="x_column")
    y = st.selectbox("Vertical", numeric, key="y_column")
    label = st.selectbox("Label", labels, key="label")
    if x == y:
        y = next(name for name in numeric if name != x)
        st.warning(f"The two axes must differ; {y} is used for the vertical one.")
    return (x, y), label


def plain_text(name: str) -> str:
    """Someone's text with nothing in it that Markdown would act on."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+-.!|:$~" else c for c in name if c.isprintable())[:120]


def upload_changed() -> None:
    """Keep the file beside its widget, which forgets it when another page is shown."""
    upload = st.session_state["upload"]
    st.session_state["csv_kept"] = (
        None if upload is None else (upload.file_id, upload.name, upload.getvalue())
    )


def csv_controls() -> tuple[str | None, tuple[str, str] | None, str | None]:
    """An uploaded table: its text and roles, or None with a message beside the uploader."""
    upload = st.file_uploader(
        "CSV file", type=["csv", "tsv", "txt"], key="upload", on_change=upload_changed,
        help=f"Two columns of numbers and a label or target; up to {MAX_ROWS:,} rows and {MAX_BYTES // 1_000_000} MB. It stays in this session.",
    )  # fmt: skip
    kept = st.session_state.get("csv_kept")
    if kept is None:
        st.info("Choose a file with two columns of numbers and a label or target. Until then: Circles.")
        return None, None, None
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
        columns, label = column_controls(numeric, names)
        text = content.decode("utf-8-sig", errors="replace")
        data = load_dataset(DatasetConfig("csv", columns=columns, label=label, csv=text))
    except TableError as error:
        st.error(str(error))
        return None, None, None
    st.session_state["csv_task"] = data.task
    for note in data.notes:
        st.caption(note)
    return text, columns, label
