"""The timeline: every card of every run shows an earlier moment as it was, to the bit; and what goes on from there."""

import json

import numpy as np
import pytest

from engine import DatasetConfig, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import load_dataset
from pages.arena.run import VIEWS, ArenaRun
from pages.landscape.run import SurfaceRun
from pages.learning_rate.ladder import LadderRun
from pages.learning_rate.schedules import SchedulesRun
from pages.learning_rate.stability import GaugeRun
from pages.playground.run import PlaygroundRun
from pages.shared.live import timeline
from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.request import read_request
from pages.units import activations, collapse, depth, start
from pages.units.activations_run import ActivationsRun
from pages.units.collapse_run import CollapseRun
from pages.units.depth_run import DepthRun
from pages.units.start_run import StartRun

LANES = (LaneConfig("sgd", 0.3), LaneConfig("adam", 0.02), LaneConfig("momentum", 0.1))
DATA = DatasetConfig("moons", samples=60)


def make(kind, lanes=LANES, **more):
    config = ExperimentConfig(DATA, NetworkConfig((4,)), lanes=lanes)
    return kind(config, load_dataset(DATA), False, **more)


def playground():
    return make(PlaygroundRun, LANES[1:2])


def arena(panel="race", seeds=1):
    run = make(ArenaRun, seeds=seeds)
    run.show(panel)
    return run


def units(config_of, view, kind, **more):
    config = config_of(
        {name: option.default for name, option in view.OPTIONS.items()} | {"width": 4, "neurons": 4}
    )
    return kind(config, load_dataset(config.dataset), False, **more)


RUNS = {
    "playground": playground,
    **{f"arena {panel}": lambda panel=panel: arena(panel) for panel in VIEWS},
    "arena of 3 seeds": lambda: arena("scores", 3),
    "ladder": lambda: make(LadderRun),
    "stability": lambda: make(GaugeRun, tuple(LaneConfig("sgd", rate) for rate in (0.1, 0.2))),
    "schedules": lambda: make(SchedulesRun),
    "landscape": lambda: make(SurfaceRun, LANES[:1]),
    "units activations": lambda: units(activations.network_config, activations, ActivationsRun),
    "units collapse": lambda: units(collapse.config_of, collapse, CollapseRun),
    "units depth": lambda: units(depth.config_of, depth, DepthRun),
    "units start": lambda: units(start.config_of, start, StartRun, share=0.3),
}


def pull(run, mailbox, action, **more):
    raw = dict(
        action=action, run=run.run_id, sequence=1, seen=-1, frames=1, updates=1, budget_ms=150, have={}
    )
    answer = json.loads(respond(run, mailbox, read_request(raw | more)))
    mailbox.outbox.clear()
    return answer


def views(run):
    """The exact view of every card, whole; numbers that count what was sent are left out."""
    found = {}
    for card in run.cards:
        rest = card.rest() or {}
        while part := card.refine():
            rest = {**rest, **part}
        found[card.name] = json.dumps(rest, sort_keys=True)
        if "caption" not in rest:
            found[f"caption of {card.name}"] = card.caption()
    return found


@pytest.mark.parametrize("name", RUNS)
def test_every_card_shows_an_earlier_moment_to_the_bit(name):
    run, mailbox = RUNS[name](), Mailbox(clock=lambda: 0.0)
    seen = {}
    for frame in range(9):
        if frame in (0, 3, 6):  # a pause
            pull(run, mailbox, "rest")
            seen[frame] = run.position(), run.state()["readout"], views(run)
        pull(run, mailbox, "play")
    pull(run, mailbox, "rest")
    end = run.position(), run.state()["readout"], views(run)
    kept = [kept.position for kept in run.timeline.kept]
    for frame in (3, 6, 0):
        place, readout, pictures = seen[frame]
        answer = pull(run, mailbox, "moment", moment=kept.index(place))
        assert run.position() == place
        assert answer["state"]["readout"] == readout
        now = views(run)
        for card, picture in pictures.items():
            assert now[card] == picture, (frame, card)
            if card.startswith("caption of"):
                assert picture == end[2][card], f"{card} changes, and the view at rest does not bring it"
    assert now != end[2]
    pull(run, mailbox, "moment", moment=10**9)
    assert (run.position(), run.state()["readout"]) == end[:2]
    again = views(run)
    for card, picture in end[2].items():
        assert again[card] == picture, card


@pytest.mark.parametrize("name", RUNS)
def test_looking_back_changes_nothing_of_what_comes(name):
    plain, looked = RUNS[name](), RUNS[name]()
    for run in (plain, looked):
        mailbox = Mailbox(clock=lambda: 0.0)
        for _ in range(6):
            pull(run, mailbox, "play")  # one update, however slow the machine is
            if run is looked:
                pull(run, mailbox, "moment", moment=0)
        pull(run, mailbox, "moment", moment=10**9)
    thetas = [
        [run.experiment.theta(k).tobytes() for k in range(len(run.experiment.lanes))]
        for run in (plain, looked)
    ]
    assert thetas[0] == thetas[1]


def test_after_looking_back_the_next_frame_brings_the_whole_curve():
    run, mailbox = playground(), Mailbox(clock=lambda: 0.0)
    for _ in range(5):
        pull(run, mailbox, "play")
    pull(run, mailbox, "moment", moment=1)
    raw = dict(
        action="play", run=run.run_id, sequence=9, seen=-1, frames=1, updates=1, budget_ms=150, have={}
    )
    answer = json.loads(respond(run, mailbox, read_request(raw)))
    assert answer["frames"][-1]["charts"]["loss"]["extend"][0][1] == [0, 1, 2, 3, 4, 5, 6]


def test_a_fork_goes_on_with_the_optimizers_state_and_is_marked():
    run, mailbox = playground(), Mailbox(clock=lambda: 0.0)
    bits = []
    for _ in range(12):
        bits.append(run.experiment.theta(0).tobytes())
        pull(run, mailbox, "play")
    answer = pull(run, mailbox, "moment", moment=4)
    assert answer["replay"] == dict(count=13, at=4, text="update 4 of 12")
    answer = pull(run, mailbox, "fork")
    assert answer["replay"]["count"] == 5
    assert run.experiment.history.marks[-1] == (4, 0, "went on from here (it had been at 12)")
    for update in range(4, 12):
        assert run.step() == update
        assert (
            run.experiment.theta(0).tobytes() == bits[update]
        )  # Adam without its averages would go elsewhere
        pull(run, mailbox, "play")


def test_a_fork_has_the_settings_of_now():
    run, mailbox = playground(), Mailbox(clock=lambda: 0.0)
    for _ in range(4):
        pull(run, mailbox, "play")
    slower = ExperimentConfig(DATA, NetworkConfig((4,)), lanes=(LaneConfig("adam", 0.001),))
    run.swap(slower)
    pull(run, mailbox, "play")
    pull(run, mailbox, "moment", moment=2)
    assert run.experiment.lanes[0].config.learning_rate == 0.02
    pull(run, mailbox, "fork")
    assert run.experiment.lanes[0].config.learning_rate == 0.001
    assert any(step == 2 and "rate" in text for step, _, text in run.experiment.history.marks)


def test_a_lane_is_forked_from_the_moment_that_is_shown():
    run, mailbox = arena(), Mailbox(clock=lambda: 0.0)
    for _ in range(6):
        pull(run, mailbox, "play")
    pull(run, mailbox, "moment", moment=2)
    then = run.experiment.theta(1)
    run.fork(1, True, "second")
    assert run.experiment.updates == 2
    assert np.array_equal(run.experiment.theta(3), then)


def test_settings_that_are_changed_while_an_earlier_moment_is_shown_are_those_of_the_run():
    run, mailbox = playground(), Mailbox(clock=lambda: 0.0)
    for _ in range(4):
        pull(run, mailbox, "play")
    pull(run, mailbox, "moment", moment=1)
    run.swap(ExperimentConfig(DATA, NetworkConfig((4,)), lanes=(LaneConfig("adam", 0.5),)))
    assert run.step() == 4
    assert run.experiment.lanes[0].config.learning_rate == 0.5


def test_moments_are_thinned_evenly_and_it_is_said():
    run, mailbox = playground(), Mailbox(clock=lambda: 0.0)
    for _ in range(300):
        run.forward("play", 1)
    steps = [kept.moment.updates for kept in run.timeline.kept]
    assert len(steps) <= timeline.MOST_MOMENTS
    assert set(np.diff(steps)) == {8}
    answer = pull(run, mailbox, "moment", moment=3)
    assert answer["replay"]["text"] == "update 24 of 300 · every 8th picture is kept"


@pytest.mark.parametrize("hidden", [(8, 8), (32, 32, 32, 32)])
def test_what_is_kept_is_bounded(hidden):
    """Bytes of all arrays that are reachable from the moments, each counted once."""
    lanes = tuple(LaneConfig("adam", 0.01, name=str(k)) for k in range(4))
    config = ExperimentConfig(DATA, NetworkConfig(hidden), lanes=lanes)
    run = ArenaRun(config, load_dataset(DATA), False)
    for _ in range(400):
        run.recorder.record()
        run.timeline.see(run.kept)
        for lane in run.experiment.lanes:
            lane.updates += 1
        run.experiment.updates += 1
    recorded = [theta for points in run.recorder.kept.values() for _, _, theta in points]
    own = set(map(id, recorded))
    arrays = {}
    for kept in run.timeline.kept:
        found = [theta for points in kept.paths.kept.values() for _, _, theta in points]
        for lane in kept.moment.lanes:
            found += [lane.theta, *lane.optimizer_state.values()]
        arrays |= {id(array): array.nbytes for array in found if id(array) not in own}
    assert 2 <= len(run.timeline.kept) <= timeline.MOST_MOMENTS
    half = sum(theta.nbytes for theta in recorded) / 2
    assert sum(arrays.values()) < timeline.MOST_BYTES + half


@pytest.mark.parametrize("moment", [-5, 10**30, float("nan"), "3", None, [1]])
def test_a_moment_that_is_none_shows_the_first_or_the_last(moment):
    run, mailbox = playground(), Mailbox(clock=lambda: 0.0)
    pull(run, mailbox, "play")
    assert pull(run, mailbox, "moment", moment=moment)["replay"]["at"] in (0, 1)
    pull(run, mailbox, "fork")
    assert pull(run, mailbox, "play")["state"]["step"] in (1, 2)
