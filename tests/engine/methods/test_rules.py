"""The rules with numbers filled in: hand-worked lines, and every line read back and worked out again."""

import re
from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import OPTIMIZERS, DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.methods.rules import number
from engine.studies.microscope import at_place, formula_numbers, phases

COMMANDS = {
    "begin", "end", "theta", "hat", "Delta", "leftarrow", "cdot", "frac", "sqrt", "left", "right", "max", "mathrm",
    "infty", "text", "lambda", "quad",
}  # fmt: skip


def lines_of(latex):
    """[(symbol, rule, result)], after a look at what KaTeX needs: known commands, braces and environments closed."""
    assert set(re.findall(r"\\([a-zA-Z]+)", latex)) <= COMMANDS
    depth = 0
    for sign in re.findall(r"(?<!\\)[{}]", latex):
        depth += 1 if sign == "{" else -1
        assert depth >= 0
    assert depth == 0 and latex.count(r"\left") - latex.count(r"\leftarrow") == latex.count(r"\right")
    assert not re.search(r"\^(\{[^{}]*\}|.)\^", latex)  # a power of a power needs brackets
    match = re.fullmatch(r"\\begin\{aligned\} (.*) \\end\{aligned\}", latex)
    assert match
    lines = [
        re.fullmatch(r"(.*?) &\\leftarrow (.*?)(?: = ([^=]*))?", line) for line in match[1].split(r" \\ ")
    ]
    assert all(lines)
    return [line.groups() for line in lines]


def closing(text, start):
    """Where the brace that opens at `start` closes."""
    depth = 0
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if not depth:
            return place
    raise AssertionError(text)


def worked_out(latex):
    """The value of a formula without letters, by turning it into Python."""
    text = latex
    for wanted, other in ((r"\left|", "abs("), (r"\right|", ")"), (r"\left", ""), (r"\right", ""), (r"\cdot", "*"), (r"\,", ""), (r"\infty", "inf"),
                          (r"\mathrm{sign}", "sign"), (r"\max", "max"), ("^", "**")):  # fmt: skip
        text = text.replace(wanted, other)
    while (start := text.find(r"\frac{")) >= 0:
        middle = closing(text, start + 5)
        end = closing(text, middle + 1)
        text = f"{text[:start]}(({text[start + 6 : middle]})/({text[middle + 2 : end]})){text[end + 1 :]}"
    text = text.replace(r"\sqrt{", "sqrt{").replace("{", "(").replace("}", ")")
    return eval(
        text, {"__builtins__": {}}, {"sqrt": sqrt, "sign": np.sign, "max": max, "abs": abs, "inf": inf}
    )


def terms_size(latex):
    """The sum of the absolute values of a formula's outermost terms: the scale of its rounding."""
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(latex):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(sign, 0)
        if not depth and latex[place : place + 3] in (" + ", " - "):
            parts.append(latex[start:place])
            start = place + 3
    return sum(abs(worked_out(part)) for part in (*parts, latex[start:]))


def check_lines(latex, report):
    """Every line's result is what its rule gives, but for the rounding of the numbers shown; the last is θ's."""
    lines = lines_of(latex)
    for symbol, rule, result in lines[:-1]:
        if symbol != "d":
            assert worked_out(result) == pytest.approx(worked_out(rule), abs=1.5e-3 * terms_size(rule)), (
                symbol,
                rule,
            )
    symbol, rule, result = lines[-1]
    assert symbol == r"\theta"
    step = abs(report["after"] - report["theta"])
    assert float(result) == pytest.approx(report["after"], abs=max(1e-12, 0.01 * step) if step else 1e-6)
    assert worked_out(rule) == pytest.approx(report["after"], abs=max(3e-12, 0.02 * step) if step else 1e-6)


CASES = {
    **{key: (key, {}) for key in OPTIMIZERS},
    "ema": ("momentum", {"form": "ema"}),
    "velocity": ("momentum", {"form": "velocity", "beta": 0.99999}),
    "rmsprop of PyTorch": ("rmsprop", {"eps_in_sqrt": False}),
    "lion with decay": ("lion", {"weight_decay": 0.1}),
    "random search in a box": ("random_search", {"form": "global"}),
    "adam without memory": ("adam", {"beta1": 0.0, "beta2": 0.0005}),
    "adamw with decay": ("adamw", {"weight_decay": 0.5}),
    "amsgrad, short": ("amsgrad", {"beta2": 0.5}),
    "nadam, fast": ("nadam", {"momentum_decay": 1.0}),
}


@pytest.mark.parametrize("name", list(CASES))
def test_each_line_agrees_with_its_numbers(name):
    key, options = CASES[name]
    lane = LaneConfig(key, OPTIMIZERS[key].start_rate, options=options, schedule="inverse_time", l2=0.01)
    config = ExperimentConfig(
        dataset=DatasetConfig("circles", samples=60),
        network=NetworkConfig((3,)),
        dtype="float64",
        lanes=(lane,),
    )
    experiment = Experiment(config)
    for _ in range(6):
        report = phases(experiment, 0)
        for place in range(13):
            numbers = at_place(report, place)
            latex = formula_numbers(key, options, numbers)
            if not report["problem"]:
                check_lines(latex, numbers)
                for name_, row in report["state"].items():  # each state's number is shown as it is
                    if not name_.endswith(("_hat", "direction")):
                        assert f" = {number(float(row[place]))}" in latex
        experiment.step()


def test_an_unknown_method_has_no_rule():
    with pytest.raises(KeyError):
        formula_numbers("unknown", {}, {})


# θ = 1, η = 0.1, g = 0.5; worked by hand
START = {"learning_rate": 0.1, "theta": 1.0, "gradient": 0.5, "t": 1.0}


@pytest.mark.parametrize(
    ("key", "options", "more", "lines"),
    [
        ("sgd", {}, {"after": 0.95}, [r"\theta &\leftarrow 1.0000 - 0.1\cdot0.5 = 0.9500"]),
        (
            "momentum", {"beta": 0.9}, {"v_before": -2.0, "v": -1.3, "after": 1.13},
            [r"v &\leftarrow 0.9\cdot(-2) + 0.5 = -1.3", r"\theta &\leftarrow 1.0000 - 0.1\cdot(-1.3) = 1.1300"],
        ),
        (
            "momentum", {"form": "ema"}, {"v_before": 1.0, "v": 0.95, "after": 0.905},
            [r"m &\leftarrow 0.9\cdot1 + (1 - 0.9)\cdot0.5 = 0.95", r"\theta &\leftarrow 1.0000 - 0.1\cdot0.95 = 0.9050"],
        ),
        (
            "nesterov", {}, {"v_before": 0.0, "v": 0.5, "after": 0.905},
            [r"v &\leftarrow 0.9\cdot0 + 0.5 = 0.5", r"\theta &\leftarrow 1.0000 - 0.1\cdot\left(0.5 + 0.9\cdot0.5\right) = 0.9050"],
        ),
        (
            "adam", {}, {"m_before": 0.0, "v_before": 0.0, "m": 0.05, "v": 0.00025, "m_hat": 0.5, "v_hat": 0.25, "after": 0.9},
            [
                r"m &\leftarrow 0.9\cdot0 + (1 - 0.9)\cdot0.5 = 0.05",
                r"v &\leftarrow 0.999\cdot0 + (1 - 0.999)\cdot(0.5)^2 = 2.5\cdot10^{-4}",
                r"\hat m &\leftarrow \frac{0.05}{1 - 0.9^{1}} = 0.5",
                r"\hat v &\leftarrow \frac{2.5\cdot10^{-4}}{1 - 0.999^{1}} = 0.25",
                r"\theta &\leftarrow 1.0000 - 0.1\cdot\frac{0.5}{\sqrt{0.25} + 10^{-8}} = 0.9000",
            ],
        ),
        (
            "sgd", {}, {"gradient": 4e7, "after": 1.0, "stays": 1.0},
            [r"\theta &\leftarrow 1.000000 - 0.1\cdot(4\cdot10^{7})\quad\text{(not done: the lane leaves)}"],
        ),
    ],
)  # fmt: skip
def test_lines_worked_by_hand(key, options, more, lines):
    latex = formula_numbers(key, options, START | more)
    assert latex == r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-0.25, "-0.25"), (1234.56, "1235"), (12345.6, r"1.235\cdot10^{4}"), (1e-3, "0.001"), (1e-8, "10^{-8}"),
        (-1e-8, "-10^{-8}"), (0.00099996, "10^{-3}"), (-2.5e-12, r"-2.5\cdot10^{-12}"), (inf, r"\infty"), (-inf, r"-\infty"),
        (np.nan, r"\text{not a number}"),
    ],
)  # fmt: skip
def test_numbers_in_latex(value, text):
    assert number(value) == text


ANY = st.floats(-1e12, 1e12) | st.floats(-1e-12, 1e-12) | st.sampled_from([0.0, -0.0, inf, -inf, np.nan])
POSITIVE = st.floats(0, 1e12) | st.floats(0, 1e-12)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(list(CASES)), st.data())
def test_any_numbers_give_closed_formulas(name, data):
    key, options = CASES[name]
    theta, after = data.draw(st.floats(-1e6, 1e6)), data.draw(st.floats(-1e6, 1e6))
    names = (
        "gradient",
        "m_before",
        "m",
        "v_hat",
        "m_hat",
        "direction",
        "step_length",
        "largest",
        "largest_before",
    )
    report = {name: data.draw(ANY) for name in names}
    report |= {name: data.draw(POSITIVE) for name in ("v", "v_before", "u", "u_before", "s", "s_before")}
    report |= {
        "theta": theta,
        "after": after,
        "step": after - theta,
        "learning_rate": data.draw(st.floats(1e-6, 1e3)),
    }
    report |= {"t": float(data.draw(st.integers(1, 10**6))), "mu_product": data.draw(st.floats(0, 1))}
    assert lines_of(formula_numbers(key, options, report))[-1][0] == r"\theta"
