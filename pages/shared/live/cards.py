"""Cards: what the live panel shows. A card turns the state of a run into a figure, frames and an exact view at rest.

A new card is a class with `name`, `title` and `alt`, a `figure` and, where it moves, a `frame`; `about` adds what else
the browser should know of it (see `protocol.Spec`). A card never changes the run.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from engine import Experiment
from engine.shown import short_number
from engine.studies.quantiles import quantile
from pages.shared.figures.base import figure_json
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.looks import LaneLook
from pages.shared.live.protocol import Cell, Column, Figure, Kind, Part, Rest, Spec


class Card(ABC):
    """One tile of the panel. `area` is its place in the grid, its name where nothing else is said."""

    kind: ClassVar[Kind]
    name: str
    title: str
    alt: str
    area: str = ""

    def spec(self) -> Spec:
        """What the card is. It describes and does no work."""
        spec: Spec = dict(
            name=self.name, kind=self.kind, area=self.area or self.name, title=self.title, alt=self.alt,
            revision=self.revision(), caption=self.caption(),
        )  # fmt: skip
        return spec | self.about()  # type: ignore[return-value]

    def about(self) -> dict[str, Any]:
        """More keys of the spec."""
        return {}

    def revision(self) -> str:
        """Names the figure: when it changes, the browser gets the figure again."""
        return ""

    def caption(self) -> str:
        return ""

    @abstractmethod
    def mounted(self) -> Figure:
        """The figure that frames are drawn into."""

    def frame(self) -> Part | None:
        """What has changed since the last frame."""
        return None

    def rest(self) -> Rest | None:
        """The exact view, when nothing moves; None where the last frame is exact."""
        return None

    def refine(self) -> Rest | None:
        """One slice of work on the view at rest and what came of it; None when all is done."""
        return None

    def markup(self) -> str:
        """The card as markup for a file, where it is neither a chart nor a table."""
        return ""

    def keep(self) -> Any:
        """What the picture depends on besides the experiment and the paths: kept with a moment, and never changed later."""
        return None

    def show_kept(self, kept: Any) -> None:  # noqa: B027  most pictures depend on nothing else
        """Another moment is shown: take over what was kept with it, and let the next frame bring everything."""


class PlotCard(Card):
    """A Plotly chart."""

    kind = "plotly"

    @abstractmethod
    def figure(self) -> Drawing: ...

    def mounted(self) -> Figure:
        return figure_json(self.figure())

    def rest(self) -> Rest | None:
        return dict(figure=figure_json(self.figure()), caption=self.caption())


class TableCard(Card):
    """Rows that sort by their values, with a download. `file` names that."""

    kind = "table"
    file: str = "table"

    @abstractmethod
    def columns(self) -> list[Column]: ...

    @abstractmethod
    def table(self) -> list[list[Cell]]:
        """The rows as they are now."""

    def looks(self) -> Sequence[LaneLook]:
        """The lane of each row, where rows are lanes."""
        return ()

    def spec(self) -> Spec:
        return {**super().spec(), "file": self.file}

    def mounted(self) -> Figure:
        looks = [dict(lane=look.key, color=look.color, glyph=look.glyph) for look in self.looks()]
        return dict(columns=self.columns(), looks=looks, rows=self.table())

    def frame(self) -> Part | None:
        return dict(rows=self.table())

    def rest(self) -> Rest | None:
        return dict(rows=self.table(), caption=self.caption())


def middle(values: Any) -> float:
    """The median, with what is not a number above all; infinite where it lies beyond every number."""
    values = np.asarray(values, float)
    return float(quantile(np.where(np.isnan(values), np.inf, values), 0.5))


def cell(text: str, value: float | None) -> Cell:
    """A cell that is sorted by `value`: by its text where that is None, last where it is not finite."""
    if value is None:
        return dict(text=text, value=text)
    return dict(text=text, value=float(value) if np.isfinite(value) else None)


def loss_cell(value: float) -> Cell:
    return cell(short_number(value) if np.isfinite(value) else "–", value)


def share_cell(value: float) -> Cell:
    return cell(f"{100 * value:.1f} %" if np.isfinite(value) else "–", value)


def count_cell(value: float, unit: str = "", before: str = "") -> Cell:
    return cell(f"{before}{value:,.0f}{unit}" if np.isfinite(value) else "–", value)


def show(value: float) -> str:
    """A loss in the counters."""
    return "–" if np.isnan(value) else short_number(value)


def share(value: float) -> str:
    """An accuracy in the counters."""
    return "–" if np.isnan(value) else f"{100 * value:.1f} %"


def measured_now(experiment: Experiment, lane: int, what: str) -> list[list[str]]:
    """Counters of a lane's "loss" or "accuracy" now, on training and test data, and on validation data if there are any."""
    parts = ("train", "validation", "test") if len(experiment.data.y_validation) else ("train", "test")
    name, say = ("loss", show) if what == "loss" else ("acc.", share)
    return [
        [f"{part.capitalize()} {name}", say(experiment.history.series(f"{part}_{what}")[-1, lane])]
        for part in parts
    ]


def column(title: str, help: str = "") -> Column:
    return dict(title=title, help=help or f"Sort by {title}")
