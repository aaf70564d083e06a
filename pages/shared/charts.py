"""The cards of the live panel: each turns the state of an experiment into a figure, frames and a rest view.

A chart is given the run's `View` (what to look at) and never changes the experiment.
"""

from __future__ import annotations

import base64
from collections import deque
from typing import Any

import numpy as np

from engine import Experiment
from engine.datasets import Dataset
from engine.landscape import Plane, axis, random_directions
from pages.shared import figures, theme
from pages.shared.live import figure_json

GRID = 40  # cells along each side of the live boundary
REST_GRID = 101
MAP = GRID // 2  # cells along each side of a neuron's map
PATH_POINTS = 240
SLICE_WORK = 60_000  # network evaluations that one coarse slice may cost
REST_SLICE = 51
SLICE_EXTENT = 1.0


def packed(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


class View:
    """What the charts look at: the experiment, the data, light or dark, and the switches of the page."""

    def __init__(self, experiment: Experiment, data: Dataset, dark: bool = False) -> None:
        self.experiment = experiment
        self.data = data
        self.dark = dark
        self.show_test = True
        self.discretise = False
        self.generation = 0  # counts resets: every figure starts anew
        self.batch: np.ndarray | None = None  # the current batch, after a single step
        self._outputs: tuple[int, list[np.ndarray]] | None = None
        self.grid = self.plane_points(GRID)

    def plane_points(self, cells: int) -> np.ndarray:
        """(cells², 2): the plane's points, row by row from the bottom."""
        x = np.linspace(*self.data.x_range, cells)
        y = np.linspace(*self.data.y_range, cells)
        return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)

    def layer_outputs(self) -> list[np.ndarray]:
        """Every layer's output over the live grid, computed once per state of the weights."""
        step = self.experiment.updates + 1_000_000_007 * self.generation
        if self._outputs is None or self._outputs[0] != step:
            inputs = self.data.map_features(self.grid)
            self._outputs = (step, self.experiment.layer_outputs(0, inputs))
        return self._outputs[1]

    def field(self, outputs: np.ndarray) -> np.ndarray:
        """Predictions (N, outputs) as palette entries, one byte each."""
        return field_bytes(outputs, self.data, self.discretise)

    def palette(self) -> np.ndarray:
        if self.data.task == "multiclass":
            return theme.class_palette(self.data.output_size, self.dark)
        return theme.ramp(theme.diverging(self.dark), 256)


def field_bytes(outputs: np.ndarray, data: Dataset, discretise: bool) -> np.ndarray:
    """Probabilities or values as palette entries: see `View.palette` and `theme.class_palette`."""
    outputs = np.nan_to_num(outputs, nan=0.0, posinf=1e6, neginf=-1e6)
    if data.task == "multiclass":
        classes = outputs.shape[1]
        confidence = (outputs.max(axis=1) - 1 / classes) / (1 - 1 / classes)
        levels = theme.CONFIDENCE_LEVELS - 1
        level = np.full(len(outputs), levels * 0.75) if discretise else confidence * levels
        return (outputs.argmax(axis=1) * theme.CONFIDENCE_LEVELS + level.round()).astype(np.uint8)
    if data.task == "binary":
        share = outputs[:, 0]
    else:
        limit = float(np.abs(data.y_train).max()) or 1.0
        share = 0.5 + 0.5 * outputs[:, 0] / limit
    if discretise:
        share = np.where(share > 0.5, 0.9, 0.1)
    return (share.clip(0, 1) * 255).round().astype(np.uint8)


class LossChart:
    name = "loss"

    def __init__(self, view: View) -> None:
        self.view = view
        self.sent = -1  # the last update whose loss was put in a frame

    def series(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        history = self.view.experiment.history
        return history.steps, history.train_loss[:, 0], history.test_loss[:, 0]

    def marks(self) -> list[tuple[int, str]]:
        return [(step, text) for step, _, text in self.view.experiment.history.marks]

    def figure(self):
        steps, train, test = map(plain, self.series())
        return figures.loss_figure(steps, train, test, self.view.dark, True, self.marks())

    def spec(self) -> dict[str, Any]:
        view = self.view
        return dict(
            name=self.name, kind="plotly", area="loss", title="Loss", log_axes=["xaxis", "yaxis"],
            alt="Training and test loss against the number of updates",
            revision=f"{view.generation}-{view.dark}-{len(self.marks())}",
            figure=self.figure, streams=[0, 1], grow=True,
        )  # fmt: skip

    def frame(self) -> dict[str, Any]:
        steps, train, test = self.series()
        new = steps > self.sent
        self.sent = int(steps[-1])
        x = plain(steps[new])
        return dict(extend=[[0, x, plain(train[new])], [1, x, plain(test[new])]])

    def rest(self) -> dict[str, Any]:
        return dict(figure=figure_json(self.figure()))


class BoundaryChart:
    name = "boundary"

    def __init__(self, view: View) -> None:
        self.view = view

    def spec(self) -> dict[str, Any]:
        view = self.view
        return dict(
            name=self.name, kind="plotly", area="boundary", title=BOUNDARY_TITLES[view.data.task],
            alt="What the network predicts at each place of the input plane, with the data points",
            revision=f"{view.generation}-{view.dark}-{view.show_test}",
            palette=theme.packed(view.palette()), shows_neurons=True,
            figure=lambda: figures.boundary_figure(view.data, view.dark, view.show_test),
        )  # fmt: skip

    def frame(self) -> dict[str, Any]:
        outputs = self.view.experiment.probabilities(0, self.view.layer_outputs()[-1])
        return dict(image=dict(data=packed(self.view.field(outputs)), width=GRID, height=GRID))

    def rest(self) -> dict[str, Any]:
        view, data = self.view, self.view.data
        points = view.plane_points(REST_GRID)
        outputs = view.experiment.predict(data.map_features(points))[0]
        z = view.field(outputs).reshape(REST_GRID, REST_GRID)
        text = prediction_text(outputs, data).reshape(REST_GRID, REST_GRID)
        x, y = points[:REST_GRID, 0], points[::REST_GRID, 1]
        figure = figures.boundary_figure(data, view.dark, view.show_test, (x, y, z, text), view.batch)
        image = dict(data=packed(z), width=REST_GRID, height=REST_GRID)
        return dict(figure=figure_json(figure), image=image)


BOUNDARY_TITLES = {
    "binary": "Decision boundary",
    "multiclass": "Decision boundary",
    "regression": "Prediction",
}


def prediction_text(outputs: np.ndarray, data: Dataset) -> np.ndarray:
    if data.task == "regression":
        values = outputs[:, 0] * data.y_scale + data.y_mean
        return np.array([f"predicts {value:.4g}" for value in values])
    if data.task == "binary":
        return np.array([f"P({data.class_names[1]}) = {value:.3f}" for value in outputs[:, 0]])
    best = outputs.argmax(axis=1)
    return np.array([f"{data.class_names[k]}: {outputs[i, k]:.3f}" for i, k in enumerate(best)])


class LandscapeChart:
    """The loss along two random filter-normalised directions (Li et al. 2018) through the weights as they are."""

    name = "landscape"

    def __init__(self, view: View) -> None:
        self.view = view
        self.path: deque[np.ndarray] = deque(maxlen=PATH_POINTS)
        self.path_step = -1
        self.low = self.high = 0.0
        self.frames_left = 0
        self.plane: Plane | None = None
        self.sliced_step = -1

    def centre(self) -> None:
        """Put the plane through the present weights, with the same random directions, scaled anew."""
        experiment, config = self.view.experiment, self.view.experiment.config
        theta = experiment.theta(0)
        rng = np.random.default_rng([config.seed, 4])
        self.plane = Plane(theta, *random_directions(experiment.mlp(0), theta, rng, normalize="filter"))
        self.sliced_step = experiment.updates

    def slice(self, cells: int) -> tuple[np.ndarray, np.ndarray]:
        """The plane's coordinates along each axis, 0 in the middle, and the training loss there (cells, cells)."""
        data, along = self.view.data, axis(SLICE_EXTENT, cells)
        assert self.plane is not None
        return along, self.plane.loss(self.view.experiment.mlp(0), along, along, data.X_train, data.y_train)

    def coordinates(self) -> np.ndarray:
        """The path in the plane, (T, 2)."""
        assert self.plane is not None
        return self.plane.project(np.array(self.path))[0]

    def remember(self) -> None:
        step = self.view.experiment.updates
        if step < self.path_step:
            self.path.clear()
        if step != self.path_step or not self.path:
            self.path.append(self.view.experiment.theta(0))
        self.path_step = step

    def widen(self, loss: np.ndarray) -> None:
        """Colour range in quarter decades, so that it seldom changes."""
        finite = loss[np.isfinite(loss) & (loss > 0)]
        if not finite.size:
            return
        low = np.floor(4 * np.log10(max(finite.min(), 1e-8))) / 4
        high = np.ceil(4 * np.log10(max(np.quantile(finite, 0.98), 1e-8))) / 4
        self.low, self.high = float(low), float(max(high, low + 0.25))

    def bytes(self, loss: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            share = (np.log10(loss) - self.low) / (self.high - self.low)
        return (np.nan_to_num(share, nan=1.0, posinf=1.0, neginf=0.0).clip(0, 1) * 255).astype(np.uint8)

    def spec(self) -> dict[str, Any]:
        view = self.view
        if self.plane is None or not self.path:
            self.remember()
            self.centre()
            self.widen(self.slice(9)[1])
        return dict(
            name=self.name, kind="plotly", area="landscape", title="Loss landscape",
            alt="The training loss along two random directions through the current weights, with the path",
            revision=f"{view.generation}-{view.dark}",
            palette=theme.packed(theme.ramp(theme.sequential(view.dark), 256)),
            figure=self.figure, streams=[0, 1],
        )  # fmt: skip

    def figure(self, grid=None):
        return figures.landscape_figure(
            SLICE_EXTENT, self.coordinates(), self.view.dark, self.low, self.high, grid
        )  # fmt: skip

    def frame(self) -> dict[str, Any]:
        self.remember()
        part: dict[str, Any] = {}
        if self.frames_left <= 0 or self.plane is None:
            work = len(self.view.data.X_train)
            cells = int(np.clip(np.sqrt(SLICE_WORK / work), 9, 17)) | 1
            self.frames_left = max(3, round(3 * cells * cells * work / SLICE_WORK))
            self.centre()
            _, loss = self.slice(cells)
            before = (self.low, self.high)
            self.widen(loss)
            part["image"] = dict(data=packed(self.bytes(loss)), width=cells, height=cells)
            part["caption"] = f"train loss at the centre {loss[cells // 2, cells // 2]:.4g}"
            if before != (self.low, self.high):
                part["figure"] = figure_json(self.figure())
        self.frames_left -= 1
        path = self.coordinates().round(4)
        part["set"] = [[0, *map(plain, path.T)], [1, *map(plain, path[-1:].T)]]
        return part

    def rest(self) -> dict[str, Any]:
        self.centre()
        self.frames_left = 0
        along, loss = self.slice(REST_SLICE)
        self.widen(loss)
        centre = loss[REST_SLICE // 2, REST_SLICE // 2]
        return dict(figure=figure_json(self.figure((along, along, loss))), caption=f"train loss at the centre {centre:.4g}")  # fmt: skip


class NetworkChart:
    name = "network"

    def __init__(self, view: View, feature_labels: list[str]) -> None:
        self.view = view
        self.feature_labels = feature_labels

    def spec(self) -> dict[str, Any]:
        view = self.view
        hidden = view.experiment.mlp(0).layer_sizes[1:-1]
        layers = [self.feature_labels]
        layers += [[f"Layer {k}, neuron {i}" for i in range(1, n + 1)] for k, n in enumerate(hidden, 1)]
        outputs = view.data.class_names if view.data.task == "multiclass" else ["Output"]
        layers.append(list(outputs))
        headings = ["inputs"] + [f"layer {k}" for k in range(1, len(hidden) + 1)] + ["output"]
        return dict(
            name=self.name, kind="network", area="network", title="Network",
            caption="line width: weight · blue solid +, orange dashed −",
            alt="The network's neurons, each with a map of its output over the input plane",
            revision=f"{view.generation}-{view.dark}",
            figure=lambda: dict(layers=layers, headings=headings, negative=theme.NEGATIVE, positive=theme.POSITIVE,
                        palette=theme.packed(theme.ramp(theme.diverging(view.dark), 256))),
        )  # fmt: skip

    def frame(self) -> dict[str, Any]:
        view = self.view
        weights = [W.ravel() for W, _ in view.experiment.weights(0)]
        inputs = view.data.map_features(view.grid)
        maps = [neuron_bytes(values) for values in (inputs, *view.layer_outputs())]
        return dict(
            weights=packed(np.concatenate(weights).astype(np.float32)), maps=packed(np.concatenate(maps)), size=MAP
        )  # fmt: skip

    def rest(self) -> None:
        return None


def neuron_bytes(values: np.ndarray) -> np.ndarray:
    """A layer's outputs (GRID², width) as maps (width, MAP, MAP): 128 is zero, the layer's largest is full colour."""
    maps = values.reshape(GRID, GRID, -1)[::2, ::2].transpose(2, 0, 1)
    maps = np.nan_to_num(maps, nan=0.0, posinf=1e6, neginf=-1e6)
    limit = max(float(np.abs(maps).max()), 1e-9)
    return (127.5 + 127.5 * maps / limit).round().astype(np.uint8)


def plain(values: np.ndarray) -> list[float | None]:
    """Numbers for JSON, which has no infinity: what is not finite becomes a gap."""
    values = np.asarray(values, dtype=float)
    finite = np.isfinite(values)
    if finite.all():
        return values.tolist()
    return [value if ok else None for value, ok in zip(values.tolist(), finite, strict=True)]
