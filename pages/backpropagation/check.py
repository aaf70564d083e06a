"""The Check view: is a gradient right? Its numbers beside measured slopes, with a bug to be found."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from engine import MLP, DatasetConfig
from engine.data.load import load_dataset
from engine.network.gradient_check import error_curve, numeric_slopes, relative_errors
from engine.network.places import symbol
from engine.network.planted import PLANTED, RIGHT, Planted, mystery, planted_gradient
from engine.options import Option
from engine.shown import short_number
from pages.backpropagation.check_run import UPDATES, CheckRun
from pages.shared import session
from pages.shared.figures import theme
from pages.shared.figures.base import base_figure, numbers
from pages.shared.form import Form
from pages.shared.page import Page, View
from pages.shared.predict import Guess, predict_run
from pages.shared.still import answer, chart, question
from pages.shared.widgets.option import button, ladder, number

SAMPLES = 50
WRONG = 1e-3  # a relative error beyond it, at the right h, is a bug
BUGS = (*PLANTED, "mystery")
STEPS = tuple(10.0**k for k in range(-12, 1))
CURVE = 10.0 ** np.arange(-12, 0.01, 0.25)
RATES = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
MYSTERIES = 999_999
MYSTERY_HIDDEN = (4, 4)
OPTIONS = {
    "bug": Option("bug", "right", "Plant a bug", "What is wrong with the backward pass.", choices=BUGS),
    "mystery": Option("mystery", 1, "Mystery", "Which mystery: the number does not tell the bug.", 1, MYSTERIES, integer=True),
    "h": Option("h", 1e-5, "h", "How far a parameter is moved to measure the slope.", 1e-12, 1.0, log=True),
    "form": Option("form", "central", "Difference", "Both sides of the point, or one.", choices=("central", "forward")),
    "precision": Option("precision", "float64", "Numbers", "How many digits the losses have: 16 or 7.", choices=("float64", "float32")),
    "act": Option("act", "tanh", "Activation", "Of the hidden layer.", choices=("tanh", "relu", "threshold")),
    "seed": Option("seed", 0, "Weights' seed", "Other initial weights.", 0, 999, integer=True),
    "eta": Option("eta", 0.2, "Learning rate η", "For the training with this gradient.", 0.02, 1.0, log=True),
}  # fmt: skip
VIEW = View("Check", OPTIONS, lanes=0, guesses=True)


@dataclass
class Kept:
    """The mystery whose answer has been asked for."""

    revealed: int = 0


@dataclass(frozen=True, eq=False)
class Checked:
    """A network with a backward pass, and what it says of each parameter beside what is measured."""

    planted: Planted
    mlp: MLP
    theta: np.ndarray
    gradient: np.ndarray
    slopes: np.ndarray
    errors: np.ndarray


def show(here: Page) -> None:
    with st.sidebar:
        controls(here)
    question(
        "Is my gradient right? Plant a bug and find it.",
        "the valley: left of it rounding wins, right of it the curve's bend; and a wrong gradient often still learns.",
    )
    values = here.values()
    checked = check(values)
    st.markdown(verdict(checked, values))
    left, right = st.columns(2)
    with left:
        chart("Worst relative error against h", valley(checked, values, here.dark), "backpropagation.valley")
    with right:
        chart(
            "Every parameter: computed and measured", diagonal(checked, here.dark), "backpropagation.diagonal"
        )
    if values["bug"] == "mystery":
        reveal(here)
    run = run_of(here, values)
    predict_run(here, run, UPDATES, lambda: loss_guess(run))
    panel = st.container()
    table(checked)
    answer(
        "A wrong gradient can point nearly the right way. With *slope of a instead of z* its cosine to the true gradient is "
        f"{cosine('slope_of_a', values['seed']):.2f} in this tanh network, so the loss falls, only to a worse place or more slowly. A falling loss proves nothing; the check does.",
        "Answer: why does it still learn?",
    )
    answer(
        "For **ReLU**, a kink within h of the point gives a slope between the two true ones: with a large h the check fails "
        "although the gradient is right. For the **threshold**, both sides are 0 in the first layer: the check passes, and the "
        "layer never learns. A check says that the gradient belongs to the loss, not that it is useful.",
        "Limits of the check",
    )
    here.write()
    with panel:
        here.panel(run)


def run_of(here: Page, values: dict[str, Any]) -> CheckRun:
    """The training with these settings: the last run, or a new one where it has others."""
    asked = tuple(values[name] for name in ("bug", "mystery", "act", "seed", "eta"))
    run = here.last_run
    if not isinstance(run, CheckRun) or run.asked != asked:
        mlp, theta = network(hidden_of(values), values["act"], values["seed"])
        run = here.last_run = CheckRun(
            asked, planted_of(values), mlp, theta, *samples(), values["eta"], here.dark
        )
    run.dark = here.dark
    return run


def loss_guess(run: CheckRun) -> Guess:
    names = list(run.lanes)
    losses = [lane.loss() for lane in run.lanes.values()]
    found = ", ".join(
        f"{short_number(loss)} with the {name}" if k == 0 else f"{short_number(loss)} with {name}"
        for k, (name, loss) in enumerate(zip(names, losses, strict=True))
    )
    which = 1 if len(names) > 1 else 0
    return Guess(
        f"The loss starts at {short_number(run.lanes[names[0]].losses[0])}. Where is it after {UPDATES:,} updates with {'this' if which else 'the right'} gradient?",
        losses[which] if np.isfinite(losses[which]) else None, f"{found[0].upper()}{found[1:]}.", covers=("losses",),
    )  # fmt: skip


def controls(here: Page) -> None:
    """All settings, with the formula that h belongs to."""
    labels = {key: planted.label for key, planted in PLANTED.items()} | {"mystery": "mystery"}
    key = here.form.open("bug", "right")
    held = st.selectbox(
        OPTIONS["bug"].label,
        BUGS,
        BUGS.index(here.form["bug"]),
        key=key,
        format_func=lambda bug: labels[bug],
        help=OPTIONS["bug"].help,
        disabled=here.form.locks("bug"),
    )
    bug = here.form.take("bug", held, OPTIONS["bug"].clamp(held))
    if bug == "mystery":
        st.caption(f"Mystery {here.form['mystery']}")
        another = partial(another_mystery, here.form)
        button(here.form, "another_mystery", "Another mystery", another, width="stretch")
    st.latex(
        r"\frac{L(\theta+h e_k)-L(\theta-h e_k)}{2h}"
        if here.form["form"] == "central"
        else r"\frac{L(\theta+h e_k)-L(\theta)}{h}"
    )
    h = ladder(here.form, "h", OPTIONS["h"], STEPS, lambda value: short_number(value))
    wide = "h²" if here.form["form"] == "central" else "h"
    st.caption(
        f"With h = {short_number(h)}: error from the bend ∝ {wide}, error from rounding ∝ ε/h, ε = {epsilon(here.form['precision'])}."
    )
    for name in ("form", "precision", "act"):
        segmented(here, name)
    number(here.form, "seed", OPTIONS["seed"])
    ladder(here.form, "eta", OPTIONS["eta"], RATES)
    st.latex(r"\theta\leftarrow\theta-\eta\, g")


def another_mystery(form: Form) -> None:
    form.put("mystery", secrets.randbelow(MYSTERIES) + 1)


def segmented(here: Page, name: str) -> None:
    option = OPTIONS[name]
    key = here.form.open(name, option.default)
    held = st.segmented_control(
        option.label, option.choices, key=key, default=here.form[name], help=option.help, required=True,
        disabled=here.form.locks(name),
    )  # fmt: skip
    here.form.take(name, held, option.clamp(held))


def epsilon(precision: str) -> str:
    return short_number(float(np.finfo(precision).eps), 2)


def planted_of(values: dict[str, Any]) -> Planted:
    return mystery(values["mystery"]) if values["bug"] == "mystery" else PLANTED[values["bug"]]


def hidden_of(values: dict[str, Any]) -> tuple[int, ...]:
    """The layers that the bug needs; those of a mystery are always the same, so that they don't give it away."""
    return MYSTERY_HIDDEN if values["bug"] == "mystery" else planted_of(values).hidden


def network(hidden: tuple[int, ...], act: str, seed: int) -> tuple[MLP, np.ndarray]:
    mlp = MLP((2, *hidden, 1), [act] * len(hidden), "binary_cross_entropy")
    return mlp, mlp.initialize(np.random.default_rng(seed), 1)[0]


def samples() -> tuple[np.ndarray, np.ndarray]:
    data = load_dataset(DatasetConfig("circles", samples=SAMPLES, noise=0.1, test_fraction=0.0))
    return data.X_train, data.y_train


def check(values: dict[str, Any]) -> Checked:
    planted = planted_of(values)
    mlp, theta = network(hidden_of(values), values["act"], values["seed"])
    X, y = samples()
    gradient = planted_gradient(planted, mlp, theta, X, y)
    slopes = numeric_slopes(
        mlp, theta, X, y, values["h"], values["form"] == "central", np.dtype(values["precision"]).type
    )
    return Checked(planted, mlp, theta, gradient, slopes, relative_errors(gradient, slopes))


def cosine(bug: str, seed: int) -> float:
    """Of the angle between a wrong gradient and the right one, at a tanh network's initial weights."""
    mlp, theta = network(PLANTED[bug].hidden, "tanh", seed)
    wrong, right = (planted_gradient(planted, mlp, theta, *samples()) for planted in (PLANTED[bug], RIGHT))
    return float(wrong @ right / np.sqrt(wrong @ wrong * (right @ right)))


def verdict(checked: Checked, values: dict[str, Any]) -> str:
    worst, count = int(np.argmax(checked.errors)), len(checked.errors)
    agree = int((checked.errors < WRONG).sum())
    text = f"**{agree} of {count} parameters agree.** The worst is {symbol(checked.mlp, worst)}: computed {short_number(checked.gradient[worst], 4)}, measured {short_number(checked.slopes[worst], 4)}, relative error {short_number(checked.errors[worst], 2)}."  # fmt: skip
    if agree == count:
        return text + " The gradient passes."
    best_h = 1e-5 if values["precision"] == "float64" else 1e-2
    if not best_h / 30 <= values["h"] <= best_h * 30:
        return text + f" But h may be to blame: try h = {short_number(best_h)}."
    return text + " The gradient is wrong."


@st.cache_data(max_entries=200, show_spinner=False)
def curve(
    bug: str, hidden: tuple[int, ...], act: str, seed: int, central: bool, precision: str
) -> np.ndarray:
    planted = PLANTED[bug]
    mlp, theta = network(hidden, act, seed)
    X, y = samples()
    gradient = planted_gradient(planted, mlp, theta, X, y)
    return error_curve(mlp, theta, X, y, gradient, CURVE, central, np.dtype(precision).type).errors


def valley(checked: Checked, values: dict[str, Any], dark: bool) -> go.Figure:
    """The worst relative error against h, with the slopes that theory has."""
    blue, orange = theme.LANE_COLORS[dark][:2]
    central, precision = values["form"] == "central", values["precision"]
    figure = base_figure(dark, height=300)
    settings = (hidden_of(values), values["act"], values["seed"], central, precision)
    errors = curve(checked.planted.key, *settings)
    if checked.planted is not RIGHT and values["bug"] != "mystery":
        figure.add_scatter(
            x=CURVE, y=positive(curve("right", *settings)), name="right", line=dict(color=orange, dash="dash"),
            text=errors_at_h(curve("right", *settings)), hovertemplate="%{text}<extra>right</extra>",
        )  # fmt: skip
    figure.add_scatter(x=CURVE, y=positive(errors), name="this gradient", mode="lines+markers", line=dict(color=blue, width=2), marker=dict(size=4),
                       text=errors_at_h(errors), hovertemplate="%{text}<extra>this gradient</extra>")  # fmt: skip
    slope, best = (2, 1e-5) if central else (1, 1e-7)
    if precision == "float32":
        best = 1e-2 if central else 1e-3
    right = curve("right", *settings)
    level = positive(right)[int(np.argmin(np.abs(np.log(CURVE / best))))]
    for power, ends in ((slope, (best * 3, min(1.0, best * 2e3))), (-1, (max(1e-12, best / 1e5), best / 3))):
        x = np.array(ends)
        figure.add_scatter(
            x=x, y=3 * level * (x / best) ** power, mode="lines+text", showlegend=False, hoverinfo="skip",
            text=[f"slope {power:+d}".replace("-", "−"), ""][:: 1 if power < 0 else -1], textposition="top center",
            line=dict(dash="dot", width=1.5, color="#8a949e"),
        )  # fmt: skip
    figure.add_vline(values["h"], line=dict(color=blue, width=1))
    figure.update_xaxes(type="log", title_text="h", exponentformat="power", dtick=2)
    figure.update_yaxes(
        type="log", exponentformat="power", dtick=3, range=[-11, 1.5], title_text="relative error"
    )
    return figure.update_layout(margin=dict(l=60))


def errors_at_h(errors: np.ndarray) -> list[str]:
    """What is said under the pointer at each h."""
    return [f"h {h}<br>error {error}" for h, error in zip(numbers(CURVE), numbers(errors), strict=True)]


def positive(errors: np.ndarray) -> np.ndarray:
    """What a log axis can show: 0 and ∞ are left out."""
    return np.where(np.isfinite(errors) & (errors > 0), errors, np.nan)


def diagonal(checked: Checked, dark: bool) -> go.Figure:
    """Every parameter: computed against measured. On the diagonal they agree."""
    blue, orange = theme.LANE_COLORS[dark][:2]
    figure = base_figure(dark, height=300, showlegend=False)  # fmt: skip
    both = np.concatenate([checked.gradient, checked.slopes])
    both = both[np.isfinite(both)]
    ends = [float(both.min()), float(both.max())] if both.size else [-1.0, 1.0]
    wrong = checked.errors >= WRONG
    figure.add_scatter(x=ends, y=ends, mode="lines", line=dict(color="#8a949e", dash="dot"), hoverinfo="skip")
    figure.add_scatter(
        x=checked.slopes, y=checked.gradient, mode="markers",
        text=[f"{symbol(checked.mlp, k)}<br>computed {computed}<br>measured {measured}"
              for k, (computed, measured) in enumerate(zip(numbers(checked.gradient, 5), numbers(checked.slopes, 5), strict=True))],
        marker=dict(size=9, color=np.where(wrong, orange, blue), symbol=np.where(wrong, "x", "circle")),
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title_text="measured")
    figure.update_yaxes(title_text="computed")
    return figure.update_layout(margin=dict(l=60))


def table(checked: Checked) -> None:
    """All parameters, the worst first."""
    order = np.argsort(-checked.errors)
    st.dataframe(
        {
            "parameter": [symbol(checked.mlp, int(k)) for k in order],
            "computed": [short_number(checked.gradient[k], 4) for k in order],
            "measured": [short_number(checked.slopes[k], 4) for k in order],
            "relative error": [short_number(checked.errors[k], 2) for k in order],
            "verdict": ["✗ differs" if checked.errors[k] >= WRONG else "✓" for k in order],
        },
        height=300, hide_index=True, width="stretch",
    )  # fmt: skip


def reveal(here: Page) -> None:
    """The answer to the mystery, when it is asked for."""
    kept, number = session.of("backpropagation.check", Kept), here.form["mystery"]
    st.markdown("**Which bug is it?** Look at which parameters differ, and by how much.")
    if st.button("Show the bug", icon=":material/visibility:"):
        kept.revealed = number
    if kept.revealed == number:
        bug = mystery(number)
        st.success(f"{bug.label.capitalize()}: {bug.text}")
