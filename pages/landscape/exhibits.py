"""An exhibit in the panel: its slices and curves as cards, with nothing to train."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Hashable
from typing import Any, ClassVar

import numpy as np
import streamlit as st

from engine.shown import short_number
from engine.studies.exhibit_findings import Curves, Findings, Slice
from engine.studies.exhibits import EXHIBITS
from pages.landscape import figures as draw
from pages.landscape.figures import Place, Surface
from pages.landscape.settings import OPTIONS
from pages.shared.figures import theme
from pages.shared.figures.base import MARGIN, LossScale, live_figure, value_axis
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.looks import SYMBOLS
from pages.shared.figures.path import Drawn
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Action, LiveRun, Rest, State
from pages.shared.page import Page
from pages.shared.widgets.option import number

# how each exhibit is best seen at first: its view, and whether losses are drawn in powers of ten
FIRST_VIEW = {
    "two_losses": ("surface", False), "roughness": ("surface", True), "sharp_and_flat": ("contour", True),
    "two_views": ("contour", True), "permuted": ("contour", True), "zero_saddle": ("surface", False),
    "threshold": ("heatmap", False),
}  # fmt: skip


@st.cache_resource(show_spinner="Training the networks of this exhibit …", max_entries=len(EXHIBITS))
def findings_of(key: str) -> Findings:
    """What an exhibit found: computed once for all sessions, as it is the same each time."""
    return EXHIBITS[key].compute()


class StillCard(PlotCard):
    """A figure that does not change."""

    def __init__(self, name: str, title: str, revision: str, make: Callable[[], Drawing]) -> None:
        self.name, self.title, self.alt, self.shown, self.make = name, title, title, revision, make

    def revision(self) -> str:
        return self.shown

    def figure(self) -> Drawing:
        return self.make()

    def rest(self) -> Rest | None:
        return None


class ExhibitRun(LiveRun):
    """What the panel shows of an exhibit; `view` and `log` are as on the rest of the page."""

    transport: ClassVar[bool] = False
    reserve = 72

    def __init__(self, key: str, view: str, log: bool, dark: bool) -> None:
        self.run_id = f"exhibit-{key}"
        found = findings_of(key)
        losses = np.concatenate([piece.loss.reshape(-1) for piece in found.slices])
        scale = LossScale.fitting(losses, log) or LossScale(0.0, 1.0, log)
        revision = f"{key}-{view}-{log}-{dark}"
        cards: list[StillCard] = []
        names: list[str] = []
        if found.together and view == "surface":
            title = " above ".join(piece.title for piece in found.slices)
            first = found.slices[0]
            grids = [Surface(piece.title, piece.alphas, piece.betas, piece.loss) for piece in found.slices]
            names.append("slice0")
            make = lambda: draw.solid_figure(first.axes, scale, [], dark, grids, places(first))  # noqa: E731
            cards.append(StillCard("slice0", title, revision, make))
        else:
            for k, piece in enumerate(found.slices):
                names.append(f"slice{k}")
                make = slice_maker(piece, scale, view, dark)
                cards.append(StillCard(names[-1], piece.title, revision, make))
        for k, curves in enumerate(found.curves):
            names.append(f"curve{k}")
            cards.append(StillCard(names[-1], curves.title, revision, curves_maker(curves, dark)))
        self.cards = cards
        across = 3 if len(names) > 2 else len(names)
        lines = [" ".join(names[k : k + across]) for k in range(0, len(names), across)]
        self.layout = " ".join(f'"{line}"' for line in lines)
        self.rows = " ".join(["minmax(0, 1fr)"] * len(lines))

    def advance(self, action: Action, updates: int) -> None:
        """Nothing moves here."""

    def moment(self) -> Hashable:
        return self.run_id

    def state(self) -> State:
        return dict(step=0, readout=[], message=None, finished=True)


def exhibit_page(here: Page, key: str) -> None:
    """One exhibit: what it shows, the question, the pictures, the answer with its numbers."""
    exhibit = EXHIBITS[key]
    st.markdown(f"{exhibit.text} **{exhibit.question}**")
    with st.sidebar:
        log = number(here.form, "log_loss", OPTIONS["log_loss"])
        st.markdown("##### What was measured")
        facts = findings_of(key).facts
        st.table({"Quantity": list(facts), "Value": [short_number(value) for value in facts.values()]})
    panel = st.container()
    with st.expander("An answer", icon=":material/lightbulb:"):
        st.markdown(exhibit.answer)
        st.download_button(
            "All numbers as NPZ", lambda: exhibit_npz(findings_of(key)), f"{key}.npz", "application/octet-stream",
            on_click="ignore", help="NumPy arrays: each grid with its axes, each curve, and what was measured.",
        )  # fmt: skip
    with panel:
        here.panel(ExhibitRun(key, here.form["view"], log, here.dark), part="exhibit")


def exhibit_npz(found: Findings) -> bytes:
    """Arrays of each slice (alphas, betas, loss) and curve (x, and a row of y for each line), and the facts as JSON."""
    arrays: dict[str, Any] = {"facts": np.array(json.dumps(found.facts))}
    for k, piece in enumerate(found.slices):
        arrays |= {f"slice{k}_{name}": getattr(piece, name) for name in ("alphas", "betas", "loss", "title")}
    for k, curves in enumerate(found.curves):
        arrays |= {f"curve{k}_x": curves.x, f"curve{k}_y": np.stack([y for _, y in curves.lines])}
        arrays[f"curve{k}_names"] = np.array([name for name, _ in curves.lines])
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def places(piece: Slice) -> list[Place]:
    return [Place(*mark) for mark in piece.marks]


def slice_maker(piece: Slice, scale: LossScale, view: str, dark: bool) -> Callable[[], Drawing]:
    paths = [
        Drawn(name, theme.LANE_COLORS[dark][k], SYMBOLS[k], xy) for k, (name, xy) in enumerate(piece.paths)
    ]
    if view == "surface":
        grids = [Surface(piece.title, piece.alphas, piece.betas, piece.loss)]
        return lambda: draw.solid_figure(piece.axes, scale, paths, dark, grids, places(piece))
    grid = (piece.alphas, piece.betas, piece.loss)
    kind = "heatmap" if view == "heatmap" else "contour"
    extent = float(piece.alphas[-1])
    return lambda: draw.field_figure(extent, piece.axes, scale, paths, dark, kind, grid, places(piece))


def curves_maker(curves: Curves, dark: bool) -> Callable[[], Drawing]:
    def make() -> Drawing:
        figure = live_figure(dark, showlegend=len(curves.lines) > 1)
        for k, (name, y) in enumerate(curves.lines):
            line = dict(color=theme.LANE_COLORS[dark][k], width=2.5, dash=("solid", "dash", "dot")[k % 3])
            said = "at %{x:.3g}<br>%{fullData.name} %{y:.3g}<extra></extra>"
            figure.add_scatter(x=curves.x, y=y, mode="lines", name=name, line=line, hovertemplate=said)
        rows = len(curves.lines) if len(curves.lines) > 1 else 0  # of the legend, above the plot
        legend = dict(orientation="v", x=0, xanchor="left", y=1, yanchor="bottom")
        figure.update_layout(margin=MARGIN | dict(t=10 + 19 * rows), legend=legend)
        figure.update_xaxes(title_text=curves.axes[0])
        figure.update_yaxes(title_text=curves.axes[1], **value_axis([y for _, y in curves.lines], curves.log))
        return figure

    return make
