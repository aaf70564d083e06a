"""Every exhibit's claim, held to the numbers that it computes."""

from itertools import permutations
from math import factorial

import numpy as np
import pytest

from engine.landscape.directions import permute_units
from engine.landscape.plane import axis
from engine.landscape.roughness import bowl_residual, flat_share, valleys
from engine.network.mlp import MLP
from engine.studies.exhibit_findings import signs_flipped
from engine.studies.exhibits import EXHIBITS

FLAT = "share of the picture that is flat"


@pytest.fixture(scope="module")
def found():
    return {key: exhibit.compute() for key, exhibit in EXHIBITS.items()}


@pytest.mark.parametrize("key", EXHIBITS)
def test_exhibits_are_whole_and_finite(found, key):
    exhibit, findings = EXHIBITS[key], found[key]
    assert exhibit.question.endswith("?") and exhibit.text and exhibit.answer
    assert findings.slices and findings.facts
    for piece in findings.slices:
        assert piece.loss.shape == (len(piece.betas), len(piece.alphas)) and np.isfinite(piece.loss).all()
        for _, a, b in piece.marks:
            assert abs(a) <= piece.alphas[-1] and abs(b) <= piece.betas[-1]
    for piece in findings.curves:
        assert all(len(y) == len(piece.x) and np.isfinite(y).all() for _, y in piece.lines)
    assert np.isfinite(list(findings.facts.values())).all()


def test_the_quadratic_loss_lies_below_and_has_the_plateaus(found):
    entropy, quadratic = (piece.loss for piece in found["two_losses"].slices)
    assert (quadratic <= entropy).all()  # −ln p ≥ ½(1−p)² for every p
    facts = found["two_losses"].facts
    assert facts[f"{FLAT}, quadratic"] > 2 * facts[f"{FLAT}, cross-entropy"]
    slope = "slope at the right end of the cut"
    assert facts[f"{slope}, cross-entropy"] > 50 * facts[f"{slope}, quadratic"]


def test_depth_roughens_and_width_smooths_the_deep_network_alone(found):
    facts = found["roughness"].facts
    assert "at one and three layers it makes no clear difference" in EXHIBITS["roughness"].answer
    for what in ("share that no bowl explains", "valleys in the picture"):
        for width in (4, 32):
            assert facts[f"{what}, 6 layers of {width}"] > 1.5 * facts[f"{what}, 1 layer of {width}"]
        assert facts[f"{what}, 6 layers of 4"] > 2 * facts[f"{what}, 6 layers of 32"]
        for layers in ("1 layer", "3 layers"):
            assert 2 / 3 < facts[f"{what}, {layers} of 4"] / facts[f"{what}, {layers} of 32"] < 3 / 2


def test_small_batches_end_where_it_is_flatter_though_not_better(found):
    facts = found["sharp_and_flat"].facts
    for seed in range(3):
        assert facts[f"λmax, small batches, seed {seed}"] < 0.85 * facts[f"λmax, large batches, seed {seed}"]
    assert facts["test loss, large batches (all)"] < facts["test loss, small batches (4)"]
    (_, small), (_, large) = found["sharp_and_flat"].curves[0].lines
    middle = len(small) // 2
    near = slice(middle - 4, middle + 5)
    assert (large[near] >= small[near]).all() and large[middle + 4] > 1.2 * small[middle + 4] > 0


def test_each_plane_makes_the_other_method_look_worse_and_neither_is_right(found):
    facts, exhibit = found["two_views"].facts, EXHIBITS["two_views"]
    losses = [facts[f"loss at {name}'s end"] for name in ("Adam", "Momentum")]
    for (own, other), loss in zip((("Momentum", "Adam"), ("Adam", "Momentum")), losses, strict=True):
        assert facts[f"loss of {other}'s end as drawn in {own}'s plane"] > 1.5 * loss
    assert "similar losses, {:.3f} and {:.3f}".format(*losses) in exhibit.text
    height = facts["height of the barrier between the ends"]
    assert f"rises by {height:.3f}, about a third of" in exhibit.answer
    assert 0.3 < height / np.mean(losses) < 0.4
    assert height < 0.02 * (facts["loss at the start"] - max(losses))


def test_a_permuted_network_is_the_same_function_behind_a_barrier(found):
    facts = found["permuted"].facts
    assert facts["largest difference of the three networks' outputs"] < 1e-12
    for copy in ("neurons shifted", "signs flipped"):
        assert facts[f"loss with {copy}"] == pytest.approx(facts["loss at the minimum"], rel=1e-12)
    assert facts["height of the barrier to the shifted copy"] > 0.5
    assert facts["height of the barrier to the flipped copy"] > 0.2
    assert 0.2 < facts["place of that barrier, 0 to 1 on the line"] < 0.8
    assert facts["distance to the shifted copy"] > 1


def test_a_layer_of_tanh_has_as_many_places_as_the_exhibit_says():
    """All orders and signs of three neurons, by brute force; 6!·2⁶ by the same count."""
    mlp = MLP((2, 3, 1), ("tanh",), "binary_cross_entropy")
    rng = np.random.default_rng(0)
    theta, X = rng.standard_normal(mlp.parameter_count), rng.standard_normal((20, 2))
    places = [
        signs_flipped(
            mlp, permute_units(mlp, theta, 0, np.array(order)), [k for k in range(3) if flips >> k & 1]
        )
        for order in permutations(range(3))
        for flips in range(8)
    ]
    assert len({tuple(place) for place in places}) == factorial(3) * 2**3
    outputs = mlp.forward(np.stack(places), X)
    np.testing.assert_allclose(outputs, np.broadcast_to(outputs[:1], outputs.shape), atol=1e-12)
    assert f"{factorial(6) * 2**6:,} such places" in EXHIBITS["permuted"].text


def test_zero_is_a_saddle_that_descent_never_leaves(found):
    facts = found["zero_saddle"].facts
    assert facts["length of the gradient at zero"] < 1e-12
    assert facts["λmin"] == pytest.approx(-facts["λmax"], rel=1e-6) and facts["λmin"] < -0.1
    assert facts["directions that curve down"] == 4  # one for each hidden neuron
    assert facts["largest weight after 300 updates from zero"] < 1e-9
    assert facts["loss after 300 updates from 0.01"] < 0.4 * facts["loss after 300 updates from zero"]


def test_with_unequal_classes_zero_learns_their_shares_and_nothing_else(found):
    facts = found["zero_saddle"].facts
    assert facts["unequal classes: share of the larger"] == pytest.approx(2 / 3, abs=0.01)
    shares = facts["unequal classes: loss of always predicting that share"]
    assert facts["unequal classes: loss after 300 updates from zero"] == pytest.approx(shares, rel=1e-6)
    assert shares < facts["loss after 300 updates from zero"] - 0.05
    assert facts["unequal classes: largest weight after 300 updates"] == 0


def test_thresholds_make_steps_that_only_random_search_crosses(found):
    facts = found["threshold"].facts
    assert facts["largest slope of a hidden weight"] == 0
    assert facts["largest change of a hidden weight by gradient descent"] == 0
    assert facts["largest change of a hidden weight by random search"] > 0.1
    assert (
        facts["loss after 400 updates of random search"]
        < 0.5 * facts["loss after 400 updates of gradient descent"]
    )
    assert (
        0 < facts["share of neighbouring cells with different losses"] < 0.8
    )  # the other neighbours are equal to the last bit


def test_measures_of_roughness_by_hand():
    places = axis(1, 21)
    a, b = np.meshgrid(places, places)
    assert bowl_residual(3 + a - a * b + 2 * b * b) == pytest.approx(0, abs=1e-12)
    assert bowl_residual(np.sin(9 * a) * np.sin(9 * b)) > 0.5
    assert valleys(a**2 + b**2) == 1
    assert valleys((a**2 - 0.25) ** 2 + b**2) == 2
    assert valleys(a + b) == 0
    assert flat_share(0.001 * a + 0 * b, places, places) == 1 and flat_share(a, places, places) == 0
