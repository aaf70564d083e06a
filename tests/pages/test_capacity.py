"""The Capacity page without a browser: every view, its words, its link, and what it hands to the browser."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine.data.drawn import Drawn, write_drawn
from engine.options import NetworkList, PointList, TextOption
from pages.capacity import by_heart, found, hard, lazy, teacher
from pages.shared.drawn import DrawnView, view_data
from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.request import read_request
from tests.pages.app import change, link, run_of, start

DRAWN: dict[str, DrawnView] = {module.DRAWN.key: module.DRAWN for module in (teacher, hard)}
LIVE = {"found": found, "lazy": lazy, "by_heart": by_heart}  # views in the live panel
FIRST = "teacher"
DRAWN_CURVE = write_drawn(Drawn(np.array([[-1.0], [0.0], [1.5]]), np.array([0.0, 1.0, -0.5]), 0))
ASSETS = Path(__file__).resolve().parents[2] / "assets" / "capacity"


def bare(key):
    return {} if key == FIRST else {"view": key}


@pytest.mark.parametrize("key", DRAWN)
def test_every_view_opens_with_its_question_and_what_to_look_for(key):
    app = start("capacity", view=key)
    assert not app.warning
    texts = [element.value for element in app.markdown]
    assert any(DRAWN[key].question in text and DRAWN[key].look_for in text for text in texts)
    assert DRAWN[key].question.endswith("?") and DRAWN[key].ask.endswith("?")
    assert link(app) == bare(key)


@pytest.mark.parametrize("key", DRAWN)
def test_the_answer_is_hidden_until_it_is_asked_for(key):
    app = start("capacity", view=key)

    def is_shown() -> bool:
        return any(DRAWN[key].answer in element.value for element in app.markdown)

    assert not is_shown()
    next(t for t in app.toggle if t.label == "Show the answer").set_value(True).run()
    assert is_shown()


@pytest.mark.parametrize("key", DRAWN)
def test_a_link_sets_every_option_and_comes_back_as_it_was(key):
    """Each option at another value that it allows, all at once."""
    query = dict(bare(key))
    for name, option in DRAWN[key].options.items():
        if isinstance(option, PointList):
            query[name] = "0.5,1;1,-0.25"
        elif option.is_switch:
            query[name] = str(not option.default).lower()
        elif option.choices:
            query[name] = next(choice for choice in option.choices if choice != option.default)
        else:
            query[name] = f"{option.high if option.default != option.high else option.low:g}"
    app = start("capacity", **query)
    assert not app.warning, [warning.value for warning in app.warning]
    assert link(app) == query


@pytest.mark.parametrize("key", DRAWN)
def test_a_hostile_link_is_named_and_clamped(key):
    query = {name: "1e999" if k % 2 else "<script>" for k, name in enumerate(DRAWN[key].options)}
    app = start("capacity", view=key, **query)
    said = " ".join(warning.value for warning in app.warning)
    for name in query:
        assert f"{name} is" in said
    assert link(app) == bare(key)


@pytest.mark.parametrize("key", DRAWN)
def test_what_a_view_hands_to_the_browser_is_plain_json_and_small(key):
    view = DRAWN[key]
    data = view_data(view, {name: option.default for name, option in view.options.items()}, dark=False)
    assert len(json.dumps(data, allow_nan=False)) < 40_000
    assert (ASSETS / f"{key}.js").exists()
    shown = {part["option"] for part in view.controls if "option" in part}
    assert shown <= set(view.options) and all(option.help for option in view.options.values())
    assert all(chart.alt for chart in view.charts)


# --- views in the live panel --------------------------------------------------------------------------------------


def pull(run, action="play", updates=3):
    raw = dict(
        action=action,
        run=run.run_id,
        sequence=1,
        seen=-1,
        frames=1,
        updates=updates,
        budget_ms=2000,
        have={},
    )
    answer = respond(run, Mailbox(), read_request(raw))
    assert isinstance(answer, bytes)
    return json.loads(answer)


@pytest.mark.parametrize("key", LIVE)
def test_a_live_view_opens_with_its_words_and_hides_its_answer(key):
    app = start("capacity", view=key)
    assert not app.warning and not app.error
    texts = [element.value for element in app.markdown]
    assert any(LIVE[key].QUESTION in text and LIVE[key].LOOK_FOR in text for text in texts)
    assert not any(LIVE[key].ANSWER in text for text in texts)
    assert LIVE[key].QUESTION.endswith("?") and LIVE[key].ASK.endswith("?")
    assert link(app) == {"view": key}


@pytest.mark.parametrize("key", LIVE)
def test_a_live_view_trains_in_slices_and_starts_over_with_the_same_bits(key):
    app = start("capacity", view=key)
    run = run_of(app, "capacity", key)
    first = pull(run)
    assert first["state"]["step"] == 3 and len(first["frames"]) == 1
    before = [card.mounted() for card in run.cards]
    pull(run, "reset")
    assert run.step() == 0
    pull(run)
    assert json.dumps([card.mounted() for card in run.cards]) == json.dumps(before)


@pytest.mark.parametrize("key", LIVE)
def test_a_live_views_link_sets_every_option_and_a_hostile_one_is_named(key):
    query = {"view": key}
    for name, option in LIVE[key].OPTIONS.items():
        if option.is_switch:
            query[name] = str(not option.default).lower()
        elif option.choices:
            query[name] = next(choice for choice in option.choices if choice != option.default)
        elif isinstance(option, TextOption):
            query[name] = "1,2,3,4,2-2" if isinstance(option, NetworkList) else DRAWN_CURVE
        else:
            query[name] = f"{option.low if option.default != option.low else option.high:g}"
    app = start("capacity", **query)
    assert not app.warning, [warning.value for warning in app.warning]
    assert link(app) == query
    bad = {name: "1e999" if k % 2 else "<script>" for k, name in enumerate(LIVE[key].OPTIONS)}
    app = start("capacity", view=key, **bad)
    said = " ".join(warning.value for warning in app.warning)
    assert all(f"{name} is" in said for name in bad) and link(app) == {"view": key}


def test_lazy_keeps_its_run_while_only_the_picture_changes():
    app = start("capacity", view="lazy")
    run = run_of(app, "capacity", "lazy")
    pull(run)
    change(app, width=512)
    assert run_of(app, "capacity", "lazy") is run and run.index == 3 and run.step() == 3
    change(app, seed=1)
    other = run_of(app, "capacity", "lazy")
    assert other is not run and other.step() == 0
