"""Wide networks learn like their linear models: the laws in the width, and the scale of the output."""

import numpy as np
import pytest

from engine.studies.lazy import WIDTHS, Lazy, LazyLane, X, target

LAW = (8, 32, 128, 512)


@pytest.fixture(scope="module")
def trained():
    study = Lazy(widths=LAW)
    study.step(600)
    return study.lanes


def test_movement_falls_with_the_root_of_the_width(trained):
    moved = [lane.movement() for lane in trained]
    slope = np.polyfit(np.log(LAW), np.log(moved), 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.08)
    assert moved == pytest.approx([0.65, 0.32, 0.18, 0.077], rel=0.15)


def test_networks_of_relus_move_as_far_as_the_lecture_notes_say():
    study = Lazy("relu", widths=(32, 128, 512))
    study.step(1000)
    assert [lane.movement() for lane in study.lanes] == pytest.approx([0.55, 0.26, 0.12], rel=0.15)


def test_the_kernel_changes_less_than_one_over_the_root_of_the_width(trained):
    change = [lane.kernel_change() for lane in trained]
    slope = np.polyfit(np.log(LAW), np.log(change), 1)[0]
    assert slope < -0.6 and change[0] > 0.4 and change[-1] < 0.02


def test_the_error_goes_to_zero_at_every_width_and_the_linear_model_is_near_in_wide_ones(trained):
    assert all(lane.loss() < 0.004 for lane in trained)
    apart = [lane.distance() for lane in trained]
    assert apart[0] > 0.02 and apart[-1] < 0.006 and apart[-1] < apart[0] / 5


def test_before_training_a_network_is_its_linear_model():
    lane = LazyLane(32, "tanh", target("sine"), alpha=3.0, seed=1)
    assert lane.outputs() == pytest.approx(lane.predicted(), abs=1e-12)
    assert lane.movement() == 0 and lane.kernel_change() < 1e-12
    assert lane.loss() == pytest.approx(float(np.median(((lane.f0 - lane.y) ** 2).mean(1) / 2)))


def test_a_large_output_scale_makes_a_narrow_network_lazy_and_a_small_one_a_wide_network_not():
    y = target("sine")
    lanes = [LazyLane(width, "tanh", y, alpha, seed=0) for width, alpha in ((8, 1.0), (8, 100.0), (512, 0.1), (512, 1.0))]  # fmt: skip
    for lane in lanes:
        lane.step(200)
    narrow, lazy, busy, wide = (lane.kernel_change() for lane in lanes)
    assert lazy < 0.02 < narrow and wide < 0.05 < 0.3 < busy
    assert lanes[1].distance() < 0.01


def test_weights_at_the_start_have_the_spread_that_the_rates_say():
    lane = LazyLane(2048, "tanh", target("step"), 1.0, seed=0)
    units = lane.start / np.sqrt(lane.S)
    assert abs(units.mean()) < 0.02 and units.std() == pytest.approx(1, abs=0.02)
    before, now = lane.cloud(most=50)
    assert before.shape == (50, 2) and (before == now).all()


def test_the_same_seed_gives_the_same_bits_and_a_width_does_not_depend_on_the_others():
    one, all_of_them = Lazy(seed=4, widths=(32,)), Lazy(seed=4, widths=(8, 32))
    for study in (one, all_of_them):
        study.step(20)
    assert (one.lanes[0].theta == all_of_them.lanes[1].theta).all()
    assert len(X) == 10 and WIDTHS[0] < len(X)
