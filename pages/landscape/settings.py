"""What the Landscape page can be set to: one option table for widgets, link and tests, and the words for each choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.methods.registry import OPTIMIZERS
from engine.options import Option
from engine.studies.exhibits import EXHIBITS

SHOWS = {"network": "Your network", **{key: exhibit.label for key, exhibit in EXHIBITS.items()}}
SOURCES = {"here": "Train here", "playground": "From the Playground", "arena": "From the Arena"}
PLANES = {
    "random": "Two random directions",
    "path": "The path's plane (PCA)",
    "leading": "Hessian: two largest",
    "extremes": "Hessian: largest, lowest",
    "weights": "Two weights",
    "points": "Through three points",
}
NORMS = {"filter": "Filter-normalised", "layer": "Layer-normalised", "none": "Raw"}
VIEWS = {"contour": "Contour", "heatmap": "Heatmap", "surface": "3-D", "line": "Line"}
LINES = {"path": "From start to end", "lanes": "To the other run's end", "direction": "Along direction 1"}
LOSSES_SHOWN = {
    "train": "Training data",
    "validation": "Validation data",
    "test": "Test data",
    "regularised": "Training data + L1, L2",
    "error": "Error rate, training data",
    "bits": "−log₂ p, training data",
}
BESIDE = {"loss": "Loss curve", "spectrum": "Spectrum", "curvature": "Curvature map", "network": "Network diagram"}  # fmt: skip
SECONDS = {"none": "None", "seed": "Other initial weights"} | {
    key: f"Other optimizer: {kind.label}" for key, kind in OPTIMIZERS.items() if kind.gradient_based
}
EXTENTS = ("auto", "0.05", "0.1", "0.2", "0.3", "0.5", "0.75", "1", "1.5", "2", "3", "5", "8", "12", "20", "50")  # fmt: skip
LEAST_CELLS, MOST_CELLS = 25, 151


def _choice(name: str, labels: Mapping[str, str], label: str, help: str) -> Option:
    return Option(name, next(iter(labels)), label, help, choices=tuple(labels))


OPTIONS: dict[str, Option] = {
    option.name: option
    for option in (
        _choice("show", SHOWS, "Show", f"Your own network, or one of {len(EXHIBITS)} exhibits with a question for the class."),
        _choice("from", SOURCES, "Network from", "Trained on this page, or a copy of another page's run with its path."),
        Option("run_lane", 1, "Lane", "Which lane of that run is shown.", 1, 200, integer=True),
        Option("other_lane", 2, "Another lane", "The other end of lines and planes between two lanes.", 1, 200, integer=True),
        _choice("second", SECONDS, "A second run", "A second network, trained at the same time, for lines and planes between two ends."),
        _choice("plane", PLANES, "The plane", "Which two directions of the many are drawn."),
        _choice("norm", NORMS, "Length of the directions", "Filter-normalised: each neuron's part of a direction is as long as the neuron's weights (Li et al. 2018)."),
        Option("draw", 0, "Random seed", "Random seed of the two directions.", 0, 9999, integer=True),
        Option("w1", 0, "First weight", "Place of the weight in the row of all parameters.", 0, 99_999, integer=True),
        Option("w2", 1, "Second weight", "Place of the weight in the row of all parameters.", 0, 99_999, integer=True),
        _choice("view", VIEWS, "View", "Contour, heatmap, a surface to turn, or one line."),
        _choice("line", LINES, "The line", "Between which two points."),
        _choice("of", LOSSES_SHOWN, "Loss on", "Which data the loss is measured on, with or without the penalties; or what the loss stands for: the error rate, and −log₂ p, which is never below it."),
        Option("log_loss", True, "Logarithmic loss", "Colours and heights in powers of ten."),
        Option("extent", "auto", "Extent", "How far the picture reaches along each direction.", choices=EXTENTS),
        Option("cells", 51, "Resolution", "Cells along each side.", LEAST_CELLS, MOST_CELLS, integer=True),
        Option("hold", False, "Hold the plane", "The plane stays where it is while the network moves over it. Train first, then hold."),
        _choice("beside", BESIDE, "Side chart", "What the small card shows."),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """The picture's settings, checked. `other` is the lane whose end a plane or line goes through, or None."""

    plane: str = "random"
    norm: str = "filter"
    draw: int = 0
    w1: int = 0
    w2: int = 1
    view: str = "contour"
    line: str = "path"
    of: str = "train"
    log_loss: bool = True
    extent: str = "auto"
    cells: int = 51
    hold: bool = False
    beside: str = "loss"
    other: int | None = None

    @staticmethod
    def of_values(values: Mapping[str, Any], other: int | None = None) -> Settings:
        """From whatever the widgets hold; what does not fit becomes the nearest that does."""
        names = [name for name in OPTIONS if name in Settings.__dataclass_fields__]
        return Settings(**{name: OPTIONS[name].clamp(values.get(name)) for name in names}, other=other)

    def directions_key(self) -> tuple[object, ...]:
        """What decides where the picture lies."""
        return self.plane, self.norm, self.draw, self.w1, self.w2, self.line, self.view == "line", self.other
