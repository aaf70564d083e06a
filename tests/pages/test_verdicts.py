"""The Seeds view's verdict: at one place fixed beforehand, for all pairs together, and never changed afterwards."""

import json

import numpy as np
import pytest

from engine import DatasetConfig, ExperimentConfig, LaneConfig
from engine.data.load import load_dataset
from pages.arena.line_ups import LINE_UPS
from pages.arena.run import ArenaRun
from tests.pages import test_arena
from tests.pages.test_arena import make_run

LANES = (LaneConfig("sgd", 0.001), LaneConfig("adam", 0.05), LaneConfig("sgd", 0.3))


def verdicts(run):
    return [row[-1]["text"] for row in run.verdict.table()]


def test_nothing_is_said_before_the_place_and_nothing_changes_after_it():
    run = make_run(*LANES, seeds=10)
    run.show("seeds")
    run.decide_at(50)
    run.advance("play", 30)
    assert set(verdicts(run)) == {"at 50 updates"} and {row[4]["text"] for row in run.verdict.table()} == {
        "–"
    }
    run.advance("play", 100)  # over the place
    first = json.dumps(run.verdict.table())
    there = make_run(*LANES, seeds=10)
    there.advance("play", 50)
    assert np.array_equal(run.look.values["train_loss"], there.experiment.history.train_loss[-1])
    assert "a real difference" in verdicts(run) and "at 50 updates" in run.verdict.caption()
    run.advance("play", 100)
    run.fork(0, False, "fork")
    run.remove(1)
    assert json.dumps(run.verdict.table()) == first


def test_a_place_chosen_while_it_races_counts_from_the_next_reset():
    run = make_run(*LANES, seeds=10)
    run.decide_at(50)
    run.advance("play", 10)
    run.decide_at(500)
    assert run.look.at == 50 and "500 counts from the next reset" in run.verdict.caption()
    run.advance("reset", 0)
    assert run.look.at == 500


def test_the_place_is_marked_on_the_curves_from_the_start():
    run = make_run(*LANES, seeds=10)
    run.decide_at(50)
    assert [(mark.at, mark.flag) for mark in run.loss.marks()] == [(50.0, "verdict")]
    run.against = "epochs"
    assert run.loss.marks() == []  # not known yet
    run.advance("play", 60)
    assert run.loss.marks()[0].at == pytest.approx(50 * 8 / 42, rel=0.2)
    assert make_run(*LANES).loss.marks() == []  # one seed: no verdict


@pytest.mark.parametrize("pace", ["evaluations", "milliseconds"])
def test_other_paces_decide_in_their_own_measure(pace):
    run = make_run(*LANES, seeds=10, pace=pace)
    run.decide_at(10)
    for _ in range(100):
        run.advance("play", 20)
        if run.look.values is not None:
            break
    assert run.look.values is not None and run.place() >= 10
    assert "ms" in run.verdict.caption() or "epochs of gradients" in run.verdict.caption()


def test_holm_is_on_until_it_is_switched_off():
    run = make_run(*LANES, seeds=10)
    run.decide_at(30)
    run.advance("play", 40)
    for test, row in zip(run.verdict.tests(), run.verdict.table(), strict=True):
        assert row[4]["value"] == test.p_holm >= test.p_value
    assert "Holm" in run.verdict.caption()
    assert "Holm" in run.verdict.columns()[4]["help"]
    run.corrects = False
    assert [row[4]["value"] for row in run.verdict.table()] == [t.p_value for t in run.verdict.tests()]
    assert "false alarms" in run.verdict.caption()
    assert verdicts(run) == ["a real difference" if t.p_value <= 0.05 else "within seed noise" for t in run.verdict.tests()]  # fmt: skip


def test_the_seeds_line_up_races_with_seeds_that_no_two_lanes_share():
    run = make_run(*LINE_UPS["seeds"].make(None), seeds=10)
    seeds = [run.experiment.lanes[row].config.seed for rows in run.rows_of for row in rows]
    assert len(set(seeds)) == 40
    run.decide_at(20)
    run.advance("play", 20)
    assert "end the same" not in " ".join(test.verdict() for test in run.verdict.tests())


def test_what_is_not_measured_is_not_decided():
    dataset = DatasetConfig("moons", samples=60, test_fraction=0.0)
    run = ArenaRun(ExperimentConfig(dataset, lanes=LANES), load_dataset(dataset), False, 10)
    run.metric = "test_loss"
    run.decide_at(20)
    run.advance("play", 30)
    assert run.verdict.table() == [] and run.verdict.caption().startswith("There are no test data")


def test_the_link_holds_the_place_and_the_switch():
    app = test_arena.start(panel="seeds", seeds="10", verdict_at="100", holm="false")
    run = test_arena.run_of(app)
    assert run.look.at == 100 and not run.corrects
