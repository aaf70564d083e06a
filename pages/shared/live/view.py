"""What the charts of a run look at, and how predictions and numbers are packed for the browser."""

from __future__ import annotations

import base64

import numpy as np

from engine import LOSSES, Experiment
from engine.data.load import Dataset
from pages.shared.figures import theme

GRID = 40  # cells along each side of the live boundary


class View:
    """What the charts look at: the experiment, the data, light or dark, and the switches of the page."""

    def __init__(self, experiment: Experiment, data: Dataset, dark: bool = False) -> None:
        self.experiment = experiment
        self.data = data
        self.dark = dark
        self.show_test = True
        self.discretise = False
        self.generation = 0  # counts resets: every figure starts anew
        self.batches: dict[
            int, np.ndarray
        ] = {}  # per lane the samples to mark: its batch, after a single step
        self.marks_batches = False  # also while it plays (slow motion)
        self._outputs: dict[int, tuple[int, list[np.ndarray]]] = {}
        self.grid = self.plane_points(GRID)

    def plane_points(self, cells: int) -> np.ndarray:
        """(cells², 2): the centres of the plane's cells, row by row from the bottom."""
        x, y = centres(*self.data.x_range, cells), centres(*self.data.y_range, cells)
        return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)

    def layer_outputs(self, lane: int = 0) -> list[np.ndarray]:
        """Every layer's output over the live grid, computed once per state of the weights."""
        step = self.experiment.updates + 1_000_000_007 * self.generation
        if lane not in self._outputs or self._outputs[lane][0] != step:
            inputs = self.data.map_features(self.grid)
            self._outputs[lane] = (step, self.experiment.layer_outputs(lane, inputs))
        return self._outputs[lane][1]

    def forget(self) -> None:
        """The lanes were numbered anew, or have other weights."""
        self._outputs.clear()
        self.batches = {}

    def field(self, outputs: np.ndarray, lane: int) -> np.ndarray:
        """A lane's predictions (N, outputs) as palette entries, one byte each."""
        return field_bytes(outputs, self.data, self.discretise, self.gives_probabilities(lane))

    def gives_probabilities(self, lane: int) -> bool:
        return LOSSES[self.experiment.mlp(lane).loss_key].gives_probabilities

    def palette(self) -> np.ndarray:
        if self.data.task == "multiclass":
            return theme.class_palette(self.data.output_size, self.dark)
        return theme.ramp(theme.diverging(self.dark), 256)


def field_bytes(
    outputs: np.ndarray, data: Dataset, discretise: bool, probabilities: bool = True
) -> np.ndarray:
    """Predictions (N, outputs) as palette entries: see `View.palette` and `theme.class_palette`.

    Of three or more classes the largest output's is painted, whatever the loss. Its shade is how far a probability is
    above chance, or how far a value is above the next one: both are 0 in a tie and 1 where the answer is right and sure.
    """
    outputs = np.nan_to_num(outputs, nan=0.0, posinf=1e6, neginf=-1e6)
    if data.task == "multiclass":
        levels = theme.CONFIDENCE_LEVELS - 1
        share = np.full(len(outputs), 0.75) if discretise else confidence(outputs, probabilities)
        return (outputs.argmax(axis=1) * theme.CONFIDENCE_LEVELS + np.ceil(share * levels)).astype(np.uint8)
    if data.task == "binary":
        share = outputs[:, 0]
    else:
        limit = float(np.abs(data.y_train).max()) or 1.0
        share = 0.5 + 0.5 * outputs[:, 0] / limit
    if discretise:
        share = np.where(share > 0.5, 0.9, 0.1)
    return (share.clip(0, 1) * 255).round().astype(np.uint8)


def confidence(outputs: np.ndarray, probabilities: bool) -> np.ndarray:
    """How sure the outputs (N, C ≥ 2) are of their largest, 0 to 1 (N,)."""
    classes = outputs.shape[1]
    if probabilities:
        share = (outputs.max(axis=1) - 1 / classes) / (1 - 1 / classes)
    else:
        second, first = np.partition(outputs, classes - 2, axis=1)[:, -2:].T
        share = first - second
    return share.clip(0, 1)


def centres(low: float, high: float, cells: int) -> np.ndarray:
    """The middles of `cells` cells from low to high: where a field is evaluated that is painted cell by cell."""
    return low + (high - low) * (np.arange(cells) + 0.5) / cells


def loss_range(losses: np.ndarray) -> tuple[float, float] | None:
    """log₁₀ of the lowest loss and of nearly the highest, in quarter decades, so that it seldom changes; None for none."""
    finite = losses[np.isfinite(losses) & (losses > 0)]
    if not finite.size:
        return None
    low = np.floor(4 * np.log10(max(finite.min(), 1e-8))) / 4
    high = np.ceil(4 * np.log10(max(np.quantile(finite, 0.98), 1e-8))) / 4
    return float(low), float(max(high, low + 0.25))


def loss_bytes(loss: np.ndarray, low: float, high: float) -> np.ndarray:
    """Losses as palette entries: 0 at 10^low, 255 at 10^high and above, and where there is none."""
    with np.errstate(all="ignore"):
        share = (np.log10(loss) - low) / (high - low)
    return (np.nan_to_num(share, nan=1.0, posinf=1.0, neginf=0.0).clip(0, 1) * 255).astype(np.uint8)


def prediction_text(outputs: np.ndarray, data: Dataset, probabilities: bool = True) -> np.ndarray:
    """What is said of each prediction: a probability of a class, or a value where the loss makes no probabilities."""
    if data.task == "regression":
        values = outputs[:, 0] * data.y_scale + data.y_mean
        return np.array([f"predicts {value:.4g}" for value in values])
    if data.task == "binary":
        what = f"P({data.class_names[1]}) =" if probabilities else "value"
        return np.array([f"{what} {value:.3f}" for value in outputs[:, 0]])
    best = outputs.argmax(axis=1)
    what = "P =" if probabilities else "value"
    return np.array([f"{data.class_names[k]}: {what} {outputs[i, k]:.3f}" for i, k in enumerate(best)])


def packed(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


def plain(values: np.ndarray) -> list[float | None]:
    """Numbers for JSON, which has no infinity: what is not finite becomes a gap."""
    values = np.asarray(values, dtype=float)
    finite = np.isfinite(values)
    if finite.all():
        return values.tolist()
    return [value if ok else None for value, ok in zip(values.tolist(), finite, strict=True)]
