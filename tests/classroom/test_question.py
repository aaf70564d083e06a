"""Predict, then reveal: what can be asked, what is held back and covered, and what the truth is when it is played."""

import json

import numpy as np
import pytest

from pages.shared.classroom.question import Question, kinds_for, read
from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.protocol import Wish
from pages.shared.live.request import read_request
from tests.pages.app import change, link, run_of, start, widget


def pull(run, action, **more):
    raw = dict(
        action=action, run=run.run_id, sequence=1, seen=-1, frames=30, updates=200, budget_ms=150, have={}
    )
    return respond(run, Mailbox(), read_request(raw | more))


def aim(run):
    return json.loads(respond(run, Mailbox(), None))["aim"]


def text(app):
    return " ".join(element.value for element in app.markdown)


def answer(app, value):
    (box,) = [each for each in app.radio if ".question." in each.key]
    box.set_value(value).run()
    assert not app.exception, app.exception


def reveal(app, run):
    widget(app, "question.reveal").click().run()
    while run.step() < run.quiz.at and not run.state()["finished"]:
        pull(run, "play")
    assert pull(run, "rest") is Wish.PAGE
    app.run()
    assert not app.exception, app.exception


@pytest.mark.parametrize(
    ("raw", "question"),
    [
        ("lowest.500", Question("lowest", 500)), ("diverges.30.2", Question("diverges", 30, 1)),
        ("accuracy.1", Question("accuracy", 1)), ("end.20000.8", Question("end", 20000, 7)),
    ],
)  # fmt: skip
def test_a_link_says_what_is_asked(raw, question):
    problems = []
    assert read(raw, problems) == question and not problems
    assert read(question.text(), []) == question


@pytest.mark.parametrize("raw", ["", "lowest", "lowest.0", "lowest.-5", "lowest.99999", "luck.500", "end.1.0", "end.1.2.3", "accuracy.٣", "lowest.1e3", "<b>.5"])  # fmt: skip
def test_what_is_no_question_is_said(raw):
    app = start("arena", ask=raw)
    assert sum("is no question" in warning.value for warning in app.warning) == 1
    assert "ask" not in link(app) and run_of(app, "arena").quiz is None


def test_nothing_is_trained_before_an_answer_and_what_would_give_it_away_is_covered():
    app = start("arena", data="spiral", lr="0.1", lane1="opt:momentum", ask="lowest.60")
    run = run_of(app, "arena")
    assert link(app)[
        "ask"
    ] == "lowest.60" and "Which lane has the lowest training loss at update 60?" in text(app)
    assert aim(run)["locked"] and "loss" in aim(run)["covered"]
    for action in ("play", "step", "epoch"):
        pull(run, action)
    assert run.step() == 0
    widget(app, "question.reveal").click().run()
    assert [warning.value for warning in app.warning] == ["Give an answer first."] and run.quiz.number == 0
    answer(app, 0)
    reveal(app, run)
    assert run.step() == 60 and aim(run)["covered"] == [] and not aim(run)["locked"]
    losses = run.experiment.history.train_loss[-1]
    assert losses[1] < losses[0]
    assert "**You said:** ● SGD" in text(app) and "**It is:** ■ Momentum" in text(app)
    assert f"{losses[1]:.3g}"[:5] in text(app) and ":material/cancel:" in text(app)
    pull(run, "play")
    assert run.step() > 60


def test_whether_a_rate_diverges_is_told_with_its_reason():
    app = start("arena", data="plane", net="none", batch="5000", lr="0.01", lane1="lr:2", ask="diverges.40.2")
    run = run_of(app, "arena")
    answer(app, 1)
    reveal(app, run)
    status = run.experiment.status[1]
    assert status.state == "diverged" and "**You said:** No" in text(app) and "**It is:** Yes. " in text(app)


def test_the_accuracy_is_a_number_of_percent():
    app = start("playground", ask="accuracy.100")
    run = run_of(app)
    (box,) = [each for each in app.number_input if ".question." in each.key]
    box.set_value(80.0).run()
    reveal(app, run)
    share = 100 * run.experiment.history.test_accuracy[-1, 0]
    assert f"The test accuracy is {share:.1f} %: {abs(share - 80):.1f} points from your answer" in text(app)


def test_where_the_path_ends_is_a_click_and_both_places_are_marked():
    app = start("playground", ask="end.80")
    run = run_of(app)
    assert aim(run)["picks"] == "landscape" and aim(run)["marks"] == [] and not aim(run)["covered"]
    before = run.slice.is_random
    assert pull(run, "click", click=dict(chart="pick:landscape", x=0.3, y=-0.2)) is Wish.PAGE
    app.run()
    (mark,) = aim(run)["marks"]
    assert (mark["kind"], mark["card"]) == ("said", "landscape")
    assert (mark["x"], mark["y"]) == pytest.approx((0.3, -0.2), abs=1e-3)
    assert run.slice.is_random == before
    plane = run.slice.place()[0]
    said = plane.origin + 0.3 * plane.d1 - 0.2 * plane.d2
    reveal(app, run)
    first, second = aim(run)["marks"]
    shown = run.slice.place()[0]
    assert (first["x"], first["y"]) == pytest.approx(tuple(shown.project(said[None])[0][0]), abs=1e-3)
    assert (second["x"], second["y"]) == pytest.approx(
        tuple(shown.project(run.experiment.theta(0)[None])[0][0]), abs=1e-4
    )
    far = np.hypot(first["x"] - second["x"], first["y"] - second["y"])
    assert f"{far:.3g}"[:4] in text(app)


def test_the_place_can_be_typed_instead():
    app = start("playground", ask="end.80")
    change(app, alpha=0.25, beta=0.5)
    (mark,) = aim(run_of(app))["marks"]
    assert (mark["x"], mark["y"]) == pytest.approx((0.25, 0.5), abs=1e-3)


def test_a_question_that_does_not_suit_the_run_says_so_and_holds_nothing_back():
    for page, query in (
        ("playground", dict(ask="lowest.50")),
        ("arena", dict(ask="accuracy.50.9")),
        ("playground", dict(data="plane", ask="accuracy.5")),
    ):
        app = start(page, **query)
        assert any("does not suit the run" in warning.value for warning in app.warning)
        run = run_of(app, page)
        pull(run, "step")
        assert run.step() == 1


def test_a_question_is_asked_in_share_on_this_page_and_by_link():
    app = start("arena", data="spiral", lr="0.1", lane1="opt:momentum")
    assert kinds_for(run_of(app, "arena")) == ["lowest", "diverges", "accuracy", "end"]
    change(app, share__kind="diverges", share__at=40, share__lane="1")
    made = next(code.value for code in app.code if "ask=" in code.value)
    assert "ask=diverges.40.2" in made
    widget(app, "share.ask").click().run()
    assert link(app)["ask"] == "diverges.40.2" and aim(run_of(app, "arena"))["locked"]
    widget(app, "question.close").click().run()
    assert "ask" not in link(app) and aim(run_of(app, "arena")) is None


@pytest.mark.parametrize(("page", "query"), [
    ("learning_rate", {"view": "ladder"}), ("learning_rate", {"view": "stability"}), ("learning_rate", {"view": "schedules"}),
    ("landscape", {}), ("units", {"view": "start"}), ("generalisation", {"view": "penalties"}), ("capacity", {"view": "lazy"}),
])  # fmt: skip
def test_a_question_can_be_asked_on_other_pages(page, query):
    app = start(page, ask="diverges.20.1", **query)
    run = run_of(app, page, query.get("view", ""))
    assert aim(run)["locked"] and "diverged by update 20" in text(app)
    answer(app, 1)
    reveal(app, run)
    assert "**It is:** No: its loss is" in text(app)


def test_which_width_learns_labels_by_heart_is_asked_and_its_share_is_that_of_the_study():
    app = start("capacity", view="by_heart", ask="accuracy.20.3")
    run = run_of(app, "capacity", "by_heart")
    assert set(aim(run)["covered"]) == {"scores", "losses"} and "of width 8 at" in text(app)
    (box,) = [each for each in app.number_input if ".question." in each.key]
    box.set_value(50.0).run()
    reveal(app, run)
    share = 100 * run.study.scores(run.study.points.X, run.study.points.y)[2]
    assert f"The share of right labels among the learned points is {share:.1f} %" in text(app)
    assert kinds_for(run) == ["lowest", "diverges", "accuracy"]


@pytest.mark.parametrize("query", [{}, {"plane": "path"}, {"view": "heatmap", "plane": "weights"}])
def test_where_the_path_ends_can_be_asked_on_the_landscape(query):
    app = start("landscape", ask="end.30.1", **query)
    run = run_of(app, "landscape")
    assert aim(run)["picks"] == "surface"
    before = run.experiment.theta(0).copy()
    assert pull(run, "click", click=dict(chart="pick:surface", x=0.3, y=-0.2)) is Wish.PAGE
    app.run()
    (mark,) = aim(run)["marks"]
    assert (mark["x"], mark["y"]) == pytest.approx((0.3, -0.2), abs=1e-3)
    assert (run.experiment.theta(0) == before).all()  # the click is an answer, not a place to set the network
    old = run.model.locate().plane
    said = old.origin + 0.3 * old.d1 - 0.2 * old.d2
    reveal(app, run)
    first, second = aim(run)["marks"]
    plane = run.model.locate().plane
    truth = plane.project(np.array([said, run.experiment.theta(0)]))[0]
    assert (first["x"], first["y"]) == pytest.approx(tuple(truth[0]), abs=1e-3)
    assert (second["x"], second["y"]) == pytest.approx(tuple(truth[1]), abs=1e-3)


def test_a_path_on_a_surface_or_a_line_takes_no_click():
    for view in ("surface", "line"):
        assert "end" not in kinds_for(run_of(start("landscape", view=view), "landscape"))


def test_an_answer_and_the_click_on_reveal_may_come_in_one_message():
    app = start("arena", data="spiral", lr="0.1", lane1="opt:momentum", ask="lowest.60")
    (box,) = [each for each in app.radio if ".question." in each.key]
    box.set_value(1)
    widget(app, "question.reveal").click().run()
    assert run_of(app, "arena").quiz.number == 1 and "Playing to update 60" in text(app)
    assert not app.warning and not [each for each in app.radio if ".question." in each.key]
