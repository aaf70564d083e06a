"""A lane alone equals the same lane in company, to the bit: whatever the company, the batch and the chunks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import ACTIVATIONS, LOSSES, MLP, OPTIMIZERS
from engine.network import mlp as network_module
from engine.network.losses import prepare

CASES = st.fixed_dictionaries(
    dict(
        hidden=st.lists(st.sampled_from([1, 2, 3, 7, 8, 16, 17, 33]), max_size=3),
        activation=st.sampled_from(list(ACTIVATIONS)),
        loss=st.sampled_from(list(LOSSES)),
        inputs=st.integers(1, 7),
        outputs=st.integers(1, 10),
        samples=st.sampled_from([1, 2, 3, 5, 8, 10, 31, 32, 33, 64, 100, 300]),
        lanes=st.sampled_from([2, 3, 5, 8, 13, 64, 65]),
        dtype=st.sampled_from([np.float32, np.float64]),
        own=st.booleans(),
        seed=st.integers(0, 9999),
    )
)


def build(case):
    """A network, parameters (R, P), inputs and labels of a case."""
    rng = np.random.default_rng(case["seed"])
    loss, outputs, n, dtype = case["loss"], case["outputs"], case["samples"], case["dtype"]
    mlp = MLP((case["inputs"], *case["hidden"], outputs), [case["activation"]] * len(case["hidden"]), loss)
    theta = rng.standard_normal((case["lanes"], mlp.parameter_count)).astype(dtype)
    lead = (case["lanes"],) if case["own"] else ()
    X = rng.standard_normal((*lead, n, case["inputs"])).astype(dtype)
    y = rng.integers(0, outputs, (*lead, n)) if loss == "cross_entropy" else rng.random((*lead, n, outputs))
    return mlp, theta, X, y


@settings(max_examples=150, deadline=None)
@given(CASES)
def test_loss_gradient_and_outputs_of_a_lane_do_not_depend_on_company(case):
    mlp, theta, X, y = build(case)
    loss, gradient = mlp.loss_and_gradient(theta, X, y)
    only_loss, outputs = mlp.loss(theta, X, y), mlp.forward(theta, X)
    assert np.array_equal(only_loss, loss)
    for lane in {0, case["lanes"] // 2, case["lanes"] - 1}:
        own_X, own_y = (X[lane], y[lane]) if case["own"] else (X, y)
        row = theta[lane : lane + 1].copy()
        alone, slope = mlp.loss_and_gradient(row, own_X, own_y)
        assert alone[0] == loss[lane]
        assert np.array_equal(slope[0], gradient[lane])
        assert np.array_equal(mlp.forward(row, own_X)[0], outputs[lane])
        target = prepare(case["loss"], own_y, case["outputs"], case["dtype"])
        assert LOSSES[case["loss"]].evaluate(outputs[lane : lane + 1], target, None)[0] == loss[lane]


@pytest.mark.parametrize("chunk", [1, 2_000, 40_000, 1 << 30])
def test_the_size_of_chunks_changes_no_bit(chunk, monkeypatch):
    case = dict(hidden=[16, 5], activation="tanh", loss="cross_entropy", inputs=2, outputs=3, samples=50, lanes=9,
                dtype=np.float32, own=False, seed=4)  # fmt: skip
    mlp, theta, X, y = build(case)
    loss, gradient = mlp.loss_and_gradient(theta, X, y)
    monkeypatch.setattr(network_module, "CHUNK_BYTES", chunk)
    other_loss, other_gradient = mlp.loss_and_gradient(theta, X, y)
    assert np.array_equal(loss, other_loss) and np.array_equal(gradient, other_gradient)


def test_a_broken_lane_disturbs_no_other():
    rng = np.random.default_rng(1)
    mlp = MLP((2, 8, 8, 1), ["tanh", "relu"], "binary_cross_entropy")
    theta = mlp.initialize(rng, 6, dtype=np.float32)
    X, y = rng.standard_normal((20, 2)), rng.integers(0, 2, 20)
    loss, gradient = mlp.loss_and_gradient(theta, X, y)
    theta[2], theta[4, 5] = np.nan, np.inf
    others = [0, 1, 3, 5]
    broken_loss, broken = mlp.loss_and_gradient(theta, X, y)
    assert np.array_equal(loss[others], broken_loss[others])
    assert np.array_equal(gradient[others], broken[others])
    assert not np.isfinite(broken_loss[2])


FIRST_ORDER = [key for key, kind in OPTIMIZERS.items() if not kind.needs_closure]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("key", FIRST_ORDER)
def test_an_optimizer_s_lane_does_not_depend_on_company(key, dtype):
    """Also where the lanes' ages, rates and options differ, and the lanes are worked in several chunks."""
    rng = np.random.default_rng(0)
    kind, lanes, parameters = OPTIMIZERS[key], 7, 5003
    numbers = {name: o for name, o in kind.options.items() if not (o.choices or o.is_switch)}
    options = {
        name: np.array([o.default, (o.low + o.default) / 2] + [o.default] * 5) for name, o in numbers.items()
    }
    rates = np.linspace(0.01, 0.3, lanes)[:, None]
    theta = rng.standard_normal((lanes, parameters)).astype(dtype)
    together = kind(lanes, parameters, rates, dtype, **options)
    together.t[3] = 40
    single = [together.lane(lane) for lane in range(lanes)]
    alone = [theta[lane : lane + 1].copy() for lane in range(lanes)]
    for _ in range(5):
        g = rng.standard_normal((lanes, parameters)).astype(dtype)
        for lane in range(lanes):
            single[lane].step(alone[lane], g[lane : lane + 1].copy())
        together.step(theta, g)
    for lane in range(lanes):
        assert np.array_equal(theta[lane], alone[lane][0])
        for name, values in together.state.items():
            assert np.array_equal(values[lane], single[lane].state[name][0])
