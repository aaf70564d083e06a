"""What holds for every page: it opens, it survives any link, its panel's answers are plain JSON. Pages are found by folder."""

import json
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.request import read_request
from tests.hovers import complaints
from tests.pages.app import KINDS, change, go, link, start
from tests.views import VIEWS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*/*.py") if path.stem == path.parent.name)
VIEWS_OF_RATES = ("ladder", "map", "schedules", "stability")
HOSTILE = {
    "view": "<script>alert(1)</script>", "data": "../../etc/passwd", "lr": "nan", "opt": "__class__", "net": "9" * 500, "n": "-1e999",
    "seed": "٣", "lane1": "opt:rm -rf,lr:inf", "eta": "1e999", "steps": "0x10", "plane": "'; drop table", "cells": "99999999",
    "projector": "maybe", "": "x", "x" * 300: "y" * 5000,
}  # fmt: skip


def not_json(word):
    raise AssertionError(f"{word} is not JSON")


def runs_of(app, page):
    return app.session_state[f"{page}.state"].runs.values()


@pytest.mark.parametrize("page", PAGES)
def test_it_opens_and_its_link_opens_it_again(page):
    app = start(page)
    assert not app.error and not app.warning
    again = start(page, **link(app))
    assert not again.error and not again.warning and link(again) == link(app)


@pytest.mark.parametrize("page", PAGES)
def test_it_survives_a_hostile_link_and_says_what_it_left_out(page):
    app = start(page, **HOSTILE)
    assert app.warning
    assert not any("<script>" in warning.value for warning in app.warning if "view" not in warning.value)
    app.run()
    assert not app.exception


@pytest.mark.parametrize("page", PAGES)
def test_its_runs_answer_pulls_in_plain_json(page):
    app = start(page)
    for run in runs_of(app, page):
        for action in ("rest", "play", "step", "reset"):
            raw = dict(
                action=action,
                run=run.run_id,
                sequence=1,
                seen=-1,
                frames=2,
                updates=1,
                budget_ms=400,
                have={},
            )
            answer = respond(run, Mailbox(), read_request(raw))
            assert isinstance(answer, bytes)
            assert json.loads(answer, parse_constant=not_json)["run"] == run.run_id


def listed(value):
    is_many = hasattr(value, "__len__") and not isinstance(value, str)
    return list(value) if is_many else [value]


def default(widget):
    """What a browser sends for a widget that it first hears of by this message; choices go by their texts."""
    places = listed(widget.proto.default)
    if not (options := getattr(widget.proto, "options", ())):
        return places
    return [getattr(options[int(place)], "content", options[int(place)]) for place in places]


def sent(widget):
    """What a browser sends for the value that the widget has."""
    state = widget._widget_state
    value = getattr(state, state.WhichOneof("value"))
    return listed(getattr(value, "data", value))


@pytest.fixture(scope="module", params=VIEWS.values(), ids=VIEWS)
def opened(request):
    """The app at a view, for all tests that look at it."""
    page, _, query = request.param.partition("?")
    return start(page or "playground", **dict(parse_qsl(query)))


def test_a_chart_says_what_is_under_the_pointer_and_small_numbers_as_powers_of_ten(opened):
    for chart in opened.get("plotly_chart"):
        assert not complaints(json.loads(chart.proto.spec), writes_powers=False)
    pages = [
        opened.session_state[f"{page}.state"] for page in PAGES if f"{page}.state" in opened.session_state
    ]
    for card in (card for state in pages for run in state.runs.values() for card in run.cards):
        if card.kind == "plotly":
            rest = card.rest() or {}
            assert not complaints(card.mounted(), writes_powers=True)
            assert not complaints(rest.get("figure") or {"data": [], "layout": {}}, writes_powers=True)


def test_every_message_of_a_widget_says_its_value_as_an_earlier_one_may_be_lost(opened):
    """Streamlit drops what has not been sent when the next run begins. A browser that missed the first message of a widget
    shows the default of the second, and then sends that as if a person had chosen it."""
    app = opened
    for _ in range(2):  # the second run sends the value no more as one that was set
        widgets = [each for kind in KINDS if kind != "button" for each in app.get(kind)]
        late = [each for each in widgets if not each.proto.set_value]
        wrong = {each.key: (default(each), sent(each)) for each in late if default(each) != sent(each)}
        assert not wrong
        app.run()


@pytest.mark.parametrize("page", PAGES)
def test_it_is_as_it_was_left_when_one_comes_back(page):
    app = start(page)
    before, runs = link(app), list(runs_of(app, page))
    go(app, "playground" if page != "playground" else "arena")
    go(app, page)
    assert link(app) == before and list(runs_of(app, page)) == runs


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_was_just_drawn_is_not_behind(page):
    """Otherwise its panel would ask for the page again and again."""
    app = start(page)
    views = [view for view in VIEWS_OF_RATES if page == "learning_rate"] or [""]
    for view in views:
        if view:
            change(app, view=view)
        form = app.session_state[f"{page}.form"]
        held = {key: app.session_state[key] for key in form._drawn.seen}
        assert {k: tuple(v) if isinstance(v, list) else v for k, v in held.items()} == form._drawn.seen
        assert not form.wishes and (not form._drawn.moved or not app.session_state[f"{page}.state"].runs)
