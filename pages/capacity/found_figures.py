"""Figures of the Found view, from plain arrays. No Streamlit here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.studies.found import Spread
from pages.shared.figures import theme
from pages.shared.figures.base import MARGIN, live_figure
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.legend import Key
from pages.shared.figures.packing import plain

FAINT = "#8a949e"
ABOVE = dict(legend=dict(y=1.01, yanchor="bottom"), margin=MARGIN | dict(t=26))
LOWEST = 1e-6  # error that is drawn; what is smaller stands there
WAYS = ("best", "median", "worst")
DASHES = ("solid", "solid", "dot")
SHADES = 6


class Errors(NamedTuple):
    """Of one network: its name, the starts' errors (R,), their spread, and where there are any, the errors of the network that
    is built, before and after training, and the law of what is built.
    """

    name: str
    starts: np.ndarray
    spread: Spread
    built: float | None
    trained_on: float | None
    bound: float | None


def small(values: np.ndarray) -> np.ndarray:
    """Numbers as few bytes."""
    packed: np.ndarray = np.asarray(values, np.float32)
    return packed


def power_axis(values: np.ndarray) -> dict[str, Any]:
    """A logarithmic axis with at least two and at most seven powers of ten."""
    good = values[np.isfinite(values) & (values > 0)]
    if not good.size:
        return dict(range=[-1, 0], dtick=1)
    low, high = float(np.floor(np.log10(good.min()) - 0.05)), float(np.log10(good.max()) + 0.12)
    return dict(range=[low, max(high, low + 1.1)], dtick=max(1, int(np.ceil((high - low) / 6))))


def inks(dark: bool) -> dict[str, str]:
    """The colour of everything that several charts show."""
    blue, orange, green, pink = theme.LANE_COLORS[dark][:4]
    return dict(best=green, median=blue, worst=orange, built=pink, truth="#ffffff" if dark else "#10202c")


def function_figure(
    x: np.ndarray, truth: np.ndarray, built: np.ndarray | None, found: Sequence[np.ndarray], places: np.ndarray, y: np.ndarray,
    shown: str, dark: bool,
) -> Drawing:  # fmt: skip
    """The target, the points to learn, what is built, and the best, the median and the worst of what is found (M,). The one whose
    neurons are drawn beside is the last, and the thickest.
    """
    figure, ink = live_figure(dark, hovermode="closest", showlegend=False), inks(dark)
    figure.add_scatter(x=small(places), y=small(y), name="points", mode="markers", marker=dict(size=4, color=FAINT), hoverinfo="skip", showlegend=False)  # fmt: skip
    lines: list[tuple[str, np.ndarray, dict[str, Any]]] = [
        ("target", truth, dict(color=ink["truth"], width=1.5))
    ]
    if built is not None:
        lines.append(("built", built, dict(color=ink["built"], width=2, dash="dash")))
    order = sorted(range(len(WAYS)), key=lambda k: WAYS[k] == shown)
    lines += [
        (WAYS[k], found[k], dict(color=ink[WAYS[k]], width=3.5 if WAYS[k] == shown else 1.8, dash=DASHES[k])) for k in order
    ]  # fmt: skip
    for name, values, line in lines:
        figure.add_scatter(x=small(x), y=small(values), name=name, mode="lines", line=line, hovertemplate=f"{name}<br>x %{{x:.3f}}<br>%{{y:.4f}}<extra></extra>")  # fmt: skip
    low, high = min(float(truth.min()), float(np.min(y))), max(float(truth.max()), float(np.max(y)))
    room = 0.25 * max(high - low, 0.4)
    figure.update_xaxes(title_text="x", range=[float(x[0]), float(x[-1])])
    figure.update_yaxes(range=[low - room, high + room])
    return figure


def starts_figure(rows: Sequence[Errors], constant: float, is_share: bool, shown: int, what: str, dark: bool) -> Drawing:  # fmt: skip
    """Every start's error, network by network, with the median and with what is built. Shares of wrong points are not logarithmic."""
    figure, ink = live_figure(dark, hovermode="closest", showlegend=False), inks(dark)

    def drawn(values: Any) -> list[float | None]:
        values = np.asarray([np.nan if value is None else value for value in np.atleast_1d(values)], float)
        return plain(values if is_share else np.maximum(values, LOWEST))

    size = max(len(row.starts) for row in rows)
    apart = np.linspace(-0.22, 0.22, size) if size > 1 else np.zeros(1)
    at = np.concatenate([k + apart[: len(row.starts)] for k, row in enumerate(rows)])
    starts = np.concatenate([np.sort(row.starts) for row in rows])
    figure.add_scatter(
        x=plain(at), y=drawn(starts), name="each start", mode="markers", marker=dict(size=6, color="rgba(0,0,0,0)", line=dict(width=1.3, color=ink["median"])),
        text=[row.name for row in rows for _ in row.starts], hovertemplate="%{text}, a start<br>%{y:.3g}<extra></extra>",
    )  # fmt: skip
    ends: list[float | None] = []
    heights: list[float | None] = []
    for k, row in enumerate(rows):
        ends += [k - 0.33, k + 0.33, None]
        heights += [*drawn(row.spread.median) * 2, None]
    figure.add_scatter(x=ends, y=heights, name="median", mode="lines", line=dict(color=ink["median"], width=3), hovertemplate="median %{y:.3g}<extra></extra>")  # fmt: skip
    every = list(range(len(rows)))
    if any(row.bound is not None for row in rows):
        figure.add_scatter(x=every, y=drawn([row.bound for row in rows]), name="π²/(2m²)", mode="markers", marker=dict(size=16, symbol="line-ew", line=dict(width=2, color=FAINT)), hovertemplate="at most %{y:.3g}<extra>π²/(2m²)</extra>")  # fmt: skip
    if any(row.built is not None for row in rows):
        figure.add_scatter(x=every, y=drawn([row.built for row in rows]), name="built", mode="markers", marker=dict(size=11, symbol="diamond", color=ink["built"]), hovertemplate="%{y:.3g}<extra>built</extra>")  # fmt: skip
        figure.add_scatter(x=every, y=drawn([row.trained_on for row in rows]), name="built, then trained", mode="markers", marker=dict(size=8, symbol="triangle-up-open", color=ink["built"], line=dict(width=1.6)), hovertemplate="%{y:.3g}<extra>built, then trained</extra>")  # fmt: skip
    if constant > 0:
        figure.add_shape(type="line", x0=0, x1=1, xref="paper", y0=constant, y1=constant, line=dict(dash="dot", width=1, color=FAINT))  # fmt: skip
        figure.add_annotation(x=1, xref="paper", y=constant if is_share else float(np.log10(constant)), text="a constant", showarrow=False, xanchor="right", yanchor="bottom", font=dict(color=FAINT))  # fmt: skip
    labels = [f"<b>{row.name}</b>" if k == shown else row.name for k, row in enumerate(rows)]
    figure.update_xaxes(title_text="neurons in each hidden layer", tickvals=every, ticktext=labels, range=[-0.5, len(rows) - 0.5], showgrid=False)  # fmt: skip
    figure.update_yaxes(title_text=what)
    if is_share:
        top = 1.15 * max(float(np.max(starts[np.isfinite(starts)], initial=0.0)), constant)
        figure.update_yaxes(range=[-0.02, top], tickformat=".0%")
    else:
        every_error = [
            value for row in rows for value in (*row.starts, row.built, row.trained_on) if value is not None
        ]
        figure.update_yaxes(
            type="log",
            exponentformat="power",
            **power_axis(np.maximum([*every_error, constant], LOWEST)),
        )
    return figure


def parts_figure(x: np.ndarray, parts: np.ndarray, dark: bool) -> Drawing:
    """What each neuron of the last hidden layer adds (K, M), as few traces with gaps between the neurons."""
    figure = live_figure(dark, hovermode="closest", showlegend=False)
    for k, (r, g, b) in enumerate(theme.ramp(theme.sequential(dark)[1:5], SHADES)):
        own = parts[k::SHADES, ::2]
        gap = np.full((len(own), 1), np.nan)
        across = np.hstack([np.tile(x[::2], (len(own), 1)), gap])
        figure.add_scatter(
            x=small(across.ravel()), y=small(np.hstack([own, gap]).ravel()), mode="lines", line=dict(width=1.5, color=f"rgb({r},{g},{b})"),
            hovertemplate="a neuron<br>x %{x:.2f}<br>adds %{y:.2f}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title_text="x", range=[float(x[0]), float(x[-1])])
    return figure


def line_keys(is_built: bool, shown: str, starts: int, dark: bool) -> list[Key]:
    """What the lines of `function_figure` are."""
    ink = inks(dark)
    built = [Key("╌", ink["built"], "built")] if is_built else []
    ways = {way: f"{way} of {starts}" if way == shown else way for way in WAYS}
    marks = dict(best="─", median="─", worst="┈")
    return [Key("─", ink["truth"], "target"), *built, *(Key("━" if way == shown else marks[way], ink[way], name) for way, name in ways.items())]  # fmt: skip


def start_keys(rows: Sequence[Errors], starts: int, dark: bool) -> list[Key]:
    """What the marks of `starts_figure` are."""
    ink = inks(dark)
    keys = [Key("○", ink["median"], f"one of {starts} starts"), Key("━", ink["median"], "median")]
    if any(row.built is not None for row in rows):
        keys += [Key("◆", ink["built"], "built"), Key("△", ink["built"], "then trained")]
    if any(row.bound is not None for row in rows):
        keys.append(Key("—", FAINT, "bound"))
    return keys


def loss_figure(steps: Sequence[int], losses: np.ndarray, names: Sequence[str], shown: int, dark: bool) -> Drawing:  # fmt: skip
    """The median training loss (T, W) of each network against updates."""
    figure = live_figure(dark, hovermode="closest", **ABOVE)
    for k, name in enumerate(names):
        figure.add_scatter(
            x=list(steps), y=plain(np.maximum(losses[:, k], 1e-12)), name=name, mode="lines",
            line=dict(color=theme.LANE_COLORS[dark][k], width=3.5 if k == shown else 1.5),
            hovertemplate=f"{name}<br>update %{{x:,}}<br>%{{y:.3g}}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title_text="updates", range=[0, max(50, steps[-1])])
    figure.update_yaxes(type="log", exponentformat="power", **power_axis(losses))
    return figure


def ring_figure(X: np.ndarray, y: np.ndarray, cells: np.ndarray, field: np.ndarray, dark: bool) -> Drawing:
    """What a network says over the plane (C, C), and the two rings."""
    figure = live_figure(dark, hovermode="closest", showlegend=False)
    figure.add_heatmap(
        x=plain(cells), y=plain(cells), z=[plain(row) for row in field], zmin=0, zmax=1, showscale=False, hoverongaps=False, colorscale=theme.colorscale(theme.diverging(dark)),
        hovertemplate="(%{x:.2f}, %{y:.2f})<br>says %{z:.2f}<extra></extra>",
    )  # fmt: skip
    for label, symbol in ((0, "square"), (1, "circle")):
        own = X[y == label]
        figure.add_scatter(
            x=plain(own[:, 0]), y=plain(own[:, 1]), mode="markers", hovertemplate=f"class {label}<extra></extra>",
            marker=dict(size=6, symbol=symbol, color=theme.CLASS_COLORS[label], line=dict(width=1, color="#ffffff")),
        )  # fmt: skip
    ends = [float(cells[0]), float(cells[-1])]
    figure.update_xaxes(title_text="x₁", range=ends, constrain="domain")
    figure.update_yaxes(title_text="x₂", range=ends, scaleanchor="x", constrain="domain")
    return figure
