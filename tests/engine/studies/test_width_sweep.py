"""Double descent in networks: the place of its peak, PyTorch's numbers, and that slices change nothing."""

import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from engine.studies.sweep import finish
from engine.studies.width_sweep import WIDTHS, WidthSweep, networks, parameters_of, train_width

RECORDED = json.loads((Path(__file__).parents[2] / "oracles" / "width_sweep.json").read_text())


def medians(width, updates, sets=8, **more):
    values = dict(n=40, noise=0.5, l2=0.0, batch=0, seed=0) | more
    job = train_width(**values, updates=updates, sets=sets, width=width)
    return np.median(finish(lambda: job), axis=1)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_width_has_seven_parameters_a_unit_and_one_more(width):
    run, _ = networks(20, 0.5, 0.0, 0, 0, 1, width)
    assert parameters_of(width) == 7 * width + 1 == run.theta(0).size


@pytest.mark.parametrize("width", [2, 16])
def test_two_widths_end_where_pytorch_ends(width):
    """From the same weights on the same data, in medians: single numbers may part over a thousand updates."""
    np.testing.assert_allclose(medians(width, 1000), RECORDED["torch"][str(width)], rtol=0.15, atol=2e-3)


@pytest.mark.parametrize("peak", RECORDED["peaks"], ids=lambda peak: f"n={peak['n']} seed={peak['seed']}")
def test_the_recorded_peaks_stand_at_about_one_weight_per_sample(peak):
    assert 0.7 <= peak["per_sample"] <= 1.6
    assert peak["test"][0] < max(peak["test"]) > peak["test"][-1]
    zero = next(k for k, error in enumerate(peak["train"]) if error < 0.01)
    assert abs(zero - int(np.argmax(peak["test"]))) <= 1, (
        "the peak stands where the training error reaches zero"
    )


def test_a_small_network_and_a_large_one_do_better_than_one_weight_per_sample():
    """The cheap check: three widths, fewer updates."""
    small, middle, large = (medians(width, 1200)[1] for width in (1, 6, 32))
    assert small < large < middle and middle > 1.3 * large


def test_an_l2_penalty_removes_the_peak():
    small, middle, large = (medians(width, 800, l2=0.1)[1] for width in (1, 6, 32))
    assert max(small, middle, large) < 1.3 * min(small, middle, large)
    assert 0.34 < middle < 0.39 and 0.34 < large < 0.39, "as the answer says of the first data sets"
    assert 0.22 < medians(6, 800, l2=0.1, seed=1)[1] < 0.26, "and of others"


def test_without_noise_the_second_valley_is_the_lower_one():
    small, large = (medians(width, 1200, noise=0.0)[1] for width in (1, 32))
    assert large < 0.6 * small


def test_slices_change_no_number():
    one, other = (WidthSweep(updates=60, widths=(2, 5), sets=2) for _ in range(2))
    while not one.sweep.finished:
        one.advance(1e-9)
    other.advance(60)
    assert (one.test == other.test).all() and (one.train == other.train).all()


def test_what_is_not_trained_yet_has_no_number_and_no_peak():
    study = WidthSweep(updates=50, widths=(1, 2), sets=2)
    assert np.isnan(study.test).all() and study.peak is None
    study.advance(1e-9)
    assert np.isfinite(study.test[0]).all() and np.isnan(study.test[1]).all() and study.peak == 0


def test_workers_give_the_same_numbers():
    """Jobs are plain functions of plain values: they can be sent to any executor."""
    settings = dict(updates=40, widths=(2, 5), sets=2)
    with ThreadPoolExecutor(2) as pool:
        there = WidthSweep(**settings, connect=lambda: pool)
        while not there.sweep.finished:
            there.advance(1)
    here = WidthSweep(**settings)
    here.advance(60)
    assert (here.test == there.test).all() and (here.train == there.train).all()
    assert all(pickle.loads(pickle.dumps(job)).args == job.args for job in here.sweep.jobs)
