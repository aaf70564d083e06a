"""What the exhibits compute: each trains its small networks from fixed seeds and returns plain arrays and numbers by name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.config.experiment import ExperimentConfig
from engine.config.lane import LaneConfig
from engine.data.config import DatasetConfig
from engine.data.load import load_dataset
from engine.landscape.directions import (
    coordinate_directions,
    hessian_directions,
    path_directions,
    permute_units,
    random_directions,
    weight_index,
)
from engine.landscape.line import barrier, line_loss
from engine.landscape.path_on_plane import orthonormal, path_on_plane
from engine.landscape.plane import Plane, axis
from engine.landscape.point import examine
from engine.landscape.roughness import bowl_residual, flat_share, valleys
from engine.network.config import NetworkConfig
from engine.network.hessian import extremes
from engine.network.mlp import MLP
from engine.shown import short_number
from engine.training.experiment import Experiment

CELLS = 41
ALL = 5000  # a batch size that takes every sample


@dataclass(frozen=True, eq=False)
class Slice:
    """A picture: losses (len(betas), len(alphas)), with marked places (name, α, β) and paths (name, (T, 2))."""

    title: str
    alphas: np.ndarray
    betas: np.ndarray
    loss: np.ndarray
    axes: tuple[str, str] = ("α", "β")
    marks: tuple[tuple[str, float, float], ...] = ()
    paths: tuple[tuple[str, np.ndarray], ...] = ()


@dataclass(frozen=True, eq=False)
class Curves:
    """Lines (name, y) over one x."""

    title: str
    x: np.ndarray
    lines: tuple[tuple[str, np.ndarray], ...]
    axes: tuple[str, str]
    log: bool = False


@dataclass(frozen=True, eq=False)
class Findings:
    """What an exhibit found: pictures, and numbers by name. `together` asks for one picture of all slices."""

    slices: tuple[Slice, ...]
    curves: tuple[Curves, ...]
    facts: dict[str, float]
    together: bool = False


def _trained(
    data: DatasetConfig, hidden: tuple[int, ...], lanes: tuple[LaneConfig, ...], updates: int, seed: int = 0,
    activation: str = "tanh", initializer: str = "glorot_uniform", batch_size: int = ALL, points: int = 0,
) -> tuple[Experiment, list[np.ndarray]]:  # fmt: skip
    """An experiment after `updates`, and each lane's path (points + 1, P)."""
    network = NetworkConfig(hidden, activation, initializer)
    config = ExperimentConfig(data, network, batch_size=batch_size, seed=seed, dtype="float64", lanes=lanes)
    experiment = Experiment(config, record_every=max(1, updates // 50))
    paths = [[experiment.theta(lane)] for lane in range(len(lanes))]
    for _ in range(max(1, points)):
        experiment.step(updates // max(1, points))
        for lane, path in enumerate(paths):
            path.append(experiment.theta(lane))
    return experiment, [np.array(path) for path in paths]


def _mark(name: str, place: np.ndarray) -> tuple[str, float, float]:
    return name, float(place[0]), float(place[1])


# The exhibits -----------------------------------------------------------------------------------------------


def two_losses() -> Findings:
    data = DatasetConfig("gaussians", samples=200)
    experiment, _ = _trained(data, (1,), (LaneConfig("adam", 0.05),), 200)
    theta, X, y = experiment.theta(0), experiment.X_train, experiment.data.y_train
    entropy = experiment.mlp(0)
    quadratic = MLP((2, 1, 1), ("tanh",), "quadratic", "sigmoid")
    chosen = [weight_index(entropy, 0, 0, 0), weight_index(entropy, 1, 0, 0)]
    place = tuple(float(value) for value in theta[chosen])
    theta[chosen] = 0.0  # so that the axes are the weights themselves
    plane, places = Plane(theta, *coordinate_directions(len(theta), *chosen)), axis(5, CELLS)
    axes = ("first-layer weight", "output weight")
    losses = [plane.loss(mlp, places, places, X, y) for mlp in (entropy, quadratic)]
    names = ("cross-entropy", "quadratic (½)")
    mark = (("trained", place[0], place[1]),)
    slices = [Slice(name, places, places, loss, axes, mark) for name, loss in zip(names, losses, strict=True)]
    cut = [plane.loss(mlp, np.array(place[:1]), places, X, y)[:, 0] for mlp in (entropy, quadratic)]
    facts = {
        "share of the picture that is flat, cross-entropy": flat_share(losses[0], places, places),
        "share of the picture that is flat, quadratic": flat_share(losses[1], places, places),
        "highest loss, cross-entropy": float(losses[0].max()),
        "highest loss, quadratic": float(losses[1].max()),
        "slope at the right end of the cut, cross-entropy": float(
            abs(cut[0][-1] - cut[0][-2]) / (places[1] - places[0])
        ),
        "slope at the right end of the cut, quadratic": float(
            abs(cut[1][-1] - cut[1][-2]) / (places[1] - places[0])
        ),
    }
    lines = tuple(zip(names, cut, strict=True))
    curve = Curves("The cut along the output weight", places, lines, (axes[1], "loss"))
    return Findings(tuple(slices), (curve,), facts, together=True)


def _layers(depth: int, width: int) -> str:
    return f"{depth} layer{'s' * (depth > 1)} of {width}"


def roughness() -> Findings:
    places, slices, facts = axis(1, 31), [], {}
    for width in (4, 32):
        for depth in (1, 3, 6):
            numbers = []
            for seed in range(3):
                data = DatasetConfig("moons", samples=150, noise=0.2)
                experiment, _ = _trained(data, (width,) * depth, (LaneConfig("adam", 0.01),), 300, seed)
                mlp, theta = experiment.mlp(0), experiment.theta(0)
                for draw in range(2):
                    plane = Plane(theta, *random_directions(mlp, theta, np.random.default_rng(draw)))
                    loss = plane.loss(mlp, places, places, experiment.X_train, experiment.data.y_train)
                    numbers.append((bowl_residual(loss), valleys(loss)))
                    if seed == 0 and draw == 0:
                        slices.append(Slice(_layers(depth, width), places, places, loss))
            residual, count = np.mean(numbers, axis=0)
            facts[f"share that no bowl explains, {_layers(depth, width)}"] = float(residual)
            facts[f"valleys in the picture, {_layers(depth, width)}"] = float(count)
    return Findings(tuple(slices), (), facts)


def sharp_and_flat() -> Findings:
    data = DatasetConfig("moons", samples=200, noise=0.3, test_fraction=0.5)
    lanes = (LaneConfig("sgd", 0.3, batch_size=4), LaneConfig("sgd", 0.3, batch_size=ALL))
    places, slices, lines = axis(1.5, CELLS), [], []
    tops: list[list[float]] = [[], []]
    facts: dict[str, float] = {}
    for seed in range(3):
        experiment, _ = _trained(data, (16,), lanes, 2000, seed)
        X, y = experiment.X_train, experiment.data.y_train
        for lane, name in enumerate(("small batches (4)", "large batches (all)")):
            mlp, theta = experiment.mlp(lane), experiment.theta(lane)
            tops[lane].append(float(extremes(mlp, theta[None], X, y)[1][0]))
            if seed:
                continue
            facts[f"train loss, {name}"] = float(experiment.history.train_loss[-1, lane])
            facts[f"test loss, {name}"] = float(experiment.history.test_loss[-1, lane])
            d1, _, values = hessian_directions(mlp, theta, X, y)
            steep = Plane(theta, d1, np.zeros_like(d1)).loss(mlp, places, np.zeros(1), X, y)[0]
            rise = (steep + steep[::-1]) / 2 - steep[
                CELLS // 2
            ]  # noisy batches stop on a slope: both sides' mean
            lines.append((f"{('batches of 4', 'all data')[lane]}, λmax {short_number(values[0], 2)}", rise))
            plane = Plane(theta, *random_directions(mlp, theta, np.random.default_rng(1)))
            slices.append(Slice(name, places, places, plane.loss(mlp, places, places, X, y)))
    for seed in range(3):
        facts[f"λmax, small batches, seed {seed}"] = tops[0][seed]
        facts[f"λmax, large batches, seed {seed}"] = tops[1][seed]
    title = "The steepest cut through each end"
    cut = Curves(
        title,
        places,
        tuple(lines),
        ("distance along the sharpest direction", "rise of the loss, mean of both sides"),
    )
    return Findings(tuple(slices), (cut,), facts)


def two_views() -> Findings:
    data = DatasetConfig("xor", samples=200, noise=0.2)
    names = ("Adam", "Momentum")
    lanes = (LaneConfig("adam", 0.02, l2=1e-3), LaneConfig("momentum", 0.1, l2=1e-3))
    experiment, paths = _trained(data, (8, 8), lanes, 600, points=60)
    mlp, X, y = experiment.mlp(0), experiment.X_train, experiment.data.y_train
    ends = [path[-1] for path in paths]
    slices, facts = [], {}
    for own, other in ((0, 1), (1, 0)):
        plane = Plane(ends[own], *path_directions(paths[own])[:2])
        drawn = [path_on_plane(mlp, plane, path, X, y) for path in paths]
        reach = 1.15 * max(float(np.abs(path.coordinates).max()) for path in drawn)
        places = axis(reach, CELLS)
        marks = tuple(_mark(f"{names[k]}'s end", drawn[k].coordinates[-1]) for k in (own, other))
        lines = tuple((names[k], drawn[k].coordinates) for k in (own, other))
        loss = plane.loss(mlp, places, places, X, y)
        title = f"The plane of {names[own]}'s path"
        slices.append(Slice(title, places, places, loss, marks=marks, paths=lines))
        facts[f"loss at {names[own]}'s end"] = float(drawn[own].true[-1])
        facts[f"loss of {names[other]}'s end as drawn in {names[own]}'s plane"] = float(
            drawn[other].shown[-1]
        )
    t = np.linspace(0, 1, 101)
    between = line_loss(mlp, ends[0], ends[1], t, X, y)
    facts["height of the barrier between the ends"] = barrier(t, between)[0]
    facts["loss at the start"] = float(mlp.loss(paths[0][:1], X, y)[0])
    cut = Curves("The straight line between the two ends", t, (("loss", between),), ("from Adam's end to Momentum's", "loss"))  # fmt: skip
    return Findings(tuple(slices), (cut,), facts)


def permuted() -> Findings:
    data = DatasetConfig("moons", samples=200)
    experiment, _ = _trained(data, (6,), (LaneConfig("adam", 0.03),), 500)
    mlp, theta, X, y = experiment.mlp(0), experiment.theta(0), experiment.X_train, experiment.data.y_train
    others = [permute_units(mlp, theta, 0, np.roll(np.arange(6), 1)), signs_flipped(mlp, theta, [0, 2, 4])]
    d1, d2 = orthonormal(others[0] - theta, others[1] - theta)
    centre = (theta + others[0] + others[1]) / 3
    plane = Plane(centre, d1, d2)
    corners, _ = plane.project(np.stack([theta, *others]))
    places = axis(1.35 * float(np.abs(corners).max()), CELLS)
    names = ("the minimum", "neurons shifted", "3 signs flipped")
    marks = tuple(map(_mark, names, corners))
    t = np.linspace(0, 1, 101)
    between = line_loss(mlp, theta, others[0], t, X, y)
    ends = mlp.loss(np.stack([theta, *others]), X, y)
    flipped = line_loss(mlp, theta, others[1], t, X, y)
    height, place = barrier(t, between)
    outputs = mlp.forward(np.stack([theta, *others]), X)
    facts = {
        "loss at the minimum": float(ends[0]),
        "loss with neurons shifted": float(ends[1]),
        "loss with signs flipped": float(ends[2]),
        "distance to the shifted copy": float(np.linalg.norm(others[0] - theta)),
        "height of the barrier to the shifted copy": height,
        "place of that barrier, 0 to 1 on the line": place,
        "height of the barrier to the flipped copy": barrier(t, flipped)[0],
        "largest difference of the three networks' outputs": float(np.abs(outputs - outputs[0]).max()),
    }
    slices = (Slice("Three copies of one network", places, places, plane.loss(mlp, places, places, X, y), marks=marks),)  # fmt: skip
    line = Curves("The straight lines to the two copies", t, (("neurons shifted", between), ("signs flipped", flipped)), ("from the minimum to its copy", "loss"))  # fmt: skip
    return Findings(slices, (line,), facts)


def signs_flipped(mlp: MLP, theta: np.ndarray, neurons: list[int]) -> np.ndarray:
    """The same function of a tanh network, elsewhere: what these hidden neurons take in and put out changes sign."""
    copy = theta[None].copy()
    (W, b), (V, _) = mlp.unflatten(copy)
    W[..., neurons] *= -1
    b[..., neurons] *= -1
    V[:, neurons] *= -1
    result: np.ndarray = copy[0]
    return result


def zero_saddle() -> Findings:
    data = load_dataset(DatasetConfig("moons", samples=200, test_fraction=0.5))
    X, y = data.X_train, data.y_train  # fifty of each class, so that not even the output's bias has a slope
    mlp = MLP((2, 4, 1), ("tanh",), "binary_cross_entropy")
    zero = np.zeros(mlp.parameter_count)
    found = examine(mlp, zero, X, y)
    d1, d2, _ = hessian_directions(mlp, zero, X, y, "extremes")
    plane, places = Plane(zero, d1, d2), axis(2, CELLS)
    lanes = (LaneConfig("sgd", 0.5), LaneConfig("sgd", 0.5, network=NetworkConfig((4,), "tanh", "normal", {"scale": 0.01})))  # fmt: skip
    config = DatasetConfig("moons", samples=200, test_fraction=0.5)
    experiment, _ = _trained(config, (4,), lanes, 300, initializer="zeros")
    unequal, _ = _trained(_unequal_moons(), (4,), lanes[:1], 300, initializer="zeros")
    history, share = experiment.history, float(unequal.data.y_train.mean())
    lines = (
        ("from exactly zero", history.train_loss[:, 0].copy()),
        ("from weights of about 0.01", history.train_loss[:, 1].copy()),
        ("from zero, unequal classes", unequal.history.train_loss[:, 0].copy()),
    )
    curve = Curves(
        "Gradient descent from there", history.steps.astype(float), lines, ("updates", "train loss")
    )
    facts = {
        "length of the gradient at zero": found.gradient_norm,
        "λmin": found.lowest,
        "λmax": found.highest,
        "directions that curve down": float(found.negative or 0),
        "largest weight after 300 updates from zero": float(
            np.abs(experiment.theta(0)[mlp.weight_mask]).max()
        ),
        "loss after 300 updates from zero": float(history.train_loss[-1, 0]),
        "loss after 300 updates from 0.01": float(history.train_loss[-1, 1]),
        "unequal classes: share of the larger": max(share, 1 - share),
        "unequal classes: loss after 300 updates from zero": float(unequal.history.train_loss[-1, 0]),
        "unequal classes: loss of always predicting that share": -share * np.log(share)
        - (1 - share) * np.log(1 - share),
        "unequal classes: largest weight after 300 updates": float(
            np.abs(unequal.theta(0)[mlp.weight_mask]).max()
        ),
    }
    axes = ("along λmax", "along λmin")
    surface = Slice("Around all-zero weights", places, places, plane.loss(mlp, places, places, X, y), axes, (("all zero", 0.0, 0.0),))  # fmt: skip
    return Findings((surface,), (curve,), facts)


def _unequal_moons() -> DatasetConfig:
    """The moons with every second point of one class left out, so that the classes are 2 : 1."""
    moons = load_dataset(DatasetConfig("moons", samples=200, test_fraction=0.0))
    keep = (moons.y_train == 0) | (np.arange(200) % 2 == 0)
    rows = [
        f"{a!r},{b!r},{'no' if y else 'yes'}"
        for (a, b), y in zip(moons.P_train[keep].tolist(), moons.y_train[keep], strict=True)
    ]
    return DatasetConfig("csv", csv="x,y,moon\n" + "\n".join(rows), test_fraction=0.0)


def threshold_steps() -> Findings:
    data = DatasetConfig("xor", samples=150, noise=0.15)
    lanes = (LaneConfig("sgd", 0.3), LaneConfig("random_search", 0.3))
    experiment, paths = _trained(data, (8,), lanes, 400, activation="threshold")
    mlp, X, y = experiment.mlp(0), experiment.X_train, experiment.data.y_train
    start = paths[0][0]
    first = np.zeros(len(start), bool)
    first[: 3 * 8] = True  # the hidden layer's weights and biases
    chosen = weight_index(mlp, 0, 0, 0), weight_index(mlp, 0, 1, 0)
    plane, places = Plane(paths[1][-1], *coordinate_directions(len(start), *chosen)), axis(1.5, 2 * CELLS - 1)
    loss = plane.loss(mlp, places, places, X, y)
    gradient = mlp.loss_and_gradient(paths[1][-1:], X, y)[1][0]
    history = experiment.history
    curve = Curves(
        "Who finds a way down?", history.steps.astype(float),
        (("gradient descent", history.train_loss[:, 0].copy()), ("random search", history.train_loss[:, 1].copy())),
        ("updates", "train loss"),
    )  # fmt: skip
    facts = {
        "share of neighbouring cells with different losses": float((np.diff(loss, axis=1) != 0).mean()),
        "largest slope of a hidden weight": float(np.abs(gradient[first]).max()),
        "largest change of a hidden weight by gradient descent": float(
            np.abs(paths[0][-1] - start)[first].max()
        ),
        "largest change of a hidden weight by random search": float(
            np.abs(paths[1][-1] - start)[first].max()
        ),
        "loss after 400 updates of gradient descent": float(history.train_loss[-1, 0]),
        "loss after 400 updates of random search": float(history.train_loss[-1, 1]),
    }
    axes = ("change of the weight x₁ → neuron 1", "change of the weight x₂ → neuron 1")
    return Findings((Slice("Two weights of the hidden layer", places, places, loss, axes),), (curve,), facts)
