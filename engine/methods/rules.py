"""The words that a method's rule with one parameter's numbers is written in, as LaTeX.

Each line reads: symbol ← rule in numbers = result. All results are the method's own, not computed again from the
rounded numbers. `THETA` stands for the parameter before the update, which is written with as many decimals as it takes
to see the step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

DIGITS = 4  # of every number but θ
Options = Mapping[str, Any]  # every option of a method, by name
Report = Mapping[str, float]  # one parameter's numbers, as `microscope.at_place` gives them
Line = tuple[str, str, str]  # symbol, rule in numbers, result


def formula(lines: list[Line], report: Report) -> str:
    """The lines of a rule as one `aligned` block; the last is θ's.

    Where the lane will leave before this update, the last line says so and has no result. With a proximal L1 step there
    is one line more, the soft threshold.
    """
    shrinks = bool(report.get("amount")) and not report.get("stays")
    goal = report["reached"] if shrinks else report["after"]
    step = abs(goal - report["theta"])
    decimals = min(max(2 - math.floor(math.log10(step)), 4), 12) if step > 0 and math.isfinite(step) else 6
    start, end = (f"{value:.{decimals}f}" for value in (report["theta"], goal))
    *state, (_, text, _) = lines
    written = [rf"{symbol} &\leftarrow {rule} = {result}" for symbol, rule, result in state]
    end = r"\quad\text{(not done: the lane leaves)}" if report.get("stays") else f" = {end}"
    written.append(rf"\theta &\leftarrow {text.replace('THETA', start)}{end}")
    if shrinks:
        size = rf"\max(|\theta| - {number(report['amount'])},\, 0)"
        written.append(
            rf"\theta &\leftarrow \mathrm{{sign}}(\theta)\cdot {size} = {report['after']:.{decimals}f}"
        )
    return r"\begin{aligned} " + r" \\ ".join(written) + r" \end{aligned}"


def number(value: float, digits: int = DIGITS) -> str:
    """A number in LaTeX, with a power of ten where it is very large or small."""
    if not math.isfinite(value):
        return r"\text{not a number}" if math.isnan(value) else ("-" if value < 0 else "") + r"\infty"
    text = f"{value:.{digits}g}"
    if "e" not in text and (value == 0 or abs(value) >= 1e-3):
        return text
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    power = f"10^{{{int(exponent)}}}"
    return {"1": power, "-1": "-" + power}.get(mantissa, rf"{mantissa}\cdot{power}")


def factor(value: float, digits: int = DIGITS) -> str:
    """A number as one factor among others, or with a power: in brackets where it would be misread."""
    text = number(value, digits)
    return f"({text})" if text.startswith("-") or "10^" in text else text


def exact(value: float) -> str:
    """An option, which no rounding may turn into another: 0.99999 is not 1."""
    return factor(value, 7)


def line(symbol: str, text: str, value: float) -> Line:
    return symbol, text, number(value)


def theta_line(text: str) -> Line:
    return r"\theta", text, ""


def descent(r: Report, direction: float) -> Line:
    """θ − η·direction."""
    return theta_line(rf"THETA - {factor(r['learning_rate'])}\cdot{factor(direction)}")


def ratio(r: Report, above: float | str, below: str) -> Line:
    """θ − η·above/below."""
    top = above if isinstance(above, str) else number(above)
    return theta_line(rf"THETA - {factor(r['learning_rate'])}\cdot\frac{{{top}}}{{{below}}}")


def average(symbol: str, beta: float, before: float, new: float, value: float, squared: bool = False) -> Line:
    """symbol ← β·before + (1−β)·new, or new²."""
    inside = f"({number(new)})^2" if squared else factor(new)
    text = rf"{exact(beta)}\cdot{factor(before)} + (1 - {exact(beta)})\cdot{inside}"
    return line(symbol, text, value)


def corrected(symbol: str, beta: float, value: float, t: float, result: float) -> Line:
    """The moment over 1 − βᵗ."""
    return line(rf"\hat {symbol}", rf"\frac{{{number(value)}}}{{1 - {exact(beta)}^{{{int(t)}}}}}", result)
