"""How a lane is told from the others: a name, a colour and a mark, so that colour is never the only cue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine import ACTIVATIONS, INITIALIZERS, OPTIMIZERS, ExperimentConfig, LaneConfig
from engine.config.settings import SETTINGS
from pages.shared.figures import theme
from pages.shared.text import figure_text

SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "hexagon")  # Plotly's names
GLYPHS = "●■◆▲✚✖★⬢"


@dataclass(frozen=True)
class LaneLook:
    """`key` is the lane's place as text: what charts, traces and highlights are matched by."""

    key: str
    name: str
    color: str
    symbol: str
    glyph: str

    @property
    def said(self) -> str:
        """The name as figures have it: someone may have put into it what Plotly takes for a tag."""
        return figure_text(self.name)

    def card(self) -> dict[str, Any]:
        """What the card of a chart of this lane shows in its head."""
        return dict(title=self.name, lane=self.key, color=self.color, glyph=self.glyph)


def lane_look(index: int, name: str, dark: bool, color: str | None = None) -> LaneLook:
    """The look of the lane at a place; after the eighth, marks and colours come again."""
    colors = theme.LANE_COLORS[dark]
    k = index % len(colors)
    return LaneLook(str(index), name, color or colors[k], SYMBOLS[k], GLYPHS[k])


def lane_names(config: ExperimentConfig) -> list[str]:
    """A short name for each lane: its own, or what sets it apart from the others."""
    lanes = [config.lane(k) for k in range(len(config.lanes))]
    parts = [[part(lane) for lane in lanes] for part in PARTS]
    telling = [values for values in parts if len(set(values)) > 1]
    names = [
        lane.name or " · ".join(filter(None, words)) for lane, *words in zip(lanes, *telling, strict=True)
    ]
    names = [name or OPTIMIZERS[lane.optimizer].label for lane, name in zip(lanes, names, strict=True)]
    return [numbered(name, names[:k].count(name) + 1) for k, name in enumerate(names)]


def numbered(name: str, number: int) -> str:
    """Names that are alike are told apart as copies of the first."""
    return name if number == 1 else f"{name}, copy {number}"


def _network_name(lane: LaneConfig) -> str:
    assert lane.network is not None
    return "-".join(map(str, lane.network.hidden)) or "linear"


def _frozen_name(lane: LaneConfig) -> str:
    assert lane.network is not None
    words = [f"layer {k} frozen" for k in lane.network.frozen] + ["no biases"] * (not lane.network.biases)
    return ", ".join(words)


def _activation_name(lane: LaneConfig) -> str:
    assert lane.network is not None
    return ", ".join(dict.fromkeys(ACTIVATIONS[key].label for key in lane.network.activations))


def _brief(name: str) -> Callable[[LaneConfig], str]:
    return lambda lane: SETTINGS[name].brief(getattr(lane, name))


PARTS: tuple[Callable[[LaneConfig], str], ...] = (
    _brief("optimizer"),
    lambda lane: ", ".join(str(value) for value in lane.options.values()),
    *(_brief(name) for name in SETTINGS if name not in ("optimizer", "loss", "seed")),
    _network_name,
    _frozen_name,
    _activation_name,
    lambda lane: INITIALIZERS[lane.network.initializer].label if lane.network else "",
    _brief("loss"),
    _brief("seed"),
)
