"""The Learning rate page without a browser: every view, its controls, its links, its numbers."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

SCRIPT = str(Path(__file__).resolve().parents[2] / "pages" / "navigation.py")
VIEWS = ("picture", "ladder", "finder", "map", "schedules", "stability")
RUNS = {"ladder": "rate_ladder_run", "finder": "rate_finder_run", "map": "rate_map_run",
        "schedules": "rate_schedules_run", "stability": "rate_gauge_run"}  # fmt: skip


def start(**query: str) -> AppTest:
    app = AppTest.from_file(SCRIPT, default_timeout=60)
    app.switch_page("learning_rate.py")
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception, app.exception
    return app


def link(app: AppTest) -> dict[str, str]:
    return {key: value[-1] if isinstance(value, list) else value for key, value in app.query_params.items()}


def run_of(app: AppTest, view: str):
    return app.session_state[RUNS[view]]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_asks_its_question_and_links_to_itself(view):
    app = start(view=view)
    assert not app.warning
    assert "too small, right, or too big?" in app.markdown[0].value
    assert app.latex
    again = start(**link(app))
    assert not again.warning
    assert link(again) == link(app)
    assert link(app).get("view", "picture") == view
