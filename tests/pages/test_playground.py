"""The Playground's script without a browser: controls, links, hot swaps, hostile values."""

import numpy as np
import pytest

from engine import DATASETS, OPTIMIZERS, SCHEDULES, DatasetConfig
from engine.data.load import load_dataset
from pages.shared.figures.boundary import field_bytes, field_palette
from pages.shared.figures.legend import legend
from tests.pages.app import change, form_of, link, run_of, shows, start, widget


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
    assert all(shows(app, f"{name}_{option}") for option in OPTIMIZERS[name].options)


@pytest.mark.parametrize("name", list(SCHEDULES))
def test_every_schedule_opens(name):
    run_of(start(sched=name)).advance("play", 5)


def test_training_settings_are_swapped_into_the_same_run():
    app = start()
    before = run_of(app)
    before.advance("play", 10)
    change(app, learning_rate=1.0)
    change(app, optimizer="momentum")
    change(app, batch_size=8)
    change(app, l2=0.01)
    after = run_of(app)
    assert after is before
    lane = after.experiment.config.lane(0)
    assert (lane.optimizer, lane.learning_rate, lane.batch_size, lane.l2) == ("momentum", 1.0, 8, 0.01)
    assert after.experiment.updates == 10
    assert len(after.experiment.history.marks) == 4


@pytest.mark.parametrize(("key", "value"), [
    ("data", "xor"), ("neurons1", 3), ("activation1", "relu"), ("layers", 1), ("initializer", "he_normal"), ("seed", 5),
    ("loss", "mean_squared_error"), ("noise", 0.3),
])  # fmt: skip
def test_other_settings_make_a_new_run_and_say_so(key, value):
    app = start()
    before = run_of(app)
    change(app, **{key: value})
    assert run_of(app) is not before
    assert app.toast[0].value.startswith("New run: ")


def test_an_untouched_rate_follows_the_optimizer():
    app = start()
    assert widget(app, "learning_rate").value == OPTIMIZERS["sgd"].start_rate
    change(app, optimizer="adam")
    assert widget(app, "learning_rate").value == OPTIMIZERS["adam"].start_rate
    change(app, learning_rate=0.5)
    change(app, optimizer="rmsprop")
    assert widget(app, "learning_rate").value == 0.5


def test_the_link_holds_the_experiment():
    app = start()
    change(app, data="spiral")
    change(app, optimizer="adam")
    change(app, adam_beta1=0.5)
    change(app, layers=3)
    change(app, discretise=True)
    other = start(**link(app))
    assert not other.warning
    assert run_of(other).config == run_of(app).config
    assert form_of(other)["discretise"] is True


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
    change(app, data="csv")
    assert not app.exception
    assert "Choose a file" in app.info[0].value


def test_an_address_that_was_replaced_takes_nothing_back():
    """A browser that has not yet heard of the new address sends the old one with the next change."""
    app = start(lr="0.01")
    for rate in (0.02, 0.03, 0.05):
        change(app, learning_rate=rate)
        app.query_params.clear()
        app.query_params["lr"] = "0.01"
    app.run()
    assert run_of(app).config.lanes[0].learning_rate == 0.05
    app.query_params.clear()
    app.query_params["lr"] = "0.7"  # one that the page has never written is a link
    app.run()
    assert run_of(app).config.lanes[0].learning_rate == 0.7


def test_the_link_says_which_plane_the_landscape_shows():
    app = start(landscape="random")
    run = run_of(app)
    assert run.slice.is_random and link(app) == {"landscape": "random"}
    change(app, layers=1)
    assert run_of(app) is not run and run_of(app).slice.is_random, "another run keeps it"
    run_of(app).click("landscape", "", "")
    app.run()
    assert not run_of(app).slice.is_random and "landscape" not in link(app)


def test_the_legend_of_a_regression_says_what_the_ends_of_the_colours_stand_for():
    """The reader's table has targets from 10 to 30: mean 20, and the colours reach as far on both sides."""
    text = "a,b,price\n" + "\n".join(f"{k % 7},{k % 5},{10 + 20 * (k % 21) / 20}" for k in range(84))
    data = load_dataset(DatasetConfig("csv", csv=text, test_fraction=0.0))
    low, high = legend(data)
    far = np.abs(np.array([float(row.split(",")[2]) for row in text.splitlines()[1:]]) - 20).max()
    assert (float(low.name), float(high.name)) == (20 - far, 20 + far) == (10, 30)
    palette = field_palette(data, False)
    painted = field_bytes((np.array([[10.0], [30.0]]) - data.y_mean) / data.y_scale, data, False)
    assert [tuple(palette[k]) for k in painted] == [tuple(palette[0]), tuple(palette[255])]
