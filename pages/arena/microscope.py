"""One weight under the microscope: its gradient, averages and steps over time in every lane, and the rule in numbers."""

from __future__ import annotations

from typing import Any

from engine import OPTIMIZERS
from engine.methods.base import GRADIENTS, SQUARES
from engine.network.mlp import MLP
from engine.network.places import in_words, index_of, line_of, nearest, place_of_line
from engine.studies.microscope import Microscope
from pages.arena.figures import Panel, PanelLine, small_multiples
from pages.shared.cards.loss import evenly
from pages.shared.cards.network import NetworkCard
from pages.shared.figures.base import figure_json
from pages.shared.figures.drawing import Drawing
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Part, Rest
from pages.shared.live.run import LanesRun
from pages.shared.live.view import View
from pages.shared.text import plain_text

EVERY = 6  # frames after which the curves are redrawn while playing
MOST_POINTS = 250  # of each curve
MEMORY_PANEL = {GRADIENTS: 1, SQUARES: 2}
PANELS = (
    "gradient g",
    "memory of g: m or v",
    "memory of g²: v or s",
    "effective rate |Δθ / g|",
)


class MicroscopeCard(PlotCard):
    """Watches the same weight in every lane whose network has it. `place` is (layer, source, target), all from 0;
    the source after the last one is the bias.
    """

    name, title = "weight", "One weight"
    alt = "Gradient, averages and effective rate of one weight over time, in every lane"

    def __init__(self, run: LanesRun, place: tuple[int, int, int] = (0, 0, 0)) -> None:
        self.run = run
        self.frames = 0
        self.watch(place)

    @property
    def mlp(self) -> MLP:
        """The network of the diagram: the first lane's."""
        return self.run.experiment.mlp(self.run.rows_of[0][0])

    def watch(self, place: tuple[int, int, int]) -> None:
        """Look at another weight; its record begins now."""
        experiment = self.run.experiment
        self.place = nearest(self.mlp, place)
        rows = [rows[0] for rows in self.run.rows_of]
        places = {
            row: index for row in rows if (index := index_of(experiment.mlp(row), self.place)) is not None
        }
        self.microscope = self.whole = Microscope(experiment, places)
        self.microscope.observe()
        self.since = experiment.updates
        self.key = f"{self.since}-{self.place}"

    def observe(self) -> None:
        self.whole = self.microscope
        self.whole.observe()

    def show_kept(self, kept: Any) -> None:
        """What was recorded until the moment that is shown."""
        experiment = self.run.experiment
        self.microscope = self.whole if self.whole.experiment is experiment else self.whole.until(experiment)

    def pick_link(self, link: Any) -> None:
        """A click on the diagram's link number `link`, counted layer by layer, source by source."""
        if not isinstance(link, (int, float)):
            return
        place = place_of_line(self.mlp, int(link))
        if place is not None:
            self.watch(place)

    def link(self) -> int | None:
        """The number of the diagram's link that is watched; None for a bias."""
        return line_of(self.mlp, self.place)

    # --- the card -------------------------------------------------------------------------------------------

    def panels(self) -> list[Panel]:
        """The four charts, with a line for every lane that has one."""
        run = self.run
        lines: list[list[PanelLine]] = [[] for _ in PANELS]
        for look, rows in zip(run.looks, run.rows_of, strict=True):
            if rows[0] not in self.microscope.places:
                continue
            series = self.microscope.series(rows[0])
            if not series:
                continue
            key = run.experiment.lanes[rows[0]].config.optimizer
            keep = evenly(len(series["update"]), MOST_POINTS)
            wanted = [(0, "gradient", "solid"), (3, "effective_rate", "solid")]
            wanted += [
                (MEMORY_PANEL[symbol.memory], symbol.name, "dot" if symbol.corrects else "solid")
                for symbol in OPTIMIZERS[key].symbols
                if symbol.memory
            ]
            for panel, name, dash in wanted:
                if name in series:
                    lines[panel].append(PanelLine(look, series["update"][keep], series[name][keep], dash))
        return [Panel(title, own, k > 1) for k, (title, own) in enumerate(zip(PANELS, lines, strict=True))]

    def figure(self) -> Drawing:
        return small_multiples(self.panels(), self.run.view.dark, "update")

    def caption(self) -> str:
        name = in_words(self.mlp, self.index())
        return f"{name[0].upper()}{name[1:]}, recorded from update {self.since:,} · dotted: corrected for the start at 0"

    def index(self) -> int:
        found = index_of(self.mlp, self.place)
        assert found is not None
        return found

    def revision(self) -> str:
        run = self.run
        return f"{run.view.generation}-{run.view.dark}-{run.look_revision}-{self.key}"

    def frame(self) -> Part | None:
        self.frames += 1
        return dict(figure=figure_json(self.figure())) if self.frames % EVERY == 0 else None

    def rest(self) -> Rest:
        return dict(figure=figure_json(self.figure()), caption=self.caption())

    def formulas(self) -> list[tuple[str, str]]:
        """(Markdown heading, LaTeX) per lane: the rule of its next update with this weight's numbers."""
        run, texts = self.run, []
        for look, rows in zip(run.looks, run.rows_of, strict=True):
            latest = self.microscope.latest(rows[0]) if rows[0] in self.microscope.places else {}
            head = f"**{look.glyph} {plain_text(look.name)}**"
            if not latest:
                texts.append((f"{head}: has no such weight, or has stopped", ""))
                continue
            frozen = ", frozen" if latest["is_fixed"] else ""
            texts.append(
                (f"{head}, update {latest['update']:,.0f}{frozen}", self.microscope.formula(rows[0]))
            )
        return texts


class PickableNetwork(NetworkCard):
    """The first lane's network; a click on a line puts that weight under the microscope."""

    def __init__(self, view: View, feature_labels: list[str], microscope: MicroscopeCard) -> None:
        super().__init__(view, feature_labels)
        self.microscope = microscope

    def caption(self) -> str:
        return "click a line to watch its weight"

    def revision(self) -> str:
        return f"{super().revision()}-{self.microscope.link()}"

    def about(self) -> dict[str, Any]:
        link = self.microscope.link()
        return dict(clicks=True, pauses=False, chosen=[] if link is None else [link])
