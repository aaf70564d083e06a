"""A run as one HTML file that needs no network: its charts as they stand, settings, link, versions, notes and answers.

Whatever a person has written, or a table of their own has brought, is text in it and never markup. The file may load nothing:
its own policy forbids that, and Plotly is in it.
"""

from __future__ import annotations

import base64
import html
import io
import json
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import plotly
from PIL import Image
from plotly.offline import get_plotlyjs

from engine.shown import short_number
from engine.studies.run_record import summary
from pages.shared.live.protocol import Figure
from pages.shared.live.run import LanesRun

MOST_NOTES = 20_000  # characters
POWERS = Path(__file__).resolve().parents[2] / "assets" / "live" / "powers.js"
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
STYLE = """body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1a1a1a;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:1.6rem}.chart{height:20rem}svg{width:100%}figure{margin:1rem 0}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(21rem,1fr));gap:1rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f6f8;padding:.8rem;border-radius:.4rem}
table{border-collapse:collapse}td,th{border:1px solid #ccd;padding:.2rem .6rem;text-align:left}"""


class Chart(NamedTuple):
    """A card as it stands: a Plotly figure, rows of text, or a picture of a network."""

    title: str
    caption: str
    figure: Figure | None
    rows: list[list[str]]
    picture: str = ""


def charts(run: LanesRun) -> list[Chart]:
    """The exact view of every card."""
    found = []
    for card in run.cards:
        spec = card.spec()
        if picture := card.markup():
            found.append(Chart(str(spec["title"]), str(spec.get("caption", "")), None, [], picture))
            continue
        rest: dict[str, Any] = dict(card.rest() or {})
        while part := card.refine():
            rest |= part
        title, caption = str(rest.get("title") or spec["title"]), str(rest.get("caption") or "")
        if spec["kind"] == "plotly":
            figure = rest.get("figure") or card.mounted()
            if rest.get("image") and spec.get("palette"):
                figure = painted(figure, rest["image"], str(spec["palette"]))
            found.append(Chart(title, caption, spaced(figure), []))
        elif spec["kind"] == "table":
            heads = [column["title"] for column in card.mounted()["columns"]]
            found.append(
                Chart(
                    title, caption, None, [heads, *([cell["text"] for cell in row] for row in rest["rows"])]
                )
            )
    return found


def painted(figure: Figure, image: dict[str, Any], palette: str) -> Figure:
    """A figure with its painted field as a picture below the traces, as the panel has it on a canvas."""
    colors = np.frombuffer(base64.b64decode(palette), np.uint8).reshape(256, -1)[:, :3]
    places = np.frombuffer(base64.b64decode(image["data"]), np.uint8).reshape(image["height"], image["width"])
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(colors[places[::-1]])).save(file, "PNG")
    source = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    below = dict(
        source=source, xref="paper", yref="paper", x=0, y=1, sizex=1, sizey=1, sizing="stretch", layer="below"
    )
    return figure | dict(layout=figure["layout"] | dict(images=[below]))


def spaced(figure: Figure) -> Figure:
    """A figure whose logarithmic axes have few enough labels."""
    axes = {
        name: axis | dict(dtick="D2")
        for name, axis in figure["layout"].items()
        if isinstance(axis, dict) and axis.get("type") == "log"
    }
    return figure | dict(layout=figure["layout"] | axes)


def versions() -> str:
    return (
        f"Python {platform.python_version()}, NumPy {np.__version__}, Plotly {plotly.__version__}, "
        f"Streamlit {version('streamlit')}"
    )


def report_html(run: LanesRun, link: str, notes: str = "", answers: str = "") -> str:
    """The whole file."""
    config, experiment = run.config, run.experiment
    updates = max(lane.updates for lane in experiment.lanes)
    parts = [
        f"<h1>Descent Lab: {escaped(summary(config))}</h1>",
        f"<p>At update {updates:,}. Seed {config.seed}.</p>",
    ]
    for title, written in (("Notes", notes), ("Answers", answers)):
        if written.strip():
            parts.append(f"<h2>{title}</h2><pre>{escaped(written[:MOST_NOTES])}</pre>")
    found = charts(run)
    parts.append(
        f'<h2>Charts</h2><div class="grid">{"".join(map(figure_html, range(len(found)), found))}</div>'
    )
    parts.append(f"<h2>Lanes</h2>{table_html(lane_rows(run))}")
    is_link = link.startswith(("http://", "https://"))
    shown = f'<a href="{escaped(link)}">{escaped(link)}</a>' if is_link else escaped(link)
    parts.append(f"<h2>Link</h2><p>This opens the run at its start: {shown}</p>")
    settings = json.dumps(json.loads(config.to_json()), indent=1)
    parts.append(
        f"<h2>Settings</h2><pre>{escaped(settings)}</pre><h2>Made with</h2><p>{escaped(versions())}</p>"
    )
    figures = [chart.figure for chart in found]
    data = json.dumps(figures, allow_nan=False).replace("<", "\\u003c")
    powers = POWERS.read_text(encoding="utf-8").replace("export function", "function")
    script = powers + (
        "JSON.parse(document.getElementById('figures').textContent).forEach((figure, k) => { if (figure) "
        "Plotly.newPlot('chart' + k, figure.data, {...figure.layout, autosize: true, width: undefined, height: undefined}, "
        "{responsive: true, displaylogo: false, showSendToCloud: false, plotlyServerURL: ''}).then(raisePowers); });"
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width"><title>Descent Lab: report</title><style>{STYLE}</style></head><body>'
        f'{"".join(parts)}<script type="application/json" id="figures">{data}</script>'
        f"<script>{get_plotlyjs()}</script><script>{script}</script></body></html>"
    )


def figure_html(place: int, chart: Chart) -> str:
    words = f"<figcaption><strong>{escaped(chart.title)}</strong> {escaped(chart.caption)}</figcaption>"
    body = chart.picture or (
        table_html(chart.rows) if chart.figure is None else f'<div class="chart" id="chart{place}"></div>'
    )
    return f"<figure>{words}{body}</figure>"


def lane_rows(run: LanesRun) -> list[list[str]]:
    """Each lane with its losses and accuracies now."""
    history = run.experiment.history
    names = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
    rows = [["lane", *(name.replace("_", " ") for name in names), "state"]]
    for look, own in zip(run.looks, run.rows_of, strict=True):
        values = [history.series(name)[-1, own[0]] for name in names]
        state = run.experiment.status[own[0]]
        rows.append(
            [
                f"{look.glyph} {look.name}",
                *(short_number(float(v)) if np.isfinite(v) else "–" for v in values),
                state.reason or state.state,
            ]
        )
    return rows


def table_html(rows: Sequence[Sequence[str]]) -> str:
    head, *body = rows
    lines = ["".join(f"<td>{escaped(cell)}</td>" for cell in row) for row in body]
    return f"<table><tr>{''.join(f'<th>{escaped(cell)}</th>' for cell in head)}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def escaped(text: str) -> str:
    return html.escape(text, quote=True)
