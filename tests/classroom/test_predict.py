"""Predict first: a view asks for a guess, hides its number until there is one, and shows both side by side."""

import math

import pytest

from pages.shared.predict import checked, nearness
from tests.pages.app import click, link, start, widget

LINE = dict(ask="guess")


def texts(app):
    return " ".join(element.value for element in app.markdown)


def styles(app):
    return " ".join(each.proto.body for each in app.get("html"))


def say(app, value):
    (field,) = [each for each in (*app.number_input, *app.radio) if ".question.guess" in (each.key or "")]
    field.set_value(value)
    widget(app, "question.reveal").click().run()
    assert not app.exception, app.exception
    return app


def test_nothing_is_asked_until_it_is_switched_on_and_the_link_then_asks_it_too():
    app = start("first_steps")
    assert "Predict:" not in texts(app) and "Hidden until" not in styles(app) and link(app) == {}
    click(app, "predict")
    assert "Predict:" in texts(app) and "How many random guesses" in texts(app) and link(app) == LINE
    assert "[data-formula=law]" in styles(app) and "Hidden until" in styles(app)
    click(app, "question.close")  # it says Skip
    assert "Predict:" not in texts(app) and "Hidden until" not in styles(app) and link(app) == {}


def test_guess_and_truth_stand_side_by_side_and_nothing_is_hidden_any_more():
    app = say(start("first_steps", **LINE), 500)
    assert "**You said:** 500" in texts(app) and "**It is:** 62, one over" in texts(app)
    assert "Your answer is 8.1 times too large." in texts(app) and "Hidden until" not in styles(app)
    assert link(app) == LINE, "whoever gets the link is asked too"


def test_another_question_is_asked_afresh():
    """The truth belongs to the settings that the question names."""
    app = say(start("first_steps", **LINE), 500)
    form = app.session_state["first_steps.form"].part("line")
    form.put("within", 0.01)
    app.run()
    assert "ε = 0.01" in texts(app) and "You said" not in texts(app) and "Hidden until" in styles(app)
    (field,) = [each for each in app.number_input if ".question.guess" in (each.key or "")]
    assert field.value is None


def test_each_view_asks_its_own_question_and_keeps_its_answer():
    app = say(start("first_steps", **LINE), 500)
    widget(app, "view").set_value("inertia").run()
    assert "at which x does the ball stop" in texts(app) and "You said" not in texts(app)
    widget(app, "view").set_value("line").run()
    assert "**You said:** 500" in texts(app)


def test_one_of_a_few_answers():
    app = say(start("first_steps", view="curvature", **LINE), 1)
    assert "**You said:** a saddle" in texts(app) and ":material/check_circle:" in texts(app)


def test_without_an_answer_nothing_is_shown():
    app = start("first_steps", **LINE)
    widget(app, "question.reveal").click().run()
    assert "Give an answer first." in texts(app) and "It is:" not in texts(app)


def test_settings_without_a_number_ask_for_none():
    app = start("first_steps", points="1,1", **LINE)
    assert any("no number to predict" in caption.value for caption in app.caption)


def test_a_view_without_a_number_says_so():
    app = start("playground", **LINE)
    assert ["this view has no number to guess" in each.value for each in app.warning] == [True]
    assert link(app) == {}


@pytest.mark.parametrize("held", [None, True, "3", math.nan, math.inf, [3]])
def test_what_is_no_answer_counts_for_none(held):
    assert checked(held, ()) is None and checked(held, ("a", "b")) is None


def test_an_answer_is_a_number_or_a_choice():
    assert checked(3, ()) == 3 and checked(1, ("a", "b")) == "b"
    assert checked(2, ("a", "b")) is None and checked(-1, ("a", "b")) is None and checked(0.5, ("a",)) is None


@pytest.mark.parametrize(
    ("said", "truth", "words"),
    [
        (3, 3, "exact"), (105, 100, "within a tenth"), (80, 100, "20 too low"), (130, 100, "30 too high"), (1000, 100, "10 times too large"),
        (1, 100, "100 times too small"), (-1, 2, "3 too low"), (1, 0, "1 too high"), (0, 5, "5 too low"), (-30, -10, "3 times too large"), (5, math.inf, ""),
    ],
)  # fmt: skip
def test_how_far_off_a_guess_is(said, truth, words):
    assert words in nearness(said, truth)
