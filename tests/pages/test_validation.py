"""The validation share in the app: its control, its link, and what it adds to charts, counters and scores."""

import pytest

from engine.data.load import load_dataset
from pages.landscape.scene import samples
from pages.shared.figures.boundary import boundary_figure
from pages.shared.figures.legend import legend
from tests.pages.app import change, form_of, link, run_of, start, widget


def card(run, name):
    return next(each for each in run.cards if each.name == name)


def test_the_slider_makes_a_third_set_and_writes_the_link():
    app = start()
    assert "Validation" not in str(run_of(app).state()["readout"])
    assert len(card(run_of(app), "loss").spec()["legend"]) == 2
    assert "choose" in widget(app, "validation_fraction").help
    change(app, validation_fraction=0.25)
    run = run_of(app)
    assert link(app) == {"val": "0.25"} and len(run.data.y_validation) == 76
    labels = [label for label, _ in run.state()["readout"]]
    assert labels[2:] == [
        "Train loss",
        "Validation loss",
        "Test loss",
        "Train acc.",
        "Validation acc.",
        "Test acc.",
    ]
    change(app, validation_fraction=0.0)
    assert link(app) == {}


def test_too_large_a_share_is_cut_with_a_sentence_beside_it():
    app = start(test="0.9", val="0.05")
    change(app, validation_fraction=0.4)
    assert "The test share leaves 0.05 for validation; that is used." in [each.value for each in app.caption]
    assert run_of(app).config.dataset.validation_fraction == pytest.approx(0.05)
    assert form_of(app)["validation_fraction"] == 0.4


def test_the_loss_chart_draws_and_streams_the_third_line():
    run = run_of(start(val="0.3"))
    loss = card(run, "loss")
    spec = loss.spec()
    assert spec["streams"] == [0, 1, 2] and [entry[2] for entry in spec["legend"]] == [
        "train",
        "test",
        "validation",
    ]
    assert [trace.name for trace in loss.figure().data[:3]] == ["train", "test", "validation"]
    run.advance("play", 3)
    part = loss.frame()
    assert [trace for trace, _, _ in part["extend"]] == [0, 1, 2] and part["set"][0][0] == 3
    assert part["extend"][2][2][-1] == run.experiment.history.validation_loss[-1, 0]


@pytest.mark.parametrize("show_test", [True, False])
def test_validation_points_are_dotted_and_the_batch_rings_stay_beside_the_points(show_test):
    app = start(val="0.3", show_test=str(show_test).lower())
    run = run_of(app)
    boundary = card(run, "boundary")
    names = [trace.name for trace in boundary.figure().data]
    assert names == [*["train", "validation", "test"][: 3 if show_test else 1], "current batch"]
    assert names[boundary.spec()["streams"][0]] == "current batch"
    if show_test:
        assert all(symbol.endswith("-dot") for symbol in boundary.figure().data[1].marker.symbol)
        assert "dotted: validation" in [key.name for key in legend(run.data)]
    run.view.marks_batches = True
    assert names[boundary.frame()["set"][0][0]] == "current batch"


def test_regression_has_dotted_validation_points_too():
    run = run_of(start(data="plane", val="0.2"))
    data = load_dataset(run.config.dataset)
    assert boundary_figure(data, False, True).data[1].marker.symbol == "circle-dot"


def test_the_arena_knows_the_third_set():
    run = run_of(start("arena", val="0.3", metric="validation_loss", panel="scores"), "arena")
    run.advance("play", 5)
    curves = card(run, "loss")
    assert curves.title == "Validation loss"
    assert curves.figure().data[0].y[-1] == run.experiment.history.validation_loss[-1, 0]
    scores = card(run, "scores")
    titles = [column["title"] for column in scores.columns()]
    wanted = ["Validation loss", "Best validation", "Test loss", "Best test", "Train acc.", "Validation acc."]
    assert [title for title in titles if title in wanted] == wanted
    history = run.experiment.history
    for row, cells in enumerate(scores.table()):
        assert len(cells) == len(titles)
        assert cells[titles.index("Validation loss")]["value"] == history.validation_loss[-1, row]
        assert cells[titles.index("Best validation")]["value"] == history.validation_loss[:, row].min()
        assert cells[titles.index("Validation acc.")]["value"] == history.validation_accuracy[-1, row]


def test_without_validation_data_the_arena_says_why_there_is_no_curve():
    app = start("arena", metric="validation_loss", seeds="5", panel="seeds")
    run = run_of(app, "arena")
    said = " ".join(str(each.spec()) + str(each.rest()) for each in run.cards if each.name != "loss")
    assert "There are no validation data: choose a validation share above 0" in said


def test_the_landscape_is_measured_on_validation_data():
    run = run_of(start("landscape", val="0.4", of="validation"), "landscape")
    run.advance("play", 4)
    chosen = samples(run.experiment, 0, "validation")
    loss = run.experiment.mlp(0).loss(run.experiment.theta(0)[None], chosen.X, chosen.y)[0]
    assert chosen.name == "validation loss"
    assert loss == pytest.approx(run.experiment.history.validation_loss[-1, 0], rel=1e-5)
    assert "Validation loss" in [label for label, _ in run.state()["readout"]]
    assert (
        samples(run_of(start("landscape", of="validation"), "landscape").experiment, 0, "validation").name
        == "train loss"
    )


def test_the_rate_map_colours_by_validation_loss():
    app = start(
        "learning_rate", view="map", val="0.3", measure="validation_loss", updates="50", rates="3", runs="1"
    )
    run = run_of(app, "learning_rate", "map")
    assert run.grid.measure == "validation_loss" and "validation loss" in run.cards[0].title
