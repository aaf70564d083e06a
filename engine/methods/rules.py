"""The rule of each method with one parameter's numbers filled in, as LaTeX.

Each line reads: symbol ← rule in numbers = result. All results are the method's own, not worked out again from the
rounded numbers, and θ is written with as many decimals as it takes to see the step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from engine.methods.first_order import OPTIMIZERS

DIGITS = 4  # of every number but θ
Report = Mapping[str, float]


def formula_numbers(optimizer_key: str, options: Mapping[str, Any], report: Report) -> str:
    """LaTeX lines (`aligned`) for one parameter's next update, as `microscope.at_place` reports it.

    The last line is θ's. `options` are those of the lane; what is not among them is at its default. Where the lane will
    leave before this update, the line says so and has no result. Raises `KeyError` for an unknown method.
    """
    kind = OPTIMIZERS[optimizer_key]
    o = {name: option.default for name, option in kind.options.items()} | dict(options)
    rule = RULES[optimizer_key](o, report)
    step = abs(report["after"] - report["theta"])
    decimals = min(max(2 - math.floor(math.log10(step)), 4), 12) if step > 0 and math.isfinite(step) else 6
    start, end = (f"{report[name]:.{decimals}f}" for name in ("theta", "after"))
    *state, (_, text, _) = rule
    lines = [rf"{symbol} &\leftarrow {text} = {result}" for symbol, text, result in state]
    end = r"\quad\text{(not done: the lane leaves)}" if report.get("stays") else f" = {end}"
    lines.append(rf"\theta &\leftarrow {text.replace('THETA', start)}{end}")
    return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"


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


Line = tuple[str, str, str]  # symbol, rule in numbers, result
Rule = Callable[[Mapping[str, Any], Report], list[Line]]


def _line(symbol: str, text: str, value: float) -> Line:
    return symbol, text, number(value)


def _theta(text: str) -> Line:
    return r"\theta", text, ""


def _average(
    symbol: str, beta: float, before: float, new: float, value: float, squared: bool = False
) -> Line:
    """symbol ← β·before + (1−β)·new, or new²."""
    inside = f"({number(new)})^2" if squared else factor(new)
    text = rf"{exact(beta)}\cdot{factor(before)} + (1 - {exact(beta)})\cdot{inside}"
    return _line(symbol, text, value)


def _sgd(o: Mapping[str, Any], r: Report) -> list[Line]:
    return [_theta(rf"THETA - {factor(r['learning_rate'])}\cdot{factor(r['gradient'])}")]


def _momentum(o: Mapping[str, Any], r: Report) -> list[Line]:
    beta, rate, before, g, v = o["beta"], r["learning_rate"], r["v_before"], r["gradient"], r["v"]
    if o["form"] == "ema":
        return [_average("m", beta, before, g, v), _theta(rf"THETA - {factor(rate)}\cdot{factor(v)}")]
    kept = rf"{exact(beta)}\cdot{factor(before)}"
    if o["form"] == "velocity":
        text = rf"{kept} - {factor(rate)}\cdot{factor(g)}"
        return [_line("v", text, v), _theta(f"THETA + {factor(v)}")]
    return [
        _line("v", f"{kept} + {factor(g)}", v),
        _theta(rf"THETA - {factor(rate)}\cdot{factor(v)}"),
    ]


def _nesterov(o: Mapping[str, Any], r: Report) -> list[Line]:
    beta, g, v = exact(o["beta"]), factor(r["gradient"]), r["v"]
    return [
        _line("v", rf"{beta}\cdot{factor(r['v_before'])} + {g}", v),
        _theta(rf"THETA - {factor(r['learning_rate'])}\cdot\left({g} + {beta}\cdot{factor(v)}\right)"),
    ]


def _ratio(r: Report, above: float, below: str) -> Line:
    """θ − η·above/below."""
    return _theta(rf"THETA - {factor(r['learning_rate'])}\cdot\frac{{{number(above)}}}{{{below}}}")


def _adagrad(o: Mapping[str, Any], r: Report) -> list[Line]:
    total = _line("s", f"{number(r['s_before'])} + ({number(r['gradient'])})^2", r["s"])
    return [total, _ratio(r, r["gradient"], rf"\sqrt{{{number(r['s'])}}} + {number(o['eps'])}")]


def _adadelta(o: Mapping[str, Any], r: Report) -> list[Line]:
    eps, rate = number(o["eps"]), r["learning_rate"]
    delta = r["gradient"] * math.sqrt(r["u_before"] + o["eps"]) / math.sqrt(r["v"] + o["eps"])
    text = rf"{factor(r['gradient'])}\cdot\frac{{\sqrt{{{number(r['u_before'])} + {eps}}}}}{{\sqrt{{{number(r['v'])} + {eps}}}}}"
    return [
        _average("v", o["beta"], r["v_before"], r["gradient"], r["v"], squared=True),
        _line(r"\Delta", text, delta),
        _average("u", o["beta"], r["u_before"], delta, r["u"], squared=True),
        _theta(rf"THETA - {factor(rate)}\cdot{factor(delta)}"),
    ]


def _rmsprop(o: Mapping[str, Any], r: Report) -> list[Line]:
    v, eps = number(r["v"]), number(o["eps"])
    below = rf"\sqrt{{{v} + {eps}}}" if o["eps_in_sqrt"] else rf"\sqrt{{{v}}} + {eps}"
    return [
        _average("v", o["beta"], r["v_before"], r["gradient"], r["v"], squared=True),
        _ratio(r, r["gradient"], below),
    ]


def _corrected(symbol: str, beta: float, value: float, t: float, result: float) -> Line:
    """The moment over 1 − βᵗ."""
    return _line(rf"\hat {symbol}", rf"\frac{{{number(value)}}}{{1 - {exact(beta)}^{{{int(t)}}}}}", result)


def _moments(o: Mapping[str, Any], r: Report) -> list[Line]:
    return [
        _average("m", o["beta1"], r["m_before"], r["gradient"], r["m"]),
        _average("v", o["beta2"], r["v_before"], r["gradient"], r["v"], squared=True),
    ]


def _below(o: Mapping[str, Any], r: Report) -> str:
    return rf"\sqrt{{{number(r['v_hat'])}}} + {number(o['eps'])}"


def _adam(o: Mapping[str, Any], r: Report) -> list[Line]:
    return [
        *_moments(o, r),
        _corrected("m", o["beta1"], r["m"], r["t"], r["m_hat"]),
        _corrected("v", o["beta2"], r["v"], r["t"], r["v_hat"]),
        _ratio(r, r["m_hat"], _below(o, r)),
    ]


def _adamw(o: Mapping[str, Any], r: Report) -> list[Line]:
    *state, (symbol, text, _) = _adam(o, r)
    decay = rf"THETA - {factor(r['learning_rate'])}\cdot{factor(o['weight_decay'])}\cdot{factor(r['theta'])}"
    return [*state, (symbol, text.replace("THETA", decay), "")]


def _amsgrad(o: Mapping[str, Any], r: Report) -> list[Line]:
    m, v = _moments(o, r)
    largest = _line(r"v_{\max}", rf"\max({number(r['largest_before'])},\, {number(r['v'])})", r["largest"])
    return [
        m,
        v,
        largest,
        _corrected("m", o["beta1"], r["m"], r["t"], r["m_hat"]),
        _corrected(r"v_{\max}", o["beta2"], r["largest"], r["t"], r["v_hat"]),
        _ratio(r, r["m_hat"], _below(o, r)),
    ]


def _nadam(o: Mapping[str, Any], r: Report) -> list[Line]:
    t, beta = r["t"], o["beta1"]
    now, ahead = (beta * (1 - 0.5 * 0.96 ** (k * o["momentum_decay"])) for k in (t, t + 1))
    product = r["mu_product"] * now
    above = (
        rf"\frac{{1 - {exact(now)}}}{{1 - {exact(product)}}}\cdot{factor(r['gradient'])} + "
        rf"\frac{{{number(ahead)}}}{{1 - {exact(product * ahead)}}}\cdot{factor(r['m'])}"
    )
    return [
        *_moments(o, r),
        _corrected("v", o["beta2"], r["v"], t, r["v_hat"]),
        _theta(rf"THETA - {factor(r['learning_rate'])}\cdot\frac{{{above}}}{{{_below(o, r)}}}"),
    ]


def _lion(o: Mapping[str, Any], r: Report) -> list[Line]:
    beta, g, m = exact(o["beta1"]), factor(r["gradient"]), factor(r["m_before"])
    mixed = o["beta1"] * r["m_before"] + (1 - o["beta1"]) * r["gradient"]
    sign = (mixed > 0) - (mixed < 0)
    decay = rf" + {factor(o['weight_decay'])}\cdot{factor(r['theta'])}" if o["weight_decay"] else ""
    return [
        (r"\mathrm{sign}", rf"\mathrm{{sign}}({beta}\cdot{m} + (1 - {beta})\cdot{g})", str(sign)),
        _average("m", o["beta2"], r["m_before"], r["gradient"], r["m"]),
        _theta(rf"THETA - {factor(r['learning_rate'])}\cdot\left({factor(sign)}{decay}\right)"),
    ]


def _along(symbol: str) -> Rule:
    """θ + α·d, where the direction d comes from all parameters together."""

    def rule(o: Mapping[str, Any], r: Report) -> list[Line]:
        return [
            ("d", symbol, number(r["direction"])),
            _theta(rf"THETA + {factor(r['step_length'])}\cdot{factor(r['direction'])}"),
        ]

    return rule


def _random_search(o: Mapping[str, Any], r: Report) -> list[Line]:
    width = o["box"] if o["form"] == "global" else r["learning_rate"]
    if not r["step"]:
        return [_theta("THETA")]
    drawn = r["after"] if o["form"] == "global" else r["step"]
    place = "" if o["form"] == "global" else "THETA + "
    return [_theta(rf"{place}{factor(width)}\cdot{factor(drawn / width)}")]


RULES: dict[str, Rule] = {
    "random_search": _random_search, "sgd": _sgd, "momentum": _momentum, "nesterov": _nesterov, "adagrad": _adagrad,
    "adadelta": _adadelta, "rmsprop": _rmsprop, "adam": _adam, "adamw": _adamw, "nadam": _nadam, "amsgrad": _amsgrad,
    "lion": _lion, "newton": _along(r"-\left[(|H| + \lambda I)^{-1} g\right]_i"), "bfgs": _along(r"-\left[B g\right]_i"),
    "lbfgs": _along(r"-\left[r\right]_i"),
}  # fmt: skip
