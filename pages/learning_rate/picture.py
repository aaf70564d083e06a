"""The picture view: gradient descent on a parabola and in a ravine. Drawn in the browser by assets/picture/picture.js."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from engine.options import Option
from engine.surfaces.bowl import MOST_STEPS, REGIMES
from engine.surfaces.inertia import FORMS
from pages.shared import session
from pages.shared.component import asset_component
from pages.shared.figures import theme
from pages.shared.figures.base import MARGIN, figure_json, live_figure
from pages.shared.page import Page, View

STEPS_SHOWN = 100
PARAMETERS = {
    "eta": Option("eta", 0.3, "Learning rate η", "How far each step goes.", 0.01, 10.0, log=True),
    "curvature": Option("curvature", 1.0, "Curvature λ", "How sharply the parabola bends, and the ravine across.", 0.2, 5.0),
    "ratio": Option("ratio", 10.0, "Condition number κ", "How many times more sharply the ravine bends across than along.", 1.0, 100.0, log=True),
    "momentum": Option("momentum", 0.0, "Momentum β", "The share of the last step that is kept. 0 is plain gradient descent.", 0.0, 0.99),
    "angle": Option("angle", 20.0, "Turn of the ravine", "Turns the ravine under the start. The path changes, but which rates creep, swing or explode does not, with or without momentum.", 0.0, 90.0),
    "steps": Option("steps", 25, "Steps", "How many steps are drawn.", 1, min(STEPS_SHOWN, MOST_STEPS), integer=True),
    "start": Option("start", -2.5, "Start on the parabola", "Drag it in the picture.", -4.0, 4.0),
    "form": Option("form", "heavy_ball", "Form of momentum", "Three rules go by this name. EMA at the rate η is heavy ball at (1 − β)η.", choices=FORMS),
    "curve": Option("curve", "parabola", "First picture", "One minimum, or a bowl with bumps: 0.05x² + 0.1 cos 4x.", choices=("parabola", "bumpy")),
    "bump_start": Option("bump_start", 6.0, "Start on the bumpy bowl", "Drag it in the picture.", -8.0, 8.0),
    "ravine_x": Option("ravine_x", -2.5, "Start in the ravine, across the page", "Drag it in the picture.", -4.0, 4.0),
    "ravine_y": Option("ravine_y", 1.2, "Start in the ravine, up the page", "Drag it in the picture.", -4.0, 4.0),
}  # fmt: skip
STARTS = ("start", "bump_start", "ravine_x", "ravine_y")
CHOICES = {
    "heavy_ball": "heavy ball", "ema": "EMA", "velocity": "velocity", "parabola": "parabola", "bumpy": "bumpy bowl",
}  # fmt: skip
SLIDER_STEPS = {"curvature": 0.1, "momentum": 0.01, "angle": 1.0, "steps": 1}
UNITS = {"angle": "°"}
TITLES = {
    "parabola": "Parabola", "ravine": "Ravine", "descent": "Height at each step", "factor": "What each rate does",
}  # fmt: skip
REGIME_COLORS = {
    "creeping": "#7fb4dc", "straight": "#5cc8a1", "critical": "#5cc8a1", "swinging": "#b9a3e0", "zigzag": "#f0c556", "edge": "#f29a4a", "explosion": "#e8755a",
}  # fmt: skip

_component = asset_component("picture", "picture/picture.js")


def picture(here: Page) -> None:
    """Show the picture; its values come back as they were last let go."""
    key = f"{here.form.name}.picture"

    def on_values() -> None:
        component = session.shown(key)
        raw = (
            component.get("values") if component not in (session.MISSING, None) else None
        )  # the view has just been left
        here.take(raw)
        sent = raw.get("sent") if isinstance(raw, dict) else 0
        here.form.values["sent"] = sent if isinstance(sent, int) else 0

    data = picture_data(here.values(), here.form.get("sent", 0), here.dark) | {"limits": here.limits()}
    _component(key=key, data=data, on_values_change=on_values, height="content")


def picture_data(values: dict[str, Any], sent: int, dark: bool) -> dict[str, Any]:
    """Everything that the browser needs: values, ranges, words, colours and layouts. `sent` tells which values of its
    own it gets back."""
    options = {
        name: dict(label=o.label, help=o.help, low=o.low, high=o.high, log=o.log, step=SLIDER_STEPS.get(name, 0.01), unit=UNITS.get(name, ""), choices={key: CHOICES[key] for key in o.choices})
        for name, o in PARAMETERS.items() if name not in STARTS
    }  # fmt: skip
    blue, orange = theme.LANE_COLORS[dark][:2]
    colors = REGIME_COLORS | dict(
        path=blue, second=orange, ink="#c9d4de" if dark else "#3c4a57", surface=theme.surface(dark),
        contour="rgba(255,255,255,.45)", onField="#ffffff", flow="#7dffb0",
    )  # fmt: skip
    levels = theme.ramp(theme.sequential(dark)[:5], 9)[::-1]
    return dict(
        sent=sent,
        revision="-".join(repr(value) for value in values.values()), values=values, options=options,
        bounds=dict(low=PARAMETERS["start"].low, high=PARAMETERS["start"].high), titles=TITLES,
        regimes={key: dict(name=regime.name, text=regime.text) for key, regime in REGIMES.items()},
        colors=colors, levels=[f"rgb({r},{g},{b})" for r, g, b in levels.tolist()], layouts=layouts(dark),
    )  # fmt: skip


def layouts(dark: bool) -> dict[str, Any]:
    """Each chart's layout; ranges are the browser's to set."""
    axes = {
        "parabola": ("x", "f(x)"), "ravine": ("x₁", "x₂"), "descent": ("step", "f"),
        "factor": ("learning rate η", "factor per step"),
    }  # fmt: skip
    result = {}
    for name, (x, y) in axes.items():
        figure = live_figure(
            dark, showlegend=name in ("descent", "factor"), hovermode="closest", dragmode=False
        )
        figure.update_xaxes(title_text=x, fixedrange=True)
        figure.update_yaxes(title_text=y, fixedrange=True)
        if name in ("parabola", "ravine"):
            figure.update_xaxes(zeroline=True)
        result[name] = figure
    result["ravine"].update_xaxes(showgrid=False, zeroline=False)
    result["ravine"].update_yaxes(showgrid=False, zeroline=False)
    result["ravine"].update_layout(plot_bgcolor=theme.sequential(dark)[4])
    for name in ("factor", "descent"):
        result[name].update_layout(legend=dict(y=1, yanchor="bottom"), margin=MARGIN | dict(t=26))
    result["descent"].update_layout(margin=MARGIN | dict(t=26, l=56))
    result["descent"].update_yaxes(type="log", exponentformat="power")
    low, high = PARAMETERS["eta"].low, PARAMETERS["eta"].high
    assert low is not None and high is not None
    ticks = [
        d * 10.0**p
        for p in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        for d in (1, 2, 5)
    ]
    result["factor"].update_xaxes(
        type="log", tickvals=[t for t in ticks if low <= t <= high], tickformat="~g"
    )
    return {name: figure_json(figure)["layout"] for name, figure in result.items()}


def formulas(momentum: float) -> None:
    """The formulas and thresholds, beside the picture."""
    st.markdown("**One step**")
    st.latex(r"x \leftarrow x - \eta\, f'(x)")
    st.markdown(
        "**On the parabola** $f = \\tfrac12\\lambda x^2$ each step multiplies the distance from the minimum:"
    )
    st.latex(r"x \leftarrow (1-\eta\lambda)\,x")
    st.markdown(
        "- $\\eta < 1/\\lambda$: it creeps\n- $\\eta = 1/\\lambda$: there in one step\n"
        "- up to $2/\\lambda$: zigzag\n- $\\eta = 2/\\lambda$: the edge\n- beyond: it explodes"
    )
    st.markdown(
        "**In the ravine** the steep direction sets the limit $2/\\lambda$. In the shallow one, of curvature $\\lambda/\\kappa$, a rate below that limit creeps if $\\kappa > 2$."
    )
    with st.expander("With momentum β", expanded=momentum > 0):
        st.markdown("Heavy ball")
        st.latex(r"\begin{aligned}v &\leftarrow \beta v + f'(x)\\ x &\leftarrow x - \eta v\end{aligned}")
        st.markdown("EMA")
        st.latex(
            r"\begin{aligned}m &\leftarrow \beta m + (1-\beta) f'(x)\\ x &\leftarrow x - \eta m\end{aligned}"
        )
        st.markdown("Velocity, the same as heavy ball")
        st.latex(r"\begin{aligned}v &\leftarrow \beta v - \eta f'(x)\\ x &\leftarrow x + v\end{aligned}")
        st.markdown(
            "Above $(1-\\sqrt\\beta)^2/\\lambda$ it swings. The edge moves out to $2(1+\\beta)/\\lambda$, at $\\beta = 0.9$ to "
            "1.9 times its place. EMA takes steps $(1-\\beta)$ times as long, so its edge lies at 19 times."
        )


VIEW = View("Picture", PARAMETERS, lanes=0)


def show(here: Page) -> None:
    with st.sidebar:
        formulas(here.form["momentum"])
    st.caption(
        "Move the rate. Where does descent creep, zigzag, explode? Drag the round handles to start elsewhere. "
        "The green line in the ravine is the path of infinitely small steps."
    )
    _panel(here)


@st.fragment
def _panel(here: Page) -> None:
    picture(here)
    here.write()
