"""Data that are tables: what was read is said, what the label is read as can be chosen, and the link holds it."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from engine.data.load import load_dataset

SCRIPT = str(Path(__file__).resolve().parents[2] / "pages" / "navigation.py")
MEASURED = "dose,height,effect\n" + "".join(f"{k % 7},{k * k % 11},{k % 4 / 2}\n" for k in range(60))


def start(**query):
    app = AppTest.from_file(SCRIPT, default_timeout=30)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def with_file(text, file="1"):
    app = start()
    app.session_state["csv_kept"] = (file, "mine.csv", text.encode())
    app.selectbox(key="data").set_value("csv").run()
    assert not app.exception
    return app


def run_of(app):
    return app.session_state["playground_run"]


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
        f"always predicting the mean, {round(data.y_mean, -1):.0f}, has a mean squared error of 1"
        in captions(app)
    )


def test_a_label_of_a_link_without_axes_is_used():
    assert run_of(start(data="penguins", label="island")).config.dataset.label == "island"


def test_a_year_can_be_read_as_a_value_and_the_link_says_so():
    app = start(data="penguins", label="year")
    assert run_of(app).data.task == "multiclass"
    app.segmented_control(key="target_year").set_value("values").run()
    assert not app.exception
    assert run_of(app).data.task == "regression"
    query = {key: value[-1] if isinstance(value, list) else value for key, value in app.query_params.items()}
    assert query["target"] == "values"
    other = start(**query)
    assert not other.warning
    assert run_of(other).config == run_of(app).config
    other.selectbox(key="label").set_value("species").run()
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
    app.segmented_control(key="target_effect").set_value("classes").run()
    assert not app.exception
    assert "effect is read as 4 classes: 0.0, 0.5, 1.0, 1.5." in captions(app)
    assert run_of(app).data.class_names == ("0.0", "0.5", "1.0", "1.5")
    assert load_dataset(run_of(app).config.dataset).task == "multiclass"
