"""What pages/shared does for every page: seed wishes, late links, uploads that are read once, losses that follow the task."""

import pytest

from engine.data import load, tables
from pages.shared.page import NEW_WEIGHTS
from pages.shared.widgets import table
from tests.pages.app import change, form_of, go, link, run_of, start, widget

LATIN = "Größe;Gewicht;Art\n" + "".join(
    f"{k % 7},5;{k * k % 11};{'Bär' if k % 7 > 3 else 'Fuchs'}\n" for k in range(60)
)


def wish(app, page):
    app.session_state["session.wishes"].add(NEW_WEIGHTS)
    return app


@pytest.mark.parametrize("page", ["playground", "arena", "landscape"])
def test_new_initial_weights_are_the_next_seed_of_the_page_that_asked(page):
    app = wish(start(page), page)
    app.run()
    assert form_of(app, page)["seed"] == 1 and run_of(app, page).config.seed == 1
    app.run()
    assert form_of(app, page)["seed"] == 1


def test_a_wish_for_new_weights_is_not_the_next_pages():
    app = wish(start("playground"), "playground")
    go(app, "arena")
    assert form_of(app, "arena")["seed"] == 0 and form_of(app)["seed"] == 0
    app.run()
    assert form_of(app, "arena")["seed"] == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1"])
def test_a_table_is_read_in_the_encodings_of_spreadsheets(encoding):
    read = tables.read_table(LATIN.encode(encoding))
    assert [column.name for column in read.columns] == ["Größe", "Gewicht", "Art"]
    assert read.text.lstrip("\ufeff") == LATIN
    assert tables.read_table("a;b;c\n1;2;3 €\n4;5;6 €\n".encode("cp1252")).columns[2].texts == ("3 €", "6 €")


def test_an_uploaded_table_is_decoded_once_and_read_once(monkeypatch):
    """Once when it comes; never at later clicks, whatever they are."""
    calls = []
    for module in (load, table):
        real = module.read_table
        monkeypatch.setattr(
            module, "read_table", lambda data, real=real: calls.append(len(data)) or real(data)
        )
    app = start()
    upload = app.session_state["session.upload"] = table.Upload()
    monkeypatch.setattr(table, "uploaded", lambda: upload)
    table.keep("1", "tiere.csv", LATIN.encode("latin-1"))
    assert len(calls) == 1
    change(app, data="csv")
    assert not app.error and widget(app, "x_column").value == "Größe"
    assert run_of(app).data.class_names == ("Bär", "Fuchs")
    change(app, learning_rate=1.0)
    change(app, optimizer="adam")
    change(app, seed=3)
    assert len(calls) == 1


def test_a_loss_that_nobody_chose_follows_the_task():
    app = start()
    for data, usual in (("plane", "mean_squared_error"), ("circles", "binary_cross_entropy"), ("iris", "cross_entropy"),
                        ("two_bumps", "mean_squared_error"), ("blobs", "cross_entropy")):  # fmt: skip
        change(app, data=data)
        assert run_of(app).config.loss == usual and "loss" not in link(app)


def test_a_loss_that_was_chosen_stays_where_it_fits():
    app = start()
    change(app, loss="mean_squared_error")
    change(app, data="plane")
    change(app, data="moons")
    assert run_of(app).config.loss == "mean_squared_error" and link(app)["loss"] == "mean_squared_error"
    again = start(**link(app))
    change(again, data="circles")
    assert run_of(again).config.loss == "mean_squared_error"
    change(again, loss="binary_cross_entropy")
    change(again, data="plane")
    assert run_of(again).config.loss == "mean_squared_error"
    change(again, data="circles")
    assert run_of(again).config.loss == "binary_cross_entropy", "the usual one again"


def test_what_stands_above_the_panel_keeps_its_place_when_a_warning_goes():
    """Streamlit builds a panel anew whose place in the page has changed, and training would stop."""
    app = start("playground", lr="nan")
    assert len(app.warning) == 1
    places = [list(app.main.children)]
    app.run()
    assert not app.warning
    assert list(app.main.children) == places[0]
