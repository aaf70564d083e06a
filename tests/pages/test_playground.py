"""The Playground's script without a browser: controls, links, hot swaps, hostile values."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from engine import DATASETS, OPTIMIZERS, SCHEDULES

SCRIPT = str(Path(__file__).resolve().parents[2] / "pages" / "navigation.py")


def start(**query: str) -> AppTest:
    app = AppTest.from_file(SCRIPT, default_timeout=30)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception, app.exception
    return app


def run_of(app: AppTest):
    return app.session_state["playground_run"]


@pytest.mark.parametrize("name", list(DATASETS))
def test_every_data_set_opens(name):
    app = start(data=name)
    assert not app.warning
    assert run_of(app).data.name == name


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_every_optimizer_and_its_options_open(name):
    app = start(opt=name)
    run = run_of(app)
    run.advance("play", 5)
    assert run.experiment.status[0].state == "running"
    shown = {
        element.key for kind in (app.number_input, app.slider, app.selectbox, app.toggle) for element in kind
    }
    assert {f"{name}_{option}" for option in OPTIMIZERS[name].options} <= shown


@pytest.mark.parametrize("name", list(SCHEDULES))
def test_every_schedule_opens(name):
    run_of(start(sched=name)).advance("play", 5)


def test_training_settings_are_swapped_into_the_same_run():
    app = start()
    before = run_of(app)
    before.advance("play", 10)
    app.select_slider(key="learning_rate").set_value(1.0).run()
    app.selectbox(key="optimizer").set_value("momentum").run()
    app.select_slider(key="batch_size").set_value(8).run()
    app.select_slider(key="l2").set_value(0.01).run()
    after = run_of(app)
    assert after is before
    lane = after.experiment.config.lane(0)
    assert (lane.optimizer, lane.learning_rate, lane.batch_size, lane.l2) == ("momentum", 1.0, 8, 0.01)
    assert after.experiment.updates == 10
    assert len(after.experiment.history.marks) == 4


@pytest.mark.parametrize(("kind", "key", "value"), [
    ("selectbox", "data", "xor"), ("number_input", "neurons1", 3), ("selectbox", "activation1", "relu"),
    ("slider", "layers", 1), ("selectbox", "initializer", "he_normal"), ("number_input", "seed", 5),
    ("selectbox", "loss", "huber"), ("slider", "noise", 0.3),
])  # fmt: skip
def test_other_settings_make_a_new_run(kind, key, value):
    app = start()
    before = run_of(app)
    getattr(app, kind)(key=key).set_value(value).run()
    assert not app.exception
    assert run_of(app) is not before
    assert app.toast


def test_an_untouched_rate_follows_the_optimizer():
    app = start()
    assert app.session_state["learning_rate"] == OPTIMIZERS["sgd"].start_rate
    app.selectbox(key="optimizer").set_value("adam").run()
    assert app.session_state["learning_rate"] == OPTIMIZERS["adam"].start_rate
    app.select_slider(key="learning_rate").set_value(0.5).run()
    app.selectbox(key="optimizer").set_value("rmsprop").run()
    assert app.session_state["learning_rate"] == 0.5


def test_the_link_holds_the_experiment():
    app = start()
    app.selectbox(key="data").set_value("spiral").run()
    app.selectbox(key="optimizer").set_value("adam").run()
    app.number_input(key="adam_beta1").set_value(0.5).run()
    app.slider(key="layers").set_value(3).run()
    app.toggle(key="discretise").set_value(True).run()
    query = {key: value[-1] if isinstance(value, list) else value for key, value in app.query_params.items()}
    other = start(**query)
    assert not other.warning
    assert run_of(other).config == run_of(app).config
    assert other.session_state["discretise"] is True


def test_the_plain_page_has_a_plain_link():
    assert dict(start().query_params) == {}


@pytest.mark.parametrize(("key", "value"), [
    ("lr", "nan"), ("lr", "-1"), ("lr", "1e99"), ("net", "33-8"), ("net", "8-8-8-8-8-8-8"), ("batch", "0"),
    ("opt", "__class__"), ("n", "999999999"), ("data", "../../etc/passwd"), ("act", "<b>"), ("l1", "inf"),
    ("seed", "-3"), ("feat", ""), ("noise", "oops"), ("show_test", "maybe"), ("data", "csv"),
])  # fmt: skip
def test_hostile_links_fall_back_with_a_message_that_names_them(key, value):
    app = start(**{key: value})
    assert any(key in warning.value or "table" in warning.value for warning in app.warning), [
        w.value for w in app.warning
    ]
    config = run_of(app).config
    assert len(config.network.hidden) <= 6 and max(config.network.hidden) <= 32
    assert 0 < config.lanes[0].learning_rate <= 1000
    assert 1 <= config.batch_size <= 5000


def test_no_upload_yet_says_so_and_shows_something():
    app = start()
    app.selectbox(key="data").set_value("csv").run()
    assert not app.exception
    assert "Choose a file" in app.info[0].value


def test_an_address_that_was_replaced_takes_nothing_back():
    """A browser that has not yet heard of the new address sends the old one with the next change."""
    app = start(lr="0.01")
    for rate in (0.02, 0.03, 0.05):
        app.select_slider(key="learning_rate").set_value(rate).run()
        app.query_params.clear()
        app.query_params["lr"] = "0.01"
    app.run()
    assert run_of(app).config.lanes[0].learning_rate == 0.05
    app.query_params.clear()
    app.query_params["lr"] = "0.7"  # one that the page has never written is a link
    app.run()
    assert run_of(app).config.lanes[0].learning_rate == 0.7
