"""The Penalties view: its numbers and sentences against the engine, its limits, and changes while it trains."""

import numpy as np
import pytest

from engine import ExperimentConfig
from engine.studies.penalty_paths import CENTRES, hovering, prior
from pages.generalisation.figures import histogram, histogram_bins
from pages.generalisation.penalties_network import DATA, NETWORK, PenaltiesRun
from tests.pages.app import change, run_of, start
from tests.pages.test_generalisation import all_text, opened, pull


def run_in(app) -> PenaltiesRun:
    return run_of(app, "generalisation", "penalties")


def trained(updates=1500, **query) -> PenaltiesRun:
    run = run_in(opened("penalties", **query))
    run.advance("play", updates)
    return run


def readout(run):
    return dict(run.state()["readout"])


# --- in a network -------------------------------------------------------------------------------------------


def test_l1_leaves_six_weights_and_both_useful_inputs_and_the_sub_gradient_leaves_all_at_the_same_loss():
    proximal, sub = trained(), trained(l1step="sub-gradient")
    assert readout(proximal)["Zero weights"] == "42 of 48" and readout(proximal)["Inputs in use"] == "2 of 7"
    used = (proximal.experiment.weights(0)[0][0] != 0).any(axis=1)
    assert [DATA.features[k] for k in np.flatnonzero(used)] == ["x1_squared", "x2_squared"]
    assert readout(sub)["Zero weights"] == "0 of 48" and readout(sub)["Inputs in use"] == "7 of 7"
    near = np.abs(sub.weights()) <= 2 * 0.3 * 0.01
    assert near.tolist() == (proximal.weights() == 0).tolist() and near.sum() == 42
    losses = [run.experiment.evaluate()["train_loss"][0] for run in (proximal, sub)]
    assert losses[0] == pytest.approx(losses[1], rel=0.05)
    text = all_text(opened("penalties"))
    assert "SGD leaves 6 of 48 weights after 1,500 updates, and both useful inputs" in text
    assert "the same 42 weights end within 2ηλ₁ of zero" in text


def test_l2_shrinks_and_makes_no_weight_zero():
    plain, shrunk = trained(l1="0"), trained(l1="0", l2="0.01")
    assert readout(shrunk)["Zero weights"] == readout(plain)["Zero weights"] == "0 of 48"
    assert np.abs(shrunk.weights()).sum() < 0.7 * np.abs(plain.weights()).sum()


def test_a_huge_penalty_leaves_the_output_bias_alone_which_says_how_frequent_each_class_is():
    run = trained(600, l1="10")
    assert readout(run)["Zero weights"] == "48 of 48" and readout(run)["Inputs in use"] == "0 of 7"
    share = run.data.y_train.mean()
    X = run.data.X_train[:5]
    assert run.experiment.predict_lane(0, X) == pytest.approx(np.full((5, 1), share), abs=1e-3)


def test_the_step_can_be_switched_while_it_trains():
    app = opened("penalties", l1step="sub-gradient")
    run = run_in(app)
    run.advance("play", 600)
    assert readout(run)["Zero weights"] == "0 of 48"
    change(app, l1step="proximal")
    assert run_in(app) is run and run.step() == 600
    run.advance("play", 50)
    assert readout(run)["Zero weights"] == "42 of 48"
    assert "L1 step sub-gradient → proximal" in [text for _, _, text in run.experiment.history.marks]


def test_adaptive_methods_say_that_the_threshold_is_an_approximation():
    said = "With Adam the threshold uses each weight's effective rate: an approximation."
    assert said in all_text(opened("penalties", opt="adam"))
    assert said not in all_text(opened("penalties")) + all_text(opened("penalties", opt="adam", l1="0"))
    run = trained(opt="adam", l1="0.003")
    assert int(readout(run)["Zero weights"].split()[0]) > 20


def test_the_histogram_counts_every_weight_once_over_its_prior():
    run = trained(300)
    _, weights, _ = run.cards
    (x, counts), (_, zeros), (_, expected) = weights.bars()
    total = np.nansum(np.array(counts, float)) + zeros[0]
    assert total == 48 and zeros[0] == (run.weights() == 0).sum()
    n, width = len(run.data.y_train), x[1] - x[0]
    assert expected == pytest.approx(48 * width * prior(np.array(x), n, 0.01, 0), rel=1e-6)
    assert weights.caption() == "prior: Laplace"
    part = pull(run, updates=5)["frames"][-1]["charts"]["weights"]
    assert len(part["set"]) == 3
    assert trained(1, l1="0").cards[1].caption() == "no penalty, no prior"
    assert trained(1, l2="0.1").cards[1].caption() == "prior: Laplace × Gauss"
    edges = histogram_bins(1.0, 41)
    assert edges[20] < 0 < edges[21] and np.isnan(histogram(run.weights(), edges, n, 0, 0)[2]).all()


def test_the_run_is_the_one_of_the_same_settings_elsewhere():
    run = trained(40)
    assert run.config == ExperimentConfig(DATA, NETWORK, batch_size=300, lanes=run.config.lanes)
    assert run.experiment.lanes[0].batch_size == len(run.data.y_train)


# --- linear models ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("strength", "zeros"), [("0", 0), ("0.1", 6), ("0.3", 7), ("2", 12)])
def test_against_the_strength_says_how_many_weights_are_exactly_zero(strength, zeros):
    text = all_text(opened("penalties", tab="path", lam=strength))
    assert (
        f"Exactly zero, of 12: L1 **{zeros}**, L2 **0**, L1 by the sub-gradient after 500 updates **0**."
        in text
    )
    if zeros:
        assert "2ηλ is" in text


def test_the_sub_gradient_stays_within_the_bound_that_is_said():
    for strength in (0.1, 0.3, 1.0):
        last = hovering(CENTRES, strength, 0.1, 500)[1]
        small = np.abs(CENTRES) <= strength
        assert (np.abs(last[small]) <= 0.1 * (strength + np.abs(CENTRES[small]))).all()
        assert 0.1 * (strength + np.abs(CENTRES[small]).max()) <= 2 * 0.1 * strength


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({}, "L1 ends at (1.12, 0): **w₂ is exactly 0**. L2 ends at (1.01, 0.361): **no weight is 0**."),
        ({"pull": "3"}, "**w₁ and w₂ are exactly 0**. L2 ends at"),
        ({"pull": "0"}, "L1 ends at (1.6, 0.4): **no weight is 0**. L2 ends at (1.6, 0.4): **no weight is 0**."),
        ({"first": "0", "second": "0"}, "**w₁ and w₂ are exactly 0**. L2 ends at (0, 0): **w₁ and w₂ are exactly 0**."),
    ],
)  # fmt: skip
def test_disc_and_diamond_say_where_each_penalty_ends(query, said):
    assert said in all_text(opened("penalties", tab="plane", **query))


def test_a_tab_keeps_its_values_while_another_is_shown():
    app = start("generalisation", view="penalties", tab="path", lam="0.4")
    change(app, tab="plane")
    change(app, tab="path")
    assert "The twelve weights at λ = 0.4" in all_text(app)
