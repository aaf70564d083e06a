"""The Arena's script and its run without a browser: line-ups, fairness, lanes that come and go, verdicts, slow motion."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine import OPTIMIZERS, DatasetConfig, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import load_dataset
from engine.studies.rate_search import RateGrid, found_rates
from engine.training.same_start import same_start
from pages.arena.controls import PARAMETERS
from pages.arena.fairness import FAIRNESS, RATES, UPDATES, same_rate
from pages.arena.fairness import SEEDS as SEARCH_SEEDS
from pages.arena.lanes import Race
from pages.arena.line_ups import LINE_UPS
from pages.arena.run import VIEWS, ArenaRun
from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.request import read_request
from tests.pages.app import change, click, link, shows, widget
from tests.pages.app import run_of as app_run_of
from tests.pages.app import start as open_page


def start(**query: str) -> AppTest:
    return open_page("arena", **query)


def run_of(app: AppTest) -> ArenaRun:
    return app_run_of(app, "arena")


def race_of(app: AppTest) -> Race:
    return app.session_state["arena.race"]


def select(app: AppTest, place: int) -> None:
    """Choose the lane at a place for the editor."""
    change(app, edited=list(race_of(app).lanes)[place])


def make_run(*lanes: LaneConfig, seeds: int = 1, pace: str = "updates", **config) -> ArenaRun:
    dataset = DatasetConfig("moons", samples=60)
    lanes = lanes or (LaneConfig("sgd", 0.3), LaneConfig("momentum", 0.1), LaneConfig("adam", 0.01))
    whole = ExperimentConfig(dataset, NetworkConfig((4, 3)), lanes=lanes, batch_size=8, **config)
    run = ArenaRun(whole, load_dataset(dataset), False, seeds)
    run.pace = pace
    return run


def pull(run: ArenaRun, action: str = "play", **more):
    raw = dict(
        action=action, run=run.run_id, sequence=1, seen=-1, frames=3, updates=2, budget_ms=400, have={}
    )
    answer = json.loads(respond(run, Mailbox(clock=lambda: 0.0), read_request(raw | more)))
    json.dumps(answer, allow_nan=False)
    return answer


# --- the page ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(LINE_UPS))
def test_every_line_up_races_and_its_link_brings_it_back(name):
    app = change(start(), line_up=name)
    run = run_of(app)
    assert 2 <= len(run.looks) <= 8
    assert len({look.name for look in run.looks}) == len(run.looks)
    run.advance("play", 3)
    assert widget(app, "line_up").value == name
    again = start(**link(app))
    assert run_of(again).config.lanes == run.config.lanes
    assert not again.warning


@pytest.mark.parametrize("panel", list(VIEWS))
@pytest.mark.parametrize("seeds", [1, 5])
def test_every_view_draws_plain_json_at_rest_and_in_motion(panel, seeds):
    app = start(panel=panel, seeds=str(seeds))
    run = run_of(app)
    assert run.panel == panel and run.seeds == seeds
    for action in ("play", "rest", "step", "epoch", "reset"):
        answer = pull(run, action)
        assert set(answer["layout"].replace('"', " ").split()) >= {
            chart["area"] for chart in answer["charts"]
        }


@pytest.mark.parametrize("fairness", list(FAIRNESS))
def test_every_fairness_runs_says_what_is_equal_and_starts_anew(fairness):
    app = start()
    before = run_of(app)
    change(app, fairness=fairness)
    run = run_of(app)
    assert (run is before) == (fairness == "own")
    equal, _, more = FAIRNESS[fairness].words.partition(". ")
    assert any(equal in caption.value and caption.help == more for caption in app.caption)
    pull(run)
    if fairness == "same":
        assert {lane.learning_rate for lane in run.config.lanes} == {PARAMETERS["common_rate"].default}
        change(app, common_rate=0.1)
        assert {lane.learning_rate for lane in run_of(app).config.lanes} == {0.1}
    if fairness == "best":
        found = app.session_state["arena.search"].found
        assert sorted(rates.best_rate for rates in found.values()) == sorted(
            lane.learning_rate for lane in run.config.lanes
        )


def test_a_hostile_link_is_said_and_clamped():
    app = start(
        panel="<script>", seeds="1e9", fairness="nobody", target="nan", weight_layer="-3", lr="0.1", lanes="x"
    )
    assert run_of(app).seeds in (1, 20)
    assert run_of(app).panel == "race"
    assert len(app.warning) >= 3
    for value in ("99999", "abc", ""):
        start(panel="weight", weight_layer=value, weight_from=value, weight_to=value)


def test_lanes_are_copied_removed_and_forked_in_place():
    app = start()
    run = run_of(app)
    run.advance("play", 20)
    theta = run.experiment.theta(3)
    click(app, "copy")
    assert run_of(app) is run and len(run.looks) == 5
    assert np.array_equal(run.experiment.theta(4), run.experiment.theta(0))  # caught up, to the bit
    select(app, 1)
    click(app, "remove")
    assert run_of(app) is run and len(run.looks) == 4
    assert np.array_equal(run.experiment.theta(2), theta)
    select(app, 2)
    click(app, "fork")
    assert run_of(app) is run and run.looks[-1].name == "Adam from ◆ at 20"
    assert np.array_equal(run.experiment.theta(4), theta)
    change(app, optimizer="sgd")
    assert run.experiment.lanes[4].config.optimizer == "sgd" and run.looks[-1].name == "SGD from ◆ at 20"
    assert run.experiment.lanes[4].config.learning_rate == OPTIMIZERS["sgd"].start_rate
    assert run.experiment.updates == 20
    pull(run)


def test_names_and_rates_are_edited_without_a_new_run():
    app = start()
    run = run_of(app)
    change(app, name="The <b>first</b>")
    assert run_of(app) is run and run.looks[0].name == "The <b>first</b>"
    change(app, learning_rate=0.05)
    assert run_of(app) is run and run.experiment.lanes[0].config.learning_rate == 0.05
    change(app, own_seed=True)
    assert run_of(app) is run  # the seed that it has anyway
    change(app, lane1__seed=7)
    assert run_of(app) is not run and "another seed" in app.toast[0].value
    run = run_of(app)
    change(app, own_loss=True)
    change(app, lane1__loss="mean_squared_error")
    assert run_of(app).config.lanes[0].loss == "mean_squared_error"
    assert run_of(app) is not run


# --- the run -----------------------------------------------------------------------------------------------------


def test_same_start_and_same_batches_hold_for_all_seeds():
    run = make_run(seeds=5)
    for seed in range(5):
        facts = same_start(run.experiment, [rows[seed] for rows in run.rows_of])
        assert len(facts["starts"]) == len(facts["batches"]) == 1
    other = same_start(run.experiment, run.rows_of[0])
    assert len(other["starts"]) == 5


def test_equal_gradients_are_equal_exactly():
    run = make_run(
        LaneConfig("sgd", 0.1, batch_size=1),
        LaneConfig("sgd", 0.1, batch_size=32),
        LaneConfig("adam", 0.01, batch_size=1000),
        pace="evaluations",
    )
    for _ in range(4):
        run.advance("play", 5)
        assert len({lane.sample_gradients for lane in run.experiment.lanes}) == 1


def test_one_rate_spares_methods_that_search_their_own():
    lanes = same_rate((LaneConfig("sgd", 0.3), LaneConfig("lbfgs", 1.0)), 0.02)
    assert [lane.learning_rate for lane in lanes] == [0.02, 1.0]


def test_the_verdict_is_that_of_the_last_values():
    run = make_run(LaneConfig("sgd", 0.001), LaneConfig("adam", 0.05), LaneConfig("sgd", 0.001), seeds=10)
    run.show("seeds")
    run.decide_at(150)
    run.advance("play", 150)
    verdicts = {row[0]["text"]: row[-1]["text"] for row in run.verdict.table()}
    assert list(verdicts.values()) == ["a real difference", "within seed noise", "a real difference"]
    last = run.experiment.history.train_loss[-1]
    mean = run.verdict.table()[0][2]["value"]
    assert mean == pytest.approx(last[:10].mean() - last[10:20].mean())


def test_scores_count_what_a_target_took():
    run = make_run()
    run.target = 0.5
    run.advance("play", 1)
    for _ in range(200):
        run.advance("play", 1)
    columns = [column["title"] for column in run.scores.columns()]
    history = run.experiment.history
    for lane, row in enumerate(run.scores.table()):
        cells = dict(zip(columns, row, strict=True))
        reached = np.flatnonzero(history.train_loss[:, lane] <= 0.5)
        assert cells["Updates to 0.5"]["value"] == history.steps[reached[0]]
        assert cells["Best train"]["value"] == history.train_loss[:, lane].min()
        assert cells["Train loss"]["value"] == history.train_loss[-1, lane]


def test_paths_start_together_and_markers_have_the_true_loss():
    run = make_run()
    run.advance("play", 5)
    run.advance("play", 40)
    figure = run.paths.rest()["figure"]
    firsts = []
    for lane in range(3):
        line, marks = figure["data"][2 * lane], figure["data"][2 * lane + 1]
        xy = [
            np.frombuffer(__import__("base64").b64decode(line[axis]["bdata"]), line[axis]["dtype"])
            for axis in "xy"
        ]
        firsts.append([values[0] for values in xy])
        assert marks["marker"]["color"][-1] == pytest.approx(
            math.log10(run.experiment.history.train_loss[-1, lane]), rel=1e-5
        )
    assert np.ptp(np.array(firsts), axis=0).max() < 1e-6
    assert "of the variance" in figure["layout"]["xaxis"]["title"]["text"]


def test_a_picture_that_misleads_is_said():
    run = make_run()
    run.advance("play", 1)
    for lane in range(3):  # far out of the plane that was fitted before
        run.experiment.set_theta(
            lane,
            run.experiment.theta(lane) + 3 * np.random.default_rng(lane).standard_normal(31),
        )
    run.recorder.record()
    run.paths.rest()
    assert "the plane misleads along the paths" in run.paths.warning
    assert run.paths.warning in run.paths.caption()


def test_lanes_of_other_networks_are_not_put_on_one_surface():
    run = make_run(
        LaneConfig("sgd", 0.1), LaneConfig("sgd", 0.2), LaneConfig("sgd", 0.1, network=NetworkConfig((5,)))
    )
    pull(run)
    assert run.paths.lanes() == [0, 1]
    assert "only ● ■" in run.paths.caption()


def test_slow_motion_shows_one_phase_a_step_and_the_step_is_the_real_one():
    run, plain = make_run(), make_run()
    run.show("slow")
    for phase in range(4):
        before = [run.experiment.theta(lane) for lane in range(3)]
        run.advance("step", 1)
        assert run.slow.phase == phase and run.experiment.updates == (phase == 3)
        assert len(run.view.batches[0]) == 8
        pull(run, "rest")
    plain.experiment.step(1)
    for lane in range(3):
        assert np.array_equal(run.experiment.theta(lane), plain.experiment.theta(lane))
        step = run.slow.reports[lane]["step"]
        assert np.allclose(before[lane] + step, plain.experiment.theta(lane), atol=1e-7)
    cells = run.phases.table()[0]
    assert cells[4]["text"] == "none" and cells[6]["text"] == "0°"  # plain gradient descent turns nowhere
    arrows = run.paths.arrows()[:2]
    (_, thin, *_), (_, thick, *_) = arrows
    assert np.allclose(thin, thick, atol=1e-3)
    run.show("race")
    run.advance("play", 2)
    assert run.slow.phase == -1


def test_arrows_of_slow_motion_are_long_and_inside_the_picture_from_the_first_update_on():
    run = make_run(LaneConfig("sgd", 0.1), LaneConfig("rmsprop", 0.1))
    run.show("slow")
    for _ in range(3):
        for phase in range(4):
            run.advance("step", 1)
            drawn = pull(run, "rest")["rest"]["paths"]["figure"]["layout"]["annotations"] or []
            assert len(drawn) == (0, 2, 2, 4)[phase]
            left, right, bottom, top = run.paths.on.window
            for end in drawn:
                assert left <= end["x"] <= right and bottom <= end["y"] <= top
            lengths = [np.hypot(end["x"] - end["ax"], end["y"] - end["ay"]) for end in drawn]
        assert max(lengths) > 0.25 * (right - left)


def test_a_click_in_the_diagram_puts_that_weight_under_the_microscope():
    run = make_run()
    run.show("weight")
    for number, place in ((0, (0, 0, 0)), (5, (0, 1, 1)), (8, (1, 0, 0)), (8 + 12 + 2, (2, 2, 0))):
        pull(run, "click", click=dict(chart="network", x=number, y=0))
        assert run.microscope.place == place and run.microscope.link() == number
    for number in (-1, 99, "a"):
        pull(run, "click", click=dict(chart="network", x=number, y=0))
    assert run.microscope.place == (2, 2, 0)
    run.advance("play", 3)
    run.advance("play", 3)
    (heading, rule), *_ = run.microscope.formulas()
    assert "update 7" in heading and r"\theta" in rule
    weight = run.experiment.weights(0)[2][0][2, 0]
    assert run.microscope.microscope.latest(0)["theta"] == pytest.approx(float(weight))


def test_a_button_takes_ten_seeds_where_one_cannot_decide():
    app = start(panel="seeds")
    click(app, "ten_seeds")
    assert run_of(app).seeds == 10 and link(app)["seeds"] == "10" and not shows(app, "ten_seeds")
    assert not shows(start(), "ten_seeds")
    offered = list(widget(app, "seeds").options)
    assert offered == ["1 seed", "6 seeds", "10 seeds", "15 seeds", "20 seeds"]
    few = start(panel="seeds", seeds="5")
    assert not few.warning and run_of(few).seeds == 5


def test_lanes_over_seeds_come_and_go():
    run = make_run(seeds=5)
    run.advance("play", 10)
    kept = [run.experiment.theta(row) for row in run.rows_of[2]]
    run.add(LaneConfig("rmsprop", 0.01))
    run.fork(0, True, "fork")
    run.remove(1)
    assert [len(rows) for rows in run.rows_of] == [5] * 4
    assert sorted(row for rows in run.rows_of for row in rows) == list(range(20))
    assert all(
        np.array_equal(a, run.experiment.theta(row)) for a, row in zip(kept, run.rows_of[1], strict=True)
    )
    assert all(
        np.array_equal(run.experiment.theta(a), run.experiment.theta(b))
        for a, b in zip(run.rows_of[0], run.rows_of[3], strict=True)
    )
    assert [look.glyph for look in run.looks] == list("●■◆▲")
    for panel in VIEWS:
        run.show(panel)
        pull(run)
        pull(run, "rest")
    pull(run, "reset")
    assert run.experiment.updates == 0 and len(run.experiment.lanes) == 20


def test_a_diverged_lane_is_told_and_the_rest_goes_on():
    run = make_run(LaneConfig("sgd", 0.1), LaneConfig("sgd", 900.0, loss="huber"), LaneConfig("sgd", 500.0))
    for panel in VIEWS:
        run.show(panel)
        for _ in range(3):
            pull(run)
        pull(run, "rest")
    assert run.experiment.status[0].state == "running"


def test_without_a_second_seed_nothing_is_claimed():
    run = make_run()
    run.show("seeds")
    assert run.verdict.table() == [] and "luck" in run.verdict.caption()
    few = make_run(seeds=5)
    assert {row[-1]["text"] for row in few.verdict.table()} == {"5 seeds can't decide"}
    assert replace(few.config, seed=1) != few.config


def test_the_first_race_is_fair_and_its_methods_differ():
    """Each lane has the rate that the search for best rates finds, and after 200 updates the losses are far apart."""
    config = run_of(start()).config
    assert config.dataset.name == "spiral"
    assert [lane.optimizer for lane in config.lanes] == ["sgd", "momentum", "rmsprop", "adam"]
    data = load_dataset(config.dataset)
    grid = RateGrid(config, data, list(config.lanes), RATES, SEARCH_SEEDS, UPDATES)
    while not grid.finished:
        grid.advance(1.0)
    best = [lane.best_rate for lane in found_rates(grid)]
    assert [lane.learning_rate for lane in config.lanes] == pytest.approx(best, rel=0.01)
    race = Experiment(config, data)
    race.step(200)
    losses = race.history.train_loss[-1]
    assert losses.max() / losses.min() > 10
