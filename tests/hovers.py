"""What must hold of every chart that can be pointed at, whoever draws it: what is wrong with a figure, in sentences."""

from __future__ import annotations

import base64
import re
from typing import Any

import numpy as np

SILENT = ("skip", "none")
FIELD = re.compile(r"%\{([a-z]+)")
NUMBERS_OF_PLOTLY = re.compile(r"%\{[^}]*:[^}]*[eg]\}")  # which write 1e-7
WRITTEN_OUT = (1e-4, 1e6)  # where a tick in plain form has no exponent
NEEDS_DATA = ("text", "hovertext", "customdata")


def complaints(figure: dict[str, Any], writes_powers: bool) -> list[str]:
    """What is wrong with a figure's hovers and axes. `writes_powers`: numbers under its pointer go through powers.js."""
    found = [f"{say}: {trace.get('name')} {trace.get('hovertemplate')}"
             for trace in figure["data"] for say in wrong_with(trace, writes_powers)]  # fmt: skip
    axes = {name: axis for name, axis in figure["layout"].items() if re.fullmatch(r"[xy]axis\d*", name)}
    template = figure["layout"].get("template", {}).get("layout", {})
    for name, axis in axes.items():
        power = axis.get("exponentformat", template.get(name[:5], {}).get("exponentformat"))
        if power != "power":
            found.append(f"{name} has no powers of ten")
        if axis.get("type") == "log" and "g" in axis.get("tickformat", "") and "tickvals" not in axis:
            low, high = reach(figure["data"], name)
            if low < WRITTEN_OUT[0] or high >= WRITTEN_OUT[1]:
                found.append(f"{name} writes {low:g} to {high:g} out")
    return found


def wrong_with(trace: dict[str, Any], writes_powers: bool) -> list[str]:
    if trace.get("hoverinfo") in SILENT or trace.get("visible") is False:
        return []
    said = trace.get("hovertemplate")
    if not isinstance(said, str):
        return ["no words under the pointer"]
    found = []
    if "<extra" not in said and not trace.get("name"):
        found.append("Plotly adds the trace's number")
    texts = [trace.get(name) or "" for name in ("text", "hovertext")]
    shown = [
        said,
        *(
            each
            for text in texts
            for each in ([text] if isinstance(text, str) else text)
            if isinstance(each, str)
        ),
    ]
    if any(re.search(r"\b(nan|none|null|undefined|inf)\b", each, re.IGNORECASE) for each in shown):
        found.append("what is no number is shown")
    words = trace.get("meta", {}).get("words") if isinstance(trace.get("meta"), dict) else None
    found += [f"{name} is not there" for name in FIELD.findall(said)
              if name in NEEDS_DATA and trace.get(name) is None and not words]  # fmt: skip
    if trace["type"] in ("heatmap", "contour") and trace.get("hoverongaps", True):
        found.append("gaps are pointed at")
    if not writes_powers and NUMBERS_OF_PLOTLY.search(said):
        found.append("small numbers are written as 1e-7")
    return found


def reach(traces: list[dict[str, Any]], axis: str) -> tuple[float, float]:
    """The lowest and the highest positive value on an axis; nothing where it has none."""
    own = [trace for trace in traces if trace.get(f"{axis[0]}axis", axis[0]) == axis.replace("axis", "")]
    values = np.concatenate([np.empty(0), *(plain(trace.get(axis[0])) for trace in own)])
    good = values[np.isfinite(values) & (values > 0)]
    return (float(good.min()), float(good.max())) if good.size else (1.0, 1.0)


def plain(values: Any) -> np.ndarray:
    """Numbers of Plotly's JSON, packed or not; text counts as none."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).astype(float)
    if not isinstance(values, list) or any(isinstance(value, str) for value in values):
        return np.empty(0)
    return np.array([np.nan if value is None else value for value in values], float).ravel()
