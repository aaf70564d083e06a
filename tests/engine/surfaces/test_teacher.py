"""The teacher's loss in closed form against PyTorch and sampling, and where descent on it ends."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.surfaces import teacher
from engine.surfaces.teacher import APART, ARRIVED, PLANE, descend, gradient, hessian, loss, starts

RECORD = json.loads((Path(__file__).parents[2] / "oracles" / "teacher.json").read_text())
TEN = np.eye(10)


@pytest.mark.parametrize("at", range(50))
def test_loss_gradient_and_hessian_are_those_of_pytorch(at):
    point = RECORD["points"][at]
    W, V = np.array(point["W"]), np.array(point["V"])
    assert float(loss(W, V)) == pytest.approx(point["loss"], abs=1e-9)
    assert gradient(W, V) == pytest.approx(np.array(point["gradient"]), abs=1e-9)
    found = hessian(W, V)
    assert found == pytest.approx(found.T, abs=1e-12)
    assert found[np.triu_indices(W.size)] == pytest.approx(np.array(point["hessian"]), abs=1e-9)


def test_the_loss_is_the_mean_over_gaussian_inputs():
    rng = np.random.default_rng(0)
    W, V = rng.standard_normal((3, 4)), rng.standard_normal((2, 4))
    x = rng.standard_normal((400_000, 4))
    errors = (np.maximum(x @ W.T, 0).sum(1) - np.maximum(x @ V.T, 0).sum(1)) ** 2 / 2
    assert abs(errors.mean() - float(loss(W, V))) < 4 * errors.std() / math.sqrt(len(x))


def test_many_students_at_once_are_each_alone():
    W = starts(3, 5, 4, 2)
    assert loss(W, PLANE) == pytest.approx([float(loss(w, PLANE)) for w in W], abs=1e-15)
    assert gradient(W, PLANE) == pytest.approx(np.stack([gradient(w, PLANE) for w in W]), abs=1e-15)


def test_a_student_that_is_the_teacher_has_no_loss_and_no_slope():
    assert float(loss(PLANE, PLANE)) < 1e-15 and np.abs(gradient(PLANE, PLANE)).max() < 1e-15
    assert np.linalg.eigvalsh(hessian(PLANE, PLANE))[0] > -1e-12


# --- starts -------------------------------------------------------------------------------------------------


def mulberry32(seed, count):
    """The published generator on whole numbers of any size."""
    found, state = [], seed
    for _ in range(count):
        state = (state + 0x6D2B79F5) % 2**32
        t = ((state ^ (state >> 15)) * (state | 1)) % 2**32
        t ^= (t + ((t ^ (t >> 7)) * (t | 61)) % 2**32) % 2**32
        found.append((t ^ (t >> 14)) / 2**32)
    return found


@given(st.integers(0, 2**32 - 1))
def test_uniform_numbers_are_those_of_mulberry32(seed):
    assert teacher.uniforms(seed, 20).tolist() == mulberry32(seed, 20)


def test_starts_are_standard_normal_over_the_root_of_the_inputs():
    drawn = starts(1, 200, 10, 10) * math.sqrt(10)
    assert abs(drawn.mean()) < 4 / math.sqrt(drawn.size) and abs(drawn.std() - 1) < 4 / math.sqrt(
        2 * drawn.size
    )
    assert (starts(1, 7, 10, 10) == starts(1, 200, 10, 10)[:7]).all()
    assert not (starts(1, 1, 4, 2) == starts(2, 1, 4, 2)).any()


# --- where descent ends -------------------------------------------------------------------------------------


def rest(W, V, plain=400):
    """Where plain descent goes, with momentum for the last of the way."""
    return descend(descend(W, V, 0.3, plain), V, 0.2, 1300, beta=0.9)


def test_in_the_plane_four_in_five_arrive_and_all_others_end_at_one_loss():
    W = descend(starts(0, 100, 4, 2), PLANE, 0.5, 700)
    arrived = loss(W, PLANE) < ARRIVED
    late = descend(W[~arrived], PLANE, 0.2, 1500, beta=0.9)  # a few are still under way
    ends = loss(late, PLANE)
    assert abs((arrived.sum() + (ends < ARRIVED).sum()) / 100 - 0.8) <= 3 * math.sqrt(0.8 * 0.2 / 100)
    assert ends[ends >= ARRIVED] == pytest.approx(0.0171613, abs=1e-7) and (ends >= ARRIVED).sum() > 5
    assert np.abs(gradient(late, PLANE))[ends >= ARRIVED].max() < 1e-10


def test_with_more_neurons_than_the_teacher_nearly_all_arrive():
    five = loss(descend(starts(0, 100, 5, 2), PLANE, 0.4, 500), PLANE) < ARRIVED
    six = loss(descend(starts(0, 60, 6, 2), PLANE, 0.3, 500), PLANE) < ARRIVED
    assert abs(five.mean() - 0.98) <= 3 * math.sqrt(0.98 * 0.02 / 100) and six.all()


def test_the_trap_in_the_plane_is_two_arrows_that_share_one_and_two_that_serve_three():
    stuck = rest(starts(0, 6, 4, 2)[5], PLANE)
    assert float(loss(stuck, PLANE)) == pytest.approx(0.0171613, abs=1e-7)
    assert np.abs(gradient(stuck, PLANE)).max() < 1e-12
    lengths = np.sort(np.linalg.norm(stuck, axis=1))
    assert lengths[2:] == pytest.approx(1.336, abs=1e-3)
    assert lengths[:2].sum() == pytest.approx(0.714 + 0.608, abs=1e-3)
    angles = np.degrees(np.arctan2(stuck[:, 1], stuck[:, 0]))
    long = angles[np.linalg.norm(stuck, axis=1) > 1]
    shared = angles[np.linalg.norm(stuck, axis=1) < 1][0]
    assert np.sort((long - shared) % 360) == pytest.approx([118.31, 241.69], abs=0.01)
    eigenvalues = np.linalg.eigvalsh(hessian(stuck, PLANE))
    assert abs(eigenvalues[0]) < 1e-12 and eigenvalues[1] > 0.008


def stuck_in_ten():
    return rest(starts(0, 2, 10, 10)[1], TEN)


def test_in_ten_dimensions_the_trap_is_a_true_local_minimum():
    stuck = stuck_in_ten()
    assert float(loss(stuck, TEN)) == pytest.approx(0.0187, abs=5e-5)
    assert np.abs(gradient(stuck, TEN)).max() < 1e-12
    assert np.linalg.eigvalsh(hessian(stuck, TEN))[0] == pytest.approx(0.032, abs=5e-4)


def test_there_is_a_second_trap_in_ten_dimensions():
    stuck = rest(starts(0, 90, 10, 10)[89], TEN)
    assert float(loss(stuck, TEN)) == pytest.approx(0.0353, abs=5e-5)
    assert np.linalg.eigvalsh(hessian(stuck, TEN))[0] == pytest.approx(0.016, abs=5e-4)


def test_a_split_opens_the_trap_and_one_neuron_leads_elsewhere():
    stuck = stuck_in_ten()
    odd = int(np.argmin(np.linalg.norm(stuck, axis=1)))
    for neuron in (0, odd):
        least, direction = teacher.split_curvature(stuck, TEN, neuron)
        halves = teacher.split(stuck, neuron)
        assert float(loss(halves, TEN)) == pytest.approx(float(loss(stuck, TEN)), abs=1e-14)
        assert np.abs(gradient(halves, TEN)).max() < 1e-12
        assert np.linalg.eigvalsh(hessian(halves, TEN))[0] == pytest.approx(least, abs=1e-7)
        end = descend(teacher.split(stuck, neuron, direction, APART), TEN, 0.2, 1500, beta=0.9)
        if neuron == odd:
            assert float(loss(end, TEN)) == pytest.approx(0.0179, abs=5e-5)
        else:
            assert least == pytest.approx(-0.173, abs=5e-4) and float(loss(end, TEN)) < 2e-11


def test_a_student_of_eleven_always_arrives_in_ten_dimensions():
    assert (loss(descend(starts(0, 25, 11, 10), TEN, 0.3, 500, beta=0.9), TEN) < ARRIVED).all()


# --- limits -------------------------------------------------------------------------------------------------


def test_a_student_of_one_neuron_and_equal_teachers_have_their_exact_minimum():
    twice = np.array([[1.0, 0.0], [1.0, 0.0]])
    end = descend(starts(0, 8, 1, 2), twice, 0.3, 500)
    assert loss(end, twice).max() < 1e-15
    assert end[:, 0] == pytest.approx(np.tile([2.0, 0.0], (8, 1)), abs=1e-6)


def test_at_a_neuron_of_length_zero_there_is_a_slope_and_no_hessian():
    W = np.array([[0.0, 0.0], [1.0, 0.5]])
    assert np.isfinite(gradient(W, PLANE)).all() and np.isfinite(loss(W, PLANE))
    with pytest.raises(ValueError, match="kink"):
        hessian(W, PLANE)


# --- moments ------------------------------------------------------------------------------------------------


def test_the_moments_are_means_over_gaussian_inputs():
    V = np.array([[1.0, 0.5, 0.0], [0.0, -1.0, 2.0]])
    x = np.random.default_rng(0).standard_normal((200_000, 3))
    first, second = teacher.moments(V)
    found = teacher.sampled_moments(V, x)
    assert found[0] == pytest.approx(first, abs=0.05) and found[1] == pytest.approx(second, abs=0.08)


def test_the_angle_to_the_teachers_span_falls_with_the_root_of_the_samples():
    V, rng = teacher.MOMENTS_TEACHER, np.random.default_rng(1)
    for count, draws, low, high in ((1_000, 15, 14, 26), (10_000, 15, 4.4, 7.2), (100_000, 5, 1.4, 2.9)):
        angles = [
            teacher.span_angle(teacher.sampled_moments(V, rng.standard_normal((count, 5)))[1], V)
            for _ in range(draws)
        ]
        assert low < np.median(angles) < high
    assert teacher.span_angle(teacher.moments(V)[1], V) < 1e-5
