"""Every exhibit's claim, held to the numbers that it computes."""

import numpy as np
import pytest

from engine.landscape.plane import axis
from engine.landscape.roughness import bowl_residual, flat_share, valleys
from engine.studies.exhibits import EXHIBITS


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
    assert facts["flat share, quadratic"] > 2 * facts["flat share, cross-entropy"]


def test_depth_roughens_and_width_smooths(found):
    facts = found["roughness"].facts
    for what in ("not a bowl", "valleys"):
        for width in (4, 32):
            assert facts[f"{what}, 6 × {width}"] > 1.5 * facts[f"{what}, 1 × {width}"]
        assert facts[f"{what}, 6 × 4"] > 2 * facts[f"{what}, 6 × 32"]


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
    facts = found["two_views"].facts
    for own, other in (("Adam", "Momentum"), ("Momentum", "Adam")):
        assert facts[f"{other}'s end as {own}'s plane shows it"] > 1.5 * facts[f"{other}'s loss"]
    fall = facts["loss at the start"] - facts["Adam's loss"]
    assert facts["barrier between the ends"] < 0.03 * fall
    assert abs(facts["Adam's loss"] - facts["Momentum's loss"]) < 0.01 * fall


def test_a_permuted_network_is_the_same_function_behind_a_barrier(found):
    facts = found["permuted"].facts
    assert facts["largest difference of their outputs"] < 1e-12
    assert facts["loss with neurons shifted"] == pytest.approx(facts["loss at the minimum"], rel=1e-12)
    assert facts["height of the barrier"] > 0.5 and 0.2 < facts["place of the barrier"] < 0.8
    assert facts["distance between them"] > 1


def test_zero_is_a_saddle_that_descent_never_leaves(found):
    facts = found["zero_saddle"].facts
    assert facts["gradient's length"] < 1e-12
    assert facts["λmin"] == pytest.approx(-facts["λmax"], rel=1e-6) and facts["λmin"] < -0.1
    assert facts["directions that curve down"] == 4  # one for each hidden neuron
    assert facts["largest weight after 300 updates from zero"] < 1e-9
    assert facts["loss after 300 updates from 0.01"] < 0.4 * facts["loss after 300 updates from zero"]


def test_thresholds_make_steps_that_only_random_search_crosses(found):
    facts = found["threshold"].facts
    assert facts["largest gradient of the hidden layer"] == 0
    assert facts["hidden layer moved by gradient descent"] == 0
    assert facts["hidden layer moved by random search"] > 0.1
    assert facts["loss by random search"] < 0.5 * facts["loss by gradient descent"]
    assert 0 < facts["steps seen from cell to cell"] < 0.8  # the other neighbours are equal to the last bit


def test_measures_of_roughness_by_hand():
    places = axis(1, 21)
    a, b = np.meshgrid(places, places)
    assert bowl_residual(3 + a - a * b + 2 * b * b) == pytest.approx(0, abs=1e-12)
    assert bowl_residual(np.sin(9 * a) * np.sin(9 * b)) > 0.5
    assert valleys(a**2 + b**2) == 1
    assert valleys((a**2 - 0.25) ** 2 + b**2) == 2
    assert valleys(a + b) == 0
    assert flat_share(0.001 * a + 0 * b, places, places) == 1 and flat_share(a, places, places) == 0
