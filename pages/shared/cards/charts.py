"""The cards of the live panel: each turns the state of an experiment into a figure, frames and a rest view.

A chart is given the run's `View` (what to look at) and never changes the experiment.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from engine.landscape.directions import random_directions
from engine.landscape.plane import Plane, axis
from pages.shared.figures import base as figures
from pages.shared.figures import theme
from pages.shared.figures.looks import LaneLook
from pages.shared.live.panel import figure_json
from pages.shared.live.view import GRID, View, loss_bytes, loss_range, packed, plain, prediction_text

REST_GRID = 101
MAP = GRID // 2  # cells along each side of a neuron's map
PATH_POINTS = 240
SLICE_WORK = 60_000  # network evaluations that one coarse slice may cost
REST_SLICE = 51
SLICE_EXTENT = 1.0


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
    """What the network of one lane predicts over the input plane. `look` makes it one of several small charts."""

    def __init__(self, view: View, lane: int = 0, look: LaneLook | None = None) -> None:
        self.view, self.lane, self.look = view, lane, look
        self.name = "boundary" if look is None else f"boundary:{look.key}"

    def spec(self) -> dict[str, Any]:
        view = self.view
        spec = dict(
            name=self.name, kind="plotly", area="boundary", title=BOUNDARY_TITLES[view.data.task],
            alt="What the network predicts at each place of the input plane, with the data points",
            revision=f"{view.generation}-{view.dark}-{view.show_test}-{view.marks_batches}",
            palette=theme.packed(view.palette()), shows_neurons=self.look is None,
            figure=self.figure,
        )  # fmt: skip
        if self.look is not None:
            alt = f"What {self.look.name} predicts at each place of the input plane, with the data points"
            spec |= self.look.card() | dict(area=f"lane{self.look.key}", alt=alt)
            spec["revision"] = f"{spec['revision']}-{self.look}"
        return spec

    def figure(self, field=None, batch=None):
        small = self.look is not None
        return figures.boundary_figure(
            self.view.data, self.view.dark, self.view.show_test, field, batch, small
        )

    def live_outputs(self) -> np.ndarray:
        """Predictions (GRID², outputs) on the live grid."""
        return self.view.experiment.probabilities(self.lane, self.view.layer_outputs(self.lane)[-1])

    def exact_outputs(self, inputs: np.ndarray) -> np.ndarray:
        return self.view.experiment.predict_lane(self.lane, inputs)

    def frame(self) -> dict[str, Any]:
        outputs = self.live_outputs()
        image = dict(data=packed(self.view.field(outputs, self.lane)), width=GRID, height=GRID)
        part: dict[str, Any] = (
            dict(image=image) if self.look is None else dict(image=image, caption=self.caption())
        )
        if self.view.marks_batches:
            part["figure"] = figure_json(self.figure(None, self.view.batches.get(self.lane)))
        return part

    def caption(self) -> str:
        experiment = self.view.experiment
        status, history = experiment.status[self.lane], experiment.history
        if status.state != "running":
            return f"{status.state} at {status.step:,}"
        loss, accuracy = history.train_loss[-1, self.lane], history.train_accuracy[-1, self.lane]
        return f"loss {loss:.2g}" + ("" if np.isnan(accuracy) else f" · {100 * accuracy:.0f}%")

    def rest(self) -> dict[str, Any]:
        view, data = self.view, self.view.data
        points = view.plane_points(REST_GRID)
        outputs = self.exact_outputs(data.map_features(points))
        z = view.field(outputs, self.lane).reshape(REST_GRID, REST_GRID)
        text = prediction_text(outputs, data, view.gives_probabilities(self.lane)).reshape(
            REST_GRID, REST_GRID
        )
        x, y = points[:REST_GRID, 0], points[::REST_GRID, 1]
        figure = self.figure((x, y, z, text), view.batches.get(self.lane))
        image = dict(data=packed(z), width=REST_GRID, height=REST_GRID)
        return dict(figure=figure_json(figure), image=image)


BOUNDARY_TITLES = {
    "binary": "Decision boundary",
    "multiclass": "Decision boundary",
    "regression": "Prediction",
}


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
        data, along = (
            self.view.data,
            axis(SLICE_EXTENT * (1 - 1 / cells), cells),
        )  # the centres of painted cells
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
        self.low, self.high = loss_range(loss) or (self.low, self.high)

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
            part["image"] = dict(
                data=packed(loss_bytes(loss, self.low, self.high)), width=cells, height=cells
            )
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

    def __init__(self, view: View, feature_labels: list[str], lane: int = 0) -> None:
        self.view, self.lane = view, lane
        self.feature_labels = feature_labels

    def spec(self) -> dict[str, Any]:
        view = self.view
        hidden = view.experiment.mlp(self.lane).layer_sizes[1:-1]
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
            figure=lambda: dict(layers=layers, headings=headings, chosen=theme.CHOSEN, negative=theme.NEGATIVE, positive=theme.POSITIVE,
                        palette=theme.packed(theme.ramp(theme.diverging(view.dark), 256))),
        )  # fmt: skip

    def frame(self) -> dict[str, Any]:
        view = self.view
        weights = [W.ravel() for W, _ in view.experiment.weights(self.lane)]
        inputs = view.data.map_features(view.grid)
        maps = [neuron_bytes(values) for values in (inputs, *view.layer_outputs(self.lane))]
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
