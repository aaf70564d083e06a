"""Drawn points on a page: what the browser gets to draw with, and what the page makes of what it sends."""

import base64

import numpy as np
import pytest

from engine.data.drawn import Drawn, read_drawn, write_drawn
from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.protocol import Wish
from pages.shared.live.request import read_request
from tests.pages.app import change, form_of, link, run_of, shows, start

POINTS = write_drawn(
    Drawn(np.array([[-1.0, 0.5], [0.0, 0.0], [1.0, -2.0], [1.5, 1.0]]), np.array([0, 0, 1, 1]), 2)
)
HEIGHTS = write_drawn(Drawn(np.array([[-1.5], [0.0], [1.0]]), np.array([0.5, -0.5, 1.0]), 0))
VALUES = write_drawn(Drawn(np.array([[-1.5, 0.0], [0.0, 1.0], [1.0, 0.5]]), np.array([0.5, -0.5, 1.0]), 0))


def sketch_of(run):
    card = next(card for card in run.cards if card.name.startswith("boundary"))
    return card.mounted()["layout"].get("meta", {}).get("sketch")


def draw(app, page, text):
    """What a pull with a drawing does: the panel takes it, and the page runs."""
    run = run_of(app, page)
    request = dict(action="draw", run=run.run_id, sequence=1, seen=-1, drawn=text)
    assert respond(run, Mailbox(clock=lambda: 0.0), read_request(request)) is Wish.PAGE
    app.run()
    assert not app.exception, app.exception
    return app


@pytest.mark.parametrize("page", ["playground", "arena", "landscape"])
@pytest.mark.parametrize("text", [POINTS, HEIGHTS, VALUES])
def test_a_drawing_becomes_the_data_and_part_of_the_link(page, text):
    app = draw(start(page), page, text)
    run = run_of(app, page)
    assert run.config.dataset.points == text
    assert link(app)["data"] == "drawn" and link(app)["pts"] == text
    again = start(page, **link(app))
    assert not again.warning and run_of(again, page).config == run.config and link(again) == link(app)
    assert sketch_of(run)["text"] == text, "drawn on again, it is what it was, in its order"


def test_the_drawing_stays_at_hand_when_another_set_is_chosen():
    app = draw(start(data="moons"), "playground", POINTS)
    change(app, data="circles")
    assert "pts" not in link(app)
    change(app, data="drawn")
    assert run_of(app).config.dataset.points == POINTS
    assert not shows(app, "samples")


@pytest.mark.parametrize("text", ["", "p", "pAgACAAAAAAAAAAA", "x" * 5000])
def test_points_that_nothing_can_be_learned_from_lose_nothing(text):
    app = start(data="moons", lr="0.3", opt="sgd")
    run = run_of(app)
    draw(app, "playground", text)
    assert run_of(app) is run and form_of(app)["data"] == "moons"
    if text:
        assert len(app.warning) == 1 and app.warning[0].value.strip().endswith(".")


def test_a_link_of_very_many_points_says_so_and_opens():
    many = "p" + base64.urlsafe_b64encode(bytes(300_000)).decode()
    app = start(data="drawn", pts=many, net="3")
    assert [w.value for w in app.warning] == [
        "More than 300 points are drawn, and at most 300 can be used; circles is used instead."
    ]
    assert run_of(app).config.network.hidden == (3,)


@pytest.mark.parametrize("name", ["circles", "iris", "sine", "blobs", "plane"])
def test_the_browser_gets_the_points_to_start_from(name):
    run = run_of(start(data=name, n="400"))
    sketch = sketch_of(run)
    points, _, classes = read_drawn(sketch["text"])
    assert len(points) == min(200, sketch["of"]) and classes == len(run.data.class_names)
    assert [entry[0] for entry in sketch["classes"]][:classes] == list(run.data.class_names)
    left, right, low, high = sketch["window"]
    assert left <= sketch["field"][0] < sketch["field"][1] <= right or name == "sine"
    assert low < high


def test_another_loss_is_taken_where_the_drawing_needs_one():
    app = draw(start(data="circles", loss="binary_cross_entropy"), "playground", HEIGHTS)
    assert run_of(app).data.task == "regression"
    assert run_of(app).experiment.lanes[0].config.loss == "mean_squared_error"
