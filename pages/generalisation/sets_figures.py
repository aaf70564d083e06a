"""Figures of the Three sets view, from plain arrays. No Streamlit here."""

from __future__ import annotations

import numpy as np

from engine.studies.early_stopping import CHECK, Stop, Watched
from pages.shared.figures import theme
from pages.shared.figures.base import live_figure
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.packing import plain

CEILING = 3.0  # times the validation loss at the start, where the chart ends


def losses_figure(watched: Watched, stopped: Stop | None, look_ahead: int, updates: int, dark: bool) -> Drawing:  # fmt: skip
    """Training, validation and true loss; the best check, the look-ahead as a shade, and where it would stop."""
    blue, orange, green = theme.LANE_COLORS[dark][:3]
    at = watched.updates
    risk = np.array(watched.risk).reshape(-1, 2)
    figure = live_figure(dark, showlegend=False, hovermode="x")
    quiet = dict(mode="lines", hoverinfo="skip", line=dict(width=0), showlegend=False)
    figure.add_scatter(x=at, y=plain(risk[:, 0] - risk[:, 1]), name="lower", **quiet)
    figure.add_scatter(x=at, y=plain(risk[:, 0] + risk[:, 1]), name="upper", fill="tonexty", fillcolor="rgba(0,158,115,.25)", **quiet)  # fmt: skip
    for name, values, color in (
        ("training", watched.by("train"), orange),
        ("validation", watched.by("validation"), blue),
        ("new points", risk[:, 0], green),
    ):
        figure.add_scatter(
            x=at, y=plain(values), name=name, mode="lines", line=dict(color=color, width=2), hovertemplate="%{y:.3f}<extra>" + name + "</extra>",
        )  # fmt: skip
    if stopped is not None:
        chosen, best = watched.by(watched.chooses), stopped.best * CHECK
        end = best + look_ahead if stopped.at is None else stopped.at * CHECK
        figure.add_shape(
            type="rect", xref="x", yref="paper", x0=best, x1=min(end, updates), y0=0, y1=1, layer="below", line=dict(width=0), fillcolor="rgba(214,36,159,.12)",
        )  # fmt: skip
        if stopped.at is not None:
            figure.add_shape(type="line", xref="x", yref="paper", x0=end, x1=end, y0=0, y1=1, line=dict(color=theme.CHOSEN, width=2, dash="dash"))  # fmt: skip
            figure.add_annotation(
                x=end, y=1, xref="x", yref="paper", text="would stop here", showarrow=False, xanchor="left" if end < updates / 2 else "right",
                yanchor="top", font=dict(color=theme.CHOSEN),
            )  # fmt: skip
        figure.add_scatter(
            x=[best], y=[float(chosen[stopped.best])], mode="markers", name="kept", hoverinfo="skip", marker=dict(size=12, color=theme.CHOSEN, line=dict(width=1.5, color=theme.surface(dark))),
        )  # fmt: skip
    start = float(np.nanmax(risk[:1, 0])) if len(risk) else 1.0
    figure.update_xaxes(title_text="updates", range=[0, updates])
    figure.update_yaxes(title_text="cross-entropy", range=[0, CEILING * start])
    return figure
