"""Data that are tables: what was read is said, what the label is read as can be chosen, and the link holds it."""

import pytest

from engine.data.load import load_dataset
from engine.data.tables import read_table
from engine.shown import short_number
from pages.shared.widgets.table import Upload
from tests.pages.app import change, link, run_of, start

MEASURED = "dose,height,effect\n" + "".join(f"{k % 7},{k * k % 11},{k % 4 / 2}\n" for k in range(60))


def with_file(text, file="1"):
    app = start()
    keep_in(app, file, text.encode())
    change(app, data="csv")
    return app


def keep_in(app, file, content):
    """What the uploader's callback does, without a browser that uploads."""
    upload = app.session_state["session.upload"] = Upload(file, "mine.csv")
    upload.table = read_table(content)


def captions(app):
    return " ".join(caption.value for caption in app.sidebar.caption).replace("\\", "")


def test_penguins_say_how_many_rows_were_left_out_and_in_which_units_the_axes_are():
    app = start(data="penguins")
    assert "species is read as 3 classes: Adelie, Chinstrap, Gentoo." in captions(app)
    assert "2 of 344 rows lack a value and were left out." in captions(app)
    rows = len(run_of(app).data.y_train)
    assert f"standard deviation of the {rows} training rows" in captions(app)
    assert "lack a value" not in captions(start(data="iris"))


def test_always_predicting_the_mean_has_the_loss_that_the_caption_says():
    app = start(data="penguins", label="body_mass_g")
    data = run_of(app).data
    y = data.y_train
    assert abs(float((y**2).mean()) - 1) < 1e-12  # the prediction 0 is the mean
    assert (
        f"So is body_mass_g: one unit is {short_number(data.y_scale)}, and "
        f"always predicting the mean, {round(data.y_mean, -1):.0f}, has a mean squared error of 1"
        in captions(app)
    )
    assert float((y * data.y_scale + data.y_mean).std()) == pytest.approx(data.y_scale)  # in grams


def test_a_label_of_a_link_without_axes_is_used():
    assert run_of(start(data="penguins", label="island")).config.dataset.label == "island"


def test_a_year_can_be_read_as_a_value_and_the_link_says_so():
    app = start(data="penguins", label="year")
    assert run_of(app).data.task == "multiclass"
    change(app, target_year="values")
    assert not app.exception
    assert run_of(app).data.task == "regression"
    query = link(app)
    assert query["target"] == "values"
    other = start(**query)
    assert not other.warning
    assert run_of(other).config == run_of(app).config
    change(other, label="species")
    assert not other.exception
    assert run_of(other).experiment.data.task == "multiclass"


def test_bad_targets_and_labels_in_links_are_said():
    assert "target is 'x'" in start(data="penguins", label="year", target="x").warning[0].value
    both = start(data="penguins", x="body_mass_g", label="body_mass_g")
    assert "also an axis" in both.warning[0].value
    assert run_of(both).config.dataset.label == "species"


def test_few_measured_values_are_values_until_somebody_chooses_classes():
    app = with_file(MEASURED)
    assert "effect is read as values." in captions(app)
    assert run_of(app).data.task == "regression"
    change(app, target_effect="classes")
    assert not app.exception
    assert "effect is read as 4 classes: 0.0, 0.5, 1.0, 1.5." in captions(app)
    assert run_of(app).data.class_names == ("0.0", "0.5", "1.0", "1.5")
    assert load_dataset(run_of(app).config.dataset).task == "multiclass"
