"""The guide of a lesson: from the first step to the last, by link, and where a link names no lesson."""

import json

import pytest

from pages.shared.classroom.lesson import shelf
from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.protocol import Wish
from pages.shared.live.request import read_request
from tests.pages.app import go, link, run_of, start, widget

LESSON = shelf().lessons["momentum"]


def pull(run, action, mailbox=None, **more):
    raw = dict(
        action=action, run=run.run_id, sequence=1, seen=-1, frames=30, updates=200, budget_ms=150, have={}
    )
    return respond(run, mailbox or Mailbox(), read_request(raw | more))


def press(app, name):
    widget(app, name).click().run()
    assert not app.exception, app.exception
    return app


def choose(app, k):
    widget_of_choice(app).set_value(k).run()
    assert not app.exception, app.exception


def follow(app, page):
    """What a browser does by itself when a script has gone to another page."""
    app.switch_page(f"{page}/{page}.py")


def widget_of_choice(app):
    (found,) = [radio for radio in app.radio if radio.key.partition("~")[0].endswith(".choice")]
    return found


def said(app):
    return " ".join(element.value for element in app.markdown)


def test_the_first_screen_has_lessons_to_try_and_one_of_them_starts_a_lesson():
    app = start("playground")
    names = [lesson.name for lesson in shelf().lessons.values() if lesson.invites]
    assert 3 <= len(names) <= 5 and "first_network" in names
    press(app, "try.rates")
    assert link(app)["lesson"] == "rates.1" and "step 1 of" in said(app)


def test_a_lesson_is_played_to_the_update_that_decides_and_says_what_is_right():
    app = start("arena", lesson="momentum.1")
    run = run_of(app, "arena")
    assert "Adam" not in " ".join(look.name for look in run.looks) and run.config.dataset.name == "spiral"
    press(app, "reveal")
    assert "Choose an answer first." in said(app)
    choose(app, 0)
    assert "Choose an answer first." not in said(app)
    press(app, "reveal")
    assert "Playing to update 300" in said(app)
    answers = [json.loads(pull(run, "play")) for _ in range(12)]
    assert answers[0]["aim"] == dict(
        until=300, number=1, reached=False, locked=False, covered=[], picks="", marks=[]
    )
    assert run.step() == 300
    assert pull(run, "rest") is Wish.PAGE
    app.run()
    assert "You said: SGD's" in said(
        app
    ) and "**It is:** Momentum's, and SGD's is more than five times" in said(app)
    pull(run, "play")
    assert run.step() > 300


def test_a_run_that_is_past_the_update_that_decides_starts_over():
    app = start("arena", lesson="momentum.1")
    run = run_of(app, "arena")
    run.advance("play", 310)
    choose(app, 2)
    press(app, "reveal")
    assert run.step() == 0
    pull(run, "play")
    app.run()
    assert run.step() > 0


def test_a_whole_lesson_goes_from_step_to_step_and_back_to_the_list():
    app = start("lessons")
    press(app, "start.momentum")
    for k, step in enumerate(LESSON.steps):
        assert link(app)["lesson"] == f"momentum.{k + 1}" and f"step {k + 1} of {len(LESSON.steps)}" in said(
            app
        )
        follow(app, step.page)
        run = run_of(app, step.page)
        assert run.step() == 0
        choose(app, step.answer)
        press(app, "reveal")
        run.advance("play", step.at)
        assert pull(run, "rest") is Wish.PAGE
        app.run()
        assert "**Right:**" in said(app)
        if k:
            press(app, "back")
            assert link(app)["lesson"] == f"momentum.{k}" and widget_of_choice(app).value is None
            press(app, "next")
        press(app, "next" if k + 1 < len(LESSON.steps) else "finish")
    assert "Start" in [button.label for button in app.button]
    go(app, "arena")
    assert "lesson" not in link(app) and not any("step 4 of" in element.value for element in app.markdown)


def test_a_link_of_a_step_opens_it_and_one_of_no_step_says_so():
    app = start("arena", lesson="momentum.2")
    again = start("arena", **link(app))
    assert link(again) == link(app) and "step 2 of" in said(again) and not again.warning
    for bad in ("momentum.9", "momentum.0", "momentum", "<b>x</b>.1"):
        app = start("arena", lesson=bad)
        assert len(app.warning) == 1 and "no step of a lesson" in app.warning[0].value
        assert "lesson" not in link(app)


def test_a_link_opened_on_another_page_goes_to_the_page_of_the_step():
    app = start("playground", lesson="momentum.1")
    app.run()
    assert (
        link(app)["lesson"] == "momentum.1" and run_of(app, "arena").config.lanes[1].optimizer == "momentum"
    )


@pytest.mark.parametrize("name", list(shelf().lessons))
def test_every_step_opens_without_a_warning_and_its_page_shows_the_guide(name):
    lesson, app = shelf().lessons[name], start("lessons")
    press(app, f"start.{name}")
    for k, step in enumerate(lesson.steps):
        if k:
            press(app, "next")
        follow(app, step.page)
        assert not app.warning and not app.error and link(app)["lesson"] == f"{name}.{k + 1}"
        assert (step.at is None) or run_of(app, step.page, step.query.get("view", "")).step() == 0


def test_a_step_covers_what_would_give_its_answer_away_until_it_is_revealed():
    app = start("landscape", lesson="saddle.1")
    quiz = app.session_state["session.lesson"].quiz
    assert quiz.covered == ("curve0", "sidebar")
    assert any("stSidebar] { display: none" in html.proto.body for html in app.get("html"))
    choose(app, 1)
    press(app, "reveal")
    assert quiz.covered == () and quiz.reached and "**Right:** A saddle" in said(app)
    assert not any("stSidebar] { display: none" in html.proto.body for html in app.get("html"))
