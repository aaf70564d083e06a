"""What passes through a layer: variance maps against Monte Carlo, closed forms and PyTorch's networks."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine import ACTIVATIONS, MLP
from engine.network.signal import layers, moments, quadrature, signal

RECORD = json.loads((Path(__file__).parents[2] / "oracles" / "units.json").read_text())
MANY = np.random.default_rng(0).standard_normal(100_000)


@pytest.mark.parametrize("q", [0.04, 1.0, 9.0])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_variance_maps_are_those_of_a_hundred_thousand_draws(name, q):
    act, z = ACTIVATIONS[name], np.sqrt(q) * MANY
    a, slope = np.empty_like(z), np.empty_like(z)
    act.value(z, a)
    act.slope(z, a, slope)
    for expected, draws in zip(moments(name, q), (a**2, slope**2), strict=True):
        error = draws.std() / np.sqrt(len(draws))
        assert abs(draws.mean() - expected) <= 3 * error + 1e-12 * expected


@pytest.mark.parametrize("q", [1e-6, 0.3, 4.0, 25.0])
def test_quadrature_is_exact_where_a_closed_form_is_known(q):
    assert moments("identity", q) == pytest.approx((q, 1), rel=1e-13)
    assert moments("relu", q) == pytest.approx((q / 2, 0.5), rel=1e-13)
    assert moments("leaky_relu", q) == pytest.approx((q * (1 + 1e-4) / 2, (1 + 1e-4) / 2), rel=1e-13)
    assert moments("threshold", q) == pytest.approx((0.5, 0), rel=1e-13)
    sines = (-np.expm1(-2 * q) / 2, (1 + np.exp(-2 * q)) / 2)
    assert moments("sine", q) == pytest.approx(sines, rel=1e-10)


def test_the_weights_of_the_quadrature_are_a_normal_distribution():
    z, weights = quadrature()
    for power, moment in ((0, 1), (1, 0), (2, 1), (4, 3), (8, 105)):
        assert weights @ z**power == pytest.approx(moment, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize(
    "case", RECORD["signals"], ids=lambda case: f"{case['activation']} {case['sigma_w']:g}"
)
def test_the_theory_is_what_wide_networks_do(case):
    """Twelve networks of PyTorch, 512 wide: within three standard errors, and the few per cent that 20 layers of 512 stray."""
    theory = signal(case["activation"], case["sigma_w"], case["sigma_b"], 20)
    for expected, name in ((theory.rms, "forward"), (theory.back, "back")):
        error = np.array(case[f"{name}_spread"]) / np.sqrt(RECORD["networks"])
        assert np.all(np.abs(np.log(expected) - case[name]) <= 3 * error + 2 * 20 / RECORD["width"])


def test_lengths_of_the_gradient_after_twenty_layers_are_those_of_the_page():
    def over(layers, *weights):
        return signal(*weights, 0.0, layers + 1).back[0]

    assert over(20, "sigmoid", 1.0) == pytest.approx(2.6e-13, rel=0.02)
    assert over(20, "tanh", 1.0) == pytest.approx(0.19, rel=0.01)
    assert over(20, "relu", 2**0.5) == pytest.approx(1, rel=1e-12)
    assert over(20, "relu", 1.0) == pytest.approx(2.0**-10, rel=1e-12) and f"{2.0**-10:.1e}" == "9.8e-04"
    assert over(20, "tanh", 3.0) == pytest.approx(447, rel=0.002)


def test_lengths_after_nineteen_layers_are_those_that_were_measured():
    """One network of width 256 each had 1.0e−12, 0.198, 1.06, 1.4e−3 and 331; PyTorch's twelve lie within 15 %."""
    for case, measured in zip(RECORD["signals"], (1.0e-12, 0.198, 1.06, 1.4e-3, 331), strict=False):
        assert np.exp(case["back"][0]) == pytest.approx(measured, rel=0.15)


def test_limits_of_the_theory():
    still = signal("tanh", 0.0, 0.0, 5)
    assert np.all(still.q == 0) and still.back[0] == 0 and still.back[-1] == 1
    assert np.all(signal("identity", 1.0, 0.0, 50).back == pytest.approx(1, rel=1e-12))
    assert np.isfinite(signal("identity", 4.0, 2.0, 50).rms).all()
    assert signal("sigmoid", 1.0, 0.0, 1).back == pytest.approx([1.0])
    assert signal("threshold", 1.0, 0.0, 3).back == pytest.approx([0, 0, 1])


@pytest.mark.parametrize("name", RECORD["layers"])
def test_facts_of_the_layers_of_a_network_are_pytorchs(name):
    X = np.stack([np.cos(np.arange(40) * 0.9) * 1.5, np.sin(np.arange(40) * 1.7)], 1)
    y = (np.arange(40) % 3 == 0).astype(float)
    mlp = MLP((2, 6, 5, 1), (name, name), "binary_cross_entropy")
    rows = [3 * np.sin(1.0 + np.arange((n + 1) * m) * 0.7 + k) for k, (_, n, m) in enumerate(mlp.slots)]
    for found, expected in zip(layers(mlp, np.concatenate(rows), X, y), RECORD["layers"][name], strict=True):
        assert found.rms == pytest.approx(expected["rms"], rel=1e-12)
        assert found.gradient == pytest.approx(expected["gradient"], rel=1e-9)
        facts = (found.saturated, found.dead, found.rank)
        assert facts == pytest.approx((expected["saturated"], expected["dead"], expected["rank"]))


def test_moments_of_a_steep_tanh_are_the_integral_of_its_slope():
    """For a large q the slope is a spike at 0: E tanh′(√q z)² → (4/3)/√(2πq), as ∫ sech⁴ = 4/3."""
    _, slope = moments("tanh", 1e4)
    assert slope == pytest.approx(4 / 3 / np.sqrt(2 * np.pi * 1e4), rel=1e-3)
