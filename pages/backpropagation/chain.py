"""The Chain view: one unit after another, and the factors that their derivatives share."""

from __future__ import annotations

import streamlit as st

from engine import ACTIVATIONS
from engine.network.chain import multiplications
from engine.options import Option
from pages.backpropagation.common import SYMBOLS, keep_symbols, step_option, write
from pages.shared.page import Page, View
from pages.shared.predict import Guess, predict
from pages.shared.stepper import stepper
from pages.shared.still import answer, question

UNITS = 12
WEIGHTS = (0.5, -1.0, 2.0)
OPTIONS = {
    "n": Option("n", 3, "Units", "How many units stand in a row.", 1, UNITS, integer=True),
    "x": Option("x", 1.0, "x", "The input.", -100.0, 100.0),
    "b": Option("b", 0.25, "b", "The bias of the first unit.", -100.0, 100.0),
    "y": Option("y", 1.0, "y", "The label: what the last unit should put out.", -100.0, 100.0),
    "eta": Option("eta", 0.5, "Learning rate η", "How far an update goes.", 0.001, 1000.0, log=True),
    **{
        f"w{k}": Option(
            f"w{k}", WEIGHTS[k - 1] if k <= len(WEIGHTS) else 1.0, f"Weight {k}", "The weight into this unit.", -100.0, 100.0
        )
        for k in range(1, UNITS + 1)
    },
    **{
        f"act{k}": Option(f"act{k}", "sigmoid", f"Activation {k}", "What this unit applies.", choices=tuple(ACTIVATIONS))
        for k in range(1, UNITS + 1)
    },
    "symbols": SYMBOLS,
    "step": step_option(2 * UNITS + 3),
}  # fmt: skip
VIEW = View("Chain", OPTIONS, lanes=0, guesses=True)


def show(here: Page) -> None:
    keep_symbols(here)
    with st.sidebar:
        formulas()
    question(
        "How does a derivative get from the loss to the first weight?",
        "every row repeats the one above it, but for its end.",
    )
    _panel(here)
    without, reuse = multiplications(12)
    answer(
        "Derive from the loss backwards and keep the product so far. Each row then needs only its new factors. "
        "That is backpropagation: $3n-1$ multiplications for $n$ units. Each row by itself needs $n^2+3n$ in all. "
        f"For 12 units that is {reuse} against {without}.",
        "Answer: what does reuse save?",
    )
    answer(
        "Set Units to 12 and all weights to 1: every sigmoid's slope is at most ¼, so the first weight hardly feels the loss. "
        "Set w₂ = 0: everything to its left gets no gradient. Set w₃ = 30: the last unit saturates, its slope is almost 0, "
        "and although the answer may be wrong, nothing learns.",
        "Try: three ways to silence the first weight",
    )


def reuse_guess(n: int) -> Guess:
    without, reuse = multiplications(n)
    return Guess(
        f"Each derivative by itself, all of them take {without} multiplications for {n} {'unit' if n == 1 else 'units'}. How many with every product that is already there used again?",
        float(reuse), f"{reuse} = 3n − 1.", covers=(".bp-work",),
    )  # fmt: skip


@st.fragment
def _panel(here: Page) -> None:
    predict(here, lambda: reuse_guess(here.form["n"]))
    labels = {key: activation.label for key, activation in ACTIVATIONS.items()}
    stepper(
        "backpropagation.chain_stepper", "backpropagation/chain.js", "A chain of units, step by step", OPTIONS, here.values(),
        {"labels": labels}, here.take, here.limits(),
    )  # fmt: skip
    write(here)


def formulas() -> None:
    st.markdown("**Forward**")
    st.latex(r"a_k=w_k f_{k-1}\;(+\,b\text{ for }k=1)")
    st.latex(r"f_k=\varphi(a_k),\quad f_0=x,\quad f_n=\hat y")
    st.latex(r"L=\tfrac12(\hat y-y)^2")
    st.markdown("**Backward**, by the chain rule")
    st.latex(
        r"\frac{\partial L}{\partial w_k}=\frac{\partial L}{\partial f_n}\,\frac{\partial f_n}{\partial a_n}\cdots\frac{\partial a_k}{\partial w_k}"
    )
    st.latex(r"\frac{\partial f_k}{\partial a_k}=\varphi'(a_k),\quad \sigma'=f(1-f)")
    st.latex(r"\frac{\partial a_k}{\partial f_{k-1}}=w_k,\quad \frac{\partial a_k}{\partial w_k}=f_{k-1}")
    st.markdown("**Update**")
    st.latex(r"w_k\leftarrow w_k-\eta\,\frac{\partial L}{\partial w_k}")
    st.caption("ŷ is the output, y the label. The rate η enters only in the update.")  # fmt: skip
