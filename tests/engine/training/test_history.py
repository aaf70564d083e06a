"""The history stays bounded, even and independent of how steps were asked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.training.history import COSTS, MOST_MARKS, MOST_POINTS, SERIES, History


def filled(steps, lanes=1, stride=1):
    """A history of points whose values say which step they are of."""
    history = History(lanes, stride)
    for step in steps:
        history.add(step, np.full((len(COSTS), lanes), step / 10), np.full((len(SERIES), lanes), float(step)))
    return history


def test_all_points_are_kept_while_there_is_room():
    history = filled(range(100), lanes=3)
    assert history.steps.tolist() == list(range(100))
    assert history.train_loss.shape == (100, 3) == history.epochs.shape
    assert (history.gradient_norm[:, 2] == history.steps).all()
    assert np.allclose(history.epochs[:, 0], history.steps / 10)


@pytest.mark.parametrize("last", [1_999, 2_000, 2_001, 3_999, 4_001, 123_457])
def test_thinning_is_even_and_keeps_first_and_last(last):
    history = filled(range(last + 1))
    steps = history.steps
    assert len(history) <= MOST_POINTS
    assert steps[0] == 0 and steps[-1] == last
    gaps = np.diff(steps)
    assert set(gaps[:-1].tolist()) <= {history.stride} and gaps[-1] <= history.stride
    assert len(history) > MOST_POINTS // 2 - 1 or last < MOST_POINTS
    assert (history.train_loss[:, 0] == steps).all()


@given(st.lists(st.integers(1, 900), min_size=1, max_size=60), st.integers(1, 7))
@settings(max_examples=60, deadline=None)
def test_what_is_kept_depends_on_the_last_step_alone(jumps, stride):
    """Points on the grid and, in between, wherever a caller stopped, as `Experiment.step` makes them."""
    chunked = History(1, stride)
    straight = History(1, stride)
    zero = np.zeros((len(SERIES), 1))

    def run(history, ends):
        history.add(0, np.zeros((len(COSTS), 1)), zero)
        step = 0
        for end in ends:
            while step < end:
                step = min(end, history.next_step(step))
                history.add(step, np.full((len(COSTS), 1), step), zero + step)

    ends = np.cumsum(jumps)
    run(chunked, ends)
    run(straight, ends[-1:])
    assert chunked.steps.tolist() == straight.steps.tolist()
    assert chunked.stride == straight.stride
    assert np.array_equal(chunked.rows()[1], straight.rows()[1])


def test_a_second_point_of_one_step_replaces_the_first():
    history = filled([0, 1, 1])
    history.add(1, np.zeros((len(COSTS), 1)), np.full((len(SERIES), 1), 7.0))
    assert history.steps.tolist() == [0, 1]
    assert history.train_loss[-1, 0] == 7


def test_a_new_lane_has_its_parents_past():
    history = filled(range(5), lanes=2)
    history._values[:, :, 1] += 100
    history.add_lane(history.past(1))
    assert history.train_loss.shape == (5, 3)
    assert np.array_equal(history.train_loss[:, 2], history.train_loss[:, 1])
    history.add(5, np.zeros((len(COSTS), 3)), np.full((len(SERIES), 3), 1.0))
    assert len(history) == 6


def test_a_line_ends_where_its_lane_stopped():
    history = filled(range(0, 50, 5))
    steps, values = history.line("train_loss", 0, end=12)
    assert steps.tolist() == [0, 5, 10, 15] == values.tolist()
    assert len(history.line("train_loss", 0)[0]) == 10
    assert history.line("train_loss", 0, end=10**9)[0].tolist() == history.steps.tolist()


def test_marks_are_bounded():
    history = History(1)
    for step in range(3 * MOST_MARKS):
        history.mark(step, 0, "learning rate 1 → 2")
    assert len(history.marks) == MOST_MARKS
    assert history.marks[-1] == (3 * MOST_MARKS - 1, 0, "learning rate 1 → 2")


def test_rows_that_do_not_fit_are_refused():
    history, other = filled(range(9)), History(1)
    steps, values = history.rows()
    other.restore(steps, values, 1)
    assert np.array_equal(other.train_loss, history.train_loss)
    for bad in [
        (steps[::-1], values, 1),
        (steps[:3], values, 1),
        (steps, values, 0),
        (steps[:0], values[:, :0], 1),
    ]:
        with pytest.raises(ValueError, match="history"):
            History(1).restore(*bad)
    with pytest.raises(ValueError, match="0"):
        History(1, 0)
