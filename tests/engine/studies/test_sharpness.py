"""Thresholds by simulating every method just below and above them; sharpness against known spectra."""

import numpy as np
import pytest

from engine import OPTIMIZERS, DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.network.hessian import hessian
from engine.studies.sharpness import (
    SharpnessGauge,
    lane_state,
    largest_eigenvalue,
    preconditioner,
    threshold,
)

LINEAR = [
    ("sgd", {}), ("momentum", {"form": "heavy_ball"}), ("momentum", {"form": "velocity"}),
    ("momentum", {"form": "ema"}), ("momentum", {"form": "heavy_ball", "beta": 0.5}),
    ("momentum", {"form": "ema", "beta": 0.5}), ("momentum", {"beta": 0.0}), ("nesterov", {}),
    ("nesterov", {"beta": 0.3}), ("nesterov", {"beta": 0.99}),
]  # fmt: skip
SLOW = 0.99999  # an average that hardly moves: the methods are linear then
ADAPTIVE = [
    ("adam", {"beta2": SLOW}), ("adam", {"beta1": 0.5, "beta2": SLOW}), ("amsgrad", {"beta2": SLOW}),
    ("adamw", {"beta2": SLOW, "weight_decay": 0.3}), ("rmsprop", {"beta": SLOW}),
    ("rmsprop", {"beta": SLOW, "eps_in_sqrt": False}), ("adagrad", {}), ("adadelta", {"beta": SLOW}),
]  # fmt: skip


def length_after(key, options, rate, curvature, steps, second=None):
    """|θ| after `steps` updates, or once it has grown twentyfold, on ½λθ² from 1e-6; `second` fills the averages of squares, long after the start."""
    optimizer = OPTIMIZERS[key](1, 1, rate, **options)
    if second is not None:
        optimizer.t[:] = 10_000_000
        for name in ("v", "u", "s", "largest"):
            if name in optimizer.state:
                optimizer.state[name][:] = second
    theta = np.array([[1e-6]])
    for _ in range(steps):
        optimizer.step(theta, curvature * theta)
        if abs(theta[0, 0]) > 2e-5:  # it grows: further on an adaptive method's average would notice
            break
    return abs(theta[0, 0])


@pytest.mark.parametrize(("key", "options"), LINEAR)
@pytest.mark.parametrize("rate", [0.01, 0.7])
def test_thresholds_on_a_parabola(key, options, rate):
    limit = threshold(LaneConfig(key, rate, options))
    assert not limit.preconditioned
    assert length_after(key, options, rate, 0.98 * limit.value, 4000) < 1e-7
    assert length_after(key, options, rate, 1.02 * limit.value, 4000) > 1e-5


@pytest.mark.parametrize(("key", "options"), ADAPTIVE)
def test_thresholds_of_adaptive_methods_with_their_average_at_rest(key, options):
    rate, second = 0.05, 0.09
    lane = LaneConfig(key, rate, options)
    limit = threshold(lane)
    assert limit.preconditioned
    state = {name: np.full(1, second) for name in ("v", "u", "s", "largest")} | {"t": np.array([10_000_000])}
    if key == "adagrad":
        del state["v"]
    if key != "amsgrad":
        del state["largest"]
    D = preconditioner(lane, state)
    assert D[0] == pytest.approx(1.0 if key == "adadelta" else 0.3, rel=1e-3)
    edge = limit.value * D[0]
    assert length_after(key, options, rate, 0.98 * edge, 4000, second) < 1e-7
    assert length_after(key, options, rate, 1.02 * edge, 4000, second) > 1e-5


def test_methods_without_a_threshold_say_why():
    known = {key for key, _ in LINEAR + ADAPTIVE}
    for key in set(OPTIMIZERS) - known:
        limit = threshold(LaneConfig(key, 0.1))
        assert limit.value is None
        assert limit.reason.endswith(".")
    assert threshold(LaneConfig("sgd", 0.1), rate=0.0).value is None


def test_largest_eigenvalue_of_a_known_spectrum():
    rng = np.random.default_rng(0)
    Q = np.linalg.qr(rng.standard_normal((200, 200)))[0]
    for top in ([30.0], [30.0, 29.9, 29.8], [3.0, -50.0]):
        values = np.concatenate([rng.uniform(-1, 1, 200 - len(top)), top])
        A = Q * values @ Q.T
        value, vector = largest_eigenvalue(lambda v, A=A: A @ v, rng.standard_normal(200))
        assert value == pytest.approx(max(top), rel=0.01)
        assert np.linalg.norm(vector) == pytest.approx(1)
        assert vector @ A @ vector == pytest.approx(value, rel=1e-6)


def test_a_direction_that_has_overtaken_the_last_is_found():
    rng = np.random.default_rng(1)
    Q = np.linalg.qr(rng.standard_normal((337, 337)))[0]
    values = np.concatenate([rng.exponential(0.05, 335).clip(0, 0.5), [1.0, 1.1]])
    A = Q * values @ Q.T
    start = Q[:, 335] + 0.1 * rng.standard_normal(337) / np.sqrt(
        337
    )  # the gauge's start: the old vector and noise
    assert largest_eigenvalue(lambda v: A @ v, start)[0] == pytest.approx(1.1, rel=0.01)


def test_the_gauge_on_a_quadratic_with_known_spectrum():
    """Least squares on a linear model: H = 2 AᵀA/N + l2 on the weights, whatever the parameters are."""
    config = ExperimentConfig(
        dataset=DatasetConfig("plane", samples=200, features=("x1", "x2", "x1_x2", "sin_x1")), network=NetworkConfig(()),
        batch_size=5000, lanes=(LaneConfig("sgd", 0.1), LaneConfig("momentum", 0.05, l2=0.3)),
    )  # fmt: skip
    experiment = Experiment(config)
    A = np.column_stack([experiment.data.X_train, np.ones(len(experiment.data.X_train))])
    H = 2 * A.T @ A / len(A)
    gauge = SharpnessGauge(experiment)
    before = experiment.to_bytes()
    for _ in range(3):
        sharpness, limit = gauge.read(0)
        assert sharpness == pytest.approx(np.linalg.eigvalsh(H)[-1], rel=0.01)
        assert limit.value == pytest.approx(20)
        sharpness, limit = gauge.read(1)
        assert sharpness == pytest.approx(
            np.linalg.eigvalsh(H + 0.3 * np.diag([1, 1, 1, 1, 0]))[-1], rel=0.01
        )
        assert limit.value == pytest.approx(2 * 1.9 / 0.05)
    assert len(experiment.to_bytes()) == len(before)
    assert experiment.updates == 0


@pytest.mark.parametrize(
    ("key", "options"),
    [("adam", {}), ("adamw", {}), ("amsgrad", {}), ("rmsprop", {}), ("adagrad", {}), ("adadelta", {})],
)
def test_preconditioned_sharpness_of_a_network(key, options):
    config = ExperimentConfig(
        dataset=DatasetConfig("moons", samples=60), network=NetworkConfig((5,)), batch_size=5000,
        dtype="float64", lanes=(LaneConfig(key, 0.01, options),),
    )  # fmt: skip
    experiment = Experiment(config)
    gauge = SharpnessGauge(experiment)
    assert np.isnan(gauge.read(0)[0])  # no average yet
    experiment.step(20)
    H = hessian(experiment.mlp(0), experiment.theta(0), experiment.data.X_train, experiment.data.y_train)
    D = preconditioner(config.lanes[0], lane_state(experiment, 0))
    assert gauge.read(0)[0] == pytest.approx(np.linalg.eigvals(H / D[:, None]).real.max(), rel=0.01)
    assert gauge.read(0, precondition=False)[0] == pytest.approx(np.linalg.eigvalsh(H)[-1], rel=0.01)


def test_the_rate_that_counts_is_the_schedules():
    config = ExperimentConfig(
        dataset=DatasetConfig("moons", samples=60), network=NetworkConfig((2,)),
        lanes=(LaneConfig("sgd", 0.4, schedule="inverse_time", schedule_options={"delta": 1.0}),),
    )  # fmt: skip
    experiment = Experiment(config)
    experiment.step(3)
    assert experiment.lanes[0].rate(4) == pytest.approx(0.4 / (1 + 4))
    assert SharpnessGauge(experiment).read(0)[1].value == pytest.approx(2 * 5 / 0.4)
