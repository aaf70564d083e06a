"""The projector switch: on every page, by link, for the session."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.app import go, start

PAGES = ("playground", "arena", "learning_rate", "landscape")


def is_large(app: AppTest) -> bool:
    return any("font-size: 20px" in html.proto.body for html in app.get("html"))


@pytest.mark.parametrize("page", PAGES)
def test_a_link_turns_it_on_and_the_switch_turns_it_off(page):
    app = start(page, projector="1")
    assert is_large(app) and app.query_params["projector"] == "1"
    next(switch for switch in app.toggle if switch.label == "Projector").set_value(False).run()
    assert not is_large(app) and "projector" not in app.query_params


def test_it_holds_on_the_next_page():
    app = start("arena", projector="1")
    go(app, "playground")
    assert is_large(app)


def test_a_bad_value_is_said_and_left():
    app = start("playground", projector="huge")
    assert not is_large(app)
    assert any("projector" in warning.value for warning in app.warning)
