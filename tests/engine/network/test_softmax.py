"""Softmax, its loss and its derivation: PyTorch's numbers, and where the written form breaks."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.network.softmax import derivation, sigmoid_slope_as_written, softmax_loss

RECORDED = json.loads(
    (Path(__file__).resolve().parents[2] / "oracles" / "backpropagation.json").read_text("utf-8")
)
logits = st.lists(st.floats(-20, 20), min_size=2, max_size=5)


@pytest.mark.parametrize("known", RECORDED["softmax"], ids=lambda known: str(known["logits"]))
def test_numbers_are_autograds(known):
    found = softmax_loss(known["logits"], known["label"])
    assert found.f == pytest.approx(known["f"], abs=1e-15)
    assert found.loss == pytest.approx(known["loss"], rel=1e-12)
    assert found.gradient == pytest.approx(known["gradient"], abs=1e-12)


def test_numbers_are_those_of_the_slides():
    found = softmax_loss(np.array([2, 1, 0.1]), 0)
    assert found.f.round(6).tolist() == [0.659001, 0.242433, 0.098566]
    assert round(found.loss, 6) == 0.41703
    assert found.gradient.round(6).tolist() == [-0.340999, 0.242433, 0.098566]


@given(logits)
def test_the_gradient_sums_to_zero_and_only_the_labels_part_is_negative(a):
    for label in range(len(a)):
        gradient = softmax_loss(np.array(a), label).gradient
        assert abs(gradient.sum()) <= 1e-16 * 4
        assert gradient[label] <= 0 and all(g >= 0 for k, g in enumerate(gradient) if k != label)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=5))
def test_every_line_of_the_derivation_is_the_same_number(a):
    for label in range(len(a)):
        for c in range(len(a)):
            for stable in (True, False):
                lines = derivation(np.array(a), label, c, stable)
                assert len(lines) == 8
                expected = softmax_loss(np.array(a), label).gradient[c]
                assert lines[3:] == pytest.approx([expected] * 5, abs=1e-12)
                assert lines[:3] == pytest.approx([expected] * 3, abs=2e-6)


def test_as_written_breaks_where_the_stable_form_does_not():
    a = np.array([1000.0, 1.0, 0.0])
    assert math.isnan(softmax_loss(a, 0, stable=False).loss) and softmax_loss(a, 0).loss == 0
    assert np.isnan(derivation(a, 0, 0, stable=False)).all()
    fine = softmax_loss(np.array([709.0, 0.0]), 1, stable=False)
    assert np.isfinite(fine.f).all()
    assert np.isnan(softmax_loss(np.array([710.0, 0.0]), 1, stable=False).f).any()


def test_the_sigmoids_slope_as_written_is_no_number_from_minus_710_on():
    for b, known in RECORDED["written_out"].items():
        found = sigmoid_slope_as_written(float(b))
        assert (
            math.isnan(found)
            if known == "nan"
            else found == pytest.approx(float(known), rel=1e-12, abs=1e-150)
        )
    assert math.isnan(sigmoid_slope_as_written(-710)) and not math.isnan(sigmoid_slope_as_written(-709))


def test_a_line_that_divides_by_a_vanished_share_is_no_number_and_the_last_is():
    lines = derivation(np.array([0.0, 1000.0]), 0, 0)
    assert np.isnan(lines[1:7]).all() and lines[7] == -1
