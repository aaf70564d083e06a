"""Every help text of a registry, beside what it says in numbers. A text that is changed has to be checked again: each table
holds the whole text, and all texts that there are."""

import numpy as np
import pytest

from engine import ACTIVATIONS, DATASETS, INITIALIZERS, LOSSES, OPTIMIZERS, SCHEDULES, DatasetConfig
from engine.data.curves import CURVES
from engine.data.load import load_dataset, shipped
from engine.limits import FIELDS, PAGE_LAYERS, PAGE_NEURONS
from engine.methods.objective import Objective
from engine.methods.schedules import COMMON
from engine.network.losses import prepare
from engine.network.mlp import MLP

Z = np.linspace(-9, 9, 3601)


def value(key, z=Z):
    out = np.empty_like(z)
    ACTIVATIONS[key].value(np.asarray(z, float), out)
    return out


def slope(key, z=Z):
    out = np.empty_like(z)
    ACTIVATIONS[key].slope(np.asarray(z, float), value(key, z), out)
    return out


def is_smooth(key):
    """No jump of the slope between neighbouring places that is larger than a bend makes."""
    return np.abs(np.diff(slope(key))).max() < 0.01


ACTIVATION_SENTENCES = {
    "identity": ("Passes its input through: the network stays linear.", lambda: (value("identity") == Z).all()),
    "threshold": (
        "A step: its slope is zero, so gradient descent sees nothing.",
        lambda: set(value("threshold")) == {0, 1} and not slope("threshold").any(),
    ),
    "sigmoid": (
        "Squashes into 0 to 1; flat, so slow, far from zero.",
        lambda: 0 < value("sigmoid").min() < value("sigmoid").max() < 1 and slope("sigmoid")[[0, -1]].max() < 2e-4,
    ),
    "tanh": (
        "Squashes into −1 to 1, centred on zero.",
        lambda: np.allclose(value("tanh"), -value("tanh")[::-1]) and 0.99 < np.abs(value("tanh")).max() <= 1,
    ),
    "relu": (
        "Zero below zero, unchanged above: fast, but can die.",
        lambda: not value("relu")[Z < 0].any() and (value("relu")[Z > 0] == Z[Z > 0]).all() and not slope("relu")[Z < 0].any(),
    ),
    "leaky_relu": ("ReLU with a small slope below zero, so it cannot die.", lambda: (slope("leaky_relu") > 0).all()),
    "elu": (
        "ReLU with a smooth bend to −1.",
        lambda: is_smooth("elu") and (value("elu")[Z > 0] == Z[Z > 0]).all() and -1 < value("elu").min() < -0.999,
    ),
    "softplus": ("A smooth ReLU.", lambda: is_smooth("softplus") and np.abs(value("softplus") - value("relu"))[[0, -1]].max() < 1e-3),
    "gelu": (
        "A smooth ReLU that dips below zero; used in transformers.",
        lambda: is_smooth("gelu") and -0.2 < value("gelu").min() < -0.1 and np.abs(value("gelu") - value("relu"))[[0, -1]].max() < 1e-3,
    ),
    "silu": ("Also called swish: z times its own sigmoid.", lambda: np.allclose(value("silu"), Z * value("sigmoid"))),
    "sine": (
        "Periodic: fits waves, and makes a bumpy loss.",
        lambda: np.allclose(value("sine"), value("sine", Z + 2 * np.pi)) and np.ptp(np.sign(slope("sine"))) == 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("key", ACTIVATION_SENTENCES)
def test_an_activation_is_what_its_help_says(key):
    text, holds = ACTIVATION_SENTENCES[key]
    assert ACTIVATIONS[key].help == text
    assert holds()


# --- methods -------------------------------------------------------------------------------------------------------------


def steps(key, gradients, rate=0.1, start=(1.0, 1.0), **options):
    """The steps (T, P) of a first-order method that is given these gradients (T, P)."""
    theta = np.array([start], float)
    method = OPTIMIZERS[key](lanes=1, parameters=theta.shape[1], learning_rate=rate, **options)
    made = []
    for g in gradients:
        before = theta.copy()
        method.step(theta, np.array([g], float))
        made.append((theta - before)[0])
    return np.array(made)


def path(key, updates, start=1.0, rate=0.1, **options):
    """Where a method is on the parabola x²/2 (T,)."""
    x, places = np.array([[start]]), []
    method = OPTIMIZERS[key](lanes=1, parameters=1, learning_rate=rate, **options)
    for _ in range(updates):
        method.step(x, x.copy())
        places.append(x[0, 0])
    return np.array(places)


UNEQUAL = [(1.0, 1000.0)] * 400
LARGE_ONCE = [(0.01, 0.01)] * 20 + [(100.0, 0.01)] + [(0.01, 0.01)] * 3000


def bumps_jumped(key, **options):
    """Where a ball on x²/40 + 0.1 cos 4x comes to rest that starts at 6."""
    x = np.array([[6.0]])
    method = OPTIMIZERS[key](lanes=1, parameters=1, learning_rate=0.05, **options)
    for _ in range(3000):
        method.step(x, 0.1 * x - 0.4 * np.sin(4 * x))
    return abs(x[0, 0])


def quadratic_in(parameters):
    """A quadratic with curvatures 1 to 100, and what its minimiser is asked for: [gradients by products, gradients]."""
    H, asked = np.diag(np.geomspace(1, 100, parameters)), [0, 0]

    def evaluate(theta, lanes):
        asked[1] += len(theta)
        return 0.5 * np.einsum("ri,ij,rj->r", theta, H, theta), theta @ H

    def hessian(theta, lane):
        asked[0] += theta.size
        return H

    return Objective(evaluate, lambda theta, lanes: evaluate(theta, lanes)[0], hessian), asked


def updates_to_the_minimum(key, parameters=6, most=60, **options):
    objective, asked = quadratic_in(parameters)
    theta = np.ones((1, parameters))
    method = OPTIMIZERS[key](lanes=1, parameters=parameters, learning_rate=1.0, **options)
    for update in range(1, most + 1):
        method.step(theta, objective)
        if np.abs(theta).max() < 1e-5:
            return update, asked
    return most + 1, asked


def random_search_falls():
    objective, _ = quadratic_in(2)
    asked_for_slopes = Objective(None, objective.loss, None)
    theta = np.array([[3.0, 3.0]])
    method = OPTIMIZERS["random_search"](lanes=1, parameters=2, learning_rate=0.3)
    losses = []
    for _ in range(40):
        method.step(theta, asked_for_slopes)
        losses.append(float(objective.loss(theta, None)[0]))
    return (np.diff(losses) <= 0).all() and losses[-1] < losses[0]


METHOD_SENTENCES = {
    "sgd": ("Straight down the gradient.", lambda: np.allclose(steps("sgd", [(3.0, -4.0)]), [(-0.3, 0.4)])),
    "momentum": (
        "A ball with inertia: it rolls through small bumps and along ravines.",
        lambda: bumps_jumped("momentum", beta=0.9) < 1 < 3 < bumps_jumped("sgd"),
    ),
    "nesterov": (
        "Momentum that looks ahead, so it brakes earlier.",
        lambda: -path("nesterov", 60, beta=0.9).min() < -0.8 * path("momentum", 60, beta=0.9).min(),
    ),
    "adagrad": (
        "Each parameter's rate falls with the gradients it has seen.",
        lambda: np.allclose(steps("adagrad", [(1.0, 5.0)] * 100)[:, 0] * np.sqrt(np.arange(1, 101)), -0.1, rtol=1e-5),
    ),
    "adadelta": (
        "Scales each step by the size of earlier steps.",
        lambda: (np.diff(np.abs(steps("adadelta", [(1.0, 1.0)] * 50, rate=1.0)), axis=0) > 0).all(),
    ),
    "rmsprop": (
        "Divides by the recent size of the gradient: every parameter moves at a similar pace.",
        lambda: np.allclose(steps("rmsprop", UNEQUAL)[-1], -0.1, rtol=0.03),
    ),
    "adam": (
        "Momentum and RMSprop together, corrected for their start at zero.",
        lambda: np.allclose(steps("adam", [(1e-3, -1e3)])[0], (-0.1, 0.1), rtol=1e-4),
    ),
    "adamw": (
        "Adam with weight decay that does not go through the averages.",
        lambda: np.allclose(steps("adamw", [(0.0, 0.0)], weight_decay=0.5), -0.1 * 0.5),
    ),
    "nadam": (
        "Adam that looks one step ahead, as Nesterov's momentum does.",
        lambda: -path("nadam", 200).min() < -path("adam", 200).min(),
    ),
    "amsgrad": (
        "Adam that never forgets a large gradient.",
        lambda: abs(steps("amsgrad", LARGE_ONCE)[-1, 0]) < 0.3 * abs(steps("adam", LARGE_ONCE)[-1, 0]),
    ),
    "lion": (
        "Only the sign of the smoothed gradient: every parameter moves by the rate.",
        lambda: np.allclose(np.abs(steps("lion", [(1e-6, 40.0)] * 5, weight_decay=0.0)), 0.1),
    ),
    "newton": (
        "Uses the whole curvature: few steps, but each costs as many gradients as there are parameters.",
        lambda: updates_to_the_minimum("newton", damping=1e-12)[0] == 1
        and updates_to_the_minimum("newton", damping=1e-12)[1][0] == 6,
    ),
    "bfgs": (
        "Learns the curvature from how the gradient changes along its path.",
        lambda: updates_to_the_minimum("bfgs")[0] <= 40 and updates_to_the_minimum("bfgs")[1][0] == 0,
    ),
    "lbfgs": ("BFGS with a short memory: for any size of network.", lambda: OPTIMIZERS["lbfgs"].most_parameters > PAGE_LAYERS * PAGE_NEURONS * (PAGE_NEURONS + 1) + 1000),
    "random_search": (
        "Guesses and keeps the best: no gradient at all. The baseline that every method should beat.",
        random_search_falls,
    ),
}  # fmt: skip


@pytest.mark.parametrize("key", METHOD_SENTENCES)
def test_a_method_does_what_its_help_says(key):
    text, holds = METHOD_SENTENCES[key]
    assert OPTIMIZERS[key].help == text
    assert holds()


# --- schedules -------------------------------------------------------------------------------------------------------------


def rates(key, updates=5000, **options):
    return np.array([SCHEDULES[key].rate(1.0, t, **options) for t in range(1, updates + 1)])


def falls(values):
    return (np.diff(values) < 0).all()


SCHEDULE_SENTENCES = {
    "constant": ("The same rate throughout.", lambda: set(rates("constant")) == {1.0}),
    "inverse_sqrt": (
        "Falls slowly: the classic rate for SGD on convex losses.",
        lambda: falls(rates("inverse_sqrt")) and rates("inverse_sqrt")[99] == 0.1,
    ),
    "inverse_time": (
        "Falls like 1/t: for δ > 0 Robbins and Monro's conditions hold.",
        lambda: SCHEDULES["inverse_time"].convergence({"delta": 0.01}).both
        and rates("inverse_time", delta=1.0)[4998] == pytest.approx(1 / 5000)
        and not SCHEDULES["inverse_time"].convergence({"delta": 0.0}).both,
    ),
    "power": ("Falls like a power of t.", lambda: np.allclose(rates("power", delta=0.7), np.arange(1, 5001) ** -0.7)),
    "step": (
        "Drops by a factor every s updates.",
        lambda: np.allclose(rates("step", every=500, gamma=0.5)[[0, 499, 500, 999, 1000]], [1, 1, 0.5, 0.5, 0.25]),
    ),
    "exponential": (
        "Falls by the same factor at every update.",
        lambda: np.allclose(rates("exponential", 50, gamma=0.9)[1:] / rates("exponential", 50, gamma=0.9)[:-1], 0.9),
    ),
    "cosine": (
        "A smooth fall to zero (Loshchilov and Hutter 2017).",
        lambda: falls(rates("cosine", 1000, total=1000)) and not rates("cosine", 1100, total=1000)[1000:].any(),
    ),
    "one_cycle": (
        "Up and down again (Smith 2018).",
        lambda: rates("one_cycle", 1000, total=1000).argmax() == 300 and rates("one_cycle", total=1000).max() == 1
        and np.allclose(rates("one_cycle", total=1000)[1000:], 1e-4),
    ),
}  # fmt: skip


@pytest.mark.parametrize("key", SCHEDULE_SENTENCES)
def test_a_schedule_goes_as_its_help_says(key):
    text, holds = SCHEDULE_SENTENCES[key]
    assert SCHEDULES[key].help == text
    assert holds()


def test_warm_up_climbs_from_near_zero_and_hold_keeps_the_initial_rate():
    assert COMMON["warm_up"].help == "Updates over which the rate climbs from near zero."
    assert COMMON["hold"].help == "Updates at the initial rate before the schedule begins."
    first = rates("exponential", 31, warm_up=10, hold=20)
    assert first[0] == 0.1 and (np.diff(first[:10]) > 0).all()
    assert (first[9:30] == 1).all()


# --- losses, initial weights, data -----------------------------------------------------------------------------------------


def loss_of(key, error):
    z = np.array([[[float(error)]]])
    return float(LOSSES[key].evaluate(z, prepare(key, np.array([0.0]), 1, float), None)[0])


def test_hubers_loss_is_squared_near_and_absolute_far():
    assert LOSSES["huber"].help == "Squared error near, absolute error far: outliers count less."
    assert loss_of("huber", 0.5) == 0.5 * 0.5**2
    assert loss_of("huber", 101) - loss_of("huber", 100) == pytest.approx(1)
    assert loss_of("huber", 100) < 0.03 * loss_of("quadratic", 100)


def spread_after(key, width=400, relu=False):
    """The mean square of a layer's sums over that of its inputs (and, with `relu`, over what the ReLU before it left)."""
    rng = np.random.default_rng(0)
    W = INITIALIZERS[key].draw(rng, 1, width, width)[0]
    x = rng.standard_normal((400, width))
    left = np.maximum(x, 0) if relu else x
    return float(((left @ W) ** 2).mean() / (x**2).mean())


@pytest.mark.parametrize(("key", "text", "relu"), [
    ("lecun_normal", "Keeps the signal's size (LeCun et al. 1998).", False),
    ("glorot_uniform", "Keeps signal and gradient alike in size; for tanh and sigmoid (Glorot and Bengio 2010).", False),
    ("glorot_normal", "Glorot with a normal draw.", False),
    ("he_normal", "For ReLU, which halves the signal (He et al. 2015).", True),
    ("he_uniform", "For ReLU, which halves the signal (He et al. 2015).", True),
])  # fmt: skip
def test_initial_weights_keep_the_signals_size_as_their_help_says(key, text, relu):
    assert INITIALIZERS[key].help == text
    assert spread_after(key, relu=relu) == pytest.approx(1, abs=0.1)


def made(name, **more):
    return load_dataset(DatasetConfig(name, samples=1000, noise=0.0, test_fraction=0.0, **more))


def best_line(points, y):
    """The share of the variance of y that the best plane over the points leaves."""
    A = np.column_stack([points, np.ones(len(points))])
    rest = y - A @ np.linalg.lstsq(A, y, rcond=None)[0]
    return float(rest.var() / y.var())


def kinks(name):
    """How many times the slope of a curve changes, and how many of its values lie above and below its neighbours."""
    curve = CURVES[name]
    x = np.linspace(curve.low, curve.high, 2001)
    y = curve.value(x)
    slopes = np.diff(y)
    bends = int((np.abs(np.diff(slopes)) > 1e-9).sum())
    turns = np.sign(slopes[np.abs(slopes) > 1e-12])
    return y, bends, int((np.diff(turns) < 0).sum()), int((np.diff(turns) > 0).sum())


def is_bumps():
    _, _, hills, valleys = kinks("bumps")
    return (hills, valleys) == (2, 1)


DATA_SENTENCES = {
    "circles": ("A disc inside a ring.", lambda: _radii("circles")[0].max() < _radii("circles")[1].min()),
    "xor": (
        "Opposite quarters belong together: no straight line can part the classes.",
        lambda: len(set(((made("xor").P_train > 0).sum(axis=1) == 1) == made("xor").y_train)) == 1,
    ),
    "gaussians": ("Two clouds: a straight line parts them.", lambda: best_line(made("gaussians").P_train, made("gaussians").y_train) < 0.1),
    "spiral": ("Two arms wound round each other: hard.", lambda: best_line(made("spiral").P_train, made("spiral").y_train) > 0.6),
    "moons": ("Two interlocking half circles.", lambda: best_line(made("moons").P_train, made("moons").y_train) > 0.25),
    "checkerboard": ("Sixteen squares: needs a wide network and time.", lambda: len({tuple(p) for p in np.floor(made("checkerboard").P_train)}) == 16),
    "three_spirals": ("Three arms, three classes.", lambda: len(made("three_spirals").class_names) == 3),
    "blobs": ("Four clouds, four classes.", lambda: len(made("blobs").class_names) == 4),
    "plane": ("A value that rises evenly in one direction.", lambda: best_line(made("plane").P_train, made("plane").y_train) < 1e-20),
    "two_bumps": (
        "A hill and a hollow.",
        lambda: _sides("two_bumps")[0] > 0.5 and _sides("two_bumps")[1] < -0.5,
    ),
    "sine": ("One period of a sine.", lambda: kinks("sine")[2:] == (1, 1) and abs(kinks("sine")[0][[0, -1]]).max() < 1e-12),
    "step": ("A jump from 0 to 1: no continuous function gets it exactly.", lambda: set(kinks("step")[0]) == {0, 1} and kinks("step")[1] == 2),
    "tent": ("Up and down in two straight lines.", lambda: kinks("tent")[1:] == (1, 1, 0)),
    "abs": ("The absolute value: two straight lines and a kink at 0.", lambda: kinks("abs")[1:] == (1, 0, 1)),
    "bumps": ("Two hills and a valley of different widths.", is_bumps),
    "iris": ("150 flowers of three species (Fisher 1936).", lambda: shipped("iris").count("\n") == 151 and len(load_dataset(DatasetConfig("iris")).class_names) == 3),
    "penguins": ("344 penguins (Horst, Hill and Gorman 2020).", lambda: shipped("penguins").count("\n") == 345),
}  # fmt: skip


def _radii(name):
    data = made(name)
    length = np.linalg.norm(data.P_train, axis=1)
    return sorted((length[data.y_train == k] for k in (0, 1)), key=lambda each: float(each.mean()))


def _sides(name):
    """The mean value around the two places (0.9, 0.9) and (−0.9, −0.9)."""
    data = made(name)
    return [float(data.y_train[np.linalg.norm(data.P_train - at, axis=1) < 0.5].mean()) for at in (0.9, -0.9)]


@pytest.mark.parametrize("key", DATA_SENTENCES)
def test_data_are_what_their_help_says(key):
    text, holds = DATA_SENTENCES[key]
    assert DATASETS[key].help == text
    assert holds()


def test_samples_are_those_of_all_three_sets_together():
    assert FIELDS["samples"].help == "Number of points, training, validation and test together."
    data = load_dataset(DatasetConfig("circles", samples=123, validation_fraction=0.2))
    assert sum(len(getattr(data, f"y_{part}")) for part in ("train", "validation", "test")) == 123


def test_no_help_text_of_these_registries_is_left_out():
    for registry, table in ((ACTIVATIONS, ACTIVATION_SENTENCES), (OPTIMIZERS, METHOD_SENTENCES), (SCHEDULES, SCHEDULE_SENTENCES), (DATASETS, DATA_SENTENCES)):  # fmt: skip
        assert set(registry) == set(table)


def test_neurons_of_zeros_and_of_a_constant_stay_alike():
    assert INITIALIZERS["zeros"].help == "All neurons of a layer stay alike: watch it fail to break symmetry."
    assert INITIALIZERS["constant"].help == "As zeros: neurons that start alike stay alike."
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((20, 2)), rng.integers(0, 2, 20).astype(float)
    mlp = MLP((2, 3, 1), ("tanh",), "binary_cross_entropy")
    for key in ("zeros", "constant"):
        theta = mlp.initialize(rng, 1, key)
        for _ in range(30):
            theta -= 0.3 * mlp.loss_and_gradient(theta, X, y)[1]
        (W, b), (V, _) = mlp.unflatten(theta)
        assert all(np.ptp(each, axis=-1).max() == 0 for each in (W, b)) and np.ptp(V) == 0
