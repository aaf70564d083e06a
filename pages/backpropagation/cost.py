"""The Cost view: what a gradient costs, in multiplications, and why one multiplies from the loss."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from engine import MLP
from engine.network.cost import ORDERS, chain_products, jacobian_cost, pass_cost
from engine.options import Option
from pages.shared.figures import theme
from pages.shared.figures.base import base_figure
from pages.shared.page import Page, View
from pages.shared.predict import Guess, chart_of, predict
from pages.shared.still import answer, chart, question
from pages.shared.widgets.option import number

WIDEST = 64
NETWORKS = ((2, 4, 1), (2, 8, 1), (2, 8, 8, 1), (2, 16, 16, 1), (2, 16, 16, 16, 1), (2, 32, 32, 32, 1))
TIMED = ((2, 4, 1), (2, 16, 16, 1), (2, 32, 32, 32, 1))
BATCH, TURNS = 64, 15
OPTIONS = {
    "order": Option("order", "from the loss", "Multiply", "Which two factors are joined first.", choices=tuple(ORDERS)),
    "hidden": Option("hidden", 8, "Hidden units d′", "The width of the hidden layer.", 1, WIDEST, integer=True),
    "inputs": Option("inputs", 4, "Inputs d", "The width of the input.", 1, WIDEST, integer=True),
    "diagonal": Option("diagonal", False, "Keep the diagonal as a vector", "∂h/∂z has zeros off its diagonal: skip them."),
    "tensor": Option("tensor", False, "Keep the tensor as a matrix", "∂zᵢ/∂Wⱼₖ is 0 for i ≠ j: skip those zeros."),
    "outputs": Option("outputs", 1, "Outputs of the network", "For all derivatives of all outputs.", 1, WIDEST, integer=True),
}  # fmt: skip
VIEW = View("Cost", OPTIONS, lanes=0, guesses=True)


def show(here: Page) -> None:
    with st.sidebar:
        controls(here)
    question(
        "What does a gradient cost?",
        "going back costs about twice as much as going forward, however many parameters there are.",
    )
    values = here.values()
    predict(here, passes_guess)
    left, right = st.columns(2)
    with left:
        products(values)
    with right:
        chart("Multiplications, by order", orders(values, here.dark), "backpropagation.orders")
    left, right = st.columns(2)
    with left:
        chart("Multiplications of one sample, growing networks", growth(here.dark), "backpropagation.growth")
    with right, st.container(key="passes"):
        passes()
    modes(values)
    answer(
        "From the loss, only a row of d′ numbers is carried from factor to factor. From the weights, one carries the "
        "derivative of every unit by every weight. The loss is one number and the weights are many: so go backwards. "
        "With many outputs and one input, forward mode wins instead.",
        "Answer: why from the loss?",
    )
    here.write()


def passes_guess() -> Guess:
    sizes = TIMED[-1]
    cost = pass_cost(sizes)
    return Guess(
        f"A {text(sizes)} network has {cost.parameters:,} parameters. How many forward passes does its whole gradient cost, multiplications counted?",
        cost.in_forwards, f"{cost.in_forwards:.2f} by backpropagation, {cost.differences_in_forwards:,} by central differences.",
        covers=(chart_of("backpropagation.growth"), chart_of("passes")),
    )  # fmt: skip


def controls(here: Page) -> None:
    for name in ("order", "hidden", "inputs"):
        number(here.form, name, OPTIONS[name])
    values = here.values()
    h, d = values["hidden"], values["inputs"]
    st.latex(
        r"\frac{\partial L}{\partial W}=\underbrace{\frac{\partial L}{\partial\hat f}}_{1}\cdot"
        r"\underbrace{\frac{\partial\hat f}{\partial h}}_{d'}\cdot\underbrace{\frac{\partial h}{\partial z}}_{d'\times d'}\cdot"
        r"\underbrace{\frac{\partial z}{\partial W}}_{d'\times d'\times d}"
    )
    st.caption(f"Shapes here: 1 · {h} · {h} × {h} · {h} × {h} × {d}.")
    for name in ("diagonal", "tensor", "outputs"):
        number(here.form, name, OPTIONS[name])


def products(values: dict[str, Any]) -> None:
    """The chosen order, product by product."""
    steps = chain_products(values["order"], values["hidden"], values["inputs"], values["diagonal"], values["tensor"])  # fmt: skip
    total = sum(step.multiplications for step in steps)
    st.markdown(f"**{values['order'].capitalize()}: {total:,} multiplications**")
    st.dataframe(
        {
            "product": [step.text[1:-1] for step in steps],
            "result": [f"{step.shape[0]} × {step.shape[1]:,}" for step in steps],
            "multiplications": [f"{step.multiplications:,}" for step in steps],
        },
        hide_index=True, width="stretch",
    )  # fmt: skip
    least = 2 * values["hidden"] + values["hidden"] * values["inputs"]
    st.caption(
        f"From the loss with both switches on: 2d′ + d′d = {least:,}. That is what backpropagation does: "
        "φ′ is a vector, and ∂W an outer product."
    )


def orders(values: dict[str, Any], dark: bool) -> go.Figure:
    """All five orders side by side."""
    blue, orange = theme.LANE_COLORS[dark][:2]
    totals = [
        sum(
            step.multiplications
            for step in chain_products(
                order, values["hidden"], values["inputs"], values["diagonal"], values["tensor"]
            )
        )
        for order in ORDERS
    ]
    figure = base_figure(dark, height=270, showlegend=False)
    chosen = [order == values["order"] for order in ORDERS]
    figure.add_bar(
        y=list(ORDERS), x=totals, orientation="h", text=[f"{total:,}" for total in totals], textposition="auto", cliponaxis=False,
        marker=dict(color=[orange if one else blue for one in chosen], pattern=dict(shape=["/" if one else "" for one in chosen])),
        hovertemplate="%{y}: %{x:,}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(type="log", title_text="multiplications", exponentformat="power", dtick=1)
    figure.update_yaxes(autorange="reversed")
    return figure.update_layout(margin=dict(l=150))


def growth(dark: bool) -> go.Figure:
    """Growing networks: a forward pass, a gradient, and the same gradient by differences."""
    blue, orange, green = theme.LANE_COLORS[dark][:3]
    costs = [pass_cost(sizes) for sizes in NETWORKS]
    figure = base_figure(dark, height=310)
    lines = {
        "forward": ([cost.forward for cost in costs], green, "circle"),
        "forward and backward": ([cost.both for cost in costs], blue, "square"),
        "central differences": ([cost.differences_in_forwards * cost.forward for cost in costs], orange, "diamond"),
    }  # fmt: skip
    for name, (y, color, symbol) in lines.items():
        figure.add_scatter(
            x=[cost.parameters for cost in costs], y=y, name=name, mode="lines+markers", line=dict(color=color),
            marker=dict(symbol=symbol, size=8), text=[text(sizes) for sizes in NETWORKS],
            hovertemplate="%{text}: %{y:,}<extra>" + name + "</extra>",
        )  # fmt: skip
    figure.update_xaxes(type="log", title_text="parameters", exponentformat="power")
    figure.update_yaxes(type="log", title_text="multiplications", exponentformat="power", dtick=1)
    return figure.update_layout(margin=dict(l=60))


def passes() -> None:
    """Counted and measured: a gradient in forward passes."""
    st.markdown("**A gradient, in forward passes**")
    costs, measured = [pass_cost(sizes) for sizes in TIMED], timings()
    st.dataframe(
        {
            "network": [text(sizes) for sizes in TIMED],
            "P": [f"{cost.parameters:,}" for cost in costs],
            "back": [f"{cost.in_forwards:.2f}" for cost in costs],
            "measured": [f"{both:.1f}" for both, _ in measured],
            "2P": [f"{cost.differences_in_forwards:,}" for cost in costs],
            "measured ": [f"{differences:,.0f}" for _, differences in measured],
        },
        hide_index=True, width="stretch",
    )  # fmt: skip
    st.caption(
        "P parameters. A gradient by backpropagation (back) and by central differences (2P), each in forward passes. Counted: forward Σ nm; backward Σ nm for ∂W and as much again for δ, without the first layer. "
        f"Measured once on this server, {BATCH} samples: overheads count too. Differences are taken for all parameters at "
        "once, which is cheaper for small networks; the numbers of large ones no longer fit into the processor's cache."
    )


@st.cache_data(show_spinner=False)
def timings() -> list[tuple[float, float]]:
    """Times of a gradient, and of 2P losses, in times of one loss. Once for all sessions."""
    rng, found = np.random.default_rng(0), []
    X, y = rng.standard_normal((BATCH, 2)), rng.integers(0, 2, BATCH)
    for sizes in TIMED:
        mlp = MLP(sizes, ["tanh"] * (len(sizes) - 2), "binary_cross_entropy")
        theta = mlp.initialize(rng, 1)
        many = np.repeat(theta, 2 * mlp.parameter_count, axis=0)
        loss = seconds(partial(mlp.loss, theta, X, y), TURNS)
        both = seconds(partial(mlp.loss_and_gradient, theta, X, y), TURNS)
        differences = seconds(partial(mlp.loss, many, X, y), 3)
        found.append((both / loss, differences / loss))
    return found


def seconds(work: Callable[[], object], turns: int) -> float:
    """The median time of `work`."""
    work()
    times = []
    for _ in range(turns):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times)


def modes(values: dict[str, Any]) -> None:
    """Forward mode against backward mode, for a network with these inputs and outputs."""
    sizes = (values["inputs"], values["hidden"], values["outputs"])
    forward, backward = jacobian_cost(sizes)
    better = (
        "Both cost the same."
        if forward == backward
        else f"{'Forward' if forward < backward else 'Backward'} mode wins."
    )
    st.markdown(
        f"**One output or many?** All derivatives of {sizes[2]} {plural('output', sizes[2])} by {sizes[0]} {plural('input', sizes[0])} "
        f"of a {text(sizes)} network: {forward:,} multiplications in forward mode, one pass an input; {backward:,} in backward mode, "
        f"one pass an output. {better} A loss is one output, so training goes backwards."
    )


def plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def text(sizes: tuple[int, ...]) -> str:
    return "-".join(str(size) for size in sizes)
