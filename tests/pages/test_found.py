"""The Found view without a browser: its buttons, what is typed and drawn, its pictures, and its guess."""

import numpy as np
import pytest

from engine.data.drawn import Drawn, write_drawn
from engine.network.pieces import sine_bound
from pages.capacity.found import PRESETS, FoundRun, found_guess
from tests.pages.app import change, link, run_of, start

CURVE = write_drawn(Drawn(np.array([[-2.0], [0.0], [2.0]]), np.array([0.0, 1.0, -0.5]), 0))


def opened(**query):
    app = start("capacity", view="found", **query)
    assert not app.exception
    return app, run_of(app, "capacity", "found")


def test_each_button_sets_all_that_its_experiment_needs():
    app, _ = opened(seed="3", eta="0.1")
    for label, values in PRESETS.items():
        next(button for button in app.button if button.label == label).click().run()
        assert link(app) == {"view": "found"} | {name: str(value) for name, value in values.items()}
        run = run_of(app, "capacity", "found")
        assert run.study.data == values.get("data", "sine") and len(run.cards) == (
            3 if label == "Rings" else 4
        )


def test_networks_that_cannot_be_read_are_named_and_the_default_is_used():
    app, _ = opened()
    change(app, nets="8, 2-2-2")
    assert run_of(app, "capacity", "found").names == ["8", "2-2-2"] and not app.warning
    change(app, nets="wide")
    assert "Write 1 to 5 networks such as 8,16,2-2-2" in app.warning[0].value
    assert run_of(app, "capacity", "found").names == ["8", "16", "32", "64"]


def test_what_is_shown_changes_the_pictures_and_not_the_run():
    app, run = opened()
    run.advance("step", 4)
    change(app, network=3, way="worst", measure="mean")
    assert run_of(app, "capacity", "found") is run and run.step() == 4
    assert run.cards[0].title == "32: built and found" and run.cards[1].title == "Mean squared error"
    assert run.start == int(np.argmax(run.study.errors(2, "mean")[:16]))


def test_a_drawing_becomes_the_target_and_a_link_without_its_points_is_named():
    app, run = opened()
    run.drawn = CURVE
    app.run()
    assert link(app) == {"view": "found", "data": "drawn", "points": CURVE}
    run = run_of(app, "capacity", "found")
    assert run.study.curve.value(np.array([0.5]))[0] == pytest.approx(1, abs=1e-3)
    assert run.cards[0].mounted()["layout"]["meta"]["sketch"]["text"] == CURVE
    app, run = opened(data="drawn")
    assert "no drawn points; sine is used instead" in app.warning[0].value and run.study.data == "sine"


@pytest.mark.parametrize("query", [{}, {"data": "ring", "nets": "3", "act": "tanh"}, {"data": "step", "act": "sine", "nets": "1,2-2"}])  # fmt: skip
def test_every_picture_is_one_that_plotly_knows_and_every_error_is_in_it(query):
    _, run = opened(**query)
    run.advance("step", 2)
    for card in run.cards:
        card.figure().checked()
        assert card.alt and card.title
    starts = run.cards[1].figure().data[0].y
    networks = range(len(run.study.networks))
    errors = np.concatenate([np.sort(run.study.errors(k, "largest")[:16]) for k in networks])
    assert np.array(starts, float) == pytest.approx(errors)
    bounds = [row.bound for row in run.rows_of()]
    assert bounds == ([sine_bound(width) for width in (8, 16, 32, 64)] if not query else [None] * len(bounds))


def test_the_guess_is_about_the_network_that_is_shown():
    _, run = opened(network="2")
    guess = found_guess(run)
    assert "a network of width 16 has a largest error of 0.0188" in guess.ask
    assert guess.truth == run.study.spread(1, "largest").median
    assert set(guess.covers) == {card.name for card in run.cards}
    rings = FoundRun(dict(data="ring", networks=((2, 2),), activation="tanh"), False)
    assert "starts with layers 2-2 have every point right" in found_guess(rings).ask and found_guess(rings).truth == 0  # fmt: skip


def test_a_start_that_diverges_is_named():
    _, run = opened()
    with run.study.runs[2].apart() as lanes:
        lanes[5].theta[:] = np.nan
    run.advance("step", 1)
    assert run.message() == "32: a start has diverged."
    for card in run.cards:
        card.figure().checked()
