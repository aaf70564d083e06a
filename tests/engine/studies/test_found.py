"""Built against found: what is built is exact, what is found is PyTorch's, and the view's sentences hold for both."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine.data.drawn import Drawn, write_drawn
from engine.studies.found import TARGETS, WIDTHS, Found, target

RECORDED = json.loads((Path(__file__).parents[2] / "oracles" / "found.json").read_text())
AFTER = RECORDED["after"]


def worst(study, measure="largest"):
    return [study.built_error(k, measure) for k in range(len(study.networks))]


# --- built --------------------------------------------------------------------------------------------------------


def test_what_is_built_of_a_sine_misses_what_the_lecture_says():
    assert worst(Found()) == pytest.approx([0.0704, 0.0188, 0.0048, 0.0012], abs=5e-5)


@pytest.mark.parametrize("scaled", [True, False])
def test_the_sawtooth_is_exactly_in_narrow_layers_and_in_as_many_neurons_as_pieces(scaled):
    eight = Found("saw8", ((2, 2, 2), (8, 8, 8), (8,), (7,)), scaled=scaled)
    assert np.array(worst(eight)[:3]) == pytest.approx(0, abs=1e-12) and worst(eight)[3] > 0.5
    assert worst(Found("saw16", ((2, 2, 2, 2), (2, 2, 2)), scaled=scaled))[0] == pytest.approx(0, abs=1e-12)


def test_the_last_lane_begins_as_built_and_the_others_do_not():
    study = Found(networks=((8,), (4, 4)))
    for k in range(2):
        errors = study.errors(k, "largest")
        assert len(errors) == 17 and errors[-1] == study.built_error(k, "largest")
        assert (errors[:16] > 0.5).all()
    assert Found(activation="tanh").built == Found(biases=False).built == [None] * 4


def test_a_constant_is_as_good_as_the_errors_say():
    study = Found("saw8", ((1,),))
    values = np.full_like(study.truth, 0.5)
    assert study.constant_error("largest") == pytest.approx(float(study.error_of(values, "largest")))
    assert study.constant_error("mean") == pytest.approx(1 / 12, rel=0.01)
    assert Found("ring", ((2,),), "tanh").constant_error("mean") == 0.5
    flat = Found("flat", ((1,), (2, 2)))
    assert worst(flat) == [0, 0] and flat.constant_error("largest") == 0


def test_a_drawn_curve_is_straight_between_its_points_and_held_exactly_where_there_are_enough_neurons():
    text = write_drawn(Drawn(np.array([[-1.0], [1.5], [-1.0], [-2.0]]), np.array([0.0, -1.0, 1.0, 0.0]), 0))
    study = Found("drawn", ((2,), (3,), (5, 2)), drawn=text)
    places = np.array([0.0, 0.125, 0.25, 0.875, 1.0])
    assert target("drawn", text).value(places) == pytest.approx([0, 0.25, 0.5, -1, -1], abs=2e-3)
    assert len(study.y) == 100 and study.y == pytest.approx(study.curve.value(study.places))
    assert np.array(worst(study)[1:]) == pytest.approx(0, abs=1e-12) and worst(study)[0] > 0.2


def test_parts_and_bias_add_up_to_the_function():
    study = Found(networks=((6,), (3, 4)))
    study.step(5)
    for k in range(2):
        bias = study.runs[k].lanes[2].mlp.unflatten(study.runs[k].theta(2)[None])[-1][1].ravel()
        assert study.parts(k, 2).sum(axis=0) + bias == pytest.approx(study.outputs(k)[2], abs=1e-12)


# --- found --------------------------------------------------------------------------------------------------------


def test_a_start_trains_as_in_pytorch():
    study = Found(networks=((8,),), starts=1)
    study.step(300)
    assert study.outputs(0)[0] == pytest.approx(np.array(RECORDED["early"]), abs=1e-9)


def test_what_is_found_of_a_sine_is_pytorchs_and_stays_behind_what_is_built():
    """Width 8 is trained here, all widths by PyTorch. At width 64 Adam's last steps at a constant rate are most of the error."""
    study = Found(networks=((8,),))
    study.step(4000)
    found, recorded = study.spread(0, "largest"), AFTER["sine"]["8"]
    assert found.median == pytest.approx(np.median(recorded["largest"]), rel=0.15)
    assert study.errors(0, "largest")[-1] < found.best
    assert np.median(recorded["mean"]) < study.built_error(0, "mean")
    medians = np.array([np.median(AFTER["sine"][str(hidden[0])]["largest"]) for hidden in WIDTHS])
    assert medians[:3] == pytest.approx([0.078, 0.048, 0.020], rel=0.15) and 0.007 < medians[3] < 0.015
    ratios = medians / worst(Found())
    assert 1 < ratios[0] < 1.3 and (np.diff(ratios) > 0).all() and ratios[3] > 7


def test_with_few_noisy_points_a_wide_network_ends_closer_to_them_than_to_the_target():
    study = Found(networks=((64,),), samples=15, noise=0.3)
    study.step(1500)
    assert study.losses[-1][0] < 0.5 * study.spread(0, "mean").median


def test_with_inputs_from_zero_to_one_every_kink_begins_at_the_left_end_and_most_starts_stay_poor():
    study = Found(networks=((16,),), scaled=False)
    for k in range(study.starts):
        (W, b), _ = study.runs[0].lanes[0].mlp.unflatten(study.runs[0].theta(k)[None])
        assert np.abs(b / W).max() == 0
    study.step(1500)
    assert study.spread(0, "largest").median > 0.5


def test_no_start_finds_the_sawtooth_in_the_narrow_layers_that_hold_it():
    eight, constant = AFTER["saw8"], Found("saw8", ((1,),)).constant_error("mean")
    assert min(eight["2-2-2"]["mean"]) > 0.05 and np.median(eight["2-2-2"]["mean"]) > 0.99 * constant
    assert min(AFTER["saw16"]["2-2-2-2"]["mean"]) > 0.07
    assert np.median(eight["8-8-8"]["mean"]) < 0.01 and np.median(eight["32"]["mean"]) < np.median(eight["8-8-8"]["mean"])  # fmt: skip


def test_no_stack_of_width_two_unties_a_ring_and_three_neurons_always_do():
    perfect = {name: sum(share == 0 for share in found["wrong"]) for name, found in AFTER["ring"].items()}
    assert perfect == {"2": 0, "2-2": 0, "2-2-2-2": 0, "3": 20}


def test_without_biases_a_relu_network_has_two_slopes_and_nothing_at_zero():
    study = Found(networks=((16,),), biases=False)
    study.step(20)
    values, middle = study.outputs(0), len(study.x) // 2
    assert np.abs(values[:, middle]).max() < 1e-12
    slopes = np.diff(values, axis=1)
    for half in (slopes[:, :middle], slopes[:, middle:]):
        assert np.ptp(half, axis=1).max() < 1e-12


def test_a_start_that_diverges_counts_as_the_worst():
    study = Found(networks=((8,),), rate=1.0, starts=3)
    with study.runs[0].apart() as lanes:
        lanes[1].theta[:] = np.nan
    spread = study.spread(0, "largest")
    assert spread.worst == np.inf and spread.starts[2] == 1 and np.isfinite(spread.best)


@pytest.mark.parametrize("data", TARGETS)
def test_every_target_trains_at_every_size_that_a_link_can_ask_for(data):
    study = Found(data, ((1,), (1, 1), (3, 2)), samples=5, noise=0.5, scaled=False, starts=2)
    study.step(2)
    for k in range(3):
        for measure in ("largest", "mean"):
            assert np.isfinite(study.errors(k, measure)).all() and np.isfinite(study.built_error(k, measure))
