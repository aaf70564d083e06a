"""A point named rightly, and a path told truly: closed forms, hand-made surfaces, the network itself."""

import numpy as np
import pytest

from engine import MLP, DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.landscape.directions import path_directions, random_directions
from engine.landscape.path_on_plane import explained_by, orthonormal, path_on_plane
from engine.landscape.plane import Plane
from engine.landscape.point import (
    FOREVER,
    TITLES,
    classify,
    examine,
    examine_steps,
    gain_of_a_step,
    separates,
)
from engine.shown import short_number


@pytest.mark.parametrize(
    ("loss", "gain", "low", "high", "kind"),
    [
        (0.1, 1e-5, 0.2, 3.0, "minimum"),
        (0.1, 1e-5, 1e-6, 3.0, "undecided"),
        (0.1, 1e-5, -1e-6, 3.0, "undecided"),
        (0.1, 1e-5, -3.0, 1e-6, "undecided"),
        (0.1, 0.0, -0.4, 0.4, "saddle"),
        (0.7, 1e-9, -1e-7, 1e-5, "plateau"),
        (0.7, 1e-9, -2.0, -0.1, "maximum"),
        (0.7, 0.02, -0.5, 3.0, "slope"),
        (0.7, 0.02, 0.5, 3.0, "slope"),
        (1e-5, 1e-6, 0.5, 3.0, "slope"),  # little, but much of a small loss
        (1e-20, 1e-20, 0.5, 3.0, "minimum"),  # nothing is left that a number could show
    ],
)
def test_points_are_named_with_their_numbers(loss, gain, low, high, kind):
    name, sentence = classify(loss, 0.0123, gain, low, high, reach=2.0)
    assert name == kind and name in TITLES
    for number in (0.0123, low, high):
        assert short_number(number) in sentence


def test_where_the_data_are_separated_there_is_no_resting_point_however_small_the_gain():
    assert classify(0.1, 0.0123, 0.0, 0.2, 3.0, reach=2.0)[0] == "minimum"
    name, sentence = classify(0.1, 0.0123, 0.0, 0.2, 3.0, reach=2.0, forever=True)
    assert name == "slope" and sentence.endswith(FOREVER)


def test_what_a_step_could_gain_by_hand():
    """One parameter: g²/2(|λ| + |g|/r). With a short reach the length counts, with a long one the curvature."""
    one = (np.array([2.0]), np.array([[1.0]]))
    assert gain_of_a_step(np.array([0.5]), *one, reach=1e9) == pytest.approx(0.5**2 / (2 * 2))
    assert gain_of_a_step(np.array([0.5]), *one, reach=0.1) == pytest.approx(0.5**2 / (2 * 7))
    assert gain_of_a_step(np.zeros(1), *one, reach=1.0) == 0
    rng = np.random.default_rng(0)
    A = rng.standard_normal((6, 6))
    values, vectors = np.linalg.eigh(A + A.T)
    g, size = rng.standard_normal(6), np.abs(values)
    whole = gain_of_a_step(g, values, vectors.T, 3.0)
    damped = vectors * (size + np.linalg.norm(g) / 3.0) @ vectors.T
    step = -np.linalg.solve(damped, g)
    assert whole == pytest.approx(-0.5 * g @ step) and np.linalg.norm(step) <= 3
    assert -(g @ step) - 0.5 * step @ (vectors * size @ vectors.T) @ step >= whole  # the model's decrease
    known = [0, 5]  # of a large network only the ends are known
    assert 0 < gain_of_a_step(g, values[known], vectors.T[known], 3.0) <= whole


def test_a_trained_network_of_separable_data_does_not_rest():
    """Circles with Adam: the loss is small and so is the gradient, but both go on falling."""
    config = ExperimentConfig(
        DatasetConfig("circles", samples=120, noise=0.0),
        NetworkConfig((8, 8)),
        lanes=(LaneConfig("adam", 0.02),),
    )
    experiment = Experiment(config)
    experiment.step(600)
    mlp, theta = experiment.mlp(0), experiment.theta(0)
    X, y = experiment.X_train, experiment.data.y_train
    point = examine(mlp, theta, X, y)
    assert point.loss < 1e-3 and point.gradient_norm < 0.01
    assert point.kind == "slope" and "no resting point" in point.sentence and point.gain > 0.1 * point.loss
    larger = theta.astype(float)
    larger[mlp.slots[-1][0]] *= 1.5  # as the sentence says: a larger last layer, a lower loss
    assert mlp.loss(larger[None], X, y)[0] < 0.8 * point.loss
    experiment.step(600)
    assert experiment.history.train_loss[-1, 0] < 0.5 * point.loss
    penalised = examine(mlp, theta, X, y, l2=0.01)
    assert "no resting point" not in penalised.sentence


@pytest.mark.parametrize(("loss", "classes"), [("binary_cross_entropy", 2), ("cross_entropy", 3)])
def test_separated_means_every_sample_right(loss, classes):
    outputs = 1 if classes == 2 else 3
    mlp, X = MLP((1, outputs), (), loss), np.array([[-1.0], [1.0], [2.0]])
    theta = np.array([[3.0, 0.0]]) if classes == 2 else np.array([[-3.0, 0.0, 3.0, 0.0, 0.1, 0.0]])
    right = np.array([0.0, 1.0, 1.0]) if classes == 2 else np.array([0, 2, 2])
    wrong = np.array([0.0, 1.0, 0.0]) if classes == 2 else np.array([0, 2, 1])
    assert separates(mlp, theta, X, right) and not separates(mlp, theta, X, wrong)
    assert not separates(MLP((1, 1), (), "mean_squared_error"), np.array([[3.0, 0.0]]), X, right)
    squashed = MLP((1, outputs), ("sigmoid",), "mean_squared_error")
    assert not separates(squashed, theta, X, right)


def test_a_regularised_network_at_its_end_is_a_minimum():
    """Newton on a convex problem ends where nothing can be gained and every direction curves up."""
    config = ExperimentConfig(
        DatasetConfig("moons", samples=60), NetworkConfig(()), lanes=(LaneConfig("newton", 1.0, l2=0.1),), batch_size=5000
    )  # fmt: skip
    experiment = Experiment(config)
    experiment.step(30)
    X, y = experiment.data.X_train, experiment.data.y_train
    point = examine(experiment.mlp(0), experiment.theta(0), X, y, l2=0.1)
    assert point.kind == "minimum" and point.lowest > 0 and point.gain < 1e-9


def test_the_least_squares_solution_is_a_minimum_with_the_known_spectrum():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 3)), rng.normal(size=50)
    full = np.column_stack([X, np.ones(50)])
    theta = np.linalg.lstsq(full, y, rcond=None)[0]
    expected = np.linalg.eigvalsh(2 * full.T @ full / 50)
    point = examine(MLP((3, 1), (), "mean_squared_error"), theta, X, y)
    assert point.kind == "minimum" and point.negative == 0
    assert point.spectrum == pytest.approx(expected[::-1], rel=1e-6)
    assert point.ratio == pytest.approx(expected[0] / expected[-1], rel=1e-6)
    assert point.loss == pytest.approx(((full @ theta - y) ** 2).mean())
    away = examine(MLP((3, 1), (), "mean_squared_error"), theta + 1, X, y)
    assert away.kind == "slope" and "still falls" in away.sentence


def test_two_weights_in_a_row_have_their_saddle_at_zero():
    """L = mean (y − w₂w₁x)²: at zero, H = [[0, −2xy], [−2xy, 0]] with eigenvalues ±2·mean(xy)."""
    X, y = np.array([[1.0], [2.0], [-1.0], [-2.0]]), np.array([0.5, 1.0, -0.5, -1.0])
    mlp = MLP((1, 1, 1), ("identity",), "mean_squared_error")
    point = examine(mlp, np.zeros(4), X, y)
    assert point.kind == "saddle" and point.negative == 1
    assert point.lowest == pytest.approx(-2 * 1.25, rel=1e-6)
    assert point.ratio == pytest.approx(2.5 / point.highest, rel=1e-6)


def test_penalties_count_and_a_deep_zero_is_a_plateau():
    X, y = np.random.default_rng(0).normal(size=(40, 2)), np.arange(40) % 2
    deep = MLP((2, 4, 4, 1), ("tanh", "tanh"), "quadratic")
    theta = np.zeros(deep.parameter_count)
    theta[-1] = 0.5  # the mean: no slope at all
    point = examine(deep, theta, X, y, l2=0.3)
    assert point.kind == "undecided"  # all λ ≥ 0 is not enough for a minimum
    assert point.lowest == pytest.approx(0, abs=1e-12)  # biases carry no penalty
    assert np.sort(point.spectrum)[-2] == pytest.approx(0.3, rel=1e-6)
    sloped = examine(deep, np.where(deep.weight_mask, 1.0, theta), X, y, l1=0.1)
    flat = examine(deep, np.where(deep.weight_mask, 1.0, theta), X, y)
    assert sloped.loss - flat.loss == pytest.approx(0.1 * deep.weight_mask.sum())
    dead = MLP((2, 3, 1), ("relu",), "mean_squared_error")
    nothing = np.zeros(dead.parameter_count)
    nothing[6:9] = -100  # every neuron off, far from waking: only the output's bias moves anything
    assert examine(dead, nothing, X, np.zeros(40)).kind == "undecided"


def test_what_is_not_a_number_is_said():
    mlp = MLP((2, 3, 1), ("tanh",), "mean_squared_error")
    point = examine(mlp, np.full(mlp.parameter_count, np.nan), np.ones((4, 2)), np.ones(4))
    assert "not a finite number" in point.sentence


def test_a_large_network_is_examined_step_by_step_with_the_same_end():
    mlp = MLP((2, 30, 30, 1), ("tanh", "tanh"), "binary_cross_entropy")
    rng = np.random.default_rng(0)
    theta, X, y = mlp.initialize(rng, 1)[0], rng.normal(size=(20, 2)), np.arange(20) % 2
    *steps, point = examine_steps(mlp, theta, X, y)
    assert len(steps) > 50 and not any(steps)
    whole = examine(mlp, theta, X, y)
    assert (point.sentence, point.lowest, point.highest) == (whole.sentence, whole.lowest, whole.highest)
    assert point.negative is None  # not every eigenvalue is known


# --- paths --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained():
    config = ExperimentConfig(
        DatasetConfig("moons", samples=80), NetworkConfig((6, 5)), lanes=(LaneConfig("adam", 0.02),)
    )
    experiment = Experiment(config)
    path = [experiment.theta(0)]
    for _ in range(30):
        experiment.step(5)
        path.append(experiment.theta(0))
    return experiment, np.stack(path)


def test_a_path_carries_its_true_losses_and_those_that_the_plane_shows(trained):
    experiment, path = trained
    mlp, X, y = experiment.mlp(0), experiment.X_train, experiment.data.y_train
    d1, d2 = random_directions(mlp, path[-1], np.random.default_rng(0))
    plane = Plane(path[-1], d1, d2 + 2 * d1)  # not orthogonal
    drawn = path_on_plane(mlp, plane, path, X, y)
    for k in (0, 7, 30):
        assert drawn.true[k] == pytest.approx(mlp.loss(path[k : k + 1], X, y)[0], rel=1e-5)
        a, b = drawn.coordinates[k]
        assert drawn.shown[k] == pytest.approx(plane.loss(mlp, [a], [b], X, y)[0, 0], rel=1e-4)
        foot = path[-1] + a * plane.d1 + b * plane.d2
        assert drawn.distances[k] == pytest.approx(np.linalg.norm(path[k] - foot), rel=1e-4, abs=1e-5)
    assert drawn.distances[-1] == pytest.approx(0, abs=1e-9) and not drawn.misleading[-1]
    assert drawn.misleading[0]
    worst = int(np.argmax(np.where(drawn.misleading, abs(drawn.shown - drawn.true), -1)))
    warning = drawn.warning()
    assert f"{drawn.shown[worst]:.3g}" in warning and f"{drawn.true[worst]:.3g}" in warning
    assert f"{int(drawn.misleading.sum())} of 31 points" in warning


def test_a_plane_that_tells_the_truth_gives_no_warning(trained):
    experiment, path = trained
    mlp, X, y = experiment.mlp(0), experiment.X_train, experiment.data.y_train
    d1, d2 = np.eye(len(path[0]))[[0, 9]]
    inside = path[-1] + np.outer([0.1, 0.2, 0.3], d1) + np.outer([0.3, -0.1, 0], d2)
    drawn = path_on_plane(mlp, Plane(path[-1].astype(float), d1, d2), inside, X, y)
    assert drawn.warning() == "" and not drawn.misleading.any()
    assert drawn.explained == pytest.approx(1)


def test_the_explained_share_is_the_principal_directions_share_and_one_for_points_of_the_plane(trained):
    _, path = trained
    d1, d2, share = path_directions(path)
    for e1, e2 in ((d1, d2), (3 * d1, d2 + 5 * d1)):  # the same plane, however it is spanned
        assert explained_by(Plane(path[0], e1, e2), path) == pytest.approx(share.sum(), rel=1e-6)
    assert explained_by(Plane(path[0], d1, 0 * d1), path) == pytest.approx(share[0], rel=1e-6)
    assert explained_by(Plane(path[0], d1, d2), path[:1]) == 1


def test_a_diverged_point_misleads_and_is_no_trouble(trained):
    experiment, path = trained
    mlp, X, y = experiment.mlp(0), experiment.X_train, experiment.data.y_train
    plane = Plane(path[-1], *random_directions(mlp, path[-1], np.random.default_rng(0)))
    drawn = path_on_plane(mlp, plane, np.stack([path[0] * 1e30, path[-1]]), X, y)
    assert drawn.misleading.shape == (2,) and isinstance(drawn.warning(), str)


def test_orthonormal_directions_span_the_same_plane():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 9))
    b = 100 * a + 0.1 * b
    u, v = orthonormal(a, b)
    assert np.allclose([u @ u, v @ v, u @ v], [1, 1, 0], atol=1e-9)
    assert Plane(np.zeros(9), u, v).project(np.stack([a, b]))[1] == pytest.approx([0, 0], abs=1e-9)
    for bad in ((a, 2 * a), (0 * a, b), (a, 0 * a)):
        with pytest.raises(ValueError, match="one line"):
            orthonormal(*bad)
