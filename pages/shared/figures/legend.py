"""What the points of a data set look like, by class: for the charts' legends."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

import numpy as np

from engine.data.load import Dataset
from engine.shown import short_number
from pages.shared.figures import theme

GLYPHS = "●■◆▲✚✖★⬢⬟⧓"  # as theme.SYMBOLS draws them


class Key(NamedTuple):
    """One entry: its mark, the mark's colour, what it stands for."""

    glyph: str
    color: str
    name: str


def legend(data: Dataset, show_test: bool = True) -> list[Key]:
    """The classes by name, or the values that the two ends of the colours stand for; what hollow and dotted points are, if there are any."""
    if data.inputs == 1:
        keys = [
            Key("●", "currentColor", "train"),
            Key("━", "currentColor", "network"),
            Key("─", "currentColor", "neurons"),
        ]
        if data.curve is not None:
            keys.append(Key("┈", "currentColor", "target"))
    elif data.task == "regression":
        limit = float(np.abs(data.y_train).max()) or 1.0
        low, high = (short_number(end * data.y_scale + data.y_mean) for end in (-limit, limit))
        keys = [Key("●", theme.NEGATIVE, low), Key("●", theme.POSITIVE, high)]
    else:
        keys = [Key(GLYPHS[k], theme.CLASS_COLORS[k], name) for k, name in enumerate(data.class_names)]
    if show_test and len(data.y_validation):
        keys.append(Key("⊙", "currentColor", "dotted: validation"))
    if show_test and len(data.y_test):
        keys.append(Key("○", "currentColor", "hollow: test"))
    return keys


def legend_html(keys: list[Key]) -> str:
    """A legend in one line of text; names are data and escaped."""
    spans = [f'<span style="color:{key.color}">{key.glyph}</span> {escape(key.name)}' for key in keys]
    return f'<span style="font-size:.8rem">{" &nbsp; ".join(spans)}</span>'
