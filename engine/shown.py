"""How a number is written on the screen: at most three digits, and powers of ten as 10ⁿ."""

from __future__ import annotations

import math

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_ten(exponent: int) -> str:
    """10⁻⁵ for −5."""
    return f"10{str(exponent).translate(SUPERSCRIPTS)}"


def short_number(value: float, digits: int = 3) -> str:
    """0.0123, 4210, 3.2·10⁻⁵, 10⁶: `digits` significant digits, and plain from 0.001 to 9999."""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "−∞" if value < 0 else "∞"
    if value == 0:
        return "0"
    sign = "−" if value < 0 else ""
    mantissa, _, power = f"{abs(value):.{digits - 1}e}".partition("e")
    exponent = int(power)
    if -3 <= exponent < 4:
        plain = f"{float(f'{mantissa}e{power}'):.{max(0, digits - 1 - exponent)}f}"
        return sign + (plain.rstrip("0").rstrip(".") if "." in plain else plain)
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return sign + ("" if mantissa == "1" else f"{mantissa}·") + power_of_ten(exponent)
