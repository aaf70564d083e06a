"""The Landscape's script without a browser: every plane, view, loss, exhibit; clicks, links, hand-over, files."""

import io
import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.network.hessian import hessian
from engine.studies.exhibits import EXHIBITS
from pages.landscape.exhibits import exhibit_npz, findings_of
from pages.landscape.settings import BESIDE, LINES, LOSSES_SHOWN, OPTIONS, PLANES, VIEWS
from pages.landscape.take_away import grid_csv, grid_npz
from tests.pages.app import change, go, link, widget
from tests.pages.app import run_of as app_run_of
from tests.pages.app import start as open_page


def start(page: str = "landscape", **query: str) -> AppTest:
    return open_page(page, **query)


def fine(app: AppTest) -> AppTest:
    assert not app.exception, [error.message for error in app.exception]
    return app


def run_of(app: AppTest, page: str = "landscape"):
    return app_run_of(app, page)


def whole(run):
    """All that the panel would get at rest."""
    parts = {chart.name: chart.rest() for chart in run.cards}
    for chart in run.cards:
        while hasattr(chart, "refine") and (part := chart.refine()) is not None:
            parts[chart.name] = part
    json.dumps(parts, allow_nan=False)
    return parts


def test_the_page_asks_its_question_first_and_its_plain_link_is_plain():
    app = start()
    assert "where is it, what shape is it, and how far can you trust the picture?" in app.markdown[0].value
    assert dict(app.query_params) == {} and not app.warning


@pytest.mark.parametrize(
    ("plane", "view"),
    [*((plane, "contour") for plane in PLANES), *(("path", view) for view in VIEWS), ("points", "surface"), ("extremes", "line")],
)  # fmt: skip
def test_every_plane_and_every_view(plane, view):
    app = start(plane=plane, view=view, cells="25", net="4", n="60", line="direction")
    assert not app.warning
    run = run_of(app)
    run.advance("play", 20)
    for chart in run.cards:
        json.dumps(chart.frame(), allow_nan=False)
    parts = whole(run)
    assert parts["surface"]["progress"] == 1
    state = run.surface.show()
    assert len(state.alphas) >= 25 and np.isfinite(state.loss).all()


@pytest.mark.parametrize("line", list(LINES))
def test_every_line_holds_the_losses_of_its_ends(line):
    app = start(view="line", line=line, cells="25", net="4", n="60")
    run = run_of(app)
    run.advance("play", 20)
    whole(run)
    state, where = run.surface.show(), run.model.locate()
    now = run.experiment.history.train_loss[-1]
    values = dict(zip(state.alphas, state.loss[0], strict=True))
    assert values[where.here] == np.float32(now[0])
    if line == "path":
        assert values[0.0] == np.float32(run.experiment.history.train_loss[0, 0])
    if line == "lanes":
        assert values[1.0] == np.float32(now[1])


@pytest.mark.parametrize("of", list(LOSSES_SHOWN))
def test_the_loss_that_was_asked_for_is_shown(of):
    run = run_of(start(of=of, l2="0.1", cells="25", net="4", val="0.3"))
    whole(run)
    state = run.surface.show()
    centre = state.loss[12, 12]
    history = run.experiment.history
    if of == "regularised":
        train = history.train_loss[-1, 0]
        weights = run.model.theta[run.experiment.mlp(0).weight_mask].astype(float)
        assert centre == pytest.approx(train + 0.05 * (weights**2).sum(), rel=1e-6)
    elif of == "error":
        assert centre == pytest.approx(1 - history.train_accuracy[-1, 0], abs=1e-6) and not run.model.log_loss
    elif of == "bits":
        assert centre == pytest.approx(history.train_loss[-1, 0] / np.log(2), rel=1e-6)
    else:
        assert centre == np.float32(history.series(f"{of}_loss")[-1, 0])


def test_a_measure_that_these_data_do_not_have_is_the_training_loss():
    for query in (dict(data="plane", of="error"), dict(data="moons", loss="mean_squared_error", of="bits")):
        run = run_of(start(cells="25", net="4", **query))
        whole(run)
        assert run.surface.show().loss[12, 12] == np.float32(run.experiment.history.train_loss[-1, 0])
        assert run.model.seen.name == "train loss"


@pytest.mark.parametrize("beside", list(BESIDE))
def test_every_card_beside_the_picture(beside):
    run = run_of(start(beside=beside, net="4", n="60"))
    run.advance("play", 5)
    parts = whole(run)
    assert beside in parts
    if beside == "spectrum":
        assert "λmax" in parts["spectrum"]["caption"] and run.model.point() is not None
    if beside == "curvature":
        chart, plane = run.cards[2], run.model.locate().plane
        assert parts["curvature"]["progress"] == 1 and np.isfinite(chart.high).all()
        place = np.array([[chart.places[1], chart.places[4]]])  # column 1, row 4
        exact = np.linalg.eigvalsh(
            hessian(run.experiment.mlp(0), plane.points(*place.T)[0], run.model.seen.X, run.model.seen.y)
        )
        assert chart.high[4, 1] == pytest.approx(exact[-1], rel=1e-4)
        assert chart.low[4, 1] == pytest.approx(exact[0], rel=1e-3, abs=1e-5)


def test_the_map_of_curvature_of_a_regularised_picture_holds_the_penalty_too():
    run = run_of(start(beside="curvature", of="regularised", l2="0.4", net="4", n="60"))
    assert run.model.seen.penalties["l2"] == 0.4
    whole(run)
    chart, plane = run.cards[2], run.model.locate().plane
    point = plane.points(*np.array([[chart.places[1], chart.places[4]]]).T)[0]
    exact = np.linalg.eigvalsh(
        hessian(run.experiment.mlp(0), point, run.model.seen.X, run.model.seen.y, l2=0.4)
    )
    assert chart.low[4, 1] == pytest.approx(exact[0], rel=1e-3, abs=1e-5)
    assert chart.high[4, 1] == pytest.approx(exact[-1], rel=1e-4)


def test_a_picture_around_weights_of_zero_says_why_it_is_flat():
    run = run_of(start(net="4", init="zeros", plane="random", cells="25"))
    assert "the picture is flat" in run.model.locate().note
    whole(run)
    assert np.ptp(run.surface.show().loss) == 0


def test_a_click_sets_the_network_there_and_training_goes_on_from_it():
    run = run_of(start(net="4", cells="25"))
    run.advance("play", 10)
    whole(run)
    state, where = run.surface.show(), run.model.locate()
    run.click("surface", float(state.alphas[3]), float(state.betas[20]))
    assert run.experiment.history.train_loss[-1, 0] == state.loss[20, 3]
    assert run.model.locate() is where  # the picture stays, so that one sees where one is
    assert np.array_equal(run.model.theta, where.plane.points(state.alphas[[3]], state.betas[[20]])[0])
    run.advance("play", 1)
    assert run.model.locate() is not where
    run.click("surface", 1e300, float("-1e300"))
    assert np.isfinite(run.model.theta).all()
    run.click("surface", "name", 0)


def test_scrubbing_shows_an_earlier_boundary_and_leaves_the_network_alone():
    run = run_of(start(net="4"))
    first, before = run.cards[1].frame()["image"], run.model.theta
    for _ in range(20):
        run.advance("play", 10)
    now, theta = run.cards[1].frame(), run.model.theta
    assert now["image"] != first and not np.array_equal(theta, before)
    run.click("boundary", 0, 0)
    then = run.cards[1].frame()
    assert then["image"] == first and then["scrub"]["at"] == 0 and "update 0" in then["scrub"]["text"]
    whole(run)
    run.model.examine_point()
    mlp, origin = run.experiment.mlp(0), run.recorder.path(0)[0]
    assert run.model.point().loss == pytest.approx(
        mlp.loss(origin[None], run.model.seen.X, run.model.seen.y)[0], rel=1e-5
    )
    run.click("boundary", 10**9, 0)
    assert run.model.point() is None  # the curvature of that moment is not this one's
    assert run.cards[1].frame()["image"] == now["image"] and np.array_equal(run.model.theta, theta)


def test_a_click_on_a_point_of_the_path_goes_to_that_moment():
    run = run_of(start(net="4", plane="path"))
    for _ in range(8):
        run.advance("play", 10)
    whole(run)
    x, y = run.surface.truth.coordinates[3]
    theta = run.model.theta
    run.click("surface", x, y)
    assert run.model.at == 3 and np.array_equal(run.model.theta, theta)


def test_two_links_of_the_diagram_are_picked():
    app = start(net="4", beside="network")
    weights = np.flatnonzero(run_of(app).experiment.mlp(0).weight_mask)
    for number in (4, 9):
        assert run_of(app).click("network", number, 0)
        fine(app.run())
    run = run_of(app)
    assert (run.model.settings.plane, run.model.settings.w1, run.model.settings.w2) == (
        "weights",
        weights[4],
        weights[9],
    )
    assert run.cards[2].spec()["chosen"] == [4, 9]
    assert not run.click("network", 9, 0)
    assert app.query_params["w2"] in (str(weights[9]), [str(weights[9])])


def test_a_second_run_comes_and_goes_and_the_first_goes_on():
    app = start(net="4", n="60")
    run_of(app).advance("play", 30)
    run, theta = run_of(app), run_of(app).model.theta
    change(app, plane="points")
    assert run_of(app) is run and np.array_equal(run.model.theta, theta)
    assert [lane.updates for lane in run.experiment.lanes] == [30, 30] and run.model.settings.other == 1
    whole(run)
    assert run.surface.truths[0].distances[-1] == pytest.approx(
        0, abs=1e-4
    )  # the other end lies in the plane
    change(app, second="adam")
    assert run_of(app).experiment.lanes[1].config.optimizer == "adam"
    change(app, plane="random")
    change(app, second="none")
    assert run_of(app) is run and len(run.experiment.lanes) == 1 and np.array_equal(run.model.theta, theta)
    whole(run)


@pytest.mark.parametrize("page", ["playground", "arena"])
def test_a_run_is_brought_as_it_stands_and_goes_on_to_the_bit(page):
    app = start(page, net="4", n="60")
    theirs = run_of(app, page)
    for _ in range(3):
        theirs.advance("play", 10)
    go(app, "landscape")
    change(app, **{"from": page})
    assert not app.warning
    run = run_of(app)
    lane = 0
    if page == "arena":
        change(app, run_lane=2)
        lane = 1
        assert run.model.lane == 1
    assert np.array_equal(run.model.theta, theirs.experiment.theta(lane))
    assert run.recorder.path(lane).shape == theirs.recorder.path(lane).shape == (4, run.model.theta.size)
    run.advance("play", 5)
    assert not np.array_equal(run.model.theta, theirs.experiment.theta(lane))
    theirs.advance("play", 5)
    assert np.array_equal(run.model.theta, theirs.experiment.theta(lane))
    whole(run)
    again = next(button for button in app.button if button.label == "Refresh the copy")
    theirs.advance("play", 7)
    fine(again.click().run())
    assert run_of(app) is not run and np.array_equal(run_of(app).model.theta, theirs.experiment.theta(lane))
    change(app, **{"from": "here"})


@pytest.mark.parametrize("key", list(EXHIBITS))
def test_every_exhibit_is_shown_with_its_question(key):
    app = start(show=key)
    assert EXHIBITS[key].question in "".join(text.value for text in app.markdown)
    for view in ("surface", "heatmap"):
        change(app, view=view)
    change(app, show="network")
    assert run_of(app) is not None
    with np.load(io.BytesIO(exhibit_npz(findings_of(key))), allow_pickle=False) as file:
        assert file["slice0_loss"].shape == (len(file["slice0_betas"]), len(file["slice0_alphas"]))


def test_the_files_hold_the_grid_with_axes_directions_and_config():
    run = run_of(start(net="4", cells="25"))
    run.advance("play", 10)
    rows = [line.split(",") for line in grid_csv(run).splitlines()]
    assert rows[0] == ["alpha", "beta", "train loss"] and len(rows) == 1 + 25 * 25
    with np.load(io.BytesIO(grid_npz(run)), allow_pickle=False) as file:
        i, j = 3, 7
        point = file["origin"] + file["alphas"][j] * file["d1"] + file["betas"][i] * file["d2"]
        loss = run.experiment.mlp(0).loss(point[None].astype(np.float32), run.model.seen.X, run.model.seen.y)[
            0
        ]
        assert file["loss"][i, j] == pytest.approx(loss, rel=1e-5)
        assert float(rows[1 + i * 25 + j][2]) == pytest.approx(float(file["loss"][i, j]))
        about = json.loads(str(file["about"]))
    assert about["experiment"]["network"]["hidden"] == [4] and about["axes"]


def test_the_link_holds_the_page():
    app = start()
    change(app, plane="weights")
    change(app, view="surface")
    change(app, of="test")
    change(app, cells=75)
    change(app, extent="2")
    change(app, log_loss=False)
    change(app, data="xor")
    other = start(**link(app))
    assert not other.warning
    assert (
        run_of(other).model.settings == run_of(app).model.settings
        and run_of(other).config == run_of(app).config
    )
    assert run_of(other).model.settings.cells == 75 and run_of(other).model.extent() == 2


@pytest.mark.parametrize(("key", "value"), [
    ("cells", "9999999"), ("cells", "nan"), ("extent", "1e99"), ("plane", "__class__"), ("view", "<script>"),
    ("w1", "-3"), ("w2", "1e300"), ("draw", "inf"), ("from", "nowhere"), ("show", "../x"), ("run_lane", "0"),
    ("second", "rm"), ("of", ""), ("log_loss", "maybe"), ("lr", "nan"),
])  # fmt: skip
def test_hostile_links_fall_back_with_a_message_that_names_them(key, value):
    app = start(**{key: value})
    assert any(key in warning.value for warning in app.warning), [w.value for w in app.warning]
    settings = run_of(app).model.settings
    assert 25 <= settings.cells <= 151
    assert all(
        OPTIONS[name].check(getattr(settings, name)) is not None for name in ("plane", "view", "extent", "of")
    )
    whole(run_of(app))


def test_a_page_that_holds_no_run_is_named():
    app = start(**{"from": "arena"})
    assert "Arena holds no run" in app.warning[0].value and run_of(app).taken is None


def test_weights_beyond_the_network_are_brought_back_into_it():
    run = run_of(start(plane="weights", w1="90000", w2="90000", net="4"))
    whole(run)
    assert run.model.settings.w1 < run.model.theta.size


def test_memory_of_pictures_is_bounded():
    run = run_of(start(net="4", n="60", cells="25"))
    for draw in range(40):
        run.set(type(run.model.settings)(cells=25, draw=draw), 0)
        run.surface.rest()
        while run.surface.refine():
            pass
    assert len(run.model.scene.results) <= 24


def test_what_was_set_is_there_again_after_an_exhibit_and_after_another_plane():
    app = start(net="5-3", opt="adam", plane="random", norm="layer", draw="7")
    config = run_of(app).config
    change(app, plane="path")
    change(app, show="zero_saddle")
    change(app, view="heatmap")
    change(app, show="network")
    change(app, view="line")
    change(app, view="contour")
    change(app, plane="random")
    assert run_of(app).config == config
    settings = run_of(app).model.settings
    assert (settings.plane, settings.norm, settings.draw, settings.view) == ("random", "layer", 7, "contour")


def test_a_brought_lane_keeps_its_own_training_settings_whatever_was_shown_meanwhile():
    app = start("playground", net="4", lr="0.7")
    run_of(app, "playground").advance("play", 5)
    go(app, "landscape")
    change(app, **{"from": "playground"})
    assert run_of(app).config.lanes[0].learning_rate == 0.7
    change(app, learning_rate=0.5)
    assert run_of(app).experiment.config.lanes[0].learning_rate == 0.5
    change(app, show="permuted")
    change(app, show="network")
    for page in ("playground", "landscape"):  # by the navigation, which leaves the parameters behind
        go(app, page)
    assert run_of(app).taken is not None and run_of(app).config.lanes[0].learning_rate == 0.5
    change(app, **{"from": "here"})
    assert run_of(app).taken is None and run_of(app).config.lanes[0].learning_rate != 0.5


def test_a_method_that_is_not_for_this_network_is_said():
    run = run_of(start(net="32-32-32", opt="newton"))
    assert "500 parameters" in run.state()["message"]
    whole(run)


def test_the_curvature_of_a_large_network_is_worked_out_slice_by_slice():
    run = run_of(start(net="32-32", n="60", beside="spectrum"))
    run.cards[2].rest()
    pulls = 0
    while run.model.point() is None:
        part = run.cards[2].refine()
        assert 0 < part.get("progress", 1) <= 1
        pulls += 1
    assert run.cards[2].refine() is None and pulls < 200
    assert run.model.examine_point(0.0) is run.model.point()
    run.advance("play", 1)
    assert (
        run.model.point() is None and run.model.examine_point(0.0) is None
    )  # another point, and too little time
    assert run.model.examine_point() is run.model.point()


def test_the_plane_can_be_held_once_there_is_a_path():
    app = start()
    assert widget(app, "hold").disabled
    run_of(app).advance("play", 3)
    app.run()
    assert not widget(app, "hold").disabled
    assert not widget(start(hold="true"), "hold").disabled, "a link that holds it can let go"
