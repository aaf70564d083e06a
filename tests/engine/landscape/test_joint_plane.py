"""Paths of several lanes in one plane: scikit-learn's components, true distances, a steady picture, no failure."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine import DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.landscape.joint_plane import FARTHEST, MOST_NUMBERS, joint_plane, places, usable
from engine.landscape.plane import Plane
from engine.landscape.window import window

SKLEARN = json.loads((Path(__file__).parents[2] / "oracles" / "sklearn.json").read_text())


def walks(seed, lanes, steps, parameters):
    """As tests/oracles/record_sklearn.py makes them."""
    rng = np.random.default_rng(seed)
    drift = rng.standard_normal((lanes, 1, parameters))
    return np.cumsum(0.3 * drift + rng.standard_normal((lanes, steps, parameters)), axis=1)


def basis(plane):
    return np.stack([plane.d1, plane.d2])


def assert_orthonormal(plane):
    np.testing.assert_allclose(basis(plane) @ basis(plane).T, np.eye(2), atol=1e-12)


# --- the plane -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("recorded", SKLEARN, ids=str)
def test_components_and_shares_are_scikit_learns(recorded):
    paths = walks(*recorded["case"])
    assert paths[0, 0, :3].tolist() == recorded["first_point"]
    plane, shares = joint_plane(list(paths))
    np.testing.assert_allclose(shares, recorded["shares"], rtol=1e-9)
    products = basis(plane) @ np.array(recorded["directions"]).T
    np.testing.assert_allclose(np.abs(products), np.eye(2), atol=2e-5)
    np.testing.assert_allclose(plane.origin, paths.mean(axis=(0, 1)), atol=1e-12)
    assert_orthonormal(plane)
    assert (basis(plane) @ (paths[:, -1] - paths[:, 0]).sum(axis=0) >= 0).all()


def test_a_cross_worked_by_hand():
    """Points ±3 on one axis and ±1 on another: 18 and 2 of a total of 20."""
    cross = np.zeros((4, 5))
    cross[:2, 1], cross[2:, 3] = (-3, 3), (-1, 1)
    plane, shares = joint_plane([cross[:2], cross[2:]])
    np.testing.assert_allclose(shares, [0.9, 0.1], rtol=1e-12)
    np.testing.assert_allclose(basis(plane), np.eye(5)[[1, 3]], atol=1e-12)
    assert not plane.origin.any()


def test_about_a_given_origin_shares_are_of_the_squared_distances_from_it():
    """From the origin, points (4, 0, 0), (4, 1, 0), (0, 0, 1): sums of squares along the best plane, by NumPy's SVD."""
    points = np.array([[4.0, 0, 0], [4, 1, 0], [0, 0, 1]])
    plane, shares = joint_plane([points], origin=np.zeros(3))
    singular = np.linalg.svd(points, compute_uv=False)
    np.testing.assert_allclose(shares, singular[:2] ** 2 / 34, rtol=1e-9)
    coordinates, _ = plane.project(np.zeros((1, 3)))
    assert not coordinates.any() and not plane.origin.any()
    start = walks(0, 3, 9, 7)[0, 0].astype(np.float32)
    plane, _ = joint_plane(list(walks(0, 3, 9, 7)), origin=start)
    assert plane.origin.dtype == np.float32 and plane.origin.tobytes() == start.tobytes()


def test_a_start_that_is_a_component_itself_hides_no_larger_one():
    """End points exactly along the third component of a diagonal spread, whose parts are 9, 4 and 1 of 14."""
    points = np.zeros((6, 50))
    for row, (axis, size) in enumerate([(7, 3), (7, -3), (9, 2), (9, -2), (4, 1), (4, -1)]):
        points[row, axis] = size
    for origin in (None, np.zeros(50)):
        plane, shares = joint_plane([points[:5], points[5:]], origin)
        np.testing.assert_allclose(shares, [9 / 14, 4 / 14], rtol=1e-12)
        np.testing.assert_allclose(np.abs(basis(plane)), np.eye(50)[[7, 9]], atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_paths_in_a_plane_keep_all_their_distances(dtype):
    rng = np.random.default_rng(3)
    flat = np.linalg.qr(rng.standard_normal((40, 2)))[0].T
    drawn = [np.cumsum(rng.standard_normal((steps, 2)), axis=0) * [1, 1e-3] for steps in (1, 7, 30)]
    paths = [(rng.standard_normal(40) * 0 + 1 + d @ flat).astype(dtype) for d in drawn]
    plane, shares = joint_plane(paths)
    assert plane.origin.dtype == dtype
    exact = 1e-5 if dtype == np.float32 else 1e-11
    assert shares.sum() == pytest.approx(1, abs=exact)
    points, places = np.concatenate(drawn), []
    for path in paths:
        coordinates, distances = plane.project(path)
        assert distances.max() < exact
        places.append(coordinates)
    shown = np.concatenate(places)
    apart = np.linalg.norm(points[:, None] - points, axis=2)
    np.testing.assert_allclose(np.linalg.norm(shown[:, None] - shown, axis=2), apart, atol=exact)


def test_shares_are_the_parts_of_the_variance_that_the_picture_shows():
    paths = list(walks(7, 4, 25, 30))
    plane, shares = joint_plane(paths)
    turned, turned_shares = joint_plane(
        paths, previous=Plane(plane.origin, plane.d1 + plane.d2, plane.d2 - plane.d1)
    )
    total = sum(((path - plane.origin) ** 2).sum() for path in paths)
    for each, parts in ((plane, shares), (turned, turned_shares)):
        shown = sum((each.project(path)[0] ** 2).sum(axis=0) for path in paths)
        np.testing.assert_allclose(parts, shown / total, rtol=1e-9)
    assert turned_shares.sum() == pytest.approx(shares.sum(), rel=1e-12)


# --- a steady picture ----------------------------------------------------------------------------------


def test_the_previous_plane_is_kept_to_in_sign_order_and_angle():
    paths = list(walks(1, 3, 30, 12))
    plane, _ = joint_plane(paths)
    for d1, d2 in ((-plane.d1, plane.d2), (plane.d2, plane.d1), (plane.d2, -plane.d1)):
        again, _ = joint_plane(paths, previous=Plane(plane.origin, d1, d2))
        np.testing.assert_allclose(basis(again), [d1, d2], atol=1e-6)
    angle = np.array([[0.6, 0.8], [-0.8, 0.6]])
    turned = angle @ basis(plane)
    again, _ = joint_plane(paths, previous=Plane(plane.origin, *turned))
    np.testing.assert_allclose(basis(again), turned, atol=1e-6)
    assert_orthonormal(again)


def test_a_growing_picture_neither_flips_nor_swaps():
    paths = walks(5, 4, 120, 20)
    previous = None
    for steps in range(30, 121):
        plane, shares = joint_plane(list(paths[:, :steps]), previous=previous)
        if previous is not None:
            products = basis(plane) @ basis(previous).T
            assert (np.diag(products) > 0.9).all()
            np.testing.assert_allclose(products, products.T, atol=1e-9)  # as near as a turn can bring them
        assert_orthonormal(plane)
        previous = plane
    np.testing.assert_allclose(shares.sum(), joint_plane(list(paths))[1].sum(), rtol=1e-9)


def test_another_networks_previous_plane_is_ignored_and_calls_repeat():
    paths = list(walks(2, 2, 8, 6))
    first, again = (
        joint_plane(paths),
        joint_plane(paths, previous=Plane(np.zeros(3), np.eye(3)[0], np.eye(3)[1])),
    )
    assert basis(first[0]).tobytes() == basis(again[0]).tobytes() == basis(joint_plane(paths)[0]).tobytes()


# --- what can go wrong ---------------------------------------------------------------------------------


def test_lanes_that_never_moved_get_a_plane():
    still = np.full((5, 9), 0.1, np.float32)
    plane, shares = joint_plane([still, still[:1]])
    assert_orthonormal(plane)
    assert shares.tolist() == [0, 0] and np.array_equal(plane.origin, still[0])
    again, _ = joint_plane([still])
    assert np.array_equal(basis(plane), basis(again))
    kept, _ = joint_plane([still], previous=Plane(still[0], np.eye(9)[4], np.eye(9)[2]))
    np.testing.assert_allclose(basis(kept), np.eye(9)[[4, 2]], atol=1e-12)


def test_paths_on_a_line_get_a_second_direction():
    line = np.outer(np.linspace(0, 1, 11), np.arange(1.0, 8))
    plane, shares = joint_plane([line, line[:3]])
    np.testing.assert_allclose(shares, [1, 0], atol=1e-12)
    np.testing.assert_allclose(plane.d1, np.arange(1.0, 8) / np.sqrt(140), atol=1e-9)
    assert_orthonormal(plane)
    coordinates, distances = plane.project(line)
    assert np.abs(coordinates[:, 1]).max() < 1e-9 and distances.max() < 1e-9
    kept, _ = joint_plane([line], previous=Plane(plane.origin, plane.d1, np.eye(7)[0]))
    assert abs(kept.d2[0]) == max(abs(kept.d2))


def test_rows_that_ran_away_or_are_no_numbers_do_not_bend_the_picture():
    good = list(walks(6, 2, 20, 8))
    plane, shares = joint_plane(good)
    wild = np.stack([good[0][0], np.full(8, 1e30), np.full(8, np.nan), np.full(8, -np.inf), good[0][1]])
    masks = usable([*good, wild])
    assert masks[0].all() and masks[2].tolist() == [True, False, False, False, True]
    same, same_shares = joint_plane([*good, wild[1:4]])
    assert np.array_equal(basis(same), basis(plane)) and np.array_equal(shares, same_shares)
    assert not joint_plane([wild[1:4]])[1].any()
    limit = FARTHEST * np.median([np.linalg.norm(path[0]) for path in (*good, good[0])])
    edge = np.zeros((2, 8))
    edge[0, 0], edge[1, 0] = 0.99 * limit, 1.01 * limit
    assert usable([*good, np.concatenate([good[0][:1], edge])])[2].tolist() == [True, True, False]


def test_a_real_race_with_a_lane_that_blows_up():
    lanes = (
        LaneConfig("sgd", 0.3),
        LaneConfig("adam", 0.01),
        LaneConfig("sgd", 1000.0),
        LaneConfig("sgd", 1e-6),
    )
    config = ExperimentConfig(
        dataset=DatasetConfig("circles", samples=60), network=NetworkConfig((4,), "relu"), loss="mean_squared_error", lanes=lanes
    )  # fmt: skip
    experiment = Experiment(config)
    paths = [[experiment.theta(lane)] for lane in range(4)]
    for _ in range(30):
        experiment.step()
        for lane in range(4):
            paths[lane].append(experiment.theta(lane))
    plane, shares = joint_plane([np.array(path) for path in paths])
    assert plane.origin.dtype == np.float32 and 0.5 < shares.sum() <= 1 + 1e-9
    assert joint_plane([np.array(path) for path in paths[:2]])[1].sum() > 0.5


def test_a_lane_that_runs_away_does_not_make_dots_of_the_others():
    """Rates from creeping to exploding: the window is that of the lanes that stay, and the wild one leaves it."""
    rates = (0.003, 0.03, 0.3, 3.0, 100.0)
    config = ExperimentConfig(
        dataset=DatasetConfig("circles", samples=60), lanes=tuple(LaneConfig("sgd", r) for r in rates)
    )
    experiment, paths = Experiment(config), [[] for _ in rates]
    for _ in range(40):
        for lane, path in enumerate(paths):
            path.append(experiment.theta(lane))
        experiment.step(2)
    rows = [np.array(path) for path in paths]
    assert np.linalg.norm(rows[4][-1]) > 100 * np.linalg.norm(rows[4][0])
    plane, _ = joint_plane(rows)
    shown = places(plane, rows)
    for lane in range(4):
        np.testing.assert_allclose(shown[lane], plane.project(rows[lane])[0], atol=1e-9)
    assert np.isnan(shown[4][-1]).all() and np.isfinite(shown[4][0]).all()
    left, right, bottom, top = window(shown)
    assert right - left < 0.1 * np.ptp(plane.project(rows[4])[0], axis=0).max()
    assert (left, right, bottom, top) == window(shown[:4])


def test_tiny_spaces_and_single_points():
    plane, shares = joint_plane([np.array([[1.0], [3.0]])])
    assert (plane.d1.tolist(), plane.d2.tolist(), shares.tolist()) == ([1], [0], [1, 0])
    plane, shares = joint_plane([np.array([[2.0, 5.0, 1.0]])])
    assert_orthonormal(plane)
    assert joint_plane([np.zeros((0, 4))])[1].tolist() == [0, 0]
    assert_orthonormal(joint_plane([np.zeros((0, 4)), np.zeros((3, 4))])[0])


def test_many_numbers_are_thinned_and_the_picture_stays():
    rng = np.random.default_rng(8)
    flat = np.linalg.qr(rng.standard_normal((3000, 2)))[0].T
    circle = np.linspace(0, 2 * np.pi, 400)
    paths = [np.stack([k * np.cos(circle), np.sin(circle)], 1) @ flat for k in (2, 3, 4, 5)]
    assert sum(path.size for path in paths) > MOST_NUMBERS
    plane, shares = joint_plane(paths)
    assert shares.sum() == pytest.approx(1) and shares[0] == pytest.approx(13.5 / 14.5, rel=0.01)
    np.testing.assert_allclose(np.abs(basis(plane) @ flat.T), np.eye(2), atol=0.01)


@pytest.mark.parametrize("paths", [[], [np.zeros((2, 3)), np.zeros((2, 4))], [np.zeros(3)]])
def test_paths_of_different_networks_are_refused(paths):
    with pytest.raises(ValueError, match="of one network"):
        joint_plane(paths)


NUMBERS = st.floats(-1e3, 1e3, width=32) | st.sampled_from([0.0, 1e-30, 1e30, -1e38, np.inf, np.nan])


@settings(max_examples=150, deadline=None)
@given(st.data(), st.integers(2, 6), st.booleans(), st.booleans())
def test_it_never_fails(data, parameters, has_origin, has_previous):
    paths = [
        data.draw(arrays(np.float32, (data.draw(st.integers(0, 5)), parameters), elements=NUMBERS))
        for _ in range(data.draw(st.integers(1, 4)))
    ]
    rng = np.random.default_rng(parameters)
    previous = Plane(np.zeros(parameters), *np.linalg.qr(rng.standard_normal((parameters, 2)))[0].T)
    origin = np.ones(parameters, np.float32) if has_origin else None
    plane, shares = joint_plane(paths, origin, previous if has_previous else None)
    assert_orthonormal(plane)
    assert (shares >= 0).all() and shares.sum() <= 1 + 1e-9
    assert np.isfinite(window(places(plane, paths))).all()


# --- the window ----------------------------------------------------------------------------------------


def test_a_window_worked_by_hand():
    """Twice as wide as high: 4 wide needs a height of 2, with the margin 2.32, so 3; middles in steps of 3/8."""
    left, right, bottom, top = window([np.array([[0.0, 0], [4, 1]])], aspect=2.0)
    assert (right - left, top - bottom) == pytest.approx((6, 3))
    assert ((left + right) / 2, (bottom + top) / 2) == pytest.approx((1.875, 0.375))


def test_a_window_moves_in_steps():
    """A spiral that grows a thousandfold is shown in few windows, of a dozen a power of ten."""
    turn = np.linspace(0, 60, 900)
    spiral = np.exp(turn * np.log(1000) / 60)[:, None] * np.stack([np.cos(turn), np.sin(turn)], 1)
    shown, windows = None, []
    for count in range(1, 901):
        new = window([spiral[:count]], shown)
        if new != shown:
            windows.append(new)
        shown = new
    assert len(windows) <= 36
    back = window([spiral[:900] / 2], shown)
    assert back == shown  # half as large: it stays
    assert window([spiral[:900] / 20], shown) != shown


def test_a_trembling_path_leaves_the_window_alone():
    rng = np.random.default_rng(0)
    path = rng.uniform(-1, 1, (200, 2))
    first = window([path])
    assert {window([path + rng.normal(0, 0.02, path.shape)], first) for _ in range(50)} == {first}


def test_nothing_or_one_place():
    assert window([]) == (-0.5, 0.5, -0.5, 0.5)
    assert window([np.full((3, 2), np.nan)], (0.0, 1.0, 0.0, 1.0)) == (0, 1, 0, 1)
    left, right, bottom, top = window([np.array([[3.0, 3.0]] * 4)])
    assert left < 3 < right and bottom < 3 < top and right - left == pytest.approx(1)
    small = (2.9, 3.1, 2.9, 3.1)
    assert window([np.array([[3.0, 3.0]])], small) == small
    with pytest.raises(ValueError, match="times its height"):
        window([], aspect=0.0)


@settings(max_examples=300, deadline=None)
@given(
    arrays(np.float64, st.tuples(st.integers(0, 6), st.just(2)), elements=st.floats(-1e9, 1e9) | st.floats(-1e-3, 1e-3) | st.sampled_from([np.nan, np.inf, 1e300])),
    st.sampled_from([None, (-1.0, 1.0, -1.0, 1.0), (0.0, 4e5, 0.0, 4e5)]),
    st.sampled_from([1.0, 1.6, 0.5]),
)  # fmt: skip
def test_a_window_covers_everything_and_stays(points, previous, aspect):
    shown = window([points], previous, aspect)
    left, right, bottom, top = shown
    assert np.isfinite(shown).all() and left < right and bottom < top
    within = points[(np.abs(points) <= 1e12).all(axis=1)]
    assert (within >= (left, bottom)).all() and (within <= (right, top)).all()
    if shown != previous:
        assert (right - left) / (top - bottom) == pytest.approx(aspect, rel=1e-6)
    assert window([points], shown, aspect) == shown
