"""The network diagram: neurons as small maps over the input plane, links as lines."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from pages.shared.figures import theme
from pages.shared.figures.diagram import network_svg
from pages.shared.figures.packing import Array, packed
from pages.shared.live.cards import Card
from pages.shared.live.protocol import Figure, Part, Rest
from pages.shared.live.view import LINE, View

DENSE = 1000  # links, beyond which weak negative ones are not dashed: as in assets/live/network.js
MAPS_EVERY = (1, 3, 6, 12)  # frames between two maps, by how coarse the pictures are


class NetworkCard(Card):
    """With `edits`, weights and biases can be set in the diagram: a click of the run says which, and to what."""

    kind = "network"
    name, title = "network", "Network"
    edits = False

    def __init__(self, view: View, feature_labels: list[str], lane: int = 0) -> None:
        what = (
            "the curve of its output" if view.data.inputs == 1 else "a map of its output over the input plane"
        )
        self.alt = f"The network's neurons, each with {what}"
        self.view, self.lane = view, lane
        self.feature_labels = feature_labels
        self.left = 0  # frames until the next maps

    def revision(self) -> str:
        return f"{self.view.generation}-{self.view.dark}"

    def caption(self) -> str:
        links = int(self.view.experiment.mlp(self.lane).weight_mask.sum())
        negative = "orange −, the strong ones dashed" if links > DENSE else "orange dashed −"
        return f"line width: weight · blue solid +, {negative}, none at exactly 0"

    def mounted(self) -> Figure:
        view = self.view
        hidden = view.experiment.mlp(self.lane).layer_sizes[1:-1]
        layers = [self.feature_labels]
        layers += [[f"Layer {k}, neuron {i}" for i in range(1, n + 1)] for k, n in enumerate(hidden, 1)]
        layers.append(list(view.data.class_names) if view.data.task == "multiclass" else ["Output"])
        network = view.experiment.lanes[self.lane].config.network
        frozen = list(network.frozen) if network is not None else []
        headings = ["inputs"] + [f"layer {k}" for k in range(1, len(hidden) + 1)] + ["output"]
        for k in frozen:  # with many layers there is room for one word and the number
            headings[k] = (
                "frozen " + headings[k].removeprefix("layer ")
                if len(hidden) > 3
                else f"{headings[k]} · frozen"
            )
        colors: dict[str, Any] = dict(chosen=theme.CHOSEN, negative=theme.NEGATIVE, positive=theme.POSITIVE)
        palette = packed(theme.ramp(theme.diverging(view.dark), 256))
        classes = len(view.data.class_names) if view.data.task == "multiclass" else 0
        outputs = [packed(theme.ramp(theme.one_class(k, view.dark), 256)) for k in range(classes)]
        return (
            dict(layers=layers, headings=headings, palette=palette, outputs=outputs, frozen=frozen) | colors
        )

    def about(self) -> dict[str, Any]:
        return dict(edits=True) if self.edits else {}

    def markup(self) -> str:
        figure = self.mounted()
        return network_svg(figure["layers"], figure["headings"], self.view.experiment.weights(self.lane))

    def frame(self) -> Part:
        """The weights, and every few frames the maps."""
        part, self.left = self.weights(), self.left - 1
        if self.left <= 0:
            self.left = MAPS_EVERY[self.view.coarse]
            part |= self.maps()
        return part

    def show_kept(self, kept: Any) -> None:
        self.left = 0

    def rest(self) -> Rest:
        return cast(Rest, self.weights() | self.maps())

    def weights(self) -> Part:
        view = self.view
        layers = view.experiment.weights(self.lane)
        part: Part = dict(weights=packed(np.concatenate([W.ravel() for W, _ in layers]).astype(np.float32)))
        network = view.experiment.lanes[self.lane].config.network
        if self.edits and network is not None and network.biases:
            part["biases"] = packed(np.concatenate([b for _, b in layers]).astype(np.float32))
        return part

    def maps(self) -> Part:
        view = self.view
        draw = neuron_curves if view.data.inputs == 1 else neuron_bytes
        maps = [draw(values, view.cells) for values in (view.inputs, *view.layer_outputs(self.lane))]
        return dict(maps=packed(np.concatenate(maps)), size=view.cells // 2)


def neuron_bytes(values: Array, cells: int) -> Array:
    """A layer's outputs (cells², width) as maps (width, cells/2, cells/2): 128 is zero, the layer's largest is full colour."""
    return _bytes(_shares(values.reshape(cells, cells, -1)[::2, ::2].transpose(2, 0, 1)))


def neuron_curves(values: Array, cells: int) -> Array:
    """As `neuron_bytes`, of outputs (LINE · cells, width) along a line: a curve from the left to the right, filled between
    it and zero.
    """
    size = cells // 2
    shares = _shares(values[:: 2 * LINE].T)  # (width, size)
    heights = (2 * np.arange(size) + 1) / size - 1  # of the rows' middles, the first row at the bottom
    rows = heights[:, None]
    inside = (np.abs(rows) <= np.abs(shares[:, None])) & (rows * shares[:, None] > 0)
    return _bytes(np.where(inside, shares[:, None], 0.0))


def _shares(values: Array) -> Array:
    """A layer's outputs as shares of its largest, −1 to 1."""
    limit = max(-float(values.min()), float(values.max()), 1e-9)
    if not np.isfinite(limit):
        values = np.nan_to_num(values, nan=0.0, posinf=1e6, neginf=-1e6)
        limit = float(np.abs(values).max())
    return values * (1 / limit)


def _bytes(shares: Array) -> Array:
    return np.asarray((shares * 127.5 + 128).astype(np.uint8))  # 127.5, and a half for rounding
