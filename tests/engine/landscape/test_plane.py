"""Landscapes: a cell is the loss at its weights, projections are least squares, directions what they say."""

import json
import runpy
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine.landscape.plane
from engine import MLP, DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine import landscape as ls
from engine.landscape.directions import path_directions, random_directions
from engine.landscape.plane import CHUNK_NUMBERS, COARSEST, Plane, axis

HERE = Path(__file__).parents[1]


@pytest.fixture(scope="module", params=["float32", "float64"])
def trained(request):
    config = ExperimentConfig(
        DatasetConfig("moons", samples=80),
        NetworkConfig((6, 5)),
        dtype=request.param,
        lanes=(LaneConfig("adam", 0.02),),
    )
    experiment = Experiment(config)
    path = [experiment.theta(0)]
    for _ in range(30):
        experiment.step(5)
        path.append(experiment.theta(0))
    return experiment, np.stack(path)


def pieces(trained):
    experiment, path = trained
    return experiment.mlp(0), experiment.theta(0), experiment.X_train, experiment.data.y_train, path


def slanted(theta, seed=0):
    """Directions that are neither orthogonal nor of unit length."""
    d1, d2 = np.random.default_rng(seed).normal(size=(2, len(theta)))
    return d1, 0.1 * d2 + 2 * d1


# --- exactness ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resolution", [3, 25, 51])
def test_the_centre_cell_is_the_loss_of_the_point_to_the_last_bit(trained, resolution):
    mlp, theta, X, y, _ = pieces(trained)
    places = axis(0.7, resolution)
    loss = Plane(theta, *slanted(theta)).loss(mlp, places, places, X, y)
    centre = loss[resolution // 2, resolution // 2]
    assert centre == mlp.loss(theta[None], X, y)[0]
    assert float(centre) == trained[0].history.train_loss[-1, 0]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_centre_holds_to_the_last_bit_at_full_resolution_and_while_refining(dtype):
    mlp = MLP((2, 16, 16, 1), ("tanh", "relu"), "binary_cross_entropy")
    rng = np.random.default_rng(3)
    theta = mlp.initialize(rng, 1, dtype=np.dtype(dtype))[0]
    X, y = rng.normal(size=(60, 2)).astype(dtype), np.arange(60) % 2
    alone = mlp.loss(theta[None], X, y)[0]
    for state in Plane(theta, *slanted(theta)).refine(mlp, 2.0, 151, X, y):
        if len(state.alphas):
            at = list(state.alphas).index(0)
            assert state.loss[at, at] == alone


def test_every_cell_is_the_loss_of_the_network_set_to_those_weights(trained):
    mlp, theta, X, y, _ = pieces(trained)
    d1, d2 = slanted(theta)
    alphas, betas = np.array([-1, 0.25, 0.5, 3]), np.array([0.1, -2])
    loss = Plane(theta, d1, d2).loss(mlp, alphas, betas, X, y)
    assert loss.shape == (2, 4)
    tolerance = 1e-5 if theta.dtype == np.float32 else 1e-12
    for (i, b), (j, a) in product(enumerate(betas), enumerate(alphas)):
        there = (theta + a * d1 + b * d2).astype(theta.dtype)
        assert loss[i, j] == pytest.approx(mlp.loss(there[None], X, y)[0], rel=tolerance)
    points = Plane(theta, d1, d2).points(alphas, betas)
    assert np.array_equal(loss.reshape(-1), mlp.loss(points, X, y))


def recording():
    """What PyTorch computed, and the functions of the script that recorded it."""
    script = runpy.run_path(str(HERE / "recorded" / "record_landscape.py"))
    text = (HERE / "recorded" / "landscape_torch.json").read_text(encoding="utf-8")
    return json.loads(text), script["numbers"], script["torch_loss"]


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("float64", 1e-12)])
def test_slices_agree_with_pytorch(dtype, tolerance):
    recorded, numbers, _ = recording()
    theta, d1, d2, X, y = numbers()
    mlp = MLP((3, 6, 5, 3), ("tanh", "tanh"), "cross_entropy")
    plane = Plane(theta.astype(dtype), d1, d2)
    loss = plane.loss(mlp, recorded["alphas"], recorded["betas"], X, y)
    assert np.allclose(loss, recorded["float64"], rtol=tolerance, atol=0)
    assert np.allclose(loss, recorded[dtype], rtol=tolerance, atol=0)


def test_the_recording_is_what_pytorch_computes_here():
    torch = pytest.importorskip("torch")
    recorded, numbers, torch_loss = recording()
    theta, d1, d2, X, y = numbers()
    point = theta + recorded["alphas"][1] * d1 + recorded["betas"][2] * d2
    assert torch_loss(torch.tensor(point), X, y).item() == pytest.approx(recorded["float64"][2][1], rel=1e-12)


def test_penalties_are_added_to_each_cell(trained):
    mlp, theta, X, y, _ = pieces(trained)
    plane, places = Plane(theta, *slanted(theta)), axis(1, 3)
    plain = plane.loss(mlp, places, places, X, y)
    whole = plane.loss(mlp, places, places, X, y, l1=0.01, l2=0.3)
    for index, point in enumerate(plane.points(places, places).astype(float)):
        W = np.concatenate([W.reshape(-1) for W, _ in mlp.unflatten(point[None])])
        added = 0.01 * np.abs(W).sum() + 0.15 * (W**2).sum()
        assert whole.flat[index] - plain.flat[index] == pytest.approx(added, rel=1e-4)


def test_nothing_is_changed_in_place(trained):
    mlp, theta, X, y, path = pieces(trained)
    d1, d2 = slanted(theta)
    before = [a.copy() for a in (theta, d1, d2, X, y, path)]
    plane = Plane(theta, d1, d2)
    plane.loss(mlp, axis(1, 5), axis(1, 5), X, y)
    plane.project(path)
    random_directions(mlp, theta, np.random.default_rng(0))
    path_directions(path)
    assert all(np.array_equal(a, b) for a, b in zip(before, (theta, d1, d2, X, y, path), strict=True))


def test_memory_does_not_grow_with_the_resolution(monkeypatch):
    mlp, sizes = MLP((2, 16, 16, 1), ("tanh", "tanh"), "binary_cross_entropy"), []
    theta = mlp.initialize(np.random.default_rng(0), 1)[0]
    monkeypatch.setattr(
        engine.landscape.plane,
        "losses_at",
        lambda mlp, theta, *rest: sizes.append(theta.nbytes) or np.zeros(len(theta)),
    )
    Plane(theta, *slanted(theta)).loss(mlp, axis(1, 151), axis(1, 151), np.zeros((9, 2)), np.zeros(9))
    assert max(sizes) <= 8 * CHUNK_NUMBERS
    assert sum(sizes) == 151**2 * 8 * len(theta)


# --- refinement ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resolution", [2, 3, 9, 25, 26, 51, 64])
def test_refining_ends_with_the_whole_slice(trained, resolution):
    mlp, theta, X, y, _ = pieces(trained)
    plane = Plane(theta, *slanted(theta))
    states = list(plane.refine(mlp, 0.5, resolution, X, y, l2=0.1))
    places = axis(0.5, resolution)
    assert np.array_equal(states[-1].loss, plane.loss(mlp, places, places, X, y, l2=0.1))
    assert np.array_equal(states[-1].alphas, places) and np.array_equal(states[-1].betas, places)
    progress = [state.progress for state in states]
    assert progress == sorted(progress) and progress[-1] == 1
    grids = list({len(state.alphas): state for state in states if len(state.alphas)}.values())
    assert len(grids[0].alphas) <= 2 * COARSEST
    for coarse, fine in pairwise(grids):
        assert set(coarse.alphas) < set(fine.alphas)
    for state in grids:
        assert {places[0], places[-1]} <= set(state.alphas)
        assert places[(resolution - 1) // 2] in state.alphas
        at = [list(places).index(a) for a in state.alphas]
        assert np.array_equal(state.loss, states[-1].loss[np.ix_(at, at)])


def test_refining_gives_something_to_stop_at_often():
    mlp = MLP((2, 16, 16, 1), ("tanh", "tanh"), "binary_cross_entropy")
    theta = mlp.initialize(np.random.default_rng(0), 1)[0]
    X, y = np.random.default_rng(1).normal(size=(20, 2)), np.arange(20) % 2
    progress = [state.progress for state in Plane(theta, *slanted(theta)).refine(mlp, 1, 101, X, y)]
    assert max(np.diff(progress)) < 0.05


def test_an_axis_is_symmetric_with_an_exact_zero():
    for resolution in (2, 3, 25, 50, 151):
        places = axis(0.3, resolution)
        assert np.array_equal(places, -places[::-1])
        assert places[-1] == 0.3 and len(places) == resolution
        assert resolution % 2 == 0 or places[resolution // 2] == 0
    for bad in [(0, 5), (1, 1), (float("nan"), 5)]:
        with pytest.raises(ValueError):
            axis(*bad)


# --- projections --------------------------------------------------------------------------------------------


@given(st.integers(0, 10**6), st.floats(-1, 1), st.floats(1e-6, 1e6), st.integers(3, 30))
@settings(max_examples=60, deadline=None)
def test_projection_gives_coordinates_back_and_distances_off_the_plane(seed, slant, size, parameters):
    """Also for directions that are almost parallel or of very different lengths."""
    rng = np.random.default_rng(seed)
    origin, d1, other, off = rng.normal(size=(4, parameters))
    d2 = size * (slant * d1 + 0.1 * other)
    coordinates = rng.normal(size=(7, 2)) * [1, 1 / size]
    basis = np.linalg.qr(np.stack([d1, d2], axis=1))[0]
    off -= basis @ (basis.T @ off)
    heights = np.arange(7) * 0.5
    points = origin + coordinates @ np.stack([d1, d2]) + heights[:, None] * off / np.linalg.norm(off)
    got, distances = Plane(origin, d1, d2).project(points)
    assert np.allclose(got * [1, size], coordinates * [1, size], atol=1e-7)
    assert np.allclose(distances, heights, atol=1e-7)


def test_projection_is_least_squares_and_not_dot_products():
    plane = Plane(np.zeros(3), np.array([2.0, 0, 0]), np.array([1.0, 1, 0]))
    coordinates, distances = plane.project(np.array([[3.0, 1, 4], [0, 0, 0]]))
    assert np.allclose(coordinates, [[1, 1], [0, 0]])
    assert np.allclose(distances, [4, 0])


def test_projection_on_directions_that_span_no_plane_is_the_shortest():
    coordinates, distances = Plane(np.zeros(2), np.array([1.0, 0]), np.zeros(2)).project(np.array([[2.0, 1]]))
    assert np.allclose(coordinates, [[2, 0]]) and np.allclose(distances, 1)


def test_rows_that_do_not_fit_are_refused():
    for origin, d1 in [
        (np.zeros(3), np.zeros(2)),
        (np.zeros(2), np.full(2, np.nan)),
        (np.zeros((2, 2)), np.zeros(2)),
    ]:
        with pytest.raises(ValueError, match="one row"):
            Plane(origin, d1, np.zeros(2))


# --- directions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("normalize", ["filter", "layer", "none"])
def test_random_directions_have_the_lengths_of_theta_and_no_biases(normalize):
    mlp = MLP((3, 5, 4, 2), ("relu", "relu"), "cross_entropy")
    rng = np.random.default_rng(0)
    theta = mlp.initialize(rng, 1)[0] + rng.normal(size=mlp.parameter_count)
    directions = random_directions(mlp, theta, np.random.default_rng(1), normalize)
    assert not np.allclose(*directions)
    for direction in directions:
        for (W, b), (own, _) in zip(mlp.unflatten(direction[None]), mlp.unflatten(theta[None]), strict=True):
            assert not b.any() and W.any()
            if normalize == "filter":
                for neuron in range(W.shape[2]):
                    lengths = (np.linalg.norm(a[0, :, neuron]) for a in (W, own))
                    assert next(lengths) == pytest.approx(next(lengths))
            if normalize == "layer":
                assert np.linalg.norm(W) == pytest.approx(np.linalg.norm(own))
    again = random_directions(mlp, theta, np.random.default_rng(1), normalize)
    assert np.array_equal(directions, again)
    if normalize == "none":
        assert np.std(directions[0][mlp.weight_mask]) == pytest.approx(1, abs=0.3)


def test_a_neuron_whose_weights_are_all_zero_gets_no_direction():
    """As long as its own weights (Li et al. 2018) is 0; its neighbours' directions are as long as theirs."""
    mlp = MLP((2, 3, 1), ("tanh",), "binary_cross_entropy")
    theta = np.arange(1.0, 14.0)
    (W, _), _ = mlp.unflatten(theta[None])
    W[0, :, 1] = 0
    for direction in random_directions(mlp, theta, np.random.default_rng(0), "filter"):
        (D, _), _ = mlp.unflatten(direction[None])
        assert not D[0, :, 1].any()
        np.testing.assert_allclose(np.linalg.norm(D[0], axis=0), np.linalg.norm(W[0], axis=0))
    for normalize in ("filter", "layer"):
        directions = random_directions(mlp, np.zeros(13), np.random.default_rng(0), normalize)
        assert not np.any(directions)
    with pytest.raises(ValueError, match="zebra"):
        random_directions(mlp, np.zeros(mlp.parameter_count), np.random.default_rng(0), "zebra")


@pytest.mark.parametrize("seed", range(4))
def test_a_path_ends_further_along_each_of_its_directions_than_it_began(seed):
    path = np.cumsum(np.random.default_rng(seed).normal(size=(30, 7)), axis=0)
    d1, d2, _ = path_directions(path)
    assert (path[-1] - path[0]) @ d1 > 0 and (path[-1] - path[0]) @ d2 > 0
    back1, back2, _ = path_directions(path[::-1])
    np.testing.assert_allclose([back1, back2], [-d1, -d2], atol=1e-9)


def test_a_path_that_lies_in_a_plane_keeps_its_distances_on_its_own_plane():
    rng = np.random.default_rng(0)
    flat = np.cumsum(rng.normal(size=(40, 2)), axis=0)
    path = flat @ rng.normal(size=(2, 20)) + rng.normal(size=20)
    d1, d2, share = path_directions(path)
    assert share.sum() == pytest.approx(1) and share[0] > share[1]
    coordinates, off = Plane(path[-1], d1, d2).project(path)
    assert np.allclose(off, 0, atol=1e-9)
    between = np.linalg.norm(path[:, None] - path[None], axis=2)
    assert np.allclose(np.linalg.norm(coordinates[:, None] - coordinates[None], axis=2), between)


def test_a_real_path_and_its_principal_plane(trained):
    *_, path = pieces(trained)
    d1, d2, share = path_directions(path)
    assert np.allclose([d1 @ d1, d2 @ d2, d1 @ d2], [1, 1, 0], atol=1e-12)
    assert 0 <= share[1] <= share[0] <= 1
    coordinates, off = Plane(path.mean(axis=0).astype(float), d1, d2).project(path)
    centred = path.astype(float) - path.astype(float).mean(axis=0)
    # Pythagoras: what the plane shows and what it hides add up to the whole path
    assert np.allclose((coordinates**2).sum(axis=1) + off**2, (centred**2).sum(axis=1), rtol=1e-6)
    assert ((coordinates**2).sum(axis=0) / (centred**2).sum()) == pytest.approx(share, rel=1e-5)
    assert (coordinates[-1] >= coordinates[0]).all()
    # no other pair of directions explains more
    rng = np.random.default_rng(0)
    for _ in range(50):
        q = np.linalg.qr(np.stack([d1, d2], axis=1) + 0.3 * rng.normal(size=(len(d1), 2)))[0]
        assert ((centred @ q) ** 2).sum() <= share.sum() * (centred**2).sum() * (1 + 1e-9)


@pytest.mark.parametrize(
    "path", [np.ones((1, 4)), np.ones((5, 4)), np.outer(np.arange(4), [1, 2, 3]), np.eye(2)]
)
def test_a_path_without_two_dimensions_gets_directions_all_the_same(path):
    d1, d2, share = path_directions(path)
    assert np.allclose([d1 @ d1, d2 @ d2, d1 @ d2], [1, 1, 0], atol=1e-12)
    assert share[1] == pytest.approx(0, abs=1e-12)
    _, off = Plane(path[-1].astype(float), d1, d2).project(path)
    assert np.allclose(off, 0, atol=1e-12)


def test_coordinate_directions_are_two_weights():
    mlp = MLP((2, 3, 1), ("tanh",), "binary_cross_entropy")
    first, second = ls.weight_index(mlp, 0, 1, 2), ls.weight_index(mlp, 1, 2, 0)
    d1, d2 = ls.coordinate_directions(mlp.parameter_count, first, second)
    point = Plane(np.zeros(mlp.parameter_count), d1, d2).points(np.array([5.0]), np.array([7.0]))
    (W1, b1), (W2, b2) = mlp.unflatten(point)
    assert W1[0, 1, 2] == 5 and W2[0, 2, 0] == 7
    assert W1.sum() == 5 and W2.sum() == 7 and not b1.any() and not b2.any()
    for bad in [(0, 0), (-1, 2), (0, mlp.parameter_count)]:
        with pytest.raises(ValueError):
            ls.coordinate_directions(mlp.parameter_count, *bad)


# --- lines and points ---------------------------------------------------------------------------------------


def test_a_line_ends_at_its_ends_to_the_last_bit(trained):
    mlp, theta, X, y, path = pieces(trained)
    t = np.linspace(-0.5, 1.5, 41)
    t[10], t[30] = 0, 1
    losses = ls.line_loss(mlp, path[0], theta, t, X, y)
    ends = mlp.loss(np.stack([path[0], theta]), X, y)
    assert losses[10] == ends[0] and losses[30] == ends[1]


def test_a_barrier_is_the_rise_above_the_straight_line():
    t = np.linspace(0, 1, 5)
    assert ls.barrier(t, np.array([1, 1.5, 4, 2.5, 3])) == (pytest.approx(2), 0.5)
    assert ls.barrier(t, np.array([1.0, 1.2, 1.5, 2, 3]))[0] == 0


def test_a_barriers_place_is_a_t_and_no_share():
    assert ls.barrier(np.array([2.0, 3.0, 6.0]), np.array([1.0, 5.0, 1.0])) == (4.0, 3.0)


@pytest.mark.parametrize("layer", [0, 1])
def test_permuted_units_are_another_point_with_the_same_function(trained, layer):
    mlp, theta, X, y, _ = pieces(trained)
    order = np.roll(np.arange(mlp.layer_sizes[layer + 1]), 1)
    moved = ls.permute_units(mlp, theta, layer, order)
    assert np.linalg.norm(moved - theta) > 0.1
    assert np.allclose(mlp.forward(moved[None], X), mlp.forward(theta[None], X), rtol=1e-4, atol=1e-5)
    t = np.linspace(0, 1, 21)
    losses = ls.line_loss(mlp, theta, moved, t, X, y)
    assert losses[0] == pytest.approx(losses[-1], rel=1e-4)
    height, place = ls.barrier(t, losses)
    assert height >= 0
    if layer == 0:  # between the two minima the loss rises
        assert height > 0.01 and 0 < place < 1
