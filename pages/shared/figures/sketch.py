"""What the browser needs to let a person draw data over a chart (assets/live/draw.js)."""

from __future__ import annotations

from typing import Any

from engine.data.drawn import MOST_POINTS, REACH, STEPS, VALUE_REACH, VALUE_STEPS, write_drawn
from engine.data.load import Dataset, drawing_of
from engine.data.selection import MAX_CLASSES
from pages.shared.figures import theme

FEWEST_CLASSES = 4  # that can be drawn, however few the data have
PLANE = 2.8  # how far the drawing reaches from 0, at least


def sketch(data: Dataset, dark: bool) -> dict[str, Any]:
    """Where one may draw, with what, and the points to start from."""
    drawing = drawing_of(data)
    kind = "p" if drawing.classes else "c" if data.inputs == 1 else "v"
    reach_x, reach_y = REACH[kind]
    (left, right), (low, high) = data.x_range, data.y_range
    if kind != "c":
        window = [min(left, -PLANE), max(right, PLANE), min(low, -PLANE), max(high, PLANE)]
        units = [1.0, 0.0]
    else:
        window, units = [-reach_x, reach_x, min(low, -1.2), max(high, 1.2)], [0.25, 0.5]
    limits = (-reach_x, reach_x, -reach_y, reach_y)
    shown = [
        max(w, e) if k % 2 == 0 else min(w, e) for k, (w, e) in enumerate(zip(window, limits, strict=True))
    ]
    count = min(MAX_CLASSES, max(FEWEST_CLASSES, drawing.classes)) if drawing.classes else 0
    names = [*data.class_names, *(f"class {k}" for k in range(len(data.class_names), count))]
    return dict(
        kind=kind, reach=[reach_x, reach_y], steps=STEPS, most=MOST_POINTS, window=shown, field=[left, right, low, high],
        units=units, text=write_drawn(drawing), of=sum(len(target) for _, _, target in data.sets()),
        classes=[[name, theme.darker(theme.CLASS_COLORS[k]), theme.SYMBOLS[k]] for k, name in enumerate(names)],
        line=[float(data.scale[0]), float(data.mean[0])], ink="#e8eef4" if dark else "#17212b", value=[VALUE_REACH, VALUE_STEPS],
        shades=["#{:02x}{:02x}{:02x}".format(*shade) for shade in theme.ramp([theme.darker(color) for color in theme.diverging(dark)], 33)],
    )  # fmt: skip
