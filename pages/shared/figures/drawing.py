"""A figure for frames: Plotly's JSON made directly.

`go.Figure` checks every property of every trace, 10 to 30 ms a figure. That is right for tests, which look at `data` and
`layout`, and too much for a panel that sends new figures while it plays. A `Drawing` is written like a figure, is checked
only where `checked`, `data` or `layout` are asked for, and otherwise becomes JSON as it is.
"""

from __future__ import annotations

import base64
import math
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.shared.figures import theme

TYPES = {"float64": "f8", "float32": "f4", "int32": "i4", "int16": "i2", "int8": "i1", "uint8": "u1", "uint16": "u2", "uint32": "u4"}  # fmt: skip


class Drawing:
    """Traces and a layout, with the methods of `go.Figure` that figures of the live panel use."""

    def __init__(self, dark: bool, **layout: Any) -> None:
        self.dark = dark
        self.traces: list[dict[str, Any]] = []
        self.settings: dict[str, Any] = {}
        self.update_layout(**layout)

    def add_scatter(self, **trace: Any) -> None:
        self.traces.append(dict(type="scatter") | trace)

    def add_scatter3d(self, **trace: Any) -> None:
        self.traces.append(dict(type="scatter3d") | trace)

    def add_heatmap(self, **trace: Any) -> None:
        self.traces.append(dict(type="heatmap") | trace)

    def add_contour(self, **trace: Any) -> None:
        self.traces.append(dict(type="contour") | trace)

    def add_surface(self, **trace: Any) -> None:
        self.traces.append(dict(type="surface") | trace)

    def add_bar(self, **trace: Any) -> None:
        self.traces.append(dict(type="bar") | trace)

    def add_annotation(self, **annotation: Any) -> None:
        self.settings.setdefault("annotations", []).append(annotation)

    def add_shape(self, **shape: Any) -> None:
        self.settings.setdefault("shapes", []).append(shape)

    def update_layout(self, settings: dict[str, Any] | None = None, **more: Any) -> None:
        merge(self.settings, (settings or {}) | more)

    def update_xaxes(self, **axis: Any) -> None:
        merge(self.settings, dict(xaxis=spelled(axis)))

    def update_yaxes(self, **axis: Any) -> None:
        merge(self.settings, dict(yaxis=spelled(axis)))

    def json(self) -> dict[str, Any]:
        """The figure as plain JSON values."""
        layout = plain_json(self.settings)
        return dict(
            data=[plain_json(trace) for trace in self.traces],
            layout=layout | dict(template=template_json(self.dark)),
        )

    def checked(self) -> go.Figure:
        """The same as a `go.Figure`; `ValueError` for what Plotly does not know."""
        return go.Figure(self.traces, dict(template=theme.template(self.dark)) | self.settings)

    @property
    def data(self) -> Any:
        return self.checked().data

    @property
    def layout(self) -> Any:
        return self.checked().layout


def spelled(axis: dict[str, Any]) -> dict[str, Any]:
    """`title_text` as Plotly's JSON has it."""
    text = axis.pop("title_text", None)
    return axis if text is None else axis | dict(title=dict(text=text))


def merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    """Set what `more` says, within dicts of dicts."""
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            into[key] = dict(into[key])
            merge(into[key], value)
        else:
            into[key] = value


@lru_cache(maxsize=2)
def template_json(dark: bool) -> dict[str, Any]:
    return theme.template(dark).to_plotly_json()  # type: ignore[no-any-return]


def plain_json(value: Any) -> Any:
    """Plain values: arrays of numbers as Plotly packs them, other arrays as lists; what is no number is null."""
    if isinstance(value, dict):
        return {key: plain_json(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_json(each) for each in value]
    if isinstance(value, np.ndarray):
        return packed_array(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def packed_array(values: np.ndarray[Any, Any]) -> Any:
    """Numbers as {dtype, bdata, shape}."""
    if values.dtype == np.int64:
        values = values.astype(np.int32)
    name = TYPES.get(values.dtype.name)
    if name is None:
        return plain_json(values.tolist())
    bdata = base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()
    shape = {} if values.ndim == 1 else dict(shape=", ".join(map(str, values.shape)))
    return dict(dtype=name, bdata=bdata) | shape
