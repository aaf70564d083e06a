"""The bowl: closed forms, hand-worked paths and thresholds as oracles."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import OPTIMIZERS
from engine.surfaces.bowl import REGIMES, Bowl, edge_rate, regime, shrinkage, steps_to_shrink, straight_rate


def test_a_parabola_by_hand():
    # f = x², λ = 2, from 1: at η = 0.25 each step halves; at 1/λ it is there; at 2/λ it swings
    bowl = Bowl((2.0,))
    assert bowl.descend((1.0,), 0.25, 3)[:, 0].tolist() == [1.0, 0.5, 0.25, 0.125]
    assert bowl.descend((1.0,), 0.5, 2)[:, 0].tolist() == [1.0, 0.0, 0.0]
    assert bowl.descend((1.0,), 1.0, 3)[:, 0].tolist() == [1.0, -1.0, 1.0, -1.0]
    assert bowl.descend((1.0,), 1.5, 3)[:, 0].tolist() == [1.0, -2.0, 4.0, -8.0]
    assert bowl.value(np.array([3.0])) == 9.0


@given(
    st.floats(0.05, 20), st.floats(0.05, 20), st.floats(-3, 3), st.floats(0, 0.2),
    st.tuples(st.floats(-5, 5), st.floats(-5, 5)),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_a_turned_ravine_against_the_closed_form(low, high, angle, rate, start):
    """cᵢ(t) = (1 − ηλᵢ)ᵗ cᵢ(0) along the axes (cos, sin) and (−sin, cos)."""
    steps, bowl = 12, Bowl((low, high), angle)
    path = bowl.descend(start, rate, steps)
    along = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    c0 = along @ np.array(start)
    t = np.arange(steps + 1)[:, None]
    expected = (1 - rate * np.array([low, high])) ** t * c0 @ along
    assert np.allclose(path, expected, rtol=1e-9, atol=1e-9 * max(1, np.abs(expected).max()))


@given(st.floats(0.05, 10), st.floats(0.001, 0.3), st.floats(0.01, 0.95))
@settings(max_examples=60, deadline=None)
def test_momentum_against_the_closed_form(curvature, rate, beta):
    """c(t) = A z₁ᵗ + B z₂ᵗ with the roots of z² − (1 + β − ηλ)z + β, from c(0) = 1 and c(1) = 1 − ηλ."""
    z = np.roots([1, -(1 + beta - rate * curvature), beta]).astype(complex)
    if abs(z[0] - z[1]) < 1e-3:  # a double root has another form
        return
    A, B = np.linalg.solve([[1, 1], z], [1, 1 - rate * curvature])
    t = np.arange(15)
    expected = (A * z[0] ** t + B * z[1] ** t).real
    path = Bowl((curvature,)).descend((1.0,), rate, 14, beta)[:, 0]
    assert np.allclose(path, expected, rtol=1e-6, atol=1e-6)
    assert shrinkage(rate, curvature, beta) == pytest.approx(np.abs(z).max(), rel=1e-9)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_it_is_what_the_engines_own_methods_do(momentum):
    bowl = Bowl((1.0, 12.0), 0.4)
    path = bowl.descend((2.0, -1.0), 0.1, 40, momentum)
    kind = OPTIMIZERS["momentum" if momentum else "sgd"]
    optimizer = kind(1, 2, 0.1, **({"beta": momentum} if momentum else {}))
    theta = np.array([[2.0, -1.0]])
    for point in path[1:]:
        optimizer.step(theta, theta @ bowl.hessian)
        assert np.allclose(theta[0], point, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("curvature", [0.3, 1.0, 8.0])
@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
def test_regimes_are_what_one_sees(curvature, beta):
    straight, edge = straight_rate(curvature, beta), edge_rate(curvature, beta)
    if not beta:
        assert straight == pytest.approx(1 / curvature)
        assert edge == pytest.approx(2 / curvature)

    def path(rate, steps=400):
        return Bowl((curvature,)).descend((1.0,), rate, steps, beta)[:, 0]

    creep = path(0.9 * straight)
    assert regime(0.9 * straight, curvature, beta).key == "creeping"
    assert (creep >= 0).all()
    assert abs(creep[-1]) < 1e-5
    between = path((straight + edge) / 2)
    assert regime(straight * 1.01, curvature, beta).key == ("swinging" if beta else "zigzag")
    assert (np.sign(between[between != 0]) < 0).any()
    real = (1 + math.sqrt(beta)) ** 2 / curvature  # from here on both roots are real again, and negative
    assert regime((real + 9 * edge) / 10 if beta else 0.9 * edge, curvature, beta).key == "zigzag"
    assert abs(path(0.99 * edge, 1500)[-1]) < 1e-2
    assert regime(edge, curvature, beta).key == "edge"
    swing = np.abs(path(edge)[-4:])
    assert np.ptp(swing) < 1e-6 * swing[0]
    assert swing[0] > 0.1
    assert regime(1.01 * edge, curvature, beta).key == "explosion"
    assert abs(path(1.01 * edge, 1500)[-1]) > 100
    assert regime(straight, curvature, beta).key == ("critical" if beta else "straight")


@pytest.mark.parametrize("beta", [0.0, 0.3, 0.5, 0.9, 0.99])
def test_what_the_regimes_say_is_what_the_path_does(beta):
    """The sentences under the picture, on paths that start at 1 with no memory."""

    def path(rate, steps=60):
        return Bowl((1.0,)).descend((1.0,), rate, steps, beta)[:, 0]

    straight, edge, swing = straight_rate(1.0, beta), edge_rate(1.0, beta), (1 + math.sqrt(beta)) ** 2
    exact = path(straight)
    if beta:  # "does not carry it past the minimum", and is the fastest that doesn't
        assert REGIMES[regime(straight, 1.0, beta).key].text.startswith(
            "The fastest rate at which momentum does not"
        )
        assert (exact > 0).all() and (path(0.9 * straight, 400) > 0).all()
        assert path(0.9 * straight)[-1] > exact[-1]
        swung = path((straight + swing) / 2, 400)
        assert (swung < 0).any() and (swung[np.argmax(swung < 0) :] > 0).any()  # "past the minimum and back"
    else:  # "One step, and it is there"
        assert exact[1] == 0
    for rate in np.linspace(swing, edge, 6)[1:]:  # "Each step jumps over the minimum"
        zigzag = path(rate)
        assert regime(rate, 1.0, beta).key in ("zigzag", "edge")
        assert (np.sign(zigzag) == (-1.0) ** np.arange(61)).all()
    away = np.abs(path(1.05 * edge))  # "Each step lands further away than the last"
    assert (np.diff(away) > 0).all()


@pytest.mark.parametrize("rate", [0.02, 0.3, 0.9, 1.5, 1.9])
def test_after_the_steps_that_the_picture_says_a_hundredth_is_left(rate):
    count = math.ceil(steps_to_shrink(shrinkage(rate, 1.0)))
    left = np.abs(Bowl((1.0,)).descend((1.0,), rate, count)[:, 0])
    assert left[-1] <= 0.01 and (count == 1 or left[-2] > 0.01)


def test_a_ravines_best_rate_and_regimes():
    bowl = Bowl((1.0, 9.0))
    assert bowl.edge() == pytest.approx(2 / 9)
    assert bowl.best_rate() == pytest.approx(0.2)  # both ends shrink by 0.8
    assert shrinkage(0.2, 1.0) == pytest.approx(0.8)
    assert shrinkage(0.2, 9.0) == pytest.approx(0.8)
    assert bowl.regime(1 / 9).key == "creeping"  # one axis is done at once, the other is not
    assert Bowl((9.0, 9.0)).regime(1 / 9).key == "straight"
    assert bowl.regime(0.23).key == "explosion"


@given(st.floats(0.1, 1), st.floats(1, 100), st.floats(0, 0.95), st.floats(0.3, 1.7))
@settings(max_examples=60, deadline=None)
def test_no_other_rate_beats_the_best(low, high, beta, factor):
    bowl = Bowl((low, high))
    best = bowl.best_rate(beta)

    def worst(rate):
        return max(shrinkage(rate, low, beta), shrinkage(rate, high, beta))

    assert worst(best) <= worst(best * factor) + 1e-9


def test_an_explosion_ends_where_numbers_do():
    path = Bowl((1.0,)).descend((1.0,), 1000.0, 2000)
    assert 20 < len(path) < 200
    assert np.isfinite(path).all()
    assert np.abs(path[-1, 0]) > 1e100


@pytest.mark.parametrize("wrong", [(), (0.0,), (-1.0, 2.0), (math.nan,), (math.inf,)])
def test_odd_curvatures_are_refused(wrong):
    with pytest.raises(ValueError, match="Curvatures"):
        Bowl(wrong)


def test_odd_descents_are_refused():
    bowl = Bowl((1.0,))
    for start, rate, momentum in [
        ((1.0, 2.0), 0.1, 0),
        ((math.nan,), 0.1, 0),
        ((1.0,), -1, 0),
        ((1.0,), 0.1, 1.0),
    ]:
        with pytest.raises(ValueError, match=r"must be|choose"):
            bowl.descend(start, rate, 3, momentum)
    with pytest.raises(ValueError, match="turned"):
        Bowl((1.0,), 0.3)


def test_steps_to_shrink():
    assert steps_to_shrink(0.1) == pytest.approx(2)
    assert steps_to_shrink(0.0) == 1
    assert math.isinf(steps_to_shrink(1.0))
    assert set(REGIMES) == {"creeping", "straight", "critical", "swinging", "zigzag", "edge", "explosion"}


def test_flow_is_scipys_and_what_ever_smaller_steps_come_to():
    record = json.loads((Path(__file__).parents[2] / "oracles" / "first_steps.json").read_text())
    bowl = Bowl((0.1, 1.0), math.radians(20))
    for case in record["flows"]["ravine"]:
        found = bowl.flow(np.array(case["start"]), np.array(case["times"]))
        assert np.allclose(found, case["places"], rtol=1e-8, atol=1e-9)
    exact = bowl.flow((1.0, 2.0), np.array([3.0]))[0]
    gaps = [
        float(np.abs(bowl.descend((1.0, 2.0), rate, round(3 / rate))[-1] - exact).max())
        for rate in (0.1, 0.01)
    ]
    assert 8 < gaps[0] / gaps[1] < 12, "the gap falls with the rate"
