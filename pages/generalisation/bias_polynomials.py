"""Bias and variance of polynomials, where both are exact."""

from __future__ import annotations

import streamlit as st

from engine.options import Option
from engine.studies.bias_variance import (
    PLACES,
    Parts,
    decompose,
    even,
    expected_parts,
    polynomial_fits,
    samples,
    truth,
)
from pages.generalisation import bias_figures as draw
from pages.generalisation.bias_common import (
    SHARED,
    answers,
    dart_errors,
    dart_places,
    dart_titles,
    data_controls,
    formulas,
    lowest_guess,
    sum_in_words,
)
from pages.shared.page import Page
from pages.shared.predict import chart_of, predict
from pages.shared.still import chart, question, verdict
from pages.shared.widgets.option import number

LABEL = "Polynomials: exact"
DEGREES = 16
OPTIONS = {
    "degree": Option("degree", 3, "Degree", "Of the polynomial; it has one coefficient more.", 0, DEGREES - 1, integer=True),
}  # fmt: skip


def show(here: Page) -> None:
    with st.sidebar:
        degree = number(here.form, "degree", OPTIONS["degree"])
        box = st.container()
        asked = data_controls(here.form)
        share = number(here.form, "at", SHARED["at"])
        curve, n, sigma, sets = (asked[name] for name in ("curve", "n", "sigma", "sets"))
        if degree > n - 1:
            degree = n - 1
            st.caption(
                f"{n} points have one polynomial of degree {degree} through them; higher degrees are not fitted."
            )
        formulas()
        box.latex(rf"\hat f(x)=\sum_{{k=0}}^{{{degree}}}c_kx^k,\quad \hat f=Hy")
    question(
        "Do the fits miss together, or each by itself?",
        "the bold mean of all fits leaves the truth at a low degree (bias); single fits leave the mean at a high one (variance).",
    )
    exact = sweep(curve, n, sigma)
    predict(
        here,
        lambda: lowest_guess(
            "degree",
            list(range(len(exact))),
            exact,
            tuple(map(chart_of, ("generalisation.parts", "verdict", "these"))),
        ),
    )
    real, at = truth(curve, even(PLACES)), dart_places(curve, share)
    fits = polynomial_fits(curve, degree, n, sigma, sets, asked["seed"])
    x, y = samples(curve, n, sigma, sets, asked["seed"])
    left, right = st.columns([3, 2])
    with left:
        threads = draw.threads_figure(curve, fits, (x, y[0]), at[1], here.dark)
        chart(f"{sets} fits of degree {degree}", threads.checked().update_layout(height=290), "generalisation.threads", draw.thread_keys(here.dark))  # fmt: skip
    with right:
        errors = dart_errors(fits, real, at[0])
        darts = draw.darts_figure(errors, dart_titles(at[1]), here.dark)
        chart(
            "A dart for each fit",
            darts.checked().update_layout(height=290),
            "generalisation.darts",
            draw.dart_keys(here.dark),
        )
    measured = decompose(fits, real)
    verdict(f"Over all data sets: {sum_in_words(exact[degree], sigma)}")
    st.container(key="these").caption(f"These {sets}: {sum_in_words(measured, sigma, sets)}")
    names = [str(k) for k in range(len(exact))]
    parts = draw.parts_figure(names, exact, sigma, degree, "degree", here.dark)
    chart("Where the error comes from, by degree", parts.checked().update_layout(height=230), "generalisation.parts", draw.part_keys(here.dark))  # fmt: skip
    answers()
    here.write()


@st.cache_data(max_entries=100, show_spinner=False)
def sweep(curve: str, n: int, sigma: float) -> list[Parts]:
    """Exact parts of each degree that n points allow. Once for all sessions."""
    return [expected_parts(curve, degree, n, sigma) for degree in range(min(DEGREES, n))]
