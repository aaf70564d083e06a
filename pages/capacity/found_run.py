"""The run of the Found view: many starts of a few networks, beside what is built by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.data.config import DRAWN, DatasetConfig
from engine.data.drawn import Drawn, write_drawn
from engine.data.load import load_dataset
from engine.network.pieces import sine_bound
from engine.shown import short_number
from engine.studies.found import Found
from pages.capacity.found_figures import (
    WAYS,
    Errors,
    function_figure,
    line_keys,
    loss_figure,
    parts_figure,
    ring_figure,
    start_keys,
    starts_figure,
)
from pages.capacity.own_run import OwnRun
from pages.shared.figures.base import figure_json
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.sketch import sketch
from pages.shared.live.cards import PlotCard
from pages.shared.live.protocol import Figure, Part

MEASURES = {"largest": "largest error", "mean": "mean squared error"}
MOST_STEPS = 300  # of a loss that is drawn
SKETCHED = 33  # places of a target that a drawing begins with
CELLS = np.linspace(-2, 2, 41)


class FoundRun(OwnRun):
    """`shown` has the number of the network that is drawn, which of its starts, and how errors are measured."""

    last = 4000
    speed = 25
    rows = "minmax(0, 1fr) minmax(0, 1fr)"
    study: Found

    def new_study(self) -> Found:
        return Found(**self.asked)

    def make_cards(self) -> list[PlotCard]:
        cards: list[PlotCard] = [PictureCard(self), StartsCard(self), LossCard(self)]
        self.layout = '"picture starts" "picture loss"'
        if not self.study.is_ring:
            cards.append(PartsCard(self))
            self.layout = '"picture starts" "parts loss"'
        return cards

    @property
    def names(self) -> list[str]:
        return ["-".join(map(str, hidden)) for hidden in self.study.networks]

    @property
    def network(self) -> int:
        """The number of the network that is drawn."""
        return min(int(self.shown.get("network", 0)), len(self.study.networks) - 1)

    @property
    def way(self) -> str:
        return str(self.shown.get("way", "median"))

    @property
    def measure(self) -> str:
        return str(self.shown.get("measure", "largest"))

    @property
    def start(self) -> int:
        """The start that is drawn."""
        return self.study.spread(self.network, self.measure).starts[WAYS.index(self.way)]

    @property
    def what(self) -> str:
        return "share of wrong points" if self.study.is_ring else MEASURES[self.measure]

    def all_right(self, network: int) -> int:
        """How many starts have every point of the rings right."""
        return int(np.count_nonzero(self.study.errors(network, self.measure)[: self.study.starts] == 0))

    def rows_of(self) -> list[Errors]:
        found = []
        for k, name in enumerate(self.names):
            errors, study = self.study.errors(k, self.measure), self.study
            built, hidden = study.built_error(k, self.measure), study.networks[k]
            is_bounded = study.data == "sine" and self.measure == "largest" and built is not None
            found.append(
                Errors(
                    name, errors[: study.starts], study.spread(k, self.measure), built,
                    None if built is None else float(errors[-1]), sine_bound(max(hidden)) if is_bounded else None,
                )
            )  # fmt: skip
        return found

    def counters(self) -> list[list[str]]:
        study = self.study
        spread, built = (
            study.spread(self.network, self.measure),
            study.built_error(self.network, self.measure),
        )
        if study.is_ring:
            return [
                ["All right", f"{self.all_right(self.network)} of {study.starts}"],
                ["Median wrong", f"{100 * spread.median:.1f} %"],
            ]
        said = [["Built", said_error(built)]] if built is not None else []
        return [
            *said,
            *([way.capitalize(), said_error(value)] for way, value in zip(WAYS, spread[:3], strict=True)),
        ]

    def message(self) -> str | None:
        lost = [
            name
            for k, name in enumerate(self.names)
            if not np.isfinite(self.study.errors(k, self.measure)).all()
        ]
        return f"{', '.join(lost)}: a start has diverged." if lost else None


def said_error(error: float) -> str:
    return "0" if error < 1e-12 else short_number(error, 3)


class FoundCard(PlotCard):
    def __init__(self, run: FoundRun) -> None:
        self.run = run

    def revision(self) -> str:
        return self.run.revision()

    def frame(self) -> Part:
        return dict(figure=figure_json(self.figure()), caption=self.caption())


class PictureCard(FoundCard):
    """Target, built and found; over it a curve can be drawn."""

    name = "picture"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"{self.run.names[self.run.network]}: {'the ' + self.run.way + ' start' if self.run.study.is_ring else 'built and found'}"

    @property
    def alt(self) -> str:  # type: ignore[override]
        if self.run.study.is_ring:
            return "What the start that is shown says everywhere, and the points of the two rings"
        return "The target, the network that is built, and the best, median and worst of those that are found"

    def about(self) -> dict[str, Any]:
        run, study = self.run, self.run.study
        if study.is_ring:
            return {}
        return dict(legend=line_keys(study.built[run.network] is not None, run.way, study.starts, run.dark))

    def figure(self) -> Drawing:
        run, study = self.run, self.run.study
        if study.is_ring:
            x, y = np.meshgrid(CELLS, CELLS)
            at = np.stack([x.ravel(), y.ravel()], axis=1)
            field = study.runs[run.network].predict_lane(run.start, at)[:, 0].reshape(x.shape)
            return ring_figure(study.X, study.y, CELLS, np.round(field, 2), run.dark)
        values = study.outputs(run.network)
        found = [values[k] for k in study.spread(run.network, run.measure).starts]
        built = study.built_values(run.network)
        return function_figure(study.x, study.truth, built, found, study.places, study.y, run.way, run.dark)

    def mounted(self) -> Figure:
        figure, study = super().mounted(), self.run.study
        if not study.is_ring:
            figure["layout"]["meta"] = dict(sketch=self.sketch())
        return figure

    def sketch(self) -> dict[str, Any]:
        """What is drawn so far, or places of the target, to be changed with the pencil."""
        study, axis = self.run.study, self.run.study.curve
        text = study.drawn
        if not text:
            x = np.linspace(axis.low, axis.high, SKETCHED)
            text = write_drawn(Drawn((x[:, None] - axis.mean) / axis.scale, axis.value(x), 0))
        data = load_dataset(DatasetConfig(DRAWN, points=text, test_fraction=0.0))
        return sketch(data, self.run.dark) | dict(line=[axis.scale, axis.mean], units=[axis.scale, axis.mean])


class StartsCard(FoundCard):
    name = "starts"
    alt = "The error of every start of each network, the median, and the error of the network that is built"

    @property
    def title(self) -> str:  # type: ignore[override]
        return self.run.what.capitalize()

    def about(self) -> dict[str, Any]:
        return dict(legend=start_keys(self.run.rows_of(), self.run.study.starts, self.run.dark))

    def figure(self) -> Drawing:
        run, study = self.run, self.run.study
        return starts_figure(run.rows_of(), study.constant_error(run.measure), study.is_ring, run.network, "", run.dark)  # fmt: skip


class PartsCard(FoundCard):
    name = "parts"
    alt = "What each neuron of the last hidden layer adds to the function of the start that is shown"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"What each neuron adds, {self.run.way} start"

    def figure(self) -> Drawing:
        run = self.run
        return parts_figure(run.study.x, run.study.parts(run.network, run.start), run.dark)


class LossCard(FoundCard):
    name, title = "loss", "Training loss"
    alt = "The median training loss of every network against updates"

    def caption(self) -> str:
        return "median"

    def figure(self) -> Drawing:
        study = self.run.study
        stride = -(-len(study.steps) // MOST_STEPS)
        picked = [*range(0, len(study.steps) - 1, stride), len(study.steps) - 1]
        losses = np.array([study.losses[k] for k in picked])
        return loss_figure([study.steps[k] for k in picked], losses, self.run.names, self.run.network, self.run.dark)  # fmt: skip
