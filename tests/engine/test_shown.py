"""Numbers on the screen."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.shown import short_number

SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")


@pytest.mark.parametrize(("value", "text"), [
    (0, "0"), (1, "1"), (320, "320"), (4207.06, "4210"), (9999, "10⁴"), (12345, "1.23·10⁴"), (1e6, "10⁶"), (1e-15, "10⁻¹⁵"),
    (0.00056, "5.6·10⁻⁴"), (0.001, "0.001"), (0.0326, "0.0326"), (0.5, "0.5"), (-0.2763, "−0.276"), (-1.8e36, "−1.8·10³⁶"),
    (99.96, "100"), (math.inf, "∞"), (-math.inf, "−∞"), (math.nan, "not a number"), (2.0, "2"), (5e-324, "4.94·10⁻³²⁴"),
])  # fmt: skip
def test_numbers_by_hand(value, text):
    assert short_number(value) == text


@given(st.floats(-1e300, 1e300).filter(lambda value: abs(value) > 1e-300))
def test_what_is_shown_is_the_value_to_half_a_percent_in_few_characters(value):
    text = short_number(value)
    base, ten, power = (
        text.rpartition("10") if "10" in text and text[-1] not in "0123456789" else (text, "", "")
    )
    sign_only = base in ("", "−")
    mantissa = float((base.rstrip("·") if not sign_only else base + "1").translate(SUPERSCRIPTS))
    shown = mantissa * 10.0 ** int(power.translate(SUPERSCRIPTS)) if ten else mantissa
    assert shown == pytest.approx(value, rel=0.005001)
    assert len(text) <= 12
    assert sum(character in "0123456789" for character in base.lstrip("−0.")) <= 4
