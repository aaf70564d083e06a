"""The Arena's curves and scores: what is measured stands where and when it was."""

import numpy as np
import pytest

from engine import DatasetConfig, ExperimentConfig, LaneConfig
from engine.studies.rate_search import RateGrid
from engine.training.lane import State
from pages.shared.cards.curves import METRICS
from tests.pages import test_arena, test_learning_rate
from tests.pages.app import change, run_of, start
from tests.pages.test_arena import make_run


def test_the_median_curve_goes_on_where_the_runs_go_on():
    """Two of five runs diverge at update 10; the median at update 30 stands at 30, not at 22."""
    run = make_run(LaneConfig("sgd", 0.1), LaneConfig("sgd", 0.3), seeds=5)
    run.advance("play", 10)
    with run.experiment.apart() as lanes:
        for row in (0, 2):
            lanes[row].leave(State.DIVERGED, "The loss grew.")
    run.advance("play", 20)
    x = run.loss.curves()[0].x
    assert x[-1] == 30 and np.all(np.diff(x) > 0)
    run.experiment.history.mark(30, 0, "another rate")
    assert run.loss.marks()[-1].at == 30


def test_under_the_pointer_the_train_loss_says_that_penalties_are_left_out_and_no_other_curve_does():
    run = make_run()
    for metric in METRICS:
        run.metric = metric
        said = {trace["hovertemplate"] for trace in run.loss.figure().traces if trace.get("mode") == "lines"}
        assert all(("(without penalties)" in words) == (metric == "train_loss") for words in said), metric


@pytest.mark.parametrize("seeds", ["1", "5", "20"])
def test_the_last_seed_works_with_every_number_of_seeds(seeds):
    run = test_arena.run_of(test_arena.start(seed="999999", seeds=seeds))
    assert len(run.experiment.lanes) == int(seeds) * len(run.config.lanes)
    assert {run.experiment.lanes[rows[0]].config.seed for rows in run.rows_of} == {999_999}


def test_the_last_seed_works_on_the_rate_map():
    app = test_learning_rate.start(view="map", seed="999999", runs="3")
    assert test_learning_rate.run_of(app, "map").grid.seeds == (999_999, 0, 1)


def test_a_lane_that_joins_has_the_seeds_of_its_twin_or_its_own():
    run = make_run(LaneConfig("sgd", 0.1), LaneConfig("sgd", 0.3, seed=1), seeds=5)
    run.add(LaneConfig("adam", 0.01))
    run.add(LaneConfig("adam", 0.01, seed=11))
    seeds = [{run.experiment.lanes[row].config.seed for row in rows} for rows in run.rows_of]
    assert seeds[2] == seeds[0] and 11 in seeds[3]
    assert len(seeds[0] | seeds[1] | seeds[3]) == 15


def test_without_test_data_the_rate_map_says_so_and_nothing_is_called_diverged():
    config = ExperimentConfig(DatasetConfig(test_fraction=0.0))
    with pytest.raises(ValueError, match="There are no test data"):
        RateGrid(config, None, ["sgd"], [0.1], measure="test_loss")
    app = test_learning_rate.start(view="map", test="0", measure="test_loss")
    assert [error.value for error in app.error] == [
        "There are no test data: choose a test share above 0, or what is measured on the training data."
    ]


def test_the_finder_says_where_no_rate_does_anything():
    run = test_learning_rate.run_of(
        test_learning_rate.start(view="finder", low="1e-07", high="1e-05"), "finder"
    )
    assert "No rate in this range does anything" in run.state()["message"]


def cells(run, lane):
    return dict(zip((c["title"] for c in run.scores.columns()), run.scores.table()[lane], strict=True))


@pytest.mark.parametrize("seeds", [1, 5])
def test_an_unreached_target_is_a_dash(seeds):
    run = make_run(seeds=seeds)
    run.aim(1e-6)
    run.advance("play", 20)
    for lane in range(3):
        for title in ("Updates to 10⁻⁶", "Gradients to 10⁻⁶"):
            assert cells(run, lane)[title] == dict(text="–", value=None)


def test_scores_do_not_change_when_the_history_is_thinned():
    """4,200 updates later, with a point kept every fourth update, the same numbers stand there."""
    run = make_run(LaneConfig("sgd", 0.05), LaneConfig("adam", 0.003))
    run.aim(0.5)
    while "–" in [cells(run, lane)["Updates to 0.5"]["text"] for lane in range(2)]:
        run.advance("play", 7)
    before = [
        [cells(run, lane)[f"{what} to 0.5"]["text"] for what in ("Updates", "Gradients")] for lane in range(2)
    ]
    best = [cells(run, lane)["Best train"]["value"] for lane in range(2)]
    run.advance("play", 4200)
    assert run.experiment.history.stride == 4
    assert before == [[cells(run, lane)[f"{what} to 0.5"]["text"] for what in ("Updates", "Gradients")] for lane in range(2)]  # fmt: skip
    assert all(cells(run, lane)["Best train"]["value"] <= best[lane] for lane in range(2))
    reached = [cells(run, lane)["Best train"]["value"] for lane in range(2)]
    assert reached == run.experiment.reach.lowest[0].tolist()
    assert (
        min(reached[lane] - kept for lane, kept in enumerate(run.experiment.history.train_loss.min(axis=0)))
        < 0
    )


def test_a_target_chosen_late_shows_that_it_may_have_been_reached_before():
    run = make_run(LaneConfig("sgd", 0.3), LaneConfig("adam", 0.01))
    run.advance("play", 300)
    run.aim(0.4567)
    assert cells(run, 0)["Updates to 0.457"]["text"].startswith("≤ ")
    run.aim(0.5)
    assert not cells(run, 0)["Updates to 0.5"]["text"].startswith("≤")


def test_time_is_counted_by_each_lanes_own_price():
    run = make_run(LaneConfig("sgd", 0.3), LaneConfig("sgd", 0.3, batch_size=1), seeds=5)
    run.advance("play", 30)
    for rows in run.rows_of:
        lanes = [run.experiment.lanes[row] for row in rows]
        assert len({lane.price for lane in lanes}) == 1 and lanes[0].price > 0
        assert lanes[0].milliseconds == pytest.approx(30 * lanes[0].price)


def test_scores_count_weights_that_are_exactly_zero_where_a_lane_has_l1_and_only_the_proximal_rule_makes_any():
    app = change(start("arena", panel="scores"), line_up="l1_rules")
    run = run_of(app, "arena")
    run.advance("play", 400)
    scores = next(card for card in run.cards if card.name == "scores")
    titles = [column["title"] for column in scores.columns()]
    place = titles.index("Zero weights")
    counts = {row[0]["text"]: row[place] for row in scores.table()}
    mask = run.experiment.mlp(0).weight_mask
    for k, (name, counted) in enumerate(counts.items()):
        assert counted["value"] == (run.experiment.theta(k)[mask] == 0).sum()
        assert counted["text"] == f"{counted['value']:g} of {mask.sum()}"
        assert (counted["value"] > 0) == name.endswith("proximal")
    usual = run_of(start("arena", panel="scores"), "arena")
    assert "Zero weights" not in [
        column["title"] for card in usual.cards if card.name == "scores" for column in card.columns()
    ]
