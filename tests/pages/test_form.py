"""A value, its widget and its revision (pages/shared/form.py), with a dictionary for a browser."""

import pytest

from pages.shared import session
from pages.shared.form import Form


@pytest.fixture
def held(monkeypatch):
    """What the browser has told of its widgets, by key."""
    values = {}
    monkeypatch.setattr(session, "shown", lambda key: values.get(key, session.MISSING))
    monkeypatch.setattr(session, "show", values.__setitem__)
    return values


def draw(form, held, name, default=None, labels=()):
    """What a widget does between `open` and `take`."""
    key = form.open(name, default, labels)
    return form.take(name, held[key])


def test_a_widget_shows_the_value_and_a_person_changes_it(held):
    form = Form("arena.lane1")
    assert draw(form, held, "rate", 0.3) == 0.3 and held == {"arena.lane1.rate": 0.3}
    held["arena.lane1.rate"] = 0.5
    assert form.ahead("rate") == 0.5 and form["rate"] == 0.3
    assert draw(form, held, "rate", 0.3) == 0.5 == form["rate"]
    assert form.key("rate") == "arena.lane1.rate", "a person's change keeps the revision"


def test_what_a_late_browser_sends_for_an_earlier_revision_is_nobodys(held):
    form = Form("playground")
    draw(form, held, "rate", 0.3)
    form.put("rate", 0.01)  # another method's usual rate
    held["playground.rate"] = 0.7
    assert form.ahead("rate") == 0.01
    assert draw(form, held, "rate") == 0.01 and form.key("rate") == "playground.rate~1"


def test_a_value_that_is_what_it_was_keeps_its_widget(held):
    form = Form("playground")
    draw(form, held, "rate", 0.3)
    form.put("rate", 0.3)
    assert form.key("rate") == "playground.rate"


def test_a_value_put_before_its_widget_was_ever_drawn_needs_no_other_key(held):
    form = Form("playground")
    form.put("rate", 0.1)
    form.put("rate", 0.2)
    assert draw(form, held, "rate", 0.3) == 0.2 and form.key("rate") == "playground.rate"


def test_other_labels_make_another_widget_as_a_choice_is_sent_by_its_text(held):
    form = Form("arena")
    draw(form, held, "edited", 1, ["SGD", "Adam"])
    draw(form, held, "edited", 1, ["SGD", "Adam"])
    assert form.key("edited") == "arena.edited"
    draw(form, held, "edited", 1, ["SGD 0.1", "Adam"])
    assert form.key("edited") == "arena.edited~1" and form["edited"] == 1


def test_a_widget_that_was_not_drawn_for_a_while_comes_back_as_it_was(held):
    form = Form("landscape")
    draw(form, held, "draw", 0)
    held["landscape.draw"] = 7
    draw(form, held, "draw", 0)
    held.clear()  # Streamlit forgets widgets that are not drawn
    assert draw(form, held, "draw", 0) == 7


def test_the_page_is_behind_when_a_widget_was_changed_a_value_put_or_a_button_clicked(held):
    form = Form("arena")
    lane = form.part("lane1")

    def whole_run():
        form.begin()
        draw(lane, held, "rate", 0.3)
        draw(form, held, "methods", ["sgd"])
        form.settle()

    whole_run()
    assert not form.is_behind()
    held["arena.lane1.rate"] = 0.5
    assert form.is_behind()
    whole_run()
    held["arena.methods"].append("adam")  # a list that changes in place
    assert form.is_behind()
    whole_run()
    lane.put("rate", 0.1)
    assert form.is_behind()
    whole_run()
    held["arena.lane1.rate"] = 0.9  # the earlier revision
    assert not form.is_behind()
    form.wishes.append("fork")
    assert form.is_behind()
