"""The list of runs of the session: look, sort, name, open again, race in the Arena, keep as a file."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from engine import ExperimentConfig, LaneConfig
from engine.limits import MAX_NAME
from engine.studies.run_record import VALUES, RunRecord, differs, read_records, summary, write_records
from pages.shared import session
from pages.shared.dialogs import clicked
from pages.shared.form import Form
from pages.shared.live.handover import hand
from pages.shared.live.run import LanesRun
from pages.shared.live.runs import RunList
from pages.shared.live.turns import my_turn
from pages.shared.text import plain_text
from pages.shared.widgets.experiment import link_query

HELP = "Every run of this session, what it differed in from the one before, and what it reached. Open one again, or race several."
MOST_RACED = 8  # lanes of the Arena
MOST_REPLAYED = 20_000  # updates that a run is trained once more when it is opened
TITLES = {
    "train_loss": "train loss",
    "test_loss": "test loss",
    "train_accuracy": "train acc.",
    "test_accuracy": "test acc.",
}


def button(top: Form, run: LanesRun) -> None:
    """Opens the list of runs."""
    if clicked(top, run, "runs", "Runs", ":material/history:", HELP):
        listed()


@st.dialog("Runs of this session", width="large", on_dismiss="rerun")  # then the browser hears of new names
def listed() -> None:
    with my_turn():
        runs = session.of("session.runs", RunList)
        said = session.of("session.said", list[str])
        records = list(runs.records.values())
        if records:
            table(records)
            chosen(runs, records)
        else:
            st.markdown("No run has trained yet. Press Play, or Step, and it is listed here.")
        with st.expander("Keep the list", icon=":material/save:", expanded=not records):
            files(runs, records, said)


def names(records: Sequence[RunRecord]) -> dict[str, str]:
    """What each run is called: its number, and its name or settings."""
    return {each.key: f"{k} · {each.name or summary(each.config)}" for k, each in enumerate(records, 1)}


def rows(records: Sequence[RunRecord]) -> list[dict[str, Any]]:
    """The table, the newest run first."""
    found, before = [], None
    for k, each in enumerate(records, 1):
        found.append(
            {"run": k, "name": each.name, "settings": summary(each.config), "differs in": differs(before, each.config), "updates": each.updates}
            | {TITLES[value]: each.end(value) for value in VALUES} | {"loss": list(each.curve)}
        )  # fmt: skip
        before = each.config
    return found[::-1]


def table(records: Sequence[RunRecord]) -> None:
    config: dict[str, Any] = {
        "run": st.column_config.NumberColumn(width=40),
        "updates": st.column_config.NumberColumn(format="localized"),
        "loss": st.column_config.LineChartColumn("course of the loss", width="small"),
    }
    config |= {TITLES[value]: st.column_config.NumberColumn(format="%.3g") for value in VALUES[:2]}
    config |= {TITLES[value]: st.column_config.NumberColumn(format="percent") for value in VALUES[2:]}
    st.dataframe(
        pd.DataFrame(rows(records)),
        hide_index=True,
        column_config=config,
        height=min(38 + 35 * len(records), 320),
    )
    st.caption(
        "A click on a head sorts. Of several lanes, the values are those of the one with the lowest training loss."
    )


def chosen(runs: RunList, records: Sequence[RunRecord]) -> None:
    """What can be done with one run, or with several."""
    labels, kept = names(records), session.of("session.picked", list[str])
    # Streamlit's browser half knows a choice by its text: with another name it is another list of choices
    revision = zlib.crc32("\n".join(labels.values()).encode())
    keys = st.multiselect(
        "Choose runs", list(labels)[::-1], [key for key in kept if key in labels], key=f"runs.chosen.{revision}",
        format_func=lambda key: plain_text(labels.get(key, "")),
    )  # fmt: skip
    kept[:] = keys
    picked = [runs.records[key] for key in keys if key in runs.records]
    refusal = why_not(picked)
    if len(picked) == 1:
        key, place = picked[0].key, f"runs.name.{picked[0].key}"
        st.text_input(
            "Name",
            picked[0].name,
            max_chars=MAX_NAME,
            key=place,
            on_change=lambda: runs.rename(key, str(session.shown(place))),
        )
    with st.container(horizontal=True):
        again = st.button("Open again", icon=":material/replay:", disabled=len(picked) != 1 or bool(refusal), key="runs.open",
                          help="Its settings, trained to where it was if that is not too far.")  # fmt: skip
        race = st.button("Into the Arena", icon=":material/stadium:", disabled=len(picked) < 2 or bool(refusal), key="runs.race",
                         help="Their lanes side by side, from their starts.")  # fmt: skip
        if st.button("Forget", icon=":material/delete:", disabled=not picked, key="runs.forget"):
            runs.forget(keys)
            st.rerun(scope="fragment")
    if refusal and picked:
        st.info(refusal)
    if again:
        open_again(picked[0])
    if race:
        st.switch_page("arena/arena.py", query_params=link_query(raced(picked)))


def why_not(picked: Sequence[RunRecord]) -> str:
    """Why runs can't be opened or raced; empty if they can."""
    lanes = sum(len(each.config.lanes) for each in picked)
    if lanes > MOST_RACED:
        return f"These are {lanes} lanes, and the Arena races at most {MOST_RACED}."
    if len({each.config.dataset for each in picked}) > 1:
        return "These runs have different data, and the lanes of a race have the same."
    return ""


def open_again(record: RunRecord) -> None:
    """A run of one lane in the Playground, where it was; one of several in the Arena, at its start."""
    if len(record.config.lanes) > 1:
        st.switch_page("arena/arena.py", query_params=link_query(record.config))
    config = record.config
    hand("playground", config, min(record.updates, MOST_REPLAYED))
    st.switch_page("playground/playground.py", query_params=link_query(config))


def raced(picked: Sequence[RunRecord]) -> ExperimentConfig:
    """All lanes of several runs as one race; each keeps its network, loss, batch size and seed."""
    lanes: list[LaneConfig] = []
    for record in picked:
        for k in range(len(record.config.lanes)):
            lane = record.config.lane(k)
            lanes.append(replace(lane, name=lane.name or record.name))
    return replace(picked[0].config, lanes=tuple(lanes))


def files(runs: RunList, records: Sequence[RunRecord], said: list[str]) -> None:
    """The list as a file, and a file as the list."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.download_button("Runs: JSON", lambda: write_records(records), "runs.json", "application/json", on_click="ignore",
                           disabled=not records, help="To be opened here again.")  # fmt: skip
        st.download_button(
            "Table: CSV",
            lambda: table_csv(records),
            "runs.csv",
            "text/csv",
            on_click="ignore",
            disabled=not records,
        )
    st.caption("This browser keeps the list too, without runs on large tables of your own.")

    def opened() -> None:
        file = session.shown("runs.file")
        said[:] = (
            [take_file(runs, file.getvalue())] if file is not session.MISSING and file is not None else []
        )

    st.file_uploader("Open a file of runs", "json", key="runs.file", on_change=opened)
    for sentence in said:
        st.info(plain_text(sentence, 400))


def take_file(runs: RunList, data: bytes) -> str:
    """Add the runs of a file to the list; what came of it, in a sentence. A file that can't be read changes nothing."""
    try:
        found = read_records(data.decode("utf-8"))
    except UnicodeDecodeError:
        return "This is not a file of runs: it is not text."
    except ValueError as error:
        return str(error)
    for record in found:
        runs.put(record)
    return f"{len(found)} runs were added." if len(found) != 1 else "1 run was added."


def table_csv(records: Sequence[RunRecord]) -> str:
    """The table as CSV; the course of the loss is left out, and no cell is a formula."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    lines = rows(records)
    heads = [name for name in lines[0] if name != "loss"]
    writer.writerow(heads)
    for line in lines:
        writer.writerow([safe(line[name]) for name in heads])
    return file.getvalue()


def safe(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets an apostrophe; what is no number is empty."""
    if isinstance(value, str):
        return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
    return "" if value != value else value
